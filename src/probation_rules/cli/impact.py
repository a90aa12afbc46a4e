"""`probation-rules impact`: how many cases of a file a change of policy changes, and which."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import click

import probation_rules as pr
from probation_rules.caseload.counts import NO_CELL
from probation_rules.caseload.csv_rows import csv_text
from probation_rules.cli.options import (
    area_argument,
    ask,
    changed_book,
    day_typed,
    rulebook_option,
    today,
    values_of,
)
from probation_rules.cli.output import deliver, destination
from probation_rules.cli.table_options import TableOptions, table_options
from probation_rules.quoting import inert

LISTED = 20  # of the cases that change, each with its cause


@click.command("impact", short_help="Count the cases of a file that a change of policy changes.")
@area_argument
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--with", "changed", type=click.Path(path_type=Path), metavar="FILE", help="Changed rules."
)
@click.option("--set", "set_", multiple=True, metavar="PARAMETER=VALUE", help="A changed figure.")
@click.option(
    "--on",
    "days",
    type=day_typed,
    multiple=True,
    metavar="DATE",
    help="The day asked about; today if not given. Given twice, the day before and the day after.",
)
@rulebook_option
@click.option("--assume", "assumed", multiple=True, metavar="FACT=VALUE", help="Fill an unknown.")
@click.option("--by", metavar="COLUMN", help="Count by a kept column of the file.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "csv"]),
    default="text",
    show_default=True,
    help="csv lists every outcome that changes.",
)
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write to a file.")
@table_options
def impact_command(  # noqa: PLR0913 (one argument an option)
    *,
    area: str,
    file: Path,
    changed: Path | None,
    set_: Sequence[str],
    days: Sequence[date],
    rulebooks: Sequence[Path],
    assumed: Sequence[str],
    by: str | None,
    form: str,
    output: Path | None,
    table: TableOptions,
) -> None:
    """Answer the cases of AREA in FILE twice, as it is and with a change, and count what differs.

    The change is a local rulebook or a changed rules file (--with), figures (--set), or a second day
    (--on twice). Answers before the change go by the shipped rules and by each --rulebook.

    Exit codes: 0 answered; 2 bad input or usage.
    """
    first, *others = days or [today()]
    if others[1:]:
        raise click.UsageError("give --on once, or twice for the day before and the day after")
    if not (changed or set_ or others):
        raise click.UsageError("name the change: --with FILE, --set PARAMETER=VALUE, or --on twice")
    if table.strict:
        raise click.UsageError("impact counts the cases that are invalid; leave --strict out")
    to = destination(output, file, *rulebooks, *([changed] if changed else []), *table.files)
    before = ask(area, first, "python", rulebooks, assumed)
    book = before.book if changed is None else changed_book(before.book, changed, area)
    _, settings = values_of(book.area(area), (), set_)
    book = book.with_settings(settings) if settings else book
    tables = [
        pr.check_table(
            area, file, on=on, rulebook=rules, assuming=before.assuming, **table.of_tables
        )
        for on, rules in ((first, before.book), (others[0] if others else first, book))
    ]
    tables[1].share(tables[0])
    found = pr.compare_tables(*tables, by_row=True)
    groups = found.groups(by) if by is not None else {}
    match form:
        case "json":
            text = f"{json.dumps(_document(found, by, groups))}\n"
        case "csv":
            rows = found.outcomes
            text = csv_text(rows.column_names, zip(*rows.to_pydict().values(), strict=True))
        case _:
            text = f"{inert(_text(found, by, groups))}\n"
    deliver(text, to)


def _document(
    found: pr.TableComparison, by: str | None, groups: Mapping[str, Mapping[str, int]]
) -> dict[str, Any]:
    return {
        "counts": found.counts,
        "by": by,
        "groups": groups,
        "rules": found.rules.to_pylist(),
        "stages": found.stages.to_pylist(),
        "changed": found.changed.to_pylist(),
    }


def _text(
    found: pr.TableComparison, by: str | None, groups: Mapping[str, Mapping[str, int]]
) -> str:
    counts = found.counts
    every = sum(counts.values())
    changed, same, invalid = (counts[name] for name in ("changed", "unchanged", "invalid"))
    lines = [f"{changed:,} of {every:,} cases change, {same:,} do not, {invalid:,} are invalid"]
    for one in [*found.stages.to_pylist(), *found.rules.to_pylist()]:
        before, after = (
            (one[side] or "cannot_tell").replace("_", " ") for side in ("before", "after")
        )
        lines.append(f"{one['rule']}: from {before} to {after}: {one['cases']:,}")
    lines += [
        f"{by} {cell or NO_CELL}: {one['changed']:,} of {sum(one.values()):,} cases change"
        for cell, one in groups.items()
    ]
    cases = found.cases(0, LISTED)
    lines += map(str, cases)
    if (left := changed - len(cases)) > 0:
        lines.append(f"{left:,} more cases change; --format csv lists all")
    return "\n".join(lines)
