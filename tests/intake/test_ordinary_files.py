"""The files that people have, line by line, each as CSV and as .xlsx: the right value, or the exact message.

The rows of each file are the same in both. A workbook also has real dates, numbers and formulas.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import probation_rules as pr
from probation_rules.errors import CaseError
from support import workbooks
from support.workbooks import Formula

Rows = list[list[Any]]
KINDS = (".csv", ".xlsx")


def written(folder: Path, kind: str, rows: Rows) -> Path:
    """A file of rows; text has the values that a spreadsheet saves, and a workbook has them as they are."""
    path = folder / f"orders{kind}"
    if kind == ".xlsx":
        return workbooks.xlsx(path, ("Orders", rows))
    lines = [";".join(map(saved, row)) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def saved(value: Any) -> str:
    match value:
        case None:
            return ""
        case Formula():
            return saved(value.value)
        case datetime():
            return f"{value:%Y-%m-%d %H:%M:%S}"
        case date():
            return value.isoformat()
        case timedelta():
            minutes = round(value.total_seconds() / 60)
            return f"{minutes // 60}:{minutes % 60:02}"
    return str(value)


def mapped(**columns: dict[str, Any]) -> dict[str, Any]:
    return {
        "area": "unpaid-work",
        "reference": ["CRN"],
        "columns": {name.replace("_", " "): how for name, how in columns.items()},
    }


def read(path: Path, mapping: Any = None) -> list[tuple[Any, list[str]]]:
    """For each row its only fact, and its problems."""
    tried = pr.read("unpaid-work", path, mapping=mapping, strict=False).tried.values()
    found = []
    for one in tried:
        case: Any = one.case
        facts = [getattr(case, name) for name in FACTS if getattr(case, name) is not None]
        found.append((facts[0] if facts else None, list(map(str, one.problems))))
    return found


FACTS = ("required_minutes", "sentence_date", "adjustment_minutes", "order_type", "extended")
HOURS = {"fact": "required_minutes", "unit": "hour"}
ROUNDED = {**HOURS, "round": "nearest"}
DAY = {"fact": "sentence_date", "form": "dd/mm/yyyy"}
PLAIN = {"fact": "sentence_date"}
UTC = {**PLAIN, "zone": "UTC"}
LATE = datetime(2026, 6, 22, 23, 30)  # noqa: DTZ001 (a workbook has no zones)

# A line of the list, its cell, the mapping of its column, and the value or the message.
CELLS: list[tuple[str, str, Any, dict[str, Any], Any]] = [
    ("a column called hours is hours", "Hours ordered", 120, HOURS, 7200),
    ("numbers stored as text", "Hours ordered", "45.5", HOURS, 2730),
    ("45.5 hours is exact", "Hours ordered", 45.5, HOURS, 2730),
    ("a formula is its value", "Hours ordered", Formula("=60*2", 120), HOURS, 7200),
    ("hours and minutes", "Hours ordered", "120:30", HOURS, 7230),
    ("hours and minutes in words", "Hours ordered", "120h 30m", HOURS, 7230),
    ("a duration", "Hours ordered", timedelta(hours=120, minutes=30), HOURS, 7230),
    ("45.333 is rounded as the mapping asks", "Hours ordered", 45.333, ROUNDED, 2720),
    ("dd/mm/yyyy", "Date", "03/04/2026", DAY, date(2026, 4, 3)),
    ("mm/dd/yyyy", "Date", "03/04/2026", {**DAY, "form": "mm/dd/yyyy"}, date(2026, 3, 4)),
    ("a real date", "Date", date(2026, 4, 3), PLAIN, date(2026, 4, 3)),
    ("a real date needs no form", "Date", date(2026, 4, 3), DAY, date(2026, 4, 3)),
    ("a date in words", "Date", "3 April 2026", PLAIN, date(2026, 4, 3)),
    ("a time stamp in UTC", "Date", "2026-06-22T23:30:00Z", PLAIN, date(2026, 6, 23)),
    ("a time stamp in another zone", "Date", "2026-06-23T01:30+02:00", PLAIN, date(2026, 6, 23)),
    ("a real date with a time", "Date", LATE, UTC, date(2026, 6, 23)),
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("header", "cell", "how", "value"), [one[1:] for one in CELLS], ids=[one[0] for one in CELLS]
)
def test_the_right_value(
    tmp_path: Path, kind: str, header: str, cell: Any, how: dict[str, Any], value: Any
) -> None:
    path = written(tmp_path, kind, [["CRN", header], ["X1", cell]])
    assert read(path, mapped(**{header: how})) == [(value, [])]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("cell", "how", "message"),
    [
        (120, {"fact": "required_minutes"}, "the number has no unit: give `unit` in the mapping (hour or minute)"),
        (45.333, HOURS, "must come to whole minutes: correct it, or give `round` in the mapping (nearest, down or up)"),
        ("03/04/2026", PLAIN, "give `form` in the mapping (dd/mm/yyyy or mm/dd/yyyy)"),
        ("03/04/26", DAY, "a year of two digits: write all four"),
        ("31/02/2026", DAY, "this date or time does not exist"),
        (LATE, PLAIN, "the date has a time: give `zone` in the mapping (Europe/London or UTC)"),
        ("about 120", HOURS, "must be a number, or hours and minutes such as 120:30 or 120h 30m"),
    ],
    ids=["no unit", "a part of a minute", "no form", "two digits", "no date", "no zone", "no number"],
)  # fmt: skip
def test_the_exact_message(
    tmp_path: Path, kind: str, cell: Any, how: dict[str, Any], message: str
) -> None:
    path = written(tmp_path, kind, [["CRN", "Value"], ["X1", cell], ["X2", None]])
    ((value, problems), (_, others)) = read(path, mapped(Value=how))
    assert (value, others) == (None, [])
    assert problems == [f"{message} @ row 2, column Value"]


# --- Whole files --------------------------------------------------------------------------------

HEADER = ["CRN", "Hours ordered"]
# A line of the list, the rows, and the required minutes of each case.
FILES: dict[str, Rows] = {
    "titles above the header": [["All orders", None], [None, None], HEADER, ["X1", 120]],
    "blank rows": [HEADER, [None, None], ["X1", 120], [None, None]],
    "blank columns": [["CRN", None, "Hours ordered"], ["X1", None, 120]],
    "a row of totals": [HEADER, ["X1", 120], ["Total", 120]],
    "merged cells of a header": [[None, "Hours"], ["CRN", "ordered"], ["X1", 120]],
    "words in capitals and small letters": [["crn", "HOURS ORDERED"], ["X1", "120"]],
    "another column": [[*HEADER, "Team"], ["X1", 120, "North"]],
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rows", FILES.values(), ids=FILES)
def test_a_file_that_leaves_nothing_open(tmp_path: Path, kind: str, rows: Rows) -> None:
    (case,) = pr.read("unpaid-work", written(tmp_path, kind, rows)).cases
    assert case == pr.UnpaidWorkOrder(reference="X1", required_minutes=7200)


@pytest.mark.parametrize("kind", KINDS)
def test_another_row_settles_the_form_of_dates(tmp_path: Path, kind: str) -> None:
    rows: Rows = [["CRN", "Sentence date"], ["X1", "03/04/2026"], ["X2", "23/06/2026"]]
    days = [value for value, _ in read(written(tmp_path, kind, rows))]
    assert days == [date(2026, 4, 3), date(2026, 6, 23)]


ASKED = "answer these in a mapping: probation-rules map unpaid-work FILE --output FILE.map.toml @ the file"
REFUSED: dict[str, tuple[Rows, list[str]]] = {
    "dates that can be read both ways": (
        [["CRN", "Sentence date"], ["X1", "03/04/2026"]],
        ["dd/mm/yyyy or mm/dd/yyyy? Every date can be read both ways. @ column Sentence date", ASKED],
    ),
    "dates of both forms": (
        [["CRN", "Sentence date"], ["X1", "23/06/2026"], ["X2", "06/23/2026"]],
        ["some dates have the day first and some the month. A mixture is not read: correct the file. @ column Sentence date", ASKED],
    ),
    "a header without a unit": (
        [["CRN", "Adjustments"], ["X1", 5]],
        ["are the numbers hours or minutes? The header does not show it. @ column Adjustments", ASKED],
    ),
    "two columns for one fact": (
        [["CRN", "Hours ordered", "Ordered hours"], ["X1", 5, 6]],
        ['more than one column may be required_minutes. Give it to one, and "keep" or "ignore" to the others. @ column Hours ordered',
         'more than one column may be required_minutes. Give it to one, and "keep" or "ignore" to the others. @ column Ordered hours', ASKED],
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("rows", "problems"), REFUSED.values(), ids=REFUSED)
def test_a_file_that_leaves_something_open(
    tmp_path: Path, kind: str, rows: Rows, problems: list[str]
) -> None:
    with pytest.raises(CaseError) as caught:
        pr.read("unpaid-work", written(tmp_path, kind, rows))
    assert str(caught.value).splitlines() == problems


@pytest.mark.parametrize("kind", KINDS)
def test_a_zero_that_was_lost_is_noted_if_two_references_collide(tmp_path: Path, kind: str) -> None:
    rows: Rows = [HEADER, ["0012", 60], [12, 60]]
    notes = pr.read("unpaid-work", written(tmp_path, kind, rows)).notes
    assert notes[-1] == (
        "1 reference differs from another only by zeros at the start, the first at row 2 and row 3: "
        "a spreadsheet may have dropped them"
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_without_a_table_has_a_clear_message(tmp_path: Path, kind: str) -> None:
    path = written(tmp_path, kind, [["Some text"], ["More text"]])
    with pytest.raises(CaseError, match="the first row does not contain a known column name"):
        pr.read("unpaid-work", path)


SHEETS: tuple[tuple[str, Rows], ...] = (
    ("Notes", [["Nothing here"]]),
    ("Orders", [HEADER, ["X1", 120]]),
    ("Old", [HEADER, ["X2", 1]]),
)


def test_one_of_several_sheets_is_chosen(tmp_path: Path) -> None:
    path = workbooks.xlsx(tmp_path / "orders.xlsx", *SHEETS)
    with pytest.raises(CaseError, match=r"sheets 2, 3; choose one by its name or number"):
        pr.read("unpaid-work", path)
    for sheet in ("2", "Orders"):
        (case,) = pr.read("unpaid-work", path, sheet=sheet).cases
        assert case == pr.UnpaidWorkOrder(reference="X1", required_minutes=7200)
    text = written(tmp_path, ".csv", [HEADER, ["X1", 120]])
    with pytest.raises(pr.InputError, match="only a workbook has sheets; leave the sheet out"):
        pr.read("unpaid-work", text, sheet="2")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_text_in_any_usual_encoding_with_any_usual_separator(
    tmp_path: Path, encoding: str, separator: str
) -> None:
    rows = [["CRN", "Hours ordered", "Team"], ["X1", "120", "Caf\u00e9"]]
    path = tmp_path / "orders.csv"
    path.write_bytes("\n".join(separator.join(row) for row in rows).encode(encoding))
    reading = pr.read("unpaid-work", path)
    assert reading.cases == (pr.UnpaidWorkOrder(reference="X1", required_minutes=7200),)
    assert reading.carried["row 2"] == {"Team": "Caf\u00e9"}
    assert ("the text is read as Windows-1252" in reading.notes) == (encoding == "cp1252")
