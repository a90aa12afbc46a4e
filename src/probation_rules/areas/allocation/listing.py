"""The columns and order of a list of allocations."""

from __future__ import annotations

from probation_rules.caseload.layout import Cell, Column, Layout
from probation_rules.language.english import say
from probation_rules.report import Report


def _said(name: str, title: str, about: str) -> Column:
    """Return the column of an input fact, in words."""

    def cell(report: Report) -> Cell:
        return Cell(say(report.facts[name], report.area.facts[name].type))

    return Column(title, cell, about)


LAYOUT = Layout(
    pairs=(
        (
            _said("holder_grade", "held by", "The grade of the officer who holds the case."),
            _said("decided_by_grade", "decided by", "The grade of the person who decided."),
        ),
        (
            _said("rosh", "RoSH", "The assessed risk of serious harm now."),
            _said("tier", "tier", "The tier now."),
        ),
    ),
)
