from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.command_line import Orders, Run

BEFORE = ("--on-before", "2026-05-02")
AFTER = ("--on-after", "2026-05-09")


@pytest.fixture
def exports(orders: Orders) -> tuple[str, str]:
    """Two made-up exports, a week apart."""
    same = {"reference": "EX-1", "sentence_date": "2026-01-05"}
    return (
        orders(
            same,
            {"reference": "EX-2", "sentence_date": "2026-02-02", "completed_minutes": "1200"},
            {"reference": "EX-3"},
            name="monday.csv",
        ),
        orders(
            {"reference": "EX-4", "sentence_date": "2026-05-06", "completed_minutes": "0"},
            {"reference": "EX-2", "sentence_date": "2026-02-02", "completed_minutes": "6000"},
            same,
            {"reference": "EX-3"},
            name="next.csv",
        ),
    )


def test_two_exports_are_compared_with_the_cause_of_each_change(
    run: Run, exports: tuple[str, str]
) -> None:
    found = run("compare", "unpaid-work", *exports, *BEFORE, *AFTER)
    assert found.exit_code == 0
    lines = found.stdout.splitlines()
    assert lines[0] == "1 new, 0 gone, 2 changed, 1 unchanged, 0 invalid"
    assert lines[1] == "EX-3 (unpaid-work)"
    assert "  upw.review-6: not applicable before, not met after" in lines
    assert "  all because the day changed from 2026-05-02 to 2026-05-09" in lines
    assert "  stage: first half before, complete after" in lines
    assert "  all because completed_minutes changed from 1200 to 6000" in lines
    assert lines[-1] == "new: EX-4 (unpaid-work)"


def test_stored_answers_are_compared_with_cases_as_json(run: Run, exports: tuple[str, str]) -> None:
    before, after = exports
    run(
        "check",
        "unpaid-work",
        before,
        "--on",
        "2026-05-02",
        "--format",
        "json",
        "--output",
        "a.json",
    )
    options = (*AFTER, "--format", "json", "--output", "found.json")
    assert run("compare", "unpaid-work", "a.json", after, *options).exit_code == 0
    found = json.loads(Path("found.json").read_text("utf-8"))
    assert found["counts"] == {"new": 1, "gone": 0, "changed": 2, "unchanged": 1, "invalid": 0}
    kinds = {
        one["reference"]: [part["kind"] for part in one["cause"]["sets"][0]]
        for one in found["changed"]
    }
    assert kinds == {"EX-3": ["day"], "EX-2": ["fact"]}


def test_cases_that_cannot_be_judged_are_listed_and_give_the_exit_code(
    run: Run, orders: Orders
) -> None:
    before = orders({"reference": "EX-1"}, name="monday.csv")
    after = orders({"reference": "EX-1", "sentence_date": "2030-01-01"}, name="next.csv")
    found = run("compare", "unpaid-work", before, after, *BEFORE, *AFTER)
    assert found.exit_code == 3
    assert found.stdout.startswith("0 new, 0 gone, 0 changed, 0 unchanged, 1 invalid\n")
    assert "invalid after: EX-1: the sentence date is after the day asked about" in found.stdout


def test_a_column_that_is_not_read_is_noted_with_its_side(run: Run, orders: Orders) -> None:
    before = orders({"reference": "EX-1"}, name="monday.csv")
    question = ("compare", "unpaid-work", before, before, *BEFORE, *AFTER)
    found = run(*question, "--assume", "extended=true")
    assert found.exit_code == 0
    assert "note: before: the value assumed for extended was not used" in found.stderr
    assert "note: after: the value assumed for extended was not used" in found.stderr


def test_what_cannot_be_compared_is_refused(run: Run, exports: tuple[str, str]) -> None:
    before, after = exports
    shown = run("compare", "unpaid-work", before, after)
    assert shown.exit_code == 2
    assert shown.stderr == (
        "error: this file has cases, not stored answers: give the day asked about with --on-before "
        "@ monday.csv\n"
    )
    shown = run("compare", "unpaid-work", before, after, *BEFORE, "--threads", "2")
    assert "--members, --memory-limit and --threads are for one large file" in shown.stderr
    run(
        "check",
        "unpaid-work",
        before,
        "--on",
        "2026-05-02",
        "--format",
        "json",
        "--output",
        "a.json",
    )
    shown = run("compare", "pod", "a.json", "a.json")
    assert shown.stderr == "error: these are answers about unpaid-work, not about pod @ a.json\n"
    Path("counts.json").write_text('{"most_urgent": []}', "utf-8")
    shown = run("compare", "unpaid-work", "counts.json", after)
    assert "has the counts of a large file, not every case" in shown.stderr
    for text in ("{", "[]", "{}"):
        Path("cases.json").write_text(text, "utf-8")
        assert run("compare", "unpaid-work", "cases.json", after, *BEFORE, *AFTER).exit_code in (
            0,
            2,
        )
