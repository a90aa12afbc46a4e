"""A file of text -> a table of DuckDB, read by the same reader as a small file.

The cells of a CSV stay text, and the SQL reads them. A JSON value is read here, as `case_from` reads
it, since no type of a table would keep it exact.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import time
from itertools import islice
from operator import attrgetter
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]
from attrs import evolve, frozen

from probation_rules.cases import REFERENCE, Attempt, attempt_member, field_names
from probation_rules.errors import InputError, Problem
from probation_rules.intake.header import Found
from probation_rules.intake.mapping import TableMapping
from probation_rules.intake.rows import of_member
from probation_rules.intake.spreadsheet import Workbook
from probation_rules.language.english import unscaled
from probation_rules.readers import attempt_of, compressed, files
from probation_rules.rulebook.model import Area, Fact, Records
from probation_rules.rulebook.validity import is_text, scaled
from probation_rules.tables.columns import quoted
from probation_rules.tables.given import AT, OF_RECORDS, WRONG, Given, kept_column, unread

_ROWS, _BATCHES = 1_000, 20  # that are made objects of Arrow, and given to DuckDB, at once
_STRING = pa.string()
_WRONG = (WRONG, pa.list_(_STRING))
TYPES = {"bool": pa.bool_(), "int": pa.int64(), "date": pa.date32()} | dict.fromkeys(
    ("code", "time", "text"), _STRING
)


@frozen
class Asked:
    """The contents that a file of text should have.

    Attributes:
        area: The area.
        columns: For facts whose column has another name, that name.
        of_members: Whether its rows are members, and not cases.
        sheet: The sheet of a workbook, by its name or number.
        mapping: How the columns are read, in place of their names.
        keep: The columns to carry along, where there is no mapping.
    """

    area: Area
    columns: Mapping[str, str]
    of_members: bool = False
    sheet: str | None = None
    mapping: TableMapping | None = None
    keep: Sequence[str] = ()


def load(connection: duckdb.DuckDBPyConnection, name: str, path: Path, asked: Asked) -> Given:
    """Read a file of text into a table.

    Raises:
        CaseError: With everything that keeps the file from being read.
    """
    with compressed.opened(path) as file:
        text = files.opened(file, compressed.suffix_of(path), path.name, asked.sheet)
        if isinstance(text, Workbook) or not text.is_json:
            return _csv(connection, name, text, asked)
        if asked.mapping:
            return _csv(connection, name, files.objects(text, asked.mapping), asked)
        if asked.columns or asked.keep:
            raise InputError([Problem(files.NO_COLUMNS, "columns")])
        if asked.of_members:
            return _json_members(connection, name, text, asked.area)
        return _json_cases(connection, name, text, asked.area)


@frozen
class _Cells:
    """A table in memory or of Parquet, as rows of text."""

    relation: duckdb.DuckDBPyRelation
    notes: Sequence[str] = ()

    def find(self, known: Collection[str], apart: Collection[str] = ()) -> Found:  # noqa: ARG002
        """Return the table: its first row has the number 1, and its header none."""
        columns = ", ".join(f"CAST({quoted(one)} AS VARCHAR)" for one in self.relation.columns)
        rows = self.relation.project(columns).fetchall()
        texts = ([one or "" for one in row] for row in rows)
        numbered = (
            (number, cells) for number, cells in enumerate(texts, 1) if any(map(str.strip, cells))
        )
        return Found(0, list(self.relation.columns), 0, numbered)


def load_cells(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    relation: duckdb.DuckDBPyRelation,
    asked: Asked,
) -> Given:
    """Read a table in memory or of Parquet by a mapping, as if its values were texts.

    Raises:
        CaseError: With everything that keeps the table from being read.
    """
    return _csv(connection, name, _Cells(relation), asked)


# --- CSV ----------------------------------------------------------------------------------------


def _csv(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    text: files.Grid,
    asked: Asked,
) -> Given:
    area, members = asked.area, asked.area.members
    known = (area.name, REFERENCE, *members.facts) if members and asked.of_members else ()
    names = {} if asked.mapping else files.names_of(area.name, asked.columns)
    sheet = files.sheet(text, area.name, names, known=known, mapping=asked.mapping, keep=asked.keep)
    if sheet.has_records:
        return _row_cases(connection, name, sheet, asked)
    nothing: list[str | None] = [None] * len(sheet.header)
    kept = [kept_column(place) for place in range(len(sheet.kept))]
    tie = sheet.header.index(area.name) if sheet.by_member else None
    problems = files.Problems()

    def rows() -> Iterator[list[Any]]:
        for row in sheet.rows:
            place = f"row {row.number}"
            if not row.cells and (sheet.by_member or asked.of_members):
                problems.add(Problem(row.reasons[0], place))  # and its case is not known
            elif tie is not None and not row.cells[tie].strip():
                problems.add(files.whose(area.name, place))
            else:
                yield [place, list(row.reasons) or None, *(row.cells or nothing), *row.kept]
            if problems.too_many:
                return

    schema = _schema([*sheet.header, *kept])
    _insert(connection, name, schema, rows())
    problems.add(*sheet.faults)
    problems.refuse(asked.columns)
    types = dict.fromkeys(sheet.header, "VARCHAR")
    return Given(types, is_text=True, notes=tuple(sheet.notes), kept=tuple(sheet.kept))


def _row_cases(
    connection: duckdb.DuckDBPyConnection, name: str, sheet: files.Sheet, asked: Asked
) -> Given:
    """Load rows with values in records, read one by one like JSON: a cell of text has no such values."""
    problems, area = files.Problems(), asked.area
    read = ((one, attempt_of(area.name, one)) for one in files.row_records(sheet))
    fields = {*(one.partition(".")[0] for one in sheet.header), *sheet.lists.fields}
    types = _cases(connection, name, area, read, kept=sheet.kept)
    problems.add(*sheet.faults)
    problems.refuse(asked.columns)
    found = {one: held for one, held in types.items() if one in fields}
    notes, kept = tuple(sheet.notes), tuple(sheet.kept)
    marked = tuple(area.input_facts)
    return Given(found, is_text=True, exact=True, marked=marked, notes=notes, kept=kept)


# --- JSON ---------------------------------------------------------------------------------------


def _json_cases(
    connection: duckdb.DuckDBPyConnection, name: str, text: files.Text, area: Area
) -> Given:
    seen: set[str] = set()

    def read() -> Iterator[tuple[files.Record, Attempt]]:
        for one in text.cases():
            if isinstance(one.said, dict):
                seen.update(one.said)
            yield one, attempt_of(area.name, one)

    types = _cases(connection, name, area, read())
    found = {one: held for one, held in types.items() if one in seen}
    return Given(found, is_text=True, exact=True, marked=tuple(area.input_facts))


def _cases(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    area: Area,
    read: Iterator[tuple[files.Record, Attempt]],
    kept: Sequence[str] = (),
) -> dict[str, str]:
    """Make a table of cases that were read one by one, and return its columns with their types."""
    members = area.members
    labels = [
        one
        for one in field_names(area.name)
        if one not in (*area.input_facts, *area.records, members and members.name)
    ]
    marks = [unread(one) for one in area.input_facts]
    fields = [(one, type_of(fact)) for one, fact in area.input_facts.items()]
    fields += [(mark, pa.bool_()) for mark in marks]
    if members is not None:
        inner = [
            (REFERENCE, _STRING),
            *((one, type_of(fact)) for one, fact in members.facts.items()),
        ]
        inner += [(unread(one), pa.bool_()) for one in members.facts]
        fields.append((members.name, pa.list_(pa.struct(inner))))
    given, nothing = attrgetter(*labels, *area.input_facts), area.spec.case()
    first, all_read = 2 + len(labels), [False] * len(area.input_facts)
    facts = enumerate(area.input_facts.values(), first)
    decimals = [(place, fact) for place, fact in facts if fact.kind == "decimal"]
    fields += [(field, _record_type(held)) for field, held in area.records.items()]
    fields.append((OF_RECORDS, pa.list_(_STRING)))
    fields += [(kept_column(place), _STRING) for place in range(len(kept))]

    def rows() -> Iterator[list[Any]]:
        for one, tried in read:
            case = tried.case or nothing
            row: list[Any] = [one.place, tried.others or None]
            row += given(case)
            for place, fact in decimals:
                row[place] = _exact(fact, row[place])
            row += [each in tried.unread for each in area.input_facts] if tried.unread else all_read
            if members is not None:
                row.append(_people(area, getattr(case, members.name, None), tried))
            row += [_plain(held, getattr(case, each, None)) for each, held in area.records.items()]
            yield [*row, tried.of_records or None, *(one.kept[each] for each in kept)]

    _insert(connection, name, _schema(labels, fields), rows())
    return _types(connection, name)


def _people(area: Area, listed: Sequence[object] | None, tried: Attempt) -> list[Any] | None:
    """Return the members of a case; what could not be read of any is marked on the first."""
    members = area.members
    if members is None or listed is None:
        return None
    people = []
    for place, one in enumerate(listed):
        facts = of_member(area, one)
        person = {name: _exact(fact, facts[name]) for name, fact in members.facts.items()}
        bad = () if place else tried.of_members_unread
        marks = {unread(name): name in bad for name in members.facts}
        people.append({REFERENCE: getattr(one, REFERENCE), **person, **marks})
    return people


def _json_members(
    connection: duckdb.DuckDBPyConnection, name: str, text: files.Text, area: Area
) -> Given:
    """Load members. A bad one refuses the file, since the case that it belongs to is in doubt."""
    members = area.members
    assert members is not None  # noqa: S101 (asked for areas with members only)
    facts, tie = members.facts, area.name
    fields = [(column, _STRING) for column in (AT, tie, REFERENCE)]
    fields += [(one, type_of(fact)) for one, fact in facts.items()]
    fields += [(unread(one), pa.bool_()) for one in facts]
    problems, seen = files.Problems(), {tie}

    def rows() -> Iterator[list[Any]]:
        for one in text.values():
            said = dict(one.said) if isinstance(one.said, dict) else {}
            seen.update(said)
            key = said.pop(tie, None)
            tried = attempt_member(area.name, said, one.path)
            if one.wrong or tried.others:
                problems.add(one.wrong or tried.problems[0])
            elif not is_text(key):
                problems.add(files.whose(tie, one.place))
            else:
                own = of_member(area, tried.case)
                row = [one.place, key, getattr(tried.case, REFERENCE)]
                row += [_exact(fact, own[each]) for each, fact in facts.items()]
                yield row + [each in tried.of_members_unread for each in facts]

    _insert(connection, name, pa.schema(fields), rows())
    problems.refuse()
    types = {one: held for one, held in _types(connection, name).items() if one in seen}
    return Given(types, is_text=True, exact=True, marked=tuple(facts))


# --- How ----------------------------------------------------------------------------------------


def type_of(fact: Fact) -> pa.DataType:
    """Return the type of a fact's column."""
    return TYPES.get(fact.kind) or pa.decimal128(18, fact.type.places)


def _record_type(held: Records) -> pa.DataType:
    fields = [(name, type_of(fact)) for name, fact in held.facts.items()]
    fields += [(name, _record_type(one)) for name, one in held.records.items()]
    return pa.struct(fields) if held.most is None else pa.list_(pa.struct(fields))


def _plain(held: Records, value: Any) -> Any:
    """Return a record, or a list of records, as its column contains it: a time of day is text."""
    if value is None:
        return None
    if held.most is not None:
        return [_plain(evolve(held, most=None), one) for one in value]
    found = {name: _exact(fact, getattr(value, name)) for name, fact in held.facts.items()}
    return found | {name: _plain(one, getattr(value, name)) for name, one in held.records.items()}


def _exact(fact: Fact, value: Any) -> Any:
    """Return a value as it is stored in its column: a decimal with all of its places."""
    if value is None or fact.kind != "decimal":
        return value.isoformat("minutes") if isinstance(value, time) else value
    return unscaled(scaled(fact, value) or 0, fact.type.places)


def _schema(texts: Iterable[str], others: Iterable[tuple[str, pa.DataType]] = ()) -> pa.Schema:
    """Return the columns of a table: of texts, and others."""
    return pa.schema([(AT, _STRING), _WRONG, *((one, _STRING) for one in texts), *others])


def _insert(
    connection: duckdb.DuckDBPyConnection, name: str, schema: pa.Schema, rows: Iterator[list[Any]]
) -> None:
    """Make a table of rows, with only a few at a time in Python's memory."""

    def batches() -> Iterator[pa.RecordBatch]:
        while some := list(islice(rows, _ROWS)):
            columns = zip(zip(*some, strict=True), schema, strict=True)
            yield pa.record_batch([pa.array(one, field.type) for one, field in columns], schema)

    query, found = f"CREATE TEMP TABLE {name} AS", batches()
    while (some := list(islice(found, _BATCHES))) or query.startswith("CREATE"):
        connection.register("some_rows", pa.Table.from_batches(some, schema))
        connection.execute(f"{query} SELECT * FROM some_rows")
        query = f"INSERT INTO {name}"
    connection.unregister("some_rows")


def _types(connection: duckdb.DuckDBPyConnection, name: str) -> dict[str, str]:
    relation = connection.table(name)
    return dict(zip(relation.columns, map(str, relation.types), strict=True))
