"""Values known on the day become constants, and each choice gets its own name."""

from __future__ import annotations

from datetime import date

from probation_rules.language.specialise import Specialiser
from probation_rules.language.tree import BOOL, And, Compare, Constant, Count, If, Name, Or, Type
from probation_rules.rulebook.model import Area
from support.toy import raw, toy_area

AREA = toy_area()
ENDED = Name(BOOL, "ended")
UNKNOWN = Constant(BOOL, None)
SETTLED = Name(BOOL, "settled", of_member=True)
LATE, EARLY = date(2025, 1, 1), date(2021, 1, 1)


def specialiser(on: date, area: Area = AREA) -> Specialiser:
    return Specialiser(area.definitions, area.facts, area.settings, on)


def test_a_parameter_is_its_value_on_the_day() -> None:
    content = raw()
    content["parameters"]["most_visits"]["by"] = "on"
    area, most = toy_area(content), Name(Type("int"), "most_visits")

    assert [specialiser(day, area)(most).value for day in (LATE, EARLY)] == [5, 3]  # type: ignore[attr-defined]


def test_a_parameter_by_a_date_of_the_case_stays_a_choice() -> None:
    special = specialiser(LATE)

    assert isinstance(special(Name(Type("int"), "most_visits")), Name)
    assert isinstance(special.definitions["_if_1"], If)


def test_conditions_that_the_day_decides_are_removed() -> None:
    special = specialiser(LATE)
    past = Compare(BOOL, ">=", Name(Type("date"), "on"), Constant(Type("date"), EARLY))

    assert special(And(BOOL, (past, ENDED))) == ENDED
    assert special(Or(BOOL, (past, ENDED))) == Constant(BOOL, value=True)
    assert special(And(BOOL, (past, past))) == Constant(BOOL, value=True)
    assert special(Or(BOOL, (UNKNOWN, ENDED))) == Or(BOOL, (UNKNOWN, ENDED))
    assert special(If(BOOL, past, ENDED, UNKNOWN)) == ENDED
    assert special(If(BOOL, ENDED, past, past)) == Constant(BOOL, value=True)


def test_equal_choices_have_one_name() -> None:
    special = specialiser(LATE)
    choice = If(BOOL, ENDED, UNKNOWN, ENDED)

    assert special(choice) == special(choice) == Name(BOOL, "_if_1")
    assert special.levels() == [["_if_1"]]


def test_a_choice_about_a_member_stays_in_place() -> None:
    special = specialiser(LATE)
    choice = If(BOOL, SETTLED, SETTLED, ENDED)

    special(Count(Type("int"), "members", choice))

    assert special.counts == {Count(Type("int"), "members", choice): "_count_1"}
    assert not special.definitions


def test_a_definition_is_one_level_above_those_that_it_uses() -> None:
    """A definition must not use another of its level: Trino refuses this in a SELECT, unlike DuckDB."""
    special = specialiser(LATE)
    number = Type("int")
    helpers = Name(number, "helpers")  # a count, so it is computed before all definitions
    plain = If(number, ENDED, Constant(number, 1), Constant(number, 2))
    higher = If(number, ENDED, plain, Constant(number, 3))
    highest = If(number, ENDED, higher, helpers)

    special(If(number, UNKNOWN, Constant(number, 1), Constant(number, 2)))  # uses nothing
    special(highest)

    assert special.levels() == [["_if_1", "_if_2", "helpers"], ["_if_3"], ["_if_4"]]
