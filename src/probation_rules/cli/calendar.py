"""`probation-rules calendar`: the days that a caseload comes to, as an iCalendar file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from probation_rules.areas import AREAS
from probation_rules.caseload.by_case import answer
from probation_rules.caseload.layout import day
from probation_rules.cli.check import end
from probation_rules.cli.options import ask, day_typed, rulebook_option, set_option, today
from probation_rules.cli.output import deliver, destination, note
from probation_rules.diary import due_dates
from probation_rules.readers import SHAPES
from probation_rules.report import BETWEEN_REASONS


@click.command("calendar")
@click.argument("area", type=click.Choice(list(AREAS)))
@click.argument("file")
@click.option("--from", "shape", type=click.Choice(list(SHAPES)), help="The system that made it.")
@click.option(
    "--on", type=day_typed, metavar="DATE", help="The day asked about; today if not given."
)
@click.option(
    "--weeks", type=click.IntRange(min=1), help="How far ahead; all the way if not given."
)
@rulebook_option
@click.option("--assume", "assumed", multiple=True, metavar="FACT=VALUE", help="Fill an unknown.")
@set_option
@click.option("--strict", is_flag=True, help="Refuse the file if a case cannot be judged.")
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write to a file.")
@click.pass_context
def calendar_command(  # noqa: PLR0913 (one argument an option)
    ctx: click.Context,
    *,
    area: str,
    file: str,
    shape: str | None,
    on: date | None,
    weeks: int | None,
    rulebooks: Sequence[Path],
    assumed: Sequence[str],
    set_: Sequence[str],
    strict: bool,
    output: Path | None,
) -> None:
    """Write the coming days of the cases in FILE, such as review points, as an iCalendar file.

    An entry has a case's reference and a label for the day, but no personal data. A day that is not
    known is not in the file. A note names it and what it needs. If it is not known whether a day is
    still due, the entry and a note explain this. Days before DATE are left out, and so are those that are
    no longer due. A case that cannot be judged as given has no days: a note gives the reason.

    Exit codes: 0 written; 2 bad input or usage; 3 written, but some cases are invalid.
    """
    to = destination(output, file, *rulebooks)
    question = ask(area, on or today(), rulebooks=rulebooks, assumed=assumed, set_=set_)
    if not question.area.due:
        having = ", ".join(name for name, one in question.book.areas.items() if one.due)
        raise click.UsageError(f"the rules of {area} name no due days; those of {having} do")
    found = answer(question, file, shape, strict=strict)
    days = due_dates((one.report for one in found.judged), weeks=weeks)
    invalid = [
        f"{one.place} is invalid: {BETWEEN_REASONS.join(one.reasons)}" for one in found.invalid
    ]
    for text in (*found.notes, *invalid, *days.notes):
        note(f"note: {text}")
    deliver(days.to_ical().decode("utf-8"), to)
    count = len(days.dates)
    note(f"{count:,} {'day' if count == 1 else 'days'} from {day(question.on)}")
    if output is not None:
        note(f"written to {output}")
    end(ctx, invalid=len(found.invalid))
