"""The page about a file: a person agrees how it is read, and gets the report and the workbook."""

from __future__ import annotations

import tomllib
import zipfile
from base64 import b64decode
from datetime import date
from io import BytesIO
from threading import BoundedSemaphore

import pytest
from python_calamine import CalamineWorkbook

import probation_rules as pr
from probation_rules.caseload.template import template
from probation_rules.web.headers import DEFAULTS
from probation_rules.web.pages import file as page
from support.html_page import Element, parsed, require_inert, require_navigable, require_sealed
from support.web_page import TODAY, Browser, client

EXPORT = b"""CRN,Event No,Order Type,Sentence Date,Hours Ordered,Hours Completed,Adjustments,6 Month Review,Team
X000001,1,Community Order,23/06/2026,120,45.5,,Y,North
X000002,1,Suspended Sentence Order,03/07/2026,80,80,-10,N,South
"""
CLEAR = b"""CRN,Order type,Sentence date,Hours ordered,Team
X000001,Community order,23/06/2026,120,North
X000002,Community order,03/07/2026,45.5,South
"""
EXPORTED = ("export.csv", EXPORT)


@pytest.fixture
def browser() -> Browser:
    return Browser().open("/file")


def column(browser: Browser, header: str) -> str:
    """Return what the names of the fields of a column begin with."""
    names = {text: name for name, text in browser.typed.items() if name.endswith(".header")}
    return names[header].removesuffix(".header")


def answer(browser: Browser, header: str, **answers: str) -> Browser:
    """Answer questions about a column."""
    name = column(browser, header)
    return browser.fill(**{f"{name}.{part}": text for part, text in answers.items()})


def about(browser: Browser, header: str) -> Element:
    return browser.page.one("fieldset", id=column(browser, header))


def reported(
    browser: Browser, words: str = "Show the report", **files: tuple[str, bytes]
) -> Element:
    """Press for the report, and return it."""
    response = browser.send(words, **files)
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/html"), response.text
    found = parsed(response.text)
    assert not found.all("div", class_="problems"), found.one("div", class_="problems").text
    require_sealed(found)
    require_inert(found)
    require_navigable(found)
    policy = found.one("head").one("meta", **{"http-equiv": "Content-Security-Policy"})
    headers = response.headers
    assert headers["Content-Security-Policy"] == (
        policy.attributes["content"] + "; frame-ancestors 'none'"
    )
    assert headers["Cache-Control"] == DEFAULTS["Cache-Control"]
    return found


# --- From the file to the report ----------------------------------------------------------------


def test_a_person_agrees_the_columns_and_gets_the_report(browser: Browser) -> None:
    browser.press("Look at the file", file=EXPORTED)
    assert browser.section("form").one("h2").text == "The file: export.csv , 2 rows"
    assert "1 column has a question that only you can answer: Adjustments" in browser.text
    adjustments = about(browser, "Adjustments")
    assert "Are the numbers hours or minutes?" in adjustments.one("p", class_="asks").text
    assert "For example: -10" in adjustments.text
    browser.press("Show the report")  # the question is not answered
    assert browser.problems == {
        f"{column(browser, 'Adjustments')}.unit": "Adjustments: answer the question: hour, minute?"
    }
    field = browser.page.one("select", id=f"{column(browser, 'Adjustments')}.unit")
    error = browser.page.one("p", id=field.attributes["aria-describedby"])
    assert error.text == "Error: Adjustments: answer the question: hour, minute?"
    answer(browser, "Adjustments", unit="hour").fill(by="Team")
    found = reported(browser)
    assert found.one("h1").text == "2 orders on 29 Nov 2026"
    assert "From export.csv" in found.text
    assert {row[0] for row in found.one("section", **{"aria-labelledby": "groups"}).rows()} == {
        "North",
        "South",
    }
    assert "X000002/1" in found.text


def test_the_report_is_that_of_the_library(browser: Browser) -> None:
    browser.press("Look", file=EXPORTED)
    answer(browser, "Adjustments", unit="hour")
    mapping = tomllib.loads(browser.send("Download the mapping").text)
    reading = pr.read("unpaid-work", "-", mapping=mapping, stdin=BytesIO(EXPORT))
    assert isinstance(order := reading.cases[1], pr.UnpaidWorkOrder)
    assert order.adjustment_minutes == -600
    reports = [pr.check(case, on=TODAY) for case in reading.cases]
    tiles = [int(one.text) for one in reported(browser).one("ul", class_="tiles").all("b")]
    assert tiles[0] == sum(bool(one.breaches) for one in reports)
    assert sum(tiles) == 2


def test_the_workbook_can_be_downloaded(browser: Browser) -> None:
    browser.press("Look", file=("clear.csv", CLEAR))
    assert "No question is open." in browser.text
    response = browser.send("Download the workbook")
    assert response.headers["content-type"] == page.XLSX
    assert response.headers["content-disposition"] == (
        'attachment; filename="unpaid-work-2026-11-29.xlsx"'
    )
    sheets = CalamineWorkbook.from_filelike(BytesIO(response.content)).sheet_names
    assert sheets == ["Summary", "At risk", "Coming", "Missing data", "All", "About"]


def test_a_mapping_that_was_agreed_raises_no_questions_next_week(browser: Browser) -> None:
    browser.press("Look", file=EXPORTED)
    name = column(browser, "6 Month Review")
    answer(browser, "Adjustments", unit="minute", round="down")
    browser.fill(**{f"{name}.word.0": "-"}, not_known="N/K\n\nnone")
    answer(browser, "Team", **{"as": "ignore"})
    response = browser.send("Download the mapping")
    assert response.headers["content-disposition"].endswith('filename="unpaid-work.map.toml"')
    mapping = tomllib.loads(response.text)
    assert mapping["columns"]["Adjustments"]["unit"] == "minute"
    assert mapping["columns"]["Adjustments"]["round"] == "down"
    assert mapping["columns"]["6 Month Review"]["words"] == {"N": False}
    assert mapping["not_known"] == ["N/K", "none", "Y"]
    assert mapping["reference"] == ["CRN", "Event No"]
    again = Browser().open("/file")
    agreed = ("agreed.toml", response.content)
    again.press("Look", file=("next.csv", EXPORT), mapping=agreed)
    assert again.problems == {}
    assert "No question is open." in again.text
    assert again.typed[f"{column(again, 'Adjustments')}.unit"] == "minute"
    assert again.typed[f"{column(again, 'Team')}.as"] == "ignore"
    assert again.typed["not_known"] == "N/K\nnone\nY"
    assert tomllib.loads(again.send("Download the mapping").text) == mapping


def test_next_weeks_columns_may_be_in_another_order(browser: Browser) -> None:
    browser.press("Look", file=EXPORTED)
    answer(browser, "Adjustments", unit="hour")
    turned = "\n".join(",".join(reversed(line.split(","))) for line in EXPORT.decode().splitlines())
    browser.press("Look again", file=("turned.csv", turned.encode()))
    assert "No question is open." in browser.text
    assert browser.typed[f"{column(browser, 'Adjustments')}.unit"] == "hour"
    assert reported(browser).one("h1").text == "2 orders on 29 Nov 2026"


def test_a_column_can_be_another_fact(browser: Browser) -> None:
    browser.press("Look", file=EXPORTED)
    answer(browser, "Adjustments", **{"as": "ete_minutes"}).press("Look again")
    assert "You chose this fact." in about(browser, "Adjustments").text
    assert browser.typed[f"{column(browser, 'Adjustments')}.unit"] == "?"
    answer(browser, "Adjustments", unit="hour")
    assert "X000002/1" in reported(browser).one("section", **{"aria-labelledby": "invalid"}).text
    answer(browser, "Adjustments", **{"as": "completed_minutes"}).press("Show")
    assert list(browser.problems.values()) == [
        "Adjustments: answer the question: hour, minute?",
        "Adjustments: `completed_minutes` is given for another column too",
    ]


def test_words_and_dates_are_asked_where_they_are_not_clear(browser: Browser) -> None:
    data = b"CRN,Sentence Date,6 Month Review\nX1,03/04/2026,Held\nX2,04/05/2026,Missed\n"
    browser.press("Look", file=("odd.csv", data))
    assert "2 columns have questions" in browser.text
    review = column(browser, "6 Month Review")
    browser.press("Show")
    assert set(browser.problems) == {
        f"{column(browser, 'Sentence Date')}.form", f"{review}.word.0", f"{review}.word.1",
    }  # fmt: skip
    answer(browser, "Sentence Date", form="dd/mm/yyyy")
    browser.fill(**{f"{review}.word.0": "true"}, not_known="missed")
    browser.press("Look again")
    assert browser.typed[f"{review}.word.1"] == "-"
    assert "No question is open." in browser.text
    assert "2 orders" in reported(browser).one("h1").text


def test_times_of_dates_are_asked(browser: Browser) -> None:
    data = b"CRN,Sentence Date\nX1,2026-04-03T23:30:00\n"
    browser.press("Look", file=("times.csv", data))
    assert browser.typed[f"{column(browser, 'Sentence Date')}.zone"] == "?"
    answer(browser, "Sentence Date", zone="UTC")
    assert "1 order" in reported(browser).one("h1").text


def test_a_column_that_may_be_a_fact_is_asked_and_can_be_kept(browser: Browser) -> None:
    data = b"CRN,Hours Completed,Completed hours total,Sentence date,Note\nX1,2,3,2026-04-03,a\n"
    browser.press("Look", file=("near.csv", data))
    asked = column(browser, "Completed hours total")
    assert browser.typed[f"{asked}.as"] == "?"
    browser.press("Show")
    assert list(browser.problems) == [f"{asked}.as"]
    answer(browser, "Completed hours total", **{"as": "keep"})
    assert "Completed hours total 3" in reported(browser).text


def test_pods_have_a_row_for_each_member(browser: Browser) -> None:
    data = b"POD,Member,Grade,FTE\nNorth,M1,PO,1.0\nNorth,M2,PSO,0.5\n"
    browser.fill(area="pod").press("Look", file=("pods.csv", data))
    assert browser.typed[f"{column(browser, 'POD')}.as"] == "case"
    answer(browser, "Member", **{"as": "reference"})
    answer(browser, "POD", **{"as": "ignore"}).press("Show")
    assert list(browser.problems) == ["columns"]
    answer(browser, "POD", **{"as": "case"})
    assert "1 POD" in reported(browser).one("h1").text


def test_the_template_workbook_can_be_checked(browser: Browser) -> None:
    browser.press("Look", file=("orders.xlsx", template("unpaid-work")))
    assert browser.problems == {}
    assert "No row has a value." in browser.text
    assert "0 orders" in reported(browser).one("h1").text


def test_another_area_begins_again(browser: Browser) -> None:
    browser.press("Look", file=("clear.csv", CLEAR))
    browser.fill(area="curfew-variation").press("Look again")
    assert browser.typed[f"{column(browser, 'Order type')}.as"] == "order_type"
    assert browser.typed[f"{column(browser, 'Hours ordered')}.as"] == "keep"


# --- Since last week ----------------------------------------------------------------------------


def test_what_changed_since_last_week(browser: Browser) -> None:
    browser.press("Look", file=("now.csv", CLEAR))
    last = ("last.csv", CLEAR.replace(b"X000002", b"X000003"))
    browser.press("Show", last=last)
    assert browser.problems == {
        "since_on": "Day of last week's file: enter a day before the day asked about"
    }
    browser.fill(since_on="22/11/2026")
    text = reported(browser, last=last).text
    assert "X000003" in text
    assert "last.csv" in text
    response = browser.send("Download the workbook", last=last)
    sheets = CalamineWorkbook.from_filelike(BytesIO(response.content)).sheet_names
    assert len(sheets) > 6


@pytest.mark.parametrize(
    ("data", "day", "name", "problem"),
    [
        (b"{}", "22/11/2026", "last", "This page reads workbooks"),
        (b"a,b\n1,2\n", "22/11/2026", "last", "the file has no column"),
        (b"x" * (page.MOST_BYTES + 1), "22/11/2026", "last", "more than 2,000,000 bytes"),
        (CLEAR, "1/1/2001", "since_on", "too early"),
        (CLEAR, "soon", "since_on", "must be a date"),
    ],
    ids=["not a table", "other columns", "too large", "too early", "not a day"],
)
def test_last_weeks_file_is_refused_at_its_field(
    browser: Browser, data: bytes, day: str, name: str, problem: str
) -> None:
    browser.press("Look", file=("now.csv", CLEAR)).fill(since_on=day)
    browser.press("Show", last=("last.csv", data))
    assert list(browser.problems) == [name]
    assert problem in browser.problems[name]
    assert browser.typed["since_on"] == day


# --- What is refused ----------------------------------------------------------------------------


def zipped(name: str, size: int) -> bytes:
    """Return a small zip archive that is large when it is unpacked."""
    whole = BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as pack:
        pack.writestr(zipfile.ZipInfo(name), b"0" * size, zipfile.ZIP_DEFLATED)  # without the time
    return whole.getvalue()


WIDE = ",".join(["CRN", *(f"Note {number}" for number in range(20_000))]).encode() + b"\n"


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "The file is empty"),
        (b" \n", "The file is empty"),
        (b"CRN,Date\nX\x001\x00,\x02", "neither text nor a workbook"),
        (b'[{"reference": "X1"}]', "This page reads workbooks"),
        (b"PAR1rest", "This page reads workbooks"),
        (b"x" * (page.MOST_BYTES + 1), "The file has more than 2,000,000 bytes"),
        (zipped("xl/workbook.xml", page.MOST_UNPACKED + 1), "more than 60,000,000 bytes unpacked"),
        (b"PK\x03\x04 not a workbook", "this workbook cannot be read"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 not a workbook", "this workbook cannot be read"),
        (b"one,two\n1,2\n", "The first row does not contain a known column name"),
        (b"CRN,CRN\nX1,X2\n", "have the same header"),
        (b"<html><table><tr><td>CRN</td></tr></table></html>", "the file is a web page"),
        (WIDE, "The table has more than 300 columns"),
        (b"CRN\n" + b"X1\n" * 5_001, "The table has more than 5,000 rows"),
    ],
    ids=lambda value: repr(value[:24]),
)
def test_a_file_that_cannot_be_read_is_refused(browser: Browser, data: bytes, problem: str) -> None:
    browser.fill(on="1/11/2026").press("Look", file=("file.csv", data))
    assert list(browser.problems) == ["file"]
    assert problem.casefold() in browser.problems["file"].casefold()
    assert browser.typed["on"] == "1/11/2026"
    assert "carried.0" not in browser.typed


def test_many_problems_are_counted(browser: Browser) -> None:
    data = "\n".join(["CRN,Sentence date", *(f"X{one},1,2,3" for one in range(30))])
    browser.press("Look", file=("ragged.csv", data.encode()))
    assert browser.problems == {}
    found = reported(browser)
    assert len(found.one("section", **{"aria-labelledby": "invalid"}).rows()) == 30


def test_a_mixture_of_dates_is_refused_with_its_column(browser: Browser) -> None:
    data = b"CRN,Sentence date\nX1,23/04/2026\nX2,04/23/2026\n"
    browser.press("Look", file=("mixed.csv", data))
    answer(browser, "Sentence date", form="dd/mm/yyyy").press("Show")
    assert "the other way round" in browser.problems["file"]
    assert "(column Sentence date)" in browser.problems["file"]
    assert browser.typed[f"{column(browser, 'Sentence date')}.form"] == "dd/mm/yyyy"


def test_the_sheet_of_a_workbook_is_asked_for(browser: Browser) -> None:
    data = template("pod")
    browser.fill(area="pod", sheet="9").press("Look", file=("pods.xlsx", data))
    assert list(browser.problems) == ["sheet"]
    assert browser.typed["sheet"] == "9"
    browser.fill(sheet="").press("Look", file=("pods.xlsx", data))
    assert browser.problems == {}


@pytest.mark.parametrize(
    ("mapping", "problem"),
    [
        (b"area = ", "The mapping cannot be read"),
        (b"\xff", "The mapping cannot be read"),
        (b"a = " + b"[" * 5_000, "The mapping cannot be read"),
        (b"x" * (page.MOST_MAPPING + 1), "more than 200,000 bytes"),
        (b'area = "pod"', "This mapping is for another area"),
        (b'area = "unpaid-work"\n[columns.X]\nfact = "?"', "Answer the question: which fact"),
    ],
    ids=lambda value: repr(value[:20]),
)
def test_a_mapping_that_cannot_be_used_is_refused(
    browser: Browser, mapping: bytes, problem: str
) -> None:
    browser.press("Look", file=("clear.csv", CLEAR), mapping=("agreed.toml", mapping))
    assert list(browser.problems) == ["mapping"]
    assert problem in browser.problems["mapping"]


def test_a_changed_form_does_no_harm(browser: Browser) -> None:
    browser.press("Look", file=("clear.csv", CLEAR))
    typed = dict(browser.typed)
    for changed in ("not base64!", "é", "AAAA"):
        browser.typed = {**typed, "carried.0": changed, "name": "../../etc/passwd"}
        browser.press("Look")
        assert list(browser.problems) == ["file"]
    browser.typed = {**typed, "area": "elsewhere"}
    browser.press("Look")
    assert list(browser.problems) == ["area"]
    browser.typed = {**typed, "by": "Jo", "do": "other", "column.0.header": "Gone"}
    browser.press("Look")
    assert browser.problems == {}
    assert reported(browser).all("section", **{"aria-labelledby": "groups"}) == []


def test_a_day_is_needed(browser: Browser) -> None:
    browser.press("Look", file=("clear.csv", CLEAR)).fill(on="").press("Show")
    assert list(browser.problems) == ["on"]


def test_the_file_travels_in_the_form(browser: Browser) -> None:
    browser.press("Look", file=("D:\\made up\\clear.csv", CLEAR))
    assert b64decode(browser.typed["carried.0"]) == CLEAR
    assert browser.typed["name"] == "clear.csv"
    rows = [f"X{number:07},{'=' * 420}" for number in range(4_600)]
    data = "\n".join(["CRN,Team", *rows]).encode()
    assert page.MOST_BYTES * 0.95 < len(data) < page.MOST_BYTES
    browser.press("Look", file=("large.csv", data))
    pieces = [browser.typed[f"carried.{place}"] for place in range(page.MOST_PIECES)]
    assert b64decode("".join(pieces)) == data
    browser.press("Look")
    assert browser.problems == {}
    assert browser.section("form").one("h2").text == "The file: large.csv , 4,600 rows"


def test_answers_are_kept_when_another_file_cannot_be_read(browser: Browser) -> None:
    browser.press("Look", file=EXPORTED)
    answer(browser, "Adjustments", unit="hour").press("Show", file=("wrong.csv", b"PAR1"))
    assert list(browser.problems) == ["file"]
    assert browser.typed[f"{column(browser, 'Adjustments')}.unit"] == "hour"
    assert browser.section("form").one("h2").text == "The file: export.csv , 2 rows"
    assert reported(browser).one("h1").text == "2 orders on 29 Nov 2026"


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", '"><b>', "{{ 7 * 7 }}", "&lt;", "=1+1"]
)
def test_hostile_text_is_shown_as_it_is(browser: Browser, text: str) -> None:
    cell = '"' + text.replace('"', '""') + '"'
    data = f"CRN,Sentence date,{cell}\n{cell},2026-04-03,{cell}\n".encode()
    browser.press("Look", file=(f"{text}.csv".replace("/", ""), data))
    assert about(browser, text).one("legend").text == text
    assert text in reported(browser).text


def test_a_form_that_is_too_large_is_refused() -> None:
    most = page.PAGE.most_bytes
    found = client().post("/file", files={"file": ("a.csv", b"x" * most)})
    assert found.status_code == 413
    assert "<h1>The body is too large</h1>" in found.text


def test_the_time_of_an_answer_is_limited(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [f"X{number:05},2026-04-03" for number in range(2_500)]
    data = "\n".join(["CRN,Sentence date", *rows]).encode()
    browser.press("Look", file=("many.csv", data))
    monkeypatch.setattr(page, "SECONDS", -1.0)
    found = browser.send("Show the report")
    assert found.status_code == 503
    assert "takes too long" in found.text


def test_a_file_waits_for_others_and_not_for_ever(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "MOST_WAIT", 0.01)
    monkeypatch.setattr(page, "TURNS", BoundedSemaphore(1))
    with page.turn():
        found = browser.send("Look", file=("clear.csv", CLEAR))
    assert found.status_code == 503
    assert "The service is busy with other files" in found.text
    browser.press("Look", file=("clear.csv", CLEAR))


def test_a_report_goes_by_the_rulebook_that_was_chosen() -> None:
    north = pr.rulebook().with_settings({"earned_reduction_from": date(2026, 11, 1)})
    service = client({"national": pr.rulebook(), "north": north})
    browser = Browser(service).open("/file")
    browser.fill(rulebook="north").press("Look", file=("clear.csv", CLEAR))
    assert browser.typed["rulebook"] == "north"
    assert "Set by the caller: earned_reduction_from" in reported(browser).text
    browser.fill(area="pod").press("Look", file=("pods.csv", b"POD,Grade\nNorth,PO\n"))
    assert "Shipped rules only." in reported(browser).text  # the setting is for another area
