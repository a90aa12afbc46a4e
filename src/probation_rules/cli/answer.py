"""A file of cases -> every case's report, with what somebody has to act on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from functools import cached_property
from typing import Any

from attrs import frozen

from probation_rules import readers
from probation_rules.areas import Case, missing_extras
from probation_rules.cases import REFERENCE, Attempt
from probation_rules.check import check
from probation_rules.cli.output import tracked
from probation_rules.engines import Outcome
from probation_rules.errors import CaseError, Problem
from probation_rules.intake.rows import why_invalid
from probation_rules.readers.files import Problems
from probation_rules.report import Finding, Report
from probation_rules.rulebook.book import Rulebook
from probation_rules.rulebook.model import Area, Severity
from probation_rules.rulebook.validity import require_day

LONG_WORK = 2_000  # cases from which a terminal shows progress


@frozen
class Question:
    """What was asked, of whatever file.

    Attributes:
        on: The day asked about.
        engine: The engine to decide.
        book: The rules, settings included.
        area: The area, of that book.
        assuming: Values for facts that a case leaves unknown.
    """

    on: date
    engine: str
    book: Rulebook
    area: Area
    assuming: Mapping[str, Any]


@frozen
class Answered:
    """One case with its answer.

    Attributes:
        label: The case's reference, or its place in the file where it has none.
        report: All of the answer.
        not_met: Findings that are not met, breaches first.
        needs: What the stage and the rules that cannot be told wait for: facts and parameters.
    """

    label: str
    report: Report
    not_met: tuple[Finding, ...]
    needs: tuple[str, ...]

    @property
    def worst(self) -> str | None:
        """The gravest thing to say: `breach`, `advisory`, `unknown`, or nothing."""
        if self.not_met:
            return self.not_met[0].severity
        return "unknown" if self.needs else None


@frozen
class Invalid:
    """One case that cannot be judged as given.

    Attributes:
        place: Its place in the file.
        reference: The case's own reference.
        reasons: Why, as a table gives the reasons.
    """

    place: str
    reference: str | None
    reasons: tuple[str, ...]

    @property
    def label(self) -> str:
        """The case's reference, or its place in the file where it has none."""
        return self.reference or self.place


@frozen
class Answer:
    """The answers on a file.

    Attributes:
        rows: Every case, judged or not, in the order of the file.
        notes: What the file lacks, what was left out, and assumptions that filled nothing.
        waiting: Parameters without a value that cases wait for, with how many do.
    """

    question: Question
    rows: tuple[Answered | Invalid, ...]
    notes: tuple[str, ...]
    waiting: Mapping[str, int]

    @cached_property
    def cases(self) -> tuple[Answered, ...]:
        """The cases that were judged, in the order of the file."""
        return tuple(one for one in self.rows if isinstance(one, Answered))

    @cached_property
    def invalid(self) -> tuple[Invalid, ...]:
        """The cases that could not be judged, in the order of the file."""
        return tuple(one for one in self.rows if isinstance(one, Invalid))

    def has(self, words: Collection[str]) -> bool:
        """Whether any case has one of these as the gravest thing to say of it.

        One that is invalid counts with those of which something is not known.
        """
        unknown = "unknown" in words and bool(self.invalid)
        return unknown or any(one.worst in words for one in self.cases)


def answer(
    question: Question,
    file: str,
    shape: str | None,
    columns: Mapping[str, str] | None = None,
    *,
    strict: bool = False,
) -> Answer:
    """Read a file and ask every rule of the area about each of its cases.

    Args:
        question: What is asked.
        file: The file, or `-` for standard input.
        shape: The system that made it, if another did.
        columns: For facts whose column has another name, that name.
        strict: Whether to refuse the file where a case cannot be judged.

    Raises:
        CaseError: The file cannot be read or, if `strict`, a case cannot be judged; every problem
            is listed.
    """
    area = question.area
    require_day(area, question.on)
    reading = readers.read(
        area.name, file, shape=shape, on=question.on, columns=columns, strict=strict
    )
    rows: list[Answered | Invalid] = []
    problems = Problems()
    for place, tried in _followed(reading.tried):
        if tried.case is None or tried.problems:
            rows.append(_invalid(question, place, tried))
            continue
        try:
            rows.append(answered(question, place, tried.case))
        except CaseError as error:
            problems.add(*(_at(place, problem) for problem in error.problems))
            rows.append(_invalid(question, place, Attempt(tried.case, error.problems)))
    if strict:
        problems.refuse()
    cases = [one for one in rows if isinstance(one, Answered)]
    waiting = Counter(name for one in cases for name in one.needs if name in area.parameters)
    notes = (
        *reading.notes,
        *missing_extras(area.name),
        *_lacking(question, reading.lacks),
        *_idle(question, cases),
    )
    return Answer(question, tuple(rows), notes, waiting)


def _followed(tried: Mapping[str, Attempt]) -> Iterable[tuple[str, Attempt]]:
    """Yield cases, and on a terminal show how many of many are done."""
    cases = tried.items()
    return cases if len(cases) < LONG_WORK else tracked(cases, "Checking", len(cases))


def _invalid(question: Question, place: str, tried: Attempt) -> Invalid:
    why = why_invalid(question.area, tried, question.on, assumed=question.assuming)
    return Invalid(place, getattr(tried.case, REFERENCE, None), tuple(why))


def answered(question: Question, place: str, case: Case) -> Answered:
    """Return one case with its answer.

    Raises:
        CaseError: It cannot be judged.
    """
    report = check(
        case,
        on=question.on,
        engine=question.engine,
        rulebook=question.book,
        assuming=question.assuming,
    )
    report.place = place
    found: dict[Outcome, list[Finding]] = {Outcome.NOT_MET: [], Outcome.CANNOT_TELL: []}
    for rule in question.area.wordings:
        if (outcome := report.outcome(rule)) in found:
            found[outcome].append(report.finding(rule))
    needs = [name for finding in found[Outcome.CANNOT_TELL] for name in finding.needs]
    return Answered(
        label=report.reference or place,
        report=report,
        not_met=tuple(
            sorted(found[Outcome.NOT_MET], key=lambda one: one.severity is not Severity.BREACH)
        ),
        needs=tuple(dict.fromkeys([*report.stage_needs, *needs])),
    )


def _at(place: str, problem: Problem) -> Problem:
    """The problem of one case, seen from its file."""
    if place.startswith("row "):
        return Problem(problem.text, problem.path.replace("$.", f"{place}, column "))
    return problem.under(place if place.startswith("$") else f"{place}, $")


def _lacking(question: Question, lacks: Iterable[str]) -> list[str]:
    facts = question.area.facts
    unknown = [name for name in lacks if name in facts and facts[name].default is None]
    unknown = [name for name in unknown if name not in question.assuming]
    if not unknown:
        return []
    text = (
        f"this feed never says {', '.join(unknown)}: unknown, unless given with --assume FACT=VALUE"
    )
    return [text]


def _idle(question: Question, cases: Iterable[Answered]) -> list[str]:
    filled = {name for one in cases for name in one.report.assuming}
    idle = [name for name in question.assuming if name not in filled]
    return [f"--assume {name} filled nothing: no case leaves it unknown" for name in idle]
