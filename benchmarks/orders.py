"""Made-up unpaid work orders with all facts known, of every kind and in every stage."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from probation_rules import UnpaidWorkOrder
from probation_rules.language.dates import last_day

# Before 27 April 2026 the twelve-month limit applies, so two-valued code can answer as well.
ON = date(2026, 3, 2)
FIRST_SENTENCE = date(2017, 3, 1)
# Most orders are of the last 20 months; a few are older, so that dates of coming into force count.
RECENT_DAYS = 600


def orders(number: int, seed: int = 1) -> list[UnpaidWorkOrder]:
    """Return this many orders; the same ones for the same seed."""
    random = Random(seed)  # noqa: S311 (made-up cases, no secrets)
    return [_order(random, f"made-up-{place}") for place in range(number)]


def _order(random: Random, reference: str) -> UnpaidWorkOrder:
    kind = random.choices(
        [
            "community_order",
            "suspended_sentence_order",
            "youth_rehabilitation_order",
            "supervision_default_order",
        ],
        weights=[12, 6, 1, 1],
    )[0]
    days_ago = random.randrange(RECENT_DAYS)
    if random.random() < 0.1:
        days_ago = random.randrange((ON - FIRST_SENTENCE).days)
    sentenced = ON - timedelta(days=days_ago)
    end = last_day(sentenced, 12)
    required = 60 * random.choice([10, 20, 40, 60, 80, 120, 180, 240, 300, 320])
    adjustment = random.choice([0, 0, 0, -300, 120])
    due = max(0, required + adjustment)
    extended = random.random() < 0.2
    presented = random.random() < 0.5
    return UnpaidWorkOrder(
        reference=reference,
        order_type=kind,
        sentence_date=sentenced,
        required_minutes=required,
        completed_minutes=random.choice([0, due // 3, due // 2, 4 * due // 5, due, due]),
        adjustment_minutes=adjustment,
        ete_minutes=random.choice([0, required // 5, required * 3 // 10, required // 2]),
        imposed_on_breach=random.random() < 0.1,
        operational_period_end=(
            sentenced + timedelta(days=random.randrange(180, 730))
            if kind == "suspended_sentence_order"
            else None
        ),
        six_month_review_done=random.random() < 0.7,
        nine_month_review_done=random.random() < 0.6,
        extension_identified=random.random() < 0.4,
        breach_action_started=random.random() < 0.2,
        extension_presented=presented,
        extension_presented_on=(
            sentenced + timedelta(days=random.randrange(days_ago + 1)) if presented else None
        ),
        extended=extended,
        extended_to=end + timedelta(days=random.randrange(1, 300)) if extended else None,
        worked_after_last_day_minutes=random.choice([0, 0, 0, 240]),
    )
