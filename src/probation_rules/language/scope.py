"""What the names in a condition mean, and what checks its parts."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import NoReturn, Protocol

from attrs import frozen

from probation_rules.language.tree import Node, Type


@frozen
class Scope:
    """What the names in a condition stand for.

    Attributes:
        names: Types of facts, derived facts and parameters.
        parameters: Which of the names are parameters.
        members: Types of the fields of a member, inside `count` and `total`.
        list_name: The name of the list of members.
    """

    names: Mapping[str, Type]
    parameters: frozenset[str]
    members: Mapping[str, Type]
    list_name: str | None = None


class Checker(Protocol):
    """Types the parts of one text; `calls` asks it for the arguments of a function.

    Attributes:
        scope: What the names mean.
        in_members: Whether the part is about one member of a list.
    """

    scope: Scope
    in_members: bool

    def refuse(self, node: ast.expr, message: str) -> NoReturn:
        """Stop, with a caret under a part of the text."""

    def visit(self, node: ast.expr, depth: int) -> Node:
        """Return the typed expression of a part."""

    def boolean(self, node: ast.expr, depth: int) -> Node:
        """Return a part that has to be true or false."""

    def number(self, node: ast.expr, depth: int) -> Node:
        """Return a part that has to be a number."""

    def day(self, node: ast.expr, depth: int) -> Node:
        """Return a part that has to be a date."""

    def same(self, node: ast.expr, a: Node, b: Node) -> None:
        """Refuse two numbers of different units or decimal places."""
