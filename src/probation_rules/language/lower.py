"""From the tree as written to the tree that every engine runs.

Three rewritings, all of which keep the meaning where everything is known and lose fewer answers
where something is not:

* A parameter becomes a choice between its values, by the date that it goes by.
* Years become months.
* A choice inside a comparison is lifted out of it: `x < (a if c else b)` becomes
  `x < a if c else x < b`, which is decided when both agree, whatever `c` is. In the same way
  `x > min(a, b)` becomes `x > a or x > b`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, cast

from attrs import define, evolve, field, fields, frozen

from probation_rules.language.dates import MONTHS_A_YEAR
from probation_rules.language.tree import (
    BOOL,
    TURNED,
    And,
    Call,
    Compare,
    Constant,
    If,
    Name,
    Node,
    Or,
    Type,
    children,
)
from probation_rules.language.units import parse_unit

MOST_NODES = 2_000  # for one condition
MOST_IN_ALL = 10_000  # for all conditions of an area; the largest shipped takes 600
DEEPEST = 60  # steps from a condition down to what is said of a case


class TooLarge(Exception):
    """A condition is too large to run, with its choices lifted out and all that it rests on."""


@define
class Lowering:
    """Brings the expressions of one area into the form that engines run.

    Attributes:
        definitions: What each derived fact and parameter means, already in that form; later
            ones use earlier ones.
        settled: The parameters that go by the day asked about. Which of their values is in force
            is always known.
    """

    definitions: Mapping[str, Node]
    settled: Collection[str]
    _left: int = field(init=False)
    _left_in_all: int = field(default=MOST_IN_ALL, init=False)
    _depths: dict[str, int] = field(factory=dict, init=False)

    def lower(self, node: Node) -> Node:
        """Return the form that engines run.

        Raises:
            TooLarge: Lifting takes more than `MOST_NODES` steps, or for the area more than
                `MOST_IN_ALL`, or it goes deeper than `DEEPEST`.
        """
        self._left = min(MOST_NODES, self._left_in_all)
        before = self._left
        lowered = self._lower(node)
        self._left_in_all -= before - self._left
        if self._depth(lowered) > DEEPEST:
            raise TooLarge
        return lowered

    def _depth(self, node: Node) -> int:
        """How deep engines go into one another: each item of `and` and `or` inside the one before."""
        match node:
            case And(items=items) | Or(items=items):
                return max(
                    (place + self._depth(item) for place, item in enumerate(items)), default=0
                )
            case Name(name=name, of_member=False) if name in self.definitions:
                if name not in self._depths:
                    self._depths[name] = self._depth(self.definitions[name])
                return 1 + self._depths[name]
        return 1 + max(map(self._depth, children(node)), default=0)

    def _step(self) -> None:
        """Keep a rules file that doubles and doubles from filling the memory."""
        self._left -= 1
        if self._left < 0:
            raise TooLarge

    def _lower(self, node: Node) -> Node:
        parts: dict[str, object] = {}
        for attribute in fields(type(node)):
            value = getattr(node, attribute.name)
            if isinstance(value, Node):
                parts[attribute.name] = self._lower(value)
            elif isinstance(value, tuple):
                parts[attribute.name] = tuple(
                    self._lower(item) if isinstance(item, Node) else item for item in value
                )
        node = evolve(node, **cast("Any", parts)) if parts else node
        match node:
            case Compare():
                return self._compare(
                    node.operator, self._inline(node.left), self._inline(node.right)
                )
            case Call(function="in", arguments=(item, *words)):
                return self._lifted(evolve(node, arguments=(self._inline(item), *words)))
            case Call(function="add_years", arguments=(start, years)):
                return Call(node.type, "add_months", (start, _in_months(years)))
        return node

    def _inline(self, node: Node) -> Node:
        """Put the definition in place of each derived name that holds a choice."""
        self._step()
        match node:
            # A choice whose test is always known loses no answers: it stays where it is.
            case Name(name=name, of_member=False) if (
                name in self.definitions and name not in self.settled
            ):
                inlined = self._inline(self.definitions[name])
                return inlined if _has_choice(inlined) else node
            case Call():
                return evolve(node, arguments=tuple(map(self._inline, node.arguments)))
            case If():
                return evolve(
                    node, then=self._inline(node.then), otherwise=self._inline(node.otherwise)
                )
        return node

    def _compare(self, operator: str, left: Node, right: Node) -> Node:
        self._step()
        for end, other, turned in ((left, right, operator), (right, left, TURNED[operator])):
            if isinstance(end, Call) and _is_least_or_most(end) and turned in _BOUND_BY:
                parts = tuple(self._compare(turned, part, other) for part in end.arguments)
                every = _BOUND_BY[turned] == end.function
                return And(BOOL, parts) if every else Or(BOOL, parts)
        for end, other, turned in ((left, right, operator), (right, left, TURNED[operator])):
            if split := _split(end):
                test, then, otherwise = split
                return If(
                    BOOL,
                    test,
                    self._compare(turned, then, other),
                    self._compare(turned, otherwise, other),
                )
        return Compare(BOOL, operator, left, right)

    def _lifted(self, node: Node) -> Node:
        if split := _split(node):
            test, then, otherwise = split
            return If(BOOL, test, self._lifted(then), self._lifted(otherwise))
        return node


@frozen
class ParameterValues:
    """A parameter's dated values, as a choice that can be asked on any day.

    Attributes:
        name: The parameter.
        type: Its type.
        dated: First day, last day (``None``: no end) and value, latest first.
    """

    name: str
    type: Type
    dated: tuple[tuple[Constant, Constant | None, Constant], ...]

    def on(self, day: Node) -> Node:
        """Return the value on a day; unknown before the first value and after one that has ended."""
        found = unknown = cast("Node", Constant(self.type, None, self.name))
        for first, last, value in reversed(self.dated):
            held: Node = value
            if last is not None:
                held = If(self.type, Compare(BOOL, "<=", day, last), value, unknown)
            if first.value <= day.type.low:  # type: ignore[operator]
                found = held
            else:
                found = If(self.type, Compare(BOOL, ">=", day, first), held, found)
        return found


# `min(...) < x` needs some part below x, `max(...) < x` every part; named here: which needs every.
_BOUND_BY = {"<": "max", "<=": "max", ">": "min", ">=": "min"}


def _in_months(years: Node) -> Node:
    low, high = cast("int", years.type.low), cast("int", years.type.high)
    months = Type("int", parse_unit("month"), low=low * MONTHS_A_YEAR, high=high * MONTHS_A_YEAR)
    return Call(months, "*", (years, Constant(months, MONTHS_A_YEAR)))


def _is_least_or_most(node: Node) -> bool:
    """Whether this is a `min` or `max` over two or more things that can be unknown."""
    if not isinstance(node, Call) or node.function not in ("min", "max"):
        return False
    return sum(not isinstance(part, Constant) for part in node.arguments) > 1


def _has_choice(node: Node) -> bool:
    return isinstance(node, If) or _is_least_or_most(node) or any(map(_has_choice, children(node)))


def _split(node: Node) -> tuple[Node, Node, Node] | None:
    """Return the first choice inside a value: its test, and the value with each branch taken."""
    match node:
        case If():
            return node.test, node.then, node.otherwise
        case Call():
            for place, argument in enumerate(node.arguments):
                if split := _split(argument):
                    test, then, otherwise = split
                    before, after = node.arguments[:place], node.arguments[place + 1 :]
                    return (
                        test,
                        evolve(node, arguments=(*before, then, *after)),
                        evolve(node, arguments=(*before, otherwise, *after)),
                    )
    return None
