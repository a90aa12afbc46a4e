from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest

import probation_rules as pr
from probation_rules import readers
from probation_rules.readers import parquet


def written(folder: Path, *rows: dict[str, Any]) -> Path:
    path = folder / "cases.parquet"
    pq.write_table(pa.Table.from_pylist(list(rows)), path)
    return path


def test_typed_columns_and_text_are_read_as_they_are_meant(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        {"reference": "EX-1", "sentence_date": date(2025, 3, 3), "extended": "Yes", "ete_minutes": "60"},
        {"reference": " ", "sentence_date": None, "extended": "", "ete_minutes": None},
    )  # fmt: skip
    found = readers.read("unpaid-work", path)
    assert found.places == ("row 1", "row 2")
    assert found.cases == (
        pr.UnpaidWorkOrder(
            reference="EX-1", sentence_date=date(2025, 3, 3), extended=True, ete_minutes=60
        ),
        pr.UnpaidWorkOrder(),
    )


def test_members_stand_in_a_column_of_lists(tmp_path: Path) -> None:
    path = written(
        tmp_path, {"reference": "EX-1", "members": [{"reference": "M-1", "grade": "PO"}]}
    )
    (pod,) = readers.read("pod", path).cases
    assert pod == pr.Pod(reference="EX-1", members=(pr.PodMember(reference="M-1", grade="PO"),))


@pytest.mark.parametrize(
    ("row", "columns", "told"),
    [
        (
            {"extended": True, "extnded_to": 1},
            {},
            "did you mean `extended_to`? @ column extnded_to",
        ),
        ({"extended": True, "zzzzzzz": 1}, {}, "or name the fact that it holds @ column zzzzzzz"),
        ({"a": 1}, {}, "no column has a known name; known are reference, "),
        ({"extended": 1}, {}, "must be true or false @ row 1, $.extended"),
        ({"EXT": 1}, {"extended": "EXT"}, "must be true or false @ row 1, $.extended"),
        ({"extended": True}, {"ete_minutes": "ETE"}, "no column `ETE` @ columns ete_minutes"),
    ],
)
def test_what_cannot_be_read_is_told(
    tmp_path: Path, row: dict[str, Any], columns: dict[str, str], told: str
) -> None:
    with pytest.raises(pr.CaseError) as refused:
        readers.read("unpaid-work", written(tmp_path, row), columns=columns)
    assert told in str(refused.value)


def test_the_problem_of_a_csv_names_the_column_that_the_file_has(tmp_path: Path) -> None:
    path = tmp_path / "o.csv"
    path.write_text("SENT_DT\n03/03/2025\n", encoding="utf-8")
    with pytest.raises(pr.CaseError, match="@ row 2, column SENT_DT"):
        readers.read("unpaid-work", path, columns={"sentence_date": "SENT_DT"})


def test_too_many_rows_are_a_table_s_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "MOST_ROWS", 1)
    path = written(tmp_path, {"extended": True}, {"extended": True})
    assert parquet.count(path) == 2
    with pytest.raises(pr.CaseError, match="more than 1 rows; ask about the table as a whole"):
        readers.read("unpaid-work", path)
