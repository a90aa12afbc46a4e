"""A slip in a rules file fails here, and a change of policy is a line of the reviewed table."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

import probation_rules as pr
import reviewed
from probation_rules.rulebook.book import Rulebook
from support.rulebooks import content_of, shipped_with

ROOT = Path(__file__).resolve().parents[2]
RULES_FILES = sorted((ROOT / "src").rglob("*.toml"))

Rule = dict[str, Any]
Rules = dict[str, Any]


def test_the_rules_files_are_as_reviewed() -> None:
    found = reviewed.differences(pr.rulebook())
    assert not found, found


# --- Each kind of slip is found ------------------------------------------------------------------


def must_to_should(rule: Rule) -> None:
    rule["should"] = rule.pop("must")


def basis(rule: Rule) -> None:
    rule["basis"] = "statute"


def title(rule: Rule) -> None:
    rule["title"] += " or not"


def message(rule: Rule) -> None:
    rule["not_met"] = "nobody considered it"


def remedy(rule: Rule) -> None:
    rule["remedy"] = "Nothing needs doing."


def cited_paragraph(rule: Rule) -> None:
    rule["cites"][0]["at"] = "principle 3"


def cited_source(rule: Rule) -> None:
    rule["cites"][1]["source"] = "pod-principles"


def citation_left_out(rule: Rule) -> None:
    rule["cites"].pop()


def first_day(rule: Rule) -> None:
    rule["in_force"]["from"] = date(2022, 3, 10)


def last_day(rule: Rule) -> None:
    rule["in_force"]["to"] = date(2030, 1, 1)


SLIPS: list[Callable[[Rule], None]] = [
    must_to_should,
    basis,
    title,
    message,
    remedy,
    cited_paragraph,
    cited_source,
    citation_left_out,
    first_day,
    last_day,
]


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_in_a_rule_is_one_line_for_another(slip: Callable[[Rule], None]) -> None:
    was, is_ = lines(changed("allocation", lambda rules: slip(rules["alloc.tier-change"])))
    assert was.startswith("-alloc.tier-change,")
    assert is_.startswith("+alloc.tier-change,")


def test_another_date_that_decides_is_one_line_for_another() -> None:
    def slip(rules: Rules) -> None:
        rules["app.sentence-plan"]["in_force"]["by"] = "sentence_date"

    was, is_ = lines(changed("appointments", slip))
    assert was.startswith('-app.sentence-plan,"from 2021-11-17, by supervision_start",should,')
    assert is_.startswith('+app.sentence-plan,"from 2021-11-17, by sentence_date",should,')


def test_a_rule_that_is_left_out_is_a_line_less() -> None:
    (line,) = lines(changed("appointments", lambda rules: rules.pop("app.reset-exempt")))
    assert line.startswith("-app.reset-exempt,")


def test_a_second_wording_is_a_line_more() -> None:
    def slip(rules: Rules) -> None:
        first = rules["alloc.within-pod"]
        second = copy.deepcopy(first)
        first["in_force"]["to"] = date(2030, 1, 1)
        second["in_force"]["from"] = date(2030, 1, 2)
        rules["alloc.within-pod"] = [first, second]

    assert [line.split(",should")[0] for line in lines(changed("allocation", slip))] == [
        "-alloc.within-pod,from 2022-03-09",
        "+alloc.within-pod,from 2022-03-09 to 2030-01-01",
        "+alloc.within-pod,from 2030-01-02",
    ]


def test_the_message_shows_both_lines_and_what_to_do() -> None:
    book = changed("allocation", lambda rules: remedy(rules["alloc.tier-change"]))
    was, is_ = lines(book)
    assert "Ask the SPO to consider reallocating the case." in was
    assert "Nothing needs doing." in is_
    stated = reviewed.differences(book)
    assert "restore the rules file" in stated
    assert "run `.venv/bin/python tests/reviewed.py`" in stated


def changed(area: str, slip: Callable[[Rules], Any]) -> Rulebook:
    content = content_of(area)
    slip(content["rules"])
    return shipped_with(content)


def lines(book: Rulebook) -> list[str]:
    return reviewed.differences(book).removeprefix(reviewed.WHAT_TO_DO).splitlines()[1:]


# --- The day of the last check --------------------------------------------------------------------


@pytest.mark.parametrize("path", RULES_FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_source_was_checked_in_the_future(path: Path) -> None:
    today = datetime.now(UTC).astimezone().date()
    assert late(tomllib.loads(path.read_text(encoding="utf-8")), today) == []


def test_a_day_in_the_future_is_found() -> None:
    today = date(2026, 3, 1)
    stated = {"rules": {"a": [{"cites": [{"checked": date(2026, 3, 2)}, {"checked": today}]}]}}
    assert late(stated, today) == [
        "rules.a.0.cites.0: checked on 2026-03-02, which is in the future"
    ]


def late(stated: object, today: date) -> list[str]:
    return [
        f"{path}: checked on {day}, which is in the future"
        for path, day in _checked(stated, ())
        if day > today
    ]


def _checked(stated: object, path: tuple[str, ...]) -> Iterator[tuple[str, date]]:
    if isinstance(stated, dict):
        if "checked" in stated:
            yield ".".join(path), stated["checked"]
        parts = list(stated.items())
    else:
        parts = list(enumerate(stated)) if isinstance(stated, list) else []
    for key, part in parts:
        yield from _checked(part, (*path, str(key)))
