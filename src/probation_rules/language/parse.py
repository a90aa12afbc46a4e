"""Turn the text of a condition into a typed tree, or raise an error that marks the fault.

Python's own parser reads the text; nothing is ever evaluated. Only the kinds of nodes in
`Checker.visit` are allowed. Each node gets its type, with unit and range.
"""

from __future__ import annotations

import ast
import re
import warnings
from typing import Literal, NoReturn, cast

from probation_rules.errors import did_you_mean
from probation_rules.language.calls import CALLS
from probation_rules.language.ranges import (
    LARGEST,
    TOO_LARGE,
    difference,
    ends,
    is_always_same,
    union_type,
    with_places,
)
from probation_rules.language.scope import Scope
from probation_rules.language.tree import (
    BOOL,
    And,
    Call,
    Compare,
    Constant,
    If,
    Name,
    Node,
    Not,
    Or,
    Type,
    children,
)
from probation_rules.language.units import CONVERSIONS, Unit, combine, parse_unit

LONGEST_TEXT = 500
DEEPEST = 20
NAME = re.compile(r"[a-z][a-z0-9_]*")

_OPERATORS: dict[type[ast.AST], str] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*",
}  # fmt: skip


class ConditionError(Exception):
    """A condition is refused. The message shows the text with a caret under the fault."""

    def __init__(self, text: str, message: str, start: int, end: int) -> None:
        caret = " " * start + "^" * max(1, min(end, len(text)) - start)
        super().__init__(f"{message}\n    {text}\n    {caret}")


def parse(text: str, scope: Scope) -> Node:
    """Return the typed tree of a condition or value.

    Raises:
        ConditionError: The text is not a valid condition; the message describes the first fault.
    """
    text = " ".join(text.split())
    if len(text) > LONGEST_TEXT:
        raise ConditionError(text[:60] + " ...", f"longer than {LONGEST_TEXT} characters", 0, 60)
    if not text.isascii():
        place = next(i for i, letter in enumerate(text) if not letter.isascii())
        raise ConditionError(text, "only plain ASCII characters are allowed", place, place + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python's warnings are about programs
            tree = ast.parse(text, mode="eval").body
    except SyntaxError as error:
        start = (error.offset or 1) - 1
        raise ConditionError(text, "this cannot be read as a condition", start, start + 1) from None
    except (RecursionError, MemoryError, ValueError):
        raise ConditionError(text, "this cannot be read as a condition", 0, len(text)) from None
    return Checker(text, scope).visit(tree, DEEPEST)


class Checker:
    """Adds types to one parsed text. Each method takes a Python node and returns a `Node`."""

    def __init__(self, text: str, scope: Scope) -> None:
        self.text = text
        self.scope = scope
        self.in_members = False

    def refuse(self, node: ast.expr, message: str) -> NoReturn:
        """Raise a `ConditionError` that marks a part of the text."""
        raise ConditionError(
            self.text, message, node.col_offset, node.end_col_offset or len(self.text)
        )

    def visit(self, node: ast.expr, depth: int) -> Node:
        """Return the typed expression of a part. It may contain `depth` more levels."""
        if depth == 0:
            text = f"more than {DEEPEST} levels of nesting; move a part of it to [derived]"
            self.refuse(node, text)
        match node:
            case ast.BoolOp():
                return self._joined(node, depth - 1)
            case ast.UnaryOp(op=ast.Not()):
                return Not(BOOL, self.boolean(node.operand, depth - 1))
            case ast.Compare():
                return self._compared(node, depth - 1)
            case ast.BinOp():
                return self._arithmetic(node, depth - 1)
            case ast.IfExp():
                return self._choice(node, depth - 1)
            case ast.Call():
                return self._call(node, depth - 1)
            case ast.Name():
                return self._name(node)
            case ast.Constant():
                return self._constant(node)
        return self.refuse(node, "the rule language does not have this kind of expression")

    # --- parts -------------------------------------------------------------------------------

    def boolean(self, node: ast.expr, depth: int) -> Node:
        """Return the typed expression of a part that must be true or false."""
        value = self.visit(node, depth)
        if value.type.kind != "bool":
            self.refuse(node, f"this is {value.type.noun}; a true-or-false condition is needed")
        return value

    def number(self, node: ast.expr, depth: int) -> Node:
        """Return the typed expression of a part that must be a number."""
        value = self.visit(node, depth)
        if value.type.kind != "int":
            self.refuse(node, f"this is {value.type.noun}; a number is needed")
        return value

    def day(self, node: ast.expr, depth: int) -> Node:
        """Return the typed expression of a part that must be a date."""
        value = self.visit(node, depth)
        if value.type.kind != "date":
            self.refuse(node, f"this is {value.type.noun}; a date is needed")
        return value

    def _name(self, node: ast.Name) -> Node:
        if self.in_members and node.id in self.scope.members:
            return Name(self.scope.members[node.id], node.id, of_member=True)
        if node.id == self.scope.list_name:
            self.refuse(node, f"`{node.id}` is a list: use it in `count` or `total`")
        if node.id not in self.scope.names:
            known = [*self.scope.names, *(self.scope.members if self.in_members else ())]
            self.refuse(node, f"unknown name `{node.id}`{did_you_mean(node.id, known)}")
        return Name(self.scope.names[node.id], node.id)

    def _constant(self, node: ast.Constant) -> Node:
        match node.value:
            case bool() | None:
                self.refuse(
                    node, "do not write True, False or None: write the fact, or `not` before it"
                )
            case int(value) if value in (0, 1):
                return Constant(Type("int", unit=None, low=value, high=value), value)
            case int(value) if value in CONVERSIONS:
                unit = parse_unit(CONVERSIONS[value].removeprefix("1 / "))
                return Constant(Type("int", unit=unit, low=value, high=value), value)
            case int():
                self.refuse(
                    node,
                    "a figure needs a source: add it to [parameters], and write its name here",
                )
            case str(value):
                return Constant(Type("code", codes=(value,)), value)
        return self.refuse(node, "only whole numbers and code words can be written here")

    # --- conditions --------------------------------------------------------------------------

    def _joined(self, node: ast.BoolOp, depth: int) -> Node:
        self._want_brackets(*node.values)
        items = tuple(self.boolean(value, depth) for value in node.values)
        return And(BOOL, items) if isinstance(node.op, ast.And) else Or(BOOL, items)

    def _want_brackets(self, *parts: ast.expr) -> None:
        """Refuse a mix of `and`, `or` and `if` whose meaning depends on precedence."""
        for part in parts:
            bracketed = self.text[: part.col_offset].rstrip().endswith("(")
            if isinstance(part, ast.BoolOp | ast.IfExp) and not bracketed:
                self.refuse(part, "put brackets round this part, so that the order is clear")

    def _compared(self, node: ast.Compare, depth: int) -> Node:
        if isinstance(node.ops[0], ast.In | ast.NotIn):
            return self._one_of(node, depth)
        if len({_direction(op) for op in node.ops}) > 1 or (
            len(node.ops) > 1 and _direction(node.ops[0]) == "="
        ):
            self.refuse(
                node, "all comparisons in a chain must have the same direction: `a <= b < c`"
            )
        parts = [node.left, *node.comparators]
        pairs = tuple(
            self._pair(node, op, left, right, depth)
            for op, left, right in zip(node.ops, parts, parts[1:], strict=False)
        )
        return pairs[0] if len(pairs) == 1 else And(BOOL, pairs)

    def _pair(
        self, node: ast.Compare, op: ast.cmpop, left: ast.expr, right: ast.expr, depth: int
    ) -> Node:
        operator = _OPERATORS.get(type(op))
        if operator is None:
            self.refuse(node, "this comparison is not allowed; use < <= > >= == != or `in`")
        a, b = self.visit(left, depth), self.visit(right, depth)
        if a.type.kind == "bool" or b.type.kind == "bool":
            self.refuse(
                node, "do not compare true-or-false facts: write the fact, or `not` before it"
            )
        if isinstance(a, Constant) and isinstance(b, Constant):
            self.refuse(node, "both sides are constants, so the result is always the same")
        if a.type.kind == "code" and b.type.kind == "code":
            self._codes(node, operator, a, b)
        else:
            self.same(node, a, b)
            a, b = self._scaled(operator, a, b)
            if is_always_same(operator, a.type, b.type):
                self.refuse(node, "the declared ranges make the result always the same")
        return Compare(BOOL, operator, a, b)

    def _codes(self, node: ast.Compare, operator: str, a: Node, b: Node) -> None:
        if operator not in ("==", "!="):
            self.refuse(node, "code words have no order; compare them with == or !=")
        for one, other in ((a, b), (b, a)):
            if isinstance(one, Constant):
                self._known_word(node, cast("str", one.value), other.type.codes)
        constant = isinstance(a, Constant | If) or isinstance(b, Constant | If)
        if not constant and set(a.type.codes) != set(b.type.codes):
            self.refuse(node, "these code words come from different lists")

    def _known_word(self, node: ast.expr, word: str, codes: tuple[str, ...]) -> None:
        if word not in codes:
            hint = did_you_mean(word, codes) or f"; allowed are {', '.join(codes)}"
            self.refuse(node, f"`{word}` is not in this list of words{hint}")

    def _one_of(self, node: ast.Compare, depth: int) -> Node:
        item, words = self.visit(node.left, depth), node.comparators[0]
        if len(node.ops) > 1 or isinstance(node.ops[0], ast.NotIn):
            self.refuse(node, "write `x in (...)` or `not (x in (...))`")
        if item.type.kind != "code":
            self.refuse(node.left, f"this is {item.type.noun}; `in` is for code words")
        if not isinstance(words, ast.Tuple) or not words.elts:
            self.refuse(
                words, "a list of words in brackets is needed; a single word needs a comma: ('a',)"
            )
        listed = tuple(
            element.value
            for element in words.elts
            if isinstance(element, ast.Constant) and isinstance(element.value, str)
        )
        if len(listed) < len(words.elts):
            self.refuse(words, "only code words in quotes are allowed here")
        for word in listed:
            self._known_word(words, word, item.type.codes)
        if set(listed) == set(item.type.codes):
            self.refuse(node, "this contains every allowed word, so it is always true")
        constants = (Constant(Type("code", codes=(word,)), word) for word in listed)
        return Call(BOOL, "in", (item, *constants))

    def _choice(self, node: ast.IfExp, depth: int) -> Node:
        if not isinstance(node.orelse, ast.IfExp):  # `a if x else b if y else c` is clear
            self._want_brackets(node.orelse)
        self._want_brackets(node.body)
        test = self.boolean(node.test, depth)
        then, otherwise = self.visit(node.body, depth), self.visit(node.orelse, depth)
        self.same(node, then, otherwise)
        then, otherwise = self._scaled("if", then, otherwise)
        choice = If(union_type(then.type, otherwise.type), test, then, otherwise)
        if _if_depth(choice) > 2:  # noqa: PLR2004 (a limit of the language, not of policy)
            self.refuse(node, "more than two nested `if`: move one of them to [derived]")
        return choice

    def same(self, node: ast.expr, a: Node, b: Node) -> None:
        """Refuse two values that cannot be compared, added or chosen between."""
        if text := difference(a, b):
            self.refuse(node, text)

    # --- numbers -----------------------------------------------------------------------------

    def _arithmetic(self, node: ast.BinOp, depth: int) -> Node:
        operator = _OPERATORS.get(type(node.op))
        if operator is None:
            self.refuse(
                node, "only + - * are allowed; to divide, use divide_down or multiply both sides"
            )
        a, b = self.visit(node.left, depth), self.visit(node.right, depth)
        if "date" in (a.type.kind, b.type.kind):
            self.refuse(node, "use add_days, add_months or days_between with dates")
        for part, value in ((node.left, a), (node.right, b)):
            if value.type.kind != "int":
                self.refuse(part, f"this is {value.type.noun}; a number is needed")
        unit: Unit | None
        if operator == "*":
            unit = combine(a.type.unit or (), b.type.unit or (), 1)
            places = a.type.places + b.type.places
        else:
            self.same(node, a, b)
            unit = b.type.unit if a.type.unit is None else a.type.unit
            places = max(a.type.places, b.type.places)
        a, b = self._scaled(operator, a, b)
        low, high = self._bounds(node, operator, a.type, b.type)
        return Call(Type("int", unit=unit, places=places, low=low, high=high), operator, (a, b))

    def _scaled(self, operator: str, a: Node, b: Node) -> tuple[Node, Node]:
        """Give a bare 0 or 1 the same decimal places as the other side."""
        if operator == "*" or a.type.places == b.type.places:
            return a, b
        places = max(a.type.places, b.type.places)
        return with_places(a, places), with_places(b, places)

    def _bounds(self, node: ast.expr, operator: str, a: Type, b: Type) -> tuple[int, int]:
        results = [
            x + y if operator == "+" else x - y if operator == "-" else x * y
            for x in ends(a)
            for y in ends(b)
        ]
        if max(map(abs, results)) > LARGEST:
            self.refuse(node, TOO_LARGE)
        return min(results), max(results)

    def _call(self, node: ast.Call, depth: int) -> Node:
        function = node.func.id if isinstance(node.func, ast.Name) else ""
        if function not in CALLS:
            hint = did_you_mean(function, CALLS)
            self.refuse(node.func, f"unknown function{hint or '; known are ' + ', '.join(CALLS)}")
        if node.keywords:
            self.refuse(node, "arguments cannot be given by name; write the values in order")
        return CALLS[function](self, node, function, depth)


def _direction(op: ast.cmpop) -> Literal["<", ">", "=", "?"]:
    if isinstance(op, ast.Lt | ast.LtE):
        return "<"
    if isinstance(op, ast.Gt | ast.GtE):
        return ">"
    return "=" if isinstance(op, ast.Eq | ast.NotEq) else "?"


def _if_depth(node: Node) -> int:
    inner = max((_if_depth(child) for child in children(node)), default=0)
    return inner + isinstance(node, If)
