"""The page about one unpaid work order, filled in as a person would."""

from __future__ import annotations

import pytest

import probation_rules as pr
from probation_rules.web.pages.unpaid_work import GROUPS
from support.web_page import TODAY, Browser

ORDER = {
    "reference": "EX-1",
    "order_type": "community_order",
    "sentence_date": "3/3/2026",
    "required_minutes": "100",
    "completed_minutes": "40:30",
    "imposed_on_breach": "no",
}


@pytest.fixture
def browser() -> Browser:
    return Browser().open("/unpaid-work")


def days(browser: Browser) -> list[list[str]]:
    return browser.section("time").one("table").rows()


def test_every_fact_is_asked_once() -> None:
    names = [name for _, some in GROUPS for name in some]
    assert sorted(names) == sorted(pr.rulebook().area("unpaid-work").input_facts)


def test_questions_have_the_labels_of_the_rules_file_with_hours_for_minutes(
    browser: Browser,
) -> None:
    labels = [one.text for one in browser.page.all("label")]
    assert "Sentence date" in labels
    assert "Hours ordered" in labels
    assert "Adjustments in hours" in labels
    assert not any("inutes" in one for one in labels)


def test_an_order_is_answered_with_its_timeline_and_what_is_due_next(browser: Browser) -> None:
    browser.fill(**ORDER).press()
    assert browser.page.one("h2", id="answer").text == "EX-1 on 29 Nov 2026"
    assert days(browser) == [
        ["1", "3 Mar 2026", "Sentence date", "271 days ago"],
        ["2", "3 Sep 2026", "Six-month review point", "87 days ago"],
        ["3", "29 Nov 2026", "Day asked about", "this day"],
        ["4", "3 Dec 2026", "Nine-month review point", "in 4 days"],
        ["5", "2 Mar 2027", "Last day of the twelve months", "in 93 days"],
        ["6", "3 Jan 2028", "Finish at the pace so far (beyond the drawing)", "in 400 days"],
    ]
    assert [one.text for one in browser.section("next").all("li")] == [
        "3 Dec 2026 : nine-month review point. Whether it is due depends on Nine-month review done",
        "2 Mar 2027 : last day of the twelve months (performance measure)",
    ]
    answer = browser.section("answer").text
    assert "Hours a week needed *4h 26m" in answer
    assert "* the law gives the order no last day" in answer
    assert "~ " not in answer
    text = browser.section("not-met").text
    assert "advice not met 40 h 30 min of 100 h done when 272 days of 365 days have passed" in text
    assert "What to do: Discuss with the unpaid work team" in text
    assert "40 h 30 min worked of 100 h" in browser.section("time").one("desc").text


def test_what_is_missing_leads_to_the_question(browser: Browser) -> None:
    browser.fill(**ORDER).press()
    links = {one.text: one.attributes["href"] for one in browser.section("missing").all("a")}
    assert links["Six-month review done"] == "#six_month_review_done"
    label = "Hours of education, training and employment"
    assert links[label] == "#ete_minutes"
    browser.fill(ete_minutes="0", six_month_review_done="yes").press()
    assert "Nothing is missing." in browser.section("missing").text


def test_answers_are_those_of_the_library(browser: Browser) -> None:
    browser.fill(**ORDER).press()
    case = pr.case_from(
        "unpaid-work",
        {**ORDER, "sentence_date": "2026-03-03", "required_minutes": 6000,
         "completed_minutes": 2430, "imposed_on_breach": False},
    )  # fmt: skip
    report = pr.check(case, on=TODAY)
    tiles = [int(one.text) for one in browser.page.one("ul", class_="tiles").all("b")[1:]]
    assert tiles == [len(report.breaches), len(report.advisories), len(report.unknown)]
    shown = [one.text for one in browser.section("others").all("summary")]
    met = sum(one.outcome == "met" for one in report.findings)
    assert shown[0] == f"Met: {met}"


def test_everything_typed_is_kept_when_something_is_wrong(browser: Browser) -> None:
    wrong = {
        "reference": "a\u202eb",
        "sentence_date": "31/2/2026",
        "required_minutes": "many",
        "completed_minutes": "20.333",
        "ete_minutes": "99999",
        "extended_to": "1/1/2027",
        "six_month_review_done": "yes",
        "default_failure_began_on": "1/1/26",
    }
    browser.fill(**wrong).press()
    assert {name: browser.typed[name] for name in wrong} == {
        **wrong,
        "reference": "a[U+202E]b",  # shown, since it is invisible
    }
    assert browser.problems == {
        "reference": "The reference must be at most 200 characters on one line, all of them visible",
        "sentence_date": "Sentence date: this date or time does not exist",
        "required_minutes": "Hours ordered must be a number, or hours and minutes such as 120:30 or 120h 30m",
        "completed_minutes": "Hours completed must come to whole minutes, such as 7.5 or 7:30",
        "ete_minutes": "Hours of education, training and employment must be from 0 min to 6,666 h 40 min",
        "default_failure_began_on": "Failure began on: a year of two digits: write all four",
        "extended_to": "Time extended to is given, so time extended must be yes",
    }
    field = browser.page.one("input", id="sentence_date")
    assert field.attributes["aria-invalid"] == "true"
    error = browser.page.one("p", id=field.attributes["aria-describedby"].split()[-1])
    assert error.text == "Error: Sentence date: this date or time does not exist"
    assert browser.page.one("head").one("title").text == "Error: One unpaid work order"
    assert browser.page.all("h2", id="answer") == []


def test_facts_that_contradict_one_another_are_refused_at_the_field(browser: Browser) -> None:
    browser.fill(sentence_date="1/12/2026").press()
    assert browser.problems == {"sentence_date": "The sentence date is after the day asked about"}


def test_a_day_is_needed_and_must_be_covered(browser: Browser) -> None:
    browser.fill(on="").press()
    assert browser.problems == {"on": "Enter the day to ask about, such as 23/06/2026"}
    browser.fill(on="1/1/1999").press()
    assert browser.problems == {"on": "Day asked about must be from 15 Feb 2017 to 31 Dec 2100"}


def test_an_empty_form_cannot_tell_and_has_no_timeline(browser: Browser) -> None:
    browser.press()
    assert browser.page.one("h2", id="answer").text == "This order on 29 Nov 2026"
    assert browser.section("time").all("svg") == []
    assert browser.section("time").one("a").attributes["href"] == "#sentence_date"
    assert "Six-month review point: day not known. It needs Sentence date" in browser.text


def test_a_word_that_is_not_on_the_list_is_refused(browser: Browser) -> None:
    browser.fill(order_type="parole", imposed_on_breach="perhaps").press()
    assert browser.problems["order_type"].startswith("Order type: this word is not allowed")
    assert browser.problems["imposed_on_breach"].endswith("it must be true or false")


def test_finished_work_is_drawn_to_the_top_without_a_pace(browser: Browser) -> None:
    browser.fill(**{**ORDER, "completed_minutes": "120"}).press()
    section = browser.section("time")
    assert len(section.all("path", class_="ahead")) == 1  # in the legend only
    assert section.one("circle", class_="worked-to").attributes["cy"] == "78"


def test_days_near_one_another_have_their_numbers_in_rows(browser: Browser) -> None:
    browser.fill(**{**ORDER, "on": "3/12/2026", "sentence_date": "4/3/2026"}).press()
    badges = browser.section("time").all("circle", class_="badge")
    assert [one.attributes["cy"] for one in badges] == ["50", "50", "50", "29", "50"]


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '"><b>', "{{ 7 * 7 }}", "&lt;"])
def test_hostile_text_is_shown_as_it_is(browser: Browser, text: str) -> None:
    browser.fill(reference=text).press()
    assert browser.page.one("h2", id="answer").all("bdi")[0].text == text
    assert browser.typed["reference"] == text


def test_without_hours_the_timeline_has_days_only(browser: Browser) -> None:
    browser.fill(sentence_date="3/3/2026").press()
    assert browser.section("time").all("circle", class_="worked-to") == []
    assert len(days(browser)) == 5


def test_a_figure_that_the_policy_leaves_open_is_named(browser: Browser) -> None:
    early = {"on": "1/3/2023", "sentence_date": "3/1/2023", "ete_minutes": "10"}
    browser.fill(**{**ORDER, **early}).press()
    text = browser.section("missing").one("div", id="open-1").text
    assert text.startswith(
        "Not settled by policy: needed here Largest share of the ordered minutes"
    )


def test_a_day_that_no_source_gives_can_be_settled(browser: Browser) -> None:
    browser.fill(**{**ORDER, "set.earned_reduction_from": "1/6/2026"}).press()
    assert "Failure before the reduction" in browser.section("missing").text
    text = "Set by the caller: earned_reduction_from is 1 Jun 2026"
    assert text in browser.section("basis").text
