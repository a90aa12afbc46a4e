from __future__ import annotations

import json
import re
import runpy
from importlib.resources import files
from pathlib import Path

import pytest

from probation_rules import readers
from support.command_line import Run

SHIPPED = files("probation_rules") / "demo" / "pods.csv"
ROOT = Path(__file__).parents[2]
MAKER = ROOT / "benchmarks" / "make_pods.py"
MATRIX = str(ROOT / "docs" / "examples" / "example-region-matrix.toml")
ON = ("--on", "2026-11-21")

HEAD = (
    "pod,reference,grade,nqo_completed,fte,manager_grade,work_allocated_by_grade,"
    "case_knowledge_shared,case_administrator_enables_team,structure_in_induction,"
    "equalities_in_allocation,equalities_in_staffing,lived_experience_considered,"
    "local_variation_recorded"
)
GOOD = "SPO,SPO,yes,yes,yes,yes,yes,yes,no"


def pod(name: str, *grades: str, own: str = GOOD) -> str:
    """The rows of a POD; a grade with + is a PO past the NQO period, with - one in it."""
    done = {"+": "yes", "-": "no"}
    rows = [
        f"{name},{name}-{number},{grade.rstrip('+-')},{done.get(grade[-1], '')},1.0,{own}"
        for number, grade in enumerate(grades)
    ]
    return "\n".join(rows)


@pytest.fixture
def pods(tmp_path: Path) -> str:
    rows = [
        HEAD,
        pod("GOOD", "PO+", "PO-", "PSO", "PSO", "PSO", "CA"),
        pod("LEARN", "PO+", "PO-", "PSO", "PSO", "PSO", "CA", "PQiP", "PQiP"),
        pod("ASK", "PO+", "PO", "PSO", "PSO", "PSO", "CA", "PQiP", "PQiP"),
        pod(
            "NEW", "PO-", "PO-", "PSO", "PSO", "PSO", "CA", own="SPO,PO,no,yes,yes,yes,yes,yes,yes"
        ),
        pod("ODD", "PO+", "PO-", "PSO", "CA"),
    ]
    (tmp_path / "pods.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return "pods.csv"


def table(run: Run, file: str, *options: str) -> str:
    return run("check", "pod", file, *ON, "--set", "ratio_measure=headcount", *options).stdout


def test_a_row_shows_the_principles_the_worst_first(run: Run, pods: str) -> None:
    text, _, _ = table(run, pods).partition("The smallest changes")
    rows = dict(re.findall(r"^ (GOOD|LEARN|ASK|NEW|ODD) +(.*?) *$", text, re.MULTILINE))
    assert list(rows) == ["NEW", "LEARN", "ODD", "ASK"]
    assert re.search(r"reference +1 +3 +4 +5 +6 +7 +8 +10 +not met +missing", text)
    words = {name: row.split()[:8] for name, row in rows.items()}
    assert words["LEARN"] == ["met"] * 6 + ["no", "met"]
    assert words["ASK"] == ["met"] * 6 + ["?", "met"]
    assert words["ODD"] == ["(no)", *["met"] * 7]
    assert words["NEW"] == ["met", "no", "met", "no", "met", "met", "met", "no"]
    assert "newly-qualified" in rows["ASK"]
    assert "by national principle: met; no: requirement not met" in text
    assert "1 POD with nothing to report is not listed" in table(run, pods)


def test_the_smallest_changes_follow_the_list(run: Run, pods: str) -> None:
    _, _, below = table(run, pods).partition("The smallest changes of members")
    assert re.search(
        r"LEARN +number of learners +one learner fewer\n +or one PO past the NQO period more", below
    )
    assert re.search(r"ODD +staff mix +one PSO more\n", below)
    assert "case knowledge" not in below.partition(" rule  ")[0]
    good = "\n".join([HEAD, pod("GOOD", "PO+", "PO-", "PSO", "PSO", "PSO", "CA")])
    Path("good.csv").write_text(good)
    assert "The smallest changes" not in table(run, "good.csv", "--all")


def test_an_excused_principle_is_marked_so(run: Run) -> None:
    own = GOOD.removesuffix("no") + "yes"
    Path("odd.csv").write_text("\n".join([HEAD, pod("ODD", "PO+", "PO-", "PSO", "CA", own=own)]))
    assert re.search(r"ODD +met +met", table(run, "odd.csv", "--all"))
    Path("one.csv").write_text("\n".join([HEAD, pod("ONE", "PSO", "CA", own=own)]))
    assert re.search(r"ONE +no +met +met +met +met +met +met +\?", table(run, "one.csv"))


def test_on_a_narrow_terminal_two_principles_share_a_column(
    run: Run, pods: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    text = table(run, pods)
    assert re.search(r"\n +1 +4 +6 +8 +not met\n reference +3 +5 +7 +10 +missing\n", text)
    assert max(map(len, text.splitlines())) <= 80


def test_a_member_without_a_reference_is_named_by_its_place(run: Run) -> None:
    text = run("check", "pod", "-", *ON, stdin='[{"members": [{"grade": "PO"}, {}]}]').stdout
    assert "grade of number 2 of the members" in text


def test_a_local_rule_that_replaces_a_principles_leaves_its_column_empty(run: Run) -> None:
    Path("own.toml").write_text(
        """
area = "pod"
[local]
region = "North (made up)"
title = "Induction of our own"
version = "1"
effective_from = 2026-01-01
approved_by = "Nobody (made up)"
[sources.own]
title = "Made up"
publisher = "Nobody"
[rules."pod.north-induction"]
title = "Said at induction"
basis = "local"
in_force = { from = 2026-01-01 }
should = "structure_in_induction"
not_met = "not said"
remedy = "Say it."
replaces = "pod.6"
cites = [{ source = "own", checked = 2026-11-21 }]
""",
        encoding="utf-8",
    )
    text = run("check", "pod", str(SHIPPED), *ON, "--rulebook", "own.toml").stdout
    assert "Local rule: pod.north-induction replaces pod.6" in text


def test_the_shipped_pods_are_answered(run: Run) -> None:
    result = run("check", "pod", str(SHIPPED), *ON, "--all")
    assert result.exit_code == 0
    assert (
        len(re.findall(r"^ POD-\d\d +(?:met|no|\(no\)|\?|-) ", result.stdout, re.MULTILINE)) == 36
    )
    assert "Not settled by policy" in result.stdout


def test_the_whole_report_comes_as_json_and_as_csv(run: Run) -> None:
    stated = json.loads(run("check", "pod", str(SHIPPED), *ON, "--format", "json").stdout)
    assert len(stated["reports"]) == 36
    not_met = [
        one
        for report in stated["reports"]
        for one in report["findings"]
        if one["rule"] == "pod.8" and one["outcome"] == "not_met"
    ]
    assert all("one learner fewer" in " ".join(one["changes"]) for one in not_met)
    assert stated["remarks"][0]["id"] == "pod.2"
    lines = run("check", "pod", str(SHIPPED), *ON, "--format", "csv").stdout.splitlines()
    assert len(lines) == 37
    assert lines[0].startswith("on,reference,pod.1-mix,")


def test_the_pods_are_what_their_script_makes() -> None:
    made = runpy.run_path(str(MAKER))
    assert SHIPPED.read_text(encoding="utf-8") == made["text"]()
    reading = readers.read("pod", str(SHIPPED))
    assert len(reading.cases) == made["NUMBER"] == 36
    assert all(str(getattr(case, "reference", "")).startswith("POD-") for case in reading.cases)


def test_a_rule_of_pods_is_shown_with_its_text_sources_and_figures(run: Run) -> None:
    text = run("rules", "show", "pod.8").stdout
    assert (
        "Met if the number of PQiP learners is at most the number of POs who have completed the newly-qualified"
        in text
    )
    assert "principle 8. HM Prison and Probation Service." in text
    ratio = run("rules", "show", "pod.1-ratio").stdout
    assert "ratio_slack: 25 % from 9 Mar 2022." in ratio
    assert "assumption" in ratio


# --- Allocations --------------------------------------------------------------------------------

ALLOCATIONS = """\
reference,holder_grade,rosh,tier,rosh_before,tier_before,decided_by_grade
EX-1,PSO,very_high,B2,medium,C2,PO
EX-2,PO,high,,high,,SPO
"""


def test_allocations_are_listed_with_who_holds_and_decided(run: Run) -> None:
    Path("cases.csv").write_text(ALLOCATIONS)
    text = run("check", "allocation", "cases.csv", *ON).stdout
    assert re.search(r"EX-1 +PSO +PO +very high +B2 +decided by an SPO", text)
    assert re.search(r"EX-2 +PO +SPO +high +not known ", text)
    assert "[1] Not settled by policy: needed for 2 of 2 cases" in text
    assert "To settle [1]: --rulebook FILE, with the region's own rule" in text


def test_a_regions_matrix_answers(run: Run) -> None:
    Path("cases.csv").write_text(ALLOCATIONS)
    text = run("check", "allocation", "cases.csv", *ON, "--rulebook", MATRIX).stdout
    assert "Local rule: alloc.example-matrix replaces alloc.grade-matrix" in text
    assert re.search(r"EX-1 .*decided by an SPO, ", text)
    assert "grade_matrix" not in text
