"""Every date has cases on the day before, on the day itself and on the day after.

What counts as such a day is found in the rules themselves: the days on which rules and figures begin,
figures that are days, and the points of time that are counted. Before an area's first day nothing is
answered (`test_conformance.py`), so what begins on it needs a case of that day alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache

import pytest

import probation_rules as pr
from probation_rules.conformance import Case, load_cases
from probation_rules.conformance.run import report_on
from probation_rules.report import Report
from probation_rules.rulebook.model import Area, Rule

CASES = load_cases()
SIDES = frozenset({-1, 0, 1})  # days from the dated one
# What cannot have a case, and why.
IMPOSSIBLE = {
    # 31 May is six months after no day: November has 30.
    ("upw.review-6 from 2022-06-01", -1),
}
# Each trap of the sources, with a case that shows it.
TRAPS = {
    "the day of conviction decides, not of sentence": "Convicted on 20 June 2022 and sentenced on 10 July 2022 is the old process.",
    "hours split over a day": "One period of 12 hours split into two of 6 is not the officer's power.",
    "the total of a day kept": "Two periods of one day that trade minutes break the power though the total stays.",
    "a start moved over midnight": "A shift across midnight is within the power and changes no anchored sum.",
    "the week begins with the weekday of first effect": "112 hours and a minute are over the limit where the curfew took effect on a Wednesday.",
    "20 hours on some days only": "20 hours on each of 7 days keep the daily limit and break the week's.",
    "two periods with two beginnings": "The span runs from first effect and not from the order.",
    "youth orders": "A curfew on youth rehabilitation order is not covered.",
    "supervision default orders": "A curfew on supervision default order is not covered.",
    "suspended sentences": "A suspended sentence order is covered though staff texts name community orders only.",
    "licence": "A curfew on licence is not covered.",
    "a residence requirement": "A residence requirement in the way sends the change to court.",
    "a boundary": "A boundary that changes goes to court.",
    "consent of the person": "Without `person_consents` the change goes to court.",
    "consent of the holder": "A new place without `householder_consents` is not in order.",
    "a change of circumstances": "Without `circumstances_changed` the change goes to court.",
    "approved is not effective": "The person is never told of a change of place before EMS has attended.",
    "who is told": "Where the court and EMS alone have notice the police are not waited for.",
    "the clock change": "Over the night of the clock change a period has the length that the clock on the wall shows.",
    "the anniversary is too late": "On the anniversary of the sentence an unfinished order is already backlog.",
    "months are not chained": "28 May is not the nine-month point of an order of 31 August.",
    "the end of a month": "28 February 2025 is the last day of an order of the leap day.",
    "no hours left": "An order with every minute done is complete, not backlog, after its last day.",
    "a granted extension": "A granted extension lifts the order out of backlog up to and on its last day.",
    "a late extension": "An extension granted late still lifts the backlog while the lateness stays on record.",
    "a suspended sentence ends": "The day after the operational period the order has lapsed though it was extended further.",
    "a pending application": "A pending application neither extends the time nor permits work.",
    "presented, not made": "An extension presented on the anniversary is a day late.",
    "300 hours in one order": "The range is for one order, so 300 hours are allowed whatever the hours of an order made on another day.",
    "20 hours on breach": "20 hours are the fewest that a community order may gain on breach.",
    "30 per cent, to the minute": "The allowance is cut to whole minutes and its last minute may be used.",
    "the order's end is not the work's": "The end date of the order is refused, since moving it does not extend the time for the work.",
    "the limit's end in 2026": "On 11 May 2026 the same order is past twelve months and nothing bars the work.",
}


@cache
def answered(name: str) -> tuple[tuple[Case, Report], ...]:
    """The cases of an area that have an answer, each with its report."""
    cases = (case for case in CASES if case.area == name and not case.problems)
    return tuple((case, report_on(case)) for case in cases)


def offsets(days: object, dated: date) -> Iterator[int]:
    """How far each of some days is from the dated one."""
    assert isinstance(days, list)
    yield from ((day - dated).days for day in days if type(day) is date)


def dated(area: Area) -> Iterator[tuple[str, frozenset[int], set[int]]]:
    """Each thing with a date: its name, the sides that need cases, and the sides that have them."""
    first = area.facts["on"].min
    assert isinstance(first, date)
    cases = answered(area.name)
    for rule in area.rules:
        asserted = [report for case, report in cases if rule.id in case.outcomes]
        sides = SIDES if rule.by != "on" or rule.from_ != first else frozenset({0})
        found = {
            side
            for report in asserted
            for side in offsets([report.values[rule.by]], first_day(rule, report))
        }
        yield f"{rule.id} from {rule.in_force.from_parameter or rule.from_}", sides, found
    for name, parameter in area.parameters.items():
        users = [rule for rule in area.rules if name in rule.figures]
        for value in parameter.values:
            label = f"{name} from {value.from_}"
            if value.from_ != first:
                yield label, SIDES, set(offsets(looked_up(area, users, name), value.from_))
            elif asked := [rule for rule in users if rule.from_ == first]:
                yield label, frozenset({0}), set(offsets(looked_up(area, asked, name), first))
            if isinstance(value.value, date):
                near = [day for _, report in asserting(area, users) for day in all_days(report)]
                yield f"{name}, the day {value.value}", SIDES, set(offsets(near, value.value))
    for name, derived in area.derived.items():
        if derived.node.type.kind == "date":
            users = [rule for rule in area.rules if name in rule.facts]
            near_it: set[int] = set()
            for _, report in asserting(area, users):
                if point := report.facts[name]:
                    near_it |= set(offsets(all_days(report, but=name), point))
            if users:
                yield f"the point {name}", SIDES, near_it


def first_day(rule: Rule, report: Report) -> date:
    """The first day of a wording; of one that begins on a day that is set, as the case sets it."""
    if rule.in_force.from_parameter is None:
        return rule.from_
    value = report.values[rule.in_force.from_parameter]
    assert value is None or isinstance(value, date)
    return value or rule.from_


def asserting(area: Area, rules: list[Rule]) -> list[tuple[Case, Report]]:
    """The cases that assert what one of some rules answers."""
    ids = {rule.id for rule in rules}
    return [(case, report) for case, report in answered(area.name) if ids & case.outcomes.keys()]


def looked_up(area: Area, users: list[Rule], name: str) -> list[object]:
    """Return the days that cases use to look up a figure."""
    return [
        day
        for rule in users
        for _, report in asserting(area, [rule])
        for day in (report.on, report.facts[area.parameters[name].by])
    ]


def all_days(report: Report, but: str = "") -> list[object]:
    return [value for name, value in report.facts.items() if name != but]


@pytest.mark.parametrize("name", pr.rulebook().areas)
def test_cases_stand_on_each_side_of_whatever_has_a_date(name: str) -> None:
    found = list(dated(pr.rulebook().area(name)))
    missing = {(what, side) for what, sides, shown in found for side in sides - shown} - IMPOSSIBLE
    assert missing == set()
    assert found


def test_every_trap_of_the_sources_has_a_case() -> None:
    names = {case.name for case in CASES}
    assert [trap for trap, name in TRAPS.items() if name not in names] == []
