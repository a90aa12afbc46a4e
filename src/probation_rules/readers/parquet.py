"""Parquet -> cases, for a file of few rows. Many are a table's work: `check_table`.

The reader of tables reads it, and is imported here when a Parquet file is. It comes with the extra
`table`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from probation_rules.cases import Attempt
from probation_rules.errors import CaseError, MissingExtra, Problem

SUFFIXES = (".parquet", ".pq")
MOST_ROWS = 50_000  # as cases, one object each


def is_parquet(path: Path | str) -> bool:
    """Whether a file's name says that it is Parquet."""
    return Path(path).suffix.lower() in SUFFIXES


def count(path: Path | str) -> int:
    """Return how many rows a file holds; nothing but its end is read.

    Raises:
        CaseError: It cannot be read.
        MissingExtra: pyarrow is not installed.
    """
    number: int = _opened(path).metadata.num_rows
    return number


def attempts(
    area: str, path: Path | str, columns: Mapping[str, str], mapping: object, keep: Sequence[str]
) -> Iterator[tuple[str, Attempt, Mapping[str, str]]]:
    """Yield what could be read of each case: its place, the case and the cells that are kept.

    Args:
        area: The area whose field names are the columns.
        path: The file.
        columns: For facts whose column has another name, that name.
        mapping: How the columns are read, in place of their names.
        keep: The columns that are carried along.

    Raises:
        CaseError: The file cannot be read, or holds too many rows.
    """
    if count(path) > MOST_ROWS:
        text = f"more than {MOST_ROWS:,} rows; ask about the table as a whole, with `check_table`"
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
        raise CaseError([Problem("there is no such file", name)]) from None
    except (arrow.ArrowException, OSError):
        text = "this file cannot be read as Parquet: it may be cut short, or of another kind"
        raise CaseError([Problem(text, name)]) from None
