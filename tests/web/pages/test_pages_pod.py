"""The page about PODs, filled in as a person would."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import cast

import pytest

import probation_rules as pr
from support.web_page import TODAY, Browser, client

SEVEN = """Reference\tGrade\tShare of full time\tNewly-qualified period completed\tDesk
M-1\tPO\t1\tY\twindow
M-2\tPO\t1\tn\tdoor
M-3\tPSO\t1\t\t
M-4\tPSO\t0.6\tn/k\t
M-5\tCA\t1\t\t
M-6\tPQiP\t\t\t
M-7\tPQiP\t\t\t
"""


@pytest.fixture
def browser() -> Browser:
    return Browser().open("/pod")


@pytest.fixture
def seven(browser: Browser) -> Browser:
    return browser.fill(paste=SEVEN, a__reference="POD-7").press("Read what I pasted")


def principles(browser: Browser) -> dict[str, list[str]]:
    rows = browser.section("principles").one("table").rows()
    return {row[0].split()[0]: row[1:] for row in rows}


def grades(browser: Browser, place: str = "a") -> list[str]:
    return [
        text
        for name, text in browser.typed.items()
        if name.startswith(f"{place}.members.") and name.endswith(".grade") and text
    ]


def last_change(browser: Browser) -> str:
    return browser.section("principles").one("div", class_="inset").text


# --- Members in ---------------------------------------------------------------------------------


def test_members_are_pasted_from_a_spreadsheet_and_answered(seven: Browser) -> None:
    assert grades(seven) == ["PO", "PO", "PSO", "PSO", "CA", "PQiP", "PQiP"]
    assert seven.typed["a.members.0.nqo_completed"] == "yes"
    assert seven.typed["a.members.3.nqo_completed"] == ""
    assert "7 rows were read. Not used: Desk." in seven.text
    assert principles(seven)["8"] == ["requirement not met"]
    assert principles(seven)["9"] == ["always met"]
    assert principles(seven)["3"] == ["cannot tell"]
    assert list(principles(seven)) == [str(number) for number in range(1, 11)]


def test_the_answers_are_those_of_the_library(seven: Browser) -> None:
    graded = [
        ("PO", True),
        ("PO", False),
        *((one, None) for one in ("PSO", "PSO", "CA", "PQiP", "PQiP")),
    ]
    members = [{"grade": grade, "nqo_completed": nqo} for grade, nqo in graded]
    for member, fte in zip(members, ("1", "1", "1", "0.6", "1", None, None), strict=True):
        member["fte"] = fte
    report = pr.check(pr.case_from("pod", {"members": members}), on=TODAY)
    (finding,) = report.breaches
    section = seven.section("a.not-met")
    assert finding.message in section.text
    assert [one.text for one in section.all("button")] == [f"Try {one}" for one in finding.changes]
    assert len(report.unknown) == len(seven.section("a.missing").all("b", class_="unknown"))


def test_rows_without_headers_are_read_in_the_order_of_the_table(browser: Browser) -> None:
    browser.fill(paste="M-1,PO,1,yes\nM-2,PSO,0.5\n").press("Read what I pasted")
    assert grades(browser) == ["PO", "PSO"]
    assert browser.typed["a.members.1.fte"] == "0.5"


def test_rows_that_name_two_pods_fill_both_tables(browser: Browser) -> None:
    text = "pod,manager_grade,grade\nN,SPO,PO\nS,PO,PSO\nN,,CA\n"
    browser.fill(paste=text).press("Read what I pasted")
    assert (grades(browser), grades(browser, "b")) == (["PO", "CA"], ["PSO"])
    assert (browser.typed["a.manager_grade"], browser.typed["b.manager_grade"]) == ("SPO", "PO")
    assert browser.typed["b.reference"] == "S"
    assert principles(browser)["5"] == ["cannot tell", "requirement not met"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "Paste at least one row with a member"),
        ("Reference,Grade\n", "Paste at least one row with a member"),
        ('a,"b\n', "This cannot be read as a table: check its quotation marks"),
        ("pod,grade\n1,PO\n2,PO\n3,PO\n", "The rows name more than two PODs: paste at most two"),
    ],
)
def test_what_cannot_be_read_is_kept_to_be_corrected(
    browser: Browser, text: str, fault: str
) -> None:
    browser.fill(paste=text).press("Read what I pasted")
    assert browser.problems == {"paste": fault}
    assert browser.typed["paste"].strip() == text.strip()


def test_members_are_typed_in_rows_and_more_rows_can_be_had(browser: Browser) -> None:
    browser.fill(a__members__0__reference="M-1", a__members__0__grade="PO")
    browser.press("More rows")
    browser.fill(a__members__4__reference="M-2", a__members__4__grade="CA").press("Check")
    assert grades(browser) == ["PO", "CA"]
    assert browser.typed["a.members.1.reference"] == "M-2"


def test_an_empty_form_cannot_tell_and_asks_for_members(browser: Browser) -> None:
    browser.press("Check")
    links = {one.text: one.attributes["href"] for one in browser.section("a.missing").all("a")}
    assert links["Members"] == "#a.members"
    assert set(principles(browser)["1"]) == {"cannot tell"}


# --- What if ------------------------------------------------------------------------------------


def test_a_smallest_change_is_tried_and_shows_which_answers_change(seven: Browser) -> None:
    seven.press("Try one learner fewer")
    assert grades(seven).count("PQiP") == 1
    assert last_change(seven) == (
        "Your last change M-6 (PQiP) left POD-7. "
        "POD-7, number of learners: met , was requirement not met"
    )
    assert principles(seven)["8"] == ["met"]


def test_a_change_that_adds_a_member_is_tried(seven: Browser) -> None:
    seven.press("Try one PO past the NQO period more")
    assert seven.typed["a.members.7.nqo_completed"] == "yes"
    assert seven.typed["a.members.7.fte"] == "1"
    assert "A member without a reference (PO) joined POD-7" in last_change(seven)


def test_a_member_moves_between_two_pods(seven: Browser) -> None:
    seven.press("Put a second POD beside it")
    assert "The second POD was added. No answer changed." in last_change(seven)
    seven.fill(
        b__reference="POD-8",
        b__members__0__reference="M-9",
        b__members__0__grade="PO",
        b__members__0__nqo_completed="yes",
    ).press("Check")
    seven.press("Move M-7 (PQiP) to the other POD")
    assert (len(grades(seven)), grades(seven, "b")) == (6, ["PO", "PQiP"])
    assert "M-7 (PQiP) moved from POD-7 to POD-8." in last_change(seven)
    assert "POD-7, number of learners: met , was requirement not met" in last_change(seven)
    assert len(seven.section("changes").one("ol").children) == 3
    seven.press("Leave the second POD out")
    assert grades(seven, "b") == []
    assert "M-9 (PO) left POD-8" in last_change(seven)
    assert "the second POD was left out" in last_change(seven)


def test_an_edit_shows_what_it_was(seven: Browser) -> None:
    seven.fill(a__members__1__nqo_completed="yes", a__manager_grade="SPO").press("Check")
    assert last_change(seven).startswith(
        "Your last change M-2 (PO): newly-qualified period completed is Yes, was No; "
        "POD-7: grade of the manager is SPO, was not known."
    )


def test_a_person_can_go_back(seven: Browser) -> None:
    seven.press("Remove M-1 (PO)").press("Remove M-2 (PO)")
    seven.press("Go back to before change 1")
    assert len(grades(seven)) == 7
    assert seven.page.all("section", **{"aria-labelledby": "changes"}) == []


def test_only_the_last_changes_are_listed(seven: Browser) -> None:
    for number in range(13):
        seven.fill(a__members__2__fte=f"0.{number + 1}").press("Check")
    assert len(json.loads(seven.typed["trail"])) == 12


@pytest.mark.parametrize(
    "trail", ["{", "{}", "[1]", "null", '[{"pods": 2, "a.members.0.grade": 7}]']
)
def test_a_list_of_changes_that_cannot_be_read_is_left_out(seven: Browser, trail: str) -> None:
    seven.fill(trail=trail).press("Check")
    assert seven.problems == {}
    assert principles(seven)["8"] == ["requirement not met"]


@pytest.mark.parametrize(
    "button",
    [
        "move.1",
        "move.99",
        "remove.99",
        "try.a.wizard:1",
        "try.a.learner:-1,learner:-1,learner:-1",
        "back." + "9" * 5_000,
        "back.7",
        "fly",
    ],
)
def test_a_button_that_the_page_does_not_have_changes_nothing_else(
    seven: Browser, button: str
) -> None:
    answer = client().post("/pod", data={**seven.typed, "do": button})
    assert answer.status_code == 200
    assert 'value="M-1"' in answer.text


def test_a_key_that_nobody_was_given_is_replaced(seven: Browser) -> None:
    seven.typed |= {"a.members.0.key": "9" * 5_000, "a.members.1.key": "3", "a.members.2.key": "x"}
    seven.press("Check")
    keys = [text for name, text in seven.typed.items() if name.endswith(".key")]
    assert sorted(keys, key=int) == ["3", "4", "5", "6", "7", "8", "9"]


def test_a_person_can_settle_a_figure_that_the_policy_leaves_open(seven: Browser) -> None:
    rows = "M-3,PSO,1\nM-4,PSO,1\nM-5,PSO,1\nM-1,PO,1,yes\nM-2,PO,0.2,yes\nM-6,CA,1\n"
    seven.open("/pod").fill(paste=rows, a__local_variation_recorded="no").press(
        "Read what I pasted"
    )
    assert principles(seven)["1"] == ["cannot tell"]
    link = seven.section("a.missing").one("div", id="a.open-1").one("a").attributes["href"]
    assert link == "#set.ratio_measure"
    seven.fill(set__ratio_measure="headcount").press("Check")
    assert principles(seven)["1"] == ["met"]
    assert "Set by the caller: ratio_measure is headcount" in seven.section("basis").text
    seven.fill(set__ratio_measure="full_time_equivalent").press("Check")
    assert principles(seven)["1"] == ["advice not met"]
    seven.typed["set.ratio_measure"] = "heads"
    seven.press("Check")
    assert list(seven.problems) == ["set.ratio_measure"]
    assert seven.typed["set.ratio_measure"] == "heads"


# --- What is wrong ------------------------------------------------------------------------------


def test_everything_typed_is_kept_when_something_is_wrong(seven: Browser) -> None:
    wrong = {"a.members.3.fte": "60", "a.members.4.reference": "M-1", "a.members.5.grade": "SPO"}
    seven.typed |= wrong
    seven.press("Check")
    assert {name: seven.typed[name] for name in wrong} == wrong
    assert seven.problems == {
        "a.members.3.fte": "Share of full time of row 4 of POD-7 must be a number from 0.01 to 1.0, at most 2 decimal places",
        "a.members.4.reference": "The reference of row 5 of POD-7 is on another row too",
        "a.members.5.grade": "Grade of row 6 of POD-7: an SPO manages the POD and is not one of its members: record the SPO in `manager_grade`",
    }
    assert seven.page.all("section", **{"aria-labelledby": "principles"}) == []


def test_too_many_members_are_refused_at_the_pod(browser: Browser) -> None:
    rows = "".join(f"M-{number},PO\n" for number in range(61))
    browser.fill(paste=rows).press("Read what I pasted")
    assert browser.problems == {"a.members": "The members of First POD: must be a list of 1 to 60"}


# --- To keep ------------------------------------------------------------------------------------


def test_the_download_is_a_file_that_the_command_reads(seven: Browser, tmp_path: Path) -> None:
    seven.press("Put a second POD beside it").fill(a__manager_grade="SPO", b__reference="=B")
    data = {**seven.typed, "do": "csv"}
    answer = seven.client.post("/pod", data=data)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="pods.csv"'
    rows = list(csv.DictReader(answer.text.splitlines()))
    assert [row["pod"] for row in rows] == ["POD-7"] * 7 + ["'=B"]
    file = tmp_path / "pods.csv"
    file.write_text(answer.text, encoding="utf-8")
    first, second = (cast("pr.Pod", one) for one in pr.read("pod", file).cases)
    assert [one.grade for one in first.members or ()] == grades(seven)
    assert first.manager_grade == "SPO"
    assert second.members is None


def test_the_empty_workbook_is_one_that_the_command_reads(browser: Browser, tmp_path: Path) -> None:
    links = {one.text: one.attributes["href"] for one in browser.section("form").all("a")}
    answer = browser.client.get(links["Download an empty workbook"])
    assert answer.headers["content-disposition"] == 'attachment; filename="pod.xlsx"'
    file = tmp_path / "pod.xlsx"
    file.write_bytes(answer.content)
    assert pr.read("pod", file).cases == ()


def test_a_wrong_form_is_not_downloaded(seven: Browser) -> None:
    seven.fill(a__members__0__fte="60").press("Download as CSV")
    assert list(seven.problems) == ["a.members.0.fte"]


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", '"><b>', "{{ 7 * 7 }}", "</textarea>"]
)
def test_hostile_text_is_shown_as_it_is(seven: Browser, text: str) -> None:
    seven.fill(a__reference=text, a__members__0__reference=text).press("Check")
    assert seven.typed["a.members.0.reference"] == text
    seven.fill(paste=f'"{text}').press("Read what I pasted")
    assert seven.typed["paste"].strip() == f'"{text}'
