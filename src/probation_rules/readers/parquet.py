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
from probation_rules.readers.files import Record
from probation_rules.rulebook import shipped

SUFFIXES = (".parquet", ".pq")
MOST_ROWS = 50_000  # as cases, one object each


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
    for number, row in enumerate(file.read().to_pylist(), 1):
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
            yield Problem(f"unknown column{hint}", f"column {column}")
    for column, name in names.items():
        if column not in columns:
            hint = did_you_mean(column, columns)
            yield Problem(f"the file has no column `{column}`{hint}", f"columns {name}")


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
