"""The workbook of the command, read back by another library than the one that writes it."""

from __future__ import annotations

import json
import sys
import zipfile
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from probation_rules.areas import AREAS
from probation_rules.caseload import sheets
from probation_rules.rulebook import shipped
from support.caseloads import plain
from support.command_line import Orders, Run
from support.generate import case_of
from support.workbooks import xlsx

ON = ("--on", "2026-01-15")
DAY = date(2026, 1, 15)
CHECK = ("check", "unpaid-work")
SHEETS = ["Summary", "At risk", "Coming", "Missing data", "All", "About"]
ROWS: tuple[dict[str, str], ...] = (
    {"reference": "EX-1", "six_month_review_done": "true", "completed_minutes": "6000"},
    {"reference": "EX-2", "sentence_date": "2025-02-10", "completed_minutes": "3030"},
    {"reference": "EX-3", "extended": "", "sentence_date": "2025-07-20"},
    {"reference": "EX-4", "sentence_date": "2025-4-3"},
)


def read(name: str = "report.xlsx") -> dict[str, list[list[Any]]]:
    book = CalamineWorkbook.from_path(name)
    return {one: book.get_sheet_by_name(one).to_python() for one in book.sheet_names}


def records(rows: list[list[Any]]) -> list[dict[str, Any]]:
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def by_reference(rows: list[list[Any]]) -> dict[str, dict[str, Any]]:
    return {one["Reference"]: one for one in records(rows)}


def xml(part: str, name: str = "report.xlsx") -> str:
    with zipfile.ZipFile(name) as book:
        return "\n".join(
            book.read(one).decode("utf-8") for one in book.namelist() if one.startswith(part)
        )


def report(run: Run, file: str, *options: str) -> dict[str, list[list[Any]]]:
    found = run(*CHECK, file, *ON, "--output", "report.xlsx", *options)
    assert found.exit_code in (0, 3), found.stderr
    return read()


def test_the_sheets_list_what_is_urgent_coming_missing_and_everything(
    run: Run, orders: Orders
) -> None:
    sheets = report(run, orders(*ROWS))
    assert list(sheets) == SHEETS
    (order,) = records(sheets["At risk"])
    assert order == {
        "Reference": "EX-2",
        "Stage": "final quarter",
        "Last day": date(2026, 2, 9),
        "Days left": 25,
        "Hours left": 49.5,
        "Hours a week needed": pytest.approx(800 / 60),
        "Most serious finding": "requirement not met",
        "Reasons": order["Reasons"],
        "What to do": order["What to do"],
        "Not known": "",
    }
    reasons, remedies = order["Reasons"].split("\n"), order["What to do"].split("\n")
    assert reasons[0] == (
        "1. Requirement not met: the six-month review was due on 10 Aug 2025 and is not recorded "
        "(upw.review-6)"
    )
    assert reasons[2].startswith("3. Requirement not met: 49 h 30 min outstanding")
    assert remedies[0] == "1. Hold the review with the unpaid work team and record it."
    assert len(reasons) == len(remedies)
    every = by_reference(sheets["All"])
    assert list(every) == ["EX-1", "EX-2", "EX-3", "EX-4"]
    assert every["EX-1"]["Most serious finding"] == "nothing to report"
    assert every["EX-2"]["upw.review-6"] == "not met"
    assert every["EX-2"]["sentence_date"] == date(2025, 2, 10)
    assert every["EX-2"]["completed_minutes"] == 3030
    assert every["EX-2"]["extended"] == "no"
    assert every["EX-3"]["extended"] == ""
    assert every["EX-3"]["last_day"] == ""


def test_a_case_that_cannot_be_judged_is_on_three_sheets(run: Run, orders: Orders) -> None:
    sheets = report(run, orders(*ROWS))
    assert ["cannot be judged as given", 1] in [row[:2] for row in sheets["Summary"]]
    first = records(sheets["Missing data"])[0]
    assert first["Reference"] == "EX-4"
    assert first["Place in the file"] == "row 5"
    assert first["Problem"] == "cannot be judged as given"
    assert first["Fact"] == "sentence_date"
    assert first["What it is"].startswith("must be a date from 1990-01-01")
    bad = by_reference(sheets["All"])["EX-4"]
    assert bad["upw.review-6"] == "invalid"
    assert bad["Most serious finding"] == "cannot be judged as given"
    assert bad["Reasons"].endswith("@ sentence_date")


def test_missing_data_names_each_fact_and_what_waits_for_it(run: Run, orders: Orders) -> None:
    row = {"reference": "EX-3", "sentence_date": "2025-02-10", "completed_minutes": ""}
    rows = records(report(run, orders(row))["Missing data"])
    assert {one["Fact"] for one in rows} == {"minutes completed"}
    assert rows[0]["Problem"] == "not known"
    assert rows[0]["What it is"] == "Minutes credited so far."
    assert rows[0]["Needed for"].startswith("stage, upw.review-6, upw.review-9")


@pytest.mark.parametrize(("sentence_date", "listed"), [("2025-08-12", True), ("2025-08-13", False)])
def test_the_last_day_ahead_is_listed_and_not_the_day_after(
    run: Run, orders: Orders, sentence_date: str, listed: bool
) -> None:
    row = {"reference": "EX-1", "sentence_date": sentence_date}
    coming = records(report(run, orders(row))["Coming"])
    assert [one["Days away"] for one in coming] == ([28] if listed else [])
    assert [one["Day"] for one in coming] == ([date(2026, 2, 12)] if listed else [])
    more = records(report(run, orders(row), "--days", "29")["Coming"])
    assert [one["What"] for one in more] == ["six-month review point"]


def test_days_that_are_not_known_come_last(run: Run, orders: Orders) -> None:
    rows = (
        {"reference": "A", "sentence_date": ""},
        {"reference": "B", "sentence_date": "2025-08-01", "completed_minutes": ""},
    )
    coming = records(report(run, orders(*rows))["Coming"])
    assert [one["Reference"] for one in coming][:2] == ["B", "A"]
    assert coming[0]["Day"] == date(2026, 2, 1)
    assert coming[0]["Still due"] == "cannot tell: needs minutes completed"
    assert (coming[1]["Day"], coming[1]["Days away"]) == ("not known", "")
    assert coming[1]["Still due"] == "cannot tell: needs sentence date"


def test_two_cases_of_one_reference_are_both_listed(run: Run, orders: Orders) -> None:
    row = {"reference": "EX-1", "sentence_date": "2025-08-01"}
    assert [one["Reference"] for one in records(report(run, orders(row, row))["Coming"])] == [
        "EX-1",
        "EX-1",
    ]


def test_the_summary_counts_by_finding_stage_and_rule(run: Run, orders: Orders) -> None:
    rows = report(run, orders(*ROWS))["Summary"]
    assert rows[0][0] == "Unpaid work: 4 orders on 15 Jan 2026"
    lines = {row[0]: row[1:6] for row in rows}
    assert lines["Stage"] == [
        "Requirement not met",
        "Advice not met",
        "Cannot tell",
        "Nothing to report",
        "All",
    ]
    assert lines["final quarter"] == [1, 0, 0, 0, 1]
    rule = next(row for row in rows if str(row[0]).endswith("(upw.review-6)"))
    assert rule[1:] == ["requirement", 1, 0, 0, 2, 1]
    chart = xml("xl/charts/chart")
    assert "Orders by stage and most serious finding" in chart


def test_about_gives_the_day_the_rules_the_settings_and_the_sources(
    run: Run, orders: Orders, north: str
) -> None:
    rows = report(
        run, orders(*ROWS), "--rulebook", north, "--assume", "extended=false", "--days", "7"
    )["About"]
    pairs = [tuple(row) for row in rows]
    about = dict(pairs)
    assert about["Day asked about"] == date(2026, 1, 15)
    assert about["Orders"] == 4
    assert about["Rules digest"].startswith("sha256:")
    assert ("Given", "Assumed by the caller: extended is no, for 1 without a value") in pairs
    assert any(text.startswith("Local rulebook: North") for what, text in pairs if what == "Given")
    assert "7 days" in about["Sheet Coming"]
    assert any("Sentencing Act 2020, Schedule 9" in str(text) for what, text in pairs)


def test_text_that_looks_like_a_formula_or_a_link_is_text(run: Run, orders: Orders) -> None:
    names = ["=1+1", "@SUM(A1)", "+1", "-1", "http://example.invalid", "0012", "{=1}"]
    sheets = report(run, orders(*({"reference": name} for name in names)))
    assert list(by_reference(sheets["All"])) == names
    for part in ("<f>", "<f ", "<hyperlink"):
        assert part not in xml("xl/worksheets/")
    assert "&lt;" not in xml("xl/worksheets/_rels")


def test_invisible_characters_are_named_and_a_long_text_is_cut(
    run: Run, orders: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "_LONGEST", 40)
    row = {"reference": "A\u200bB", "sentence_date": "2025-02-10"}
    (order,) = records(report(run, orders(row))["All"])
    assert order["Reference"] == "A[U+200B]B" or order["Reference"].startswith("row")
    assert len(order["Reasons"]) == 40
    assert order["Reasons"].endswith("…")


def test_lists_have_filters_frozen_headers_and_print_on_wide_pages(
    run: Run, orders: Orders
) -> None:
    report(run, orders(*ROWS))
    for number in range(2, 7):
        sheet = xml(f"xl/worksheets/sheet{number}.xml")
        assert "<autoFilter" in sheet
        assert 'state="frozen"' in sheet
        assert 'orientation="landscape"' in sheet
        assert 'fitToHeight="0"' in sheet
    assert "_xlnm.Print_Titles" in xml("xl/workbook.xml")


def test_a_date_by_another_day_keeps_its_mark(run: Run, orders: Orders) -> None:
    """The mark belongs to the number format, so that the cell is still a date or a number."""
    row = {"reference": "EX-1", "sentence_date": "2025-02-10", "extended": ""}
    (order,) = records(report(run, orders(row))["All"])
    assert order["Last day"] == date(2026, 2, 9)
    assert order["Days left"] == 25
    assert "&quot;~&quot;#,##0;&quot;~&quot;-#,##0" in xml("xl/styles.xml")


def test_the_same_answers_give_the_same_workbook(run: Run, orders: Orders) -> None:
    file = orders(*ROWS)
    report(run, file)
    before = Path("report.xlsx").read_bytes()
    report(run, file)
    assert Path("report.xlsx").read_bytes() == before


def test_the_page_is_shown_beside_the_workbook(run: Run, orders: Orders) -> None:
    file = orders(*ROWS)
    found = run(*CHECK, file, *ON, "--output", "REPORT.XLSX")
    assert found.stdout == run(*CHECK, file, *ON).stdout
    assert "written to REPORT.XLSX" in found.stderr
    assert list(read("REPORT.XLSX")) == SHEETS


@pytest.mark.parametrize("area", AREAS)
def test_every_area_has_a_workbook(run: Run, area: str) -> None:
    random, rules = Random(area), shipped().area(area)
    cases = [plain(case_of(random, rules, on=DAY)) for _ in range(20)]
    stated = [{**one, "reference": f"EX-{number}"} for number, one in enumerate(cases)]
    for given in (stated, []):
        found = run(
            *("check", area, "-", "--on", str(DAY), "--output", "report.xlsx"),
            stdin=json.dumps(given, default=str),
        )
        assert found.exit_code in (0, 3), found.stderr
        sheets = read()
        assert list(sheets) == SHEETS
        every = records(sheets["All"])
        assert len(every) == len(given)
        not_met = {
            one["Reference"] for one in every if one["Reasons"] and "not met" in one.values()
        }
        assert {one["Reference"] for one in records(sheets["At risk"])} == not_met
        explained = {one["What"]: one["Value"] for one in records(sheets["About"])}
        assert "" not in explained.values()
        for name in SHEETS[1:-1]:
            titles = sheets[name][0]
            assert [
                title
                for title in titles
                if not {f"Column {title}", f"Rule {title}"} & explained.keys()
            ] == []


# --- What is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--output", "report.ods"), "a workbook is written as .xlsx, not as .ods"),
        (("--output", "report.xls"), "a workbook is written as .xlsx, not as .xls"),
        (
            ("--output", "report.xlsx", "--format", "json"),
            "a file .xlsx is a workbook; leave --format json out, or give another name",
        ),
        (
            ("--output", "report.xlsx", "--threads", "1"),
            "a workbook lists every case, and this is answered as one table (text over 8 MiB, a workbook over 2 MiB, over 2,000 rows of Parquet, or an option for tables); split the file, or give a name that ends in .csv or .parquet",
        ),
    ],
)
def test_what_cannot_be_a_workbook_is_refused(
    run: Run, orders: Orders, options: tuple[str, ...], message: str
) -> None:
    found = run(*CHECK, orders(*ROWS), *ON, *options)
    assert found.exit_code == 2
    assert message in " ".join(found.stderr.split())
    assert not list(Path().glob("report.*"))


def test_a_workbook_never_replaces_the_workbook_that_was_read(run: Run) -> None:
    rows: list[list[object]] = [["reference", "required_minutes"], ["EX-1", 6000]]
    xlsx(Path("orders.xlsx"), ("Orders", rows))
    before = Path("orders.xlsx").read_bytes()
    found = run(*CHECK, "orders.xlsx", *ON, "--output", "./orders.xlsx")
    assert found.exit_code == 2
    assert "this file is an input" in found.stderr
    assert Path("orders.xlsx").read_bytes() == before


def test_a_list_longer_than_a_sheet_is_refused(
    run: Run, orders: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "MOST_ROWS", 200)
    assert run(*CHECK, orders(*[{}] * 199), *ON, "--output", "report.xlsx").exit_code == 0
    before = Path("report.xlsx").read_bytes()
    found = run(*CHECK, orders(*[{}] * 200), *ON, "--output", "report.xlsx")
    assert found.exit_code == 2
    text = "the sheet All would have more than 200 rows; give a name that ends in .csv"
    assert text in found.stderr
    assert Path("report.xlsx").read_bytes() == before


def test_without_xlsxwriter_the_message_says_what_to_install(
    run: Run, orders: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    found = run(*CHECK, orders({}), *ON, "--output", "report.xlsx")
    assert found.exit_code == 2
    assert "install the extra `excel`: pip install 'probation-rules[excel]'" in found.stderr
