from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

import probation_rules as pr
from probation_rules import report as reports
from probation_rules.engines.python import compile_area
from probation_rules.judge import Judge
from support.rulebooks import book_of
from support.toy import raw

ORDER = pr.UnpaidWorkOrder(
    reference="EX-1",
    order_type="community_order",
    sentence_date=date(2024, 1, 15),
    required_minutes=6000,
    completed_minutes=3000,
    extended=False,
    six_month_review_done=True,
)
ON = date(2025, 1, 20)


@pytest.fixture
def report() -> pr.Report:
    return pr.check(ORDER, on=ON)


def toy_report(on: date = date(2024, 6, 1), **facts: Any) -> pr.Report:
    book = book_of(raw())
    names = ["reference", "members", *(name for name in book.area("toy").facts if name != "on")]
    case = SimpleNamespace(**{**dict.fromkeys(names), **facts})
    return Judge(book, "toy", "python", compile_area)(case, on, None)


def test_a_breach_says_what_where_from_and_what_to_do(report: pr.Report) -> None:
    finding = report.finding("upw.complete-in-time")

    assert finding.severity == "breach"
    assert finding.message == "50 h outstanding after the last day"
    assert finding.remedy is not None
    assert finding.remedy.startswith("No more hours")
    assert finding.facts["extended_last_day"] == date(2025, 1, 14)
    assert "work_period" not in finding.facts
    assert finding.parameters["work_period"] == 12
    assert finding.basis == "statute"
    assert str(finding.citations[0]).startswith("Sentencing Act 2020, Schedule 9, paragraph 1")


def test_findings_are_sorted_into_breaches_advisories_and_unknown(report: pr.Report) -> None:
    assert [one.rule for one in report.breaches] == ["upw.complete-in-time"]
    assert report.advisories == ()
    assert {one.rule for one in report.unknown} == {
        "upw.ete-allowance",
        "upw.review-9",
        "upw.extension-identified",
        "upw.extension-presented",
        "upw.no-work-after-last-day",
    }
    assert len(report.findings) == 14


def test_an_advisory_is_no_breach() -> None:
    report = pr.check(ORDER, on=date(2024, 8, 15))

    assert [one.rule for one in report.advisories] == ["upw.pace-6"]
    assert report.advisories[0].severity == "advisory"


def test_what_cannot_be_told_says_what_it_needs(report: pr.Report) -> None:
    finding = report.finding("upw.review-9")

    assert finding.needs == ("nine_month_review_done",)
    assert finding.message == "needs nine_month_review_done"
    assert finding.remedy is None


def test_a_rule_that_is_not_there_is_a_key_error(report: pr.Report) -> None:
    with pytest.raises(KeyError) as error:
        report.outcome("upw.reveiw-6")
    assert isinstance(error.value, pr.UnknownRule)
    assert str(error.value).startswith(
        "unpaid-work has no rule `upw.reveiw-6`; did you mean `upw.review-6`"
    )
    with pytest.raises(pr.UnknownRule):
        report.finding("upw.nothing")


def test_the_text_names_the_stage_and_every_finding_that_applies(report: pr.Report) -> None:
    lines = str(report).splitlines()

    assert lines[:2] == ["Unpaid work: EX-1, on 20 Jan 2025", "  stage: backlog"]
    assert (
        "  requirement not met: upw.complete-in-time: 50 h outstanding after the last day" in lines
    )
    assert not any("upw.pace-6" in line for line in lines)


def test_the_text_says_what_the_stage_waits_for() -> None:
    text = str(pr.check(pr.UnpaidWorkOrder(), on=ON))

    assert text.splitlines()[0] == "Unpaid work: no reference, on 20 Jan 2025"
    assert "stage: cannot tell (needs required_minutes, completed_minutes, order_type" in text


def test_the_json_is_one_document_with_what_an_auditor_asks_for(report: pr.Report) -> None:
    document = json.loads(report.to_json())

    assert document["on"] == "2025-01-20"
    assert document["rulebook"]["digest"].startswith("sha256:")
    assert document["summary"]["upw.complete-in-time"] == {"not_met": 1}
    [entry] = document["reports"]
    assert (entry["reference"], entry["stage"]) == ("EX-1", "backlog")
    assert entry["facts"]["last_day"] == "2025-01-14"
    (finding,) = (one for one in entry["findings"] if one["outcome"] == "not_met")
    assert finding == {
        "rule": "upw.complete-in-time", "wording": "2017-02-15", "outcome": "not_met",
        "severity": "breach", "needs": [], "message": "50 h outstanding after the last day",
        "assumed": [], "changes": [],
    }  # fmt: skip
    rule = document["rules"][finding["rule"]][finding["wording"]]
    assert rule["remedy"].startswith("No more hours")
    assert (rule["severity"], rule["basis"]) == ("breach", "statute")
    assert rule["citations"][1]["at"] == "paras 1 to 3"
    assert rule["citations"][0]["checked"] == "2026-11-21"
    assert entry["facts"]["extended_last_day"] == "2025-01-14"
    assert "extended_last_day" in rule["facts"]
    assert entry["figures"]["work_period"] == 12
    assert "work_period" in rule["figures"]


def test_many_reports_make_one_document() -> None:
    found = [pr.check(ORDER, on=ON), pr.check(pr.UnpaidWorkOrder(), on=ON)]
    document = reports.document(found, ["2 were read"])

    assert len(document["reports"]) == 2
    assert document["notes"] == ["2 were read"]
    assert document["summary"]["upw.complete-in-time"] == {"not_met": 1, "cannot_tell": 1}
    assert "upw.complete-in-time" in document["summary"]


def test_exact_decimals_are_shown_as_they_were_given() -> None:
    shares = (Decimal("0.6"), 1)
    members = [SimpleNamespace(grade="worker", share=one, settled=True) for one in shares]
    report = toy_report(members=members, kind="light")

    assert report.facts["work_share"] == Decimal("1.6")
    assert report.outcome("toy.share") == "not_met"
    assert (
        report.finding("toy.share").message
        == "1.6 full-time equivalents against 1.0 full-time equivalent"
    )
    (entry,) = report.to_dict()["reports"]
    assert entry["facts"]["work_share"] == "1.6"


def test_an_exact_decimal_figure_is_shown_as_the_rules_file_has_it() -> None:
    report = toy_report()

    assert report.figures["slack"] == Decimal("0.5")
    assert report.finding("toy.share").parameters["slack"] == Decimal("0.5")
    assert report.to_dict()["reports"][0]["figures"]["slack"] == "0.5"


def test_a_document_has_each_rule_once_and_each_wording_that_was_used() -> None:
    first, second = date(2021, 12, 31), date(2022, 1, 1)
    reports_ = [toy_report(on=day, started_on=day, ended=False) for day in (first, second, first)]
    document = reports.document(reports_)

    wordings = document["rules"]["toy.reading"]
    assert [one["title"] for one in wordings.values()] == [
        "The first wording",
        "The second wording",
    ]
    assert [one["severity"] for one in wordings.values()] == ["breach", "advisory"]
    used = [
        wordings[finding["wording"]]["title"]
        for entry in document["reports"]
        for finding in entry["findings"]
        if finding["rule"] == "toy.reading"
    ]
    assert used == ["The first wording", "The second wording", "The first wording"]


def test_what_a_document_gives_may_be_changed_without_changing_the_next(report: pr.Report) -> None:
    document = report.to_dict()
    document["rules"]["upw.complete-in-time"].clear()
    document["reports"][0]["facts"].clear()
    document["reports"][0]["findings"][8]["needs"].append("x")

    assert report.to_dict() == json.loads(report.to_json())
    assert report.to_dict()["reports"][0]["facts"]


def test_of_two_wordings_the_one_in_force_counts() -> None:
    first, second = date(2021, 12, 31), date(2022, 1, 1)
    old = toy_report(on=first, started_on=first, ended=False).finding("toy.reading")
    new = toy_report(on=second, started_on=second, ended=False).finding("toy.reading")

    assert (old.title, old.outcome, old.severity) == ("The first wording", "not_met", "breach")
    assert (new.title, new.outcome, new.severity) == ("The second wording", "not_met", "advisory")


def test_a_rule_of_two_wordings_is_one_finding() -> None:
    report = toy_report()

    assert [one.rule for one in report.findings].count("toy.reading") == 1
    assert report.finding("toy.reading").needs == ("started_on",)


def test_an_open_reading_is_asked_for_only_where_the_readings_differ() -> None:
    started = date(2024, 1, 15)

    assert toy_report(date(2024, 3, 15), started_on=started).finding("toy.reading").needs == (
        "reading",
    )
    assert toy_report(date(2024, 3, 16), started_on=started).outcome("toy.reading") == "cannot_tell"


@pytest.mark.parametrize(
    ("started", "figure"), [(date(2022, 12, 31), 3), (date(2023, 1, 1), 5), (None, None)]
)
def test_a_figure_looked_up_on_another_day_is_shown_as_of_that_day(
    started: date | None, figure: int | None
) -> None:
    finding = toy_report(started_on=started, visits=4).finding("toy.visits")

    assert finding.parameters == {"most_visits": figure}


def test_a_figure_looked_up_before_its_first_day_is_needed() -> None:
    finding = toy_report(started_on=date(2020, 12, 31), visits=4).finding("toy.visits")

    assert finding.needs == ("most_visits",)
    assert finding.parameters == {"most_visits": None}


def test_an_area_without_stages_has_none_to_tell() -> None:
    content = raw()
    del content["stages"]
    book = book_of(content)
    names = ["reference", "members", *(name for name in book.area("toy").facts if name != "on")]
    case = SimpleNamespace(**dict.fromkeys(names))
    report = Judge(book, "toy", "python", compile_area)(case, ON, None)

    assert report.stage is None
    assert report.stage_needs == ()
    assert "stage" not in str(report)


def test_a_count_that_is_not_quite_known_is_said_by_its_ends() -> None:
    people = [pr.PodMember(grade="PO", nqo_completed=True), pr.PodMember(grade="PO")]
    people += [pr.PodMember(grade="PQiP")] * 3
    found = pr.check(pr.Pod(members=tuple(people)), on=date(2026, 11, 21)).finding("pod.8")

    assert found.message == "3 learners, but between 1 and 2 POs past the newly-qualified period"


def test_a_fact_that_is_not_known_at_all_is_said_to_be_so() -> None:
    report = pr.check(pr.Pod(case_administrator_enables_team=False), on=date(2026, 11, 21)).finding(
        "pod.4"
    )

    assert report.message == ("case administrators: not known; role that enables the team: no")


def test_a_member_of_another_class_is_given_with_its_facts() -> None:
    member = SimpleNamespace(grade="PO", fte=None, nqo_completed=True)
    pod = pr.Pod(manager_grade="SPO", members=(member,))  # type: ignore[arg-type]
    given = pr.check(pod, on=date(2026, 1, 15)).given
    assert given["members"] == [{"grade": "PO", "nqo_completed": True}]
