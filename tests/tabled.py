"""Tables of made-up cases, and the two ways in which they are answered."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pytest

import probation_rules as pr
from generate import case_of

ON = date(2026, 3, 2)
MOSTLY = 300
# With the fixture `small` of tests/tables: by DuckDB's statement, and row by row.
both_ways = pytest.mark.parametrize("small", [-1, 2_000], ids=["duckdb", "python"], indirect=True)


def arrow(area: str, cases: list[Any]) -> pa.Table:
    """Cases as one table; members as a list of records."""
    book = pr.rulebook().area(area)
    kinds = {
        "bool": pa.bool_(), "int": pa.int64(), "date": pa.date32(), "code": pa.string(),
        "decimal": pa.decimal128(9, 2),
    }  # fmt: skip
    columns = {"reference": pa.array([f"case-{place}" for place in range(len(cases))])}
    for name, fact in book.said.items():
        columns[name] = pa.array([getattr(case, name) for case in cases], kinds[fact.kind])
    if book.members is not None:
        facts = book.members.facts
        record = pa.struct([(name, kinds[fact.kind]) for name, fact in facts.items()])
        lists = [
            None
            if case.members is None
            else [{name: getattr(one, name) for name in facts} for one in case.members]
            for case in cases
        ]
        columns["members"] = pa.array(lists, pa.list_(record))
    return pa.table(columns)


def made(area: str, number: int = MOSTLY, seed: int = 1) -> list[Any]:
    random = Random(seed)
    return [case_of(random, pr.rulebook().area(area), unknown=0.15) for _ in range(number)]


def orders(**columns: Any) -> pa.Table:
    return pa.table({"reference": ["a"] * len(next(iter(columns.values()))), **columns})
