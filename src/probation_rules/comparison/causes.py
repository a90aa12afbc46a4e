"""The smallest set of changes that accounts for another answer, found by crossed questions.

Two questions about a case may differ in the case's facts, the day, the rulebook, settings and
assumptions. A crossed question has some of these from after and the others from before.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from itertools import combinations
from math import comb
from typing import Any, TypeVar

from attrs import evolve, field, frozen

from probation_rules._check import check
from probation_rules.comparison.books import Books, Part, detail, parts_of
from probation_rules.comparison.differences import (
    Cause,
    Difference,
    Kind,
    Question,
    differences,
)
from probation_rules.diary import Coming, coming
from probation_rules.engines import Outcome
from probation_rules.errors import CaseError, InputError, NotInForce, RulebookError
from probation_rules.report import Report
from probation_rules.rulebook.book import Rulebook

MOST_CROSSINGS = 4096  # crossed questions about one case: all sets of twelve changes
MOST_MIXES = 64  # rulebooks made of parts of two others, for one set of changes
STAGE = "stage"

Change = TypeVar("Change")


@frozen
class Answers:
    """The answers about one case.

    Attributes:
        outcomes: The outcomes of the rules that apply, by id.
        stage: The stage; ``None`` if it is unknown, or the area has no stages.
        near: The due days that come soon, by the fact that gives the day.
    """

    outcomes: Mapping[str, str]
    stage: str | None
    near: Mapping[str, Coming] = field(factory=dict)

    def of(self, name: str) -> str | bool | None:
        """Return one answer, by a rule's id, a due day's fact, or `STAGE`.

        A rule that did not exist does not apply.
        """
        if name == STAGE:
            return self.stage
        return name in self.near or self.outcomes.get(name, Outcome.NOT_APPLICABLE.value)

    def is_same(self, other: Answers, was: Answers) -> bool:
        """Whether outcomes, stage and the due days that are newly near are those of another.

        Args:
            other: The other answers.
            was: The answers before.
        """
        newly = [[fact for fact in one.near if fact not in was.near] for one in (self, other)]
        same = self.outcomes == other.outcomes and self.stage == other.stage
        return same and newly[0] == newly[1]


def answers_of(report: Report, days: int | None = None) -> Answers:
    """Return the answers of a report.

    Args:
        report: The report.
        days: How many days ahead a due day is near; without it, no due day is.
    """
    every = {rule: report.outcome(rule) for rule in report.area.wordings}
    found = {rule: one.value for rule, one in every.items() if one is not Outcome.NOT_APPLICABLE}
    near = {}
    if days is not None:
        dated = (one for one in coming(report, report.on + timedelta(days)) if one.day)
        near = {one.entry.fact: one for one in dated}
    return Answers(found, report.stage, near)


class Crossing:
    """The crossed questions about one case.

    Args:
        before: The question before.
        after: The question after.
        was: The answers before.
        now: The answers after.
        books: The rulebooks made so far.
        days: How many days ahead a due day is near.
    """

    def __init__(
        self,
        before: Question,
        after: Question,
        was: Answers,
        now: Answers,
        books: Books,
        days: int | None = None,
    ) -> None:
        self.before, self.after, self.books, self.days = before, after, books, days
        self.differences = differences(before, after)
        self.was, self.now = was, now
        self.complete = True  # whether each question could be put
        self._asked: dict[frozenset[Difference], Answers | None] = {
            frozenset(): was,
            frozenset(self.differences): now,
        }

    def cause(self, of: str | None = None) -> Cause:
        """Return why the answers changed, or why one answer did.

        Args:
            of: A rule's id, a due day's fact, or `STAGE`; ``None`` for all answers.
        """

        def gives(taken: frozenset[Difference]) -> bool:
            return self._same(self._answers(taken), of)

        sets, certain = smallest(self.differences, gives, MOST_CROSSINGS)
        every, certain = len(self.differences), certain and self.complete
        return Cause(
            sets=tuple(tuple(self._detailed(one, taken, of) for one in taken) for taken in sets),
            smallest=certain,
            together=certain and every > 1 and [len(taken) for taken in sets] == [every],
        )

    def _same(self, answers: Answers | None, of: str | None) -> bool:
        if answers is None:
            return False
        return (
            answers.is_same(self.now, self.was) if of is None else answers.of(of) == self.now.of(of)
        )

    def _answers(self, taken: frozenset[Difference]) -> Answers | None:
        if taken not in self._asked:
            newer = any(one.kind is Kind.RULEBOOK for one in taken)
            book = self.after.book if newer else self.before.book
            if book is None:
                self.complete = False
            self._asked[taken] = None if book is None else self._ask(taken, book)
        return self._asked[taken]

    def _ask(self, taken: Iterable[Difference], book: Rulebook) -> Answers | None:
        """Return the answers before with some differences taken from after.

        ``None`` where there is no answer: the mix of facts, or of rules, is not valid.
        """
        before, after = self.before, self.after
        names = {kind: {one.name for one in taken if one.kind is kind} for kind in Kind}
        facts = {name: getattr(after.case, name) for name in names[Kind.FACT]}
        settings = _crossed(before.settings, after.settings, names[Kind.SETTING])
        try:
            report = check(
                evolve(before.case, **facts),
                on=after.on if names[Kind.DAY] else before.on,
                rulebook=self.books.with_settings(book, settings),
                assuming=_crossed(before.assuming, after.assuming, names[Kind.ASSUMPTION]),
            )
        except (CaseError, InputError, NotInForce, RulebookError):
            return None
        return answers_of(report, self.days)

    def _detailed(self, one: Difference, taken: Sequence[Difference], of: str | None) -> Difference:
        """Return a difference of rulebooks with the rules and figures that account for the change."""
        before, after = self.before.book, self.after.book
        if one.kind is not Kind.RULEBOOK or before is None or after is None:
            return one
        first, second = (self.books.with_settings(book, {}) for book in (before, after))
        area = self.after.area

        def gives(parts: frozenset[Part]) -> bool:
            try:
                mixed = self.books.mixed(first, second, area, parts)
                mixed.area(area)
            except RulebookError:
                return False
            return self._same(self._ask(taken, mixed), of)

        parts, _ = smallest(parts_of(first, second, area), gives, MOST_MIXES)
        details = [detail(first.area(area), second.area(area), part) for part in parts[0]]
        return evolve(one, details=tuple(details))


def _crossed(before: Mapping[str, Any], after: Mapping[str, Any], names: Collection[str]) -> Any:
    """Return the values of before, but for some names those of after."""
    kept = {name: value for name, value in before.items() if name not in names}
    return kept | {name: value for name, value in after.items() if name in names}


def smallest(
    changes: Sequence[Change], gives: Callable[[frozenset[Change]], bool], most: int
) -> tuple[list[tuple[Change, ...]], bool]:
    """Return the smallest sets of changes that give an answer, and whether no smaller set can.

    All changes together are taken to give it.

    Args:
        changes: The changes.
        gives: Returns whether a set gives the answer.
        most: How many sets to try. After that one set is returned that no change can be left out of.
    """
    tried = 0
    for size in range(1, len(changes)):
        tried += comb(len(changes), size)
        if tried > most:
            taken = list(changes)
            for one in changes:
                fewer = [other for other in taken if other != one]
                if gives(frozenset(fewer)):
                    taken = fewer
            return [tuple(taken)], False
        if found := [some for some in combinations(changes, size) if gives(frozenset(some))]:
            return found, True
    return [tuple(changes)] if changes else [], True
