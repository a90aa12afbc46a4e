from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from probation_rules.language import lower
from probation_rules.language.interpret import Interpreter
from probation_rules.language.lower import Lowering, ParameterValues, TooLarge
from probation_rules.language.parse import parse
from probation_rules.language.tree import Compare, Constant, If, Name, Node, walk
from support.scope import DATE, SCOPE


def dated(day: str) -> Constant:
    return Constant(DATE, date.fromisoformat(day))


MONTHS = SCOPE.names["limit"]
LIMIT = ParameterValues(
    "limit",
    MONTHS,
    (
        (dated("2024-01-01"), dated("2024-12-31"), Constant(MONTHS, 9, "limit")),
        (dated("2021-01-01"), None, Constant(MONTHS, 6, "limit")),
    ),
)


def lowered(text: str, **definitions: str) -> Node:
    meant: dict[str, Node] = {}
    for name, definition in definitions.items():
        meant[name] = Lowering(meant, ()).lower(parse(definition, SCOPE))
    return Lowering(meant, ()).lower(parse(text, SCOPE))


@pytest.mark.parametrize(
    ("day", "months"),
    [
        ("2020-12-31", None),
        ("2021-01-01", 6),
        ("2023-12-31", 6),
        ("2024-01-01", 9),
        ("2024-12-31", 9),
        # The later value has ended. The earlier one does not apply again.
        ("2025-01-01", None),
    ],
)
def test_a_parameter_has_the_value_of_the_day(day: str, months: int | None) -> None:
    node = LIMIT.on(Name(DATE, "asked_on"))

    assert Interpreter({"asked_on": date.fromisoformat(day)}, {}).value(node) == months


@pytest.mark.parametrize("first", ["2019-01-01", "2020-01-01"])
def test_a_value_from_before_the_first_day_is_not_compared(first: str) -> None:
    always = ParameterValues("limit", MONTHS, ((dated(first), None, Constant(MONTHS, 6)),))

    assert always.on(dated("2024-01-01")) == Constant(MONTHS, 6)


def test_a_comparison_with_a_dated_figure_is_known_if_every_value_agrees() -> None:
    meant = {"limit": LIMIT.on(Name(DATE, "started_on"))}
    node = Lowering(meant, ()).lower(parse("limit > no_months", SCOPE))
    facts = {"no_months": 5, "started_on": None}

    # This is unknown: the parameter does not have a value before its first day.
    assert Interpreter(facts, meant).value(node) is None
    assert Interpreter({**facts, "started_on": date(2024, 5, 1)}, meant).value(node) is True


def test_a_figure_by_the_day_asked_about_stays_a_name() -> None:
    meant = {"limit": LIMIT.on(Name(DATE, "on"))}
    node = Lowering(meant, {"limit"}).lower(parse("limit > no_months", SCOPE))

    assert not any(isinstance(inner, If) for inner in walk(node))


def test_a_choice_is_moved_out_of_a_derived_name() -> None:
    node = lowered("minutes + 1 > change", minutes="huge if done else 0")

    assert isinstance(node, If)
    assert not any(isinstance(inner, If) for inner in walk(node.then))


def test_a_choice_between_code_words_is_moved_out_of_in_and_equality() -> None:
    unknown = dict.fromkeys(SCOPE.names)
    for text in ("(grade if done else 'PO') in ('PO', 'PSO')", "(grade if done else 'PO') != 'CA'"):
        assert Interpreter({**unknown, "grade": "PSO"}, {}).value(lowered(text)) is True
        assert Interpreter({**unknown, "grade": "CA"}, {}).value(lowered(text)) is None


def test_a_choice_is_moved_out_of_a_function() -> None:
    unknown: dict[str, Any] = dict.fromkeys(SCOPE.names)
    node = lowered("add_days(started_on, grace if done else 0) < on")
    facts: dict[str, Any] = {"started_on": date(2024, 1, 1), "on": date(2024, 3, 1), "grace": 5}

    assert Interpreter({**unknown, **facts}, {}).value(node) is True


def test_a_derived_name_without_a_choice_stays_a_name() -> None:
    node = lowered("minutes > 1", minutes="huge + change")

    assert not any(isinstance(inner, If) for inner in walk(node))


def test_a_derived_min_is_compared_part_by_part() -> None:
    node = lowered("minutes > 1", minutes="min(huge, change)")

    assert Interpreter({"huge": 1, "change": None}, {}).value(node) is False


def test_a_min_or_max_with_a_constant_stays() -> None:
    assert isinstance(lowered("max(0, change) > minutes"), Compare)
    assert isinstance(lowered("min(0, 1) < minutes"), Compare)


def test_arguments_before_and_after_a_choice_stay() -> None:
    node = lowered("huge == max(0, change if done else 1, minutes)")
    facts = {"change": 1, "done": True, "minutes": 9}

    assert Interpreter({**facts, "huge": 9}, {}).value(node) is True
    assert Interpreter({**facts, "huge": 1}, {}).value(node) is False


def test_lowering_may_take_as_many_steps_as_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    # One step for the names of each side, and one for the comparison.
    monkeypatch.setattr(lower, "MOST_NODES", 3)
    assert isinstance(lowered("minutes > 0"), Compare)

    monkeypatch.setattr(lower, "MOST_NODES", 2)
    with pytest.raises(TooLarge):
        lowered("minutes > 0")


@pytest.mark.parametrize(
    ("text", "meant", "deep"),
    [
        ("done", {}, 1),
        ("not done", {}, 2),
        ("minutes > 0", {}, 2),
        ("done and opened and done", {}, 3),
        ("done or opened or done", {}, 3),
        ("minutes > 1", {"minutes": "huge + change"}, 4),
    ],
)
def test_a_condition_may_be_as_deep_as_the_limit(
    text: str, meant: dict[str, str], deep: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lower, "DEEPEST", deep)
    assert lowered(text, **meant).type.kind == "bool"

    monkeypatch.setattr(lower, "DEEPEST", deep - 1)
    with pytest.raises(TooLarge):
        lowered(text, **meant)


def test_an_area_may_have_many_small_conditions() -> None:
    lifter = Lowering({}, {})

    assert all(lifter.lower(parse("minutes > 0", SCOPE)).type.kind == "bool" for _ in range(100))


def test_a_condition_that_would_grow_too_large_is_refused() -> None:
    meant = {"huge": "minutes if done else change"}
    with pytest.raises(TooLarge):
        lowered(" + ".join(["huge"] * 12) + " > 0", **meant)


def test_the_lowered_form_means_the_same_if_everything_is_known() -> None:
    text = "minutes > max(min(huge, change), huge if done else 1)"
    for minutes in range(4):
        for done in (True, False):
            facts = {"minutes": minutes, "huge": 2, "change": 1, "done": done}
            expected = minutes > max(min(2, 1), 2 if done else 1)

            assert Interpreter(facts, {}).value(lowered(text)) is expected


def test_years_are_counted_as_twelve_months_each() -> None:
    node = lowered("on >= add_years(started_on, age)")
    facts: dict[str, Any] = {
        "on": date(2026, 2, 28),
        "started_on": date(2024, 2, 29),
        "age": 2,
    }

    assert Interpreter(facts, {}).value(node) is True
    assert Interpreter({**facts, "on": date(2026, 2, 27)}, {}).value(node) is False
