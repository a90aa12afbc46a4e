"""The arithmetic of a week that repeats: minutes of wall clock, from Monday 00:00 round to it again.

Nothing here knows a limit. A night on which the clocks change is like any other: a period from
19:00 to 07:00 is twelve hours on the wall. What is malformed or not known gives ``None``; whether
a case is good is judged elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any, NamedTuple

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAY = 24 * 60  # minutes
WEEK = 7 * DAY


class Span(NamedTuple):
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
        day, minute = divmod(one.start, DAY)
        before_midnight = min(one.minutes, DAY - minute)
        minutes[day] += before_midnight
        minutes[(day + 1) % len(DAYS)] += one.minutes - before_midnight
    return tuple(minutes)


def started_minutes(week: tuple[Span, ...]) -> tuple[int, ...]:
    """Return the minutes of each day, Monday first; a period's all on the day that it starts."""
    minutes = [0] * len(DAYS)
    for one in week:
        minutes[one.start // DAY] += one.minutes
    return tuple(minutes)


def shift(old: Span, new: Span) -> int:
    """Return the minutes from one start to another, the shorter way round the week."""
    ahead = (new.start - old.start) % WEEK
    return min(ahead, WEEK - ahead)


def overlaps(week: Sequence[Span]) -> Iterator[tuple[int, int]]:
    """Yield the places of every two periods that share a minute, round the end of the week too."""
    if not _is_crowded(week):
        return
    for (first, one), (second, other) in combinations(enumerate(week), 2):
        if _starts_within(one, other) or _starts_within(other, one):
            yield first, second


def _is_crowded(week: Sequence[Span]) -> bool:
    """Whether any period starts within the one before it: then two periods overlap, or else none."""
    ordered = sorted(week)
    return len(week) > 1 and any(map(_starts_within, ordered, [*ordered[1:], ordered[0]]))


def _starts_within(one: Span, other: Span) -> bool:
    """Whether the second period starts within the first."""
    return (other.start - one.start) % WEEK < one.minutes
