"""Rewrite the tree of a condition into the tree that every engine runs.

There are three rewritings. They do not change a known answer, and they give more answers when
something is unknown:

* A parameter becomes a choice between its values, by the date that decides.
* Years become months.
* A choice moves out of a comparison: `x < (a if c else b)` becomes `x < a if c else x < b`. If both
  sides agree, the answer is known even if `c` is unknown. In the same way `x > min(a, b)` becomes
  `x > a or x > b`.
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

MOST_NODES = 2_000  # steps for one condition
MOST_IN_ALL = 10_000  # steps for all conditions of an area; the largest shipped area takes 600
DEEPEST = 60  # levels from a condition down to the facts of a case


class TooLarge(Exception):
    """A condition is too large to run, together with the definitions that it uses."""


@define
class Lowering:
    """Rewrites the expressions of one area into the form that engines run.

    Attributes:
        definitions: The expression of each derived fact and parameter, already in that form. Later
            definitions use earlier ones.
        settled: The parameters for which the day asked about decides, so that it is always known
            which value is in force.
    """

    definitions: Mapping[str, Node]
    settled: Collection[str]
    _left: int = field(init=False)
    _left_in_all: int = field(default=MOST_IN_ALL, init=False)
    _depths: dict[str, int] = field(factory=dict, init=False)

    def lower(self, node: Node) -> Node:
        """Return the form that engines run.

        Raises:
            TooLarge: The rewriting takes more than `MOST_NODES` steps, or more than `MOST_IN_ALL`
                for the area, or the result is deeper than `DEEPEST`.
        """
        self._left = min(MOST_NODES, self._left_in_all)
        before = self._left
        lowered = self._lower(node)
        self._left_in_all -= before - self._left
        if self._depth(lowered) > DEEPEST:
            raise TooLarge
        return lowered

    def _depth(self, node: Node) -> int:
        """Return the depth for an engine that nests each item of `and` and `or` in the one before."""
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
        """Count a step, so that a rules file of repeated doublings cannot fill the memory."""
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
        """Replace each name by its definition, if the definition contains a choice."""
        self._step()
        match node:
            # A choice whose test is always known does not need to move.
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
    """A parameter's dated values, to be made into a choice by a date.

    Attributes:
        name: The parameter.
        type: Its type.
        dated: First day, last day (``None``: no end) and value, latest first.
    """

    name: str
    type: Type
    dated: tuple[tuple[Constant, Constant | None, Constant], ...]

    def on(self, day: Node) -> Node:
        """Return the value on a day; it is unknown before the first value and after the last day."""
        choice = unknown = cast("Node", Constant(self.type, None, self.name))
        for first, last, value in reversed(self.dated):
            in_force: Node = value
            if last is not None:
                in_force = If(self.type, Compare(BOOL, "<=", day, last), value, unknown)
            if first.value <= day.type.low:  # type: ignore[operator]
                choice = in_force
            else:
                choice = If(self.type, Compare(BOOL, ">=", day, first), in_force, choice)
        return choice


# `max(...) < x` is true if every part is below x, `min(...) < x` if one part is. For each comparison,
# the function that needs every part.
_BOUND_BY = {"<": "max", "<=": "max", ">": "min", ">=": "min"}


def _in_months(years: Node) -> Node:
    low, high = cast("int", years.type.low), cast("int", years.type.high)
    months = Type("int", parse_unit("month"), low=low * MONTHS_A_YEAR, high=high * MONTHS_A_YEAR)
    return Call(months, "*", (years, Constant(months, MONTHS_A_YEAR)))


def _is_least_or_most(node: Node) -> bool:
    """Return whether this is a `min` or `max` with two or more arguments that can be unknown."""
    if not isinstance(node, Call) or node.function not in ("min", "max"):
        return False
    return sum(not isinstance(part, Constant) for part in node.arguments) > 1


def _has_choice(node: Node) -> bool:
    return isinstance(node, If) or _is_least_or_most(node) or any(map(_has_choice, children(node)))


def _split(node: Node) -> tuple[Node, Node, Node] | None:
    """Return the test of the first choice inside a value, and the value for each branch."""
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
