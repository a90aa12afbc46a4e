"""Writes answers whole, to standard output or a file, and shows progress on a terminal."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TypeVar, cast

import click
from rich.console import Console, RenderableType
from rich.progress import Progress, track

from probation_rules.errors import MissingExtra
from probation_rules.quoting import inert
from probation_rules.writing import STANDARD_INPUT, STANDARD_OUTPUT, Inputs, Output

_Item = TypeVar("_Item")

FILE_WIDTH = 140  # characters of a table in a file


def note(text: str) -> None:
    """Write a note on standard error."""
    click.echo(inert(text), err=True)


def destination(output: Path | None, *inputs: str | Path) -> Output | None:
    """Return the file to write to, or nothing for standard output; `-` is standard input.

    Raises:
        InputError: The output is an input, or is not an ordinary file.
    """
    read = Inputs.of(*(STANDARD_INPUT if str(name) == "-" else name for name in inputs))
    if output is None:
        read.require_not(STANDARD_OUTPUT)
        return None
    return Output(output, read)


def deliver(text: str, output: Output | None) -> None:
    """Write the answer to a file or, without a file, to standard output.

    If anything goes wrong, the file stays as it was.
    """
    if output is None:
        encoding = getattr(sys.stdout, "encoding", None) or "utf-8"  # closed: `>&-`
        click.echo(text.encode(encoding, "replace"), nl=False)
    else:
        replace(text.encode("utf-8"), output)


def replace(data: bytes, output: Output) -> None:
    """Write a file whole. If anything goes wrong, the file stays as it was."""
    try:
        with output.replaced() as part:
            part.write_bytes(data)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(output.path)) from None


def tracked(items: Iterable[_Item], what: str, total: int) -> Iterable[_Item]:
    """Yield the items, and show on a terminal how many are done."""
    console = Console(stderr=True)
    if not console.is_terminal:  # before version 14.3 rich ends even a disabled bar with a line
        return items
    return track(items, what, total=total, console=console, transient=True)


@contextmanager
def progress(what: str) -> Iterator[Callable[[float], object] | None]:
    """Return a function that shows on a terminal what share is done, from 0 to 1."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    shown = Progress(console=console, transient=True)
    task = shown.add_task(what, total=1)

    def show(done: float) -> None:
        shown.start()
        shown.update(task, completed=done)

    try:
        yield show
    finally:
        if shown.live.is_started:
            shown.stop()


def rendered(parts: Iterable[RenderableType], output: Output | None) -> str:
    """Return tables and text as printed, with colours on a terminal only."""
    console = Console(highlight=False, markup=False, emoji=False)
    if output is not None:
        console = Console(file=io.StringIO(), width=FILE_WIDTH, color_system=None)
    with console.capture() as capture:
        for part in parts:
            console.print(part)
    # rich fills lines with blanks; those at the end are removed
    return "".join(f"{line.rstrip()}\n" for line in capture.get().splitlines())


def page_of(name: str, found: object) -> str:
    """Return a page of HTML from a function of `caseload.html`, given by its name.

    Raises:
        MissingExtra: Jinja2, of the extra `cli`, is not installed.
    """
    try:
        html = import_module("probation_rules.caseload.html")  # and Jinja2: only where asked for
    except ModuleNotFoundError as missing:
        text = f"an HTML page needs {missing.name}, which is not installed here"
        raise MissingExtra(text, "cli") from None
    return cast("str", getattr(html, name)(found))
