"""Allocation: an example matrix, in the format that a region uses for its own."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

import probation_rules as pr

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "example-region-matrix.toml"
ON = date(2026, 11, 21)
RULE = "alloc.example-matrix"


@pytest.fixture(scope="module")
def book() -> pr.Rulebook:
    return pr.rulebook().extended_with(EXAMPLE)


def finding(book: pr.Rulebook, **facts: Any) -> pr.Finding:
    return pr.check(pr.CaseAllocation(**facts), on=ON, rulebook=book).finding(RULE)


# By hand from the comments and `about` of the example: which risks a grade may hold.
MAY_HOLD = {
    "PO": ("low", "medium", "high", "very_high"),
    "PSO": ("low", "medium"),
    "PQiP": ("low",),
    "CA": (),
    "SPO": (),
}


@pytest.mark.parametrize("grade", MAY_HOLD)
def test_the_example_matrix(book: pr.Rulebook, grade: str) -> None:
    for rosh in ("low", "medium", "high", "very_high"):
        found = finding(book, holder_grade=grade, rosh=rosh, holder_nqo_completed=True)
        assert (found.outcome == "met") is (rosh in MAY_HOLD[grade]), rosh
        if found.outcome == "not_met":
            assert found.message == (
                f"a case of RoSH {rosh.replace('_', ' ')} is held by grade {grade}, "
                "which the example matrix does not allow"
            )
            assert found.severity == "breach", rosh
        assert found.basis == "local", rosh


def test_what_cannot_matter_is_not_asked_for(book: pr.Rulebook) -> None:
    assert finding(book, holder_grade="PO").needs == ("rosh", "holder_nqo_completed")
    assert finding(book, holder_grade="PO", rosh="high").outcome == "met"
    assert finding(book, holder_grade="PO", rosh="very_high").needs == ("holder_nqo_completed",)
    assert finding(book, holder_grade="PSO").needs == ("rosh",)
    assert finding(book, rosh="low").needs == ("holder_grade",)
    assert finding(book, holder_grade="CA").outcome == "not_met"


def test_it_stands_in_for_the_place_kept_for_it_and_says_that_it_is_made_up(
    book: pr.Rulebook,
) -> None:
    assert book.replaced == {"alloc.grade-matrix": RULE}
    report = pr.check(pr.CaseAllocation(holder_grade="CA"), on=ON, rulebook=book)
    assert report.outcome("alloc.grade-matrix") == "not_applicable"
    (local,) = book.local
    cited = book.rules[RULE].citations[0].source
    for text in (local.region, local.title, local.approved_by, cited.title, cited.publisher):
        assert "made up" in text


def test_without_a_matrix_nothing_is_told() -> None:
    report = pr.check(pr.CaseAllocation(holder_grade="CA", rosh="very_high", tier="A3"), on=ON)
    found = report.finding("alloc.grade-matrix")
    assert (found.outcome, found.needs) == ("cannot_tell", ("grade_matrix",))
