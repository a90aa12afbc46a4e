"""What a person, or a program, reads about a file that was answered as one table."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from rich.console import RenderableType
from rich.text import Text

from probation_rules import document
from probation_rules.cli.caseload import Caseload
from probation_rules.cli.output import deliver, inert, note, rendered
from probation_rules.cli.page import (
    COUNTED,
    assumed,
    closing,
    counted,
    counts,
    head,
    laid_on,
    numbered,
    told,
)
from probation_rules.cli.table import Listing, plain_table
from probation_rules.engines import INVALID_ROW, Outcome
from probation_rules.report import plain, remarks_of, rulebook_used, rules_of
from probation_rules.writing import Output

_AT_ONCE = 1 << 20  # bytes
_OUTCOMES = (".parquet", ".csv")  # of a file that gets a row a case


def show(found: Caseload, file: str, form: str, output: Output | None) -> None:
    """Show what a table comes to, or write it.

    Args:
        found: The answers.
        file: What to call the file.
        form: `table` for the page, `json` for one document of counts, `csv` for a row a case.
        output: A file to write to. With `table`, one whose name ends in `.parquet` or `.csv` gets a
            row a case, and the page is shown beside it.
    """
    for text in found.notes:
        note(f"note: {text}")
    rows = form == "csv" or (form == "table" and output and output.path.suffix in _OUTCOMES)
    if rows:
        _write(found, output)
    if form == "table":
        to = None if rows else output
        deliver(rendered(_page(found, file), to), to)
    else:
        for what, *others in _waiting(found):
            note(f"note: {' '.join([f'{what}.', *others])}")
        note(f"{file}: {_closing(found)}")
    if form == "json":
        deliver(_as_json(found), output)


def _write(found: Caseload, output: Output | None) -> None:
    if output is not None:
        found.table.write(output.path)
        return
    with TemporaryDirectory() as folder:
        file = Path(folder) / "outcomes.csv"
        found.table.write(file)
        with file.open("rb") as rows:
            while some := rows.read(_AT_ONCE):
                click.echo(some, nl=False)


def _page(found: Caseload, file: str) -> Iterator[RenderableType]:
    question = found.question
    others = [
        f"{assumed(question, name)}, where a row does not say it" for name in question.assuming
    ]
    yield from head(question, found.table.engine, file, [*laid_on(question), *others])
    yield from numbered(_waiting(found))
    if found.urgent:
        yield from _list(found)
    if found.reasons:
        yield Text("\nRows that are invalid, by reason", "bold")
        yield _reasons(found)
    yield counts(found.summary, [*COUNTED, *([INVALID_ROW] if found.reasons else [])])
    yield Text(_closing(found), "bold")


def _list(found: Caseload) -> Iterator[RenderableType]:
    marks = {name: f"[{number}]" for number, name in enumerate(found.waiting, 1)}
    shown = f"The {len(found.urgent)} most urgent of {found.to_say:,} with something to say"
    where = "--output FILE.parquet or FILE.csv writes every row"
    yield Text(f"\n{shown}; {where}", "bold")
    listing = Listing(found.layout, found.urgent, marks, stages=bool(found.question.area.stages))
    yield listing
    if listing.marked:
        yield Text(found.layout.legend)


def _reasons(found: Caseload) -> RenderableType:
    table = plain_table()
    table.add_column("rows", justify="right")
    table.add_column("reason")
    for reason, number in found.reasons.items():
        table.add_row(f"{number:,}", Text(inert(reason)))
    return table


def _waiting(found: Caseload) -> list[tuple[str, ...]]:
    every = counted(found.question, found.cases)
    return [
        (
            f"{name} is not known, and {number:,} of {every} have a rule that looks at it and cannot be told",
            *told(found.question.area.parameters[name]),
        )
        for name, number in found.waiting.items()
    ]


def _closing(found: Caseload) -> str:
    return closing(found.question, found.cases, found.stages, found.gravest)


def _as_json(found: Caseload) -> str:
    """Return the counts and the most urgent cases as one JSON document."""
    question = found.question
    waiting = [" ".join([f"{what}.", *others]) for what, *others in _waiting(found)]
    reports = [one.report for one in found.urgent]
    unknown = Outcome.CANNOT_TELL.value
    content = document.Caseload(
        on=question.on,
        engine=found.table.engine,
        rulebook=rulebook_used(question.book, question.book.on(question.on).replaced),
        area=question.area.name,
        cases=found.cases,
        summary=found.summary,
        stages={stage or unknown: number for stage, number in found.stages.items()},
        gravest={word or "nothing": number for word, number in found.gravest.items()},
        reasons=found.reasons,
        rules=rules_of(reports),
        remarks=remarks_of([question.area]),
        notes=(*found.notes, *waiting),
        assumed=plain(question.assuming),
        most_urgent=tuple(one.entry() for one in reports),
    )
    return json.dumps(document.plain(content)) + "\n"
