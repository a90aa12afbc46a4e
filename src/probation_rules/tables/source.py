"""The table that was given, as views of a DuckDB connection with columns of the right types."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]
from attrs import define, evolve, field

from probation_rules.areas import missing_extras
from probation_rules.cases import (
    MEMBERS_KNOWN,
    REFERENCE,
    column_names,
    field_names,
    records_from,
)
from probation_rules.engines.sql.nodes import literal
from probation_rules.engines.sql.statement import Statement
from probation_rules.errors import InputError
from probation_rules.intake.mapping import TableMapping
from probation_rules.intake.rows import Row
from probation_rules.readers import files
from probation_rules.rulebook.model import Area, Fact
from probation_rules.rulebook.validity import fault_texts
from probation_rules.tables.columns import (
    Columns,
    bad_label,
    enum_of,
    filled,
    label,
    label_fault,
    match,
    quoted,
)
from probation_rules.tables.forms import register
from probation_rules.tables.given import AT, OF_RECORDS, PROBLEM, WRONG, Given, kept_column, unread
from probation_rules.tables.prepared import plain, prepare, with_times_as_text
from probation_rules.tables.running import Progress
from probation_rules.tables.text import Asked

BATCH = 2_000  # rows that are in Python's memory at once


@define
class Source:
    """A table of cases without members.

    The view `given` has the rows that are not blank, each with its place in the file.
    The view `cases` has a row for each case. `numbered_cases` adds the number of the row, `_row`.
    Both have the prepared facts too, where the area prepares any by code.

    Attributes:
        columns: For facts whose column has another name, that name.
        assumed: Values that fill an unknown.
        progress: Told how far the preparing of facts is.
        notes: What to know about the table as a whole.
        own: How its columns become facts.
        size: How many rows were counted before answering.
        noted: The fields of the caller's own notes that it has.
        sheet: The sheet of a workbook, by its name or number.
        mapping: How the columns are read, in place of their names.
        keep: The columns to carry along, where there is no mapping.
        kept: The headers of the columns that are carried along.
    """

    area: Area
    connection: duckdb.DuckDBPyConnection
    columns: Mapping[str, str]
    assumed: Mapping[str, Any]
    progress: Progress | None = None
    notes: tuple[str, ...] = field(default=(), init=False)
    own: Columns = field(init=False)
    size: int = field(default=0, init=False)
    noted: tuple[str, ...] = field(default=(), init=False)
    sheet: str | None = field(default=None, init=False)
    mapping: TableMapping | None = field(default=None, init=False)
    keep: Sequence[str] = field(default=(), init=False)
    kept: tuple[str, ...] = field(default=(), init=False)

    def read(self, data: object) -> None:
        """Make the views."""
        given = self.registered(data)
        self.own = self.matched(given, [*self.labels, *self.area.records])
        self.views(self.own.select(self.beside(given)), "given")

    def is_small(self, most: int) -> bool:
        """Whether the table has at most this number of cases."""
        few = f"SELECT count(*) FROM (SELECT 1 FROM cases LIMIT {most + 1})"
        ((self.size,),) = self.connection.execute(few).fetchall()
        return self.size <= most

    def require_sound(self, on: date, *, small: bool) -> None:
        """Refuse a table whose rows are good one by one, but not together."""

    def statement(self, on: date, cases: str = "cases", **more: Any) -> Statement:
        """Return the statement over one of the views."""
        return Statement(
            self.area,
            on,
            assumed=self.assumed,
            unread=tuple(self.own.unread),
            problem=PROBLEM,
            of_records=OF_RECORDS if self.area.by_code else None,
            kept=(*(["_row"] if cases == "numbered_cases" else []), *self.kept_columns),
            tables=(cases, "people"),
            typed=True,
            **more,
        )

    def rows(self, which: str = "") -> Iterator[Row]:
        """Yield rows as read, in the order of the table.

        Args:
            which: A WHERE clause over `numbered_cases`.
        """
        area = self.area
        of_records = [OF_RECORDS, *area.records] if area.records else []
        for one in self.read_rows(which, [quoted(name) for name in of_records]):
            records, _ = records_from(area.name, {name: plain(one[name]) for name in area.records})
            yield Row(
                one["_row"], one[REFERENCE], self.said(one), self.unread_in(one),
                others=one[PROBLEM] or [], notes=self.notes_in(one), kept=self.kept_in(one),
                records=records, of_records=one.get(OF_RECORDS) or [],
            )  # fmt: skip

    def places(self, rows: Collection[int]) -> dict[int, str]:
        """Return where rows are in their file: `row 7`, by their number."""
        chosen = ", ".join(str(int(row)) for row in rows) or "NULL"
        query = f"SELECT _row, {AT} FROM numbered_cases WHERE _row IN ({chosen})"
        return dict(self.connection.execute(query).fetchall())

    def prepared_terms(self) -> list[str]:
        """Return the columns of the table that the statement of `sql` reads, if any are prepared."""
        if not self.area.by_code:
            return []
        texts, terms = fault_texts(self.area.input_facts), [REFERENCE]
        for name, fact in self.area.columns.items():
            term = f"CAST({quoted(name)} AS VARCHAR)" if fact.kind == "code" else quoted(name)
            if name in self.assumed:
                filler = literal(self.assumed[name], fact.type.kind).sql(dialect="duckdb")
                term = f"coalesce({term}, {filler})"
            terms.append(f"{term} AS {quoted(name)}")
        unread_ones = [
            f"CASE WHEN {quoted(unread(name))} THEN [{literal(texts[name][0]).sql(dialect='duckdb')}] END"
            for name in self.own.unread
        ]
        return [*terms, f"{joined([PROBLEM, OF_RECORDS, *unread_ones])} AS problem"]

    # --- for sources of every form ---------------------------------------------------------

    @property
    def kept_columns(self) -> list[str]:
        """The columns of cells that are carried along, in the order of their headers."""
        return [kept_column(place) for place in range(len(self.kept))]

    @property
    def labels(self) -> list[str]:
        """The fields that are text of the caller's own: shown, not judged."""
        listed = self.area.members and self.area.members.name
        known = (*self.area.input_facts, *self.area.records, listed)
        return [name for name in field_names(self.area.name) if name not in known]

    def registered(self, data: object) -> Given:
        """Make the view `given` of the data, and an enum for every code."""
        members = self.area.members
        for fact in (*self.area.input_facts.values(), *(members.facts.values() if members else ())):
            if fact.kind == "code":
                words = ", ".join(f"'{word}'" for word in fact.type.codes)
                self.connection.execute(f"CREATE TYPE {quoted(enum_of(fact))} AS ENUM ({words})")
        columns = self.mapping.names if self.mapping else self.columns
        asked = Asked(self.area, columns, sheet=self.sheet, mapping=self.mapping, keep=self.keep)
        given = register(self.connection, "source", data, asked)
        if self.keep and not given.is_text:
            given = self._with_kept(given)
        self.notes, self.kept = given.notes, given.kept
        if given.is_text:
            self.columns = {}
        self.view_given("given", "source", given)
        return given

    def _with_kept(self, given: Given) -> Given:
        """Return a table of typed columns without those that are only carried along.

        Raises:
            InputError: It does not have one of them.
        """
        if problems := list(files.lost(self.keep, [*given.types])):
            raise InputError(problems)
        members = self.area.members
        known = {*column_names(self.area.name), *field_names(self.area.name), MEMBERS_KNOWN}
        known |= {*self.columns.values(), self.area.name, members.name if members else ""}
        only = {name for name in self.keep if name not in known}
        types = {name: kind for name, kind in given.types.items() if name not in only}
        return evolve(given, types=types, kept=tuple(self.keep))

    def view_given(self, name: str, table: str, given: Given) -> None:
        """Make a view of the rows that have something in a cell, with their places."""
        query = f"SELECT * FROM {table}"
        if not given.is_text:
            kept = "".join(
                f"coalesce(CAST({quoted(one)} AS VARCHAR), '') AS {kept_column(place)}, "
                for place, one in enumerate(given.kept)
            )
            query = f"SELECT 'row ' || row_number() OVER () AS {AT}, {kept}* FROM {table}"
            query = f"SELECT * FROM ({query}) WHERE {filled(given.types)}"
        self.connection.execute(f"CREATE VIEW {name} AS {query}")

    def matched(self, given: Given, others: Sequence[str]) -> Columns:
        """Match columns to the fields of a case, and note those that are missing."""
        columns = match(
            self.area.input_facts, given.types, self.columns, others, "the table",
            labels=[name for name in others if name in self.labels], marked=given.marked,
        )  # fmt: skip
        missing = [*columns.missing, *(n for n in self.area.records if n not in given.types)]
        self.notes += missing_extras(self.area.name)
        self.notes += tuple(f"no column `{name}`: unknown in every row" for name in missing)
        return columns

    def reference(self, given: Given) -> str:
        """Return the column of references."""
        return f"{self.shown(given, REFERENCE) or 'CAST(NULL AS VARCHAR)'} AS {REFERENCE}"

    def shown(self, given: Given, name: str) -> str | None:
        """Return the SQL of a label that may be shown, or ``None`` without a column for it."""
        term = self.label_of(given, name)
        if term is None or given.exact:
            return term
        return f"CASE WHEN NOT {bad_label(term)} THEN {term} END"

    def remarks(self, given: Given) -> list[str]:
        """Return the columns of the caller's own notes."""
        terms = {name: self.shown(given, name) for name in self.labels if name != REFERENCE}
        self.noted = tuple(name for name, term in terms.items() if term is not None)
        return [f"{terms[name]} AS {quoted(name)}" for name in self.noted]

    def label_of(self, given: Given, name: str) -> str | None:
        """Return the SQL of a label, or ``None`` without a column for it."""
        column = self.columns.get(name, name)
        if column not in given.types:
            return None
        return quoted(column) if given.exact else label(column, given.types[column])

    def label_faults(self, given: Given, names: Sequence[str], of: str = "") -> list[str]:
        """Return the SQL of lists: for each label the reason that it may not be shown, or NULL."""
        terms = {} if given.exact else {name: self.label_of(given, name) for name in names}
        return [
            f"CASE WHEN {bad_label(term)} THEN ['{label_fault(name)}{of}'] END"
            for name, term in terms.items()
            if term is not None
        ]

    def problem(self, given: Given, before: Sequence[str] = (), after: Sequence[str] = ()) -> str:
        """Return the column of reasons why rows cannot be judged, but for what their facts are."""
        wrong = [WRONG] if given.is_text else []
        found = [*wrong, *before, *self.label_faults(given, self.labels), *after]
        return f"{joined(found)} AS {PROBLEM}"

    def beside(
        self, given: Given, before: Sequence[str] = (), after: Sequence[str] = ()
    ) -> list[str]:
        """Return the columns of cases that are not facts."""
        return [
            self.reference(given),
            *self.remarks(given),
            self.problem(given, before, after),
            *self.kept_columns,
            *self._records(given),
        ]

    def _records(self, given: Given) -> Iterator[str]:
        """Yield the columns of records as they are given, and of what is wrong with them."""
        if self.area.by_code:
            yield f"{OF_RECORDS if given.exact else 'CAST(NULL AS VARCHAR[])'} AS {OF_RECORDS}"
        for name in self.area.records:
            held = given.types.get(self.columns.get(name, name), "VARCHAR")
            known = self.columns.get(name, name) in given.types
            term = quoted(self.columns.get(name, name)) if known else "NULL"
            yield f"{with_times_as_text(term, held)} AS {quoted(name)}"

    def views(
        self, chosen: str, table: str, number: str = "row_number() OVER () AS _row, "
    ) -> None:
        """Make the views of cases over a table.

        Args:
            chosen: The columns of both.
            table: The table.
            number: The column of the rows' numbers, where it is not among those.
        """
        numbered = f"SELECT {number}{AT}, {chosen} FROM {table}"
        if self.area.by_code:
            self.connection.execute(f"CREATE VIEW read_cases AS {numbered}")
            prepare(self.connection, self.area, self.assumed, self.progress)
            return
        self.connection.execute(f"CREATE VIEW cases AS SELECT {chosen} FROM {table}")
        self.connection.execute(f"CREATE VIEW numbered_cases AS {numbered}")

    def read_rows(self, which: str, others: list[str]) -> Iterator[dict[str, Any]]:
        """Yield the rows of `numbered_cases` with the columns of facts and these others."""
        columns = columns_of(self.area.input_facts)
        marks = [quoted(unread(name)) for name in self.own.unread]
        chosen = ", ".join(
            [
                *("_row", REFERENCE, PROBLEM),
                *map(quoted, self.noted),
                *self.kept_columns,
                *others,
                *columns,
                *marks,
            ]
        )
        found = self.connection.sql(f"SELECT {chosen} FROM numbered_cases {which} ORDER BY _row")
        return each_row(found.to_arrow_table())

    def said(self, one: Mapping[str, Any]) -> dict[str, Any]:
        """Return the facts of a row, including the assumed ones."""
        return {
            name: self.assumed.get(name) if one[name] is None else one[name]
            for name in self.area.input_facts
        }

    def notes_in(self, one: Mapping[str, Any]) -> dict[str, str]:
        """Return the caller's own notes in a row."""
        return {name: one[name] for name in self.noted}

    def kept_in(self, one: Mapping[str, Any]) -> dict[str, str]:
        """Return the cells of a row that are carried along, by header."""
        return {
            name: one[column] for name, column in zip(self.kept, self.kept_columns, strict=True)
        }

    def unread_in(self, one: Mapping[str, Any]) -> list[str]:
        """Return the facts whose value could not be read in a row."""
        return [name for name in self.own.unread if one[unread(name)]]


def joined(lists: Sequence[str]) -> str:
    """Return the SQL of the reasons in some lists together, or NULL if all are empty."""
    return f"nullif(list_concat({', '.join(['CAST([] AS VARCHAR[])', *lists])}), [])"


def each_row(table: pa.Table) -> Iterator[dict[str, Any]]:
    """Yield the rows of a table. Only a few at a time are Python objects."""
    for batch in table.to_batches(max_chunksize=BATCH):
        yield from batch.to_pylist()


def columns_of(facts: Mapping[str, Fact]) -> list[str]:
    """Return the columns of facts, each with values that Python can represent."""
    return [f"{clamped(fact, quoted(name))} AS {quoted(name)}" for name, fact in facts.items()]


def clamped(fact: Fact, term: str) -> str:
    """Return the SQL of a value. A date that Python cannot represent becomes a day out of range."""
    if fact.kind != "date":
        return term
    low, high = f"DATE '{fact.min}'", f"DATE '{fact.max}'"
    return (
        f"CAST(CASE WHEN {term} < {low} THEN {low} - 1 WHEN {term} > {high} THEN {high} + 1 "
        f"ELSE {term} END AS DATE)"
    )
