"""The list of cases, the most urgent first.

An area's `listing` names its cases, and gives its own columns and order of urgency.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from itertools import chain
from math import inf

from attrs import frozen
from rich import box
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from probation_rules.cli.answer import Answered
from probation_rules.cli.output import inert
from probation_rules.language.english import say
from probation_rules.language.tree import Type
from probation_rules.rulebook.model import Area, Severity

WIDE = 124  # characters of a terminal from which every column stands by itself
HOUR = 60

BREACH, ADVISORY, UNKNOWN = "red", "yellow", "cyan"

_OF_MEMBER = re.compile(r"(\w+)\[(\d+)\]\.(\w+)")


@frozen
class Column:
    """A column of the list.

    Attributes:
        title: What stands above it.
        cell: What a case shows there.
        right: Whether it lines up on the right, as figures do.
    """

    title: str
    cell: Callable[[Answered], str | Text]
    right: bool = False


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
        soonest: Facts of which the first that is known sorts the rest, the smallest first.
        most: Facts that sort them then, the greatest first. After these come counts of what is
            not met, breaches before all, and of what cannot be told.
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

    def sorted(self, rows: Iterable[Answered]) -> list[Answered]:
        """Return the cases with the most urgent first."""
        return sorted(rows, key=self._urgency)

    def _urgency(self, one: Answered) -> tuple[float, ...]:
        facts = one.report.facts
        known = [facts[name] for name in self.soonest if facts[name] is not None]
        return (
            self.ranked(one.report.stage),
            known[0] if known else inf,
            *(-(facts[name] or 0) for name in self.most),
            -sum(finding.severity is Severity.BREACH for finding in one.not_met),
            -len(one.not_met),
            -len(one.report.unknown),
        )


class Listing:
    """The list as something to print: every column, or on a narrow terminal two in one."""

    def __init__(
        self, layout: Layout, rows: Iterable[Answered], marks: Mapping[str, str], *, stages: bool
    ) -> None:
        """Make the list.

        Args:
            layout: The area's.
            rows: The cases to list.
            marks: A mark for each parameter without a value; the page says what it is, once.
            stages: Whether the area has any.
        """
        self.layout = layout
        reference = Column("reference", lambda one: Text(inert(one.label), "bold"))
        missing = Column("missing", lambda one: _missing(one, marks))
        self.pairs = (
            (reference, Column(layout.stage, _stage)) if stages else (reference,),
            *layout.pairs,
            (Column("not met", _not_met), missing),
        )
        self.rows = [
            [[column.cell(one) for column in pair] for pair in self.pairs]
            for one in layout.sorted(rows)
        ]

    @property
    def marked(self) -> bool:
        """Whether any cell shows a mark that the legend explains."""
        own = (cell for row in self.rows for pair in row[1:-1] for cell in pair)
        return any(str(cell).startswith(self.layout.marks) for cell in own)

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the table that fits the width."""
        wide = options.max_width >= WIDE
        table = plain_table(leading=0 if wide else 1)
        for pair in self.pairs:
            titles = [column.title for column in pair]
            for title in titles if wide else ["\n".join(titles)]:
                table.add_column(
                    title, justify="right" if pair[0].right else "left", overflow="fold"
                )
        for row in self.rows:
            texts = [
                [Text(cell) if isinstance(cell, str) else cell for cell in pair] for pair in row
            ]
            if wide:
                table.add_row(*chain.from_iterable(texts))
                continue
            not_met, missing = texts[-1]
            texts[-1] = [not_met, Text("missing: ") + missing] if missing else [not_met]
            table.add_row(*(Text("\n").join(filter(None, pair)) for pair in texts))
        yield table


def plain_table(*, leading: int = 0) -> Table:
    """Return an empty table in the style of every table here."""
    return Table(
        box=box.SIMPLE_HEAD,
        header_style="bold",
        padding=(0, 2, 0, 0),
        pad_edge=False,
        leading=leading,
    )


def _missing(one: Answered, marks: Mapping[str, str]) -> Text:
    marked = [marks[name] for name in one.needs if name in marks]
    facts = [fact(one, name) for name in one.needs if name not in marks]
    return Text(inert(", ".join([*marked, *facts])), UNKNOWN)


def fact(one: Answered, path: str) -> str:
    """A fact by its path; of a member with a reference, by that: `grade of M-007`."""
    if found := _OF_MEMBER.fullmatch(path):
        members, place, name = found.groups()
        reference = getattr(one.report.case, members)[int(place)].reference
        return f"{name} of {reference}" if reference else path
    return path


def _stage(one: Answered) -> Text:
    stage = one.report.stage
    return Text(stage.replace("_", " ")) if stage else Text("cannot tell", UNKNOWN)


def _not_met(one: Answered) -> Text:
    """The rules that are not met, without their area, breaches first."""
    names = []
    for finding in one.not_met:
        name = finding.rule.partition(".")[2]
        breach = finding.severity is Severity.BREACH
        names.append(Text(name, BREACH) if breach else Text(f"{name} (advisory)", ADVISORY))
    return Text(", ").join(names)


def hours(minutes: int | None) -> str:
    """Return minutes as hours and minutes, one width for a column: `7h 05m`."""
    return "not known" if minutes is None else "{:,}h {:02}m".format(*divmod(minutes, HOUR))


def day(value: date) -> str:
    """Return a day as a person reads it: `21 Nov 2026`."""
    return say(value, Type("date"))


def layout_for(area: Area) -> Layout:
    """Return how an area's cases are listed."""
    return Layout() if area.spec.listing is None else area.spec.load(area.spec.listing)
