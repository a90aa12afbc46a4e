"""Business days, and the message if they cannot be counted."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

import probation_rules as pr
from probation_rules.areas import missing_extras
from probation_rules.areas.appointments import business_days

ON = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        (date(2026, 4, 1), date(2026, 4, 1), 0),
        (date(2026, 4, 1), date(2026, 4, 2), 1),
        (date(2026, 4, 1), date(2026, 4, 6), 1),  # Good Friday, the weekend, Easter Monday
        (date(2026, 4, 1), date(2026, 4, 7), 2),
        (date(2021, 12, 23), date(2022, 1, 4), 5),  # four bank holidays, two of them moved
        (date(2022, 6, 1), date(2022, 6, 6), 1),  # a jubilee
        (date(2022, 9, 16), date(2022, 9, 20), 1),  # a state funeral
        (date(2023, 5, 5), date(2023, 5, 9), 1),  # a coronation
        (date(2026, 8, 29), date(2026, 8, 30), 0),  # a weekend
        (date(2026, 8, 28), date(2026, 9, 1), 1),  # the last Monday of August
    ],
)
def test_business_days_are_those_of_england_and_wales(start: date, end: date, days: int) -> None:
    assert business_days.between(start, end) == days


def test_counting_is_the_same_day_by_day_as_at_one_go() -> None:
    start = date(2024, 12, 20)
    total = 0
    for after in range(1, 400):
        end = start + timedelta(days=after)
        step = business_days.between(end - timedelta(days=1), end)
        assert step in (0, 1)
        total += step
        assert business_days.between(start, end) == total


@pytest.mark.parametrize("end", [None, "2026-04-07", date(2026, 3, 31)])
def test_what_is_no_span_of_days_is_not_counted(end: object) -> None:
    assert business_days.between(date(2026, 4, 1), end) is None
    assert business_days.between(None, date(2026, 4, 1)) is None


def test_days_that_no_case_may_hold_are_not_counted_year_by_year(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A refused case would else cost seconds: the bank holidays of thousands of years."""
    asked: list[int] = []
    monkeypatch.setattr(business_days, "bank_holidays", asked.append)

    assert business_days.between(date(1950, 1, 1), date(9999, 12, 31)) is None
    assert asked == []


@pytest.mark.usefixtures("without_calendar")
def test_without_the_calendar_business_days_are_not_known_and_the_answer_says_so() -> None:
    person = pr.Appointments(
        sentence_type="community_order",
        sentence_date=date(2026, 4, 1),
        approved_premises=False,
        first_appointment_arranged=True,
        first_appointment_arranged_for=date(2026, 4, 10),
        arranged_in_person=True,
    )
    report = pr.check(person, on=ON)
    finding = report.finding("app.first-appointment-arranged")
    assert finding.needs == ("arranged_business_days",)
    shown = (
        "needs arranged_business_days; the extra `calendar` is not installed, and some facts of "
        "appointments are unknown without it: run `pip install 'probation-rules[calendar]'`"
    )
    assert finding.message == shown
    assert f"cannot tell: app.first-appointment-arranged: {shown}" in str(report)
    assert shown in [one["message"] for one in report.to_dict()["reports"][0]["findings"]]


@pytest.mark.usefixtures("without_calendar")
def test_what_waits_for_other_facts_does_not_ask_for_the_calendar() -> None:
    report = pr.check(pr.Appointments(sentence_date=date(2026, 4, 1)), on=ON)
    assert report.finding("app.first-appointment-arranged").message.startswith("needs ")
    assert "calendar" not in report.finding("app.first-appointment-arranged").message


def test_with_the_calendar_nothing_is_to_be_installed() -> None:
    assert missing_extras("appointments") == ()


@pytest.mark.usefixtures("without_calendar")
def test_what_is_in_time_by_the_calendar_needs_no_business_days() -> None:
    person = pr.Appointments(
        supervision_start=date(2026, 4, 1),
        rosh="high",
        framework_in_operation=False,
        home_visit_held=True,
        home_visit_on=date(2026, 4, 16),
    )
    assert pr.check(person, on=ON).outcome("app.home-visit-first") is pr.Outcome.MET
