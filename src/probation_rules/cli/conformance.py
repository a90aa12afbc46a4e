"""`probation-rules conformance`: the hand-written cases, asked of an engine; what they cover."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path

import click
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from probation_rules.areas import AREAS, missing_extras
from probation_rules.caseload.columns import plain_table
from probation_rules.cli.options import book_of, rulebook_option
from probation_rules.cli.output import deliver, note, rendered, tracked
from probation_rules.conformance import FOLDER, Coverage, Result, coverage, library, load_cases, run
from probation_rules.conformance.coverage import COLUMNS
from probation_rules.engines import ENGINES
from probation_rules.quoting import inert
from probation_rules.rulebook.book import Rulebook

FAILED = 1

Results = Mapping[str, Sequence[Result]]  # by engine


@click.command("conformance")
@click.argument("area", required=False, type=click.Choice(list(AREAS)))
@click.option(
    "--engine",
    "engines",
    type=click.Choice(list(ENGINES)),
    multiple=True,
    default=["python"],
    show_default=True,
    help="May be given again.",
)
@rulebook_option
@click.option(
    "--cases",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=FOLDER,
    show_default="those that come with the library",
    metavar="FOLDER",
    help="Own cases: a folder an area, with <topic>.cases.toml files.",
)
@click.option("--coverage", "covered", is_flag=True, help="Show what the cases show of each rule.")
@click.pass_context
def conformance_command(
    ctx: click.Context,
    *,
    area: str | None,
    engines: Sequence[str],
    rulebooks: Sequence[Path],
    folder: Path,
    covered: bool,
) -> None:
    """Ask an engine the hand-written cases, whose answers come from the sources.

    With --coverage also: by rule, how many cases show each outcome on every engine asked.

    Exit codes: 0 every case passed, and with --coverage nothing is missing; 1 otherwise; 2 bad
    input or usage.
    """
    book = book_of(rulebooks)
    cases = [case for case in load_cases(folder) if area in (None, case.area)]
    if not cases:
        raise click.UsageError(f"--cases: the folder has no case of {area}")
    results = {
        engine: tuple(tracked(run(cases, library(engine, book)), f"Asking {engine}", len(cases)))
        for engine in dict.fromkeys(engines)
    }
    names = dict.fromkeys(case.area for case in cases)
    shown = {
        name: coverage(book.area(name), results) for name in names if covered and name in AREAS
    }
    for text in chain.from_iterable(map(missing_extras, names)):
        note(f"note: {text}")
    missing = [one for counts in shown.values() for one in counts if one.missing]
    deliver(_failures(results), None)
    deliver(rendered(_tables(book, results, shown), None), None)
    deliver(_summary(results, missing if covered else None), None)
    failed = any(not one.passed for found in results.values() for one in found)
    ctx.exit(FAILED if failed or missing else 0)


def _failures(results: Results) -> str:
    """Each case that failed, with all that is needed to look into it."""
    lines = []
    for engine, found in results.items():
        for one in found:
            if not one.passed:
                lines.append(f"FAILED on {engine}: {one.case.place}: {one.case.name}")
                for differs in one.differences:
                    text = f"{differs.what}: expected {differs.expected}; got {differs.got}"
                    lines.append(f"    {text}")
                lines.append(f"    why: {one.case.because} ({one.case.source})\n")
    return inert("".join(f"{line}\n" for line in lines))


def _tables(
    book: Rulebook, results: Results, shown: Mapping[str, Sequence[Coverage]]
) -> Iterator[RenderableType]:
    yield _by_area(results)
    for name, counts in shown.items():
        yield Text(inert(book.area(name).title), "bold")
        yield _covered(counts)


def _by_area(results: Results) -> Table:
    table = plain_table()
    for title in ("area", "engine"):
        table.add_column(title)
    for title in ("cases", "passed", "failed"):
        table.add_column(title, justify="right")
    for engine, found in results.items():
        for area in dict.fromkeys(one.case.area for one in found):
            passed = [one.passed for one in found if one.case.area == area]
            numbers = (len(passed), sum(passed), len(passed) - sum(passed))
            table.add_row(inert(area), engine, *(f"{number:,}" for number in numbers))
    return table


def _covered(found: Sequence[Coverage]) -> Table:
    table = plain_table()
    table.add_column("rule", no_wrap=True)
    for outcome in COLUMNS:
        table.add_column(outcome.value.replace("_", " "), justify="right")
    for place in range(0, len(found), len(COLUMNS)):
        row = found[place : place + len(COLUMNS)]
        table.add_row(row[0].rule, *(Text(_cell(one), "red" if one.missing else "") for one in row))
    return table


def _cell(one: Coverage) -> str:
    """How many cases, once if engines agree; `-` where the rule cannot have the outcome."""
    numbers = set(one.cases.values())
    if not one.possible and numbers == {0}:
        return "-"
    if len(numbers) == 1:
        return str(numbers.pop())
    return ", ".join(f"{engine} {number}" for engine, number in one.cases.items())


def _summary(results: Results, missing: Sequence[Coverage] | None) -> str:
    """The last lines: what is missing, if that was asked, and how many cases passed."""
    lines = []
    for one in missing or ():
        engines = ", ".join(engine for engine, number in one.cases.items() if not number)
        lines.append(f"missing: {one.rule} {one.outcome.value}, on {engines}")
    passed = [one.passed for found in results.values() for one in found]
    said = f"{sum(passed):,} of {len(passed):,} passed, on {', '.join(results)}"
    if missing is not None:
        shown = f"{len(missing)} outcomes are shown by no case"
        said += f"; {shown if missing else 'every outcome of every rule is shown by a case'}"
    return inert("".join(f"{line}\n" for line in (*lines, said)))
