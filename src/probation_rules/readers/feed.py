"""Shared code for the readers of other systems' JSON.

A reader takes only single named values. Names, dates of birth and offences are never read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction

from attrs import Factory, define, frozen

from probation_rules.cases import date_from
from probation_rules.errors import CaseError, Problem
from probation_rules.quoting import plausible

# The court's outcome codes in nDelius.
ORDER_TYPES = {
    "201": "community_order",
    "340": "community_order",
    "203": "suspended_sentence_order",
    "216": "suspended_sentence_order",
    "341": "suspended_sentence_order",
    "408": "suspended_sentence_order",
    "204": "youth_rehabilitation_order",
    "331": "youth_rehabilitation_order",
    "342": "youth_rehabilitation_order",
    "233": "supervision_default_order",
}
_FLOAT_NOISE = Fraction(1, 10**9)  # hours; a technical limit, far below any recorded difference

# A note for one record, and for several.
Sentence = tuple[str, str]

OTHER_SHAPE: Sentence = (
    "record in another shape was left out",
    "records in another shape were left out",
)
NO_MINUTES: Sentence = (
    "order has 0 ordered minutes, which means not recorded: its ordered minutes are unknown",
    "orders have 0 ordered minutes, which means not recorded: their ordered minutes are unknown",
)
TERMINATED: Sentence = (
    "order has the unpaid work status `Terminated` without an end date, and was kept",
    "orders have the unpaid work status `Terminated` without an end date, and were kept",
)
_NO_CODE: Sentence = (
    "order has no outcome code: its type is unknown",
    "orders have no outcome code: their type is unknown",
)


@define
class Notes:
    """Notes for the caller about the reading, with their numbers."""

    counts: Counter[Sentence] = Factory(Counter)

    def add(self, one: str, many: str) -> None:
        """Count a note, which has a text for one and a text for several."""
        self.counts[one, many] += 1

    def sentences(self) -> tuple[str, ...]:
        """Return each note with its number, in the order in which they were first added."""
        return tuple(
            f"{number:,} {one if number == 1 else many}"
            for (one, many), number in self.counts.items()
        )


@frozen
class Order:
    """One order, or another kind of case, from another system.

    Attributes:
        path: Its path in the file.
        facts: For each fact, the path of its value below `path`, and the value.
        members: The path of each of its members in the file.
    """

    path: str
    facts: Mapping[str, tuple[str, object]]
    members: tuple[str, ...] = ()


@frozen
class Shape:
    """The reader for the JSON of one system.

    Attributes:
        area: The area of its cases.
        carries: The fields that it can give. It never gives other fields.
        orders: A function that yields the orders and the problems of one JSON value. Its arguments
            are the value, its path, the day asked about and the notes.
    """

    area: str
    carries: frozenset[str]
    orders: Callable[[object, str, date | None, Notes], Iterator[Order | Problem]]


def payloads(value: object, path: str) -> Iterator[tuple[str, object]]:
    """Yield each record with its path: every item of a list, or the one record."""
    if isinstance(value, list):
        yield from ((f"{path}[{place}]", item) for place, item in enumerate(value))
    else:
        yield path, value


def as_object(value: object, path: str) -> Mapping[str, object]:
    """Return the value, which must be an object.

    Raises:
        CaseError: The value is not an object.
    """
    if isinstance(value, dict):
        return value
    raise CaseError([Problem("must be an object", path)])


def part(record: Mapping[str, object], key: str, path: str) -> Mapping[str, object] | None:
    """Return the object inside a record, or ``None`` if it is missing or null.

    Raises:
        CaseError: The value is not an object.
    """
    inner = record.get(key)
    return None if inner is None else as_object(inner, f"{path}.{key}")


def ordered_minutes(value: object, notes: Notes) -> object:
    """Return the ordered minutes. A court never orders 0: these systems use it for unknown."""
    if value == 0 and not isinstance(value, bool):
        notes.add(*NO_MINUTES)
        return None
    return value


def without_float_noise(value: object) -> object:
    """Return hours without the rounding noise of a binary float, as a number of two decimal places.

    Noise is a difference of at most 0.000000001 from a number of two decimal places. Any other value
    is returned unchanged, so that it is checked exactly.
    """
    if not isinstance(value, Decimal):
        return value
    exact = Fraction(value)
    hundredths = round(exact * 100)
    noise = abs(exact - Fraction(hundredths, 100))
    return Decimal(f"{hundredths}e-2") if 0 < noise <= _FLOAT_NOISE else value


def day(value: object, path: str) -> date | None:
    """Return the day of an ISO text.

    Raises:
        CaseError: The text is not a day.
    """
    found = date_from(value)
    if found is None or isinstance(found, date):
        return found
    raise CaseError([Problem("must be a date, as YYYY-MM-DD", path)])


def order_type(code: object, notes: Notes) -> str | None:
    """Return the order type for a court's outcome code, or ``None`` if it is unknown."""
    if code is None:
        notes.add(*_NO_CODE)
        return None
    text = str(code)
    if text not in ORDER_TYPES:
        code_text = f"the outcome code `{text}`" if plausible(text, "code") else "an outcome code"
        notes.add(
            f"order has {code_text}, which is not the code of a known order: its type is unknown",
            f"orders have {code_text}, which is not the code of a known order: their type is unknown",
        )
    return ORDER_TYPES.get(text)


def is_terminated(status: object) -> bool:
    """Return whether an unpaid work status, which is free text, means that the work has ended."""
    return isinstance(status, str) and status.casefold() == "terminated"
