"""The table in rows of cells: its header, wherever it begins, and the rows below that are cases.

People put titles above a table, leave rows and columns blank, merge the cells of a header and add a row
of totals. The header is the row with the most known names. Without a known name it is the first row.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import cache
from itertools import chain, islice

from attrs import Factory, define

from probation_rules.intake.words import words
from probation_rules.quoting import plain

Row = tuple[int, list[str]]
"""The number of a row in its file, and its cells."""

MOST_TITLES = 50  # rows that have something in a cell, among which the header is


@define
class Found:
    """A table in rows of cells.

    Attributes:
        number: The number of the header's row; of the lower one, where it has two.
        header: The header's cells.
        known: How many of them have a known name.
        below: The rows below, as they are.
        totals: The numbers of the rows of totals that were left out so far.
    """

    number: int
    header: list[str]
    known: int
    below: Iterator[Row]
    totals: list[int] = Factory(list)

    @property
    def rows(self) -> Iterator[Row]:
        """The rows below that are cases: a row of totals is left out."""
        row = next(self.below, None)
        while row is not None:
            following = next(self.below, None)
            number, cells = row
            if _is_totals(cells, is_last=following is None):
                self.totals.append(number)
            else:
                yield row
            row = following

    @property
    def notes(self) -> list[str]:
        """What to note about the rows read so far."""
        return [f"row {number} was left out: it has the totals of others" for number in self.totals]


def find(rows: Iterator[Row], known: Collection[str]) -> Found:
    """Return the table in rows of cells.

    Args:
        rows: The rows that have something in a cell.
        known: The names that columns may have, as `plain` returns them.
    """
    first = list(islice(rows, MOST_TITLES))
    best = Found(1, [], 0, rows)
    for place, (number, cells) in enumerate(first):
        candidates = [(number, cells)]
        if first[place + 1 :]:
            candidates.append(_merged(cells, first[place + 1]))
        for last, header in candidates:
            score = sum(plain(cell) in known for cell in header)
            if score > best.known or not (best.header or score):
                below = first[place + (2 if last != number else 1) :]
                names = [cell.strip() for cell in header]
                best = Found(last, names, score, chain(below, rows))
    return best


def _merged(upper: Sequence[str], row: Row) -> Row:
    """Return two rows as one header: `Hours` above `Ordered` and `Completed` is for both of them.

    Only the first of merged cells has a text. A cell of the lower row belongs to the nearest text to
    the left in the upper row.
    """
    number, lower = row
    width = max(len(upper), len(lower))
    over = [*upper, *[""] * (width - len(upper))]
    header, group = [], ""
    for place, cell in enumerate([*lower, *[""] * (width - len(lower))]):
        group = over[place].strip() or group
        header.append(f"{group} {cell}".strip() if cell.strip() else over[place])
    return number, header


def _is_totals(cells: Sequence[str], *, is_last: bool) -> bool:
    if not is_last and cells[0][:1].strip() and cells[0][0].casefold() not in _initials():
        return False  # as nearly every row, at once
    looked_at = cells if is_last else [next(filter(str.strip, cells), "")]
    return any(_is_total(cell) for cell in looked_at)


def _is_total(cell: str) -> bool:
    text = cell.casefold()
    # Nearly no cell has such a word; only one that has is looked at further.
    return any(core in text for core in _cores()) and plain(cell) in words()["totals"]


@cache
def _initials() -> frozenset[str]:
    """Return the letters that words for totals begin with."""
    return frozenset(one[0] for one in words()["totals"])


@cache
def _cores() -> tuple[str, ...]:
    """Return the words for totals that are in all the others."""
    every = words()["totals"]
    return tuple(one for one in every if not any(other != one and other in one for other in every))
