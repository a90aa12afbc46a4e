"""Units of figures, and how they multiply and divide: `hour * minute/hour = minute`."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache

# A unit is its words with their powers, sorted: `minute / week` is (("minute", 1), ("week", -1)).
Unit = tuple[tuple[str, int], ...]

WORDS = (
    "minute", "hour", "day", "week", "month", "year", "per cent", "person", "full-time equivalent",
    "case", "point", "appointment", "period", "part",
)  # fmt: skip

# The only figures that a condition may contain besides 0 and 1. They convert units; none is policy.
CONVERSIONS = {7: "day / week", 24: "hour / day", 60: "minute / hour", 100: "per cent"}


def parse_unit(text: str) -> Unit:
    """Return the unit for a text such as `minute`, `per cent` or `minute / week`.

    Raises:
        ValueError: A word in the text is not a known unit.
    """
    top, *below = [part.strip() for part in text.split("/")]
    for word in (top, *below):
        if word not in WORDS:
            raise ValueError(f"unknown unit `{word}`; known are {', '.join(WORDS)}")
    return combine(((top, 1),), tuple((word, 1) for word in below), -1)


def combine(left: Unit, right: Unit, power: int) -> Unit:
    """Return the unit of left times right (power 1) or left divided by right (power -1)."""
    total = Counter(dict(left))
    for word, times in right:
        total[word] += power * times
    return tuple(sorted((word, times) for word, times in total.items() if times))


@lru_cache
def unit_text(unit: Unit) -> str:
    """Return the text of a unit, such as `minute / week`, or `no unit` for a plain number."""
    top = [word for word, times in unit for _ in range(times)]
    below = [word for word, times in unit for _ in range(-times)]
    return " / ".join([" ".join(top) or "1", *below]) if unit else "no unit"
