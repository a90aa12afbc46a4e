"""Ordered choices: the first true condition gives the value; without one, the default applies."""

from __future__ import annotations

from collections.abc import Sequence

from probation_rules.language.ranges import difference, union_type, with_places
from probation_rules.language.tree import If, Node


def ordered_choice(cases: Sequence[tuple[Node, Node]], otherwise: Node) -> Node:
    """Return an expression for the value of the first true condition, or the default.

    If an earlier condition is unknown, the value is unknown unless all possible values are equal.

    Args:
        cases: Each condition with its value, in order.
        otherwise: The value if no condition is true.

    Raises:
        ValueError: Two values have different kinds, units or decimal places.
    """
    places = max(value.type.places for value in (otherwise, *(value for _, value in cases)))
    choice = with_places(otherwise, places)
    for condition, given in reversed(cases):
        value = with_places(given, places)
        if text := difference(value, choice):
            raise ValueError(text)
        choice = If(union_type(value.type, choice.type), condition, value, choice)
    return choice
