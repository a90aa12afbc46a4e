from __future__ import annotations

import json
from datetime import date
from importlib.resources import as_file, files
from random import Random
from typing import Any

import pytest

import probation_rules as pr
from probation_rules._replay import replay
from support.generate import case_of, fill, question_day
from support.rulebooks import content_of, shipped_with

DAY = date(2024, 3, 1)
ORDER = pr.UnpaidWorkOrder(
    reference="EX-1",
    order_type="community_order",
    sentence_date=date(2023, 6, 5),
    required_minutes=6000,
    completed_minutes=5400,
    six_month_review_done=False,
)
HARMLESS = "the rulebook has changed since: version "


def stored(*, case: Any = ORDER, on: date = DAY, **question: Any) -> Any:
    """Return a report in the form that is read from a file."""
    return json.loads(pr.check(case, on=on, **question).to_json())


def changed(**parameters: dict[str, Any]) -> Any:
    """Return the shipped book with some parameters of unpaid work changed."""
    content = content_of("unpaid-work")
    for name, keys in parameters.items():
        content["parameters"][name].update(keys)
    return shipped_with(content)


def test_a_replayed_report_is_identical() -> None:
    found = replay(stored())
    assert found.identical
    assert str(found) == "1 of 1 answers identical"


def test_answers_with_one_reference_are_counted_and_shown_separately() -> None:
    report = stored()
    (same,) = report["reports"]
    other = {**same, "stage": "complete"}
    report["reports"] = [same, other, other, {**other, "reference": None, "place": None}]

    found = replay(report)

    assert [label for label, _ in found.differences] == [
        "EX-1 (answer 2)",
        "EX-1 (answer 3)",
        "answer 4",
    ]
    assert str(found).endswith("\n1 of 4 answers identical")


def test_texts_from_a_region_s_list_are_not_part_of_the_case() -> None:
    with as_file(files("probation_rules") / "demo" / "example-region.toml") as path:
        book = pr.rulebook().extended_with(path)
    decision = pr.ActivityDecision(
        reference="EX-2", status="red", activity="EX-VISIT", decided_on=DAY
    )
    report = stored(case=decision, rulebook=book)
    assert report["reports"][0]["notes"]["framework_list"]
    assert set(report["reports"][0]["case"]) == {"reference", "status", "activity", "decided_on"}
    assert replay(report, rulebook=book).identical


def test_settings_and_assumptions_are_those_of_the_report() -> None:
    settings = {"earned_reduction_from": date(2026, 9, 1)}
    report = stored(on=date(2026, 9, 2), settings=settings, assuming={"extended": False})
    assert report["reports"][0]["assumed"] == {"extended": False}
    assert "extended" not in report["reports"][0]["case"]
    assert replay(report).identical


@pytest.mark.parametrize("name", pr.rulebook().areas)
def test_a_case_of_any_area_is_read_back_unchanged(name: str) -> None:
    area, random, replayed = pr.rulebook().area(name), Random(20261121), 0
    while replayed < 5:
        case, on = case_of(random, area), question_day(random, area)
        if area.members is not None and (members := getattr(case, area.members.name)) is not None:
            made = tuple(area.spec.items(**vars(one)) for one in members)
            fill(case, area.members.name, made)
        try:
            report = stored(case=case, on=on)
            again = pr.case_from(name, report["reports"][0]["case"])
        except (pr.CaseError, TypeError, AttributeError):
            continue
        assert again == case
        assert replay(report).identical
        replayed += 1


def test_an_older_report_gives_the_digest_and_the_changes_since() -> None:
    (value,) = content_of("unpaid-work")["parameters"]["review_grace"]["values"]
    found = replay(stored(), rulebook=changed(review_grace={"values": [{**value, "value": 31}]}))
    assert not found.identical
    assert found.book[0].startswith(HARMLESS)
    assert dict(found.differences)["EX-1"][0] == "upw.review-6: review_grace 0 then, 31 now"
    late = replay(
        stored(on=date(2023, 12, 10)),
        rulebook=changed(review_grace={"values": [{**value, "value": 31}]}),
    )
    ((label, texts),) = late.differences
    assert label == "EX-1"
    (text,) = [one for one in texts if one.startswith("upw.review-6")]
    assert "not_met then, not_applicable now; review_grace 0 then, 31 now" in text
    assert str(late).splitlines()[-1] == "0 of 1 answers identical"


def test_changes_to_a_stored_report_are_found() -> None:
    report = stored()
    entry = report["reports"][0]
    entry["stage"] = None
    entry["facts"]["elapsed_days"] = None
    review = next(one for one in entry["findings"] if one["rule"] == "upw.review-6")
    review["message"] = "all is well"
    entry["findings"].append({**review, "rule": "upw.gone"})
    report["rules"]["upw.gone"] = report["rules"]["upw.review-6"]
    report["rules"]["upw.review-9"]["2022-06-01"]["title"] = "Something else"
    entry["findings"] = [one for one in entry["findings"] if one["rule"] != "upw.pace-9"]
    found = replay(report)
    assert found.book == ()
    texts = dict(found.differences)["EX-1"]
    assert texts[0] == "stage cannot tell then, third_quarter now"
    assert "upw.review-6: differs in message" in texts
    assert "upw.review-9: differs in title" in texts
    assert "elapsed_days: not known then, 271 now" in texts
    assert "upw.gone: not_met then, no such rule now" in texts
    assert any(one.startswith("upw.pace-9: no such rule then") for one in texts)


def test_a_case_that_is_no_longer_valid_is_listed() -> None:
    content = content_of("unpaid-work")
    content["facts"]["completed_minutes"]["max"] = 100
    book = shipped_with(content)
    report = stored()
    report["reports"][0]["reference"] = None
    (texts,) = replay(report, rulebook=book).differences
    assert texts[0] == "answer 1"
    assert texts[1][0].startswith("this case is no longer valid: ")


def test_a_local_rulebook_that_is_missing_is_named(tmp_path: Any) -> None:
    (tmp_path / "north.toml").write_text(LOCAL, encoding="utf-8")
    north = pr.rulebook().extended_with(tmp_path / "north.toml")
    report = stored(rulebook=north)
    assert replay(report, rulebook=north).identical
    _, missing = replay(report).book
    assert missing.endswith("a local rulebook that is not given: Grace, version 1")
    grown = north.with_settings({"pace_slack": 5})
    assert len(replay(report, rulebook=grown).book) == 1


LOCAL = """
area = "unpaid-work"

[local]
region = "North (made up)"
title = "Grace"
version = "1"
effective_from = 2021-01-01
approved_by = "Nobody (made up)"

[parameters.review_grace]
basis = "local"
values = [{ from = 2021-01-01, value = 5, cites = [{ source = "house", checked = 2026-11-21 }] }]
"""


def with_(**changes: Any) -> Any:
    return {**stored(), **changes}


def with_entry(**changes: Any) -> Any:
    report = stored()
    report["reports"][0].update(changes)
    return report


FINDING: dict[str, Any] = {
    "rule": "upw.pace-6", "wording": "2017-02-15", "outcome": "met", "severity": None, "needs": [],
    "message": "made up", "assumed": [], "changes": [],
}  # fmt: skip


@pytest.mark.parametrize(
    ("document", "paths"),
    [
        ([], ["$"]),
        (None, ["$"]),
        (3, ["$"]),
        ({}, [
            "$.on", "$.engine", "$.rulebook", "$.summary", "$.rules", "$.remarks", "$.notes",
            "$.assumed", "$.reports", "$.invalid", "$.by", "$.groups",
        ]),
        (with_(on="today"), ["$.on"]),
        (with_(on=7, engine=None), ["$.on", "$.engine"]),
        (with_(rulebook={"version": 1, "local": [7]}), [
            "$.rulebook.version", "$.rulebook.digest", "$.rulebook.local[0]",
            "$.rulebook.replaced", "$.rulebook.settings",
        ]),
        (with_(reports=1), ["$.reports"]),
        (with_(reports=["x"]), ["$.reports[0]"]),
        (with_entry(case=[], stage=1), ["$.reports[0].case", "$.reports[0].stage"]),
        (with_entry(findings=[{**FINDING, "outcome": "fine", "severity": 7, "needs": "many"}]), [
            "$.reports[0].findings[0].outcome", "$.reports[0].findings[0].severity",
            "$.reports[0].findings[0].needs",
        ]),
        (with_entry(findings=[FINDING, {**FINDING, "rule": "upw.gone"}, {**FINDING, "wording": "1999-01-01"}]), [
            "$.reports[0].findings[1]", "$.reports[0].findings[2]",
        ]),
        (with_(summary={"upw.pace-6": {"fine": 1}}), ["$.summary['upw.pace-6']['fine']"]),
        (with_entry(assumed={"extended": "perhaps"}), ["$.reports[0].assumed.extended"]),
    ],
)  # fmt: skip
def test_a_document_that_is_not_a_report_is_refused_with_each_place(
    document: Any, paths: list[str]
) -> None:
    with pytest.raises(pr.CaseError) as refused:
        replay(document)
    assert [problem.path for problem in refused.value.problems] == paths


def test_a_setting_that_is_not_allowed_is_refused_with_its_place() -> None:
    report = stored()
    report["rulebook"]["settings"] = {"review_grace": "many", "gone": 1}
    with pytest.raises(pr.CaseError, match=r"@ \$\.rulebook\.settings\.review_grace"):
        replay(report)


@pytest.mark.parametrize("error", [TypeError, AttributeError, KeyError, ValueError])
def test_an_internal_error_is_not_reported_as_a_bad_report(
    error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise error("ours")

    monkeypatch.setattr("probation_rules._replay.check", fail)
    with pytest.raises(error, match="ours"):
        replay(stored())
