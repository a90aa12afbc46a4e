"""One meaning: every engine gives the reference interpreter's answer, and filling in never flips one.

Each law is held on some hundreds of cases from a fixed seed, and by Hypothesis on others;
`make assure` holds them on as many as there is time for.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import date
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import timetables
from generate import case_of, fill, places_of, question_day, unknowns_of, value_of
from probation_rules.engines import CANNOT_TELL, NO_STAGE, Codes, durable, python, reference
from probation_rules.errors import CaseError
from probation_rules.language.interpret import Bounds
from probation_rules.rulebook import shipped
from probation_rules.rulebook.model import Area, Rule
from probation_rules.rulebook.validity import interpreter_for
from second_opinion import CAN_HAVE, needs_durable
from toy import toy_area

LIMIT_ENDS = {"twelve_month_limit_ends_on": date(2026, 9, 1)}
AREAS = {
    **shipped().areas,
    "unpaid-work, limit's end set": shipped().with_settings(LIMIT_ENDS).area("unpaid-work"),
    "toy": toy_area(),
}
DECIDE = {name: python.compile_area(area) for name, area in AREAS.items()}
REFERENCE = {name: reference.compile_area(area) for name, area in AREAS.items()}
SECOND = {name: durable.compile_area(area) for name, area in AREAS.items() if CAN_HAVE}
VALUES = {name: python.compile_values(area) for name, area in AREAS.items()}
SEED = 20261121
Law = Callable[[str, Random], bool]


def decided(decide: Any, case: Any, on: date) -> Codes | str:
    """The codes, or the problems in words."""
    try:
        codes: Codes = decide(case, on)
    except CaseError as error:
        return str(error)
    return codes


def engines_agree(name: str, random: Random) -> bool:
    """The engine gives the interpreter's codes, and refuses what it refuses, in the same words."""
    area = AREAS[name]
    case, on = case_of(random, area), question_day(random, area)
    found = decided(DECIDE[name], case, on)

    assert found == decided(REFERENCE[name], case, on), (case, on)

    return not isinstance(found, str)


def second_opinion_agrees(name: str, random: Random) -> bool:
    """durable_rules decides, and refuses, what python does."""
    area = AREAS[name]
    case, on = case_of(random, area), question_day(random, area)
    found = decided(DECIDE[name], case, on)

    assert found == decided(SECOND[name], case, on), (case, on)

    return not isinstance(found, str)


def values_agree(name: str, random: Random) -> bool:
    """The engine works out the interpreter's derived facts and parameters."""
    area = AREAS[name]
    case, on = case_of(random, area), question_day(random, area)
    if isinstance(decided(REFERENCE[name], case, on), str):
        return False
    interpreter = interpreter_for(area, case, on)

    found = VALUES[name](case, on)

    for each, node in area.definitions.items():
        value = interpreter.value(node)
        assert found[each] == (None if isinstance(value, Bounds) else value), (each, case, on)
    return True


def filling_in_flips_nothing(name: str, random: Random) -> bool:
    """A definite outcome, or stage, stays what it is whatever an unknown turns out to be."""
    area = AREAS[name]
    case, on = case_of(random, area), question_day(random, area)
    before, unknowns = decided(DECIDE[name], case, on), unknowns_of(area, case)
    if isinstance(before, str) or not unknowns:
        return False
    for path in unknowns:
        filled = copy.deepcopy(case)
        holder, fact = places_of(area, filled)[path]
        fill(holder, fact.name, value_of(random, fact))
        after = decided(DECIDE[name], filled, on)
        if not isinstance(after, str):
            for rule, old, new in zip(area.rules, before[:-1], after[:-1], strict=True):
                assert old in (CANNOT_TELL, new), (rule.id, path, case, on)
            assert before[-1] in (NO_STAGE, after[-1]), (path, case, on)
    return True


def one_stage_holds(name: str, random: Random) -> bool:
    """Exactly one stage holds of a complete case, unless an open parameter leaves it open."""
    area = AREAS[name]
    case, on = case_of(random, area, unknown=0), question_day(random, area)
    if isinstance(decided(REFERENCE[name], case, on), str):
        return False
    interpreter = interpreter_for(area, case, on)
    holding = [interpreter.value(stage.lowered) for stage in area.stages.values()]
    if None in holding:
        needs = {one for stage in area.stages.values() for one in interpreter.needs(stage.lowered)}
        assert all(area.parameters[one].open for one in needs), (needs, case, on)
    else:
        assert holding.count(True) == 1, (holding, case, on)
    return True


def needs_lead_to_an_answer(name: str, random: Random) -> bool:
    """What `needs` names is unknown, and naming goes on until the outcome is decided."""
    area = AREAS[name]
    case, on = case_of(random, area, unknown=0.5), question_day(random, area)
    rule = area.rules[place := random.randrange(len(area.rules))]
    while not isinstance(codes := decided(DECIDE[name], case, on), str):
        waiting = undecided(area, rule, case, on)
        if waiting is None:
            assert codes[place] != CANNOT_TELL, (rule.id, case, on)
            return True
        assert codes[place] == CANNOT_TELL, (rule.id, case, on)
        assert waiting, "what cannot be told must say what it needs"
        places = places_of(area, case)
        for path in waiting:
            if path in places:
                holder, fact = places[path]
                assert getattr(holder, fact.name) is None, path
                fill(holder, fact.name, value_of(random, fact))
            elif area.members is not None and path == area.members.name:
                fill(case, path, [])
            elif path in area.records:
                fill(case, path, timetables.week(random))
            else:
                assert path in area.parameters, path
        if set(waiting) <= set(area.parameters):
            return True
    return False


def undecided(area: Area, rule: Rule, case: Any, on: date) -> tuple[str, ...] | None:
    """What a rule's outcome waits for; ``None`` if it is decided."""
    interpreter = interpreter_for(area, case, on)
    gate = interpreter.value(rule.gate)
    waiting = rule.gate if gate is None else rule.lowered_condition
    if gate is False or interpreter.value(waiting) is not None:
        return None
    return interpreter.needs(waiting)


LAWS: dict[Law, int] = {
    engines_agree: 800,
    second_opinion_agrees: 400,
    values_agree: 300,
    filling_in_flips_nothing: 200,
    one_stage_holds: 300,
    needs_lead_to_an_answer: 300,
}
EVERY = [
    pytest.param(
        law,
        name,
        id=f"{law.__name__}-{name}",
        marks=needs_durable if law is second_opinion_agrees else (),
    )
    for law in LAWS
    for name in AREAS
    if law is not one_stage_holds or AREAS[name].stages
]
every = pytest.mark.parametrize(("law", "name"), EVERY)


@every
def test_the_law_holds_on_seeded_cases(law: Law, name: str) -> None:
    random = Random(SEED)

    judged = sum(law(name, random) for _ in range(LAWS[law]))

    assert judged > LAWS[law] / 20, "nearly every case was refused: nothing was tested"


@every
@settings(max_examples=15, deadline=None)
@given(random=st.randoms(use_true_random=False))
def test_the_law_holds_on_what_hypothesis_finds(law: Law, name: str, random: Random) -> None:
    law(name, random)
