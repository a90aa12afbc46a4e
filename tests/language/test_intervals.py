"""Check the bounds of results, and comparisons of bounds, by trying every value."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import pytest

from probation_rules.language.interpret import Interpreter
from probation_rules.language.intervals import calculated, ways
from probation_rules.language.tree import BOOL, OPPOSITE, Call, Compare, Constant, Name, Type

INTERVALS = [(low, high) for low in range(-2, 4) for high in range(low, 4)]
POSITIVE = [one for one in INTERVALS if one[0] > 0]
NOT_NEGATIVE = [one for one in INTERVALS if one[0] >= 0]


def call(function: str, values: Sequence[int]) -> int:
    parts = tuple(Constant(Type("int"), value) for value in values)
    found = Interpreter({}, {}).value(Call(Type("int"), function, parts))
    assert isinstance(found, int)
    return found


def between(ends: tuple[int, int]) -> range:
    return range(ends[0], ends[1] + 1)


@pytest.mark.parametrize("function", ["+", "-", "*", "min", "max"])
def test_the_bounds_of_a_function_are_its_lowest_and_highest_result(function: str) -> None:
    node = Call(Type("int"), function, (Name(Type("int"), "a"), Name(Type("int"), "b")))

    for left, right in product(INTERVALS, INTERVALS):
        found = [call(function, pair) for pair in product(between(left), between(right))]
        assert calculated(node, [left, right], call) == (min(found), max(found)), (left, right)


@pytest.mark.parametrize("function", ["*", "divide_down", "divide_up", "round_half_up"])
def test_the_bounds_are_right_if_neither_side_can_be_negative(function: str) -> None:
    kind = Type("int", low=0, high=3)
    node = Call(kind, function, (Name(kind, "a"), Name(kind, "b")))

    for left, right in product(NOT_NEGATIVE, POSITIVE):
        found = [call(function, pair) for pair in product(between(left), between(right))]
        assert calculated(node, [left, right], call) == (min(found), max(found)), (left, right)


def test_two_products_are_enough_if_no_side_can_be_negative() -> None:
    kind = Type("int", low=0, high=3)
    node = Call(kind, "*", (Name(kind, "a"), Name(kind, "b")))

    found = calculated(node, [("a", "b"), ("c", "d")], lambda sign, parts: sign.join(parts))

    assert found == ("a*c", "b*d")


@pytest.mark.parametrize("operator", OPPOSITE)
def test_a_comparison_is_true_if_it_is_true_for_every_pair_of_values(operator: str) -> None:
    for left, right in product(INTERVALS, INTERVALS):
        expected = all(
            compared(one, operator, other) for one, other in product(between(left), between(right))
        )
        found = ways(operator, left, right)
        assert any(all(compared(*one) for one in way) for way in found) is expected, (left, right)


def compared(one: int, operator: str, other: int) -> bool:
    left, right = (Constant(Type("int"), value) for value in (one, other))
    return Interpreter({}, {}).value(Compare(BOOL, operator, left, right)) is True
