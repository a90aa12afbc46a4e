"""A large file -> its answers, as one table: the counts, and the most urgent cases.

DuckDB answers the file as a whole: nothing passes through Python but counts and the few rows that
are shown.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import probation_rules as pr
from probation_rules.caseload.answered import Answered
from probation_rules.caseload.by_case import answered, mapping_name, require_kept
from probation_rules.caseload.counts import Counts, counted, in_order
from probation_rules.caseload.model import Caseload
from probation_rules.caseload.question import Question
from probation_rules.caseload.unknown import open_figures
from probation_rules.engines import INVALID_ROW, ROW_OUTCOMES, Outcome
from probation_rules.errors import Problem
from probation_rules.language.specialise import Specialiser
from probation_rules.language.tree import Constant, Name, Node, walk
from probation_rules.readers import twice_note, zeros_note
from probation_rules.readers.files import MOST_COUNTED, Problems
from probation_rules.rulebook.model import Area, Severity

if TYPE_CHECKING:
    from probation_rules.tables import Table

LISTED = 20  # of the most urgent cases


def answer_table(
    question: Question, file: str, *, strict: bool = False, **options: Any
) -> Caseload:
    """Ask every rule of the area about every row of a file.

    Args:
        question: The question.
        file: The file.
        strict: Whether to refuse the file where a case cannot be judged.
        options: Other options of `check_table`, such as `columns` and `progress`.

    Raises:
        CaseError: The table cannot be read, or a column is unknown or of a wrong type.
        MissingExtra: The extra `table` is not installed.
    """
    layout = question.layout
    table = pr.check_table(
        question.area.name,
        file,
        on=question.on,
        rulebook=question.book,
        assuming=question.assuming,
        facts=(*layout.soonest, *layout.most),
        **options,
    )
    table.keep()
    if strict:
        _require_sound(table)
    require_kept(question, [*table.kept])
    (counts,) = _counts(table, question).values() or [counted(question, [])]
    groups = {}
    if question.by is not None:
        groups = _counts(table, question, _quoted(table.kept[question.by]))
    return Caseload(
        question=question,
        file=Path(file).name,
        engine=table.engine,
        rows=_urgent(table, question),
        counts=counts,
        open=open_figures(question, _waiting(table, question, counts)),
        notes=(*table.notes, *_twice(table)),
        filled=dict.fromkeys(question.assuming, "in rows without a value"),
        mapping=mapping_name(options),
        kept=tuple(table.kept),
        groups=groups,
        table=table,
        is_whole=False,
    )


def _counts(table: Table, question: Question, group: str = "''") -> dict[str, Counts]:
    """Return the counts of the cases of each group.

    Args:
        table: The answers.
        question: The question.
        group: The SQL of the group that a case is in; of all cases, the same.
    """
    area = question.area
    pairs = [(rule, outcome) for rule in area.wordings for outcome in ROW_OUTCOMES]
    numbers = ", ".join(
        f"count(*) FILTER (WHERE {_quoted(rule)} = '{outcome}')" for rule, outcome in pairs
    )
    stage = "stage" if area.stages else "NULL"
    by_rule: dict[str, dict[str, dict[str, int]]] = {}
    for name, *found in _rows(table, f"SELECT {group}, {numbers} FROM kept GROUP BY 1"):
        by_rule[name] = {rule: {} for rule in area.wordings}
        for (rule, outcome), number in zip(pairs, found, strict=True):
            if number:
                by_rule[name][rule][outcome] = number
    worst: dict[str, dict[tuple[str | None, str | None], int]] = {name: {} for name in by_rule}
    terms = f"{group}, {stage}, {_words(area)['worst']}"
    for name, *pair, number in _rows(table, f"SELECT {terms}, count(*) FROM kept GROUP BY ALL"):
        worst[name][pair[0], pair[1]] = number
    reasons: dict[str, dict[str, int]] = {name: {} for name in by_rule}
    query = f"SELECT {group}, unnest(reasons), count(*) FROM kept GROUP BY 1, 2 ORDER BY 3 DESC, 2"
    for name, reason, number in _rows(table, query):
        reasons[name][reason] = number
    return {
        name: Counts.of(question, by_rule[name], worst[name], reasons[name])
        for name in in_order(by_rule)
    }


def _rows(table: Table, query: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query."""
    columns = table.query(query).columns
    return list(zip(*(column.to_pylist() for column in columns), strict=True))


def _words(area: Area) -> dict[str, str]:
    """Return the terms of a query that depend on the area's rules: three counts, and the worst.

    A rule with several wordings counts with the strongest of their severities.
    """
    breaches = [
        rule
        for rule, places in area.wordings.items()
        if Severity.BREACH in {area.rules[place].severity for place in places}
    ]
    numbers = {
        "breaches": _number(breaches, Outcome.NOT_MET),
        "not_met": _number(area.wordings, Outcome.NOT_MET),
        "open": _number(area.wordings, Outcome.CANNOT_TELL),
    }
    (first, *_) = area.wordings
    worst = (
        f"CASE WHEN {_quoted(first)} = '{INVALID_ROW}' THEN '{INVALID_ROW}' "
        "WHEN {breaches} > 0 THEN 'breach' WHEN {not_met} > 0 THEN 'advisory' "
        f"WHEN {{open}} > 0 {'OR stage IS NULL ' if area.stages else ''}THEN 'unknown' END"
    )
    return {**numbers, "worst": worst.format_map(numbers)}


def _waiting(table: Table, question: Question, counts: Counts) -> dict[str, str]:
    area, waiting = question.area, {}
    open_ = _open(area, question.on)
    for name, parameter in area.parameters.items():
        users = [
            rule
            for rule, places in area.wordings.items()
            if rule in open_
            and counts.by_rule[rule].get(Outcome.CANNOT_TELL)
            and any(name in area.rules[place].figures for place in places)
        ]
        if users and parameter.on(question.on) is None:
            query = f"SELECT count(*) FROM kept WHERE {_number(users, Outcome.CANNOT_TELL)} > 0"
            ((number,),) = _rows(table, query)
            waiting[name] = (
                f"{number:,} of {question.count(counts.cases)} have an undecided rule that uses it"
            )
    return waiting


def _open(area: Area, on: date) -> set[str]:
    """Return the rules that depend on a figure without a value on a day, whatever the case."""
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
    bad = dict(_rows(table, query))
    places = table.places(bad)
    for row, reasons in bad.items():
        for text in reasons:
            what, _, name = text.rpartition(" @ ")
            problems.add(
                Problem(what or text, f"{places[row]}, column {name}" if what else places[row])
            )
    for rows in table.duplicates["rows"].to_pylist():
        where = table.places(rows)
        for row in rows[1:]:
            text = f"this reference is also at {where[rows[0]]}; give each case its own reference"
            problems.add(Problem(text, where[row]))
    problems.refuse()


def _twice(table: Table) -> list[str]:
    notes = []
    for found, note in ((table.duplicates, twice_note), (table.zeros, zeros_note)):
        if found.num_rows:
            rows = found["rows"][0].as_py()[:2]
            places = table.places(rows)
            notes.append(note(found.num_rows, *(places[row] for row in rows)))
    return notes


def _urgent(table: Table, question: Question) -> tuple[Answered, ...]:
    """Return the most urgent cases: the same as by `Answered.urgency`."""
    area, layout, words = question.area, question.layout, _words(question.area)
    order = []
    if area.stages:
        ranks = " ".join(f"WHEN '{stage}' THEN {layout.ranked(stage)}" for stage in area.stages)
        order.append(f"CASE stage {ranks} ELSE {layout.ranked(None)} END")
    if layout.soonest:
        order.append(f"coalesce({', '.join(layout.soonest)}) NULLS LAST")
    order += [f"coalesce({name}, 0) DESC" for name in layout.most]
    order += [f"{words[name]} DESC" for name in ("breaches", "not_met", "open")]
    beside = "".join(f", {_quoted(name)}" for name in table.kept.values())
    query = (
        f"SELECT _row{beside} FROM kept WHERE coalesce({words['worst']}, '{INVALID_ROW}') <> '{INVALID_ROW}' "
        f"ORDER BY {', '.join(order)}, _row LIMIT {LISTED}"
    )
    kept = {row: dict(zip(table.kept, cells, strict=True)) for row, *cells in _rows(table, query)}
    cases = table.cases(kept)
    places = table.places(cases)
    return tuple(answered(question, places[row], case, kept[row]) for row, case in cases.items())


def _number(rules: Collection[str], outcome: str) -> str:
    """Return the term for how many of some rules have an outcome."""
    counts = " + ".join(f"({_quoted(one)} = '{outcome}')::INT" for one in rules)
    return f"({counts or '0::INT'})"


def _quoted(name: str) -> str:
    inside = name.replace('"', '""')
    return f'"{inside}"'
