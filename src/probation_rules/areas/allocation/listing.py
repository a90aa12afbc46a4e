"""The columns and order of a list of allocations."""

from __future__ import annotations

from probation_rules.caseload.layout import Cell, Column, Layout
from probation_rules.language.english import say
from probation_rules.report import Report


def _said(name: str, title: str) -> Column:
    """Return the column of an input fact, in words."""

    def cell(report: Report) -> Cell:
        return Cell(say(report.facts[name], report.area.facts[name].type))

    return Column(title, cell)


LAYOUT = Layout(
    pairs=(
        (_said("holder_grade", "held by"), _said("decided_by_grade", "decided by")),
        (_said("rosh", "RoSH"), _said("tier", "tier")),
    ),
)
