"""Read cases from a small Parquet file. For many rows, use `check_table`.

The reader of tables reads the file. It is imported only for a Parquet file, because it needs the
extra `table`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from probation_rules.cases import Attempt
from probation_rules.errors import CaseError, MissingExtra, Problem, not_found
from probation_rules.intake.paths import PARQUET

MOST_ROWS = 50_000  # each row becomes an object


def is_parquet(path: Path | str) -> bool:
    """Return whether the name of a file ends in a Parquet suffix."""
    return Path(path).suffix.lower() in PARQUET


def count(path: Path | str) -> int:
    """Return the number of rows in a file. Only the end of the file is read.

    Raises:
        CaseError: The file cannot be read.
        MissingExtra: pyarrow is not installed.
    """
    number: int = _opened(path).metadata.num_rows
    return number


def columns(path: Path | str) -> list[str]:
    """Return the names of a file's columns. Only the end of the file is read.

    Raises:
        CaseError: The file cannot be read.
        MissingExtra: pyarrow is not installed.
    """
    names: list[str] = _opened(path).schema_arrow.names
    return names


def attempts(
    area: str, path: Path | str, columns: Mapping[str, str], mapping: object, keep: Sequence[str]
) -> Iterator[tuple[str, Attempt, Mapping[str, str]]]:
    """Yield the place of each case, the case with its problems, and its kept cells.

    Args:
        area: The area with the names of columns.
        path: The file.
        columns: The column of each fact with another column name.
        mapping: The mapping of columns, used instead of their names.
        keep: The columns to keep with each case.

    Raises:
        CaseError: The file cannot be read, or has too many rows.
    """
    if count(path) > MOST_ROWS:
        text = f"the file has more than {MOST_ROWS:,} rows; check it as a table, with `check_table`"
        raise CaseError([Problem(text, Path(path).name)])
    found: Iterator[tuple[str, Attempt, Mapping[str, str]]] = import_module(
        "probation_rules.tables"
    ).attempts(area, path, columns, mapping, keep)
    return found


def _opened(path: Path | str) -> Any:
    try:
        arrow = import_module("pyarrow")
        parquet = import_module("pyarrow.parquet")
    except ModuleNotFoundError:
        text = "Parquet needs pyarrow, which is not installed here"
        raise MissingExtra(text, "table") from None
    name = Path(path).name or str(path)
    try:
        return parquet.ParquetFile(path)
    except FileNotFoundError:
        raise not_found(name) from None
    except (arrow.ArrowException, OSError):
        text = "this file cannot be read as Parquet: it may be cut off, or have another format"
        raise CaseError([Problem(text, name)]) from None
