"""Every public object can be pickled and copied, and a copy equals what it was made from."""

from __future__ import annotations

import copy
import inspect
import multiprocessing
import pickle
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import date, time
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pytest

import probation_rules as pr
from probation_rules import framework
from probation_rules.areas import AREAS
from probation_rules.areas.framework.activities import activity_changes
from probation_rules.errors import Problem
from probation_rules.rulebook import book as books
from probation_rules.rulebook import shipped
from support.rulebooks import content_of, shipped_with

ON = date(2026, 3, 9)
LIST = Path(pr.__file__).parent / "demo" / "example-region.toml"
PROBLEMS = [Problem("the first", "$.a"), Problem("the second\n  with a line", "$.b")]


def pickled(one: Any, protocol: int | None = None) -> Any:
    """The object as it is read back."""
    return pickle.loads(pickle.dumps(one, protocol))  # noqa: S301 (made here)


WAYS: list[Callable[[Any], Any]] = [copy.copy, copy.deepcopy, pickled, partial(pickled, protocol=2)]


def with_list() -> pr.Rulebook:
    return pr.rulebook().extended_with(LIST)


def order_report() -> pr.Report:
    order = pr.UnpaidWorkOrder(
        reference="EX-1", order_type="community_order", sentence_date=date(2025, 7, 12),
        required_minutes=7200, completed_minutes=600,
    )  # fmt: skip
    report = pr.check(order, on=ON, assuming={"extended": False}, settings={"review_grace": 3})
    report.place = "row 2"
    return report


def decision_report() -> pr.Report:
    decision = pr.ActivityDecision(
        reference="EX-2", decided_on=date(2026, 3, 2), status="red", activity="EX-VISIT",
        treatment="pause", list_version="1",
    )  # fmt: skip
    return pr.check(decision, on=ON, rulebook=with_list())


def curfew() -> pr.CurfewVariation:
    period = pr.CurfewPeriod(day="monday", start=time(20), minutes=660, place="home")
    steps = pr.CurfewSteps(form=pr.Step(done=True, on=date(2026, 3, 2)))
    return pr.CurfewVariation(current=(period,), proposed=(period,), steps=steps)


def report_of(case: Any) -> pr.Report:
    return pr.check(case, on=ON)


POD = pr.Pod(members=(pr.PodMember(grade="PO"), pr.PodMember(grade="PQiP")))
TABLE = framework.activities(status="red", on=ON, rulebook=with_list())
# At least one object of every public class, used before it is pickled.
MADE: dict[str, list[Any]] = {
    "ActivityChange": [activity_changes(TABLE, framework.activities(status="green", on=ON, rulebook=with_list()))[0]],
    "ActivityDecision": [decision_report().case, pr.ActivityDecision(status="red")],
    "ActivityLine": [TABLE.lines[0]],
    "ActivityTable": [TABLE],
    "Appointments": [pr.Appointments(reference="A", supervision_start=date(2026, 3, 2))],
    "CaseAllocation": [pr.CaseAllocation(tier="A3", rosh="high")],
    "CaseError": [pr.CaseError(PROBLEMS)],
    "Comparison": [pr.compare(order_report(), order_report())],
    "CurfewPeriod": [curfew().current[0]],  # type: ignore[index]
    "CurfewSteps": [curfew().steps],
    "CurfewVariation": [curfew(), report_of(curfew()).case],
    "Diary": [pr.due_dates([order_report()])],
    "Due": list(pr.due_dates([order_report()]).dates),
    "EngineDisagreement": [pr.EngineDisagreement("they differ")],
    "Explanation": [pr.explain("upw.review-6")],
    "Finding": [*order_report().findings, *decision_report().breaches],
    "InputError": [pr.InputError(PROBLEMS)],
    "MissingExtra": [pr.MissingExtra("icalendar is not installed", "ics")],
    "NotInForce": [pr.NotInForce("too early")],
    "Outcome": list(pr.Outcome),
    "Pod": [POD],
    "PodMember": [pr.PodMember(grade="PO")],
    "ProbationRulesError": [pr.ProbationRulesError("no")],
    "Problem": PROBLEMS,
    "Report": [order_report(), decision_report(), report_of(POD), report_of(curfew())],
    "Rulebook": [
        pr.rulebook(), pr.rulebook(on=ON), with_list(), order_report().book,
        with_list().with_settings({"review_grace": 3}).on(ON),
    ],
    "RulebookError": [pr.RulebookError(PROBLEMS)],
    "Step": [pr.Step(done=True, on=date(2026, 3, 2))],
    "UnknownRule": [pr.UnknownRule("`x` is not a rule")],
    "UnpaidWorkOrder": [order_report().case],
    "Workload": [pr.Workload(reference="W")],
}  # fmt: skip
for spec in AREAS.values():
    MADE.setdefault(spec.case.__name__, [spec.case(reference="EX-3")])
# An object with an open database is refused with the reason.
REFUSED = {"Table", "TableComparison"}


def shown(one: Any) -> str:
    """Return everything that an object shows, computed values included."""
    if isinstance(one, pr.Report):
        return one.to_json() + str(one) + one._repr_html_()
    if isinstance(one, pr.Finding):
        return str(one.entry()) + one._repr_html_()
    if isinstance(one, pr.Rulebook):
        return f"{one!r} {one.digest} {list(one.rules)} {one.replaced}"
    return f"{one!s} {one!r}"


def test_every_public_class_is_tested_here() -> None:
    public = {name for name in dir(pr) if inspect.isclass(getattr(pr, name))}
    assert public <= MADE.keys() | REFUSED
    for name, made in MADE.items():
        assert made, name
        assert all(type(one).__name__ == name for one in made), name


@pytest.mark.parametrize("name", MADE)
def test_a_copy_is_equal_and_shows_the_same(name: str) -> None:
    for one, way in product(MADE[name], WAYS):
        before = shown(one)
        made = way(one)
        assert type(made) is type(one), way
        assert shown(made) == before, way
        if isinstance(one, Exception):
            assert made.args == one.args, way
            assert getattr(made, "problems", ()) == getattr(one, "problems", ()), way
        elif "__eq__" in vars(type(one)):  # a comparison has no equality of its own
            assert made == one, way
            assert made != "another kind of thing", way
            if isinstance(one, pr.Report | pr.Finding | pr.Rulebook):
                assert hash(made) == hash(one), way


def test_an_error_that_is_read_back_has_one_problem_a_line() -> None:
    read = pickled(pr.CaseError(PROBLEMS))
    assert str(read) == "the first @ $.a\nthe second @ $.b\n  with a line"
    assert read.problems == tuple(PROBLEMS)


def test_reports_differ_by_case_day_engine_rules_and_place() -> None:
    order = pr.UnpaidWorkOrder(reference="EX-1")
    report = pr.check(order, on=ON)
    others = [
        pr.check(pr.UnpaidWorkOrder(reference="EX-2"), on=ON),
        pr.check(order, on=date(2026, 3, 10)),
        pr.check(order, on=ON, engine="reference"),
        pr.check(order, on=ON, settings={"review_grace": 1}),
        pr.check(order, on=ON, assuming={"extended": True}),
        pr.check(pr.Pod(reference="EX-1"), on=ON),
    ]
    placed = pr.check(order, on=ON)
    assert placed == report
    placed.place = "row 2"
    assert all(one != report for one in [*others, placed])
    assert report.finding("upw.review-6") == pr.check(order, on=ON).finding("upw.review-6")
    assert report.finding("upw.review-6") != report.finding("upw.review-9")
    assert report.finding("upw.review-6") != others[3].finding("upw.review-6")


def test_books_differ_by_content_local_books_settings_and_day() -> None:
    book = with_list()
    assert book == with_list()
    assert (
        len(
            {book, with_list(), pr.rulebook(), book.on(ON), book.with_settings({"review_grace": 1})}
        )
        == 4
    )


def test_a_copy_of_the_shipped_book_is_that_book_and_costs_little() -> None:
    read = pickled(pr.rulebook())
    assert read is shipped()
    assert len(pickle.dumps(report_of(POD))) < 2_000
    local = pickled(with_list())
    assert local.area("pod") is shipped().area("pod")
    assert local.area("framework").sections == with_list().area("framework").sections


def test_a_book_is_not_read_back_with_other_shipped_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = pickle.dumps(pr.rulebook())
    content = {**content_of("pod"), "title": "Other"}
    other = shipped_with(content)
    monkeypatch.setattr(books, "shipped", lambda: other)
    with pytest.raises(pr.RulebookError) as refused:
        pickle.loads(stored)  # noqa: S301 (made here)
    assert "this was pickled with the rules of version" in str(refused.value)
    assert "use the same version, or store reports as JSON @ rulebook" in str(refused.value)


@pytest.mark.parametrize("way", WAYS)
def test_a_table_says_why_it_is_not_copied(way: Callable[[Any], Any]) -> None:
    table = pr.check_table("unpaid-work", pa.table({"reference": ["EX-1"]}), on=ON)
    with pytest.raises(
        TypeError, match="open database and cannot be pickled or copied; use its `outcomes`"
    ):
        way(table)


def test_a_process_pool_returns_reports_and_errors() -> None:
    """In processes that start from nothing, as they do on every system but Linux."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        for make in (order_report, decision_report):
            report = pool.submit(make).result()
            assert report == make()
            assert report.to_json() == make().to_json()
        failed = pool.submit(report_of, pr.UnpaidWorkOrder(required_minutes=-1)).exception()
    assert isinstance(failed, pr.CaseError)
    assert len(failed.problems) == 1
    assert str(failed).endswith(" @ $.required_minutes")
