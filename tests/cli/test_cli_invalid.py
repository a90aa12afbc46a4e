"""A case that cannot be judged is invalid with its reasons, and the others are answered; or not."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from probation_rules import schema
from probation_rules.caseload import text as page
from support.command_line import Orders, Run

ON = ("--on", "2026-01-15")
CHECK = ("check", "unpaid-work")
AS_TABLE = ("--threads", "1")
BAD: tuple[dict[str, str], ...] = (
    {"reference": "EX-1"},
    {"reference": "EX-2", "sentence_date": "2025-4-3", "extended": "maybe"},
    {"sentence_date": "2027-01-01"},
    {"reference": "EX-4", "completed_minutes": ""},
)
DATE = "must be a date from 1990-01-01 to 2100-12-31, as YYYY-MM-DD @ sentence_date"
BOOL = "must be true or false @ extended"
LATE = "the sentence date is after the day asked about @ sentence_date"
TOLD = "2 cases are invalid; --strict refuses the file and names every problem\n"


def test_the_page_lists_what_is_invalid_and_answers_the_others(run: Run, orders: Orders) -> None:
    found = run(*CHECK, orders(*BAD), *ON)
    assert found.exit_code == 3
    assert found.stderr == TOLD
    lines = [" ".join(line.split()) for line in found.stdout.splitlines()]
    at = lines.index("2 that cannot be judged as given (invalid)")
    listed = [one for one in lines[at:] if one.endswith(("sentence_date", "extended"))]
    assert listed == [f"row 3 EX-2 {DATE}", BOOL, f"row 4 {LATE}"]
    assert found.stdout.endswith(", 2 invalid\n")
    assert "4 orders on 15 Jan 2026" in found.stdout


def test_few_and_many_cases_are_invalid_for_the_same_reasons(run: Run, orders: Orders) -> None:
    file = orders(*BAD)
    small, large = run(*CHECK, file, *ON), run(*CHECK, file, *ON, *AS_TABLE)
    assert (small.exit_code, large.exit_code) == (3, 3)
    assert small.stdout.splitlines()[-1] == large.stdout.splitlines()[-1]
    counts = [
        [line.split() for line in one.stdout.splitlines() if line.startswith(" upw.")]
        for one in (small, large)
    ]
    assert counts[0] == counts[1]
    assert all(reason in large.stdout for reason in (DATE, BOOL, LATE))
    assert TOLD in large.stderr


@pytest.mark.parametrize("how", [(), AS_TABLE], ids=["few", "many"])
def test_a_strict_question_refuses_the_file(run: Run, orders: Orders, how: tuple[str, ...]) -> None:
    found = run(*CHECK, orders(*BAD), *ON, "--strict", *how)
    assert found.exit_code == 2
    assert found.stdout == ""
    message = [line.rpartition(" @ ")[2] for line in found.stderr.splitlines() if " @ " in line]
    assert message[:2] == ["row 3, column sentence_date", "row 3, column extended"]
    twice = run(*CHECK, orders({"reference": "EX-1"}, {}, {"reference": "EX-1"}), *ON, *how)
    assert twice.exit_code == 0
    assert "1 reference is on more than one case, the first at row 2 and row 4\n" in twice.stderr
    strict = run(*CHECK, "orders.csv", *ON, "--strict", *how)
    assert strict.exit_code == 2
    assert strict.stderr.endswith(
        "error: this reference is also at row 2; give each case its own reference @ row 4\n"
    )
    sound = orders({"reference": "EX-1"})
    assert run(*CHECK, sound, *ON, "--strict", *how).exit_code == 0


def test_a_ragged_row_and_a_bad_line_are_invalid_without_a_column(run: Run) -> None:
    rows = "reference,extended\nEX-1,no\nEX-2\n"
    lines = '{"reference": "EX-1"}\n{"reference": \n{"extendd": true}\n'
    for text, form, why in (
        (rows, "csv", "1 cells where the header has 2 @ row 3"),
        (lines, "csv", "the JSON ends too early; the file may be cut off @ line 2, column 14"),
    ):
        found = run(*CHECK, "-", *ON, "--format", form, stdin=text)
        assert found.exit_code == 3
        strict = run(*CHECK, "-", *ON, "--strict", stdin=text)
        assert f"error: {why}\n" in strict.stderr


@pytest.mark.parametrize(("wanted", "code"), [("breach", 3), ("advisory", 3), ("unknown", 1)])
@pytest.mark.parametrize("how", [(), AS_TABLE], ids=["few", "many"])
def test_what_is_asked_to_fail_comes_before_what_is_invalid(
    run: Run, orders: Orders, wanted: str, code: int, how: tuple[str, ...]
) -> None:
    done = {"completed_minutes": "6000"}
    file = orders({"reference": "EX-1", **done}, {"reference": "EX-2", "extended": "maybe"})
    assert run(*CHECK, file, *ON, "--fail-on", wanted, *how).exit_code == code
    breach = orders({"reference": "EX-1", "required_minutes": "60"}, {"extended": "maybe"})
    assert run(*CHECK, breach, *ON, "--fail-on", wanted, *how).exit_code == 1


def test_json_and_csv_hold_what_is_invalid(run: Run, orders: Orders) -> None:
    file = orders(*BAD)
    found = run(*CHECK, file, *ON, "--format", "json")
    document = json.loads(found.stdout)
    Draft202012Validator(schema.report_schema()).validate(document)
    assert document["invalid"] == [
        {"place": "row 3", "reference": "EX-2", "reasons": [DATE, BOOL], "kept": {}},
        {"place": "row 4", "reference": None, "reasons": [LATE], "kept": {}},
    ]
    assert [one["reference"] for one in document["reports"]] == ["EX-1", "EX-4"]
    assert "orders.csv: 4 orders on 15 Jan 2026: 1 first half, 1 cannot tell; " in found.stderr
    shown = run(*CHECK, file, *ON, "--format", "csv").stdout
    rows = list(csv.DictReader(io.StringIO(shown)))
    assert [row["reference"] for row in rows] == ["EX-1", "EX-2", "row 4", "EX-4"]
    assert [row["reasons"] for row in rows] == ["", f"{DATE}; {BOOL}", LATE, ""]
    assert {row["upw.pace-6"] for row in rows[1:3]} == {"invalid"}
    assert {row["stage"] for row in rows[1:3]} == {""}


def test_the_page_of_html_lists_what_is_invalid(run: Run, orders: Orders) -> None:
    found = run(*CHECK, orders(*BAD), *ON, "--format", "html")
    assert found.exit_code == 3
    assert '<h2 id="invalid">Cases that cannot be judged</h2>' in found.stdout
    assert f"<td>{DATE}; {BOOL}</td>" in found.stdout
    assert "Cases that cannot be judged" not in run(
        *CHECK, orders({"reference": "EX-1"}), *ON, "--format", "html"
    ).stdout  # fmt: skip


def test_very_many_are_not_all_listed(
    run: Run, orders: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "LISTED", 1)
    found = run(*CHECK, orders(*BAD), *ON)
    assert "and 1 more; --format csv gives every one with its reasons\n" in found.stdout
    assert LATE not in found.stdout


def test_reasons_about_records_are_those_of_a_table(run: Run) -> None:
    lines = [
        {"reference": "a", "proposed": [{"day": "moonday", "start": "19:00", "minutes": 600, "place": "A"}]},
        {"reference": "b", "order_type": "comunity_order", "steps": {"form": {"done": False, "on": "2026-01-05"}}},
        {"reference": "c", "steps": {"form": {"done": False, "on": "2026-01-05"}}},
    ]  # fmt: skip
    text = "".join(f"{json.dumps(one)}\n" for one in lines)
    Path("c.jsonl").write_text(text, encoding="utf-8")
    small = run("check", "curfew-variation", "c.jsonl", *ON, "--format", "json")
    large = run("check", "curfew-variation", "c.jsonl", *ON, "--format", "json", *AS_TABLE)
    assert (small.exit_code, large.exit_code) == (3, 3)
    message = [reason for one in json.loads(small.stdout)["invalid"] for reason in one["reasons"]]
    assert sorted(set(message)) == sorted(json.loads(large.stdout)["reasons"])
    assert len(message) == 4


def test_a_member_in_two_pods_makes_both_invalid(run: Run) -> None:
    rows = "pod,reference,grade\nN1,M-1,PO\nN2,M-1,CA\nN3,M-2,PO\n"
    Path("p.csv").write_text(rows, encoding="utf-8")
    why = "the reference of a member is on more than one row @ members"
    for how in ((), AS_TABLE):
        found = run("check", "pod", "p.csv", *ON, "--format", "csv", *how)
        rows_ = list(csv.DictReader(io.StringIO(found.stdout)))
        assert [row["reasons"] for row in rows_] == [why, why, ""]
        assert found.exit_code == 3
