"""Every hand-written conformance case, asked of every engine."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

import probation_rules as pr
from conformance_cases import FOLDER, UNKNOWN, Case, load_cases
from second_opinion import engines

ENGINES = engines("python", "reference", "durable")
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
WAITS_FOR_A_REGION = ("alloc.grade-matrix",)
CASES = load_cases()


@cache
def book_of(area: str, names: tuple[str, ...]) -> pr.Rulebook:
    """The shipped rules with the local books of a case on top."""
    book = pr.rulebook()
    for name in names:
        shipped = Path(str(files("probation_rules") / "demo" / "example-region.toml"))
        book = book.extended_with(shipped if name == "example" else FOLDER / area / name)
    return book


def made(case: Case) -> object:
    if case.area == "unpaid-work":
        # Its cases hold dates, and text in their place is bad input; JSON has text alone.
        return pr.UnpaidWorkOrder(**case.case)
    return pr.case_from(case.area, case.case)


def ask(case: Case, engine: str) -> pr.Report:
    return pr.check(
        made(case),
        on=case.on,
        engine=engine,
        rulebook=book_of(case.area, tuple(case.rulebook)),
        settings=case.settings,
        assuming=case.assuming,
    )


def typed(value: Any) -> tuple[str, Any]:
    """A value beside its type, so that 1 is not True and a date is not a datetime."""
    return (type(value).__name__, value)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_case(case: Case, engine: str) -> None:
    if case.problems:
        with pytest.raises(pr.CaseError) as refused:
            ask(case, engine)
        lines = [str(problem) for problem in refused.value.problems]
        assert [text for text in case.problems if not any(text in line for line in lines)] == []
        return
    report = ask(case, engine)
    stage = None if case.stage == "cannot_tell" else case.stage
    expected = {
        "stage": stage,
        "outcomes": case.outcomes,
        "needs": {key: sorted(names) for key, names in case.needs.items()},
        "facts": {
            name: typed(None if value == UNKNOWN else value) for name, value in case.facts.items()
        },
    }
    answered = {
        "stage": report.stage if case.stage else None,
        "outcomes": {rule: report.outcome(rule).value for rule in case.outcomes},
        "needs": {
            key: sorted(report.stage_needs if key == "stage" else report.finding(key).needs)
            for key in case.needs
        },
        "facts": {name: typed(report.facts[name]) for name in case.facts},
    }
    assert answered == expected, f"{case.because} ({case.source})"


@pytest.mark.parametrize("area", FIRST_DAYS)
def test_every_rule_has_a_case_for_every_answer_it_can_give(area: str) -> None:
    policy = files("probation_rules") / "areas" / area.replace("-", "_") / "rules.toml"
    rules = tomllib.loads(policy.read_text(encoding="utf-8"))["rules"]
    shown: dict[str, set[str]] = defaultdict(set)
    for case in CASES:
        if case.area == area:
            for rule, outcome in case.outcomes.items():
                shown[rule].add(outcome)
    can_give = {
        rule: {"cannot_tell"}
        if rule in WAITS_FOR_A_REGION
        else {"met", "not_met", "cannot_tell"}
        | ({"not_applicable"} if "applies" in says or "by" in says["in_force"] else set())
        for rule, says in rules.items()
    }
    assert shown == can_give


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


@pytest.mark.parametrize("day", [date(2026, 4, 26), date(2101, 1, 1)])
def test_the_limit_cannot_be_set_to_end_on_a_day_that_is_out_of_range(day: date) -> None:
    with pytest.raises(pr.RulebookError, match="twelve_month_limit_ends_on"):
        pr.check(
            pr.UnpaidWorkOrder(),
            on=date(2026, 9, 1),
            settings={"twelve_month_limit_ends_on": day},
        )


def test_the_limit_can_be_set_to_stand_to_the_last_day_in_range() -> None:
    order = pr.UnpaidWorkOrder(
        order_type="community_order",
        sentence_date=date(2026, 8, 3),
        required_minutes=6000,
        completed_minutes=0,
        extended=False,
    )
    settings = {"twelve_month_limit_ends_on": date(2100, 12, 31)}
    assert pr.check(order, on=date(2026, 9, 1), settings=settings).stage == "first_half"


def test_a_file_that_is_not_as_the_format_has_it_is_refused_with_every_problem(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "unpaid-work"
    folder.mkdir()
    (folder / "a.cases.toml").write_text('area = "unpaid-work"\n[[cases]\n', encoding="utf-8")
    (folder / "b.cases.toml").write_text('area = "pod"\ncases = []\n', encoding="utf-8")
    good = 'case = {}\nbecause = "So it is."\nsource = "None at all."\non = 2024-01-01\n'
    (folder / "c.cases.toml").write_text(
        'area = "unpaid-work"\n'
        f'[[cases]]\nname = "One."\noutcome = {{}}\nstage = "cannot_tell"\n{good}'
        f'[[cases]]\nname = "Two."\noutcomes = {{ "upw.pace-6" = "maybe" }}\n{good}'
        f'[[cases]]\nname = "Three."\n{good}'
        f'[[cases]]\nname = "Four"\nstage = "backlog"\nneeds = {{ stage = "extended" }}\n{good}'
        '[[cases]]\nname = "Five."\ncase = {}\non = 2024-01-01T00:00:00\nproblems = ["x"]\n'
        f'[[cases]]\nname = "Six."\nstage = "backlog"\n{good}'
        f'[[cases]]\nname = "Six."\nstage = "backlog"\n{good}',
        encoding="utf-8",
    )
    with pytest.raises(ValueError, match="`area`") as refused:
        load_cases(tmp_path)
    lines = str(refused.value).splitlines()
    places = ["a", "b", *(f"c:{number}" for number in (1, 1, 2, 3, 4, 4, 5, 5, 5, 7))]
    assert [line.split(" ")[0] for line in lines] == [f"unpaid-work/{place}:" for place in places]
