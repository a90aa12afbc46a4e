"""Where answers go: standard output or a file, always whole; and what makes text safe to show."""

from __future__ import annotations

import csv
import io
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypeVar

import click
from rich.console import Console, RenderableType
from rich.progress import track

from probation_rules.report import LIKE_A_FORMULA
from probation_rules.writing import STANDARD_INPUT, STANDARD_OUTPUT, Inputs, Output

_Item = TypeVar("_Item")

FILE_WIDTH = 140  # characters of a table in a file

_PLAIN_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_FORMULA = re.compile(LIKE_A_FORMULA)
_BLANK = ("\t", "\r", "\n")


def inert(text: str) -> str:
    """Return the text without characters that could steer a terminal; ends of lines stay."""
    return "".join(letter for letter in text if letter.isprintable() or letter == "\n")


def note(text: str) -> None:
    """Say something beside the answer, on standard error."""
    click.echo(inert(text), err=True)


def destination(output: Path | None, *inputs: str | Path) -> Output | None:
    """Return the file to write to, or nothing for standard output; `-` is standard input.

    Raises:
        CaseError: The output is an input, or is not an ordinary file.
    """
    read = Inputs.of(*(STANDARD_INPUT if str(name) == "-" else name for name in inputs))
    if output is None:
        read.require_not(STANDARD_OUTPUT)
        return None
    return Output(output, read)


def deliver(text: str, output: Output | None) -> None:
    """Write the answer to a file, or to standard output if there is none.

    The file is there with all of the answer or, if anything goes wrong, as it was before.
    """
    if output is None:
        encoding = getattr(sys.stdout, "encoding", None) or "utf-8"  # closed: `>&-`
        click.echo(text.encode(encoding, "replace"), nl=False)
        return
    try:
        with output.replaced() as part:
            part.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(output.path)) from None


def tracked(items: Iterable[_Item], what: str, total: int) -> Iterable[_Item]:
    """Return the items; while they are used, a terminal shows how many are done."""
    console = Console(stderr=True)
    if not console.is_terminal:  # before version 14.3 rich ends even a disabled bar with a line
        return items
    return track(items, what, total=total, console=console, transient=True)


def rendered(parts: Iterable[RenderableType], output: Output | None) -> str:
    """Return tables and text as they are shown: in colour on a terminal only."""
    console = Console(highlight=False, markup=False, emoji=False)
    if output is not None:
        console = Console(file=io.StringIO(), width=FILE_WIDTH, color_system=None)
    with console.capture() as capture:
        for part in parts:
            console.print(part)
    # rich fills lines up with blanks; nobody needs those at the end
    return "".join(f"{line.rstrip()}\n" for line in capture.get().splitlines())


def csv_text(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return rows as CSV in which no cell can become a formula; ``None`` is an empty cell."""
    cells = ([_cell(value) for value in row] for row in rows)
    return "".join(map(_line, [header, *cells]))


def _line(cells: Sequence[str]) -> str:
    """Return a line of CSV; a cell with any end of a line in it is quoted on every Python.

    Before 3.13 a cell was quoted only if it held a character of `lineterminator`.
    """
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(cells)
    return f"{out.getvalue()[:-2]}\n"


def _cell(value: object) -> str:
    if value is None:
        return ""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if _PLAIN_NUMBER.fullmatch(text):
        return text
    text = _FORMULA.sub(r"\1'\2", text)
    return f"'{text}" if text.startswith(_BLANK) else text
