"""Hold the laws of `tests/laws.py` on as many cases as there is time for.

    make assure SIZE=1000000 SEED=20261121
    make assure SIZE=1000000 MINUTES=60
    make spark SIZE=5000

A run is cut into pieces of `PIECE` cases, each with a seed of its own made from the run's seed, the
area and the piece's number: the same run gives the same cases on one process or on ten, and laws
that draw alike are held on the same cases. Laws and areas take turns, so that a run that is out of
time has come about as far with each. The first case that breaks a law is shown and ends the run.
`spark_agrees` needs the extra `spark` and is held only if it is asked for.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from itertools import islice
from pathlib import Path
from random import Random
from time import monotonic, process_time

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

import laws

PIECE = 1000
Piece = tuple[str, str, int, int]  # the law, the area, its number and how many cases
Held = tuple[Piece, int, float]  # how many were fit to be judged, and seconds of a processor


def hold(piece: Piece, seed: int) -> Held:
    """Hold a law on one piece."""
    law, area, number, size = piece
    began = process_time()
    judged: int = getattr(laws, law)(area, Random(f"{seed} {area} {number}"), size)
    return piece, judged, process_time() - began


def pieces(asked: argparse.Namespace) -> Iterator[Piece]:
    """Yield every piece of the run, laws and areas in turn."""
    known = {law.__name__: laws.areas_of(law) for law in (*laws.LAWS, laws.spark_agrees)}
    chosen = asked.law or [law.__name__ for law in laws.LAWS]
    for number, first in enumerate(range(0, asked.size, PIECE)):
        for law in chosen:
            for area in known[law]:
                if not asked.area or area in asked.area:
                    yield law, area, number, min(PIECE, asked.size - first)


def run(asked: argparse.Namespace) -> Iterator[Held]:
    """Hold piece after piece until all are held or time is up."""
    until = monotonic() + 60 * asked.minutes
    todo = pieces(asked)
    with ProcessPoolExecutor(asked.jobs) as pool:
        waiting: set[Future[Held]] = set()
        while True:
            free = 2 * asked.jobs - len(waiting) if monotonic() < until else 0
            waiting |= {pool.submit(hold, piece, asked.seed) for piece in islice(todo, free)}
            if not waiting:
                return
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            yield from (one.result() for one in done)


def main() -> None:
    """Run every law on every area and print what was done."""
    names = [law.__name__ for law in (*laws.LAWS, laws.spark_agrees)]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=10_000, help="cases for each law and area")
    parser.add_argument("--seed", type=int, default=laws.SEED)
    parser.add_argument("--minutes", type=float, default=float("inf"), help="most time to take")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--area", action="append", choices=list(laws.AREAS))
    parser.add_argument("--law", action="append", choices=names)
    asked = parser.parse_args()

    print(f"seed {asked.seed}, {asked.size:,} cases for each law and area", flush=True)
    cases, judged = Counter[str](), Counter[str]()
    seconds: defaultdict[str, float] = defaultdict(float)
    for (law, area, _, size), fit, took in run(asked):
        one = f"{law:26} {area:28}"
        cases[one] += size
        judged[one] += fit
        seconds[one] += took
        if cases[one] == asked.size:
            print(f"{one} {asked.size:>9,} held", flush=True)
    for one, many in cases.items():
        told = f"{many:>9,} cases {judged[one]:>9,} judged {seconds[one]:8.1f} s of a processor"
        print(f"{one} {told}", flush=True)


if __name__ == "__main__":
    main()
