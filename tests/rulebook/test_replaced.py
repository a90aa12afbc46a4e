"""A local rule replaces a shipped rule only while the local rule is in force."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import duckdb
import pytest

import probation_rules as pr
from probation_rules.diary import is_due
from probation_rules.report import document
from probation_rules.rulebook import shipped
from prove import Verdict, prove

ENGINES = ("python", "reference", "durable")
SHIPPED_RULE = "upw.complete-in-time"
CITES = [{"source": "note", "checked": date(2026, 11, 21)}]
LOCAL = {
    "region": "North (made up)",
    "title": "Made-up rules",
    "version": "1",
    "effective_from": date(2017, 2, 15),
    "approved_by": "Nobody (made up)",
}
RULE = {
    "title": "No more was worked than ordered",
    "basis": "local",
    "must": "completed_minutes <= required_minutes",
    "not_met": "more minutes than ordered",
    "remedy": "Look again.",
    "cites": CITES,
}
ORDER: dict[str, Any] = {
    "order_type": "community_order",
    "sentence_date": date(2024, 1, 10),
    "required_minutes": 6000,
    "completed_minutes": 60,
    "extended": False,
}
ONE = {"from": date(2026, 1, 1), "to": date(2026, 1, 31)}
TWO = {"from": date(2026, 2, 1), "to": date(2026, 2, 28)}
BEFORE, FIRST, LAST, AFTER = (
    date(2025, 12, 31),
    date(2026, 1, 1),
    date(2026, 1, 31),
    date(2026, 2, 1),
)


def local(
    periods: dict[str, dict[str, Any]], *, replaces: str = SHIPPED_RULE, **others: Any
) -> dict[str, Any]:
    rules = {
        f"upw.{name}": {**RULE, "in_force": period, "replaces": replaces}
        for name, period in periods.items()
    }
    sources = {"note": {"title": "A made-up note", "publisher": "Nobody"}}
    content = {"area": "unpaid-work", "local": LOCAL, "sources": sources, "rules": rules, **others}
    return copy.deepcopy(content)


def book_of(periods: dict[str, dict[str, Any]], **others: Any) -> pr.Rulebook:
    return shipped().extended_by(local(periods, **others), "north.toml")


def refused(content: dict[str, Any], book: pr.Rulebook | None = None) -> str:
    with pytest.raises(pr.RulebookError) as error:
        (book or shipped()).extended_by(content, "north.toml")
    return str(error.value)


def outcomes(book: pr.Rulebook, on: date, *rules: str, **changes: Any) -> Iterator[dict[str, str]]:
    """Return the outcomes of each engine in turn, with SQL last."""
    case = {**ORDER, **changes}
    for engine in ENGINES:
        report = pr.check(pr.UnpaidWorkOrder(**case), on=on, engine=engine, rulebook=book)
        yield {rule: report.outcome(rule).value for rule in rules}
    connection = duckdb.connect()
    columns = ", ".join(
        "NULL" + f"::{kind} AS {name}"
        if case.get(name) is None
        else f"'{case[name]}'::{kind} AS {name}"
        for name, kind in (
            (name, {"bool": "BOOLEAN", "int": "BIGINT", "date": "DATE"}.get(fact.kind, "VARCHAR"))
            for name, fact in book.area("unpaid-work").input_facts.items()
        )
    )
    connection.execute(f"CREATE TABLE cases AS SELECT {columns}, 'EX-1' AS reference")
    statement = pr.sql("unpaid-work", on=on, dialect="duckdb", rulebook=book)
    (row,) = connection.sql(statement).to_arrow_table().to_pylist()
    yield {rule: row[rule.replace(".", "_").replace("-", "_")] for rule in rules}


@pytest.mark.parametrize(
    ("on", "replaced"),
    [
        (date(2025, 6, 1), False), (BEFORE, False), (FIRST, True),
        (LAST, True), (AFTER, False), (date(2026, 3, 1), False),
    ],
)  # fmt: skip
def test_a_replaced_rule_applies_on_days_without_the_replacement(
    on: date, *, replaced: bool
) -> None:
    expected = {
        SHIPPED_RULE: "not_applicable" if replaced else "not_met",
        "upw.north": "met" if replaced else "not_applicable",
    }
    book = book_of({"north": ONE})
    assert list(outcomes(book, on, *expected)) == [expected] * 4

    report = pr.check(pr.UnpaidWorkOrder(**ORDER), on=on, rulebook=book)
    named = {SHIPPED_RULE: "upw.north"} if replaced else {}
    assert report.replaced == named == report.to_dict()["rulebook"]["replaced"]
    assert book.on(on).replaced == named
    line = f"local rule: upw.north replaces {SHIPPED_RULE}"
    assert (line in str(report)) is replaced
    assert (line in report._repr_html_()) is replaced
    table = pr.check_table(
        "unpaid-work", duckdb.sql("SELECT 'a' AS reference"), on=on, rulebook=book
    )
    assert (line in table._repr_html_()) is replaced


def test_two_replacements_follow_each_other() -> None:
    book = book_of({"one": ONE, "two": TWO})
    later = book_of({"one": ONE}).extended_by(local({"two": TWO}, sources={}), "later.toml")
    rules = (SHIPPED_RULE, "upw.one", "upw.two")
    expected = {
        BEFORE: ("not_met", "not_applicable", "not_applicable"),
        LAST: ("not_applicable", "met", "not_applicable"),
        AFTER: ("not_applicable", "not_applicable", "met"),
        date(2026, 2, 28): ("not_applicable", "not_applicable", "met"),
        date(2026, 3, 1): ("not_met", "not_applicable", "not_applicable"),
    }
    for day, answers in expected.items():
        for one in (book, later):
            assert [tuple(found.values()) for found in outcomes(one, day, *rules)] == [answers] * 4
    assert book.on(LAST).replaced == {SHIPPED_RULE: "upw.one"}
    assert book.on(AFTER).replaced == {SHIPPED_RULE: "upw.two"}
    assert book.replaced == {SHIPPED_RULE: "upw.two"}


def test_a_replacement_may_be_replaced_and_the_first_rule_stays_replaced() -> None:
    first = book_of({"one": ONE})
    day = date(2026, 1, 10)
    content = local({"two": {"from": day, "to": day}}, replaces="upw.one", sources={})
    book = first.extended_by(content, "later.toml")
    rules = (SHIPPED_RULE, "upw.one", "upw.two")

    assert next(outcomes(book, day, *rules)) == dict(
        zip(rules, ("not_applicable", "not_applicable", "met"), strict=True)
    )
    assert next(outcomes(book, LAST, *rules)) == dict(
        zip(rules, ("not_applicable", "met", "not_applicable"), strict=True)
    )
    assert book.on(day).replaced == {SHIPPED_RULE: "upw.one", "upw.one": "upw.two"}


def test_the_date_of_a_replacement_decides() -> None:
    """The original rule applies to orders with a review point outside the replacement's period."""
    book = book_of({"north": {**ONE, "by": "sentence_date"}}, replaces="upw.hours-range")
    on, rules = date(2026, 3, 1), ("upw.hours-range", "upw.north")
    for sentenced, expected in (
        (BEFORE, ("met", "not_applicable")),
        (FIRST, ("not_applicable", "met")),
        (LAST, ("not_applicable", "met")),
        (AFTER, ("met", "not_applicable")),
        (None, ("cannot_tell", "cannot_tell")),
    ):
        found = outcomes(book, on, *rules, sentence_date=sentenced)
        assert [tuple(one.values()) for one in found] == [expected] * 4, sentenced
    reports = [
        pr.check(pr.UnpaidWorkOrder(**{**ORDER, "sentence_date": day}), on=on, rulebook=book)
        for day in (BEFORE, FIRST, None)
    ]
    named = {"upw.hours-range": "upw.north"}
    assert [one.replaced for one in reports] == [{}, named, named]
    assert [one.finding("upw.hours-range").needs for one in reports][2] == ("sentence_date",)
    assert "sentence_date" in reports[0].finding("upw.hours-range").facts
    assert document(reports[:1])["rulebook"]["replaced"] == {}
    assert document(reports)["rulebook"]["replaced"] == named
    assert book.on(on).replaced == named  # for some cases, on every day


def test_two_replacements_of_one_rule_may_not_overlap() -> None:
    overlap = {"from": LAST, "to": date(2026, 2, 28)}
    text = refused(local({"one": ONE, "two": overlap}))
    assert f"`upw.one` already replaces `{SHIPPED_RULE}` on some of these days" in text
    assert 'rules."upw.two"' in text
    endless = book_of({"one": {"from": FIRST}})
    assert "already replaces" in refused(local({"two": TWO}, sources={}), endless)
    other = {**TWO, "by": "sentence_date"}
    text = refused(local({"one": ONE, "two": other}))
    assert f"all replacements of `{SHIPPED_RULE}` need the same date in `by`" in text
    assert "`upw.one` has `on`" in text


# --- The calendar ---------------------------------------------------------------------------------

DUE = {"label": "made-up review", "rule": "upw.north", "while": "some_outstanding"}


def due_on(book: pr.Rulebook, sentenced: date) -> list[str]:
    """Return the names of the due days of an order with a sentence date of today, by fact."""
    order = pr.UnpaidWorkOrder(**{**ORDER, "reference": "EX-1", "sentence_date": sentenced})
    report = pr.check(order, on=sentenced, rulebook=book)
    points = {report.facts["review_6_on"]}
    return [one.label for one in pr.due_dates([report]).dates if one.on in points]


def test_a_replaced_rule_has_due_days_only_on_days_without_the_replacement() -> None:
    periods = {"north": ONE}
    without = book_of(periods, replaces="upw.review-6")
    anew = book_of(periods, replaces="upw.review-6", due={"review_6_on": DUE})
    # The six-month point is checked on the day itself.
    for sentenced, day in (
        (date(2025, 7, 1), BEFORE),
        (date(2025, 8, 1), LAST),
        (date(2025, 9, 1), date(2026, 2, 28)),
    ):
        report = pr.check(
            pr.UnpaidWorkOrder(**{**ORDER, "sentence_date": sentenced}), on=sentenced, rulebook=anew
        )
        replaced = FIRST <= report.facts["review_6_on"] <= LAST
        assert due_on(without, sentenced) == ([] if replaced else ["six-month review point"]), day
        says = "made-up review" if replaced else "six-month review point"
        assert due_on(anew, sentenced) == [says], day
    assert len({shipped().digest, without.digest, anew.digest}) == 3


def test_a_due_day_of_two_possible_rules_is_shown_once() -> None:
    """An unknown date decides which of the two rules the day belongs to."""
    period = {**ONE, "by": "operational_period_end"}
    book = book_of({"north": period}, replaces="upw.review-6", due={"review_6_on": DUE})
    order = pr.UnpaidWorkOrder(
        reference="EX-1",
        order_type="suspended_sentence_order",
        sentence_date=date(2025, 8, 1),
        required_minutes=6000,
        completed_minutes=60,
        six_month_review_done=False,
    )
    report = pr.check(order, on=date(2025, 8, 1), rulebook=book)
    assert is_due(report, "review_6_on") == (None, ("operational_period_end",))
    (shown,) = [one for one in pr.due_dates([report]).dates if one.kind.endswith("review_6_on")]
    assert shown.needs == ("operational_period_end",)


def test_a_due_day_may_be_given_again_only_with_its_rule() -> None:
    first = book_of({"north": ONE}, replaces="upw.review-6", due={"review_6_on": DUE})
    again = {"review_6_on": [{**DUE, "rule": "upw.two"}]}
    content = local({"two": TWO}, replaces="upw.review-6", due=again, sources={})
    book = first.extended_by(content, "later.toml")
    assert [one.rule for one in book.area("unpaid-work").due["review_6_on"]] == [
        "upw.review-6", "upw.north", "upw.two",
    ]  # fmt: skip
    content = local({"two": TWO}, replaces="upw.review-9", due=again, sources={})
    assert "the rulebook already has this due day; use another derived fact" in refused(
        content, first
    )


# --- Other uses of the ids of rules ------------------------------------------------------------------------


def test_the_explanation_of_a_rule_names_its_replacement() -> None:
    book = book_of({"one": ONE, "two": TWO})
    both = pr.explain(SHIPPED_RULE, rulebook=book)
    assert both.replaced_by == {
        "upw.one": "from 1 Jan 2026 to 31 Jan 2026, by the day asked about",
        "upw.two": "from 1 Feb 2026 to 28 Feb 2026, by the day asked about",
    }
    text = "Replaced by upw.one from 1 Jan 2026 to 31 Jan 2026, by the day asked about."
    assert text in str(both)
    assert list(pr.explain(SHIPPED_RULE, on=AFTER, rulebook=book).replaced_by) == ["upw.two"]
    assert pr.explain(SHIPPED_RULE, on=BEFORE, rulebook=book).replaced_by == {}
    one = pr.explain("upw.one", rulebook=book)
    assert one.replaces == SHIPPED_RULE
    assert f"Replaces {SHIPPED_RULE} while it is in force." in str(one)


def test_every_engine_agrees_on_every_day_of_a_quarter() -> None:
    book = book_of({"one": ONE, "two": TWO})
    day = date(2025, 12, 30)
    while day < date(2026, 3, 3):
        found = list(outcomes(book, day, SHIPPED_RULE, "upw.one", "upw.two"))
        assert found == [found[0]] * 4, day
        assert sum(one != "not_applicable" for one in found[0].values()) == 1, day
        day += timedelta(days=7)


def test_a_rule_replaced_on_all_its_days_does_not_need_a_met_case() -> None:
    book = shipped().extended_by(
        {
            "area": "capacity",
            "local": {**LOCAL, "effective_from": date(2017, 1, 1)},
            "sources": {"note": {"title": "A made-up note", "publisher": "Nobody"}},
            "rules": {},
        },
        "empty.toml",
    )
    area = book.area("capacity")
    rule = area.rules[0]
    content = {
        "area": "capacity",
        "local": {**LOCAL, "effective_from": rule.from_, "region": "East (made up)"},
        "rules": {
            "cap.north": {
                **RULE,
                "must": rule.must or rule.should,
                "in_force": {"from": rule.from_, "by": rule.by},
                "not_met": "not met",
                "replaces": rule.id,
            }
        },
    }
    replaced = book.extended_by(content, "east.toml").area("capacity")
    proofs = {one.claim.text: one.verdict for one in prove(replaced) if rule.id in one.claim.text}
    assert proofs[f"{rule.id} can be met, where it is not replaced"] is Verdict.HOLDS
    assert set(proofs.values()) == {Verdict.HOLDS}
