"""Unpaid work: properties that the policy sentences demand of every order."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from random import Random

import attrs
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import probation_rules as pr
from probation_rules.rulebook import shipped
from support.generate import record

AREA = shipped().area("unpaid-work")
DATED = st.dates(date(2022, 6, 1), date(2030, 12, 31))
# Even the longest time after it ends while the twelve-month limit is still law.
UNDER_THE_LIMIT = st.dates(date(2020, 12, 1), date(2023, 11, 21))
SINCE_SENTENCE = st.integers(0, 900)


# Random dates seldom fit the sentence date, so they are unknown unless a test gives them.
NO_DATES = dict.fromkeys(
    ("extended", "extended_to", "extension_presented", "extension_presented_on", "operational_period_end")
)  # fmt: skip


def order(random: Random, unknown: float = 0, **facts: object) -> pr.UnpaidWorkOrder:
    return pr.UnpaidWorkOrder(**{**record(random, AREA.facts, unknown), **NO_DATES, **facts})


def ask(case: pr.UnpaidWorkOrder, on: date) -> pr.Report:
    try:
        return pr.check(case, on=on)
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


@given(random=st.randoms(use_true_random=False), sentenced=UNDER_THE_LIMIT, days=SINCE_SENTENCE)
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


@given(random=st.randoms(use_true_random=False), sentenced=UNDER_THE_LIMIT, days=SINCE_SENTENCE)
def test_an_extension_never_brings_the_last_day_forward(
    random: Random, sentenced: date, days: int
) -> None:
    case = order(
        random, sentence_date=sentenced, order_type="community_order", extended=True,
        extended_to=sentenced + timedelta(days=500),
    )  # fmt: skip
    report = ask(case, sentenced + timedelta(days=days))

    assert report.facts["last_day"] >= report.facts["twelve_month_last_day"]


@given(
    random=st.randoms(use_true_random=False), sentenced=UNDER_THE_LIMIT, days=st.integers(184, 280)
)
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


SINCE_THE_END = st.dates(date(2026, 5, 11), date(2099, 12, 31))


@given(random=st.randoms(use_true_random=False), on=SINCE_THE_END, days=SINCE_SENTENCE)
def test_since_the_limit_ended_no_word_about_an_extension_changes_any_answer(
    random: Random, on: date, days: int
) -> None:
    case = order(random, unknown=0.3, sentence_date=on - timedelta(days=days))
    case = attrs.evolve(case, operational_period_end=None)
    asked = ask(case, on)
    moved = ask(attrs.evolve(case, extended=True, extended_to=on + timedelta(days=900)), on)

    assert asked.stage == moved.stage
    assert [one.outcome for one in asked.findings] == [one.outcome for one in moved.findings]
    assert asked.facts["last_day"] == moved.facts["last_day"]
    assert asked.stage != "backlog"


@given(random=st.randoms(use_true_random=False), on=SINCE_THE_END, days=SINCE_SENTENCE)
def test_no_other_answer_rests_on_the_day_from_which_hours_are_earned_off(
    random: Random, on: date, days: int
) -> None:
    case = order(random, unknown=0.3, sentence_date=on - timedelta(days=days))
    unset = ask(case, on)
    is_set = pr.check(case, on=on, settings={"earned_reduction_from": date(2026, 1, 1)})

    rule = "upw.reduction-recorded"
    assert unset.outcome(rule) == "not_applicable"
    assert unset.stage == is_set.stage
    assert unset.facts == is_set.facts
    others = [one for one in AREA.wordings if one != rule]
    assert [unset.outcome(one) for one in others] == [is_set.outcome(one) for one in others]
    assert [one.id for one in AREA.rules if "earned_reduction_from" in one.figures] == [rule]


@pytest.mark.parametrize(
    ("on", "words"),
    [
        (date(2026, 5, 10), "apply for an extension"),
        (date(2026, 5, 11), "There is no longer a limit to extend."),
    ],
)
def test_no_remedy_speaks_of_an_extension_when_there_is_none_to_ask_for(
    on: date, words: str
) -> None:
    behind = pr.UnpaidWorkOrder(
        order_type="community_order", sentence_date=date(2025, 8, 1), required_minutes=6000,
        completed_minutes=60, extended=False,
    )  # fmt: skip
    report = pr.check(behind, on=on)

    assert words in (report.finding("upw.pace-9").remedy or "")
    assert ("apply to the court" in str(report)) is False


def test_no_last_day_is_an_answer_and_not_an_unknown() -> None:
    known = pr.UnpaidWorkOrder(
        order_type="community_order", sentence_date=date(2026, 2, 10), required_minutes=6000,
        completed_minutes=60,
    )  # fmt: skip
    without = pr.check(known, on=date(2026, 5, 11))
    unknown = pr.check(attrs.evolve(known, order_type=None), on=date(2026, 5, 11))

    assert without.facts["last_day"] is unknown.facts["last_day"] is None
    assert {"last_day", "days_left"} <= set(without.absent)
    assert not {"last_day", "days_left"} & set(unknown.absent)
    assert without.facts["last_day_goes_by"] == "no_last_day"
    assert unknown.facts["last_day_goes_by"] is None
    entry = without.to_dict()["reports"][0]
    assert (entry["facts"]["last_day"], entry["absent"]) == (None, list(without.absent))


def test_a_message_says_none_where_there_is_no_last_day(tmp_path: Path) -> None:
    book = tmp_path / "north.toml"
    book.write_text(LOCAL, encoding="utf-8")
    known = pr.UnpaidWorkOrder(
        order_type="community_order", sentence_date=date(2026, 2, 10), required_minutes=6000,
        completed_minutes=60, extended=False,
    )  # fmt: skip
    for on, words in (
        (date(2026, 5, 10), "unfinished; last day 9 Feb 2027"),
        (date(2026, 5, 11), "unfinished; last day none"),
    ):
        report = pr.check(known, on=on, rulebook=pr.rulebook().extended_with(book))
        assert report.finding("upw.north").message == words


LOCAL = """
area = "unpaid-work"
[local]
region = "North (made up)"
title = "Finished"
version = "1"
effective_from = 2026-01-01
approved_by = "Nobody (made up)"
[rules."upw.north"]
title = "The work is finished"
basis = "local"
in_force = { from = 2026-01-01 }
must = "not some_outstanding or (has_last_day and last_day < sentence_date)"
not_met = "unfinished; last day {last_day}"
remedy = "Finish."
cites = [{ source = "house", checked = 2026-11-29 }]
"""
