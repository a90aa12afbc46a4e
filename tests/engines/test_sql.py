"""The SQL gives the same answers as the reference interpreter, and avoids the traps of dialects."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]
import pytest
import sqlglot
from sqlglot import exp

from probation_rules.engines import INVALID, NO_STAGE, python, reference
from probation_rules.engines.sql.statement import (
    DIALECTS,
    Statement,
    problem_column,
    sql,
    sql_names,
)
from probation_rules.errors import CaseError, InputError, NotInForce
from probation_rules.rulebook import shipped
from probation_rules.rulebook.model import Area
from support import laws
from support.caseloads import ARROW, relations
from support.generate import batch_of
from support.laws import spark_agrees
from support.pretend_spark import whole_division

EARNED = {"earned_reduction_from": date(2026, 9, 1)}
HEADCOUNT = {"ratio_measure": "headcount"}
AREAS = {
    **laws.AREAS,
    "pod, measure set": shipped().with_settings(HEADCOUNT).area("pod"),
}
# Settings change the figures of a statement, but not its constructs.
CONSTRUCTS = (
    "allocation", "appointments", "capacity", "pod", "unpaid-work, earned hours from a set day", "toy",
)  # fmt: skip
SEED = 20261121
DAYS = 4
CASES = 250  # for each day
ON = date(2026, 3, 2)


def run(statement: exp.Expr | str, tables: dict[str, pa.Table]) -> list[dict[str, Any]]:
    """Return the rows from DuckDB, in the order of the cases."""
    text = statement if isinstance(statement, str) else statement.sql(dialect="duckdb")
    with duckdb.connect() as connection:
        for name, table in tables.items():
            connection.register(name, table)
        rows: list[dict[str, Any]] = connection.sql(text).to_arrow_table().to_pylist()
    return sorted(rows, key=lambda row: int(row["reference"]))


def statement(area: Area, on: date, dialect: str = "duckdb") -> Statement:
    """Return the statement for the tables of `relations`."""
    return Statement(area, on, dialect, problem=problem_column(area))


def expected(area: Area, decide: Any, case: Any, on: date) -> tuple[Any, ...]:
    """Return the codes and the name of the stage, or `invalid` for a bad case."""
    try:
        *codes, stage = decide(area.facts_of(case), on)
    except CaseError:
        return (*[INVALID] * len(area.rules), None)
    return (*codes, None if stage == NO_STAGE else tuple(area.stages)[stage])


def found(area: Area, row: dict[str, Any]) -> tuple[Any, ...]:
    return (*(row[f"_rule_{place}"] for place in range(len(area.rules))), row.get("stage"))


def batches(area: Area, seed: int, days: int, cases: int) -> Iterator[tuple[date, list[Any]]]:
    """Return days, each with its cases."""
    random = Random(seed)
    for _ in range(days):
        yield batch_of(random, area, cases)


def agreement(area: Area, seed: int = SEED, days: int = DAYS, cases: int = CASES) -> int:
    """Compare the SQL, the engine `python` and the interpreter; return the number of valid cases."""
    decide, slow = python.compile_area(area), reference.compile_area(area)
    valid = 0
    for on, batch in batches(area, seed, days, cases):
        rows = run(statement(area, on).by_wording(["reference"]), relations(area, batch))
        for case, row in zip(batch, rows, strict=True):
            right = expected(area, decide, case, on)
            assert found(area, row) == right, (case, on, row)
            assert (row["reasons"] is None) == (INVALID not in right), (case, on, row)
            valid += INVALID not in right
        for case in batch[:: max(1, cases // 100)]:
            assert expected(area, decide, case, on) == expected(area, slow, case, on)
    return valid


@pytest.mark.parametrize("name", AREAS)
def test_duckdb_gives_the_answers_of_the_other_engines(name: str) -> None:
    valid = agreement(AREAS[name])

    assert valid > DAYS * CASES / 20, "nearly every case was refused: nothing was tested"
    assert valid < DAYS * CASES, "no case was refused"


# --- Other dialects --------------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", [one for one in DIALECTS if one != "duckdb"])
@pytest.mark.parametrize("name", CONSTRUCTS)
def test_the_text_of_another_dialect_read_back_gives_the_same_answers(
    name: str, dialect: str
) -> None:
    """This shows that the text is valid and consistent, not that a live engine agrees."""
    area = AREAS[name]
    for on, batch in batches(area, SEED, 1, 200):
        tables = relations(area, batch)
        here = statement(area, on).by_wording(["reference"])
        there = statement(area, on, dialect).by_wording(["reference"]).sql(dialect=dialect)
        whole = whole_division(there, dialect)

        assert run(whole, tables) == run(here, tables)


@pytest.mark.parametrize("name", CONSTRUCTS)
def test_statements_do_not_contain_constructs_that_are_silently_wrong(name: str) -> None:
    names = sql_names(AREAS[name])
    for dialect in DIALECTS:
        text = Statement(AREAS[name], ON, dialect).by_rule(names).sql(dialect=dialect)

        for wrong in ("IS TRUE", "IS FALSE", "LEAST(", "GREATEST(", "AS DOUBLE", "TIMESTAMP"):
            assert wrong not in text, dialect
        if dialect != "spark":
            assert "ADD_MONTHS" not in text, dialect


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_name_is_in_quotes_and_the_text_is_on_lines(dialect: str) -> None:
    """Without quotes, a name from a rulebook could be an SQL keyword or change its case."""
    text = sql("pod", on=ON, dialect=dialect, facts=True)

    names = sqlglot.parse_one(text, read=dialect).find_all(exp.Identifier)
    assert {name.name for name in names if not name.quoted} == set()
    assert len(text.splitlines()) > 100


@pytest.mark.parametrize("name", laws.AREAS)
def test_spark_gives_the_answers_of_python(name: str) -> None:
    pytest.importorskip("pyspark.sql", reason="pyspark is not installed here")

    assert spark_agrees(name, Random(SEED), 1000) > 300


# --- The statement for callers ----------------------------------------------------------------------


def test_the_statement_gives_a_word_for_each_rule() -> None:
    area = AREAS["toy"]
    on, batch = next(batches(area, SEED, 1, 300))
    decide = python.compile_area(area)
    text = Statement(area, on).by_rule(sql_names(area)).sql(dialect="duckdb")

    for row, case in zip(run(text, relations(area, batch)), batch, strict=True):
        codes = expected(area, decide, case, on)
        first, second = area.wordings["toy.reading"]
        code = codes[first] or codes[second]
        word = ["not_applicable", "met", "not_met", "cannot_tell", "invalid"][code]
        assert row["toy_reading"] == word
        assert row["stage"] == codes[-1]


def test_an_invalid_row_says_why() -> None:
    area = AREAS["unpaid-work"]
    columns = {name: pa.array([None], ARROW[fact.kind]) for name, fact in area.input_facts.items()}
    columns |= {
        "reference": pa.array(["0"]),
        "sentence_date": pa.array([date(1980, 1, 1)]),
        "order_type": pa.array(["community order"]),
        "extended_to": pa.array([date(2026, 3, 3)]),
    }

    (row,) = run(sql("unpaid-work", on=ON, dialect="duckdb"), {"cases": pa.table(columns)})

    assert row["upw_review_6"] == "invalid"
    assert row["stage"] is None
    assert row["reasons"] == [
        f"must be one of {', '.join(area.facts['order_type'].type.codes)} @ order_type",
        "must be a date from 1990-01-01 to 2100-12-31, as YYYY-MM-DD @ sentence_date",
        "is given, so `extended` must be true @ extended_to",
    ]


@pytest.mark.parametrize(
    ("shown", "members", "outcome"),
    [
        (None, 0, "cannot_tell"),
        (True, 0, "invalid"),
        (False, 1, "cannot_tell"),
        (None, 1, "not_met"),
        (None, 61, "invalid"),
    ],
)
def test_a_list_without_rows_is_unknown_unless_the_case_gives_it(
    shown: bool | None, members: int, outcome: str
) -> None:
    area = AREAS["pod"]
    columns = {name: pa.array([None], ARROW[fact.kind]) for name, fact in area.input_facts.items()}
    columns |= {"reference": pa.array(["0"]), "members_known": pa.array([shown], pa.bool_())}
    people = {
        "pod": pa.array(["0"] * members, pa.string()),
        "grade": pa.array(["PO"] * members, pa.string()),
        "fte": pa.array([Decimal("0.5")] * members, pa.decimal128(4, 2)),
        "nqo_completed": pa.array([False] * members, pa.bool_()),
    }

    (row,) = run(
        sql("pod", on=ON, dialect="duckdb"),
        {"cases": pa.table(columns), "members": pa.table(people)},
    )

    assert row["pod_10_not_only_new"] == outcome


def test_a_prepared_column_is_checked_like_any_other() -> None:
    area = AREAS["appointments"]
    columns = {name: pa.array([None], ARROW[fact.kind]) for name, fact in area.columns.items()}
    columns |= {"sentence_business_days": pa.array([-1]), "reference": pa.array(["0"])}
    columns["problem"] = pa.array([None], pa.list_(pa.string()))
    text = sql("appointments", on=ON, dialect="duckdb")

    (row,) = run(text, {"cases": pa.table(columns)})

    assert row["reasons"] == ["must be a whole number from 0 to 60000 @ sentence_business_days"]


def test_settings_count() -> None:
    kwargs: dict[str, Any] = {"on": date(2026, 11, 21), "dialect": "duckdb"}

    assert sql("unpaid-work", **kwargs) != sql("unpaid-work", **kwargs, settings=EARNED)


@pytest.mark.parametrize(
    ("area", "on", "dialect", "error", "message"),
    [
        (
            "pod",
            ON,
            "tsql",
            InputError,
            "the SQL of `tsql` is not supported; known are duckdb",
        ),
        ("pod", ON, "sparc", InputError, "did you mean `spark`"),
        ("pod", date(2000, 1, 1), "spark", NotInForce, "cover days from"),
        ("pods", ON, "spark", InputError, "did you mean `pod`"),
    ],
)
def test_a_wrong_question_is_refused_by_name(
    area: str, on: date, dialect: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        sql(area, on=on, dialect=dialect)
