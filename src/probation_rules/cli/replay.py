"""`probation-rules replay`: a stored report, asked again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click

from probation_rules._replay import replay
from probation_rules.cli.options import book_of, rulebook_option
from probation_rules.cli.output import deliver
from probation_rules.errors import CaseError, Problem
from probation_rules.quoting import inert
from probation_rules.readers.files import content


@click.command("replay")
@click.argument("file", type=click.Path(path_type=Path))
@rulebook_option
@click.pass_context
def replay_command(ctx: click.Context, file: Path, rulebooks: Sequence[Path]) -> None:
    """Ask the cases of FILE, a report stored with `check --format json`, again.

    Says that every answer is identical, or what differs, and whether the rulebook is another.

    Exit codes: 0 identical; 1 something differs; 2 bad input or usage.
    """
    try:
        report = json.loads(content(file))
    except (ValueError, RecursionError):
        raise CaseError([Problem("this file is not JSON", file.name)]) from None
    found = replay(report, rulebook=book_of(rulebooks))
    deliver(inert(f"{found}\n"), None)
    ctx.exit(int(not found.identical))
