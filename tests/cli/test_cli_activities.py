"""`probation-rules activities`: a list at a status, and what would change."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest

from support.command_line import Run

EARLIER = str(Path(__file__).parent.parent / "conformance" / "framework" / "earlier.toml")
ON = ("--on", "2026-03-02")


def test_a_list_is_shown_with_whose_it_is(run: Run) -> None:
    text = run("activities", "--example", "--status", "red", *ON).stdout
    assert text.startswith("EXAMPLE, made up: Example region (made up)")
    assert "Status red on 2026-03-02" in text
    assert "mandatory" in text
    assert "reduce to 1 visits in twelve months" in text
    assert "director" in text


def test_the_day_is_today_unless_given(run: Run) -> None:
    assert "Status red on 20" in run("activities", "--example", "--status", "red").stdout


def test_two_statuses_and_two_versions_are_compared(run: Run) -> None:
    text = run("activities", "--example", "--status", "amber", "--compare", "red", *ON).stdout
    assert "Status amber on 2026-03-02" in text
    assert "Status red on 2026-03-02" in text
    assert "EX-VISIT" in text
    assert "EX-GROUP" not in text
    options = ("--rulebook", EARLIER, "--status", "red", "--compare-on", "2022-06-01")
    text = run("activities", "--example", *options, *ON).stdout
    assert "version example 7" in text
    assert "not on the list" in text
    assert "reduce to 1 sessions in three months, by the director" in text
    same = run("activities", "--example", "--status", "red", "--compare", "red", *ON).stdout
    assert same.endswith("Nothing changes.\n")


def test_a_capacity_stands_for_the_status_that_it_triggers(run: Run) -> None:
    done = run("activities", "--example", "--capacity", "112", *ON)
    assert "Status amber" in done.stdout
    assert "112 % is amber, by the list's capacity of the unit" in done.stderr
    options = ("--rulebook", EARLIER, "--capacity", "112", "--on", "2022-06-01")
    done = run("activities", *options)
    assert done.exit_code == 2
    assert "the list gives no trigger points: give --status" in done.stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--example",), "give either --status or --capacity"),
        (("--example", "--status", "red", "--capacity", "1"), "give either"),
        (("--status", "red"), "no region's list is in force on 2026-03-02"),
        (("--example", "--status", "rde"), "did you mean `red`"),
    ],
)
def test_what_cannot_be_shown_is_said(run: Run, options: tuple[str, ...], message: str) -> None:
    done = run("activities", *options, *ON)
    assert done.exit_code == 2
    assert message in done.stderr


def test_a_list_that_allows_less_under_pressure_is_good_with_a_warning(
    run: Run, tmp_path: Path
) -> None:
    text = (files("probation_rules") / "demo" / "example-region.toml").read_text(encoding="utf-8")
    (tmp_path / "odd.toml").write_text(text.replace("keep = 1", "keep = 3", 1), encoding="utf-8")
    warning = "warning: `EX-VISIT`: `red` allows less than `amber` does"
    done = run("rules", "check", "odd.toml")
    assert done.stdout.startswith("odd.toml is good: Example region (made up)")
    assert warning in done.stderr
    shown = run("activities", "--rulebook", "odd.toml", "--status", "red", *ON)
    assert warning in shown.stderr


def test_every_mistake_of_a_list_is_named(run: Run, tmp_path: Path) -> None:
    text = (files("probation_rules") / "demo" / "example-region.toml").read_text(encoding="utf-8")
    text = text.replace("keep = 1", "keep = 0", 1).replace('decided_by = "unit"\n', "", 1)
    (tmp_path / "bad.toml").write_text(text, encoding="utf-8")
    done = run("rules", "check", "bad.toml")
    assert done.exit_code == 2
    assert "below the floor" in done.stderr
    assert "`decided_by` is missing" in done.stderr
