"""Tables of made-up cases, and the two ways to answer them."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pytest

import probation_rules as pr
from support import caseloads
from support.generate import case_of

ON = date(2026, 3, 2)
MOSTLY = 100
# With the fixture `small` of tests/tables: by DuckDB's statement, and row by row.
both_ways = pytest.mark.parametrize("small", [-1, 2_000], ids=["duckdb", "python"], indirect=True)


def arrow(area: str, cases: list[Any]) -> pa.Table:
    """Cases as one table; members as a list of records."""
    return caseloads.arrow(pr.rulebook().area(area), cases)


def made(area: str, number: int = MOSTLY, seed: int = 1) -> list[Any]:
    random = Random(seed)
    return [case_of(random, pr.rulebook().area(area), unknown=0.15) for _ in range(number)]


def orders(**columns: Any) -> pa.Table:
    return pa.table({"reference": ["a"] * len(next(iter(columns.values()))), **columns})
