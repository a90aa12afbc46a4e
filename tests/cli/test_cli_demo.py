from __future__ import annotations

import re
import runpy
import shlex
from importlib.resources import files
from pathlib import Path

import pytest

from probation_rules import readers
from probation_rules.cli.demo import AREA, LISTED, ON
from support.command_line import Run

CASELOAD = files("probation_rules") / "demo" / "unpaid-work.csv"
MAKER = Path(__file__).parents[2] / "benchmarks" / "make_caseload.py"


def test_the_demo_is_one_view_that_ends_with_the_most_urgent_orders(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    result = run("demo")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert len(lines) <= 60
    assert lines[0] == "Unpaid work: unpaid-work.csv on 21 Nov 2026"
    assert result.stdout.count("Unpaid work:") == 1
    assert len(re.findall(r"^ EX-\d{4} ", result.stdout, re.MULTILINE)) == LISTED
    assert re.search(
        rf"^The {LISTED} most urgent of \d+ with something", result.stdout, re.MULTILINE
    )
    closing, _, following = " ".join(lines[-8:]).partition("To list every order: ")
    assert re.search(r"300 orders on 21 Nov 2026: \d+ past twelve months, ", closing)
    assert "probation-rules check unpaid-work" in following


def test_the_counts_of_the_demo_add_up_and_nothing_waits_for_the_law(run: Run) -> None:
    text = run("demo").stdout
    rules = [line.split() for line in text.splitlines() if line.startswith(" upw.")]
    assert {sum(map(int, counts)) for _, *counts in rules} == {300}
    assert "Not settled by policy" not in text
    closing = re.search(r"300 orders on 21 Nov 2026: (.+?); (.+?)To list ", text, re.DOTALL)
    assert closing
    for part in closing.groups():
        assert sum(int(number) for number in re.findall(r"\d+", part)) == 300


def test_the_demo_names_commands_that_work(run: Run) -> None:
    text = " ".join(run("demo").stdout.split())
    command = f"probation-rules check unpaid-work {shlex.quote(str(CASELOAD))} --on 2026-11-21"
    assert command in text
    assert run("check", "unpaid-work", str(CASELOAD), "--on", "2026-11-21").exit_code == 0
    assert run("rules", "show", "upw.twelve-month-measure").exit_code == 0


def test_the_caseload_is_what_its_script_makes() -> None:
    made = runpy.run_path(str(MAKER))
    assert made["ON"] == ON
    assert made["text"]() == CASELOAD.read_text(encoding="utf-8")


def test_the_caseload_is_synthetic_and_of_every_kind() -> None:
    cases = readers.read(AREA, str(CASELOAD)).cases
    assert len(cases) == 300
    assert all(re.fullmatch(r"EX-\d{4}", getattr(case, "reference", "")) for case in cases)
    kinds = {getattr(case, "order_type", "") for case in cases}
    assert len(kinds) == 5  # the four, and unknown
