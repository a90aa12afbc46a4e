"""What changed in a caseload between two sets of answers, in the words of pages and workbooks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Any, TypeVar

from attrs import field, frozen

from probation_rules.caseload.answered import IN_WORDS, fact_label
from probation_rules.caseload.layout import Layout, day, layout_for, words
from probation_rules.cases import value_from
from probation_rules.comparison.cases import (
    Answered,
    CaseChange,
    Change,
    DueChange,
    Invalid,
    RuleChange,
)
from probation_rules.comparison.changes import Comparison, Group
from probation_rules.comparison.differences import Cause, Difference, Kind
from probation_rules.engines import Outcome
from probation_rules.language.english import say
from probation_rules.report import Finding
from probation_rules.rulebook.book import Rulebook
from probation_rules.rulebook.model import Area, Fact, Rule, Severity

CHANGES = {
    Change.BREACH: "requirement newly not met",
    Change.ADVISORY: "advice newly not met",
    Change.NEAR: "due day newly near",
    Change.UNKNOWN: "newly unknown",
    Change.STAGE: "another stage",
    Change.PUT_RIGHT: "put right",
    Change.OTHER: "another change",
}
"""The names of the kinds of change, the most serious first."""

STATES = {
    "new": "new",
    "gone": "gone",
    "unchanged": "without a change",
    "invalid": "not compared",
}
"""The names of the other results of a comparison for a case."""

_COLOURS = {Change.BREACH: "breach", Change.ADVISORY: "advisory", Change.UNKNOWN: "unknown"}

Listed = TypeVar("Listed", CaseChange, Answered, Invalid)


@frozen
class Place:
    """The file and the day of the answers before or after.

    Attributes:
        file: The name of the file.
        on: The day asked about; ``None`` if the stored answers do not have it.
    """

    file: str
    on: date | None

    def __str__(self) -> str:
        return f"{self.file} on {day(self.on)}" if self.on else self.file


@frozen
class Line:
    """One thing that changed about a case.

    Attributes:
        tag: The kind of change, in words.
        name: What changed: the short name of a rule, or a due day; empty for the stage.
        text: How it changed; empty if that is not known.
        kind: The colour of the tag: `breach`, `advisory`, `unknown` or none.
        rule: The rule's id, or empty.
        remedy: What to do about a requirement or advice that is newly not met.
    """

    tag: str
    name: str
    text: str
    kind: str = ""
    rule: str = ""
    remedy: str = ""

    def __str__(self) -> str:
        rule = f" ({self.rule})" if self.rule else ""
        return f"{': '.join(filter(None, (self.tag, self.name, self.text)))}{rule}"


@frozen
class Reason:
    """Some things that changed about a case for the same reason.

    Attributes:
        lines: The things.
        why: The reason.
    """

    lines: tuple[Line, ...]
    why: str


@frozen(slots=False)
class Changes:
    """What changed in a caseload.

    Attributes:
        area: The area, by the later rules.
        book: The later rules.
        before: Where the answers before come from.
        after: Where the answers after come from.
        comparison: The comparison.
        by: The kept column by which cases are grouped.
        days: How many days ahead a due day is near.
    """

    area: Area
    book: Rulebook = field(repr=False)
    before: Place
    after: Place
    comparison: Comparison = field(repr=False)
    by: str | None = None
    days: int = 0

    @property
    def layout(self) -> Layout:
        """How the area's cases are listed."""
        return layout_for(self.area)

    @property
    def title(self) -> str:
        """The start of the comparison in words, such as `since 2 May 2026`."""
        return f"since {day(self.before.on)}" if self.before.on else f"since {self.before.file}"

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many cases have each most serious change, are new, gone, unchanged or not compared."""
        return _counts(self.comparison.counts, self.comparison.changes)

    @property
    def cases(self) -> int:
        """How many cases there are in both files together."""
        return sum(self.counts.values())

    @cached_property
    def groups(self) -> dict[str, dict[str, int]]:
        """The same counts for each group, by the cell in the column."""
        groups: Mapping[str, Group] = self.comparison.groups(self.by) if self.by else {}
        return {cell: _counts(one.counts, one.changes) for cell, one in groups.items()}

    @property
    def kept(self) -> tuple[str, ...]:
        """The headers of the kept columns."""
        found = self.comparison
        names = [
            *(name for one in found.changed for name in one.kept),
            *(name for one in (*found.new, *found.gone) for name in one.kept),
            *(name for one in found.invalid for name in one.kept),
        ]
        return tuple(dict.fromkeys(names))

    def in_groups(self, rows: Sequence[Listed]) -> list[tuple[str | None, list[Listed]]]:
        """Return some cases by group, each group in the order given; one group if none is asked for."""
        if self.by is None:
            return [(None, list(rows))] if rows else []
        found: dict[str | None, list[Listed]] = {name: [] for name in self.groups}
        for one in rows:
            found[one.kept.get(self.by, "")].append(one)
        return [pair for pair in found.items() if pair[1]]

    def reasons(self, case: CaseChange) -> list[Reason]:
        """Return what changed about a case, by reason, the most serious first."""
        found: dict[str, list[Line]] = {}
        for line, cause in self._lines(case):
            found.setdefault(self.in_words(cause), []).append(line)
        return [Reason(tuple(some), why) for why, some in found.items()]

    def findings(self, one: Answered) -> list[Line]:
        """Return what is not met or unknown about a case that is only in one file."""
        wanted = {Outcome.NOT_MET: one.severities, Outcome.CANNOT_TELL: {}}
        found = [
            self._finding(one, rule, wanted[Outcome(outcome)].get(rule), "")
            for rule, outcome in one.answers.outcomes.items()
            if outcome in wanted
        ]
        return sorted(found, key=lambda line: [*_COLOURS.values()].index(line.kind))

    def in_words(self, cause: Cause) -> str:
        """Return a cause with the labels of facts, and values as people write them."""
        return cause.in_words(self._difference)

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison as one JSON document."""
        return self.comparison.to_dict(by=self.by)

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """The rules that the lists name, in the order of the rulebook."""
        found = self.comparison
        lines = [
            *(line for case in found.changed for one in self.reasons(case) for line in one.lines),
            *(line for case in (*found.new, *found.gone) for line in self.findings(case)),
        ]
        ids = {line.rule for line in lines}
        return tuple(
            self.area.rules[places[-1]] for id_, places in self.area.wordings.items() if id_ in ids
        )

    def name(self, rule: str) -> str:
        """Return the short name of a rule; its id if the later rules do not have it."""
        places = self.area.wordings.get(rule)
        return self.area.rules[places[-1]].short if places else rule

    def _lines(self, case: CaseChange) -> Iterator[tuple[Line, Cause]]:
        parts: list[tuple[Change, RuleChange | DueChange]] = [
            *((one.change, one) for one in case.rules),
            *((Change.NEAR, one) for one in case.near),
        ]
        order = [*CHANGES]
        ranked = sorted(parts, key=lambda pair: order.index(pair[0]))
        stage = case.stage_cause
        for change, one in ranked:
            if stage and order.index(change) > order.index(Change.STAGE):
                yield self._stage(case), stage
                stage = None
            yield self._line(case, change, one), one.cause
        if stage:
            yield self._stage(case), stage

    def _stage(self, case: CaseChange) -> Line:
        one, other = (words(side.stage) for side in (case.before, case.after))
        return Line(f"another {self.layout.stage}", "", f"{one} before, {other} now")

    def _line(self, case: CaseChange, change: Change, one: RuleChange | DueChange) -> Line:
        if isinstance(one, DueChange):
            return Line(CHANGES[change], one.due.entry.label, day(one.day))
        was = f"{words(one.before)} before"
        if change in _COLOURS:
            severity = case.after.severities.get(one.rule) if change is not Change.UNKNOWN else None
            return self._finding(case.after, one.rule, severity, was)
        text = f"{was}, {words(one.after)} now"
        return Line(CHANGES[change], self.name(one.rule), text, rule=one.rule)

    def _finding(self, one: Answered, rule: str, severity: Severity | None, was: str) -> Line:
        """Return a finding that is not met, or unknown if it has no severity."""
        kind = severity.value if severity else "unknown"
        finding = one.report.finding(rule) if one.report else None
        text = self._message(finding) if finding else ""
        text = " ".join(filter(None, (text, f"({was})" if was else "")))
        remedy = (finding.remedy if finding else "") or ""
        return Line(IN_WORDS[kind], self.name(rule), text, kind, rule, remedy)

    def _message(self, finding: Finding) -> str:
        if finding.outcome is not Outcome.CANNOT_TELL:
            return finding.message
        return f"needs {', '.join(fact_label(self.area, name) for name in finding.needs)}"

    def _difference(self, one: Difference) -> str:
        area = self.area
        if one.kind is Kind.DAY:
            first, last = (day(date.fromisoformat(text)) for text in (one.before, one.after))
            return f"the day changed from {first} to {last}"
        parameters = {name: figure.as_fact for name, figure in area.parameters.items()}
        known: Mapping[str, Fact] = parameters if one.kind is Kind.SETTING else area.input_facts
        if one.details or one.name not in known:
            return str(one)
        label, missing = fact_label(area, one.name), "not known"
        if one.kind is Kind.SETTING:
            label, missing = f"the setting {one.name}", "not set"
        elif one.kind is Kind.ASSUMPTION:
            label, missing = f"the assumption about {label}", "not assumed"
        first, last = (_said(known[one.name], value, missing) for value in (one.before, one.after))
        return f"{label} changed from {first} to {last}"


def _said(fact: Fact, value: Any, missing: str) -> str:
    if value is None:
        return missing
    return say(value_from(fact, value), fact.type)


def _counts(counts: Mapping[str, int], changes: Mapping[Change, int]) -> dict[str, int]:
    found = {text: changes.get(change, 0) for change, text in CHANGES.items()}
    return {**found, **{text: counts[state] for state, text in STATES.items()}}
