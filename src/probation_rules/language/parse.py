"""Text of a condition -> a typed expression tree, or one message with a caret under the fault.

Python's own parser reads the text; nothing is ever evaluated. Every node of its tree must be on
the short list below, and everything is typed, with its unit and its range, on the way.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Mapping
from datetime import date
from typing import Literal, NoReturn, cast

from attrs import evolve, frozen

from probation_rules.errors import did_you_mean
from probation_rules.language import dates
from probation_rules.language.tree import (
    And,
    Arithmetic,
    At,
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
    Type,
    children,
)
from probation_rules.language.units import CONVERSIONS, Unit, combine, parse_unit, unit_text

LONGEST_TEXT = 500
DEEPEST = 20
# Above this a float-backed engine (durable_rules, some SQL) would no longer be exact.
LARGEST = 2**53
NAME = re.compile(r"[a-z][a-z0-9_]*")
FUNCTIONS = (
    "add_months", "last_day", "add_days", "days_between", "min", "max", "at", "count", "total",
    "divide_down", "divide_up",
)  # fmt: skip

BOOL = Type("bool")
_OPERATORS: dict[type[ast.AST], str] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*",
}  # fmt: skip


class ConditionError(Exception):
    """A condition text that is refused; the message shows the place."""

    def __init__(self, text: str, message: str, start: int, end: int) -> None:
        caret = " " * start + "^" * max(1, min(end, len(text)) - start)
        super().__init__(f"{message}\n    {text}\n    {caret}")


@frozen
class Scope:
    """What the names in a condition stand for.

    Attributes:
        names: Types of facts, derived facts and parameters.
        parameters: Which of the names are parameters.
        members: Types of the fields of a member, inside `count` and `total`.
        list_name: The name of the list of members.
    """

    names: Mapping[str, Type]
    parameters: frozenset[str]
    members: Mapping[str, Type]
    list_name: str | None = None


def parse(text: str, scope: Scope) -> Node:
    """Return the typed tree of a condition or value.

    Raises:
        ConditionError: The text is no expression of the language; one fault is named.
    """
    text = " ".join(text.split())
    if len(text) > LONGEST_TEXT:
        raise ConditionError(text[:60] + " ...", f"longer than {LONGEST_TEXT} characters", 0, 60)
    if not text.isascii():
        place = next(i for i, letter in enumerate(text) if not letter.isascii())
        raise ConditionError(text, "only plain ASCII letters and signs are read", place, place + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what Python would say of its own programs
            tree = ast.parse(text, mode="eval").body
    except SyntaxError as error:
        start = (error.offset or 1) - 1
        raise ConditionError(text, "this cannot be read as a condition", start, start + 1) from None
    except (RecursionError, MemoryError, ValueError):
        raise ConditionError(text, "this cannot be read as a condition", 0, len(text)) from None
    return _Checker(text, scope).visit(tree, DEEPEST)


class _Checker:
    """Types one parsed text. Each method takes a node of Python's tree and returns one of ours."""

    def __init__(self, text: str, scope: Scope) -> None:
        self.text = text
        self.scope = scope
        self.in_members = False

    def refuse(self, node: ast.expr, message: str) -> NoReturn:
        raise ConditionError(
            self.text, message, node.col_offset, node.end_col_offset or len(self.text)
        )

    def visit(self, node: ast.expr, depth: int) -> Node:
        if depth == 0:
            self.refuse(node, f"nested more than {DEEPEST} deep; give a part of it a name")
        match node:
            case ast.BoolOp():
                return self.joined(node, depth - 1)
            case ast.UnaryOp(op=ast.Not()):
                return Not(BOOL, self.boolean(node.operand, depth - 1))
            case ast.Compare():
                return self.compared(node, depth - 1)
            case ast.BinOp():
                return self.arithmetic(node, depth - 1)
            case ast.IfExp():
                return self.choice(node, depth - 1)
            case ast.Call():
                return self.call(node, depth - 1)
            case ast.Name():
                return self.name(node)
            case ast.Constant():
                return self.constant(node)
        return self.refuse(node, "the language has no such expression")

    # --- parts -------------------------------------------------------------------------------

    def boolean(self, node: ast.expr, depth: int) -> Node:
        found = self.visit(node, depth)
        if found.type.kind != "bool":
            self.refuse(node, f"this is {_kind(found.type)}; a true-or-false condition is needed")
        return found

    def number(self, node: ast.expr, depth: int) -> Node:
        found = self.visit(node, depth)
        if found.type.kind != "int":
            self.refuse(node, f"this is {_kind(found.type)}; a number is needed")
        return found

    def day(self, node: ast.expr, depth: int) -> Node:
        found = self.visit(node, depth)
        if found.type.kind != "date":
            self.refuse(node, f"this is {_kind(found.type)}; a date is needed")
        return found

    def name(self, node: ast.Name) -> Node:
        if self.in_members and node.id in self.scope.members:
            return Name(self.scope.members[node.id], node.id, of_member=True)
        if node.id == self.scope.list_name:
            self.refuse(node, f"`{node.id}` is a list: use it in `count` or `total`")
        if node.id not in self.scope.names:
            known = [*self.scope.names, *(self.scope.members if self.in_members else ())]
            self.refuse(node, f"unknown name `{node.id}`{did_you_mean(node.id, known)}")
        return Name(self.scope.names[node.id], node.id)

    def constant(self, node: ast.Constant) -> Node:
        match node.value:
            case bool() | None:
                self.refuse(node, "write the fact itself, or `not` before it")
            case int(value) if value in (0, 1):
                return Constant(Type("int", unit=None, low=value, high=value), value)
            case int(value) if value in CONVERSIONS:
                unit = parse_unit(CONVERSIONS[value].removeprefix("1 / "))
                return Constant(Type("int", unit=unit, low=value, high=value), value)
            case int():
                self.refuse(
                    node, "a bare figure: give it a name under [parameters], with its source"
                )
            case str(value):
                return Constant(Type("code", codes=(value,)), value)
        return self.refuse(node, "only whole numbers and code words can be written here")

    # --- conditions --------------------------------------------------------------------------

    def joined(self, node: ast.BoolOp, depth: int) -> Node:
        self.want_brackets(*node.values)
        items = tuple(self.boolean(value, depth) for value in node.values)
        return And(BOOL, items) if isinstance(node.op, ast.And) else Or(BOOL, items)

    def want_brackets(self, *parts: ast.expr) -> None:
        """Refuse a mix of `and`, `or` and `if` that a reader would have to know precedence for."""
        for part in parts:
            bracketed = self.text[: part.col_offset].rstrip().endswith("(")
            if isinstance(part, ast.BoolOp | ast.IfExp) and not bracketed:
                self.refuse(part, "put brackets round this, so that nobody has to guess")

    def compared(self, node: ast.Compare, depth: int) -> Node:
        if isinstance(node.ops[0], ast.In | ast.NotIn):
            return self.one_of(node, depth)
        if len({_direction(op) for op in node.ops}) > 1 or (
            len(node.ops) > 1 and _direction(node.ops[0]) == "="
        ):
            self.refuse(node, "a chain must run in one direction, as in `a <= b < c`")
        parts = [node.left, *node.comparators]
        pairs = tuple(
            self.pair(node, op, left, right, depth)
            for op, left, right in zip(node.ops, parts, parts[1:], strict=False)
        )
        return pairs[0] if len(pairs) == 1 else And(BOOL, pairs)

    def pair(
        self, node: ast.Compare, op: ast.cmpop, left: ast.expr, right: ast.expr, depth: int
    ) -> Node:
        operator = _OPERATORS.get(type(op))
        if operator is None:
            self.refuse(node, "compare with < <= > >= == != or `in`")
        a, b = self.visit(left, depth), self.visit(right, depth)
        if a.type.kind == "bool" or b.type.kind == "bool":
            self.refuse(
                node, "do not compare true-or-false facts: write the fact, or `not` before it"
            )
        if isinstance(a, Constant) and isinstance(b, Constant):
            self.refuse(node, "two constants compared: this is always the same")
        if a.type.kind == "code" and b.type.kind == "code":
            self.codes(node, operator, a, b)
        else:
            self.same(node, a, b)
            a, b = self.scaled(operator, a, b)
            if _decided(operator, a.type, b.type):
                self.refuse(node, "by the declared ranges this is always the same")
        return Compare(BOOL, operator, a, b)

    def codes(self, node: ast.Compare, operator: str, a: Node, b: Node) -> None:
        if operator not in ("==", "!="):
            self.refuse(node, "code words have no order; compare them with == or !=")
        for one, other in ((a, b), (b, a)):
            if isinstance(one, Constant):
                self.known_word(node, cast("str", one.value), other.type.codes)
        constant = isinstance(a, Constant | If) or isinstance(b, Constant | If)
        if not constant and set(a.type.codes) != set(b.type.codes):
            self.refuse(node, "these code words come from different lists")

    def known_word(self, node: ast.expr, word: str, codes: tuple[str, ...]) -> None:
        if word not in codes:
            hint = did_you_mean(word, codes) or f"; allowed are {', '.join(codes)}"
            self.refuse(node, f"`{word}` is no word of this list{hint}")

    def one_of(self, node: ast.Compare, depth: int) -> Node:
        item, words = self.visit(node.left, depth), node.comparators[0]
        if len(node.ops) > 1 or isinstance(node.ops[0], ast.NotIn):
            self.refuse(node, "write `not (x in (...))` or a plain `x in (...)`")
        if item.type.kind != "code":
            self.refuse(node.left, f"this is {_kind(item.type)}; `in` is for code words")
        if not isinstance(words, ast.Tuple) or not words.elts:
            self.refuse(
                words, "a list of words in brackets is needed; one word wants a comma: ('a',)"
            )
        found = tuple(
            element.value
            for element in words.elts
            if isinstance(element, ast.Constant) and isinstance(element.value, str)
        )
        if len(found) < len(words.elts):
            self.refuse(words, "only code words in quotes can stand here")
        for word in found:
            self.known_word(words, word, item.type.codes)
        if set(found) == set(item.type.codes):
            self.refuse(node, "every word of the list is named: this is always true")
        return In(BOOL, item, found)

    def choice(self, node: ast.IfExp, depth: int) -> Node:
        if not isinstance(node.orelse, ast.IfExp):  # a ladder of choices reads well without
            self.want_brackets(node.orelse)
        self.want_brackets(node.body)
        test = self.boolean(node.test, depth)
        then, otherwise = self.visit(node.body, depth), self.visit(node.orelse, depth)
        self.same(node, then, otherwise)
        then, otherwise = self.scaled("if", then, otherwise)
        found = If(_hull(then.type, otherwise.type), test, then, otherwise)
        if _ifs_deep(found) > 2:  # noqa: PLR2004 (a limit of the language, not of policy)
            self.refuse(node, "more than two `if` inside one another: give one of them a name")
        return found

    def same(self, node: ast.expr, a: Node, b: Node) -> None:
        """Refuse two values that cannot be compared, added or chosen between."""
        if a.type.kind != b.type.kind:
            self.refuse(node, f"{_kind(a.type)} and {_kind(b.type)} do not go together")
        if a.type.kind == "int":
            if None not in (a.type.unit, b.type.unit) and a.type.unit != b.type.unit:
                self.refuse(
                    node,
                    f"`{unit_text(a.type.unit or ())}` and `{unit_text(b.type.unit or ())}` "
                    "are different units",
                )
            bare = any(isinstance(one, Constant) and one.type.unit is None for one in (a, b))
            if a.type.places != b.type.places and not bare:
                self.refuse(node, "the two numbers have different decimal places")

    # --- numbers -----------------------------------------------------------------------------

    def arithmetic(self, node: ast.BinOp, depth: int) -> Node:
        operator = _OPERATORS.get(type(node.op))
        if operator is None:
            self.refuse(
                node, "only + - * are known; for shares multiply both sides, or divide_down"
            )
        a, b = self.visit(node.left, depth), self.visit(node.right, depth)
        if "date" in (a.type.kind, b.type.kind):
            self.refuse(node, "use add_days, add_months or days_between with dates")
        for part, found in ((node.left, a), (node.right, b)):
            if found.type.kind != "int":
                self.refuse(part, f"this is {_kind(found.type)}; a number is needed")
        unit: Unit | None
        if operator == "*":
            unit = combine(a.type.unit or (), b.type.unit or (), 1)
            places = a.type.places + b.type.places
        else:
            self.same(node, a, b)
            unit = b.type.unit if a.type.unit is None else a.type.unit
            places = max(a.type.places, b.type.places)
        a, b = self.scaled(operator, a, b)
        low, high = self.bounds(node, operator, a.type, b.type)
        return Arithmetic(Type("int", unit=unit, places=places, low=low, high=high), operator, a, b)

    def scaled(self, operator: str, a: Node, b: Node) -> tuple[Node, Node]:
        """Give a bare 0 or 1 the decimal places of the number it is added to or compared with."""
        if operator == "*" or a.type.places == b.type.places:
            return a, b
        places = max(a.type.places, b.type.places)
        return _with_places(a, places), _with_places(b, places)

    def bounds(self, node: ast.expr, operator: str, a: Type, b: Type) -> tuple[int, int]:
        ends = [
            x + y if operator == "+" else x - y if operator == "-" else x * y
            for x in _ends(a)
            for y in _ends(b)
        ]
        if max(abs(end) for end in ends) > LARGEST:
            self.refuse(node, "by the declared ranges this can grow too large to be exact")
        return min(ends), max(ends)

    # --- functions ---------------------------------------------------------------------------

    def call(self, node: ast.Call, depth: int) -> Node:
        function = node.func.id if isinstance(node.func, ast.Name) else None
        if function not in FUNCTIONS:
            hint = did_you_mean(function, FUNCTIONS) if function else ""
            self.refuse(
                node.func, f"unknown function{hint or '; known are ' + ', '.join(FUNCTIONS)}"
            )
        if node.keywords:
            self.refuse(node, "arguments have no names here")
        method = {"min": "least_or_most", "max": "least_or_most", "total": "count"}.get(
            function, function
        )
        method = {"divide_up": "divide", "divide_down": "divide", "last_day": "add_months"}.get(
            method, method
        )
        found: Node = getattr(self, f"call_{method}")(node, function, depth)
        return found

    def arguments(self, node: ast.Call, wanted: int, example: str) -> list[ast.expr]:
        if len(node.args) != wanted:
            self.refuse(node, f"write it as `{example}`")
        return node.args

    def call_add_months(self, node: ast.Call, function: str, depth: int) -> Node:
        start, months = self.arguments(node, 2, f"{function}(date, months)")
        day, count = self.day(start, depth), self.number(months, depth)
        if not (isinstance(count, At) or self.is_parameter(count)):
            self.refuse(months, "the number of months must be a parameter")
        self.in_unit(months, count, "month")
        if _ends(count.type)[0] < 1:
            self.refuse(months, "the number of months must be at least 1")
        reckon = dates.add_months if function == "add_months" else dates.last_day
        low, high = self.moved(node, day.type, count.type, reckon)
        return Call(Type("date", low=low, high=high), function, (day, count))

    def call_add_days(self, node: ast.Call, function: str, depth: int) -> Node:
        start, number = self.arguments(node, 2, "add_days(date, days)")
        day, count = self.day(start, depth), self.number(number, depth)
        self.in_unit(number, count, "day")
        low, high = self.moved(node, day.type, count.type, dates.add_days)
        return Call(Type("date", low=low, high=high), function, (day, count))

    def moved(self, node: ast.Call, day: Type, count: Type, reckon: object) -> tuple[date, date]:
        (low, high), (least, most) = _dates(day), _ends(count)
        try:
            return reckon(low, least), reckon(high, most)  # type: ignore[operator]
        except (OverflowError, ValueError):
            self.refuse(node, "by the declared ranges this can leave the calendar")

    def call_days_between(self, node: ast.Call, function: str, depth: int) -> Node:
        first, second = self.arguments(node, 2, "days_between(earlier, later)")
        a, b = self.day(first, depth), self.day(second, depth)
        (a_low, a_high), (b_low, b_high) = _dates(a.type), _dates(b.type)
        day = Type("int", parse_unit("day"), low=(b_low - a_high).days, high=(b_high - a_low).days)
        return Call(day, function, (a, b))

    def call_least_or_most(self, node: ast.Call, function: str, depth: int) -> Node:
        if len(node.args) < 2:  # noqa: PLR2004 (a least of one is no choice)
            self.refuse(node, f"write it as `{function}(a, b)`")
        found = [self.visit(argument, depth) for argument in node.args]
        first = next((one for one in found if one.type.unit is not None), found[0])
        for one, argument in zip(found, node.args, strict=True):
            if one.type.kind not in ("int", "date"):
                self.refuse(argument, f"this is {_kind(one.type)}; a number or a date is needed")
            self.same(node, first, one)
        places = max(one.type.places for one in found)
        found = [_with_places(one, places) for one in found]
        pick = min if function == "min" else max
        unit = next((one.type.unit for one in found if one.type.unit is not None), None)
        low = pick(one.type.low for one in found)  # type: ignore[type-var]
        high = pick(one.type.high for one in found)  # type: ignore[type-var]
        kind = evolve(found[0].type, unit=unit, low=low, high=high)
        return Call(kind, function, tuple(found))

    def call_divide(self, node: ast.Call, function: str, depth: int) -> Node:
        top, below = self.arguments(node, 2, f"{function}(whole, part)")
        a, b = self.number(top, depth), self.number(below, depth)
        if _ends(a.type)[0] < 0:
            self.refuse(top, "by the declared ranges this can be negative; use max(0, ...)")
        if _ends(b.type)[0] < 1:
            self.refuse(below, "by the declared ranges this can be 0 or less; use max(1, ...)")
        if a.type.places < b.type.places:
            self.refuse(node, "the divisor has more decimal places than the whole")
        (least, most), (fewest, greatest) = _ends(a.type), _ends(b.type)
        kind = Type(
            "int",
            unit=combine(a.type.unit or (), b.type.unit or (), -1),
            places=a.type.places - b.type.places,
            low=least // greatest,
            high=-(-most // fewest),
        )
        return Call(kind, function, (a, b))

    def call_at(self, node: ast.Call, function: str, depth: int) -> Node:
        name, day = self.arguments(node, 2, f"{function}(parameter, date)")
        if not (isinstance(name, ast.Name) and name.id in self.scope.parameters):
            self.refuse(name, f"the name of a parameter is needed{self.near_parameter(name)}")
        return At(self.scope.names[name.id], name.id, self.day(day, depth))

    def near_parameter(self, node: ast.expr) -> str:
        word = node.id if isinstance(node, ast.Name) else ""
        return did_you_mean(word, self.scope.parameters)

    def call_count(self, node: ast.Call, function: str, depth: int) -> Node:
        example = (
            "total(members, field, predicate)"
            if function == "total"
            else "count(members, predicate)"
        )
        first, *middle, last = self.arguments(node, 2 + (function == "total"), example)
        if self.in_members or self.scope.list_name is None:
            self.refuse(node, "there is no list to count here")
        if not (isinstance(first, ast.Name) and first.id == self.scope.list_name):
            self.refuse(first, f"the list is called `{self.scope.list_name}`")
        self.in_members = True
        predicate = self.boolean(last, depth)
        value = self.number(middle[0], depth) if middle else None
        self.in_members = False
        if middle and not (isinstance(value, Name) and value.of_member):
            self.refuse(middle[0], "a field of a member is needed")
        return self.counted(first.id, predicate, cast("Name | None", value))

    def counted(self, members: str, predicate: Node, value: Name | None) -> Node:
        most = cast("int", self.scope.names[members].high)
        if value is None:
            kind = Type("int", parse_unit("person"), low=0, high=most)
        else:
            low, high = _ends(value.type)
            kind = evolve(value.type, low=min(0, low * most), high=max(0, high * most))
        return Count(kind, members, predicate, value)

    # --- small things ------------------------------------------------------------------------

    def is_parameter(self, node: Node) -> bool:
        return isinstance(node, Name) and node.name in self.scope.parameters

    def in_unit(self, place: ast.expr, found: Node, unit: str) -> None:
        if found.type.unit is not None and found.type.unit != parse_unit(unit):
            self.refuse(place, f"this is in `{unit_text(found.type.unit)}`; `{unit}` is needed")


def _kind(kind: Type) -> str:
    return {"bool": "true or false", "int": "a number", "date": "a date", "code": "a code word"}[
        kind.kind
    ]


def _direction(op: ast.cmpop) -> Literal["<", ">", "=", "?"]:
    if isinstance(op, ast.Lt | ast.LtE):
        return "<"
    if isinstance(op, ast.Gt | ast.GtE):
        return ">"
    return "=" if isinstance(op, ast.Eq | ast.NotEq) else "?"


def _ends(kind: Type) -> tuple[int, int]:
    return cast("int", kind.low), cast("int", kind.high)


def _dates(kind: Type) -> tuple[date, date]:
    return cast("date", kind.low), cast("date", kind.high)


def _hull(a: Type, b: Type) -> Type:
    """The type of a value that is one of two."""
    if a.kind in ("int", "date"):
        low, high = min(a.low, b.low), max(a.high, b.high)  # type: ignore[type-var]
        return evolve(a, unit=b.unit if a.unit is None else a.unit, low=low, high=high)
    return evolve(a, codes=tuple(dict.fromkeys(a.codes + b.codes)))


def _with_places(node: Node, places: int) -> Node:
    if node.type.places == places or not isinstance(node, Constant):
        return node
    value = cast("int", node.value) * 10**places
    return Constant(evolve(node.type, places=places, low=value, high=value), value)


def _decided(operator: str, a: Type, b: Type) -> bool:
    """Whether the ranges alone settle a comparison."""
    a_low, a_high, b_low, b_high = a.low, a.high, b.low, b.high
    below = a_high < b_low  # type: ignore[operator]
    above = a_low > b_high  # type: ignore[operator]
    touching_below = a_high <= b_low  # type: ignore[operator]
    touching_above = a_low >= b_high  # type: ignore[operator]
    return {
        "<": below or touching_above,
        ">=": below or touching_above,
        ">": above or touching_below,
        "<=": above or touching_below,
        "==": below or above,
        "!=": below or above,
    }[operator]


def _ifs_deep(node: Node) -> int:
    inner = max((_ifs_deep(child) for child in children(node)), default=0)
    return inner + isinstance(node, If)
