"""The page of PODs: whether each POD follows each national principle."""

from __future__ import annotations

from attrs import frozen

from probation_rules.caseload.model import Caseload
from probation_rules.rulebook.model import Area

# The words for a mark of the text list, and the CSS class of its cell.
MARKS = {
    "no": ("requirement not met", "breach"),
    "(no)": ("advice not met", "advisory"),
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
        lines: PODs, the most urgent first.
    """

    principles: tuple[Principle, ...]
    not_met: tuple[int, ...]
    lines: tuple[Line, ...]


def grid(found: Caseload) -> Grid:
    """Return whether each POD follows each principle: the marks of the text list, in words."""
    layout, area = found.question.layout, found.question.area
    asked = asks(area)
    columns = [column for pair in layout.pairs for column in pair]
    lines = [
        Line(one.label, tuple(MARKS[column.cell(one.report).text] for column in columns))
        for one in found.cases
    ]
    return Grid(
        principles=tuple(Principle(column.title, asked[column.title]) for column in columns),
        not_met=tuple(
            sum(line.marks[place][1] == "breach" for line in lines) for place in range(len(columns))
        ),
        lines=tuple(lines),
    )


def asks(area: Area) -> dict[str, tuple[str, ...]]:
    """Return what the rules about each principle ask, by the number of the principle."""
    found: dict[str, tuple[str, ...]] = {}
    for rule, places in area.wordings.items():
        number = rule.partition(".")[2].partition("-")[0]
        found[number] = (*found.get(number, ()), area.rules[places[-1]].title)
    return found
