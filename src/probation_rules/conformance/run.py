"""Run conformance cases on an engine, and list where its answers differ from policy."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from attrs import field, frozen

from probation_rules._check import check, require_engine
from probation_rules.cases import case_from
from probation_rules.conformance.read import ABSENT, DUE, EXAMPLE, UNKNOWN, Case
from probation_rules.diary import is_due
from probation_rules.engines import Outcome
from probation_rules.errors import (
    CaseError,
    EngineDisagreement,
    InputError,
    NotInForce,
    RulebookError,
)
from probation_rules.report import Report
from probation_rules.rulebook import shipped
from probation_rules.rulebook.book import Rulebook


@frozen(kw_only=True)
class Answer:
    """An engine's answer for a case: what the case asks for, or the problems of a refused case.

    Attributes:
        outcomes: `met`, `not_met`, `cannot_tell` or `not_applicable`, by rule id.
        stage: The stage, or ``None`` if it is unknown.
        due: `due`, `not_due` or `cannot_tell`, by the derived fact that gives the day.
        needs: The needs of each `cannot_tell`, by rule id, derived fact or `stage`.
        facts: The values of input and derived facts; ``None`` for an unknown fact, `absent` for a
            fact that does not exist.
        problems: The problems of a refused case, each as `text @ $.field`.
    """

    outcomes: Mapping[str, str] = field(factory=dict)
    stage: str | None = None
    due: Mapping[str, str] = field(factory=dict)
    needs: Mapping[str, Collection[str]] = field(factory=dict)
    facts: Mapping[str, Any] = field(factory=dict)
    problems: Collection[str] = ()


Ask = Callable[[Case], Answer]


@frozen
class Difference:
    """One difference between an answer and policy.

    Attributes:
        what: A rule id, `stage`, `due last_day`, `fact last_day`, `needs of pod.8` or `problems`.
        expected: The answer by policy.
        got: The engine's answer.
    """

    what: str
    expected: str
    got: str


@frozen
class Result:
    """One case with its differences; a case that passed does not have any."""

    case: Case
    differences: tuple[Difference, ...]

    @property
    def passed(self) -> bool:
        """Whether all expected answers were given."""
        return not self.differences


def run(cases: Iterable[Case], ask: Ask) -> Iterator[Result]:
    """Yield the result of each case, in order.

    Args:
        cases: The cases, from `load_cases`.
        ask: The engine: a function from `library`, or your own function.
    """
    for case in cases:
        yield Result(case, tuple(differences(case, ask(case))))


def library(engine: str = "python", rulebook: Rulebook | None = None) -> Ask:
    """Return one of this library's engines as a function for `run`.

    Args:
        engine: The engine, as for `check`.
        rulebook: The rules to use; the shipped rules by default. The local rulebooks of a case are
            added to them.

    Raises:
        InputError: The engine does not exist.
    """
    require_engine(engine)

    def ask(case: Case) -> Answer:
        try:
            report = report_on(case, engine, rulebook)
        except (CaseError, InputError, RulebookError) as error:
            return Answer(problems=[str(one) for one in error.problems])
        except (EngineDisagreement, NotInForce) as error:
            return Answer(problems=[str(error)])
        rules = report.area.wordings
        days = {name: is_due(report, name) for name in case.due if name in report.area.due}
        return Answer(
            stage=report.stage,
            outcomes={rule: report.outcome(rule).value for rule in case.outcomes if rule in rules},
            due={name: DUE[holds] for name, (holds, _) in days.items()},
            needs={
                **{name: needs for name, (_, needs) in days.items()},
                **{key: report.finding(key).needs for key in case.needs if key in rules},
                "stage": report.stage_needs,
            },
            facts={
                name: ABSENT if name in report.absent else report.facts[name]
                for name in case.facts
                if name in report.facts
            },
        )

    return ask


def report_on(case: Case, engine: str = "python", rulebook: Rulebook | None = None) -> Report:
    """Return this library's report on a case. It raises the same errors as `check`."""
    return check(
        case_from(case.area, case.case),
        on=case.on,
        engine=engine,
        rulebook=_book_of(rulebook or shipped(), case.folder, tuple(case.rulebook)),
        settings=case.settings,
        assuming=case.assuming,
    )


@lru_cache(maxsize=16)
def _book_of(book: Rulebook, folder: Path, names: tuple[str, ...]) -> Rulebook:
    """Return a book with the local rulebooks of a case added. They are loaded only once."""
    for name in names:
        book = book.extended_with(_example() if name == EXAMPLE else folder / name)
    return book


def differences(case: Case, answer: Answer) -> Iterator[Difference]:
    """Yield the differences between the expected answers of a case and an answer."""
    if case.problems or answer.problems:
        yield from _refusals(case, answer)
        return
    if case.stage and (stage := answer.stage or Outcome.CANNOT_TELL.value) != case.stage:
        yield Difference("stage", case.stage, stage)
    for rule, wanted in case.outcomes.items():
        if (outcome := answer.outcomes.get(rule, "no such rule")) != wanted:
            yield Difference(rule, wanted, outcome)
    for name, wanted in case.due.items():
        if (due := answer.due.get(name, "no such day")) != wanted:
            yield Difference(f"due {name}", wanted, due)
    for key, names in case.needs.items():
        if sorted(needed := answer.needs.get(key, ())) != sorted(names):
            yield Difference(f"needs of {key}", _listed(names), _listed(needed))
    for name, value in case.facts.items():
        wanted = _shown(None if value == UNKNOWN else value)
        got = _shown(answer.facts[name]) if name in answer.facts else "no such fact"
        if got != wanted:
            yield Difference(f"fact {name}", wanted, got)


def _refusals(case: Case, answer: Answer) -> Iterator[Difference]:
    got = f"refused: {'; '.join(answer.problems)}" if answer.problems else "an answer"
    if not case.problems:
        yield Difference("problems", "an answer", got)
    for text in case.problems:
        if not any(text in problem for problem in answer.problems):
            yield Difference("problems", f"refused: {text}", got)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"


def _shown(value: object) -> str:
    """Return a value with its type, so that 1 differs from True, and a date from a datetime."""
    return "not known" if value is None else f"{type(value).__name__} {value}"


def _example() -> Path:
    return Path(str(files("probation_rules") / "demo" / "example-region.toml"))
