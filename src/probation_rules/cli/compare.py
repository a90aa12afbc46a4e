"""`probation-rules compare`: what changed between two files, and why."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from probation_rules.caseload.change_sheets import changes_workbook
from probation_rules.caseload.question import DAYS
from probation_rules.caseload.since import Answers, changes, of_file
from probation_rules.caseload.text import changes_page
from probation_rules.cli.check import end
from probation_rules.cli.options import (
    area_argument,
    ask,
    day_typed,
    rulebook_option,
    set_option,
    today,
)
from probation_rules.cli.output import deliver, destination, note, page_of, rendered, replace
from probation_rules.cli.table_options import TableOptions, is_workbook, table_options
from probation_rules.readers import SHAPES


@click.command("compare")
@area_argument
@click.argument("before")
@click.argument("after")
@click.option("--on-before", type=day_typed, metavar="DATE", help="The day of BEFORE.")
@click.option(
    "--on-after", type=day_typed, metavar="DATE", help="The day of AFTER; today if not given."
)
@click.option("--from", "shape", type=click.Choice(list(SHAPES)), help="The system that made them.")
@rulebook_option
@click.option("--assume", "assumed", multiple=True, metavar="FACT=VALUE", help="Fill an unknown.")
@set_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "html"]),
    default="text",
    show_default=True,
)
@click.option("--by", metavar="COLUMN", help="Group cases by a kept column of the files.")
@click.option(
    "--days",
    type=click.IntRange(1, 3_660),
    default=DAYS,
    show_default=True,
    help="How many days ahead a due day is near.",
)
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write to a file.")
@table_options
@click.pass_context
def compare_command(  # noqa: PLR0913 (one argument an option)
    ctx: click.Context,
    *,
    area: str,
    before: str,
    after: str,
    on_before: date | None,
    on_after: date | None,
    shape: str | None,
    rulebooks: Sequence[Path],
    assumed: Sequence[str],
    set_: Sequence[str],
    form: str,
    by: str | None,
    days: int,
    output: Path | None,
    table: TableOptions,
) -> None:
    """List the cases of AREA that are new, gone or changed from BEFORE to AFTER, and why.

    Each file contains cases, as for `check`, or answers that `check` stored as JSON, CSV or Parquet.
    Stored JSON has its own day, settings and assumptions. Cases are matched by their reference. A
    name that ends in .xlsx gets a workbook.

    Exit codes: 0 compared; 2 bad input or usage; 3 compared, but some cases are invalid.
    """
    if table.needs_table:
        text = "--members, --memory-limit and --threads are for one large file; leave them out"
        raise click.UsageError(text)
    is_book = is_workbook(output, "table" if form == "text" else form)
    to = destination(output, before, after, *rulebooks, *table.files)
    on = on_after or today()
    question = ask(area, on, "python", rulebooks, assumed, set_, by)
    sides: list[Answers] = []
    for name, file, asked in (("before", before, on_before), ("after", after, on)):
        option = f"--on-{name}"
        one = of_file(question, file, asked, option, days, shape, **table.of_cases)
        for text in one.notes:
            note(f"note: {name}: {text}")
        sides.append(one)
    found = changes(sides[0], sides[1], question, days)
    if is_book and to is not None:
        replace(changes_workbook(found, found.after.on or on), to)
    elif form == "json":
        deliver(f"{json.dumps(found.to_dict())}\n", to)
    elif form == "html":
        deliver(page_of("changes_page", found), to)
    else:
        deliver(rendered(changes_page(found), to), to)
    end(ctx, invalid=len(found.comparison.invalid))
