from __future__ import annotations

import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import probation_rules as pr
from probation_rules import readers
from probation_rules.errors import CaseError
from probation_rules.readers import Reading
from support.mock_server import read_answer

FIXTURES = Path(__file__).parents[3] / "shared" / "fixtures"
ON = date(2026, 11, 21)


def read(value: object, shape: str = "tier", on: date | None = None) -> Reading:
    stdin = io.BytesIO(json.dumps(value).encode())
    return readers.read("allocation", "-", shape=shape, on=on, stdin=stdin)


def problems(value: object, shape: str = "tier") -> list[str]:
    with pytest.raises(CaseError) as caught:
        read(value, shape)
    return [str(problem) for problem in caught.value.problems]


def tier(score: object, **registrations: object) -> dict[str, Any]:
    """Return a made-up calculation."""
    inputs = {"rsrScore": 1.2, "registrations": {"mappaCategory": "M3", **registrations}}
    return {
        "tierScore": score,
        "calculationId": "made-up",
        "calculationDate": "2026-01-05T10:00:00",
        "data": {"tier": score, "provisional": False, "deliusInputs": inputs},
    }


def registered(*items: tuple[str, str | None, str | None, bool | None]) -> dict[str, Any]:
    return {
        "registrations": [
            {"type": {"code": code}, "startDate": start, "endDate": end, "active": active}
            for code, start, end, active in items
        ]
    }


def rosh(value: object, on: date | None = ON) -> str | None:
    (case,) = read(value, "registrations", on).cases
    assert isinstance(case, pr.CaseAllocation)
    return case.rosh


@pytest.mark.parametrize("score", ["A0", "B2S", "D3", "A", "G"])
def test_a_tier_of_either_scheme(score: str) -> None:
    reading = read(tier(score, rosh="VERY_HIGH", mappaLevel="M2"))
    assert reading.cases == (
        pr.CaseAllocation(tier=score, rosh="very_high", mappa_level="level_2"),
    )
    assert reading.notes == ()
    assert "tier_before" in reading.lacks


def test_the_words_of_a_tier_s_inputs_are_read_in_any_letter_case() -> None:
    assert read(tier("A", rosh="Very_high", mappaLevel="m3")) == read(
        tier("A", rosh="VERY_HIGH", mappaLevel="M3")
    )


def test_a_tier_alone_is_read_and_a_list_of_them_is_a_history() -> None:
    alone = {"tierScore": "B2", "calculationDate": "2026-01-05T10:00:00"}
    assert read(alone).cases == (pr.CaseAllocation(tier="B2"),)
    reading = read([alone, {**alone, "changeReason": "a reason"}, tier("C1"), {"crn": "Z1"}])
    assert reading.cases == (pr.CaseAllocation(tier="C1"),)
    assert reading.notes == (
        "2 entries of a tier's history were left out",
        "1 record in another shape was left out",
    )


def test_unknown_values_are_noted() -> None:
    value = [
        tier("MISSING", rosh=None, mappaLevel=None),
        tier("NOT_SUPERVISED", rosh="NOT_FOUND", mappaLevel="CATEGORY_ONE"),
        {**tier("F"), "provisional": True},
    ]
    reading = read(value)
    assert reading.cases == (
        pr.CaseAllocation(),
        pr.CaseAllocation(),
        pr.CaseAllocation(tier="F"),
    )
    assert reading.notes == (
        "2 cases do not have a tier in the service: unknown",
        "2 risks or MAPPA levels have words that are not known here: unknown",
        "1 tier is provisional",
    )


def test_a_tier_outside_both_schemes_is_a_problem() -> None:
    score, *others = problems([tier("E9"), "a tier", {**tier("A"), "data": 3}])
    assert score.startswith("`E9` is not allowed: it must be one of A0, A0S, A1, ")
    assert score.endswith(" @ $[0].tierScore")
    assert others == [
        "must be an object @ $[1]",
        "must be an object @ $[2].data",
    ]


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("RVHR", "very_high"), ("RHRH", "high"), ("RMRH", "medium"), ("RLRH", "low"),
        ("rvhr", "very_high"), ("Rhrh", "high"), ("SPO", None),
    ],
)  # fmt: skip
def test_a_registration_of_risk(code: str, word: str | None) -> None:
    assert rosh(registered((code, "2026-01-01", None, True))) == word


def test_the_newest_active_registration_counts() -> None:
    old, new = ("RHRH", "2025-01-01", None, True), ("RLRH", "2026-01-01", None, True)
    assert rosh(registered(old, new)) == "low"
    assert rosh(registered(new, old)) == "low"
    assert rosh(registered(old, ("RLRH", "2026-11-22", None, True))) == "high"
    assert rosh(registered(old, ("RLRH", "2026-11-22", None, True)), None) == "low"
    assert rosh(registered(old, ("RLRH", "2026-01-01", "2026-11-20", False))) == "high"
    assert rosh(registered(old, ("RLRH", "2026-01-01", "2026-11-21", False))) == "low"
    assert rosh(registered(old, ("RLRH", "2026-11-22", "2026-12-01", False))) == "high"
    assert rosh(registered(old, ("RLRH", "2026-01-01", None, False))) == "high"
    assert rosh(registered(old, ("RLRH", "2026-01-01", "2026-11-21", True)), None) == "high"
    assert rosh(registered()) is None


def test_two_newest_registrations_give_an_unknown_level() -> None:
    old, same = ("RHRH", "2025-01-01", None, True), ("RLRH", "2025-01-01", None, True)
    reading = read(registered(old, same), "registrations")
    assert reading.cases == (pr.CaseAllocation(),)
    assert reading.notes == ("1 person has more than one newest registration of risk: unknown",)
    assert rosh(registered(old, old)) == "high"
    assert rosh(registered(old, ("RLRH", None, None, True))) is None
    assert rosh(registered(("RLRH", None, None, True))) == "low"


def test_a_value_that_is_not_a_registration_is_a_problem_with_its_path() -> None:
    assert problems(
        [{"registrations": ["x"]}, registered(("RLRH", "2026", None, True))], "registrations"
    ) == [
        "must be an object @ $[0].registrations[0]",
        "must be a date, as YYYY-MM-DD @ $[1].registrations[0].startDate",
    ]
    assert read([{"registrations": [{}]}, {}], "registrations").notes == (
        "1 record in another shape was left out",
    )


@pytest.mark.skipif(not FIXTURES.exists(), reason="the shared fixtures are not available")
def test_the_systems_own_examples() -> None:
    found = {}
    for shape, name in (
        ("tier", "tier/tierui-A000001-v2-full.json"),
        ("tier", "tier/tierui-A000006-v3.json"),
        ("registrations", "risk/ccs-registrations-X320741.json"),
    ):
        found[name] = read_answer("allocation", FIXTURES / name, shape=shape).cases
    assert list(found.values()) == [
        (pr.CaseAllocation(tier="B2"),),
        (pr.CaseAllocation(tier="B", rosh="medium", mappa_level="level_1"),),
        (pr.CaseAllocation(rosh="medium"),),
    ]


# --- MAPPA levels of registrations --------------------------------------------------------------


def mappa(level: str | None, start: str | None = "2025-01-01", **more: object) -> dict[str, Any]:
    # The category has codes that look like a level's.
    stated: dict[str, Any] = {"type": {"code": "MAPP"}, "registerCategory": {"code": "M3"}}
    return {**stated, "registerLevel": level and {"code": level}, "startDate": start, **more}


@pytest.mark.parametrize(
    ("items", "level"),
    [
        ([mappa("M2")], "level_2"),
        ([mappa("M1"), mappa("M3", "2026-01-01")], "level_3"),
        ([mappa("M1"), mappa("M3", "2027-01-01")], "level_1"),  # not begun on the day
        ([mappa("M1"), mappa("M3", "2026-01-01", endDate="2026-02-01")], "level_1"),
        ([mappa("M1"), mappa("M3", None)], None),  # either may be the newest
        ([mappa("m2")], "level_2"),  # in another letter case
        ([mappa("M1"), {**mappa("m3", "2026-01-01"), "type": {"code": "Mapp"}}], "level_3"),
        ([mappa(None)], None),
        ([mappa("1")], None),  # a word that is not known here
        ([{**mappa("M2"), "type": {"code": "RHRH"}}], None),  # not a MAPPA level
        ([], None),  # a missing registration does not mean no MAPPA
    ],
)
def test_the_level_of_the_newest_mappa_registration(
    items: list[dict[str, Any]], level: str | None
) -> None:
    (case,) = read({"registrations": items}, "registrations", ON).cases
    assert isinstance(case, pr.CaseAllocation)
    assert case.mappa_level == level


def test_unknown_levels_are_noted() -> None:
    value = [
        {"registrations": [mappa("M1"), mappa("M2")]},
        {"registrations": [mappa("1")]},
    ]
    assert read(value, "registrations", ON).notes == (
        "1 person has more than one newest registration of a MAPPA level: unknown",
        "1 risk or MAPPA level has a word that is not known here: unknown",
    )
