"""The HTML for notebooks has the same content as the text, is escaped, and needs only the core."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import pyarrow as pa  # type: ignore[import-untyped]
import pytest

import probation_rules as pr
from probation_rules.areas.pod.case import MemberGrade as Grade
from probation_rules.notebook import visible
from probation_rules.rulebook import shipped
from support.html_page import Element, parsed, require_inert

ON = date(2026, 5, 10)
SET = {"earned_reduction_from": date(2026, 11, 22)}
ORDER = pr.UnpaidWorkOrder(
    reference="EX-1", order_type="community_order", sentence_date=date(2025, 3, 20),
    required_minutes=6000, completed_minutes=3000, ete_minutes=0, imposed_on_breach=False,
    nine_month_review_done=True, extension_identified=False, breach_action_started=False,
    worked_after_last_day_minutes=0,
)  # fmt: skip


def html(shown: object) -> Element:
    assert hasattr(shown, "_repr_html_")
    found = parsed(shown._repr_html_())
    for one in found.walk():
        one.attributes.pop("style", None)
    require_inert(found)
    return found


@pytest.fixture
def report() -> pr.Report:
    return pr.check(ORDER, on=ON, rulebook=shipped().with_settings(SET))


def test_a_report_shows_every_finding_that_applies(report: pr.Report) -> None:
    found = html(report)
    rows = {row[1]: row for row in found.one("table").rows()}
    assert list(rows) == [
        one.rule for one in report.findings if one.outcome is not pr.Outcome.NOT_APPLICABLE
    ]
    for finding in report.findings:
        if finding.rule in rows:
            outcome, _, message, sources = rows[finding.rule]
            kind = {"breach": "requirement ", "advisory": "advice ", None: ""}[finding.severity]
            assert outcome.startswith(kind + finding.outcome.replace("_", " "))
            assert message == finding.message
            assert all(" ".join(str(one).split()) in sources for one in finding.citations)


def test_a_report_shows_the_rules_that_were_used(report: pr.Report, tmp_path: Path) -> None:
    text = html(report).text
    assert text.startswith("Unpaid work: EX-1 , on 10 May 2026")
    assert "Stage: cannot tell (needs extended)" in text
    book = report.book
    assert f"Rules {book.version}, {book.digest[:19]}; engine python" in text
    assert "set by the caller: earned_reduction_from is 22 Nov 2026" in text
    local = tmp_path / "local.toml"
    local.write_text(
        """
area = "unpaid-work"
[local]
region = "<b>North"
title = "Pace\\u202e"
version = "3"
effective_from = 2021-01-01
approved_by = "Nobody"
[rules."upw.own"]
title = "Own"
basis = "local"
replaces = "upw.pace-6"
in_force = { from = 2021-01-01 }
should = "completed_minutes > 0"
not_met = "{completed_minutes} done"
remedy = "Begin."
cites = [{ source = "house", checked = 2026-11-21 }]
""",
        encoding="utf-8",
    )
    text = html(
        pr.check(ORDER, on=ON, rulebook=book.extended_with(local), assuming={"extended": False})
    ).text
    assert "Stage: backlog" in text
    assert "assumed: extended is no" in text
    assert "local rulebook: <b>North: Pace[U+202E], 3" in text
    assert "local rule: upw.own replaces upw.pace-6" in text


def test_settings_of_another_area_are_not_shown() -> None:
    book = shipped().with_settings({**SET, "ratio_measure": "headcount"})
    text = html(pr.check(pr.Pod(reference="P"), on=ON, rulebook=book)).text
    assert "set by the caller: ratio_measure is headcount" in text
    assert "twelve_month" not in text


def test_a_report_of_an_area_without_stages_shows_notes_remarks_and_changes() -> None:
    grades: tuple[Grade, ...] = ("PO", "PO", "PSO", "PSO", "PSO")
    pod = pr.Pod(
        members=tuple(pr.PodMember(grade=one, nqo_completed=True) for one in grades),
        case_knowledge_shared_note="weekly",
    )
    found = html(pr.check(pod, on=ON))
    assert "POD: no reference" in found.text
    assert "Stage" not in found.text
    items = [one.text for one in found.all("li")]
    assert items[0] == "note: case_knowledge_shared_note: weekly"
    assert items[1].startswith("not asked here: pod.2: ")
    (mix,) = [row for row in found.one("table").rows() if row[1] == "pod.1-mix"]
    assert "put right by: one case administrator more" in mix[2]


def test_a_finding_shows_its_reason_its_remedy_and_its_sources(report: pr.Report) -> None:
    one = report.finding("upw.complete-in-time")
    assert one.outcome is pr.Outcome.CANNOT_TELL
    rows = dict(html(one).one("table").rows())
    assert rows["outcome"] == "cannot tell"
    assert rows["message"] == "needs extended"
    assert set(rows) == {"rule", "outcome", "message", "basis", "source"}
    report = pr.check(ORDER, on=ON, rulebook=report.book, assuming={"extended": False})
    found = html(report.finding("upw.complete-in-time"))
    rows = dict(found.one("table").rows())
    assert rows["rule"] == "No minutes are outstanding after the last day (upw.complete-in-time)"
    assert rows["outcome"] == "requirement not met"
    assert rows["message"] == "50 h outstanding after the last day"
    assert rows["what to do"].startswith("No more hours may be worked")
    assert rows["assumed"] == "extended"
    links = found.all("a")
    assert (
        links[0].text
        == "Sentencing Act 2020, Schedule 9, paragraph 1 (the twelve months), para 1(1)(b)"
    )
    assert links[0].attributes["href"].startswith("https://legislation.gov.uk/")
    assert "noreferrer" in links[0].attributes["rel"]


def test_a_source_without_an_address_is_not_a_link(report: pr.Report) -> None:
    assert html(report.finding("upw.pace-9")).one("table").rows()[-1][0] == "source"
    own = report.finding("upw.pace-6").citations[0]
    assert own.source.address is None
    assert str(own) in html(report.finding("upw.pace-6")).text


def test_a_table_shows_how_many_cases_have_each_outcome() -> None:
    data = pa.table(
        {"reference": ["A", "B"], "required_minutes": pa.array([6000, None], pa.int64())}
    )
    table = pr.check_table("unpaid-work", data, on=ON, settings=SET)
    found = html(table)
    counts: dict[str, dict[str, int]] = {}
    for one in table.summary.to_pylist():
        counts.setdefault(one["rule"], {})[one["outcome"].replace("_", " ")] = one["cases"]
    heads = [one.text for one in found.one("thead").all("th")]
    assert {
        row[0]: {head: int(cell) for head, cell in zip(heads[1:], row[1:], strict=True)}
        for row in found.one("table").rows()
    } == counts
    assert found.text.startswith("Unpaid work: 2 cases , on 10 May 2026")
    assert [one.text for one in found.all("li")] == [" ".join(one.split()) for one in table.notes]
    assert "set by the caller: earned_reduction_from is 22 Nov 2026" in found.text
    one = pr.check_table("unpaid-work", data.slice(0, 1), on=ON)
    assert html(one).text.startswith("Unpaid work: 1 case , on")


def test_a_rule_shows_its_text() -> None:
    rule = pr.explain("upw.ete-allowance", on=ON)
    assert html(rule).one("pre").pieces == [str(rule)]


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '"><img src=x onerror=y>', "&lt;"])
def test_a_hostile_reference_is_shown_as_it_is(text: str) -> None:
    found = html(pr.check(pr.UnpaidWorkOrder(reference=text), on=ON))
    assert found.one("bdi").text == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("EX-1\nEX-2", "EX-1\nEX-2"),
        ("a\u202eb", "a[U+202E]b"),
        ("\x1b[31m", "[U+001B][31m"),
        ("x\u200b", "x[U+200B]"),
        ("אבג é 東", "אבג é 東"),
    ],
)
def test_invisible_characters_are_named(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_a_notebook_needs_only_the_core() -> None:
    code = (
        "import sys, probation_rules as pr; from datetime import date;"
        "pr.check(pr.UnpaidWorkOrder(), on=date(2026, 1, 15))._repr_html_();"
        "assert not {'jinja2', 'markupsafe', 'rich', 'click', 'IPython'} & set(sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
