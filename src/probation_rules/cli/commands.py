"""Groups of commands: what `--help` lists, and commands that are imported when they are run."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click

from probation_rules.errors import did_you_mean


class Commands(click.Group):
    """A group of commands that suggests the command that was probably meant."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """Return the command that was typed.

        Raises:
            click.UsageError: The command is not known.
        """
        name = args[0]
        names = self.list_commands(ctx)
        if name not in names and not ctx.resilient_parsing:
            hint = did_you_mean(name, names)
            text = f"`{name}` is not a command{hint or '.'} The commands are {', '.join(names)}"
            raise click.UsageError(text, ctx)
        return super().resolve_command(ctx, args)


class LazyCommands(Commands):
    """A group whose commands are imported when they are used: `--help` does not need them.

    Args:
        lazy: For each command what it does, and where it is: `module:name`.
    """

    def __init__(self, *args: Any, lazy: Mapping[str, tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (Click passes it)
        """Return the names of the commands."""
        return sorted(self.lazy)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002 (Click passes it)
        cmd_name: str,
    ) -> click.Command | None:
        """Return a command, or ``None`` if it is not known."""
        if cmd_name not in self.lazy:
            return None
        module, _, name = self.lazy[cmd_name][1].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what each command does."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, self.lazy[name][0]) for name in self.list_commands(ctx)])
