from __future__ import annotations

import io
import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from probation_rules import Workload, readers
from probation_rules.caseload.answered import Invalid
from probation_rules.caseload.by_case import answer
from probation_rules.caseload.question import Question
from probation_rules.errors import CaseError
from probation_rules.readers import Reading
from probation_rules.rulebook import shipped


def overview(code: str, **more: object) -> dict[str, object]:
    return {
        "code": code,
        "grade": "PO",
        "capacity": 72,
        "weeklyHours": 22.5,
        "totalReductionHours": 1.8,
        "pointsAvailable": 1217,
        "pointsUsed": 1567,
        **more,
    }


def read(value: object) -> Reading:
    stdin = io.BytesIO(json.dumps(value).encode())
    return readers.read("capacity", "-", shape="workload-officer", stdin=stdin)


def test_an_officer_s_points_and_hours() -> None:
    reading = read([overview("Z01A001"), overview("Z01A002", pointsUsed=None), {"code": "X"}])
    assert reading.cases == (
        Workload(
            reference="Z01A001",
            points=1567,
            contracted_hours=Decimal("22.5"),
            reduction_hours=Decimal("1.8"),
        ),
        Workload(
            reference="Z01A002",
            contracted_hours=Decimal("22.5"),
            reduction_hours=Decimal("1.8"),
        ),
    )
    assert reading.lacks == ("target_points", "usual_hours")
    assert reading.notes == ("1 record in another shape was left out",)


# --- Hours that passed through a binary float ----------------------------------------------------


@pytest.mark.parametrize(
    ("stated", "hours"),
    [
        ("11.100000000000001", "11.10"),
        ("22.499999999999996", "22.50"),
        ("36.999999999999", "37.00"),
        ("-0.0000000000000001", "0.00"),
        ("1.800000001", "1.80"),  # 1e-9 away, the most that counts as noise
        ("1.799999999", "1.80"),
        ("22.5", "22.5"),
        ("7", "7"),
    ],
)
def test_noise_of_a_binary_float_is_removed(stated: str, hours: str) -> None:
    (case,) = read_text(f'[{{"code": "X", "pointsUsed": 1, "weeklyHours": {stated}}}]').cases
    assert isinstance(case, Workload)
    assert str(case.contracted_hours) == hours


@pytest.mark.parametrize(
    "stated", ["1.333333", "1.8000000011", "1.7999999989", "11.105", "-0.01", "1e39", "168.01"]
)
def test_an_officer_with_wrong_hours_is_invalid_and_the_others_are_read(stated: str) -> None:
    wrong = f'{{"code": "Z01A001", "pointsUsed": 1, "totalReductionHours": {stated}}}'
    reading = read_text(f"[{wrong}, {json.dumps(overview('Z01A002'))}]", strict=False)
    assert reading.cases == read([overview("Z01A002")]).cases
    assert reading.places == ("$[1]",)
    (problem,) = reading.tried["$[0]"].problems
    assert problem.path == "$[0].totalReductionHours"
    assert problem.text.endswith("it must be a number from 0 to 168, at most 2 decimal places")
    assert reading.notes == ()


def test_only_the_officer_with_more_hours_taken_off_than_contracted_is_invalid(
    tmp_path: Path,
) -> None:
    file = tmp_path / "officers.json"
    officers = [
        overview("Z01A001", totalReductionHours=22.51),
        overview("Z01A002", weeklyHours=1.333333),
        overview("Z01A003"),
    ]
    file.write_text(json.dumps(officers))
    question = Question(date(2026, 5, 11), "python", shipped(), shipped().area("capacity"), {})
    found = answer(question, str(file), "workload-officer")
    assert [one.report.place for one in found.cases] == ["$[2]"]
    assert found.invalid == (
        Invalid(
            "$[0]",
            "Z01A001",
            ("the reductions are more than the contracted hours @ reduction_hours",),
        ),
        Invalid(
            "$[1]",
            "Z01A002",
            ("must be a number from 0 to 168, at most 2 decimal places @ contracted_hours",),
        ),
    )


def test_a_strict_reading_refuses_the_file_with_every_problem_and_reference() -> None:
    officers = [
        overview("Z01A001", weeklyHours=1.333333, totalReductionHours=-1),
        overview("Z01A001"),
    ]
    with pytest.raises(CaseError) as caught:
        read(officers)
    assert [one.path for one in caught.value.problems] == [
        "$[0].weeklyHours",
        "$[0].totalReductionHours",
        "$[1]",
    ]
    assert str(caught.value).endswith(
        "this reference is also at $[0]; give each case its own reference @ $[1]"
    )


def read_text(text: str, *, strict: bool = True) -> Reading:
    stdin = io.BytesIO(text.encode())
    return readers.read("capacity", "-", shape="workload-officer", stdin=stdin, strict=strict)


def test_a_value_that_is_not_an_officer_refuses_the_file() -> None:
    with pytest.raises(CaseError) as caught:
        read([overview("Z01A001"), 3])
    assert [str(one) for one in caught.value.problems] == ["must be an object @ $[1]"]
