from __future__ import annotations

import re
import runpy
from importlib.resources import files
from pathlib import Path

from command_line import Run
from probation_rules import readers
from probation_rules.cli.demo import AREA, ON

CASELOAD = files("probation_rules") / "demo" / "unpaid-work.csv"
MAKER = Path(__file__).parents[2] / "benchmarks" / "make_caseload.py"


def test_the_demo_shows_every_side_of_the_limit(run: Run) -> None:
    result = run("demo")
    assert result.exit_code == 0
    unset, ended, stands = re.split(r"^[23]\. ", result.stdout, flags=re.MULTILINE)
    assert "[1] twelve_month_limit_ends_on is not known" in unset
    assert "cannot tell" in unset.splitlines()[-4] + unset.splitlines()[-3]
    assert "no time limit" in ended
    assert "[1]" not in ended + stands
    assert re.search(r"^ EX-\d{4} +backlog", stands, re.MULTILINE)
    assert len(re.findall(r"^ EX-\d{4} ", stands, re.MULTILINE)) > 100
    assert re.match(r"300 orders on 21 Nov 2026: \d+ backlog, ", result.stdout.splitlines()[-2])


def test_the_demo_shows_commands_that_do_the_same(run: Run) -> None:
    text = " ".join(run("demo").stdout.split())
    command = f"probation-rules check unpaid-work {CASELOAD} --on 2026-11-21"
    assert text.count(command) == 3
    settings = re.findall(r"--set (twelve_month_limit_ends_on=\d{4}-\d\d-\d\d)", text)
    assert [one.partition("=")[2] for one in settings] == ["2026-04-27", "2026-11-22"]
    last = run("check", "unpaid-work", str(CASELOAD), "--on", "2026-11-21", "--set", settings[-1])
    assert " ".join(last.stdout.split()) in text


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
