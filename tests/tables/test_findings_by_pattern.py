"""Findings of a large table: needs found once a pattern are those found row by row."""

from __future__ import annotations

from random import Random
from unittest.mock import patch

import pyarrow as pa  # type: ignore[import-untyped]
import pytest

import probation_rules as pr
from probation_rules.engines import ROW_OUTCOMES
from probation_rules.tables import patterns
from probation_rules.tables import table as tables
from probation_rules.tables.arrow import FINDING
from support.caseloads import arrow
from support.generate import batch_of

AREAS = [name for name in pr.rulebook().areas if patterns.has_patterns(pr.rulebook().area(name))]


def test_areas_without_members_and_prepared_facts_have_patterns() -> None:
    assert "unpaid-work" in AREAS
    assert not {"pod", "curfew-variation"} & set(AREAS)


@pytest.mark.parametrize("wanted", [tables.WANTED, ROW_OUTCOMES], ids=["to report", "every"])
@pytest.mark.parametrize("area", AREAS)
def test_findings_by_pattern_are_those_row_by_row(area: str, wanted: tuple[str, ...]) -> None:
    on, cases = batch_of(Random(11), pr.rulebook().area(area), 300)
    data = arrow(pr.rulebook().area(area), cases)

    with patch.object(tables, "FEW_ROWS", -1):
        table = pr.check_table(area, data, on=on)
        found = table.findings_of(*wanted)
    with patch.object(patterns, "has_patterns", return_value=False):
        row_by_row = table.findings_of(*wanted)

    assert found.equals(row_by_row)
    assert found.num_rows > 0


def test_a_large_table_without_rows_has_no_findings() -> None:
    data = pa.table({"reference": pa.array([], pa.string())})
    on, _ = batch_of(Random(11), pr.rulebook().area("unpaid-work"), 1)

    with patch.object(tables, "FEW_ROWS", -1):
        found = pr.check_table("unpaid-work", data, on=on).findings

    assert found.num_rows == 0
    assert found.schema == FINDING
