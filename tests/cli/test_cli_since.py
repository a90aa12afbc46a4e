"""What changed since last week: on the page, in the workbook, as JSON and as text."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

import made_up_export
import probation_rules as pr
from probation_rules.caseload.changes import Changes, Place
from support.command_line import Orders, Run
from support.rulebooks import content_of, shipped_with

LAST = ("--since", "last.csv", "--since-on", "2026-01-15")
NOW = ("--on", "2026-01-22", "--keep", "Team")
CHECK = ("check", "unpaid-work")
SHEETS = ["Changed", "New", "Gone"]


@pytest.fixture
def files(orders: Orders) -> str:
    """Two made-up exports, a week apart, and the name of the later one."""
    usual = {"sentence_date": "2025-10-01", "Team": "North"}
    due = {**usual, "sentence_date": "2025-07-20", "completed_minutes": "6000"}
    last = (
        {**usual, "reference": "same"},
        {**due, "reference": "breach", "completed_minutes": "3600"},
        {**usual, "reference": "near", "sentence_date": "2025-08-19", "completed_minutes": "1000"},
        {**due, "reference": "complete", "completed_minutes": "5000"},
        {**due, "reference": "unknown"},
        {**usual, "reference": "right", "sentence_date": "2025-06-01"},
        {**usual, "reference": "gone", "sentence_date": "2025-06-02", "Team": ""},
        {**usual, "reference": "bad", "sentence_date": "2030-01-01"},
    )
    now: tuple[dict[str, str], ...] = (
        last[2],
        last[1],
        last[0],
        {**last[3], "completed_minutes": "6000"},
        {**last[4], "completed_minutes": ""},
        {**last[5], "six_month_review_done": "true"},
        {**usual, "reference": "new", "Team": "South", "sentence_date": "2025-07-01"},
        {**usual, "reference": "bad"},
    )
    orders(*last, name="last.csv")
    return orders(*now, name="now.csv")


def book(name: str) -> dict[str, list[dict[str, Any]]]:
    read = CalamineWorkbook.from_path(name)
    sheets = {one: read.get_sheet_by_name(one).to_python() for one in read.sheet_names}
    return {
        one: [dict(zip(map(str, rows[0]), row, strict=True)) for row in rows[1:]]
        if one != "Summary"
        else []
        for one, rows in sheets.items()
    }


def test_the_changes_follow_the_answers_and_the_most_serious_is_first(run: Run, files: str) -> None:
    found = run(*CHECK, files, *NOW, *LAST, "--by", "Team")
    assert found.exit_code == 0
    text = found.stdout[found.stdout.index("What changed since last.csv on 15 Jan 2026") :]
    lines = text.splitlines()
    assert lines[1] == "1 new, 1 gone, 5 changed, 1 unchanged, 1 invalid"
    first = [line.split(" ")[0] for line in lines if line.endswith("(unpaid-work)")]
    assert first == ["breach", "near", "unknown", "complete", "right"]
    assert "  six-month review point: 2026-02-19, newly near" in lines
    assert "invalid before: bad: the sentence date is after the day asked about" in text
    assert "Changes by Team" in lines
    (south,) = [line.split() for line in lines if line.lstrip().startswith("South")]
    assert south[0] == "South"
    assert south[-1] == "1"


def test_the_sheets_list_what_changed_with_reasons_and_what_to_do(run: Run, files: str) -> None:
    out = ("--output", "book.xlsx")
    assert run(*CHECK, files, *NOW, *LAST, "--by", "Team", *out).exit_code == 0
    sheets = book("book.xlsx")
    assert [*sheets][:5] == ["Summary", *SHEETS, "Not compared"]
    changed = {one["Reference"]: one for one in sheets["Changed"]}
    assert changed["breach"] == {
        "Reference": "breach",
        "Team": "North",
        "Stage before": "first half",
        "Stage": "third quarter",
        "Most serious change": "requirement newly not met",
        "What changed": changed["breach"]["What changed"],
        "Why": "the day changed from 15 Jan 2026 to 22 Jan 2026",
        "What to do": "Hold the review with the unpaid work team and record it.",
    }
    assert changed["breach"]["What changed"].splitlines()[:2] == [
        "1. Requirement not met: six-month review: the six-month review was due on 20 Jan 2026 and is not recorded (not applicable before) (upw.review-6)",
        "2. Another stage: first half before, third quarter now",
    ]
    assert changed["near"]["What changed"] == (
        "Due day newly near: six-month review point: 19 Feb 2026"
    )
    assert changed["complete"]["Most serious change"] == "another stage"
    assert changed["right"]["Why"] == "six-month review done changed from no to yes"
    unknown = changed["unknown"]
    assert unknown["Stage"] == "cannot tell"
    assert "Cannot tell: pace from six months: needs minutes completed" in unknown["What changed"]
    assert unknown["Why"].splitlines()[-1] == "3: minutes completed changed from 100 h to not known"
    assert [one["Reference"] for one in sheets["New"]] == ["new"]
    assert sheets["New"][0]["Not met or unknown"].startswith("1. Requirement not met: six-month")
    assert [one["Reference"] for one in sheets["Gone"]] == ["gone"]
    (bad,) = sheets["Not compared"]
    assert (bad["Place in the file"], bad["When"]) == ("row 9", "before")
    about = [(one["What"], one["Value"]) for one in sheets["About"]]
    assert ("Before", "last.csv on 15 Jan 2026") in about


def test_the_page_shows_the_changes_before_everything_else(run: Run, files: str) -> None:
    found = run(*CHECK, files, *NOW, *LAST, "--by", "Team", "--format", "html")
    assert found.exit_code == 0
    page = found.stdout
    assert '<a href="#changes">What changed since 15 Jan 2026</a>' in page
    assert page.index('id="changes"') < page.index('id="missing"')
    assert "Each of the 9 orders is in one of these counts." in page
    assert "requirement newly not met" in page
    assert '<a href="#rule-upw.review-6">six-month review</a>' in page
    assert "Team: North" in page
    assert "Not compared: these cannot be judged as given" in page
    without = run(*CHECK, files, *NOW, "--format", "html").stdout
    assert 'id="changes"' not in without


def test_the_document_has_the_changes_and_replays(run: Run, files: str) -> None:
    out = ("--format", "json", "--output", "now.json")
    assert run(*CHECK, files, *NOW, *LAST, "--by", "Team", *out).exit_code == 0
    found = json.loads(Path("now.json").read_text("utf-8"))
    since = found["since"]
    assert since["counts"] == {"new": 1, "gone": 1, "changed": 5, "unchanged": 1, "invalid": 1}
    assert since["changes"] == {
        "breach": 1, "near": 1, "unknown": 1, "stage": 1, "put_right": 1,
    }  # fmt: skip
    assert since["groups"]["South"] == {"counts": {"new": 1}, "changes": {}}
    assert run("replay", "now.json").exit_code == 0


@pytest.mark.parametrize("form", ["json", "csv", "parquet"])
def test_stored_answers_of_last_week_give_the_same_changes(run: Run, files: str, form: str) -> None:
    stored = f"last.{form}" if form != "csv" else "answers.csv"
    asked = ("--on", "2026-01-15", "--keep", "Team", "--output", stored)
    run(*CHECK, "last.csv", *asked, *(("--format", form) if form != "parquet" else ()))
    found = run(*CHECK, files, *NOW, "--since", stored)
    counts = [line for line in found.stdout.splitlines() if line.endswith("1 invalid")]
    assert counts == ["1 new, 1 gone, 5 changed, 1 unchanged, 1 invalid"]
    assert ("the cause is not known" in found.stdout) == (form != "json")
    html = run(
        "compare",
        "unpaid-work",
        stored,
        files,
        "--keep",
        "Team",
        "--on-after",
        "2026-01-22",
        "--format",
        "html",
    )
    title = "15 Jan 2026" if form != "parquet" else "last.parquet"
    assert f"What changed since {title}" in html.stdout


def test_what_goes_with_no_comparison_is_refused(run: Run, files: str) -> None:
    message = run(*CHECK, files, *NOW, "--since", "last.csv").stderr
    assert message.endswith("give the day asked about with --since-on @ last.csv\n")
    message = run(*CHECK, files, *NOW, "--since", "none.csv", "--since-on", "2026-01-15").stderr
    assert "the file was not found @ none.csv" in message
    message = run(*CHECK, files, *NOW, *LAST, "--format", "csv").stderr
    assert "--since does not go with --format csv" in message
    message = run(*CHECK, files, *NOW, *LAST, "--threads", "2").stderr
    assert "use `probation-rules compare`" in message
    message = run(*CHECK, files, *NOW, *LAST, "--output", "last.csv").stderr
    assert "this file is an input" in message
    message = run(
        "compare", "unpaid-work", "last.csv", files, "--keep", "Team", *COMPARED, "--by", "Tem"
    ).stderr
    assert "kept are Team; did you mean `Team`? @ --by Tem" in message


COMPARED = ("--on-before", "2026-01-15", "--on-after", "2026-01-22")


def test_two_files_are_compared_on_a_page_and_in_a_workbook_of_their_own(
    run: Run, files: str
) -> None:
    asked = ("compare", "unpaid-work", "last.csv", files, "--keep", "Team", *COMPARED)
    assert run(*asked, "--output", "changes.xlsx", "--by", "Team").exit_code == 3
    sheets = book("changes.xlsx")
    assert [*sheets] == ["Summary", *SHEETS, "Not compared", "About"]
    page = run(*asked, "--format", "html").stdout
    assert "<h1>5 of 9 orders changed</h1>" in page
    assert 'id="rule-upw.review-6"' in page
    assert f"<code>{pr.rulebook().digest}</code>" in page
    assert "within 28 days" in page
    assert {"What": "Rules digest", "Value": pr.rulebook().digest} in sheets["About"]
    same = run(
        "compare",
        "unpaid-work",
        files,
        files,
        "--keep",
        "Team",
        "--on-before",
        "2026-01-22",
        "--on-after",
        "2026-01-22",
        "--format",
        "html",
    ).stdout
    assert "No order changed." in same
    assert 'id="rules"' not in same
    days = [
        line for line in run(*asked, "--days", "20").stdout.splitlines() if "newly near" in line
    ]
    assert days == []


def test_pods_without_stages_name_the_members_that_changed(run: Run) -> None:
    def pods(name: str, grade: str, *more: dict[str, Any]) -> None:
        pod = {"reference": "P-1", "members": [{"reference": "M-1", "grade": grade, "fte": 1}]}
        Path(name).write_text(json.dumps([pod, *more]), "utf-8")

    pods("last.json", "PQiP")
    pods("now.json", "PO", {"reference": "P-2"})
    days = ("--on-before", "2026-09-01", "--on-after", "2026-09-01")
    asked = ("compare", "pod", "last.json", "now.json", *days)
    page = run(*asked, "--format", "html").stdout
    assert "members changed: members[M-1].grade changed from PQiP to PO" in page
    assert run(*asked, "--output", "pods.xlsx").exit_code == 0
    assert "Stage" not in book("pods.xlsx")["Changed"][0]


def test_settings_and_assumptions_are_named_in_words(run: Run) -> None:
    row = "reference,order_type,sentence_date,required_minutes,completed_minutes,six_month_review_done"
    Path("one.csv").write_text(f"{row}\nA,community_order,2025-07-01,6000,2900,\n", "utf-8")
    stored = ("--on", "2026-01-15", "--format", "json", "--output", "one.json")

    def why(*options: str) -> str:
        run(*CHECK, "one.csv", *stored)
        asked = ("compare", "unpaid-work", "one.json", "one.csv", "--on-after", "2026-01-15")
        return run(*asked, "--format", "html", *options).stdout

    assert "the setting pace_slack changed from not set to 10 %" in why("--set", "pace_slack=10")
    assumed = why("--assume", "six_month_review_done=true")
    assert "the assumption about six-month review done changed from not assumed to yes" in assumed


def test_last_week_may_be_a_workbook(run: Run) -> None:
    rows = made_up_export.rows(9)
    made_up_export.write_xlsx(Path("monday.xlsx"), rows)
    made_up_export.write_csv(Path("monday.csv"), rows)
    run("map", "unpaid-work", "monday.xlsx", "--output", "agreed.toml")
    text = Path("agreed.toml").read_text("utf-8").replace('unit = "?"', 'unit = "hour"')
    Path("agreed.toml").write_text(text.replace('fact = "?"', 'fact = "extended"'), "utf-8")
    asked = ("--map", "agreed.toml", "--on", "2026-11-23", "--since", "monday.xlsx")
    found = run(*CHECK, "monday.xlsx", *asked, "--since-on", "2026-11-23", "--format", "json")
    assert json.loads(found.stdout)["since"]["counts"]["unchanged"] == 9


def test_two_rules_that_changed_are_two_reasons() -> None:
    order = pr.UnpaidWorkOrder(
        reference="A",
        order_type="community_order",
        sentence_date=date(2025, 7, 1),
        required_minutes=6000,
        completed_minutes=600,
        six_month_review_done=False,
    )
    content = content_of("unpaid-work")
    for rule, key in (("upw.review-6", "must"), ("upw.pace-6", "should")):
        content["rules"][rule][key] = f"not ({content['rules'][rule][key]})"
    book, on = shipped_with(content), date(2026, 1, 15)
    comparison = pr.compare(pr.rulebook(), book, data=[order], on=on)
    place = Place("orders.csv", on)
    changes = Changes(book.area("unpaid-work"), book, place, place, comparison)
    reasons = changes.reasons(comparison.changed[0])
    assert [[line.rule for line in one.lines] for one in reasons] == [
        ["upw.review-6"],
        ["upw.pace-6"],
    ]
    assert ["rule upw.pace-6 changed" in one.why for one in reasons] == [False, True]


def test_two_made_up_exports_a_week_apart_add_up(run: Run) -> None:
    first = made_up_export.rows(80)
    later = made_up_export.next_week(first)
    made_up_export.write_csv(Path("monday.csv"), first)
    made_up_export.write_csv(Path("next-monday.csv"), later)
    run("map", "unpaid-work", "monday.csv", "--output", "agreed.toml")
    text = Path("agreed.toml").read_text("utf-8").replace('unit = "?"', 'unit = "hour"')
    text = text.replace('form = "?"', 'form = "dd/mm/yyyy"')
    Path("agreed.toml").write_text(
        text.replace('fact = "?"', 'fact = "extension_identified"'), "utf-8"
    )
    asked = ("--map", "agreed.toml", "--on", "2026-11-30", "--by", "Team", "--format", "json")
    last = ("--since", "monday.csv", "--since-on", "2026-11-23")
    found = json.loads(run(*CHECK, "next-monday.csv", *asked, *last).stdout)["since"]
    both = {str(row[0]) for row in (*first, *later)}
    assert sum(found["counts"].values()) == len(both)
    assert sum(found["changes"].values()) == found["counts"]["changed"] > 0
    parts = [sum(group["counts"].values()) for group in found["groups"].values()]
    assert sum(parts) == len(both)
    named = {row[0]: row for row in first}, {row[0]: row for row in later}
    for one in found["changed"]:
        crn = one["reference"].split("/")[0]
        same = named[0][crn] == named[1][crn]
        kinds = {part["kind"] for some in one["cause"]["sets"] for part in some}
        assert kinds <= ({"day"} if same else {"day", "fact"})
