"""A table in any form known -> a table or view of a DuckDB connection, under a name."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]

from probation_rules.errors import CaseError, Problem, not_found
from probation_rules.intake.paths import PARQUET, FileSet, has_partitions
from probation_rules.quoting import is_name
from probation_rules.tables import text
from probation_rules.tables.given import Given
from probation_rules.tables.text import Asked

MANY_ROWS = 250_000  # of one group, from which a copy that all threads can read saves time
_FORMS = "give a file's path, or a table of pyarrow, polars, pandas or DuckDB"
_NO_TYPE = "this column holds values of several types, or of one that no table holds"


def register(connection: duckdb.DuckDBPyConnection, name: str, data: object, asked: Asked) -> Given:
    """Make a table of any form known to DuckDB under a name.

    Raises:
        CaseError: It is not a table, or cannot be read.
    """
    typed = name if asked.mapping is None else f"{name}_typed"
    if isinstance(data, str | os.PathLike):
        path = Path(data)
        if several := FileSet.at(path):
            _parquet(connection, typed, several.files(), several)
        elif not os.path.isfile(path):  # noqa: PTH113 (`Path.is_file` raises where a name is too long)
            raise not_found(path.name or str(path))
        elif path.suffix.lower() not in PARQUET:
            return text.load(connection, name, path, asked)
        else:
            _parquet(connection, typed, [str(path.absolute())])
    else:
        _in_memory(connection, typed, data)
    relation = connection.table(typed)
    if asked.mapping is not None:
        return text.load_cells(connection, name, relation, asked)
    return Given(dict(zip(relation.columns, map(str, relation.types), strict=True)))


def paths(data: object) -> list[str]:
    """Return the paths of the files that data is read from: a file's own, or those of a data set."""
    if isinstance(data, str | os.PathLike):
        return [os.fspath(data)]
    return list(getattr(data, "files", ())) if _library(data) == "pyarrow" else []


def _parquet(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    files: Sequence[str],
    several: FileSet | None = None,
) -> None:
    """Make a view of Parquet files, or a table if only one thread could read them.

    A column that one file does not have is unknown in its rows. The names of folders such as
    `region=north` are columns of text.
    """
    # A pattern in a name would otherwise be taken for many files, and `~` or `file:` for another.
    plain = [re.sub(r"([*?\[])", r"[\1]", one).replace("'", "''") for one in files]
    listed = ", ".join(f"'{one}'" for one in plain)
    parts = several is not None and has_partitions(several, files)
    options = f"union_by_name = true, hive_partitioning = {parts}"
    options += ", hive_types_autocast = false" if parts else ""
    try:
        form = "TEMP TABLE" if _is_one_piece(connection, listed) else "VIEW"
        query = f"SELECT * FROM read_parquet([{listed}], {options})"
        connection.execute(f"CREATE {form} {name} AS {query}")
    except duckdb.Error:
        what = "this file" if several is None else "a file here"
        why = f"{what} cannot be read as Parquet: it may be cut off, or have another format"
        raise CaseError([Problem(why, several.name if several else Path(files[0]).name)]) from None


def _is_one_piece(connection: duckdb.DuckDBPyConnection, listed: str) -> bool:
    """Whether one thread would have to read many rows alone, because they are one group of rows."""
    ((threads,),) = connection.execute("SELECT current_setting('threads')").fetchall()
    query = f"SELECT sum(num_rows), sum(num_row_groups) FROM parquet_file_metadata([{listed}])"
    ((rows, groups),) = connection.execute(query).fetchall()
    return bool(groups < threads and rows > MANY_ROWS * groups)


def _in_memory(connection: duckdb.DuckDBPyConnection, name: str, data: object) -> None:
    table = _arrow(data)
    if isinstance(table, pa.RecordBatchReader):
        _from_reader(connection, name, table)
    else:
        _register(connection, name, _compact(table) if isinstance(table, pa.Table) else table)


def _from_reader(
    connection: duckdb.DuckDBPyConnection, name: str, reader: pa.RecordBatchReader
) -> None:
    """Copy rows that can be read once only."""
    _register(connection, "some_rows", reader.schema.empty_table())
    connection.execute(f"CREATE TEMP TABLE {name} AS SELECT * FROM some_rows")
    for batch in _batches(reader):
        connection.register("some_rows", _compact(pa.Table.from_batches([batch])))
        connection.execute(f"INSERT INTO {name} SELECT * FROM some_rows")
    connection.unregister("some_rows")


def _batches(reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    try:
        yield from reader
    except (pa.ArrowException, OSError, ValueError) as error:
        why = f"this reader stopped with an error of its own ({type(error).__name__}); give a table"
        raise CaseError([Problem(why, "data")]) from None


def _register(connection: duckdb.DuckDBPyConnection, name: str, table: Any) -> None:
    """Make a view of a table or dataset, or refuse the columns of types that DuckDB does not read."""
    try:
        connection.register(name, table)
        connection.table(name)
    except duckdb.Error:
        problems = [
            Problem(
                f"this column is of a type that cannot be read: {field.type}",
                _place_of(field.name, place),
            )
            for place, field in enumerate(table.schema, 1)
            if not _is_read(connection, field)
        ]
        raise CaseError(problems) from None


def _is_read(connection: duckdb.DuckDBPyConnection, field: pa.Field) -> bool:
    try:
        connection.register("one_column", pa.schema([field]).empty_table())
        connection.table("one_column")
    except duckdb.Error:
        return False
    return True


def _compact(table: pa.Table) -> pa.Table:
    """Return a table whose records do not begin inside other memory, because DuckDB refuses those."""
    if not any(pa.types.is_nested(field.type) for field in table.schema):
        return table
    copy = pa.BufferOutputStream()
    with pa.ipc.new_stream(copy, table.schema) as stream:
        stream.write_table(table.unify_dictionaries())
    return pa.ipc.open_stream(copy.getvalue()).read_all()


def _arrow(data: object) -> Any:
    """Return a table, a dataset or a reader of pyarrow."""
    library = _library(data)
    if isinstance(data, pa.RecordBatch):
        return pa.Table.from_batches([data])
    dataset: Any = sys.modules.get("pyarrow.dataset")
    if isinstance(data, pa.Table | pa.RecordBatchReader) or (
        dataset is not None and isinstance(data, dataset.Dataset)
    ):
        return data
    if library == "pandas":
        return _from_pandas(data)
    if library == "polars":
        return _from_polars(data)
    if isinstance(data, duckdb.DuckDBPyRelation):
        return _from_relation(data)
    raise CaseError([Problem(_FORMS, "data")])


def _from_relation(relation: duckdb.DuckDBPyRelation) -> pa.Table:
    """Return the rows of a relation, which belongs to a connection of its own."""
    try:
        return relation.to_arrow_table()
    except (duckdb.Error, RuntimeError) as error:
        why = (
            f"DuckDB cannot give the rows of this relation ({type(error).__name__}): its connection "
            "may be closed or in use, or its query may fail; give its rows as `relation.to_arrow_table()`"
        )
        raise CaseError([Problem(why, "data")]) from None


def _from_polars(frame: Any) -> pa.Table:
    if hasattr(frame, "collect"):
        errors: Any = sys.modules.get("polars.exceptions")
        try:
            frame = frame.collect()
        except getattr(errors, "PolarsError", pa.ArrowException) as error:
            why = f"polars cannot work this lazy frame out ({type(error).__name__}); give `frame.collect()`"
            raise CaseError([Problem(why, "data")]) from None
    try:
        return frame.to_arrow()
    except pa.ArrowException:
        return _by_column(frame.columns, lambda name: frame.get_column(name).to_arrow())


def _place_of(name: str, place: int) -> str:
    """Return which column it is: its number where its name may be data."""
    return f"column {name if is_name(name, ()) else place}"


def _library(data: object) -> str:
    """Return the name of the library that an object comes from."""
    return type(data).__module__.partition(".")[0]


def _from_pandas(frame: Any) -> pa.Table:
    """Return a frame as Arrow has it: a column of Python objects gets the one type of all of them."""
    names = list(map(str, frame.columns))
    places = {name: place for place, name in enumerate(names)}
    return _by_column(names, lambda name: pa.Array.from_pandas(frame.iloc[:, places[name]]))


def _by_column(names: Any, column: Any) -> pa.Table:
    """Return a table made a column at a time.

    Raises:
        CaseError: Arrow has no type for some columns; the message names them.
    """
    columns, problems = [], []
    for place, name in enumerate(names, 1):
        try:
            columns.append(column(name))
        except (pa.ArrowException, OverflowError):
            problems.append(Problem(_NO_TYPE, _place_of(name, place)))
    if problems:
        raise CaseError(problems)
    return pa.Table.from_arrays(columns, list(names))
