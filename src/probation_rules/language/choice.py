"""Ordered choices: the first condition that holds gives the value, else the default does."""

from __future__ import annotations

from collections.abc import Sequence

from probation_rules.language.ranges import difference, hull, with_places
from probation_rules.language.tree import If, Node


def ordered_choice(cases: Sequence[tuple[Node, Node]], otherwise: Node) -> Node:
    """Return the value of the first case whose condition holds, or the default.

    Where an earlier condition is unknown, the value is unknown unless every value still possible
    is the same.

    Args:
        cases: Each condition with its value, in order.
        otherwise: The value where no condition holds.

    Raises:
        ValueError: Two values are of different kinds, units or decimal places.
    """
    places = max(value.type.places for value in (otherwise, *(value for _, value in cases)))
    found = with_places(otherwise, places)
    for condition, given in reversed(cases):
        value = with_places(given, places)
        if text := difference(value, found):
            raise ValueError(text)
        found = If(hull(value.type, found.type), condition, value, found)
    return found
