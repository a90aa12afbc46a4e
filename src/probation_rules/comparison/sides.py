"""Answers in any form as one side of a comparison."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import attrs
from attrs import frozen

from probation_rules import document
from probation_rules._check import check
from probation_rules.areas import Case
from probation_rules.cases import case_from, values_from
from probation_rules.comparison.cases import Answered, Invalid
from probation_rules.comparison.causes import Answers, answers_of
from probation_rules.comparison.changes import Comparison, compared
from probation_rules.comparison.differences import Question
from probation_rules.document import structured
from probation_rules.engines import Outcome
from probation_rules.errors import CaseError, InputError, NotInForce, Problem
from probation_rules.report import Report
from probation_rules.rulebook.book import Rulebook

Reports = Report | Mapping[str, Any] | Iterable[Report]
"""A report, a list of reports, or a stored JSON document."""


@frozen(eq=False)
class Side:
    """The answers before, or after.

    Attributes:
        name: What messages call it.
        cases: The cases that were judged.
        places: Where each of them comes from, for messages.
        invalid: The cases that could not be judged.
    """

    name: str
    cases: tuple[Answered, ...]
    places: tuple[str, ...]
    invalid: tuple[document.Invalid, ...] = ()

    def problems(self) -> Iterator[Problem]:
        """Yield what is wrong with the references."""
        found: dict[tuple[str, str], str] = {}
        for one, place in zip(self.cases, self.places, strict=True):
            key = one.area, one.reference
            if not one.reference:
                text = "this case has no reference; cases are matched by it"
                yield Problem(text, f"{self.name}: {place}")
            elif key in found:
                text = f"this case has the same reference as {found[key]}; each needs its own"
                yield Problem(text, f"{self.name}: {place}")
            else:
                found[key] = place


def compare_sides(before: Side, after: Side, days: int | None = None) -> Comparison:
    """Compare two sides; see `compare`."""
    if problems := [*before.problems(), *after.problems()]:
        raise CaseError(problems)
    return compared(before.cases, after.cases, _invalid(before, after), days)


def _invalid(before: Side, after: Side) -> Iterator[Invalid]:
    """Yield the cases that could not be judged; one that is so on both sides once."""
    was, now = ({one.reference for one in side.invalid} - {None} for side in (before, after))
    for name, side, others in (("before", before, now), ("after", after, was)):
        for one in side.invalid:
            both = one.reference in others
            if not (both and side is before):
                where = "both" if both else name
                yield Invalid(where, one.reference, one.place, one.reasons, one.kept)


def side_of(
    name: str,
    given: Reports,
    book: Rulebook,
    days: int | None = None,
) -> Side:
    """Return answers as one side of a comparison.

    Args:
        name: What messages call it.
        given: The answers.
        book: The rules of stored documents.
        days: How many days ahead a due day is near.
    """
    if isinstance(given, Mapping):
        try:
            then = structured(given, document.Report)
            places = [f"$.reports[{place}]" for place in range(len(then.reports))]
            return Side(name, tuple(_stored(then, places, book, days)), tuple(places), then.invalid)
        except CaseError as error:
            problems = (Problem(one.text, f"{name}: {one.path}") for one in error.problems)
            raise CaseError(problems) from None
    reports = [given] if isinstance(given, Report) else list(given)
    return side_of_reports(name, reports, days=days)


def side_of_reports(
    name: str,
    reports: Sequence[Report],
    invalid: Iterable[document.Invalid] = (),
    days: int | None = None,
) -> Side:
    """Return reports as one side of a comparison; see `side_of`."""
    places = [one.place or f"case {place}" for place, one in enumerate(reports, 1)]
    return Side(name, tuple(answered(one, days) for one in reports), tuple(places), tuple(invalid))


def answered(report: Report, days: int | None = None) -> Answered:
    """Return a report as the answers about one case.

    Args:
        report: The report.
        days: How many days ahead a due day is near.
    """
    name, book = report.area.name, report.book
    return Answered(
        area=name,
        reference=report.reference or "",
        answers=answers_of(report, days),
        severities={
            one.rule: one.wording.severity for one in (*report.breaches, *report.advisories)
        },
        question=Question(
            area=name,
            case=attrs.evolve(report.case, **dict.fromkeys(report.assuming)),
            on=report.on,
            assuming=report.assuming,
            book=book,
            settings=_of_area(book, name, book.settings),
            label=_label(book.version, book.digest),
        ),
        kept=report.kept,
        report=report,
    )


def _stored(
    then: document.Report, places: Iterable[str], book: Rulebook, days: int | None
) -> Iterator[Answered]:
    """Yield the answers of a stored document."""
    parameters = {name: one.as_fact for name, one in book.parameters.items()}
    settings = values_from(then.rulebook.settings, parameters, "$.rulebook.settings")
    try:
        found = book.with_settings(settings)
    except InputError:
        found = book
    used = found if found.digest == then.rulebook.digest else None
    for path, entry in zip(places, then.reports, strict=True):
        case: Case = case_from(entry.area, entry.case, path=f"{path}.case")
        facts = book.area(entry.area).input_facts
        question = Question(
            area=entry.area,
            case=case,
            on=then.on,
            assuming=values_from(entry.assumed, facts, f"{path}.assumed"),
            book=used,
            settings=_of_area(book, entry.area, settings),
            label=_label(then.rulebook.version, then.rulebook.digest),
        )
        shown = {
            one.rule: one.outcome.value
            for one in entry.findings
            if one.outcome is not Outcome.NOT_APPLICABLE
        }
        yield Answered(
            area=entry.area,
            reference=entry.reference or "",
            answers=Answers(shown, entry.stage, _near(question, found, days)),
            severities={
                one.rule: one.severity for one in entry.findings if one.severity is not None
            },
            question=question,
            kept=entry.kept,
        )


def _near(question: Question, book: Rulebook, days: int | None) -> Any:
    """Return the due days of a stored case that were near, by the rules that are at hand."""
    if days is None:
        return {}
    try:
        report = check(question.case, on=question.on, rulebook=book, assuming=question.assuming)
    except (CaseError, InputError, NotInForce):
        return {}
    return answers_of(report, days).near


def _of_area(book: Rulebook, area: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of an area's figures; others change no answer about it."""
    known = book.area(area).parameters
    return {name: value for name, value in settings.items() if name in known}


def _label(version: str, digest: str) -> str:
    return f"version {version}, {digest}"
