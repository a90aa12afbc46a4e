"""The arithmetic of the week, against counts made minute by minute."""

from __future__ import annotations

from datetime import time
from random import Random
from types import SimpleNamespace
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probation_rules import CurfewPeriod
from probation_rules.areas.curfew_variation import timetable
from probation_rules.areas.curfew_variation.timetable import DAY, DAYS, WEEK, Span
from support.timetables import period, start_of, week

EVENING = CurfewPeriod(day="sunday", start=time(19), minutes=720, place="home")


def minutes_of(periods: tuple[CurfewPeriod, ...]) -> list[int]:
    """The minutes of the week under curfew, one by one."""
    return [(start_of(one) + minute) % WEEK for one in periods for minute in range(one.minutes)]


@given(random=st.randoms(use_true_random=False))
def test_totals_are_those_of_a_count_minute_by_minute(random: Random) -> None:
    periods = week(random)
    spans = timetable.spans(periods)
    assert spans is not None
    counted = minutes_of(periods)

    by_day = timetable.calendar_minutes(spans)
    by_start = timetable.started_minutes(spans)

    assert by_day == tuple(sum(one // DAY == day for one in counted) for day in range(7))
    assert by_start == tuple(sum(one.minutes for one in periods if one.day == day) for day in DAYS)
    assert sum(by_day) == sum(by_start) == len(counted)


@given(random=st.randoms(use_true_random=False), more=st.integers(0, WEEK))
def test_an_overlap_is_a_minute_counted_twice(random: Random, more: int) -> None:
    periods = (*week(random), period(more, random.randint(1, DAY)))
    counted = minutes_of(periods)

    found = list(timetable.overlaps(timetable.spans(periods) or ()))

    assert bool(found) is (len(set(counted)) < len(counted))
    for first, second in found:
        assert set(minutes_of(periods[first : first + 1])) & set(
            minutes_of(periods[second : second + 1])
        )


@given(start=st.integers(0, WEEK - 1), later=st.integers(0, WEEK // 2))
def test_a_shift_is_measured_the_shorter_way_round(start: int, later: int) -> None:
    old, new = Span(start, 1, ""), Span((start + later) % WEEK, 1, "")

    assert timetable.shift(old, new) == timetable.shift(new, old) == later


def test_a_period_that_ends_at_midnight_has_one_piece() -> None:
    assert list(Span(0, DAY, "").pieces) == [(0, 0, DAY)]
    assert list(Span(WEEK - 60, 120, "").pieces) == [(6, DAY - 60, 60), (0, 0, 60)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"day": "noday"},
        {"day": []},
        {"start": "19:00"},
        {"minutes": 0},
        {"minutes": DAY + 1},
        {"minutes": float("inf")},
        {"minutes": True},
        {"place": None},
    ],
)
def test_what_is_malformed_is_not_known(wrong: dict[str, Any]) -> None:
    assert timetable.spans((EVENING, attrs.evolve(EVENING, **wrong))) is None


@pytest.mark.parametrize("wrong", [None, 7, "text", [SimpleNamespace()]])
def test_what_is_no_timetable_is_not_known(wrong: object) -> None:
    assert timetable.spans(wrong) is None
