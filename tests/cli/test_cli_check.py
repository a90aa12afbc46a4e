from __future__ import annotations

import csv
import io
import json
from datetime import date
from pathlib import Path

import pytest

from probation_rules.caseload import by_case
from probation_rules.cli import check
from support.command_line import Orders, Run

ON = ("--on", "2026-01-15")  # the twelve-month limit is law
LATER = ("--on", "2026-11-21")
SET = ("--set", "earned_reduction_from=2026-11-22")


# --- What is asked ------------------------------------------------------------------------------


def test_without_a_day_today_is_asked_about_and_printed(
    run: Run, orders: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "today", lambda: date(2026, 1, 16))
    result = run("check", "unpaid-work", orders({"reference": "EX-1"}))
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0] == "Unpaid work: orders.csv on 16 Jan 2026"
    assert result.stderr == ""


def test_standard_input_is_read(run: Run) -> None:
    result = run("check", "unpaid-work", "-", *ON, stdin='{"reference": "EX-1"}')
    assert result.exit_code == 0
    assert "Unpaid work: standard input on 15 Jan 2026" in result.stdout


def test_every_wrong_value_is_told_at_once(run: Run, orders: Orders) -> None:
    result = run(
        *("check", "unpaid-work", orders({}), *ON),
        *("--assume", "extended=perhaps", "--assume", "extendd=true", "--assume", "extended_to"),
        *("--assume", "ete_minutes=1", "--assume", "ete_minutes=2", "--assume", "on=2026-01-01"),
        *("--set", "review_grace=99", "--set", "ete_share=40", "--set", "twelve_months=1"),
        *("--set", "earned_reduction_from=soon"),
    )
    assert result.exit_code == 2
    assert result.stdout == ""
    message = result.stderr.splitlines()
    assert message[0] == (
        "error: this word is not allowed: it must be true or false @ --assume extended"
    )
    assert "error: `extendd` is not a fact; did you mean `extended`? @ --assume" in message
    assert "error: must be NAME=VALUE @ --assume" in message
    assert "error: given twice @ --assume ete_minutes" in message
    assert any(text.startswith("error: `on` is not a fact") for text in message)
    assert (
        "error: `99` is not allowed: it must be a whole number from 0 to 31 @ --set review_grace"
        in message
    )
    assert (
        "error: this parameter comes from a national-policy source, so a setting cannot change it @ --set ete_share"
        in message
    )
    assert any(text.startswith("error: `twelve_") for text in message)
    assert any(text.endswith("@ --set earned_reduction_from") for text in message)
    assert len(message) == 9


@pytest.mark.parametrize(
    "arguments",
    [
        ("check",),
        ("check", "unpaid-wrok", "x.csv"),
        ("check", "unpaid-work", "orders.csv", "--on", "31/01/2026"),
        ("check", "unpaid-work", "orders.csv", "--on", "20260131"),
        ("check", "unpaid-work", "orders.csv", "--on", "2016-01-01"),
        ("check", "unpaid-work", "orders.csv", "--on", "2200-01-01"),
        ("check", "unpaid-work", "orders.csv", "--engine", "magic"),
        ("check", "unpaid-work", "orders.csv", "--from", "paper"),
        ("check", "unpaid-work", "orders.csv", "--format", "pdf"),
        ("check", "unpaid-work", "orders.csv", "--fail-on", "met"),
        ("check", "unpaid-work", "orders.csv", "--rulebook", "none.toml"),
        ("check", "unpaid-work", "none.csv", *ON),
        ("check", "unpaid-work", ".", *ON),
    ],
)
def test_bad_usage_is_told_with_exit_code_2(
    run: Run, orders: Orders, arguments: tuple[str, ...]
) -> None:
    orders({})
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "rror: " in result.stderr


def test_local_rulebook_engine_and_settings_are_told(
    run: Run, orders: Orders, north: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    result = run(
        *("check", "unpaid-work", orders({"reference": "EX-1", "completed_minutes": "0"})),
        *(*LATER, *SET, "--rulebook", north, "--engine", "reference"),
    )
    head = result.stdout.splitlines()[1:5]
    assert head[0].endswith("; engine reference")
    assert head[1] == "Local rulebook: North (made up), Pace of our own, 3"
    assert head[2] == "Local rule: upw.north-pace-6 replaces upw.pace-6"
    assert head[3] == "Set by the caller: earned_reduction_from is 22 Nov 2026"
    assert "(advice)" in result.stdout


def test_an_assumption_fills_only_unknowns_and_is_told(run: Run, orders: Orders) -> None:
    file = orders({"reference": "EX-1", "extended": ""}, {"reference": "EX-2", "extended": "false"})
    result = run("check", "unpaid-work", file, *LATER, "--assume", "extended=false")
    assert "Assumed by the caller: extended is no, for 1 without a value" in result.stdout


def test_an_assumption_that_fills_nothing_is_noted(run: Run, orders: Orders) -> None:
    result = run("check", "unpaid-work", orders({}), *ON, "--assume", "extended=true")
    assert (
        result.stderr
        == "note: the value assumed for extended was not used: no case leaves it unknown\n"
    )


# --- Bad cases ----------------------------------------------------------------------------------


def test_a_strict_question_refuses_a_file_with_bad_rows_and_writes_nothing(
    run: Run, orders: Orders
) -> None:
    file = orders(
        {"reference": "EX-1", "sentence_date": "2026-02-01"},
        {"reference": "EX-2"},
        {"reference": "EX-3", "extended": "true", "extended_to": "2026-01-31"},
    )
    Path("out.json").write_text("before", encoding="utf-8")
    strict = ("--strict", "--format", "json", "--output", "out.json")
    result = run("check", "unpaid-work", file, *ON, *strict)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.splitlines() == [
        "error: the sentence date is after the day asked about @ row 2, column sentence_date",
        "error: the extension ends before the twelve months end @ row 4, column extended_to",
    ]
    assert Path("out.json").read_text(encoding="utf-8") == "before"
    assert sorted(path.name for path in Path().iterdir()) == ["orders.csv", "out.json"]


def test_bad_json_cases_are_told_with_their_path(run: Run) -> None:
    bad = '{"sentence_date": "2027-01-01"}'
    check_ = ("check", "unpaid-work", "-", *ON, "--strict")
    listed = run(*check_, stdin=f'[{{"reference": "A"}}, {bad}]')
    assert listed.stderr.endswith("@ $[1].sentence_date\n")
    lines = run(*check_, stdin=f'{{"reference": "A"}}\n{bad}\n')
    assert lines.stderr.endswith("@ line 2, $.sentence_date\n")


def test_of_very_many_problems_the_first_are_told(run: Run) -> None:
    rows = "\n".join(["sentence_date", *["2027-01-01"] * 102])
    result = run("check", "unpaid-work", "-", *ON, "--strict", stdin=rows)
    message = result.stderr.splitlines()
    assert len(message) == 101
    assert message[-1] == "error: and 2 more problems @ the file"


# --- JSON and CSV -------------------------------------------------------------------------------


def test_json_is_one_document_and_notes_go_elsewhere(run: Run, orders: Orders) -> None:
    file = orders({"reference": "EX-1"}, {"reference": "EX-2", "ete_minutes": ""})
    result = run("check", "unpaid-work", file, *LATER, "--format", "json")
    assert result.exit_code == 0
    content = json.loads(result.stdout)
    assert content["on"] == "2026-11-21"
    assert [one["reference"] for one in content["reports"]] == ["EX-1", "EX-2"]
    assert content["summary"]["upw.ete-allowance"] == {"met": 1, "cannot_tell": 1}
    assert content["notes"] == []
    assert result.stderr.splitlines() == [
        "orders.csv: 2 orders on 21 Nov 2026: 2 past twelve months; 2 with a requirement not met"
    ]


def test_a_figure_without_a_value_is_noted_beside_json(run: Run, orders: Orders) -> None:
    file = orders({"reference": "EX-1", "sentence_date": "2023-11-03", "ete_minutes": "60"})
    result = run("check", "unpaid-work", file, "--on", "2024-05-15", "--format", "json")
    (note,) = json.loads(result.stdout)["notes"]
    assert note.startswith("Not settled by policy: needed for 1 of 1 order (ete_share).")
    assert note.endswith("The rules have no value for this day.")
    assert result.stderr.splitlines() == [
        f"note: {note}",
        "orders.csv: 1 order on 15 May 2024: 1 third quarter; 1 with a requirement not met",
    ]


def test_no_case_is_still_one_document(run: Run) -> None:
    one = '[{"reference": "EX-1"}]'
    some = run("check", "unpaid-work", "-", *ON, "--format", "json", stdin=one)
    none = run("check", "unpaid-work", "-", *ON, "--format", "json", stdin="[]")
    assert none.exit_code == 0
    content = json.loads(none.stdout)
    assert list(content) == list(json.loads(some.stdout))
    assert content["reports"] == []
    assert content["notes"] == ["the file does not contain a case to check"]
    table = run("check", "unpaid-work", "-", *ON, stdin="[]")
    assert table.stdout.splitlines()[-1] == "0 orders on 15 Jan 2026"


def test_what_a_feed_lacks_is_noted(run: Run) -> None:
    feed = json.dumps(
        {
            "convictionId": 1,
            "sentence": {
                "startDate": "2025-03-03",
                "unpaidWork": {"minutesOrdered": 6000, "minutesCompleted": 60},
            },
        }
    )
    arguments = ("check", "unpaid-work", "-", *ON, "--from", "community-api", "--format", "json")
    result = run(*arguments, "--assume", "extended=false", stdin=feed)
    notes = json.loads(result.stdout)["notes"]
    (lacks,) = [note for note in notes if note.startswith("this feed never gives")]
    assert "six_month_review_done" in lacks
    assert "extended," not in lacks  # assumed
    assert "adjustment_minutes" not in lacks  # its absence has a meaning, which the reader notes
    assert any("`adjustment_minutes` is never given" in note for note in notes)
    assert all(f"note: {note}" in result.stderr for note in notes)


def test_csv_has_a_row_a_case_in_the_order_of_the_file(run: Run, orders: Orders) -> None:
    file = orders(
        {"reference": "EX-2", "ete_minutes": "", "extended": ""},
        {"reference": "EX-1", "sentence_date": "2025-01-06"},
        {},
    )
    result = run("check", "unpaid-work", file, *ON, "--format", "csv", "--assume", "extended=false")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [row["reference"] for row in rows] == ["EX-2", "EX-1", "row 4"]
    first, second, _ = rows
    assert first["on"] == "2026-01-15"
    assert first["stage"] == "first_half"
    assert first["upw.ete-allowance"] == "cannot_tell"
    assert (first["needs"], first["assumed"]) == ("ete_minutes", "extended")
    assert (first["extended"], first["ete_minutes"]) == ("false", "")
    assert second["stage"] == "backlog"
    assert second["days_left"] == "-10"
    assert second["not_met"].split()[-1] == "upw.complete-in-time"


def test_a_stage_that_cannot_be_told_is_a_word_in_csv(run: Run) -> None:
    one = '[{"reference": "EX-1"}]'
    result = run("check", "unpaid-work", "-", *ON, "--format", "csv", stdin=one)
    (row,) = csv.DictReader(io.StringIO(result.stdout))
    assert row["stage"] == "cannot_tell"


def test_no_cell_becomes_a_formula(run: Run, orders: Orders) -> None:
    references = ["=1+1", "+44", "-2+3", "@SUM(A1)", "-7", "plain"]
    file = orders(*({"reference": one} for one in references))
    result = run("check", "unpaid-work", file, *ON, "--format", "csv")
    shown = [row["reference"] for row in csv.DictReader(io.StringIO(result.stdout))]
    assert shown == ["'=1+1", "'+44", "'-2+3", "'@SUM(A1)", "-7", "plain"]


# --- Output to a file, exit codes ---------------------------------------------------------------


@pytest.mark.parametrize("form", ["table", "json", "csv"])
def test_output_goes_to_the_file_instead(run: Run, orders: Orders, form: str) -> None:
    arguments = ("check", "unpaid-work", orders({"reference": "EX-1"}), *ON, "--format", form)
    shown = run(*arguments)
    written = run(*arguments, "--output", "out.txt")
    assert written.exit_code == 0
    assert written.stdout == ""
    assert written.stderr.endswith("written to out.txt\n")
    assert Path("out.txt").read_text(encoding="utf-8") == shown.stdout


@pytest.mark.parametrize(
    ("row", "codes"),
    [
        ({}, (0, 0, 0)),
        ({"ete_minutes": ""}, (0, 0, 1)),
        (
            {
                "sentence_date": "2025-07-03",
                "completed_minutes": "60",
                "six_month_review_done": "true",
            },
            (0, 1, 1),
        ),
        ({"required_minutes": "60"}, (1, 1, 1)),
    ],
)
def test_fail_on_sets_the_exit_code(
    run: Run, orders: Orders, row: dict[str, str], codes: tuple[int, ...]
) -> None:
    file = orders({"reference": "EX-1", **row})
    arguments = ("check", "unpaid-work", file, *ON)
    assert run(*arguments).exit_code == 0
    for least, code in zip(("breach", "advisory", "unknown"), codes, strict=True):
        result = run(*arguments, "--fail-on", least)
        assert result.exit_code == code
        assert result.stdout  # answered all the same


def test_a_row_a_case_goes_to_a_file_of_csv_and_the_page_is_shown(run: Run, orders: Orders) -> None:
    file = orders({"reference": "EX-1"}, {"reference": "EX-2"})
    result = run("check", "unpaid-work", file, *ON, "--output", "out.csv")
    assert result.stdout == run("check", "unpaid-work", file, *ON).stdout
    rows = run("check", "unpaid-work", file, *ON, "--format", "csv").stdout
    assert Path("out.csv").read_text(encoding="utf-8") == rows
    assert result.stderr == "written to out.csv\n"


def test_long_work_shows_progress_on_a_terminal_only(
    run: Run, orders: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(by_case, "LONG_WORK", 1)
    arguments = ("check", "unpaid-work", orders({}), *ON, "--format", "json")
    assert "Checking" not in run(*arguments).stderr
    monkeypatch.setenv("FORCE_COLOR", "1")  # rich then takes any stream for a terminal
    shown = run(*arguments)
    assert "Checking" in shown.stderr
    assert json.loads(shown.stdout)


@pytest.mark.usefixtures("without_calendar")
@pytest.mark.parametrize("options", [(), ("--threads", "1")], ids=["few", "as a table"])
def test_without_the_calendar_it_says_which_extra_to_install(
    run: Run, tmp_path: Path, options: tuple[str, ...]
) -> None:
    (tmp_path / "people.csv").write_text("sentence_date\n2026-11-02\n", encoding="utf-8")
    message = (
        "the extra `calendar` is not installed, and some facts of appointments are unknown "
        "without it: run `pip install 'probation-rules[calendar]'`"
    )
    asked = ("check", "appointments", "people.csv", "--on", "2026-11-21", *options)
    assert f"note: {message}\n" in run(*asked).stderr
    assert message in json.loads(run(*asked, "--format", "json").stdout)["notes"]
