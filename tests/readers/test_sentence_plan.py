from __future__ import annotations

import io
import json
from datetime import date

import pytest

from probation_rules import UnpaidWorkOrder, readers
from probation_rules.errors import CaseError
from probation_rules.readers import Reading


def sentence(hours: object = 100, minutes: object = 90, **more: object) -> dict[str, object]:
    return {
        "description": "a text",
        "startDate": "2025-03-03",
        "endDate": "2026-03-02",
        "unpaidWorkHoursOrdered": hours,
        "unpaidWorkMinutesCompleted": minutes,
        **more,
    }


def read(value: object) -> Reading:
    stdin = io.BytesIO(json.dumps(value).encode())
    return readers.read("unpaid-work", "-", shape="sentence-plan", stdin=stdin)


def test_hours_ordered_and_minutes_completed_both_become_minutes() -> None:
    reading = read({"crn": "A000000", "sentences": [sentence()]})
    assert reading.cases == (
        UnpaidWorkOrder(
            sentence_date=date(2025, 3, 3), required_minutes=6000, completed_minutes=90
        ),
    )
    assert reading.places == ("$.sentences[0]",)
    assert {"reference", "order_type", "extended"} <= set(reading.lacks)


def test_a_sentence_without_unpaid_work_is_left_out() -> None:
    reading = read([{"sentences": [sentence(0, 0), sentence(None, 0), {"startDate": None}]}, {}])
    assert reading.cases == (UnpaidWorkOrder(sentence_date=date(2025, 3, 3), completed_minutes=0),)
    assert reading.notes[:2] == (
        "1 sentence without unpaid work was left out",
        "2 records in another shape were left out",
    )


def test_problems_have_the_paths_of_the_service() -> None:
    with pytest.raises(CaseError) as caught:
        read([{"sentences": [sentence("100", True), sentence(False)]}, {"sentences": [3]}, 3])
    assert [one.path for one in caught.value.problems] == [
        "$[0].sentences[0].unpaidWorkHoursOrdered",
        "$[0].sentences[0].unpaidWorkMinutesCompleted",
        "$[0].sentences[1].unpaidWorkHoursOrdered",
        "$[1].sentences[0]",
        "$[2]",
    ]
