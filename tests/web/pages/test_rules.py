"""The pages about the rules: search, one rule as of a day, and what changed when."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

import probation_rules as pr
from cli.conftest import north
from probation_rules.history import events
from support.web_page import Browser, client

__all__ = ["north"]


@pytest.fixture
def browser() -> Browser:
    return Browser()


def found(browser: Browser) -> list[str]:
    lists = browser.section("rules").all("dl", class_="rules")
    return [
        link.attributes["href"] for one in lists for link in one.all("dt") for link in link.all("a")
    ]


# --- Search -------------------------------------------------------------------------------------


def test_every_rule_figure_and_source_is_listed(browser: Browser) -> None:
    browser.open("/rules")
    book = pr.rulebook()
    assert [one.partition("?")[0] for one in found(browser)] == [
        f"/rules/{id_}" for area in book.areas.values() for id_ in area.wordings
    ]
    figures = [row[0] for table in browser.section("figures").all("table") for row in table.rows()]
    assert figures == [name for area in book.areas.values() for name in area.parameters]
    cited = {
        str(citation)
        for area in book.areas.values()
        for citation in (
            *(one for rule in area.rules for one in rule.citations if not rule.to),
            *(one for figure in area.parameters.values() for one in figure.citations),
        )
    }
    sources = browser.section("sources").text
    assert all(" ".join(one.split()) in sources for one in cited)


def test_all_words_are_looked_for_in_one_subject_or_all(browser: Browser) -> None:
    browser.open("/rules?q=Review+NINE")
    assert [one.partition("?")[0] for one in found(browser)] == ["/rules/upw.review-9"]
    browser.open("/rules?q=mix&area=pod")
    assert found(browser) == [
        "/rules/pod.1-mix?on=29%2F11%2F2026",
        "/rules/pod.1-ratio?on=29%2F11%2F2026",
    ]
    browser.open("/rules?q=wizard")
    assert "0 rules as of 29 Nov 2026" in browser.text


def test_figures_have_their_values_on_the_day(browser: Browser) -> None:
    def value(day: str) -> str:
        rows = browser.open(f"/rules?q=ete_share&on={day}").section("figures").one("table").rows()
        return rows[0][1]

    assert value("16/5/2024") == "30 %"
    assert value("15/5/2024") == "no value on that day"
    assert value("") == "30 % from 16 May 2024"


def test_a_day_that_cannot_be_read_is_kept_and_explained(browser: Browser) -> None:
    browser.open("/rules?on=31/2/2026&q=pod")
    assert browser.problems == {"on": "Day: this date or time does not exist"}
    assert browser.page.one("input", id="on").attributes["value"] == "31/2/2026"
    assert browser.page.one("input", id="q").attributes["value"] == "pod"
    assert browser.page.all("section", **{"aria-labelledby": "figures"}) == []


def test_without_a_suggested_day_every_value_is_shown() -> None:
    browser = Browser(client(day=None)).open("/rules?q=ete_share")
    assert "1 rule" in browser.text
    assert "as of" not in browser.section("rules").text
    assert "30 % from 16 May 2024" in browser.text


# --- One rule -----------------------------------------------------------------------------------


def test_a_rule_is_shown_in_full_as_of_a_day(browser: Browser) -> None:
    browser.open("/rules/upw.pace-9?on=1/1/2026")
    explained = pr.explain("upw.pace-9", on=date(2026, 1, 1))
    section = browser.section("asks").text
    for text in (
        explained.applies,
        explained.asks,
        explained.remedy,
        explained.in_force,
        explained.notes,
    ):
        assert text is not None
        assert " ".join(text.split()) in section
    figures = [row[:2] for row in browser.section("figures").one("table").rows()]
    assert ["work_period", "12 months"] in figures
    assert explained.formulas["should"] in browser.section("written").text
    history = browser.section("history").text
    assert "Agree with the unpaid work team" in history  # the wording since 11 May 2026


def test_a_rule_names_the_days_that_it_is_for(browser: Browser) -> None:
    browser.open("/rules/upw.review-6")
    assert "six-month review point" in browser.section("due").text
    browser.open("/rules/pod.3")
    for name in ("due", "figures", "terms"):
        assert browser.page.all("section", **{"aria-labelledby": name}) == []


def test_a_rule_that_is_not_in_force_on_the_day_says_so(browser: Browser) -> None:
    browser.open("/rules/upw.twelve-month-measure?on=10/5/2026")
    assert "Not in force on this day." in browser.section("asks").text
    browser.open("/rules/upw.twelve-month-measure?on=11/5/2026")
    assert "Not in force" not in browser.section("asks").text


def test_a_rule_that_a_region_replaces_leads_to_the_replacement(north: str, tmp_path: Path) -> None:
    region = pr.rulebook().extended_with(tmp_path / north)
    books = {"national": pr.rulebook(), "north": region}
    browser = Browser(client(books)).open("/rules/upw.pace-6?rulebook=north")
    link = next(one for one in browser.section("asks").all("a"))
    assert link.text == "upw.north-pace-6"
    assert "rulebook=north" in link.attributes["href"]
    browser.open(link.attributes["href"])
    assert browser.section("asks").all("a")[0].text == "upw.pace-6"


def test_an_unknown_rule_is_explained_on_a_page() -> None:
    answer = client().get("/rules/upw.pace-99")
    assert answer.status_code == 404
    assert "`upw.pace-99`" in answer.text


# --- What changed when --------------------------------------------------------------------------


def test_changes_of_a_year_before_and_after_are_offered(browser: Browser) -> None:
    browser.open("/rules/changes")
    assert browser.page.one("input", id="from").attributes["value"] == "29/11/2025"
    expected = events(date(2025, 11, 29), date(2027, 11, 29))
    section = browser.section("changes")
    assert len(section.all("li")) == len(expected)
    assert section.all("h3")[0].text == "11 May 2026"
    for one in expected:
        assert " ".join(one.title.split()) in section.text


def test_changes_of_one_subject_between_two_days(browser: Browser) -> None:
    browser.open("/rules/changes?from=1/1/2022&to=31/12/2022&area=pod")
    expected = events(date(2022, 1, 1), date(2022, 12, 31), area="pod")
    assert len(browser.section("changes").all("li")) == len(expected)
    browser.open("/rules/changes?from=1/1/2019&to=2/1/2019")
    assert "Nothing begins, changes or ends." in browser.text


def test_days_in_the_wrong_order_are_explained(browser: Browser) -> None:
    browser.open("/rules/changes?from=2/1/2026&to=1/1/2026")
    assert browser.problems == {"to": "The last day is before the first day"}


def test_without_days_nothing_is_listed() -> None:
    browser = Browser(client(day=None)).open("/rules/changes")
    assert browser.page.all("section", **{"aria-labelledby": "changes"}) == []


def test_an_unknown_subject_is_explained_on_a_page() -> None:
    for address in ("/rules?area=potions", "/rules/changes?area=potions"):
        answer = client().get(address)
        assert answer.status_code == 422
        assert "`potions`" in answer.text
