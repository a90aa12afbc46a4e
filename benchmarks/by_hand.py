"""The eleven rules and the stage as a developer would write them by hand, for orders known in full.

No figure has a source here, nothing is checked, and an unknown fact breaks it or is taken for "no".
Right only for a day before 11 May 2026, while the twelve-month limit was law. The three rules that apply
to no such order on such a day are left out.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta

from probation_rules import UnpaidWorkOrder

MET, NOT_MET, NOT_APPLICABLE = "met", "not_met", "not_applicable"

ONE_DAY = timedelta(days=1)
LIMIT_FIRST_SENTENCE = date(2017, 2, 15)
LIMIT_ENDED = date(2026, 5, 11)
CODE_STARTS = date(2020, 12, 1)
PRACTICE_STARTS = date(2022, 6, 1)
REVIEW_GRACE = timedelta(days=0)
PACE_SLACK = 0  # percentage points
ETE_SHARE = 30  # per cent


def add_months(start: date, months: int) -> date:
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def last_day(start: date, months: int) -> date:
    end = add_months(start, months)
    return end - ONE_DAY if end.day == start.day else end


Months = Callable[[date, int], date]


def decide(  # noqa: C901, PLR0912, PLR0915 (one plain function, as by hand)
    order: UnpaidWorkOrder, on: date, add_months: Months = add_months, last_day: Months = last_day
) -> tuple[str, ...]:
    """Return the outcomes of the eleven rules in the order of the rulebook, then the stage."""
    kind = order.order_type
    suspended = kind == "suspended_sentence_order"
    default_order = kind == "supervision_default_order"
    sentenced = order.sentence_date
    required = order.required_minutes
    completed = order.completed_minutes
    due = max(0, required + (order.adjustment_minutes or 0))
    outstanding = due > completed
    review_6 = add_months(sentenced, 6)
    review_9 = add_months(sentenced, 9)
    twelve_months_end = last_day(sentenced, 12)
    end = order.extended_to if order.extended else twelve_months_end
    if suspended:
        end = min(end, order.operational_period_end)
    community_or_suspended = kind == "community_order" or suspended
    covered = community_or_suspended and sentenced >= LIMIT_FIRST_SENTENCE
    limit_in_force = on < LIMIT_ENDED
    lapsed = suspended and on > order.operational_period_end
    past_twelve_months = on > twelve_months_end
    past_end = on > end
    elapsed = (on - sentenced).days + 1
    length = (twelve_months_end - sentenced).days + 1
    on_pace = completed * length * 100 >= due * (elapsed * 100 - PACE_SLACK * length)

    hours_range = ete = review6 = review9 = pace6 = pace9 = NOT_APPLICABLE
    identified = presented = in_time = no_work_after = suspended_ends = NOT_APPLICABLE

    if sentenced >= CODE_STARTS and (
        kind == "community_order" or default_order or (suspended and not order.imposed_on_breach)
    ):
        least = 20 if default_order or order.imposed_on_breach else 40
        most = 60 if default_order else 300
        hours_range = MET if least * 60 <= required <= most * 60 else NOT_MET

    if community_or_suspended:
        ete = MET if order.ete_minutes <= required * ETE_SHARE // 100 else NOT_MET

    if outstanding and community_or_suspended:
        if review_6 >= PRACTICE_STARTS and on > review_6 + REVIEW_GRACE:
            review6 = MET if order.six_month_review_done else NOT_MET
        if review_9 >= PRACTICE_STARTS and on > review_9 + REVIEW_GRACE:
            review9 = MET if order.nine_month_review_done else NOT_MET

    if covered:
        if review_6 <= on < review_9:
            pace6 = MET if on_pace else NOT_MET
        elif on >= review_9 and not past_twelve_months:
            pace9 = MET if on_pace else NOT_MET

    if covered and limit_in_force:
        if outstanding:
            if (
                review_9 >= PRACTICE_STARTS
                and on >= review_9
                and (past_twelve_months or not on_pace)
            ):
                decided = order.extension_identified or order.breach_action_started
                identified = MET if decided else NOT_MET
            if (
                twelve_months_end >= PRACTICE_STARTS
                and past_twelve_months
                and order.extension_identified
            ):
                in_court = (
                    order.extension_presented and order.extension_presented_on <= twelve_months_end
                )
                presented = MET if in_court else NOT_MET
        in_time = NOT_MET if outstanding and past_end else MET
        if past_twelve_months or lapsed:
            no_work_after = MET if order.worked_after_last_day_minutes == 0 else NOT_MET

    if suspended and sentenced >= CODE_STARTS:
        suspended_ends = NOT_MET if outstanding and lapsed else MET

    if not outstanding:
        stage = "complete"
    elif not covered:
        stage = "not_covered"
    elif lapsed:
        stage = "lapsed"
    elif past_end:
        stage = "backlog"
    elif on >= review_9:
        stage = "final_quarter"
    elif on >= review_6:
        stage = "third_quarter"
    else:
        stage = "first_half"

    return (
        hours_range, ete, review6, review9, pace6, pace9, identified, presented, in_time,
        no_work_after, suspended_ends, stage,
    )  # fmt: skip
