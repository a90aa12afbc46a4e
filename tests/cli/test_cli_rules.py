from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from probation_rules.rulebook import shipped
from probation_rules.schema import case_schema, caseload_schema, report_schema
from support.command_line import Orders, Run


def test_every_rule_is_listed_with_its_strength_and_basis(run: Run) -> None:
    text = run("rules", "list").stdout
    for area in shipped().areas.values():
        assert f"{area.title}\n" in text
    for rule in shipped().rules:
        assert f" {rule} " in text
    (pace,) = [line for line in text.splitlines() if line.startswith(" upw.pace-6 ")]
    assert pace.split()[1:3] == ["advice", "assumption"]
    one = run("rules", "list", "--area", "unpaid-work").stdout
    assert one.startswith("Unpaid work\n")
    assert one in text
    assert " pod.8 " not in one
    assert run("rules", "list", "--area", "pood").exit_code == 2


def test_local_rules_are_listed_and_shown(run: Run, north: str) -> None:
    assert "upw.north-pace-6" in run("rules", "list", "--rulebook", north).stdout
    shown = run("rules", "show", "upw.north-pace-6", "--rulebook", north)
    assert shown.stdout.startswith("upw.north-pace-6: Some minute is done")


def test_a_rule_is_shown_as_it_stood_on_a_day(run: Run) -> None:
    latest = run("rules", "show", "upw.ete-allowance").stdout
    assert "30 % from 16 May 2024" in latest
    before = run("rules", "show", "upw.ete-allowance", "--on", "2024-05-15").stdout
    assert "no value on that day" in before


def test_an_unknown_rule_is_told_with_the_nearest(run: Run) -> None:
    result = run("rules", "show", "upw.pace6")
    assert result.exit_code == 2
    assert "did you mean `upw.pace-6`?" in result.stderr


def test_a_good_local_rulebook_is_said_to_be_good(run: Run, north: str) -> None:
    result = run("rules", "check", north)
    assert result.exit_code == 0
    assert result.stdout == "north.toml is good: North (made up), Pace of our own, 3\n"


def test_every_problem_of_a_bad_one_is_told(run: Run, north: str) -> None:
    text = Path(north).read_text(encoding="utf-8")
    Path("bad.toml").write_text(
        text.replace('"house"', '"hous"').replace("completed_minutes > 0", "complete_minutes > 0"),
        encoding="utf-8",
    )
    result = run("rules", "check", "bad.toml")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.count("error: ") > 1
    assert "did you mean `completed_minutes`?" in result.stderr
    assert run("rules", "check", "none.toml").exit_code == 2


def test_the_schema_is_printed_as_json(run: Run) -> None:
    assert json.loads(run("schema", "unpaid-work").stdout) == case_schema("unpaid-work")
    assert json.loads(run("schema", "report").stdout) == report_schema()
    assert json.loads(run("schema", "caseload").stdout) == caseload_schema()
    assert run("schema", "reports").exit_code == 2


@pytest.mark.parametrize("rows", [0, 2])
def test_what_check_writes_as_json_is_as_the_schema_says(
    run: Run, orders: Orders, north: str, rows: int
) -> None:
    file = orders(*[{"reference": f"UPW-{row}", "extended": ""} for row in range(rows)])
    options = ("--rulebook", north, "--assume", "extended=false", "--format", "json")
    result = run("check", "unpaid-work", file, "--on", "2026-06-15", *options)
    document = json.loads(result.stdout)
    Draft202012Validator(report_schema()).validate(document)
    assert len(document["reports"]) == rows
    assert document["rulebook"]["replaced"] == {"upw.pace-6": "upw.north-pace-6"}


def test_changes_between_two_rulebooks_are_listed_with_their_sources(run: Run, north: str) -> None:
    asked = ("rules", "changes", "--with", north)
    found = run(*asked).stdout
    lines = found.splitlines()
    assert lines[0] == "unpaid-work"
    assert "  figure review_grace changes: Days after a review point" in found
    assert "    before: 0 days from 2017-02-15" in lines
    assert "    after: 5 days from 2021-01-01" in lines
    assert "  rule upw.north-pace-6 is new: Some minute is done by the six-month point" in lines
    as_json = json.loads(run(*asked, "--area", "unpaid-work", "--format", "json").stdout)
    assert {one["happened"] for one in as_json} == {"is new", "changes"}
    assert all(one["sources"] for one in as_json)
    same = run(*asked, "--rulebook", north)
    assert same.exit_code == 2
    assert run(*asked, "--area", "pod").stdout == "the two rulebooks are the same\n"
    told = "give two days with --from and --to, or a rulebook with --with"
    for days in (("--from", "2026-05-01"), ("--to", "2026-05-01", "--with", north), ()):
        assert told in run("rules", "changes", *days).stderr


def test_changes_between_two_days_are_listed_with_their_sources(run: Run) -> None:
    days = ("--from", "2026-05-11", "--to", "2026-05-11")
    found = run("rules", "changes", *days, "--area", "unpaid-work").stdout
    assert found.startswith("11 May 2026\n  rule ")
    assert "  rule upw.pace-9 changes: " in found
    assert "(checked " in found
    as_json = json.loads(run("rules", "changes", *days, "--format", "json").stdout)
    (pace,) = [one for one in as_json if one["name"] == "upw.pace-9"]
    assert (pace["on"], pace["kind"], pace["happened"]) == ("2026-05-11", "rule", "changes")
    assert pace["before"] != pace["after"] or pace["title"]
    assert pace["sources"]
    swapped = run("rules", "changes", "--from", "2026-05-11", "--to", "2026-05-10")
    assert swapped.stderr == "error: the last day is before the first; swap them @ --to\n"
