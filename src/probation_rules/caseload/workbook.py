"""The answers about a file as a workbook (.xlsx), for people who sort, filter and print lists.

Every cell is text, a date or a number, and never a formula: text from a file cannot run. The same
answers give the same workbook.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import chain
from typing import Any

from probation_rules.caseload.about import about_sheet
from probation_rules.caseload.answered import IN_WORDS, WORST, Answered, Invalid, fact_label
from probation_rules.caseload.change_sheets import change_counts, change_sheets
from probation_rules.caseload.counts import COUNTED, NO_CELL
from probation_rules.caseload.layout import Cell, Column, capital, day, words
from probation_rules.caseload.model import Caseload, One
from probation_rules.caseload.sheets import MARGIN, Listed, Page, Row, Writer, counted, numbered
from probation_rules.caseload.unknown import about_facts
from probation_rules.diary import Coming, coming
from probation_rules.engines import INVALID_ROW, Outcome
from probation_rules.intake.mapping import titles_beside
from probation_rules.language.english import say
from probation_rules.language.tree import Type
from probation_rules.report import BETWEEN_REASONS, Finding, Report
from probation_rules.rulebook.model import Area

_FIRST, _OTHER, _FEWEST = 50, 13, 7  # the width and number of columns of the summary
_SERIES = {"breach": "#B10E1E", "advisory": "#E0A100", "unknown": "#3B78B0", None: "#9AA5AC"}


def as_workbook(found: Caseload, *, days: int) -> bytes:
    """Return the workbook about a whole file.

    Args:
        found: The answers.
        days: How many days ahead the sheet of coming days looks.

    Raises:
        InputError: A list has more rows than a sheet may have.
        MissingExtra: The package XlsxWriter, of the extra `excel`, is not installed.
    """
    question = found.question
    title = f"{question.area.title}: {found.count}"
    writer = Writer.begun(question.area.title, title, question.on)
    _summary(writer, found)
    if found.since:
        change_sheets(writer, found.since)
    writer.table("At risk", _at_risk(found))
    writer.table("Coming", _coming(found, days))
    writer.table("Missing data", _missing(found))
    writer.table("All", _all(found))
    writer.table("About", about_sheet(found, days, _own_titles(found)))
    return writer.ended()


# --- Summary ------------------------------------------------------------------------------------


def _summary(writer: Writer, found: Caseload) -> None:
    question, counts = found.question, found.counts
    area, many = question.area, capital(question.layout.many)
    columns = max(_FEWEST, len(counts.stages) + 1)
    page = Page(writer, writer.sheet("Summary"), [_FIRST, *[_OTHER] * (columns - 1)])
    for column, width in enumerate(page.widths):
        page.sheet.set_column(column, column, width + MARGIN)
    page.text(f"{area.title}: {found.count}", bold=True, font_size=14)
    page.text(
        f"From {found.file}. Rules version {question.book.version}. More is on the sheet About."
    )
    worst = {
        IN_WORDS[word]: number for word, number in counts.worst.items() if word in WORST or number
    }
    page.block(
        f"{many} by most serious finding",
        ["Finding", many],
        [[Cell(name), counted(number)] for name, number in worst.items()],
    )
    if area.stages and counts.by_stage:
        title = f"{many} by {question.layout.stage} and most serious finding"
        heads = [question.layout.stage, *(IN_WORDS[word] for word in WORST), "all"]
        heads = [capital(head) for head in heads]
        rows = [
            [Cell(words(stage)), *map(counted, numbers.values()), counted(sum(numbers.values()))]
            for stage, numbers in counts.by_stage.items()
        ]
        place = page.block(title, heads, rows)
        page.bars(title, place, {IN_WORDS[word]: _SERIES[word] for word in WORST})
    if found.since:
        change_counts(page, found.since)
    if found.groups:
        _by_group(page, found)
        page.printed_apart()
    rules = [area.rules[places[-1]] for places in area.wordings.values()]
    outcomes = [*COUNTED, *([INVALID_ROW] if counts.invalid else [])]
    page.block(
        f"{many} by rule",
        ["Rule", "Kind", *(capital(words(one)) for one in outcomes)],
        [
            [
                Cell(f"{rule.title} ({rule.id})"),
                Cell(rule.severity.kind),
                *(counted(counts.by_rule[rule.id].get(one, 0)) for one in outcomes),
            ]
            for rule in rules
        ],
    )
    for one in found.open:
        page.row += 1
        page.text(one.text)


def _by_group(page: Page, found: Caseload) -> None:
    """Write the counts of each group by stage, if the area has stages, and by most serious finding."""
    counts, area, by = found.counts, found.question.area, str(found.question.by)
    many = capital(found.question.layout.many)
    by_finding = {
        IN_WORDS[word]: [one.worst[word] for one in found.groups.values()]
        for word, number in counts.worst.items()
        if number
    }
    by_stage = {
        words(stage): [one.stages.get(stage, 0) for one in found.groups.values()]
        for stage in (counts.stages if area.stages else ())
    }
    colours = {IN_WORDS[word]: colour for word, colour in _SERIES.items()}
    for what, columns in (
        (found.question.layout.stage, by_stage),
        ("most serious finding", by_finding),
    ):
        if columns:
            title = f"{many} by {by} and {what}"
            rows = [
                [Cell(name or NO_CELL), *(counted(numbers[place]) for numbers in columns.values())]
                for place, name in enumerate(found.groups)
            ]
            page.printed_apart()
            where = page.block(title, [by, *map(capital, columns)], rows)
            page.bars(title, where, {name: colours.get(name) for name in columns})


# --- Lists --------------------------------------------------------------------------------------


def _at_risk(found: Caseload) -> Listed:
    """Return the cases with a finding that is not met, the most urgent first."""
    rows = (
        [
            *_start(found, one),
            *_own(found, one),
            _worst(one),
            Cell(numbered([_reason(one) for one in one.not_met])),
            Cell(numbered([_to_do(one) for one in one.not_met])),
            Cell(", ".join([*found.facts_of(one), *_figures(found, one)])),
        ]
        for one in _in_order(found, found.cases)
        if one.not_met
    )
    last = ("Most serious finding", "Reasons", "What to do", "Not known")
    return Listed([*_start_titles(found), *_own_titles(found), *last], rows)


def _coming(found: Caseload, days: int) -> Listed:
    """Return the days that cases come to, by day; those that are not known are last."""
    on = found.question.on
    last = on + timedelta(days=days)

    def by_day(pair: tuple[Answered, Coming]) -> tuple[bool, date, str]:
        one, due = pair
        return due.day is None, due.day or on, one.label

    every = [
        pair
        for _, some in found.in_groups(found.judged)
        for pair in sorted(
            [(one, due) for one in some for due in coming(one.report, last) if due.exists],
            key=by_day,
        )
    ]
    rows = (
        [
            *_start(found, one),
            *_day(due, on),
            Cell(due.entry.label),
            Cell(*_is_due(found.question.area, due)),
            Cell(due.entry.rule),
        ]
        for one, due in every
    )
    return Listed([*_start_titles(found), "Day", "Days away", "What", "Still due", "Rule"], rows)


def _day(due: Coming, on: date) -> tuple[Cell, Cell]:
    if due.day is None:
        return Cell("not known", "unknown"), Cell("")
    away = (due.day - on).days
    return Cell(day(due.day), value=due.day), Cell(f"{away:,}", value=away)


def _is_due(area: Area, due: Coming) -> tuple[str, str]:
    needs = ", ".join(fact_label(area, name) for name in due.needs)
    return (f"cannot tell: needs {needs}", "unknown") if needs else ("yes", "")


def _missing(found: Caseload) -> Listed:
    """Return what each case lacks, and what is wrong with a case that cannot be judged."""
    area = found.question.area
    figures, about = {one.name for one in found.open}, dict(about_facts(area))

    def invalid(one: Invalid) -> Iterator[Row]:
        for reason in one.reasons:
            what, _, name = reason.rpartition(" @ ")
            yield [
                *_start(found, one),
                Cell(one.place),
                _worst(one),
                Cell(name if what else ""),
                Cell(what or name),
                Cell("every rule"),
            ]

    def lacking(one: Answered) -> Iterator[Row]:
        for name in one.needs:
            if name in figures:
                continue
            waiting = [each.rule for each in one.unknown if name in each.needs]
            stage = [found.question.layout.stage] if name in one.report.stage_needs else []
            yield [
                *_start(found, one),
                Cell(one.report.place or ""),
                Cell("not known", "unknown"),
                Cell(one.fact(name)),
                Cell(about.get(name.rpartition("].")[2], "")),
                Cell(", ".join([*stage, *waiting])),
            ]

    every: list[Answered | Invalid] = [*found.invalid, *found.cases]
    rows = chain.from_iterable(
        invalid(one) if isinstance(one, Invalid) else lacking(one)
        for one in _in_order(found, every)
    )
    own = ("Place in the file", "Problem", "Fact", "What it is", "Needed for")
    return Listed([*_start_titles(found), *own], rows)


def _all(found: Caseload) -> Listed:
    """Return every case, in the order of the file, with its outcomes and facts."""
    area = found.question.area
    facts = {name: _type(area, name) for name in area.values if name != "on"}
    own = len(_own_titles(found))

    def row(one: Answered | Invalid) -> Row:
        if isinstance(one, Invalid):
            blank = [Cell("")]
            reasons = Cell(BETWEEN_REASONS.join(one.reasons))
            rules = [Cell("invalid", "unknown")] * len(area.wordings)
            return [
                *_start(found, one),
                Cell(one.place),
                *(blank * own),
                _worst(one),
                reasons,
                *rules,
                *(blank * len(facts)),
            ]
        values = one.report.facts
        return [
            *_start(found, one),
            Cell(one.report.place or ""),
            *_own(found, one),
            _worst(one),
            Cell(numbered([_reason(each) for each in one.not_met])),
            *(_outcome(one.report, rule) for rule in area.wordings),
            *(
                _value(values[name], kind, is_absent=name in one.report.absent)
                for name, kind in facts.items()
            ),
        ]

    titles = [
        *_start_titles(found),
        "Place in the file",
        *_own_titles(found),
        "Most serious finding",
        "Reasons",
    ]
    return Listed([*titles, *area.wordings, *facts], map(row, found.rows))


# --- Cells --------------------------------------------------------------------------------------


def _in_order(found: Caseload, rows: Sequence[One]) -> Iterator[One]:
    """Yield some cases by group, each group in the order given."""
    return chain.from_iterable(some for _, some in found.in_groups(rows))


def _start_titles(found: Caseload) -> list[str]:
    question = found.question
    stage = [capital(question.layout.stage)] if question.area.stages else []
    kept = titles_beside(found.kept, ["Reference", *stage, *_own_titles(found)])
    return ["Reference", *kept.values(), *stage]


def _start(found: Caseload, one: Answered | Invalid) -> list[Cell]:
    """Return the cells that every list begins with: reference, kept columns and stage."""
    cells = [Cell(one.label), *(Cell(one.kept[name]) for name in found.kept)]
    if found.question.area.stages:
        stage = one.stage if isinstance(one, Answered) else ""
        cells.append(Cell(stage, "" if isinstance(one, Invalid) or one.report.stage else "unknown"))
    return cells


def _columns(found: Caseload) -> Iterator[Column]:
    return chain.from_iterable(found.question.layout.pairs)


def _own_titles(found: Caseload) -> list[str]:
    return [capital(one.heading or one.title) for one in _columns(found)]


def _own(found: Caseload, one: Answered) -> Iterator[Cell]:
    """Yield the cells of the area's own columns."""
    return (column.cell(one.report) for column in _columns(found))


def _worst(one: Answered | Invalid) -> Cell:
    if isinstance(one, Invalid):
        return Cell(IN_WORDS[INVALID_ROW], "unknown")
    return Cell(IN_WORDS[one.worst], one.worst or "")


def _reason(finding: Finding) -> str:
    return f"{capital(IN_WORDS[finding.severity])}: {finding.message} ({finding.rule})"


def _to_do(finding: Finding) -> str:
    changes = [f"Put right by {' or '.join(finding.changes)}."] if finding.changes else []
    return " ".join([finding.remedy or "", *changes])


def _outcome(report: Report, rule: str) -> Cell:
    outcome = report.outcome(rule)
    kinds = {Outcome.CANNOT_TELL: "unknown", Outcome.NOT_MET: report.finding(rule).severity or ""}
    return Cell(words(outcome), kinds.get(outcome, ""))


def _type(area: Area, name: str) -> Type:
    return area.facts[name].type if name in area.facts else area.derived[name].node.type


def _figures(found: Caseload, one: Answered) -> Iterator[str]:
    """Yield the figures of the policy without a value that a case waits for."""
    return (figure.name for figure in found.open if figure.name in one.needs)


def _value(value: Any, kind: Type, *, is_absent: bool) -> Cell:
    """Return the cell of a fact; empty where it is not known."""
    match value:
        case None:
            return Cell("none" if is_absent else "")
        case date() | int() | float() if not isinstance(value, bool):
            return Cell(say(value, kind), value=value)
        case Decimal():
            return Cell(str(value), value=float(value))
    return Cell(say(value, kind))
