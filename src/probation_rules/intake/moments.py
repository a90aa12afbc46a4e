"""Moments -> the day that they are on in London, where probation counts its days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

FIRST_YEAR = 1996  # of the summer time that is known here


def london_day(moment: datetime) -> date:
    """Return the day in London at a moment that has a time zone, from `FIRST_YEAR` on.

    Raises:
        OverflowError: The moment is beyond the ends of the calendar.
    """
    moment = moment.astimezone(UTC)
    return (moment + timedelta(hours=_is_summer(moment))).date()


def _is_summer(moment: datetime) -> bool:
    """Whether the clocks in Britain are an hour ahead: last Sundays of March to October, 01:00."""
    begins, ends = (
        last - timedelta(days=(last.weekday() + 1) % 7)
        for last in (datetime(moment.year, month, 31, 1, tzinfo=UTC) for month in (3, 10))
    )
    return begins <= moment < ends
