"""What each contender answers where one fact of an order is not given.

The order is known in full but for that fact. Shown is the answer of the rule that needs it, with the
fact left out and with the fact null, or the kind of error.
"""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import by_hand
import by_hand_durable
import by_hand_polars
import openfisca
import pyarrow as pa
import pyarrow.parquet as pq
from attrs import asdict, evolve
from by_hand_sql import ORDERS
from conditions import RULES, prepared
from decide import rule_engine_decider, zen_engine
from orders import ON, orders

import probation_rules as pr
from tables import sql

KNOWN = pr.UnpaidWorkOrder(
    reference="made-up-0",
    order_type="community_order",
    sentence_date=date(2025, 5, 20),
    required_minutes=6000,
    completed_minutes=5400,
    adjustment_minutes=0,
    ete_minutes=0,
    imposed_on_breach=False,
    six_month_review_done=True,
    nine_month_review_done=True,
    extension_identified=False,
    breach_action_started=False,
    extension_presented=False,
    extended=False,
    worked_after_last_day_minutes=0,
)
# Each fact's name where dates are prepared, and the rule that needs it.
FACTS = {
    "completed_minutes": ("completed", "pace_9"),
    "nine_month_review_done": ("review_9_done", "review_9"),
}
# A value computed from a fact in advance, for durable_rules, is missing with it.
RESTING = {"completed": ("completed", "outstanding", "on_pace")}


def hidden(known: Mapping[str, Any], names: Iterable[str], how: str) -> dict[str, Any]:
    """Return what is known without these names, or with null for them."""
    left = {name: value for name, value in known.items() if name not in names}
    return left if how == "absent" else left | dict.fromkeys(names)


def singles(fact: str, how: str) -> dict[str, Callable[[], Any]]:
    """Return, by contender, what answers the rule for one order."""
    short, key = FACTS[fact]
    order, record = evolve(KNOWN, **{fact: None}), hidden(prepared(KNOWN, ON), [short], how)
    found = {
        "check": lambda: pr.check(order, on=ON).outcome(rule_id(key)).value,
        "by hand": lambda: dict(zip(RULES, by_hand.decide(order, ON), strict=True))[key],
        "zen-engine": lambda: zen_engine().evaluate("upw", record)["result"][key],
        "rule-engine": lambda: rule_engine_decider()(record)[key],
    }
    known, names = by_hand_durable.fact(prepared(KNOWN, ON)), RESTING.get(short, [short])
    found["durable_rules"] = lambda: by_hand_durable.decide(hidden(known, names, how)).get(
        key, "not_applicable"
    )
    stated = {name: [value] for name, value in asdict(KNOWN).items() if name in openfisca.SAID}
    columns = hidden(stated, [fact], how) | ({fact: [None]} if how == "null" else {})
    found["OpenFisca-core, one order"] = lambda: openfisca.decide(columns, 1)[
        f"upw_{key}"
    ].decode_to_str()[0]
    return found


def files(fact: str, folder: Path) -> dict[str, Callable[[], Any]]:
    """Return, by contender, the function that answers the rule for a file where the fact is null."""
    rule, path = rule_id(FACTS[fact][1]), folder / f"{fact}.parquet"
    schema = pa.Table.from_pylist([asdict(order) for order in orders(100)]).schema
    pq.write_table(pa.Table.from_pylist([asdict(evolve(KNOWN, **{fact: None}))], schema), path)
    return {
        "check_table": lambda: pr.check_table("unpaid-work", path, on=ON).outcomes[rule][0],
        "SQL by hand": lambda: sql(ORDERS, {"cases": path}, 1)()[rule][0],
        "polars by hand": lambda: by_hand_polars.decide(path)[rule][0],
        "OpenFisca-core, a file": lambda: openfisca.decide_file(path)[rule][0],
    }


def rule_id(key: str) -> str:
    return "upw." + key.replace("_", "-")


def said_by(answer: Callable[[], Any]) -> str:
    try:
        return str(answer())
    except Exception as error:  # noqa: BLE001 (which error it is is what is asked)
        return type(error).__name__


def main() -> None:
    warnings.simplefilter("ignore")  # numpy's, of a null that becomes a number
    with tempfile.TemporaryDirectory() as folder:
        asked = {
            f"`{fact}` {how}": singles(fact, how)
            | (files(fact, Path(folder)) if how == "null" else {})
            for fact in FACTS
            for how in ("absent", "null")
        }
        print(f"| what | {' | '.join(asked)} |\n|---|{'---|' * len(asked)}")
        for name in list(asked.values())[1]:
            answers = [said_by(each[name]) if name in each else "" for each in asked.values()]
            print(f"| {name} | {' | '.join(answers)} |")


if __name__ == "__main__":
    main()
