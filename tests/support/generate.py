"""Random cases of any area, made from the facts that its rulebook declares.

Dates crowd round the points that matter, numbers round their ends, any fact may be unknown, and a
case may be spoilt by a value that is not allowed.
Every function takes a `random.Random`: a seeded one for many cases fast, or one of Hypothesis's,
which can then shrink what it found.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from types import SimpleNamespace
from typing import Any, cast

from probation_rules.language.dates import add_months
from probation_rules.language.tree import Compare, Name, walk
from probation_rules.rulebook.model import Area, Fact
from support import timetables

MONTHS = (0, 3, 6, 9, 12, 15, 24, 36)
LANDMARKS = (
    date(2017, 2, 15), date(2020, 12, 1), date(2022, 6, 1), date(2022, 6, 28), date(2024, 2, 29),
    date(2024, 5, 16), date(2025, 8, 31), date(2026, 5, 11), date(2026, 11, 21),
)  # fmt: skip
MOST_MEMBERS = 7
SPOILT = 0.1  # of the cases, where it is asked what is refused too
# How many days before the day asked about something was that cannot be after it.
AGO = (0, 0, 1, 7, 30, 90, 190, 280, 370, 900)
# What lets a curfew variation come as far as the officer's route.
LIKELY = {
    "order_type": "community_order", "adult": True, "order_in_force": True,
    "has_curfew_requirement": True, "circumstances_changed": True, "person_consents": True,
    "boundary_changes": False, "residence_requirement_conflicts": False,
    "has_monitoring_requirement": True, "monitoring_would_differ": False,
    "consent_evidence_sent": True,
}  # fmt: skip
# Values of another type than the fact's.
WRONG_TYPE: dict[str, tuple[Any, ...]] = {
    "bool": (0, 1, "true", "false", ""),
    "code": ("", " ", 3, True, b"PO", ("PO",), ["PO"]),
    "date": (datetime(2025, 1, 2, tzinfo=UTC), "2025-01-02", 20250102),
    "int": (True, 1.0, "1", Decimal(1), float("nan")),
    "decimal": (True, 0.5, "0.5", Decimal("NaN"), Decimal("Infinity"), Decimal("1E-40")),
}
_PAST: dict[str, tuple[str, ...]] = {}


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


def question(random: Random, area: Area, *, unknown: float = 0.2) -> tuple[Any, date]:
    """A case, and a day to ask about it that mostly fits."""
    on = question_day(random, area)
    return case_of(random, area, on=on, unknown=unknown), on


def any_question(random: Random, area: Area) -> tuple[Any, date]:
    """The same, and now and then something is not allowed."""
    case, on = question(random, area)
    return (spoilt(random, area, case) if random.random() < SPOILT else case), on


def case_of(random: Random, area: Area, *, on: date | None = None, unknown: float = 0.2) -> Any:
    """A case of an area: an object with its facts, and its members where it has any.

    Args:
        on: The day that it will be asked about. What has to lie before it then mostly does.
        unknown: The share of facts that are left unknown.
    """
    stated = record(random, area.facts, unknown)
    if on is not None:
        for name in past_dates(area):
            if (stated.get(name) or on) > on and random.random() < 0.95:
                stated[name] = max(
                    cast("date", area.facts[name].min), on - timedelta(days=random.choice(AGO))
                )
    case: Any = area.spec.case(**{"reference": None, **stated})
    for name, words in free_words(area).items():
        fill(case, name, None if random.random() < unknown else random.choice(words))
    if area.sections and case.decided_on is not None and random.random() < 0.8:
        one = random.choice(area.sections)
        near = random.choice((one.effective_from, one.effective_to or one.effective_from))
        fill(case, "decided_on", near + timedelta(days=random.randint(-2, 40)))
    if area.records:
        fill_records(random, case, on, unknown)
    if area.members is not None:
        made = members_of(random, area, unknown)
        fill(case, area.members.name, None if random.random() < unknown / 4 else made)
    return case


def members_of(random: Random, area: Area, unknown: float) -> list[Any]:
    """Some members of a case, perhaps none."""
    assert area.members is not None
    return [
        SimpleNamespace(**record(random, area.members.facts, unknown))
        for _ in range(random.randint(0, MOST_MEMBERS))
    ]


def batch_of(random: Random, area: Area, size: int) -> tuple[date, list[Any]]:
    """A day, and cases of a table to ask about on it; now and then something is not allowed."""
    on, unknown = question_day(random, area), random.choice((0, 0.1, 0.2, 0.4))
    cases = [case_of(random, area, on=on, unknown=unknown) for _ in range(size)]
    return on, [
        spoilt(random, area, case, typed=True) if random.random() < SPOILT else case
        for case in cases
    ]


def past_dates(area: Area) -> tuple[str, ...]:
    """The dates of a case that cannot come after the day asked about, as the area assumes."""
    if area.name not in _PAST:
        nodes = [node for one in area.assumptions for node in walk(one.lowered)]
        _PAST[area.name] = tuple(
            node.left.name
            for node in nodes
            if isinstance(node, Compare)
            and isinstance(node.left, Name)
            and isinstance(node.right, Name)
            and (node.operator, node.right.name) == ("<=", "on")
        )
    return _PAST[area.name]


def free_words(area: Area) -> dict[str, list[str]]:
    """Texts of a framework decision that are looked up in a region's list: its words and another."""
    if area.name != "framework":
        return {}
    words: dict[str, list[str]] = {
        name: ["word"] for name in ("status", "activity", "list_version")
    }
    for one in area.sections:
        words["status"] += one.content.statuses
        words["activity"] += one.content.activities
        words["list_version"].append(one.version)
    return words


def fill_records(random: Random, case: Any, on: date | None, unknown: float) -> None:
    """Give a curfew variation timetables and steps, and mostly dates and answers that fit."""
    convicted = date(2022, 6, 28) + timedelta(days=random.choice((-9, -1, 0, 0, 1, 1)))
    if on is not None and random.random() < 0.9:
        convicted = min(convicted, on - timedelta(days=random.choice((16, 30, 60))))
    if case.convicted_on is not None and random.random() < 0.9:
        fill(case, "convicted_on", convicted)
    point = convicted
    for name, days in (("order_made_on", 7), ("first_effect_on", 0), ("curfew_ends_on", 365)):
        point += timedelta(days=days + random.choice((-1, 0, 0, 0, 0, 1, 2, 8)))
        if getattr(case, name) is not None and random.random() < 0.95:
            fill(case, name, point)
    for name, likely in LIKELY.items():
        if getattr(case, name) is not None and random.random() < 0.9:
            fill(case, name, likely)
    before = timetables.week(random)
    wanted = timetables.varied(random, before)
    fill(case, "current", None if random.random() < unknown / 2 else before)
    fill(case, "proposed", None if random.random() < unknown / 2 else wanted)
    first = convicted + timedelta(days=15)
    last = first + timedelta(days=40)
    fill(case, "steps", timetables.steps(random, first, min(last, on or last), unknown))


def fill(holder: Any, name: str, value: Any) -> None:
    """Give a fact of a case another value, though cases are made not to change."""
    object.__setattr__(holder, name, value)


def spoilt(random: Random, area: Area, case: Any, *, typed: bool = False) -> Any:
    """The case with something in it that is not allowed.

    Args:
        typed: Keep to values of the right type, as a column of a table does.
    """
    members = area.members
    if members is not None and getattr(case, members.name) and random.random() < 0.2:
        whole = getattr(case, members.name) * (members.most + 1)
        others: tuple[Any, ...] = () if typed else (5, "PO", {}, [None])
        fill(case, members.name, random.choice((whole[: members.most + 1], [], *others)))
        return case
    holder, fact = random.choice(list(places_of(area, case).values()))
    if holder is not None:
        fill(holder, fact.name, off(random, fact, typed=typed))
    return case


def off(random: Random, fact: Fact, *, typed: bool) -> Any:
    """A value that is not allowed; ``None`` where no value of the fact's type is wrong."""
    if not typed and random.random() < 0.5:
        return random.choice(WRONG_TYPE[fact.kind])
    least: Any = fact.min
    most: Any = fact.max
    match fact.kind:
        case "code":
            # No blank text: in a table that is an empty cell, and so an unknown.
            return random.choice(["other_order", fact.type.codes[0].upper()])
        case "date":
            return random.choice([least - timedelta(1), most + timedelta(1), date(9999, 12, 31)])
        case "int":
            return random.choice([least - 1, most + 1, 2**62])
        case "decimal":
            return random.choice([Decimal("0.001"), Decimal("0.995"), Decimal(1000)])
    return None


def question_day(random: Random, area: Area) -> date:
    """A day that may be asked about."""
    on = area.facts["on"]
    return day(random, cast("date", on.min), cast("date", on.max))


def places_of(area: Area, case: Any) -> dict[str, tuple[Any, Fact]]:
    """Return the object and the fact for each path in a case, as `needs` gives the path."""
    places = {name: (case, fact) for name, fact in area.input_facts.items()}
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


def gaps(random: Random, area: Area, case: Any) -> Iterator[tuple[str, Any, str, Any]]:
    """All that is unknown of a case: its path, the object and the name there, and what it may be."""
    places = places_of(area, case)
    for path in unknowns_of(area, case):
        holder, fact = places[path]
        yield path, holder, fact.name, value_of(random, fact)
    whole: dict[str, Any] = {name: random.choice(words) for name, words in free_words(area).items()}
    if area.members is not None:
        whole[area.members.name] = members_of(random, area, 0)
    if area.records:
        whole |= {name: timetables.week(random) for name in ("current", "proposed")}
    yield from (
        (name, case, name, value) for name, value in whole.items() if getattr(case, name) is None
    )
