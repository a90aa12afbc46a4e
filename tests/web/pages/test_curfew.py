"""The page about one curfew variation, filled in as an officer would."""

from __future__ import annotations

from datetime import time

import pytest

import probation_rules as pr
from probation_rules.web.pages.curfew import GROUPS
from support.html_page import Element
from support.web_page import TODAY, Browser, client

ORDER = {
    "reference": "EX-1", "order_type": "community_order", "adult": "yes",
    "convicted_on": "2/3/2026", "order_in_force": "yes", "has_curfew_requirement": "yes",
    "first_effect_on": "23/3/2026", "curfew_ends_on": "20/1/2027",
    "has_monitoring_requirement": "no",
}  # fmt: skip
CONSENT = {"circumstances_changed": "yes", "person_consents": "yes"}
PLACE = {
    "residence_requirement_conflicts": "no", "place_information_considered": "yes",
    "safeguarding_checked": "yes", "domestic_abuse_checked": "yes", "householder_consents": "yes",
}  # fmt: skip


def row(week: str, number: int, day: str, *rest: str) -> dict[str, str]:
    """Return the fields of one row in one week, for `fill`."""
    parts = ("day", "start", "end", "place")
    return {
        f"{week}__{number}__{part}": text
        for part, text in zip(parts, (day, *rest, "", "", "")[:4], strict=True)
    }


NIGHTS = {
    **row("current", 0, "every_day", "19:00", "07:00", "home"),
    **row("proposed", 0, "every_day", "20:00", "08:00", "address B"),
    "boundary_changes": "no",
}


@pytest.fixture
def browser() -> Browser:
    return Browser().open("/curfew-variation")


def asked(browser: Browser) -> list[str]:
    """Return the titles of the groups of questions."""
    return [one.text for one in browser.section("form").all("h3")]


def to_weeks(browser: Browser) -> Browser:
    browser.fill(**ORDER).press()
    return browser.fill(**CONSENT).press()


def to_steps(browser: Browser) -> Browser:
    to_weeks(browser).fill(**NIGHTS).press()
    return browser.fill(**PLACE).press()


def tiles(browser: Browser) -> list[str]:
    return [one.text for one in browser.section("now").all("li")]


def decided(browser: Browser) -> dict[str, str]:
    """Return the answer of each rule that decides who may make the change."""
    rows = browser.section("now").one("table").rows()
    return {title: answer for title, answer, _ in rows}


def week(browser: Browser, day: str) -> list[str]:
    table: Element = browser.section("weeks").one("table")
    return next(cells[1:] for cells in table.rows() if cells[0] == day)


def test_every_fact_is_in_one_group() -> None:
    area = pr.rulebook().area("curfew-variation")
    names = [name for _, some in GROUPS for name in some]
    steps = [name for name, paths in area.prepared_paths.items() if paths[0].startswith("steps.")]
    assert sorted(names) == sorted([*area.input_facts, *steps, "current", "proposed"])


def test_questions_come_a_few_at_a_time_in_the_officers_order(browser: Browser) -> None:
    assert asked(browser) == ["The order and the conviction"]
    assert "order_made_on" not in browser.typed  # no rule needs it
    browser.fill(**ORDER).press()
    assert asked(browser)[1:] == ["The change of circumstances and consent"]
    assert browser.page.one("h3", id="now").text == asked(browser)[1]
    browser.fill(**CONSENT).press()
    assert asked(browser)[2:] == ["The week as it is and as proposed"]
    assert "monitoring_would_differ" not in browser.typed  # the order has no such requirement
    browser.fill(**NIGHTS).press()
    assert asked(browser)[3:] == ["The new place"]
    browser.fill(**PLACE).press()
    assert asked(browser)[4:] == ["The steps done so far"]
    assert browser.page.all("section", aria_labelledby="now") == []


def test_questions_have_the_labels_and_descriptions_of_the_rules_file(browser: Browser) -> None:
    facts = pr.rulebook().area("curfew-variation").facts
    assert facts["convicted_on"].label in [one.text for one in browser.page.all("label")]
    assert browser.page.one("p", id="convicted_on-hint").text == facts["convicted_on"].about
    options = [one.text for one in browser.page.one("select", id="order_type").all("option")]
    assert options[:3] == ["Not known", "Community order", "Suspended sentence order"]


def test_an_officer_sees_the_route_the_next_step_and_whose_it_is(browser: Browser) -> None:
    to_steps(browser).fill(form_done="yes", spo_triage_done="no").press()
    first, second, third = tiles(browser)
    assert first.startswith("May the officer vary the curfew? Yes The officer may make the change")
    assert second.startswith("Next step SPO triage Who: SPO")
    assert third == "3 cannot tell"
    assert set(decided(browser).values()) == {"met"}
    assert len(decided(browser)) == 13
    assert all(one.all("a", class_="cite") for one in browser.section("now").one("tbody").all("tr"))
    assert week(browser, "Monday") == [
        "00:00 to 07:00, home19:00 to 24:00, home", "12 h",
        "00:00 to 08:00, address B20:00 to 24:00, address B", "12 h",
    ]  # fmt: skip
    steps = {about: state for about, state, _ in browser.section("process").one("table").rows()}
    assert steps["The SPO's triage is done."] == "not done"
    assert "Nothing is known not to be met." in browser.section("not-met").text


def test_what_is_missing_leads_to_its_question(browser: Browser) -> None:
    to_steps(browser).fill(form_done="yes", spo_triage_done="yes").press()
    links = [one.attributes["href"] for one in browser.section("missing").one("dl").all("a")]
    assert "#form_on" in links
    assert "#pdu_head_approval_done" in links
    assert {one.removeprefix("#") for one in links} <= browser.typed.keys()
    browser.fill(form_on="2/11/2026", spo_triage_on="1/11/2026").press()
    assert "a step was done before an earlier step" in browser.section("not-met").text


def test_nothing_is_asked_once_the_change_goes_another_way(browser: Browser) -> None:
    browser.fill(order_type="licence").press()
    assert asked(browser) == ["The order and the conviction"]
    assert sorted(browser.typed) == ["on", "order_type", "reached", "reference"]
    assert tiles(browser)[0].startswith("May the officer vary the curfew? No: not covered")
    assert len(tiles(browser)) == 2  # without a next step of the officer
    missing = browser.section("missing").text
    assert missing.startswith("What is missing Nothing that can change who may make the change.")
    title = "The curfew is part of an adult's community order or suspended sentence order"
    assert decided(browser) == {title: "requirement not met"}
    assert "The officer's steps do not apply" in browser.section("process").text


def test_what_was_given_stays_when_it_no_longer_matters(browser: Browser) -> None:
    browser.fill(**{**ORDER, "order_type": "licence"}).press()
    assert browser.typed["convicted_on"] == "2/3/2026"
    browser.fill(order_type="community_order").press()
    assert asked(browser)[1:] == ["The change of circumstances and consent"]


def test_without_consent_the_change_goes_to_court_and_no_steps_are_asked(browser: Browser) -> None:
    browser.fill(**ORDER).press().fill(person_consents="no").press()
    assert "circumstances_changed" not in browser.typed  # it can no longer matter
    browser.press()  # without the weeks
    assert tiles(browser)[0].startswith("May the officer vary the curfew? No Which way")
    assert "#proposed" in [one.attributes["href"] for one in browser.section("missing").all("a")]
    browser.fill(**NIGHTS).press()
    assert tiles(browser)[0].startswith("May the officer vary the curfew? No: court")
    assert decided(browser)["The person on probation consents"] == "requirement not met"
    assert "without consent only the court" in browser.section("not-met").text
    # What can no longer matter was not asked either.
    assert "The new place" not in asked(browser)
    assert browser.section("missing").all("details") != []


def test_the_answer_is_that_of_the_library(browser: Browser) -> None:
    to_steps(browser).fill(form_done="no").press()
    days = pr.rulebook().area("curfew-variation").records["current"].facts["day"].type.codes

    def nights(start: time, place: str) -> tuple[pr.CurfewPeriod, ...]:
        return tuple(
            pr.CurfewPeriod(day=day, start=start, minutes=720, place=place)  # type: ignore[arg-type]
            for day in days
        )

    case = pr.case_from(
        "curfew-variation",
        {"order_type": "community_order", "adult": True, "convicted_on": "2026-03-02",
         "order_in_force": True, "has_curfew_requirement": True, "first_effect_on": "2026-03-23",
         "curfew_ends_on": "2027-01-20", "has_monitoring_requirement": False,
         "circumstances_changed": True, "person_consents": True, "boundary_changes": False,
         "residence_requirement_conflicts": False, "place_information_considered": True,
         "safeguarding_checked": True, "domestic_abuse_checked": True,
         "householder_consents": True, "steps": {"form": {"done": False}},
         "current": [{"day": one.day, "start": "19:00", "minutes": 720, "place": "home"}
                     for one in nights(time(19), "home")],
         "proposed": [{"day": one.day, "start": "20:00", "minutes": 720, "place": "address B"}
                      for one in nights(time(20), "address B")]},
    )  # fmt: skip
    report = pr.check(case, on=TODAY)
    summaries = [one.text for one in browser.section("others").all("summary")]
    met = sum(one.outcome == "met" for one in report.findings)
    assert summaries[0] == f"Met: {met}"
    assert report.facts["next_step"] == "form"
    assert "Next step Form Who: practitioner" in tiles(browser)[1]


def test_all_questions_can_be_shown_at_once(browser: Browser) -> None:
    browser.press("Show all questions")
    titles = [title for title, _ in GROUPS]
    # Whether the place changes is not known yet; the checks of a new place are asked after that.
    assert asked(browser) == titles
    assert [one.text for one in browser.page.all("button")] == ["Continue", "Add rows for periods"]
    browser.press()
    assert tiles(browser)[0].startswith("May the officer vary the curfew? Cannot tell")
    assert "cannot tell" in decided(browser).values()
    links = [one.attributes["href"] for one in browser.section("missing").one("dl").all("a")]
    assert {"#current", "#proposed"} <= {*links}


# --- The two weeks ------------------------------------------------------------------------------


def test_rows_say_which_period_replaces_which(browser: Browser) -> None:
    # A start at 23:00 on Sunday moves past midnight: by 90 minutes, and not by a week.
    to_weeks(browser).fill(
        boundary_changes="no",
        **row("current", 0, "sunday", "23:00", "05:00", "home"),
        **row("proposed", 0, "monday", "00:30", "06:30", "home"),
        **row("current", 1, "monday", "19:00", "24:00", "home"),
        **row("proposed", 1, "same"),
    ).press().press()
    assert week(browser, "Monday")[2:] == ["00:30 to 06:30, home19:00 to 24:00, home", "11 h"]
    browser.fill(form_done="no").press()
    assert decided(browser)["Each start moves by less than a day"] == "met"


def test_a_row_with_other_days_replaces_the_same_days(browser: Browser) -> None:
    to_weeks(browser).fill(
        boundary_changes="no",
        **row("current", 0, "every_day", "19:00", "07:00", "home"),
        **row("proposed", 0, "working_days", "20:00", "08:00", "home"),
        **row("current", 1, "none"),
        **row("proposed", 1, "weekend", "21:00", "09:00", "home"),
    ).press().press()
    assert decided(browser)["Each start moves by less than a day"] == "met"
    assert decided(browser)["Only start times and places change"] == "met"
    assert week(browser, "Saturday")[2] == "00:00 to 08:00, home21:00 to 24:00, home"


def test_a_period_that_ends_goes_to_court(browser: Browser) -> None:
    to_weeks(browser).fill(
        boundary_changes="no",
        **row("current", 0, "every_day", "19:00", "07:00", "home"),
        **row("proposed", 0, "same"),
        **row("current", 1, "monday", "12:00", "14:00", "home"),
        **row("proposed", 1, "none"),
    ).press().press()
    assert tiles(browser)[0].startswith("May the officer vary the curfew? No: court")


def test_a_figure_that_the_policy_leaves_open_is_named(browser: Browser) -> None:
    # Tuesday has 20 h 30 min if the minutes after midnight count on Tuesday, and 14 h 30 min if not.
    weeks = {
        **row("current", 0, "monday", "18:00", "06:00", "home"),
        **row("proposed", 0, "same"),
        **row("current", 1, "tuesday", "06:30", "21:00", "home"),
        **row("proposed", 1, "tuesday", "07:00", "21:30", "home"),
    }
    for consents in ("yes", "no"):
        browser.open("/curfew-variation").fill(**ORDER).press()
        browser.fill(circumstances_changed="yes", person_consents=consents).press()
        browser.fill(boundary_changes="no", **weeks).press().press()
        found = browser.section("missing").one("div", id="open-1").text
        assert found.startswith("Not settled by policy: needed here Whether the minutes")
    assert tiles(browser)[0].startswith("May the officer vary the curfew? No Which way")


def test_rows_can_be_added(browser: Browser) -> None:
    to_weeks(browser)
    assert len(browser.page.all("fieldset", class_="proposed")) == 2
    browser.press("Add rows").press("Add rows")
    assert len(browser.page.all("fieldset", class_="proposed")) == 4
    assert asked(browser)[2:] == ["The week as it is and as proposed"]
    browser.fill(**row("current", 3, "monday", "19:00", "07:00", "home")).press("Add rows")
    assert len(browser.page.all("fieldset", class_="proposed")) == 7


def test_one_week_alone_is_known(browser: Browser) -> None:
    to_weeks(browser).fill(**row("current", 0, "monday", "19:00", "07:00", "home")).press("Add")
    browser.press().press().press()
    assert browser.problems == {}
    assert week(browser, "Monday") == ["19:00 to 24:00, home", "5 h", "not known", "not known"]


@pytest.mark.parametrize(
    ("fields", "problems"),
    [
        (row("current", 0, "", "19:00", "07:00", "home"),
         {"current.0.day": "Period 1, as it is: choose the day"}),
        (row("current", 0, "someday", "19:00", "07:00", "home"),
         {"current.0.day": "Period 1, as it is: choose the day"}),
        (row("proposed", 1, "monday", "7pm", "", ""),
         {"proposed.1.start": "Period 2, as proposed: enter the start as 24-hour time, such as 07:00 or 19:00",
          "proposed.1.end": "Period 2, as proposed: enter the end as 24-hour time, such as 07:00 or 19:00",
          "proposed.1.place": "Period 2, as proposed: give a short label for the place, such as home"}),
        (row("current", 0, "monday", "19:00", "19:00", "home"),
         {"current.0.end": "Period 1, as it is: the end must differ from the start"}),
        ({**NIGHTS, **row("proposed", 0, "none", "20:00")},
         {"proposed.0.day": "Period 1, as proposed: choose a day, or clear the start, the end and the place"}),
        (row("proposed", 0, "same"),
         {"proposed.0.day": "Period 1, as proposed: choose a day, because there is not a period to keep"}),
        ({**NIGHTS, **row("current", 1, "monday", "12:00", "13:00", "home")},
         {"proposed.1.day": "Period 2, as proposed: choose the day, or an answer that the list has"}),
        ({**NIGHTS, **row("current", 1, "monday", "06:00", "08:00", "home"), **row("proposed", 1, "same")},
         {"current.1.day": "This period overlaps the period on Sunday from 19:00",
          "proposed.1.day": "This period overlaps the period on Sunday from 20:00"}),
        ({**row("current", 0, "none"), **row("proposed", 0, "monday", "19:00", "07:00", "home")},
         {"current": "As it is: give at least one period"}),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_read_is_kept_with_its_problem(
    browser: Browser, fields: dict[str, str], problems: dict[str, str]
) -> None:
    to_weeks(browser).fill(**fields).press()
    assert browser.problems == problems
    typed = {name.replace("__", "."): text for name, text in fields.items()}
    assert {name: browser.typed[name] for name in typed} == typed
    assert asked(browser)[2:] == ["The week as it is and as proposed"]


# --- Errors -------------------------------------------------------------------------------------


def test_everything_typed_is_kept_when_something_is_wrong(browser: Browser) -> None:
    wrong = {**ORDER, "convicted_on": "31/2/2026", "curfew_ends_on": "soon", "adult": "perhaps"}
    browser.fill(**wrong).press()
    assert browser.problems.keys() == {"convicted_on", "curfew_ends_on", "adult"}
    assert browser.problems["convicted_on"] == "Convicted on: this date or time does not exist"
    assert browser.typed["curfew_ends_on"] == "soon"
    assert browser.typed["first_effect_on"] == "23/3/2026"
    assert asked(browser) == ["The order and the conviction"]
    assert browser.page.one("head").one("title").text == "Error: One curfew variation"


def test_facts_that_contradict_one_another_are_refused_at_the_field(browser: Browser) -> None:
    browser.fill(**{**ORDER, "convicted_on": "1/12/2026"}).press()
    assert browser.problems == {
        "convicted_on": "The day of conviction is after the day asked about"
    }
    browser.fill(convicted_on="2/3/2026").press()
    assert browser.problems == {}


def test_the_day_of_a_step_is_refused_at_its_field(browser: Browser) -> None:
    to_steps(browser).fill(form_done="yes", spo_triage_done="yes").press()
    browser.fill(form_on="30/11/2026").press()
    assert list(browser.problems) == ["form_on"]
    browser.fill(form_done="no", form_on="2/11/2026").press()
    assert list(browser.problems) == ["form_on"]


def test_without_a_day_nothing_but_the_day_is_asked() -> None:
    browser = Browser(client(day=None)).open("/curfew-variation")
    assert list(browser.typed) == ["on", "reference", "reached"]
    browser.press()
    assert list(browser.problems) == ["on"]
    browser.fill(on="29/11/2026").press()
    assert asked(browser)[0] == "The order and the conviction"


@pytest.mark.parametrize("text", ["99", "-1", "²", "one", ""])
def test_a_changed_hidden_field_does_no_harm(browser: Browser, text: str) -> None:
    browser.fill(reached=text, order_type="community_order").press()
    assert asked(browser)[0] == "The order and the conviction"
    assert browser.typed["reached"] == "1"


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '"><b>', "{{ 7 * 7 }}", "&lt;"])
def test_hostile_text_is_shown_as_it_is(browser: Browser, text: str) -> None:
    to_weeks(browser).fill(
        reference=text, boundary_changes="no",
        **row("current", 0, "monday", "19:00", "07:00", text), **row("proposed", 0, "same"),
    ).press()  # fmt: skip
    assert browser.section("now").one("h2").all("bdi")[0].text == text
    assert week(browser, "Monday")[0] == f"19:00 to 24:00, {text}"
    assert tiles(browser)[0].startswith("May the officer vary the curfew? No: nothing to vary")
