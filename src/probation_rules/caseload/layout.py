"""How an area's cases are listed: names, columns and order of urgency."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from attrs import frozen

from probation_rules.language.english import say
from probation_rules.language.tree import Type
from probation_rules.report import Report
from probation_rules.rulebook.model import Area

HOUR = 60


@frozen
class Cell:
    """The text that a case has in a column.

    Attributes:
        text: The text.
        kind: `breach`, `advisory` or `unknown` where the text has that colour.
        value: The date or number that the text shows, for a workbook; minutes are hours there.
        mark: The sign before the value, which the legend explains.
    """

    text: str
    kind: str = ""
    value: date | float | None = None
    mark: str = ""


@frozen
class Column:
    """A column of an area's own.

    Attributes:
        title: Its title.
        cell: Returns a case's cell.
        about: What it is, in a sentence.
        right: Whether it is aligned to the right, as figures are.
        heading: Its title where there is room for a longer one.
    """

    title: str
    cell: Callable[[Report], Cell]
    about: str
    right: bool = False
    heading: str = ""


@frozen
class Layout:
    """How an area's cases are listed.

    Attributes:
        one: What a case is called.
        many: What several are called.
        stage: What its stage is called.
        every: Whether cases with nothing to report are listed too: there is a next step for each.
        first: Stages that come before all others.
        last: Stages that come after all others.
        soonest: Sort key within a stage: the first known of these facts, smallest first.
        most: Next sort keys: these facts, greatest first. After these come counts of findings that
            are not met, breaches before all, and of those that are not known.
        pairs: The area's own columns, in pairs: one above the other on a narrow terminal.
        marks: What a cell of the area's own columns begins with where the legend is needed.
        legend: What those marks mean.
    """

    one: str = "case"
    many: str = "cases"
    stage: str = "stage"
    every: bool = False
    first: tuple[str, ...] = ()
    last: tuple[str, ...] = ()
    soonest: tuple[str, ...] = ()
    most: tuple[str, ...] = ()
    pairs: tuple[tuple[Column, ...], ...] = ()
    marks: tuple[str, ...] = ("~",)
    legend: str = ""

    def ranked(self, stage: str | None) -> int:
        """Return where a stage comes in the list: a smaller number before a greater one."""
        if stage in self.first:
            return self.first.index(stage)
        return len(self.first) + (self.last.index(stage) + 1 if stage in self.last else 0)


def layout_for(area: Area) -> Layout:
    """Return how an area's cases are listed."""
    return Layout() if area.spec.listing is None else area.spec.load(area.spec.listing)


def hours(minutes: int | None) -> str:
    """Return minutes as hours and minutes, one width for a column: `7h 05m`."""
    return "not known" if minutes is None else "{:,}h {:02}m".format(*divmod(minutes, HOUR))


def day(value: date) -> str:
    """Return a day as a person reads it: `21 Nov 2026`."""
    return say(value, Type("date"))


def capital(text: str) -> str:
    """Return a text with a capital at its start."""
    return text[:1].upper() + text[1:]


def words(name: str | None) -> str:
    """Return a name of the rulebook as words; without a name, `cannot tell`."""
    return "cannot tell" if name is None else name.replace("_", " ")
