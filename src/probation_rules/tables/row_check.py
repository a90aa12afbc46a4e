"""A piece of a large table, read, checked and prepared without the other pieces.

Spark divides a table among many processes, and gives each one its rows as batches of Arrow. DuckDB
reads them there, as `check_table` reads a whole table: so one place decides what a bad row is. The
result has the columns that the statement reads. What concerns rows of several pieces is left to SQL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
from attrs import field, frozen
from sqlglot import exp

from probation_rules.cases import MEMBERS_KNOWN, REFERENCE
from probation_rules.rulebook.book import Rulebook
from probation_rules.rulebook.model import Fact
from probation_rules.tables import source_for
from probation_rules.tables.columns import bad_label, quoted
from probation_rules.tables.given import OF_RECORDS, PROBLEM, unread
from probation_rules.tables.members import MemberSource
from probation_rules.tables.running import connection, readable
from probation_rules.tables.source import Source, columns_of

ROWS = 50_000  # that are read at once; a new database takes some hundredths of a second
KEY = "_of"  # the reference of a member's case
NAMES = "_names"  # the references of the members of a case, in a list
BAD_NAME = "_bad_name"  # whether the reference of a member may not be shown
Wanted = Callable[[Source, date], str]
"""A function that returns the SQL of what is wanted of a piece."""


# --- What is wanted of a piece ------------------------------------------------------------------


def cases(source: Source, on: date) -> str:
    """Return the SQL of cases as the statement reads them, with the counts of their own members."""
    area = source.area
    beside = [REFERENCE, PROBLEM, *source.kept_columns, *map(unread, source.own.unread)]
    beside += [OF_RECORDS] if area.by_code else []
    facts = dict(zip(area.input_facts, columns_of(area.input_facts), strict=True))
    facts |= {name: quoted(name) for name in area.by_code}
    facts |= {name: _as_text(area.facts[name]) for name in facts if area.facts[name].kind == "code"}
    terms = [*map(quoted, beside), *facts.values()]
    if not isinstance(source, MemberSource):
        return f"SELECT {', '.join(terms)} FROM cases"
    return (
        f"SELECT {', '.join(terms)}, {MEMBERS_KNOWN}, {NAMES}, counts.* EXCLUDE (_case) "
        f"FROM numbered_cases LEFT JOIN ({_counts(source, on)}) counts ON {source.key} = _case "
        f"LEFT JOIN ({names(source, on)}) names ON {source.key} = names.{KEY}"
    )


def counts(source: Source, on: date) -> str:
    """Return the SQL of the counts of members of each case: parts of a sum."""
    return (
        f"SELECT _case AS {KEY}, counted.* EXCLUDE (_case), "
        f"coalesce(_case IN (SELECT _key FROM bad_people), FALSE) AS {BAD_NAME} "
        f"FROM ({_counts(source, on)}) counted"
    )


def names(source: Source, on: date) -> str:  # noqa: ARG001 (any day)
    """Return the SQL of the references of members, in a list for each case that has any."""
    return (
        f"SELECT _key AS {KEY}, list(_member ORDER BY _place) AS {NAMES} FROM people "
        f"WHERE _member IS NOT NULL AND NOT {bad_label('_member')} GROUP BY _key"
    )


def _counts(source: Source, on: date) -> str:
    return source.statement(on).tally().sql(dialect="duckdb")


def _as_text(fact: Fact) -> str:
    return f"CAST({quoted(fact.name)} AS VARCHAR) AS {quoted(fact.name)}"


# --- How ----------------------------------------------------------------------------------------


@frozen
class RowCheck:
    """Reads, checks and prepares the rows of a table, a piece at a time.

    It is small when it is pickled: the shipped rules travel as their version and digest.

    Attributes:
        book: The rules, with settings.
        area: The area's name.
        on: The day asked about.
        schema: The columns of the table.
        wanted: What is wanted of each piece.
        assumed: Values that fill an unknown.
        columns: For facts whose column has another name, that name.
        keep: The columns that go with each case and are not judged.
        of_members: Whether the rows are members, and not cases.
    """

    book: Rulebook
    area: str
    on: date
    schema: pa.Schema
    wanted: Wanted
    assumed: Mapping[str, Any] = field(factory=dict)
    columns: Mapping[str, str] = field(factory=dict)
    keep: Sequence[str] = ()
    of_members: bool = False

    def source(self, rows: pa.Table | None = None) -> Source:
        """Return the source that has read these rows, or none.

        Raises:
            CaseError: A column is unknown or of a wrong type.
            InputError: A column is named that the table does not have.
        """
        area, database = self.book.area(self.area), connection(None, 1)
        rows = self.schema.empty_table() if rows is None else rows
        members = rows if self.of_members else None
        source = source_for(area, database, self.columns, self.assumed, members=members)
        source.keep = self.keep
        if self.of_members:  # of cases that are in another table
            rows = pa.table({REFERENCE: pa.array([], pa.string())})
        source.read(rows)
        return source

    def types(self, source: Source) -> dict[str, str]:
        """Return the columns of the result with their types, as Spark names them.

        Args:
            source: What `source` returned.
        """
        found = source.connection.sql(self.wanted(source, self.on))
        kinds = (exp.DataType.build(str(kind), dialect="duckdb") for kind in found.types)
        return dict(zip(found.columns, (one.sql(dialect="spark") for one in kinds), strict=True))

    def batches(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield the result for the rows of some batches."""
        for rows in _pieces(batches):
            with readable():
                source = self.source(rows.cast(self.schema))
                found = source.connection.sql(self.wanted(source, self.on)).to_arrow_table()
                source.connection.close()
            yield from found.to_batches(ROWS)


def _pieces(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Yield batches together, as tables of about `ROWS` rows."""
    some: list[pa.RecordBatch] = []
    for batch in batches:
        some.append(batch)
        if sum(one.num_rows for one in some) >= ROWS:
            yield pa.Table.from_batches(some)
            some = []
    if some:
        yield pa.Table.from_batches(some)
