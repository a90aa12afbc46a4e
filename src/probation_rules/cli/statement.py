"""`probation-rules sql`: the statement that answers a whole table, to run where the table is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

import probation_rules as pr
from probation_rules.cli.options import (
    area_argument,
    book_of,
    day_typed,
    rulebook_option,
    set_option,
    today,
    values_of,
)
from probation_rules.cli.output import deliver


@click.command(name="sql")
@area_argument
@click.option("--dialect", required=True, metavar="NAME", help="duckdb, spark, trino or athena.")
@click.option(
    "--on", type=day_typed, metavar="DATE", help="The day asked about; today if not given."
)
@set_option
@click.option(
    "--prepare",
    nargs=2,
    type=click.Path(path_type=Path),
    metavar="FILE CASES",
    help="Read cases from FILE, and write the table `cases` with prepared facts to CASES.",
)
@rulebook_option
def statement(
    area: str,
    dialect: str,
    on: date | None,
    set_: Sequence[str],
    prepare: tuple[Path, Path] | None,
    rulebooks: Sequence[Path],
) -> None:
    """Print one SELECT over the table `cases` that answers every rule of AREA."""
    book = book_of(rulebooks)
    _, settings = values_of(book.area(area), (), set_)
    text = pr.sql(area, on=on or today(), dialect=dialect, rulebook=book, settings=settings)
    if prepare is not None:
        given, cases = prepare
        table = pr.check_table(area, given, on=on or today(), rulebook=book, settings=settings)
        table.write_prepared(cases)
    deliver(f"{text}\n", None)
