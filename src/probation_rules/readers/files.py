"""Bytes of a file -> records: CSV, a JSON list or object, or JSON lines.

Nothing is trusted: what cannot be read is a problem with its place, and the limits below bound
the time and memory that any input can take. They are technical, not policy.
"""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from itertools import count, islice
from pathlib import Path
from typing import IO, NoReturn, TypeVar, cast

from attrs import frozen

from probation_rules.cases import column_names, unknown_columns
from probation_rules.errors import CaseError, Problem, did_you_mean
from probation_rules.rulebook import shipped

MOST_BYTES = 64 * 1024 * 1024  # of a file: all of it is held in memory
MOST_RECORDS = 500_000  # rows or cases of a file: all of them are held in memory
LONGEST_NUMBER = 40  # characters of a number in JSON, and places before or after its point

One = TypeVar("One")

_NO_NAMES: Mapping[str, str] = {}
_SPACE = re.compile(r"[ \t\r\n]*")
_FIRST_LINE = re.compile(r"[^\r\n]+")
_LINES_SUFFIXES = (".jsonl", ".ndjson")
_TOO_LARGE = Decimal(1).scaleb(LONGEST_NUMBER + 1)


@frozen
class Record:
    """One row of a table, the rows of one case, or one JSON value.

    Attributes:
        place: Where it stands, for a list of cases: `row 7`, `$[3]`, `line 2`. Of several rows
            it is the first one's.
        path: What the paths of its problems begin with.
        said: The cells by column, the rows as records of their own, or the JSON value.
        is_row: Whether it is a row of a table.
    """

    place: str
    path: str
    said: object
    is_row: bool = False


def content(path: Path | str, stdin: IO[bytes] | None = None) -> bytes:
    """Return all bytes of a file, or of standard input where the path is `-`.

    Raises:
        CaseError: There is no such file, or it cannot be read, is too large, empty or binary.
    """
    name = "standard input" if str(path) == "-" else Path(path).name or str(path)
    try:
        data = _bytes(path, stdin)
    except IsADirectoryError:
        raise _bad("a directory, not a file", name) from None
    except FileNotFoundError:
        raise _bad("there is no such file", name) from None
    except (OSError, ValueError):
        raise _bad(
            "the file cannot be opened or read; check its name and permissions", name
        ) from None
    if len(data) > MOST_BYTES:
        raise _bad(f"more than {MOST_BYTES:,} bytes; split it into smaller files", name)
    if b"\0" in data:
        raise _bad("not a text file; give CSV, JSON or JSON lines, in UTF-8", name)
    if not data.removeprefix(b"\xef\xbb\xbf").strip():
        raise _bad("the file is empty", name)
    return data


def records(
    data: bytes, suffix: str, area: str | None, names: Mapping[str, str] = _NO_NAMES
) -> Iterator[Record | Problem]:
    """Yield each record of a file's bytes, and a problem for each that cannot be read.

    Args:
        data: What `content` returned.
        suffix: The file's, in lower case: `.csv`; empty for standard input.
        area: The area whose field names are the columns of a table; ``None`` where the records
            are another system's, and so cannot be a table.
        names: For columns of a table with another name, the field that they hold.
    """
    try:
        text = data.decode("utf-8-sig")
        if suffix == ".csv" or not _is_json(text, suffix):
            rows = at_most(_rows(text, area, names))
            has_members = area is not None and shipped().area(area).members is not None
            yield from _by_case(rows, str(area)) if has_members else rows
        elif names:
            yield Problem("other names are for the columns of a table: CSV or Parquet", "columns")
        elif _is_lines(text, suffix):
            yield from _json_lines(text)
        else:
            yield from _document(text)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        yield Problem("not UTF-8 text; save the file again as UTF-8", f"line {line}")
    except CaseError as error:
        yield from error.problems


def at_most(found: Iterator[One]) -> Iterator[One | Problem]:
    """Yield what was found, and a problem instead of what is more than `MOST_RECORDS`."""
    yield from islice(found, MOST_RECORDS)
    if next(found, None) is not None:
        text = f"more than {MOST_RECORDS:,} rows or cases; split it, or use `check_table`"
        yield Problem(text, "the file")


def _bytes(path: Path | str, stdin: IO[bytes] | None) -> bytes:
    if str(path) == "-":
        return (stdin or sys.stdin.buffer).read(MOST_BYTES + 1)
    with Path(path).open("rb") as file:
        return file.read(MOST_BYTES + 1)


def _bad(text: str, path: str) -> CaseError:
    return CaseError([Problem(text, path)])


# --- Which of the formats -----------------------------------------------------------------------


def _is_json(text: str, suffix: str) -> bool:
    return suffix in (".json", *_LINES_SUFFIXES) or text.lstrip()[:1] in ("[", "{")


def _is_lines(text: str, suffix: str) -> bool:
    if suffix in _LINES_SUFFIXES:
        return True
    first, _, rest = text.lstrip().partition("\n")
    if not first.startswith("{") or not rest.strip():
        return False
    try:
        _whole_value(first, "$")
    except CaseError:
        return False
    return True


# --- Tables -------------------------------------------------------------------------------------


def _rows(text: str, area: str | None, names: Mapping[str, str]) -> Iterator[Record | Problem]:
    if area is None:
        yield Problem("not JSON; another system's records are read from JSON only", "line 1")
        return
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    rows = ((number, [cell.strip() for cell in row]) for number, row in enumerate(reader, 1))
    filled = ((number, cells) for number, cells in rows if any(cells))
    try:
        number, header = next(filled, (1, []))
        yield from _absent(header, names)
        header = [names.get(name, name) for name in header]
        yield from _header_problems(area, header, f"row {number}")
        known = set(column_names(area)).intersection(header)
        for number, cells in filled if known else ():
            if len(cells) == len(header):
                said = {
                    name: cell for name, cell in zip(header, cells, strict=True) if name in known
                }
                yield Record(f"row {number}", f"row {number}", said, is_row=True)
            else:
                text = f"{len(cells)} cells where the header has {len(header)}"
                yield Problem(text, f"row {number}")
    except csv.Error:
        text = "not readable as CSV; is a quote left open, or a cell extremely long?"
        yield Problem(text, f"line {reader.line_num}")


def _by_case(rows: Iterator[Record | Problem], key: str) -> Iterator[Record | Problem]:
    """Yield the rows of each case together, by what stands in the column that says whose it is."""
    found: dict[str, list[Record]] = {}
    for row in rows:
        if isinstance(row, Problem):
            yield row
            continue
        cells = cast("Mapping[str, str]", row.said)
        if whose := cells.get(key):
            found.setdefault(whose, []).append(row)
        elif key in cells:
            text = f"`{key}` is not said: whose member is this?"
            yield Problem(text, f"{row.path}, column {key}")
    for alike in found.values():
        yield Record(alike[0].place, alike[0].path, tuple(alike), is_row=True)


def _delimiter(text: str) -> str:
    first = _FIRST_LINE.search(text)
    return ";" if first and first[0].count(";") > first[0].count(",") else ","


def _absent(header: list[str], names: Mapping[str, str]) -> Iterator[Problem]:
    for column, name in names.items():
        if column not in header:
            hint = did_you_mean(column, header)
            yield Problem(f"the file has no column `{column}`{hint}", f"columns {name}")


def _header_problems(area: str, header: list[str], path: str) -> Iterator[Problem]:
    known = column_names(area)
    if not set(known).intersection(header):
        # Perhaps there is no header at all, and these are somebody's data: none is repeated.
        text = f"the first row must name the columns, and names no known one; known are {', '.join(known)}"
        yield Problem(text, path)
        return
    for number, name in enumerate(header, 1):
        if not name:
            yield Problem(
                "a column without a name; name it or remove it", f"{path}, column {number}"
            )
        elif name in known and name in header[: number - 1]:
            yield Problem("the column is given twice", f"{path}, column {name}")
    if area in known and area not in header:
        yield Problem(f"the column `{area}` is missing; it says whose member a row is", path)
    yield from unknown_columns(area, [name for name in header if name], path)


# --- JSON ---------------------------------------------------------------------------------------


def _document(text: str) -> Iterator[Record]:
    start = _after_space(text, 0)
    if not text.startswith("[", start):
        yield Record("$", "$", _whole_value(text, "$"))
        return
    # Item by item: a bad one does not hide those before it, and one at a time is in memory.
    at = _after_space(text, start + 1)
    for number in count() if not text.startswith("]", at) else ():
        place = f"$[{number}]"
        value, at = _value(text, at, place)
        yield Record(place, place, value)
        at = _after_space(text, at)
        if not text.startswith(",", at):
            break
        at = _after_space(text, at + 1)
    if not text.startswith("]", at):
        raise _not_json(text, at)
    _expect_end(text, at + 1)


def _json_lines(text: str) -> Iterator[Record | Problem]:
    for number, line in enumerate(io.StringIO(text), 1):
        if line.strip():
            place = f"line {number}"
            try:
                yield Record(place, f"{place}, $", _whole_value(line.rstrip(), place, number))
            except CaseError as error:
                yield from error.problems


def _whole_value(text: str, place: str, line: int = 1) -> object:
    """Return the one JSON value that a text, which begins on that line, holds."""
    value, end = _value(text, _after_space(text, 0), place, line)
    _expect_end(text, end, line)
    return value


def _value(text: str, at: int, place: str, line: int = 1) -> tuple[object, int]:
    """Return the JSON value that begins there, and where it ends."""
    try:
        return _DECODER.raw_decode(text, at)
    except json.JSONDecodeError as error:
        open_quote = error.msg.startswith("Unterminated string")
        raise _not_json(text, len(text) if open_quote else error.pos, line) from None
    except RecursionError:
        raise _bad("lists or objects are nested too deeply", place) from None
    except _RefusedError as refused:
        raise _bad(str(refused), place) from None


def _expect_end(text: str, at: int, line: int = 1) -> None:
    if (end := _after_space(text, at)) < len(text):
        raise _not_json(text, end, line)


def _not_json(text: str, at: int, line: int = 1) -> CaseError:
    cut_off = at >= len(text.rstrip())
    why = "the JSON ends too early; is the file cut off?" if cut_off else "not valid JSON"
    breaks, column = text.count("\n", 0, at), at - text.rfind("\n", 0, at)
    return _bad(why, f"line {line + breaks}, column {column}")


def _after_space(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    return space.end() if space else at


class _RefusedError(ValueError):
    """Valid JSON, or nearly, that says nothing definite."""


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _RefusedError("an object gives the same field twice; keep the right one")
    return found


def _number(text: str) -> Decimal:
    if len(text) <= LONGEST_NUMBER:
        try:
            found = Decimal(text)
        except InvalidOperation:
            found = _TOO_LARGE
        if abs(found.adjusted()) <= LONGEST_NUMBER:
            return found
    raise _RefusedError("a number is too long or too large to be read")


def _whole_number(text: str) -> int:
    return int(text if len(text) <= LONGEST_NUMBER else _number(text))


def _no_constant(text: str) -> NoReturn:
    raise _RefusedError(f"`{text}` is not a number; leave out what is not known")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_float=_number,
    parse_int=_whole_number,
    parse_constant=_no_constant,
)
