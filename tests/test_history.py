"""The history of the rules: each start, change and end, with its day and source."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import catalogue
import pytest

import probation_rules as pr
from probation_rules.history import Event, Happened, events, text
from probation_rules.rulebook.toml_schema import NEVER
from support.rulebooks import content_of, shipped_with

SHIPPED = pr.rulebook()
LAST = NEVER - timedelta(days=1)
EVERY = events(date.min, LAST)


def of(name: str, found: tuple[Event, ...] = EVERY) -> list[tuple[date, str]]:
    return [(one.on, one.happened.value) for one in found if one.name == name]


def changed(section: str, name: str, **keys: Any) -> tuple[Event, ...]:
    content = content_of("unpaid-work")
    entry = content[section][name]
    (entry[-1] if isinstance(entry, list) else entry).update(keys)
    return events(date.min, LAST, rulebook=shipped_with(content))


def test_each_wording_and_each_value_of_every_area_is_in_the_history() -> None:
    for area in SHIPPED.areas.values():
        for rule in area.rules:
            assert (rule.from_ in dict(of(rule.id))) == (rule.from_ != NEVER)
        for figure in area.parameters.values():
            assert {one.from_ for one in figure.values} <= dict(of(figure.name)).keys()
    assert all(one.sources for one in EVERY)
    assert [one.on for one in EVERY] == sorted(one.on for one in EVERY)


def test_a_new_wording_changes_a_rule_and_does_not_end_it() -> None:
    assert of("upw.pace-9") == [(date(2017, 2, 15), "begins"), (date(2026, 5, 11), "changes")]
    (event,) = [one for one in EVERY if one.name == "upw.pace-9" and one.on.year == 2026]
    assert event.before is not None
    # Both ask the same, so only what differs is shown.
    assert event.after is not None
    assert event.after.startswith("if not: ")
    assert event.before.startswith("if not: ")
    assert event.values == f"{event.after}; before: {event.before}"


def test_a_rule_ends_on_the_first_day_without_it() -> None:
    in_force = {"from": date(2022, 6, 1), "to": date(2026, 5, 10), "by": "review_6_on"}
    found = changed("rules", "upw.review-6", in_force=in_force)
    assert of("upw.review-6", found) == [
        (date(2022, 6, 1), "begins"),
        (date(2026, 5, 11), "ends"),
    ]
    (event,) = [one for one in found if one.name == "upw.review-6" and one.on.year == 2026]
    assert (event.after, event.by) == (None, "review_6_on")
    assert str(event).startswith("rule upw.review-6 ends, by review 6 on: ")
    assert "\n  was: must: met if " in str(event)


def test_a_figure_changes_and_ends() -> None:
    (old,) = content_of("unpaid-work")["parameters"]["review_grace"]["values"]
    new = {**old, "from": date(2026, 1, 1), "value": 5, "to": date(2026, 6, 30)}
    found = changed("parameters", "review_grace", values=[old, new])
    assert of("review_grace", found) == [
        (old["from"], "begins"),
        (date(2026, 1, 1), "changes"),
        (date(2026, 7, 1), "ends"),
    ]
    values = [one.values for one in found if one.name == "review_grace"]
    assert values == ["0 days", "5 days; before: 0 days", "was: 5 days"]


def test_a_figure_that_is_a_date_is_listed_on_that_date_too() -> None:
    named = [one for one in EVERY if one.happened is Happened.IS_THIS_DAY]
    assert named
    for one in named:
        figure = SHIPPED.area(one.area).parameters[one.name]
        assert one.on in [dated.value for dated in figure.values]


def test_both_days_count() -> None:
    day = date(2026, 5, 11)
    assert "upw.pace-9" in [one.name for one in events(day, day)]
    week = timedelta(days=1)
    assert not of("upw.pace-9", events(day - 5 * week, day - week))
    assert not of("upw.pace-9", events(day + week, day + 5 * week))
    assert {one.area for one in events(date.min, LAST, area="pod")} == {"pod"}
    assert text(()) == "nothing begins, changes or ends between these days"
    with pytest.raises(pr.InputError, match="the last day is before the first; swap them"):
        events(day, day - week)


def test_the_page_of_the_site_has_every_event() -> None:
    page = dict(catalogue.pages(SHIPPED, ()))["history.md"]
    rows = [line for line in page.splitlines() if line.startswith("| ") and "[`" in line]
    assert len(rows) == len(EVERY)
    for row, event in zip(rows, EVERY, strict=True):
        assert f"[`{event.name}`]" in row
        assert f" {event.happened}" in row
        assert all(catalogue.plain(one.source.title) in row for one in event.citations)
    years = [line[3:] for line in page.splitlines() if line.startswith("## ")]
    assert years == sorted({str(one.on.year) for one in EVERY})
