"""The page of PODs: a grid by principle, and the smallest changes."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest

from support.command_line import Run
from support.html_page import Element, parsed, require_inert, require_navigable, require_sealed

SHIPPED = str(files("probation_rules") / "demo" / "pods.csv")
ON = ("--on", "2026-11-21", "--set", "ratio_measure=headcount")
PRINCIPLES = ("1", "3", "4", "5", "6", "7", "8", "10")
GRADES = {"PO+": ("PO", True), "PO-": ("PO", False)}


def page(run: Run, *arguments: str, stdin: str | None = None) -> Element:
    result = run("check", "pod", *arguments, *ON, "--format", "html", stdin=stdin)
    found = parsed(result.stdout)
    require_inert(found)
    require_sealed(found)
    require_navigable(found)
    return found


def grid(found: Element) -> dict[str, dict[str, str]]:
    return {
        row[0]: dict(zip(PRINCIPLES, row[1:], strict=True))
        for table in found.all("table", class_="marks")
        for row in table.rows()
    }


def pod(reference: str, *grades: str) -> dict[str, object]:
    members = [
        {"grade": GRADES[one][0], "nqo_completed": GRADES[one][1]}
        if one in GRADES
        else {"grade": one}
        for one in grades
    ]
    return {
        "reference": reference, "members": members, "manager_grade": "SPO",
        "work_allocated_by_grade": "SPO", "case_knowledge_shared": True,
        "case_administrator_enables_team": True, "structure_in_induction": True,
        "equalities_in_allocation": True, "equalities_in_staffing": True,
        "lived_experience_considered": True, "local_variation_recorded": False,
        "no_experienced_officer_recorded": False,
    }  # fmt: skip


MIX = ("PO+", "PO-", "PSO", "PSO", "PSO", "CA")
GOOD = pod("GOOD", *MIX)
LEARNERS = pod("LEARN", *MIX, "PQiP", "PQiP")


def test_the_grid_says_each_principle_s_worst_answer_in_words(run: Run) -> None:
    asked = {**pod("ASK", *MIX), "case_knowledge_shared": None, "manager_grade": None}
    ratio = pod("RATIO", "PO+", "PO-", "PSO", "PSO", "PSO", "PSO", "PSO", "PSO", "CA")
    varied = {**ratio, "reference": "VARIED", "local_variation_recorded": True}
    found = grid(page(run, "-", stdin=json.dumps([GOOD, LEARNERS, asked, ratio, varied])))
    assert set(found["GOOD"].values()) == {"met"}
    assert [one for one, stated in found["LEARN"].items() if stated == "requirement not met"] == [
        "8"
    ]
    assert [one for one, stated in found["ASK"].items() if stated == "cannot tell"] == ["3", "5"]
    assert found["RATIO"]["1"] == "advice not met"
    # Excused is not the same as met, but the mix of the same principle is met.
    assert found["VARIED"]["1"] == "met"


def test_the_grid_counts_the_pods_that_do_not_meet_a_principle(run: Run) -> None:
    found = page(run, SHIPPED)
    rows = grid(found)
    assert len(rows) == 36
    foot = [cell.text for cell in found.one("tfoot").one("tr").children]
    assert foot == ["not met by"] + [
        str(sum(row[one] == "requirement not met" for row in rows.values())) for one in PRINCIPLES
    ]


def test_the_grid_is_in_the_order_of_the_list(run: Run) -> None:
    found = page(run, SHIPPED)
    (listed,) = found.all("table", class_="list")
    assert list(grid(found)) == [row[0].strip() for row in listed.rows()]
    heads = [one.text for one in listed.one("thead").all("th")]
    assert heads == ["POD", "not met, with the rule and sources", "missing"]


@pytest.mark.parametrize(("number", "tables"), [(100, 1), (101, 2)])
def test_many_pods_stand_in_parts(run: Run, number: int, tables: int) -> None:
    many = json.dumps([{"reference": f"P{place:03}"} for place in range(number)])
    found = page(run, "-", stdin=many)
    assert len(found.all("table", class_="marks")) == tables
    assert len(grid(found)) == number
    assert len(found.all("tfoot")) == 1
    captions = [one.one("caption").text for one in found.all("table", class_="marks")]
    assert captions[-1].startswith("Part 2: " if tables == 2 else "PODs by national principle")


def test_a_pod_gets_the_smallest_changes_that_put_it_right(run: Run) -> None:
    found = page(run, "-", stdin=json.dumps([GOOD, LEARNERS]))
    (change,) = found.all("p", class_="change")
    assert change.text == (
        "To put it right: one learner fewer, or one PO past the NQO period more."
    )


def test_what_principles_ask_and_what_is_not_asked_here_is_said(run: Run) -> None:
    found = page(run, "-", stdin=json.dumps(GOOD))
    asked = found.one("section", **{"aria-labelledby": "grid"}).one("dl").text
    for number in PRINCIPLES:
        assert f"Principle {number} " in asked
    rules = found.one("section", **{"aria-labelledby": "rules"}).text
    assert "pod.2, not asked here" in rules
    assert "pod.9, not asked here" in rules
