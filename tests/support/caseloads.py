"""Cases as tables, as a caller would hand them in."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import attrs
import pyarrow as pa  # type: ignore[import-untyped]

from probation_rules.rulebook.model import Area
from probation_rules.rulebook.validity import problems_of_records
from support.generate import free_words

ARROW = {
    "bool": pa.bool_(), "int": pa.int64(), "date": pa.date32(), "code": pa.string(),
    "decimal": pa.decimal128(9, 3),
}  # fmt: skip


def arrow(area: Area, cases: list[Any]) -> pa.Table:
    """Cases as one table; members and records as lists and records."""
    columns = {"reference": pa.array([f"case-{place}" for place in range(len(cases))])}
    for name, fact in area.input_facts.items():
        columns[name] = pa.array([getattr(case, name) for case in cases], ARROW[fact.kind])
    for name in (*area.records, *free_words(area)):
        columns[name] = pa.array([plain(getattr(case, name)) for case in cases])
    if area.members is not None:
        facts = area.members.facts
        record = pa.struct([(name, ARROW[fact.kind]) for name, fact in facts.items()])
        lists = [plain(getattr(case, area.members.name)) for case in cases]
        columns[area.members.name] = pa.array(lists, pa.list_(record))
    return pa.table(columns)


def plain(value: Any) -> Any:
    """A record or a list of records as dictionaries; anything else as it is."""
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, SimpleNamespace):
        return vars(value)
    return attrs.asdict(value) if attrs.has(type(value)) else value


def relations(area: Area, cases: list[Any]) -> dict[str, pa.Table]:
    """Cases as the tables that the statement of an area reads, numbered in `reference`."""
    names = [str(place) for place in range(len(cases))]
    columns = {"reference": pa.array(names)}
    for name, fact in area.input_facts.items():
        columns[name] = pa.array([getattr(case, name) for case in cases], ARROW[fact.kind])
    if area.by_code:
        facts = [area.facts_of(case) for case in cases]
        for name, fact in area.by_code.items():
            columns[name] = pa.array([getattr(one, name) for one in facts], ARROW[fact.kind])
        problems = [list(map(str, problems_of_records(area, case))) or None for case in cases]
        columns["problem"] = pa.array(problems, pa.list_(pa.string()))
    if area.members is None:
        return {"cases": pa.table(columns)}
    lists = [getattr(case, area.members.name) for case in cases]
    columns["members_known"] = pa.array([found is not None for found in lists])
    people = [(name, one) for name, found in zip(names, lists, strict=True) for one in found or ()]
    rows = {area.name: pa.array([name for name, _ in people], pa.string())}
    for name, fact in area.members.facts.items():
        rows[name] = pa.array([getattr(one, name) for _, one in people], ARROW[fact.kind])
    return {"cases": pa.table(columns), "members": pa.table(rows)}
