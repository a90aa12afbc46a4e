"""Local rulebooks: the changes that a region may make to the shipped rules."""

from __future__ import annotations

import copy
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import probation_rules as pr
from probation_rules.rulebook import shipped
from probation_rules.rulebook.read import parse_toml

BOOK = """
area = "unpaid-work"

[local]
region = "Example region"
title = "Example unpaid work standards"
version = "1"
effective_from = 2026-01-01
approved_by = "Example head of operations"

[sources.example]
title = "Example unpaid work standards"
publisher = "Example region"

[parameters.pace_slack]
basis = "local"
values = [{ from = 2026-01-01, value = 10, cites = [{ source = "example", checked = 2026-11-21 }] }]

[parameters.least_rate]
type = "int"
unit = "minute / week"
about = "Minutes a week that the region asks for."
basis = "local"
values = [{ from = 2026-01-01, value = 420, cites = [{ source = "example", checked = 2026-11-21 }] }]

[rules."upw.example-rate"]
title = "The minutes a week needed are within what the region can offer"
basis = "local"
in_force = { from = 2026-01-01 }
applies = "some_outstanding and not past_last_day"
should = "minutes_a_week_needed <= least_rate"
not_met = "{minutes_a_week_needed} needed; the region offers {least_rate}"
remedy = "Offer more sessions."
replaces = "upw.pace-6"
cites = [{ source = "example", checked = 2026-11-21 }]
"""
ORDER = pr.UnpaidWorkOrder(
    reference="EX-1",
    order_type="community_order",
    sentence_date=date(2025, 8, 31),
    required_minutes=6000,
    completed_minutes=2600,
    extended=False,
)


@pytest.fixture
def book(tmp_path: Path) -> pr.Rulebook:
    path = tmp_path / "example.toml"
    path.write_text(BOOK)
    return pr.rulebook().extended_with(path)


def problems(**changes: Any) -> list[str]:
    content: dict[str, Any] = copy.deepcopy(parse_toml(BOOK, "example.toml"))
    for path, found in changes.items():
        *outer, last = path.split("__")
        inner = content
        for key in outer:
            inner = inner.setdefault(key, {})
        inner[last] = found
    with pytest.raises(pr.RulebookError) as refused:
        shipped().extended_by(content, "example.toml")
    return [str(one) for one in refused.value.problems]


def test_a_local_rule_is_checked_and_marked_in_the_report(book: pr.Rulebook) -> None:
    report = pr.check(ORDER, on=date(2026, 3, 31), rulebook=book)

    assert report.outcome("upw.example-rate") == "met"
    assert report.to_dict()["rulebook"]["replaced"] == {"upw.pace-6": "upw.example-rate"}
    assert report.to_dict()["rulebook"]["local"][0]["region"] == "Example region"
    text = str(report)
    assert "local rulebook: Example region: Example unpaid work standards, version 1" in text
    assert "local rule: upw.example-rate replaces upw.pace-6" in text


def test_a_replaced_rule_does_not_apply_and_an_assumption_has_the_region_s_value(
    book: pr.Rulebook,
) -> None:
    day = date(2026, 4, 20)
    report = pr.check(ORDER, on=day, rulebook=book)

    assert report.outcome("upw.pace-6") == "not_applicable"
    # 2,600 of 6,000 is 43 %. 64 % of the twelve months have passed: more than 10 points behind.
    assert report.facts["on_pace"] is False
    nearer = pr.UnpaidWorkOrder(
        sentence_date=ORDER.sentence_date, required_minutes=6000, completed_minutes=3300
    )
    assert pr.check(nearer, on=day, rulebook=book).facts["on_pace"] is True
    assert pr.check(nearer, on=day).facts["on_pace"] is False


def test_a_local_book_changes_the_digest_but_not_the_shipped_book(
    book: pr.Rulebook,
) -> None:
    assert book.digest != shipped().digest
    assert not shipped().local
    assert "upw.pace-6" in shipped().rules


def test_a_local_book_gives_only_the_values_of_an_open_parameter() -> None:
    content = parse_toml(BOOK, "example.toml")
    day = {"from": date(2026, 1, 1), "value": date(2026, 6, 1), "cites": [CITE]}
    content["parameters"] = {"earned_reduction_from": {"values": [day]}}
    content["rules"] = {}
    book = shipped().extended_by(content, "example.toml")

    rule = "upw.reduction-recorded"
    assert pr.check(ORDER, on=date(2026, 5, 31), rulebook=book).outcome(rule) == "not_applicable"
    assert pr.check(ORDER, on=date(2026, 6, 1), rulebook=book).outcome(rule) == "cannot_tell"


CITE = {"source": "example", "checked": date(2026, 11, 21)}
RULE = parse_toml(BOOK, "example.toml")["rules"]["upw.example-rate"]
FIGURE = {"values": [{"from": date(2026, 1, 1), "value": 40, "cites": [CITE]}]}


DUE = {"label": "a day", "rule": "upw.example-rate", "while": "some_outstanding"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"area": "upw"}, "`upw` is not an area"),
        ({"area": "unpaid-wrok"}, "did you mean `unpaid-work`?"),
        ({"local": {}}, "`region` is missing"),
        ({"parameters": 3}, "this has the wrong structure"),
        ({"parameters__pace_slack": 3}, "this has the wrong structure"),
        ({"parameters__ete_share": FIGURE}, "comes from a national-policy source"),
        ({"parameters__work_period": FIGURE}, "comes from a statute source"),
        (
            {"sources__house": {"title": "A", "publisher": "B"}},
            "the rulebook already uses this name",
        ),
        (
            {"derived__covered": {"is": "extended", "about": "A."}},
            "the rulebook already uses this name",
        ),
        ({"rules__upw.pace-9": RULE}, "the rulebook already has this rule"),
        ({"rules__upw.example-rate__replaces": "upw.pcae-6"}, "did you mean `upw.pace-6`?"),
        (
            {"rules__upw.example-rate__in_force": {"from": date(2025, 12, 31)}},
            "on days outside `effective_from` and `effective_to`",
        ),
        (
            {"local__effective_to": date(2026, 12, 31)},
            "on days outside `effective_from` and `effective_to`",
        ),
        ({"rules__upw.example-rate__should": "least_rat > 1"}, "did you mean `least_rate`?"),
        ({"due": 3}, "this has the wrong structure"),
        (
            {"due__review_6_on": DUE},
            "the rulebook already has this due day; use another derived fact",
        ),
        (
            {"due__twelve_month_last_day": {**DUE, "rule": "upw.review-6"}},
            "a local book can add due days only for its own rules",
        ),
        ({"due__twelve_month_lst_day": DUE}, "did you mean `twelve_month_last_day`?"),
    ],
)
def test_a_change_that_a_local_book_may_not_make_is_refused(
    changes: dict[str, Any], message: str
) -> None:
    assert any(message in one for one in problems(**changes))


def test_a_local_book_must_name_its_region() -> None:
    content = parse_toml(BOOK, "example.toml")
    del content["local"]
    with pytest.raises(pr.RulebookError, match="give the region and the first day of this book"):
        shipped().extended_by(content, "example.toml")


def test_a_local_rule_may_end_with_its_book() -> None:
    content = parse_toml(BOOK, "example.toml")
    content["local"]["effective_to"] = date(2026, 12, 31)
    content["rules"]["upw.example-rate"] = [
        {**RULE, "in_force": {"from": date(2026, 1, 1), "to": date(2026, 12, 31)}}
    ]
    book = shipped().extended_by(content, "example.toml")

    assert book.rules["upw.example-rate"].to == date(2026, 12, 31)


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "example.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(pr.RulebookError, match=r"cannot be read as text @ example\.toml"):
        pr.rulebook().extended_with(path)


def test_a_local_book_may_replace_rules_of_two_areas() -> None:
    content = parse_toml(BOOK, "example.toml")
    del content["parameters"]["pace_slack"]
    content["rules"]["upw.example-rate"]["replaces"] = "upw.ete-allowance"
    book = shipped().extended_by(content, "example.toml")

    assert book.rules["upw.example-rate"].replaces == "upw.ete-allowance"
    empty: dict[str, Any] = {
        "area": "pod",
        "local": content["local"],
        "sources": content["sources"],
    }
    rule = {
        **RULE,
        "applies": "officers >= 1",
        "should": "administrators >= 1",
        "not_met": "none",
        "replaces": "pod.1-ratio",
    }
    book = book.extended_by({**empty, "rules": {"pod.example": rule}}, "pods.toml")
    pod = pr.Pod(members=(pr.PodMember(grade="PO"),))
    report = pr.check(
        pod, on=date(2026, 3, 31), rulebook=book, settings={"ratio_measure": "headcount"}
    )
    assert report.outcome("pod.example") == "not_met"


def test_an_unused_addition_of_a_local_book_is_refused() -> None:
    spare = {**parse_toml(BOOK, "example.toml")["parameters"]["least_rate"]}
    assert any("`spare` is not used" in one for one in problems(parameters__spare=spare))


def test_a_local_book_may_add_a_remark() -> None:
    content = parse_toml(BOOK, "example.toml")
    content["remarks"] = {"upw.example": {"title": "A", "text": "asked elsewhere", "cites": [CITE]}}
    book = shipped().extended_by(content, "example.toml")

    assert "not asked here: upw.example: asked elsewhere" in str(
        pr.check(ORDER, on=date(2026, 3, 31), rulebook=book)
    )
