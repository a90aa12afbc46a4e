"""The same rules as a developer would write them in polars, for orders known in full: no unknowns, no checks.

The day is 2 March 2026, as in by_hand.py; the columns are those of the SQL in by_hand_sql.py. What is
used more than once is made a column first: one statement without that took four times as long.
"""

from __future__ import annotations

from pathlib import Path

import by_hand
import polars as pl
import pyarrow as pa
from orders import ON

OUTCOME = pl.Enum(["not_applicable", "met", "not_met"])
STAGE = pl.Enum(
    ["first_half", "third_quarter", "final_quarter", "backlog", "lapsed", "not_covered", "complete"]
)

col, on, always = pl.col, pl.lit(ON), pl.lit(value=True)
year_on = col.sentence_date.dt.offset_by("12mo")

FIRST = {
    "suspended": col.order_type == "suspended_sentence_order",
    "default_order": col.order_type == "supervision_default_order",
    "community_order": col.order_type == "community_order",
    "due": pl.max_horizontal(0, col.required_minutes + col.adjustment_minutes.fill_null(0)),
    "review_6": col.sentence_date.dt.offset_by("6mo"),
    "review_9": col.sentence_date.dt.offset_by("9mo"),
    "twelve_end": pl.when(year_on.dt.day() == col.sentence_date.dt.day())
    .then(year_on.dt.offset_by("-1d"))
    .otherwise(year_on),
}
SECOND = {
    "outstanding": col.due > col.completed_minutes,
    "covered": (col.community_order | col.suspended)
    & (col.sentence_date >= by_hand.LIMIT_FIRST_SENTENCE),
    "lapsed": col.suspended & (on > col.operational_period_end),
    "past_twelve": on > col.twelve_end,
    "elapsed": (on - col.sentence_date).dt.total_days() + 1,
    "length": (col.twelve_end - col.sentence_date).dt.total_days() + 1,
}
THIRD = {
    "past_end": col.lapsed
    | (on > pl.when(col.extended).then(col.extended_to).otherwise(col.twelve_end)),
    "on_pace": col.completed_minutes * col.length >= col.due * col.elapsed,
}

least = pl.when(col.default_order | col.imposed_on_breach).then(20 * 60).otherwise(40 * 60)
most = pl.when(col.default_order).then(60 * 60).otherwise(300 * 60)

# When each rule applies, and when it is then met.
RULES = {
    "upw.hours-range": (
        (col.sentence_date >= by_hand.CODE_STARTS)
        & (col.community_order | col.default_order | (col.suspended & ~col.imposed_on_breach)),
        (col.required_minutes >= least) & (col.required_minutes <= most),
    ),
    "upw.ete-allowance": (
        col.community_order | col.suspended,
        col.ete_minutes <= col.required_minutes * by_hand.ETE_SHARE // 100,
    ),
    "upw.review-6": (
        (col.community_order | col.suspended)
        & col.outstanding
        & (col.review_6 >= by_hand.PRACTICE_STARTS)
        & (on > col.review_6),
        col.six_month_review_done,
    ),
    "upw.review-9": (
        (col.community_order | col.suspended)
        & col.outstanding
        & (col.review_9 >= by_hand.PRACTICE_STARTS)
        & (on > col.review_9),
        col.nine_month_review_done,
    ),
    "upw.pace-6": (col.covered & (on >= col.review_6) & (on < col.review_9), col.on_pace),
    "upw.pace-9": (col.covered & (on >= col.review_9) & ~col.past_twelve, col.on_pace),
    "upw.extension-identified": (
        col.outstanding
        & col.covered
        & (col.review_9 >= by_hand.PRACTICE_STARTS)
        & (on >= col.review_9)
        & (col.past_twelve | ~col.on_pace),
        col.extension_identified | col.breach_action_started,
    ),
    "upw.extension-presented": (
        col.outstanding
        & col.covered
        & (col.twelve_end >= by_hand.PRACTICE_STARTS)
        & col.past_twelve
        & col.extension_identified,
        col.extension_presented & (col.extension_presented_on <= col.twelve_end),
    ),
    "upw.complete-in-time": (col.covered, ~(col.outstanding & col.past_end)),
    "upw.no-work-after-last-day": (
        col.covered & (col.past_twelve | col.lapsed),
        col.worked_after_last_day_minutes == 0,
    ),
    "upw.suspended-order-ends": (
        col.suspended & (col.sentence_date >= by_hand.CODE_STARTS),
        ~(col.outstanding & col.lapsed),
    ),
}

# The first that is true.
STAGES = {
    "complete": ~col.outstanding,
    "not_covered": ~col.covered,
    "lapsed": col.lapsed,
    "backlog": col.past_end,
    "final_quarter": on >= col.review_9,
    "third_quarter": on >= col.review_6,
    "first_half": always,
}


def outcome(applies: pl.Expr, met: pl.Expr) -> pl.Expr:
    answered = pl.when(met).then(pl.lit("met", OUTCOME)).otherwise(pl.lit("not_met", OUTCOME))
    return pl.when(applies).then(answered).otherwise(pl.lit("not_applicable", OUTCOME))


def decide(path: Path) -> pa.Table:
    """Return the reference, the stage and the eleven outcomes of each order of a Parquet file."""
    stages = [pl.when(condition).then(pl.lit(name, STAGE)) for name, condition in STAGES.items()]
    outcomes = {name: outcome(*rule) for name, rule in RULES.items()}
    orders = pl.scan_parquet(path).with_columns(**FIRST).with_columns(**SECOND)
    orders = orders.with_columns(**THIRD)
    return orders.select("reference", stage=pl.coalesce(stages), **outcomes).collect().to_arrow()
