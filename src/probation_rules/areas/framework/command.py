"""`probation-rules activities`: a region's list at a status, and what would change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import click
from rich.console import RenderableType
from rich.text import Text

from probation_rules.areas.framework.activities import (
    ActivityLine,
    ActivityTable,
    activities,
    activity_changes,
    list_on,
    status_for,
)
from probation_rules.caseload.columns import plain_table
from probation_rules.cli.options import book_of, day_typed, rulebook_option, today
from probation_rules.cli.output import deliver, note, rendered
from probation_rules.quoting import inert
from probation_rules.rulebook.book import Rulebook

EXAMPLE = "example-region.toml"


@click.command("activities")
@rulebook_option
@click.option("--example", is_flag=True, help="Use the made-up list that comes with the library.")
@click.option("--status", metavar="STATUS", help="The unit's status, as the list names it.")
@click.option("--capacity", type=click.INT, metavar="PER CENT", help="Or: what triggers a status.")
@click.option(
    "--on", type=day_typed, metavar="DATE", help="The day asked about; today if not given."
)
@click.option("--compare", metavar="STATUS", help="Show what changes at this other status.")
@click.option(
    "--compare-on", type=day_typed, metavar="DATE", help="Show what changes by this other day."
)
def activities_command(
    *,
    rulebooks: Sequence[Path],
    example: bool,
    status: str | None,
    capacity: int | None,
    on: date | None,
    compare: str | None,
    compare_on: date | None,
) -> None:
    """Show a region's list: what must be delivered, and what may be reduced or paused.

    The list is a local rulebook with a `[framework]` section. None comes with the library but a
    made-up one. With --compare or --compare-on only what differs is shown.
    """
    day = on or today()
    book = book_of([*rulebooks, *([_example()] if example else [])])
    table = activities(status=_status(book, day, status, capacity), on=day, rulebook=book)
    for text in table.source.warnings:
        note(f"warning: {text}")
    if compare is None and compare_on is None:
        deliver(rendered(_page(table), None), None)
        return
    other = activities(status=compare or table.status, on=compare_on or day, rulebook=book)
    deliver(rendered(_changes(table, other), None), None)


def _example() -> Path:
    return Path(str(files("probation_rules") / "demo" / EXAMPLE))


def _status(book: Rulebook, day: date, status: str | None, capacity: int | None) -> str:
    if (status is None) == (capacity is None):
        raise click.UsageError("give either --status or --capacity")
    if status is not None:
        return status
    found = status_for(Decimal(capacity or 0), on=day, rulebook=book)
    if found is None:
        raise click.UsageError("the list gives no trigger points: give --status")
    triggers = list_on(day, book).content.triggers
    note(f"note: {capacity} % is {found}, by the list's {triggers.measure if triggers else ''}")
    return found


def _heading(table: ActivityTable) -> Text:
    return Text(inert(f"{table.source}\nStatus {table.status} on {table.on}"), "bold")


def _page(table: ActivityTable) -> Iterator[RenderableType]:
    yield _heading(table)
    shown = plain_table()
    for title in (
        "activity",
        "title",
        "at this status",
        "decided by",
        "on condition, or resting on",
    ):
        shown.add_column(title)
    for one in table.lines:
        why = one.condition or one.basis or ""
        row = (one.code, one.title, one.told, one.decided_by or "", why)
        shown.add_row(*map(Text, map(inert, row)))
    yield shown


def _changes(before: ActivityTable, after: ActivityTable) -> Iterator[RenderableType]:
    yield _heading(before)
    yield _heading(after)
    changes = activity_changes(before, after)
    if not changes:
        yield Text("Nothing changes.")
        return
    shown = plain_table()
    for title in ("activity", "before", "after"):
        shown.add_column(title)
    for one in changes:
        shown.add_row(*map(Text, map(inert, (one.code, _told(one.before), _told(one.after)))))
    yield shown


def _told(line: ActivityLine | None) -> str:
    if line is None:
        return "not on the list"
    by = f", by the {line.decided_by}" if line.decided_by else ""
    return f"{line.told}{by}{f' ({line.condition})' if line.condition else ''}"
