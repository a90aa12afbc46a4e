"""Two tables compared by SQL give what `compare` gives of the same cases one by one."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any, cast

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest

import probation_rules as pr
from probation_rules import compare_tables
from probation_rules.tables import table as tables
from support.caseloads import arrow
from support.generate import case_of, question_day, value_of
from support.rulebooks import content_of, shipped_with

DAY = date(2026, 5, 2)
LATER = date(2026, 5, 9)


def orders(random: Random, number: int, *, first: int = 0) -> list[dict[str, Any]]:
    """Made-up orders; some cannot be judged on the day."""
    return [
        {
            "reference": f"EX-{first + place:03}",
            "order_type": random.choice(("community_order", "suspended_sentence_order", None)),
            "sentence_date": date(2025, 6, 1) + timedelta(days=random.randint(0, 345)),
            "required_minutes": random.choice((3000, 6000, None)),
            "completed_minutes": random.choice((0, 2400, 3000, 6000)),
            "six_month_review_done": random.choice((True, False, None)),
        }
        for place in range(number)
    ]


def answered(rows: list[dict[str, Any]], on: date, **question: Any) -> pr.Table:
    return pr.check_table("unpaid-work", pa.Table.from_pylist(rows), on=on, **question)


def by_case(rows: list[dict[str, Any]], on: date) -> list[pr.Report]:
    found = []
    for row in rows:
        try:
            found.append(pr.check(pr.UnpaidWorkOrder(**row), on=on))
        except pr.CaseError:
            continue
    return found


@pytest.mark.parametrize("few", [0, 1000])
def test_counts_rules_and_cases_are_those_of_compare(
    few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "FEW_ROWS", few)
    random = Random(20261129)
    before = orders(random, 60)
    after = orders(random, 60, first=10)
    random.shuffle(after)

    found = compare_tables(answered(before, DAY), answered(after, LATER))

    judged = {one.reference for one in by_case(before, DAY)}
    also = {one.reference for one in by_case(after, LATER)}
    bad = {one["reference"] for one in before} - judged | {one["reference"] for one in after} - also
    one_by_one = pr.compare(
        [one for one in by_case(before, DAY) if one.reference not in bad],
        [one for one in by_case(after, LATER) if one.reference not in bad],
    )
    assert found.counts == {**one_by_one.counts, "invalid": len(bad)}
    assert sum(found.counts.values()) == 70
    expected = {one.reference: {rule.rule for rule in one.rules} for one in one_by_one.changed}
    listed = found.changed.to_pylist()
    assert {one["reference"]: set(one["rules"]) for one in listed} == expected
    pairs = [(one.rule, one.before, one.after) for case in one_by_one.changed for one in case.rules]
    counted = [(one["rule"], one["before"], one["after"]) for one in found.rules.to_pylist()]
    assert set(counted) == set(pairs)
    assert sum(one["cases"] for one in found.rules.to_pylist()) == len(pairs)
    stages = sum(one["cases"] for one in found.stages.to_pylist())
    assert stages == sum(one.stage_changed for one in one_by_one.changed)
    case = found.case(0)
    (same,) = [one for one in one_by_one.changed if one.reference == case.reference]
    assert str(case) == str(same)
    newly = [rule.after == "not_met" for one in (case,) for rule in one.rules]
    assert any(newly)


def test_the_same_rows_may_be_compared_without_references() -> None:
    rows = [{**one, "reference": None} for one in orders(Random(1), 30)]
    settings = {"pace_slack": 100}
    found = compare_tables(answered(rows, DAY), answered(rows, DAY, settings=settings), by_row=True)
    assert sum(found.counts.values()) == 30
    assert {one["rule"] for one in found.rules.to_pylist()} <= {
        "upw.pace-6", "upw.pace-9", "upw.extension-identified",
    }  # fmt: skip
    assert "the setting pace_slack changed from not set to 100" in str(found.case(0).cause)
    with pytest.raises(pr.InputError, match="different numbers of rows"):
        compare_tables(answered(rows, DAY), answered(rows[1:], DAY), by_row=True)


def test_references_that_are_missing_or_repeat_are_listed_by_place() -> None:
    rows = orders(Random(1), 3)
    bad = [rows[0], {**rows[1], "reference": None}, {**rows[2], "reference": rows[0]["reference"]}]
    with pytest.raises(pr.CaseError) as error:
        compare_tables(answered(rows, DAY), answered(bad, DAY))
    assert str(error.value).splitlines() == [
        "another case has the same reference; each needs its own @ after: row 1",
        "this case has no reference; cases are matched by it @ after: row 2",
        "another case has the same reference; each needs its own @ after: row 3",
    ]


def test_an_area_without_stages_has_no_changes_of_stage() -> None:
    teams = pa.table({"reference": ["A"], "manager_grade": ["PO"]})
    others = pa.table({"reference": ["A"], "manager_grade": ["SPO"]})
    on = date(2026, 9, 1)
    before, after = (pr.check_table("pod", one, on=on) for one in (teams, others))
    found = compare_tables(before, after)
    assert found.stages.num_rows == 0
    assert found.counts["changed"] == 1
    with pytest.raises(pr.InputError, match="these are about unpaid-work and pod"):
        compare_tables(answered(orders(Random(1), 1), DAY), after)


# --- Outcomes that two tables share -------------------------------------------------------------


def opposite(name: str) -> pr.Rulebook:
    """The shipped rulebook with the opposite condition in one rule of an area."""
    content = content_of(name)
    rule = next(one for one in content["rules"].values() if isinstance(one, dict))
    key = "must" if "must" in rule else "should"
    rule[key] = f"not ({rule[key]})"
    return shipped_with(content)


SHARING = [one for one, area in pr.rulebook().areas.items() if not (area.members or area.by_code)]


@pytest.mark.parametrize("name", SHARING)
def test_shared_outcomes_are_those_that_would_be_computed(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "FEW_ROWS", 0)
    random, area = Random(20261129), pr.rulebook().area(name)
    on = question_day(random, area)
    cases = arrow(area, [case_of(random, area, on=on) for _ in range(40)])
    open_ = [one for one in area.parameters.values() if one.may_be_set]
    settings = {one.name: value_of(random, one.as_fact) for one in open_[:1]}
    before = pr.check_table(name, cases, on=on)
    for book, day in (
        (pr.rulebook().with_settings(settings), on),
        (pr.rulebook(), min(on + timedelta(days=200), cast("date", area.facts["on"].max))),
        (opposite(name), on),
    ):
        shared, alone = (pr.check_table(name, cases, on=day, rulebook=book) for _ in range(2))
        shared.share(before)
        assert shared.outcomes.equals(alone.outcomes)
        found = compare_tables(before, shared, by_row=True)
        assert found.counts == compare_tables(before, alone, by_row=True).counts
        assert found.changed.num_rows == found.counts["changed"]
        assert found.rules.column_names == ["rule", "before", "after", "cases"]
        assert found.outcomes.num_rows >= found.changed.num_rows


def test_cases_with_members_share_no_outcome(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "FEW_ROWS", 0)
    random, area = Random(20261129), pr.rulebook().area("pod")
    cases = arrow(area, [case_of(random, area, on=date(2026, 9, 1)) for _ in range(8)])
    before, shared, alone = (
        pr.check_table("pod", cases, on=on)
        for on in (date(2026, 9, 1), date(2026, 9, 8), date(2026, 9, 8))
    )
    shared.share(before)
    assert shared.outcomes.equals(alone.outcomes)


def test_a_file_that_changes_while_it_is_read_twice_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "FEW_ROWS", 0)
    file = tmp_path / "orders.parquet"
    rows = orders(Random(1), 6)
    pq.write_table(pa.Table.from_pylist(rows), file)
    before = pr.check_table("unpaid-work", file, on=DAY)
    assert before.outcomes.num_rows == 6
    pq.write_table(pa.Table.from_pylist(rows[1:]), file)
    after = pr.check_table("unpaid-work", file, on=DAY, settings={"pace_slack": 1})
    after.share(before)
    with pytest.raises(pr.CaseError, match="the rows of this file changed while they were read"):
        after.outcomes  # noqa: B018
