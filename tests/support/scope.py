"""Names of every type for tests of the condition language."""

from __future__ import annotations

from datetime import date

from probation_rules.language.scope import Scope
from probation_rules.language.tree import BOOL, Type
from probation_rules.language.units import parse_unit

DATE = Type("date", low=date(2020, 1, 1), high=date(2100, 12, 31))
GRADE = Type("code", codes=("PO", "PSO", "CA"))
TIER = Type("code", codes=("A", "B"))


def number(unit: str, low: int = 0, high: int = 1000, places: int = 0) -> Type:
    return Type("int", parse_unit(unit), places=places, low=low, high=high)


SCOPE = Scope(
    names={
        "on": DATE,
        "started_on": DATE,
        "past": Type("date", low=date(1990, 1, 1), high=date(1999, 12, 31)),
        "done": BOOL,
        "opened": BOOL,
        "grade": GRADE,
        "tier": TIER,
        "minutes": number("minute", 0, 400_000),
        "change": number("minute", -5, 5),
        "hours_most": number("hour", 300, 300),
        "share": number("per cent", 0, 100),
        "huge": number("minute", 0, 2**40),
        "limit": number("month", 6, 12),
        "no_months": number("month", 0, 12),
        "age": number("year", 1, 3),
        "grace": number("day", 0, 31),
        "ages": number("day", 0, 9_999_999),
        "fte": number("full-time equivalent", 0, 1000, places=2),
        "tenth": number("full-time equivalent", 0, 10, places=1),
        "people": number("person", 0, 50),
        "members": Type("int", low=0, high=20),
    },
    parameters=frozenset({"hours_most", "share", "limit", "no_months", "grace", "age"}),
    members={
        "role": GRADE,
        "settled": BOOL,
        "part": number("full-time equivalent", 0, 100, 2),
        "owed": number("minute", -60, 60),
    },
    list_name="members",
)
