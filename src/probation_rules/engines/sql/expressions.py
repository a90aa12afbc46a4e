"""Expressions as SQL with the same meaning in every dialect, built from nodes and never from text.

The more usual forms are silently wrong somewhere: `IS TRUE` loses the unknown in Trino; `CASE ...
ELSE` treats an unknown test as false; `LEAST` skips NULL in DuckDB and Spark; operands without
brackets are printed without them; a date plus an interval is a timestamp. `AND`, `OR`, `NOT`,
comparisons and sums are three-valued in SQL as they are here.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial, reduce

from attrs import frozen
from sqlglot import exp

from probation_rules.engines.sql.nodes import (
    Term,
    both,
    chosen,
    column,
    counted,
    every,
    literal,
    named,
    negated,
    one_of,
    some,
    when,
)
from probation_rules.language import intervals
from probation_rules.language.specialise import Specialiser
from probation_rules.language.tree import (
    OPPOSITE,
    And,
    Call,
    Compare,
    Constant,
    Count,
    If,
    Name,
    Node,
    Not,
    Or,
)

_COMPARE: dict[str, type[exp.Binary]] = {
    "<": exp.LT, "<=": exp.LTE, ">": exp.GT, ">=": exp.GTE, "==": exp.EQ, "!=": exp.NEQ,
}  # fmt: skip
_ARITHMETIC: dict[str, type[exp.Binary]] = {"+": exp.Add, "-": exp.Sub, "*": exp.Mul}


@frozen
class Expressions:
    """Writes the expressions of one area on one day as SQL.

    Attributes:
        specialiser: The definitions of names, and the names of numbers with bounds.
        truncates: Whether `/` of whole numbers gives a whole number in the dialect.
    """

    specialiser: Specialiser
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
            case If():
                return chosen(
                    self.value(node.test), self.value(node.then), self.value(node.otherwise)
                )
            case Call(function="in", arguments=(item, *_)):
                return one_of(self.value(item), node.words)
            case Call(function=function):
                return self.call(function, [self.value(part) for part in node.arguments])
        raise AssertionError(node)

    def ends(self, node: Node) -> tuple[Term, Term]:
        """Return the terms for the lowest and the highest value of a number."""
        if not self.specialiser.is_bounded(node):
            value = self.value(node)
            return value, value
        match node:
            case Name(name=name):
                return column(f"_low_{name}"), column(f"_high_{name}")
            case Call(arguments=arguments):
                return intervals.calculated(node, list(map(self.ends, arguments)), self.call)
        raise AssertionError(node)

    def defined(self, name: str, node: Node) -> list[Term]:
        """Return the columns of a definition: one, or two for a number with bounds."""
        if name not in self.specialiser.bounded:
            return [named(self.value(node), name)]
        low, high = self.ends(node)
        return [named(low, f"_low_{name}"), named(high, f"_high_{name}")]

    # --- plain values ------------------------------------------------------------------------

    def call(self, function: str, parts: Sequence[Term]) -> Term:
        """Return a function of the language on its arguments."""
        match function:
            case "+" | "-" | "*":
                return both(_ARITHMETIC[function], *parts)
            case "min" | "max":
                return reduce(partial(self.pick, function), parts)
            case "divide_down":
                return self.whole(parts[0], parts[1])
            case "divide_up":
                part, divisor = parts
                return self.whole(both(exp.Add, part, self.one_less(divisor)), divisor)
            case "round_half_up":
                part, divisor = parts
                twice = both(exp.Add, part, part)
                return self.whole(both(exp.Add, twice, divisor), both(exp.Add, divisor, divisor))
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
        """Return a date moved by some months or days, as a date and not a timestamp."""
        whole = exp.cast(number, "INT")
        return exp.cast(exp.DateAdd(this=start, expression=whole, unit=exp.var(unit)), "DATE")

    def pick(self, function: str, left: Term, right: Term) -> Term:
        """Return the lower or the higher of two values; unknown if one of them is unknown."""
        first, second = (exp.LTE, exp.GT) if function == "min" else (exp.GTE, exp.LT)
        if isinstance(left, exp.Literal):
            # One test is enough: if the other value is unknown, the test fails and returns it.
            return when((both(first, left, right), left), otherwise=right)
        return when(
            (both(first, left, right), left),
            (both(second, left, right), right),
        )

    def whole(self, number: Term, divisor: Term) -> Term:
        """Return a quotient without its fraction. The checker allows only numbers from 0."""
        if self.truncates:
            return exp.Paren(this=exp.Div(this=number, expression=divisor, typed=True))
        return both(exp.IntDiv, number, divisor)

    def one_less(self, term: Term) -> Term:
        """Return a number less one."""
        return both(exp.Sub, term, literal(1))

    # --- numbers known by their bounds -------------------------------------------------------

    def compare(self, node: Compare) -> Term:
        """Return a comparison that is known if it is the same for every value within the bounds."""
        if not self.specialiser.is_bounded(node):
            return both(_COMPARE[node.operator], self.value(node.left), self.value(node.right))
        left, right = self.ends(node.left), self.ends(node.right)
        yes, no = (
            some([
                every([both(_COMPARE[sign], one, other) for one, sign, other in way])
                for way in intervals.ways(operator, left, right)
            ])
            for operator in (node.operator, OPPOSITE[node.operator])
        )  # fmt: skip
        return when((yes, literal(value=True)), (no, literal(value=False)))


def count_ends(expressions: Expressions, node: Count) -> tuple[Term, Term]:
    """Return the aggregates for the lowest and highest number, or total, of members that count.

    A member that may or may not count is only in the highest.
    """
    counts = expressions.value(node.predicate)
    if node.field is None:
        low = counted(counts)
        unknown = both(exp.Sub, exp.Count(this=exp.Star()), exp.Count(this=counts))
        return low, both(exp.Add, low, unknown)
    amount = column(node.field.name)
    ends = []
    for end, pick in ((node.field.type.low, "min"), (node.field.type.high, "max")):
        known = exp.Coalesce(this=amount, expressions=[literal(end)])
        maybe = expressions.pick(pick, literal(0), known)
        each = when((counts, known), (negated(counts), literal(0)), otherwise=maybe)
        ends.append(exp.cast(exp.Sum(this=each), "BIGINT"))
    return ends[0], ends[1]
