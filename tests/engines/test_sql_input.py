"""The first parts of the statement: which rows are valid, and why the others are refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]
import pytest
from sqlglot import exp

from probation_rules.engines.sql.statement import Statement
from probation_rules.rulebook.model import Area
from support.toy import raw, toy_area

ON = date(2026, 3, 2)
CASE = {
    "reference": "0", "started_on": date(2024, 1, 2), "visits": 1, "ended": True,
    "ended_on": date(2024, 3, 1), "kind": "light", "members_known": None,
}  # fmt: skip
MEMBER = {"toy": "0", "grade": "worker", "share": Decimal("0.5"), "settled": True}
TYPES = {
    "started_on": pa.date32(), "visits": pa.int64(), "ended": pa.bool_(), "ended_on": pa.date32(),
    "members_known": pa.bool_(), "share": pa.decimal128(38, 3), "settled": pa.bool_(),
}  # fmt: skip
GRADE = "must be one of lead, worker, learner @ grade of a member"
SHARE = "must be a number from 0.1 to 1.0, at most 2 decimal places @ share of a member"
DATE = "must be a date from 2020-01-01 to 2100-12-31, as YYYY-MM-DD"
LIST = "must be a list of 1 to 3 @ members"


def area(least: int = 1) -> Area:
    """Return the toy area with lists of up to three members, and a default of two visits."""
    content = raw()
    content["members"] |= {"least": least, "most": 3}
    for one in (content["members"]["facts"]["share"], content["parameters"]["slack"]):
        one["places"] = 2
    content["facts"]["visits"]["default"] = 2
    return toy_area(content)


AREA = area()


def table(like: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Return copies of a row with some changes."""
    names = dict.fromkeys(name for row in (like, *rows) for name in row)
    whole = [{**dict.fromkeys(names), **like, **row} for row in rows]
    return pa.table(
        {name: pa.array([row[name] for row in whole], TYPES.get(name)) for name in names}
    )


def asked(query: exp.Expr, **tables: pa.Table) -> list[dict[str, Any]]:
    """Return the rows from DuckDB, by their first column."""
    with duckdb.connect() as connection:
        for name, data in tables.items():
            connection.register(name.replace("_", " "), data)
        rows: list[dict[str, Any]] = (
            connection.sql(query.sql("duckdb")).to_arrow_table().to_pylist()
        )
    return sorted(rows, key=lambda row: tuple(map(str, row.values()))[:1])


def reasons(cases: Sequence[Mapping[str, Any]], members: Sequence[Mapping[str, Any]]) -> list[Any]:
    """Return why each case is refused, or ``None``. Cases have numbers from 100."""
    numbered = [{**case, "reference": str(100 + place)} for place, case in enumerate(cases)]
    rows = asked(
        Statement(AREA, ON).by_wording(["reference"]),
        cases=table(CASE, numbered), members=table(MEMBER, members),
    )  # fmt: skip
    for row in rows:
        refused = {row[f"_rule_{place}"] == 4 for place in range(len(AREA.rules))}
        assert refused == {row["reasons"] is not None}
        assert row["reasons"] is None or row["stage"] is None
    return [row["reasons"] and "; ".join(row["reasons"]) for row in rows]


def test_a_case_is_refused_for_each_of_its_problems() -> None:
    expected: list[tuple[dict[str, Any], str | None]] = [
        ({}, None),
        (dict.fromkeys(CASE), None),
        ({"visits": 0}, None),
        ({"visits": 50}, None),
        ({"visits": -1}, "must be a whole number from 0 to 50 @ visits"),
        ({"visits": 51}, "must be a whole number from 0 to 50 @ visits"),
        ({"started_on": date(2020, 1, 1)}, None),
        ({"started_on": date(2019, 12, 31)}, f"{DATE} @ started_on"),
        ({"started_on": date(9999, 12, 31)}, f"{DATE} @ started_on"),  # a month later is outside the calendar
        ({"ended_on": date(2101, 1, 1)}, f"{DATE} @ ended_on"),
        ({"ended_on": date(2101, 1, 1), "ended": False}, f"{DATE} @ ended_on"),
        ({"ended": False}, "is given, so `ended` must be true @ ended_on"),
        ({"ended": None}, "is given, so `ended` must be true @ ended_on"),
        ({"ended": False, "ended_on": None}, None),
        ({"ended_on": date(2024, 1, 1)}, "it ends before it starts @ ended_on"),
        ({"kind": "LIGHT"}, "must be one of light, heavy, other @ kind"),
        (
            {"visits": 51, "kind": ""},
            "must be a whole number from 0 to 50 @ visits; must be one of light, heavy, other @ kind",
        ),
    ]  # fmt: skip

    assert reasons([case for case, _ in expected], []) == [text for _, text in expected]


def test_a_case_is_refused_for_the_problems_of_its_members() -> None:
    expected: list[tuple[bool | None, list[dict[str, Any]], str | None]] = [
        (None, [], None),
        (False, [], None),
        (True, [], LIST),
        (None, [{}], None),
        (None, [{}] * 3, None),
        (None, [{}] * 4, LIST),
        (False, [{}] * 4, None),
        (None, [{"grade": "boss"}], GRADE),
        (None, [{}, {"grade": "boss"}], GRADE),
        (True, [{"grade": "boss"}] * 2, GRADE),
        (False, [{"grade": "boss"}], None),
        (None, [{"grade": "boss"}] * 4, LIST),
        (None, [{"grade": None, "share": None, "settled": None}], None),
        (None, [{"share": Decimal("0.1")}, {"share": Decimal(1)}], None),
        (None, [{"share": Decimal("0.05")}], SHARE),
        (None, [{"share": Decimal("0.555")}], SHARE),
        (None, [{"share": Decimal("1.1")}], SHARE),
        (None, [{"share": Decimal(10**30)}], SHARE),
        (None, [{"grade": "boss"}, {"share": Decimal(0)}], f"{GRADE}; {SHARE}"),
    ]
    members = [
        {**member, "toy": str(100 + place)}
        for place, (_, team, _) in enumerate(expected)
        for member in team
    ]

    found = reasons([{"members_known": shown} for shown, _, _ in expected], members)

    assert found == [text for _, _, text in expected]


def test_members_are_counted_exactly_and_an_empty_list_may_be_allowed() -> None:
    query = Statement(area(least=0), ON).by_rule(
        dict(zip(AREA.wordings, "abcdefgh", strict=True)), facts=["learners", "work_share"]
    )
    cases = table(CASE, [{"members_known": True, "reference": str(place)} for place in range(2)])
    people = table(
        MEMBER, [{"toy": "1", "share": Decimal("0.75")}, {"toy": "1", "grade": "learner"}]
    )

    found = asked(query, cases=cases, members=people)

    assert [row["reasons"] for row in found] == [None, None]
    assert [(row["learners"], row["work_share"]) for row in found] == [
        (0, Decimal(0)),
        (1, Decimal("0.75")),
    ]


def test_problems_of_a_case_come_before_problems_of_its_members() -> None:
    """Nothing is computed from such a case: here it would be too large for a column."""
    members = [{"toy": "100", "grade": grade} for grade in ("boss", "worker", "worker")]

    found = reasons([{"visits": 2**63 - 1}], members)

    assert found == [f"must be a whole number from 0 to 50 @ visits; {GRADE}"]


# --- Options of the statement ---------------------------------------------------------------------


def test_columns_of_text_are_converted_to_their_types() -> None:
    text = {name: None if value is None else str(value) for name, value in CASE.items()}
    columns = pa.table({name: pa.array([value], pa.string()) for name, value in text.items()})
    people = table(MEMBER, [{}])
    statement = Statement(AREA, ON).by_wording(["reference"])

    (found,) = asked(statement, cases=columns, members=people)
    (right,) = asked(statement, cases=table(CASE, [{}]), members=people)

    assert found == right
    assert found["reasons"] is None


def test_ranges_are_checked_in_columns_of_the_right_types() -> None:
    statement = Statement(AREA, ON, typed=True).by_wording(["reference"])
    cases = table(CASE, [{"reference": "0", "visits": 51}, {"reference": "1"}])
    people = table(MEMBER, [{"toy": "1", "share": Decimal("0.555")}])

    visits, share = asked(statement, cases=cases, members=people)

    assert visits["reasons"] == ["must be a whole number from 0 to 50 @ visits"]
    assert share["reasons"] == [SHARE]


def test_words_in_typed_columns_are_not_checked_again() -> None:
    """They are in a DuckDB enum, which is faster to compare and cannot contain other words."""
    listed = "IN ('lead', 'worker', 'learner')"

    text, known = (
        Statement(AREA, ON, typed=typed).by_wording().sql("duckdb") for typed in (False, True)
    )

    assert listed in text
    assert listed not in known
    assert 'CAST("kind" AS ' not in known


def test_a_value_that_could_not_be_read_or_differs_between_rows_is_refused() -> None:
    statement = Statement(
        AREA, ON, unread=("visits", "ended"), of_members_unread=("grade",), clashing=("kind",)
    ).by_wording(["reference"])
    nothing = {"_unread_visits": False, "_unread_ended": False, "_clash_kind": False}
    cases = table(
        CASE | nothing,
        [
            {"reference": "0", "visits": None, "_unread_visits": True},
            {"reference": "1", "_unread_ended": True},
            {"reference": "2", "_clash_kind": True},
            {"reference": "3"},
            {"reference": "4"},
        ],
    )
    people = table(
        MEMBER,
        [{"toy": "3", "grade": None, "_unread_grade": True}, {"toy": "4", "_unread_grade": False}],
    )

    assert [row["reasons"] for row in asked(statement, cases=cases, members=people)] == [
        ["must be a whole number from 0 to 50 @ visits"],
        ["must be true or false @ ended"],
        ["must be the same in all rows of the case @ kind"],
        [GRADE],
        None,
    ]


def test_tables_and_their_keys_may_have_other_names_and_further_columns() -> None:
    """Two cases may then have the same reference, each with its own members."""
    statement = Statement(
        AREA, ON, key=("number", "team"), tables=("my cases", "my people"), kept=("extra",)
    )
    cases = table(
        CASE, [{"number": 1, "extra": "a", "visits": 9}, {"number": 2, "extra": "b", "visits": 51}]
    )
    people = table(MEMBER, [{"team": 1, "grade": "boss"}, {"team": 2}])

    query = statement.by_wording(["extra", "reference"])
    found = asked(query, my_cases=cases, my_people=people)

    assert [(row["extra"], row["reference"], row["reasons"]) for row in found] == [
        ("a", "0", [GRADE]),
        ("b", "0", ["must be a whole number from 0 to 50 @ visits"]),
    ]


def test_members_that_are_counted_already_are_not_read_again() -> None:
    cases = table(CASE, [{"reference": str(place)} for place in range(3)])
    people = table(MEMBER, [{"toy": "0"}, {"toy": "1", "grade": "learner"}, {"toy": "1"}])
    plain = Statement(AREA, ON)
    counted = plain.tally()
    with duckdb.connect() as connection:
        connection.register("members", people)
        tallied = connection.sql(counted.sql("duckdb")).to_arrow_table()

    query = Statement(AREA, ON, tallied="tallied").by_wording(["reference"])
    found = asked(query, cases=cases, tallied=tallied)

    assert found == asked(plain.by_wording(["reference"]), cases=cases, members=people)
    assert len({str(tuple(row.values())[1:]) for row in found}) > 1


@pytest.mark.parametrize(
    ("assumed", "visits", "kind"), [({}, 2, None), ({"visits": 9, "kind": "other"}, 9, "other")]
)
def test_an_assumed_value_replaces_only_an_unknown(
    assumed: dict[str, Any], visits: int, kind: str | None
) -> None:
    """Without an assumed value, a missing value gets the default from the rules file."""
    unknown = {**CASE, "visits": None, "kind": None}
    cases = table(unknown, [{"reference": "0"}, {"reference": "1", "visits": 4, "kind": "heavy"}])

    query = Statement(AREA, ON, assumed=assumed).by_wording(["reference", "visits", "kind"])
    found = asked(query, cases=cases, members=table(MEMBER, [{}]))

    assert [(row["visits"], row["kind"]) for row in found] == [(visits, kind), (4, "heavy")]
