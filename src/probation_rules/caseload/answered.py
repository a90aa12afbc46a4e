"""One case of a file with its answer, or with the reasons why it has none."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from math import inf

from attrs import field, frozen

from probation_rules.caseload.layout import layout_for, words
from probation_rules.engines import INVALID_ROW, Outcome
from probation_rules.language.english import inside
from probation_rules.report import Finding, Report
from probation_rules.rulebook.model import Area, Severity

WORST = {
    "breach": "with a requirement not met",
    "advisory": "with only advice not met",
    "unknown": "with only something missing",
    None: "with nothing to report",
}
"""The most serious finding of a case, most serious first, in words."""

IN_WORDS = {
    "breach": "requirement not met",
    "advisory": "advice not met",
    "unknown": "cannot tell",
    None: "nothing to report",
    INVALID_ROW: "cannot be judged as given",
}
"""The most serious finding of a case, or that it is invalid, as a table of a workbook has it."""

_OF_MEMBER = re.compile(r"(\w+)\[(\d+)\]\.(\w+)")


def fact_label(area: Area, path: str) -> str:
    """Return what people call a fact, inside a sentence, by the path that an answer asks for it.

    That is its label or, of a fact that has none, its name in words.
    """
    name = path.rpartition("].")[2]
    facts = {**(area.members.facts if area.members else {}), **area.facts}
    fact = facts.get(name)
    return inside(fact.label) if fact and fact.label else words(name.replace(".", " "))


@frozen(slots=False)
class Answered:
    """One case with its answer."""

    report: Report

    @property
    def kept(self) -> Mapping[str, str]:
        """The cells of the file that go with the case and are not judged, by header."""
        return self.report.kept

    @property
    def label(self) -> str:
        """The case's reference, or its place in the file where it has none."""
        return self.report.reference or self.report.place or ""

    @property
    def stage(self) -> str:
        """The stage in words; empty in an area without stages."""
        return words(self.report.stage) if self.report.area.stages else ""

    @cached_property
    def not_met(self) -> tuple[Finding, ...]:
        """Findings that are not met, breaches first."""
        found = self._found[Outcome.NOT_MET]
        return tuple(sorted(found, key=lambda one: one.severity is not Severity.BREACH))

    @cached_property
    def unknown(self) -> tuple[Finding, ...]:
        """Findings with the outcome `cannot_tell`."""
        return tuple(self._found[Outcome.CANNOT_TELL])

    @cached_property
    def needs(self) -> tuple[str, ...]:
        """The unknown facts and figures that the stage and the findings depend on."""
        needs = [name for finding in self.unknown for name in finding.needs]
        return tuple(dict.fromkeys([*self.report.stage_needs, *needs]))

    @property
    def urgency(self) -> tuple[float, ...]:
        """The sort key of the case: the most urgent has the smallest."""
        layout, facts = layout_for(self.report.area), self.report.facts
        known = [facts[name] for name in layout.soonest if facts[name] is not None]
        return (
            layout.ranked(self.report.stage),
            known[0] if known else inf,
            *(-(facts[name] or 0) for name in layout.most),
            -sum(finding.severity is Severity.BREACH for finding in self.not_met),
            -len(self.not_met),
            -len(self.unknown),
        )

    @property
    def worst(self) -> str | None:
        """The most serious finding, a key of `WORST`."""
        if self.not_met:
            return self.not_met[0].severity
        return "unknown" if self.needs else None

    @cached_property
    def _found(self) -> Mapping[Outcome, Sequence[Finding]]:
        """The findings with the outcome `not_met` or `cannot_tell`. Others are not made."""
        report = self.report
        found: dict[Outcome, list[Finding]] = {Outcome.NOT_MET: [], Outcome.CANNOT_TELL: []}
        for rule in report.area.wordings:
            if (outcome := report.outcome(rule)) in found:
                found[outcome].append(report.finding(rule))
        return found

    def fact(self, path: str) -> str:
        """Return what people call a fact, by its path; of a member, with whose: `grade of M-007`."""
        area = self.report.area
        if found := _OF_MEMBER.fullmatch(path):
            members, place, _ = found.groups()
            reference = getattr(self.report.case, members)[int(place)].reference
            whose = reference or f"number {int(place) + 1} of the {members}"
            return f"{fact_label(area, path)} of {whose}"
        return fact_label(area, path)


@frozen
class Invalid:
    """One case that cannot be judged as given.

    Attributes:
        place: Its place in the file.
        reference: The case's own reference.
        reasons: Why, as a table gives the reasons.
        kept: The cells of the file that go with the case and are not judged, by header.
    """

    place: str
    reference: str | None
    reasons: tuple[str, ...]
    kept: Mapping[str, str] = field(factory=dict, repr=False)

    @property
    def label(self) -> str:
        """The case's reference, or its place in the file where it has none."""
        return self.reference or self.place
