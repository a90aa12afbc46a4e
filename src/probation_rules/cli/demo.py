"""`probation-rules demo`: the main job on the caseload that comes with the library."""

from __future__ import annotations

import shlex
from datetime import date, timedelta
from importlib.resources import as_file, files

import click
from rich.console import RenderableType
from rich.text import Text

from probation_rules.cli.answer import answer
from probation_rules.cli.check import ask
from probation_rules.cli.output import deliver, rendered
from probation_rules.cli.page import page

AREA = "unpaid-work"
ON = date(2026, 11, 21)  # the day on which the made-up orders stand as they do
LIMIT = "twelve_month_limit_ends_on"


@click.command(short_help="Answer a made-up caseload, to see what this does.")
def demo() -> None:
    """Answer a made-up caseload of unpaid work orders, and show the commands that do it.

    First as it is asked: the twelve-month limit may have ended, and nobody has verified the day.
    Then as if it had ended, and last as if it still stood.
    """
    unset = ask(AREA, ON)
    ended = f"{LIMIT}={unset.area.parameters[LIMIT].type.low}"
    stands = f"{LIMIT}={ON + timedelta(days=1)}"
    parts: list[RenderableType] = []
    with as_file(files("probation_rules") / "demo" / "unpaid-work.csv") as path:
        command = f"probation-rules check {AREA} {shlex.quote(str(path))} --on {ON}"
        for title, question, option, listed in (
            ("1. As asked: what cannot be told, and why", unset, "", False),
            ("2. If the twelve-month limit had ended", ask(AREA, ON, set_=[ended]), ended, False),
            ("3. If the limit still stood", ask(AREA, ON, set_=[stands]), stands, True),
        ):
            shown = command + (f" --set {option}" if option else "")
            parts.append(Text(f"{title}{'' if listed else ' (only the counts here)'}", "bold"))
            parts.append(Text(f"{shown}\n"))
            parts += page(answer(question, str(path), None), path.name, listed=listed)
            parts.append(Text("\n" if not listed else ""))
    deliver(rendered(parts[:-1], None), None)
