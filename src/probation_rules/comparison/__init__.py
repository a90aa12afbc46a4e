"""Two sets of answers compared: which cases changed, from what to what, and why."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast, overload

from probation_rules._check import check
from probation_rules.comparison.cases import Change
from probation_rules.comparison.changes import Comparison
from probation_rules.comparison.sides import Reports, Side, compare_sides, side_of, side_of_reports
from probation_rules.errors import CaseError, InputError, Problem
from probation_rules.rulebook import shipped
from probation_rules.rulebook.book import Rulebook

if TYPE_CHECKING:
    from probation_rules.comparison.stored import StoredTable
    from probation_rules.comparison.tables import TableComparison
    from probation_rules.tables.table import Table

__all__ = ["Change", "Comparison", "compare", "read_answers"]


@overload
def compare(
    before: Reports, after: Reports, *, rulebook: Rulebook | None = None, days: int | None = None
) -> Comparison: ...


@overload
def compare(
    before: Rulebook, after: Rulebook, *, data: Iterable[object], on: date
) -> Comparison: ...


@overload
def compare(
    before: Reports | Table | str | os.PathLike[str],
    after: Reports | Table | str | os.PathLike[str],
    *,
    rulebook: Rulebook | None = None,
    days: int | None = None,
) -> Comparison | TableComparison: ...


def compare(
    before: Any,
    after: Any,
    *,
    rulebook: Rulebook | None = None,
    days: int | None = None,
    data: Iterable[object] | None = None,
    on: date | None = None,
) -> Any:
    """Compare two sets of answers, case by case, and find what caused each change.

    Cases are matched by their reference. The order of the cases does not matter.

    Args:
        before: The earlier answers: a report, a list of reports, a JSON document that
            `Report.to_dict`, or the command with `--format json`, made; a `Table`; or the path of a
            stored JSON document or of a Parquet or CSV file that `Table.write` made. Or a rulebook,
            if `data` is given.
        after: The later answers in any of these forms, or another rulebook.
        rulebook: The rules of stored answers; the shipped ones if not given. A document made with
            other rules is compared too, but not all questions about its causes can be asked.
        days: How many days ahead a due day is near, both ends included. A case changed if such a
            day is newly near. Without it, due days are not compared.
        data: The cases to check by both rulebooks.
        on: The day to check them for.

    Returns:
        A `Comparison` or, of two tables, a `TableComparison`. Answers stored as a table do not have
        the cases, so no cause can be found of their changes.

    Raises:
        CaseError: A case has no reference, two cases have the same one, or a document is not as
            this library writes it. Every such place is listed.
        InputError: The two cannot be compared.
    """
    if isinstance(before, Rulebook) or isinstance(after, Rulebook):
        sides = _by_both(before, after, data, on)
        return compare_sides(*sides, days)
    book = shipped() if rulebook is None else rulebook
    one, other = read_answers(before, book), read_answers(after, book)
    if _is_table(one) and _is_table(other) and days is None:
        return import_module("probation_rules.comparison.tables").compare_tables(one, other)
    return compare_sides(_side("before", one, book, days), _side("after", other, book, days), days)


def _by_both(
    before: object, after: object, data: Iterable[object] | None, on: date | None
) -> tuple[Side, Side]:
    """Return the answers about some cases by two rulebooks."""
    if (
        not (isinstance(before, Rulebook) and isinstance(after, Rulebook))
        or data is None
        or on is None
    ):
        text = (
            "to compare two rulebooks, give two of them, the cases as `data`, and the day as `on`"
        )
        raise InputError([Problem(text, "compare")])
    cases = list(data)
    one, other = (
        side_of_reports(name, [check(case, on=on, rulebook=book) for case in cases])
        for name, book in (("before", before), ("after", after))
    )
    return one, other


def read_answers(given: Any, book: Rulebook) -> Reports | Table | StoredTable:
    """Return answers with stored ones read.

    Args:
        given: Answers, or the path of a file that has them.
        book: The rules of stored answers.

    Raises:
        CaseError: The file cannot be read, or does not have answers.
    """
    if not isinstance(given, str | os.PathLike):
        return cast("Reports", given)
    path = Path(given)
    if path.suffix.lower() == ".json":
        return read_document(path)
    found = import_module("probation_rules.comparison.stored").stored_table(path, book)
    if found is None:
        text = "this file does not have stored answers; give JSON, or Parquet or CSV from `Table.write`"
        raise CaseError([Problem(text, path.name)])
    return cast("StoredTable", found)


def read_document(path: Path) -> Mapping[str, Any]:
    """Return a stored JSON document of answers.

    Raises:
        CaseError: The file cannot be read as JSON.
    """
    try:
        return cast("Mapping[str, Any]", json.loads(path.read_text(encoding="utf-8")))
    except OSError:
        raise CaseError([Problem("this file cannot be read", path.name)]) from None
    except (ValueError, RecursionError):
        raise CaseError([Problem("this file is not JSON", path.name)]) from None


def _is_table(given: object) -> bool:
    """Return whether answers are a table. DuckDB is not imported for this."""
    return type(given).__name__ in ("Table", "StoredTable")


def _side(name: str, given: Any, book: Rulebook, days: int | None) -> Side:
    if _is_table(given):
        made = import_module("probation_rules.comparison.stored").side_of_table(name, given, days)
        return cast("Side", made)
    return side_of(name, given, book, days=days)
