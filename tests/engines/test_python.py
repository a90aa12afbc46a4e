"""The engine `python` on the toy area. `test_agreement.py` checks it on every area."""

from __future__ import annotations

import copy
from datetime import date
from random import Random

import pytest

from probation_rules.engines import Codes, Decide, python, reference
from probation_rules.errors import CaseError
from probation_rules.language.interpret import Bounds
from probation_rules.rulebook.validity import interpreter_for
from support.generate import question, spoilt
from support.toy import raw, toy_area

AREA = toy_area()
SEED = 20261121


def decided(decide: Decide, case: object, on: date) -> Codes | str:
    try:
        return decide(case, on)
    except CaseError as error:
        return str(error)


def test_it_gives_the_answers_and_refusals_of_the_interpreter() -> None:
    random = Random(SEED)
    decide, means = python.compile_area(AREA), reference.compile_area(AREA)
    for _ in range(250):
        case, on = question(random, AREA)
        for asked in (case, spoilt(random, AREA, copy.deepcopy(case))):
            assert decided(decide, asked, on) == decided(means, asked, on), (asked, on)


def test_it_computes_the_values_of_the_interpreter() -> None:
    random = Random(SEED)
    decide, values = reference.compile_area(AREA), python.compile_values(AREA)
    for _ in range(250):
        case, on = question(random, AREA)
        if not isinstance(decided(decide, case, on), str):
            means, found = interpreter_for(AREA, case, on), values(case, on)
            for name, node in AREA.definitions.items():
                value = means.value(node)
                known = None if isinstance(value, Bounds) else value
                assert found[name] == known, (name, case, on)


@pytest.mark.parametrize(
    "condition",
    [
        "not (ended and visits > 1)",
        "not (ended or kind == 'light')",
        "not (learners <= helpers)",
        "not (ended if on >= turning_day else on <= closing_day)",
        "not (on <= closing_day if on >= turning_day else ended)",
        "not (on >= turning_day if visits > 1 else on <= closing_day)",
        "not (learners <= helpers and on <= closing_day)",
        "max(0, 1, visits) > 1",
        "max(visits, 1) > 1",
        "min(visits, 1) == 1",
    ],
)
def test_an_unknown_is_checked_at_every_depth(condition: str) -> None:
    content = raw()
    content["rules"]["toy.learners"] |= {"must": condition, "not_met": "not so"}
    area, random = toy_area(content), Random(SEED)
    decide, means = python.compile_area(area), reference.compile_area(area)
    for _ in range(100):
        case, on = question(random, area, unknown=0.4)
        assert decided(decide, case, on) == decided(means, case, on), (case, on)
