from __future__ import annotations

import time
from datetime import date
from typing import Any

import pytest

import probation_rules as pr
from probation_rules.engines import ENGINES

ORDER = pr.UnpaidWorkOrder(
    reference="EX-1",
    order_type="community_order",
    sentence_date=date(2025, 1, 15),
    required_minutes=6000,
    completed_minutes=3000,
)
ON = date(2026, 1, 20)


@pytest.mark.parametrize("engine", ENGINES)
def test_each_engine_answers_and_is_named(engine: str) -> None:
    report = pr.check(ORDER, on=ON, engine=engine, assuming={"extended": False})

    assert report.stage == "backlog"
    assert report.to_dict()["engine"] == engine


def test_an_unknown_engine_is_refused() -> None:
    with pytest.raises(pr.InputError, match="did you mean `python`"):
        pr.check(ORDER, on=ON, engine="pyton")
    with pytest.raises(pr.InputError, match="known are python, reference, durable"):
        pr.check(ORDER, on=ON, engine="zen")


def test_what_is_no_case_is_refused() -> None:
    with pytest.raises(pr.CaseError, match="UnpaidWorkOrder"):
        pr.check({"sentence_date": "2025-01-15"}, on=ON)


def test_a_subclass_of_a_case_is_a_case() -> None:
    class Marked(pr.UnpaidWorkOrder):
        pass

    assert pr.check(Marked(), on=ON).stage is None


def test_an_assumption_fills_an_unknown_and_is_marked_where_it_decided() -> None:
    without = pr.check(ORDER, on=ON)
    report = pr.check(ORDER, on=ON, assuming={"extended": False, "completed_minutes": 6000})

    assert without.outcome("upw.complete-in-time") == "cannot_tell"
    finding = report.finding("upw.complete-in-time")
    assert (finding.outcome, finding.assumed) == ("not_met", ("extended",))
    # A fact of the case is never overridden, and a case that needed no assumption is not marked.
    assert report.facts["completed_minutes"] == 3000
    assert dict(report.assuming) == {"extended": False}
    assert report.finding("upw.hours-range").assumed == ()
    assert report.finding("upw.pace-6").assumed == ()
    assert "assumed: extended is no" in str(report)
    assert report.to_dict()["assumed"] == {"extended": False}


def test_an_assumption_that_decides_the_gate_is_marked() -> None:
    order = pr.UnpaidWorkOrder(sentence_date=date(2025, 1, 15), required_minutes=6000)
    report = pr.check(order, on=ON, assuming={"order_type": "youth_rehabilitation_order"})

    finding = report.finding("upw.complete-in-time")
    assert (finding.outcome, finding.assumed) == ("not_applicable", ("order_type",))


def test_an_assumption_that_was_not_enough_is_marked_on_nothing() -> None:
    order = pr.UnpaidWorkOrder(order_type="community_order", sentence_date=date(2025, 1, 15))
    report = pr.check(order, on=ON, assuming={"extended": False})

    assert all(one.assumed == () for one in report.unknown)


@pytest.mark.parametrize(
    ("assuming", "message"),
    [
        ({"extendd": False}, "`extendd` is not a fact to assume; did you mean `extended`?"),
        ({"on": ON}, "`on` is not a fact to assume"),
        ({"extended": 0}, "`0` is not allowed: it must be true or false @ assuming extended"),
        ({"extended": None}, "an assumption must be true or false @ assuming extended"),
        ({"order_type": "comunity_order"}, "did you mean `community_order`?"),
    ],
)
def test_an_assumption_that_is_not_allowed(assuming: dict[str, Any], message: str) -> None:
    with pytest.raises(pr.InputError) as refused:
        pr.check(ORDER, on=ON, assuming=assuming)

    assert message in str(refused.value)


def test_absent_adjustments_are_none_recorded_and_not_unknown() -> None:
    report = pr.check(ORDER, on=ON, assuming={"adjustment_minutes": 600})

    assert report.facts["adjustment_minutes"] == 0
    assert not report.assuming


def test_a_setting_decides_and_shows() -> None:
    rule, later = "upw.reduction-recorded", date(2026, 6, 1)
    settings = {"earned_reduction_from": later}
    assuming = {"failure_before_reduction": True, "reduction_recorded_minutes": 0}

    assert pr.check(ORDER, on=later, assuming=assuming).outcome(rule) == "not_applicable"
    report = pr.check(ORDER, on=later, assuming=assuming, settings=settings)
    assert report.outcome(rule) == "met"
    assert report.to_dict()["rulebook"]["settings"] == {"earned_reduction_from": "2026-06-01"}


def test_a_day_before_the_rules_is_not_in_force() -> None:
    with pytest.raises(pr.NotInForce):
        pr.check(ORDER, on=date(2017, 2, 14))


def test_the_clock_is_never_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden() -> float:
        raise AssertionError("the clock was read")

    monkeypatch.setattr(time, "time", forbidden)
    assert pr.check(ORDER, on=ON).on == ON
