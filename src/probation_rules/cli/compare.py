"""`probation-rules compare`: what changed between two files, and why."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import click

from probation_rules import document
from probation_rules.caseload.by_case import answer
from probation_rules.cli.check import end
from probation_rules.cli.options import (
    area_argument,
    ask,
    book_of,
    day_typed,
    rulebook_option,
    today,
)
from probation_rules.cli.output import deliver, destination, note
from probation_rules.cli.table_options import TableOptions, table_options
from probation_rules.comparison.sides import Side, compare_sides, side_of, side_of_reports
from probation_rules.errors import CaseError, Problem
from probation_rules.quoting import inert
from probation_rules.readers import SHAPES
from probation_rules.readers.files import content


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
@click.option("--set", "set_", multiple=True, metavar="PARAMETER=VALUE", help="Set an open figure.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
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
    output: Path | None,
    table: TableOptions,
) -> None:
    """List the cases of AREA that are new, gone or changed from BEFORE to AFTER, and why.

    Each file contains cases, as for `check`, or answers that `check --format json` stored. Stored
    answers have their own day, settings and assumptions. Cases are matched by their reference.

    Exit codes: 0 compared; 2 bad input or usage; 3 compared, but some cases are invalid.
    """
    if table.needs_table:
        text = "--members, --memory-limit and --threads are for one large file; leave them out"
        raise click.UsageError(text)
    to = destination(output, before, after, *rulebooks, *table.files)
    sides = []
    for name, file, on in (("before", before, on_before), ("after", after, on_after or today())):
        if (stored := _stored(file)) is not None:
            side = side_of(Path(file).name, stored, book_of(rulebooks))
            _require_area(side, area)
        elif on is None:
            raise click.UsageError(
                f"BEFORE contains cases: give the day asked about with --on-{name}"
            )
        else:
            question = ask(area, on, "python", rulebooks, assumed, set_)
            found = answer(question, file, shape, **table.of_cases)
            for text in found.notes:
                note(f"note: {name}: {text}")
            reports = [one.report for one in found.judged]
            invalid = [
                document.Invalid(one.place, one.reference, one.reasons, one.kept)
                for one in found.invalid
            ]
            side = side_of_reports(found.file, reports, invalid)
        sides.append(side)
    comparison = compare_sides(sides[0], sides[1])
    text = json.dumps(comparison.to_dict()) if form == "json" else inert(str(comparison))
    deliver(f"{text}\n", to)
    end(ctx, invalid=len(comparison.invalid))


def _stored(file: str) -> Mapping[str, Any] | None:
    """Return the document of answers that a file contains; ``None`` if it contains cases.

    Raises:
        CaseError: The document has only the counts of a large file.
    """
    if Path(file).suffix.lower() != ".json":
        return None
    try:
        found = json.loads(content(file))
    except (ValueError, RecursionError):
        return None  # what reads cases lists what is wrong
    if not isinstance(found, dict):
        return None
    if "most_urgent" in found:
        text = "this document has the counts of a large file, not every case; compare the files of cases"
        raise CaseError([Problem(text, Path(file).name)])
    return found if "reports" in found else None


def _require_area(side: Side, area: str) -> None:
    """Refuse answers about another area."""
    others = {one.area for one in side.cases} - {area}
    if others:
        text = f"these are answers about {', '.join(sorted(others))}, not about {area}"
        raise CaseError([Problem(text, side.name)])
