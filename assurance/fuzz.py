"""Try hostile input of every kind; it must be answered or refused, in bounded time and memory.

    make fuzz SIZE=100000 SEED=20261121

Each piece of `PIECE` inputs runs in a process of its own, which may take so much memory and no
more, may start no other process and may not use the network. An input that is neither answered nor
refused with a `ProbationRulesError`, or takes longer than `SECONDS`, is shown with the command
that tries it again.
"""

from __future__ import annotations

import argparse
import faulthandler
import multiprocessing
import os
import resource
import signal
import sys
import traceback
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

HOME = Path(__file__).resolve().parent.parent
PIECE = 4_000
SECONDS = 10  # for one input
HANGS = 300  # for one input that no signal reaches; a busy machine is slow to start a piece
MEMORY = (
    3 << 30
)  # bytes of address space for one piece; DuckDB and the libraries reserve much of it
MOST_SHOWN = 3  # of the inputs that fail in the same place


class TooSlow(BaseException):
    """An input took too long; no `except Exception` may keep it."""


def _too_slow(*_: object) -> None:
    raise TooSlow


def piece(kind: str, seed: int, numbers: range, at: Any, out: Any) -> None:
    """Try the inputs of these numbers, and send what came of them."""
    sys.path.insert(0, str(HOME / "tests"))
    from support import fuzzed, hostile  # noqa: PLC0415 (found only now)

    fuzzed.ready()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGALRM, _too_slow)
    hostile.forbid_running()
    counts, slowest, faults = Counter[str](), (0.0, 0), []
    for number in numbers:
        at.value = number
        signal.alarm(SECONDS)
        began = perf_counter()
        try:
            counts[fuzzed.tried(kind, seed, number)] += 1
        except BaseException as error:  # noqa: BLE001 (whatever it is, it is what is looked for)
            signal.alarm(0)
            frames = traceback.extract_tb(error.__traceback__)
            where = [one for one in frames if "probation_rules" in one.filename] or frames
            text = f"{type(error).__name__}: {str(error)[:200]}"
            faults.append((f"{Path(where[-1].filename).name}:{where[-1].lineno}", number, text))
        signal.alarm(0)
        slowest = max(slowest, (perf_counter() - began, number))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    out.send((counts, slowest, peak, faults))
    out.close()
    faulthandler.disable()
    os._exit(0)


def tried(
    kind: str, seed: int, numbers: range
) -> tuple[Counter[str], tuple[float, int], float, list[Any]]:
    """Try a piece in a process of its own; if that dies or hangs, report the input."""
    context = multiprocessing.get_context("spawn")
    at = context.Value("q", -1)
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=piece, args=(kind, seed, numbers, at, theirs))
    process.start()
    theirs.close()
    before, shown = -2, None
    while shown is None:
        if ours.poll(HANGS):
            try:
                shown = ours.recv()
            except EOFError:
                process.join()
                shown = (
                    Counter(),
                    (0.0, 0),
                    0.0,
                    [("process", at.value, f"ended by {process.exitcode}")],
                )
        elif at.value == before:
            process.kill()
            shown = (
                Counter(),
                (0.0, 0),
                0.0,
                [("process", at.value, "hung in code that no signal reaches")],
            )
        before = at.value
    process.join()
    return shown


def main() -> None:
    """Try every kind, print what came of it, and exit with 1 if anything is wrong."""
    sys.path.insert(0, str(HOME / "tests"))
    from support.fuzzed import KINDS  # noqa: PLC0415
    from support.fuzzed import tried as try_one  # noqa: PLC0415

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=10_000, help="inputs, of all kinds together")
    parser.add_argument("--seed", type=int, default=20261121)
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--kind", action="append", choices=list(KINDS))
    parser.add_argument("--number", type=int, help="try only this input of the kind again")
    asked = parser.parse_args()
    if asked.number is not None:
        for kind in asked.kind or KINDS:
            print(try_one(kind, asked.seed, asked.number))
        return

    print(f"seed {asked.seed}; at most {SECONDS} s and {MEMORY >> 20:,} MB of addresses each")
    print(
        f"{'kind':16} {'inputs':>8} {'refused':>8} {'answered':>8} {'slowest':>10} {'peak':>8} {'took':>7}"
    )
    places: dict[tuple[str, str], list[tuple[int, str]]] = {}
    with ThreadPoolExecutor(asked.jobs) as pool:
        for kind in asked.kind or KINDS:
            size = max(1, round(asked.size * KINDS[kind].share / 100))
            pieces = [range(first, min(first + PIECE, size)) for first in range(0, size, PIECE)]
            began = perf_counter()
            found = list(pool.map(partial(tried, kind, asked.seed), pieces))
            counts = sum((one[0] for one in found), Counter())
            slowest, peak = max(one[1] for one in found), max(one[2] for one in found)
            for where, number, text in (fault for one in found for fault in one[3]):
                places.setdefault((kind, where), []).append((number, text))
            print(
                f"{kind:16} {size:>8,} {counts['refused']:>8,} {counts['answered']:>8,} "
                f"{slowest[0] * 1000:>7,.0f} ms {peak:>5,.0f} MB {perf_counter() - began:>5,.0f} s",
                flush=True,
            )
    for (kind, where), faults in sorted(places.items(), key=lambda one: -len(one[1])):
        print(f"\n{len(faults)} of {kind} fail at {where}")
        for number, text in faults[:MOST_SHOWN]:
            print(
                f"  {text}\n    python assurance/fuzz.py --seed {asked.seed} --kind {kind!r} --number {number}"
            )
    sys.exit(bool(places))


if __name__ == "__main__":
    main()
