"""A cross-check: `python` and `durable` both decide. If they differ, an error is raised."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date

from probation_rules.engines import OUTCOMES, Codes, Decide, Outcome, durable, python
from probation_rules.errors import CaseError, EngineDisagreement, NotInForce, ProbationRulesError
from probation_rules.rulebook.model import Area, Fact
from probation_rules.rulebook.validity import fault


def compile_area(area: Area) -> Decide:
    """Return the function that decides cases of an area with both engines.

    Raises:
        MissingExtra: The engine `durable` is not installed.
        InputError: The engine `durable` cannot run this area's rules.
    """
    engines = python.compile_area(area), durable.compile_area(area)

    def decide(case: object, on: date) -> Codes:
        first, second = (_answer(engine, case, on) for engine in engines)
        if str(first) != str(second):  # refusals are equal if their texts are
            raise EngineDisagreement(_difference(area, case, on, first, second))
        if isinstance(first, Exception):
            raise first
        return first

    return decide


def _answer(engine: Decide, case: object, on: date) -> Codes | ProbationRulesError:
    """Return the codes, or the error: a bad case, or an engine that contradicts itself."""
    try:
        return engine(case, on)
    except (CaseError, NotInForce, EngineDisagreement) as refusal:
        return refusal


def _difference(
    area: Area, case: object, on: date, first: Codes | Exception, second: Codes | Exception
) -> str:
    """Return a message with the differences, rule by rule, and the case."""
    facts = json.dumps(_facts(area, case), default=str)
    return (
        f"the engines `python` and `durable` disagree on {area.name}, on {on}:"
        f" {'; '.join(_pairs(area, first, second))}; the case is {facts}"
    )


def _pairs(area: Area, first: Codes | Exception, second: Codes | Exception) -> Iterator[str]:
    """Yield each difference, with the answer of `python` and then of `durable`."""
    if isinstance(first, Exception) or isinstance(second, Exception):
        texts = [
            "answered" if isinstance(one, tuple) else f"refused ({one})" for one in (first, second)
        ]
        yield f"the case is {texts[0]} and {texts[1]}"
        return
    for rule, one, other in zip(area.rules, first[:-1], second[:-1], strict=True):
        if one != other:
            yield f"{rule.id} is {OUTCOMES[one]} and {OUTCOMES[other]}"
    stages = [*area.stages, Outcome.CANNOT_TELL]  # the last is at index `NO_STAGE`
    if first[-1] != second[-1]:
        yield f"the stage is {stages[first[-1]]} and {stages[second[-1]]}"


def _facts(area: Area, case: object) -> dict[str, object]:
    """Return the valid facts of a case, without reference, notes and texts of records."""
    # Of a record, rules use only the facts that are computed from it.
    found = _allowed(area.facts if area.records else area.input_facts, case)
    members = area.members and getattr(case, area.members.name)
    if area.members is not None and isinstance(members, list | tuple):
        found[area.members.name] = [_allowed(area.members.facts, one) for one in members]
    return found


def _allowed(facts: Mapping[str, Fact], case: object) -> dict[str, object]:
    said = {name: getattr(case, name, None) for name in facts}
    return {
        name: value
        for name, value in said.items()
        if value is not None and fault(facts[name], value) is None
    }
