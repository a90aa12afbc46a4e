"""Every hand-written conformance case, asked of every engine; and what the cases cover."""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

import pytest

import probation_rules as pr
from probation_rules.cases import field_names
from probation_rules.conformance import Ask, Case, coverage, library, load_cases, run

ENGINES = ("python", "reference", "durable")
FIRST_DAYS = {
    "allocation": date(2022, 3, 9),
    "appointments": date(2021, 11, 17),
    "capacity": date(2022, 1, 31),
    "curfew-variation": date(2020, 12, 1),
    "framework": date(2022, 1, 31),
    "pod": date(2022, 3, 9),
    "unpaid-work": date(2017, 2, 15),
}
# What a region fills in: the shipped rule waits for it, whatever is known of a case.
WAITS_FOR_A_REGION = {"alloc.grade-matrix"}
CASES = load_cases()


@cache
def asked(engine: str) -> Ask:
    return library(engine)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_case(case: Case, engine: str) -> None:
    (result,) = run([case], asked(engine))
    assert result.differences == (), f"{case.because} ({case.source})"


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", FIRST_DAYS)
def test_every_rule_has_a_case_for_every_outcome_on_every_engine(name: str, engine: str) -> None:
    area = pr.rulebook().area(name)
    of_area = [case for case in CASES if case.area == name]
    found = coverage(area, {engine: run(of_area, asked(engine))})
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


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_every_case_says_what_it_shows_why_and_where_from(case: Case) -> None:
    assert case.name[0].isupper() or case.name[0].isdigit()
    assert case.name.endswith(".")
    assert len(case.name.split()) > 3
    assert case.because.endswith(".")
    assert len(case.source) > 10


@pytest.mark.parametrize(("area", "first"), FIRST_DAYS.items())
def test_a_day_before_the_book_is_not_answered(area: str, first: date) -> None:
    case = pr.case_from(area, {})
    with pytest.raises(pr.NotInForce):
        pr.check(case, on=first - timedelta(days=1))
    assert pr.check(case, on=first).on == first


def test_every_area_has_cases() -> None:
    assert {case.area for case in CASES} == pr.rulebook().areas.keys() == FIRST_DAYS.keys()


# --- What no case can hold: it never reaches an engine as a case --------------------------------


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
@pytest.mark.parametrize("case", BAD_ORDERS, ids=lambda case: case.id)
def test_what_the_reader_refuses_the_engines_refuse(case: Case, engine: str) -> None:
    with pytest.raises(pr.CaseError) as refused:
        pr.check(pr.UnpaidWorkOrder(**case.case), on=case.on, engine=engine)
    lines = [str(problem) for problem in refused.value.problems]
    assert [text for text in case.problems if not any(text in line for line in lines)] == []
