"""The road map: case -> facts -> outcomes -> report.

A case goes to an engine, which refuses it or returns outcome codes; the report turns codes into
findings when they are asked for. Nothing here reads the clock, a file or the network.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from importlib import import_module
from typing import Any

import attrs

from probation_rules.areas import CASE_TYPES, area_of
from probation_rules.engines import Decide
from probation_rules.engines.python import Values, compile_values
from probation_rules.errors import CaseError, EngineUnavailable, Problem, did_you_mean
from probation_rules.report import Report
from probation_rules.rulebook import Rulebook, shipped
from probation_rules.rulebook.model import Area
from probation_rules.rulebook.validity import fault

ENGINES = {
    "python": "probation_rules.engines.python",
    "reference": "probation_rules.engines.reference",
}

_NOTHING: Mapping[str, Any] = {}
_AREA_OF: dict[type, str] = {case_type: name for name, case_type in CASE_TYPES.items()}


def check(
    case: object,
    *,
    on: date,
    engine: str = "python",
    rulebook: Rulebook | None = None,
    assuming: Mapping[str, Any] | None = None,
    settings: Mapping[str, Any] | None = None,
) -> Report:
    """Ask every rule of the case's area about it.

    Args:
        case: An object of a case class, such as `UnpaidWorkOrder`.
        on: The day the question is asked about. It counts as a whole day.
        engine: `python`, or `reference` for the slow interpreter that defines the meaning.
        rulebook: The rules to go by; the shipped ones if not given.
        assuming: Values for facts that the case leaves unknown: the caller's word, listed in the
            report and marked on every finding that they decided.
        settings: Values for open parameters, for this call.

    Returns:
        The report. Its outcomes are known already; findings and texts are made when asked for.

    Raises:
        CaseError: The case cannot be judged as given; every problem is listed.
        NotInForce: The day is before the first one that the area's rules cover.
        RulebookError: A setting is not allowed.
        EngineUnavailable: There is no such engine, or it cannot run here.
    """
    name = _AREA_OF.get(type(case)) or area_of(case)
    book = shipped() if rulebook is None else rulebook
    if settings:
        book = book.with_settings(settings)
    area, decide, values = _compiled(book, name, engine)
    filled = _NOTHING
    if assuming:
        case, filled = _assume(area, case, assuming)
    return Report(case, on, engine, filled, area, book, decide(case, on), values)


def _compiled(book: Rulebook, area_name: str, engine: str) -> tuple[Area, Decide, Values]:
    """Return an area with its compiled functions, made once a rulebook."""
    key = (area_name, engine)
    found: tuple[Area, Decide, Values] | None = book.compiled.get(key)
    if found is None:
        if engine not in ENGINES:
            hint = did_you_mean(engine, ENGINES) or f"; known are {', '.join(ENGINES)}"
            raise EngineUnavailable(f"there is no engine `{engine}`{hint}")
        area = book.area(area_name)
        decide: Decide = import_module(ENGINES[engine]).compile_area(area)
        found = book.compiled[key] = (area, decide, compile_values(area))
    return found


def _assume(area: Area, case: Any, assuming: Mapping[str, Any]) -> tuple[Any, Mapping[str, Any]]:
    """Return the case with unknown facts filled in, and what was filled."""
    problems = []
    for name, value in assuming.items():
        fact = area.facts.get(name)
        if fact is None or name == "on":
            hint = did_you_mean(name, area.facts)
            problems.append(Problem(f"there is no fact `{name}` to assume{hint}", "assuming"))
        elif value is None:
            problems.append(Problem(f"an assumption must be {fact.allowed}", f"assuming {name}"))
        elif text := fault(fact, value):
            problems.append(Problem(text, f"assuming {name}"))
    if problems:
        raise CaseError(problems)
    # A fact whose absence means something is not unknown.
    filled = {
        name: value
        for name, value in assuming.items()
        if getattr(case, name) is None and area.facts[name].default is None
    }
    return (attrs.evolve(case, **filled) if filled else case), filled
