"""Random cases of any area, made from what its rulebook says a case may hold.

Dates crowd round the points that matter, numbers round their ends, and any fact may be unknown.
Every function takes a `random.Random`: a seeded one for many cases fast, or one of Hypothesis's,
which can then shrink what it found.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from types import SimpleNamespace
from typing import Any, cast

import timetables
from probation_rules.areas import CASE_TYPES
from probation_rules.language.dates import add_months
from probation_rules.rulebook.model import Area, Fact

MONTHS = (0, 3, 6, 9, 12, 15, 24, 36)
LANDMARKS = (
    date(2017, 2, 15), date(2020, 12, 1), date(2022, 6, 1), date(2022, 6, 28), date(2024, 2, 29),
    date(2024, 5, 16), date(2025, 8, 31), date(2026, 4, 27), date(2026, 11, 21),
)  # fmt: skip
MOST_MEMBERS = 7
# What lets a curfew variation come as far as the officer's route.
LIKELY = {
    "order_type": "community_order", "adult": True, "order_in_force": True,
    "has_curfew_requirement": True, "circumstances_changed": True, "person_consents": True,
    "boundary_changes": False, "residence_requirement_conflicts": False,
}  # fmt: skip


def day(random: Random, low: date, high: date) -> date:
    """A day a few days off a whole number of months from a landmark."""
    point = add_months(random.choice(LANDMARKS), random.choice(MONTHS))
    return min(max(point + timedelta(days=random.randint(-3, 3)), low), high)


def value_of(random: Random, fact: Fact) -> Any:
    """An allowed value of a fact, never unknown."""
    low, high = fact.type.low, fact.type.high
    match fact.kind:
        case "bool":
            return random.random() < 0.5
        case "code":
            return random.choice(fact.type.codes)
        case "date":
            return day(random, cast("date", low), cast("date", high))
    least, most = cast("int", low), cast("int", high)
    if random.random() < 0.2:
        found = random.choice((least, most, max(least, 0), min(most, max(least, 6000))))
    else:
        found = random.randint(max(least, -500), min(most, 15_000))
    return Decimal(found).scaleb(-fact.type.places) if fact.kind == "decimal" else found


def record(random: Random, facts: Mapping[str, Fact], unknown: float) -> dict[str, Any]:
    """Values for facts; a date that hangs on a fact is given only where that fact is true."""
    values: dict[str, Any] = {}
    for name, fact in facts.items():
        if name != "on" and fact.computed_from is None:
            hangs = fact.only_if is not None and values[fact.only_if] is not True
            blank = hangs or random.random() < unknown
            values[name] = None if blank else value_of(random, fact)
    return values


def case_of(random: Random, area: Area, *, unknown: float = 0.2) -> Any:
    """A case of an area: an object with its facts, and its members where it has any.

    Args:
        unknown: The share of facts that are left unknown.
    """
    said = record(random, area.facts, unknown)
    # An area's own class works out its computed facts; an area without one has none.
    case: Any = SimpleNamespace(reference=None, **said)
    if area.name in CASE_TYPES:
        case = CASE_TYPES[area.name](**said)
    if area.name == "framework":
        # Its words are looked up in a region's list; without one they say nothing.
        for name in ("status", "activity", "list_version"):
            fill(case, name, "word")
    if area.records:
        fill_records(random, case, unknown)
    members = area.members
    if members is not None:
        made = [
            SimpleNamespace(**record(random, members.facts, unknown))
            for _ in range(random.randint(0, MOST_MEMBERS))
        ]
        fill(case, members.name, None if random.random() < unknown / 4 else made)
    return case


def fill_records(random: Random, case: Any, unknown: float) -> None:
    """Give a curfew variation timetables and steps, and mostly dates and answers that fit."""
    convicted = date(2022, 6, 28) + timedelta(days=random.choice((-9, -1, 0, 0, 1, 1)))
    if case.convicted_on is not None and random.random() < 0.9:
        fill(case, "convicted_on", convicted)
    for name, days in (("order_made_on", 7), ("first_effect_on", 9), ("curfew_ends_on", 365)):
        if getattr(case, name) is not None and random.random() < 0.95:
            fill(case, name, convicted + timedelta(days=days + random.choice((-2, 0, 8, 9))))
    for name, likely in LIKELY.items():
        if getattr(case, name) is not None and random.random() < 0.9:
            fill(case, name, likely)
    before = timetables.week(random)
    wanted = timetables.varied(random, before)
    fill(case, "current", None if random.random() < unknown / 2 else before)
    fill(case, "proposed", None if random.random() < unknown / 2 else wanted)
    first = convicted + timedelta(days=15)
    fill(case, "steps", timetables.steps(random, first, first + timedelta(days=40), unknown))


def fill(holder: Any, name: str, value: Any) -> None:
    """Give a fact of a case another value, though cases are made not to change."""
    object.__setattr__(holder, name, value)


def question_day(random: Random, area: Area) -> date:
    """A day that may be asked about."""
    on = area.facts["on"]
    return day(random, cast("date", on.least), cast("date", on.most))


def places_of(area: Area, case: Any) -> dict[str, tuple[Any, Fact]]:
    """Where each fact of a case stands: the object and the fact, by the path that `needs` gives."""
    places = {name: (case, fact) for name, fact in area.said.items()}
    if area.records:
        for name, held in area.records["steps"].records.items():
            for fact in held.facts.values():
                places[f"steps.{name}.{fact.name}"] = (getattr(case.steps, name), fact)
    if area.members is not None:
        for place, member in enumerate(getattr(case, area.members.name) or ()):
            for name, fact in area.members.facts.items():
                places[f"{area.members.name}[{place}].{name}"] = (member, fact)
    return places


def unknowns_of(area: Area, case: Any) -> list[str]:
    """The paths of the facts that are unknown and could be filled in."""
    return [
        path
        for path, (holder, fact) in places_of(area, case).items()
        if getattr(holder, fact.name) is None
        and fact.default is None
        and (fact.only_if is None or getattr(holder, fact.only_if) is True)
    ]
