"""What a person reads: what was asked, what is not known of the policy, the list, the counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from probation_rules.cli.answer import Answer, Answered, Question
from probation_rules.cli.output import inert
from probation_rules.cli.table import Layout, Listing, day, layout_for, plain_table
from probation_rules.engines import INVALID_ROW, Outcome
from probation_rules.language.english import say
from probation_rules.report import summary
from probation_rules.rulebook.model import Parameter

WORST = {
    "breach": "with a breach",
    "advisory": "with an advisory only",
    "unknown": "with something missing only",
    None: "with nothing to say",
}
LISTED = 100  # of the cases that are invalid
COUNTED = (Outcome.NOT_MET, Outcome.CANNOT_TELL, Outcome.MET, Outcome.NOT_APPLICABLE)


def page(found: Answer, file: str, *, every: bool = False) -> Iterator[RenderableType]:
    """Yield what a person reads, from the top.

    Args:
        found: The answer.
        file: What to call the file.
        every: Whether to list cases with nothing to say too.
    """
    yield from head(found.question, found.question.engine, file, given(found))
    yield from numbered(waiting(found))
    shows_all = every or layout_of(found).every
    rows = [one for one in found.cases if shows_all or one.worst]
    yield from _list(found, rows)
    if left := len(found.cases) - len(rows):
        yield Text(f"{left:,} with nothing to say are not listed (--all lists them)")
    yield from _invalid(found)
    if found.rows:
        yield _by_rule(found)
    yield last_line(found)


def short_page(found: Answer, file: str, most: int) -> Iterator[RenderableType]:
    """Yield the same on one screen: the counts, then only the most urgent cases.

    Args:
        found: The answer.
        file: What to call the file.
        most: How many cases to list at most.
    """
    yield from head(found.question, found.question.engine, file, given(found))
    yield from numbered(waiting(found))
    yield _by_rule(found)
    rows = [one for one in found.cases if one.worst]
    urgent = layout_of(found).sorted(rows)[:most]
    yield Text(f"The {len(urgent)} most urgent of {len(rows):,} with something to report", "bold")
    yield from _list(found, urgent)
    yield from _invalid(found)
    yield last_line(found)


def last_line(found: Answer) -> RenderableType:
    """Return the line of counts that a page ends with."""
    stages = Counter(one.report.stage for one in found.cases)
    worst = Counter[str | None](one.worst for one in found.cases)
    worst[INVALID_ROW] = len(found.invalid)
    return Text(closing(found.question, len(found.rows), stages, worst), "bold")


def _by_rule(found: Answer) -> RenderableType:
    """Return the table of how many cases have each outcome, by rule."""
    return counts(counted_by_rule(found), [*COUNTED, *([INVALID_ROW] if found.invalid else [])])


def counted_by_rule(found: Answer) -> dict[str, dict[str, int]]:
    """Return how many cases have each outcome, `invalid` among them, by rule."""
    numbers: Mapping[str, Mapping[Any, int]] = summary(one.report for one in found.cases)
    invalid = {INVALID_ROW: len(found.invalid)} if found.invalid else {}
    return {rule: {**numbers.get(rule, {}), **invalid} for rule in found.question.area.wordings}


def _invalid(found: Answer) -> Iterator[RenderableType]:
    """Yield the cases that cannot be judged, each with the reasons."""
    if not found.invalid:
        return
    table = plain_table()
    for title in ("place", "reference", "reason"):
        table.add_column(title, no_wrap=title != "reason")
    for one in found.invalid[:LISTED]:
        cells = (one.place, one.reference or "", "\n".join(one.reasons))
        table.add_row(*map(Text, map(inert, cells)))
    yield Text(f"\n{len(found.invalid):,} that cannot be judged as given (invalid)", "bold")
    yield table
    if (left := len(found.invalid) - LISTED) > 0:
        yield Text(f"and {left:,} more; --format csv gives every one with its reasons")


def numbered(lines: Iterable[tuple[str, ...]]) -> Iterator[RenderableType]:
    """Yield what is not known of the policy, each with the number that marks it on the list."""
    for number, (what, *others) in enumerate(lines, 1):
        yield Text(inert(f"\n[{number}] {what}"), "bold")
        yield Padding(Text(inert("\n".join(others))), (0, 0, 0, 4))


def waiting(found: Answer) -> list[tuple[str, ...]]:
    """Return, for each parameter without a value that cases need, what it is and what to do."""
    parameters = found.question.area.parameters
    return [
        (
            f"{name} is not known, and needed for {number:,} of {count(found)}",
            *told(parameters[name]),
        )
        for name, number in found.waiting.items()
    ]


def told(parameter: Parameter) -> tuple[str, ...]:
    """Return what a parameter is, where it stands and how it is settled, a line each."""
    return parameter.about, *_sources(parameter), _remedy(parameter)


def count(found: Answer) -> str:
    """Return how many cases there are, in the area's word: `312 orders`."""
    return counted(found.question, len(found.rows))


def counted(question: Question, number: int) -> str:
    """Return a number of an area's cases, in the area's word."""
    layout = layout_for(question.area)
    return f"{number:,} {layout.one if number == 1 else layout.many}"


def layout_of(found: Answer) -> Layout:
    """Return how the area's cases are listed."""
    return layout_for(found.question.area)


def _sources(parameter: Parameter) -> list[str]:
    """Return where the parameter stands, as one line; nothing if its values alone have sources."""
    sources = dict.fromkeys(str(one) for one in parameter.citations)
    return [f"Source: {'; '.join(sources)}."] if sources else []


def _remedy(parameter: Parameter) -> str:
    if not parameter.may_be_replaced:
        return "The rules hold no value for this day."
    if not parameter.may_be_set:
        return "To settle it: --rulebook FILE, with the region's own rule"
    kinds = {"date": "YYYY-MM-DD", "bool": "true|false", "int": "NUMBER"}
    value = kinds.get(parameter.type.kind) or "|".join(parameter.type.codes)
    return f"To settle it: --set {parameter.name}={value}"


def given(found: Answer) -> list[str]:
    """Return what stands beside the shipped rules: local rulebooks, settings and assumptions."""
    question = found.question
    lines = laid_on(question)
    filled = Counter(name for one in found.cases for name in one.report.assuming)
    for name, number in filled.items():
        lines.append(f"{assumed(question, name)}, for {number:,} that do not say it")
    return lines


def assumed(question: Question, name: str) -> str:
    """Return what the caller assumes of a fact, in words."""
    value = say(question.assuming[name], question.area.facts[name].type)
    return f"Assumed by the caller: {name} is {value}"


def laid_on(question: Question) -> list[str]:
    """Return what is laid on the shipped rules: local rulebooks and settings, a line each."""
    book, area = question.book, question.area
    replaced = book.on(question.on).replaced
    lines = [
        *(f"Local rulebook: {one.region}, {one.title}, {one.version}" for one in book.local),
        *(f"Local rule: {new} replaces {old}" for old, new in replaced.items()),
    ]
    for name in book.settings:
        parameter = area.parameters[name]
        lines.append(
            f"Set by the caller: {name} is {say(parameter.values[0].value, parameter.type)}"
        )
    return lines


def head(
    question: Question, engine: str, file: str, others: Iterable[str]
) -> Iterator[RenderableType]:
    """Yield what was asked, by which rules, and what stands beside them."""
    book = question.book
    rules = f"Rules {book.version}, {book.short_digest}; engine {engine}"
    yield Text(inert(f"{question.area.title}: {file} on {day(question.on)}"), "bold")
    yield Text(inert("\n".join([rules, *others])))


def _list(found: Answer, rows: Sequence[Answered]) -> Iterator[RenderableType]:
    layout = layout_of(found)
    marks = {name: f"[{number}]" for number, name in enumerate(found.waiting, 1)}
    if rows:
        listing = Listing(layout, rows, marks, stages=bool(found.question.area.stages))
        yield listing
        if listing.marked:
            yield Text(layout.legend)
        yield from _changes(rows, layout)


def _changes(rows: Iterable[Answered], layout: Layout) -> Iterator[RenderableType]:
    """Yield the smallest changes of membership that put rules right, where there are any."""
    table = plain_table()
    table.add_column(layout.one, no_wrap=True)
    table.add_column("rule", no_wrap=True)
    table.add_column("put right by")
    for one in layout.sorted(rows):
        for finding in one.not_met:
            if changes := finding.changes:
                cells = (one.label, finding.rule, "\nor ".join(changes))
                table.add_row(*map(Text, map(inert, cells)))
    if table.row_count:
        yield Text("\nThe smallest changes of members, for each rule by itself", "bold")
        yield table


def counts(numbers: Mapping[str, Mapping[Any, int]], outcomes: Sequence[str]) -> Table:
    """Return the table of how many cases have each of some outcomes, by rule."""
    table = plain_table()
    table.add_column("rule", overflow="fold")
    for outcome in outcomes:
        table.add_column(outcome.replace("_", " "), justify="right")
    for rule, found in numbers.items():
        table.add_row(rule, *(f"{found.get(outcome, 0):,}" for outcome in outcomes))
    return table


def closing(
    question: Question,
    number: int,
    stages: Mapping[str | None, int],
    worst: Mapping[str | None, int],
) -> str:
    """Return the last line: how many cases, by stage and by the gravest thing to say of them."""
    area, layout = question.area, layout_for(question.area)
    every = {**WORST, INVALID_ROW: INVALID_ROW}
    parts = [
        [
            f"{stages[name]:,} {name.replace('_', ' ') if name else 'cannot tell'}"
            for name in (*sorted(area.stages, key=layout.ranked), None)
            if area.stages and stages.get(name)
        ],
        [f"{worst[level]:,} {said}" for level, said in every.items() if worst.get(level)],
    ]
    said = "; ".join(", ".join(part) for part in parts if part)
    return f"{counted(question, number)} on {day(question.on)}{said and ': '}{said}"
