"""Whole caseloads, side by side with SQL written by hand for the same result.

Each contender runs in turn in every round; printed are medians and the median of the ratios within
a round. The 10 million orders run in a process of their own, whose peak memory is measured.
"""

from __future__ import annotations

import argparse
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter, process_time
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from attrs import asdict
from by_hand_sql import CHECKED_ORDERS, CHECKED_PODS, ORDERS, PODS
from conditions import prepared
from decide import zen_engine
from orders import ON, orders

import probation_rules as pr

MADE = 50_000  # different orders; repeated under other references
BATCH = 5_000  # orders that zen-engine is given at once
WORDS = ("not_applicable", "met", "not_met", "cannot_tell", "invalid")
HEADCOUNT = {"ratio_measure": "headcount"}


def write_orders(path: Path, number: int) -> None:
    """Write so many orders, a group of rows at a time."""
    made = pa.Table.from_pylist([asdict(order) for order in orders(min(MADE, number))])
    with pq.ParquetWriter(path, made.schema) as writer:
        for first in range(0, number, made.num_rows):
            names = pa.array([f"made-up-{first + place}" for place in range(made.num_rows)])
            writer.write_table(made.set_column(0, "reference", names))


def write_pods(folder: Path, pods: int, people: int) -> None:
    """Write PODs known in full, and about ten members of each."""
    random = Random(1)  # noqa: S311 (made-up cases, no secrets)
    area = pr.rulebook().area("pod")
    columns: dict[str, Any] = {"reference": [f"pod-{place}" for place in range(pods)]}
    for name, fact in area.said.items():
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


def by_hand(text: str, views: Mapping[str, Path], threads: int) -> Callable[[], pa.Table]:
    """A statement written by hand, over views of files."""

    def run() -> pa.Table:
        with duckdb.connect(config={"threads": threads}) as connection:
            connection.execute(f"CREATE TYPE outcome AS ENUM {WORDS}")
            for name, path in views.items():
                connection.read_parquet(str(path)).create_view(name)
            return connection.sql(text).to_arrow_table()

    return run


def compare(rounds: int, clock: Callable[[], float], *contenders: Callable[[], Any]) -> list[float]:
    """Return the median seconds of each, and the median ratios of the first to each other."""
    times = [[_seconds(run, clock) for run in contenders] for _ in range(rounds)]
    ratios = [[ours / other for other in others] for ours, *others in times]
    return [median(column) for part in (times, ratios) for column in zip(*part, strict=True)]


def against_zen(
    library: Callable[[], Any], number: int, rounds: int, clock: Callable[[], float]
) -> str:
    """Say how many orders a second the library answers for each that zen-engine's batch does."""
    engine = zen_engine()
    # What it needs of dates is worked out before the clock starts, which favours it.
    asked = [{"key": "upw", "context": prepared(order, ON)} for order in orders(BATCH)]
    assert all(one["success"] for one in engine.evaluate_batch(asked)), (
        "zen-engine refused an order"
    )
    ours, batch, _ = compare(rounds, clock, library, lambda: engine.evaluate_batch(asked))
    ratio = (number / ours) / (BATCH / batch)
    return (
        f"\nOrders a second: {number / ours:,.0f}; by zen-engine {version('zen-engine')} in one batch "
        f"of {BATCH:,}, {BATCH / batch:,.0f}: {ratio:.0f} times (target: 50)."
    )


def _seconds(run: Callable[[], Any], clock: Callable[[], float]) -> float:
    start = clock()
    run()
    return clock() - start


def same(found: pa.Table, hand: pa.Table) -> bool:
    """Whether two results are the same, cell by cell, in whatever order."""
    found = found.select(hand.column_names)
    text = pa.schema([(name, pa.string()) for name in hand.column_names])
    one, other = (table.cast(text).sort_by("reference") for table in (found, hand))
    return bool(one.equals(other))


def file_to_file(source: str, target: str, memory: str, threads: int) -> None:
    """Run one large table and print its seconds and the peak memory of this process."""
    start = perf_counter()
    pr.check_table("unpaid-work", source, on=ON, memory_limit=memory, threads=threads).write(target)
    seconds = perf_counter() - start
    # Not `ru_maxrss`, which starts at the peak of the process that started this one.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = int(status.partition("VmHWM:")[2].split()[0]) / 1024
    print(f"{seconds:.2f} {peak:.0f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--large", type=int, default=10_000_000)
    parser.add_argument("--file-to-file", nargs=3, metavar=("SOURCE", "TARGET", "MEMORY"))
    parser.add_argument(
        "--processor", action="store_true", help="count processor time, where other work shares it"
    )
    chosen = parser.parse_args()
    clock = process_time if chosen.processor else perf_counter
    if chosen.file_to_file:
        file_to_file(*chosen.file_to_file, chosen.threads)
        return
    print(
        f"CPython {platform.python_version()}, duckdb {version('duckdb')}, sqlglot "
        f"{version('sqlglot')}, pyarrow {version('pyarrow')}, {chosen.threads} threads; "
        f"{'processor time, ' if chosen.processor else ''}median of {chosen.rounds} rounds.\n"
    )
    print(
        "| what, Parquet to Arrow | library, s | by hand, rows checked, s | by hand, no checks, s "
        "| ratio, rows checked | ratio, no checks | target |\n|---|---:|---:|---:|---:|---:|---:|"
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / "orders.parquet"
        write_orders(source, chosen.orders)
        write_pods(folder, chosen.orders // 10, chosen.orders)

        def our_orders() -> pa.Table:
            return pr.check_table("unpaid-work", source, on=ON, threads=chosen.threads).outcomes

        def our_pods() -> pa.Table:
            return pr.check_table(
                "pod", folder / "pods.parquet", members=folder / "members.parquet", on=ON,
                settings=HEADCOUNT, threads=chosen.threads,
            ).outcomes  # fmt: skip

        cases = {"cases": source}
        pods = {"pods": folder / "pods.parquet", "members": folder / "members.parquet"}
        for what, ours, views, texts, target in (
            (f"{chosen.orders:,} orders", our_orders, cases, (CHECKED_ORDERS, ORDERS), 1.5),
            (
                f"{chosen.orders // 10:,} PODs of {chosen.orders:,} members",
                our_pods, pods, (CHECKED_PODS, PODS), 2.0,
            ),
        ):  # fmt: skip
            hands = [by_hand(text, views, chosen.threads) for text in texts]
            assert all(same(ours(), hand()) for hand in hands), "the results differ"
            found = compare(chosen.rounds, clock, ours, *hands)
            print(f"| {what} | {' | '.join(f'{one:.2f}' for one in found)} | {target:.2f} |")
        print(against_zen(our_orders, chosen.orders, chosen.rounds, clock))
        if chosen.large:
            write_orders(folder / "large.parquet", chosen.large)
            command = [sys.executable, __file__, "--threads", str(chosen.threads), "--file-to-file"]
            paths = [str(folder / "large.parquet"), str(folder / "out.parquet"), "512MB"]
            done = subprocess.run([*command, *paths], check=True, capture_output=True, text=True)  # noqa: S603
            seconds, peak = done.stdout.split()
            print(
                f"\n{chosen.large:,} orders, Parquet to Parquet with a memory limit of 512 MB: "
                f"{seconds} s, peak {peak} MB of the whole process."
            )


if __name__ == "__main__":
    main()
