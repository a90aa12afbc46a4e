"""The meaning of a lowered expression, in simple and slow code. Every engine is tested against it.

The logic has three values (Kleene): true, false and unknown (``None``). If a part is unknown, the
whole is unknown unless the known parts decide it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from functools import reduce
from operator import add, eq, floordiv, ge, gt, le, lt, mul, ne, sub
from typing import Any, cast

from attrs import define, field, frozen

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
MOST_LOOKS = 50_000  # steps in the cache of needs
_KNOWN = (None,)  # takes the place of a known operand until its value is needed
# Comparisons, each with its opposite.
_OPPOSITE = {">=": "<", ">": "<=", "!=": "=="}


@frozen
class Bounds:
    """A number that is known only by its bounds, both included."""

    low: int
    high: int


Known = Value | Bounds
Record = Mapping[str, Value | None]


class Interpreter:
    """Computes expressions for one case.

    Args:
        facts: The input facts by name; ``None`` is unknown.
        definitions: The lowered expression of each derived fact and parameter.
        members: The members of the case, if the area has a list of members.
        optional: For each date that may not exist, the fact that records whether it does.
        said: For each fact that the area prepares, a function that returns the case's fields for it.
        settings: The values that the caller gave for parameters.
        computed: The values of definitions that an engine has already computed. For a case with
            members, ``None`` is computed again: engines also return it for a number with bounds.

    Attributes:
        remembered: The needs of other cases with the same definitions and kinds of facts.
    """

    def __init__(
        self,
        facts: Record,
        definitions: Mapping[str, Node],
        members: Sequence[Record] | None = None,
        optional: Mapping[str, str] | None = None,
        said: Mapping[str, Callable[[], tuple[str, ...]]] | None = None,
        settings: Mapping[str, Value] | None = None,
        computed: Record | None = None,
    ) -> None:
        self.facts = facts
        self.definitions = definitions
        self.members = members
        self.optional = optional or {}
        self.said = said or {}
        self.settings = settings or {}
        self.remembered = Remembered()
        self._known: dict[str, Known | None] = {
            name: value
            for name, value in (computed or {}).items()
            if value is not None or members is None
        }
        # The entry keeps a reference to the node, so that no other node can get the same `id`.
        self._values: dict[tuple[int, int], tuple[Node, Known | None]] = {}
        self.waiting: dict[str, list[str]] = {}

    # --- value -------------------------------------------------------------------------------

    def value(self, node: Node, member: Record | None = None) -> Known | None:
        """Return the value, or ``None`` if it is unknown. `member` is one of `members`."""
        match node:
            case Constant(value=value, parameter=parameter):
                return value if parameter is None else self.settings.get(parameter, value)
            case Name():
                return self._name(node, member)
        key = id(node), id(member)
        if key not in self._values:
            self._values[key] = node, self._computed(node, member)
        return self._values[key][1]

    def _computed(self, node: Node, member: Record | None) -> Known | None:
        match node:
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

        The result contains a fact if two values of it give different results for some values of
        the other unknowns. This is exact for booleans and code words. Each comparison with an
        unknown number or date counts as a separate unknown, so the result may then contain more
        facts than necessary. Facts that a case class computes count as independent of each other.
        A parameter without a value counts as the same on all days.

        The result contains every unknown that the expressions use if no unknown can change a
        value, as in `x or not x`, or if the question is too large: see `diagram`.

        A date that exists only if another fact is true is left out while that fact is in the
        result: the date may not exist.
        """
        if self.members is not None:  # two lists of members are hardly ever equal
            return _Needs(self).of(nodes)
        found = self.remembered.find(nodes, self)
        if found is None:
            recorder = _Recorder(self)
            found = _Needs(recorder).of(nodes)
            self.remembered.add(nodes, recorder.looks.values(), found)
        return found

    def is_open(self, node: Node, member: Record | None = None) -> bool:
        """Whether the value is not exactly known."""
        value = self.value(node, member)
        return value is None or isinstance(value, Bounds)

    def fields_of(self, fact: Name) -> tuple[str, ...]:
        """Return the fields of the case that can give an unknown fact."""
        fields = self.said.get(fact.name)
        return (fields and fields()) or (fact.name,)


Look = tuple[Callable[..., Hashable], Node]
"""A question about a case: a method of `Interpreter` and its argument."""


@define(eq=False)
class _Step:
    """A question and, for each answer, the next question or the needs."""

    look: Look
    ways: dict[Hashable, _Step | tuple[str, ...]] = field(factory=dict)


@define(eq=False)
class Remembered:
    """A cache of needs, by the answers to the questions that led to them.

    The next question depends only on the answers before it. So two cases with the same answers have
    the same needs, whatever else differs between them.
    """

    _first: dict[Hashable, _Step | tuple[str, ...]] = field(factory=dict)
    room: int = MOST_LOOKS

    def find(self, nodes: Sequence[Node], case: Interpreter) -> tuple[str, ...] | None:
        """Return the needs, if an earlier case gave the same answers as this one."""
        step = self._first.get(tuple(map(id, nodes)))
        while isinstance(step, _Step):
            question, node = step.look
            step = step.ways.get(question(case, node))
        return step

    def add(
        self,
        nodes: Sequence[Node],
        looks: Collection[tuple[Look, Hashable]],
        needs: tuple[str, ...],
    ) -> None:
        """Add the needs of a case; empty the cache first if it is full."""
        if len(looks) > self.room:
            self._first, self.room = {}, MOST_LOOKS
        self.room -= len(looks)
        ways, answer = self._first, cast("Hashable", tuple(map(id, nodes)))
        for look, following in looks:
            step = cast("_Step", ways.setdefault(answer, _Step(look)))
            ways, answer = step.ways, following
        ways[answer] = needs


class _Recorder:
    """A case without members that records each question about it.

    Attributes:
        looks: The questions with their answers, in order.
    """

    members = None

    def __init__(self, interpreter: Interpreter) -> None:
        self.facts = interpreter.facts
        self.definitions = interpreter.definitions
        self.optional = interpreter.optional
        self.waiting: dict[str, list[str]] = {}
        self.looks: dict[tuple[Callable[..., Hashable], int], tuple[Look, Any]] = {}
        self._interpreter = interpreter

    def value(self, node: Node, _: Record | None = None) -> Known | None:
        """Return the value of an expression."""
        return cast("Known | None", self._look(Interpreter.value, node))

    def is_open(self, node: Node, _: Record | None = None) -> bool:
        """Whether the value is not exactly known."""
        if node.type.kind in ("bool", "code"):  # here the value itself matters
            return self.value(node) is None
        return cast("bool", self._look(Interpreter.is_open, node))

    def fields_of(self, fact: Name) -> tuple[str, ...]:
        """Return the fields of the case that can give an unknown fact."""
        if fact.name not in self._interpreter.said:
            return (fact.name,)
        return cast("tuple[str, ...]", self._look(Interpreter.fields_of, fact))

    def _look(self, question: Callable[..., Any], node: Any) -> Any:
        key = question, id(node)
        if key not in self.looks:
            self.looks[key] = (question, node), question(self._interpreter, node)
        return self.looks[key][1]


class _Needs:
    """Finds the unknowns of a case that can change the values of expressions.

    It lists the operations that are still to do, on booleans, code words and counts. A comparison
    with an unknown number or date becomes an unknown itself, so its other side is not listed. Most
    cases with the same unknowns give the same operations.
    """

    def __init__(self, case: Interpreter | _Recorder) -> None:
        self.case = case
        self._operations: dict[Operation, int] = {}
        self._unknowns: dict[Hashable, tuple[int, tuple[Node, Record | None, str]]] = {}
        self._by_name: dict[str, Operand | None] = {}

    def of(self, nodes: Sequence[Node]) -> tuple[str, ...]:
        """Return the names of the unknowns that can change a value; see `Interpreter.needs`."""
        found = dict.fromkeys(name for node in nodes for name in self._names(node, None, ""))
        if len(found) > 1:
            relevant_names = self._relevant(nodes)
            found = {name: None for name in found if name in relevant_names} or found
        return tuple(name for name in found if self.case.optional.get(name) not in found)

    # --- every unknown -----------------------------------------------------------------------

    def _names(self, node: Node, member: Record | None, path: str) -> list[str]:
        """Return every unknown that an expression uses, whether or not it can change the value."""
        return self._names_in(node, member, path) if self.case.is_open(node, member) else []

    def _names_in(self, node: Node, member: Record | None, path: str) -> list[str]:
        """Return the unknowns of an expression whose value is not exactly known."""
        match node:
            case Constant():
                # A value that does not exist needs nothing.
                return [] if node.parameter is None else [node.parameter]
            case Name(of_member=True):
                return [path + node.name]
            case Name() if node.name in self.case.facts:
                return [*self.case.fields_of(node)]
            case Name():
                waiting = self.case.waiting
                if node.name not in waiting:
                    needs = self._names_in(self.case.definitions[node.name], None, "")
                    waiting[node.name] = list(dict.fromkeys(needs))
                return waiting[node.name]
            case Count():
                return self._names_of_members(node)
            case If():
                test = self.case.value(node.test, member)
                if test is None:
                    return self._names_of_choice(node, member, path)
                parts = [node.then if test else node.otherwise]
            case _:
                parts = list(_parts(node))
        return [name for part in parts for name in self._names(part, member, path)]

    def _names_of_choice(self, node: If, member: Record | None, path: str) -> list[str]:
        """Return the unknowns of both branches and of their test.

        A parameter that has dated values is left out: once the date is known, its value is too.
        """
        dated = {
            one.parameter
            for one in walk(node)
            if isinstance(one, Constant) and one.value is not None
        }
        found = [name for part in _parts(node) for name in self._names(part, member, path)]
        return [name for name in found if name not in dated]

    def _names_of_members(self, node: Count) -> list[str]:
        if self.case.members is None:
            return [node.members]
        found: list[str] = []
        for place, member in enumerate(self.case.members):
            path = f"{node.members}[{place}]."
            counts = self.case.value(node.predicate, member)
            found += self._names(node.predicate, member, path)
            if counts is not False and node.field is not None:
                found += self._names(node.field, member, path)
        return found

    # --- those that can change a value -------------------------------------------------------

    def _relevant(self, nodes: Sequence[Node]) -> set[str]:
        """Return the names of the unknowns that can change a value.

        The result is empty if all unknowns can, if the question is too large, and if a value is
        itself an unknown number or date.
        """
        answers = tuple(self._written(node, None, "") for node in nodes)
        if None in answers:
            return set()
        found = relevant(self._operations, cast("tuple[Operand, ...]", answers))
        if len(found) == len(self._unknowns):
            return set()
        waiting = [where for number, where in self._unknowns.values() if number in found]
        return {name for where in waiting for name in self._names(*where)}

    def _written(self, node: Node, member: Record | None, path: str) -> Operand | None:
        """List the operations for a value; return ``None`` for an unknown number or date."""
        if self.case.is_open(node, member):
            return self._written_open(node, member, path)
        return (self.case.value(node, member),)

    def _written_open(self, node: Node, member: Record | None, path: str) -> Operand | None:
        """List the operations for a value that is not exactly known."""
        match node:
            case Name(name=name) if not node.of_member and name not in self.case.facts:
                if name not in self._by_name:
                    meant = self.case.definitions[name]
                    self._by_name[name] = self._written_open(meant, None, "")
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
            case If(test=test) if (settled := self.case.value(test, member)) is not None:
                return self._written(node.then if settled else node.otherwise, member, path)
        parts = self._written_parts(node, member, path)
        if parts is not None:
            return self._combined(node, parts)
        if not isinstance(node, Compare):
            return None
        # A comparison and its opposite are the same unknown.
        opposite = _OPPOSITE.get(node.operator)
        same = (path, opposite or node.operator, node.left, node.right)
        values = (True, False) if opposite else (False, True)
        return self._ask(same, values, (node, member, path))

    def _written_parts(self, node: Node, member: Record | None, path: str) -> list[Operand] | None:
        """List the operations for the parts of an expression.

        Return ``None`` if a part is an unknown number or date. The values of known parts are not
        computed before that is clear.
        """
        parts = [(part, self.case.is_open(part, member)) for part in _parts(node)]
        found: list[Operand] = []
        for part, is_open in parts:
            operand = self._written_open(part, member, path) if is_open else _KNOWN
            if operand is None:
                return None
            found.append(operand)
        return [
            one if is_open else (self.case.value(part, member),)
            for one, (part, is_open) in zip(found, parts, strict=True)
        ]

    def _combined(self, node: Node, parts: Sequence[Operand]) -> Operand:
        """List the operation that computes a value from its parts."""
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
        if self.case.members is None:
            return None
        settled, total = 0, cast("Operand", (0,))
        for place, member in enumerate(self.case.members):
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
    """Compare two values; if one has bounds, the result is unknown unless all values agree."""
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
