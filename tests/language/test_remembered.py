"""Needs from the cache are the same as those that a search of the same case finds."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

import probation_rules as pr
from probation_rules.language import interpret
from probation_rules.language.interpret import Interpreter, Remembered
from probation_rules.language.tree import And, Compare, Constant, If, Name, Type
from probation_rules.rulebook.model import Area
from probation_rules.rulebook.validity import interpreter_for
from support.generate import question

AREAS = list(pr.rulebook().areas.values())


def different(area: Area, seed: int, cases: int) -> list[tuple[Any, ...]]:
    """Return the random cases whose cached needs differ from those of a search."""
    random = Random(seed)
    found: list[tuple[Any, ...]] = []
    for _ in range(cases):
        case, on = question(random, area, unknown=0.3)
        means = interpreter_for(area, area.facts_of(case), on)
        fresh = interpreter_for(area, area.facts_of(case), on)
        for rule in area.rules:
            fresh.remembered = Remembered()
            nodes = rule.gate, rule.lowered_condition
            if means.needs(*nodes) != fresh.needs(*nodes):
                found.append((rule.id, case, on))
    return found


@pytest.mark.parametrize("area", AREAS, ids=lambda area: area.name)
def test_cases_with_the_same_answers_have_the_needs_of_a_search(area: Area) -> None:
    assert different(area, seed=3, cases=40) == []


def test_a_full_cache_is_emptied_and_gives_the_needs_of_a_search(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    area = pr.rulebook().area("unpaid-work")
    monkeypatch.setitem(area.compiled, "needs", Remembered(room=30))
    monkeypatch.setattr(interpret, "MOST_LOOKS", 30)
    assert different(area, seed=4, cases=20) == []


def test_needs_of_an_equal_case_come_from_the_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    area = pr.rulebook().area("unpaid-work")
    case, on = question(Random(5), area, unknown=1.0)
    first, second = (interpreter_for(area, area.facts_of(case), on) for _ in range(2))
    found = first.needs(area.rules[0].gate)
    monkeypatch.setattr(interpret, "_Needs", None)
    assert second.needs(area.rules[0].gate) == found != ()


def test_a_known_value_that_decides_the_needs_is_part_of_the_cache_key() -> None:
    number, yes_or_no = Type("int"), Type("bool")
    done, opened = Name(yes_or_no, "done"), Name(yes_or_no, "opened")
    least = If(number, done, Constant(number, 3), Constant(number, 5))
    enough = Compare(yes_or_no, "<=", least, Name(number, "minutes"))
    both, kept = And(yes_or_no, (enough, opened)), Remembered()

    def needs(minutes: int) -> tuple[str, ...]:
        means = Interpreter({"done": None, "opened": None, "minutes": minutes}, {})
        means.remembered = kept
        return means.needs(both)

    assert [needs(4), needs(9), needs(4)] == [("done", "opened"), ("opened",), ("done", "opened")]
