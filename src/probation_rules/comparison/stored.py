"""Answers as a table: those of `check_table`, and those that `Table.write` stored in a file."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
from attrs import evolve, frozen

from probation_rules import document
from probation_rules._check import check
from probation_rules.cases import date_from
from probation_rules.comparison.cases import Answered
from probation_rules.comparison.causes import Answers
from probation_rules.comparison.sides import Side, answered
from probation_rules.engines import INVALID_ROW, NOT_APPLICABLE, OUTCOMES, Outcome
from probation_rules.errors import InputError, Problem, not_found
from probation_rules.report import BETWEEN_REASONS, Report
from probation_rules.rulebook.book import Rulebook
from probation_rules.rulebook.model import Area
from probation_rules.tables.running import connection, readable
from probation_rules.tables.table import Table

# Of `Table.write`, and of `check --format csv`.
_COLUMNS = ("on", "reference", "stage", "reasons", "not_met", "needs", "assumed")
_QUERIES = {
    ".parquet": "SELECT * FROM read_parquet(?)",
    ".csv": "SELECT * FROM read_csv(?, all_varchar = true)",
}


@frozen(eq=False)
class StoredTable:
    """Answers that `Table.write` stored. They do not have the cases.

    Attributes:
        outcomes: One row a case, as in `Table.outcomes`.
        area: The area whose rules are columns of the file.
        kept: Further columns, by header.
        on: The day asked about, if the file has it.
    """

    outcomes: pa.Table
    area: Area
    kept: dict[str, str]
    on: date | None = None

    def places(self, rows: Collection[int]) -> dict[int, str]:
        """Return where rows are in their file, by number of row."""
        return {row: f"row {row}" for row in rows}


AnyTable = Table | StoredTable


def stored_table(path: str | Path, book: Rulebook) -> StoredTable | None:
    """Return the answers that a Parquet or CSV file has; ``None`` if it has other columns.

    Raises:
        CaseError: The file is missing or cannot be read.
    """
    path = Path(path)
    query = _QUERIES.get(path.suffix.lower())
    if query is None:
        return None
    if not os.path.isfile(path):  # noqa: PTH113 (`Path.is_file` raises if a name is too long)
        raise not_found(path.name)
    database = connection(None, None)
    with readable():
        table = database.sql(query, params=[str(path.absolute())]).to_arrow_table()
    names = table.column_names
    areas = [one for one in book.areas.values() if {*one.wordings} & {*names}]
    if not areas or not {"reference", "reasons"} <= {*names}:
        return None
    (area,) = areas
    others = {*_COLUMNS, *area.wordings, *area.facts, *area.derived}
    kept = {name: name for name in names if name not in others}
    days = {date_from(one) for one in table["on"].to_pylist()} if "on" in names else set()
    (on,) = days if len(days) == 1 else (None,)
    return StoredTable(_as_lists(table), area, kept, on if isinstance(on, date) else None)


def _as_lists(table: pa.Table) -> pa.Table:
    """Return a table whose reasons are lists, as those of a CSV file are not."""
    place = table.column_names.index("reasons")
    if pa.types.is_list(table.schema.field("reasons").type):
        return table
    lists = [text.split(BETWEEN_REASONS) if text else [] for text in table["reasons"].to_pylist()]
    return table.set_column(place, "reasons", pa.array(lists, pa.list_(pa.string())))


def reports_of(
    table: AnyTable, rows: Collection[int], labels: Mapping[int, str] | None = None
) -> dict[int, Report]:
    """Return reports on some rows, by number of row.

    Args:
        table: The answers.
        rows: The rows, counted from 1; none is invalid.
        labels: The references of cases that have none.

    Raises:
        InputError: The answers were stored without the cases.
    """
    if isinstance(table, StoredTable):
        text = "these stored answers do not have the cases; compare the files of cases"
        raise InputError([Problem(text, "compare")])
    names = labels or {}
    return {
        row: check(
            evolve(case, reference=case.reference or names.get(row)),
            on=table.on,
            rulebook=table.book,
            assuming=table.assumed,
        )
        for row, case in table.cases(rows).items()
    }


def side_of_table(name: str, table: AnyTable, days: int | None = None) -> Side:
    """Return a table of answers as one side of a comparison by case.

    Args:
        name: What messages call it.
        table: The answers.
        days: How many days ahead a due day is near.
    """
    rows = dict(enumerate(table.outcomes.to_pylist(), 1))
    bad = {number for number, row in rows.items() if row["reasons"]}
    places = table.places([*rows])
    kept = {
        number: {header: row[column] or "" for header, column in table.kept.items()}
        for number, row in rows.items()
    }
    cases: Iterator[tuple[int, Answered]]
    if isinstance(table, StoredTable):
        cases = (
            (number, evolve(_stored(table.area, row), kept=kept[number]))
            for number, row in rows.items()
            if number not in bad
        )
    else:
        reports = reports_of(table, [one for one in rows if one not in bad])
        cases = (
            (number, evolve(answered(report, days), kept=kept[number]))
            for number, report in reports.items()
        )
    found = dict(cases)
    invalid = [
        document.Invalid(
            places[number], rows[number]["reference"], tuple(rows[number]["reasons"]), kept[number]
        )
        for number in bad
    ]
    return Side(name, tuple(found.values()), tuple(places[one] for one in found), tuple(invalid))


def _stored(area: Area, row: Mapping[str, Any]) -> Answered:
    apply = {
        rule: word
        for rule in area.wordings
        if (word := row.get(rule) or INVALID_ROW) != OUTCOMES[NOT_APPLICABLE]
    }
    severities = {rule: area.rules[area.wordings[rule][-1]].severity for rule in apply}
    stage = row.get("stage")
    known = None if stage == Outcome.CANNOT_TELL else stage
    return Answered(area.name, row["reference"] or "", Answers(apply, known), severities)
