"""Parquet -> records, for a file of few rows. Many are a table's work: `check_table`.

pyarrow is imported here when a Parquet file is read. It comes with the extra `table`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from probation_rules.cases import cell_value, field_names
from probation_rules.errors import CaseError, EngineUnavailable, Problem, did_you_mean
from probation_rules.quoting import is_name
from probation_rules.readers.files import Record
from probation_rules.rulebook import shipped

SUFFIXES = (".parquet", ".pq")
MOST_ROWS = 50_000  # as cases, one object each
_DAY = 24 * 60 * 60 * 10**9  # nanoseconds


def is_parquet(path: Path | str) -> bool:
    """Whether a file's name says that it is Parquet."""
    return Path(path).suffix.lower() in SUFFIXES


def count(path: Path | str) -> int:
    """Return how many rows a file holds; nothing but its end is read.

    Raises:
        CaseError: It cannot be read.
        EngineUnavailable: pyarrow is not installed.
    """
    number: int = _opened(path).metadata.num_rows
    return number


def records(path: Path | str, area: str, names: Mapping[str, str]) -> Iterator[Record | Problem]:
    """Yield each row as a record; text is read as a cell of a CSV is.

    Args:
        path: The file.
        area: The area whose field names are the columns.
        names: For columns with another name, the field that they hold.
    """
    file = _opened(path)
    if file.metadata.num_rows > MOST_ROWS:
        text = f"more than {MOST_ROWS:,} rows; ask about the table as a whole, with `check_table`"
        yield Problem(text, Path(path).name)
        return
    columns = {column: names.get(column, column) for column in file.schema_arrow.names}
    yield from _wrong(area, columns, names)
    facts = shipped().area(area).said
    table = file.read()
    for column in table.column_names:
        if any(map(_is_beyond_a_day, table.column(column).chunks)):
            text = "this column has a time of day that is not from 00:00 to 23:59"
            yield Problem(text, f"column {column}")
            return
    for number, row in enumerate(table.to_pylist(), 1):
        said = {}
        for column, value in row.items():
            name = columns[column]
            if isinstance(value, str):
                value = value.strip() or None  # noqa: PLW2901 (a cell of blanks says nothing)
            if isinstance(value, str) and name in facts:
                value = cell_value(facts[name], value)  # noqa: PLW2901
            if name in field_names(area):
                said[name] = value
        yield Record(f"row {number}", f"row {number}, $", said)


def _wrong(area: str, columns: Mapping[str, str], names: Mapping[str, str]) -> Iterator[Problem]:
    known = field_names(area)
    if not set(known).intersection(columns.values()):
        text = f"no column has a known name; known are {', '.join(known)}"
        yield Problem(text, "the file")
        return
    for column, name in columns.items():
        if name not in known:
            hint = did_you_mean(name, known) or "; leave it out, or name the fact that it holds"
            place = column if is_name(column, known) else list(columns).index(column) + 1
            yield Problem(f"unknown column{hint}", f"column {place}")
    for column, name in names.items():
        if column not in columns:
            hint = did_you_mean(column, columns)
            yield Problem(f"the file has no column `{column}`{hint}", f"columns {name}")


def _is_beyond_a_day(array: Any) -> bool:
    """Whether a time in an array, or in its lists and records, is 24:00 or later.

    pyarrow gives such a time to Python as a time of the same day.
    """
    types, compute = import_module("pyarrow.types"), import_module("pyarrow.compute")
    if types.is_struct(array.type):
        return any(map(_is_beyond_a_day, array.flatten()))
    if types.is_list(array.type) or types.is_large_list(array.type):
        return _is_beyond_a_day(array.flatten())
    if not types.is_time(array.type):
        return False
    latest = compute.max(array.cast("time64[ns]").view("int64")).as_py()
    return latest is not None and latest >= _DAY


def _opened(path: Path | str) -> Any:
    try:
        arrow = import_module("pyarrow")
        parquet = import_module("pyarrow.parquet")
    except ModuleNotFoundError:
        text = "Parquet needs pyarrow, which is not installed here; install the extra `table`: probation-rules[table]"
        raise EngineUnavailable(text) from None
    name = Path(path).name or str(path)
    try:
        return parquet.ParquetFile(path)
    except FileNotFoundError:
        raise CaseError([Problem("there is no such file", name)]) from None
    except (arrow.ArrowException, OSError):
        text = "this file cannot be read as Parquet: it may be cut short, or of another kind"
        raise CaseError([Problem(text, name)]) from None
