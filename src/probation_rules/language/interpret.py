"""What a lowered expression means: short, obvious, slow. Every engine is tested against this.

The logic has three values (Kleene): true, false and unknown (``None``). An unknown part makes the
whole unknown unless the known parts settle it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import reduce
from operator import add, eq, floordiv, ge, gt, le, lt, mul, ne, sub
from typing import Any, cast

from attrs import frozen

from probation_rules.language import dates, intervals
from probation_rules.language.diagram import Operand, Operation, relevant
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
    Value,
    walk,
)

_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": lt, "<=": le, ">": gt, ">=": ge, "==": eq, "!=": ne,
}  # fmt: skip
_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "+": add,
    "-": sub,
    "*": mul,
    "in": lambda item, *words: item in words,
    "divide_down": floordiv,
    "divide_up": lambda a, b: -(-a // b),
    "round_half_up": lambda a, b: (a + a + b) // (b + b),
    "min": min,
    "max": max,
    "add_months": dates.add_months,
    "last_day": dates.last_day,
    "add_days": dates.add_days,
    "days_between": dates.days_between,
}
# A comparison, and the one that is true where it is false.
_OPPOSITE = {">=": "<", ">": "<=", "!=": "=="}


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
        computed: The values of definitions that an engine has computed already. ``None`` is computed
            again, since engines give it for a number known only to be within bounds too.
    """

    def __init__(
        self,
        facts: Record,
        definitions: Mapping[str, Node],
        members: Sequence[Record] | None = None,
        optional: Mapping[str, str] | None = None,
        said: Mapping[str, tuple[str, ...]] | None = None,
        settings: Mapping[str, Value] | None = None,
        computed: Record | None = None,
    ) -> None:
        self.facts = facts
        self.definitions = definitions
        self.members = members
        self.optional = optional or {}
        self.said = said or {}
        self.settings = settings or {}
        self._known: dict[str, Known | None] = {
            name: value for name, value in (computed or {}).items() if value is not None
        }
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
            case If():
                return self._choice(node, member)
            case Call():
                return _calculate(node, [self.value(part, member) for part in node.arguments])
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

    def needs(self, *nodes: Node) -> tuple[str, ...]:
        """Return the unknown facts and parameters that can change the values of some expressions.

        A fact is named if two of its values give different results for some values of the other
        unknowns. This is exact for yes or no and for code words. A comparison with an unknown number
        or date counts as an unknown of its own, so too much may be named where there are such
        comparisons. Facts that a case class computes count as independent of each other, and a
        parameter without a value as the same on all days.

        Every unknown that the expressions rest on is named where none can change a value, as in
        `x or not x`, and where the question is too large: see `diagram`.

        A date that exists only if some fact is true is left out while that fact is itself asked
        for: it may turn out not to exist.
        """
        found = dict.fromkeys(name for node in nodes for name in self.waiting(node, None, ""))
        if len(found) > 1:
            relevant_names = _Relevance(self).of(nodes)
            found = {name: None for name in found if name in relevant_names} or found
        return tuple(name for name in found if self.optional.get(name) not in found)

    def waiting(self, node: Node, member: Record | None, path: str) -> list[str]:
        """Return every unknown that a value rests on, whether or not it can change the value."""
        value = self.value(node, member)
        if value is not None and not isinstance(value, Bounds):
            return []
        match node:
            case Constant():
                # A value that does not exist waits for nothing.
                return [] if node.parameter is None else [node.parameter]
            case Name(of_member=True):
                return [path + node.name]
            case Name() if node.name in self.facts:
                return [*(self.said.get(node.name) or (node.name,))]
            case Name():
                if node.name not in self._waiting:
                    needs = self.waiting(self.definitions[node.name], None, "")
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
        return [name for part in parts for name in self.waiting(part, member, path)]

    def _needs_of_choice(self, node: If, member: Record | None, path: str) -> list[str]:
        """Name what both branches wait for: but no figure that has values, on a day not yet known."""
        dated = {
            one.parameter
            for one in walk(node)
            if isinstance(one, Constant) and one.value is not None
        }
        found = [name for part in _parts(node) for name in self.waiting(part, member, path)]
        return [name for name in found if name not in dated]

    def _needs_of_members(self, node: Count) -> list[str]:
        if self.members is None:
            return [node.members]
        found: list[str] = []
        for place, member in enumerate(self.members):
            path = f"{node.members}[{place}]."
            counts = self.value(node.predicate, member)
            found += self.waiting(node.predicate, member, path)
            if counts is not False and node.field is not None:
                found += self.waiting(node.field, member, path)
        return found


class _Relevance:
    """Finds out which unknowns of a case can change the values of expressions.

    It writes down what is left to compute, as operations on yes or no, code words and counts. A
    comparison with an unknown number or date becomes an unknown, so the other side of it is not
    written down. The same operations come from most cases in which the same things are unknown.
    """

    def __init__(self, interpreter: Interpreter) -> None:
        self.interpreter = interpreter
        self._operations: dict[Operation, int] = {}
        self._unknowns: dict[Hashable, tuple[int, tuple[Node, Record | None, str]]] = {}
        self._by_name: dict[str, Operand | None] = {}

    def of(self, nodes: Sequence[Node]) -> set[str]:
        """Return the names of the unknowns that can change a value, if some unknowns cannot.

        The result is empty where all can, where the question is too large, and where a value is
        itself an unknown number or date.
        """
        answers = tuple(self._written(node, None, "") for node in nodes)
        if None in answers:
            return set()
        found = relevant(self._operations, cast("tuple[Operand, ...]", answers))
        if len(found) == len(self._unknowns):
            return set()
        waiting = [where for number, where in self._unknowns.values() if number in found]
        return {name for where in waiting for name in self.interpreter.waiting(*where)}

    def _written(self, node: Node, member: Record | None, path: str) -> Operand | None:
        """Write down how to compute a value; return ``None`` for an unknown number or date."""
        value = self.interpreter.value(node, member)
        if value is not None and not isinstance(value, Bounds):
            return (value,)
        match node:
            case Name(name=name) if not node.of_member and name not in self.interpreter.facts:
                if name not in self._by_name:
                    meant = self.interpreter.definitions[name]
                    self._by_name[name] = self._written(meant, None, "")
                return self._by_name[name]
            case Name() | Constant():
                if node.type.kind not in ("bool", "code"):
                    return None
                what = node.parameter if isinstance(node, Constant) else node.name
                if isinstance(node, Name) and node.of_member:
                    what = path + node.name
                values = node.type.codes or (False, True)
                return self._ask(what, values, (node, member, path))
            case Count():
                return self._count(node)
            case If(test=test) if (settled := self.interpreter.value(test, member)) is not None:
                return self._written(node.then if settled else node.otherwise, member, path)
        parts: list[Operand] = []
        for part in _parts(node):
            operand = self._written(part, member, path)
            if operand is None:
                break
            parts.append(operand)
        else:
            return self._combined(node, parts)
        if not isinstance(node, Compare):
            return None
        # A comparison and its opposite are one unknown.
        opposite = _OPPOSITE.get(node.operator)
        same = (path, opposite or node.operator, node.left, node.right)
        values = (True, False) if opposite else (False, True)
        return self._ask(same, values, (node, member, path))

    def _combined(self, node: Node, parts: Sequence[Operand]) -> Operand:
        """Write down how to compute a value from its parts."""
        no, yes = (False,), (True,)
        match node:
            case If():
                return self._add("if", *parts)
            case Not():
                return self._add("if", *parts, no, yes)
            case And():
                return reduce(lambda rest, part: self._add("if", part, rest, no), reversed(parts))
            case Or():
                return reduce(lambda rest, part: self._add("if", part, yes, rest), reversed(parts))
            case Compare(operator=operator):
                return self._add(_COMPARE[operator], *parts)
            case Call(function=function):
                return self._add(_FUNCTIONS[function], *parts)
        raise AssertionError(node)

    def _count(self, node: Count) -> Operand | None:
        if self.interpreter.members is None:
            return None
        settled, total = 0, cast("Operand", (0,))
        for place, member in enumerate(self.interpreter.members):
            counts = self._written(node.predicate, member, f"{node.members}[{place}].")
            amount = 1 if node.field is None else member[node.field.name]
            if counts == (False,):
                continue
            if amount is None:
                return None
            if counts == (True,):
                settled += cast("int", amount)
            else:
                total = self._add(add, total, self._add("if", counts, (amount,), (0,)))
        return self._add(add, total, (settled,))

    def _ask(
        self, what: Hashable, values: Sequence[Value], where: tuple[Node, Record | None, str]
    ) -> Operand:
        number, _ = self._unknowns.setdefault(what, (len(self._unknowns), where))
        return self._add("ask", number, tuple(values))

    def _add(self, *operation: Any) -> Operand:
        return self._operations.setdefault(operation, len(self._operations))


def _parts(node: Node) -> tuple[Node, ...]:
    match node:
        case Not():
            return (node.item,)
        case And() | Or():
            return node.items
        case If():
            return (node.test, node.then, node.otherwise)
        case Compare():
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
    if not (isinstance(left, Bounds) or isinstance(right, Bounds)):
        return _COMPARE[operator](left, right)
    ends = _ends(left), _ends(right)
    for answer, sign in ((True, operator), (False, OPPOSITE[operator])):
        for way in intervals.ways(sign, *ends):
            if all(_COMPARE[other](one, two) for one, other, two in way):
                return answer
    return None


def _calculate(node: Call, values: Sequence[Known | None]) -> Known | None:
    if None in values:
        return None
    if not any(isinstance(value, Bounds) for value in values):
        return cast("Value", _call(node.function, values))
    ends = [_ends(cast("Known", value)) for value in values]
    return _between(*intervals.calculated(node, ends, _call))


def _call(function: str, values: Sequence[Any]) -> Any:
    return _FUNCTIONS[function](*values)


def _between(low: int, high: int) -> Known:
    return low if low == high else Bounds(low, high)
