"""An import next to nDelius: convictions in community-api's JSON -> orders -> findings.

    python examples/import_convictions.py
    python examples/import_convictions.py FILE --on 2026-01-15 --not-extended

Needs the library alone. The file that it reads if none is given is made up.
"""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

import probation_rules as pr

MADE_UP = Path(__file__).parent / "convictions.json"


def main() -> None:
    """Read the file, and print what the feed never gives and what to do about each order."""
    parser = argparse.ArgumentParser(description="Findings on convictions in community-api's JSON.")
    parser.add_argument("file", nargs="?", type=Path, default=MADE_UP)
    parser.add_argument("--on", type=date.fromisoformat, default=date(2026, 1, 15))
    # Facts that are known of every order in the file are given here, and each report shows them.
    parser.add_argument("--not-extended", action="store_true", help="No order was extended.")
    arguments = parser.parse_args()
    try:
        show(arguments.file, arguments.on, {"extended": False} if arguments.not_extended else {})
    except pr.ProbationRulesError as error:
        parser.exit(2, f"{error}\n")


def show(file: Path, on: date, assuming: dict[str, bool]) -> None:
    """Print the findings on the orders in a file."""
    reading = pr.read("unpaid-work", file, shape="community-api", on=on)
    print(f"{len(reading.cases)} orders, on {on}")
    for note in reading.notes:
        print(f"  note: {note}")
    print(f"  the feed never gives: {', '.join(reading.lacks)}")
    for place, case in zip(reading.places, reading.cases, strict=True):
        report = pr.check(case, on=on, assuming=assuming)
        print(f"\n{report.reference or place}: {report.stage or 'the stage is not known'}")
        for finding in (*report.breaches, *report.advisories):
            assumed = f" (assumed: {', '.join(finding.assumed)})" if finding.assumed else ""
            print(f"  {finding.severity}: {finding.message}{assumed}")
            print(f"    {finding.remedy}")
        # What to ask for, rather than what to conclude.
        needs = dict.fromkeys(name for finding in report.unknown for name in finding.needs)
        if needs:
            print(f"  still needed: {', '.join(needs)}")


if __name__ == "__main__":
    main()
