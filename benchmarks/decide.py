"""How long one decision takes: eleven rules and the stage of one unpaid work order, side by side.

Every contender decides the same orders in the same run, turn by turn, and must give the same
answers. Printed: the median over the rounds, in microseconds a decision, and the median of the
ratios within a round.
"""

from __future__ import annotations

import argparse
import gc
import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from statistics import median
from time import perf_counter_ns
from typing import Any

import by_hand
import by_hand_durable
import machine
import openfisca
import rule_engine
import zen
from attrs import asdict
from conditions import DERIVED, RULES, prepared
from orders import ON, orders

import probation_rules as pr

Answers = tuple[str, ...]
ALL = 1000  # the contenders must agree on these orders
SLOW = ("OpenFisca-core",)  # given a tenth of the orders in each round
PACKAGES = ("zen-engine", "rule-engine", "OpenFisca-Core", "durable_rules")
Contender = tuple[Callable[[Any], object], Sequence[Any]]


# --- The contenders -----------------------------------------------------------------------------


def zen_engine() -> zen.ZenEngine:
    """An engine with one expression node, loaded and compiled once; `$.` is an earlier expression."""
    earlier: list[str] = []
    expressions = []
    for key, text in (DERIVED | RULES).items():
        value = re.sub(r"'[^']*'|\b[a-z]\w*", lambda m: _zen_name(m[0], earlier), text)
        expressions.append({"id": key, "key": key, "value": value})
        earlier.append(key)
    graph = {
        "nodes": [
            {"id": "in", "type": "inputNode", "name": "in", "position": {"x": 0, "y": 0}},
            {
                "id": "rules",
                "type": "expressionNode",
                "name": "rules",
                "position": {"x": 0, "y": 0},
                "content": {"expressions": expressions},
            },
            {"id": "out", "type": "outputNode", "name": "out", "position": {"x": 0, "y": 0}},
        ],
        "edges": [
            {"id": "a", "sourceId": "in", "targetId": "rules", "type": "edge"},
            {"id": "b", "sourceId": "rules", "targetId": "out", "type": "edge"},
        ],
    }
    return zen.ZenEngine({"loader": {"type": "static", "content": {"upw": graph}}})


def _zen_name(word: str, earlier: list[str]) -> str:
    return f"$.{word}" if word in earlier else word


def rule_engine_decider() -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """Rules compiled once; it has no names for parts, so each is computed and put in the record."""
    compiled = [(key, rule_engine.Rule(text)) for key, text in (DERIVED | RULES).items()]

    def decide(record: Mapping[str, Any]) -> dict[str, Any]:
        known = dict(record)
        for key, rule in compiled:
            known[key] = rule.evaluate(known)
        return known

    return decide


def contenders(cases: list[pr.UnpaidWorkOrder], timed: int) -> dict[str, Contender]:
    """Return them with the orders to time, once all agree on every order."""
    ready = [prepared(case, ON) for case in cases]
    engine = zen_engine()
    by_rule_engine = rule_engine_decider()
    columns = [{name: [asdict(case)[name]] for name in openfisca.SAID} for case in cases]
    ids = ["upw." + key.replace("_", "-") for key in RULES if key != "stage"]
    months, last = lru_cache(8192)(by_hand.add_months), lru_cache(8192)(by_hand.last_day)
    answers: dict[str, tuple[Callable[[Any], Answers], Sequence[Any]]] = {
        "by hand": (lambda case: by_hand.decide(case, ON), cases),
        "by hand, month sums remembered": (
            lambda case: by_hand.decide(case, ON, months, last),
            cases,
        ),
        "probation_rules": (lambda case: _outcomes(pr.check(case, on=ON), ids), cases),
        "zen-engine": (lambda one: _values(engine.evaluate("upw", one)["result"]), ready),
        "rule-engine": (lambda one: _values(by_rule_engine(one)), ready),
        "OpenFisca-core": (
            lambda one: tuple(
                found.decode_to_str()[0] for found in openfisca.decide(one, 1).values()
            ),
            columns,
        ),
    }
    facts = [by_hand_durable.fact(one) for one in ready]
    answers["durable_rules"] = (
        lambda one: _values(dict.fromkeys(RULES, "not_applicable") | by_hand_durable.decide(one)),
        facts,
    )
    agree(answers)
    traced = {"trace": True}
    field: dict[str, Contender] = {
        "by hand": answers["by hand"],
        "by hand, month sums remembered": answers["by hand, month sums remembered"],
        "check": (lambda case: pr.check(case, on=ON), cases),
        "check, every outcome read by name": answers["probation_rules"],
        "check, every finding built": (lambda case: pr.check(case, on=ON).findings, cases),
        "check, every finding rendered to text": (lambda case: str(pr.check(case, on=ON)), cases),
        "check, every finding rendered to JSON": (
            lambda case: pr.check(case, on=ON).to_json(indent=None),
            cases,
        ),
        "zen-engine": (lambda one: engine.evaluate("upw", one), ready),
        "zen-engine, trace on": (lambda one: engine.evaluate("upw", one, traced), ready),
        "zen-engine, trace on, rendered to JSON": (
            lambda one: json.dumps(engine.evaluate("upw", one, traced)),
            ready,
        ),
        "rule-engine": (by_rule_engine, ready),
        "OpenFisca-core": (lambda one: openfisca.decide(one, 1), columns),
        "durable_rules": (by_hand_durable.decide, facts),
    }
    return {
        name: (run, given[: timed // 10 if name in SLOW else timed])
        for name, (run, given) in field.items()
    }


def _outcomes(report: pr.Report, ids: list[str]) -> Answers:
    return (*(report.outcome(rule).value for rule in ids), str(report.stage))


def _values(found: Mapping[str, Any]) -> Answers:
    return tuple(found[key] for key in RULES)


def agree(answers: Mapping[str, tuple[Callable[[Any], Answers], Sequence[Any]]]) -> None:
    """Stop unless every contender answers every order as the code by hand does."""
    decide, cases = answers["by hand"]
    expected = [decide(case) for case in cases]
    for name, (decide, given) in answers.items():
        for case, one, right in zip(cases, given, expected, strict=True):
            if (found := decide(one)) != right:
                raise SystemExit(f"{name} differs on {case}:\n{found}\nby hand:\n{right}")
    for place in range(len(expected[0])):
        seen = {one[place] for one in expected}
        assert len(seen) > 1, f"answer {place} is always {seen}: add orders"


# --- Timing -------------------------------------------------------------------------------------

Times = Mapping[str, Sequence[float]]


def measure(field: Mapping[str, Contender], rounds: int) -> Times:
    """Return each contender's microseconds a decision, round by round."""
    times: dict[str, list[float]] = {name: [] for name in field}
    gc.collect()
    gc.freeze()  # or what one contender allocates has all that the others hold walked over
    for number in range(rounds + 1):
        for name, (run, cases) in field.items():
            gc.collect()
            start = perf_counter_ns()
            for case in cases:
                run(case)
            spent = perf_counter_ns() - start
            if number:  # the first round only warms up
                times[name].append(spent / len(cases) / 1000)
    return times


def ratio(times: Times, name: str, to: str) -> float:
    """Return the median of the rounds' ratios: a slow moment then weighs on both or counts once."""
    return median(one / other for one, other in zip(times[name], times[to], strict=True))


def table(times: Times) -> str:
    lines = [
        "| what | microseconds | against by hand | against zen-engine |",
        "|---|---:|---:|---:|",
    ]
    lines += [
        f"| {name} | {median(found):.2f} | {ratio(times, name, 'by hand'):.2f} "
        f"| {ratio(times, name, 'zen-engine'):.2f} |"
        for name, found in times.items()
    ]
    return "\n".join(lines)


def targets(times: Times) -> str:
    rows = [
        ("check", "by hand", 1.5),
        ("check", "zen-engine", 0.2),
        ("check, every finding rendered to text", "zen-engine, trace on", 1.0),
        ("check, every finding rendered to JSON", "zen-engine, trace on", 1.0),
    ]
    lines = ["| target | at most | is | reached |", "|---|---:|---:|---|"]
    for name, to, limit in rows:
        is_ = ratio(times, name, to)
        reached = "yes" if is_ <= limit else "no"
        lines.append(f"| {name}, against {to} | {limit:.2f} | {is_:.2f} | {reached} |")
    return "\n".join(lines)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--orders", type=int, default=200, help="how many orders a round")
    options.add_argument("--rounds", type=int, default=40)
    chosen = options.parse_args()
    times = measure(contenders(orders(ALL), chosen.orders), chosen.rounds)
    print(
        f"{machine.described(*PACKAGES)}; {chosen.orders} orders, "
        f"of which {', '.join(SLOW)} has a tenth; median of {chosen.rounds} rounds.\n"
    )
    print(table(times), targets(times), sep="\n\n")


if __name__ == "__main__":
    main()
