"""How many cases of a file have which answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from attrs import frozen

from probation_rules.caseload.answered import WORST, Answered, Invalid
from probation_rules.caseload.question import Question
from probation_rules.engines import INVALID_ROW, Outcome
from probation_rules.report import summary

COUNTED = (Outcome.NOT_MET, Outcome.CANNOT_TELL, Outcome.MET, Outcome.NOT_APPLICABLE)
"""The outcomes in the order of every table of counts."""


NO_CELL = "(empty)"
"""The name of the group of cases whose cell is empty."""


@frozen
class Counts:
    """How many cases have which answer.

    Attributes:
        by_rule: By rule and outcome, `invalid` among them.
        by_stage: By stage and most serious finding, the most urgent stage first. The stage is
            ``None`` where it is not known, and in an area without stages.
        reasons: How many cases are invalid, by reason.
        invalid: How many cases cannot be judged as given.
    """

    by_rule: Mapping[str, Mapping[str, int]]
    by_stage: Mapping[str | None, Mapping[str | None, int]]
    reasons: Mapping[str, int]
    invalid: int

    @classmethod
    def of(
        cls,
        question: Question,
        by_rule: Mapping[str, Mapping[str, int]],
        pairs: Mapping[tuple[str | None, str | None], int],
        reasons: Mapping[str, int],
    ) -> Counts:
        """Return counts in the order of every list.

        Args:
            question: The question.
            by_rule: By rule and outcome.
            pairs: By stage and most serious finding together; an invalid case is in no stage.
            reasons: By reason why a case is invalid.
        """
        invalid = pairs.get((None, INVALID_ROW), 0)
        used = {stage for stage, worst in pairs if worst in WORST}
        by_stage = {
            stage: {worst: pairs.get((stage, worst), 0) for worst in WORST}
            for stage in question.stages
            if stage in used
        }
        return cls(by_rule, by_stage, reasons, invalid)

    @property
    def stages(self) -> dict[str | None, int]:
        """How many cases are in each stage."""
        return {stage: sum(numbers.values()) for stage, numbers in self.by_stage.items()}

    @property
    def worst(self) -> dict[str | None, int]:
        """How many cases have each most serious finding, `invalid` among them."""
        each = self.by_stage.values()
        found = {worst: sum(numbers[worst] for numbers in each) for worst in WORST}
        return {**found, INVALID_ROW: self.invalid}

    @property
    def cases(self) -> int:
        """How many cases there are."""
        return sum(self.worst.values())


def counted(question: Question, rows: Iterable[Answered | Invalid]) -> Counts:
    """Return the counts of some cases."""
    cases, reasons = [], Counter[str]()
    pairs = Counter[tuple[str | None, str | None]]()
    for one in rows:
        if isinstance(one, Answered):
            cases.append(one.report)
            pairs[one.report.stage, one.worst] += 1
        else:
            reasons.update(one.reasons)
            pairs[None, INVALID_ROW] += 1
    numbers: Mapping[str, Mapping[Outcome, int]] = summary(cases)
    invalid = {INVALID_ROW: pairs[None, INVALID_ROW]} if pairs[None, INVALID_ROW] else {}
    by_rule = {rule: {**numbers.get(rule, {}), **invalid} for rule in question.area.wordings}
    return Counts.of(question, by_rule, pairs, reasons)


def grouped(question: Question, rows: Iterable[Answered | Invalid]) -> dict[str, Counts]:
    """Return the counts of the cases of each group, in the order of their names."""
    if question.by is None:
        return {}
    found: dict[str, list[Answered | Invalid]] = {}
    for one in rows:
        found.setdefault(one.kept[question.by], []).append(one)
    return {name: counted(question, found[name]) for name in in_order(found)}


def in_order(names: Iterable[str]) -> list[str]:
    """Return the names of groups in the order of every list: an empty one is last."""
    return sorted(names, key=lambda name: (not name, name.casefold(), name))
