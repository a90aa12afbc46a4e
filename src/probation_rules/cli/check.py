"""`probation-rules check`: from a caseload file to what needs attention, each with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from attrs import evolve

from probation_rules.caseload.by_case import answer
from probation_rules.caseload.by_table import answer_table
from probation_rules.caseload.csv_rows import as_csv
from probation_rules.caseload.json_document import as_json
from probation_rules.caseload.model import Caseload
from probation_rules.caseload.question import DAYS
from probation_rules.caseload.since import changes, of_caseload, of_file
from probation_rules.caseload.text import page
from probation_rules.caseload.workbook import as_workbook
from probation_rules.cli.options import (
    area_argument,
    ask,
    day_typed,
    rulebook_option,
    set_option,
    today,
)
from probation_rules.cli.output import (
    deliver,
    destination,
    note,
    page_of,
    progress,
    rendered,
    replace,
)
from probation_rules.cli.table_options import TableOptions, is_table, is_workbook, table_options
from probation_rules.engines import ENGINES
from probation_rules.readers import SHAPES
from probation_rules.writing import Output

FAIL_ON = ("breach", "advisory", "unknown")  # each counts those before it too
FAILED = 1
INVALID = 3  # answered, but for cases that cannot be judged

_MORE = "; --output FILE.parquet or FILE.csv writes every row"
_ROWS = (".parquet", ".csv")  # of a file that gets a row a case
_AT_ONCE = 1 << 20  # bytes


@click.command()
@area_argument
@click.argument("file")
@click.option(
    "--from", "shape", type=click.Choice(list(SHAPES)), help="The system that made the file."
)
@click.option(
    "--on", type=day_typed, metavar="DATE", help="The day asked about; today if not given."
)
@click.option("--engine", type=click.Choice(list(ENGINES)), default="python", show_default=True)
@click.option(
    "--cross-check", is_flag=True, help="Let the engine durable decide too, and stop if it differs."
)
@rulebook_option
@click.option(
    "--assume",
    "assumed",
    multiple=True,
    metavar="FACT=VALUE",
    help="Use this value where a case leaves the fact unknown.",
)
@set_option
@click.option("--all", "every", is_flag=True, help="Also list cases with nothing to report.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "csv", "html"]),
    default="table",
    show_default=True,
)
@click.option("--by", metavar="COLUMN", help="Group cases by a kept column of the file.")
@click.option(
    "--since", metavar="LAST", help="Add what changed since this file of cases or stored answers."
)
@click.option(
    "--since-on", type=day_typed, metavar="DATE", help="The day of LAST, if it is a file of cases."
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the answers to this file.",
)
@click.option(
    "--days",
    type=click.IntRange(1, 3_660),
    default=DAYS,
    show_default=True,
    help="How far ahead a workbook, and --since, look for due days.",
)
@table_options
@click.option(
    "--fail-on",
    type=click.Choice(FAIL_ON),
    help="Exit with 1 if a requirement is not met (breach), also if advice is not met (advisory), or also if something is missing (unknown).",
)
@click.pass_context
def check(  # noqa: PLR0913 (one argument an option)
    ctx: click.Context,
    *,
    area: str,
    file: str,
    shape: str | None,
    on: date | None,
    engine: str,
    cross_check: bool,
    rulebooks: Sequence[Path],
    assumed: Sequence[str],
    set_: Sequence[str],
    every: bool,
    form: str,
    by: str | None,
    since: str | None,
    since_on: date | None,
    output: Path | None,
    days: int,
    fail_on: str | None,
    table: TableOptions,
) -> None:
    """Check the cases in FILE against every rule of AREA.

    FILE is a workbook (.xlsx, .xls, .ods), CSV, a JSON list, JSON lines or Parquet, or `-` for standard
    input. An empty cell, a missing key or a null is unknown, and the answer says what it needs. In a table of PODs
    a row is a member, and the column `pod` says whose.

    A file of many cases is answered as one table: counts, and the most urgent cases. A case that
    cannot be judged as given is invalid, with the reasons, and the others are answered; with
    --strict the whole file is refused.

    With --since, the answers also give what changed since LAST: the cases that are new, gone or changed,
    the most serious change first, and why. LAST is read with the same options.

    Exit codes: 0 answered; 1 what --fail-on names was found; 2 bad input or usage; 3 answered, but
    some cases are invalid.
    """
    is_book = is_workbook(output, form)
    to = destination(output, file, *([since] if since else []), *rulebooks, *table.files)
    question = ask(area, on or today(), engine, rulebooks, assumed, set_, by)
    question = evolve(question, cross_check=cross_check)
    as_table = is_table(question, file, shape, output, form, table)
    if since and (as_table or form == "csv"):
        text = "--since lists every change with its cause, and this is answered as one table; use `probation-rules compare`"
        raise click.UsageError(text if as_table else "--since does not go with --format csv")
    with progress("Checking") as tell:
        if as_table:
            found = answer_table(question, file, progress=tell, **table.asked)
        else:
            found = answer(question, file, shape, progress=tell, **table.of_cases)
    for text in found.notes:
        note(f"note: {text}")
    if since:
        last = of_file(question, since, since_on, "--since-on", days, shape, **table.of_cases)
        found = evolve(found, since=changes(last, of_caseload(found, days), question, days))
    if form != "table":
        for figure in found.open:
            note(f"note: {figure}")
        note(f"{found.file}: {found.closing}")
    rows = form == "csv" or (form == "table" and to is not None and to.path.suffix in _ROWS)
    if rows:
        _write_rows(found, to)
    if is_book and to is not None:
        replace(as_workbook(found, days=days), to)
    if form == "table":
        page_to = None if rows or is_book else to
        deliver(rendered(page(found, every=every, more=_MORE), page_to), page_to)
    elif not rows:
        deliver(as_json(found) if form == "json" else page_of("html_page", found), to)
    if to is not None:
        note(f"written to {to.path}")
    wanted = FAIL_ON[: FAIL_ON.index(fail_on) + 1] if fail_on else ()
    end(ctx, failed=found.has(wanted), invalid=found.counts.invalid)


def end(ctx: click.Context, *, invalid: int, failed: bool = False) -> None:
    """End the command with the exit code that its answer has."""
    if invalid:
        what = "case is" if invalid == 1 else "cases are"
        note(f"{invalid:,} {what} invalid; --strict refuses the file and names every problem")
    if failed or invalid:
        ctx.exit(FAILED if failed else INVALID)


def _write_rows(found: Caseload, to: Output | None) -> None:
    """Write a row a case; of a large file to standard output, a piece at a time."""
    if found.table is None:
        deliver(as_csv(found), to)
        return
    if to is not None:
        found.table.write(to.path)
        return
    with TemporaryDirectory() as folder:
        file = Path(folder) / "outcomes.csv"
        found.table.write(file)
        with file.open("rb") as rows:
            while some := rows.read(_AT_ONCE):
                click.echo(some, nl=False)
