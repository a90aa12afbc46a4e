"""What is known on the day is worked out once, and every choice has a name of its own."""

from __future__ import annotations

from datetime import date

from probation_rules.engines.fold import BOOL, Fold
from probation_rules.language.tree import And, Compare, Constant, Count, If, Name, Or, Type
from toy import raw, toy_area

AREA = toy_area()
ENDED = Name(BOOL, "ended")
UNKNOWN = Constant(BOOL, None)
SETTLED = Name(BOOL, "settled", of_member=True)
LATE, EARLY = date(2025, 1, 1), date(2021, 1, 1)


def test_a_parameter_is_its_value_on_the_day() -> None:
    content = raw()
    content["parameters"]["most_visits"]["by"] = "on"
    area, most = toy_area(content), Name(Type("int"), "most_visits")

    assert [Fold(area, day)(most).value for day in (LATE, EARLY)] == [5, 3]  # type: ignore[attr-defined]


def test_a_parameter_that_goes_by_a_date_of_the_case_stays_a_choice() -> None:
    fold = Fold(AREA, LATE)

    assert isinstance(fold(Name(Type("int"), "most_visits")), Name)
    assert isinstance(fold.definitions["_if_1"], If)


def test_what_the_day_settles_is_gone() -> None:
    fold = Fold(AREA, LATE)
    past = Compare(BOOL, ">=", Name(Type("date"), "on"), Constant(Type("date"), EARLY))

    assert fold(And(BOOL, (past, ENDED))) == ENDED
    assert fold(Or(BOOL, (past, ENDED))) == Constant(BOOL, value=True)
    assert fold(And(BOOL, (past, past))) == Constant(BOOL, value=True)
    assert fold(Or(BOOL, (UNKNOWN, ENDED))) == Or(BOOL, (UNKNOWN, ENDED))
    assert fold(If(BOOL, past, ENDED, UNKNOWN)) == ENDED
    assert fold(If(BOOL, ENDED, past, past)) == Constant(BOOL, value=True)


def test_a_choice_that_stands_twice_has_one_name() -> None:
    fold = Fold(AREA, LATE)
    choice = If(BOOL, ENDED, UNKNOWN, ENDED)

    assert fold(choice) == fold(choice) == Name(BOOL, "_if_1")
    assert fold.levels() == [["_if_1"]]


def test_a_choice_about_a_member_stays_where_it_is() -> None:
    fold = Fold(AREA, LATE)
    choice = If(BOOL, SETTLED, SETTLED, ENDED)

    fold(Count(Type("int"), "members", choice))

    assert fold.counts == {Count(Type("int"), "members", choice): "_count_1"}
    assert not fold.definitions


def test_a_definition_stands_one_level_above_the_highest_that_it_uses() -> None:
    """No definition may use another of its own level: Trino takes no such SELECT, though DuckDB does."""
    fold = Fold(AREA, LATE)
    number = Type("int")
    helpers = Name(number, "helpers")  # a count, and so known before any definition
    plain = If(number, ENDED, Constant(number, 1), Constant(number, 2))
    higher = If(number, ENDED, plain, Constant(number, 3))
    highest = If(number, ENDED, higher, helpers)

    fold(If(number, UNKNOWN, Constant(number, 1), Constant(number, 2)))  # uses nothing
    fold(highest)

    assert fold.levels() == [["_if_1", "_if_2", "helpers"], ["_if_3"], ["_if_4"]]
