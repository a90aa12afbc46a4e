"""PODs in a table with a row a member, as the command's files have them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest

import probation_rules as pr
from probation_rules import readers
from probation_rules.errors import CaseError
from support.tabled import ON, arrow, both_ways, made

ROWS = """\
pod,reference,grade,fte,nqo_completed,manager_grade,case_knowledge_shared,members_known
N1,M-1,PO,1.0,yes,SPO,,
N1,M-2,PSO,0.6,,,yes,
N2,,,,,PO,,
N1,M-3,CA,1,,SPO,,
N3,M-4,PO,1,no,SPO,yes,
N3,M-5,PO,1,no,PO,yes,
N4,,SPO,,,SPO,,
N5,,,,,SPO,,yes
"""


def by_row(table: pa.Table) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = table.to_pylist()
    return found


@both_ways
@pytest.mark.usefixtures("small")
def test_a_row_a_member_is_grouped_by_whose_it_is(tmp_path: Path) -> None:
    (tmp_path / "pods.csv").write_text(ROWS, encoding="utf-8")

    table = pr.check_table("pod", tmp_path / "pods.csv", on=ON)

    found = {row["reference"]: row for row in by_row(table.outcomes)}
    assert list(found) == ["N1", "N2", "N3", "N4", "N5"]
    assert found["N1"]["pod.1-mix"] == "met"
    assert found["N1"]["pod.3"] == "met", "a fact of the POD in one row counts"
    assert found["N2"]["pod.1-mix"] == "cannot_tell", "one row without a member: not known"
    assert found["N2"]["pod.5-managed"] == "not_met"
    assert [found[name]["reasons"] for name in ("N3", "N4", "N5")] == [
        ["must be the same in all rows of the case @ manager_grade"],
        ["must be one of PO, PSO, CA, PQiP @ grade of a member"],
        ["must be a list of 1 to 60 @ members"],
    ]
    needs = {
        one["reference"]: one["needs"] for one in by_row(table.findings) if one["rule"] == "pod.8"
    }
    assert needs == {"N2": ["members"]}
    assert table.duplicates.num_rows == 0


@both_ways
@pytest.mark.usefixtures("small")
def test_it_is_answered_as_the_same_pods_with_lists(tmp_path: Path) -> None:
    # Without members a flat table can only show that they are not known.
    cases = [case for case in made("pod") if case.members != []]
    data = arrow("pod", cases)
    right = pr.check_table("pod", data, on=ON)
    own = [name for name in data.column_names if name not in ("members", "reference")]
    rows = [
        {"pod": one["reference"], **{name: one[name] for name in own}, **person}
        for one in data.to_pylist()
        for person in one["members"] or [{}]
    ]
    # A single member without facts looks the same as a POD without members.
    stated = ("grade", "fte", "nqo_completed")
    bare = {row["pod"] for row in rows if all(row.get(name) is None for name in stated)}
    schema = pa.schema(
        [("pod", pa.string())]
        + [(name, data.schema.field(name).type) for name in own]
        + [("grade", pa.string()), ("fte", pa.decimal128(9, 3)), ("nqo_completed", pa.bool_())]
    )
    pq.write_table(pa.Table.from_pylist(rows, schema), tmp_path / "pods.parquet")

    found = pr.check_table("pod", tmp_path / "pods.parquet", on=ON)

    pairs = zip(by_row(found.outcomes), by_row(right.outcomes), strict=True)
    same = [one == other for one, other in pairs if one["reference"] not in bare]
    assert all(same)
    assert len(same) > 60


def test_it_is_read_as_the_command_reads_it() -> None:
    path = Path(pr.__file__).parent / "demo" / "pods.csv"
    on = date(2026, 11, 21)

    table = pr.check_table("pod", path, on=on)

    reports = [pr.check(case, on=on) for case in readers.read("pod", path).cases]
    for report, row in zip(reports, by_row(table.outcomes), strict=True):
        assert row["reference"] == report.case.reference
        assert {one.rule: row[one.rule] for one in report.findings} == {
            one.rule: one.outcome.value for one in report.findings
        }


def test_columns_may_have_other_names_and_missing_ones_are_named() -> None:
    data = pa.table({"team": ["A", "A"], "job": ["PO", "CA"], "fte": [Decimal("1.0")] * 2})

    table = pr.check_table("pod", data, on=ON, columns={"pod": "team", "grade": "job"})

    assert table.outcomes["pod.1-mix"].to_pylist() == ["not_met"]
    assert "no column `nqo_completed` of members: unknown of every member" in table.notes
    assert "no column `manager_grade`: unknown in every row" in table.notes


@pytest.mark.parametrize(
    ("columns", "problem"),
    [
        (
            {"pod": ["A", " ", None, None], "grade": ["PO", "PO", "PO", None]},
            "\n".join(
                f"the `pod` column is empty; give the reference of this member's case @ row {row}, column pod"
                for row in (2, 3)
            ),
        ),
        ({"pod": ["A"], "grad": ["PO"]}, "unknown column; did you mean `grade`? @ column grad"),
        (
            {"pod": ["A"], "grade": [3]},
            "the type of this column is bigint; text is needed @ column grade",
        ),
        (
            {"pod": ["A"], "manager_grade": [3]},
            "the type of this column is bigint; text is needed @ column manager_grade",
        ),
    ],
)
def test_what_is_wrong_with_such_a_table_is_said(columns: dict[str, Any], problem: str) -> None:
    with pytest.raises(CaseError) as caught:
        pr.check_table("pod", pa.table(columns), on=ON)

    assert str(caught.value) == problem
