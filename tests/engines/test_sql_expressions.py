"""Each construct means the same in SQL as in the interpreter, with unknowns and with bounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import product
from typing import Any, cast

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]
import pytest
from sqlglot import exp

from probation_rules.engines.sql.expressions import Expressions, count_ends
from probation_rules.engines.sql.nodes import column, named, none_of, select, unscaled
from probation_rules.language.interpret import Bounds, Interpreter
from probation_rules.language.lower import Lowering
from probation_rules.language.parse import parse
from probation_rules.language.specialise import Specialiser
from probation_rules.language.tree import Call, Count, Name, Node, Type, names, walk
from support.caseloads import ARROW
from support.scope import SCOPE
from support.toy import toy_area

AREA = toy_area()
ON = date(2026, 3, 2)
DATABASE = duckdb.connect()

Row = Mapping[str, Any]


def lowered(text: str) -> Node:
    return Lowering({}, {}).lower(parse(text, SCOPE))


def bounded(*numbers: str) -> Expressions:
    """Return a writer of SQL that knows bounds for these numbers."""
    special = Specialiser(AREA.definitions, AREA.facts, AREA.settings, ON)
    special.bounded.update(numbers)
    return Expressions(special, truncates=False)


def asked(
    columns: Sequence[exp.Expr], kinds: Mapping[str, str], rows: Sequence[Row], *, by: str = ""
) -> list[Any]:
    """Return the result of DuckDB for each row of a table, or for each group."""
    table = pa.table(
        {name: pa.array([row[name] for row in rows], ARROW[kind]) for name, kind in kinds.items()}
    )
    DATABASE.register("rows", table)
    query = exp.select(*columns).from_("rows").group_by(*([by] if by else []))
    return DATABASE.execute(query.sql("duckdb")).fetchall()


# --- Plain values ---------------------------------------------------------------------------------

VALUES: dict[str, tuple[Any, ...]] = {
    "done": (True, False, None),
    "opened": (True, False, None),
    "grade": ("PO", "CA", None),
    "minutes": (0, 1, 7, 8, None),
    "huge": (0, 2, 7, None),
    "change": (-5, 0, 3, None),
    "people": (0, 3, None),
    "limit": (6, 12, None),
    "grace": (0, 31, None),
    "started_on": (date(2024, 1, 31), date(2024, 2, 29), date(2025, 6, 15), None),
    "on": (date(2024, 2, 29), date(2025, 6, 15), None),
}


# Expressions for numbers that may be unknown, and again for numbers with bounds.
OF_NUMBERS = (
    "minutes < huge",
    "minutes <= huge",
    "minutes > huge",
    "minutes >= huge",
    "minutes == huge",
    "minutes != huge",
    "minutes + huge",
    "minutes - huge",
    "minutes * people",
    "divide_down(minutes, max(1, people))",
    "divide_up(minutes, max(1, people))",
    "round_half_up(minutes, max(1, people))",
    "min(minutes, huge)",
    "max(minutes, huge)",
    "min(minutes, huge, change)",
)


@pytest.mark.parametrize(
    "text",
    [
        *OF_NUMBERS,
        "not done",
        "done and opened and minutes > 1",
        "done or opened or minutes > 1",
        "not (done and opened) or not (done or opened)",
        "grade in ('PO', 'PSO')",
        "grade == 'PO'",
        "change < 0",
        "(huge if done else change) == minutes",
        "minutes - (huge - change)",
        "max(minutes, huge, change)",
        "max(1, minutes)",
        "add_days(started_on, grace)",
        "add_months(started_on, limit)",
        "last_day(started_on, limit)",
        "days_between(started_on, on)",
        "min(started_on, on)",
    ],
)
def test_an_expression_agrees_with_the_interpreter(text: str) -> None:
    node = lowered(text)
    used = list(dict.fromkeys(names(node)))
    rows = [dict(zip(used, row, strict=True)) for row in product(*(VALUES[one] for one in used))]
    kinds = {name: SCOPE.names[name].kind for name in used}

    found = asked([bounded().value(node)], kinds, rows)

    for row, (value,) in zip(rows, found, strict=True):
        expected = Interpreter(row, {}).value(node)
        assert (value, type(value)) == (expected, type(expected)), row


# --- Numbers known by their bounds ----------------------------------------------------------------

ENDS: dict[str, tuple[Any, ...]] = {
    "minutes": ((0, 0), (0, 2), (2, 3), (3, 5), (None, None)),
    "huge": ((0, 3), (2, 2), (3, 4), (None, None)),
    "change": ((-5, -1), (-1, 3), (2, 2), (None, None)),
    "people": ((1, 1), (1, 3), (None, None)),
}


def is_known(ends: tuple[Any, Any]) -> Any:
    low, high = ends
    return low if low == high else Bounds(low, high)


@pytest.mark.parametrize(
    "text",
    [
        *OF_NUMBERS,
        "minutes < 1",
        "1 <= minutes",
        "minutes - change",
        "change * people",
        "minutes * people - huge * people",
        "max(minutes, 1, change)",
    ],
)
def test_a_number_with_bounds_agrees_with_the_interpreter(text: str) -> None:
    node = lowered(text)
    used = list(dict.fromkeys(names(node)))
    expressions = bounded(*used)
    every = [dict(zip(used, row, strict=True)) for row in product(*(ENDS[one] for one in used))]
    rows = [
        {f"_{end}_{name}": value for name in used for end, value in zip(("low", "high"), row[name], strict=True)}
        for row in every
    ]  # fmt: skip

    columns = expressions.ends(node) if node.type.kind == "int" else [expressions.value(node)]
    found = asked(columns, dict.fromkeys(rows[0], "int"), rows)

    for row, values in zip(every, found, strict=True):
        facts = {name: is_known(ends) for name, ends in row.items()}
        expected = Interpreter(cast("Any", facts), {}).value(node)
        assert (is_known(values) if len(values) > 1 else values[0]) == expected, row


def test_a_product_of_numbers_with_any_sign_has_the_right_bounds() -> None:
    name = Name(Type("int", low=-1, high=5), "n")

    ends = bounded("n").ends(Call(Type("int"), "*", (name, name)))

    kinds = {"_low_n": "int", "_high_n": "int"}
    assert asked(ends, kinds, [{"_low_n": -1, "_high_n": 3}]) == [(-3, 9)]


@pytest.mark.parametrize("least", [0, 1])
def test_a_product_of_numbers_from_zero_does_not_need_a_choice(least: int) -> None:
    """Otherwise a statement with products of products would grow too large to run."""
    name = Name(Type("int", low=least, high=5), "n")

    for end in bounded("n").ends(Call(Type("int"), "*", (name, name))):
        assert not end.find(exp.Case)


# --- Nodes ---------------------------------------------------------------------------------------


def test_a_name_may_be_an_sql_keyword_and_contain_spaces() -> None:
    """People name facts, tables and columns, and do not have to know SQL."""
    DATABASE.register("my order", pa.table({"group by": [7]}))
    columns = [named(column("group by"), "select"), column("group by", "my order")]

    found = DATABASE.execute(select(columns, "my order").sql("duckdb")).fetchall()

    assert found == [(7, 7)]


def test_none_of_an_empty_list_of_tests_is_true() -> None:
    assert asked([none_of([])], {"done": "bool"}, [{"done": None}]) == [(True,)]


@pytest.mark.parametrize(("places", "value"), [(1, "-12.3"), (2, "-1.23"), (4, "-0.0123")])
def test_a_scaled_number_is_returned_as_the_exact_decimal(places: int, value: str) -> None:
    found = asked([unscaled(column("fte"), places)], {"fte": "int"}, [{"fte": -123}])

    assert found == [(Decimal(value),)]


# --- Members ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["count(members, settled)", "total(members, owed, settled)"])
def test_members_that_may_count_are_only_in_one_bound(text: str) -> None:
    (node,) = (one for one in walk(lowered(text)) if isinstance(one, Count))
    member = [
        {"settled": settled, "owed": owed}
        for settled in (True, False, None)
        for owed in (-3, 4, None)
    ]
    teams = [[one] for one in member] + [list(pair) for pair in product(member, repeat=2)]
    rows = [{"team": place, **one} for place, team in enumerate(teams) for one in team]
    columns = [column("team"), *count_ends(bounded(), node)]

    found = asked(columns, {"team": "int", "settled": "bool", "owed": "int"}, rows, by="team")

    for place, *ends in found:
        expected = Interpreter({}, {}, teams[place]).value(node)
        assert is_known((ends[0], ends[1])) == expected, teams[place]
    assert len(found) == len(teams)
