"""Hold the laws of `tests/laws.py` on as many cases as there is time for.

    make assure SIZE=1000000 SEED=20261121
    make spark SIZE=5000

A run is cut into pieces of `PIECE` cases, each with a seed of its own made from the run's seed, the
area and the piece's number: the same run gives the same cases on one process or on ten, and laws
that draw alike are held on the same cases. The first case that breaks a law is shown and ends the
run. `spark_agrees` needs the extra `spark` and is held only if it is asked for.
"""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from random import Random
from time import perf_counter

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

import laws

PIECE = 1000


def judged(law: str, area: str, seed: int, piece: int, size: int) -> int:
    """Hold a law on one piece; return how many cases were fit to be judged."""
    held: int = getattr(laws, law)(area, Random(f"{seed} {area} {piece}"), size)
    return held


def main() -> None:
    """Run every law on every area and print what was done."""
    named = {law.__name__: law for law in (*laws.LAWS, laws.spark_agrees)}
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=10_000, help="cases for each law and area")
    parser.add_argument("--seed", type=int, default=laws.SEED)
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--area", action="append", choices=list(laws.AREAS))
    parser.add_argument("--law", action="append", choices=list(named))
    asked = parser.parse_args()

    pieces = [
        (piece, min(PIECE, asked.size - first))
        for piece, first in enumerate(range(0, asked.size, PIECE))
    ]
    print(f"seed {asked.seed}, {asked.size:,} cases for each law and area", flush=True)
    with ProcessPoolExecutor(asked.jobs) as pool:
        for law in asked.law or [law.__name__ for law in laws.LAWS]:
            areas = laws.areas_of(named[law])
            for area in (one for one in areas if one in (asked.area or areas)):
                began = perf_counter()
                futures = [pool.submit(judged, law, area, asked.seed, *piece) for piece in pieces]
                fit = sum(future.result() for future in futures)
                seconds = perf_counter() - began
                print(f"{law:26} {area:28} {fit:>9,} judged {seconds:8.1f} s", flush=True)


if __name__ == "__main__":
    main()
