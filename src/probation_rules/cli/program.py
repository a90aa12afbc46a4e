"""The commands together, and what becomes of an error: a line each, an exit code, no traceback."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from probation_rules._version import __version__
from probation_rules.areas import AREAS
from probation_rules.cli.commands import LazyCommands
from probation_rules.errors import (
    CaseError,
    InputError,
    ProbationRulesError,
    RulebookError,
    did_you_mean,
)
from probation_rules.quoting import inert

BAD_INPUT = 2
INTERRUPTED = 130  # as a shell has it: 128 and the signal's number
NOBODY_READS = 141


_COMMANDS = (
    ("calendar", "Write the coming days of a caseload as an iCalendar file.", "calendar:calendar_command"),
    ("check", "Check the cases in a file against every rule of an area.", "check:check"),
    ("compare", "List what changed between two files of cases, and why.", "compare:compare_command"),
    ("conformance", "Run the hand-written cases of what policy answers.", "conformance:conformance_command"),
    ("demo", "Show the answers about a made-up caseload.", "demo:demo"),
    ("impact", "Count the cases of a file that a change of policy changes.", "impact:impact_command"),
    ("map", "Draft how the columns of a file are read.", "map:map_command"),
    ("replay", "Ask the cases of a stored report again.", "replay:replay_command"),
    ("rules", "List, explain or check rules, and list their changes.", "rules:rules"),
    ("schema", "Print the JSON Schema of an area's cases, or of the answers.", "rules:schema"),
    ("serve", "Serve the rules over HTTP, with pages to fill in.", "serve:serve"),
    ("sql", "Print the SQL that answers a whole table.", "statement:statement"),
    ("template", "Write a workbook to fill in with cases of an area.", "template:template_command"),
)  # fmt: skip


class Program(LazyCommands):
    """The program: a group of commands whose every expected error becomes a message and an exit code."""

    def make_context(self, *args: Any, **options: Any) -> click.Context:
        """Read the options before the command's name."""
        with _clean_usage():
            return super().make_context(*args, **options)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for."""
        try:
            with _clean_usage():
                return super().invoke(ctx)
        except ProbationRulesError as error:
            _tell(
                error.problems
                if isinstance(error, CaseError | InputError | RulebookError)
                else [error]
            )
            ctx.exit(BAD_INPUT)
        except BrokenPipeError:
            _close_pipes()
            ctx.exit(NOBODY_READS)
        except OSError as error:
            where = f": {error.filename}" if error.filename else ""
            _tell([f"{(error.strerror or 'cannot read or write').lower()}{where}"])
            ctx.exit(BAD_INPUT)
        except KeyboardInterrupt:
            click.echo("interrupted; no file is left half written", err=True)
            ctx.exit(INTERRUPTED)


@contextmanager
def _clean_usage() -> Iterator[None]:
    """Clean what Click repeats of the words that were typed, or that a script passed on."""
    try:
        yield
    except click.UsageError as error:
        told = _usage_message(error)
        if inert(told) == error.format_message():
            raise
        raise click.UsageError(inert(told), error.ctx) from None


def _usage_message(error: click.UsageError) -> str:
    """Return Click's message, but suggest an option only where it is spelt alike."""
    if not isinstance(error, click.NoSuchOption) or error.ctx is None:
        return error.format_message()
    name = error.option_name
    known = [option for one in error.ctx.command.params for option in one.opts]
    hint = did_you_mean(name, known) or "; `--help` lists the options"
    return f"`{name}` is not an option{hint}"


def _tell(problems: Iterable[object]) -> None:
    for problem in problems:
        click.echo(inert(f"error: {problem}"), err=True)


def _close_pipes() -> None:
    """Let what is still in the buffers go nowhere, or Python would complain at its exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        if stream and not stream.isatty():
            os.dup2(nowhere, stream.fileno())


def _commands() -> dict[str, tuple[str, str]]:
    """Return what each command does and where it is, with the commands of areas."""
    found = {name: (about, f"probation_rules.cli.{place}") for name, about, place in _COMMANDS}
    for area in AREAS.values():
        if area.command is not None:
            name, about, place = area.command
            found[name] = about, f"probation_rules.areas.{area.folder}.{place}"
    return found


@click.group(
    cls=Program, lazy=_commands(), context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(__version__, message="%(prog)s %(version)s")
def root() -> None:
    """Probation policy of England and Wales as dated, cited rules.

    Every rule answers met, not met or cannot tell, and what it needs.
    """
