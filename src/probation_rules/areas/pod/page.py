"""What the page of PODs shows: which POD keeps to which national principle."""

from __future__ import annotations

from attrs import frozen

from probation_rules.cli.answer import Answer
from probation_rules.cli.page import layout_of
from probation_rules.pages.content import BLOCK

# What a mark of the list on a terminal is in words, and the CSS class of its cell.
MARKS = {
    "no": ("not met", "breach"),
    "(no)": ("advisory", "advisory"),
    "?": ("cannot tell", "unknown"),
    "met": ("met", "met"),
    "-": ("not asked", "met"),
}


@frozen
class Principle:
    """A national principle: its number, and what the rules about it ask."""

    number: str
    asks: tuple[str, ...]


@frozen
class Line:
    """A POD, with each principle's answer in words and its CSS class."""

    label: str
    marks: tuple[tuple[str, str], ...]


@frozen
class Grid:
    """PODs by principle.

    Attributes:
        principles: In the order of the columns.
        not_met: How many PODs do not meet each.
        blocks: PODs, the most urgent first, in parts of at most `BLOCK`.
    """

    principles: tuple[Principle, ...]
    not_met: tuple[int, ...]
    blocks: tuple[tuple[Line, ...], ...]


def grid(found: Answer) -> Grid:
    """Return which POD keeps to which principle: the marks of the list on a terminal, in words."""
    layout, area = layout_of(found), found.question.area
    columns = [column for pair in layout.pairs for column in pair]
    lines = [
        Line(one.label, tuple(MARKS[str(column.cell(one))] for column in columns))
        for one in layout.sorted(found.cases)
    ]
    return Grid(
        principles=tuple(
            Principle(
                column.title,
                tuple(
                    area.rules[places[-1]].title
                    for rule, places in area.wordings.items()
                    if rule.partition(".")[2].partition("-")[0] == column.title
                ),
            )
            for column in columns
        ),
        not_met=tuple(
            sum(line.marks[place][0] == "not met" for line in lines)
            for place in range(len(columns))
        ),
        blocks=tuple(tuple(lines[at : at + BLOCK]) for at in range(0, len(lines), BLOCK)),
    )
