"""The typed expression tree that the engines, the interpreter and the plain-English text share.

It has nine kinds of node: `Constant` and `Name` for values; `Not`, `And`, `Or` and `Compare` for
conditions; `Call` for functions that need all their arguments (a sum, a date, `in`); `If` for a
choice; `Count` for the members of a list.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Literal, cast

from attrs import field, fields, frozen

from probation_rules.language.units import Unit

Kind = Literal["bool", "int", "date", "code"]
Value = bool | int | date | str
NOUNS: dict[Kind, str] = {
    "bool": "true or false", "int": "a number", "date": "a date", "code": "a code word",
}  # fmt: skip
# Each comparison with its opposite, and with the equal comparison for swapped sides.
OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


@frozen
class Type:
    """The type of an expression's value.

    Attributes:
        kind: `bool`, `int`, `date` or `code`. An exact decimal is a scaled `int` with places.
        unit: The unit of an int; ``None`` for the figures 0 and 1, which fit any unit.
        codes: The allowed words of a code.
        places: The number of decimal places of a scaled int.
        low: The lowest value of an int or date.
        high: The highest value of an int or date.
    """

    kind: Kind
    unit: Unit | None = ()
    codes: tuple[str, ...] = ()
    places: int = 0
    low: int | date | None = None
    high: int | date | None = None

    @property
    def noun(self) -> str:
        """The name of the type in messages."""
        return NOUNS[self.kind]


BOOL = Type("bool")


@frozen
class Node:
    """An expression. Its type includes the range of values it can take."""

    type: Type


@frozen
class Constant(Node):
    """A figure, a date or a code word. `parameter` is the name of the parameter it comes from."""

    value: Value | None
    parameter: str | None = None


@frozen
class Name(Node):
    """A fact of the case (input or derived), a parameter's value, or a member's field."""

    name: str
    of_member: bool = False


@frozen
class Not(Node):
    """True if the item is false."""

    item: Node


@frozen
class And(Node):
    """True if every item is true."""

    items: tuple[Node, ...]


@frozen
class Or(Node):
    """True if at least one item is true."""

    items: tuple[Node, ...]


@frozen
class Compare(Node):
    """A comparison of two values by `<`, `<=`, `>`, `>=`, `==` or `!=`."""

    operator: str
    left: Node
    right: Node


@frozen
class Call(Node):
    """A function of its arguments. The result is unknown if an argument is unknown.

    Attributes:
        function: `+`, `-`, `*`, `in` or the name of a function from `calls`.
        arguments: The arguments. The first argument of `in` is a code, the others are its words.
    """

    function: str
    arguments: tuple[Node, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """The words that an `in` accepts."""
        return tuple(cast("str", cast("Constant", word).value) for word in self.arguments[1:])


@frozen
class If(Node):
    """A choice of one of two values by a condition."""

    test: Node
    then: Node
    otherwise: Node


@frozen
class Count(Node):
    """The number of members for whom the predicate is true, or the total of a field over them."""

    members: str
    predicate: Node
    field: Name | None = field(default=None)


def children(node: Node) -> Iterator[Node]:
    """Yield the expressions directly inside a node."""
    for attribute in fields(type(node)):
        value = getattr(node, attribute.name)
        if isinstance(value, Node):
            yield value
        elif isinstance(value, tuple):
            yield from (item for item in value if isinstance(item, Node))


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and everything inside it, outermost first."""
    yield node
    for child in children(node):
        yield from walk(child)


def names(node: Node) -> Iterator[str]:
    """Yield the names of facts and parameters in an expression, without the fields of members."""
    for inner in walk(node):
        match inner:
            case Name(name=name, of_member=False) | Count(members=name):
                yield name
