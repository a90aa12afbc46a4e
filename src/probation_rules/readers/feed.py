"""What the readers of other systems' JSON share.

A reader picks single named values. Names, dates of birth and offences are never read.
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

# The court's outcome codes, as nDelius has them.
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
_FLOAT_NOISE = Fraction(1, 10**9)  # hours; a technical limit, far below what anybody records

# What is said of one, and of several.
Sentence = tuple[str, str]

OTHER_SHAPE: Sentence = (
    "record in another shape was left out",
    "records in another shape were left out",
)
NO_MINUTES: Sentence = (
    "order has 0 minutes as ordered, which means none recorded: its ordered minutes are unknown",
    "orders have 0 minutes as ordered, which means none recorded: their ordered minutes are unknown",
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
    """What a reader did that the caller should know, counted."""

    counts: Counter[Sentence] = Factory(Counter)

    def add(self, one: str, many: str) -> None:
        """Count one more thing, given the words for one and for several."""
        self.counts[one, many] += 1

    def sentences(self) -> tuple[str, ...]:
        """Return each note with its number, in the order first made."""
        return tuple(
            f"{number:,} {one if number == 1 else many}"
            for (one, many), number in self.counts.items()
        )


@frozen
class Order:
    """One order, or another kind of case, as another system gives it.

    Attributes:
        path: Where it stands in the file.
        facts: By fact, where its value stands below that path, and the value.
        members: Where each member that it lists stands in the file.
    """

    path: str
    facts: Mapping[str, tuple[str, object]]
    members: tuple[str, ...] = ()


@frozen
class Shape:
    """How one system's JSON is read.

    Attributes:
        area: The area of the cases it yields.
        carries: The fields that it can give; the others it never does.
        orders: Yields the orders, and the problems, of one JSON value. It is given the value,
            its path, the day asked about and where to note what was done.
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
        CaseError: It is something else.
    """
    if isinstance(value, dict):
        return value
    raise CaseError([Problem("must be an object", path)])


def part(record: Mapping[str, object], key: str, path: str) -> Mapping[str, object] | None:
    """Return the object inside a record; ``None`` where it is missing or null.

    Raises:
        CaseError: Something else stands there.
    """
    inner = record.get(key)
    return None if inner is None else as_object(inner, f"{path}.{key}")


def ordered_minutes(value: object, notes: Notes) -> object:
    """Return the minutes ordered: no court orders 0, which is how these systems say nothing."""
    if value == 0 and not isinstance(value, bool):
        notes.add(*NO_MINUTES)
        return None
    return value


def without_float_noise(value: object) -> object:
    """Return hours that passed through a binary float as the number of two places that they were.

    Noise is a difference of at most 0.000000001 from a number of two decimal places. Any other
    value is returned as it is, to be judged exactly.
    """
    if not isinstance(value, Decimal):
        return value
    exact = Fraction(value)
    hundredths = round(exact * 100)
    noise = abs(exact - Fraction(hundredths, 100))
    return Decimal(f"{hundredths}e-2") if 0 < noise <= _FLOAT_NOISE else value


def day(value: object, path: str) -> date | None:
    """Return the day that an ISO text names.

    Raises:
        CaseError: It names none.
    """
    found = date_from(value)
    if found is None or isinstance(found, date):
        return found
    raise CaseError([Problem("must be a date, as YYYY-MM-DD", path)])


def order_type(code: object, notes: Notes) -> str | None:
    """Return the order type that a court's outcome code stands for, where it is known."""
    if code is None:
        notes.add(*_NO_CODE)
        return None
    text = str(code)
    if text not in ORDER_TYPES:
        said = f"the outcome code `{text}`" if plausible(text, "code") else "an outcome code"
        notes.add(
            f"order has {said}, which is not one of a known order: its type is unknown",
            f"orders have {said}, which is not one of a known order: their type is unknown",
        )
    return ORDER_TYPES.get(text)


def is_terminated(status: object) -> bool:
    """Whether an unpaid work status, which is free text, says that the work has ended."""
    return isinstance(status, str) and status.casefold() == "terminated"
