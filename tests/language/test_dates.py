from datetime import date, timedelta

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from probation_rules.language.dates import (
    add_days,
    add_months,
    add_years,
    days_between,
    last_day,
)

days = st.dates(date(1990, 1, 1), date(2100, 12, 31))
months = st.integers(1, 60)


# A review point is the corresponding date, or the month's last day. The last day of a period that
# begins with a day is the day before the corresponding date, or also the month's last day.
@pytest.mark.parametrize(
    ("start", "six", "nine", "last"),
    [
        ("2017-02-15", "2017-08-15", "2017-11-15", "2018-02-14"),
        ("2021-08-31", "2022-02-28", "2022-05-31", "2022-08-30"),
        ("2023-08-31", "2024-02-29", "2024-05-31", "2024-08-30"),
        ("2021-05-31", "2021-11-30", "2022-02-28", "2022-05-30"),
        ("2023-03-01", "2023-09-01", "2023-12-01", "2024-02-29"),
        ("2024-02-29", "2024-08-29", "2024-11-29", "2025-02-28"),
    ],
)
def test_points_of_a_period(start: str, six: str, nine: str, last: str) -> None:
    begun = date.fromisoformat(start)

    assert date.fromisoformat(six) == add_months(begun, 6)
    assert date.fromisoformat(nine) == add_months(begun, 9)
    assert date.fromisoformat(last) == last_day(begun, 12)


def test_four_months_after_the_end_of_september_is_the_thirtieth_of_january() -> None:
    assert add_months(date(1978, 9, 30), 4) == date(1979, 1, 30)


@given(start=days, count=months)
def test_months_agree_with_a_library_for_dates(start: date, count: int) -> None:
    assert add_months(start, count) == start + relativedelta(months=count)


@given(start=days, count=st.integers(1, 60))
def test_years_agree_with_a_library_for_dates(start: date, count: int) -> None:
    assert add_years(start, count) == start + relativedelta(years=count)


@given(start=days, count=months)
def test_the_next_period_begins_the_day_after_the_last_day(start: date, count: int) -> None:
    day_after = last_day(start, count) + timedelta(days=1)

    # The next period begins on the corresponding date if it exists, or else on the first of a month.
    assert day_after.day in (start.day, 1)
    assert add_months(start, count) in (day_after, day_after - timedelta(days=1))


@given(start=days, count=st.integers(-400, 400))
def test_days_between_undoes_add_days(start: date, count: int) -> None:
    assert days_between(start, add_days(start, count)) == count
