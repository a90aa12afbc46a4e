"""A checker gives the reports that `check` gives."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from random import Random

import pytest

import probation_rules as pr
from probation_rules.rulebook.model import Area
from support.generate import question

AREAS = list(pr.rulebook().areas.values())
ON = date(2026, 11, 21)


def shown(answer: Callable[[object], pr.Report], case: object) -> pr.Report | str:
    """Return the report on a case, or why it was refused."""
    try:
        return answer(case)
    except pr.CaseError as refusal:
        return str(refusal)


@pytest.mark.parametrize("area", AREAS, ids=lambda area: area.name)
def test_a_checker_gives_the_reports_of_check(area: Area) -> None:
    random = Random(6)
    _, on = question(random, area)
    answer = pr.checker(area.name, on=on)
    for _ in range(30):
        case, _ = question(random, area)
        found, expected = shown(answer, case), shown(lambda one: pr.check(one, on=on), case)
        assert found == expected
        if isinstance(expected, pr.Report):
            assert answer(case).to_json() == expected.to_json()


def test_a_checker_takes_engine_assumptions_settings_and_rulebook() -> None:
    order, book = pr.UnpaidWorkOrder(order_type="community_order"), pr.rulebook()
    options = {
        "on": ON,
        "engine": "reference",
        "assuming": {"required_minutes": 6000, "ete_minutes": 0},
        "settings": {"earned_reduction_from": date(2026, 6, 1)},
        "rulebook": book,
    }
    report = pr.checker("unpaid-work", **options)(order)  # type: ignore[arg-type]
    assert report == pr.check(order, **options)  # type: ignore[arg-type]
    assert report.engine == "reference"
    assert report.assuming == options["assuming"]
    assert report.book.settings == options["settings"]


def test_a_checker_refuses_another_areas_case() -> None:
    text = "not a case of unpaid-work; make a `UnpaidWorkOrder`, or use `case_from`"
    with pytest.raises(pr.CaseError, match=f"^{text}"):
        pr.checker("unpaid-work", on=ON)(pr.Pod())


def test_a_checker_refuses_an_unknown_area_and_engine_at_once() -> None:
    with pytest.raises(pr.InputError, match="`unpaid-wrok` is not an area"):
        pr.checker("unpaid-wrok", on=ON)
    with pytest.raises(pr.InputError, match="`pyhton` is not an engine"):
        pr.checker("unpaid-work", on=ON, engine="pyhton")
