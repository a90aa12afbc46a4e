from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from probation_rules.areas import AREAS
from probation_rules.caseload.layout import Layout
from probation_rules.cli import options
from support.command_line import Orders, Run
from support.rulebooks import book_of, content_of

ON = ("--on", "2026-01-15")
LATER = ("--on", "2026-11-21")


def listed(text: str) -> list[str]:
    """The first word of each line that begins with a reference."""
    return re.findall(r"^ (\S*EX-\S+)", text, re.MULTILINE)


def test_the_most_urgent_come_first(run: Run, orders: Orders) -> None:
    suspended = {
        "order_type": "suspended_sentence_order",
        "sentence_date": "2024-11-01",
        "operational_period_end": "2025-12-01",
    }
    file = orders(
        {"reference": "EX-none", "sentence_date": "", "ete_minutes": ""},
        {"reference": "EX-late", "sentence_date": "2025-01-06"},
        {"reference": "EX-later", "sentence_date": "2024-12-06"},
        {"reference": "EX-lapsed", **suspended},
        {"reference": "EX-done", "completed_minutes": "6000", "ete_minutes": ""},
        {"reference": "EX-soon", "sentence_date": "2025-01-20", "ete_minutes": ""},
        {"reference": "EX-more", "sentence_date": "2025-01-20", "completed_minutes": "60"},
        {"reference": "EX-other", "order_type": "supervision_default_order"},
        {"reference": "EX-asked", "sentence_date": "2025-02-03", "completed_minutes": ""},
    )
    result = run("check", "unpaid-work", file, *ON)
    assert listed(result.stdout) == [
        *("EX-later", "EX-late", "EX-lapsed", "EX-more", "EX-soon", "EX-asked", "EX-none"),
        *("EX-other", "EX-done"),
    ]


def test_a_row_says_what_somebody_needs_to_know(run: Run, orders: Orders) -> None:
    file = orders(
        {
            "reference": "EX-1",
            "sentence_date": "2025-02-03",
            "completed_minutes": "465",
            "required_minutes": "1200",
            "ete_minutes": "",
        }
    )
    (row,) = re.findall(
        r"^ EX-1.*(?:\n {40}.*)*", run("check", "unpaid-work", file, *ON).stdout, re.MULTILINE
    )
    words = " ".join(row.split())
    assert words.startswith("EX-1 final quarter 2 Feb 2026 18 12h 15m 4h 31m hours ordered, ")
    assert "minutes of education" in words
    assert words.endswith("pace from nine months (advice)")


def test_after_the_last_day_no_hours_a_week_are_shown(run: Run, orders: Orders) -> None:
    file = orders({"reference": "EX-1", "sentence_date": "2025-01-06"})
    text = run("check", "unpaid-work", file, *ON).stdout
    assert re.search(r"EX-1 +backlog +5 Jan 2026 +-10 +50h 00m +six-month review", text)


def test_an_unknown_last_day_is_marked(run: Run, orders: Orders) -> None:
    known = run("check", "unpaid-work", orders({"ete_minutes": ""}), *ON).stdout
    assert "~" not in known
    file = orders({"reference": "EX-1", "sentence_date": "2025-01-06", "extended": ""})
    text = run("check", "unpaid-work", file, *ON).stdout
    assert re.search(r"EX-1 +cannot tell +~5 Jan 2026 +~-10 +50h 00m +six-month review", text)
    assert "~ the last day is not known, so this is by the last day of the twelve months" in text


def test_what_is_not_known_is_said(run: Run) -> None:
    text = run("check", "unpaid-work", "-", *ON, stdin='[{"reference": "EX-1"}]').stdout
    assert re.search(r"EX-1 +cannot tell +not known +not known +\S", text)


def test_an_order_without_a_last_day_says_so_and_counts_to_the_twelve_months(
    run: Run, orders: Orders
) -> None:
    file = orders(
        {"reference": "EX-1", "sentence_date": "2026-03-02", "ete_minutes": ""},
        {"reference": "EX-2", "sentence_date": "2025-03-02"},
    )
    text = run("check", "unpaid-work", file, *LATER).stdout
    assert re.search(r"EX-1 +third quarter +none +\*100 +50h 00m +\*3h 28m +six-month review", text)
    assert re.search(r"EX-2 +past twelve months +none +\*-265 +50h 00m +six-month review", text)
    assert (
        "* the law gives the order no last day, so this is by the last day of the twelve months"
        in text
    )


def test_a_suspended_sentence_counts_to_the_end_of_its_operational_period(
    run: Run, orders: Orders
) -> None:
    suspended = {"order_type": "suspended_sentence_order", "operational_period_end": "2027-03-01"}
    file = orders(
        {"reference": "EX-1", "ete_minutes": "", "sentence_date": "2026-03-02", **suspended}
    )
    text = run("check", "unpaid-work", file, *LATER).stdout
    assert re.search(
        r"EX-1 +third quarter +1 Mar 2027 +100 +50h 00m +3h 28m +six-month review", text
    )


def test_cases_with_nothing_to_say_are_counted_and_listed_when_asked(
    run: Run, orders: Orders
) -> None:
    file = orders(
        {"reference": "EX-1"},
        {"reference": "EX-2", "ete_minutes": ""},
        {"reference": "EX-3", "completed_minutes": "6000"},
    )
    short = run("check", "unpaid-work", file, *ON).stdout
    assert listed(short) == ["EX-2"]
    assert "2 orders with nothing to report are not listed" in short
    every = run("check", "unpaid-work", file, *ON, "--all").stdout
    assert sorted(listed(every)) == ["EX-1", "EX-2", "EX-3"]
    assert "not listed" not in every
    nothing = run("check", "unpaid-work", orders({}), *ON).stdout
    assert "reference" not in nothing


def test_it_closes_with_counts_and_a_summary(run: Run, orders: Orders) -> None:
    file = orders(
        {"reference": "EX-1", "sentence_date": "2025-01-06"},
        {"reference": "EX-2"},
        {"reference": "EX-3", "ete_minutes": ""},
        {"reference": "EX-4", "sentence_date": ""},
    )
    lines = run("check", "unpaid-work", file, *ON).stdout.splitlines()
    assert " ".join(lines[-2:]) == (
        "4 orders on 15 Jan 2026: 1 backlog, 2 first half, 1 cannot tell; "
        "1 with a requirement not met, 2 with only something missing, 1 with nothing to report"
    )
    (ete,) = [line.split() for line in lines if line.startswith(" upw.ete-allowance")]
    assert ete == ["upw.ete-allowance", "0", "1", "3", "0"]


def test_a_parameter_that_is_waited_for_is_told_once_above_the_list(
    run: Run, orders: Orders
) -> None:
    file = orders(
        {"reference": "EX-1", "sentence_date": "2023-11-03", "ete_minutes": "60"},
        {"reference": "EX-2", "sentence_date": "2023-11-03", "ete_minutes": ""},
    )
    text = run("check", "unpaid-work", file, "--on", "2023-12-01").stdout
    assert text.count("[1] Not settled by policy: needed for 2 of 2 orders") == 1
    above, _, below = text.partition(" reference ")
    assert "may be education, training and employment" in " ".join(above.split())
    assert listed(below) == ["EX-1", "EX-2"]
    assert re.search(r"EX-2 .*\[1\]", below)
    assert "ete_share" not in below


def test_a_figure_without_a_value_on_the_day_cannot_be_set(run: Run, orders: Orders) -> None:
    file = orders({"reference": "EX-1", "sentence_date": "2023-11-03", "ete_minutes": "60"})
    text = run("check", "unpaid-work", file, "--on", "2023-12-01").stdout
    assert "[1] Not settled by policy: needed for 1 of 1 order" in text
    assert "The rules have no value for this day." in text


def test_an_open_word_is_told_with_its_words(
    run: Run, monkeypatch: pytest.MonkeyPatch, orders: Orders
) -> None:
    content = content_of("unpaid-work")
    earned = content["parameters"]["earned_reduction_from"]
    reading = {"type": "code", "words": ["calendar", "business"], "about": "Which.", "values": []}
    reading |= {"basis": "statute", "cites": earned["cites"]}
    content["parameters"]["reading"] = reading
    rule = {
        **content["rules"]["upw.hours-range"],
        "must": "imposed_on_breach or reading == 'calendar'",
    }
    rule |= {"not_met": "no", "in_force": {"from": date(2017, 2, 15)}}
    content["rules"]["upw.reading"] = rule
    monkeypatch.setattr(options, "shipped", lambda: book_of(content))
    text = run("check", "unpaid-work", orders({"reference": "EX-1"}), *ON).stdout
    assert "To settle [1]: --set reading=calendar|business" in text


@pytest.mark.parametrize("width", ["80", "60"])
def test_on_a_narrow_terminal_columns_stand_in_pairs(
    run: Run, orders: Orders, monkeypatch: pytest.MonkeyPatch, width: str
) -> None:
    monkeypatch.setenv("COLUMNS", width)
    file = orders(
        {"reference": "EX-1", "sentence_date": "2025-01-06", "ete_minutes": ""},
        {"reference": "EX-2", "completed_minutes": "6000", "ete_minutes": ""},
    )
    text = run("check", "unpaid-work", file, *ON).stdout
    assert max(map(len, text.splitlines())) <= int(width)
    lines = text.splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith(" EX-1"))
    assert re.match(r" EX-1 +5 Jan 2026 +50h 00m +six-month review", lines[first])
    assert re.match(r" backlog +-10 ", lines[first + 1])
    assert "missing: minutes of" in text


def test_an_area_without_a_layout_or_stages_is_listed_plainly(
    run: Run, orders: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = evolve(AREAS["unpaid-work"], listing=None)
    book = book_of({**content_of("unpaid-work"), "stages": {}})
    book = evolve(book, specs={"unpaid-work": spec})
    monkeypatch.setattr(options, "shipped", lambda: book)
    file = orders(
        {"reference": "EX-1", "ete_minutes": ""},
        {"reference": "EX-2", "required_minutes": "60"},
    )
    text = run("check", "unpaid-work", file, *ON).stdout
    assert re.search(r"^ reference +not met +missing$", text, re.MULTILINE)
    assert listed(text) == ["EX-2", "EX-1"]
    assert text.splitlines()[-1] == (
        "2 cases on 15 Jan 2026: 1 with a requirement not met, 1 with only something missing"
    )
    assert "stage" not in run("check", "unpaid-work", file, *ON, "--format", "csv").stdout


def test_stages_rank_first_last_or_between() -> None:
    layout = Layout(first=("a", "b"), last=("y", "z"))
    assert [layout.ranked(stage) for stage in ("a", "b", None, "m", "y", "z")] == [0, 1, 2, 2, 3, 4]


# --- Curfew variations ----------------------------------------------------------------------------


VARIATION: dict[str, Any] = {
    "reference": "EX-officer", "order_type": "community_order", "adult": True,
    "convicted_on": "2025-03-02", "order_made_on": "2025-03-20", "order_in_force": True,
    "has_curfew_requirement": True, "first_effect_on": "2025-03-23",
    "curfew_ends_on": "2026-02-20", "circumstances_changed": True, "person_consents": True,
    "has_monitoring_requirement": True, "monitoring_would_differ": False,
    "boundary_changes": False,
    "current": [{"day": "monday", "start": "19:00", "minutes": 600, "place": "home"}],
    "proposed": [{"day": "monday", "start": "20:00", "minutes": 600, "place": "home"}],
    "steps": {
        name: {"done": name == "form"}
        for name in (
            "form", "spo_triage", "pdu_head_approval", "court_notice", "ems_notice",
            "police_notice", "ems_confirmation", "ems_attendance", "person_told", "recorded",
        )
    },
}  # fmt: skip


def test_each_curfew_variation_has_its_route_its_next_step_and_whose_it_is(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = {"form": {"done": True, "on": "2026-01-05"}}
    officer = {**VARIATION, "steps": {**VARIATION["steps"], **form}}
    cases = [
        officer,
        {**officer, "reference": "EX-court", "monitoring_would_differ": True},
        {**officer, "reference": "EX-open", "monitoring_would_differ": None},
    ]
    monkeypatch.setenv("COLUMNS", "150")
    text = run("check", "curfew-variation", "-", *ON, stdin=json.dumps(cases)).stdout
    assert re.search(r"^ reference +route +next step +whose +not met +missing$", text, re.MULTILINE)
    assert re.search(r"^ EX-officer +officer +spo triage +spo *$", text, re.MULTILINE)
    assert re.search(r"^ EX-court +court +monitoring requirement *$", text, re.MULTILINE)
    assert re.search(
        r"^ EX-open +cannot tell +cannot tell +cannot tell +monitoring would",
        text,
        re.MULTILINE,
    )
    assert "not listed" not in text
    assert "3 variations on 15 Jan 2026: 1 court, 1 officer, 1 cannot tell" in text


# --- Nothing in a file steers the terminal ------------------------------------------------------


def test_markup_in_a_reference_is_shown_as_it_is(run: Run, orders: Orders) -> None:
    reference = "[red]EX[/red]:smile:[link=x]"
    text = run(
        "check", "unpaid-work", orders({"reference": reference, "ete_minutes": ""}), *ON, "--all"
    ).stdout
    assert reference in text


def test_escapes_in_a_file_name_are_dropped(run: Run, tmp_path: Path) -> None:
    name = "a\x1b[31m\x7fb.json"  # in ASCII, for file systems that know no more
    (tmp_path / name).write_text("[{}]", encoding="utf-8")
    text = run("check", "unpaid-work", name, *ON).stdout
    assert text.startswith("Unpaid work: a[31mb.json on 15 Jan 2026\n")


def test_a_terminal_gets_colours_and_a_file_does_not(
    run: Run, orders: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = orders({"reference": "EX-1", "required_minutes": "60"})
    plain = run("check", "unpaid-work", file, *ON).stdout
    assert "\x1b" not in plain
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[31mhours ordered" in run("check", "unpaid-work", file, *ON).stdout
    run("check", "unpaid-work", file, *ON, "--output", "out.txt")
    assert Path("out.txt").read_text(encoding="utf-8") == plain
