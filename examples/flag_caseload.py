"""A whole caseload -> the orders to look at first: those in breach with fewest days left.

    python examples/flag_caseload.py
    python examples/flag_caseload.py FILE --on 2026-01-15 --output outcomes.csv

Needs the extra `table`. The caseload that it reads if none is given is the made-up one of the library.
"""

from __future__ import annotations

import argparse
from collections import Counter
from datetime import date
from importlib.resources import as_file, files
from pathlib import Path

import probation_rules as pr

LISTED = 5


def main() -> None:
    """Answer the caseload, print the first orders to look at, and write all of it if asked to."""
    parser = argparse.ArgumentParser(description="The orders of a caseload to look at first.")
    parser.add_argument("file", nargs="?", type=Path)
    parser.add_argument("--on", type=date.fromisoformat, default=date(2026, 11, 21))
    parser.add_argument("--output", type=Path, help="Every order's outcomes, as CSV or Parquet.")
    arguments = parser.parse_args()
    made_up = files("probation_rules") / "demo" / "unpaid-work.csv"
    try:
        with as_file(made_up) as path:
            table = pr.check_table(
                "unpaid-work",
                arguments.file or path,
                on=arguments.on,
                facts=True,  # for the days left
            )
            show(table)
            if arguments.output:
                table.write(arguments.output)
                print(f"written to {arguments.output}")
    except pr.ProbationRulesError as error:
        parser.exit(2, f"{error}\n")


def show(table: pr.Table) -> None:
    """Print the caseload's counts, the first orders to look at, and the facts most asked for."""
    rows = table.outcomes.to_pylist()
    breaches: dict[int, list[str]] = {}
    needs: Counter[str] = Counter()
    for finding in table.findings.to_pylist():
        if finding["severity"] == "breach":
            breaches.setdefault(finding["row"], []).append(finding["rule"])
        needs.update(finding["needs"] or ())
    invalid = [row for row in rows if row["reasons"]]
    print(f"{len(rows)} orders on {table.on}, {len(breaches)} of them breach a rule")
    known = [number for number in breaches if rows[number - 1]["days_left"] is not None]
    for number in sorted(known, key=lambda number: rows[number - 1]["days_left"])[:LISTED]:
        row = rows[number - 1]  # findings count rows from 1
        stage = row["stage"] or "stage not known"
        print(
            f"  {row['reference']}, {row['days_left']} days: {stage}: {', '.join(breaches[number])}"
        )
    if unknown := len(breaches) - len(known):
        print(f"  and {unknown} without a last day, or with one that is not known")
    if needs:
        print(
            "most asked for: "
            + ", ".join(f"{name} {count}" for name, count in needs.most_common(3))
        )
    if invalid:
        first, why = invalid[0]["reference"], "; ".join(invalid[0]["reasons"])
        print(f"{len(invalid)} cannot be judged; the first, {first}: {why}")


if __name__ == "__main__":
    main()
