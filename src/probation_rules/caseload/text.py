"""The answers about a file as text: tables that fit a terminal, and the counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from attrs import frozen
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from probation_rules.caseload.answered import IN_WORDS, Answered
from probation_rules.caseload.changes import Changes
from probation_rules.caseload.columns import Cell as Pieces
from probation_rules.caseload.columns import Columns, Piece, plain_table
from probation_rules.caseload.counts import COUNTED, NO_CELL
from probation_rules.caseload.layout import Cell, day, words
from probation_rules.caseload.model import Caseload
from probation_rules.engines import INVALID_ROW
from probation_rules.quoting import inert
from probation_rules.rulebook.model import Severity

WIDE = 124  # characters of a terminal from which every column is separate
LISTED = 100  # of the cases that are invalid

_COLOURS = {"": "", "breach": "red", "advisory": "yellow", "unknown": "cyan"}
_BETWEEN = Piece("\n")


def page(found: Caseload, *, every: bool = False, more: str = "") -> Iterator[RenderableType]:
    """Yield the answers from the top; what is most urgent is last if only that is listed.

    Args:
        found: The answers.
        every: Whether to list cases with nothing to report too.
        more: Where the other cases are, if only the most urgent are listed.
    """
    question, book = found.question, found.question.book
    head = f"{question.area.title}: {found.file} on {day(question.on)}"
    rules = f"Rules {book.version}, {book.short_digest}; engine {found.engine}"
    yield Text(inert(head), "bold")
    yield Text(inert("\n".join([rules, *found.given])))
    commands = {
        f"settle [{one.number}]": one.command for one in found.open if one.command is not None
    }
    for figure in found.open:
        yield Text(inert(f"\n[{figure.number}] {figure.what}"), "bold")
        yield Padding(Text(inert("\n".join(figure.told))), (0, 0, 0, 4))
    if found.is_whole:
        shows_all = every or question.layout.every
        rows = [one for one in found.cases if shows_all or one.worst]
        yield from _lists(found, rows)
        if left := len(found.cases) - len(rows):
            those = f"{question.count(left)} with nothing to report"
            yield Text(f"{those} {'is' if left == 1 else 'are'} not listed")
            commands["list every one"] = "--all"
        yield from _invalid(found)
    if found.counts.cases:
        yield _counts(found)
    if found.groups:
        yield Text(inert(f"{question.count(found.counts.cases)} by {question.by}"), "bold")
        yield _groups(found)
    if not found.is_whole:
        yield from _reasons(found)
        if found.cases:
            title = f"The {len(found.cases)} most urgent of {found.to_report:,}"
            yield Text(f"{title} with something to report{more}", "bold")
        yield from _lists(found, found.cases)
    if found.since:
        yield Text(inert(f"\nWhat changed since {found.since.before}"), "bold")
        yield from changes_page(found.since)
    for what, option in commands.items():
        yield Text(inert(f"To {what}: {option}"))
    yield Text(found.closing, "bold")


def changes_page(found: Changes) -> Iterator[RenderableType]:
    """Yield what changed since earlier answers, the most serious first."""
    yield Text(inert(str(found.comparison)), no_wrap=True, overflow="ignore")
    if found.groups:
        used = [name for name, number in found.counts.items() if number]
        table = plain_table()
        table.add_column(inert(found.by or ""), overflow="fold")
        for title in (*used, "all"):
            table.add_column(title, justify="right")
        for cell, counts in found.groups.items():
            numbers = [*(counts[name] for name in used), sum(counts.values())]
            table.add_row(Text(inert(cell or NO_CELL)), *(f"{number:,}" for number in numbers))
        yield Text(inert(f"\nChanges by {found.by}"), "bold")
        yield table


@frozen
class Listing:
    """The list of cases: a column each or, on a narrow terminal, two in one.

    Attributes:
        titles: The titles of columns, in pairs.
        right: Whether each pair is aligned to the right.
        rows: The cells, in the same pairs.
    """

    titles: Sequence[Sequence[str]]
    right: Sequence[bool]
    rows: Sequence[Sequence[Sequence[Pieces]]]

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the table that fits the width."""
        if options.max_width >= WIDE:
            yield Columns(
                [title for titles in self.titles for title in titles],
                [right for pair, right in zip(self.titles, self.right, strict=True) for _ in pair],
                [[*chain.from_iterable(pairs)] for pairs in self.rows],
            )
            return
        rows = []
        for *pairs, (not_met, missing) in self.rows:
            last = [not_met, [Piece("missing: "), *missing] if missing else missing]
            rows.append([_stacked(pair) for pair in [*pairs, last]])
        yield Columns(["\n".join(one) for one in self.titles], self.right, rows, leading=1)


def _stacked(pair: Sequence[Pieces]) -> Pieces:
    """Return the cells of a pair as one, one above the other."""
    upper, *lower = [cell for cell in pair if any(one.text for one in cell)] or [()]
    return [*upper, *(piece for cell in lower for piece in (_BETWEEN, *cell))]


def _lists(found: Caseload, rows: Sequence[Answered]) -> Iterator[RenderableType]:
    """Yield the list of cases, or a list for each group."""
    for name, some in found.in_groups(rows):
        if name is not None:
            yield Text(inert(f"\n{found.question.by}: {name or NO_CELL}"), "bold")
        if some:
            yield from _list(found, some)


def _list(found: Caseload, rows: Sequence[Answered]) -> Iterator[RenderableType]:
    layout, stages = found.question.layout, bool(found.question.area.stages)
    first = ["reference", *([layout.stage] if stages else [])]
    own = [[column.title for column in pair] for pair in layout.pairs]
    kept = [found.kept[place : place + 2] for place in range(0, len(found.kept), 2)]
    cells = [
        [[column.cell(one.report) for column in pair] for pair in layout.pairs] for one in rows
    ]
    yield Listing(
        titles=[first, *kept, *own, ["not met", "missing"]],
        right=[False, *(False for _ in kept), *(pair[0].right for pair in layout.pairs), False],
        rows=[
            [
                [[Piece(inert(one.label), "bold")], *([_stage(one)] if stages else [])],
                *([[Piece(inert(one.kept[name]))] for name in pair] for pair in kept),
                *([_text(cell) for cell in pair] for pair in pairs),
                [_not_met(one), _missing(found, one)],
            ]
            for one, pairs in zip(rows, cells, strict=True)
        ],
    )
    every = chain.from_iterable(chain.from_iterable(cells))
    if any(cell.text.startswith(layout.marks) for cell in every):
        yield Text(layout.legend)
    changes = [
        (one.label, finding.wording.short, "\nor ".join(finding.changes))
        for one in rows
        for finding in one.not_met
        if finding.changes
    ]
    if changes:
        yield Text("\nThe smallest changes of members, for each rule by itself", "bold")
        yield _table((layout.one, "rule", "put right by"), changes)


def _stage(one: Answered) -> Pieces:
    return _text(Cell(one.stage, "" if one.report.stage else "unknown"))


def _text(cell: Cell) -> Pieces:
    return [Piece(inert(cell.text), _COLOURS[cell.kind])]


def _not_met(one: Answered) -> Pieces:
    """The short names of the rules that are not met, requirements first."""
    names: list[Piece] = []
    for finding in one.not_met:
        name = finding.wording.short
        shown = name if finding.severity is Severity.BREACH else f"{name} (advice)"
        names += [Piece(", ")] if names else []
        names += _text(Cell(shown, finding.severity or ""))
    return names


def _missing(found: Caseload, one: Answered) -> Pieces:
    figures = [f"[{number}]" for number in found.figures_of(one)]
    missing = ", ".join([*figures, *found.facts_of(one)])
    return _text(Cell(missing, "unknown")) if missing else []


def _invalid(found: Caseload) -> Iterator[RenderableType]:
    """Yield the cases that cannot be judged, each with the reasons."""
    if invalid := found.invalid:
        yield Text(f"\n{len(invalid):,} that cannot be judged as given (invalid)", "bold")
        yield _table(
            ("place", "reference", "reason"),
            [(one.place, one.reference or "", "\n".join(one.reasons)) for one in invalid[:LISTED]],
        )
        if (left := len(invalid) - LISTED) > 0:
            yield Text(f"and {left:,} more; --format csv gives every one with its reasons")


def _reasons(found: Caseload) -> Iterator[RenderableType]:
    """Yield how many cases are invalid for each reason."""
    if found.counts.reasons:
        table = plain_table()
        table.add_column("rows", justify="right")
        table.add_column("reason")
        for reason, number in found.counts.reasons.items():
            table.add_row(f"{number:,}", Text(inert(reason)))
        yield Text("Rows that are invalid, by reason", "bold")
        yield table


def _groups(found: Caseload) -> Table:
    """Return how many cases of each group have each most serious finding."""
    findings = [word for word, number in found.counts.worst.items() if number]
    table = plain_table()
    table.add_column(inert(found.question.by or ""), overflow="fold")
    for title in (*(IN_WORDS[word] for word in findings), "all"):
        table.add_column(title, justify="right")
    for name, counts in found.groups.items():
        numbers = [*(counts.worst[word] for word in findings), counts.cases]
        table.add_row(Text(inert(name or NO_CELL)), *(f"{number:,}" for number in numbers))
    return table


def _counts(found: Caseload) -> Table:
    """Return how many cases have each outcome, by rule."""
    outcomes = [*COUNTED, *([INVALID_ROW] if found.counts.invalid else [])]
    table = plain_table()
    table.add_column("rule", overflow="fold")
    for outcome in outcomes:
        table.add_column(words(outcome), justify="right")
    for rule, numbers in found.counts.by_rule.items():
        table.add_row(rule, *(f"{numbers.get(outcome, 0):,}" for outcome in outcomes))
    return table


def _table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    """Return a table of text whose last column may take several lines."""
    table = plain_table()
    for title in titles:
        table.add_column(title, no_wrap=title != titles[-1])
    for row in rows:
        table.add_row(*map(Text, map(inert, row)))
    return table
