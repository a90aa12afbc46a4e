"""The names that a condition can use, and the interface of the checker."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import NoReturn, Protocol

from attrs import frozen

from probation_rules.language.tree import Node, Type


@frozen
class Scope:
    """The names that a condition can use.

    Attributes:
        names: The types of facts, derived facts and parameters, by name.
        parameters: The names that are parameters.
        members: The types of a member's fields, for use inside `count` and `total`.
        list_name: The name of the list of members.
    """

    names: Mapping[str, Type]
    parameters: frozenset[str]
    members: Mapping[str, Type]
    list_name: str | None = None


class Checker(Protocol):
    """Adds types to the parts of one text; `calls` uses it for the arguments of a function.

    Attributes:
        scope: The names that the text can use.
        in_members: Whether the part is inside `count` or `total`.
    """

    scope: Scope
    in_members: bool

    def refuse(self, node: ast.expr, message: str) -> NoReturn:
        """Raise an error that marks a part of the text."""

    def visit(self, node: ast.expr, depth: int) -> Node:
        """Return the typed expression of a part."""

    def boolean(self, node: ast.expr, depth: int) -> Node:
        """Return the typed expression of a part that must be true or false."""

    def number(self, node: ast.expr, depth: int) -> Node:
        """Return the typed expression of a part that must be a number."""

    def day(self, node: ast.expr, depth: int) -> Node:
        """Return the typed expression of a part that must be a date."""

    def same(self, node: ast.expr, a: Node, b: Node) -> None:
        """Refuse two values that differ in kind, unit or decimal places."""
