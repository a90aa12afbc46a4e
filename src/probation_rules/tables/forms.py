"""A table in any form known -> a view of a DuckDB connection, under a name."""

from __future__ import annotations

import csv
import os
import re
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]

from probation_rules.errors import CaseError, Problem
from probation_rules.quoting import is_name

MOST_COLUMNS = 1_000  # of a CSV: DuckDB takes long over more
_FIRST_BYTES = 1 << 20
_JSON_LINES = (".jsonl", ".ndjson")


def register(connection: duckdb.DuckDBPyConnection, name: str, data: object) -> dict[str, str]:
    """Make a table of any form known to DuckDB under a name; return its columns' types.

    Raises:
        CaseError: It is no table, or cannot be read.
    """
    if isinstance(data, str | os.PathLike):
        relation = _file(connection, Path(data))
        relation.create_view(name)
    else:
        connection.register(name, _in_memory(data))
        relation = connection.table(name)
    return dict(zip(relation.columns, map(str, relation.types), strict=True))


def paths(data: object) -> list[str]:
    """Return the paths of the files that data is read from: a file's own, or those of a data set."""
    if isinstance(data, str | os.PathLike):
        return [os.fspath(data)]
    return list(getattr(data, "files", ())) if _library(data) == "pyarrow" else []


def _file(connection: duckdb.DuckDBPyConnection, path: Path) -> duckdb.DuckDBPyRelation:
    if not os.path.isfile(path):  # noqa: PTH113 (`Path.is_file` raises where a name is too long)
        raise CaseError([Problem("there is no such file", path.name or str(path))])
    # A pattern in a name would otherwise be taken for many files, and `~` or `file:` for another.
    name = re.sub(r"([*?\[])", r"[\1]", str(path.absolute()))
    suffix = path.suffix.lower()
    try:
        if suffix == ".csv":
            names, separator = _header(path)
            return connection.read_csv(
                name, columns=dict.fromkeys(names, "VARCHAR"), header=True, sep=separator,
                quotechar='"', escapechar='"', strict_mode=True, auto_detect=False,
            )  # fmt: skip
        if suffix in (".parquet", ".pq"):
            return connection.read_parquet(name)
        if suffix in _JSON_LINES:
            return connection.read_json(name, format="newline_delimited", sample_size=-1)
    except duckdb.Error:
        text = f"this file cannot be read as {suffix[1:]}: it may be cut short, or of another kind"
        raise CaseError([Problem(text, path.name)]) from None
    text = "give CSV (.csv), Parquet (.parquet) or JSON lines (.jsonl)"
    raise CaseError([Problem(text, path.name)])


def _header(path: Path) -> tuple[list[str], str]:
    """Return the names of a CSV's columns, and what stands between them: nothing is guessed."""
    with path.open("rb") as file:
        first = file.read(_FIRST_BYTES).removeprefix(b"\xef\xbb\xbf").partition(b"\n")[0]
    try:
        line = first.decode().rstrip("\r")
        separator = ";" if line.count(";") > line.count(",") else ","
        (names,) = csv.reader([line], delimiter=separator, strict=True)
    except (UnicodeDecodeError, csv.Error):
        names = []
    names = [name.strip() for name in names]
    each_once = all(names) and len({name.lower() for name in names}) >= max(1, len(names))
    if not each_once or len(names) > MOST_COLUMNS:
        text = f"the first row must name the columns, each once, at most {MOST_COLUMNS:,}, in UTF-8"
        raise CaseError([Problem(text, path.name)])
    return names, separator


def _in_memory(data: object) -> Any:
    library = _library(data)
    if library == "pyarrow":
        return data
    if library == "pandas":
        return _from_pandas(data)
    if library == "polars":
        return data.collect().to_arrow() if hasattr(data, "collect") else data.to_arrow()  # type: ignore[attr-defined]
    if isinstance(data, duckdb.DuckDBPyRelation):
        # It belongs to a connection of its own, which is not asked for anything else.
        return data.to_arrow_table()
    text = "give a file's path, or a table of pyarrow, polars, pandas or DuckDB"
    raise CaseError([Problem(text, "data")])


def _library(data: object) -> str:
    """Return the name of the library that an object comes from."""
    return type(data).__module__.partition(".")[0]


def _from_pandas(frame: Any) -> pa.Table:
    """Return a frame as Arrow has it: a column of Python objects gets the one type of all of them."""
    columns, problems = [], []
    for place, name in enumerate(map(str, frame.columns)):
        try:
            columns.append(pa.Array.from_pandas(frame.iloc[:, place]))
        except (pa.ArrowException, OverflowError):
            text = "this column holds values of several types, or of one that no table holds"
            which = name if is_name(name, ()) else place + 1
            problems.append(Problem(text, f"column {which}"))
    if problems:
        raise CaseError(problems)
    return pa.Table.from_arrays(columns, list(map(str, frame.columns)))
