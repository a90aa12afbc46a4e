"""Answers made row by row -> tables of the same form as the statement gives."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]

from probation_rules.engines import ROW_OUTCOMES
from probation_rules.engines.sql.statement import worked_out
from probation_rules.language.english import unscaled
from probation_rules.language.tree import Type
from probation_rules.rulebook.model import Area
from probation_rules.tables.rows import Answer, outcome

TEXTS = pa.list_(pa.string())
FINDING = pa.schema(
    [
        ("row", pa.int64()), ("reference", pa.string()), ("rule", pa.string()),
        ("outcome", pa.string()), ("severity", pa.string()), ("basis", pa.string()),
        ("needs", TEXTS), ("message", pa.string()), ("remedy", pa.string()),
    ]
)  # fmt: skip
_TYPES = {"bool": pa.bool_(), "int": pa.int64(), "date": pa.date32(), "code": pa.string()}
Values = Callable[[object, date], Mapping[str, Any]]


def as_table(
    area: Area,
    found: Sequence[Answer],
    on: date,
    values: Values,
    facts: Collection[str] = (),
    kept: Mapping[str, str] | None = None,
) -> pa.Table:
    """Return the outcomes, one row a case.

    Args:
        area: The area.
        found: The answers.
        on: The day asked about.
        values: Returns all facts of a case.
        facts: The derived facts that get a column.
        kept: The names of the columns with kept cells, by header.
    """
    columns = {"reference": pa.array([one.row.reference for one in found], pa.string())}
    for header, name in (kept or {}).items():
        columns[name] = pa.array([one.row.kept[header] for one in found], pa.string())
    if area.stages:
        columns["stage"] = pa.array([one.stage for one in found], pa.string())
    words = pa.array(ROW_OUTCOMES)
    for rule in area.wordings:
        codes = [outcome(area, rule, one.codes)[0] for one in found]
        columns[rule] = pa.DictionaryArray.from_arrays(pa.array(codes, pa.uint8()), words)
    columns["reasons"] = pa.array([one.reasons for one in found], TEXTS)
    if facts:
        each = [{} if one.facts is None else values(one.facts, on) for one in found]
        kinds = worked_out(area)
        for name in facts:
            kind = kinds[name]
            shown = [_shown(kind, one.get(name)) for one in each]
            columns[name] = pa.array(shown, _type(kind))
    return pa.table(columns)


def _type(kind: Type) -> pa.DataType:
    return pa.decimal128(18, kind.places) if kind.places else _TYPES[kind.kind]


def _shown(kind: Type, value: Any) -> Any:
    return unscaled(value, kind.places) if kind.places and value is not None else value
