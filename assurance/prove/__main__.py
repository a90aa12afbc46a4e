"""`make prove AREAS=...`: every claim about the shipped rules, in a table."""

from __future__ import annotations

import argparse
import sys
from collections import Counter

from probation_rules.errors import did_you_mean
from probation_rules.rulebook import shipped
from prove import SECONDS, Verdict, prove


def main(names: list[str]) -> int:
    """Print what becomes of each claim; return 1 if one fails or is left undecided.

    Raises:
        SystemExit: The area is not known.
    """
    parser = argparse.ArgumentParser(prog="prove", description="Prove claims about the rules.")
    parser.add_argument("areas", nargs="*", help="areas; all of them, if none is named")
    parser.add_argument(
        "--seconds", type=float, default=SECONDS, help="for one question to the solver, at most"
    )
    asked = parser.parse_args(names)
    areas, names = shipped().areas, asked.areas
    for name in names:
        if name not in areas:
            hint = did_you_mean(name, areas) or "."
            parser.error(f"`{name}` is not an area{hint} The areas are {', '.join(areas)}")
    counts: Counter[Verdict] = Counter()
    seconds = 0.0
    for name, area in areas.items():
        if name in names or not names:
            _say(name)
            for proof in prove(area, asked.seconds):
                _say(f"  {proof}")
                counts[proof.verdict] += 1
                seconds += proof.seconds
    shown = ", ".join(f"{many} {verdict}" for verdict, many in counts.items())
    _say(f"{shown}, {seconds:.1f} s")
    return int(counts.total() > counts[Verdict.HOLDS])


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
