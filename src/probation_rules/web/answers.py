"""The answers of the end points, as JSON text: a report on cases, and a comparison."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import date
from io import BytesIO
from typing import Any

from attrs import frozen

from probation_rules import document
from probation_rules._check import check
from probation_rules.areas import missing_extras
from probation_rules.cases import REFERENCE, Attempt, date_from
from probation_rules.comparison.sides import Side, compare_sides, side_of, side_of_reports
from probation_rules.errors import CaseError, Problem
from probation_rules.intake.rows import why_invalid
from probation_rules.json_text import json_text
from probation_rules.readers import read
from probation_rules.readers.files import Problems
from probation_rules.report import Report, shaped
from probation_rules.rulebook.book import Rulebook
from probation_rules.rulebook.validity import require_day
from probation_rules.web.limits import Deadline
from probation_rules.web.problems import Refused


@frozen
class Asked:
    """A question about cases.

    Attributes:
        book: The rules.
        area: The area's name.
        on: The day asked about.
        strict: Whether to refuse all cases if one of them cannot be judged.
        most: The most cases.
    """

    book: Rulebook
    area: str
    on: date
    strict: bool
    most: int


def checked(asked: Asked, body: bytes, deadline: Deadline) -> str:
    """Return the JSON report on the cases of a body.

    Args:
        asked: The question.
        body: A JSON list of cases, or one case.
        deadline: Called before each case.

    Raises:
        CaseError: The body is not JSON, or a case cannot be judged and the question is strict.
        NotInForce: The day is before the first one that the area's rules cover.
        Refused: The body has no case, or too many.
        TooSlow: The time is over.
    """
    reports, notes, invalid = _judged(asked, body, deadline)
    return json_text(shaped(asked.on, "python", asked.book, reports, notes, invalid))


def comparison(book: Rulebook, body: bytes, deadline: Deadline, most: int) -> str:
    """Return what changed between the two sides of a body, as JSON.

    Raises:
        CaseError: A side is not a report, or two cases have the same reference.
    """
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        raise Refused(400, Problem("the body is not JSON", "$")) from None
    if not isinstance(content, Mapping) or {*content} != {"before", "after"}:
        text = "give an object with `before` and `after`, each a report or cases with area and day"
        raise Refused(400, Problem(text, "$"))
    sides = []
    for name in ("before", "after"):
        deadline()
        sides.append(_side(name, content[name], book, deadline, most))
    return json.dumps(compare_sides(sides[0], sides[1]).to_dict())


def _side(name: str, content: Any, book: Rulebook, deadline: Deadline, most: int) -> Side:
    """Return one side of a comparison: a report as it was stored, or cases to answer now."""
    if not isinstance(content, Mapping) or {*content} != {"area", "on", "cases"}:
        return side_of(name, content if isinstance(content, Mapping) else {}, book)
    area, on = content["area"], date_from(content["on"])
    problems = []
    if not isinstance(area, str) or area not in book.documents:
        text = f"this is not an area; known are {', '.join(book.documents)}"
        problems.append(Problem(text, f"$.{name}.area"))
    if not isinstance(on, date):
        problems.append(Problem("give the day asked about, as YYYY-MM-DD", f"$.{name}.on"))
    if problems or not isinstance(on, date):
        raise Refused(422, *problems)
    body = json.dumps(content["cases"]).encode()
    asked = Asked(book, area, on, strict=False, most=most)
    reports, _, invalid = _judged(asked, body, deadline)
    for one in reports:
        one.place = (one.place or "$").replace("$", "$.cases", 1)
    return side_of_reports(name, reports, invalid)


def _judged(
    asked: Asked, body: bytes, deadline: Deadline
) -> tuple[list[Report], tuple[str, ...], list[document.Invalid]]:
    """Return the reports on the cases of a body, notes, and the cases that cannot be judged."""
    book, area, on = asked.book, asked.area, asked.on
    if body.lstrip()[:1] not in (b"[", b"{"):
        raise Refused(400, Problem("give a JSON list of cases, or one case", "$"))
    require_day(book.area(area), on)
    reading = read(area, "-", stdin=BytesIO(body), strict=asked.strict)
    _require_list(reading.tried, asked.most)
    reports: list[Report] = []
    invalid: list[document.Invalid] = []
    problems = Problems()
    for place, tried in reading.tried.items():
        deadline()
        found = _report(book, on, tried)
        if isinstance(found, Report):
            found.place = place
            reports.append(found)
        else:
            problems.add(*(one.under(place) for one in found.problems))
            why = why_invalid(book.area(area), found, on)
            reference = getattr(tried.case, REFERENCE, None)
            invalid.append(document.Invalid(place, reference, tuple(why), {}))
    if asked.strict:
        problems.refuse()
    return reports, (*reading.notes, *missing_extras(area)), invalid


def _require_list(places: Collection[str], most: int) -> None:
    """Refuse a body without a case, with too many cases, or with JSON lines.

    Raises:
        Refused: The body is one of these.
    """
    if not places:
        raise Refused(422, Problem("give at least one case; an empty object is not a case", "$"))
    if len(places) > most:
        text = f"there are more than {most:,} cases; send fewer, or send them as a table"
        raise Refused(413, Problem(text, "$"))
    if not next(iter(places)).startswith("$"):
        text = "give one JSON list; JSON lines are for the end point for tables"
        raise Refused(400, Problem(text, "$"))


def _report(book: Rulebook, on: date, tried: Attempt) -> Report | Attempt:
    """Return the report on a case or, if it cannot be judged, the case with its problems."""
    if tried.problems:
        return tried
    try:
        return check(tried.sound(), on=on, rulebook=book)
    except CaseError as error:
        return Attempt(tried.case, error.problems)
