"""The columns and order of a list of allocations."""

from __future__ import annotations

from probation_rules.cli.answer import Answered
from probation_rules.cli.table import Column, Layout


def _said(name: str, title: str) -> Column:
    """The column of a fact that a case says, in its own words."""

    def cell(one: Answered) -> str:
        value = one.report.facts[name]
        return "not known" if value is None else str(value).replace("_", " ")

    return Column(title, cell)


LAYOUT = Layout(
    pairs=(
        (_said("holder_grade", "held by"), _said("decided_by_grade", "decided by")),
        (_said("rosh", "RoSH"), _said("tier", "tier")),
    ),
)
