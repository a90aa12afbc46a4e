"""The same rules as a developer would write them for durable_rules, in its own language.

That language compares a fact with a figure or with another fact. It has no `not`, refuses a sum of
two facts and has no names for parts. So a rule is written once for each answer, and sums and products
(the minutes due, the pace) are worked out beforehand, besides what `conditions.prepared` works out.
That is not timed: it favours durable_rules.

They are run by its C extension. The calls it documents (`assert_fact` and `post` of durable.lang)
start threads that take up actions too, and now and then a decision comes back without an answer.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import count
from typing import Any

import by_hand
from conditions import CODE_STARTS, PRACTICE_STARTS, Prepared

from probation_rules.engines.network import extension

durable_rules_engine = extension()  # it loads on every Python only as the library loads it
from durable.lang import m  # noqa: E402 (it loads the extension as well)

LIMIT_FIRST_SENTENCE = by_hand.LIMIT_FIRST_SENTENCE.toordinal()
LIMIT_ENDED = by_hand.LIMIT_ENDED.toordinal()
YES, NO = True, False

community_order = m.kind == "community_order"
default_order = m.kind == "supervision_default_order"
not_default_order = m.kind != "supervision_default_order"
suspended = m.kind == "suspended_sentence_order"
not_suspended = m.kind != "suspended_sentence_order"
covered = (m.sentenced >= LIMIT_FIRST_SENTENCE) & (community_order | suspended)
not_covered = (m.sentenced < LIMIT_FIRST_SENTENCE) | (not_suspended & (m.kind != "community_order"))
limited = covered & (m.on < LIMIT_ENDED)
outstanding = m.outstanding == YES
done = m.outstanding == NO
from_code = m.sentenced >= CODE_STARTS
least_20 = default_order | (m.imposed_on_breach == YES)
least_40 = not_default_order & (m.imposed_on_breach == NO)
past_twelve_months = m.on > m.twelve_months_end
within_twelve_months = m.on <= m.twelve_months_end
lapsed = suspended & (m.on > m.operational_end)
not_lapsed = not_suspended | (m.on <= m.operational_end)
past_extended = ((m.extended == YES) & (m.on > m.extended_to)) | (
    (m.extended == NO) & past_twelve_months
)
within_extended = ((m.extended == YES) & (m.on <= m.extended_to)) | (
    (m.extended == NO) & within_twelve_months
)
# What follows when an order is outstanding, covered, limited and not lapsed.
in_time = outstanding & limited & not_lapsed & within_extended

# When each answer is given; where none is, the rule does not apply.
MET_OR_NOT = {
    "hours_range": (
        from_code & (community_order | default_order | (suspended & (m.imposed_on_breach == NO))),
        ((least_20 & (m.required >= 20 * 60)) | (least_40 & (m.required >= 40 * 60)))
        & ((default_order & (m.required <= 60 * 60)) | (not_default_order & (m.required <= 300 * 60))),
        (least_20 & (m.required < 20 * 60))
        | (least_40 & (m.required < 40 * 60))
        | (default_order & (m.required > 60 * 60))
        | (not_default_order & (m.required > 300 * 60)),
    ),
    "ete_allowance": (
        community_order | suspended, m.ete <= m.required * 30 / 100, m.ete > m.required * 30 / 100,
    ),
    "review_6": (
        (community_order | suspended) & outstanding & (m.review_6_on >= PRACTICE_STARTS)
        & (m.on > m.review_6_on),
        m.review_6_done == YES, m.review_6_done == NO,
    ),
    "review_9": (
        (community_order | suspended) & outstanding & (m.review_9_on >= PRACTICE_STARTS)
        & (m.on > m.review_9_on),
        m.review_9_done == YES, m.review_9_done == NO,
    ),
    "pace_6": (
        covered & (m.on >= m.review_6_on) & (m.on < m.review_9_on),
        m.on_pace == YES, m.on_pace == NO,
    ),
    "pace_9": (
        covered & (m.on >= m.review_9_on) & within_twelve_months,
        m.on_pace == YES, m.on_pace == NO,
    ),
    "extension_identified": (
        outstanding & limited & (m.review_9_on >= PRACTICE_STARTS) & (m.on >= m.review_9_on)
        & (past_twelve_months | (m.on_pace == NO)),
        (m.identified == YES) | (m.breach_started == YES),
        (m.identified == NO) & (m.breach_started == NO),
    ),
    "extension_presented": (
        outstanding & limited & (m.twelve_months_end >= PRACTICE_STARTS) & past_twelve_months
        & (m.identified == YES),
        (m.presented == YES) & (m.presented_on <= m.twelve_months_end),
        (m.presented == NO) | (m.presented_on > m.twelve_months_end),
    ),
    "complete_in_time": (
        limited, done | (not_lapsed & within_extended), outstanding & (lapsed | past_extended),
    ),
    "no_work_after_last_day": (
        limited & (past_twelve_months | lapsed), m.worked_after == 0, m.worked_after > 0,
    ),
    "suspended_order_ends": (
        suspended & from_code, done | not_lapsed, outstanding & lapsed,
    ),
}  # fmt: skip

STAGES = {
    "complete": done,
    "not_covered": outstanding & not_covered,
    "lapsed": outstanding & covered & lapsed,
    "backlog": outstanding & limited & not_lapsed & past_extended,
    "final_quarter": in_time & (m.on >= m.review_9_on),
    "third_quarter": in_time & (m.on >= m.review_6_on) & (m.on < m.review_9_on),
    "first_half": in_time & (m.on < m.review_6_on),
}


def network() -> int:
    """Return the handle of a ruleset with a rule for each answer, named by both."""
    conditions = {("stage", stage): condition for stage, condition in STAGES.items()}
    for key, (applies, met, not_met) in MET_OR_NOT.items():
        conditions[key, "met"] = applies & met
        conditions[key, "not_met"] = applies & not_met
    rules = {
        " ".join(name): {"all": [{"m": condition.define()}]}
        for name, condition in conditions.items()
    }
    handle: int = durable_rules_engine.create_ruleset("upw", json.dumps(rules))
    return handle


_network, _serial = network(), count()


def fact(order: Prepared) -> dict[str, Any]:
    """Return a prepared order as a fact, with what durable_rules cannot add or multiply."""
    due = max(0, order["required"] + order["adjustment"])
    length = order["twelve_months_end"] - order["sentenced"] + 1
    elapsed = order["on"] - order["sentenced"] + 1
    return {
        **order,
        "outstanding": due > order["completed"],
        "on_pace": order["completed"] * length >= due * elapsed,
    }


def decide(one: Mapping[str, Any]) -> dict[str, str]:
    """Return the answers; a rule without one does not apply.

    A posted event is consumed by the first of its rules, and an asserted fact is kept. So each order
    is a fact in a state of its own, deleted at the end; that is safe only once a rule has fired, which
    a stage's always does.
    """
    sid, answers = f"order-{next(_serial)}", {}
    text = json.dumps({**one, "sid": sid})
    _, state = durable_rules_engine.assert_fact(_network, text)
    step = durable_rules_engine.start_action_for_state(_network, state)[1]
    while step:
        key, answer = next(iter(json.loads(step))).split()
        answers[key] = answer
        step = durable_rules_engine.complete_and_start_action(_network, state)
    durable_rules_engine.delete_state(_network, sid)
    return answers
