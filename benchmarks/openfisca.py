"""The same rules as a developer would write them for OpenFisca-core: variables with formulas on columns.

What is asked about an order stands in variables of a day, the period of the simulation; what is said
of it holds for all time. Figures are constants here, not OpenFisca's dated parameters. For orders known
in full: a fact that is left out has a default, 0 or `false`, and no answer says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import by_hand
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from conditions import RULES
from openfisca_core.entities import build_entity
from openfisca_core.model_api import DAY, ETERNITY, Enum, Variable, max_, min_, select, where
from openfisca_core.simulations import Simulation, SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from orders import ON

Array = Any  # a numpy array, an element an order
Formula = Callable[[Any, Any], Array]


class Kind(Enum):
    community_order = "community order"
    suspended_sentence_order = "suspended sentence order"
    youth_rehabilitation_order = "youth rehabilitation order"
    supervision_default_order = "supervision default order"


class Outcome(Enum):
    not_applicable = "not applicable"
    met = "met"
    not_met = "not met"


class Stage(Enum):
    first_half = "first half"
    third_quarter = "third quarter"
    final_quarter = "final quarter"
    backlog = "backlog"
    lapsed = "lapsed"
    not_covered = "not covered"
    complete = "complete"


ORDER = build_entity("order", "orders", "An order with an unpaid work requirement", is_person=True)
SAID = {
    "order_type": Kind,
    "sentence_date": date,
    "required_minutes": int,
    "completed_minutes": int,
    "adjustment_minutes": int,
    "ete_minutes": int,
    "imposed_on_breach": bool,
    "operational_period_end": date,
    "six_month_review_done": bool,
    "nine_month_review_done": bool,
    "extension_identified": bool,
    "breach_action_started": bool,
    "extension_presented": bool,
    "extension_presented_on": date,
    "extended": bool,
    "extended_to": date,
    "worked_after_last_day_minutes": int,
}
SYSTEM = TaxBenefitSystem([ORDER])


def add(name: str, kind: type, period: str, formula: Formula | None = None) -> None:
    """Add a variable; of an enumeration, the first member is what it is by default."""
    about: dict[str, Any] = {"value_type": kind, "entity": ORDER, "definition_period": period}
    if issubclass(kind, Enum):
        about |= {"value_type": Enum, "possible_values": kind, "default_value": next(iter(kind))}
    if formula:
        about["formula"] = formula
    SYSTEM.add_variable(type(name, (Variable,), about))


def fact(kind: type, period: str = DAY) -> Callable[[Formula], Formula]:
    """A decorator: a derived variable of the formula's name."""

    def named(formula: Formula) -> Formula:
        add(formula.__name__, kind, period, formula)
        return formula

    return named


def rule(applies_and_met: Callable[[Any, Any], tuple[Array, Array]]) -> Formula:
    """A decorator: an outcome, from whether the rule applies and whether it is met."""

    def formula(order: Any, period: Any) -> Array:
        applies, met = applies_and_met(order, period)
        # Indexes: `select` of members would make columns of Python objects, which take far longer.
        answered = where(met, Outcome.met.index, Outcome.not_met.index)
        return where(applies, answered, Outcome.not_applicable.index)

    add(applies_and_met.__name__, Outcome, DAY, formula)
    return formula


def day(period: Any) -> np.datetime64:
    return np.datetime64(period.start.date)


def add_months(dates: Array, months: int) -> Array:
    month = dates.astype("datetime64[M]")
    days = dates - month.astype("datetime64[D]")
    first = (month + months).astype("datetime64[D]")
    last = (month + months + 1).astype("datetime64[D]") - 1
    return min_(first + days, last)


for _name, _kind in SAID.items():
    add(_name, _kind, ETERNITY)


@fact(int, ETERNITY)
def due(order: Any, period: Any) -> Array:
    return max_(0, order("required_minutes", period) + order("adjustment_minutes", period))


@fact(bool, ETERNITY)
def outstanding(order: Any, period: Any) -> Array:
    return order("due", period) > order("completed_minutes", period)


@fact(bool, ETERNITY)
def suspended(order: Any, period: Any) -> Array:
    return order("order_type", period) == Kind.suspended_sentence_order


@fact(bool, ETERNITY)
def default_order(order: Any, period: Any) -> Array:
    return order("order_type", period) == Kind.supervision_default_order


@fact(bool, ETERNITY)
def community_or_suspended(order: Any, period: Any) -> Array:
    community = order("order_type", period) == Kind.community_order
    return community | order("suspended", period)


@fact(bool, ETERNITY)
def covered(order: Any, period: Any) -> Array:
    since = order("sentence_date", period) >= np.datetime64(by_hand.LIMIT_FIRST_SENTENCE)
    return order("community_or_suspended", period) & since


@fact(date, ETERNITY)
def review_6(order: Any, period: Any) -> Array:
    return add_months(order("sentence_date", period), 6)


@fact(date, ETERNITY)
def review_9(order: Any, period: Any) -> Array:
    return add_months(order("sentence_date", period), 9)


@fact(date, ETERNITY)
def twelve_months_end(order: Any, period: Any) -> Array:
    sentenced = order("sentence_date", period)
    end = add_months(sentenced, 12)
    same_day = end - end.astype("datetime64[M]") == sentenced - sentenced.astype("datetime64[M]")
    return end - same_day


@fact(bool)
def limit_in_force(order: Any, period: Any) -> Array:
    return order.filled_array(period.start.date < by_hand.LIMIT_ENDED)


@fact(bool)
def past_twelve_months(order: Any, period: Any) -> Array:
    return day(period) > order("twelve_months_end", period)


@fact(bool)
def lapsed(order: Any, period: Any) -> Array:
    return order("suspended", period) & (day(period) > order("operational_period_end", period))


@fact(bool)
def past_end(order: Any, period: Any) -> Array:
    twelve = order("twelve_months_end", period)
    end = where(order("extended", period), order("extended_to", period), twelve)
    return order("lapsed", period) | (day(period) > end)


@fact(bool)
def on_pace(order: Any, period: Any) -> Array:
    sentenced = order("sentence_date", period)
    elapsed = (day(period) - sentenced).astype(int) + 1
    length = (order("twelve_months_end", period) - sentenced).astype(int) + 1
    return order("completed_minutes", period) * length >= order("due", period) * elapsed


@rule
def upw_hours_range(order: Any, period: Any) -> tuple[Array, Array]:
    required, default = order("required_minutes", period), order("default_order", period)
    on_breach = order("imposed_on_breach", period)
    community = order("order_type", period) == Kind.community_order
    least = where(default | on_breach, 20, 40) * 60
    most = where(default, 60, 300) * 60
    since = order("sentence_date", period) >= np.datetime64(by_hand.CODE_STARTS)
    applies = since & (community | default | (order("suspended", period) & ~on_breach))
    return applies, (least <= required) & (required <= most)


@rule
def upw_ete_allowance(order: Any, period: Any) -> tuple[Array, Array]:
    most = order("required_minutes", period) * by_hand.ETE_SHARE // 100
    return order("community_or_suspended", period), order("ete_minutes", period) <= most


@rule
def upw_review_6(order: Any, period: Any) -> tuple[Array, Array]:
    return _review_due(order, period, "review_6"), order("six_month_review_done", period)


@rule
def upw_review_9(order: Any, period: Any) -> tuple[Array, Array]:
    return _review_due(order, period, "review_9"), order("nine_month_review_done", period)


def _review_due(order: Any, period: Any, review: str) -> Array:
    on = order(review, period)
    since = on >= np.datetime64(by_hand.PRACTICE_STARTS)
    asked = order("community_or_suspended", period) & order("outstanding", period)
    return asked & since & (day(period) > on)


@rule
def upw_pace_6(order: Any, period: Any) -> tuple[Array, Array]:
    on = day(period)
    between = (order("review_6", period) <= on) & (on < order("review_9", period))
    return order("covered", period) & between, order("on_pace", period)


@rule
def upw_pace_9(order: Any, period: Any) -> tuple[Array, Array]:
    since = day(period) >= order("review_9", period)
    applies = order("covered", period) & since & ~order("past_twelve_months", period)
    return applies, order("on_pace", period)


@fact(bool)
def open_and_limited(order: Any, period: Any) -> Array:
    limited = order("covered", period) & order("limit_in_force", period)
    return order("outstanding", period) & limited


@rule
def upw_extension_identified(order: Any, period: Any) -> tuple[Array, Array]:
    review = order("review_9", period)
    practice = (review >= np.datetime64(by_hand.PRACTICE_STARTS)) & (day(period) >= review)
    late = order("past_twelve_months", period) | ~order("on_pace", period)
    decided = order("extension_identified", period) | order("breach_action_started", period)
    return order("open_and_limited", period) & practice & late, decided


@rule
def upw_extension_presented(order: Any, period: Any) -> tuple[Array, Array]:
    end = order("twelve_months_end", period)
    practice = end >= np.datetime64(by_hand.PRACTICE_STARTS)
    identified = order("past_twelve_months", period) & order("extension_identified", period)
    in_court = order("extension_presented", period)
    in_time = order("extension_presented_on", period) <= end
    return order("open_and_limited", period) & practice & identified, in_court & in_time


@rule
def upw_complete_in_time(order: Any, period: Any) -> tuple[Array, Array]:
    late = order("outstanding", period) & order("past_end", period)
    return order("covered", period) & order("limit_in_force", period), ~late


@rule
def upw_no_work_after_last_day(order: Any, period: Any) -> tuple[Array, Array]:
    limited = order("covered", period) & order("limit_in_force", period)
    ended = order("past_twelve_months", period) | order("lapsed", period)
    return limited & ended, order("worked_after_last_day_minutes", period) == 0


@rule
def upw_suspended_order_ends(order: Any, period: Any) -> tuple[Array, Array]:
    since = order("sentence_date", period) >= np.datetime64(by_hand.CODE_STARTS)
    late = order("outstanding", period) & order("lapsed", period)
    return order("suspended", period) & since, ~late


def _stage(order: Any, period: Any) -> Array:
    on = day(period)
    stages = [
        (~order("outstanding", period), Stage.complete),
        (~order("covered", period), Stage.not_covered),
        (order("lapsed", period), Stage.lapsed),
        (order("past_end", period), Stage.backlog),
        (on >= order("review_9", period), Stage.final_quarter),
        (on >= order("review_6", period), Stage.third_quarter),
    ]
    conditions, answers = zip(*stages, strict=True)
    return select(conditions, [answer.index for answer in answers], Stage.first_half.index)


add("stage", Stage, DAY, _stage)

RESULTS = [*(f"upw_{key}" for key in RULES if key != "stage"), "stage"]


def decide(stated: Mapping[str, Array], number: int) -> dict[str, Any]:
    """Return the outcomes and the stages of this many orders, each as a column of an enumeration."""
    simulation: Simulation = SimulationBuilder().build_default_simulation(SYSTEM, number)
    for name, values in stated.items():
        simulation.set_input(name, ETERNITY, values)
    return {name: simulation.calculate(name, ON.isoformat()) for name in RESULTS}


def decide_file(path: Path) -> pa.Table:
    """Return the reference, the stage and the eleven outcomes of each order of a Parquet file."""
    orders = pq.read_table(path, columns=["reference", *SAID])
    stated = {name: orders[name].to_numpy() for name in SAID if name != "order_type"}
    kinds = pa.array([kind.name for kind in Kind])
    stated["order_type"] = pc.index_in(orders["order_type"], kinds).to_numpy()
    found = {
        name.replace("upw_", "upw.").replace("_", "-"): pa.DictionaryArray.from_arrays(
            column.view(np.ndarray), [each.name for each in column.possible_values]
        )
        for name, column in decide(stated, orders.num_rows).items()
    }
    return pa.table({"reference": orders["reference"], **found})
