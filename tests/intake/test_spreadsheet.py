"""A workbook is read as a CSV of the same table is, and what cannot be read is a message."""

from __future__ import annotations

import random
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import xlsxwriter

import probation_rules as pr
from probation_rules import readers
from probation_rules.areas.unpaid_work.case import UnpaidWorkOrder
from probation_rules.errors import CaseError, InputError, MissingExtra
from probation_rules.intake import spreadsheet
from support import workbooks
from support.workbooks import Formula

ON = date(2026, 11, 29)
HEADER = ["reference", "sentence_date", "required_minutes", "completed_minutes", "extended"]
ORDERS: list[list[Any]] = [
    HEADER,
    ["007", date(2026, 6, 23), 7200, "2730", True],
    [8, "2026-06-24", 3600.0, None, False],
]
CASES = (
    UnpaidWorkOrder(
        reference="007", sentence_date=date(2026, 6, 23), required_minutes=7200,
        completed_minutes=2730, extended=True,
    ),
    UnpaidWorkOrder(
        reference="8", sentence_date=date(2026, 6, 24), required_minutes=3600, extended=False
    ),
)  # fmt: skip
WRITERS: dict[str, Callable[[Path, str, workbooks.Rows], Path]] = {
    ".xlsx": lambda path, name, rows: workbooks.xlsx(path, (name, rows)),
    ".xls": workbooks.xls,
    ".ods": workbooks.ods,
}
DAMAGED = "this workbook cannot be read: it may be damaged or of another kind; open it and save it as .xlsx"


@pytest.fixture(params=list(WRITERS))
def write(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., Path]:
    """Write rows as a workbook of each kind."""

    def written(rows: workbooks.Rows) -> Path:
        return WRITERS[request.param](tmp_path / f"orders{request.param}", "Orders", rows)

    return written


def refused(path: Path, **more: str) -> str:
    with pytest.raises((CaseError, InputError)) as caught:
        readers.read("unpaid-work", path, **more)  # type: ignore[arg-type]
    with pytest.raises(type(caught.value)) as again:
        pr.check_table("unpaid-work", path, on=ON, **more)  # type: ignore[arg-type]
    first, second = str(caught.value), str(again.value)
    assert first.replace("@ the file", f"@ {path.name}") == second
    return second


# --- Values -------------------------------------------------------------------------------------


def test_each_kind_of_workbook_gives_the_cases(write: Callable[..., Path]) -> None:
    path = write(ORDERS)
    assert readers.read("unpaid-work", path).cases == CASES
    assert pr.check_table("unpaid-work", path, on=ON).outcomes["reference"].to_pylist() == [
        "007",
        "8",
    ]


def test_a_workbook_may_come_from_standard_input_or_have_any_name(tmp_path: Path) -> None:
    path = workbooks.xlsx(tmp_path / "orders", ("S", ORDERS))
    assert readers.read("unpaid-work", path).cases == CASES
    stdin = BytesIO(path.read_bytes())
    assert readers.read("unpaid-work", "-", stdin=stdin).cases == CASES


@pytest.mark.parametrize("kind", list(WRITERS))
def test_each_kind_of_value_becomes_the_text_that_csv_has(tmp_path: Path, kind: str) -> None:
    values: list[tuple[object, str]] = [
        ("text ", "text "), (120, "120"), (-3, "-3"), (45.5, "45.5"), (0.1 + 0.2, "0.3"),
        (123456789012345, "123456789012345"), (1e20, "1e+20"), (True, "true"), (False, "false"),
        (date(2026, 6, 23), "2026-06-23"), (datetime(2026, 6, 23), "2026-06-23"),  # noqa: DTZ001
        (datetime(2026, 6, 23, 10, 30), "2026-06-23T10:30:00"),  # noqa: DTZ001
        (timedelta(hours=120, minutes=30), "120:30"), (None, ""),
    ]  # fmt: skip
    if kind == ".xls":
        values.append((time(7, 30), "07:30"))
    path = WRITERS[kind](tmp_path / "values", "S", [[value for value, _ in values]])
    book = spreadsheet.opened(path.read_bytes(), "values")
    ((number, cells),) = book.rows("S")
    assert number == 1
    assert cells == [text for _, text in values][: len(cells)]


def test_durations_have_seconds_and_a_sign_where_they_need_them(tmp_path: Path) -> None:
    rows = [[timedelta(seconds=90), time(7, 30), time(7, 30, 15)]]
    path = workbooks.xlsx(tmp_path / "a.xlsx", ("S", rows))
    assert list(spreadsheet.opened(path.read_bytes(), "a").rows("S")) == [
        (1, ["0:01:30", "07:30", "07:30:15"])
    ]
    body = path.read_bytes()
    minus = workbooks.changed(body, "<v>0.00104166666666667</v>", "<v>-5.5</v>")
    assert next(spreadsheet.opened(minus, "a").rows("S"))[1][0] in ("-132:00", "0:01:30")


def test_a_formula_is_its_value(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        HEADER,
        ["A1", None, Formula("=120*60", 7200), Formula("=0+0", 0), None],
    ]
    path = workbooks.xlsx(tmp_path / "orders.xlsx", ("S", rows))
    (case,) = readers.read("unpaid-work", path).cases
    assert case == UnpaidWorkOrder(reference="A1", required_minutes=7200, completed_minutes=0)


@pytest.mark.parametrize("value", [0, ""])
def test_a_formula_that_nobody_calculated_is_refused(tmp_path: Path, value: object) -> None:
    rows: list[list[Any]] = [HEADER, ["A1", None, Formula("=120*60", value), None, None]]
    path = workbooks.xlsx(tmp_path / "orders.xlsx", ("S", rows), calculated=False)
    assert refused(path) == (
        "the sheet has formulas that were never calculated; open the workbook, save it and try again"
        " @ orders.xlsx"
    )


def test_an_error_in_a_cell_makes_its_row_invalid(write: Callable[..., Path]) -> None:
    rows = [
        ["reference", "adjustment_minutes", "extended"],
        ["A1", "#N/A", True],
        ["A2", None, "#N/A"],
    ]
    path = write([*rows, ["A3", 5, None]])
    error = "#ERROR" if path.suffix == ".ods" else "#N/A"
    fault = f"the cell has the error {error}; correct or clear it"
    tried = readers.read("unpaid-work", path, strict=False).tried
    assert {place: list(map(str, one.problems)) for place, one in tried.items()} == {
        "row 2": [f"{fault} @ row 2, column adjustment_minutes"],
        "row 3": [f"{fault} @ row 3, column extended"],
        "row 4": [],
    }
    table = pr.check_table("unpaid-work", path, on=ON)
    assert table.outcomes["reasons"].to_pylist() == [
        [f"{fault} @ adjustment_minutes"],
        [f"{fault} @ extended"],
        None,
    ]


def test_an_error_that_a_formula_gives_is_its_text(tmp_path: Path) -> None:
    rows: list[list[Any]] = [HEADER, ["A1", None, Formula("=NA()", "#N/A"), None, None]]
    path = workbooks.xlsx(tmp_path / "orders.xlsx", ("S", rows))
    assert refused_strictly(path) == (
        "the cell has the error #N/A; correct or clear it @ row 2, column required_minutes"
    )


def test_errors_in_repeated_cells_of_ods_are_found(tmp_path: Path) -> None:
    path = workbooks.ods(tmp_path / "a.ods", "S", [["reference", "extended"], ["A1", "#N/A"]])
    one = '<table:table-row><table:table-cell office:value-type="string"'
    twice = one.replace("<table:table-row>", '<table:table-row table:number-rows-repeated="2">')
    text = path.read_bytes()
    data = workbooks.changed(text, f"{one} ><text:p>A1", f"{twice} ><text:p>A1")
    path.write_bytes(data)
    assert [
        bool(one.problems) for one in readers.read("unpaid-work", path, strict=False).tried.values()
    ] == [True, True]
    many = workbooks.changed(data, 'rows-repeated="2"', 'rows-repeated="200000"')
    path.write_bytes(many)
    assert refused(path) == (
        "more than 100,000 cells have errors, such as #N/A; correct or clear them @ a.ods"
    )


def refused_strictly(path: Path) -> str:
    with pytest.raises(CaseError) as caught:
        readers.read("unpaid-work", path)
    return str(caught.value)


# --- Where the table is -------------------------------------------------------------------------


def test_titles_blank_rows_and_columns_and_totals(write: Callable[..., Path]) -> None:
    rows = [
        ["Orders of the region"], [], [None, "Run on", "29/11/2026"], [],
        [None, *HEADER[:2], None, *HEADER[2:]], [],
        [None, *ORDERS[1][:2], None, *ORDERS[1][2:]], [],
        [None, *ORDERS[2][:2], None, *ORDERS[2][2:]],
        [None, "Total", None, None, 10800, 2730, None],
    ]  # fmt: skip
    path = write(rows)
    reading = readers.read("unpaid-work", path)
    assert reading.cases == CASES
    assert reading.places == ("row 7", "row 9")
    assert reading.notes == ("row 10 was left out: it has the totals of others",)
    table = pr.check_table("unpaid-work", path, on=ON)
    assert table.notes[0] == "row 10 was left out: it has the totals of others"
    assert table.outcomes["reference"].to_pylist() == ["007", "8"]


def test_a_value_in_a_column_without_a_name_is_never_dropped(write: Callable[..., Path]) -> None:
    rows = [["reference", None, "extended"], ["A1", None, "yes"], ["A2", "no", "yes"]]
    reading = readers.read("unpaid-work", write(rows), strict=False)
    assert [one.others for one in reading.tried.values()] == [
        (),
        ("the column of this value does not have a name; name the column or clear the cell",),
    ]


def test_the_sheet_with_known_names_is_read(tmp_path: Path) -> None:
    path = workbooks.xlsx(
        tmp_path / "a.xlsx", ("About", [["About this file"]]), ("Orders", ORDERS),
        ("Old", ORDERS), hidden=["Old"],
    )  # fmt: skip
    reading = readers.read("unpaid-work", path)
    assert reading.cases == CASES
    assert reading.notes == ("the cases are read from sheet 2",)


def test_a_sheet_may_be_named_or_numbered(tmp_path: Path) -> None:
    other = [HEADER, ["B1"]]
    path = workbooks.xlsx(tmp_path / "a.xlsx", ("June", ORDERS), ("July", other))
    assert refused(path) == (
        "more than one sheet may have the cases: sheets 1, 2; choose one by its name or number"
        " (--sheet) @ a.xlsx"
    )
    for sheet in ("July", "2"):
        reading = readers.read("unpaid-work", path, sheet=sheet)
        assert reading.cases == (UnpaidWorkOrder(reference="B1"),)
        table = pr.check_table("unpaid-work", path, on=ON, sheet=sheet)
        assert table.outcomes["reference"].to_pylist() == ["B1"]
    assert refused(path, sheet="August") == (
        "the workbook has no visible sheet of this name or number; its visible sheets are 1, 2"
        " @ a.xlsx"
    )


def test_a_text_has_no_sheets(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("reference\nA1\n", encoding="utf-8")
    assert refused(tmp_path / "a.csv", sheet="1") == (
        "only a workbook has sheets; leave the sheet out @ a.csv"
    )


# --- What cannot be read ------------------------------------------------------------------------


def test_a_workbook_without_a_table(tmp_path: Path) -> None:
    empty = workbooks.xlsx(tmp_path / "a.xlsx", ("S", []), ("T", []))
    assert refused(empty) == "every visible sheet of the workbook is empty @ a.xlsx"
    other = workbooks.xlsx(tmp_path / "b.xlsx", ("S", [["Ann Example"], ["Ben Example"]]))
    assert refused(other).startswith("the first row does not contain a known column name")
    assert "Ann" not in refused(other)


def test_a_workbook_with_a_password(tmp_path: Path) -> None:
    why = "this workbook is protected by a password; save a copy without one"
    path = tmp_path / "a.xlsx"
    path.write_bytes(spreadsheet._OLE + "EncryptedPackage".encode("utf-16-le") * 99)  # noqa: SLF001
    assert refused(path) == f"{why} @ a.xlsx"
    path = workbooks.ods(tmp_path / "a.ods", "S", ORDERS, manifest="<encryption-data/>")
    assert refused(path) == f"{why} @ a.ods"


def test_a_workbook_without_a_visible_sheet_of_cells(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    chart = book.add_chart({"type": "line"})
    sheet, shown = book.add_worksheet("Data"), book.add_chartsheet("Picture")
    sheet.write(0, 0, 1)
    chart.add_series({"values": "=Data!$A$1:$A$1"})
    shown.set_chart(chart)
    shown.activate()
    shown.set_first_sheet()
    sheet.hide()
    book.close()
    assert refused(tmp_path / "a.xlsx") == ("the workbook has no visible sheet with cells @ a.xlsx")


def test_a_workbook_whose_sheet_is_missing_is_damaged(tmp_path: Path) -> None:
    path = workbooks.xlsx(tmp_path / "a.xlsx", ("S", ORDERS))
    sheets = b'<sheet name="S" sheetId="1" r:id="rId1"/>'.decode()
    path.write_bytes(workbooks.changed(path.read_bytes(), sheets, sheets.replace("rId1", "rId99")))
    assert refused(path) == f"{DAMAGED} @ a.xlsx"


def test_a_binary_workbook_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsb", "w") as pack:
        pack.writestr("xl/workbook.bin", b"")
    assert refused(tmp_path / "a.xlsb") == (
        "this workbook is .xlsb, which is not read here; save it as .xlsx @ a.xlsb"
    )


@pytest.mark.parametrize("start", [spreadsheet._ZIP, spreadsheet._OLE])  # noqa: SLF001
def test_a_damaged_workbook(tmp_path: Path, start: bytes) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(start + b"anything" * 99)
    assert refused(path) == f"{DAMAGED} @ a.xlsx"


def test_a_sheet_with_too_many_cells_is_refused(tmp_path: Path) -> None:
    path = workbooks.xlsx(tmp_path / "a.xlsx", ("S", [*ORDERS, *[[]] * 5, ["x"]]))
    with patch.object(spreadsheet, "MOST_CELLS", 10):
        assert "split it, or save the sheet as CSV @ a.xlsx" in refused(path)
    with patch.object(spreadsheet, "MOST_UNPACKED", 10):
        assert "split it, or save the sheet as CSV @ a.xlsx" in refused(path)
    far = workbooks.changed(path.read_bytes(), 'r="A2"', 'r="XFD1048576"')
    (tmp_path / "far.xlsx").write_bytes(workbooks.changed(far, '<row r="2"', '<row r="1048576"'))
    assert "split it, or save the sheet as CSV @ far.xlsx" in refused(tmp_path / "far.xlsx")


def test_a_web_page_with_the_name_of_a_workbook(tmp_path: Path) -> None:
    (tmp_path / "a.xls").write_text("<html><table><tr><td>A1</td></tr></table></html>")
    assert refused(tmp_path / "a.xls") == (
        "the file is a web page or XML, not a table; open it in a spreadsheet and save it as .xlsx @ a.xls"
    )


def test_without_the_extra_a_workbook_says_what_to_install(tmp_path: Path) -> None:
    path = workbooks.xlsx(tmp_path / "a.xlsx", ("S", ORDERS))
    missing = ModuleNotFoundError(name="python_calamine")
    with (
        patch.object(spreadsheet, "import_module", side_effect=missing),
        pytest.raises(MissingExtra) as caught,
    ):
        readers.read("unpaid-work", path)
    assert str(caught.value) == (
        "a workbook needs python_calamine, which is not installed here; install the extra `excel`: "
        "pip install 'probation-rules[excel]'"
    )


@pytest.mark.parametrize("kind", list(WRITERS))
def test_a_spoilt_workbook_is_a_reading_or_a_message(tmp_path: Path, kind: str) -> None:
    data = WRITERS[kind](tmp_path / f"a{kind}", "S", ORDERS).read_bytes()
    random_ = random.Random(20261129)
    for _ in range(150):
        spoilt = bytearray(data)
        for _ in range(random_.randint(1, 20)):
            spoilt[random_.randrange(8, len(spoilt))] = random_.randrange(256)
        end = random_.randrange(9, len(spoilt)) if random_.random() < 0.2 else len(spoilt)
        path = tmp_path / f"spoilt{kind}"
        path.write_bytes(bytes(spoilt[:end]))
        try:
            readers.read("unpaid-work", path, strict=False)
        except CaseError as error:
            assert "Traceback" not in str(error)  # noqa: PT017 (the text is what is tested)
