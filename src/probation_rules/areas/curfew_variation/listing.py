"""The columns and order of a list of curfew variations."""

from __future__ import annotations

from rich.text import Text

from probation_rules.cli.answer import Answered
from probation_rules.cli.table import UNKNOWN, Column, Layout


def _next(name: str, title: str) -> Column:
    """Return the column of the officer's next step, or of its owner; empty on another route."""

    def cell(one: Answered) -> Text:
        value = one.report.facts[name]
        if value is None:
            return Text("cannot tell", UNKNOWN)
        return Text("" if value == "none" else value.replace("_", " "))

    return Column(title, cell)


LAYOUT = Layout(
    one="variation",
    many="variations",
    stage="route",
    every=True,
    pairs=((_next("next_step", "next step"), _next("next_step_by", "whose")),),
)
