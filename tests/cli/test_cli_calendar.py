from __future__ import annotations

from pathlib import Path

import icalendar

from support.command_line import Orders, Run

ON = ("--on", "2026-01-15")


def test_the_coming_days_of_a_file_are_written(run: Run, orders: Orders) -> None:
    file = orders({"reference": "UPW-1"}, {"reference": "UPW-2", "extended": ""})
    result = run("calendar", "unpaid-work", file, *ON, "--output", "orders.ics")
    assert result.exit_code == 0
    assert result.stdout == ""
    assert result.stderr.splitlines() == [
        "note: last day for the work is not known (needs extended): UPW-2",
        "6 days from 15 Jan 2026",
        "written to orders.ics",
    ]
    data = Path("orders.ics").read_bytes()
    assert [str(e["summary"]) for e in icalendar.Calendar.from_ical(data).walk("VEVENT")] == [
        "UPW-1: six-month review point",
        "UPW-2: six-month review point",
        "UPW-1: nine-month review point",
        "UPW-2: nine-month review point",
        "UPW-1: last day of the twelve months (performance measure)",
        "UPW-2: last day of the twelve months (performance measure)",
    ]
    assert data.count(b"\r\n") == data.count(b"\n")


def test_what_may_be_due_is_written_with_words_and_noted(run: Run, orders: Orders) -> None:
    file = orders({"reference": "UPW-1", "six_month_review_done": ""})
    result = run("calendar", "unpaid-work", file, *ON, "--weeks", "16")
    untold = "whether it is still due is not known (needs six_month_review_done)"
    (event,) = icalendar.Calendar.from_ical(result.stdout).walk("VEVENT")
    assert untold in str(event["description"]).lower()
    assert result.stderr.splitlines() == [
        f"note: six-month review point is in the calendar, though {untold}: UPW-1",
        "1 day from 15 Jan 2026",
    ]


def test_weeks_and_assumptions_count(run: Run, orders: Orders) -> None:
    file = orders({"reference": "UPW-1", "extended": ""})
    result = run(
        "calendar", "unpaid-work", file, *ON, "--weeks", "42", "--assume", "extended=false"
    )
    assert result.stdout.count("BEGIN:VEVENT") == 3
    assert run("calendar", "unpaid-work", file, *ON, "--weeks", "16").stdout.count("SUMMARY") == 1
    none = run("calendar", "unpaid-work", file, *ON, "--weeks", "1")
    assert none.exit_code == 0
    assert "BEGIN:VEVENT" not in none.stdout
    assert "0 days from" in none.stderr


def test_bad_input_leaves_no_file(run: Run, orders: Orders) -> None:
    file = orders({"reference": "UPW-1", "sentence_date": "never"})
    strict = ("--strict", "--output", "orders.ics")
    result = run("calendar", "unpaid-work", file, *ON, *strict)
    assert result.exit_code == 2
    assert "sentence_date" in result.stderr
    assert not Path("orders.ics").exists()
    other = run("calendar", "pod", file, *ON)
    assert other.exit_code == 2
    assert "the rules of pod name no due days; those of unpaid-work do" in other.stderr
    assert run("calendar", "unpaid-work", file, *ON, "--output", file).exit_code == 2


def test_a_case_that_cannot_be_judged_is_noted_and_the_others_have_their_days(
    run: Run, orders: Orders
) -> None:
    file = orders({"reference": "UPW-1"}, {"reference": "UPW-2", "sentence_date": "never"})
    result = run("calendar", "unpaid-work", file, *ON)
    assert result.exit_code == 3
    assert "SUMMARY:UPW-1" in result.stdout
    assert "UPW-2" not in result.stdout
    why = "must be a date from 1990-01-01 to 2100-12-31, as YYYY-MM-DD @ sentence_date"
    assert f"note: row 3 is invalid: {why}\n" in result.stderr
