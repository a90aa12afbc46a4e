"""A list of cases as columns of text: a table of rich where colours are shown, and plain lines elsewhere.

rich lays out each cell with its colours, which takes most of the time of a long list. Without colours
the same lines are made here. rich still decides how wide the columns are and where a line ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from attrs import frozen
from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, JustifyMethod, RenderResult
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

GAP = 2  # blanks after each column but the last


def plain_table(*, leading: int = 0) -> Table:
    """Return an empty table in the style of every table here."""
    return Table(
        box=box.SIMPLE_HEAD,
        header_style="bold",
        padding=(0, GAP, 0, 0),
        pad_edge=False,
        leading=leading,
    )


@frozen
class Piece:
    """A part of the text of a cell.

    Attributes:
        text: The text.
        style: The style that rich gives it.
    """

    text: str
    style: str = ""


Cell = Sequence[Piece]


@frozen
class Columns:
    """Rows of cells under titles. Each cell may have several lines.

    Attributes:
        titles: The titles.
        right: Whether each column is aligned to the right.
        rows: The rows.
        leading: How many lines are empty between two rows.
    """

    titles: Sequence[str]
    right: Sequence[bool]
    rows: Sequence[Sequence[Cell]]
    leading: int = 0

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the table or, where no colours are shown, its lines."""
        if console.color_system is not None:
            yield self.table()
            return
        for line in self.lines(console, options.max_width):
            yield Segment(line.rstrip())
            yield Segment.line()

    def table(self) -> Table:
        """Return the table of rich."""
        found = self._empty(plain_table(leading=self.leading))
        for row in self.rows:
            found.add_row(
                *(Text.assemble(*((one.text, one.style) for one in cell)) for cell in row)
            )
        return found

    def lines(self, console: Console, width: int) -> Iterator[str]:
        """Yield the lines of the table without colours.

        Args:
            console: The console, whose rules for the end of a line are used.
            width: The most characters of a line.
        """
        rows = [["".join([one.text for one in cell]) for cell in row] for row in self.rows]
        widths = self._widths(rows, width)
        yield ""
        yield from self._row(console, self.titles, widths, is_head=True)
        yield f" {'─' * (sum(widths) + len(widths) - 1)}"
        for number, row in enumerate(rows):
            if number:
                yield from [""] * self.leading
            yield from self._row(console, row, widths)
        yield ""

    def _empty(self, table: Table) -> Table:
        for title, right in zip(self.titles, self.right, strict=True):
            table.add_column(title, justify="right" if right else "left", overflow="fold")
        return table

    def _widths(self, rows: Sequence[Sequence[str]], width: int) -> list[int]:
        """Return the widths of the columns with their gaps: those of a table of the longest cells."""
        table = self._empty(plain_table())
        table.box = box.SQUARE  # its lines show where a column ends
        table.add_row(*(Text(max(column, key=_length)) for column in zip(*rows, strict=True)))
        console = Console(width=width, color_system=None)
        with console.capture() as capture:
            console.print(table)
        first, *_ = capture.get().splitlines()
        return [len(one) for one in first.strip("┌┐").split("┬")]

    def _row(
        self,
        console: Console,
        cells: Sequence[str],
        widths: Sequence[int],
        *,
        is_head: bool = False,
    ) -> Iterator[str]:
        """Yield the lines of a row. Titles are at the bottom of theirs, and other cells at the top."""
        last = len(cells) - 1
        inner = [width - (GAP if place < last else 0) for place, width in enumerate(widths)]
        parts = [
            _wrapped(console, cell, width, "right" if right else "left")
            for cell, width, right in zip(cells, inner, self.right, strict=True)
        ]
        if is_head:
            most = max(map(len, parts))
            parts = [[""] * (most - len(lines)) + lines for lines in parts]
        for line in zip_longest(*parts, fillvalue=""):
            aligned = [
                _aligned(text, width, right=right)
                for text, width, right in zip(line, inner, self.right, strict=True)
            ]
            yield " " + (" " * (GAP + 1)).join(aligned)


def _wrapped(console: Console, text: str, width: int, justify: JustifyMethod) -> list[str]:
    """Return the lines of a cell that is so wide."""
    lines = text.split("\n")
    if justify == "right":
        lines = [line.rstrip() for line in lines]
    if all(_length(line) <= width for line in lines):
        return lines
    found = Text("\n".join(lines)).wrap(console, width, justify=justify, overflow="fold")
    return [line.plain.strip() if justify == "right" else line.plain for line in found]


def _aligned(text: str, width: int, *, right: bool) -> str:
    blanks = " " * (width - _length(text))
    return blanks + text if right else text + blanks


def _length(text: str) -> int:
    """Return how wide the longest line of a text is."""
    if "\n" in text:
        return max(map(_length, text.split("\n")))
    return len(text) if text.isascii() else cell_len(text)
