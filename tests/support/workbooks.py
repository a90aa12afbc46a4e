"""Workbooks of every kind, made from rows of values as a test needs them."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any, Self
from xml.sax.saxutils import escape

import xlsxwriter
import xlwt

Rows = Iterable[Sequence[Any]]
_STYLES = {datetime: "dd/mm/yyyy hh:mm", date: "dd/mm/yyyy", time: "hh:mm", timedelta: "[h]:mm"}


class Formula(str):
    """A formula, with the value that it was calculated to."""

    value: object

    def __new__(cls, text: str, value: object) -> Self:
        made = super().__new__(cls, text)
        made.value = value
        return made


def xlsx(path: Path, *sheets: tuple[str, Rows], hidden: Sequence[str] = (), **more: object) -> Path:
    """Write a workbook of sheets, as a program that calculates formulas leaves it.

    Args:
        path: Where.
        sheets: The name of each sheet, and its rows.
        hidden: The names of those that are hidden.
        more: `calculated=False` for formulas that nobody has calculated.
    """
    out = BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    styles = {kind: book.add_format({"num_format": form}) for kind, form in _STYLES.items()}
    for name, rows in sheets:
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            for place, value in enumerate(row):
                _write(sheet, number, place, value, styles)
        if name in hidden:
            sheet.hide()
    book.close()
    data = out.getvalue()
    path.write_bytes(changed(data, "fullCalcOnLoad", "") if more.get("calculated", True) else data)
    return path


def _write(sheet: Any, row: int, place: int, value: object, styles: dict[type, Any]) -> None:
    if isinstance(value, Formula):
        sheet.write_formula(row, place, str(value), None, value.value)
    elif type(value) in styles:
        sheet.write_datetime(row, place, value, styles[type(value)])
    elif isinstance(value, str):
        sheet.write_string(row, place, value)
    elif value is not None:
        sheet.write(row, place, value)


def changed(data: bytes, old: str, new: str) -> bytes:
    """Return a copy of a workbook with a text replaced in its files; an attribute goes with its value."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as before, zipfile.ZipFile(out, "w") as after:
        for name in before.namelist():
            text = before.read(name).decode("utf-8")
            pattern = rf'{old}="[^"]*"' if not new else re.escape(old)
            after.writestr(name, re.sub(pattern, new.replace("\\", r"\\"), text))
    return out.getvalue()


def xls(path: Path, name: str, rows: Rows) -> Path:
    """Write a workbook of one sheet in the older format."""
    book = xlwt.Workbook()
    sheet = book.add_sheet(name)
    styles = {kind: xlwt.easyxf(num_format_str=form) for kind, form in _STYLES.items()}
    for number, row in enumerate(rows):
        for place, value in enumerate(row):
            if isinstance(value, timedelta):
                days = value.total_seconds() / 86_400
                sheet.write(number, place, days, styles[timedelta])
            elif type(value) in styles:
                sheet.write(number, place, value, styles[type(value)])
            elif isinstance(value, str) and value.startswith("#"):
                sheet.row(number).set_cell_error(place, f"{value}!")
            elif value is not None:
                sheet.write(number, place, value)
    book.save(str(path))
    return path


def ods(path: Path, name: str, rows: Rows, *, manifest: str = "") -> Path:
    """Write a workbook of one sheet in the OpenDocument format."""
    body = "".join(
        f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows
    )
    spaces = " ".join(
        f'xmlns:{one}="urn:oasis:names:tc:opendocument:xmlns:{one}:1.0"'
        for one in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces} '
        'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0" '
        f'office:version="1.2"><office:body><office:spreadsheet><table:table table:name="{name}">'
        f"{body}</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as pack:
        pack.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        pack.writestr("content.xml", content)
        pack.writestr("META-INF/manifest.xml", f"<manifest>{manifest}</manifest>")
    return path


def _ods_cell(value: object) -> str:
    if value is None:
        return "<table:table-cell/>"
    kind, attribute, text = "string", "", escape(str(value))
    match value:
        case bool():
            kind, attribute = "boolean", f'office:boolean-value="{text.lower()}"'
        case date():
            kind, attribute = "date", f'office:date-value="{value.isoformat()}"'
        case timedelta():
            minutes, seconds = divmod(round(value.total_seconds()), 60)
            duration = f"PT{minutes // 60:02}H{minutes % 60:02}M{seconds:02}S"
            kind, attribute = "time", f'office:time-value="{duration}"'
        case int() | float():
            kind, attribute = "float", f'office:value="{value}"'
        case str() if value.startswith("#"):
            attribute = 'calcext:value-type="error" office:string-value=""'
    return (
        f'<table:table-cell office:value-type="{kind}" {attribute}>'
        f"<text:p>{text}</text:p></table:table-cell>"
    )


def filled(data: bytes, *sheets: Rows, below: int = 4) -> bytes:
    """Return a workbook with rows typed in: each cell has the format of its column, as in a spreadsheet.

    Args:
        data: The workbook.
        sheets: For each of its first sheets, the rows.
        below: The number of the row above them.
    """
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as before, zipfile.ZipFile(out, "w") as after:
        for name in before.namelist():
            text = before.read(name).decode("utf-8")
            for number, rows in enumerate(sheets, 1):
                if name == f"xl/worksheets/sheet{number}.xml":
                    text = text.replace("</sheetData>", f"{_typed(text, rows, below)}</sheetData>")
            after.writestr(name, text)
    return out.getvalue()


def _typed(sheet: str, rows: Rows, below: int) -> str:
    columns = re.findall(r'<col min="(\d+)" max="(\d+)"[^>]* style="(\d+)"', sheet)
    style = {
        place: number
        for first, last, number in columns
        for place in range(int(first), int(last) + 1)
    }
    return "".join(
        f'<row r="{number}">'
        + "".join(_typed_cell(value, f"{letter(place)}{number}", style[place + 1]) for place, value in enumerate(row))
        + "</row>"
        for number, row in enumerate(rows, below + 1)
    )  # fmt: skip


def letter(place: int) -> str:
    """Return the letters of a column, from 0."""
    first, last = divmod(place, 26)
    return (chr(64 + first) if first else "") + chr(65 + last)


def _typed_cell(value: object, at: str, style: str) -> str:
    match value:
        case None:
            return ""
        case str():
            return f'<c r="{at}" s="{style}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
        case date():
            value = (value - date(1899, 12, 30)).days
        case time():
            value = (value.hour * 60 + value.minute) / 1_440
    return f'<c r="{at}" s="{style}"><v>{value}</v></c>'
