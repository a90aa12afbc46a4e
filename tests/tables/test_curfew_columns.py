"""Curfews of a table: good records are read together, the others one by one, with the same answers."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from unittest.mock import Mock, patch

import pyarrow as pa  # type: ignore[import-untyped]
import pytest

import probation_rules as pr
from probation_rules.areas.curfew_variation import AREA
from probation_rules.tables import table as tables

ON = date(2026, 11, 21)
PERIOD = {"day": "monday", "start": "19:00", "minutes": 600, "place": "A"}
LATER = {**PERIOD, "day": "sunday", "start": "23:00:00", "minutes": 180}
DONE = {"form": {"done": True, "on": date(2026, 11, 2)}}
GOOD: list[dict[str, Any]] = [
    {"current": None, "proposed": None, "steps": None},
    {"current": [PERIOD], "proposed": [PERIOD, LATER], "steps": DONE},
    {"proposed": [LATER], "steps": {"form": None}},
    {"steps": {"form": {"done": False, "on": None}}},
]
BAD: list[dict[str, Any]] = [
    {"proposed": [PERIOD, PERIOD]},
    {"proposed": [PERIOD, {**PERIOD, "minutes": 0}]},
    {"proposed": [PERIOD, None]},
    {"proposed": [{**PERIOD, "day": "moonday"}]},
    {"proposed": [{**PERIOD, "start": "24:00"}]},
    {"proposed": [{**PERIOD, "place": "A\nB"}]},
    {"proposed": []},
    {"proposed": [PERIOD] * 101},
    {"steps": {"form": {"done": False, "on": date(2026, 11, 2)}}},
    {"steps": {"form": {"done": True, "on": date(2019, 1, 1)}}},
]
# Of a type that is read case by case, and all right.
ODD = [
    {"steps": {"form": {"done": True, "on": datetime(2026, 11, 2)}}},  # noqa: DTZ001
    {"proposed": [{**PERIOD, "minutes": 600.0}]},
    {"proposed": [{**PERIOD, "street": "x"}]},
    {"proposed": "every night"},
    {"steps": "all"},
]


def outcomes(rows: list[dict[str, Any]]) -> pa.Table:
    with patch.object(tables, "FEW_ROWS", -1):
        data = pa.Table.from_pylist(rows)
        return pr.check_table("curfew-variation", data, on=ON, facts=True).outcomes


def prepared_one_by_one(rows: list[dict[str, Any]]) -> int:
    """How many rows are prepared one by one, after a test that this makes no difference."""
    one_by_one = Mock(wraps=AREA.prepare)
    with patch.dict(AREA.__dict__, prepare=one_by_one):
        found = outcomes(rows)
    with patch.dict(AREA.__dict__, columns=None):
        assert found.equals(outcomes(rows))
    assert found["reference"].to_pylist() == [row.get("reference") for row in rows]
    return one_by_one.call_count


def test_good_records_are_read_together_and_bad_ones_have_the_same_reasons() -> None:
    rows = [row for pair in zip(GOOD * 3, BAD, strict=False) for row in pair]
    named = [{"reference": str(place), **row} for place, row in enumerate(rows)]

    assert prepared_one_by_one(named) == 1, "only the overlap, whose records are good by themselves"

    reasons = outcomes(named)["reasons"].to_pylist()
    assert [why is not None for why in reasons] == [False, True] * len(BAD)


@pytest.mark.parametrize("odd", ODD)
def test_records_of_another_type_are_read_one_by_one(odd: dict[str, Any]) -> None:
    assert prepared_one_by_one([{"reference": "a"}, {"reference": "b", **odd}]) <= 1
