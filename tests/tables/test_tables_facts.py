"""Derived facts in the answers of a table: the same as `check` gives, by both ways."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

import probation_rules as pr
from probation_rules.engines.sql.statement import worked_out
from probation_rules.errors import CaseError
from probation_rules.tables import table as tables
from support.tabled import ON, arrow, both_ways, made

AREAS = list(pr.rulebook().areas)


@both_ways
@pytest.mark.parametrize("area", AREAS)
@pytest.mark.usefixtures("small")
def test_facts_stand_beside_the_outcomes_and_are_those_of_check(area: str) -> None:
    cases = made(area)

    found = pr.check_table(area, arrow(area, cases), on=ON, facts=True).outcomes

    names = list(worked_out(pr.rulebook().area(area)))
    assert found.column_names[-len(names) :] == names
    known = 0
    for case, row in zip(cases, found.to_pylist(), strict=True):
        try:
            facts = pr.check(case, on=ON).facts
        except CaseError:
            facts = dict.fromkeys(names)
        assert {name: row[name] for name in names} == {name: facts[name] for name in names}
        known += sum(facts[name] is not None for name in names)
    assert known > len(cases) // 2


@pytest.mark.parametrize("area", AREAS)
def test_both_ways_give_facts_of_the_same_types(area: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = arrow(area, made(area))
    by_row = pr.check_table(area, data, on=ON, facts=True)
    monkeypatch.setattr(tables, "FEW_ROWS", -1)
    by_sql = pr.check_table(area, data, on=ON, facts=True)

    assert by_sql.outcomes.equals(by_row.outcomes)
    assert by_sql.outcomes.schema == by_row.outcomes.schema


def test_facts_are_what_nobody_says() -> None:
    area = pr.rulebook().area("allocation")
    computed = [name for name in area.facts if name != "on" and name not in area.input_facts]

    found = pr.check_table(
        "allocation", arrow("allocation", made("allocation", 3)), on=ON, facts=True
    )

    after = found.outcomes.column_names
    assert after[after.index("reasons") + 1 :] == [*computed, *area.derived]
    assert "tier_scheme" in computed


def test_without_asking_there_are_no_facts() -> None:
    found = pr.check_table("unpaid-work", arrow("unpaid-work", made("unpaid-work", 3)), on=ON)

    assert found.outcomes.column_names[-1] == "reasons"


def test_facts_are_written_too(tmp_path: Any) -> None:
    data = arrow("unpaid-work", made("unpaid-work", 3))

    pr.check_table("unpaid-work", data, on=ON, facts=True).write(tmp_path / "out.csv")

    header = (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()[0]
    assert header.split(",")[-1] == [*pr.rulebook().area("unpaid-work").derived][-1]


@pytest.mark.parametrize("dialect", ["duckdb", "spark", "athena"])
def test_the_statement_gives_facts_where_it_is_asked_for_them(dialect: str) -> None:
    asked = pr.sql("capacity", on=date(2026, 3, 2), dialect=dialect, facts=True)
    plain = pr.sql("capacity", on=date(2026, 3, 2), dialect=dialect)

    for name in worked_out(pr.rulebook().area("capacity")):
        assert f"AS {'`' if dialect == 'spark' else chr(34)}{name}" in asked.partition("_judged")[2]
    assert len(asked) > len(plain)
