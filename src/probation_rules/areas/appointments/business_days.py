"""Business days: Monday to Friday without the bank holidays of England and Wales.

Which days are bank holidays is told by the package `holidays`, which comes with the extra
`calendar`. Without it business days are not known, and nothing is guessed.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from importlib import import_module
from itertools import accumulate

_WEEK = 7
_WEEKDAYS = 5  # Monday to Friday
_MOST_YEARS = 200  # more than lie between any two dates that a case may hold


def between(start: object, end: object) -> int | None:
    """Return how many business days come after the start, up to and with the end.

    ``None`` if a day is not known, or is no day, or the end is before the start or centuries after
    it, as in a case that will be refused; and where the package `holidays` is not installed.
    """
    if type(start) is not date or type(end) is not date:
        return None
    if end < start or end.year - start.year > _MOST_YEARS:
        return None
    free = [bank_holidays(year) for year in range(start.year, end.year + 1)]
    if None in free:
        return None
    # The first of January of the year 1 was a Monday, and is day 1.
    return (
        _weekdays_to(end)
        - _weekdays_to(start)
        - sum(start < day <= end for days in free for day in days or ())
    )


@lru_cache(8)
def days_to(first: date, last: date) -> list[int] | None:
    """Return for each day from the first to the last how many business days there are up to it.

    ``None`` where the package `holidays` is not installed.
    """
    free: set[date] = set()
    for year in range(first.year, last.year + 1):
        days = bank_holidays(year)
        if days is None:
            return None
        free |= days
    every = map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1))
    return list(accumulate(int(day.isoweekday() <= _WEEKDAYS and day not in free) for day in every))


def _weekdays_to(day: date) -> int:
    weeks, days = divmod(day.toordinal(), _WEEK)
    return weeks * _WEEKDAYS + min(days, _WEEKDAYS)


@lru_cache(256)
def bank_holidays(year: int) -> frozenset[date] | None:
    """Return a year's bank holidays from Monday to Friday; ``None`` if they are not known."""
    try:
        calendar = import_module("holidays")
    except ModuleNotFoundError:
        return None
    # Wales has the same ones.
    days = calendar.country_holidays("GB", subdiv="ENG", years=year)
    return frozenset(day for day in days if day.isoweekday() <= _WEEKDAYS)
