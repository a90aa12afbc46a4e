from __future__ import annotations

import io
import json
from decimal import Decimal

import pytest

from probation_rules import Workload, readers
from probation_rules.errors import CaseError
from probation_rules.readers import Reading


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


def test_what_is_wrong_is_told_by_the_feed_s_own_path() -> None:
    with pytest.raises(CaseError) as caught:
        read([overview("Z01A001", weeklyHours="many"), 3])
    assert [one.path for one in caught.value.problems] == ["$[0].weeklyHours", "$[1]"]
