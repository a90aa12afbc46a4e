from __future__ import annotations

from datetime import date, time
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


def test_typed_columns_and_columns_of_text_are_read(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        {"reference": "EX-1", "sentence_date": date(2025, 3, 3), "extended": "Yes", "ete_minutes": "60"},
        {"reference": "\u00a0", "sentence_date": None, "extended": "", "ete_minutes": None},
        {"reference": " ", "sentence_date": None, "extended": "no", "ete_minutes": None},
    )  # fmt: skip
    found = readers.read("unpaid-work", path)
    assert found.places == ("row 1", "row 3"), "a row with nothing in any cell is not a case"
    assert found.cases == (
        pr.UnpaidWorkOrder(
            reference="EX-1", sentence_date=date(2025, 3, 3), extended=True, ete_minutes=60
        ),
        pr.UnpaidWorkOrder(extended=False),
    )


def test_members_can_be_in_a_column_of_lists(tmp_path: Path) -> None:
    path = written(
        tmp_path, {"reference": "EX-1", "members": [{"reference": "M-1", "grade": "PO"}]}
    )
    (pod,) = readers.read("pod", path).cases
    assert pod == pr.Pod(reference="EX-1", members=(pr.PodMember(reference="M-1", grade="PO"),))


@pytest.mark.parametrize(
    ("kind", "day"),
    [
        (pa.time32("s"), 86_400),
        (pa.time32("ms"), 86_400_000),
        (pa.time64("us"), 86_400_000_000),
        (pa.time64("ns"), 86_400_000_000_000),
    ],
    ids=str,
)
def test_a_time_of_24_00_is_refused(tmp_path: Path, kind: pa.DataType, day: int) -> None:
    def week(minute: int) -> Path:
        whole = pa.int32() if kind.bit_width == 32 else pa.int64()
        start = pa.array([minute * (day // 1440)], whole).cast(kind)
        names = ["day", "start", "minutes", "place"]
        one = [pa.array(["monday"]), start, pa.array([60]), pa.array(["home"])]
        periods = pa.ListArray.from_arrays(
            pa.array([0, 1], pa.int32()), pa.StructArray.from_arrays(one, names)
        )
        path = tmp_path / "weeks.parquet"
        pq.write_table(pa.table({"current": periods}), path)
        return path

    (case,) = readers.read("curfew-variation", week(1439)).cases
    assert isinstance(case, pr.CurfewVariation)
    assert case.current
    assert case.current[0].start == time(23, 59)
    with pytest.raises(pr.CaseError) as refused:
        readers.read("curfew-variation", week(1440))
    assert str(refused.value) == (
        "`24:00:00` is not allowed: it must be a time of day from 00:00 to 23:59, as HH:MM "
        "@ row 1, column current[0].start"
    )


@pytest.mark.parametrize(
    ("row", "columns", "shown"),
    [
        (
            {"extended": True, "extnded_to": 1},
            {},
            "did you mean `extended_to`? @ column extnded_to",
        ),
        (
            {"extended": True, "zzzzzzz": 1},
            {},
            "or name the fact that it holds in `columns` @ column zzzzzzz",
        ),
        ({"a": 1}, {}, "no column has a known name; known are order_type, "),
        (
            {"extended": 1},
            {},
            "the type of this column is bigint; true or false (boolean) is needed @ column extended",
        ),
        ({"EXT": "1"}, {"extended": "EXT"}, "must be true or false @ row 1, column EXT"),
        ({"reference": "a\nb"}, {}, "or other invisible characters @ row 1, column reference"),
        ({"extended": True}, {"ete_minutes": "ETE"}, "no column `ETE` @ columns ete_minutes"),
    ],
)
def test_a_file_that_cannot_be_read_gives_a_problem(
    tmp_path: Path, row: dict[str, Any], columns: dict[str, str], shown: str
) -> None:
    with pytest.raises(pr.CaseError) as refused:
        readers.read("unpaid-work", written(tmp_path, row), columns=columns)
    assert shown in str(refused.value)


def test_the_problem_of_a_csv_gives_the_file_s_own_column_name(tmp_path: Path) -> None:
    path = tmp_path / "o.csv"
    path.write_text("SENT_DT\n03/03/2025\n", encoding="utf-8")
    with pytest.raises(pr.CaseError, match="@ row 2, column SENT_DT"):
        readers.read("unpaid-work", path, columns={"sentence_date": "SENT_DT"})


def test_too_many_rows_are_refused_with_the_advice_to_use_a_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet, "MOST_ROWS", 1)
    path = written(tmp_path, {"extended": True}, {"extended": True})
    assert parquet.count(path) == 2
    with pytest.raises(pr.CaseError, match="the file has more than 1 rows; check it as a table"):
        readers.read("unpaid-work", path)
