"""One case whose answers are compared: the answers, what changed, and why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any

from attrs import field, frozen

from probation_rules import change_document as shapes
from probation_rules import document
from probation_rules.comparison.books import Books
from probation_rules.comparison.causes import STAGE, Answers, Crossing
from probation_rules.comparison.differences import NOT_KNOWN, Cause, Difference, Question
from probation_rules.diary import Coming
from probation_rules.engines import Outcome
from probation_rules.report import Report
from probation_rules.rulebook.model import Severity


class Change(StrEnum):
    """The most serious change of a case, the most serious first."""

    BREACH = "breach"  # a requirement is newly not met
    ADVISORY = "advisory"
    NEAR = "near"  # a due day is newly near
    UNKNOWN = "unknown"
    STAGE = "stage"
    PUT_RIGHT = "put_right"
    OTHER = "other"


_ORDER = tuple(Change)
_WRONG = (Outcome.NOT_MET.value, Outcome.CANNOT_TELL.value)


@frozen(eq=False)
class Answered:
    """The answers about one case.

    Attributes:
        area: The area's name.
        reference: The case's reference.
        answers: The outcomes of the rules that apply, the stage, and the due days that are near.
        severities: How serious each rule is if it is not met.
        question: What was asked; ``None`` if the answers were stored as a table, without the cases.
        kept: The cells of the file that go with the case and are not judged, by header.
        report: The report, if the answers were not stored.
    """

    area: str
    reference: str
    answers: Answers
    severities: Mapping[str, Severity] = field(repr=False)
    question: Question | None = field(default=None, repr=False)
    kept: Mapping[str, str] = field(factory=dict, repr=False)
    report: Report | None = field(default=None, repr=False)

    @property
    def stage(self) -> str | None:
        """The stage; ``None`` if it is unknown, or the area has no stages."""
        return self.answers.stage

    def outcome(self, rule: str) -> str:
        """Return a rule's outcome. A rule that did not exist does not apply."""
        return self.answers.outcomes.get(rule, Outcome.NOT_APPLICABLE.value)

    @property
    def rank(self) -> int:
        """How serious the most serious finding is, 0 for a breach."""
        return min((_weight(self, rule) for rule in self.answers.outcomes), default=len(_ORDER))

    def __str__(self) -> str:
        texts = [
            f"{rule} {words(outcome)}"
            for rule, outcome in self.answers.outcomes.items()
            if outcome != Outcome.MET
        ]
        return f"{self.reference} ({self.area})" + (f": {', '.join(texts)}" if texts else "")

    def entry(self) -> shapes.CaseListed:
        """Return the case's part of a JSON document."""
        rules = {rule: Outcome(outcome) for rule, outcome in self.answers.outcomes.items()}
        return shapes.CaseListed(self.area, self.reference, self.kept, self.stage, rules)


@frozen
class Invalid:
    """A case that could not be judged, and so cannot be compared.

    Attributes:
        side: `before`, `after` or `both`.
        reference: The case's reference, if it has one.
        place: Its place in its file.
        reasons: Why it could not be judged; if that is on both sides, the reasons after.
        kept: The cells of the file that go with the case and are not judged, by header.
    """

    side: str
    reference: str | None
    place: str
    reasons: tuple[str, ...]
    kept: Mapping[str, str] = field(factory=dict, repr=False)

    def __str__(self) -> str:
        return f"invalid {self.side}: {self.reference or self.place}: {'; '.join(self.reasons)}"


def _weight(one: Answered, rule: str) -> int:
    """Return how serious a rule's outcome is, as a place in `_ORDER`, or beyond it."""
    match one.outcome(rule):
        case Outcome.NOT_MET:
            return _ORDER.index(Change(one.severities[rule]))
        case Outcome.CANNOT_TELL:
            return _ORDER.index(Change.UNKNOWN)
    return len(_ORDER)


@frozen(eq=False, slots=False)
class RuleChange:
    """A rule whose outcome on a case changed.

    Attributes:
        rule: The rule's id.
        before: Its outcome before.
        after: Its outcome after.
        change: What kind of change it is.
    """

    rule: str
    before: str
    after: str
    change: Change
    _case: CaseChange = field(repr=False)

    @cached_property
    def cause(self) -> Cause:
        """The smallest set of differences that gives this rule's outcome after."""
        return self._case.cause_of(self.rule)

    def __str__(self) -> str:
        return f"{self.rule}: {words(self.before)} before, {words(self.after)} after"


@frozen(eq=False, slots=False)
class DueChange:
    """A due day of a case that is newly near.

    Attributes:
        due: The due day.
        day: The date.
    """

    due: Coming
    day: date
    _case: CaseChange = field(repr=False)

    @property
    def fact(self) -> str:
        """The fact that gives the day."""
        return self.due.entry.fact

    @cached_property
    def cause(self) -> Cause:
        """The smallest set of differences after which the day is near."""
        return self._case.cause_of(self.fact)

    def __str__(self) -> str:
        return f"{self.due.entry.label}: {self.day}, newly near"


@frozen(eq=False, slots=False)
class CaseChange:
    """A case whose answers changed.

    Attributes:
        before: The answers before.
        after: The answers after.
    """

    before: Answered
    after: Answered
    _books: Books = field(repr=False)
    _days: int | None = field(repr=False)

    @property
    def reference(self) -> str:
        """The case's reference."""
        return self.after.reference

    @property
    def area(self) -> str:
        """The area's name."""
        return self.after.area

    @property
    def kept(self) -> Mapping[str, str]:
        """The cells of the later file that go with the case and are not judged, by header."""
        return self.after.kept

    @cached_property
    def rules(self) -> tuple[RuleChange, ...]:
        """The rules whose outcomes changed, most serious first."""
        one, other = self.before, self.after
        changed = [
            RuleChange(rule, one.outcome(rule), other.outcome(rule), self._kind(rule), self)
            for rule in dict.fromkeys([*other.answers.outcomes, *one.answers.outcomes])
            if one.outcome(rule) != other.outcome(rule)
        ]
        return tuple(sorted(changed, key=lambda found: _ORDER.index(found.change)))

    def _kind(self, rule: str) -> Change:
        """Return what kind of change a rule's other outcome is."""
        if (place := _weight(self.after, rule)) < len(_ORDER):
            return _ORDER[place]
        is_right = self.before.outcome(rule) in _WRONG and self.after.outcome(rule) == Outcome.MET
        return Change.PUT_RIGHT if is_right else Change.OTHER

    @cached_property
    def near(self) -> tuple[DueChange, ...]:
        """The due days that are newly near, soonest first."""
        was, now = self.before.answers.near, self.after.answers.near
        newly = [
            DueChange(due, due.day, self)
            for fact, due in now.items()
            if fact not in was and due.day
        ]
        return tuple(sorted(newly, key=lambda one: one.day))

    @property
    def stage_changed(self) -> bool:
        """Whether the stage changed."""
        return self.before.stage != self.after.stage

    @cached_property
    def change(self) -> Change:
        """The most serious change."""
        found = [one.change for one in self.rules]
        found += [Change.NEAR] if self.near else []
        found += [Change.STAGE] if self.stage_changed and Change.PUT_RIGHT not in found else []
        return min(found, key=_ORDER.index)

    @property
    def rank(self) -> int:
        """The place of the most serious change in `Change`, 0 for the most serious."""
        return _ORDER.index(self.change)

    @property
    def differences(self) -> tuple[Difference, ...]:
        """Everything that differs between the two questions; empty if a question is not known."""
        return self._crossing.differences if self._crossing else ()

    @cached_property
    def cause(self) -> Cause:
        """The smallest set of differences that gives all answers of after."""
        return self.cause_of(None)

    @cached_property
    def stage_cause(self) -> Cause | None:
        """The smallest set of differences that gives the stage of after, if the stage changed."""
        return self.cause_of(STAGE) if self.stage_changed else None

    def cause_of(self, answer: str | None) -> Cause:
        """Return why one answer changed: by a rule's id, a due day's fact, or `stage`."""
        return self._crossing.cause(answer) if self._crossing else NOT_KNOWN

    @cached_property
    def _crossing(self) -> Crossing | None:
        one, other = self.before, self.after
        if one.question is None or other.question is None:
            return None
        return Crossing(
            one.question, other.question, one.answers, other.answers, self._books, self._days
        )

    def __str__(self) -> str:
        parts: list[RuleChange | DueChange] = [*self.rules, *self.near]
        found = [(str(one), one.cause) for one in parts]
        if self.stage_cause:
            one, other = (words(side.stage) for side in (self.before, self.after))
            found.insert(0, (f"stage: {one} before, {other} after", self.stage_cause))
        lines = [f"{self.reference} ({self.area})"]
        if all(cause == self.cause for _, cause in found):
            lines += [f"  {text}" for text, _ in found]
        else:
            for text, cause in found:
                lines += [f"  {text}", f"    because {cause}"]
        return "\n".join([*lines, f"  all because {self.cause}"])

    def entry(self) -> shapes.CaseChanged:
        """Return the case's part of a JSON document."""
        return shapes.CaseChanged(
            area=self.area,
            reference=self.reference,
            kept=self.kept,
            change=self.change.value,
            stage=shapes.StageChanged(
                self.before.stage,
                self.after.stage,
                self.stage_cause.entry() if self.stage_cause else None,
            ),
            rules={
                one.rule: shapes.RuleChanged(
                    Outcome(one.before), Outcome(one.after), one.cause.entry()
                )
                for one in self.rules
            },
            near={
                one.fact: shapes.DayNear(one.day, one.due.entry.label, one.cause.entry())
                for one in self.near
            },
            cause=self.cause.entry(),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the change as JSON-shaped values."""
        return document.plain(self.entry())


def words(name: str | None) -> str:
    """Return an outcome or a stage as words; without one, `cannot tell`."""
    return (name or Outcome.CANNOT_TELL.value).replace("_", " ")
