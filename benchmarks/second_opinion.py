"""The cost of a second opinion, and its flat memory: python, durable and both, in turn.

Every engine decides the same made-up cases, with unknowns in them, in the same run. Printed: the
median over the rounds, in microseconds a decision, and the median of the ratios within a round;
then the process's memory over many decisions by `durable`.
"""

from __future__ import annotations

import argparse
import gc
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter_ns
from typing import Any

import machine

import probation_rules as pr
from probation_rules.engines import cross_check, durable, python, reference

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from support.generate import case_of, question_day

SEED = 20261121
ENGINES = {"python": python, "reference": reference, "durable": durable, "cross-check": cross_check}
MOST_GROWTH = 4096  # KiB of memory over all the decisions; more would be a leak


def questions(name: str, number: int) -> list[tuple[Any, Any]]:
    """Return the facts of cases that are not refused, each with the day asked about."""
    area, random = pr.rulebook().area(name), Random(SEED)  # noqa: S311 (made up, not secret)
    decide, found = python.compile_area(area), []
    while len(found) < number:
        facts, on = area.facts_of(case_of(random, area)), question_day(random, area)
        try:
            decide(facts, on)
        except pr.CaseError:
            continue
        found.append((facts, on))
    return found


def timed(decide: Callable[[Any, Any], object], asked: list[tuple[Any, Any]]) -> float:
    """Return the microseconds a decision takes."""
    start = perf_counter_ns()
    for case, on in asked:
        decide(case, on)
    return (perf_counter_ns() - start) / len(asked) / 1000


def compare(name: str, cases: int, rounds: int) -> list[str]:
    """Return the rows of one area; all engines must have given the same answers before."""
    asked = questions(name, cases)
    decide = {each: one.compile_area(pr.rulebook().area(name)) for each, one in ENGINES.items()}
    for case, on in asked:
        assert len({each(case, on) for each in decide.values()}) == 1, (case, on)
    times: dict[str, list[float]] = {each: [] for each in decide}
    gc.disable()
    for _ in range(rounds):
        for each, one in decide.items():
            times[each].append(timed(one, asked))
    gc.enable()
    return [
        f"| {name} | {each} | {median(found):,.1f} |"
        f" {median(a / b for a, b in zip(found, times['python'], strict=True)):,.0f} |"
        for each, found in times.items()
    ]


def growth(name: str, decisions: int) -> int:
    """Return the growth of memory in KiB over this many decisions, after a tenth of them."""
    asked = questions(name, 500)
    decide = durable.compile_area(pr.rulebook().area(name))
    before = 0
    for number in range(decisions + decisions // 10):
        if number == decisions // 10:
            gc.collect()
            before = machine.resident()
        decide(*asked[number % len(asked)])
    gc.collect()
    return machine.resident() - before


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("areas", nargs="*", default=sorted(pr.rulebook().documents))
    parser.add_argument("--cases", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--decisions", type=int, default=100_000)
    given = parser.parse_args()
    try:
        durable.compile_area(pr.rulebook().area(given.areas[0]))
    except (pr.InputError, pr.MissingExtra) as error:
        print(f"not run: {error}")
        return
    print(
        f"{machine.described('durable_rules')}; {given.cases} cases an area,"
        f" median of {given.rounds} rounds.\n"
    )
    print("| area | engine | microseconds | against python |\n|---|---|---:|---:|")
    for name in given.areas:
        print("\n".join(compare(name, given.cases, given.rounds)))
    grown = growth(given.areas[-1], given.decisions)
    print(
        f"\nMemory over {given.decisions:,} decisions of {given.areas[-1]} by durable: {grown:+,} KiB."
    )
    if grown > MOST_GROWTH:
        raise SystemExit("memory is not flat")


if __name__ == "__main__":
    main()
