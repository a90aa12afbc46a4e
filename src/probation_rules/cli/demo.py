"""`probation-rules demo`: the main job on the caseload that comes with the library."""

from __future__ import annotations

import shlex
from datetime import date
from importlib.resources import as_file, files

import click
from rich.text import Text

from probation_rules.caseload.by_case import answer
from probation_rules.caseload.text import page
from probation_rules.cli.options import ask
from probation_rules.cli.output import deliver, rendered

AREA = "unpaid-work"
ON = date(2026, 11, 21)  # the made-up orders are as they are on this day
LISTED = 7  # orders, so that all of it is about a screen


@click.command()
def demo() -> None:
    """Show the answers about a made-up caseload of unpaid work orders: counts, and the most urgent.

    It ends with the commands that list every order and explain a rule.
    """
    with as_file(files("probation_rules") / "demo" / "unpaid-work.csv") as path:
        parts = [*page(answer(ask(AREA, ON), str(path), None).shortened(LISTED))]
        check = f"probation-rules check {AREA} {shlex.quote(str(path))} --on {ON}"
        explain = "probation-rules rules show upw.twelve-month-measure"
        parts.append(Text(f"To list every order: {check}\nTo read a rule: {explain}"))
    deliver(rendered(parts, None), None)
