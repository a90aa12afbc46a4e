"""The drawings of the page of unpaid work: orders by last day, and hours left against time left.

An order without a last day, or with one that is not known, is placed by the last of its twelve months.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from attrs import frozen

from probation_rules.areas.unpaid_work.listing import NOT_COVERED, days_to_last, no_last_day
from probation_rules.caseload.answered import Answered
from probation_rules.caseload.layout import HOUR, day, hours
from probation_rules.caseload.model import Caseload

WEEKS = 12  # shown one by one
WEEK = 7
A_WEEK = (5, 10, 20)  # hours a week, drawn as lines to read the points by
MOST_DAYS = 371  # where the drawing ends on the right: a year, in whole weeks
_STEP = 50  # hours between two lines across the drawing


@frozen
class Work:
    """The hours outstanding on one order, and the time left for them.

    Attributes:
        days: Days left, negative after the last day; ``None`` if not known. Without a last day
            that is known, days to the last of the twelve months.
        known: Whether the last day in force is known.
        free: Whether it is known that there is no last day.
        minutes: Minutes outstanding; ``None`` if not known.
        a_week: Minutes a week that would finish the work in time; ``None`` if not known, or if no
            day is ahead.
        breach: Whether some rule that must be met is not.
    """

    days: int | None
    known: bool
    free: bool
    minutes: int | None
    a_week: int | None
    breach: bool


@frozen
class Band:
    """Orders whose last day, or last of the twelve months, falls in the same stretch of time.

    Attributes:
        label: The stretch in words.
        orders: The orders in it.
    """

    label: str
    orders: tuple[Work, ...]

    @property
    def known(self) -> int:
        """How many have a last day in force that is known."""
        return sum(one.known for one in self.orders)

    @property
    def free(self) -> int:
        """How many have no last day, and are here by the last of the twelve months."""
        return sum(one.free for one in self.orders)

    @property
    def unknown(self) -> int:
        """How many have a last day that is not known, and are here by the last of the twelve months."""
        return len(self.orders) - self.known - self.free

    @property
    def hours_left(self) -> str:
        """Hours outstanding on all of them together, as far as known."""
        return hours(sum(one.minutes or 0 for one in self.orders))

    @property
    def without_hours(self) -> int:
        """How many have an unknown number of hours outstanding."""
        return sum(one.minutes is None for one in self.orders)

    @property
    def a_week(self) -> str:
        """Hours a week that all of them together need, as far as known."""
        return hours(sum(one.a_week or 0 for one in self.orders))


@frozen
class Pictures:
    """The two drawings, and the figures of the table next to them.

    Attributes:
        bands: Orders with work outstanding, by last day or last of the twelve months.
        left_out: How many orders have no work outstanding, or no source covers them.
        most_days: Where the second drawing ends on the right.
        most_hours: Where it ends at the top, in hours.
        step: Hours between its lines across.
        a_week: The hours a week of its slanted lines.
        breaches: Its points for orders with a breach: days and hours left.
        others: Its points for all others.
    """

    bands: tuple[Band, ...]
    left_out: int
    most_days: int
    most_hours: int
    step: int
    a_week: tuple[int, ...]
    breaches: tuple[tuple[int, int], ...]
    others: tuple[tuple[int, int], ...]

    @property
    def near(self) -> tuple[Band, ...]:
        """The bands that the first drawing shows: passed, and the coming weeks."""
        return self.bands[: 1 + WEEKS]


def pictures(found: Caseload) -> Pictures:
    """Return what the page of unpaid work draws."""
    orders = [_work(one) for one in found.cases if _is_to_be_done(one)]
    drawn = [one for one in orders if one.days is not None and one.days >= 0 and one.minutes]
    longest = max((one.days or 0 for one in drawn), default=0)
    largest = max((one.minutes or 0 for one in drawn), default=0)
    return Pictures(
        bands=tuple(_bands(orders, found.question.on)),
        left_out=len(found.cases) - len(orders),
        most_days=min(MOST_DAYS, -(-max(longest, 1) // WEEK) * WEEK),
        most_hours=-(-max(largest, 1) // (HOUR * _STEP)) * _STEP,
        step=_STEP,
        a_week=A_WEEK,
        breaches=_points(one for one in drawn if one.breach),
        others=_points(one for one in drawn if not one.breach),
    )


def _is_to_be_done(one: Answered) -> bool:
    return one.report.facts["outstanding_minutes"] != 0 and one.report.stage != NOT_COVERED


def _work(one: Answered) -> Work:
    facts = one.report.facts
    days = days_to_last(facts)
    return Work(
        days=days,
        known=facts["days_left"] is not None,
        free=no_last_day(facts),
        minutes=facts["outstanding_minutes"],
        a_week=facts["minutes_a_week_needed"],
        breach=one.worst == "breach",
    )


def _bands(orders: list[Work], on: date) -> Iterator[Band]:
    """Yield the passed, each of the coming weeks, later, and not known if there are any."""
    known = [(one.days, one) for one in orders if one.days is not None]
    yield Band("passed", tuple(one for days, one in known if days < 0))
    for week in range(WEEKS):
        first = week * WEEK
        label = f"{_short(on, first)} to {_short(on, first + WEEK - 1)}"
        yield Band(label, tuple(one for days, one in known if first <= days < first + WEEK))
    later = tuple(one for days, one in known if days >= WEEKS * WEEK)
    yield Band(f"from {day(on + timedelta(days=WEEKS * WEEK))}", later)
    unknown = tuple(one for one in orders if one.days is None)
    if unknown:
        yield Band("not known", unknown)


def _short(on: date, days: int) -> str:
    """Return a day without its year."""
    return day(on + timedelta(days=days)).rpartition(" ")[0]


def _points(orders: Iterator[Work]) -> tuple[tuple[int, int], ...]:
    """Return the points to draw, each once. Points beyond the right end are drawn at it."""
    found = {(min(MOST_DAYS, one.days or 0), (one.minutes or 0) // HOUR) for one in orders}
    return tuple(sorted(found))
