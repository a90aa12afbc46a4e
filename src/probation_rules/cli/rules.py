"""`probation-rules rules` and `schema`: the rules in words, and the shape of a case."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import click
from rich.console import RenderableType
from rich.text import Text

from probation_rules.areas import AREAS
from probation_rules.caseload.columns import plain_table
from probation_rules.cli.commands import Commands
from probation_rules.cli.options import book_of, changed_book, day_typed, rulebook_option
from probation_rules.cli.output import deliver, note, rendered
from probation_rules.comparison.books import changes_between, changes_text
from probation_rules.explanation import explain
from probation_rules.history import events, text
from probation_rules.quoting import inert
from probation_rules.rulebook.model import Area
from probation_rules.schema import (
    case_schema,
    caseload_schema,
    comparison_schema,
    report_schema,
)

DOCUMENTS = {
    "report": report_schema,
    "caseload": caseload_schema,
    "comparison": comparison_schema,
}  # besides an area's cases


@click.group(cls=Commands)
def rules() -> None:
    """List the rules or their changes, show one in full, or check a local rulebook."""


@rules.command("list")
@click.option("--area", type=click.Choice(list(AREAS)), help="One area's rules only.")
@rulebook_option
def list_rules(area: str | None, rulebooks: Sequence[Path]) -> None:
    """List the rules: whether each is a requirement or advice, its basis and its title."""
    areas = book_of(rulebooks).areas
    chosen = [areas[area]] if area else list(areas.values())
    deliver(rendered(_lists(chosen), None), None)


@rules.command("show")
@click.argument("rule", metavar="ID")
@click.option(
    "--on", type=day_typed, metavar="DATE", help="Show the wording and the figures of this day."
)
@rulebook_option
def show_rule(rule: str, on: date | None, rulebooks: Sequence[Path]) -> None:
    """Show a rule in full: when it applies, when it is met, its figures and its sources."""
    deliver(f"{inert(str(explain(rule, on=on, rulebook=book_of(rulebooks))))}\n", None)


@rules.command("changes")
@click.option("--from", "first", type=day_typed, metavar="DATE", help="First day.")
@click.option("--to", "last", type=day_typed, metavar="DATE", help="Last day.")
@click.option(
    "--with",
    "changed",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Another rulebook, in place of two days.",
)
@click.option("--area", type=click.Choice(list(AREAS)), help="One area's rules only.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@rulebook_option
def changed_rules(
    *,
    first: date | None,
    last: date | None,
    changed: Path | None,
    area: str | None,
    form: str,
    rulebooks: Sequence[Path],
) -> None:
    """List the rules and figures that change between two days, or between two rulebooks.

    Give --from and --to for what begins, changes or ends between two days. Give --with for what a
    local rulebook, or a changed copy of a shipped rules file, changes in the shipped rules and each
    --rulebook.
    """
    book = book_of(rulebooks)
    if changed is not None and first is None and last is None:
        parts = changes_between(book, changed_book(book, changed), area)
        found, told = [one.to_dict() for one in parts], changes_text(parts)
    elif changed is None and first is not None and last is not None:
        days = events(first, last, rulebook=book, area=area)
        found, told = [one.to_dict() for one in days], text(days)
    else:
        raise click.UsageError("give two days with --from and --to, or a rulebook with --with")
    deliver(f"{json.dumps(found) if form == 'json' else inert(told)}\n", None)


@rules.command("check")
@click.argument("file", type=click.Path(path_type=Path))
def check_rules(file: Path) -> None:
    """Check a local rulebook: report that it is good, or list every problem.

    Exit codes: 0 good; 2 bad input or usage.
    """
    book = book_of([file])
    one = book.local[0]
    deliver(inert(f"{file.name} is good: {one.region}, {one.title}, {one.version}\n"), None)
    for laid in book.files:
        for section in book.area(laid).sections:
            for warning in section.warnings:
                note(f"warning: {warning}")


@click.command()
@click.argument("what", type=click.Choice([*AREAS, *DOCUMENTS]))
def schema(what: str) -> None:
    """Print the JSON Schema (2020-12) of a case of an area, or of a JSON document of answers.

    `report` is what `check --format json` gives of a file that it answers case by case, `caseload` of
    one that it answers as one table, and `comparison` what `compare --format json` gives.
    """
    found = DOCUMENTS[what]() if what in DOCUMENTS else case_schema(what)
    deliver(json.dumps(found, indent=2) + "\n", None)


def _lists(areas: Sequence[Area]) -> Iterator[RenderableType]:
    for area in areas:
        yield Text(inert(area.title), "bold")
        table = plain_table()
        for title in ("rule", "kind", "basis"):
            table.add_column(title, no_wrap=True)
        table.add_column("title")
        for id_, places in area.wordings.items():
            rule = area.rules[places[-1]]
            cells = (id_, rule.severity.kind, rule.basis.value, rule.title)
            table.add_row(*map(Text, map(inert, cells)))
        yield table
