"""Decision diagrams: which unknowns an answer depends on.

A diagram is a leaf with a value, or a branch. A branch tests one unknown and has a diagram for each
value of it. Three rules make the diagram of an answer unique: each branch tests a later unknown
than the branch above it; equal diagrams are one object; and a branch with equal diagrams for all
values is left out. So an answer depends on an unknown exactly if its diagram tests that unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from functools import lru_cache
from typing import Any

from attrs import define, field, frozen

# Rules and cases are not trusted, so the size of a question has limits.
MOST_UNKNOWNS = 100
MOST_OPERATIONS = 800
MOST_STEPS = 3_000  # for the diagrams of one question
_REMEMBERED = 256  # questions in the cache

# Either the index of an earlier operation, for its result; or a tuple with one value.
Operand = int | tuple[Any]
# ("ask", number, values): an unknown, and the values that it can have.
# ("if", test, then, otherwise): the second operand or the third, by the first.
# (function, *operands): the function's result on the values of the operands.
Operation = tuple[Any, ...]


def relevant(operations: Collection[Operation], answers: tuple[Operand, ...]) -> frozenset[int]:
    """Return the numbers of the unknowns that at least one answer depends on.

    Args:
        operations: The operations that compute the answers, in order.
        answers: The operands that are the answers.

    Returns:
        The numbers. The set is empty if the question is too large.
    """
    if len(operations) > MOST_OPERATIONS:
        return frozenset()
    return _relevant(tuple(operations), answers)


@lru_cache(_REMEMBERED)
def _relevant(operations: tuple[Operation, ...], answers: tuple[Operand, ...]) -> frozenset[int]:
    diagrams = _Diagrams()
    try:
        for what, *operands in operations:
            diagrams.add(what, operands)
    except _TooLarge:
        return frozenset()
    return frozenset(diagrams.asked(answers))


class _TooLarge(Exception):
    """The question has too many unknowns, or its diagrams take too many steps."""


@frozen(eq=False)
class _Leaf:
    """A diagram that is one value."""

    value: Any


@frozen(eq=False)
class _Branch:
    """A diagram that tests the unknown with this number: it has a diagram for each value."""

    number: int
    ways: tuple[_Diagram, ...]


_Diagram = _Leaf | _Branch
# Returns the result for some diagrams, or ``None`` if another unknown has to be tested first.
_Rule = Callable[..., _Diagram | None]


@define
class _Diagrams:
    """The diagrams of operations. Equal diagrams are one object."""

    _results: list[_Diagram] = field(factory=list)
    _leaves: dict[Any, _Leaf] = field(factory=dict)
    _branches: dict[tuple[int, tuple[_Diagram, ...]], _Branch] = field(factory=dict)
    _steps: int = 0

    def add(self, what: Any, operands: list[Any]) -> None:
        """Make the diagram for the result of the next operation."""
        if what == "ask":
            number, values = operands
            if number >= MOST_UNKNOWNS:
                raise _TooLarge
            found = self._branch(number, tuple(map(self._leaf, values)))
        else:
            rule = _chosen if what == "if" else self._applied(what)
            found = self._follow(rule, tuple(map(self._of, operands)))
        self._results.append(found)

    def asked(self, answers: tuple[Operand, ...]) -> Iterator[int]:
        """Yield the numbers of the unknowns that the diagrams of the answers test."""
        done: set[_Diagram] = set()
        todo = set(map(self._of, answers))
        while todo:
            done.add(one := todo.pop())
            if isinstance(one, _Branch):
                yield one.number
                todo |= set(one.ways) - done

    def _of(self, operand: Operand) -> _Diagram:
        return self._results[operand] if isinstance(operand, int) else self._leaf(operand[0])

    def _leaf(self, value: Any) -> _Leaf:
        if value not in self._leaves:
            self._leaves[value] = _Leaf(value)
        return self._leaves[value]

    def _branch(self, number: int, ways: tuple[_Diagram, ...]) -> _Diagram:
        if ways.count(ways[0]) == len(ways):
            return ways[0]
        key = number, ways
        if key not in self._branches:
            self._branches[key] = _Branch(number, ways)
        return self._branches[key]

    def _applied(self, function: Callable[..., Any]) -> _Rule:
        def applied(*parts: _Diagram) -> _Diagram | None:
            values = [part.value for part in parts if isinstance(part, _Leaf)]
            return self._leaf(function(*values)) if len(values) == len(parts) else None

        return applied

    def _follow(self, rule: _Rule, parts: tuple[_Diagram, ...]) -> _Diagram:
        """Return the result of a rule on diagrams, by testing one unknown after another."""
        known: dict[tuple[_Diagram, ...], _Diagram] = {}

        def followed(parts: tuple[_Diagram, ...]) -> _Diagram:
            if parts not in known:
                self._steps += 1
                if self._steps > MOST_STEPS:
                    raise _TooLarge
                known[parts] = rule(*parts) or split(parts)
            return known[parts]

        def split(parts: tuple[_Diagram, ...]) -> _Diagram:
            branches = [part for part in parts if isinstance(part, _Branch)]
            first = min(branches, key=lambda one: one.number)
            number, size = first.number, len(first.ways)
            # Each part, for each value of the unknown with the lowest number.
            by_value = [
                part.ways if isinstance(part, _Branch) and part.number == number else (part,) * size
                for part in parts
            ]
            return self._branch(number, tuple(map(followed, zip(*by_value, strict=True))))

        return followed(parts)


def _chosen(test: _Diagram, then: _Diagram, otherwise: _Diagram) -> _Diagram | None:
    if then is otherwise:
        return then
    return (then if test.value else otherwise) if isinstance(test, _Leaf) else None
