"""Text in any usual encoding, with any usual separator, and with titles above the table."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from pathlib import Path

import pytest

import probation_rules as pr
from probation_rules import readers
from probation_rules.areas.unpaid_work.case import UnpaidWorkOrder

TEXT = "reference,sentence_date,extended\nJos\u00e9 1,2026-06-23,no\n"
CASE = UnpaidWorkOrder(reference="Jos\u00e9 1", sentence_date=date(2026, 6, 23), extended=False)


def both(tmp_path: Path, data: bytes) -> readers.Reading:
    """Read a file as cases and as a table, and require the same references and notes."""
    path = tmp_path / "orders.csv"
    path.write_bytes(data)
    reading = readers.read("unpaid-work", path)
    table = pr.check_table("unpaid-work", path, on=date(2026, 11, 29))
    references = [one.reference for one in reading.cases]  # type: ignore[attr-defined]
    assert table.outcomes["reference"].to_pylist() == references
    assert table.notes[: len(reading.notes)] == reading.notes
    return reading


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_encodings_and_separators(tmp_path: Path, encoding: str, separator: str) -> None:
    reading = both(tmp_path, TEXT.replace(",", separator).encode(encoding))
    assert (reading.cases, reading.notes) == ((CASE,), ())


def test_windows_1252_is_noted(tmp_path: Path) -> None:
    long = "Ann " * 50
    rows = "".join(f"{number} {long[:190]},,\n" for number in range(30))
    data = f"{TEXT}{rows}".encode("cp1252")
    reading = both(tmp_path, data)
    assert reading.cases[0] == CASE
    assert reading.notes[0] == "the text is read as Windows-1252"


@pytest.mark.parametrize("separator", [";", "\t"])
def test_titles_blank_columns_and_totals(tmp_path: Path, separator: str) -> None:
    lines = [
        "Orders, by region", "", "Run on, 29/11/2026",
        ",reference,sentence_date,,extended,", ",,,,,", ",Jos\u00e9 1,2026-06-23,,no,",
        ",Sub-total,,,1,", ",Grand total:,,,1,",
    ]  # fmt: skip
    data = "\n".join(lines).replace(",", separator).encode()
    reading = both(tmp_path, data)
    assert reading.cases == (CASE,)
    assert reading.places == ("row 6",)
    assert reading.notes == (
        "row 7 was left out: it has the totals of others",
        "row 8 was left out: it has the totals of others",
    )


def test_a_total_in_any_cell_of_the_last_row_is_one(tmp_path: Path) -> None:
    data = b"reference,sentence_date,extended\nA1,,no\n,,Total\n"
    assert both(tmp_path, data).places == ("row 2",)


def test_json_may_be_utf_16() -> None:
    stdin = BytesIO('{"reference": "A1"}'.encode("utf-16"))
    assert readers.read("unpaid-work", "-", stdin=stdin).places == ("$",)
