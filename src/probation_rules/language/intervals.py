"""Arithmetic on numbers that are known only by their bounds, such as a count with unknown members.

The caller chooses the type of a bound: the interpreter passes figures, and engines pass texts,
terms or fields that will become figures.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from probation_rules.language.tree import Call, Node

T = TypeVar("T")
# In these functions a greater second argument gives a lower result.
_FALLING = ("-", "divide_down", "divide_up", "round_half_up")


def calculated(
    node: Call, parts: Sequence[tuple[T, T]], call: Callable[[str, Sequence[T]], T]
) -> tuple[T, T]:
    """Return the bounds of a function's result.

    Args:
        node: The function.
        parts: The bounds of each argument.
        call: Computes a function on single values.
    """
    function = node.function
    if function == "*" and not all(map(_never_negative, node.arguments)):
        (a, b), (c, d) = parts
        products = [call("*", (x, y)) for x in (a, b) for y in (c, d)]
        return call("min", products), call("max", products)
    if function in _FALLING:
        first, (least, most) = parts
        parts = [first, (most, least)]
    return call(function, [low for low, _ in parts]), call(function, [high for _, high in parts])


def ways(operator: str, left: tuple[T, T], right: tuple[T, T]) -> list[list[tuple[T, str, T]]]:
    """Return the ways in which a comparison is true for all values within the bounds.

    Each way is a list of comparisons between two bounds. All of them must be true.
    """
    (low, high), (least, most) = left, right
    match operator:
        case "<" | "<=":
            return [[(high, operator, least)]]
        case ">" | ">=":
            return [[(low, operator, most)]]
        case "==":
            return [[(high, "<=", least), (low, ">=", most)]]
    return [[(high, "<", least)], [(low, ">", most)]]


def _never_negative(node: Node) -> bool:
    return isinstance(node.type.low, int) and node.type.low >= 0
