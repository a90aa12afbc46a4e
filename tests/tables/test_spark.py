"""`probation_rules.spark` gives the answers of `check_table`: here in DuckDB, in pieces, without Java.

`make spark` compares both on real Spark.
"""

from __future__ import annotations

import sys
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]
import pytest

import probation_rules as pr
from probation_rules import spark
from probation_rules.engines.sql.statement import sql_names
from probation_rules.tables import row_check
from support import laws, pretend_spark
from support.caseloads import arrow
from support.generate import batch_of
from support.tabled import ON

SIZE = 80
MEMBERS = pa.struct([("reference", pa.string()), ("grade", pa.string()), ("fte", pa.float64())])


@pytest.fixture(autouse=True)
def _without_java(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend_spark.install(monkeypatch)
    monkeypatch.setattr(row_check, "ROWS", 30)


def answers(rows: pa.Table, area: str, **asked: Any) -> list[dict[str, Any]]:
    """The rows that Spark gives, sorted."""
    session = pretend_spark.Session()
    if asked.get("members") is not None:
        asked["members"] = session.frame(asked["members"])
    return in_order(spark.check_table(session.frame(rows), area, **asked).toArrow())


def expected(rows: pa.Table, area: str, **asked: Any) -> list[dict[str, Any]]:
    """The rows that `check_table` gives, sorted, with the names of columns that Spark has."""
    found = pr.check_table(area, rows, **asked).outcomes
    names = sql_names(pr.rulebook().area(area))
    return in_order(found.rename_columns([names.get(one, one) for one in found.column_names]))


def in_order(rows: pa.Table) -> list[dict[str, Any]]:
    return sorted(rows.to_pylist(), key=lambda row: (row["reference"] or "", str(row)))


@pytest.mark.parametrize("name", laws.BOOKS)
def test_random_rows_have_the_answers_of_check_table(name: str) -> None:
    book, area = laws.BOOKS[name], laws.AREAS[name]
    on, cases = batch_of(Random(SIZE), area, SIZE)
    rows = arrow(area, cases)

    found = answers(rows, area.name, on=on, rulebook=book, facts=True)

    wanted = expected(rows, area.name, on=on, rulebook=book, facts=True)
    assert found == wanted
    assert 0 < sum(row["reasons"] is not None for row in found) < SIZE


def test_text_is_read_and_labels_are_checked_as_everywhere() -> None:
    rows = pa.table(
        {
            "reference": [" EX-1 ", "EX-2", "EX\u202e3", None, "EX-5"],
            "SENT_DT": ["2025-03-03", "03/03/2025", "2025-03-03", "", ""],
            "order_type": ["community_order", " community_order", None, None, "communal"],
            "required_minutes": ["6000", "6000.5", None, "", "6000"],
            "team": ["North", "=1+1", None, "", "South"],
        }
    )
    asked = {
        "on": ON, "columns": {"sentence_date": "SENT_DT"}, "keep": ["team"],
        "assuming": {"completed_minutes": 1200}, "facts": ["outstanding_minutes"],
    }  # fmt: skip

    found = answers(rows, "unpaid-work", **asked)

    assert found == expected(rows, "unpaid-work", **asked)
    assert [row["reference"] for row in found] == [None, "EX-1", "EX-2", "EX-5"]
    assert [row["team"] for row in found] == ["", "North", "=1+1", "South"]
    assert found[1]["outstanding_minutes"] == 4800


def test_settings_and_local_rulebooks_travel_to_each_task() -> None:
    area = pr.rulebook().area("pod")
    rows = arrow(area, batch_of(Random(2), area, SIZE)[1])
    settings = {"ratio_measure": "headcount"}

    found = answers(rows, "pod", on=ON, settings=settings)

    assert found == expected(rows, "pod", on=ON, settings=settings)
    assert found != expected(rows, "pod", on=ON)


# --- Members ----------------------------------------------------------------------------------------


def pods(**columns: Any) -> pa.Table:
    number = len(next(iter(columns.values())))
    names = [f"N{place}" for place in range(number)]
    return pa.table({"reference": names, "manager_grade": ["SPO"] * number} | columns)


PEOPLE = pa.table(
    {
        "pod": ["N0", " N1", "N1", "N2", "N4", "N5", "N5"],
        "grade": ["PO", "PO", "PSO", "chief", "PO", "PO", "CA"],
        "fte": pa.array(["1", "0.5", None, "1", "7", "1", "1"], pa.string()),
        "reference": ["M0", "M1", None, "M2", "M\u202e4", "M5", "M0 "],
    }
)


def test_members_may_be_another_table() -> None:
    rows = pods(members_known=[None, None, None, True, None, None, None])

    found = answers(rows, "pod", on=ON, members=PEOPLE)

    assert found == expected(rows, "pod", on=ON, members=PEOPLE)
    assert [row["reasons"] for row in found] == [
        ["the reference of a member is on more than one row @ members"],
        None,
        ["must be one of PO, PSO, CA, PQiP @ grade of a member"],
        ["must be a list of 1 to 60 @ members"],
        [
            "must be text of 1 to 200 characters on one line, without control or other invisible characters @ reference of a member",
            "must be a number from 0.01 to 1.0, at most 2 decimal places @ fte of a member",
        ],
        ["the reference of a member is on more than one row @ members"],
        None,
    ]


def test_members_without_references_are_counted_only() -> None:
    rows, people = pods(case_knowledge_shared=[True] * 3), PEOPLE.slice(0, 3)

    people = people.drop_columns(["reference"])
    found = answers(rows, "pod", on=ON, members=people)

    assert found == expected(rows, "pod", on=ON, members=people)
    assert [row["pod_1_mix"] for row in found] == ["not_met", "not_met", "cannot_tell"]


def test_members_may_be_lists_with_references() -> None:
    person = {"grade": "PO", "fte": Decimal("0.5")}
    lists = [
        [{"reference": "M0", **person}, {"reference": "M1", **person}],
        [{"reference": None, **person}, {"reference": " ", **person}],
        None,
        [],
        [{"reference": "M3", **person}, {"reference": "M3", **person}],
        *([{"reference": f"other-{place}", **person}] for place in range(SIZE)),
        [{"reference": "M1", **person}],
    ]

    rows = pods(members=lists)
    found = answers(rows, "pod", on=ON)

    assert found == expected(rows, "pod", on=ON)
    twice = ["the reference of a member is on more than one row @ members"]
    reasons = {row["reference"]: row["reasons"] for row in found if row["reasons"]}
    assert reasons == {
        "N0": twice, "N3": ["must be a list of 1 to 60 @ members"], "N4": twice,
        f"N{SIZE + 5}": twice,
    }  # fmt: skip


@pytest.mark.parametrize("lists", [None, pa.nulls(2), pa.array([None] * 2, pa.list_(pa.null()))])
def test_without_members_every_list_is_unknown(lists: pa.Array | None) -> None:
    rows = pods(case_knowledge_shared=[True] * 2)
    rows = rows if lists is None else rows.append_column("members", lists)

    found = answers(rows, "pod", on=ON)

    assert found == expected(rows, "pod", on=ON)
    assert {row["pod_1_mix"] for row in found} == {"cannot_tell"}


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (pods(reference=["N0", "N1"]), "a member has the reference of a case that is not in the table"),
        (pods(reference=["N0", "N1", "N2", "N4", "N5", "N5"]), "a reference is on more than one row"),
    ],
)  # fmt: skip
def test_members_that_belong_to_no_case_or_to_several_end_the_job(
    rows: pa.Table, message: str
) -> None:
    with pytest.raises(pr.CaseError, match="members"):
        expected(rows, "pod", on=ON, members=PEOPLE)
    with pytest.raises(duckdb.Error, match=message):
        answers(rows, "pod", on=ON, members=PEOPLE)


# --- What is refused, and when ----------------------------------------------------------------------


def test_nothing_is_computed_before_it_is_asked_for() -> None:
    session = pretend_spark.Session()

    def never() -> pa.Table:
        raise AssertionError("rows were asked for")

    frame = pretend_spark.Frame(session, never, pods(members_known=[True]).schema)
    people = pretend_spark.Frame(session, never, PEOPLE.schema)
    found = spark.check_table(frame, "pod", on=ON, members=people)
    assert session.asked == []
    with pytest.raises(AssertionError, match="rows were asked for"):
        found.toArrow()


@pytest.mark.parametrize(
    ("area", "rows", "asked", "message"),
    [
        ("unpaid-work", {"sentence_day": ["x"]}, {}, "no column has a known name"),
        ("unpaid-work", {"sentence_date": [1.5]}, {}, "a date without a time"),
        ("unpaid-work", {"order_type": ["x"]}, {"keep": ["team"]}, "team"),
        ("unpaid-work", {"order_type": ["x"]}, {"columns": {"sentence_date": "SENT"}}, "SENT"),
        ("unpaid-work", {"order_type": ["x"]}, {"facts": ["outstanding"]}, "outstanding"),
        ("unpaid-work", {"order_type": ["x"]}, {"members": PEOPLE}, "have no members"),
        ("unpaid-works", {"order_type": ["x"]}, {}, "did you mean `unpaid-work`"),
        ("unpaid-work", {"order_type": ["x"]}, {"on": date(1999, 1, 1)}, "cover days from"),
        ("pod", {"pod": ["N1"], "grade": ["PO"]}, {}, "a row for each member; give a row for each case"),
        ("pod", {"members": [[{"grade": "PO"}]]}, {"members": PEOPLE}, "there or here, not both"),
        ("pod", {"manager_grade": ["PO"]}, {"members": PEOPLE.drop_columns(["pod"])}, "`pod`"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused_at_once(
    area: str, rows: dict[str, Any], asked: dict[str, Any], message: str
) -> None:
    session = pretend_spark.Session()
    frames: dict[str, Any] = {
        name: session.frame(one) if isinstance(one, pa.Table) else one
        for name, one in ({"on": ON} | asked).items()
    }
    with pytest.raises(pr.ProbationRulesError, match=message):
        spark.check_table(session.frame(pa.table(rows)), area, **frames)
    assert session.asked == []


def test_without_pyspark_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.sql.pandas.types", None)
    with pytest.raises(pr.MissingExtra, match=r"pyspark.*probation-rules\[spark\]"):
        spark.check_table(pretend_spark.Session().frame(PEOPLE), "pod", on=ON)
