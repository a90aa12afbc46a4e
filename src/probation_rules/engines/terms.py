"""Expressions as SQL that means the same in every dialect, built of nodes and never of text.

Each construct here was chosen because its likelier spelling is silently wrong somewhere: `IS TRUE`
loses the unknown in Trino, `CASE ... ELSE` takes an unknown test for a false one, `LEAST` skips
NULL in DuckDB and Spark, operands without brackets print without them, a date plus an interval is
a timestamp. `AND`, `OR`, `NOT`, comparisons and sums are three-valued in SQL as they are here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from attrs import frozen
from sqlglot import exp

from probation_rules.engines.fold import Fold
from probation_rules.language.tree import (
    And,
    Arithmetic,
    Call,
    Compare,
    Constant,
    Count,
    If,
    In,
    Name,
    Node,
    Not,
    Or,
    Value,
    children,
)

SQL_TYPES = {"bool": "BOOLEAN", "int": "BIGINT", "date": "DATE", "code": "VARCHAR"}
_COMPARE: dict[str, type[exp.Binary]] = {
    "<": exp.LT, "<=": exp.LTE, ">": exp.GT, ">=": exp.GTE, "==": exp.EQ, "!=": exp.NEQ,
}  # fmt: skip
_ARITHMETIC: dict[str, type[exp.Binary]] = {"+": exp.Add, "-": exp.Sub, "*": exp.Mul}
SEPARATOR = "; "  # between the reasons why a row is invalid
Term = exp.Expr


def column(name: str, table: str | None = None) -> Term:
    """Return a quoted column."""
    return exp.column(name, table=table, quoted=True)


def named(term: Term, name: str) -> Term:
    """Return a term under a quoted name."""
    # A copy, since the same term may stand in several places and a printer may change what it prints.
    return exp.alias_(term, name, quoted=True)


def literal(value: Value | None, kind: str = "bool") -> Term:
    """Return a value of Python as one of SQL; ``None`` is a NULL of the kind."""
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
    """Return whether all terms hold."""
    return _chain(exp.And, terms)


def some(terms: Sequence[Term]) -> Term:
    """Return whether any term holds."""
    return _chain(exp.Or, terms)


def negated(term: Term) -> Term:
    """Return whether a term is false."""
    return exp.Paren(this=exp.Not(this=term))


def one_of(term: Term, words: Sequence[str]) -> Term:
    """Return whether a term is one of some words."""
    return exp.Paren(this=exp.In(this=term, expressions=[exp.Literal.string(one) for one in words]))


def or_else(term: Term, other: Term) -> Term:
    """Return a term, or another where it is unknown."""
    return exp.Coalesce(this=term, expressions=[other])


def is_null(term: Term) -> Term:
    """Return whether a term is unknown."""
    return exp.Paren(this=exp.Is(this=term, expression=exp.Null()))


def when(*branches: tuple[Term, Term], otherwise: Term | None = None) -> Term:
    """Return the first branch whose test is true; without `otherwise`, unknown."""
    if otherwise and not branches:
        return otherwise
    ifs = [exp.If(this=test, true=then) for test, then in branches]
    case = exp.Case(ifs=ifs, default=otherwise) if otherwise else exp.Case(ifs=ifs)
    return exp.Paren(this=case)


def chosen(test: Term, then: Term, otherwise: Term) -> Term:
    """Return one of two values by a test; where the test is unknown, the value if both agree."""
    return when(
        (test, then),
        (negated(test), otherwise),
        (both(exp.EQ, then, otherwise), then),
    )


def between(term: Term, low: Term, high: Term) -> Term:
    """Return whether a term lies between two others, both included."""
    return exp.Paren(this=exp.Between(this=term, low=low, high=high))


def none_of(tests: Sequence[Term]) -> Term:
    """Return whether none of some tests is true: never unknown, since an unknown is not true.

    A database looks at the branches of a choice one by one, and only as far as it must, where it
    would work out every part of a conjunction.
    """
    false, true = literal(value=False), literal(value=True)
    return when(*((test, false) for test in tests), otherwise=true)


def said(tests: Sequence[tuple[Term, str]]) -> Term:
    """Return what is said of the tests that are true, each after a separator."""
    nothing: Term = literal("")
    found = nothing
    for test, text in tests:
        each = when((test, literal(f"{SEPARATOR}{text}")), otherwise=nothing)
        found = both(exp.DPipe, found, each)
    return found


def counted(test: Term) -> Term:
    """Return the aggregate for how many rows a test is true of."""
    return exp.Count(this=exp.Nullif(this=test, expression=literal(value=False)))


def unscaled(term: Term, places: int) -> Term:
    """Return the exact decimal that a scaled whole number stands for."""
    unit = exp.cast(exp.Literal.string(f"{10.0**-places:.{places}f}"), f"DECIMAL(18, {places})")
    return exp.cast(both(exp.Mul, exp.cast(term, "DECIMAL(18, 0)"), unit), f"DECIMAL(18, {places})")


def table(name: str) -> exp.Table:
    """Return a quoted table."""
    return exp.table_(name, quoted=True)


def select(columns: Sequence[Term], source: str) -> exp.Select:
    """Return the SELECT of columns of a table."""
    return exp.select(*columns).from_(table(source))


def _chain(operator: type[exp.Binary], terms: Sequence[Term]) -> Term:
    found: Term = terms[0]
    for term in terms[1:]:
        found = operator(this=found, expression=term)
    return exp.Paren(this=found)


@frozen
class Terms:
    """Writes the expressions of one area on one day.

    Attributes:
        fold: What names mean, and which are known by their bounds.
        truncates: Whether `/` between whole numbers is whole in the dialect.
    """

    fold: Fold
    truncates: bool

    def value(self, node: Node) -> Term:
        """Return the term for a value; NULL is unknown."""
        match node:
            case Constant():
                return literal(node.value, node.type.kind)
            case Name():
                return column(node.name)
            case Not():
                return negated(self.value(node.item))
            case And():
                return every([self.value(item) for item in node.items])
            case Or():
                return some([self.value(item) for item in node.items])
            case Compare():
                return self.compare(node)
            case In():
                return one_of(self.value(node.item), node.words)
            case If():
                return chosen(
                    self.value(node.test), self.value(node.then), self.value(node.otherwise)
                )
            case Arithmetic(operator=operator):
                return both(_ARITHMETIC[operator], self.value(node.left), self.value(node.right))
            case Call(function=function):
                return self.call(function, [self.value(part) for part in node.arguments])
        raise AssertionError(node)

    def ends(self, node: Node) -> tuple[Term, Term]:
        """Return the terms for the lowest and the highest value of a number."""
        if not self.fold.is_bounded(node):
            value = self.value(node)
            return value, value
        match node:
            case Name(name=name):
                return column(f"_low_{name}"), column(f"_high_{name}")
            case Arithmetic(operator=operator, left=left, right=right):
                return self.bounds(operator, node, self.ends(left), self.ends(right))
            case Call(function=function, arguments=(first, *rest)):
                found = self.ends(first)
                for part in rest:
                    found = self.bounds(function, node, found, self.ends(part))
                return found
        raise AssertionError(node)

    def defined(self, name: str, node: Node) -> list[Term]:
        """Return the columns that hold a definition: one, or two for a number known by bounds."""
        if name not in self.fold.bounded:
            return [named(self.value(node), name)]
        low, high = self.ends(node)
        return [named(low, f"_low_{name}"), named(high, f"_high_{name}")]

    # --- plain values ------------------------------------------------------------------------

    def call(self, function: str, parts: Sequence[Term]) -> Term:
        """Return a function of the language on its arguments."""
        match function:
            case "min" | "max":
                found = parts[0]
                for part in parts[1:]:
                    found = self.pick(function, found, part)
                return found
            case "divide_down":
                return self.whole(parts[0], parts[1])
            case "divide_up":
                part, divisor = parts
                return self.whole(both(exp.Add, part, self.one_less(divisor)), divisor)
            case "days_between":
                earlier, later = parts
                days = exp.DateDiff(this=later, expression=earlier, unit=exp.var("DAY"))
                return exp.cast(days, "BIGINT")
            case "last_day":
                start, months = parts
                end = self.moved(start, months, "MONTH")
                same = [exp.Day(this=end), exp.Day(this=start)]
                return when(
                    (both(exp.EQ, *same), self.moved(end, literal(-1), "DAY")),
                    (both(exp.NEQ, *same), end),
                )
        start, number = parts
        return self.moved(start, number, "MONTH" if function == "add_months" else "DAY")

    def moved(self, start: Term, number: Term, unit: str) -> Term:
        """Return a date so many months or days on: a date, where it would be a timestamp too."""
        if not isinstance(number, exp.Literal):
            number = exp.cast(number, "INT")
        return exp.cast(exp.DateAdd(this=start, expression=number, unit=exp.var(unit)), "DATE")

    def pick(self, function: str, left: Term, right: Term) -> Term:
        """Return the lesser or the greater; unknown where either is."""
        first, second = (exp.LTE, exp.GT) if function == "min" else (exp.GTE, exp.LT)
        if isinstance(left, exp.Literal):
            # One test is enough: it fails where the other is unknown, which then is the answer.
            return when((both(first, left, right), left), otherwise=right)
        return when(
            (both(first, left, right), left),
            (both(second, left, right), right),
        )

    def whole(self, number: Term, divisor: Term) -> Term:
        """Return a quotient without its fraction; the checker lets no sign in that would matter."""
        if self.truncates:
            return exp.Paren(this=exp.Div(this=number, expression=divisor, typed=True))
        return both(exp.IntDiv, number, divisor)

    def one_less(self, term: Term) -> Term:
        """Return a number less one."""
        return both(exp.Sub, term, literal(1))

    # --- numbers known by their bounds -------------------------------------------------------

    def compare(self, node: Compare) -> Term:
        """Return a comparison, decided where every value within the bounds agrees."""
        if not self.fold.is_bounded(node):
            return both(_COMPARE[node.operator], self.value(node.left), self.value(node.right))
        (a, b), (c, d) = self.ends(node.left), self.ends(node.right)
        one_value = every([both(exp.EQ, a, b), both(exp.EQ, b, c), both(exp.EQ, c, d)])
        apart = some([both(exp.LT, b, c), both(exp.GT, a, d)])
        yes, no = {
            "<": (both(exp.LT, b, c), both(exp.GTE, a, d)),
            "<=": (both(exp.LTE, b, c), both(exp.GT, a, d)),
            ">": (both(exp.GT, a, d), both(exp.LTE, b, c)),
            ">=": (both(exp.GTE, a, d), both(exp.LT, b, c)),
            "==": (one_value, apart),
            "!=": (apart, one_value),
        }[node.operator]
        return when((yes, literal(value=True)), (no, literal(value=False)))

    def bounds(
        self, function: str, node: Node, left: tuple[Term, Term], right: tuple[Term, Term]
    ) -> tuple[Term, Term]:
        """Return the ends of a function of two numbers known by their ends."""
        (a, b), (c, d) = left, right
        pairs = {
            "-": ((a, d), (b, c)),
            "divide_down": ((a, d), (b, c)),
            "divide_up": ((a, d), (b, c)),
        }
        (low_left, low_right), (high_left, high_right) = pairs.get(function, ((a, c), (b, d)))
        if function == "*" and not all(_never_negative(part) for part in children(node)):
            products = [both(exp.Mul, x, y) for x in (a, b) for y in (c, d)]
            return self.call("min", products), self.call("max", products)
        found = []
        for one, other in ((low_left, low_right), (high_left, high_right)):
            parts = (one, other)
            operator = _ARITHMETIC.get(function)
            found.append(both(operator, *parts) if operator else self.call(function, parts))
        return found[0], found[1]


def count_ends(terms: Terms, node: Count) -> tuple[Term, Term]:
    """Return the aggregates for the lowest and highest number, or total, of members that count.

    A member of whom it is unknown whether it counts is in the highest alone.
    """
    counts = terms.value(node.predicate)
    if node.field is None:
        low = counted(counts)
        unknown = both(exp.Sub, exp.Count(this=exp.Star()), exp.Count(this=counts))
        return low, both(exp.Add, low, unknown)
    amount = column(node.field.name)
    ends = []
    for end, pick in ((node.field.type.low, "min"), (node.field.type.high, "max")):
        known = exp.Coalesce(this=amount, expressions=[literal(end)])
        maybe = terms.pick(pick, literal(0), known)
        each = when((counts, known), (negated(counts), literal(0)), otherwise=maybe)
        ends.append(exp.cast(exp.Sum(this=each), "BIGINT"))
    return ends[0], ends[1]


def _never_negative(node: Node) -> bool:
    return isinstance(node.type.low, int) and node.type.low >= 0
