"""The reviewed table: a line for each wording of a shipped rule, with what a finding rests on.

    .venv/bin/python tests/reviewed.py

writes `tests/policy/reviewed.csv` anew from the rules files. The policy owner reviews the
lines that change.
"""

from __future__ import annotations

import csv
import difflib
import io
from pathlib import Path

import probation_rules as pr
from probation_rules.rulebook.book import Rulebook
from probation_rules.rulebook.model import Rule, Severity

TABLE = Path(__file__).parent / "policy" / "reviewed.csv"
COLUMNS = ("rule", "in force", "severity", "basis", "title", "not met", "remedy", "citations")
SEVERITY = {Severity.BREACH: "must", Severity.ADVISORY: "should"}
WHAT_TO_DO = """\
The rules files differ from the reviewed table, tests/policy/reviewed.csv.
Lines with - are reviewed, lines with + are what the rules files have.
If the change of policy was not intended, restore the rules file.
If the change is meant, run `.venv/bin/python tests/reviewed.py` and have the policy owner review the
lines of the table that change."""


def table(book: Rulebook) -> str:
    """Return the table of a rulebook, as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_row(rule) for area in book.areas.values() for rule in area.rules)
    return text.getvalue()


def differences(book: Rulebook) -> str:
    """Return how a rulebook differs from the reviewed table and what to do, or an empty text."""
    reviewed = TABLE.read_text(encoding="utf-8").splitlines()
    changes = [
        line
        for line in difflib.unified_diff(reviewed, table(book).splitlines(), n=0, lineterm="")
        if not line.startswith(("---", "+++", "@@"))
    ]
    return "\n".join([WHAT_TO_DO, *changes]) if changes else ""


def _row(rule: Rule) -> tuple[str, ...]:
    until = f" to {rule.to}" if rule.to else ""
    by = "" if rule.by == "on" else f", by {rule.by}"
    return (
        rule.id,
        f"from {rule.from_}{until}{by}",
        SEVERITY[rule.severity],
        str(rule.basis),
        rule.title,
        rule.not_met,
        rule.remedy,
        " | ".join(map(str, rule.citations)),
    )


if __name__ == "__main__":
    TABLE.write_text(table(pr.rulebook()), encoding="utf-8", newline="\n")
