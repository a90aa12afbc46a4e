"""The same rules as condition texts that both zen-engine and rule-engine can read.

Neither counts calendar months, so `prepared` turns dates into day numbers and works out the review
points and the last day beforehand. That is not timed: it favours them.
"""

from __future__ import annotations

from datetime import date

from probation_rules import UnpaidWorkOrder
from probation_rules.language.dates import add_months, last_day

Prepared = dict[str, int | str | bool | None]
NO_DAY = 0  # where the date does not exist


def _day(year: int, month: int, day: int) -> int:
    return date(year, month, day).toordinal()


def _rule(applies: str, holds: str) -> str:
    return f"({applies}) ? (({holds}) ? 'met' : 'not_met') : 'not_applicable'"


# Only what is used more than once, or is long, has a name: each name costs the peers time.
DERIVED = {
    "suspended": "kind == 'suspended_sentence_order'",
    "due": "required + adjustment > 0 ? required + adjustment : 0",
    "outstanding": "due > completed",
    "extended_end": "extended ? extended_to : twelve_months_end",
    "named": "kind == 'community_order' or suspended",
    "covered": f"named and sentenced >= {_day(2017, 2, 15)}",
    "limit_in_force": f"on < {_day(2026, 5, 11)}",
    "lapsed": "suspended and on > operational_end",
    "past_twelve_months": "on > twelve_months_end",
    "past_end": (
        "on > (suspended and operational_end < extended_end ? operational_end : extended_end)"
    ),
    "length": "twelve_months_end - sentenced + 1",
    "on_pace": "completed * length * 100 >= due * ((on - sentenced + 1) * 100 - 0 * length)",
    "default_order": "kind == 'supervision_default_order'",
}

CODE_STARTS, PRACTICE_STARTS = _day(2020, 12, 1), _day(2022, 6, 1)

RULES = {
    "hours_range": _rule(
        f"sentenced >= {CODE_STARTS} and (kind == 'community_order' or default_order"
        " or (suspended and not imposed_on_breach))",
        "(default_order or imposed_on_breach ? 20 : 40) * 60 <= required"
        " and required <= (default_order ? 60 : 300) * 60",
    ),
    "ete_allowance": _rule("named", "ete * 100 <= required * 30"),
    "review_6": _rule(
        f"named and review_6_on >= {PRACTICE_STARTS} and outstanding and on > review_6_on + 0",
        "review_6_done",
    ),
    "review_9": _rule(
        f"named and review_9_on >= {PRACTICE_STARTS} and outstanding and on > review_9_on + 0",
        "review_9_done",
    ),
    "pace_6": _rule("covered and review_6_on <= on and on < review_9_on", "on_pace"),
    "pace_9": _rule("covered and on >= review_9_on and not past_twelve_months", "on_pace"),
    "extension_identified": _rule(
        f"review_9_on >= {PRACTICE_STARTS} and outstanding and covered and limit_in_force"
        " and on >= review_9_on and (past_twelve_months or not on_pace)",
        "identified or breach_started",
    ),
    "extension_presented": _rule(
        f"twelve_months_end >= {PRACTICE_STARTS} and outstanding and covered and limit_in_force"
        " and past_twelve_months and identified",
        "presented and presented_on <= twelve_months_end",
    ),
    "complete_in_time": _rule("covered and limit_in_force", "not outstanding or not past_end"),
    "no_work_after_last_day": _rule(
        "covered and limit_in_force and (past_twelve_months or lapsed)", "worked_after == 0"
    ),
    "suspended_order_ends": _rule(
        f"suspended and sentenced >= {CODE_STARTS}", "not outstanding or not lapsed"
    ),
    "stage": (
        "not outstanding ? 'complete' : (not covered ? 'not_covered' : (lapsed ? 'lapsed' :"
        " (past_end ? 'backlog' :"
        " (on >= review_9_on ? 'final_quarter' :"
        " (on >= review_6_on ? 'third_quarter' : 'first_half')))))"
    ),
}


def prepared(order: UnpaidWorkOrder, on: date) -> Prepared:
    """Return the order as the other engines can take it: plain names, dates as day numbers."""
    return {
        "on": on.toordinal(),
        "kind": order.order_type,
        "sentenced": order.sentence_date.toordinal(),
        "required": order.required_minutes,
        "completed": order.completed_minutes,
        "adjustment": order.adjustment_minutes,
        "ete": order.ete_minutes,
        "imposed_on_breach": order.imposed_on_breach,
        "operational_end": _number(order.operational_period_end),
        "review_6_done": order.six_month_review_done,
        "review_9_done": order.nine_month_review_done,
        "identified": order.extension_identified,
        "breach_started": order.breach_action_started,
        "presented": order.extension_presented,
        "presented_on": _number(order.extension_presented_on),
        "extended": order.extended,
        "extended_to": _number(order.extended_to),
        "worked_after": order.worked_after_last_day_minutes,
        "review_6_on": add_months(order.sentence_date, 6).toordinal(),
        "review_9_on": add_months(order.sentence_date, 9).toordinal(),
        "twelve_months_end": last_day(order.sentence_date, 12).toordinal(),
    }


def _number(day: date | None) -> int:
    return NO_DAY if day is None else day.toordinal()
