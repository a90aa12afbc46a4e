"""Hold the laws of `tests/engines/test_agreement.py` on as many cases as there is time for.

    make assure SIZE=1000000 SEED=20261121

A run is cut into pieces of `PIECE` cases, each with a seed of its own made from the run's seed, the
law, the area and the piece's number: the same run gives the same cases on one process or on ten.
The first case that breaks a law is shown and ends the run.
"""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any

TESTS = Path(__file__).resolve().parent.parent / "tests"
PIECE = 1000


def laws() -> Any:
    """The module that holds the laws, which tests and this script share."""
    sys.path[:0] = [str(TESTS), str(TESTS / "engines")]
    import test_agreement  # noqa: PLC0415 (found only now)

    return test_agreement


def judged(law: str, area: str, seed: int, piece: int, size: int) -> int:
    """Hold a law on one piece; return how many cases were fit to be judged."""
    random = Random(f"{seed} {law} {area} {piece}")
    hold = getattr(laws(), law)
    return sum(hold(area, random) for _ in range(size))


def main() -> None:
    """Run every law on every area and print what was done."""
    known = laws()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=10_000, help="cases for each law and area")
    parser.add_argument("--seed", type=int, default=known.SEED)
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--area", action="append", choices=list(known.AREAS))
    parser.add_argument("--law", action="append", choices=[law.__name__ for law in known.LAWS])
    asked = parser.parse_args()

    pieces = [
        (piece, min(PIECE, asked.size - first))
        for piece, first in enumerate(range(0, asked.size, PIECE))
    ]
    print(f"seed {asked.seed}, {asked.size:,} cases for each law and area", flush=True)
    with ProcessPoolExecutor(asked.jobs) as pool:
        for law in asked.law or [law.__name__ for law in known.LAWS]:
            for area in asked.area or known.AREAS:
                if law == "one_stage_holds" and not known.AREAS[area].stages:
                    continue
                began = perf_counter()
                futures = [pool.submit(judged, law, area, asked.seed, *piece) for piece in pieces]
                fit = sum(future.result() for future in futures)
                seconds = perf_counter() - began
                print(f"{law:26} {area:28} {fit:>9,} judged {seconds:8.1f} s", flush=True)


if __name__ == "__main__":
    main()
