"""Records: how a rules file describes them, what is refused, and the path of each problem."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from types import SimpleNamespace
from typing import Any

import pytest

from probation_rules.engines import python, reference
from probation_rules.errors import CaseError, RulebookError
from probation_rules.rulebook.model import Area
from probation_rules.rulebook.spec import AreaSpec
from support.toy import raw, toy_area

ON = date(2024, 1, 1)


def content() -> dict[str, Any]:
    """Return the toy rules file with a list of calls, from which visits are counted, and a plan."""
    made = raw()
    made["shapes"] = {
        "call": {
            "facts": {
                "at": {"type": "time", "required": True, "about": "When."},
                "whom": {"type": "text", "required": True, "about": "A label."},
                "done": {"type": "bool", "about": "It was made."},
                "on": {
                    "type": "date", "min": date(2020, 1, 1), "max": date(2030, 1, 1),
                    "only_if": "done", "about": "The day.",
                },
            }
        },
        "plan": {"records": {"first": {"shape": "call", "about": "The first call."}}},
    }  # fmt: skip
    made["records"] = {
        "calls": {"shape": "call", "least": 1, "most": 2, "about": "The calls."},
        "plan": {"shape": "plan", "about": "The plan."},
    }
    made["facts"]["visits"] |= {"computed_from": ["calls", "plan.first.done"]}
    return made


def refused(made: dict[str, Any]) -> str:
    with pytest.raises(RulebookError) as caught:
        toy_area(made)
    return str(caught.value)


SAME_CALLS = SimpleNamespace(first=None)


def contradictions(case: Any) -> Iterator[tuple[str, str]]:
    if case.plan is SAME_CALLS:
        yield "these calls are the same", "calls[1]"


AREA = toy_area(content(), AreaSpec("toy", SimpleNamespace, contradictions=contradictions))
ENGINES = {"python": python.compile_area(AREA), "reference": reference.compile_area(AREA)}


def call(**facts: Any) -> SimpleNamespace:
    return SimpleNamespace(**{"at": time(9), "whom": "A", "done": None, "on": None, **facts})


def case(area: Area = AREA, **facts: Any) -> SimpleNamespace:
    names = [name for name in area.facts if name != "on"]
    return SimpleNamespace(**{**dict.fromkeys([*names, "members", "calls", "plan"]), **facts})


def problems(engine: str, **facts: Any) -> list[str]:
    with pytest.raises(CaseError) as caught:
        ENGINES[engine](case(**facts), ON)
    return [str(problem) for problem in caught.value.problems]


def test_a_rules_file_describes_records() -> None:
    calls, plan = AREA.records["calls"], AREA.records["plan"]

    assert (calls.least, calls.most, plan.most) == (1, 2, None)
    assert calls.facts["at"].required
    assert plan.records["first"].facts == calls.facts
    assert AREA.facts["visits"].computed_from == ("calls", "plan.first.done")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda made: made["records"]["plan"].update(shape="plam"), "did you mean `plan`?"),
        (
            lambda made: made["shapes"]["plan"]["records"]["first"].update(shape="plan"),
            "`plan` is not a shape above",
        ),
        (lambda made: made["records"]["calls"].update(least=3), "`least` must be from 0 to `most`"),
        (lambda made: made["facts"]["visits"].pop("computed_from"), "`calls` is not used"),
        (
            lambda made: made["facts"].update(x={"type": "time", "about": "x."}),
            "only a record can contain a time: rules cannot use it",
        ),
        (
            lambda made: made["parameters"]["reading"].update(type="time"),
            "a figure cannot be a time: only a record can contain one",
        ),
        (
            lambda made: made["facts"]["ended"].update(required=True),
            "only a fact of a record can be `required`",
        ),
        (
            lambda made: made["shapes"]["call"]["facts"]["on"].update(only_if="at"),
            "`only_if` must name a true-or-false fact, not `at`",
        ),
        (
            lambda made: made["facts"]["visits"].update(default=1),
            "a computed fact cannot have a `default`",
        ),
        (
            lambda made: made["assume"]["ends_after_start"].update(at="plam.first"),
            "`at` must name a fact",
        ),
    ],
)
def test_a_mistake_in_records_is_refused(change: Any, message: str) -> None:
    made = content()
    change(made)

    assert message in refused(made)


def test_an_assumption_may_name_a_place_in_a_record() -> None:
    made = content()
    made["assume"]["ends_after_start"]["at"] = "plan.first.on"
    area = toy_area(made)

    with pytest.raises(CaseError, match=r"it ends before it starts @ \$.plan.first.on"):
        python.compile_area(area)(
            case(ended=True, ended_on=date(2023, 1, 1), started_on=date(2023, 1, 2)), ON
        )


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("facts", "problem"),
    [
        ({"calls": "text"}, "must be a list of 1 to 2 @ $.calls"),
        ({"calls": []}, "must be a list of 1 to 2 @ $.calls"),
        ({"calls": [call()] * 3}, "must be a list of 1 to 2 @ $.calls"),
        ({"calls": [call(), 7]}, "must be an object with at, whom, done, on @ $.calls[1]"),
        ({"calls": [call(at=None)]}, "must be given: a time of day from 00:00 to 23:59, as HH:MM @ $.calls[0].at"),
        ({"calls": [call(at="9:00")]}, "`9:00` is not allowed: it must be a time of day"),
        ({"calls": [call(at=time(9, 0, 1))]}, "`09:00:01` is not allowed"),
        ({"calls": [call(at=time(9, tzinfo=UTC))]}, "is not allowed: it must be a time of day"),
        ({"calls": [call(at=datetime(2024, 1, 1, tzinfo=UTC))]}, "@ $.calls[0].at"),
        ({"calls": [call(whom="")]}, "must be text of 1 to 200 characters on one line"),
        ({"calls": [call(whom=7)]}, "@ $.calls[0].whom"),
        ({"calls": [call(on=ON)]}, "is given, so `done` must be true @ $.calls[0].on"),
        ({"plan": call()}, "must be an object with first @ $.plan"),
        ({"plan": SimpleNamespace(first=call(done=1))}, "`1` is not allowed: it must be true or false @ $.plan.first.done"),
    ],
)  # fmt: skip
def test_a_bad_record_is_refused_with_its_path(
    engine: str, facts: dict[str, Any], problem: str
) -> None:
    assert any(problem in one for one in problems(engine, **facts))


@pytest.mark.parametrize("engine", ENGINES)
def test_free_text_is_never_repeated(engine: str) -> None:
    (problem,) = problems(engine, calls=[call(whom="secret\x07")])

    assert "secret" not in problem


@pytest.mark.parametrize("engine", ENGINES)
def test_problems_of_facts_and_records_and_contradictions_are_listed_together(engine: str) -> None:
    dated = {"ended": True, "ended_on": date(2023, 1, 1), "started_on": date(2023, 1, 2)}

    found = problems(engine, **dated, calls=[call(at=7)], visits=99, plan=SAME_CALLS)

    # Facts computed from bad records mean nothing, so they are not checked.
    assert [one.rpartition(" @ ")[2] for one in found] == [
        "$.calls[0].at",
        "$.calls[1]",
        "$.ended_on",
    ]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_good_record_is_accepted(engine: str) -> None:
    good = case(calls=(call(done=True, on=ON),), plan=SimpleNamespace(first=None), visits=1)

    assert ENGINES[engine](good, ON)


def test_computed_facts_are_checked_too() -> None:
    assert problems("python", visits=99) == [
        "`99` is not allowed: it must be a whole number from 0 to 50 @ $.visits"
    ]
