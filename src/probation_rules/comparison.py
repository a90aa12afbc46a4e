"""Two sets of answers compared: which cases changed, from what to what, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, TypeVar

import attrs
from attrs import field, frozen

from probation_rules import document
from probation_rules.areas import Case
from probation_rules.cases import case_from, values_from
from probation_rules.causes import (
    STAGE,
    Answers,
    Books,
    Cause,
    Crossing,
    Difference,
    Question,
    answers_of,
)
from probation_rules.document import structured
from probation_rules.engines import Outcome
from probation_rules.errors import CaseError, InputError, Problem
from probation_rules.report import Report
from probation_rules.rulebook import shipped
from probation_rules.rulebook.book import Rulebook
from probation_rules.rulebook.model import Severity

Reports = Report | Mapping[str, Any] | Iterable[Report]
"""What may be compared: a report, a list of reports, or a stored JSON document."""


@frozen(eq=False)
class Answered:
    """The answers about one case.

    Attributes:
        question: What was asked.
        reference: The case's reference.
        answers: The outcomes of the rules that apply, and the stage.
        severities: How serious each rule is if it is not met.
    """

    question: Question = field(repr=False)
    reference: str
    answers: Answers
    severities: Mapping[str, Severity] = field(repr=False)

    @property
    def area(self) -> str:
        """The area's name."""
        return self.question.area

    @property
    def stage(self) -> str | None:
        """The stage; ``None`` if it is unknown, or the area has no stages."""
        return self.answers[STAGE]

    def outcome(self, rule: str) -> str:
        """Return a rule's outcome. A rule that did not exist does not apply."""
        return self.answers.get(rule) or Outcome.NOT_APPLICABLE.value

    @property
    def rank(self) -> int:
        """Sort key: how serious the most serious finding is, 0 for a breach."""
        return min((_weight(self, rule) for rule in self.answers), default=len(_WEIGHTS))


@frozen
class Invalid:
    """A case of a stored document that could not be judged, and so cannot be compared.

    Attributes:
        side: `before` or `after`.
        reference: The case's reference, if it has one.
        place: Its place in its file.
        reasons: Why it could not be judged.
    """

    side: str
    reference: str | None
    place: str
    reasons: tuple[str, ...]


_WEIGHTS = (Severity.BREACH, Severity.ADVISORY, Outcome.CANNOT_TELL)


def _weight(one: Answered, rule: str) -> int:
    """Return how serious a rule's outcome is, as a place in `_WEIGHTS`, or beyond it."""
    outcome: str | None = one.answers.get(rule)
    if outcome == Outcome.NOT_MET:
        outcome = one.severities[rule]
    return _WEIGHTS.index(outcome) if outcome in _WEIGHTS else len(_WEIGHTS)


@frozen(eq=False, slots=False)
class RuleChange:
    """A rule whose outcome on a case changed.

    Attributes:
        rule: The rule's id.
        before: Its outcome before.
        after: Its outcome after.
    """

    rule: str
    before: str
    after: str
    _crossing: Crossing = field(repr=False)

    @cached_property
    def cause(self) -> Cause:
        """The smallest set of differences that gives this rule's outcome after."""
        return self._crossing.cause(self.rule)

    def __str__(self) -> str:
        return f"{self.rule}: {_words(self.before)} before, {_words(self.after)} after"


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

    @property
    def reference(self) -> str:
        """The case's reference."""
        return self.after.reference

    @property
    def area(self) -> str:
        """The area's name."""
        return self.after.area

    @cached_property
    def rules(self) -> tuple[RuleChange, ...]:
        """The rules whose outcomes changed, most serious first."""
        one, other = self.before, self.after
        changed = [
            RuleChange(rule, one.outcome(rule), other.outcome(rule), self._crossing)
            for rule in dict.fromkeys([*other.answers, *one.answers])
            if rule != STAGE and one.outcome(rule) != other.outcome(rule)
        ]
        return tuple(sorted(changed, key=lambda found: _weight(other, found.rule)))

    @property
    def stage_changed(self) -> bool:
        """Whether the stage changed."""
        return self.before.stage != self.after.stage

    @property
    def rank(self) -> int:
        """Sort key: newly breached, newly advised against, newly unknown, another stage, put right."""
        if self.rules and (found := _weight(self.after, self.rules[0].rule)) < len(_WEIGHTS):
            return found
        return len(_WEIGHTS) + (not self.stage_changed)

    @property
    def differences(self) -> tuple[Difference, ...]:
        """Everything that differs between the two questions."""
        return self._crossing.differences

    @cached_property
    def cause(self) -> Cause:
        """The smallest set of differences that gives all answers of after."""
        return self._crossing.cause()

    @cached_property
    def stage_cause(self) -> Cause | None:
        """The smallest set of differences that gives the stage of after, if the stage changed."""
        return self._crossing.cause(STAGE) if self.stage_changed else None

    @cached_property
    def _crossing(self) -> Crossing:
        one, other = self.before, self.after
        return Crossing(one.question, other.question, one.answers, other.answers, self._books)

    def __str__(self) -> str:
        found: list[tuple[str, Cause]] = [(str(one), one.cause) for one in self.rules]
        if self.stage_cause:
            one, other = (_words(side.stage) for side in (self.before, self.after))
            found.insert(0, (f"stage: {one} before, {other} after", self.stage_cause))
        lines = [f"{self.reference} ({self.area})"]
        if all(cause == self.cause for _, cause in found):
            lines += [f"  {text}" for text, _ in found]
        else:
            for text, cause in found:
                lines += [f"  {text}", f"    because {cause}"]
        return "\n".join([*lines, f"  all because {self.cause}"])

    def to_dict(self) -> dict[str, Any]:
        """Return the change as JSON-shaped values."""
        stage = {
            "before": self.before.stage, "after": self.after.stage,
            "cause": self.stage_cause and _cause(self.stage_cause),
        }  # fmt: skip
        rules = {
            one.rule: {"before": one.before, "after": one.after, "cause": _cause(one.cause)}
            for one in self.rules
        }
        named = {"area": self.area, "reference": self.reference}
        return {**named, "stage": stage, "rules": rules, "cause": _cause(self.cause)}


@frozen(eq=False)
class Comparison:
    """Two sets of answers compared, the most serious cases first.

    Attributes:
        new: Cases that are only in after.
        gone: Cases that are only in before.
        changed: Cases with another outcome, or another stage.
        unchanged: Cases with the same answers.
        invalid: Cases that could not be judged before, or after. They are in no other list.
    """

    new: tuple[Answered, ...]
    gone: tuple[Answered, ...]
    changed: tuple[CaseChange, ...]
    unchanged: tuple[Answered, ...]
    invalid: tuple[Invalid, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many cases are in each list."""
        return {one.name: len(getattr(self, one.name)) for one in attrs.fields(Comparison)}

    def __str__(self) -> str:
        lines = [", ".join(f"{number:,} {name}" for name, number in self.counts.items())]
        lines += map(str, self.changed)
        for name, found in (("new", self.new), ("gone", self.gone)):
            lines += [f"{name}: {one.reference} ({one.area}){_findings(one)}" for one in found]
        lines += [
            f"invalid {one.side}: {one.reference or one.place}: {'; '.join(one.reasons)}"
            for one in self.invalid
        ]
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison as one JSON document. Unchanged cases are only counted."""
        return {
            "counts": self.counts,
            "changed": [one.to_dict() for one in self.changed],
            "new": [_entry(one) for one in self.new],
            "gone": [_entry(one) for one in self.gone],
            "invalid": [attrs.asdict(one) for one in self.invalid],
        }


def compare(before: Reports, after: Reports, *, rulebook: Rulebook | None = None) -> Comparison:
    """Compare two sets of answers, case by case, and find what caused each change.

    Cases are matched by their reference. The order of the cases does not matter.

    Args:
        before: The earlier answers: a report, a list of reports, or a JSON document that
            `Report.to_dict`, or the command with `--format json`, made.
        after: The later answers, in any of these forms.
        rulebook: The rules of stored documents; the shipped ones if not given. A document made with
            other rules is compared too, but not all questions about its causes can be asked.

    Raises:
        CaseError: A case has no reference, two cases have the same one, or a document is not as
            this library writes it. Every such place is listed.
    """
    book = shipped() if rulebook is None else rulebook
    return compared(side_of("before", before, book), side_of("after", after, book))


@frozen(eq=False)
class Side:
    """The answers before, or after.

    Attributes:
        name: What messages call it.
        cases: The cases that were judged.
        places: Where each of them comes from, for messages.
        invalid: The cases that could not be judged.
    """

    name: str
    cases: tuple[Answered, ...]
    places: tuple[str, ...]
    invalid: tuple[document.Invalid, ...] = ()

    def by_reference(self) -> tuple[dict[tuple[str, str], Answered], list[Problem]]:
        """Return the cases by area and reference, and what is wrong with the references."""
        found: dict[tuple[str, str], Answered] = {}
        places: dict[tuple[str, str], str] = {}
        problems = []
        for one, place in zip(self.cases, self.places, strict=True):
            key = one.area, one.reference
            if not one.reference:
                text = "this case has no reference; cases are matched by it"
                problems.append(Problem(text, f"{self.name}: {place}"))
            elif key in found:
                text = f"this case has the same reference as {places[key]}; each needs its own"
                problems.append(Problem(text, f"{self.name}: {place}"))
            else:
                found[key], places[key] = one, place
        return found, problems


def compared(before: Side, after: Side) -> Comparison:
    """Compare two sides; see `compare`."""
    (was, wrong), (is_, also_wrong) = before.by_reference(), after.by_reference()
    if wrong or also_wrong:
        raise CaseError([*wrong, *also_wrong])
    invalid = [
        Invalid(name, one.reference, one.place, one.reasons)
        for name, side in (("before", before), ("after", after))
        for one in side.invalid
    ]
    unjudged = {one.reference for one in invalid}
    was = {key: one for key, one in was.items() if one.reference not in unjudged}
    is_ = {key: one for key, one in is_.items() if one.reference not in unjudged}
    books = Books()
    both = [(was[key], is_[key]) for key in is_ if key in was]
    changed = [CaseChange(*pair, books) for pair in both if pair[0].answers != pair[1].answers]
    return Comparison(
        new=_sorted(is_[key] for key in is_ if key not in was),
        gone=_sorted(was[key] for key in was if key not in is_),
        changed=_sorted(changed),
        unchanged=_sorted(later for earlier, later in both if earlier.answers == later.answers),
        invalid=tuple(invalid),
    )


_Sorted = TypeVar("_Sorted", Answered, CaseChange)


def _sorted(found: Iterable[_Sorted]) -> tuple[_Sorted, ...]:
    return tuple(sorted(found, key=lambda one: (one.rank, one.reference)))


def side_of(
    name: str, given: Reports, book: Rulebook, invalid: Iterable[document.Invalid] = ()
) -> Side:
    """Return answers as one side of a comparison.

    Args:
        name: What messages call it.
        given: The answers.
        book: The rules of stored documents.
        invalid: The cases that could not be judged, if the answers are reports.
    """
    if isinstance(given, Mapping):
        try:
            then = structured(given, document.Report)
            places = [f"$.reports[{place}]" for place in range(len(then.reports))]
            return Side(name, tuple(_stored(then, places, book)), tuple(places), then.invalid)
        except CaseError as error:
            problems = (Problem(one.text, f"{name}: {one.path}") for one in error.problems)
            raise CaseError(problems) from None
    reports = [given] if isinstance(given, Report) else list(given)
    places = [one.place or f"case {place}" for place, one in enumerate(reports, 1)]
    return Side(name, tuple(map(_answered, reports)), tuple(places), tuple(invalid))


def _answered(report: Report) -> Answered:
    return Answered(
        Question(
            area=report.area.name,
            case=attrs.evolve(report.case, **dict.fromkeys(report.assuming)),
            on=report.on,
            assuming=report.assuming,
            book=report.book,
            settings=_of_area(report.book, report.area.name, report.book.settings),
            label=_label(report.book.version, report.book.digest),
        ),
        report.reference or "",
        answers_of(report),
        {one.rule: one.wording.severity for one in (*report.breaches, *report.advisories)},
    )


def _stored(then: document.Report, places: Iterable[str], book: Rulebook) -> Iterator[Answered]:
    """Yield the answers of a stored document."""
    parameters = {name: one.as_fact for name, one in book.parameters.items()}
    settings = values_from(then.rulebook.settings, parameters, "$.rulebook.settings")
    try:
        found = book.with_settings(settings)
    except InputError:
        found = book
    used = found if found.digest == then.rulebook.digest else None
    for path, entry in zip(places, then.reports, strict=True):
        case: Case = case_from(entry.area, entry.case, path=f"{path}.case")
        facts = book.area(entry.area).input_facts
        shown = {
            one.rule: one.outcome.value
            for one in entry.findings
            if one.outcome is not Outcome.NOT_APPLICABLE
        }
        yield Answered(
            Question(
                area=entry.area,
                case=case,
                on=then.on,
                assuming=values_from(entry.assumed, facts, f"{path}.assumed"),
                book=used,
                settings=_of_area(book, entry.area, settings),
                label=_label(then.rulebook.version, then.rulebook.digest),
            ),
            entry.reference or "",
            {**shown, STAGE: entry.stage},
            {one.rule: one.severity for one in entry.findings if one.severity is not None},
        )


def _of_area(book: Rulebook, area: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of an area's figures; others change no answer about it."""
    known = book.area(area).parameters
    return {name: value for name, value in settings.items() if name in known}


def _label(version: str, digest: str) -> str:
    return f"version {version}, {digest}"


def _words(name: str | None) -> str:
    return (name or Outcome.CANNOT_TELL.value).replace("_", " ")


def _findings(one: Answered) -> str:
    texts = [
        f"{rule} {_words(outcome)}"
        for rule, outcome in one.answers.items()
        if rule != STAGE and outcome != Outcome.MET
    ]
    return f": {', '.join(texts)}" if texts else ""


def _entry(one: Answered) -> dict[str, Any]:
    rules = {rule: outcome for rule, outcome in one.answers.items() if rule != STAGE}
    return {"area": one.area, "reference": one.reference, "stage": one.stage, "rules": rules}


def _cause(cause: Cause) -> dict[str, Any]:
    """Return a cause as JSON-shaped values."""
    sets = [[_difference(one) for one in found] for found in cause.sets]
    return {
        "text": str(cause),
        "sets": sets,
        "smallest": cause.smallest,
        "together": cause.together,
    }


def _difference(one: Difference) -> dict[str, Any]:
    details = [
        {
            "name": inner.name, "before": inner.before, "after": inner.after,
            "sources": list(dict.fromkeys(map(str, inner.citations))),
        }
        for inner in one.details
    ]  # fmt: skip
    found = {"kind": one.kind.value, "name": one.name, "before": one.before, "after": one.after}
    return {**found, "details": details}
