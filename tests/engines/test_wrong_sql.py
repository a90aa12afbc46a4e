"""The comparison in `make assure` notices a wrong SQL construct."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from sqlglot import exp

from support.laws import SEED, tables_agree


def is_true(term: exp.Expr) -> exp.Expr:
    """Return `NOT (a IS TRUE)`, which treats an unknown as false."""
    return exp.Not(this=exp.Is(this=exp.Paren(this=term), expression=exp.true()))


def two_way(test: exp.Expr, then: exp.Expr, other: exp.Expr) -> exp.Expr:
    return exp.Case(ifs=[exp.If(this=test, true=then)], default=other)


def least(_: Any, function: str, left: exp.Expr, right: exp.Expr) -> exp.Expr:
    kind = exp.Least if function == "min" else exp.Greatest
    return kind(this=left, expressions=[right], ignore_nulls=True)


def unbracketed(operator: type[exp.Binary], items: list[exp.Expr]) -> exp.Expr:
    found: exp.Expr = items[0]
    for item in items[1:]:
        found = operator(this=found, expression=item)
    return found


def thirty_days(_: Any, start: exp.Expr, number: exp.Expr, unit: str) -> exp.Expr:
    times = exp.Literal.number(30 if unit == "MONTH" else 1)
    days = exp.Mul(this=exp.Paren(this=number), expression=times)
    moved = exp.DateAdd(this=start, expression=exp.Paren(this=days), unit=exp.var("DAY"))
    return exp.cast(moved, "DATE")


MUTATIONS: dict[str, tuple[str, Callable[..., exp.Expr]]] = {
    "IS TRUE": ("probation_rules.engines.sql.statement.negated", is_true),
    "CASE with an unknown": ("probation_rules.engines.sql.expressions.chosen", two_way),
    "LEAST": ("probation_rules.engines.sql.expressions.Expressions.pick", least),
    "missing brackets": ("probation_rules.engines.sql.nodes._chain", unbracketed),
    "month arithmetic": ("probation_rules.engines.sql.expressions.Expressions.moved", thirty_days),
}


@pytest.mark.parametrize("construct", MUTATIONS)
def test_a_wrong_construct_is_noticed(construct: str, monkeypatch: pytest.MonkeyPatch) -> None:
    random = Random(SEED)
    monkeypatch.setattr(*MUTATIONS[construct])

    with pytest.raises(AssertionError):
        sum(tables_agree("unpaid-work", random, 400) for _ in range(4))
