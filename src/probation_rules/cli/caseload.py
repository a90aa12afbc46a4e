"""A file with many rows, as one table: counts, why rows are invalid, and the most urgent cases.

DuckDB answers the file as a whole: nothing passes through Python but counts and the few rows that
are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any

from attrs import frozen
from rich.console import Console
from rich.progress import Progress

import probation_rules as pr
from probation_rules.cli.answer import Answered, Question, answered
from probation_rules.cli.table import Layout, layout_for
from probation_rules.cli.table_options import TableOptions
from probation_rules.engines import INVALID_ROW, SEPARATOR, Outcome
from probation_rules.errors import Problem
from probation_rules.language.specialise import Specialiser
from probation_rules.language.tree import Constant, Name, Node, walk
from probation_rules.readers import twice_note
from probation_rules.readers.files import MOST_COUNTED, Problems
from probation_rules.rulebook.model import Area, Severity

if TYPE_CHECKING:
    from probation_rules.tables import Table

LISTED = 20  # of the most urgent cases


@frozen
class Caseload:
    """What a table comes to.

    Attributes:
        table: The answers, kept.
        cases: How many rows there are.
        summary: How many have each outcome, `invalid` among them, by rule.
        stages: How many are in each stage; ``None`` is cannot tell.
        gravest: How many have this as the gravest thing to say: `invalid`, `breach`, `advisory`,
            `unknown` or, as ``None``, nothing.
        reasons: How many rows are invalid for each reason.
        waiting: Parameters without a value, with how many cases have a rule that looks at one and
            cannot be told.
        notes: What to know of the table as a whole.
        urgent: The most urgent cases.
    """

    question: Question
    table: Table
    cases: int
    summary: Mapping[str, Mapping[str, int]]
    stages: Mapping[str | None, int]
    gravest: Mapping[str | None, int]
    reasons: Mapping[str, int]
    waiting: Mapping[str, int]
    notes: tuple[str, ...]
    urgent: tuple[Answered, ...]

    @property
    def layout(self) -> Layout:
        """How the area's cases are listed."""
        return layout_for(self.question.area)

    def has(self, words: Collection[str]) -> bool:
        """Whether any case has one of these as the gravest thing to say of it.

        A row that is invalid counts with those of which something is not known.
        """
        every = {*words, *([INVALID_ROW] if "unknown" in words else [])}
        return any(self.gravest.get(word) for word in every)

    @property
    def invalid(self) -> int:
        """How many cases cannot be judged as given."""
        return self.gravest.get(INVALID_ROW, 0)

    @property
    def to_say(self) -> int:
        """How many cases there is something to say of."""
        return sum(self.gravest.get(word, 0) for word in ("breach", "advisory", "unknown"))


def caseload(question: Question, file: str, options: TableOptions) -> Caseload:
    """Ask every rule of the area about every row of a file.

    Raises:
        CaseError: The table cannot be read, or a column is unknown or of a wrong type.
        EngineUnavailable: The extra `table` is not installed.
    """
    layout = layout_for(question.area)
    with _progress() as progress:
        table = pr.check_table(
            question.area.name,
            file,
            on=question.on,
            members=options.members,
            rulebook=question.book,
            assuming=question.assuming,
            columns=options.columns,
            facts=(*layout.soonest, *layout.most),
            memory_limit=options.memory_limit,
            threads=options.threads,
            progress=progress,
        )
        table.keep()
    if options.strict:
        _require_sound(table)
    summary = _summary(table)
    area = question.area
    by_stage = "SELECT stage, count(*) FROM kept WHERE NOT {invalid} GROUP BY 1"
    stages = _counted(table, by_stage, area) if area.stages else {}
    gravest = _counted(table, "SELECT {gravest}, count(*) FROM kept GROUP BY 1", area)
    reasons = _counted(
        table,
        f"SELECT unnest(string_split(reasons, '{SEPARATOR}')) AS reason, count(*) "
        "FROM kept GROUP BY 1 ORDER BY 2 DESC, 1",
        area,
    )
    return Caseload(
        question=question,
        table=table,
        cases=sum(gravest.values()),
        summary=summary,
        stages=stages,
        gravest=gravest,
        reasons=reasons,
        waiting=_waiting(table, question, summary),
        notes=(*table.notes, *_twice(table)),
        urgent=_urgent(table, question, layout),
    )


@contextmanager
def _progress() -> Iterator[Callable[[float], object] | None]:
    """On a terminal, show how far the work is."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    with Progress(console=console, transient=True) as shown:
        task = shown.add_task("Asking every rule", total=1)
        yield lambda done: shown.update(task, completed=done)


def _summary(table: Table) -> dict[str, dict[str, int]]:
    summary: dict[str, dict[str, int]] = {}
    for one in table.summary.to_pylist():
        counts = summary.setdefault(one["rule"], {})
        if one["cases"]:
            counts[one["outcome"]] = one["cases"]
    return summary


def _counted(table: Table, query: str, area: Area) -> dict[Any, int]:
    """Return what a query counts, by what it counts; what it may name is explained in `_words`."""
    what, number = table.query(query.format_map(_words(area))).columns
    return dict(zip(what.to_pylist(), number.to_pylist(), strict=True))


def _words(area: Area) -> dict[str, str]:
    """The parts of a query that rest on the area's rules.

    A rule with several wordings counts with the strongest of their severities.
    """
    breaches: list[str] = []
    advisories: list[str] = []
    for rule, places in area.wordings.items():
        severities = {area.rules[place].severity for place in places}
        (breaches if Severity.BREACH in severities else advisories).append(rule)
    (first, *_) = area.wordings
    open_ = _some(area.wordings, Outcome.CANNOT_TELL)
    stage = f"{open_} OR stage IS NULL" if area.stages else open_
    invalid = f"{_quoted(first)} = '{INVALID_ROW}'"
    return {
        INVALID_ROW: invalid,
        "gravest": (
            f"CASE WHEN {invalid} THEN '{INVALID_ROW}' WHEN {_some(breaches, Outcome.NOT_MET)} THEN 'breach' "
            f"WHEN {_some(advisories, Outcome.NOT_MET)} THEN 'advisory' "
            f"WHEN {stage} THEN 'unknown' END"
        ),
        "breaches": _number(breaches, Outcome.NOT_MET),
        "not_met": _number(area.wordings, Outcome.NOT_MET),
        "open": _number(area.wordings, Outcome.CANNOT_TELL),
    }


def _waiting(
    table: Table, question: Question, summary: Mapping[str, Mapping[str, int]]
) -> dict[str, int]:
    area, waiting = question.area, {}
    open_ = _open(area, question.on)
    for name, parameter in area.parameters.items():
        users = [
            rule
            for rule, places in area.wordings.items()
            if rule in open_
            and summary[rule].get(Outcome.CANNOT_TELL)
            and any(name in area.rules[place].figures for place in places)
        ]
        if users and parameter.on(question.on) is None:
            query = (
                f"SELECT 'waiting', count(*) FROM kept WHERE {_some(users, Outcome.CANNOT_TELL)}"
            )
            waiting[name] = _counted(table, query, area)["waiting"]
    return waiting


def _open(area: Area, on: date) -> set[str]:
    """Return the rules of which something is open on a day for want of a figure, whatever the case."""
    special = Specialiser(area.definitions, area.facts, area.settings, on)

    def is_open(node: Node) -> bool:
        return any(
            one.value is None
            if isinstance(one, Constant)
            else isinstance(one, Name)
            and one.name in special.definitions
            and is_open(special.definitions[one.name])
            for one in walk(node)
        )

    return {
        rule.id
        for rule in area.rules
        if is_open(special(rule.gate)) or is_open(special(rule.lowered_condition))
    }


def _require_sound(table: Table) -> None:
    """Refuse a table with a case that cannot be judged, or with two of the same reference."""
    problems = Problems()
    query = f"SELECT _row, reasons FROM kept WHERE reasons IS NOT NULL ORDER BY _row LIMIT {MOST_COUNTED}"
    bad = dict(zip(*(one.to_pylist() for one in table.query(query).columns), strict=True))
    places = table.places(bad)
    for row, reasons in bad.items():
        for text in reasons.split(SEPARATOR):
            what, _, name = text.rpartition(" @ ")
            problems.add(
                Problem(what or text, f"{places[row]}, column {name}" if what else places[row])
            )
    for rows in table.duplicates["rows"].to_pylist():
        where = table.places(rows)
        for row in rows[1:]:
            text = f"the same reference as at {where[rows[0]]}; each case needs its own"
            problems.add(Problem(text, where[row]))
    problems.refuse()


def _twice(table: Table) -> list[str]:
    found = table.duplicates
    if not found.num_rows:
        return []
    rows = found["rows"][0].as_py()[:2]
    places = table.places(rows)
    return [twice_note(found.num_rows, *(places[row] for row in rows))]


def _urgent(table: Table, question: Question, layout: Layout) -> tuple[Answered, ...]:
    """Return the most urgent cases, in the order of the list: the same as `Layout.sorted`."""
    area, words = question.area, _words(question.area)
    order = []
    if area.stages:
        ranks = " ".join(f"WHEN '{stage}' THEN {layout.ranked(stage)}" for stage in area.stages)
        order.append(f"CASE stage {ranks} ELSE {layout.ranked(None)} END")
    if layout.soonest:
        order.append(f"coalesce({', '.join(layout.soonest)}) NULLS LAST")
    order += [f"coalesce({name}, 0) DESC" for name in layout.most]
    order += [f"{words[name]} DESC" for name in ("breaches", "not_met", "open")]
    query = (
        f"SELECT _row FROM kept WHERE coalesce({words['gravest']}, '{INVALID_ROW}') <> '{INVALID_ROW}' "
        f"ORDER BY {', '.join(order)}, _row LIMIT {LISTED}"
    )
    cases = table.cases(table.query(query)["_row"].to_pylist())
    places = table.places(cases)
    found = (answered(question, places[row], case) for row, case in cases.items())
    return tuple(layout.sorted(found))


def _some(rules: Sequence[str] | Mapping[str, Any], outcome: str) -> str:
    return "(" + (" OR ".join(f"{_quoted(one)} = '{outcome}'" for one in rules) or "FALSE") + ")"


def _number(rules: Sequence[str] | Mapping[str, Any], outcome: str) -> str:
    return (
        "("
        + (" + ".join(f"({_quoted(one)} = '{outcome}')::INT" for one in rules) or "0::INT")
        + ")"
    )


def _quoted(rule: str) -> str:
    return f'"{rule}"'  # a rule's id has small letters, digits, dots and hyphens
