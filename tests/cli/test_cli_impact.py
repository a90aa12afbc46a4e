from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import pytest

from support.command_line import Orders, Run

DAY = ("--on", "2026-01-15")


@pytest.fixture
def file(orders: Orders) -> str:
    """Orders; one of them is behind by less than a tenth of its hours."""
    return orders(
        {"reference": "EX-1", "sentence_date": "2025-07-01", "completed_minutes": "2900"},
        {"reference": "EX-2", "sentence_date": "2025-07-01", "completed_minutes": "6000"},
        {"reference": "EX-3", "sentence_date": "2030-01-01"},
    )


def test_a_changed_figure_is_counted_with_each_case_and_its_cause(run: Run, file: str) -> None:
    found = run("impact", "unpaid-work", file, *DAY, "--set", "pace_slack=10")
    assert found.exit_code == 0
    lines = found.stdout.splitlines()
    assert lines[0] == "1 of 3 cases change, 1 do not, 1 are invalid"
    assert lines[1] == "upw.pace-6: from not met to met: 1"
    assert lines[2] == "EX-1 (unpaid-work)"
    assert lines[-1].startswith("  all because the setting pace_slack changed from ")


def test_a_second_day_is_a_change(run: Run, file: str) -> None:
    days = (*DAY, "--on", "2026-04-15", "--format", "json", "--output", "found.json")
    assert run("impact", "unpaid-work", file, *days).exit_code == 0
    found = json.loads(Path("found.json").read_text("utf-8"))
    assert found["counts"]["changed"] == 2
    assert {"rule": "stage", "before": "third_quarter", "after": "final_quarter", "cases": 1} in (
        found["stages"]
    )
    assert [one["reference"] for one in found["changed"]] == ["EX-1", "EX-2"]


def test_a_local_rulebook_or_a_changed_rules_file_is_a_change(
    run: Run, file: str, north: str
) -> None:
    local = run("impact", "unpaid-work", file, *DAY, "--with", north)
    assert "upw.pace-6: from not met to not applicable: 1" in local.stdout
    rules = files("probation_rules.areas") / "unpaid_work" / "rules.toml"
    text = rules.read_text("utf-8")
    old = 'must = "six_month_review_done"'
    Path("changed.toml").write_text(
        text.replace(old, 'must = "six_month_review_done or some_outstanding"'), "utf-8"
    )
    found = run("impact", "unpaid-work", file, *DAY, "--with", "changed.toml")
    assert "upw.review-6: from not met to met: 1" in found.stdout
    assert "all because the rulebook changed: rule upw.review-6 changed from must " in found.stdout


def test_more_cases_than_are_listed_are_counted(run: Run, orders: Orders) -> None:
    rows = [
        {"reference": f"EX-{n}", "sentence_date": "2025-07-01", "completed_minutes": "2900"}
        for n in range(22)
    ]
    found = run("impact", "unpaid-work", orders(*rows), *DAY, "--set", "pace_slack=10")
    assert found.stdout.endswith("\n2 more cases change; --format csv lists all\n")


def test_cases_are_counted_by_a_kept_column_and_each_outcome_is_listed(
    run: Run, orders: Orders
) -> None:
    row = {"sentence_date": "2025-07-01", "completed_minutes": "2900"}
    file = orders(
        {**row, "reference": "EX-1", "Team": "North"},
        {**row, "reference": "=EX-2", "Team": ""},
        {**row, "reference": "EX-3", "Team": "North", "completed_minutes": "6000"},
    )
    asked = ("impact", "unpaid-work", file, *DAY, "--set", "pace_slack=10", "--keep", "Team")
    lines = run(*asked, "--by", "Team").stdout.splitlines()
    assert "Team North: 1 of 2 cases change" in lines
    assert "Team (empty): 1 of 1 cases change" in lines
    found = json.loads(run(*asked, "--by", "Team", "--format", "json").stdout)
    assert found["by"] == "Team"
    assert found["groups"]["North"]["unchanged"] == 1
    assert run(*asked, "--format", "csv").stdout.splitlines() == [
        "reference,Team,row,rule,before,after",
        "EX-1,North,1,upw.pace-6,not_met,met",
        "'=EX-2,,2,upw.pace-6,not_met,met",
    ]
    shown = run(*asked, "--by", "Tem")
    assert shown.stderr.endswith("kept are Team; did you mean `Team`? @ --by Tem\n")
    assert "leave --strict out" in run(*asked, "--strict").stderr


def test_what_is_not_a_change_is_refused(run: Run, file: str) -> None:
    question = ("impact", "unpaid-work", file)
    assert "name the change: --with FILE" in run(*question).stderr
    assert "give --on once, or twice" in run(*question, *DAY, *DAY, *DAY).stderr
    assert run(*question, "--with", "none.toml").stderr == (
        "error: this file cannot be read as text @ none.toml\n"
    )
    Path("pod.toml").write_text('area = "pod"', "utf-8")
    shown = run(*question, "--with", "pod.toml").stderr
    assert shown == "error: must be about unpaid-work @ pod.toml: area\n"
