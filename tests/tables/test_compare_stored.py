"""Answers stored as JSON, Parquet or CSV, and tables, compared with one another."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pytest

import probation_rules as pr
from probation_rules.comparison import Change
from probation_rules.report import document

ON = date(2026, 1, 15)
LATER = date(2026, 1, 22)
ROWS: tuple[dict[str, Any], ...] = (
    {"reference": "A", "sentence_date": date(2025, 7, 1), "six_month_review_done": False},
    {"reference": "B", "sentence_date": date(2025, 7, 20), "six_month_review_done": False},
    {"reference": "C", "sentence_date": date(2030, 1, 1), "six_month_review_done": None},
)
USUAL = {"order_type": "community_order", "required_minutes": 6000, "completed_minutes": 6000}


def table(on: date, *rows: dict[str, Any], **question: Any) -> pr.Table:
    every = [{**USUAL, "completed_minutes": 60, **row} for row in rows or ROWS]
    return pr.check_table("unpaid-work", pa.Table.from_pylist(every), on=on, **question)


def reports(on: date) -> list[pr.Report]:
    rows = [{**USUAL, "completed_minutes": 60, **row} for row in ROWS[:2]]
    return [pr.check(pr.UnpaidWorkOrder(**row), on=on) for row in rows]


def stored(path: Path, answers: Any) -> Path:
    if path.suffix == ".json":
        path.write_text(json.dumps(document(answers)), "utf-8")
    else:
        answers.write(path)
    return path


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_stored_tables_are_compared_and_say_that_no_cause_can_be_found(
    suffix: str, tmp_path: Path
) -> None:
    before = stored(tmp_path / f"before{suffix}", table(ON))
    after = stored(tmp_path / f"after{suffix}", table(LATER))
    found = pr.compare(before, after)
    assert isinstance(found, pr.TableComparison)
    assert found.counts == {"new": 0, "gone": 0, "changed": 1, "unchanged": 1, "invalid": 1}
    assert found.changed.to_pylist()[0]["reference"] == "B"
    with pytest.raises(pr.InputError, match="these stored answers do not have the cases"):
        found.case(0)
    assert pr.compare(before, table(LATER)).counts == found.counts


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_a_report_is_compared_with_a_stored_table(suffix: str, tmp_path: Path) -> None:
    before = stored(tmp_path / f"before{suffix}", table(ON))
    found = pr.compare(str(before), stored(tmp_path / "after.json", reports(LATER)))
    assert isinstance(found, pr.Comparison)
    assert found.counts == {"new": 0, "gone": 0, "changed": 1, "unchanged": 1, "invalid": 1}
    (change,) = found.changed
    assert change.reference == "B"
    assert change.differences == ()
    assert str(change.cause) == (
        "the cause is not known; answers stored as a table do not have the cases"
    )
    assert found.invalid[0].side == "before"
    assert found.changes == {Change.BREACH: 1}


def test_a_table_is_compared_with_reports_and_gives_the_causes() -> None:
    found = pr.compare(table(ON), reports(LATER))
    assert str(found.changed[0].cause) == "the day changed from 2026-01-15 to 2026-01-22"
    near = pr.compare(table(ON), table(LATER), days=160)
    assert isinstance(near, pr.Comparison)
    assert near.counts == {"new": 0, "gone": 0, "changed": 2, "unchanged": 0, "invalid": 1}
    unnamed = table(ON, {**ROWS[0], "reference": None})
    with pytest.raises(pr.CaseError, match=r"this case has no reference.* @ before: row 1"):
        pr.compare(unnamed, reports(LATER))


def test_what_has_no_answers_is_refused(tmp_path: Path) -> None:
    def refused(name: str, text: str | None) -> str:
        path = tmp_path / name
        if text is not None:
            path.write_text(text, "utf-8")
        with pytest.raises(pr.CaseError) as error:
            pr.compare(path, reports(ON))
        return str(error.value)

    message = (
        "this file does not have stored answers; give JSON, or Parquet or CSV from `Table.write`"
    )
    assert refused("cases.csv", "reference,order_type\nA,\n") == f"{message} @ cases.csv"
    assert refused("half.csv", "reference,upw.pace-6\nA,\n") == f"{message} @ half.csv"
    assert refused("cases.xlsx", "") == f"{message} @ cases.xlsx"
    assert refused("none.parquet", None) == "the file was not found @ none.parquet"
    assert refused("bad.parquet", "text") != ""
    assert refused("none.json", None) == "this file cannot be read @ none.json"
    assert refused("bad.json", "{") == "this file is not JSON @ bad.json"


def test_tables_are_counted_by_a_kept_column() -> None:
    def kept(on: date, *teams: str) -> pr.Table:
        rows = [
            {**USUAL, "completed_minutes": 60, **row, "Team": team}
            for row, team in zip(ROWS, [*teams, "", "", ""], strict=False)
        ]
        data = pa.Table.from_pylist(rows).slice(0, len(teams))
        return pr.check_table("unpaid-work", data, on=on, keep=["Team"])

    found = pr.compare_tables(
        kept(ON, "North", "North", "South"), kept(LATER, "South", "", "South")
    )
    groups = found.groups("Team")
    assert list(groups) == ["South", ""]
    assert groups["South"] == {
        "new": 0, "gone": 0, "changed": 0, "unchanged": 1, "invalid": 1,
    }  # fmt: skip
    gone = pr.compare_tables(kept(ON, "North", "North", "South"), kept(LATER))
    assert gone.groups("Team")["North"]["gone"] == 2
    with pytest.raises(pr.InputError, match="kept are Team; did you mean `Team`"):
        found.groups("Teams")
    with pytest.raises(pr.InputError, match="no column is kept"):
        pr.compare_tables(table(ON), table(LATER)).groups("Team")
