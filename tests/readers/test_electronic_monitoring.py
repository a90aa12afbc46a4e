from __future__ import annotations

import io
import json
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import probation_rules as pr
from probation_rules import readers
from probation_rules.areas.curfew_variation.case import CurfewPeriod, CurfewVariation
from probation_rules.areas.curfew_variation.timetable import DAY, DAYS, WEEK
from probation_rules.errors import CaseError
from probation_rules.readers import Reading, electronic_monitoring
from support import timetables
from support.mock_server import read_answer

FIXTURES = Path(__file__).resolve().parents[3] / "shared" / "fixtures" / "em"
PERSON = {"firstName": "Ann", "lastName": "Example", "dateOfBirth": "1990-01-01T00:00:00Z"}
NEVER_GIVEN = {
    "adult", "convicted_on", "order_in_force", "circumstances_changed", "person_consents",
    "boundary_changes", "place_information_considered", "safeguarding_checked",
    "domestic_abuse_checked", "householder_consents", "residence_requirement_conflicts", "steps",
    "has_monitoring_requirement", "monitoring_would_differ", "consent_evidence_sent",
}  # fmt: skip


def service(kind: str = "VARIATION", **changes: object) -> dict[str, Any]:
    """Return a made-up order in the form of the service."""
    row = {"dayOfWeek": "SUNDAY", "startTime": "19:00:00", "endTime": "07:30:00",
           "curfewAddress": "PRIMARY_ADDRESS"}  # fmt: skip
    return {
        "id": "order-1",
        "versions": [{"type": "REQUEST"}, {"type": kind}],
        "deviceWearer": PERSON,
        "addresses": [{"addressType": "PRIMARY", "addressLine1": "1 Example Street"}],
        "monitoringConditions": {
            "curfew": True,
            "conditionType": "REQUIREMENT_OF_A_COMMUNITY_ORDER",
            "sentenceType": "COMMUNITY_SUSPENDED_SENTENCE",
            "hdc": "NO",
        },
        "curfewConditions": {
            "startDate": "2025-06-30T23:00:00Z",
            "endDate": "2026-01-31T23:59:00Z",
        },
        "curfewTimeTable": [row],
        "variationDetails": {"variationType": "CHANGE_TO_ADDRESS", "variationDetails": "free text"},
        **changes,
    }


def supplier(kind: str = "New Order", **changes: object) -> dict[str, Any]:
    """Return the same order in the form for the supplier."""
    nights = [{"day": "Mo", "start": "17:00", "end": "09:00"},
              {"day": "Wed", "start": "17:00:00", "end": "09:00:00"}]  # fmt: skip
    return {
        "order_id": "order-2",
        "order_request_type": kind,
        "device_wearer": "Ann Example",
        "condition_type": "Requirement of Community Order",
        "sentence_type": "Youth Rehabilitation Order (YRO)",
        "sentence_date": "2025-01-05 00:00:00",
        "enforceable_condition": [{"condition": "Curfew with EM"}],
        "curfew_start": "2025-01-07 19:00:00",
        "curfew_end": "2025-07-06 07:00:00",
        "curfew_duration": [
            {"location": "primary", "schedule": nights},
            {"location": "secondary", "schedule": nights[:1]},
        ],
        "hdc": "No",
        **changes,
    }


def row(day: str, start: str, end: str, place: str = "PRIMARY_ADDRESS") -> dict[str, str]:
    return {"dayOfWeek": day, "startTime": start, "endTime": end, "curfewAddress": place}


def read(value: object, shape: str = "em-service") -> Reading:
    stdin = io.BytesIO(json.dumps(value).encode())
    return readers.read("curfew-variation", "-", shape=shape, stdin=stdin)


def the_case(value: object, shape: str = "em-service") -> CurfewVariation:
    (case,) = read(value, shape).cases
    assert isinstance(case, CurfewVariation)
    return case


def problems(value: object, shape: str = "em-service") -> list[str]:
    with pytest.raises(CaseError) as caught:
        read(value, shape)
    return [str(problem) for problem in caught.value.problems]


def test_a_variation_of_the_service_gives_the_requested_week() -> None:
    reading = read(service())

    night = CurfewPeriod(day="sunday", start=time(19), minutes=750, place="PRIMARY_ADDRESS")
    assert reading.cases == (
        CurfewVariation(
            reference="order-1",
            order_type="suspended_sentence_order",
            has_curfew_requirement=True,
            curfew_ends_on=date(2026, 1, 31),
            proposed=(night,),
        ),
    )
    assert set(reading.lacks) == NEVER_GIVEN | {"order_made_on"}
    assert reading.notes == (
        "1 order is a variation: it gives the requested timetable, but not the one before",
    )


def test_a_new_order_of_the_service_gives_the_current_week_and_its_first_day() -> None:
    case = the_case(service("REQUEST"))

    assert case.proposed is None
    assert case.current is not None
    assert case.first_effect_on == date(2025, 7, 1)  # 23:00 in universal time, in summer


@pytest.mark.parametrize(
    ("stated", "day"),
    [
        ("2025-03-30T00:30:00Z", date(2025, 3, 30)),
        ("2025-03-29T23:30:00Z", date(2025, 3, 29)),
        ("2025-10-26T00:59:00Z", date(2025, 10, 26)),
        ("2025-10-25T23:00:00Z", date(2025, 10, 26)),
        ("2025-10-26T23:30:00Z", date(2025, 10, 26)),
        ("2025-07-01T00:30:00+02:00", date(2025, 6, 30)),
        ("2025-07-01", date(2025, 7, 1)),
        (1754521200, date(2025, 8, 7)),  # 23:00 in universal time, in summer
        (1754521199, date(2025, 8, 6)),
        (1754521200.999, date(2025, 8, 7)),
        (1735689600, date(2025, 1, 1)),  # midnight, in winter
        (1735689599, date(2024, 12, 31)),
    ],
)
def test_the_day_of_a_moment_is_the_day_in_britain(stated: object, day: date) -> None:
    assert the_case(service(curfewConditions={"endDate": stated})).curfew_ends_on == day


class Python314Moment(datetime):
    """Reads the hour 24 as the first minute of the next day, like Python 3.14."""

    @classmethod
    def fromisoformat(cls, text: str) -> datetime:  # type: ignore[override]
        hours = 24 * text[11:].startswith("24:00")
        moment = datetime.fromisoformat(text[:11] + "00" + text[13:] if hours else text)
        return moment + timedelta(hours=hours)


@pytest.mark.parametrize("python", [datetime, Python314Moment])
@pytest.mark.parametrize(
    "stated", ["2025-07-01T24:00:00Z", "2025-07-01 24:00:00", "2025-07-01T25:00"]
)
def test_a_moment_at_hour_24_is_refused_on_every_python(
    monkeypatch: pytest.MonkeyPatch, python: type[datetime], stated: str
) -> None:
    monkeypatch.setattr(electronic_monitoring, "datetime", python)
    with pytest.raises(CaseError) as caught:
        read(service(curfewConditions={"endDate": stated}))
    (problem,) = caught.value.problems
    assert problem.text.startswith(f"`{stated}` is not allowed: it must be a date")
    assert problem.path == "$.curfewConditions.endDate"


@pytest.mark.parametrize(
    ("monitoring", "order_type"),
    [
        ({"hdc": "YES", "conditionType": "BAIL_ORDER"}, "home_detention_curfew"),
        ({"conditionType": "LICENSE_CONDITION_OF_A_CUSTODIAL_ORDER"}, "licence"),
        ({"conditionType": "BAIL_ORDER"}, "bail"),
        ({"sentenceType": "COMMUNITY_YRO"}, "youth_rehabilitation_order"),
        ({"sentenceType": "COMMUNITY_SDO"}, "supervision_default_order"),
        ({"conditionType": "REQUIREMENT_OF_A_COMMUNITY_ORDER", "sentenceType": "COMMUNITY"}, None),
        ({}, None),
    ],
)
def test_the_kind_of_order_is_known_only_if_the_record_gives_it(
    monitoring: dict[str, object], order_type: str | None
) -> None:
    reading = read(service(monitoringConditions=monitoring))

    assert getattr(reading.cases[0], "order_type", "") == order_type
    assert any("its type is unknown" in note for note in reading.notes) is (order_type is None)


def test_an_order_without_a_timetable_or_conditions_is_read() -> None:
    reading = read(
        service(curfewTimeTable=None, curfewConditions=None, versions=None, type="REQUEST")
    )

    assert getattr(reading.cases[0], "current", "") is None
    assert "1 order has no timetable" in reading.notes


def test_an_order_of_the_supplier() -> None:
    reading = read(supplier(), "em-supplier")

    places = "PRIMARY_ADDRESS,SECONDARY_ADDRESS"
    both = CurfewPeriod(day="monday", start=time(17), minutes=960, place=places)
    one = CurfewPeriod(day="wednesday", start=time(17), minutes=960, place="PRIMARY_ADDRESS")
    assert reading.cases == (
        CurfewVariation(
            reference="order-2",
            order_type="youth_rehabilitation_order",
            order_made_on=date(2025, 1, 5),
            has_curfew_requirement=True,
            first_effect_on=date(2025, 1, 7),
            curfew_ends_on=date(2025, 7, 6),
            current=(both, one),
        ),
    )
    assert set(reading.lacks) == NEVER_GIVEN
    assert reading.notes == ()


def test_a_variation_of_the_supplier_with_blank_fields() -> None:
    case = the_case(
        supplier(
            "Variation", order_id="", sentence_date="", curfew_end="",
            enforceable_condition=[], hdc="Yes",
        ),
        "em-supplier",
    )  # fmt: skip

    assert case.proposed is not None
    for name in ("reference", "order_made_on", "curfew_ends_on", "first_effect_on",
                 "has_curfew_requirement", "current"):  # fmt: skip
        assert getattr(case, name) is None
    assert case.order_type == "home_detention_curfew"


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (
            {"dayOfWeek": "FUNDAY"},
            "this word is not a weekday; did you mean `sunday`? @ $.curfewTimeTable[1].dayOfWeek",
        ),
        ({"dayOfWeek": None}, "must be given: a weekday @ $.curfewTimeTable[1].dayOfWeek"),
        ({"dayOfWeek": "s"}, "this word is not a weekday @ $.curfewTimeTable[1].dayOfWeek"),
        (
            {"startTime": "25:00:00"},
            (
                "`25:00:00` is not allowed: it must be a time of day from 00:00 to 23:59, in whole "
                "minutes @ $.curfewTimeTable[1].startTime"
            ),
        ),
        (
            {"endTime": None},
            (
                "must be given: a time of day from 00:00 to 23:59, in whole minutes "
                "@ $.curfewTimeTable[1].endTime"
            ),
        ),
        (
            {"endTime": "19:00:00"},
            (
                "a period must not end at its start time; for a whole day, give 00:00 to 00:00 "
                "@ $.curfewTimeTable[1].endTime"
            ),
        ),
        (
            {"curfewAddress": "1 Example Street"},
            (
                "must be a label of a place, such as PRIMARY_ADDRESS "
                "@ $.curfewTimeTable[1].curfewAddress"
            ),
        ),
        (
            {"curfewAddress": None},
            (
                "must be a label of a place, such as PRIMARY_ADDRESS "
                "@ $.curfewTimeTable[1].curfewAddress"
            ),
        ),
    ],
)
def test_a_bad_row_is_refused_with_its_place(row: dict[str, object], problem: str) -> None:
    good = service()["curfewTimeTable"][0]
    rows = [{**good, "dayOfWeek": "MONDAY"}, {**good, **row}]

    assert problems(service(curfewTimeTable=rows)) == [problem]


def test_every_bad_row_of_the_supplier_is_refused_with_its_place() -> None:
    good = {"day": "Mo", "start": "17:00", "end": "09:00"}
    durations = [
        {"location": "primary", "schedule": [{**good, "day": "mole"}, {**good, "start": 7}]},
        {"location": "1 Example Street", "schedule": [good]},
        {"location": "secondary", "schedule": [{**good, "end": "17:00"}]},
    ]

    found = problems(supplier(curfew_duration=durations), "em-supplier")

    assert [one.rpartition(" @ ")[2] for one in found] == [
        "$.curfew_duration[0].schedule[0].day",
        "$.curfew_duration[0].schedule[1].start",
        "$.curfew_duration[1].location",
        "$.curfew_duration[2].schedule[0].end",
    ]


def test_rows_that_overlap_are_refused_each_with_its_place() -> None:
    rows = [
        row("SUNDAY", "20:00", "08:00"), row("MONDAY", "07:59", "09:00"),
        row("MONDAY", "20:00", "06:00"), row("TUESDAY", "01:00", "02:00"),
        row("TUESDAY", "03:00", "04:00"), row("FRIDAY", "20:00", "06:00"),
        row("FRIDAY", "20:00", "06:00"),
    ]  # fmt: skip

    assert problems(service(curfewTimeTable=rows)) == [
        "this period overlaps $.curfewTimeTable[0] @ $.curfewTimeTable[1]",
        "this period overlaps $.curfewTimeTable[2] @ $.curfewTimeTable[3]",
        "this period overlaps $.curfewTimeTable[2] @ $.curfewTimeTable[4]",
        "this period overlaps $.curfewTimeTable[5] @ $.curfewTimeTable[6]",
    ]
    (lone,) = the_case(service(curfewTimeTable=rows[:1])).proposed or ()
    assert lone.minutes == 720


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (service(curfewTimeTable={}), "must be a list @ $.curfewTimeTable"),
        (service(curfewTimeTable=["x"]), "must be an object @ $.curfewTimeTable[0]"),
        (service(monitoringConditions=7), "must be an object @ $.monitoringConditions"),
        (service(curfewConditions={"endDate": "soon"}), "@ $.curfewConditions.endDate"),
        (service(curfewConditions={"endDate": 7}), "@ $.curfewConditions.endDate"),
        (service(curfewConditions={"endDate": 0}), "@ $.curfewConditions.endDate"),
        (service(curfewConditions={"endDate": True}), "@ $.curfewConditions.endDate"),
        (service(curfewConditions={"endDate": []}), "@ $.curfewConditions.endDate"),
        (
            service(curfewConditions={"endDate": 1754521200000}),
            (
                "this number is not allowed: it must be a date from 1990-01-01 to 2100-12-31, "
                "as YYYY-MM-DD @ $.curfewConditions.endDate"
            ),
        ),
    ],
)
def test_another_form_is_refused_with_its_path(value: object, problem: str) -> None:
    assert any(one.endswith(problem) for one in problems(value))


def test_a_record_of_another_shape_is_left_out() -> None:
    reading = read([service(), {"id": 1}])

    assert len(reading.cases) == 1
    assert "1 record in another shape was left out" in reading.notes


# --- One night in two rows ----------------------------------------------------------------------


Times = tuple[int, int, str]  # the first minute in the week, the length in minutes, the place
FACTS: dict[str, Any] = {
    "order_type": "community_order", "adult": True, "convicted_on": date(2025, 1, 10),
    "order_made_on": date(2025, 2, 1), "order_in_force": True, "has_curfew_requirement": True,
    "first_effect_on": date(2025, 2, 1), "curfew_ends_on": date(2025, 8, 1),
    "circumstances_changed": True, "person_consents": True, "boundary_changes": False,
    "has_monitoring_requirement": True, "monitoring_would_differ": False,
    "residence_requirement_conflicts": False,
}  # fmt: skip


def nightly(start: int, minutes: int) -> list[Times]:
    """Return a week with the same hours each night."""
    return [(day * DAY + start, minutes, "PRIMARY_ADDRESS") for day in range(7)]


def clock(minute: int) -> str:
    return "{:02}:{:02}:00".format(*divmod(minute % DAY, 60))


def whole(periods: Iterable[Times]) -> list[dict[str, str]]:
    """Return each period as one row."""
    return [
        row(DAYS[start // DAY].upper(), clock(start), clock(start + minutes), place)
        for start, minutes, place in periods
    ]


def cut(periods: Iterable[Times]) -> list[dict[str, str]]:
    """Return each period as rows that end at midnight, like the screens, in the week's order."""
    pieces = []
    for start, minutes, place in periods:
        left = DAY - start % DAY  # minutes to midnight
        pieces.append((start, min(minutes, left), place))
        if minutes > left:
            pieces.append(((start + left) % WEEK, minutes - left, place))
    return [
        row(
            DAYS[start // DAY].upper(),
            clock(start),
            "23:59:00" if (start + minutes) % DAY == 0 else clock(start + minutes),
            place,
        )
        for start, minutes, place in sorted(pieces)
    ]


def supplied(rows: Iterable[dict[str, str]]) -> list[dict[str, Any]]:
    """Return the same rows in the form for the supplier: by place, with another word for each."""
    rows = list(rows)
    return [
        {
            "location": name,
            "schedule": [
                {"day": one["dayOfWeek"], "start": one["startTime"], "end": one["endTime"]}
                for one in rows
                if f"{name.upper()}_ADDRESS" in one["curfewAddress"]
            ],
        }
        for name in ("primary", "secondary", "tertiary")
    ]


def week_read(rows: list[dict[str, str]], shape: str = "em-service") -> tuple[CurfewPeriod, ...]:
    if shape == "em-service":
        case = the_case(service("REQUEST", curfewTimeTable=rows))
    else:
        case = the_case(supplier(curfew_duration=supplied(rows)), shape)
    assert case.current is not None
    return case.current


def report(current: list[dict[str, str]], proposed: list[dict[str, str]]) -> pr.Report:
    """Return the report on a change between two weeks, each read from its own file."""
    case = attrs.evolve(
        CurfewVariation(**FACTS), current=week_read(current), proposed=week_read(proposed)
    )
    return pr.check(case, on=date(2025, 3, 1))


FORMS = pytest.mark.parametrize("form", [whole, cut])


@FORMS
def test_a_week_over_the_limit_is_over_it_in_both_forms(form: Any) -> None:
    found = report(form(nightly(16 * 60, 960)), form(nightly(16 * 60, 961)))

    assert found.facts["week_minutes"] == 7 * 961
    assert found.outcome("curfew.weekly-hours") == "not_met"
    assert found.stage == "revise"


@FORMS
def test_a_start_moved_by_an_hour_is_decided_by_the_officer_in_both_forms(form: Any) -> None:
    found = report(form(nightly(20 * 60, 720)), form(nightly(21 * 60, 720)))

    assert found.stage == "officer"
    assert found.facts["largest_shift_minutes"] == 60
    assert found.facts["lengths_unchanged"] is True


@FORMS
def test_an_afternoon_until_after_midnight_is_open_in_both_forms(form: Any) -> None:
    weekend = form([(5 * DAY + 13 * 60, 720, "PRIMARY_ADDRESS")])
    finding = report(weekend, weekend).finding("curfew.daily-hours")

    assert finding.outcome == "cannot_tell"
    assert finding.needs == ("minutes_after_midnight",)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            [row("MONDAY", "20:00", "23:59"), row("TUESDAY", "00:00", "08:00")],
            [("monday", time(20), 720)],
        ),
        (
            [row("MONDAY", "00:00", "08:00"), row("SUNDAY", "20:00:00", "23:59:00")],
            [("sunday", time(20), 720)],
        ),
        (
            [row("MONDAY", "20:00", "00:00"), row("TUESDAY", "00:00", "08:00")],
            [("monday", time(20), 720)],
        ),
        ([row("MONDAY", "20:00", "23:59")], [("monday", time(20), 240)]),
        ([row("MONDAY", "00:00", "00:00")], [("monday", time(0), 1440)]),
        ([row("MONDAY", "00:00", "23:59")], [("monday", time(0), 1440)]),
        ([row("MONDAY", "23:59", "23:59")], [("monday", time(23, 59), 1)]),
        (  # a minute between them, at midnight
            [row("MONDAY", "20:00", "23:59"), row("TUESDAY", "00:01", "08:00")],
            [("monday", time(20), 240), ("tuesday", time(0, 1), 479)],
        ),
        (  # two minutes before midnight
            [row("MONDAY", "20:00", "23:58"), row("TUESDAY", "00:00", "08:00")],
            [("monday", time(20), 238), ("tuesday", time(0), 480)],
        ),
        (  # another place
            [row("MONDAY", "20:00", "23:59"), row("TUESDAY", "00:00", "08:00", "TERTIARY_ADDRESS")],
            [("monday", time(20), 240), ("tuesday", time(0), 480)],
        ),
        (  # they touch, but not at midnight
            [row("MONDAY", "20:00", "22:00"), row("MONDAY", "22:00", "23:00")],
            [("monday", time(20), 120), ("monday", time(22), 60)],
        ),
        (  # together more than a day: too long for a period
            [row("MONDAY", "20:00", "23:59"), row("TUESDAY", "00:00", "23:59"),
             row("WEDNESDAY", "00:00", "08:00")],
            [("monday", time(20), 240), ("tuesday", time(0), 1440), ("wednesday", time(0), 480)],
        ),
        (  # together a day
            [row("MONDAY", "08:00", "23:59"), row("TUESDAY", "00:00", "08:00")],
            [("monday", time(8), 1440)],
        ),
        (  # the same places in another order
            [row("MONDAY", "20:00", "23:59", "TERTIARY_ADDRESS,PRIMARY_ADDRESS"),
             row("TUESDAY", "00:00", "08:00", "PRIMARY_ADDRESS,TERTIARY_ADDRESS")],
            [("monday", time(20), 720)],
        ),
        (  # one time at two places, in two rows
            [row("MONDAY", "20:00", "08:00"), row("MONDAY", "20:00", "08:00", "TERTIARY_ADDRESS")],
            [("monday", time(20), 720)],
        ),
    ],
)  # fmt: skip
def test_rows_that_meet_at_midnight_at_one_place_are_one_period(
    rows: list[dict[str, str]], expected: list[tuple[str, time, int]]
) -> None:
    for shape in ["em-service", "em-supplier"]:
        found = week_read(rows, shape)

        assert [(one.day, one.start, one.minutes) for one in found] == expected, shape


def test_a_week_without_a_break_is_read_as_seven_days() -> None:
    rows = [row(day.upper(), "00:00", "23:59") for day in DAYS]

    assert [(one.day, one.minutes) for one in week_read(rows)] == [(day, DAY) for day in DAYS]


def expressible(random: Random) -> list[Times]:
    """Return a random week that the service can give in both forms.

    An end at 23:59 means midnight there, and a row that ends when it starts is refused.
    """
    names = dict(zip(timetables.PLACES, ("PRIMARY", "SECONDARY", "TERTIARY"), strict=True))
    found = [
        (timetables.start_of(one), one.minutes, f"{names[one.place]}_ADDRESS")
        for one in timetables.week(random)
    ]
    found = [one for one in found if one[1] < DAY and (one[0] + one[1]) % DAY != DAY - 1]
    return sorted(found) or nightly(19 * 60, 720)


@given(random=st.randoms(use_true_random=False))
def test_both_forms_of_one_curfew_give_the_same_report(random: Random) -> None:
    before = expressible(random)
    later = [((start + 60) % WEEK, minutes, place) for start, minutes, place in before]
    after = random.choice([expressible(random), before, sorted(later)])
    after = [one for one in after if (one[0] + one[1]) % DAY != DAY - 1] or before

    reports = []
    for form in (whole, cut):
        current, proposed = form(before), form(after)
        random.shuffle(current)
        assert week_read(current) == week_read(current, "em-supplier")
        reports.append(report(current, proposed))

    one, other = reports
    assert one.to_dict() == other.to_dict()
    assert one.facts["week_minutes"] == sum(minutes for _, minutes, _ in after)


@given(
    random=st.randoms(use_true_random=False),
    start=st.integers(0, DAY - 3),
    before=st.integers(1, 100),
    after=st.integers(1, 100),
)
def test_a_gap_of_a_minute_that_is_not_at_midnight_stays_a_gap(
    random: Random, start: int, before: int, after: int
) -> None:
    before = min(before, DAY - 2 - start)  # the gap is before midnight, and the end is not at 23:59
    again = start + before + 1
    after = min(after, DAY - again)
    after += again + after == DAY - 1  # an end at 23:59 means midnight
    rows = cut([(start, before, "PRIMARY_ADDRESS"), (again, after, "PRIMARY_ADDRESS")])
    random.shuffle(rows)

    assert [one.minutes for one in week_read(rows)] == [before, after]


# --- Kinds of order -----------------------------------------------------------------------------

ENDED = "1 order only revokes the order or ends its monitoring: it was left out"
# The words of the service, the words for the supplier, the week that each gives, and the note.
KINDS = [
    ("REQUEST", "New Order", "", "current", ()),
    ("AMEND_ORIGINAL_REQUEST", "New Order", "", "current", ()),
    ("REINSTALL_DEVICE", "Variation", "SR04-Re-install monitoring equipment", "current", ()),
    (
        "VARIATION", "Variation", "SR08-Amend monitoring requirements", "proposed",
        ("1 order is a variation: it gives the requested timetable, but not the one before",),
    ),
    (
        "REINSTALL_AT_DIFFERENT_ADDRESS", "Variation",
        "SR05-Install monitoring equipment at an additional address", "proposed",
        ("1 order moves to another address: it gives the requested timetable, with a changed place",),
    ),
    ("REVOCATION", "Variation", "SR21-Revocation monitoring requirements", None, (ENDED,)),
    ("END_MONITORING", "Variation", "SR21-Revocation monitoring requirements", None, (ENDED,)),
    ("END_MONITORING", "Variation", "SR11-Removal of devices (bail)", None, (ENDED,)),
    ("REJECTED", "Rejected", "", None, ("1 order is rejected: it is not in force, and was left out",)),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "request_type", "subcategory", "week", "notes"), KINDS)
def test_both_shapes_give_the_same_case_for_an_order(
    kind: str, request_type: str, subcategory: str, week: str | None, notes: tuple[str, ...]
) -> None:
    rows = cut(nightly(20 * 60, 720))
    here = read(
        service(
            kind, curfewTimeTable=rows,
            curfewConditions={"startDate": "2025-01-07T19:00:00Z", "endDate": 1751781600},
        )
    )  # fmt: skip
    there = read(
        supplier(
            request_type, subcategory=subcategory, curfew_duration=supplied(rows),
            order_id="order-1", sentence_date="", sentence_type="Suspended Sentence",
        ),
        "em-supplier",
    )  # fmt: skip

    assert here.cases == there.cases
    nothing = () if week else ("the file does not contain a case to check",)
    assert here.notes == there.notes == (*notes, *nothing)
    assert len(here.cases) == (0 if week is None else 1)
    for case in here.cases:
        held = {name: getattr(case, name) is not None for name in ("current", "proposed")}
        assert held == {"current": week == "current", "proposed": week == "proposed"}
        new = kind in ("REQUEST", "AMEND_ORIGINAL_REQUEST")
        assert (getattr(case, "first_effect_on", None) is not None) is new


def test_orders_left_out_are_counted_by_the_reason() -> None:
    kinds = ("REJECTED", "REVOCATION", "VARIATION", "END_MONITORING", "REJECTED")
    reading = read([service(kind, id=f"order-{place}") for place, kind in enumerate(kinds)])

    assert [getattr(case, "reference", None) for case in reading.cases] == ["order-2"]
    assert reading.notes == (
        "2 orders are rejected: they are not in force, and were left out",
        "2 orders only revoke the order or end its monitoring: they were left out",
        "1 order is a variation: it gives the requested timetable, but not the one before",
    )


def test_a_variation_without_a_subcategory_is_read_as_the_requested_week_with_a_note() -> None:
    reading = read(supplier("Variation", subcategory=""), "em-supplier")

    assert getattr(reading.cases[0], "proposed", None) is not None
    note = (
        "1 variation has no subcategory: it is read as the requested week, but may be a revocation"
    )
    assert note in reading.notes


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        (service("RENEWAL"), "em-service"),
        (service(versions=None), "em-service"),
        (service(versions=[{"type": ["VARIATION"]}]), "em-service"),
        (supplier("Renewal"), "em-supplier"),
        (supplier(order_request_type=None), "em-supplier"),
        (supplier("Variation", subcategory="SR99-Something"), "em-supplier"),
    ],
)
def test_the_timetable_of_an_unknown_kind_of_order_is_not_used_for_either_week(
    value: object, shape: str
) -> None:
    reading = read(value, shape)
    (case,) = reading.cases

    assert isinstance(case, CurfewVariation)
    assert (case.current, case.proposed, case.first_effect_on) == (None, None, None)
    assert case.has_curfew_requirement is True
    note = "1 order is an unknown kind of request: its timetable may be the current or the requested one"
    assert note in reading.notes


def test_the_day_that_means_no_end_is_unknown() -> None:
    reading = read(supplier(curfew_end="2040-01-01 23:59:00"), "em-supplier")

    assert getattr(reading.cases[0], "curfew_ends_on", "") is None
    assert reading.notes == (
        "1 order has the end 2040-01-01 23:59:00, which means that it is not set: its end is unknown",
    )
    kept = the_case(supplier(curfew_end="2040-01-01 23:58:00"), "em-supplier")
    assert kept.curfew_ends_on == date(2040, 1, 1)


@pytest.mark.skipif(not FIXTURES.exists(), reason="the shared fixtures are not here")
def test_the_fixtures_can_be_read() -> None:
    variation = read_answer(
        "curfew-variation", FIXTURES / "cemo020-variation-order.json", shape="em-service"
    )
    new = read_answer(
        "curfew-variation", FIXTURES / "coew-curfew-expected-order.json", shape="em-supplier"
    )
    (case,), (other,) = variation.cases, new.cases
    report = pr.check(case, on=date(2025, 9, 1))

    assert report.stage == "not_covered"
    assert report.facts["week_minutes"] == 7 * 8 * 60
    assert getattr(case, "curfew_ends_on", None) == date(2025, 8, 29)
    assert getattr(other, "first_effect_on", None) == date(2024, 12, 7)
    assert "1 order has no timetable" in new.notes
    assert set(variation.lacks) >= NEVER_GIVEN
    assert set(new.lacks) == NEVER_GIVEN
