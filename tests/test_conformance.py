"""Every hand-written conformance case on `python`, a sample on the other engines; and what they cover.

The laws of `support/laws.py` compare the engines on random cases. The sample is for what only a
hand-written case shows: a wrong answer on which all engines agree.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

import pytest

import probation_rules as pr
from probation_rules.cases import field_names
from probation_rules.conformance import Ask, Case, coverage, library, load_cases, run
from probation_rules.conformance.run import report_on
from probation_rules.language.tree import If, walk

ENGINES = ("python", "reference", "durable")
FIRST_DAYS = {name: area.facts["on"].min for name, area in pr.rulebook().areas.items()}
# A region fills these in: until then the shipped rule cannot tell, whatever the case.
WAITS_FOR_A_REGION = {"alloc.grade-matrix"}
CASES = load_cases()


@cache
def asked(engine: str) -> Ask:
    return library(engine)


def shown(case: Case) -> Iterator[object]:
    """Yield what a case covers: outcomes, stage, refusals, and branches of derived facts."""
    if case.problems:
        yield from case.problems
        return
    yield from case.due.items()
    yield from case.needs
    report = report_on(case)
    for one in report.findings:
        if one.rule in case.outcomes:
            yield one.rule, one.wording.from_, one.outcome
    yield case.stage
    for name, definition in report.area.definitions.items():
        value = report.interpreter.value(definition)
        yield name, value if isinstance(value, bool | str) else type(value)
        for place, node in enumerate(walk(definition)):
            if isinstance(node, If):
                yield name, place, report.interpreter.value(node.test)


@cache
def sample(area: str) -> list[Case]:
    """Cases of an area that together show whatever all of its cases show."""
    cases = [case for case in CASES if case.area == area]
    showing = {case.id: set(shown(case)) for case in cases}
    left, chosen = set[object]().union(*showing.values()), []
    while left:
        chosen.append(max(cases, key=lambda case: len(showing[case.id] & left)))
        left -= showing[chosen[-1].id]
    return chosen


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_case(case: Case) -> None:
    (result,) = run([case], asked("python"))
    assert result.differences == (), f"{case.because} ({case.source})"


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", FIRST_DAYS)
def test_every_rule_has_a_case_for_every_outcome_on_every_engine(name: str, engine: str) -> None:
    cases = CASES if engine == "python" else sample(name)
    results = list(run((case for case in cases if case.area == name), asked(engine)))
    assert [(one.case.id, one.differences) for one in results if not one.passed] == []
    area = pr.rulebook().area(name)
    found = coverage(area, {engine: results})
    assert [(one.rule, one.outcome.value) for one in found if one.missing] == []
    impossible = [one for one in found if not one.possible]
    assert [(one.rule, one.outcome.value) for one in impossible if any(one.cases.values())] == []
    waiting = {one.rule for one in impossible if one.outcome is pr.Outcome.MET}
    assert waiting == WAITS_FOR_A_REGION & area.wordings.keys()


@pytest.mark.parametrize("area", FIRST_DAYS)
def test_every_stage_has_a_case(area: str) -> None:
    policy = files("probation_rules") / "areas" / area.replace("-", "_") / "rules.toml"
    stages = tomllib.loads(policy.read_text(encoding="utf-8")).get("stages", {})
    shown = {case.stage for case in CASES if case.area == area and case.stage}
    assert shown - {"cannot_tell"} == stages.keys()


def test_every_case_gives_its_point_a_reason_and_a_source() -> None:
    for case in CASES:
        assert case.name[0].isupper() or case.name[0].isdigit(), case.id
        assert case.name.endswith("."), case.id
        assert len(case.name.split()) > 3, case.id
        assert case.because.endswith("."), case.id
        assert len(case.source) > 10, case.id


@pytest.mark.parametrize(("area", "first"), FIRST_DAYS.items())
def test_a_day_before_the_book_is_not_answered(area: str, first: date) -> None:
    case = pr.case_from(area, {})
    with pytest.raises(pr.NotInForce):
        pr.check(case, on=first - timedelta(days=1))
    assert pr.check(case, on=first).on == first


def test_every_area_has_cases() -> None:
    assert {case.area for case in CASES} == pr.rulebook().areas.keys()


# --- Values that a case cannot have: they never reach an engine as a case -----------------------


@pytest.mark.parametrize("engine", ENGINES)
def test_a_case_object_of_the_wrong_types_is_refused_with_every_problem(engine: str) -> None:
    wrong: dict[str, Any] = {
        "order_type": "custody",
        "sentence_date": "2023-01-10",
        "required_minutes": "many",
        "extended": False,
        "extended_to": date(2024, 7, 9),
    }
    with pytest.raises(pr.CaseError) as refused:
        pr.check(pr.UnpaidWorkOrder(**wrong), on=date(2024, 1, 9), engine=engine)
    paths = {problem.path for problem in refused.value.problems}
    assert paths == {f"$.{name}" for name in wrong if name != "extended"}


FIELDS = set(field_names("unpaid-work"))
BAD_ORDERS = [
    case
    for case in CASES
    if case.place.startswith("unpaid-work/bad-input")
    and case.problems
    and case.case.keys() <= FIELDS
]


@pytest.mark.parametrize("engine", ENGINES)
def test_what_the_reader_refuses_the_engines_refuse(engine: str) -> None:
    assert BAD_ORDERS
    for case in BAD_ORDERS:
        with pytest.raises(pr.CaseError) as refused:
            pr.check(pr.UnpaidWorkOrder(**case.case), on=case.on, engine=engine)
        lines = [str(problem) for problem in refused.value.problems]
        untold = [text for text in case.problems if not any(text in line for line in lines)]
        assert untold == [], case.id
