"""Several threads ask one table, and each gets the answers that one thread gets."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from threading import Barrier
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pytest

import probation_rules as pr
from probation_rules.tables import Table
from support.tabled import both_ways

ON = date(2026, 1, 15)
THREADS = 3


def data(area: str, number: int) -> dict[str, Any]:
    names = [f"EX-{place}" for place in range(number)]
    people = [f"EX-{place // 3}" for place in range(3 * number)]
    return {
        "unpaid-work": {
            "data": pa.table(
                {
                    "reference": names,
                    "order_type": ["community_order"] * number,
                    "sentence_date": [date(2025, 1 + place % 9, 3) for place in range(number)],
                    "required_minutes": [6000] * number,
                }
            )
        },
        "pod": {
            "data": pa.table({"reference": names}),
            "members": pa.table({"pod": people, "grade": ["PO", "PSO", "PQiP"] * number}),
        },
        "curfew-variation": {
            "data": pa.table({"reference": names, "order_in_force": [True] * number})
        },
    }[area]


def written(table: Table, folder: Path, place: int) -> bytes:
    path = folder / f"{place}.csv"
    table.write(path)
    return path.read_bytes()


def kept(table: Table) -> Any:
    table.keep()
    return table.query("SELECT count(*) AS n FROM kept")


ASKED: list[Callable[[Table, Path, int], Any]] = [
    lambda table, _, __: table.outcomes,
    lambda table, _, __: table.findings,
    lambda table, _, __: table.findings_of("not_applicable").num_rows,
    lambda table, _, __: table.summary,
    lambda table, _, __: table.duplicates,
    lambda table, _, __: table.query("SELECT count(*) AS n FROM outcomes"),
    lambda table, _, __: table.cases([1, 3]),
    lambda table, _, __: kept(table),
    lambda table, _, __: table._repr_html_(),
    written,
]


@both_ways
@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("area", ["unpaid-work", "pod", "curfew-variation"])
def test_many_threads_get_the_answers_of_one(area: str, tmp_path: Path) -> None:
    def table() -> Table:
        return pr.check_table(area, **data(area, 40), on=ON)

    alone = [ask(table(), tmp_path, -1) for ask in ASKED]
    shared, barrier = table(), Barrier(THREADS)

    def ask(thread: int) -> list[Any]:
        barrier.wait()
        # Each begins with another question, so that all of them are asked at once.
        order = [(thread + place) % len(ASKED) for place in range(len(ASKED))]
        found = {place: ASKED[place](shared, tmp_path, thread) for place in order}
        return [found[place] for place in range(len(ASKED))]

    with ThreadPoolExecutor(THREADS) as pool:
        for found in pool.map(ask, range(THREADS)):
            assert found == alone


def test_what_is_kept_is_kept_once(small_table: Table) -> None:
    small_table.keep()
    small_table.keep()
    assert small_table.query("SELECT _row FROM kept")["_row"].to_pylist() == [1, 2]


@pytest.fixture
def small_table() -> Table:
    return pr.check_table("unpaid-work", **data("unpaid-work", 2), on=ON)
