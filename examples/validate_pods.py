"""PODs as JSON -> what is not kept of the ten principles, and the smallest change that would mend it.

    python examples/validate_pods.py
    python examples/validate_pods.py FILE --on 2026-11-21 --ratio headcount

Needs the library alone. Ends with 1 if a POD breaches a principle, and with 2 if the file cannot be read.
"""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

import probation_rules as pr

MADE_UP = Path(__file__).parent / "pods.json"


def main() -> None:
    """Read the file, print the findings of each POD, and exit with 1 if one breaches a principle."""
    parser = argparse.ArgumentParser(description="The ten national principles, POD by POD.")
    parser.add_argument("file", nargs="?", type=Path, default=MADE_UP)
    parser.add_argument("--on", type=date.fromisoformat, default=date(2026, 11, 21))
    # No source defines whether the ratio is in people or in full-time equivalents: a region does.
    parser.add_argument("--ratio", choices=["headcount", "fte"])
    arguments = parser.parse_args()
    settings = {"ratio_measure": arguments.ratio} if arguments.ratio else {}
    try:
        breached = show(arguments.file, arguments.on, settings)
    except pr.ProbationRulesError as error:
        parser.exit(2, f"{error}\n")
    parser.exit(int(breached))


def show(file: Path, on: date, settings: dict[str, str]) -> bool:
    """Print the findings of the PODs in a file; return whether one breaches a principle."""
    breached = False
    for case in pr.read("pod", file).cases:
        report = pr.check(case, on=on, settings=settings)
        found = (*report.breaches, *report.advisories, *report.unknown)
        print(f"{report.reference}: {'keeps all' if not found else f'{len(found)} to look at'}")
        for finding in found:
            print(f"  {finding.rule} {finding.severity or 'cannot tell'}: {finding.message}")
            for change in finding.changes:
                print(f"    put right by: {change}")
        breached = breached or bool(report.breaches)
    return breached


if __name__ == "__main__":
    main()
