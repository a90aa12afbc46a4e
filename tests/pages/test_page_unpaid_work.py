"""The page of unpaid work: orders by last day, and hours left against time left."""

from __future__ import annotations

import re

import pytest

from support.command_line import Orders, Run
from support.html_page import Element, parsed

ON = ("--on", "2026-01-15")  # the twelve-month limit is law
COLUMNS = ("orders", "no last day", "not known", "hours left", "a week", "hours not known")


def section(run: Run, file: str, *options: str) -> Element:
    result = run("check", "unpaid-work", file, *(options or ON), "--format", "html")
    return parsed(result.stdout).one("section", **{"aria-labelledby": "time"})


def bands(found: Element) -> dict[str, list[str]]:
    return {row[0]: row[1:] for row in found.one("table").rows()}


def drawing(found: Element, title: str) -> Element:
    return next(one for one in found.all("svg") if one.one("title").text.startswith(title))


def points(found: Element, kind: str) -> list[tuple[int, int]]:
    """Return the positions of the points in the drawing; the first path of a kind is its key."""
    path = drawing(found, "Points").all("path", class_=kind)[1].attributes["d"]
    return [(int(x), int(y)) for x, y in re.findall(r"M(\d+) (\d+)h\.1", path)]


@pytest.mark.parametrize(
    ("sentenced", "band"),
    [
        ("2025-01-15", "passed"),  # the last day was yesterday, 14 January
        ("2025-01-16", "15 Jan to 21 Jan"),  # it is today
        ("2025-01-22", "15 Jan to 21 Jan"),
        ("2025-01-23", "22 Jan to 28 Jan"),
        ("2025-04-09", "2 Apr to 8 Apr"),  # the last of the twelve weeks
        ("2025-04-10", "from 9 Apr 2026"),
        ("", "not known"),
    ],
)
def test_an_order_stands_in_the_week_of_its_last_day(
    run: Run, orders: Orders, sentenced: str, band: str
) -> None:
    found = section(run, orders({"sentence_date": sentenced}))
    table = bands(found)
    assert {name for name, (number, *_) in table.items() if number != "0"} == {band}
    assert table[band][0] == "1"
    labels = [one.text for one in drawing(found, "Bars").all("text")]
    assert (band in labels) == (band not in ("from 9 Apr 2026", "not known"))
    assert ("not known" in table) == (band == "not known")
    assert list(table)[:2] == ["passed", "15 Jan to 21 Jan"]
    assert len(table) == 14 + (band == "not known")


def test_hours_are_added_up_as_far_as_known(run: Run, orders: Orders) -> None:
    twelve_weeks = {"sentence_date": "2025-04-09"}  # 84 days with today
    file = orders(
        {**twelve_weeks, "completed_minutes": "960"},  # 84 h left: 7 h a week
        {**twelve_weeks, "completed_minutes": "5910", "extended": ""},  # 1 h 30 min left
        {**twelve_weeks, "completed_minutes": ""},
    )
    assert bands(section(run, file))["2 Apr to 8 Apr"] == ["3", "0", "1", "85h 30m", "7h 00m", "1"]


def test_after_the_last_day_no_hours_a_week_are_asked_for(run: Run, orders: Orders) -> None:
    file = orders({"sentence_date": "2025-01-10", "completed_minutes": "5400"})
    assert bands(section(run, file))["passed"] == ["1", "0", "0", "10h 00m", "0h 00m", "0"]


def test_what_is_finished_or_not_covered_is_left_out_and_counted(run: Run, orders: Orders) -> None:
    file = orders(
        {"completed_minutes": "6000"},
        {"order_type": "youth_rehabilitation_order"},
        {},
    )
    found = section(run, file)
    assert "Not shown: 2 orders with nothing outstanding or not covered by a source." in found.text
    assert sum(int(row[0]) for row in bands(found).values()) == 1
    found = section(run, orders({}, {"completed_minutes": "6000"}))
    assert "Not shown: 1 order with" in found.text


def test_an_order_without_a_last_day_is_placed_by_its_twelve_months_and_named_so(
    run: Run, orders: Orders
) -> None:
    twelve_weeks = {"sentence_date": "2026-02-13"}  # 84 days with today
    suspended = {"order_type": "suspended_sentence_order", "operational_period_end": "2027-02-12"}
    file = orders(
        {**twelve_weeks, "completed_minutes": "960"},  # 84 h left: 7 h a week
        {**twelve_weeks, **suspended, "completed_minutes": "960"},
        {**twelve_weeks, "order_type": ""},
        {"sentence_date": "2025-06-02"},
    )
    found = section(run, file, "--on", "2026-11-21")
    table = bands(found)
    assert table["6 Feb to 12 Feb"] == ["3", "1", "1", "218h 00m", "14h 00m", "0"]
    assert table["passed"] == ["1", "1", "0", "50h 00m", "0h 00m", "0"]
    bars = drawing(found, "Bars")
    assert [len(bars.all("rect", class_=kind)) - 1 for kind in ("known", "free", "twelve")] == [
        1,
        2,
        1,
    ]


def test_a_bar_is_as_long_as_its_orders_are_many(run: Run, orders: Orders) -> None:
    soon = {"sentence_date": "2025-01-20"}
    file = orders({**soon, "extended": ""}, soon, soon, {"sentence_date": "2025-02-20"})
    bars = drawing(section(run, file), "Bars")
    widths = {
        kind: [float(one.attributes["width"]) for one in bars.all("rect", class_=kind)[1:]]
        for kind in ("known", "twelve")
    }
    assert widths == {"known": [166.7, 83.3], "twelve": [83.3]}
    shown = [one.text for one in bars.all("text", class_="strong")]
    assert shown == ["0", "3", "0", "0", "0", "0", "1", "0", "0", "0", "0", "0", "0"]


def test_a_point_stands_at_its_days_and_hours(run: Run, orders: Orders) -> None:
    # 363 days left, so the drawing is 364 wide; 100 h outstanding at most, so 100 high.
    file = orders(
        {"sentence_date": "2026-01-14", "completed_minutes": "0"},
        {"sentence_date": "2026-01-14", "completed_minutes": "0"},  # the same point
        {"sentence_date": "2025-01-16", "completed_minutes": "3000"},  # today, with a breach
        {"sentence_date": "2025-01-15", "completed_minutes": "0"},  # passed: no time is left
        {"sentence_date": "", "completed_minutes": "0"},
        {"sentence_date": "2026-01-14", "completed_minutes": ""},
    )
    found = section(run, file)
    assert points(found, "round") == [(round(50 + 363 * 330 / 364), 30)]
    assert points(found, "square") == [(50, 180)]
    shown = drawing(found, "Points").one("desc").text
    assert shown.startswith("1 points for orders with a requirement not met and 1 for others.")
    labels = [one.text for one in drawing(found, "Points").all("text")]
    assert "364" in labels
    assert "100 h" in labels


def test_a_point_beyond_a_year_stands_at_the_right_end(run: Run, orders: Orders) -> None:
    file = orders({"extended": "true", "extended_to": "2028-01-01", "completed_minutes": "0"})
    found = section(run, file)
    assert points(found, "round") == [(380, 30)]


def test_without_orders_to_draw_the_drawings_are_empty(run: Run, orders: Orders) -> None:
    found = section(run, orders({"completed_minutes": "6000"}))
    assert points(found, "round") == points(found, "square") == []
    assert {row[0] for row in bands(found).values()} == {"0"}
