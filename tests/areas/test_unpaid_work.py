"""Unpaid work: properties that the policy sentences demand of every order."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

import attrs
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import probation_rules as pr
from generate import record
from probation_rules.rulebook import shipped

AREA = shipped().area("unpaid-work")
LIMIT_STILL_STANDS = {"twelve_month_limit_ends_on": date(2100, 12, 31)}
DATED = st.dates(date(2022, 6, 1), date(2030, 12, 31))
SINCE_SENTENCE = st.integers(0, 900)


# Random dates seldom fit the sentence date; where a test does not say, they are not known.
NO_DATES = dict.fromkeys(
    ("extended", "extended_to", "extension_presented", "extension_presented_on", "operational_period_end")
)  # fmt: skip


def order(random: Random, unknown: float = 0, **facts: object) -> pr.UnpaidWorkOrder:
    return pr.UnpaidWorkOrder(**{**record(random, AREA.facts, unknown), **NO_DATES, **facts})


def ask(case: pr.UnpaidWorkOrder, on: date) -> pr.Report:
    try:
        return pr.check(case, on=on, settings=LIMIT_STILL_STANDS)
    except pr.CaseError:
        assume(False)
        raise


def test_the_case_class_has_the_facts_of_the_rulebook_and_a_reference() -> None:
    fields = [field.name for field in attrs.fields(pr.UnpaidWorkOrder)]

    assert fields == ["reference", *(name for name in AREA.facts if name != "on")]


@given(random=st.randoms(use_true_random=False), sentenced=DATED, days=SINCE_SENTENCE)
def test_an_order_with_nothing_outstanding_needs_nothing_else_to_be_complete(
    random: Random, sentenced: date, days: int
) -> None:
    case = order(
        random, unknown=0.7, sentence_date=sentenced, required_minutes=6000,
        completed_minutes=6000, adjustment_minutes=None,
    )  # fmt: skip
    report = ask(case, sentenced + timedelta(days=days))

    assert report.stage == "complete"


@given(random=st.randoms(use_true_random=False), sentenced=DATED, days=SINCE_SENTENCE)
def test_backlog_begins_the_day_after_the_last_day_and_not_before(
    random: Random, sentenced: date, days: int
) -> None:
    case = order(
        random, order_type="community_order", sentence_date=sentenced, extended=False,
        required_minutes=6000, completed_minutes=5999, adjustment_minutes=0,
    )  # fmt: skip
    report = ask(case, sentenced + timedelta(days=days))

    past = report.facts["days_left"] < 0
    assert (report.stage == "backlog") is past
    assert (report.outcome("upw.complete-in-time") == "not_met") is past


@given(random=st.randoms(use_true_random=False), sentenced=DATED, days=SINCE_SENTENCE)
def test_working_more_minutes_never_makes_pace_or_completion_worse(
    random: Random, sentenced: date, days: int
) -> None:
    case = order(random, sentence_date=sentenced, order_type="community_order")
    on, done = sentenced + timedelta(days=days), min(case.completed_minutes or 0, 390_000)
    before = ask(attrs.evolve(case, completed_minutes=done), on)
    after = ask(attrs.evolve(case, completed_minutes=done + 60), on)

    for rule in ("upw.pace-6", "upw.pace-9", "upw.complete-in-time", "upw.suspended-order-ends"):
        if before.outcome(rule) == "met":
            assert after.outcome(rule) == "met"


@given(random=st.randoms(use_true_random=False), sentenced=DATED, days=st.integers(184, 364))
def test_no_word_about_an_extension_changes_the_pace(
    random: Random, sentenced: date, days: int
) -> None:
    case = order(random, sentence_date=sentenced, extended=None, extended_to=None)
    on = sentenced + timedelta(days=days)
    unknown, refused = ask(case, on), ask(attrs.evolve(case, extended=False), on)

    for rule in ("upw.pace-6", "upw.pace-9"):
        assert unknown.outcome(rule) == refused.outcome(rule)


@given(random=st.randoms(use_true_random=False), sentenced=DATED, days=SINCE_SENTENCE)
def test_an_extension_never_brings_the_last_day_forward(
    random: Random, sentenced: date, days: int
) -> None:
    case = order(
        random, sentence_date=sentenced, order_type="community_order", extended=True,
        extended_to=sentenced + timedelta(days=500),
    )  # fmt: skip
    report = ask(case, sentenced + timedelta(days=days))

    assert report.facts["last_day"] >= report.facts["twelve_month_last_day"]


@given(random=st.randoms(use_true_random=False), sentenced=DATED, days=st.integers(184, 280))
def test_an_order_in_its_seventh_month_never_waits_for_word_of_an_extension(
    random: Random, sentenced: date, days: int
) -> None:
    case = order(
        random, sentence_date=sentenced, order_type="community_order", extended=None,
        extended_to=None, required_minutes=6000, completed_minutes=1, adjustment_minutes=0,
    )  # fmt: skip
    report = ask(case, sentenced + timedelta(days=days))

    assert report.stage in ("first_half", "third_quarter", "final_quarter")
    assert not any("extended" in finding.needs for finding in report.findings)


@pytest.mark.parametrize("days_after", [0, 1])
def test_on_pace_and_no_shortfall_are_the_same_thing(days_after: int) -> None:
    sentenced = date(2024, 1, 15)
    for done in range(2900, 3100):
        case = pr.UnpaidWorkOrder(
            sentence_date=sentenced, required_minutes=6000, completed_minutes=done
        )
        facts = ask(case, date(2024, 7, 15) + timedelta(days=days_after)).facts
        assert facts["on_pace"] is (facts["shortfall_minutes"] == 0)
