"""Answers computed once, and read in more than one way."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pytest

import probation_rules as pr

DAY = date(2026, 1, 15)


def orders(number: int) -> pa.Table:
    return pa.table(
        {
            "reference": [f"EX-{place}" for place in range(number)],
            "order_type": ["community_order"] * number,
            "sentence_date": [date(2025, 1 + place % 9, 3) for place in range(number)],
            "required_minutes": [6000] * number,
            "completed_minutes": [place * 7 % 6001 for place in range(number)],
        }
    )


def pods(number: int) -> dict[str, Any]:
    people = [f"EX-{place // 3}" for place in range(3 * number)]
    return {
        "data": pa.table({"reference": [f"EX-{place}" for place in range(number)]}),
        "members": pa.table({"pod": people, "grade": ["PO", "PSO", "PQiP"] * number}),
    }


def curfews(number: int) -> pa.Table:
    return pa.table(
        {
            "reference": [f"EX-{place}" for place in range(number)],
            "order_in_force": [place % 2 == 0 for place in range(number)],
        }
    )


@pytest.mark.parametrize("number", [30, 3_000])
@pytest.mark.parametrize("area", ["unpaid-work", "pod", "curfew-variation"])
def test_what_is_kept_is_what_was_answered(area: str, number: int) -> None:
    stated = pods(number) if area == "pod" else {
        "data": orders(number) if area == "unpaid-work" else curfews(number)
    }  # fmt: skip
    plain, kept = (pr.check_table(area, **stated, on=DAY) for _ in range(2))
    kept.keep()
    assert kept.outcomes == plain.outcomes
    assert kept.summary == plain.summary
    rows = kept.query("SELECT _row, reference FROM kept ORDER BY _row").to_pylist()
    assert rows == [{"_row": place + 1, "reference": f"EX-{place}"} for place in range(number)]
    assert kept.query("SELECT count(*) AS n FROM outcomes")["n"].to_pylist() == [number]
    cases = kept.cases([3, number])
    assert {row: case.reference for row, case in cases.items()} == {
        3: "EX-2",
        number: f"EX-{number - 1}",
    }
    report = pr.check(cases[3], on=DAY)
    (answered,) = kept.outcomes.slice(2, 1).to_pylist()
    assert {one.rule: one.outcome.value for one in report.findings} == {
        rule: answered[rule] for rule in report.area.wordings
    }
    assert kept.cases([]) == {}


@pytest.mark.parametrize(
    ("area", "fact"), [("unpaid-work", "extended"), ("curfew-variation", "adult")]
)
def test_a_case_is_given_without_what_was_assumed_of_it(area: str, fact: str) -> None:
    data = orders(30) if area == "unpaid-work" else curfews(30)
    assuming = {fact: False}
    table = pr.check_table(area, data, on=DAY, assuming=assuming)
    case = table.cases([2])[2]
    assert getattr(case, fact) is None
    report = pr.check(case, on=DAY, assuming=assuming)
    (answered,) = table.outcomes.slice(1, 1).to_pylist()
    assert report.assuming == assuming
    assert {one.rule: one.outcome.value for one in report.findings} == {
        rule: answered[rule] for rule in report.area.wordings
    }


@pytest.mark.parametrize("number", [30, 3_000])
def test_facts_that_are_named_have_a_column(number: int) -> None:
    table = pr.check_table("unpaid-work", orders(number), on=DAY, facts=["days_left", "last_day"])
    assert table.outcomes.column_names[-3:] == ["reasons", "days_left", "last_day"]
    whole = pr.check_table("unpaid-work", orders(number), on=DAY, facts=True)
    assert table.outcomes["last_day"] == whole.outcomes["last_day"]


def test_a_fact_that_there_is_not_is_refused() -> None:
    with pytest.raises(pr.InputError, match="did you mean `days_left`"):
        pr.check_table("unpaid-work", orders(1), on=DAY, facts=["days_lefd"])
