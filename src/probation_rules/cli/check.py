"""`probation-rules check`: from a caseload file to what needs attention, each with its reason."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import click

from probation_rules import document
from probation_rules.cli.answer import Answer, Invalid, Question, answer
from probation_rules.cli.caseload import caseload
from probation_rules.cli.caseload_page import show
from probation_rules.cli.options import (
    area_argument,
    book_of,
    day_typed,
    rulebook_option,
    today,
    values_of,
)
from probation_rules.cli.output import csv_text, deliver, destination, note, rendered
from probation_rules.cli.page import count, page, waiting
from probation_rules.cli.table import day
from probation_rules.cli.table_options import TableOptions, is_table, require_form, table_options
from probation_rules.engines import ENGINES, INVALID_ROW, SEPARATOR, Outcome
from probation_rules.errors import EngineUnavailable
from probation_rules.readers import SHAPES
from probation_rules.report import plain, shaped
from probation_rules.writing import Output

FAIL_ON = ("breach", "advisory", "unknown")  # each counts those before it too
FAILED = 1
INVALID = 3  # answered, but for cases that cannot be judged


@click.command(short_help="Ask every rule of an area about the cases in a file.")
@area_argument
@click.argument("file")
@click.option("--from", "shape", type=click.Choice(list(SHAPES)), help="The system that made it.")
@click.option(
    "--on", type=day_typed, metavar="DATE", help="The day asked about; today if not given."
)
@click.option("--engine", type=click.Choice(list(ENGINES)), default="python", show_default=True)
@rulebook_option
@click.option("--assume", "assumed", multiple=True, metavar="FACT=VALUE", help="Fill an unknown.")
@click.option("--set", "set_", multiple=True, metavar="PARAMETER=VALUE", help="Set an open figure.")
@click.option("--all", "every", is_flag=True, help="List cases with nothing to say too.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "csv", "html"]),
    default="table",
    show_default=True,
)
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write to a file.")
@table_options
@click.option("--fail-on", type=click.Choice(FAIL_ON), help="Exit with 1 if any case has this.")
@click.pass_context
def check(  # noqa: PLR0913 (one argument an option)
    ctx: click.Context,
    *,
    area: str,
    file: str,
    shape: str | None,
    on: date | None,
    engine: str,
    rulebooks: Sequence[Path],
    assumed: Sequence[str],
    set_: Sequence[str],
    every: bool,
    form: str,
    output: Path | None,
    fail_on: str | None,
    table: TableOptions,
) -> None:
    """Ask every rule of AREA about the cases in FILE.

    FILE is CSV with a header, a JSON list, JSON lines or Parquet, or `-` for standard input. An empty
    cell, a missing key or a null is unknown, and the answer says what it needs. In a table of PODs
    a row is a member, and the column `pod` says whose.

    A file of many cases is answered as one table: counts, and the most urgent cases. A case that
    cannot be judged as given is invalid, with the reasons, and the others are answered; with
    --strict the whole file is refused.

    Exit codes: 0 answered; 1 what --fail-on names was found; 2 bad input or usage; 3 answered, but
    some cases are invalid.
    """
    to = destination(output, file, *rulebooks, *table.files)
    question = ask(area, on or today(), engine, rulebooks, assumed, set_)
    name = "standard input" if file == "-" else Path(file).name
    wanted = FAIL_ON[: FAIL_ON.index(fail_on) + 1] if fail_on else ()
    if is_table(question, file, shape, output, table):
        require_form(form)
        whole = caseload(question, file, table)
        show(whole, name, form, to)
        _finish(ctx, to, failed=whole.has(wanted), invalid=whole.invalid)
        return
    found = answer(question, file, shape, table.columns, strict=table.strict)
    for text in found.notes:
        note(f"note: {text}")
    if form == "table":
        deliver(rendered(page(found, name, every=every), to), to)
    else:
        for text in _waiting_notes(found):
            note(f"note: {text}")
        note(f"{name}: {count(found)} on {day(question.on)}")
        deliver(_written(found, form, name), to)
    _finish(ctx, to, failed=found.has(wanted), invalid=len(found.invalid))


def _finish(ctx: click.Context, output: Output | None, *, failed: bool, invalid: int) -> None:
    if output is not None:
        note(f"written to {output.path}")
    end(ctx, failed=failed, invalid=invalid)


def end(ctx: click.Context, *, invalid: int, failed: bool = False) -> None:
    """End the command with the exit code that its answer has."""
    if invalid:
        what = "case is" if invalid == 1 else "cases are"
        note(f"{invalid:,} {what} invalid; --strict refuses the file and names every problem")
    if failed or invalid:
        ctx.exit(FAILED if failed else INVALID)


def _written(found: Answer, form: str, name: str) -> str:
    """Return the answer in a form that goes to a file or another program."""
    if form == "html":
        try:
            pages = import_module("probation_rules.pages")  # and Jinja2: only where asked for
        except ModuleNotFoundError as missing:
            text = f"{missing.name} is not installed; run `pip install 'probation-rules[cli]'`"
            raise EngineUnavailable(text) from None
        return cast("str", pages.html_page(found, name))
    return as_json(found) if form == "json" else as_csv(found)


def ask(
    area: str,
    on: date,
    engine: str = "python",
    rulebooks: Sequence[Path] = (),
    assumed: Sequence[str] = (),
    set_: Sequence[str] = (),
) -> Question:
    """Return the question that options put, checked before any file of cases is read."""
    book = book_of(rulebooks)
    assuming, settings = values_of(book.area(area), assumed, set_)
    book = book.with_settings(settings) if settings else book
    return Question(on, engine, book, book.area(area), assuming)


def as_json(found: Answer) -> str:
    """Return the answer as one JSON document."""
    question, notes = found.question, [*found.notes, *_waiting_notes(found)]
    reports = [one.report for one in found.cases]
    invalid = [document.Invalid(one.place, one.reference, one.reasons) for one in found.invalid]
    content = shaped(question.on, question.engine, question.book, reports, notes, invalid)
    return json.dumps(document.plain(content)) + "\n"


def as_csv(found: Answer) -> str:
    """Return the answer as CSV: one row a case, in the order of the file."""
    area = found.question.area
    rules, facts = list(area.wordings), [*area.facts, *area.derived]
    facts.remove("on")
    stage = ["stage"] if area.stages else []
    header = ["on", "reference", *stage, *rules, "reasons", Outcome.NOT_MET.value, "needs"]
    header += ["assumed", *facts]

    def rows() -> Any:
        for one in found.rows:
            before = [found.question.on, one.label]
            if isinstance(one, Invalid):
                outcomes = [INVALID_ROW for _ in rules]
                yield [*before, *("" for _ in stage), *outcomes, SEPARATOR.join(one.reasons)] + [
                    "" for _ in (Outcome.NOT_MET, "needs", "assumed", *facts)
                ]
                continue
            values = plain(one.report.facts)
            yield [
                *before,
                *([one.report.stage or Outcome.CANNOT_TELL.value] if stage else []),
                *(one.report.outcome(rule) for rule in rules),
                "",
                " ".join(finding.rule for finding in one.not_met),
                " ".join(one.needs),
                " ".join(one.report.assuming),
                *(values[name] for name in facts),
            ]

    return csv_text(header, rows())


def _waiting_notes(found: Answer) -> list[str]:
    return [" ".join([f"{what}.", *told]) for what, *told in waiting(found)]
