"""Coverage: whether the cases show every possible outcome of each rule, on every engine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from attrs import frozen

from probation_rules.conformance.run import Result
from probation_rules.engines import Outcome
from probation_rules.language.tree import And
from probation_rules.rulebook.model import Area
from probation_rules.rulebook.toml_schema import Basis

COLUMNS = (Outcome.MET, Outcome.NOT_MET, Outcome.CANNOT_TELL, Outcome.NOT_APPLICABLE)


@frozen
class Coverage:
    """The numbers of passed cases that show one outcome of a rule.

    Attributes:
        rule: The rule's id.
        outcome: The outcome.
        possible: Whether the shipped rule can have this outcome.
        cases: The number of cases that show it, by engine.
    """

    rule: str
    outcome: Outcome
    possible: bool
    cases: Mapping[str, int]

    @property
    def missing(self) -> bool:
        """Whether the outcome is possible, but an engine lacks a case that shows it."""
        return self.possible and 0 in self.cases.values()


def coverage(area: Area, results: Mapping[str, Iterable[Result]]) -> tuple[Coverage, ...]:
    """Return the coverage of each outcome of each rule of an area.

    Args:
        area: The area.
        results: The results of each engine, by name. Results of other areas are ignored.
    """
    shown: dict[str, Counter[tuple[str, str]]] = {}
    for engine, found in results.items():
        shown[engine] = Counter(
            pair
            for result in found
            if result.passed and result.case.area == area.name
            for pair in result.case.outcomes.items()
        )
    return tuple(
        Coverage(
            rule,
            outcome,
            outcome in _possible(area, rule),
            {engine: counts[rule, outcome.value] for engine, counts in shown.items()},
        )
        for rule in area.wordings
        for outcome in COLUMNS
    )


def _possible(area: Area, id_: str) -> frozenset[Outcome]:
    """Return the outcomes that a rule can have."""
    rules = [area.rules[place] for place in area.wordings[id_]]
    if all(rule.basis is Basis.LOCAL and rule.replaces is None for rule in rules):
        # A placeholder for a region's own rule, which cannot have another outcome without that rule.
        possible = {Outcome.CANNOT_TELL}
    else:
        possible = {Outcome.MET, Outcome.NOT_MET, Outcome.CANNOT_TELL}
    gated = any(rule.gate != And(rule.gate.type, ()) for rule in rules)
    return frozenset(possible | ({Outcome.NOT_APPLICABLE} if gated else set()))
