"""Bad cases are refused in the same way by the fast engines and by the full list of problems."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from probation_rules.engines import python, reference
from probation_rules.errors import CaseError, InputError, NotInForce
from probation_rules.rulebook.validity import interpreter_for, scaled
from support.toy import raw, toy_area

AREA = toy_area()
ON = date(2024, 1, 1)
ENGINES = {"python": python.compile_area(AREA), "reference": reference.compile_area(AREA)}
every_engine = pytest.mark.parametrize("engine", ENGINES)


def case(**facts: Any) -> SimpleNamespace:
    names = [name for name in AREA.facts if name != "on"]
    return SimpleNamespace(**{**dict.fromkeys([*names, "members"]), **facts})


def member(**facts: Any) -> SimpleNamespace:
    return SimpleNamespace(**{"grade": None, "share": None, "settled": None, **facts})


BAD: list[tuple[dict[str, Any], str]] = [
    ({"visits": -1}, "`-1` is not allowed: it must be a whole number from 0 to 50 @ $.visits"),
    ({"visits": 51}, "`51` is not allowed"),
    ({"visits": True}, "`true` is not allowed"),
    ({"visits": 1.0}, "`1.0` is not allowed"),
    ({"visits": 10**60}, "this number is not allowed"),
    ({"visits": [[1]]}, "this value is not allowed"),
    ({"ended": 1}, "`1` is not allowed: it must be true or false @ $.ended"),
    ({"ended": "yes"}, "`yes` is not allowed: it must be true or false"),
    ({"kind": "haevy"}, "this word is not allowed; did you mean `heavy`? @ $.kind"),
    ({"kind": []}, "this value is not allowed: it must be one of light, heavy, other"),
    ({"kind": "x" * 99}, "this word is not allowed"),
    ({"kind": "\x1b[31m"}, "this text is not allowed"),
    ({"started_on": "2024-01-01"}, "must be a date from 2020-01-01 to 2100-12-31"),
    ({"started_on": datetime(2024, 1, 1)}, "must be a date"),  # noqa: DTZ001
    ({"started_on": date(2019, 12, 31)}, "`2019-12-31` is not allowed"),
    ({"ended_on": date(2023, 1, 1)}, "is given, so `ended` must be true @ $.ended_on"),
    ({"ended": False, "ended_on": date(2023, 1, 1)}, "so `ended` must be true"),
    (
        {"ended": True, "ended_on": date(2023, 1, 1), "started_on": date(2023, 1, 2)},
        "it ends before it starts @ $.ended_on",
    ),
    ({"members": "people"}, "must be a list of 0 to 20 @ $.members"),
    ({"members": [member()] * 21}, "must be a list of 0 to 20 @ $.members"),
    ({"members": [member(), member(grade="led")]}, "did you mean `lead`? @ $.members[1].grade"),
    ({"members": [member(share=0.5)]}, "`0.5` is not allowed: it must be a number from 0.1"),
    ({"members": [member(share=Decimal("0.55"))]}, "at most 1 decimal places"),
    ({"members": [member(settled=[])]}, "@ $.members[0].settled"),
    ({"members": [member(grade=[])]}, "@ $.members[0].grade"),
]  # fmt: skip


@every_engine
def test_a_bad_case_is_refused(engine: str) -> None:
    wrong = []
    for facts, problem in BAD:
        try:
            ENGINES[engine](case(**facts), ON)
        except CaseError as refused:
            found = str(refused)
        else:
            found = "answered"
        if problem not in found:
            wrong.append((problem, found))
    assert wrong == []


@every_engine
def test_every_problem_is_listed(engine: str) -> None:
    with pytest.raises(CaseError) as refused:
        ENGINES[engine](case(visits=-1, ended=1, members=[member(share=7)]), ON)

    assert len(refused.value.problems) == 3


@every_engine
def test_the_day_must_be_one_that_the_rules_cover(engine: str) -> None:
    decide = ENGINES[engine]
    with pytest.raises(
        NotInForce, match="2019-12-31 is too early: the rules of toy cover days from 2020-01-01"
    ):
        decide(case(), date(2019, 12, 31))
    for day in (date(2101, 1, 1), datetime(2024, 1, 1), "2024-01-01", None):  # noqa: DTZ001
        with pytest.raises(InputError, match="the day asked about must be a date"):
            decide(case(), day)  # type: ignore[arg-type]
    decide(case(), date(2020, 1, 1))
    decide(case(), date(2100, 12, 31))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Decimal("0.5"), 5),
        (Decimal("0.50"), 5),
        (1, 10),
        (Decimal("0.05"), None),
        (Decimal("0." + "5" + "0" * 60 + "1"), None),
        (Decimal("1E-999999999"), None),
        (Decimal("1E+999999999"), None),
        (Decimal("NaN"), None),
        (Decimal("sNaN"), None),
        (Decimal("Infinity"), None),
        (True, None),
        (0.5, None),
        ("half", None),
    ],
)
def test_an_exact_decimal_becomes_a_whole_number(value: object, expected: int | None) -> None:
    assert AREA.members is not None
    assert scaled(AREA.members.facts["share"], value) == expected


def test_a_refused_word_may_have_its_own_message() -> None:
    content = raw()
    why = "a chief is not one of them: say so elsewhere"
    content["members"]["facts"]["grade"]["refused"] = {"chief": why}
    area = toy_area(content)
    for compile_area in (python.compile_area, reference.compile_area):
        with pytest.raises(CaseError) as refused:
            compile_area(area)(case(members=[member(grade="chief"), member(grade="chef")]), ON)
        first, second = refused.value.problems
        assert str(first) == f"{why} @ $.members[0].grade"
        assert "this word is not allowed" in second.text


@pytest.mark.parametrize("number", [0, 1, 3, 20, 21])
def test_a_list_of_members_has_a_lowest_and_a_highest_length(number: int) -> None:
    content = raw()
    content["members"]["least"] = 1
    area = toy_area(content)
    for compile_area in (python.compile_area, reference.compile_area):
        decide = compile_area(area)
        if 1 <= number <= 20:
            decide(case(members=[member()] * number), ON)
            continue
        with pytest.raises(CaseError) as refused:
            decide(case(members=[member()] * number), ON)
        text = "must be a list of 1 to 20 @ $.members"
        assert str(refused.value) == text
        decide(case(members=None), ON)


def test_the_needs_for_a_computed_fact_are_its_fields() -> None:
    content = raw()
    content["facts"]["kind"]["computed_from"] = ["ended", "visits"]
    area = toy_area(content)
    share = next(rule for rule in area.rules if rule.id == "toy.share")
    for facts, needs in (({}, ("ended", "visits")), ({"visits": 1}, ("ended",))):
        interpreter = interpreter_for(area, case(**facts), ON)
        assert interpreter.value(share.gate) is None
        assert interpreter.needs(share.gate) == needs
