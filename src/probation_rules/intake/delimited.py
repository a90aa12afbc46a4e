"""Text with separators between its cells: which encoding and which separator a file has."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import islice
from typing import IO

from probation_rules.intake.header import MOST_TITLES, Row

SEPARATORS = (",", ";", "\t", "|")  # the first one is the default
WINDOWS = "cp1252"
_UTF_8, _UTF_16 = "utf-8-sig", "utf-16"
_LOOKED_AT = 4_096  # bytes at the beginning that show whether text is UTF-16
_PIECE = 1 << 20


def is_utf_16(start: bytes) -> bool:
    """Whether a file begins as text in UTF-16 does."""
    return start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or _unmarked(start) != ""


def encoding_of(file: IO[bytes]) -> str:
    """Return the encoding of a file of text: UTF-8, UTF-16 or, if it is neither, Windows-1252."""
    start = file.read(_LOOKED_AT)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _UTF_16
    if unmarked := _unmarked(start):
        return unmarked
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while start:
            decoder.decode(start)
            start = file.read(_PIECE)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return WINDOWS
    return _UTF_8


def _unmarked(start: bytes) -> str:
    """Return the form of UTF-16 that has no mark at its beginning, or nothing: every second byte is 0."""
    looked_at = start[: min(len(start), _LOOKED_AT) // 2 * 2]
    first, second = looked_at[::2], looked_at[1::2]
    most = len(first) * 3 // 4
    if first and first.count(0) == 0 and second.count(0) > most:
        return "utf-16-le"
    return "utf-16-be" if first and second.count(0) == 0 and first.count(0) > most else ""


def separator_of(lines: Callable[[], Iterable[str]], score: Callable[[Iterator[Row]], int]) -> str:
    """Return the separator with which the text has the most known names in a row.

    If no row has a known name, it is the one that occurs most often in the first line.

    Args:
        lines: Returns the lines of the text, from the start.
        score: Returns how many known names a row of the table has.
    """
    first = next((line for line in lines() if line.strip()), "")

    def worth(separator: str) -> tuple[int, int]:
        found = 0
        with suppress(csv.Error):
            found = score(islice(rows(lines(), separator), MOST_TITLES))
        return found, first.count(separator)

    return max(SEPARATORS, key=worth)


def rows(lines: Iterable[str], separator: str) -> Iterator[Row]:
    """Yield the rows that have something in a cell, each with its number.

    Raises:
        csv.Error: The text cannot be read as CSV.
    """
    reader = csv.reader(lines, delimiter=separator, strict=True, skipinitialspace=True)
    for number, cells in enumerate(reader, 1):
        if any(map(str.strip, cells)):
            yield number, cells
