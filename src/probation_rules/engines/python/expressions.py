"""Write expressions of the language as Python: three-valued, and with bounds for counts of members.

A local variable is ``None`` if the fact is unknown. A number that uses a count of members has two
variables, for its lowest and its highest value.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from attrs import define, field

from probation_rules.language import intervals
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
    walk,
)
from probation_rules.rulebook.model import Area

_CALLS = {
    "add_months": "add_months({}, {})",
    "last_day": "last_day({}, {})",
    "add_days": "add_days({}, {})",
    "days_between": "({1} - {0}).days",
    "divide_down": "({} // {})",
    "divide_up": "-(-{} // {})",
    "round_half_up": "((2 * {0} + {1}) // (2 * {1}))",
}


def _called(function: str, parts: Sequence[str]) -> str:
    """Return a function, or a comparison, of single values."""
    if function in ("min", "max"):
        return f"{function}({', '.join(parts)})"
    return _CALLS.get(function, f"({{}} {function} {{}})").format(*parts)


@define
class Expressions:
    """Writes the expressions of one function. Methods that return text return Python expressions.

    If something needs more than an expression, lines are written before it.

    Attributes:
        area: The area of the function's cases.
        settable: The parameters that the caller may give; each has a variable `s_...`.
        lines: The lines written so far.
        indent: The indentation of the next line.
        used: The number of variables created so far.
        known: The variables that are never ``None``.
        constants: The names with one literal value.
        bounded: The names with two variables.
        space: The global names of the function.
    """

    area: Area
    settable: frozenset[str] = frozenset()
    lines: list[str] = field(factory=list)
    indent: int = 1
    used: int = 0
    known: set[str] = field(factory=set)
    constants: dict[str, str] = field(factory=dict)
    bounded: set[str] = field(factory=set)
    space: dict[str, Any] = field(factory=dict)

    def line(self, text: str) -> None:
        """Write a line."""
        self.lines.append("    " * self.indent + text)

    @contextmanager
    def block(self, head: str) -> Any:
        """Write a line, and indent the lines that are written in the `with` block."""
        self.line(head)
        self.indent += 1
        yield
        self.indent -= 1

    def fresh(self) -> str:
        """Return the name of a new variable."""
        self.used += 1
        return f"x{self.used}"

    def literal(self, value: object) -> str:
        """Return an expression for a constant: its text, or a global name of the function."""
        if isinstance(value, bool | int | str) or value is None:
            return repr(value)
        if isinstance(value, date):
            name = f"date_{value.year}_{value.month}_{value.day}"
        else:
            name = f"c{len(self.space)}"
        self.space[name] = value
        return name

    # --- expressions -------------------------------------------------------------------------

    def value(self, node: Node) -> tuple[str, bool]:
        """Return an expression for a value, and whether it can be None."""
        match node:
            case And() | Or():
                return self._joined(node)
            case If():
                return self._choice(node)
            case Compare() if self.is_bounded(node):
                return self._compare_bounds(node), True
        text, unknowns = self._strict(node)
        if not unknowns:
            return text, False
        if text in unknowns or "None" in unknowns:
            return ("None" if "None" in unknowns else text), True
        return f"(None if {' or '.join(f'{one} is None' for one in unknowns)} else {text})", True

    def bound(self, node: Node) -> str:
        """Return a variable with a value."""
        text, nullable = self.value(node)
        if text.isidentifier() and text not in ("True", "False", "None"):
            return text
        name = self.fresh()
        self.line(f"{name} = {text}")
        if not nullable:
            self.known.add(name)
        return name

    def _strict(self, node: Node) -> tuple[str, list[str]]:
        """Return an expression for known values, and the variables that may be unknown.

        Except for `and`, `or`, `if` and counts, a value is unknown if a part of it is unknown.
        """
        match node:
            case Constant(value=value, parameter=str(name)) if name in self.settable:
                setting = f"s_{name}"
                if value is None:
                    return setting, [setting]
                return f"({self.literal(value)} if {setting} is None else {setting})", []
            case Constant(value=None):
                return "None", ["None"]
            case Constant():
                return self.literal(node.value), []
            case Name(of_member=True):
                return f"m_{node.name}", [f"m_{node.name}"]
            case Name():
                if node.name in self.constants:
                    text = self.constants[node.name]
                    nullable = text == "None" or (
                        node.name in self.settable and text not in self.known
                    )
                    return text, [text] if nullable else []
                variable = f"v_{node.name}"
                return variable, [] if variable in self.known else [variable]
            case Not():
                text, unknowns = self._strict(node.item)
                return f"(not {text})", unknowns
            case Call(function="in", arguments=(item, *_)):
                text, unknowns = self._strict(item)
                return f"({text} in {self.literal(node.words)})", unknowns
            case Compare(operator=operator) if not self.is_bounded(node):
                return self._combined(operator, (node.left, node.right))
            case Call(function=function, arguments=arguments):
                if function in ("min", "max"):
                    return self._least_or_most(function, arguments)
                return self._combined(function, arguments)
        variable = self.bound(node)
        return variable, [] if variable in self.known else [variable]

    def _least_or_most(self, function: str, parts: tuple[Node, ...]) -> tuple[str, list[str]]:
        if len(parts) == 2 and (bound := self._fixed(parts[0])) is not None:  # noqa: PLR2004 (a floor or a ceiling)
            # This is several times faster than a call. Nearly every `min` and `max` has this form.
            name, sign = self.fresh(), "<" if function == "min" else ">"
            text, unknowns = self._strict(parts[1])
            return f"({name} if ({name} := {text}) {sign} {bound} else {bound})", unknowns
        return self._combined(function, parts)

    def _fixed(self, node: Node) -> str | None:
        """Return the text of a value that is the same in every call, or ``None``."""
        if isinstance(node, Constant) and node.parameter not in self.settable:
            return None if node.value is None else self.literal(node.value)
        return None

    def _combined(self, function: str, parts: Iterable[Node]) -> tuple[str, list[str]]:
        found = [self._strict(part) for part in parts]
        unknowns = dict.fromkeys(name for _, names_ in found for name in names_)
        return _called(function, [text for text, _ in found]), list(unknowns)

    def _joined(self, node: And | Or) -> tuple[str, bool]:
        """Write `and` or `or`. Later items are evaluated only while they can change the result."""
        settled = isinstance(node, Or)
        if not node.items:
            return repr(not settled), False
        name, depth, nullable = self.fresh(), self.indent, False
        for place, item in enumerate(node.items):
            text, item_nullable = self.value(item)
            nullable = nullable or item_nullable
            if place == 0:
                self.line(f"{name} = {text}")
            else:
                other = text if text.isidentifier() else self.fresh()
                if other != text:
                    self.line(f"{other} = {text}")
                self.line(f"if {other} is not {not settled}: {name} = {other}")
            if place < len(node.items) - 1:
                self.line(f"if {name} is not {settled}:")
                self.indent += 1
        self.indent = depth
        if not nullable:
            self.known.add(name)
        return name, nullable

    def _choice(self, node: If) -> tuple[str, bool]:
        """Write a choice. Only the chosen branch is evaluated, or both if the test is unknown."""
        name, other, test = self.fresh(), self.fresh(), self.bound(node.test)
        with self.block(f"if {test} is not False:"):
            then, then_nullable = self.value(node.then)
            self.line(f"{name} = {then}")
        with self.block(f"if {test} is not True:"):
            otherwise, otherwise_nullable = self.value(node.otherwise)
            self.line(f"{other} = {otherwise}")
            self.line(f"if {test} is False: {name} = {other}")
            self.line(f"elif {name} != {other}: {name} = None")
        if test in self.known and not then_nullable and not otherwise_nullable:
            self.known.add(name)
            return name, False
        return name, True

    # --- counts ------------------------------------------------------------------------------

    def is_bounded(self, node: Node) -> bool:
        """Return whether a value uses a count, so that it has bounds."""
        for one in walk(node):
            if isinstance(one, Count) or (isinstance(one, Name) and one.name in self.bounded):
                return True
        return False

    def ends(self, node: Node) -> tuple[str, str, list[str]]:
        """Return the lowest and highest value of a number, and the variables that must be known."""
        if not self.is_bounded(node):
            value = self.bound(node)
            return value, value, [] if value in self.known else [value]
        match node:
            case Count():
                low, high = self._count(node)
                return low, high, [low]
            case Name():
                return f"v_{node.name}_lo", f"v_{node.name}_hi", [f"v_{node.name}_lo"]
            case Call():
                return self._calculated(node)
            case If():
                return self._choice_of_ends(node)
        raise AssertionError(node)

    def _calculated(self, node: Call) -> tuple[str, str, list[str]]:
        found = [self.ends(part) for part in node.arguments]
        unknowns = list(dict.fromkeys(name for *_, names_ in found for name in names_))
        parts = [(low, high) for low, high, _ in found]
        low, high = intervals.calculated(node, parts, _called)
        return self._bound_ends(low, high, unknowns)

    def _bound_ends(self, low: str, high: str, unknowns: list[str]) -> tuple[str, str, list[str]]:
        """Write both bounds to variables. If the list is unknown, they are unknown too."""
        first, last = self.fresh(), self.fresh()
        with self.block(f"if {' or '.join(f'{one} is None' for one in unknowns)}:"):
            self.line(f"{first} = {last} = None")
        self.line(f"else: {first}, {last} = {low}, {high}")
        return first, last, [first]

    def _choice_of_ends(self, node: If) -> tuple[str, str, list[str]]:
        first, last, test = self.fresh(), self.fresh(), self.bound(node.test)
        with self.block(f"if {test} is not False:"):
            low, high, _ = self.ends(node.then)
            self.line(f"{first}, {last} = {low}, {high}")
        with self.block(f"if {test} is not True:"):
            low, high, _ = self.ends(node.otherwise)
            self.line(f"if {test} is False: {first}, {last} = {low}, {high}")
            self.line(f"elif ({first}, {last}) != ({low}, {high}): {first} = {last} = None")
        return first, last, [first]

    def _compare_bounds(self, node: Compare) -> str:
        a, b, unknown = self.ends(node.left)
        c, d, also = self.ends(node.right)
        result = self.fresh()
        yes, no = (
            " or ".join(" and ".join(map(" ".join, way)) for way in found)
            for found in (
                intervals.ways(sign, (a, b), (c, d))
                for sign in (node.operator, OPPOSITE[node.operator])
            )
        )
        known = f"True if {yes} else False if {no} else None"
        unknowns = list(dict.fromkeys([*unknown, *also]))
        guard = (
            f"None if {' or '.join(f'{one} is None' for one in unknowns)} else " if unknowns else ""
        )
        self.line(f"{result} = {guard}{known}")
        return result

    def _count(self, node: Count) -> tuple[str, str]:
        members = self.area.members
        assert members is not None  # noqa: S101 (the checker allows `count` only with members)
        low, high = self.fresh(), self.fresh()
        with self.block(f"if v_{members.name} is None:"):
            self.line(f"{low} = {high} = None")
        with self.block("else:"):
            self.line(f"{low} = {high} = 0")
            fields = "".join(f"m_{name}, " for name in members.facts)
            with self.block(f"for {fields}in v_{members.name}:"):
                counts = self.bound(node.predicate)
                if node.field is None:
                    self.line(f"if {counts} is True: {low} += 1; {high} += 1")
                    self.line(f"elif {counts} is None: {high} += 1")
                else:
                    self._add_field(node.field, counts, low, high)
        return low, high

    def _add_field(self, amount: Name, counts: str, low: str, high: str) -> None:
        least, most = amount.type.low, amount.type.high
        value = f"m_{amount.name}"
        self.line(f"a, b = ({least}, {most}) if {value} is None else ({value}, {value})")
        self.line(f"if {counts} is True: {low} += a; {high} += b")
        self.line(f"elif {counts} is None: {low} += min(0, a); {high} += max(0, b)")
