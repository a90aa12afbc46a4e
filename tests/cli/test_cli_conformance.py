from __future__ import annotations

from pathlib import Path

import pytest

from support.command_line import Run

CASE = """
area = "capacity"

[[cases]]
name = "Half of what is available is not over the line."
on = 2026-01-05
case = {{ points = 50, target_points = 100, usual_hours = 37, contracted_hours = 37, reduction_hours = 0 }}
outcomes = {{ "cap.over-100" = "{}" }}
because = "50 of 100 points are 50 per cent."
source = "A made-up source"
"""


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """The area's folder in a folder of one's own cases, with one."""
    folder = tmp_path / "mine" / "capacity"
    folder.mkdir(parents=True)
    (folder / "own.cases.toml").write_text(CASE.format("met"), encoding="utf-8")
    return folder


def test_the_cases_that_come_with_the_library_pass(run: Run) -> None:
    found = run("conformance", "capacity", "--engine", "python", "--engine", "reference")
    assert found.exit_code == 0
    lines = [line.split() for line in found.stdout.splitlines()]
    assert ["capacity", "python", "22", "22", "0"] in lines
    assert ["capacity", "reference", "22", "22", "0"] in lines
    assert found.stdout.endswith("44 of 44 passed, on python, reference\n")
    assert "pod" not in found.stdout


def test_a_failure_is_shown_with_all_that_is_needed_to_look_into_it(run: Run, mine: Path) -> None:
    (mine / "wrong.cases.toml").write_text(
        CASE.format("not_met").replace("Half of", "A half of"), encoding="utf-8"
    )
    found = run("conformance", "--cases", str(mine.parent))
    assert found.exit_code == 1
    assert found.stdout.splitlines()[:4] == [
        "FAILED on python: capacity/wrong:1: A half of what is available is not over the line.",
        "    cap.over-100: expected not_met; got met",
        "    why: 50 of 100 points are 50 per cent. (A made-up source)",
        "",
    ]
    assert found.stdout.endswith("1 of 2 passed, on python\n")


def test_coverage_shows_each_outcome_and_what_is_missing(run: Run, mine: Path) -> None:
    found = run("conformance", "--cases", str(mine.parent), "--coverage")
    assert found.exit_code == 1
    lines = [line.split() for line in found.stdout.splitlines()]
    assert ["cap.over-100", "1", "0", "0", "-"] in lines
    assert ["cap.over-110", "0", "0", "0", "-"] in lines
    assert "missing: cap.over-100 not_met, on python\n" in found.stdout
    assert found.stdout.endswith("1 of 1 passed, on python; 5 outcomes are shown by no case\n")
    whole = run("conformance", "capacity", "--coverage")
    assert whole.exit_code == 0
    assert whole.stdout.endswith("every outcome of every rule is shown by a case\n")


def test_a_rulebook_shows_which_answers_it_changes(run: Run, north: str) -> None:
    found = run("conformance", "unpaid-work", "--rulebook", north, "--coverage")
    assert found.exit_code == 1
    assert "    upw.pace-6: expected met; got not_applicable\n" in found.stdout
    assert "upw.north-pace-6" in found.stdout


def test_engines_that_show_different_numbers_are_told_apart() -> None:
    from probation_rules.cli.conformance import _cell  # noqa: PLC0415 (no two engines differ)
    from probation_rules.conformance import Coverage  # noqa: PLC0415
    from probation_rules.engines import Outcome  # noqa: PLC0415

    one = Coverage("cap.over-100", Outcome.MET, possible=True, cases={"python": 2, "durable": 1})
    assert _cell(one) == "python 2, durable 1"


def test_bad_input_is_told(run: Run, mine: Path) -> None:
    none = run("conformance", "pod", "--cases", str(mine.parent))
    assert (none.exit_code, none.stderr.splitlines()[-1]) == (
        2,
        "Error: --cases: the folder has no case of pod",
    )
    (mine / "own.cases.toml").write_text("area = 1", encoding="utf-8")
    bad = run("conformance", "--cases", str(mine.parent))
    assert bad.exit_code == 2
    shown = "a file must contain only `area`, which is the name of its folder, and `[[cases]]`"
    assert bad.stderr == f"error: {shown} @ capacity/own\n"
    assert run("conformance", "--cases", "nowhere").exit_code == 2
    assert run("conformance", "--engine", "prolog").exit_code == 2


def test_an_area_that_there_is_not_fails(run: Run, mine: Path) -> None:
    other = mine.parent / "parole"
    other.mkdir()
    text = CASE.format("met").replace('"capacity"', '"parole"').replace("Half", "A third")
    (other / "own.cases.toml").write_text(text, encoding="utf-8")
    found = run("conformance", "--cases", str(mine.parent), "--coverage")
    assert "expected an answer; got refused: `parole` is not an area" in found.stdout
    assert found.exit_code == 1


@pytest.mark.usefixtures("without_calendar")
def test_without_bank_holidays_it_says_what_to_install(run: Run) -> None:
    shown = (
        "note: the extra `calendar` is not installed, and some facts of appointments are unknown"
    )
    assert run("conformance", "appointments").stderr.startswith(shown)
    assert run("conformance", "capacity").stderr == ""


def test_a_terminal_shows_how_many_cases_are_done(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ("conformance", "capacity")
    assert "Asking python" not in run(*asked).stderr
    monkeypatch.setenv("FORCE_COLOR", "1")  # rich then takes any stream for a terminal
    assert "Asking python" in run(*asked).stderr
