from __future__ import annotations

from datetime import date

import pytest

import probation_rules as pr
from support.rulebooks import book_of
from support.toy import raw


def test_a_rule_is_explained_with_its_figures_on_a_day() -> None:
    stated = pr.explain("upw.complete-in-time", on=date(2026, 11, 21))

    assert stated.strength == "must"
    assert stated.applies == (
        "a source shows that the twelve months apply to this order, "
        "and the twelve-month limit is law on the day asked about"
    )
    assert stated.asks == "no minutes are outstanding, or the last day has not passed"
    assert stated.formulas == {
        "applies": "covered and limit_in_force",
        "must": "not some_outstanding or not past_last_day",
    }
    assert stated.figures["work_period"].startswith("12 months. ")
    assert stated.figures["twelve_month_limit_ended_on"].startswith("11 May 2026. ")
    assert "extended_last_day" in stated.terms
    assert any("EWHC 529" in one and "(checked 21 Nov 2026)" in one for one in stated.citations)


def test_every_dated_value_is_shown_without_a_day() -> None:
    stated = pr.explain("upw.ete-allowance")

    assert stated.applies == "it is a community order or a suspended sentence order"
    assert stated.figures["ete_share"].startswith("30 % from 16 May 2024. ")
    assert stated.in_force == "from 15 Feb 2017, by the day asked about"


def test_the_explanation_names_a_first_day_that_is_not_set() -> None:
    assert pr.explain("upw.reduction-recorded").in_force == (
        "from a day that is not set yet (`earned_reduction_from`), by the day asked about"
    )
    book = pr.rulebook().with_settings({"earned_reduction_from": date(2026, 9, 1)})
    stated = pr.explain("upw.reduction-recorded", rulebook=book)
    assert stated.in_force == "from 1 Sep 2026, by the day asked about"


def test_the_explanation_names_a_figure_without_a_value_on_the_day() -> None:
    stated = pr.explain("upw.ete-allowance", on=date(2024, 5, 15))

    assert stated.figures["ete_share"].startswith("no value on that day. ")


def test_the_text_has_everything() -> None:
    text = str(pr.explain("upw.review-6"))

    for part in (
        "upw.review-6: The six-month review is recorded",
        "Applies if it is a community order or a suspended sentence order, and any minutes are",
        "and the days from the six-month point to the day asked about is more than 0 days.\n",
        "Met if the six-month review is recorded.",
        "Requirement. Basis: national-policy. In force: from 1 Jun 2022, by the six-month point.",
        "If it is not met: Hold the review",
        "As written in the rules file:\n  applies: community_or_suspended and some_outstanding and ",
        "\n  must: six_month_review_done\n",
        "Definitions:\n  ",
        "Figures:\n  ",
        "Sources:\n  ",
        "The source gives the month in which the practice began",
    ):
        assert part in text


def test_a_due_day_is_explained_with_its_rule() -> None:
    stated = pr.explain("upw.review-6")

    assert stated.days == {
        "review_6_on": "six-month review point; shown if, on the day itself, it is a community order "
        "or a suspended sentence order, and any minutes are outstanding, and the operational period "
        "of a suspended sentence has not ended, and the six-month review is not recorded"
    }
    assert f"\n\nDue days:\n  review_6_on: {stated.days['review_6_on']}\n\nSources:" in str(stated)
    assert pr.explain("upw.pace-6").days == {}
    assert "Due days" not in str(pr.explain("upw.pace-6"))


def test_the_explanation_of_a_simple_rule_is_short() -> None:
    book = book_of(raw())
    text = str(pr.explain("toy.visits", rulebook=book))

    assert "Applies to every case.\n" in text
    assert "Definitions:" not in text
    assert "3 appointments from 1 Jan 2021, 5 appointments from 1 Jan 2023" in text


def test_the_wording_of_the_day_is_explained() -> None:
    content = raw()
    for wording in content["rules"]["toy.reading"]:
        del wording["in_force"]["by"]
    content["parameters"]["slack"]["values"][0]["to"] = date(2030, 1, 1)
    book = book_of(content)

    first = pr.explain("toy.reading", on=date(2021, 12, 31), rulebook=book)
    assert (first.title, first.in_force) == (
        "The first wording",
        "from 1 Jan 2020 to 31 Dec 2021, by the day asked about",
    )
    assert pr.explain("toy.reading", rulebook=book).strength == "should"
    assert "0.5 full-time equivalents from 1 Jan 2020 to 1 Jan 2030" in str(
        pr.explain("toy.share", rulebook=book)
    )


def test_an_unknown_rule_gives_the_nearest_id() -> None:
    with pytest.raises(pr.UnknownRule, match=r"did you mean `upw\.review-6`"):
        pr.explain("upw.review6")
    with pytest.raises(pr.UnknownRule, match="`rules list` shows them all"):
        pr.explain("nothing")


def test_a_derived_fact_with_its_own_source_names_it() -> None:
    terms = pr.explain("pod.1-ratio").terms

    assert terms["staff"].endswith(
        "case administrators together, without learners. (POD national principles, in: "
        "Moving into the Probation Operational Delivery (POD) model, principle 9)"
    )
    assert terms["ratio_parts"] == "All parts of the ideal mix together."
