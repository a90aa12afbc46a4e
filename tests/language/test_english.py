from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from probation_rules.language.english import clause, negated, read_aloud, say
from probation_rules.language.parse import parse
from probation_rules.language.tree import Type
from probation_rules.language.units import parse_unit
from support.scope import SCOPE


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (750, "minute", "12 h 30 min"),
        (720, "minute", "12 h"),
        (59, "minute", "59 min"),
        (0, "minute", "0 min"),
        (-1, "minute", "-1 min"),
        (-90, "minute", "-1 h 30 min"),
        (120_000, "minute", "2,000 h"),
        (120, "minute / week", "2 h a week"),
        (30, "per cent", "30 %"),
        (2, "person", "2"),
        (1, "hour", "1 hour"),
        (40, "hour", "40 hours"),
        (None, "hour", "not known"),
    ],
)
def test_a_number_is_written_with_its_unit(value: int | None, unit: str, text: str) -> None:
    assert say(value, Type("int", parse_unit(unit))) == text


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (True, Type("bool"), "yes"),
        (False, Type("bool"), "no"),
        (date(2018, 2, 14), Type("date"), "14 Feb 2018"),
        ("community_order", Type("code"), "community order"),
        (1234, Type("int"), "1,234"),
        (150, Type("int", places=2), "1.50"),
        (Decimal("1.5"), Type("int", places=2), "1.5"),
        ((), Type("int"), "()"),
    ],
)
def test_a_value_is_written_for_a_reader(value: Any, kind: Type, text: str) -> None:
    assert say(value, kind) == text


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        ("minutes <= hours_most * 60", "minutes is at most hours most times 60"),
        ("on < started_on", "the day asked about is before started on"),
        ("not done and opened", "not done, and opened"),
        ("not (minutes > 0)", "it is not the case that minutes is more than 0"),
        ("grade in ('PO', 'CA')", "grade is PO or CA"),
        ("grade != 'PO'", "grade is not PO"),
        ("done or (opened and done)", "done, or (opened, and done)"),
        (
            "on == last_day(started_on, limit)",
            "the day asked about is the last day of the limit that begin with started on",
        ),
        (
            "minutes > (huge if done else change) + 1",
            "minutes is more than (huge if done, otherwise change) plus 1",
        ),
        ("min(minutes, huge) > change", "the least of minutes and huge is more than change"),
        ("max(minutes, huge) > change", "the greatest of minutes and huge is more than change"),
        (
            "count(members, role == 'PO') > 1",
            "the number of members for whom role is PO is more than 1",
        ),
        (
            "total(members, part, settled) > fte",
            "the total part of members for whom settled is more than fte",
        ),
        (
            "divide_up(minutes, 7) > divide_down(minutes, 7)",
            "minutes divided by 7, rounded up is more than minutes divided by 7, rounded down",
        ),
        (
            "days_between(started_on, on) - grace > 0",
            "the days from started on to the day asked about less grace is more than 0",
        ),
    ],
)
def test_a_condition_is_written_in_plain_english(condition: str, text: str) -> None:
    assert read_aloud(parse(condition, SCOPE)) == text


@pytest.mark.parametrize(
    ("about", "text"),
    [
        ("Whether the last day has passed. An extension counts.", "the last day has passed"),
        ("Whether Reset had begun in the region.", "Reset had begun in the region"),
        ("The six-month point.", "the six-month point"),
        ("PSOs in full-time equivalents.", "PSOs in full-time equivalents"),
        ("Minutes outstanding: still to be worked.", "minutes outstanding"),
        ("A code", "a code"),
    ],
)
def test_a_description_goes_inside_a_sentence(about: str, text: str) -> None:
    assert clause(about) == text


@pytest.mark.parametrize(
    ("text", "opposite"),
    [
        ("any minutes are outstanding", "no minutes are outstanding"),
        ("the last day has passed", "the last day has not passed"),
        ("it is a suspended sentence order", "it is not a suspended sentence order"),
        ("each day is within the limits", "it is not the case that each day is within the limits"),
        ("the visit is late or is early", "it is not the case that the visit is late or is early"),
        (
            "the case that is late was sent",
            "it is not the case that the case that is late was sent",
        ),
        ("the list only is in force", "it is not the case that the list only is in force"),
        ("the visits continue", "it is not the case that the visits continue"),
    ],
)
def test_the_opposite_of_a_clause_cannot_be_misread(text: str, opposite: str) -> None:
    assert negated(text) == opposite
