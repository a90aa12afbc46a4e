"""Make the caseload that `probation-rules demo` answers: obviously synthetic, always the same.

Run it from the project's folder: `python benchmarks/make_caseload.py`.
"""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from pathlib import Path
from random import Random

from attrs import asdict, fields

from probation_rules import UnpaidWorkOrder
from probation_rules.language.dates import add_months, last_day

FILE = Path(__file__).parents[1] / "src" / "probation_rules" / "demo" / "unpaid-work.csv"
ON = date(2026, 11, 21)  # the orders are as they were on this day
NUMBER = 300
HOUR = 60
QUARTER = 15  # time is credited in quarters of an hour

# Facts that may not be recorded, and how often they are not.
OFTEN_UNKNOWN = {
    "completed_minutes": 0.03,
    "extended": 0.03,
    "operational_period_end": 0.04,
    "ete_minutes": 0.02,
    "imposed_on_breach": 0.02,
    "six_month_review_done": 0.03,
    "nine_month_review_done": 0.03,
    "extension_identified": 0.04,
    "order_type": 0.01,
    "sentence_date": 0.007,
    "worked_after_last_day_minutes": 0.02,
}


def orders() -> list[UnpaidWorkOrder]:
    """Return the caseload."""
    random = Random(20261121)  # noqa: S311 (made-up cases, no secrets)
    return [_order(random, f"EX-{number:04d}") for number in range(1, NUMBER + 1)]


def text() -> str:
    """Return the caseload as CSV; an empty cell is unknown."""
    out = io.StringIO()
    names = [attribute.name for attribute in fields(UnpaidWorkOrder)]
    writer = csv.DictWriter(out, names, lineterminator="\n")
    writer.writeheader()
    for order in orders():
        writer.writerow({name: _cell(value) for name, value in asdict(order).items()})
    return out.getvalue()


def _cell(value: object) -> object:
    return str(value).lower() if isinstance(value, bool) else value


def _order(random: Random, reference: str) -> UnpaidWorkOrder:
    kind = random.choices(
        [
            "community_order",
            "suspended_sentence_order",
            "youth_rehabilitation_order",
            "supervision_default_order",
        ],
        weights=[64, 28, 4, 4],
    )[0]
    # Most orders are in their twelve months; those that are not were not finished in time.
    late = random.random() < 0.2
    days_ago = random.randrange(366, 540) if late else random.randrange(2, 366)
    sentenced = ON - timedelta(days=days_ago)
    end = last_day(sentenced, 12)
    on_breach = kind == "community_order" and random.random() < 0.06
    required = HOUR * _hours(random, kind, on_breach=on_breach)
    adjustment = random.choices([0, -5 * HOUR, 2 * HOUR], weights=[90, 7, 3])[0]
    completed = _completed(random, max(0, required + adjustment), days_ago, late=late)
    ete_most = required * 3 // 10
    ete = random.choices([0, min(completed, ete_most), ete_most + HOUR], weights=[70, 28, 2])[0]
    chances = _Chances(random)
    covered = kind in ("community_order", "suspended_sentence_order")
    identified = covered and days_ago > 270 and chances.of(0.6)
    presented = identified and late and chances.of(0.7)
    extended = presented and chances.of(0.6)
    stated: dict[str, object] = {
        "order_type": kind,
        "sentence_date": sentenced,
        "required_minutes": required,
        "completed_minutes": max(completed, ete),
        "adjustment_minutes": adjustment or None,
        "ete_minutes": ete,
        "imposed_on_breach": on_breach,
        "six_month_review_done": days_ago > 184 and chances.of(0.9),
        "nine_month_review_done": days_ago > 274 and chances.of(0.85),
        "extension_identified": identified,
        "breach_action_started": days_ago > 270 and not identified and chances.of(0.4),
        "extension_presented": presented,
        "extension_presented_on": None,
        "extended": extended,
        "extended_to": None,
        "worked_after_last_day_minutes": HOUR * 7 if late and chances.of(0.06) else 0,
    }
    if kind == "suspended_sentence_order":
        months = random.choice([9, 12, 15, 18, 24]) if late else random.choice([12, 18, 18, 24, 24])
        stated["operational_period_end"] = last_day(sentenced, months)
    if kind == "supervision_default_order":
        # For a failure of the month before; from 11 May 2026 only an earlier one leads to such an order.
        stated["default_failure_began_on"] = min(sentenced - timedelta(days=30), date(2026, 5, 10))
    if presented:
        days = random.choice([-40, -21, -14, -7, -2, 5])
        stated["extension_presented_on"] = min(ON, end + timedelta(days=days))
    if extended:
        stated["extended_to"] = add_months(end, random.choice([2, 3, 6, 6, 9]))
    for name, share in OFTEN_UNKNOWN.items():
        if name in stated and chances.of(share):
            stated[name] = None
    if stated["extended"] is None:
        stated["extended_to"] = None
    return UnpaidWorkOrder(reference=reference, **stated)  # type: ignore[arg-type]


def _hours(random: Random, kind: str, *, on_breach: bool) -> int:
    if kind == "supervision_default_order":
        return random.choice([20, 30, 40, 60])
    if on_breach:
        return random.choice([20, 30, 40])
    common = random.choice([40, 60, 80, 80, 100, 100, 120, 120, 150, 180, 200, 240, 300])
    return random.choices([common, 30, 320], weights=[98, 1, 1])[0]


def _completed(random: Random, due: int, days_ago: int, *, late: bool) -> int:
    """Minutes done: some finish early, most near the even pace, a few have hardly begun."""
    if random.random() < 0.12:
        return due
    pace = random.choices([1.25, 1.0, 0.85, 0.5, 0.1], weights=[25, 30, 20, 15, 10])[0]
    share = random.uniform(0.5, 0.97) if late else min(0.98, pace * days_ago / 365)
    return int(due * share) // QUARTER * QUARTER


class _Chances:
    def __init__(self, random: Random) -> None:
        self.random = random

    def of(self, share: float) -> bool:
        """Whether something that happens this often happens now."""
        return self.random.random() < share


if __name__ == "__main__":
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(text(), encoding="utf-8", newline="\n")
    print(f"{FILE}: {NUMBER} orders as on {ON}")
