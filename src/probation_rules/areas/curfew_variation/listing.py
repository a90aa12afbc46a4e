"""The columns and order of a list of curfew variations."""

from __future__ import annotations

from probation_rules.caseload.layout import Cell, Column, Layout, words
from probation_rules.report import Report


def _next(name: str, title: str, about: str) -> Column:
    """Return the column of the officer's next step, or of its owner; empty on another route."""

    def cell(report: Report) -> Cell:
        value = report.facts[name]
        return Cell("" if value == "none" else words(value), "" if value else "unknown")

    return Column(title, cell, about)


LAYOUT = Layout(
    one="variation",
    many="variations",
    stage="route",
    every=True,
    pairs=(
        (
            _next("next_step", "next step", "The next step of the officer's process."),
            _next("next_step_by", "whose", "Who takes the next step."),
        ),
    ),
)
