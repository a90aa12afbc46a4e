"""A table as it was given, and the names of the columns that reading adds to it."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

AT = "_at"  # where a row is in its file: `row 7`
WRONG = "_wrong"  # the reasons why a row cannot be read
PROBLEM = "_problem"  # the reasons why a row cannot be judged, but for its facts and records
OF_RECORDS = "_of_records"  # what is wrong with its records, in a list


def unread(name: str) -> str:
    """Return the column that is true if the value of a fact could not be read."""
    return f"_unread_{name}"


def kept_column(place: int) -> str:
    """Return the column of cells that a mapping carries along, by its place among them."""
    return f"_kept_{place}"


@frozen
class Given:
    """A table as it was given.

    Attributes:
        types: Its columns, and their types in DuckDB.
        is_text: Whether it was a file of text: its columns have the names of fields, and the rows
            that were read have their place and what is wrong with them.
        exact: Whether its text is as it should be: nothing is trimmed or checked.
        marked: Facts with a column that tells whether a value could not be read.
        notes: What to note about the file.
        kept: The headers of the columns that a mapping carries along.
    """

    types: Mapping[str, str]
    is_text: bool = False
    exact: bool = False
    marked: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
