"""Date arithmetic as the law does it: calendar months, and periods that include their first day.

Sources: Interpretation Act 1978 Sch 1 (a month is a calendar month); Dodds v Walker [1981]
1 WLR 1027 (the corresponding date); National Probation Service v Blackfriars Crown Court [2019]
EWHC 529 (Admin) (a period beginning with the sentence date ends the day before its anniversary).
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache

# A caseload repeats its dates, so a cache makes month arithmetic nearly free.
_REMEMBERED = 8192
MONTHS_A_YEAR = 12


@lru_cache(_REMEMBERED)
def add_months(start: date, months: int) -> date:
    """Return the corresponding date some months later, or that month's last day if it has none."""
    year, month = divmod(start.year * MONTHS_A_YEAR + start.month - 1 + months, MONTHS_A_YEAR)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


@lru_cache(_REMEMBERED)
def last_day(start: date, months: int) -> date:
    """Return the last day of a period of some months that begins with the start day.

    This is the day before the corresponding date. If the last month has no corresponding date, it
    is the last day of that month.
    """
    end = add_months(start, months)
    return end - timedelta(days=1) if end.day == start.day else end


def add_years(start: date, years: int) -> date:
    """Return the corresponding day some years later; 29 February may become 28 February."""
    return add_months(start, years * MONTHS_A_YEAR)


def add_days(start: date, days: int) -> date:
    """Return the day that is this number of days after the start day."""
    return start + timedelta(days=days)


def days_between(earlier: date, later: date) -> int:
    """Return the number of days from the first day to the second; negative if that is earlier."""
    return (later - earlier).days
