from __future__ import annotations

import io
import json
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

import probation_rules as pr
from probation_rules import readers
from probation_rules.areas.curfew_variation.case import CurfewPeriod, CurfewVariation
from probation_rules.errors import CaseError
from probation_rules.readers import Reading, electronic_monitoring

FIXTURES = Path(__file__).resolve().parents[3] / "shared" / "fixtures" / "em"
PERSON = {"firstName": "Ann", "lastName": "Example", "dateOfBirth": "1990-01-01T00:00:00Z"}
NEVER_GIVEN = {
    "adult", "convicted_on", "order_in_force", "circumstances_changed", "person_consents",
    "boundary_changes", "place_information_considered", "safeguarding_checked",
    "domestic_abuse_checked", "householder_consents", "residence_requirement_conflicts", "steps",
}  # fmt: skip


def service(kind: str = "VARIATION", **changes: object) -> dict[str, Any]:
    """An order of our own making, as the service holds it."""
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
    """The same, as it is sent to the supplier."""
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


def test_a_variation_of_the_service_holds_the_week_wanted() -> None:
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
        "1 order is a variation: its timetable is the one wanted, and the one before is not in it",
    )


def test_a_new_order_of_the_service_holds_the_week_as_it_is_and_its_first_effect() -> None:
    case = the_case(service("REQUEST"))

    assert case.proposed is None
    assert case.current is not None
    assert case.first_effect_on == date(2025, 7, 1)  # 23:00 in universal time, in summer


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("2025-03-30T00:30:00Z", date(2025, 3, 30)),
        ("2025-03-29T23:30:00Z", date(2025, 3, 29)),
        ("2025-10-26T00:59:00Z", date(2025, 10, 26)),
        ("2025-10-25T23:00:00Z", date(2025, 10, 26)),
        ("2025-10-26T23:30:00Z", date(2025, 10, 26)),
        ("2025-07-01T00:30:00+02:00", date(2025, 6, 30)),
        ("2025-07-01", date(2025, 7, 1)),
    ],
)
def test_a_moment_is_of_the_day_it_has_in_britain(said: str, day: date) -> None:
    assert the_case(service(curfewConditions={"endDate": said})).curfew_ends_on == day


class Python314Moment(datetime):
    """Reads the hour 24 as Python 3.14 does: as the first minute of the next day."""

    @classmethod
    def fromisoformat(cls, text: str) -> datetime:  # type: ignore[override]
        hours = 24 * text[11:].startswith("24:00")
        moment = datetime.fromisoformat(text[:11] + "00" + text[13:] if hours else text)
        return moment + timedelta(hours=hours)


@pytest.mark.parametrize("python", [datetime, Python314Moment])
@pytest.mark.parametrize(
    "said", ["2025-07-01T24:00:00Z", "2025-07-01 24:00:00", "2025-07-01T25:00"]
)
def test_a_moment_at_hour_24_is_refused_on_every_python(
    monkeypatch: pytest.MonkeyPatch, python: type[datetime], said: str
) -> None:
    monkeypatch.setattr(electronic_monitoring, "datetime", python)
    with pytest.raises(CaseError) as caught:
        read(service(curfewConditions={"endDate": said}))
    (problem,) = caught.value.problems
    assert problem.text.startswith(f"`{said}` is not allowed: it must be a date")
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
def test_the_kind_of_order_only_where_it_is_said(
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

    both = CurfewPeriod(day="monday", start=time(17), minutes=960, place="primary,secondary")
    one = CurfewPeriod(day="wednesday", start=time(17), minutes=960, place="primary")
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


def test_a_variation_of_the_supplier_and_what_it_leaves_blank() -> None:
    case = the_case(
        supplier(
            "Variation", order_id="{expectedId}", sentence_date="", curfew_end="",
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
        ({"dayOfWeek": "FUNDAY"}, "did you mean `sunday`? @ $.curfewTimeTable[0].day"),
        ({"startTime": "25:00:00"}, "`25:00:00` is not allowed: it must be a time of day"),
        ({"endTime": None}, "must be given: a whole number from 1 to 1440 @ $.curfewTimeTable[0]"),
        ({"endTime": "19:00:00"}, "`0` is not allowed"),
        ({"curfewAddress": "1 Example Street"}, "must be a label of a place"),
        ({"curfewAddress": None}, "@ $.curfewTimeTable[0].curfewAddress"),
    ],
)
def test_a_row_that_is_not_good_is_refused_with_its_place(
    row: dict[str, object], problem: str
) -> None:
    good = service()["curfewTimeTable"][0]
    found = problems(service(curfewTimeTable=[{**good, **row}]))

    assert any(problem in one for one in found)
    assert not any("Example" in one for one in found)


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (service(curfewTimeTable={}), "must be a list @ $.curfewTimeTable"),
        (service(curfewTimeTable=["x"]), "must be an object @ $.curfewTimeTable[0]"),
        (service(monitoringConditions=7), "must be an object @ $.monitoringConditions"),
        (service(curfewConditions={"endDate": "soon"}), "@ $.curfewConditions.endDate"),
        (service(curfewConditions={"endDate": 7}), "@ $.curfewConditions.endDate"),
    ],
)
def test_another_form_is_refused_with_its_path(value: object, problem: str) -> None:
    assert any(one.endswith(problem) for one in problems(value))


def test_a_record_of_another_shape_is_left_out() -> None:
    reading = read([service(), {"id": 1}])

    assert len(reading.cases) == 1
    assert "1 record in another shape was left out" in reading.notes


@pytest.mark.skipif(not FIXTURES.exists(), reason="the shared fixtures are not here")
def test_the_fixtures_are_read_as_they_are() -> None:
    variation = readers.read(
        "curfew-variation", FIXTURES / "cemo020-variation-order.json", shape="em-service"
    )
    new = readers.read(
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
