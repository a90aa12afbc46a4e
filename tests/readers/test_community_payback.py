from __future__ import annotations

import io
import json
from datetime import date
from typing import Any

import pytest

from probation_rules import readers
from probation_rules.areas.unpaid_work.case import UnpaidWorkOrder
from probation_rules.errors import CaseError
from probation_rules.readers import Reading


def detail(**changes: object) -> dict[str, Any]:
    """Return a made-up order."""
    return {
        "eventNumber": 3,
        "sentenceDate": "2025-02-03",
        "requiredMinutes": 6000,
        "completedMinutes": 930,
        "adjustments": -45,
        "completedEteMinutes": 120,
        "eventOutcome": "Suspended Sentence Order",
        "eventOutcomeCode": "341",
        "upwStatus": "Working",
        "referralDate": "2025-02-04",
        "mainOffence": {"description": "an offence"},
        "unpaidWorkRequirements": [{"subType": None}],
        **changes,
    }


def summary(*details: object, person: str = "case") -> dict[str, Any]:
    who = {"crn": "Z900001", "name": {"surname": "Example"}, "dateOfBirth": "1990-01-01"}
    return {person: who, "unpaidWorkDetails": list(details)}


def read(value: object) -> Reading:
    stdin = io.BytesIO(json.dumps(value).encode())
    return readers.read("unpaid-work", "-", shape="community-payback", stdin=stdin)


def problems(value: object) -> list[str]:
    with pytest.raises(CaseError) as caught:
        read(value)
    return [str(problem) for problem in caught.value.problems]


def test_a_case_summary() -> None:
    assert read(summary(detail())) == Reading(
        cases=(
            UnpaidWorkOrder(
                reference="Z900001/3",
                order_type="suspended_sentence_order",
                sentence_date=date(2025, 2, 3),
                required_minutes=6000,
                completed_minutes=930,
                adjustment_minutes=-45,
                ete_minutes=120,
            ),
        ),
        places=("$.unpaidWorkDetails[0]",),
        lacks=(
            "imposed_on_breach",
            "default_failure_began_on",
            "operational_period_end",
            "six_month_review_done",
            "nine_month_review_done",
            "extension_identified",
            "breach_action_started",
            "extension_presented",
            "extension_presented_on",
            "extended",
            "extended_to",
            "worked_after_last_day_minutes",
            "failure_before_reduction",
            "creditable_minutes_after_quarter",
            "reduction_recorded_minutes",
        ),
    )


def test_the_summary_made_for_screens() -> None:
    shown = detail(allowedEteMinutes=1800, remainingEteMinutes=1680)
    del shown["eventOutcomeCode"]
    reading = read(summary(shown, detail(eventNumber=4), person="offender"))
    assert [getattr(case, "reference", None) for case in reading.cases] == [
        "Z900001/3",
        "Z900001/4",
    ]
    assert reading.notes == ("1 order has no outcome code: its type is unknown",)


def test_several_summaries() -> None:
    other = summary(detail())
    other["case"]["crn"] = "Z900002"
    reading = read([summary(detail(), detail(eventNumber=4)), other])
    assert reading.places == (
        "$[0].unpaidWorkDetails[0]",
        "$[0].unpaidWorkDetails[1]",
        "$[1].unpaidWorkDetails[0]",
    )


def test_what_is_missing_is_unknown() -> None:
    reading = read({"unpaidWorkDetails": [{}]})
    assert reading.cases == (UnpaidWorkOrder(),)


@pytest.mark.parametrize(
    "value",
    [summary(detail(eventNumber=None)), {"unpaidWorkDetails": [detail()]}],
    ids=["no-event", "no-person"],
)
def test_half_a_reference_is_not_used(value: object) -> None:
    (case,) = read(value).cases
    assert isinstance(case, UnpaidWorkOrder)
    assert case.reference is None


def test_notes_list_what_was_left_out_or_taken_as_unknown() -> None:
    orders = [
        detail(eventNumber=number, requiredMinutes=0, upwStatus="Terminated") for number in (1, 2)
    ]
    nobody: dict[str, Any] = {"case": {"crn": "Z900003"}, "unpaidWorkDetails": None}
    reading = read([summary(*orders), summary(), nobody, {"appointments": []}])
    assert [getattr(case, "required_minutes", 0) for case in reading.cases] == [None, None]
    assert reading.notes == (
        "2 orders have the unpaid work status `Terminated` without an end date, and were kept",
        (
            "2 orders have 0 ordered minutes, which means not recorded: "
            "their ordered minutes are unknown"
        ),
        "2 persons without unpaid work were left out",
        "1 record in another shape was left out",
    )


def test_problems_have_the_paths_of_the_other_system() -> None:
    value = [
        summary(detail(requiredMinutes="100 hours", sentenceDate="2025-02-30"), "an order"),
        {"case": "Z900001", "unpaidWorkDetails": [detail()]},
        {"case": {}, "unpaidWorkDetails": {"eventNumber": 1}},
        "a summary",
        summary(detail(adjustments=True)),
    ]
    found = problems(value)
    assert [text.rpartition(" @ ")[2] for text in found] == [
        "$[0].unpaidWorkDetails[0].sentenceDate",
        "$[0].unpaidWorkDetails[0].requiredMinutes",
        "$[0].unpaidWorkDetails[1]",
        "$[1].case",
        "$[2].unpaidWorkDetails",
        "$[3]",
        "$[4].unpaidWorkDetails[0].adjustments",
        "$[4].unpaidWorkDetails[0]",  # the same reference
    ]


def test_an_order_given_twice_is_refused_without_its_reference() -> None:
    (problem,) = problems(summary(detail(), detail()))
    assert problem == (
        "this reference is also at $.unpaidWorkDetails[0]; give each case its own reference "
        "@ $.unpaidWorkDetails[1]"
    )


def test_nothing_personal_is_read() -> None:
    text = str(read(summary(detail())))
    assert not any(word in text for word in ("Example", "1990", "offence"))
