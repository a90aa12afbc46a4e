"""A small part of Spark, in DuckDB: enough for `probation_rules.spark` without Java.

A DataFrame is lazy, and its rows are in pieces that are processed apart. A function that maps them
is pickled on its way. SQL is read as Spark's, and translated.
"""

from __future__ import annotations

import pickle
import re
import sys
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]
import pytest
import sqlglot
from attrs import field, frozen
from sqlglot import exp

PIECE = 50  # rows
_SCHEMAS = "pyspark.sql.pandas.types"


def install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the one module of PySpark in place that the library imports."""
    module: Any = ModuleType(_SCHEMAS)
    module.to_arrow_schema = lambda schema: schema
    monkeypatch.setitem(sys.modules, _SCHEMAS, module)


@frozen
class Session:
    """Runs SQL. It counts how often rows were asked for."""

    asked: list[str] = field(factory=list)

    def frame(self, rows: pa.Table) -> Frame:
        """A DataFrame of these rows."""
        return Frame(self, lambda: rows, rows.schema)

    def sql(self, text: str, **frames: Frame) -> Frame:
        """Return the rows of a SELECT; names in curly brackets are DataFrames."""
        here = {name: name for name in frames}
        query = whole_division(text.format(**here), "spark")

        def rows() -> pa.Table:
            self.asked.append(text)
            with duckdb.connect() as connection:
                connection.execute("CREATE MACRO raise_error(why) AS error(why)")
                for name, frame in frames.items():
                    connection.register(name, frame.toArrow())
                return connection.sql(query.sql(dialect="duckdb")).to_arrow_table()

        return Frame(self, rows)


@frozen
class Frame:
    """Rows that are computed when they are asked for."""

    sparkSession: Session  # noqa: N815 (Spark's name)
    toArrow: Callable[[], pa.Table]  # noqa: N815
    schema: Any = None

    def mapInArrow(  # noqa: N802
        self, function: Callable[[Iterable[pa.RecordBatch]], Iterable[pa.RecordBatch]], schema: str
    ) -> Frame:
        """Return the rows that a function gives for each piece, with the columns of the schema."""
        sent = pickle.dumps(function)
        wanted = empty(schema)

        def rows() -> pa.Table:
            found = [wanted.schema.empty_table()]
            for piece in pieces(self.toArrow()):
                got = list(pickle.loads(sent)(iter(piece)))  # noqa: S301 (made above)
                assert all(batch.schema == wanted.schema for batch in got)
                found.append(pa.Table.from_batches(got, wanted.schema))
            return pa.concat_tables(found)

        return Frame(self.sparkSession, rows)


def pieces(rows: pa.Table) -> Iterable[list[pa.RecordBatch]]:
    """Pieces of two batches, and an empty one, as Spark has them too."""
    yield []
    for first in range(0, rows.num_rows, PIECE):
        piece = rows.slice(first, PIECE).combine_chunks()
        yield piece.to_batches(PIECE // 2)


def empty(schema: str) -> pa.Table:
    """No rows, with the columns of a schema as Spark writes it."""
    columns = re.findall(r"`(\w+)` ([^`]+?)(?=, `|$)", schema)
    kinds = [(name, exp.DataType.build(kind, dialect="spark")) for name, kind in columns]
    terms = [f'CAST(NULL AS {kind.sql(dialect="duckdb")}) AS "{name}"' for name, kind in kinds]
    with duckdb.connect() as connection:
        return connection.sql(f"SELECT {', '.join(terms)} LIMIT 0").to_arrow_table()


def whole_division(text: str, dialect: str) -> exp.Expr:
    """A statement of another dialect, read back.

    The parser loses the type of whole numbers, so `/` would return a whole number in the statement.
    """
    return sqlglot.parse_one(text, read=dialect).transform(
        lambda node: (
            exp.IntDiv(this=node.this, expression=node.expression)
            if isinstance(node, exp.Div)
            else node
        )
    )
