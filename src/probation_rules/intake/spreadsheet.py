"""Workbooks (.xlsx, .xls, .ods) -> rows of text, as a CSV of the same table has them.

A date is `2026-06-23`, a date with a time `2026-06-23T10:30:00`, a duration `120:30`, a number as short as it
can be. A formula is its value. A cell with an error, such as `#N/A`, has that text, which no fact can be.
"""

from __future__ import annotations

import html
import re
import struct
import zipfile
import zlib
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from importlib import import_module
from io import BytesIO
from types import ModuleType
from typing import Any

from attrs import define, field

from probation_rules.errors import CaseError, InputError, MissingExtra, Problem
from probation_rules.intake.header import Found, Row, find
from probation_rules.quoting import plain

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MOST_UNPACKED = 1024 * 1024 * 1024  # bytes of all files in a workbook, unpacked
MOST_CELLS = 50_000_000  # of a sheet, from its first to its last row and column
MOST_ERRORS = 100_000  # cells of a sheet of .ods
_DIGITS = 15  # of a number: a spreadsheet keeps no more

_PROTECTED = "this workbook is protected by a password; save a copy without one"
_DAMAGED = "this workbook cannot be read: it may be damaged or of another kind; open it and save it as .xlsx"
_BINARY = "this workbook is .xlsb, which is not read here; save it as .xlsx"
_STALE = (
    "the sheet has formulas that were never calculated; open the workbook, save it and try again"
)
_ERRORS = f"more than {MOST_ERRORS:,} cells have errors, such as #N/A; correct or clear them"
_LARGE = f"the workbook is larger than {MOST_UNPACKED:,} bytes or {MOST_CELLS:,} cells; split it, or save the sheet as CSV"

_DURATION = re.compile(r"(-?)PT([0-9]+)H([0-9]+)M([0-9]+)(?:[.,][0-9]+)?S")
_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*?)(?:/>|>(.*?)</(?:\w+:)?c>)", re.DOTALL)
_VALUE = re.compile(rb"<(?:\w+:)?v\b[^>]*>([^<]*)<")
_FORMULA = re.compile(rb"<(?:\w+:)?f\b")
_PLACE = re.compile(rb'\br="([A-Z]+)([0-9]+)"')
_SHEET = re.compile(rb"<(?:\w+:)?sheet\b([^>]*)>")
_ID = re.compile(rb'\b\w+:id="([^"]*)"')
_LINK = re.compile(rb"<(?:\w+:)?Relationship\b([^>]*)>")
_ID_OF = re.compile(rb'\bId="([^"]*)"')
_TARGET = re.compile(rb'\bTarget="([^"]*)"')
_ODS_TAG = re.compile(rb"<table:(table|table-row|table-cell|covered-table-cell)(?=[\s/>])([^>]*)>")
_REPEATED = re.compile(rb'\bnumber-(?:rows|columns)-repeated="([0-9]{1,7})"')
_LATE = re.compile(rb'\bfullCalcOnLoad="(1|true)"')
_ROW = re.compile(rb'<(?:\w+:)?row\b[^>]*?\br="([0-9]+)"')
_FAR = re.compile(rb'\br="([A-Z]{2,3})[0-9]')

# What xlrd raises where a file of its kind is damaged, besides its own errors.
_XLRD_FAILS = (
    struct.error, LookupError, ValueError, TypeError, AssertionError, ArithmeticError,
    AttributeError, NotImplementedError, MemoryError, RecursionError,
)  # fmt: skip
# What zipfile raises where an archive is damaged.
_ZIP_FAILS = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, LookupError, NotImplementedError,
    OSError, RuntimeError, ValueError,
)  # fmt: skip


def is_workbook(start: bytes) -> bool:
    """Whether a file begins as a workbook does."""
    return start.startswith((_ZIP, _OLE))


@define
class Workbook:
    """A workbook that was opened.

    Attributes:
        name: The name of its file.
        names: The names of its visible sheets, each with its number among all sheets, from 0.
        sheet: The sheet to read, by its name or number; the one with a table if not given.
        notes: What to note about the file.
    """

    name: str
    _book: Any
    _pack: zipfile.ZipFile | None
    names: Mapping[str, int]
    sheet: str | None = None
    notes: list[str] = field(factory=list, init=False)

    def find(self, known: Collection[str], apart: Collection[str] = ()) -> Found:
        """Return the table in the sheet that was asked for, or in the one sheet with known names.

        Args:
            known: The names that columns may have, as `plain` returns them.
            apart: The names of sheets with other tables, likewise.

        Raises:
            InputError: The workbook does not have this sheet.
            CaseError: The table may be in several sheets.
        """
        if self.sheet is not None:
            return find(self.rows(self._named(self.sheet)), known)
        names = [name for name in self.names if plain(name) not in apart]
        found = {name: find(self.rows(name), known) for name in names}
        filled = {name: one for name, one in found.items() if one.header}
        likely = {name: one for name, one in filled.items() if one.known} or filled
        if not likely:
            raise _bad("every visible sheet of the workbook is empty", self.name)
        (name, one), *others = likely.items()
        if others:
            numbers = ", ".join(str(self.names[each] + 1) for each in likely)
            text = f"more than one sheet may have the cases: sheets {numbers}; choose one by its name or number (--sheet)"
            raise _bad(text, self.name)
        if len(found) > 1:
            self.notes = [f"the cases are read from sheet {self.names[name] + 1}"]
        return one

    def _named(self, sheet: str) -> str:
        """Return the name of the sheet with a name or a number, from 1."""
        by_number = {str(number + 1): name for name, number in self.names.items()}
        if name := sheet if sheet in self.names else by_number.get(sheet):
            return name
        numbers = ", ".join(by_number)
        text = f"the workbook has no visible sheet of this name or number; its visible sheets are {numbers}"
        raise InputError([Problem(text, self.name)])

    def rows(self, sheet: str) -> Iterator[Row]:
        """Return the rows of a sheet that have something in a cell, each with its number.

        Raises:
            CaseError: The sheet cannot be read.
        """
        number = self.names[sheet]
        if self._pack is None:
            cells = _xlrd_rows(self._book, number)
        else:
            cells = self._calamine_rows(number)
        numbered = enumerate(cells, 1)
        return (row for row in numbered if any(map(str.strip, row[1])))

    def _calamine_rows(self, number: int) -> Iterator[list[str]]:
        assert self._pack is not None  # noqa: S101 (a workbook that calamine reads)
        with _readable(self.name):
            errors = _checked(self._pack, number, self.name)
            values = self._book.get_sheet_by_index(number).to_python(skip_empty_area=False)
        for place, row in enumerate(values):
            cells = [_text(value) for value in row]
            for column, text in errors.get(place, ()):
                cells += [""] * (column + 1 - len(cells))
                cells[column] = text
            yield cells


def opened(data: bytes, name: str, sheet: str | None = None) -> Workbook:
    """Open a workbook.

    Args:
        data: All of its bytes.
        name: The name of its file.
        sheet: The sheet to read, by its name or number; the one with a table if not given.

    Raises:
        CaseError: It is protected, damaged or has no visible sheet.
        MissingExtra: The extra `excel` is not installed.
    """
    if data.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise _bad(_PROTECTED, name)
        book = _xlrd_book(data, name)
        shown = {one.name: place for place, one in enumerate(book.sheets()) if not one.visibility}
        found = Workbook(name, book, None, shown, sheet)
    else:
        calamine = _needed("python_calamine")
        with _readable(name):
            pack = zipfile.ZipFile(BytesIO(data))
            _require_small(pack, name)
            book = calamine.CalamineWorkbook.from_filelike(BytesIO(data))
            kind, seen = calamine.SheetTypeEnum.WorkSheet, calamine.SheetVisibleEnum.Visible
            shown = {
                one.name: place
                for place, one in enumerate(book.sheets_metadata)
                if one.visible == seen and one.typ == kind
            }
        found = Workbook(name, book, pack, shown, sheet)
    if not found.names:
        raise _bad("the workbook has no visible sheet with cells", name)
    return found


def _bad(text: str, name: str) -> CaseError:
    return CaseError([Problem(text, name)])


def _needed(module: str) -> ModuleType:
    try:
        return import_module(module)
    except ModuleNotFoundError:
        text = f"a workbook needs {module}, which is not installed here"
        raise MissingExtra(text, "excel") from None


# --- .xlsx and .ods -----------------------------------------------------------------------------


class _readable:  # noqa: N801 (used as a function)
    """Turn what reading a damaged workbook raises into a message."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: object
    ) -> None:
        calamine = import_module("python_calamine")
        damaged = (calamine.CalamineError, *_ZIP_FAILS)
        # A fault that calamine itself did not expect comes as an exception of Rust, which has no class to import.
        if isinstance(error, damaged) or (kind is not None and kind.__name__ == "PanicException"):
            raise _bad(_DAMAGED, self._name) from None


def _require_small(pack: zipfile.ZipFile, name: str) -> None:
    if sum(one.file_size for one in pack.infolist()) > MOST_UNPACKED:
        raise _bad(_LARGE, name)
    names = set(pack.namelist())
    if "xl/workbook.bin" in names:
        raise _bad(_BINARY, name)
    if "META-INF/manifest.xml" in names and b"encryption-data" in pack.read(
        "META-INF/manifest.xml"
    ):
        raise _bad(_PROTECTED, name)


def _checked(pack: zipfile.ZipFile, number: int, name: str) -> dict[int, list[tuple[int, str]]]:
    """Return the cells of a sheet that have errors, by row; calamine returns those as empty cells.

    Raises:
        CaseError: The sheet has too many cells, or formulas without a value.
    """
    if "xl/workbook.xml" not in pack.namelist():
        return _ods_errors(pack.read("content.xml"), number, name)
    book = pack.read("xl/workbook.xml")
    sheet = pack.read(_part(pack, book, number))
    far = max(map(_column, _FAR.findall(sheet)), default=25)
    last = max(map(int, _ROW.findall(sheet)), default=0)
    if (far + 1) * last > MOST_CELLS:
        raise _bad(_LARGE, name)
    errors: dict[int, list[tuple[int, str]]] = {}
    calculated: list[bool] = []
    late = _LATE.search(book) is not None
    looked_at = _CELL.finditer(sheet) if b't="e"' in sheet or _FORMULA.search(sheet) else ()
    for cell in looked_at:
        about, content = cell[1], cell[2] or b""
        value = _VALUE.search(content)
        text = value[1] if value else b""
        if _FORMULA.search(content):
            # A library that writes formulas without calculating them leaves no value, or 0 for each.
            calculated.append(b't="str"' in about or text not in ((b"", b"0") if late else (b"",)))
        if b't="e"' in about and (place := _PLACE.search(about)):
            found = html.unescape(text.decode("utf-8", "replace")) or "#ERROR"
            errors.setdefault(int(place[2]) - 1, []).append((_column(place[1]), found))
    if calculated and not (any(calculated) if late else all(calculated)):
        raise _bad(_STALE, name)
    return errors


def _ods_errors(content: bytes, number: int, file: str) -> dict[int, list[tuple[int, str]]]:
    """Return the cells of a sheet of .ods that have errors, by row.

    Raises:
        CaseError: Too many cells have errors.
    """
    errors: dict[int, list[tuple[int, str]]] = {}
    left = MOST_ERRORS
    if b'value-type="error"' not in content:
        return errors
    sheet = row = column = -1
    rows = columns = 1  # for which the last tag counts
    for tag in _ODS_TAG.finditer(content):
        name, about = tag[1], tag[2]
        count = int(found[1]) if (found := _REPEATED.search(about)) else 1
        if name == b"table":
            sheet, row, rows = sheet + 1, -1, 1
        elif name == b"table-row":
            row, rows, column, columns = row + rows, count, -1, 1
        else:
            column, columns = column + columns, count
            if sheet == number and b'value-type="error"' in about:
                left -= rows * columns
                if left < 0:
                    raise _bad(_ERRORS, file)
                for place in range(row, row + rows):
                    errors.setdefault(place, []).extend(
                        (each, "#ERROR") for each in range(column, column + columns)
                    )
    return errors


def _part(pack: zipfile.ZipFile, book: bytes, number: int) -> str:
    """Return the name of the file that has a sheet."""
    about = _SHEET.findall(book)[number]
    relation = _ID.findall(about)[-1]
    links = _LINK.findall(pack.read("xl/_rels/workbook.xml.rels"))
    targets = {_ID_OF.findall(link)[0]: _TARGET.findall(link)[0].decode("utf-8") for link in links}
    return f"xl/{targets[relation].removeprefix('/xl/')}"


def _column(letters: bytes) -> int:
    """Return the number of a column, from 0: `A` is 0 and `AA` is 26."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


# --- .xls ---------------------------------------------------------------------------------------


def _xlrd_book(data: bytes, name: str) -> Any:
    xlrd = _needed("xlrd")
    try:
        # Its remarks on a damaged file are not for the reader of our messages.
        return xlrd.open_workbook(file_contents=data, formatting_info=True, logfile=_Silent())
    except (xlrd.XLRDError, xlrd.compdoc.CompDocError) as error:
        protected = "encrypted" in str(error).lower() or "password" in str(error).lower()
        raise _bad(_PROTECTED if protected else _DAMAGED, name) from None
    except _XLRD_FAILS:
        raise _bad(_DAMAGED, name) from None


class _Silent:
    """A file that keeps nothing."""

    def write(self, _: str) -> None:
        """Keep nothing."""


def _xlrd_rows(book: Any, number: int) -> Iterator[list[str]]:
    xlrd = import_module("xlrd")
    sheet = book.sheet_by_index(number)
    for row in range(sheet.nrows):
        yield [_xlrd_text(xlrd, book, cell) for cell in sheet.row(row)]


def _xlrd_text(xlrd: Any, book: Any, cell: Any) -> str:
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return str(xlrd.error_text_from_code.get(cell.value, "#ERROR"))
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return _text(bool(cell.value))
    if cell.ctype == xlrd.XL_CELL_DATE:
        style = book.format_map[book.xf_list[cell.xf_index].format_key].format_str
        if re.match(r"\[[hm]", style, re.IGNORECASE):
            return _text(timedelta(days=cell.value))
        if cell.value < 1:
            minutes, seconds = divmod(round(max(0, cell.value) * 86_400), 60)
            hour, minute = divmod(minutes, 60)
            return _text(time(hour, minute, seconds))
        return _text(xlrd.xldate_as_datetime(cell.value, book.datemode))
    return _text(cell.value)


# --- Cells --------------------------------------------------------------------------------------


def _text(value: object) -> str:
    """Return a value as text."""
    match value:
        case bool():
            return "true" if value else "false"
        case datetime():
            moment = value.replace(microsecond=0)
            return moment.isoformat() if moment.time() != time() else moment.date().isoformat()
        case date():
            return value.isoformat()
        case time():
            return value.isoformat("minutes" if value.second == 0 else "seconds")
        case timedelta():
            return _duration(round(value.total_seconds()))
        case int() | float():
            return _number(value)
    text = str(value)
    if found := _DURATION.fullmatch(text):
        hours, minutes, seconds = (int(found[place]) for place in (2, 3, 4))
        total = (hours * 60 + minutes) * 60 + seconds
        return _duration(-total if found[1] else total)
    return text


def _duration(seconds: int) -> str:
    minutes, left = divmod(abs(seconds), 60)
    sign = "-" if seconds < 0 else ""
    tail = f":{left:02}" if left else ""
    return f"{sign}{minutes // 60}:{minutes % 60:02}{tail}"


def _number(value: float) -> str:
    """Return a number with as many digits as a spreadsheet keeps, and no more than it needs."""
    return (
        str(int(value))
        if value == int(value) and abs(value) < 10**_DIGITS
        else f"{value:.{_DIGITS}g}"
    )
