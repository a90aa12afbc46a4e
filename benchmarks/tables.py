"""Whole caseloads, side by side with peers and with statements written by hand for the same result.

Each contender runs in turn in every round; printed are medians, and the median of the ratios within
a round. Then each runs once in a process of its own, whose peak memory is measured, as do the 10
million orders.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter, process_time
from typing import Any

import by_hand
import duckdb
import machine
import openfisca
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from attrs import asdict, frozen
from by_hand_sql import CHECKED_ORDERS, CHECKED_PODS, ORDERS, PODS
from conditions import RULES, prepared
from decide import zen_engine
from orders import ON, orders

import probation_rules as pr

MADE = 50_000  # different orders; repeated under other references
BATCH = 5_000  # orders that zen-engine is given at once
WORDS = ("not_applicable", "met", "not_met", "cannot_tell", "invalid")
HEADCOUNT = {"ratio_measure": "headcount"}
PARTS = ("orders", "pods", "large")


# --- The caseloads ------------------------------------------------------------------------------


def write_orders(path: Path, number: int) -> None:
    """Write this many orders, a group of rows at a time."""
    made = pa.Table.from_pylist([asdict(order) for order in orders(min(MADE, number))])
    with pq.ParquetWriter(path, made.schema) as writer:
        for first in range(0, number, made.num_rows):
            rows = made.slice(0, number - first)
            names = pa.array([f"made-up-{first + place}" for place in range(rows.num_rows)])
            writer.write_table(rows.set_column(0, "reference", names))


def write_pods(folder: Path, pods: int, people: int) -> None:
    """Write PODs known in full, and about ten members of each."""
    random = Random(1)  # noqa: S311 (made-up cases, no secrets)
    area = pr.rulebook().area("pod")
    columns: dict[str, Any] = {"reference": [f"pod-{place}" for place in range(pods)]}
    for name, fact in area.input_facts.items():
        choices = fact.type.codes or (True, False)
        columns[name] = random.choices(choices, k=pods)
    columns["members_known"] = [True] * pods
    pq.write_table(pa.table(columns), folder / "pods.parquet")
    fte = pa.array(random.choices([100, 80, 60, 50], k=people), pa.decimal128(5, 2))
    members = {
        "pod": [f"pod-{place % pods}" for place in range(people)],
        "grade": random.choices(["PO", "PSO", "CA", "PQiP"], [2, 3, 1, 1], k=people),
        "fte": pc.divide(fte, pa.scalar(100)).cast(pa.decimal128(5, 2)),
        "nqo_completed": random.choices([True, False], k=people),
    }
    pq.write_table(pa.table(members), folder / "members.parquet")


# --- The contenders -----------------------------------------------------------------------------


@frozen
class Contender:
    """A timed program, the number of cases it answers, and the library's target ratio to it."""

    run: Callable[[], Any]
    cases: int
    target: float | None = None


def contenders(part: str, folder: Path, number: int, threads: int) -> dict[str, Contender]:
    """Return the contenders of a part by name, the library first."""
    return (of_orders if part == "orders" else of_pods)(folder, number, threads)


def of_orders(folder: Path, number: int, threads: int) -> dict[str, Contender]:
    # polars reads how many threads it may use when it is imported.
    os.environ["POLARS_MAX_THREADS"] = str(threads)
    import by_hand_polars  # noqa: PLC0415

    source = folder / "orders.parquet"
    engine = zen_engine()
    # The dates that zen-engine needs are computed before the clock starts, which favours it.
    asked = [{"key": "upw", "context": prepared(order, ON)} for order in orders(BATCH)]
    views = {"cases": source}
    return {
        "library": Contender(
            lambda: pr.check_table("unpaid-work", source, on=ON, threads=threads).outcomes, number
        ),
        "SQL by hand, rows checked": Contender(sql(CHECKED_ORDERS, views, threads), number, 1.5),
        "SQL by hand": Contender(sql(ORDERS, views, threads), number),
        "polars by hand": Contender(lambda: by_hand_polars.decide(source), number),
        "OpenFisca-core": Contender(lambda: openfisca.decide_file(source), number),
        f"zen-engine, {BATCH:,} orders in one batch": Contender(
            lambda: engine.evaluate_batch(asked), BATCH, 0.02
        ),
    }


def of_pods(folder: Path, number: int, threads: int) -> dict[str, Contender]:
    views = {"pods": folder / "pods.parquet", "members": folder / "members.parquet"}

    def library() -> pa.Table:
        return pr.check_table(
            "pod", views["pods"], members=views["members"], on=ON,
            settings=HEADCOUNT, threads=threads,
        ).outcomes  # fmt: skip

    return {
        "library": Contender(library, number),
        "SQL by hand, rows checked": Contender(sql(CHECKED_PODS, views, threads), number, 2.0),
        "SQL by hand": Contender(sql(PODS, views, threads), number),
    }


def sql(text: str, views: Mapping[str, Path], threads: int) -> Callable[[], pa.Table]:
    """A statement written by hand, over views of files, by DuckDB."""

    def run() -> pa.Table:
        with duckdb.connect(config={"threads": threads}) as connection:
            connection.execute(f"CREATE TYPE outcome AS ENUM {WORDS}")
            for name, path in views.items():
                connection.read_parquet(str(path)).create_view(name)
            return connection.sql(text).to_arrow_table()

    return run


def agree(field: Mapping[str, Contender]) -> None:
    """Stop unless all give the same answers, and of orders those of the code by hand."""
    ours = field["library"].run()
    for name, contender in field.items():
        found = contender.run()
        if isinstance(found, pa.Table):
            assert same(ours, found), f"{name} answers otherwise than the library"
        else:
            answers = [tuple(one["data"]["result"][key] for key in RULES) for one in found]
            assert answers == expected(contender.cases), f"{name} answers otherwise than by hand"
    if "stage" in ours.column_names:
        names = ["upw." + key.replace("_", "-") for key in RULES if key != "stage"]
        right = expected(min(MADE, ours.num_rows))
        hand = pa.table(
            [pa.array(column) for column in zip(*right, strict=True)], [*names, "stage"]
        )
        copies = pa.concat_tables([hand] * -(-ours.num_rows // hand.num_rows))
        references = pa.array([f"made-up-{place}" for place in range(ours.num_rows)])
        hand = copies.slice(0, ours.num_rows).append_column("reference", references)
        assert same(ours, hand), "the library answers otherwise than by hand"


def expected(number: int) -> list[tuple[str, ...]]:
    """Return the answers of the code by hand."""
    return [by_hand.decide(order, ON) for order in orders(number)]


def same(found: pa.Table, hand: pa.Table) -> bool:
    """Whether two results are the same, cell by cell, in whatever order."""
    found = found.select(hand.column_names)
    text = pa.schema([(name, pa.string()) for name in hand.column_names])
    one, other = (table.cast(text).sort_by("reference") for table in (found, hand))
    return bool(one.equals(other))


# --- Time and memory ----------------------------------------------------------------------------


def measure(
    field: Mapping[str, Contender], rounds: int, clock: Callable[[], float]
) -> dict[str, list[float]]:
    """Return each contender's seconds, round by round."""
    times: dict[str, list[float]] = {name: [] for name in field}
    for _ in range(rounds):
        for name, contender in field.items():
            start = clock()
            found = contender.run()
            times[name].append(clock() - start)
            del found
    return times


def alone(*arguments: object) -> str:
    """Run this script in a process of its own and return what it prints."""
    command = [sys.executable, __file__, *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603


def peak_of(contender: Contender) -> float:
    """Return by how many MB one run lifts the memory of this process at most, its result included."""
    before = machine.resident()
    machine.forget_peak()
    contender.run()
    return (machine.peak() - before) / 1024


def file_to_file(source: str, target: str, memory: str, threads: int) -> None:
    """Run one large table and print its seconds and the peak memory of this process."""
    start = perf_counter()
    pr.check_table("unpaid-work", source, on=ON, memory_limit=memory, threads=threads).write(target)
    print(perf_counter() - start, machine.peak() / 1024)


# --- The report ---------------------------------------------------------------------------------


def table(
    what: str, field: Mapping[str, Contender], times: Mapping[str, list[float]], peaks: list[float]
) -> str:
    heads = (what, "s", "cases a second", "library's time a case against it", "target, at most")
    lines = [
        f"| {' | '.join(heads)} | reached | peak memory, MB |\n|---|---:|---:|---:|---:|---|---:|"
    ]
    ours = [seconds / field["library"].cases for seconds in times["library"]]
    for (name, contender), peak in zip(field.items(), peaks, strict=True):
        theirs = [seconds / contender.cases for seconds in times[name]]
        ratio = median(one / other for one, other in zip(ours, theirs, strict=True))
        target, reached = "", ""
        if contender.target:
            target = f"{contender.target:.2f}"
            reached = "yes" if ratio <= contender.target else "no"
        lines.append(
            f"| {name} | {median(times[name]):.2f} | {1 / median(theirs):,.0f} "
            f"| {ratio:.{2 if ratio > 0.1 else 3}f} | {target} | {reached} | {peak:,.0f} |"
        )
    return "\n".join(lines)


def run_part(part: str, folder: Path, number: int, chosen: argparse.Namespace) -> None:
    """Print the table of a part."""
    field = contenders(part, folder, number, chosen.threads)
    agree(field)
    times = measure(field, chosen.rounds, process_time if chosen.processor else perf_counter)
    options = ("--orders", chosen.orders, "--threads", chosen.threads)
    peaks = [float(alone("--peak-of", part, folder, name, *options)) for name in field]
    pods = f"{number:,} PODs of {chosen.orders:,} members"
    what = pods if part == "pods" else f"{number:,} orders"
    print(table(what, field, times, peaks), end="\n\n", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="these parts alone")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--orders", type=int, default=1_000_000, help="and a tenth as many PODs")
    parser.add_argument("--large", type=int, default=10_000_000, help="orders from file to file")
    parser.add_argument(
        "--processor", action="store_true", help="count processor time, where other work shares it"
    )
    parser.add_argument("--peak-of", nargs=3, help=argparse.SUPPRESS)
    parser.add_argument("--file-to-file", nargs=3, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    numbers = {"orders": chosen.orders, "pods": chosen.orders // 10}
    if chosen.file_to_file:
        file_to_file(*chosen.file_to_file, chosen.threads)
        return
    if chosen.peak_of:
        part, folder, name = chosen.peak_of
        print(peak_of(contenders(part, Path(folder), numbers[part], chosen.threads)[name]))
        return
    packages = ("duckdb", "sqlglot", "pyarrow", "polars", "OpenFisca-Core", "numpy", "zen-engine")
    print(
        f"{machine.described(*packages)}; {chosen.threads} threads; "
        f"{'processor time, ' if chosen.processor else ''}median of {chosen.rounds} rounds.\n"
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if "orders" in chosen.only:
            write_orders(folder / "orders.parquet", chosen.orders)
            run_part("orders", folder, numbers["orders"], chosen)
        if "pods" in chosen.only:
            write_pods(folder, numbers["pods"], chosen.orders)
            run_part("pods", folder, numbers["pods"], chosen)
        if "large" in chosen.only:
            write_orders(folder / "large.parquet", chosen.large)
            paths = (folder / "large.parquet", folder / "out.parquet", "512MB")
            found = alone("--file-to-file", *paths, "--threads", chosen.threads)
            seconds, peak = map(float, found.split())
            print(
                f"{chosen.large:,} orders, Parquet to Parquet with a memory limit of 512 MB: "
                f"{seconds:.1f} s, {seconds / chosen.large * 1e6:.2f} microseconds an order; "
                f"peak {peak:.0f} MB of the whole process."
            )


if __name__ == "__main__":
    main()
