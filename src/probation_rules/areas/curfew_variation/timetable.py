"""The arithmetic of a week that repeats: minutes of wall clock, from Monday 00:00 round to it again.

Nothing here knows a limit. A night on which the clocks change is like any other: a period from
19:00 to 07:00 is twelve hours on the wall. What is malformed or not known gives ``None``; whether
a case is good is judged elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

from attrs import frozen

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAY = 24 * 60  # minutes
WEEK = 7 * DAY


@frozen
class Span:
    """One period as minutes of the week: it begins at `start` and may run past the week's end."""

    start: int
    minutes: int
    place: str

    @property
    def pieces(self) -> Iterator[tuple[int, int, int]]:
        """The day, the minute of that day and the minutes of each piece, parted at midnight."""
        start, left = self.start, self.minutes
        while left:
            day, minute = divmod(start % WEEK, DAY)
            length = min(left, DAY - minute)
            yield day, minute, length
            start, left = start + length, left - length


def spans(timetable: Any) -> tuple[Span, ...] | None:
    """Return the periods in the order given; ``None`` if they are not known or not well formed."""
    try:
        return tuple(map(_span, timetable))
    except (AttributeError, TypeError, ValueError):
        return None


def _span(period: Any) -> Span:
    start = DAYS.index(period.day) * DAY + period.start.hour * 60 + period.start.minute
    if type(period.minutes) is not int or not isinstance(period.place, str):
        raise TypeError
    if not 0 < period.minutes <= DAY:
        raise ValueError
    return Span(start, period.minutes, period.place)


def calendar_minutes(week: tuple[Span, ...]) -> tuple[int, ...]:
    """Return the minutes of each day, Monday first; those after midnight on the day they fall in."""
    minutes = [0] * len(DAYS)
    for one in week:
        for day, _, length in one.pieces:
            minutes[day] += length
    return tuple(minutes)


def started_minutes(week: tuple[Span, ...]) -> tuple[int, ...]:
    """Return the minutes of each day, Monday first; a period's all on the day that it starts."""
    return tuple(
        sum(one.minutes for one in week if one.start // DAY == day) for day in range(len(DAYS))
    )


def shift(old: Span, new: Span) -> int:
    """Return the minutes from one start to another, the shorter way round the week."""
    ahead = (new.start - old.start) % WEEK
    return min(ahead, WEEK - ahead)


def overlaps(week: tuple[Span, ...]) -> Iterator[tuple[int, int]]:
    """Yield the places of every two periods that share a minute, round the end of the week too."""
    for (first, one), (second, other) in combinations(enumerate(week), 2):
        ahead = (other.start - one.start) % WEEK
        if ahead < one.minutes or (WEEK - ahead) % WEEK < other.minutes:
            yield first, second
