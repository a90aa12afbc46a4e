"""A file of cases -> every case's report, with what somebody has to act on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from attrs import frozen

from probation_rules import readers
from probation_rules.areas import Case, missing_extras
from probation_rules.check import check
from probation_rules.cli.output import tracked
from probation_rules.engines import Outcome
from probation_rules.errors import CaseError, Problem
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
class Answer:
    """The answers on a file.

    Attributes:
        cases: In the order of the file.
        notes: What the file lacks, what was left out, and assumptions that filled nothing.
        waiting: Parameters without a value that cases wait for, with how many do.
    """

    question: Question
    cases: tuple[Answered, ...]
    notes: tuple[str, ...]
    waiting: Mapping[str, int]


def answer(
    question: Question, file: str, shape: str | None, columns: Mapping[str, str] | None = None
) -> Answer:
    """Read a file and ask every rule of the area about each of its cases.

    Args:
        question: What is asked.
        file: The file, or `-` for standard input.
        shape: The system that made it, if another did.
        columns: For facts whose column has another name, that name.

    Raises:
        CaseError: The file cannot be read, or a case cannot be judged; every problem is listed.
    """
    require_day(question.area, question.on)
    reading = readers.read(question.area.name, file, shape=shape, on=question.on, columns=columns)
    cases = _answered(question, zip(reading.places, reading.cases, strict=True), len(reading.cases))
    waiting = Counter(
        name for one in cases for name in one.needs if name in question.area.parameters
    )
    notes = (
        *reading.notes,
        *missing_extras(question.area.name),
        *_lacking(question, reading.lacks),
        *_idle(question, cases),
    )
    return Answer(question, cases, notes, waiting)


def _answered(
    question: Question, cases: Iterable[tuple[str, Case]], number: int
) -> tuple[Answered, ...]:
    found, problems = [], []
    for place, case in cases if number < LONG_WORK else tracked(cases, "Checking", number):
        try:
            found.append(answered(question, place, case))
        except CaseError as error:
            problems += [_at(place, problem) for problem in error.problems]
    if problems:
        left = len(problems) - readers.MOST_PROBLEMS
        more = [Problem(f"and {left:,} more problems", "the file")] if left > 0 else []
        raise CaseError([*problems[: readers.MOST_PROBLEMS], *more])
    return tuple(found)


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
