"""Check a case: kinds, ranges, code words and the conditions that must not be false.

Engines refuse a bad case quickly. This module then lists everything that is wrong with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, time
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any, cast
from unicodedata import category

from probation_rules.errors import CaseError, InputError, NotInForce, Problem, did_you_mean
from probation_rules.language.interpret import Interpreter, Record
from probation_rules.language.tree import Value
from probation_rules.quoting import shown
from probation_rules.rulebook.model import (
    BOOLS,
    LONGEST_TEXT,
    Area,
    Fact,
    Members,
    Parameter,
    Records,
)

_MOST_PLACES = 100
SAME = "must be the same in all rows of the case"


def require_day(area: Area, on: object) -> None:
    """Refuse a day that the area's rules do not cover.

    Raises:
        InputError: `on` is not a date, or is too late.
        NotInForce: `on` is before the first day that the rules cover.
    """
    fact = area.facts["on"]
    if type(on) is not date:
        raise InputError([Problem("the day asked about must be a date without a time", "on")])
    if on < fact.min:  # type: ignore[operator]
        raise NotInForce(f"{on} is too early: the rules of {area.name} cover days from {fact.min}")
    if on > fact.max:  # type: ignore[operator]
        raise InputError([Problem(f"the day asked about must be {fact.allowed}", "on")])


def require_valid(area: Area, case: object, on: date) -> None:
    """Refuse a case that cannot be checked against the rules.

    Raises:
        CaseError: The case has problems; the error lists all of them.
        NotInForce: The day is before the first day that the rules cover.
    """
    require_day(area, on)
    found = list(problems(area, case, on))
    if found:
        raise CaseError(found)


def problems(area: Area, case: object, on: date | None) -> Iterator[Problem]:
    """Yield every problem of a case on a day, or on all days if `on` is ``None``."""
    found = list(
        _faults(area.input_facts, {name: getattr(case, name) for name in area.input_facts}, "$")
    )
    members: Any = area.members and getattr(case, area.members.name)
    if area.members is not None and members is not None:
        path = f"$.{area.members.name}"
        if wrong := list_fault(area.members, members):
            found.append(Problem(wrong, path))
        else:
            for place, member in enumerate(members):
                of_member = {name: getattr(member, name, None) for name in area.members.facts}
                found += _faults(area.members.facts, of_member, f"{path}[{place}]")
    yield from found
    inside = list(faults_of_records(area.records, case, "$"))
    yield from inside
    yield from _contradictions_of_records(area, case)
    if not found:
        yield from _contradictions(area, case, on, computed=not inside)


def _contradictions(
    area: Area, case: object, on: date | None, *, computed: bool
) -> Iterator[Problem]:
    """Yield contradictions between facts that are valid by themselves.

    If `computed` is false, facts computed from records are left out, because the records are bad.
    """
    facts = {name: fact for name, fact in area.facts.items() if fact.computed_from is not None}
    if computed:
        yield from _faults(facts, {name: getattr(case, name) for name in facts}, "$")
    interpreter = interpreter_for(area, case, on)
    if not computed:
        interpreter.facts = {**interpreter.facts, **dict.fromkeys(facts)}
    for assumption in area.assumptions:
        if interpreter.value(assumption.lowered) is False:
            yield Problem(assumption.message, f"$.{assumption.at}")


def _faults(
    facts: Mapping[str, Fact], values: Mapping[str, object], path: str
) -> Iterator[Problem]:
    for name, fact in facts.items():
        value = values[name]
        if value is None:
            if fact.required:
                yield Problem(f"must be given: {fact.allowed}", f"{path}.{name}")
            continue
        if text := fault(fact, value):
            yield Problem(text, f"{path}.{name}")
        elif fact.only_if is not None and values[fact.only_if] is not True:
            yield Problem(_only_if_text(fact), f"{path}.{name}")


def problems_of_records(area: Area, case: object) -> Iterator[Problem]:
    """Yield the problems of the records of a case, and the contradictions between them."""
    yield from faults_of_records(area.records, case, "$")
    yield from _contradictions_of_records(area, case)


def _contradictions_of_records(area: Area, case: object) -> Iterator[Problem]:
    """Yield contradictions between records that are valid by themselves."""
    if area.spec.contradictions is not None:
        for text, where in area.spec.contradictions(case):
            yield Problem(text, f"$.{where}")


def faults_of_records(
    records: Mapping[str, Records], holder: object, path: str
) -> Iterator[Problem]:
    """Yield the problems of each record by itself."""
    for name, held in records.items():
        value, where = getattr(holder, name), f"{path}.{name}"
        if value is None:
            continue
        if held.most is None:
            yield from _faults_of_record(held, value, where)
        elif wrong := list_fault(held, value):
            yield Problem(wrong, where)
        else:
            for place, item in enumerate(cast("Sequence[object]", value)):
                yield from _faults_of_record(held, item, f"{where}[{place}]")


def _faults_of_record(held: Records, value: object, path: str) -> Iterator[Problem]:
    names = [*held.facts, *held.records]
    if not all(hasattr(value, name) for name in names):
        yield Problem(f"must be an object with {', '.join(names)}", path)
        return
    yield from _faults(held.facts, {name: getattr(value, name) for name in held.facts}, path)
    yield from faults_of_records(held.records, value, path)


def fault(fact: Fact, value: object) -> str | None:
    """Return the problem of a known value of a fact, or ``None`` if the value is valid."""
    match fact.kind:
        case "bool":
            good = type(value) is bool
        case "code":
            good = isinstance(value, str) and value in fact.type.codes
        case "int":
            good = type(value) is int and fact.min <= value <= fact.max  # type: ignore[operator]
        case "date":
            good = type(value) is date and fact.min <= value <= fact.max  # type: ignore[operator]
        case "time":
            good = type(value) is time and value == time(value.hour, value.minute)
        case "text":
            return None if is_text(value) else f"must be {fact.allowed}"
        case _:  # an exact decimal
            good = scaled(fact, value) is not None
    if good:
        return None
    if isinstance(value, str) and value in fact.refused:
        return fact.refused[value]
    hint = did_you_mean(value, fact.type.codes) if isinstance(value, str) else ""
    words = BOOLS if fact.kind == "bool" else fact.type.codes
    return (
        f"{shown(value, fact.kind, words)} is not allowed{hint or f': it must be {fact.allowed}'}"
    )


def fault_texts(facts: Mapping[str, Fact]) -> dict[str, tuple[str, str, str]]:
    """Return three messages for each fact: a value not allowed, a date that may not exist, two values."""
    return {
        name: (
            f"must be {fact.allowed} @ {name}",
            f"{_only_if_text(fact)} @ {name}",
            f"{SAME} @ {name}",
        )
        for name, fact in facts.items()
    }


def _only_if_text(fact: Fact) -> str:
    return f"is given, so `{fact.only_if}` must be true"


def list_fault(held: Members | Records, value: object) -> str | None:
    """Return the problem of a known list of members or records, or ``None`` if the list is valid."""
    if isinstance(value, list | tuple) and held.least <= len(value) <= cast("int", held.most):
        return None
    return list_text(held)


def list_text(held: Members | Records) -> str:
    """Return the message for a value that is not a list, or has too few or too many items."""
    return f"must be a list of {held.least} to {held.most}"


def setting_fault(parameter: Parameter, value: object) -> str | None:
    """Return why a caller may not give a parameter this value, or ``None`` if that is allowed."""
    if parameter.may_be_replaced and not parameter.may_be_set:
        return "only a region's own rulebook can give this parameter a value"
    if not parameter.may_be_set:
        return (
            f"this parameter comes from a {parameter.basis} source, so a setting cannot change it"
        )
    return fault(parameter.as_fact, value)


def is_text(value: object) -> bool:
    """Return whether a value is text that may be shown: short, one line, no invisible characters."""
    if not isinstance(value, str) or not 1 <= len(value) <= LONGEST_TEXT:
        return False
    # Unassigned characters are allowed, because Python and DuckDB use different Unicode versions.
    return value.isprintable() or all(one.isprintable() or category(one) == "Cn" for one in value)


def scaled(fact: Fact, value: object) -> int | None:
    """Return an exact decimal as the whole number that engines use, or ``None`` if it is not allowed."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    if isinstance(value, Decimal):
        if not value.is_finite():
            return None
        if value and value.adjusted() < -_MOST_PLACES:
            return None
    if not fact.min <= value <= fact.max:  # type: ignore[operator]
        return None
    # A fraction is exact. Decimal arithmetic would round a long number by the caller's context.
    whole = Fraction(value) * 10**fact.type.places
    return int(whole) if whole.denominator == 1 else None


def interpreter_for(
    area: Area, case: object, on: date | None, computed: Record | None = None
) -> Interpreter:
    """Return the reference interpreter for a valid case on a day.

    Without a day, only values that are the same on all days are known. Values in `computed` come from
    an engine and are not computed again.
    """
    members = None
    if area.members is not None and (found := getattr(case, area.members.name)) is not None:
        members = [record(area.members.facts, member) for member in found]
    facts = {**record(area.facts, case), "on": on}
    said = {name: partial(_unknown_of, case, paths) for name, paths in area.prepared_paths.items()}
    made = Interpreter(
        facts, area.definitions, members, area.optional_fields, said, area.settings, computed
    )
    made.remembered = area.compiled.setdefault("needs", made.remembered)
    return made


def _unknown_of(case: object, paths: Iterable[str]) -> tuple[str, ...]:
    """Return the paths at which the case does not give a value."""
    return tuple(path for path in paths if _is_unknown(case, path))


def _is_unknown(case: object, path: str) -> bool:
    """Return whether the case does not give a value at a path such as `steps.form.done`."""
    value: object = case
    for name in path.split("."):
        value = getattr(value, name, None)
    return value is None


def record(facts: Mapping[str, Fact], case: object) -> Record:
    """Return the facts of a case or member in the form that engines use, with defaults filled in."""
    values: dict[str, Value | None] = {}
    for name, fact in facts.items():
        value = getattr(case, name, None)
        if value is None:
            value = fact.default
        elif fact.kind == "decimal":
            value = scaled(fact, value)
        values[name] = value
    return values
