"""The table that was given, as views of a DuckDB connection with columns of the right types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]
from attrs import define, field

from probation_rules.cases import field_names
from probation_rules.engines.sql.statement import Statement
from probation_rules.rulebook.model import Area, Fact
from probation_rules.tables.columns import Columns, enum_of, match, quoted
from probation_rules.tables.forms import register
from probation_rules.tables.rows import Row

BATCH = 2_000  # rows that stand in Python's memory at once


@define
class Source:
    """A table of cases without members.

    The view `cases` holds a row a case; `numbered_cases` the same rows with their number, `_row`.

    Attributes:
        columns: For facts whose column has another name, that name.
        assumed: Values that fill an unknown.
        notes: What to know about the table as a whole.
        own: How its columns become facts.
        size: How many rows were counted before answering.
    """

    area: Area
    connection: duckdb.DuckDBPyConnection
    columns: Mapping[str, str]
    assumed: Mapping[str, Any]
    notes: tuple[str, ...] = field(default=(), init=False)
    own: Columns = field(init=False)
    size: int = field(default=0, init=False)

    def read(self, data: object) -> None:
        """Make the views."""
        found = self.registered(data)
        facts = self.area.said
        others = [name for name in field_names(self.area.name) if name not in facts]
        self.own = self.matched(facts, found, others)
        self.views(self.own.select([self.reference(found)]), "source")

    def is_small(self, most: int) -> bool:
        """Whether the table holds at most so many cases."""
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
            kept=("_row",) if cases == "numbered_cases" else (),
            tables=(cases, "people"),
            typed=True,
            **more,
        )

    def rows(self, which: str = "") -> Iterator[Row]:
        """Yield rows as read, in the order of the table.

        Args:
            which: A WHERE clause over `numbered_cases`.
        """
        for one in self.read_rows(which, []):
            yield Row(one["_row"], one["reference"], self.said(one), self.unread_in(one))

    # --- for sources of every form ---------------------------------------------------------

    def registered(self, data: object) -> dict[str, str]:
        """Make the view `source` of the data, and an enum for every code; return its columns' types."""
        members = self.area.members
        for fact in (*self.area.said.values(), *(members.facts.values() if members else ())):
            if fact.kind == "code":
                words = ", ".join(f"'{word}'" for word in fact.type.codes)
                self.connection.execute(f"CREATE TYPE {quoted(enum_of(fact))} AS ENUM ({words})")
        return register(self.connection, "source", data)

    def matched(
        self, facts: Mapping[str, Fact], found: Mapping[str, str], others: list[str]
    ) -> Columns:
        """Match columns to what is said of a case, and note those that are missing."""
        columns = match(facts, found, self.columns, others, "the table")
        self.notes += tuple(f"no column `{name}`: unknown in every row" for name in columns.missing)
        return columns

    def reference(self, found: Mapping[str, str]) -> str:
        """Return the column of references, as text."""
        name = self.columns.get("reference", "reference")
        held = quoted(name) if name in found else "NULL"
        return f"CAST({held} AS VARCHAR) AS reference"

    def views(self, columns: str, table: str) -> None:
        """Make the views of cases over a table, which may hold their numbers."""
        self.connection.execute(f"CREATE VIEW cases AS SELECT {columns} FROM {table}")
        numbered = columns if table != "source" else f"row_number() OVER () AS _row, {columns}"
        self.connection.execute(f"CREATE VIEW numbered_cases AS SELECT {numbered} FROM {table}")

    def read_rows(self, which: str, others: list[str]) -> Iterator[dict[str, Any]]:
        """Yield the rows of `numbered_cases` with the columns of facts and these others."""
        columns = [clamped(fact, name) for name, fact in self.area.said.items()]
        unread = [quoted(f"_unread_{name}") for name in self.own.unread]
        chosen = ", ".join(["_row", "reference", *others, *columns, *unread])
        found = self.connection.sql(f"SELECT {chosen} FROM numbered_cases {which} ORDER BY _row")
        return each_row(found.to_arrow_table())

    def said(self, one: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a row says, what is assumed of it included."""
        return {
            name: self.assumed.get(name) if one[name] is None else one[name]
            for name in self.area.said
        }

    def unread_in(self, one: Mapping[str, Any]) -> list[str]:
        """Return the facts whose value could not be read in a row."""
        return [name for name in self.own.unread if one[f"_unread_{name}"]]


def each_row(table: pa.Table) -> Iterator[dict[str, Any]]:
    """Yield the rows of a table, of which a few at a time are made objects of Python."""
    for batch in table.to_batches(max_chunksize=BATCH):
        yield from batch.to_pylist()


def clamped(fact: Fact, name: str, source: str | None = None) -> str:
    """Return a column; a date of it as it is where Python can hold it, or else beside the range."""
    held = quoted(source or name)
    if fact.kind == "date":
        low, high = f"DATE '{fact.min}'", f"DATE '{fact.max}'"
        held = (
            f"CAST(CASE WHEN {held} < {low} THEN {low} - 1 WHEN {held} > {high} THEN {high} + 1 "
            f"ELSE {held} END AS DATE)"
        )
    return f"{held} AS {quoted(name)}"
