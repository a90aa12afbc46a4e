from __future__ import annotations

import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from probation_rules import readers
from probation_rules.areas.unpaid_work.case import UnpaidWorkOrder
from probation_rules.errors import CaseError
from probation_rules.readers import Reading
from support.mock_server import read_answer

FIXTURES = Path(__file__).parents[3] / "shared" / "fixtures" / "upw"
ON = date(2024, 6, 1)
ALL_BUT_WHAT_IT_CARRIES = (
    "adjustment_minutes",
    "ete_minutes",
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
)
NO_ADJUSTMENTS = "`adjustment_minutes` is never given in this shape and counts as 0"


def conviction(**changes: object) -> dict[str, Any]:
    """Return a made-up example. It also has data that must be ignored."""
    return {
        "convictionId": 7000001,
        "inBreach": True,
        "convictionDate": "2024-01-02",
        "offences": [{"detail": {"description": "an offence"}}],
        "sentence": {
            "startDate": "2024-01-09",
            "expectedSentenceEndDate": "2026-01-08",
            "unpaidWork": {
                "minutesOrdered": 4800,
                "minutesCompleted": 600,
                "status": "Being worked",
                "appointments": {"total": 9, "attended": 4},
            },
        },
        "latestCourtAppearanceOutcome": {"code": "340"},
        **changes,
    }


def changed(path: str, value: object) -> dict[str, Any]:
    """Return the example with the value at a dotted path changed."""
    whole = conviction()
    *above, last = path.split(".")
    inner = whole
    for key in above:
        inner = inner[key]
    inner[last] = value
    return whole


def read(value: object, on: date | None = ON) -> Reading:
    stdin = io.BytesIO(json.dumps(value).encode())
    return readers.read("unpaid-work", "-", shape="community-api", on=on, stdin=stdin)


def read_one(value: object) -> tuple[UnpaidWorkOrder, tuple[str, ...]]:
    """Return the only order, and the notes that this shape does not always give."""
    reading = read(value)
    (case,) = reading.cases
    assert isinstance(case, UnpaidWorkOrder)
    assert reading.notes[-1] == NO_ADJUSTMENTS
    return case, reading.notes[:-1]


def problems(value: object) -> list[str]:
    with pytest.raises(CaseError) as caught:
        read(value)
    return [str(problem) for problem in caught.value.problems]


# --- Made-up examples ---------------------------------------------------------------------------


def test_a_conviction() -> None:
    assert read([conviction()]) == Reading(
        cases=(
            UnpaidWorkOrder(
                reference="7000001",
                order_type="community_order",
                sentence_date=date(2024, 1, 9),
                required_minutes=4800,
                completed_minutes=600,
            ),
        ),
        places=("$[0]",),
        lacks=ALL_BUT_WHAT_IT_CARRIES,
        notes=(NO_ADJUSTMENTS,),
    )


def test_the_date_of_conviction_is_not_the_date_of_sentence() -> None:
    case, _ = read_one(changed("sentence.startDate", None))
    assert case.sentence_date is None


@pytest.mark.parametrize(
    ("code", "order_type"),
    [
        *((code, "community_order") for code in ("201", "340")),
        *((code, "suspended_sentence_order") for code in ("203", "216", "341", "408")),
        *((code, "youth_rehabilitation_order") for code in ("204", "331", "342")),
        ("233", "supervision_default_order"),
        (201, "community_order"),
    ],
    ids=repr,
)
def test_outcome_codes(code: object, order_type: str) -> None:
    case, notes = read_one(changed("latestCourtAppearanceOutcome.code", code))
    assert (case.order_type, notes) == (order_type, ())


@pytest.mark.parametrize("code", ["234", "412", "999"])
def test_an_unknown_outcome_code_is_named(code: str) -> None:
    case, notes = read_one(changed("latestCourtAppearanceOutcome.code", code))
    assert case.order_type is None
    assert notes == (
        (
            f"1 order has the outcome code `{code}`, which is not the code of a known order: "
            "its type is unknown"
        ),
    )


@pytest.mark.parametrize("code", ["Ann Example", "\u0662\u0660\u0661", [201]], ids=str)
def test_a_value_that_is_not_an_outcome_code_is_not_repeated(code: object) -> None:
    _, (note,) = read_one(changed("latestCourtAppearanceOutcome.code", code))
    assert note.startswith("1 order has an outcome code, which is not the code of a known order")


@pytest.mark.parametrize("outcome", [None, {}, {"code": None}], ids=str)
def test_without_an_outcome_code_the_type_is_unknown(outcome: object) -> None:
    case, notes = read_one(conviction(latestCourtAppearanceOutcome=outcome))
    assert case.order_type is None
    assert notes == ("1 order has no outcome code: its type is unknown",)


def test_0_ordered_minutes_are_unknown() -> None:
    case, notes = read_one(changed("sentence.unpaidWork.minutesOrdered", 0))
    assert case.required_minutes is None
    assert notes == (
        (
            "1 order has 0 ordered minutes, which means not recorded: "
            "its ordered minutes are unknown"
        ),
    )


def test_missing_minutes_are_unknown_and_0_completed_is_0() -> None:
    case, notes = read_one(changed("sentence.unpaidWork", {"minutesCompleted": 0}))
    assert (case.required_minutes, case.completed_minutes, notes) == (None, 0, ())


def test_convictions_without_unpaid_work_are_counted() -> None:
    value = [
        conviction(),
        conviction(convictionId=2, sentence=None),
        conviction(convictionId=3, sentence={"startDate": "2024-01-01"}),
        {"convictionId": 4},
    ]
    reading = read(value)
    assert reading.places == ("$[0]",)
    assert reading.notes == ("3 convictions without unpaid work were left out", NO_ADJUSTMENTS)


@pytest.mark.parametrize(
    ("on", "kept"),
    [(date(2024, 5, 1), True), (date(2024, 4, 30), True), (date(2024, 5, 2), False), (None, False)],
)
def test_requirements_that_ended_before_the_day_are_left_out(on: date | None, kept: bool) -> None:
    reading = read(changed("sentence.terminationDate", "2024-05-01"), on)
    assert len(reading.cases) == kept
    left_out = ("1 ended requirement was left out", "the file does not contain a case to check")
    assert reading.notes == ((NO_ADJUSTMENTS,) if kept else left_out)


def test_a_status_of_terminated_without_a_date_is_kept_and_noted() -> None:
    _, notes = read_one(changed("sentence.unpaidWork.status", "TERMINATED"))
    assert notes == (
        "1 order has the unpaid work status `Terminated` without an end date, and was kept",
    )


def test_a_sentence_without_its_conviction() -> None:
    case, notes = read_one(conviction()["sentence"])
    assert case == UnpaidWorkOrder(
        sentence_date=date(2024, 1, 9), required_minutes=4800, completed_minutes=600
    )
    assert notes == ("1 order has no outcome code: its type is unknown",)


def test_minutes_offered_are_not_minutes_ordered() -> None:
    case, notes = read_one({"unpaidWork": {"minutesOffered": 720, "minutesCompleted": 120}})
    assert (case.required_minutes, case.completed_minutes) == (None, 120)
    assert (
        "1 order gives minutes offered, which are not minutes ordered: those are unknown" in notes
    )


def test_json_lines_of_convictions() -> None:
    lines = "\n".join(json.dumps(conviction(convictionId=number)) for number in (1, 2))
    stdin = io.BytesIO(lines.encode())
    reading = readers.read("unpaid-work", "-", shape="community-api", on=ON, stdin=stdin)
    assert reading.places == ("line 1, $", "line 2, $")


def test_another_systems_file_is_refused() -> None:
    assert problems([{"order_type": "community_order"}]) == [
        "the file does not contain a record in the shape community-api; check `shape` @ the file"
    ]


def test_problems_have_the_paths_of_the_other_system() -> None:
    value = [
        changed("sentence.unpaidWork.minutesOrdered", -5),
        changed("sentence.startDate", "09/01/2024"),
        changed("sentence.terminationDate", "soon"),
        changed("sentence.unpaidWork", []),
        conviction(sentence="SP"),
        conviction(convictionId={"id": 1}),
        conviction(latestCourtAppearanceOutcome="201"),
        "a conviction",
        changed("sentence.unpaidWork.minutesOrdered", False),
    ]
    found = problems(value)
    assert [text.rpartition(" @ ")[2] for text in found] == [
        "$[0].sentence.unpaidWork.minutesOrdered",
        "$[1].sentence.startDate",
        "$[1]",  # the same reference
        "$[2].sentence.terminationDate",
        "$[3].sentence.unpaidWork",
        "$[4].sentence",
        "$[5].convictionId",
        "$[6].latestCourtAppearanceOutcome",
        "$[7]",
        "$[8].sentence.unpaidWork.minutesOrdered",
        "$[8]",
    ]


def test_a_conviction_given_twice() -> None:
    assert problems([conviction(), conviction()]) == [
        "this reference is also at $[0]; give each case its own reference @ $[1]"
    ]


def test_nothing_personal_is_read() -> None:
    text = str(read([conviction()]))
    assert "offence" not in text


# --- The systems' own test data, if available --------------------------------------------------


def fixture(name: str, on: date) -> Reading:
    path = FIXTURES / name
    if not path.exists():
        pytest.skip("the shared fixtures are not available")
    return read_answer("unpaid-work", path, shape="community-api", on=on)


def test_court_case_services_convictions() -> None:
    reading = fixture("ccs-convictions-X320741.json", date(2019, 6, 1))
    assert reading.cases == (
        UnpaidWorkOrder(reference="2500297061", required_minutes=480, completed_minutes=60),
    )
    assert reading.places == ("$[0]",)
    assert reading.lacks == ALL_BUT_WHAT_IT_CARRIES
    assert reading.notes == (
        (
            "1 order has the outcome code `412`, which is not the code of a known order: "
            "its type is unknown"
        ),
        "2 convictions without unpaid work were left out",
        NO_ADJUSTMENTS,
    )


def test_court_case_services_convictions_after_they_ended() -> None:
    reading = fixture("ccs-convictions-X320741.json", date(2020, 1, 2))
    assert reading.cases == ()
    assert "1 ended requirement was left out" in reading.notes


def test_court_case_services_conviction() -> None:
    reading = fixture("ccs-conviction-X320741-2500295343.json", date(2017, 12, 1))
    assert reading.cases == (
        UnpaidWorkOrder(
            reference="2500295343",
            order_type="community_order",
            sentence_date=date(2017, 6, 1),
            required_minutes=3600,
            completed_minutes=360,
        ),
    )


def test_prepare_a_cases_sentence() -> None:
    reading = fixture("pac-sentence-DX12340A-1403337513.json", date(2019, 6, 1))
    assert reading.cases == (UnpaidWorkOrder(completed_minutes=120),)
    assert reading.places == ("$",)


def test_prepare_a_cases_schema_is_not_a_sentence() -> None:
    with pytest.raises(CaseError, match="does not contain a record in the shape community-api;"):
        fixture("pac-get-sentence.schema.json", date(2019, 6, 1))


def test_another_system_s_sentence_is_not_a_conviction_without_work() -> None:
    """That system gives the work in a text, which is not read. It must not seem to be missing."""
    other = {"sentence": {"order": {"startDate": "2024-02-01"}, "unpaidWorkProgress": "7 minutes"}}
    reading = read([other, conviction()])
    assert "1 record in another shape was left out" in reading.notes
    assert not any("without unpaid work" in note for note in reading.notes)
    # The sentence of a conviction shows this even without other fields.
    assert len(read([{"sentence": conviction()["sentence"]}]).cases) == 1
