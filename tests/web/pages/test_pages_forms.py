"""Forms: typed text becomes facts, or a message that explains what to type."""

from __future__ import annotations

import probation_rules as pr
from probation_rules.errors import Problem
from probation_rules.web.pages.forms import Form

POD = pr.rulebook().area("pod")
MEMBERS = POD.members


def test_a_number_outside_its_range_is_refused_with_the_range() -> None:
    assert MEMBERS is not None
    form = Form({"a.0.fte": "2", "a.0.grade": "SPO"})
    values = form.facts(MEMBERS.facts, "a.0.")
    assert values == {"fte": None, "grade": None, "nqo_completed": None}
    assert form.errors == {
        "a.0.grade": "Grade: an SPO manages the POD and is not one of its members: record the SPO in `manager_grade`",
        "a.0.fte": "Share of full time must be a number from 0.01 to 1.0, at most 2 decimal places",
    }


def test_problems_of_the_library_are_placed_at_their_fields() -> None:
    form = Form({})
    found = [Problem("wrong grade", "$.members[3].grade"), Problem("too few", "$.members")]
    form.add(found, ["a.members.3.grade"], "a.")
    assert form.errors == {"a.members.3.grade": "Wrong grade", "on": "Too few"}


def test_the_first_problem_of_a_field_is_shown() -> None:
    form = Form({})
    form.blame("on", "first")
    form.blame("on", "second")
    assert form.errors == {"on": "First"}
