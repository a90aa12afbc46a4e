"""The answers about a file: its cases, most urgent first, with counts and what is not known.

There are two sizes. Of a whole file, every case is in the model. Of a large file, the model has the
counts of all cases and only the most urgent of them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING, TypeVar

from attrs import evolve, field, frozen

from probation_rules.caseload.answered import WORST, Answered, Invalid
from probation_rules.caseload.changes import Changes
from probation_rules.caseload.counts import Counts
from probation_rules.caseload.layout import day, words
from probation_rules.caseload.question import Question
from probation_rules.caseload.unknown import Missing, Open, missing_facts
from probation_rules.engines import INVALID_ROW

if TYPE_CHECKING:
    from probation_rules.tables import Table


One = TypeVar("One", bound=Answered | Invalid)


@frozen(slots=False)
class Caseload:
    """The answers about a file.

    Attributes:
        question: The question.
        file: The name of the file.
        engine: What decided.
        rows: Every case, judged or not, in the order of the file; of a large file, only the most
            urgent.
        counts: The counts of all cases.
        open: Figures of the policy without a value that cases wait for.
        notes: What the file lacks, what was left out, and assumptions that filled nothing.
        filled: Facts that the caller assumed, with the cases that it filled.
        mapping: The name of the mapping by which the file was read, if there is one.
        kept: The headers of the file's columns that go with each case and are not judged.
        groups: The counts of the cases of each group, by the cell in the column of the question.
        table: All answers to a large file, otherwise ``None``.
        is_whole: Whether `rows` has every case.
        since: What changed since earlier answers, if that was asked.
    """

    question: Question
    file: str
    engine: str
    rows: tuple[Answered | Invalid, ...]
    counts: Counts
    open: tuple[Open, ...]
    notes: tuple[str, ...]
    filled: Mapping[str, str]
    mapping: str | None = None
    kept: tuple[str, ...] = ()
    groups: Mapping[str, Counts] = field(factory=dict)
    table: Table | None = field(default=None, repr=False)
    is_whole: bool = True
    since: Changes | None = field(default=None, repr=False)

    @property
    def judged(self) -> tuple[Answered, ...]:
        """The cases that were judged, in the order of the file."""
        return tuple(one for one in self.rows if isinstance(one, Answered))

    @cached_property
    def cases(self) -> tuple[Answered, ...]:
        """The cases that were judged, the most urgent first."""
        return tuple(sorted(self.judged, key=attrgetter("urgency")))

    def in_groups(self, rows: Sequence[One]) -> list[tuple[str | None, list[One]]]:
        """Return some cases by group, each group in the order given; one group if none is asked for."""
        by = self.question.by
        if by is None:
            return [(None, [*rows])]
        found: dict[str | None, list[One]] = {name: [] for name in self.groups}
        for one in rows:
            found[one.kept[by]].append(one)
        return [pair for pair in found.items() if pair[1]]

    @property
    def invalid(self) -> tuple[Invalid, ...]:
        """The cases that could not be judged, in the order of the file."""
        return tuple(one for one in self.rows if isinstance(one, Invalid))

    @property
    def to_report(self) -> int:
        """How many cases have something to report."""
        return sum(self.counts.worst[word] for word in WORST if word)

    @property
    def given(self) -> tuple[str, ...]:
        """The local rules, settings and assumptions, a line for each."""
        return tuple(self.question.given(self.filled.items()))

    @property
    def count(self) -> str:
        """How many cases there are, and the day: `312 orders on 21 Nov 2026`."""
        return f"{self.question.count(self.counts.cases)} on {day(self.question.on)}"

    @property
    def closing(self) -> str:
        """How many cases there are, by stage and by most serious finding, in one line."""
        counts, area = self.counts, self.question.area
        worst = counts.worst
        stages = [f"{number:,} {words(name)}" for name, number in counts.stages.items()]
        every = {**WORST, INVALID_ROW: INVALID_ROW}
        found = [f"{worst[word]:,} {said}" for word, said in every.items() if worst[word]]
        parts = [", ".join(part) for part in (stages if area.stages else [], found) if part]
        return ": ".join([self.count, *(["; ".join(parts)] if parts else [])])

    @property
    def missing(self) -> tuple[Missing, ...]:
        """The facts that cases in `rows` wait for, the most often missing first."""
        return missing_facts(self.question.area, self.judged)

    def figures_of(self, one: Answered) -> tuple[int, ...]:
        """Return the numbers of the open figures that a case waits for."""
        return tuple(figure.number for figure in self.open if figure.name in one.needs)

    def facts_of(self, one: Answered) -> tuple[str, ...]:
        """Return the facts that a case waits for, in words."""
        figures = {figure.name for figure in self.open}
        return tuple(one.fact(name) for name in one.needs if name not in figures)

    def has(self, words_: Collection[str]) -> bool:
        """Whether any case has one of these as its most serious finding.

        A case that is invalid counts with those that wait for something unknown.
        """
        every = {*words_, *([INVALID_ROW] if "unknown" in words_ else [])}
        return any(self.counts.worst[word] for word in every)

    def shortened(self, most: int) -> Caseload:
        """Return the same with only the most urgent cases."""
        rows = [one for one in self.cases if one.worst][:most]
        return evolve(self, rows=tuple(rows), is_whole=False)
