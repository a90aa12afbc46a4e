"""Figures and dates in the prose of an area's page are those of its rules file."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import stage
from figures import unknown_dates, unknown_figures, wrong_figures

import probation_rules as pr
from support.documents import ROOT, page_of

AREAS = sorted(pr.rulebook().areas)


@pytest.mark.parametrize("area", AREAS)
def test_each_quantity_and_date_on_a_page_is_one_of_the_rules_file(area: str) -> None:
    assert wrong_figures(pr.rulebook().area(area), page_of(area)) == []


def test_an_exception_that_is_gone_is_named() -> None:
    page = page_of("pod").replace("nine months", "some months")
    found = wrong_figures(pr.rulebook().area("pod"), page)
    assert found == ["on the page no more: nine months"]


def test_a_quantity_that_differs_from_the_rules_stops_the_build(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    page = tmp_path / "docs" / "unpaid-work.md"
    page.write_text(page.read_text("utf-8").replace("40 to 300 hours", "40 to 320 hours"), "utf-8")
    with pytest.raises(ValueError, match=r"docs/unpaid-work.md: upw.hours-range: 320 hours"):
        stage.stage(tmp_path / "site", tmp_path)


@pytest.mark.parametrize(
    ("right", "wrong", "found"),
    [
        ("40 to 300 hours", "40 to 320 hours", "upw.hours-range: 320 hours"),
        ("has 40 to 300", "has 45 to 300", "upw.hours-range: 45"),
        ("At most 30 %", "At most 25 %", "upw.ete-allowance: 25 %"),
        # A figure of the area, and none that this rule uses.
        ("The same, at nine months", "The same, at six months", "upw.review-9: six months"),
        ("had to be worked in a period of twelve", "had a period of eleven", "eleven months"),
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
    page = page_of("unpaid-work").replace("on **11 May 2026**", "on **12 May 2026**")
    area = pr.rulebook().area("unpaid-work")
    assert list(unknown_dates(area, page)) == ["2026-05-12"]
