"""What a lowered expression means: short, obvious, slow. Every engine is tested against this.

The logic has three values (Kleene): true, false and unknown (``None``). An unknown part makes the
whole unknown unless the known parts settle it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from operator import eq, ge, gt, le, lt, ne
from typing import Any, cast

from attrs import frozen

from probation_rules.language import dates
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
    walk,
)

_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": lt, "<=": le, ">": gt, ">=": ge, "==": eq, "!=": ne,
}  # fmt: skip


@frozen
class Bounds:
    """A number known only to lie between two others, both included."""

    low: int
    high: int


Known = Value | Bounds
Record = Mapping[str, Value | None]


class Interpreter:
    """Works out expressions on one case.

    Args:
        facts: The input facts by name; ``None`` is unknown.
        definitions: What derived facts and parameters mean, lowered.
        members: The list of members by its name, where the area has one.
        optional: For dates that may not exist, the fact that says whether they do.
        said: For facts that a case class computes, the fields to ask for.
        settings: The values that the caller gave parameters.
    """

    def __init__(
        self,
        facts: Record,
        definitions: Mapping[str, Node],
        members: Sequence[Record] | None = None,
        optional: Mapping[str, str] | None = None,
        said: Mapping[str, tuple[str, ...]] | None = None,
        settings: Mapping[str, Value] | None = None,
    ) -> None:
        self.facts = facts
        self.definitions = definitions
        self.members = members
        self.optional = optional or {}
        self.said = said or {}
        self.settings = settings or {}
        self._known: dict[str, Known | None] = {}
        self._waiting: dict[str, list[str]] = {}

    # --- value -------------------------------------------------------------------------------

    def value(self, node: Node, member: Record | None = None) -> Known | None:
        """Return the value, or ``None`` if it is unknown."""
        match node:
            case Constant(value=value, parameter=parameter):
                return value if parameter is None else self.settings.get(parameter, value)
            case Name():
                return self._name(node, member)
            case Not():
                item = self.value(node.item, member)
                return None if item is None else not item
            case And():
                return self._joined(node.items, member, settles=False)
            case Or():
                return self._joined(node.items, member, settles=True)
            case Compare():
                return _compare(
                    node.operator, self.value(node.left, member), self.value(node.right, member)
                )
            case In():
                item = self.value(node.item, member)
                return None if item is None else item in node.words
            case If():
                return self._choice(node, member)
            case Arithmetic(operator=operator):
                return _calculate(
                    operator, [self.value(node.left, member), self.value(node.right, member)]
                )
            case Call(function=function):
                return _calculate(function, [self.value(part, member) for part in node.arguments])
            case Count():
                return self._count(node)
        raise AssertionError(node)

    def _name(self, node: Name, member: Record | None) -> Known | None:
        if node.of_member:
            return cast("Record", member)[node.name]
        if node.name in self.facts:
            return self.facts[node.name]
        if node.name not in self._known:
            self._known[node.name] = self.value(self.definitions[node.name])
        return self._known[node.name]

    def _joined(
        self, items: Sequence[Node], member: Record | None, *, settles: bool
    ) -> bool | None:
        values = [self.value(item, member) for item in items]
        if settles in values:
            return settles
        return None if None in values else not settles

    def _choice(self, node: If, member: Record | None) -> Known | None:
        test = self.value(node.test, member)
        if test is not None:
            return self.value(node.then if test else node.otherwise, member)
        then, otherwise = self.value(node.then, member), self.value(node.otherwise, member)
        return then if then == otherwise else None

    def _count(self, node: Count) -> Known | None:
        if self.members is None:
            return None
        low = high = 0
        for member in self.members:
            counts = self.value(node.predicate, member)
            if counts is False:
                continue
            amount = 1 if node.field is None else member[node.field.name]
            least, most = _field_ends(node.field) if amount is None else (amount, amount)
            low += cast("int", least) if counts else min(0, cast("int", least))
            high += cast("int", most) if counts else max(0, cast("int", most))
        return low if low == high else Bounds(low, high)

    # --- needs -------------------------------------------------------------------------------

    def needs(self, node: Node) -> tuple[str, ...]:
        """Return the unknown input facts and parameters that an unknown value waits for.

        A date that exists only if some fact is true is left out while that fact is itself asked
        for: it may turn out not to exist.
        """
        found = dict.fromkeys(self._needs(node, None, ""))
        return tuple(name for name in found if self.optional.get(name) not in found)

    def _needs(self, node: Node, member: Record | None, path: str) -> list[str]:
        value = self.value(node, member)
        if value is not None and not isinstance(value, Bounds):
            return []
        match node:
            case Constant():
                return [cast("str", node.parameter)]
            case Name(of_member=True):
                return [path + node.name]
            case Name() if node.name in self.facts:
                return [*(self.said.get(node.name) or (node.name,))]
            case Name():
                if node.name not in self._waiting:
                    needs = self._needs(self.definitions[node.name], None, "")
                    self._waiting[node.name] = list(dict.fromkeys(needs))
                return self._waiting[node.name]
            case Count():
                return self._needs_of_members(node)
            case If():
                test = self.value(node.test, member)
                if test is None:
                    return self._needs_of_choice(node, member, path)
                parts = [node.then if test else node.otherwise]
            case _:
                parts = list(_parts(node))
        return [name for part in parts for name in self._needs(part, member, path)]

    def _needs_of_choice(self, node: If, member: Record | None, path: str) -> list[str]:
        """Name what both branches wait for: but no figure that has values, on a day not yet known."""
        parts = (node.test, node.then, node.otherwise)
        dated = {
            one.parameter
            for one in walk(node)
            if isinstance(one, Constant) and one.value is not None
        }
        found = [name for part in parts for name in self._needs(part, member, path)]
        return [name for name in found if name not in dated]

    def _needs_of_members(self, node: Count) -> list[str]:
        if self.members is None:
            return [node.members]
        found: list[str] = []
        for place, member in enumerate(self.members):
            path = f"{node.members}[{place}]."
            counts = self.value(node.predicate, member)
            found += self._needs(node.predicate, member, path)
            if counts is not False and node.field is not None:
                found += self._needs(node.field, member, path)
        return found


def _parts(node: Node) -> tuple[Node, ...]:
    match node:
        case Not() | In():
            return (node.item,)
        case And() | Or():
            return node.items
        case Compare() | Arithmetic():
            return (node.left, node.right)
        case Call():
            return node.arguments
    raise AssertionError(node)


def _field_ends(field: Name | None) -> tuple[int, int]:
    kind = cast("Name", field).type
    return cast("int", kind.low), cast("int", kind.high)


def _ends(value: Known) -> tuple[Any, Any]:
    return (value.low, value.high) if isinstance(value, Bounds) else (value, value)


def _compare(operator: str, left: Known | None, right: Known | None) -> bool | None:
    """Compare; where bounds are wide, only if every pair of values within them agrees."""
    if left is None or right is None:
        return None
    (a, b), (c, d) = _ends(left), _ends(right)
    if a == b and c == d:
        return _COMPARE[operator](a, c)
    match operator:
        case "<":
            return True if b < c else False if a >= d else None
        case "<=":
            return True if b <= c else False if a > d else None
        case ">":
            return True if a > d else False if b <= c else None
        case ">=":
            return True if a >= d else False if b < c else None
    apart: bool = b < c or a > d
    return (operator == "!=") if apart else None


def _calculate(function: str, values: Sequence[Known | None]) -> Known | None:
    if None in values:
        return None
    ends = [_ends(cast("Known", value)) for value in values]
    if all(low == high for low, high in ends):
        return _exactly(function, [low for low, _ in ends])
    (a, b), (c, d) = ends[0], ends[1]
    match function:
        case "+":
            return _between(a + c, b + d)
        case "-":
            return _between(a - d, b - c)
        case "*":
            products = [x * y for x in (a, b) for y in (c, d)]
            return _between(min(products), max(products))
        case "divide_down":
            return _between(a // d, b // c)
        case "divide_up":
            return _between(-(-a // d), -(-b // c))
        case "min" | "max":
            pick = min if function == "min" else max
            return _between(pick(low for low, _ in ends), pick(high for _, high in ends))
    raise AssertionError(function)


def _between(low: int, high: int) -> Known:
    return low if low == high else Bounds(low, high)


def _exactly(function: str, values: Sequence[Any]) -> Value:
    match function, values:
        case "+", [a, b]:
            return cast("int", a + b)
        case "-", [a, b]:
            return cast("int", a - b)
        case "*", [a, b]:
            return cast("int", a * b)
        case "divide_down", [a, b]:
            return cast("int", a // b)
        case "divide_up", [a, b]:
            return cast("int", -(-a // b))
        case "min", _:
            return cast("int | date", min(values))
        case "max", _:
            return cast("int | date", max(values))
        case "add_months", [start, months]:
            return dates.add_months(start, months)
        case "last_day", [start, months]:
            return dates.last_day(start, months)
        case "add_days", [start, days]:
            return dates.add_days(start, days)
        case "days_between", [earlier, later]:
            return dates.days_between(earlier, later)
    raise AssertionError(function)
