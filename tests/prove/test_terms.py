"""The translation for the solver agrees with the reference interpreter, or is refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import product
from random import Random
from typing import Any

import pytest
import z3

from probation_rules.errors import CaseError
from probation_rules.language import dates
from probation_rules.language.tree import (
    And,
    Compare,
    Constant,
    Count,
    Name,
    Node,
    Type,
    Value,
)
from probation_rules.rulebook import shipped
from probation_rules.rulebook.model import Area
from probation_rules.rulebook.validity import record, require_valid, scaled
from prove import prove
from prove.claims import CannotProve
from prove.terms import (
    Case,
    Day,
    Terms,
    add_months,
    day_of,
    last_day,
)
from support.generate import case_of, question_day, value_of
from support.toy import raw, toy_area

AREAS = {**shipped().areas, "toy": toy_area()}
SEED = 20261121
BOOL, NUMBER = Type("bool"), Type("int")


# --- what cannot be translated -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "says"),
    [
        ("grade == 'lead' and share > slack", "a count looks at `share`"),
        ("settled and visits <= most_visits", "a figure that is unknown on some days"),
    ],
)
def test_a_count_that_cannot_be_translated_is_said(condition: str, says: str) -> None:
    counted = {"is": f"count(members, {condition})", "unit": "person", "about": "Some."}
    few = {"is": "some_members > 1", "about": "Few."}
    content = raw()
    content["derived"] |= {"some_members": counted, "few": few}
    area = toy_area(content)
    with pytest.raises(CannotProve, match=says):
        Terms(area).term(area.definitions["few"])


def test_too_many_kinds_of_member_are_said() -> None:
    content = raw()
    content["members"]["facts"]["grade"]["values"] += [f"grade_{one}" for one in range(130)]
    with pytest.raises(CannotProve, match="266 kinds of member in toy; at most 256"):
        list(prove(toy_area(content)))


# --- the translation ---------------------------------------------------------------------------


def random_case(random: Random, area: Area) -> Case | None:
    """A complete case with values for open parameters, or none if it came out as bad input."""
    made, on = case_of(random, area, unknown=0), question_day(random, area)
    try:
        require_valid(area, area.facts_of(made), on)
    except CaseError:
        return None
    facts = {**record(area.facts, area.facts_of(made)), "on": on}
    for name, fact in area.facts.items():
        # Facts that depend on a region's list are free here, as they are for the solver.
        if area.name == "framework" and fact.computed_from:
            facts[name] = value_of(random, fact)
    for name, one in area.parameters.items():
        if one.open:
            value = value_of(random, one.as_fact)
            facts[name] = scaled(one.as_fact, value) if one.type.places else value
    if area.members is None:
        return Case(facts, None)
    members = getattr(made, area.members.name)
    return Case(facts, tuple(record(area.members.facts, one) for one in members))


def nodes(area: Area) -> Iterator[tuple[str, Node]]:
    yield from area.definitions.items()
    yield from ((one.name, one.lowered) for one in area.stages.values())
    yield from ((one.name, one.lowered) for one in area.assumptions)
    for one in area.rules:
        yield f"gate of {one.id}", one.gate
        yield one.id, one.lowered_condition


def read(model: Any, terms: Terms, node: Node) -> Any:
    term = terms.term(node)
    known = term.known is True or z3.is_true(model.eval(term.known, model_completion=True))
    return terms.read(model, term, node.type) if known else None


def fixed(terms: Terms, case: Case) -> Iterator[Any]:
    """That the inputs are those of one case: each fact, and how many members there are of each kind."""
    area = terms.area
    for name, value in case.facts.items():
        if name in area.facts:
            node: Node = Name(area.facts[name].type, name)
        else:
            node = Constant(area.parameters[name].type, None, name)
        if value is not None:
            yield terms.held(same(node, value))
    if area.members is None:
        return
    facts = {name: Name(one.type, name, True) for name, one in area.members.facts.items()}
    kinds = [one for one in facts.values() if one.type.kind != "int"]
    totals = [one for one in facts.values() if one.type.kind == "int"]
    choices: list[tuple[Value, ...]] = [one.type.codes or (False, True) for one in kinds]
    for key in product(*choices):
        of_kind = And(BOOL, tuple(same(one, word) for one, word in zip(kinds, key, strict=True)))
        alike = [
            member
            for member in case.members or ()
            if key == tuple(member[one.name] for one in kinds)
        ]
        yield terms.held(same(Count(NUMBER, area.members.name, of_kind), len(alike)))
        for one in totals:
            total = sum(int(str(member[one.name])) for member in alike)
            yield terms.held(same(Count(NUMBER, area.members.name, of_kind, one), total))


def same(node: Node, value: Value) -> Node:
    return Compare(BOOL, "==", node, Constant(node.type, value))


@pytest.mark.parametrize("name", AREAS)
def test_the_translation_gives_the_interpreters_values(name: str) -> None:
    area, random = AREAS[name], Random(SEED)
    terms = Terms(area)
    every, cases = list(nodes(area)), 0
    while cases < 10:
        case = random_case(random, area)
        if case is None:
            continue
        cases += 1
        solver = z3.Solver()
        solver.add(*terms.given, *terms.assumed, *fixed(terms, case))
        assert solver.check() == z3.sat, case
        model, interpreter = solver.model(), terms.interpreter(case)
        back = terms.interpreter(terms.case(model))
        for label, node in every:
            wanted = interpreter.value(node)
            assert read(model, terms, node) == wanted, (label, case)
            assert back.value(node) == wanted, (label, case)


def test_months_and_days_are_counted_as_the_library_counts_them() -> None:
    random = Random(SEED)

    def day(found: date) -> Day:
        return Day(z3.IntVal(found.year * 12 + found.month - 1), z3.IntVal(found.day))

    def seen(found: Day) -> date:
        month = z3.simplify(found.month).as_long()
        return date(month // 12, month % 12 + 1, z3.simplify(found.day).as_long())

    leap_days = [date(year, 2, 29) for year in (2000, 2024)]
    starts = [date(1900, 1, 1) + timedelta(random.randrange(73_000)) for _ in range(200)]
    for start in [*starts, *leap_days, date(2100, 2, 28), date(1900, 2, 28), date(2025, 8, 31)]:
        months, days = random.randrange(-30, 40), random.randrange(-2000, 2000)
        other = dates.add_days(start, days)
        assert seen(add_months(day(start), months)) == dates.add_months(start, months)
        assert seen(last_day(day(start), months)) == dates.last_day(start, months)
        assert seen(day_of(day(start).number + days)) == other
        assert z3.simplify(day(other).number - day(start).number).as_long() == days
