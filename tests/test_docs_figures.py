"""Figures and dates in the prose of an area's page are those of its rules file."""

from __future__ import annotations

import pytest

import probation_rules as pr
from documents import page_of, unknown_dates, unknown_figures

AREAS = sorted(pr.rulebook().areas)
# Quantities that no rule goes by, each with what it is.
NO_FIGURES = {
    "allocation": ["nine months"],  # what another tool once had; named as not modelled
    "capacity": ["0 %", "2176 points", "37 hours"],  # what a tool shows, and once held
    "curfew-variation": [
        "curfew.weekly-hours: seven days",  # a week
        "12 hours",  # from 19:00 to 07:00, an example
        "12 hours",  # one period into two, an example
    ],
    "pod": ["nine months"],  # as for allocation
}
NO_DATES = {
    "curfew-variation": ["2022-07-10"],  # a sentence, as an example
    "framework": ["2022-01-12"],  # an update that brought no rule
}


@pytest.mark.parametrize("area", AREAS)
def test_each_quantity_on_a_page_is_a_figure_that_its_rule_uses(area: str) -> None:
    found = list(unknown_figures(pr.rulebook().area(area), page_of(area)))
    assert found == NO_FIGURES.get(area, [])


@pytest.mark.parametrize("area", AREAS)
def test_each_date_on_a_page_stands_in_the_rules_file(area: str) -> None:
    assert list(unknown_dates(pr.rulebook().area(area), page_of(area))) == NO_DATES.get(area, [])


@pytest.mark.parametrize(
    ("right", "wrong", "found"),
    [
        ("40 to 300 hours", "40 to 320 hours", "upw.hours-range: 320 hours"),
        ("has 40 to 300", "has 45 to 300", "upw.hours-range: 45"),
        ("At most 30 %", "At most 25 %", "upw.ete-allowance: 25 %"),
        # A figure of the area, and none that this rule uses.
        ("The same, at nine months", "The same, at six months", "upw.review-9: six months"),
        ("They are to be worked in a period of twelve", "A period of eleven", "eleven months"),
    ],
)
def test_a_quantity_that_differs_from_the_rules_is_found(
    right: str, wrong: str, found: str
) -> None:
    page = page_of("unpaid-work")
    assert right in page
    area = pr.rulebook().area("unpaid-work")
    assert list(unknown_figures(area, page.replace(right, wrong))) == [found]


def test_a_figure_that_changes_in_the_rules_makes_its_page_wrong() -> None:
    area = pr.rulebook().with_settings({"review_grace": 3}).area("unpaid-work")
    assert list(unknown_figures(area, page_of("unpaid-work"))) == ["upw.review-6: 0 days"]


def test_a_date_that_differs_from_the_rules_is_found() -> None:
    page = page_of("unpaid-work").replace("before 27 April\n2026", "before 28 April 2026")
    page = page.replace("from 27 April 2026 |", "from 28 April 2026 |")
    area = pr.rulebook().area("unpaid-work")
    assert list(unknown_dates(area, page)) == ["2026-04-28"]
