"""The answers of a caseload compared with others: a file of cases, or stored answers."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

from attrs import evolve, frozen

from probation_rules import document
from probation_rules.caseload.by_case import answer
from probation_rules.caseload.changes import Changes, Place
from probation_rules.caseload.model import Caseload
from probation_rules.caseload.question import Question
from probation_rules.cases import date_from
from probation_rules.comparison.sides import Side, compare_sides, side_of, side_of_reports
from probation_rules.errors import CaseError, InputError, Problem
from probation_rules.readers import parquet
from probation_rules.readers.files import content


@frozen
class Answers:
    """The answers before, or after.

    Attributes:
        side: The answers.
        place: Where they come from.
        notes: What to know about the file.
    """

    side: Side
    place: Place
    notes: tuple[str, ...] = ()


def changes(before: Answers, after: Answers, question: Question, days: int) -> Changes:
    """Return what changed from one set of answers to another.

    Args:
        before: The answers before.
        after: The answers after.
        question: The question after.
        days: How many days ahead a due day is near.

    Raises:
        CaseError: A reference is missing or repeats.
        InputError: The column of groups is not kept.
    """
    found = compare_sides(before.side, after.side, days)
    made = Changes(
        question.area, question.book, before.place, after.place, found, question.by, days
    )
    made.groups  # noqa: B018 (refuses a column that is not kept)
    return made


def of_caseload(found: Caseload, days: int) -> Answers:
    """Return the answers about a file.

    Args:
        found: The answers.
        days: How many days ahead a due day is near.
    """
    invalid = [
        document.Invalid(one.place, one.reference, one.reasons, one.kept) for one in found.invalid
    ]
    side = side_of_reports(found.file, [one.report for one in found.judged], invalid, days)
    return Answers(side, Place(found.file, found.question.on), found.notes)


def of_file(
    question: Question,
    file: str,
    on: date | None,
    option: str,
    days: int,
    shape: str | None = None,
    **options: Any,
) -> Answers:
    """Return the answers in a file, or about the cases in it.

    Args:
        question: The question, whose day is not used.
        file: The file.
        on: The day asked about, if it is a file of cases.
        option: The option that gives that day, for messages.
        days: How many days ahead a due day is near.
        shape: The system that made the file.
        options: Other options of reading cases.

    Raises:
        CaseError: The file cannot be read, or the answers are about another area.
        InputError: It has cases, and the day is not given.
    """
    name = Path(file).name
    if (stored := stored_document(file)) is not None:
        side = side_of(name, stored, question.book, days)
        found = Answers(side, Place(name, _day(stored)))
    elif shape is None and _has_answers(file, question):
        tables = import_module("probation_rules.comparison.stored")  # and DuckDB: only here
        table = tables.stored_table(file, question.book)
        found = Answers(tables.side_of_table(name, table), Place(name, table.on))
    elif on is None:
        text = f"this file has cases, not stored answers: give the day asked about with {option}"
        raise InputError([Problem(text, name)])
    else:
        asked = evolve(question, on=on, by=None)
        return of_caseload(answer(asked, file, shape, **options), days)
    others = {one.area for one in found.side.cases} - {question.area.name}
    if others:
        text = (
            f"these are answers about {', '.join(sorted(others))}, not about {question.area.name}"
        )
        raise CaseError([Problem(text, name)])
    return found


def stored_document(file: str) -> Mapping[str, Any] | None:
    """Return the document of answers that a file contains; ``None`` if it contains cases.

    Raises:
        CaseError: The document has only the counts of a large file.
    """
    if Path(file).suffix.lower() != ".json":
        return None
    try:
        found = json.loads(content(file))
    except (ValueError, RecursionError):
        return None  # what reads cases lists what is wrong
    if not isinstance(found, dict):
        return None
    if "most_urgent" in found:
        text = "this document has the counts of a large file, not every case; compare the files of cases"
        raise CaseError([Problem(text, Path(file).name)])
    return found if "reports" in found else None


def _day(stored: Mapping[str, Any]) -> date | None:
    found = date_from(stored.get("on"))
    return found if isinstance(found, date) else None


def _has_answers(file: str, question: Question) -> bool:
    """Whether a Parquet or CSV file has the columns of answers."""
    path, names = Path(file), list[str]()
    if path.is_file():
        if parquet.is_parquet(path):
            names = parquet.columns(path)
        elif path.suffix.lower() == ".csv":
            with path.open(encoding="utf-8", errors="replace", newline="") as lines:
                names = next(csv.reader(lines), [])
    return {"reference", "reasons"} <= {*names} and any(
        one in names for one in question.area.wordings
    )
