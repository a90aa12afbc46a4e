"""Simplify the expressions of an area for one day.

A table is checked for one day. So the values of parameters, the choices by that day and everything
that follows from them are constants. The other definitions are sorted, so that each comes after
those that it uses. Choices and counts get names (`_if_1`, `_count_1`), so that each is computed once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from typing import cast

from attrs import define, evolve, field

from probation_rules.language.interpret import Interpreter
from probation_rules.language.tree import (
    BOOL,
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

_NOTHING_KNOWN = Interpreter({}, {})


@define
class Specialiser:
    """Simplifies expressions of one area for one day, and collects the definitions they use.

    Attributes:
        meanings: The lowered expression of each derived fact and parameter.
        facts: The names of the facts of a case.
        settings: The values that the caller gave for open parameters.
        on: The day asked about.
        definitions: The expression of each name that is not a constant, after those that it uses.
        counts: The counts of members, each with its new name.
        bounded: The names of numbers that use a count, so that only their bounds may be known.
    """

    meanings: Mapping[str, Node]
    facts: Collection[str]
    settings: Mapping[str, Value]
    on: date
    definitions: dict[str, Node] = field(factory=dict, init=False)
    counts: dict[Count, str] = field(factory=dict, init=False)
    bounded: set[str] = field(factory=set, init=False)
    _constants: dict[str, Constant] = field(factory=dict, init=False)
    _choices: dict[If, Name] = field(factory=dict, init=False)

    def __call__(self, node: Node) -> Node:
        """Return the expression simplified for the day."""
        match node:
            case Constant(parameter=str(name)) if name in self.settings:
                return evolve(node, value=self.settings[name])
            case Constant():
                return node
            case Name():
                return node if node.of_member else self._name(node)
            case Not(item=item):
                return _strict(node, [self(item)], lambda item: Not(BOOL, item))
            case And() | Or():
                return self._joined(node)
            case Compare():
                parts = [self(node.left), self(node.right)]
                return _strict(node, parts, lambda one, other: evolve(node, left=one, right=other))
            case Call(arguments=arguments):
                parts = [self(argument) for argument in arguments]
                return _strict(node, parts, lambda *some: evolve(node, arguments=some))
            case If():
                return self._choice(node)
            case Count():
                return self._count(node)
        raise AssertionError(node)

    def levels(self) -> list[list[str]]:
        """Return the names of the definitions in levels; each level uses only those before it."""
        level: dict[str, int] = dict.fromkeys(self.counts.values(), 0)
        found: list[list[str]] = []
        for name, node in self.definitions.items():
            uses = [level.get(one.name, 0) for one in walk(node) if isinstance(one, Name)]
            level[name] = 1 + max(uses, default=0)
            found += [[] for _ in range(level[name] - len(found))]
            found[level[name] - 1].append(name)
        return found

    def is_bounded(self, node: Node) -> bool:
        """Return whether an expression uses a count."""
        return any(isinstance(one, Name) and one.name in self.bounded for one in walk(node))

    def _name(self, node: Name) -> Node:
        if node.name == "on":
            return Constant(node.type, self.on)
        if node.name in self.facts or node.name in self.bounded:
            return node
        if node.name not in self._constants and node.name not in self.definitions:
            self._define(node.name, self(self.meanings[node.name]))
        return self._constants.get(node.name, node)

    def _define(self, name: str, node: Node) -> None:
        if isinstance(node, Constant):
            self._constants[name] = node
            return
        self.definitions[name] = node
        if node.type.kind == "int" and self.is_bounded(node):
            self.bounded.add(name)

    def _joined(self, node: And | Or) -> Node:
        settles = isinstance(node, Or)
        items = dict.fromkeys(self(item) for item in node.items)
        left = [one for one in items if not (isinstance(one, Constant) and one.value is not settles
                                             and one.value is not None)]  # fmt: skip
        if any(isinstance(one, Constant) and one.value is settles for one in left):
            return Constant(BOOL, settles)
        if len(left) > 1:
            return evolve(node, items=tuple(left))
        return left[0] if left else Constant(BOOL, not settles)

    def _choice(self, node: If) -> Node:
        test = self(node.test)
        if isinstance(test, Constant) and test.value is not None:
            return self(node.then if test.value else node.otherwise)
        then, otherwise = self(node.then), self(node.otherwise)
        if then == otherwise:
            return then
        choice = evolve(node, test=test, then=then, otherwise=otherwise)
        if any(isinstance(one, Name) and one.of_member for one in walk(choice)):
            return choice
        if choice not in self._choices:
            name = f"_if_{len(self._choices) + 1}"
            self._choices[choice] = Name(node.type, name)
            self._define(name, choice)
        return self._choices[choice]

    def _count(self, node: Count) -> Node:
        special = evolve(node, predicate=self(node.predicate))
        name = self.counts.setdefault(special, f"_count_{len(self.counts) + 1}")
        self.bounded.add(name)
        return Name(node.type, name)


def _strict(node: Node, parts: Sequence[Node], rebuilt: Callable[..., Node]) -> Node:
    """Return the node with new parts: unknown if a part is, a constant if all parts are."""
    constants = [part for part in parts if isinstance(part, Constant)]
    if any(part.value is None for part in constants):
        return Constant(node.type, None)
    made = rebuilt(*parts)
    if len(constants) < len(parts):
        return made
    return Constant(node.type, cast("Value", _NOTHING_KNOWN.value(made)))
