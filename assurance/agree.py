"""Check the laws of `tests/support/laws.py` on as many cases as there is time for.

    make assure SIZE=200000 SPARK=5000 SEED=20261121
    make assure SIZE=1000000 MINUTES=60

A run is cut into pieces of `PIECE` cases, each with a seed of its own made from the run's seed, the
area and the piece's number: the same run gives the same cases on one process or on ten, and laws
that draw alike are held on the same cases. Laws and areas take turns, so that a run that is out of
time has come about as far with each. Spark comes last, in one process and whatever time is left.
The first case that breaks a law is shown and ends the run. It fails too if of any law and area no
case could be judged.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from random import Random
from shutil import which
from time import monotonic, process_time

from attrs import define

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from support import laws

PIECE = 1000
FOREVER = float("inf")
Pair = tuple[str, str]  # a law and an area
Piece = tuple[Pair, int, int]  # its number, and how many cases
Held = tuple[Piece, int, float]  # how many were fit to be judged, and seconds of a processor


@define
class Count:
    """How far a law was checked on an area: the number of cases, and of those that could be judged."""

    wanted: int
    cases: int = 0
    judged: int = 0
    seconds: float = 0

    def __str__(self) -> str:
        done = (
            f"{self.cases:>9,} cases {self.judged:>9,} judged {self.seconds:8.1f} s of a processor"
        )
        return done if self.judged else f"{done}: NOT HELD, no case was judged"


def hold(piece: Piece, seed: int) -> Held:
    """Hold a law on one piece."""
    (law, area), number, size = piece
    began = process_time()
    judged: int = getattr(laws, law)(area, Random(f"{seed} {area} {number}"), size)
    return piece, judged, process_time() - began


def pieces(counts: dict[Pair, Count]) -> Iterator[Piece]:
    """Yield every piece that is wanted, laws and areas in turn."""
    for number, first in enumerate(range(0, max(one.wanted for one in counts.values()), PIECE)):
        for pair, count in counts.items():
            yield pair, number, min(PIECE, count.wanted - first)


def run(todo: Iterator[Piece], seed: int, jobs: int, until: float) -> Iterator[Held]:
    """Check piece after piece until all are checked or the time is over."""
    with ProcessPoolExecutor(jobs) as pool:
        waiting: set[Future[Held]] = set()
        while True:
            free = 2 * jobs - len(waiting) if monotonic() < until else 0
            waiting |= {pool.submit(hold, piece, seed) for piece in islice(todo, free)}
            if not waiting:
                return
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            yield from (one.result() for one in done)


def held(counts: dict[Pair, Count], seed: int, jobs: int, until: float) -> bool:
    """Hold laws on their areas, print what was done, and return whether each judged something."""
    if not counts:
        return True
    for (pair, _, size), judged, seconds in run(pieces(counts), seed, jobs, until):
        count = counts[pair]
        count.cases += size
        count.judged += judged
        count.seconds += seconds
        if count.cases == count.wanted:
            print(f"{pair[0]:26} {pair[1]:28} {count.cases:>9,} tried", flush=True)
    for (law, area), count in counts.items():
        print(f"{law:26} {area:28} {count}", flush=True)
    return all(count.judged for count in counts.values())


def why_not_spark() -> str | None:
    """Return what Spark lacks to be asked here."""
    if find_spec("pyspark") is None:
        return "--spark needs PySpark: install the extra `spark`"
    home = os.environ.get("JAVA_HOME")
    if which("java", path=f"{home}/bin" if home else None) is None:
        return "--spark needs Java 17 or later, in JAVA_HOME or on the PATH, but Java was not found"
    return None


def main() -> None:
    """Hold every law on every area; exit with 1 if one judged nothing."""
    known = {law.__name__: law for law in laws.LAWS}
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=10_000, help="cases for each law and area")
    parser.add_argument(
        "--spark", type=int, default=0, help="cases of each area that Spark is asked"
    )
    parser.add_argument("--seed", type=int, default=laws.SEED)
    parser.add_argument("--minutes", type=float, default=FOREVER, help="most time, but for Spark's")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--area", action="append", choices=list(laws.AREAS))
    parser.add_argument("--law", action="append", choices=list(known))
    asked = parser.parse_args()
    if asked.spark and (lack := why_not_spark()):
        parser.error(lack)

    chosen = [(known[name], asked.size) for name in asked.law or known if asked.size > 0]
    chosen += [(laws.spark_agrees, asked.spark)] if asked.spark > 0 else []
    counts = {
        (law.__name__, area): Count(size)
        for law, size in chosen
        for area in laws.areas_of(law)
        if not asked.area or area in asked.area
    }
    if not counts:
        parser.error("these laws are not about these areas, or no case of them was asked for")
    print(f"seed {asked.seed}, {asked.size:,} cases for each law and area", flush=True)
    spark = {pair: count for pair, count in counts.items() if pair[0] == "spark_agrees"}
    others = {pair: count for pair, count in counts.items() if pair not in spark}
    until = monotonic() + 60 * asked.minutes
    good = [held(others, asked.seed, asked.jobs, until), held(spark, asked.seed, 1, FOREVER)]
    sys.exit(not all(good))


if __name__ == "__main__":
    main()
