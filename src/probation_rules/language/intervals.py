"""Numbers of which only the least and the most are known, as a count is while members are unknown.

This is the one place for their arithmetic. What an end is, its user decides: the interpreter passes
figures, and engines pass the texts, terms or fields that will be the figures.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from probation_rules.language.tree import Call, Node

T = TypeVar("T")
# The greater the second argument of these, the less the result.
_FALLING = ("-", "divide_down", "divide_up", "round_half_up")


def calculated(
    node: Call, parts: Sequence[tuple[T, T]], call: Callable[[str, Sequence[T]], T]
) -> tuple[T, T]:
    """Return the least and the most of a function.

    Args:
        node: The function.
        parts: The least and the most of each argument.
        call: Computes a function of single values.
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
    """Return the ways in which a comparison is true of all values between the ends.

    Each way is a list of comparisons of two ends that must all be true.
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
