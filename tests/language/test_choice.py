"""An ordered choice gives the value of the first true condition."""

from __future__ import annotations

from itertools import product

import pytest

from probation_rules.language.choice import ordered_choice
from probation_rules.language.interpret import Interpreter
from probation_rules.language.parse import parse
from probation_rules.language.tree import Node
from support.scope import SCOPE


def of(*lines: str) -> Node:
    """Return a choice from `condition: value` lines; the last line is the default."""
    *cases, otherwise = lines
    parts = [[parse(text, SCOPE) for text in line.split(": ")] for line in cases]
    return ordered_choice([(when, value) for when, value in parts], parse(otherwise, SCOPE))


@pytest.mark.parametrize(
    ("done", "opened", "expected"),
    [
        (True, True, "PO"),
        (True, False, "PO"),
        (True, None, "PO"),
        (False, True, "PSO"),
        (False, False, "CA"),
        (False, None, None),
        (None, True, None),
        (None, False, None),
        (None, None, None),
    ],
)
def test_the_first_true_condition_gives_the_value(
    done: bool | None, opened: bool | None, expected: str | None
) -> None:
    node = of("done: 'PO'", "opened: 'PSO'", "'CA'")

    assert Interpreter({"done": done, "opened": opened}, {}).value(node) == expected


def test_an_unknown_condition_does_not_matter_if_all_possible_values_agree() -> None:
    node = of("done: 'PO'", "opened: 'PSO'", "'PO'")

    for done, opened in product([True, False, None], repeat=2):
        possible = {
            "PO" if one else "PSO" if other else "PO"
            for one in ([True, False] if done is None else [done])
            for other in ([True, False] if opened is None else [opened])
        }
        value = Interpreter({"done": done, "opened": opened}, {}).value(node)
        assert value == (possible.pop() if len(possible) == 1 else None)


def test_a_bare_figure_takes_the_unit_and_decimal_places_of_the_other_values() -> None:
    node = of("done: 1", "fte")

    assert node.type.unit == SCOPE.names["fte"].unit
    assert Interpreter({"done": True, "fte": None}, {}).value(node) == 100


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (("done: minutes", "grade"), "a number and a code word cannot be used together"),
        (("done: minutes", "limit"), "`minute` and `month` are different units"),
        (("done: fte", "tenth"), "the two numbers have different decimal places"),
    ],
)
def test_values_of_different_kinds_or_units_are_refused(
    lines: tuple[str, ...], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        of(*lines)
