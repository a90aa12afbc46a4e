"""What a person reads: what was asked, what is not known of the policy, the list, the counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from probation_rules.cli.answer import Answer, Answered
from probation_rules.cli.output import inert
from probation_rules.cli.table import GENERIC, LAYOUTS, Layout, Listing, day, plain_table
from probation_rules.language.words import say
from probation_rules.report import Outcome, summary
from probation_rules.rulebook.model import Parameter

DIGEST_SHOWN = 19  # "sha256:" and twelve digits
WORST = {
    "breach": "with a breach",
    "advisory": "with an advisory only",
    "unknown": "with something missing only",
    None: "with nothing to say",
}
COUNTED = (Outcome.NOT_MET, Outcome.CANNOT_TELL, Outcome.MET, Outcome.NOT_APPLICABLE)


def page(
    found: Answer, file: str, *, every: bool = False, listed: bool = True
) -> Iterator[RenderableType]:
    """Yield what a person reads, from the top.

    Args:
        found: The answer.
        file: What to call the file.
        every: Whether to list cases with nothing to say too.
        listed: Whether to list cases at all.
    """
    yield from _head(found, file)
    for number, (what, *told) in enumerate(waiting(found), 1):
        yield Text(inert(f"\n[{number}] {what}"), "bold")
        yield Padding(Text(inert("\n".join(told))), (0, 0, 0, 4))
    if listed:
        yield from _list(found, every=every)
    if found.cases:
        yield _counts(found)
    yield Text(_summary(found), "bold")


def waiting(found: Answer) -> list[tuple[str, ...]]:
    """Return, for each parameter without a value that cases need, what it is and what to do."""
    parameters = found.question.area.parameters
    return [
        (
            f"{name} is not known, and needed for {number:,} of {count(found)}",
            parameters[name].about,
            *_sources(parameters[name]),
            _remedy(parameters[name]),
        )
        for name, number in found.waiting.items()
    ]


def count(found: Answer) -> str:
    """Return how many cases there are, in the area's word: `312 orders`."""
    number, layout = len(found.cases), layout_of(found)
    return f"{number:,} {layout.one if number == 1 else layout.many}"


def layout_of(found: Answer) -> Layout:
    """Return how the area's cases are listed."""
    return LAYOUTS.get(found.question.area.name, GENERIC)


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
    book, area = question.book, question.area
    lines = [
        *(f"Local rulebook: {one.region}, {one.title}, {one.version}" for one in book.local),
        *(f"Local rule: {new} stands in for {old}" for old, new in book.replaced.items()),
    ]
    for name in book.settings:
        parameter = area.parameters[name]
        lines.append(
            f"Set by the caller: {name} is {say(parameter.values[0].value, parameter.type)}"
        )
    filled = Counter(name for one in found.cases for name in one.report.assuming)
    for name, number in filled.items():
        value = say(question.assuming[name], area.facts[name].type)
        lines.append(f"Assumed by the caller: {name} is {value}, for {number:,} that do not say it")
    return lines


def _head(found: Answer, file: str) -> Iterator[RenderableType]:
    question = found.question
    book = question.book
    rules = f"Rules {book.version}, {book.digest[:DIGEST_SHOWN]}; engine {question.engine}"
    yield Text(inert(f"{question.area.title}: {file} on {day(question.on)}"), "bold")
    yield Text(inert("\n".join([rules, *given(found)])))


def _list(found: Answer, *, every: bool) -> Iterator[RenderableType]:
    layout = layout_of(found)
    rows = [one for one in found.cases if every or one.worst]
    marks = {name: f"[{number}]" for number, name in enumerate(found.waiting, 1)}
    if rows:
        listing = Listing(layout, rows, marks, stages=bool(found.question.area.stages))
        yield listing
        if listing.marked:
            yield Text(layout.legend)
        yield from _changes(rows, layout)
    if left := len(found.cases) - len(rows):
        yield Text(f"{left:,} with nothing to say are not listed (--all lists them)")


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


def _counts(found: Answer) -> Table:
    table = plain_table()
    table.add_column("rule")
    for outcome in COUNTED:
        table.add_column(outcome.replace("_", " "), justify="right")
    for rule, numbers in summary(one.report for one in found.cases).items():
        table.add_row(rule, *(f"{numbers.get(outcome, 0):,}" for outcome in COUNTED))
    return table


def _summary(found: Answer) -> str:
    """The last line: how many cases, by stage and by the gravest thing to say of them."""
    area, layout = found.question.area, layout_of(found)
    stages = Counter(one.report.stage for one in found.cases)
    worst = Counter(one.worst for one in found.cases)
    parts = [
        [
            f"{stages[name]:,} {name.replace('_', ' ') if name else 'cannot tell'}"
            for name in (*sorted(area.stages, key=layout.ranked), None)
            if area.stages and stages[name]
        ],
        [f"{worst[level]:,} {said}" for level, said in WORST.items() if worst[level]],
    ]
    told = "; ".join(", ".join(part) for part in parts if part)
    return f"{count(found)} on {day(found.question.on)}{told and ': '}{told}"
