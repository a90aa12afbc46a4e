"""Read the records of a file: CSV, a workbook, a JSON list or object, or JSON lines.

Only this module reads text files and workbooks, small or large. Input is not trusted: anything that
cannot be read becomes a problem with its place. The limits below restrict the time and memory for
any input. They are technical, not policy.
"""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from itertools import count, islice
from pathlib import Path
from typing import IO, NamedTuple, NoReturn, Protocol, TypeVar, cast

from attrs import Factory, define, frozen

from probation_rules.cases import (
    LONGEST_QUOTED,
    REFERENCE,
    column_names,
    columns_known,
    is_by_member,
    unknown_columns,
)
from probation_rules.errors import CaseError, InputError, Problem, did_you_mean, not_found
from probation_rules.intake.cells import SPACE
from probation_rules.intake.delimited import (
    WINDOWS,
    encoding_of,
    is_utf_16,
    rows,
    separator_of,
)
from probation_rules.intake.draft import Draft, draft, labels_of
from probation_rules.intake.header import Found, find
from probation_rules.intake.lists import Lists, fields_with_lists
from probation_rules.intake.mapped import Mapped
from probation_rules.intake.mapping import TableMapping, missing
from probation_rules.intake.objects import Objects
from probation_rules.intake.spreadsheet import Workbook, is_workbook
from probation_rules.intake.spreadsheet import opened as open_workbook
from probation_rules.intake.words import words
from probation_rules.quoting import named, plain
from probation_rules.readers import compressed

MOST_BYTES = 64 * 1024 * 1024  # of a file that is read into memory as a whole
MOST_RECORDS = 500_000  # rows or cases of a file, which are all in memory
MOST_PROBLEMS = 100  # problems listed in an error; the others are counted
MOST_COUNTED = 10_000  # after this many problems the rest of the file is not checked
LONGEST_LINE = 16 * 1024 * 1024  # characters
LONGEST_NUMBER = 40  # characters of a number in JSON, and digits before or after its point

One = TypeVar("One")


class Grid(Protocol):
    """Rows of text with a table in them: a CSV or a workbook."""

    @property
    def notes(self) -> Sequence[str]:
        """Notes for the caller about the file."""

    def find(self, known: Collection[str], apart: Collection[str] = ()) -> Found:
        """Return the table.

        Args:
            known: The possible names of columns.
            apart: The names of sheets with other tables.
        """


class Row(NamedTuple):
    """A row of a table.

    Attributes:
        number: Its number in the file.
        cells: Its cells; empty if the whole row cannot be read.
        reasons: The reasons why the row, or some of its cells, cannot be read.
        kept: The cells of columns that a mapping keeps.
    """

    number: int
    cells: Sequence[str]
    reasons: Sequence[str] = ()
    kept: Sequence[str] = ()


_NO_NAMES: Mapping[str, str] = {}
_SPACE = re.compile(r"[ \t\r\n]*")
_MARKUP = re.compile(r"\s*<(\?xml|!doctype|html|table|head|body)\b", re.IGNORECASE)
_LINES_SUFFIXES = (".jsonl", ".ndjson")
_JSON_SUFFIXES = (".json", *_LINES_SUFFIXES)
_TOO_LARGE = Decimal(1).scaleb(LONGEST_NUMBER + 1)
_BINARY = (
    "this file is neither text nor a workbook; give .xlsx, .xls, .ods, CSV, JSON, JSON lines or "
    "Parquet"
)
_NOT_UTF_8 = "the file is not UTF-8 text; save it again as UTF-8"
_NOT_TEXT = "the file is not text in UTF-8, UTF-16 or Windows-1252; save it again as UTF-8"
_WEB_PAGE = (
    "the file is a web page or XML, not a table; open it in a spreadsheet and save it as .xlsx"
)
NO_COLUMNS = (
    "other names for columns, and columns to keep, can only be used with a table; give a mapping"
)
_NO_DRAFT = "a mapping is only drafted for a table; for JSON, write the mapping by hand"
_NAMELESS = "the column of this value does not have a name; name the column or clear the cell"
_NO_SHEETS = "only a workbook has sheets; leave the sheet out"
_EMPTY = "the file is empty"
_FIRST_CHARACTERS = 1 << 20  # read to find out the format
_MAGIC = 8  # bytes that identify a workbook


@frozen
class Record:
    """One row of a table, the rows of one case, or one JSON value.

    Attributes:
        place: Its place in the file: `row 7`, `$[3]`, `line 2`. For several rows it is the place
            of the first.
        path: The beginning of the paths of its problems.
        said: The cells by column, the rows as records, or the JSON value.
        is_row: Whether it is a row of a table.
        wrong: The reason why this record cannot be read.
        reasons: The reasons why some of its cells cannot be read.
        kept: The cells of columns that a mapping keeps, by header.
        lists: The records on further sheets, by field.
    """

    place: str
    path: str
    said: object
    is_row: bool = False
    wrong: Problem | None = None
    reasons: Sequence[str] = ()
    kept: Mapping[str, str] = Factory(dict)
    lists: Mapping[str, object] = Factory(dict)


def content(path: Path | str, stdin: IO[bytes] | None = None) -> bytes:
    """Return all bytes of a file, or of standard input if the path is `-`.

    Raises:
        CaseError: The file does not exist, cannot be read, is too large, is empty or is binary.
    """
    name = "standard input" if str(path) == "-" else Path(path).name or str(path)
    try:
        data = _bytes(path, stdin)
    except IsADirectoryError:
        raise _bad("this is a directory; give a file", name) from None
    except FileNotFoundError:
        raise not_found(name) from None
    except (OSError, ValueError):
        raise _bad(
            "the file cannot be opened or read; check its name and permissions", name
        ) from None
    if len(data) > MOST_BYTES:
        raise _bad(
            f"the file has more than {MOST_BYTES:,} bytes; split it into smaller files", name
        )
    if b"\0" in data and not (is_workbook(data) or is_utf_16(data)):
        raise _bad(_BINARY, name)
    if not data.removeprefix(b"\xef\xbb\xbf").strip():
        raise _bad(_EMPTY, name)
    return data


def opened(
    file: IO[bytes], suffix: str, name: str = "the file", sheet: str | None = None
) -> Text | Workbook:
    """Open a text file or a workbook.

    Args:
        file: The file. It must be possible to read it again from the start.
        suffix: The last part of its name, in lower case: `.csv`.
        name: The place to give for problems of the whole file.
        sheet: The sheet of a workbook, by name or number.

    Raises:
        CaseError: The file is empty or damaged, or is neither text nor a workbook.
        InputError: `sheet` is given, but the file is not a workbook.
        MissingExtra: A workbook needs the extra `excel`.
    """
    start = file.read(_MAGIC)
    file.seek(0)
    if is_workbook(start):
        return open_workbook(file.read(), name, sheet)
    if sheet is not None:
        raise InputError([Problem(_NO_SHEETS, name)])
    return Text(file, suffix, name)


def records(  # noqa: PLR0913 (each is named by the caller)
    data: bytes,
    suffix: str,
    area: str | None,
    names: Mapping[str, str] = _NO_NAMES,
    *,
    sheet: str | None = None,
    mapping: TableMapping | None = None,
    keep: Sequence[str] = (),
    notes: list[str] | None = None,
) -> Iterator[Record | Problem]:
    """Yield each record in the bytes of a file, and a problem if the file cannot be read.

    Args:
        data: The result of `content`.
        suffix: The suffix of the file's name, in lower case: `.csv`; empty for standard input.
        area: The area with the names of columns; ``None`` for records of another system, which
            cannot be a table.
        names: The field of each column with another name.
        sheet: The sheet of a workbook, by name or number.
        mapping: The mapping of columns, used instead of their names.
        keep: The columns of a table to keep with each case, if there is no mapping.
        notes: A list to which notes about a table are added.
    """
    try:
        text = opened(io.BytesIO(data), suffix, sheet=sheet)
        if isinstance(text, Workbook) or not text.is_json:
            yield from _rows(text, area, names, mapping, keep, [] if notes is None else notes)
        elif mapping and area is not None:
            of_table = [] if notes is None else notes
            yield from _rows(objects(text, mapping), area, names, mapping, keep, of_table)
        elif names or keep:
            raise InputError([Problem(NO_COLUMNS, "columns")])
        else:
            yield from text.values() if area is None else text.cases()
    except CaseError as error:
        yield from error.problems


def at_most(found: Iterator[One]) -> Iterator[One | Problem]:
    """Yield the first `MOST_RECORDS` items, and a problem if there are more."""
    yield from islice(found, MOST_RECORDS)
    if next(found, None) is not None:
        text = (
            f"the file has more than {MOST_RECORDS:,} rows or cases; split it, or use `check_table`"
        )
        yield Problem(text, "the file")


def objects(text: Text, mapping: TableMapping) -> Objects:
    """Return the records of a JSON file as the rows of a table."""
    cases = ((one.place, one.wrong or one.said) for one in text.cases())
    return Objects(cases, mapping, text.notes)


def _bytes(path: Path | str, stdin: IO[bytes] | None) -> bytes:
    if str(path) == "-":
        return (stdin or sys.stdin.buffer).read(MOST_BYTES + 1)
    with compressed.opened(Path(path)) as file:
        return file.read(MOST_BYTES + 1)


def _bad(text: str, path: str) -> CaseError:
    return CaseError([Problem(text, path)])


# --- Formats ------------------------------------------------------------------------------------


@define
class Problems:
    """The problems of a file.

    Attributes:
        first: The first problems.
        number: The number of all problems.
    """

    first: list[Problem] = Factory(list)
    number: int = 0

    @property
    def too_many(self) -> bool:
        """Whether there are so many problems that reading can stop."""
        return self.number >= MOST_COUNTED

    def add(self, *problems: Problem) -> None:
        """Count problems, and keep the first ones."""
        self.number += len(problems)
        self.first += problems[: MOST_PROBLEMS - len(self.first)]

    def refuse(self, columns: Mapping[str, str] = _NO_NAMES) -> None:
        """Refuse the file if it has problems.

        Args:
            columns: The column of each field with another column name.

        Raises:
            CaseError: There are problems; the error lists the first ones and counts the others.
        """
        found = [_by_column(problem, columns) for problem in self.first]
        if left := self.number - len(found):
            at_least = "at least " if self.too_many else ""
            found.append(Problem(f"and {at_least}{left:,} more problems", "the file"))
        if found:
            raise CaseError(found)


def _by_column(problem: Problem, columns: Mapping[str, str]) -> Problem:
    """Return a problem with the file's own name for the column."""
    place, of, name = problem.path.rpartition(", column ")
    return Problem(problem.text, f"{place}{of}{columns.get(name, name) if of else name}")


class Text:
    """A text file. It can be read from start to end several times.

    Attributes:
        is_json: Whether it is JSON and not a table.
        notes: Notes for the caller about the file.
    """

    def __init__(self, file: IO[bytes], suffix: str, name: str = "the file") -> None:
        """Read the beginning of the file, to find out its format.

        Args:
            file: The file. It must be possible to read it again from the start.
            suffix: The last part of its name, in lower case: `.csv`.
            name: The place to give for problems of the whole file.

        Raises:
            CaseError: The file is empty or is not text.
        """
        self._file, self._suffix, self._name = file, suffix, name
        self.is_json = suffix in _JSON_SUFFIXES
        self._encoding = encoding_of(file)
        file.seek(0)
        self._text = io.TextIOWrapper(file, self._encoding, newline="")
        start = self._read(_FIRST_CHARACTERS)
        if not start.strip():
            raise _bad(_EMPTY, name)
        if _MARKUP.match(start):
            raise _bad(_WEB_PAGE, name)
        self.is_json = suffix != ".csv" and _is_json(start, suffix)
        if self.is_json and self._encoding == WINDOWS:
            raise self._undecodable()
        self._is_lines = self.is_json and _is_lines(start, suffix)
        self.notes = ["the text is read as Windows-1252"] if self._encoding == WINDOWS else []

    def find(
        self,
        known: Collection[str],
        apart: Collection[str] = (),  # noqa: ARG002 (text has no sheets)
    ) -> Found:
        """Return the table, with any separator that is supported.

        Args:
            known: The possible names of columns, in the form that `plain` returns.
            apart: The names of sheets with other tables.

        Raises:
            CaseError: The file cannot be read as CSV.
        """
        separator = separator_of(self._lines, lambda some: find(some, known).known)
        return find(self._rows(separator), known)

    def _rows(self, separator: str) -> Iterator[tuple[int, list[str]]]:
        at = 0

        def lines() -> Iterator[str]:
            nonlocal at
            for at, line in enumerate(self._lines(), 1):  # noqa: B007 (the place of a problem)
                yield line

        try:
            yield from rows(lines(), separator)
        except csv.Error:
            text = "this cannot be read as CSV; look for an open quote or an extremely long cell"
            raise _bad(text, f"line {at}") from None

    def values(self) -> Iterator[Record]:
        """Return the values of a JSON list, a single JSON value, or the value of each line.

        Raises:
            CaseError: The file cannot be read as JSON. A bad line becomes a record with a problem.
        """
        return self._json_lines() if self._is_lines else _document(self._whole())

    def cases(self) -> Iterator[Record]:
        """Return the values without empty ones, which are blank rows of an export."""
        return (one for one in self.values() if one.wrong or not _is_blank(one.said))

    def _json_lines(self) -> Iterator[Record]:
        for number, line in enumerate(self._lines(), 1):
            if line.strip():
                place = f"line {number}"
                try:
                    value = _whole_value(line.rstrip(), place, number)
                    yield Record(place, f"{place}, $", value)
                except CaseError as error:
                    yield Record(place, f"{place}, $", None, wrong=error.problems[0])

    def _lines(self) -> Iterator[str]:
        self._text.seek(0)
        number = 0
        while line := self._read(LONGEST_LINE, by_line=True):
            number += 1
            if len(line) == LONGEST_LINE:
                text = f"this line has more than {LONGEST_LINE:,} characters; split it"
                raise _bad(text, f"line {number}")
            yield line

    def _whole(self) -> str:
        self._text.seek(0)
        text = self._read(MOST_BYTES + 1)
        if len(text) > MOST_BYTES:
            text = f"the file has more than {MOST_BYTES:,} bytes; split it into smaller files"
            raise _bad(f"{text}, or give JSON lines", self._name)
        return text

    def _read(self, most: int, *, by_line: bool = False) -> str:
        try:
            text = self._text.readline(most) if by_line else self._text.read(most)
        except UnicodeDecodeError:
            raise self._undecodable() from None
        if "\0" in text:
            raise _bad(_BINARY, self._name)
        return text

    def _undecodable(self) -> CaseError:
        """Return the error for a file with bytes that are not text."""
        if self._encoding.startswith("utf-16"):
            return _bad(_NOT_TEXT, self._name)
        encoding, text = ("utf-8", _NOT_UTF_8) if self.is_json else (WINDOWS, _NOT_TEXT)
        self._file.seek(0)
        bad = (number for number, line in enumerate(self._file, 1) if not _is_text(line, encoding))
        return _bad(text, f"line {next(bad)}")


def _is_text(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _is_json(text: str, suffix: str) -> bool:
    return suffix in _JSON_SUFFIXES or text.lstrip()[:1] in ("[", "{")


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


def _is_blank(value: object) -> bool:
    return isinstance(value, dict) and all(
        one is None or (isinstance(one, str) and not one.strip()) for one in value.values()
    )


# --- Tables -------------------------------------------------------------------------------------


@frozen
class Sheet:
    """A table of text. Other values were converted to text.

    Attributes:
        header: The names of its columns; a column with another name has the name of its field.
        rows: The rows below the header.
        by_member: Whether each row is a member and not a case.
        found: The place of the table in its file.
        source: The file.
        kept: The headers of the columns that are kept with each case.
        mapped: The mapping of its columns, if there is one.
        extra: Further notes.
        lists: The records on further sheets.
    """

    header: Sequence[str]
    rows: Iterator[Row]
    by_member: bool
    found: Found
    source: Grid
    kept: Sequence[str] = ()
    mapped: Mapped | None = None
    extra: Sequence[str] = ()
    lists: Lists = Factory(Lists)

    @property
    def faults(self) -> list[Problem]:
        """The problems of whole columns and of further sheets, after all rows were read."""
        return [*(self.mapped.faults() if self.mapped else []), *self.lists.faults]

    @property
    def has_records(self) -> bool:
        """Whether columns or further sheets give values in records."""
        return bool(self.lists.fields) or any("." in name for name in self.header)

    @property
    def notes(self) -> list[str]:
        """Notes for the caller about the rows read so far."""
        return [*self.source.notes, *self.found.notes, *self.extra, *self.lists.notes]


def sheet(
    source: Grid,
    area: str,
    names: Mapping[str, str],
    *,
    known: Sequence[str] = (),
    mapping: TableMapping | None = None,
    keep: Sequence[str] = (),
) -> Sheet:
    """Return the table in a file.

    Args:
        source: The file.
        area: The area with the names of columns.
        names: The field of each column with another name.
        known: The names of the columns, if the rows of the table are not cases.
        mapping: The mapping of columns, used instead of their names.
        keep: The columns to keep with each case, if there is no mapping. A kept column with the
            name of a fact is also read as that fact.

    Raises:
        CaseError: The header has problems; the error lists all of them.
    """
    if mapping is not None:
        return _mapped_sheet(source, area, mapping)
    every = known or (*columns_known(area, by_member=False), *columns_known(area, by_member=True))
    apart = fields_with_lists(area).keys()
    labels = () if known else labels_of(area)
    found = source.find({*map(plain, (*every, *names)), *labels}, apart)
    number = found.number
    named = [place for place, name in enumerate(found.header) if name]
    header = [found.header[place] for place in named]
    absent = [*_absent(header, names), *lost(keep, header)]
    carried = [named[header.index(name)] for name in keep if name in header]
    only = {
        place
        for place in carried
        if names.get(found.header[place], found.header[place]) not in every
    }
    named = [place for place in named if place not in only]
    header = [names.get(found.header[place], found.header[place]) for place in named]
    is_of_cases = not known
    by_member = is_of_cases and is_by_member(area, header)
    known = known or columns_known(area, by_member=by_member)
    wrong = _header_problems(header, known, f"row {number}")
    if set(known).isdisjoint(header):
        wrong = iter([_no_header(area, number)])
    problems = [*absent, *islice(wrong, MOST_COUNTED)]
    if by_member and area not in header:
        why = f"the column `{area}` is missing; it gives the case of each member"
        problems.append(Problem(why, f"row {number}"))
    if problems and is_of_cases and not names and (likely := _labelled(source, area)):
        return _mapped_sheet(source, area, likely.mapping, likely.notes)
    if problems:
        raise CaseError(problems)
    lists = Lists.of(source, area)
    rows = _fitted(found, named, carried)
    return Sheet(header, rows, by_member, found, source, tuple(keep), lists=lists)


def lost(keep: Iterable[str], header: Sequence[str]) -> Iterator[Problem]:
    """Yield a problem for each column to keep that the table does not have."""
    for name in keep:
        if name not in header:
            yield Problem(f"the file has no column `{name}`{did_you_mean(name, header)}", "keep")


def _labelled(source: Grid, area: str) -> Draft | None:
    """Return a draft mapping if the headers of a table are labels of the area, or ``None``.

    Raises:
        CaseError: The draft leaves questions that only a person can answer. The error lists them.
    """
    labels = labels_of(area)
    found = source.find(labels.keys(), fields_with_lists(area).keys())
    fields = (*columns_known(area, by_member=False), *column_names(area))
    if all(name in fields for name in found.header if plain(name) in labels):
        return None
    made = draft(area, found)
    problems = [
        Problem(text, f"column {one.column.header}") for one in made.entries for text in one.asks
    ]
    if problems:
        command = f"probation-rules map {area} FILE --output FILE.map.toml"
        raise CaseError([*problems, Problem(f"answer these in a mapping: {command}", "the file")])
    return made


def drafted(area: str, file: IO[bytes], suffix: str, sheet: str | None = None) -> Draft:
    """Return the draft of a mapping for a workbook or a CSV.

    Raises:
        CaseError: The file cannot be read, or no column has a label of the area.
    """
    source = opened(file, suffix, sheet=sheet)
    if isinstance(source, Text) and source.is_json:
        raise _bad(_NO_DRAFT, "the file")
    found = source.find(labels_of(area).keys(), fields_with_lists(area).keys())
    if not found.known:
        raise CaseError([_no_header(area, found.number)])
    return draft(area, found)


def _no_header(area: str, number: int) -> Problem:
    # The file may not have a header, so the row may contain personal data. It is not repeated.
    names = ", ".join(column_names(area))
    text = f"the first row does not contain a known column name; known are {names}"
    return Problem(text, f"row {number}")


def _mapped_sheet(
    source: Grid, area: str, mapping: TableMapping, notes: Sequence[str] = ()
) -> Sheet:
    """Return the table in a file, with its columns read by a mapping.

    Raises:
        CaseError: A column is missing, or two columns have the same name.
    """
    found = source.find(frozenset(map(plain, mapping.mentioned)), fields_with_lists(area).keys())
    named = [place for place, name in enumerate(found.header) if name]
    header = [found.header[place] for place in named]
    if problems := list(missing(mapping, header)):
        raise CaseError(problems)
    mapped = Mapped(mapping, {name: header.index(name) for name in mapping.mentioned})
    judged = {*mapping.reference, *mapping.case, *(name for name, _ in mapping.facts())}
    left = len(header) - len(mapping.mentioned)
    what = "column is" if left == 1 else "columns are"
    extra = [*notes, *([f"{left} {what} not in the mapping and not read"] if left else [])]

    def rows() -> Iterator[Row]:
        for row in _fitted(found, named, judged=judged):
            if not row.cells:
                yield row._replace(kept=[""] * len(mapped.kept))
            else:
                cells, reasons = mapped.row(row.cells)
                yield Row(row.number, cells, [*row.reasons, *reasons], mapped.carried(row.cells))

    by_member = is_by_member(area, mapped.header)
    lists = Lists.of(source, area)
    return Sheet(mapped.header, rows(), by_member, found, source, mapped.kept, mapped, extra, lists)


def _fitted(
    found: Found,
    named: Sequence[int],
    carried: Sequence[int] = (),
    judged: Collection[str] | None = None,
) -> Iterator[Row]:
    """Yield the rows with only the cells of columns with a name, and the cells to keep.

    Args:
        found: The table.
        named: The places of the columns with a name.
        carried: The places of the cells to keep.
        judged: The headers of the columns in which no cell may have an error; ``None`` for all.
    """
    width = len(found.header)
    checked = {
        place: name
        for place, name in enumerate(found.header[place] for place in named)
        if judged is None or name in judged
    }
    nameless = [place for place in range(width) if place not in {*named, *carried}]
    is_whole = len(named) == width
    nothing = [""] * len(carried)
    for number, cells in found.rows:
        if len(cells) != width:
            why = f"{len(cells)} cells where the header has {width}"
            yield Row(number, [], [why], nothing)
        elif nameless and any(cells[place].strip() for place in nameless):
            yield Row(number, [], [_NAMELESS], nothing)
        else:
            kept = [cells[place].strip(SPACE) for place in carried]
            own = cells if is_whole else [cells[place] for place in named]
            # Nearly no row has the sign with which every error begins; only one that has is looked at.
            yield Row(number, own, _errors(own, checked) if "#" in "".join(own) else (), kept)


def _errors(cells: list[str], checked: Mapping[int, str]) -> list[str]:
    """Return a reason for each cell with an error of a spreadsheet, and clear these cells."""
    reasons = []
    for place, header in checked.items():
        text = cells[place].strip().upper()
        if text.casefold() in words()["errors"]:
            reasons.append(f"the cell has the error {text}; correct or clear it @ {header}")
            cells[place] = ""
    return reasons


def whose(area: str, place: str) -> Problem:
    """Return the problem of a member without a case."""
    text = f"the `{area}` column is empty; give the reference of this member's case"
    return Problem(text, f"{place}, column {area}")


def _rows(
    source: Grid,
    area: str | None,
    names: Mapping[str, str],
    mapping: TableMapping | None,
    keep: Sequence[str],
    notes: list[str],
) -> Iterator[Record | Problem]:
    if area is None:
        yield Problem("this is not JSON; records of another system must be JSON", "line 1")
        return
    table = sheet(source, area, names, mapping=mapping, keep=keep)
    found = at_most(row_records(table))
    yield from _by_case(found, area) if table.by_member else found
    notes += table.notes
    yield from table.faults


def row_records(table: Sheet) -> Iterator[Record]:
    """Yield the rows of a table, with the records that further sheets have of them."""
    for row in table.rows:
        place = f"row {row.number}"
        kept = dict(zip(table.kept, row.kept, strict=True))
        if not row.cells:
            wrong = Problem(row.reasons[0], place)
            yield Record(place, place, None, is_row=True, wrong=wrong, kept=kept)
        else:
            said = dict(zip(table.header, row.cells, strict=True))
            lists = table.lists.records(said.get(REFERENCE, "").strip(SPACE))
            yield Record(
                place, place, said, is_row=True, reasons=row.reasons, kept=kept, lists=lists
            )


def _by_case(rows: Iterable[Record | Problem], key: str) -> Iterator[Record | Problem]:
    """Yield the rows of each case together, by the column with the reference of the case.

    A row without a reference may belong to any case, so it is a problem of the whole file.
    """
    found: dict[str, list[Record]] = {}
    for row in rows:
        if isinstance(row, Problem):
            yield row
            continue
        if row.wrong:
            yield row.wrong
            continue
        cells = cast("Mapping[str, str]", row.said)
        if name := cells[key].strip():
            found.setdefault(name, []).append(row)
        else:
            yield whose(key, row.place)
    for alike in found.values():
        first, reasons = alike[0], [why for row in alike for why in row.reasons]
        yield Record(
            first.place, first.path, tuple(alike), is_row=True, reasons=reasons, kept=first.kept
        )


def names_of(area: str, columns: Mapping[str, str]) -> dict[str, str]:
    """Return the field of each column with another name.

    Args:
        area: The area with the names of fields.
        columns: The column of each field with another column name.

    Raises:
        InputError: A name is not the name of a field, or a column is given for two fields.
    """
    known = column_names(area)
    names: dict[str, str] = {}
    problems = []
    for name, column in columns.items():
        if name not in known:
            hint = did_you_mean(name[:LONGEST_QUOTED], known)
            problems.append(Problem(f"{named(name, known)} is not a fact{hint}", "columns"))
        elif names.setdefault(column, name) != name:
            text = f"the column `{column}` is also given for {names[column]}; use a column once"
            problems.append(Problem(text, f"columns {name}"))
    if problems:
        raise InputError(problems)
    return names


def _absent(header: list[str], names: Mapping[str, str]) -> Iterator[Problem]:
    for column, name in names.items():
        if column not in header:
            hint = did_you_mean(column, header)
            yield Problem(f"the file has no column `{column}`{hint}", f"columns {name}")


def _header_problems(header: Sequence[str], known: Sequence[str], path: str) -> Iterator[Problem]:
    seen = set()
    for name in header:
        if name in known and name in seen:
            yield Problem("two columns have this name; rename one", f"{path}, column {name}")
        seen.add(name)
    yield from unknown_columns(known, header, path)


# --- JSON ---------------------------------------------------------------------------------------


def _document(text: str) -> Iterator[Record]:
    start = _after_space(text, 0)
    if not text.startswith("[", start):
        yield Record("$", "$", _whole_value(text, "$"))
        return
    # Items are read one by one, so that a bad item does not hide earlier ones and memory stays low.
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


def _whole_value(text: str, place: str, line: int = 1) -> object:
    """Return the single JSON value of a text; `line` is the number of its first line."""
    value, end = _value(text, _after_space(text, 0), place, line)
    _expect_end(text, end, line)
    return value


def _value(text: str, at: int, place: str, line: int = 1) -> tuple[object, int]:
    """Return the JSON value that begins at an index, and the index of its end."""
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
    why = (
        "the JSON ends too early; the file may be cut off" if cut_off else "this is not valid JSON"
    )
    breaks, column = text.count("\n", 0, at), at - text.rfind("\n", 0, at)
    return _bad(why, f"line {line + breaks}, column {column}")


def _after_space(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    return space.end() if space else at


class _RefusedError(ValueError):
    """JSON that is valid, or nearly valid, but has more than one meaning."""


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _RefusedError("an object has the same field twice; remove one of them")
    return found


def _number(text: str) -> Decimal:
    if len(text) <= LONGEST_NUMBER:
        try:
            found = Decimal(text)
        except InvalidOperation:
            found = _TOO_LARGE
        if abs(found.adjusted()) <= LONGEST_NUMBER:
            return found
    raise _RefusedError("a number is too long or too large")


def _whole_number(text: str) -> int:
    return int(text if len(text) <= LONGEST_NUMBER else _number(text))


def _no_constant(text: str) -> NoReturn:
    raise _RefusedError(f"`{text}` is not a number; leave out unknown values")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_float=_number,
    parse_int=_whole_number,
    parse_constant=_no_constant,
)
