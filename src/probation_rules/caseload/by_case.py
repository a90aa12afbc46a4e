"""A file -> its answers, case by case."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from probation_rules import readers
from probation_rules._check import check
from probation_rules.areas import Case, missing_extras
from probation_rules.caseload.answered import Answered, Invalid
from probation_rules.caseload.counts import counted, grouped
from probation_rules.caseload.model import Caseload
from probation_rules.caseload.question import Question
from probation_rules.caseload.unknown import open_figures
from probation_rules.cases import REFERENCE, Attempt
from probation_rules.errors import CaseError, InputError, Problem, did_you_mean
from probation_rules.intake.rows import why_invalid
from probation_rules.readers.files import Problems
from probation_rules.rulebook.validity import require_day

LONG_WORK = 2_000  # cases from which progress is reported


def answer(
    question: Question,
    file: str,
    shape: str | None,
    *,
    strict: bool = False,
    progress: Callable[[float], object] | None = None,
    **options: Any,
) -> Caseload:
    """Read a file and ask every rule of the area about each of its cases.

    Args:
        question: The question.
        file: The file, or `-` for standard input.
        shape: The system that made it, if another did.
        strict: Whether to refuse the file where a case cannot be judged.
        progress: Called with the share that is done, from 0 to 1, of a file of many cases.
        options: Other options of `readers.read`, such as `columns` and `sheet`.

    Raises:
        CaseError: The file cannot be read or, if `strict`, a case cannot be judged; every problem
            is listed.
    """
    area = question.area
    require_day(area, question.on)
    reading = readers.read(area.name, file, shape=shape, on=question.on, strict=strict, **options)
    rows: list[Answered | Invalid] = []
    problems = Problems()
    many = len(reading.tried) if len(reading.tried) >= LONG_WORK else 0
    kept = tuple(dict.fromkeys(name for cells in reading.carried.values() for name in cells))
    require_kept(question, kept if reading.tried else None)
    for place, tried in reading.tried.items():
        rows.append(_row(question, place, tried, problems, reading.carried.get(place, {})))
        if many and progress is not None:
            progress(len(rows) / many)
    if strict:
        problems.refuse()
    cases = [one for one in rows if isinstance(one, Answered)]
    waiting = Counter(name for one in cases for name in one.needs if name in area.parameters)
    filled = Counter(name for one in cases for name in one.report.assuming)
    every = question.count(len(rows))
    idle = [name for name in question.assuming if name not in filled]
    return Caseload(
        question=question,
        file="standard input" if file == "-" else Path(file).name,
        engine=question.engine,
        rows=tuple(rows),
        counts=counted(question, rows),
        open=open_figures(
            question,
            {name: f"needed for {number:,} of {every}" for name, number in waiting.items()},
        ),
        notes=(
            *reading.notes,
            *missing_extras(area.name),
            *_lacking(question, reading.lacks),
            *(
                f"the value assumed for {name} was not used: no case leaves it unknown"
                for name in idle
            ),
        ),
        filled={name: f"for {number:,} without a value" for name, number in filled.items()},
        mapping=mapping_name(options),
        kept=kept,
        groups=grouped(question, rows),
    )


def mapping_name(options: Mapping[str, Any]) -> str | None:
    """Return the name of the mapping among the options of reading, if it has one."""
    given = options.get("mapping")
    return Path(given).name if isinstance(given, (str, Path)) else None


def require_kept(question: Question, kept: Sequence[str] | None) -> None:
    """Refuse a question whose groups are by a column that is not kept.

    Args:
        question: The question.
        kept: The headers of the kept columns; ``None`` where the file has no cases.

    Raises:
        InputError: Naming the columns that are kept.
    """
    by = question.by
    if by is None or kept is None or by in kept:
        return
    known = f"kept are {', '.join(kept)}" if kept else "no column is kept"
    text = f"this column is not kept, so cases cannot be grouped by it; {known}"
    raise InputError([Problem(f"{text}{did_you_mean(by, kept)}", f"--by {by}")])


def answered(
    question: Question, place: str, case: Case, kept: Mapping[str, str] | None = None
) -> Answered:
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
        cross_check=question.cross_check,
    )
    report.place = place
    report.kept = kept or {}
    return Answered(report)


def _row(
    question: Question, place: str, tried: Attempt, problems: Problems, kept: Mapping[str, str]
) -> Answered | Invalid:
    """Return a case with its answer, or why it has none; add to the problems of a sound file."""
    if tried.case is not None and not tried.problems:
        try:
            return answered(question, place, tried.case, kept)
        except CaseError as error:
            problems.add(*(_at(place, problem) for problem in error.problems))
            tried = Attempt(tried.case, error.problems)
    why = why_invalid(question.area, tried, question.on, assumed=question.assuming)
    return Invalid(place, getattr(tried.case, REFERENCE, None), tuple(why), kept)


def _at(place: str, problem: Problem) -> Problem:
    """Return the problem of one case, as seen from its file."""
    if place.startswith("row "):
        return Problem(problem.text, problem.path.replace("$.", f"{place}, column "))
    return problem.under(place if place.startswith("$") else f"{place}, $")


def _lacking(question: Question, lacks: Iterable[str]) -> list[str]:
    facts, assumed = question.area.facts, question.assuming
    unknown = [one for one in lacks if one in facts and facts[one].default is None]
    names = ", ".join(one for one in unknown if one not in assumed)
    text = f"this feed never gives {names}: unknown, unless given with --assume FACT=VALUE"
    return [text] if names else []
