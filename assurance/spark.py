"""Compare `probation_rules.spark` with `check_table` on random rows of every area, on real Spark.

    make spark
    make spark SIZE=5000 ORDERS=0 SEED=1

Rows have unknown and wrong values. Every column of the answers must be the same: outcomes, stage,
reasons and derived facts. Flat areas are compared also as text, with cells that cannot be read. PODs
are compared with their members in lists, with references on several rows, and in a second table.
Then one million orders go from Parquet to Parquet, by each, with the times. Spark runs as local[2].
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any
from unittest.mock import patch

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from pyspark.sql import SparkSession

import probation_rules as pr
from probation_rules import spark as on_spark
from probation_rules.engines.sql.statement import sql_names
from probation_rules.rulebook.book import Rulebook
from probation_rules.tables import table as tables
from support import laws
from support.caseloads import arrow
from support.generate import batch_of

ROUND = 20_000  # rows that are asked about on one day
MADE = 50_000  # different orders, repeated under other references
SPARK = {**laws.SPARK, "spark.driver.extraJavaOptions": "-XX:-DontCompileHugeMethods"}
WRONG = ("?", "31/12/2025", "-1", "YES ", "\u202e")


# --- Random rows --------------------------------------------------------------------------------


def as_text(random: Random, rows: pa.Table) -> pa.Table:
    """Return the rows with each cell as text, some of which cannot be read."""
    columns = {}
    for name in rows.column_names:
        cells = rows[name].cast(pa.string()).to_pylist()
        columns[name] = [random.choice(WRONG) if random.random() < 0.005 else one for one in cells]  # noqa: PLR2004
    return pa.table({name: pa.array(cells, pa.string()) for name, cells in columns.items()})


def with_names(random: Random, rows: pa.Table) -> pa.Table:
    """Return PODs whose members have references, some of which are on several rows."""
    many = 1_000 * rows.num_rows
    lists = [
        None
        if people is None
        else [{**one, "reference": f"M{random.randrange(many)}"} for one in people]
        for people in rows["members"].to_pylist()
    ]
    held = rows.schema.field("members").type.value_type
    fields = [*((one.name, one.type) for one in held), ("reference", pa.string())]
    return rows.set_column(
        rows.column_names.index("members"), "members", pa.array(lists, pa.list_(pa.struct(fields)))
    )


def apart(rows: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Return PODs and their members as two tables."""
    people = [
        {"pod": reference, **one}
        for reference, listed in zip(
            rows["reference"].to_pylist(), rows["members"].to_pylist(), strict=True
        )
        for one in listed or ()
    ]
    held = rows.schema.field("members").type.value_type
    schema = pa.schema([("pod", pa.string()), *((one.name, one.type) for one in held)])
    known = pc.is_valid(rows["members"])
    cases = rows.drop_columns(["members"]).append_column("members_known", known)
    return cases, pa.Table.from_pylist(people, schema)


def forms(random: Random, area: str, rows: pa.Table) -> Iterator[tuple[str, pa.Table, Any]]:
    """Yield each form in which an area's rows are compared, and the members in a second table."""
    yield "typed", rows, None
    if area == "pod":
        named = with_names(random, rows)
        yield "lists with references", named, None
        yield "two tables", *apart(named)
    elif not any(pa.types.is_nested(one.type) for one in rows.schema):
        yield "text", as_text(random, rows), None


# --- The comparison -----------------------------------------------------------------------------


def differences(
    session: SparkSession, book: Rulebook, area: str, on: Any, rows: pa.Table, members: Any
) -> tuple[int, int]:
    """Return how many rows have other answers on Spark, and how many are invalid."""
    asked: dict[str, Any] = {"on": on, "rulebook": book, "facts": True}
    with patch.object(tables, "FEW_ROWS", -1):
        here = pr.check_table(area, rows, members=members, **asked).outcomes
    frame = session.createDataFrame(rows).repartition(4)
    people = None if members is None else session.createDataFrame(members).repartition(4)
    there = on_spark.check_table(frame, area, members=people, **asked).toArrow()
    names = sql_names(book.area(area))
    here = here.rename_columns([names.get(one, one) for one in here.column_names])
    if there.column_names != here.column_names or there.num_rows != here.num_rows:
        raise AssertionError(f"{area}: other columns or another number of rows")
    ours, theirs = (in_order(one) for one in (here, there))
    differ = sum(one != other for one, other in zip(ours, theirs, strict=True))
    return differ, here.num_rows - here["reasons"].null_count


def in_order(rows: pa.Table) -> list[dict[str, Any]]:
    """Return rows sorted, since Spark gives them in any order."""
    found: list[dict[str, Any]] = rows.to_pylist()
    return sorted(found, key=lambda row: (row["reference"] or "", str(row)))


def compare(session: SparkSession, name: str, size: int, seed: int) -> int:
    """Compare rows of an area in each form, and return how many differ."""
    book, area = laws.BOOKS[name], name.split(",", maxsplit=1)[0]
    found: dict[str, list[int]] = {}
    began = perf_counter()
    for first in range(0, size, ROUND):
        random = Random(f"{seed} {name} {first}")
        on, cases = batch_of(random, laws.AREAS[name], min(ROUND, size - first))
        for form, rows, members in forms(random, area, arrow(laws.AREAS[name], cases)):
            differ, invalid = differences(session, book, area, on, rows, members)
            counts = found.setdefault(form, [0, 0, 0])
            counts[:] = map(sum, zip(counts, (len(cases), invalid, differ), strict=True))
    took = perf_counter() - began
    for form, (rows_, invalid, differ) in found.items():
        print(f"{name:45} {form:22} {rows_:>9,} rows {invalid:>8,} invalid {differ:>4} differ")
    print(f"{name:45} {took:.0f} s", flush=True)
    return sum(differ for _, _, differ in found.values())


# --- One million orders -------------------------------------------------------------------------


@contextmanager
def timed(what: str, rows: int) -> Iterator[None]:
    """Print how long a piece of work took."""
    began = perf_counter()
    yield
    took = perf_counter() - began
    print(f"{what:45} {took:6.1f} s, {1e6 * took / rows:.2f} µs a row", flush=True)


def time_orders(session: SparkSession, number: int, seed: int) -> None:
    """Time orders from Parquet to Parquet, by DuckDB and by Spark, twice each."""
    area = laws.AREAS["unpaid-work"]
    on, cases = batch_of(Random(seed), area, min(MADE, number))
    made = arrow(area, cases)
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "orders"
        source.mkdir()
        for first in range(0, number, MADE):
            rows = made.slice(0, number - first)
            names = pa.array([f"made-up-{first + place}" for place in range(rows.num_rows)])
            parquet.write_table(
                rows.set_column(0, "reference", names), source / f"{first:08}.parquet"
            )
        for _ in range(2):
            with timed(f"DuckDB, {number:,} orders, 2 threads", number):
                table = pr.check_table("unpaid-work", source, on=on, threads=2)
                table.write(Path(folder) / "duckdb.parquet")
            with timed(f"Spark local[2], {number:,} orders", number):
                frame = session.read.parquet(str(source))
                answers = on_spark.check_table(frame, "unpaid-work", on=on)
                answers.write.mode("overwrite").parquet(f"{folder}/spark")


def main() -> None:
    """Compare every area; exit with 1 if a row differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=200_000, help="rows of each area and form")
    parser.add_argument("--orders", type=int, default=1_000_000, help="orders that are timed")
    parser.add_argument("--seed", type=int, default=laws.SEED)
    parser.add_argument("--area", action="append", choices=list(laws.BOOKS))
    asked = parser.parse_args()
    session = SparkSession.builder.config(map=SPARK).getOrCreate()
    print(f"Spark {session.version}, seed {asked.seed}", flush=True)
    if asked.orders:
        time_orders(session, asked.orders, asked.seed)
    chosen = (asked.area or laws.BOOKS) if asked.size else ()
    differ = sum(compare(session, name, asked.size, asked.seed) for name in chosen)
    session.stop()
    sys.exit(differ > 0)


if __name__ == "__main__":
    main()
