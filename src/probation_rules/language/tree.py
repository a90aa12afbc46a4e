"""The typed expression tree that every engine, the interpreter and the plain-English text share.

It has nine kinds of node: `Constant` and `Name` for values; `Not`, `And`, `Or` and `Compare` for what
is true or false; `Call` for everything that is computed from known values alone (a sum, a date, a
code that is one of several words); `If` for a choice; `Count` for what rests on members.
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
# Each comparison, and the one that is true where it is false; and the same with its sides swapped.
OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


@frozen
class Type:
    """What kind of value an expression has.

    Attributes:
        kind: `bool`, `int`, `date` or `code`. An exact decimal is an `int` with places.
        unit: The unit of an int; ``None`` for the figures 0 and 1, which fit any unit.
        codes: The closed list of words of a code.
        places: How many decimal places a scaled int stands for.
        low: Least value an int or date can take.
        high: Greatest value an int or date can take.
    """

    kind: Kind
    unit: Unit | None = ()
    codes: tuple[str, ...] = ()
    places: int = 0
    low: int | date | None = None
    high: int | date | None = None

    @property
    def noun(self) -> str:
        """What a message calls such a value."""
        return NOUNS[self.kind]


BOOL = Type("bool")


@frozen
class Node:
    """An expression. Its type includes the range of values it can take."""

    type: Type


@frozen
class Constant(Node):
    """A figure, a date or a code word; or a parameter's value in force, which then has its name."""

    value: Value | None
    parameter: str | None = None


@frozen
class Name(Node):
    """A fact of the case (input or derived), a parameter's value, or a member's field."""

    name: str
    of_member: bool = False


@frozen
class Not(Node):
    """True where the item is false."""

    item: Node


@frozen
class And(Node):
    """True where every item is."""

    items: tuple[Node, ...]


@frozen
class Or(Node):
    """True where some item is."""

    items: tuple[Node, ...]


@frozen
class Compare(Node):
    """Two values compared by `<`, `<=`, `>`, `>=`, `==` or `!=`."""

    operator: str
    left: Node
    right: Node


@frozen
class Call(Node):
    """A function of its arguments, unknown as soon as one of them is.

    Attributes:
        function: `+`, `-` or `*`; `in`, a code and then the words that it may be; or a name from `calls`.
        arguments: What it is computed from.
    """

    function: str
    arguments: tuple[Node, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """The words of an `in`."""
        return tuple(cast("str", cast("Constant", word).value) for word in self.arguments[1:])


@frozen
class If(Node):
    """One of two values, by a condition."""

    test: Node
    then: Node
    otherwise: Node


@frozen
class Count(Node):
    """How many members meet the predicate, or the total of a field over those that do."""

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
    """Yield the names of facts and parameters that an expression mentions, members' fields apart."""
    for inner in walk(node):
        match inner:
            case Name(name=name, of_member=False) | Count(members=name):
                yield name
