"""SQL nodes with the same meaning in every dialect. They are built, and never parsed from text.

Operands are in brackets, because the printer does not add them. Names are quoted. An unknown test
is never treated as false. Nodes are not copied while the statement is built, because that would take
most of the time. So a term may be used in several places. The statement is copied once, for printing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import reduce

from sqlglot import exp

from probation_rules.language.tree import Value

SQL_TYPES = {"bool": "BOOLEAN", "int": "BIGINT", "date": "DATE", "code": "VARCHAR"}
Term = exp.Expr


def column(name: str, table: str | None = None) -> Term:
    """Return a quoted column."""
    return exp.column(name, table=table, quoted=True)


def named(term: Term, name: str) -> Term:
    """Return a term under a quoted name."""
    return exp.alias_(term, name, quoted=True, copy=False)


def literal(value: Value | None, kind: str = "bool") -> Term:
    """Return a Python value as an SQL literal; ``None`` is a NULL with the type of the kind."""
    if value is None:
        return exp.cast(exp.Null(), SQL_TYPES[kind])
    if isinstance(value, bool):
        return exp.Boolean(this=value)
    if isinstance(value, date):
        return exp.cast(exp.Literal.string(value.isoformat()), "DATE")
    if isinstance(value, int):
        number = exp.Literal.number(abs(value))
        return exp.Paren(this=exp.Neg(this=number)) if value < 0 else number
    return exp.Literal.string(value)


def both(operator: type[exp.Binary], left: Term, right: Term) -> Term:
    """Return two terms joined by an operator, in brackets."""
    return exp.Paren(this=operator(this=left, expression=right))


def every(terms: Sequence[Term]) -> Term:
    """Return whether all terms are true."""
    return _chain(exp.And, terms)


def some(terms: Sequence[Term]) -> Term:
    """Return whether at least one term is true."""
    return _chain(exp.Or, terms)


def negated(term: Term) -> Term:
    """Return whether a term is false."""
    return exp.Paren(this=exp.Not(this=term))


def one_of(term: Term, words: Sequence[str]) -> Term:
    """Return whether a term is one of some words."""
    return exp.Paren(this=exp.In(this=term, expressions=[exp.Literal.string(one) for one in words]))


def or_else(term: Term, other: Term) -> Term:
    """Return a term, or another term if it is unknown."""
    return exp.Coalesce(this=term, expressions=[other])


def is_null(term: Term) -> Term:
    """Return whether a term is unknown."""
    return exp.Paren(this=exp.Is(this=term, expression=exp.Null()))


def when(*branches: tuple[Term, Term], otherwise: Term | None = None) -> Term:
    """Return the value of the first branch with a true test, or else `otherwise` or unknown."""
    if otherwise and not branches:
        return otherwise
    ifs = [exp.If(this=test, true=then) for test, then in branches]
    case = exp.Case(ifs=ifs, default=otherwise) if otherwise else exp.Case(ifs=ifs)
    return exp.Paren(this=case)


def chosen(test: Term, then: Term, otherwise: Term) -> Term:
    """Return one of two values by a test. If the test is unknown, return the value if both agree."""
    return when(
        (test, then),
        (negated(test), otherwise),
        (both(exp.EQ, then, otherwise), then),
    )


def between(term: Term, low: Term, high: Term) -> Term:
    """Return whether a term lies between two others, both included."""
    return exp.Paren(this=exp.Between(this=term, low=low, high=high))


def none_of(tests: Sequence[Term]) -> Term:
    """Return whether none of the tests is true. The result is never unknown.

    This is a choice and not a conjunction, because a database stops at the first true branch of a
    choice, but may compute every part of a conjunction.
    """
    false, true = literal(value=False), literal(value=True)
    return when(*((test, false) for test in tests), otherwise=true)


def no_texts() -> Term:
    """Return an empty list of texts."""
    return exp.cast(exp.Array(expressions=[]), "ARRAY<VARCHAR>")


def texts_of(tests: Sequence[tuple[Term, str]]) -> Term:
    """Return the list of the texts whose tests are true."""
    found = no_texts()
    for test, text in tests:
        each = when((test, exp.Array(expressions=[literal(text)])), otherwise=no_texts())
        found = both(exp.DPipe, found, each)
    return found


def counted(test: Term) -> Term:
    """Return the aggregate that counts the rows for which a test is true."""
    return exp.Count(this=exp.Nullif(this=test, expression=literal(value=False)))


def unscaled(term: Term, places: int) -> Term:
    """Return the exact decimal for a scaled whole number."""
    exact, unit = f"DECIMAL(18, {places})", f"{Decimal(1).scaleb(-places):f}"
    times = exp.cast(exp.Literal.string(unit), exact)
    return exp.cast(both(exp.Mul, exp.cast(term, "DECIMAL(18, 0)"), times), exact)


def table(name: str, called: str | None = None) -> exp.Table:
    """Return a quoted table, under another name if one is given."""
    return exp.table_(name, quoted=True, alias=exp.to_identifier(called, quoted=True))


def select(columns: Sequence[Term], source: str) -> exp.Select:
    """Return the SELECT of columns of a table."""
    return exp.select(*columns, copy=False).from_(table(source), copy=False)


def _chain(operator: type[exp.Binary], terms: Sequence[Term]) -> Term:
    if len(terms) == 1:
        return terms[0]
    return exp.Paren(this=reduce(lambda one, other: operator(this=one, expression=other), terms))
