"""Replay a stored report: check its cases again, and list the differences with their reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import AttrsInstance, fields, frozen

from probation_rules import document
from probation_rules._check import check
from probation_rules.cases import case_from, values_from
from probation_rules.document import structured
from probation_rules.errors import CaseError, Problem
from probation_rules.language.ranges import LARGEST
from probation_rules.report import rules_of
from probation_rules.rulebook import shipped
from probation_rules.rulebook.book import Rulebook


@frozen
class Replay:
    """The result of checking the cases of a stored report again.

    Attributes:
        cases: The number of cases.
        book: Sentences about differences of the rulebook; empty if it is the same.
        differences: The label of each answer that differs, with the differences in sentences.
            Labels need not be unique.
    """

    cases: int
    book: tuple[str, ...]
    differences: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def identical(self) -> bool:
        """Whether the rulebook and all answers are the same as before."""
        return not self.book and not self.differences

    def __str__(self) -> str:
        """Return the sentences, and a count at the end."""
        lines = [*self.book]
        for label, found in self.differences:
            lines += [f"{label}: {text}" for text in found]
        same = self.cases - len(self.differences)
        lines.append(f"{same} of {self.cases} answers identical")
        return "\n".join(lines)


def replay(report: Mapping[str, Any], *, rulebook: Rulebook | None = None) -> Replay:
    """Check the cases of a stored JSON report again, for its day and with its settings.

    Args:
        report: The document from `Report.to_dict`, or from the command with `--format json`.
        rulebook: The rules to use; the shipped rules by default. It must include the local
            rulebooks that the report names.

    Raises:
        CaseError: The document is not a stored report; the error lists all problems.
        ProbationRulesError: The question cannot be put, as its engine cannot run here.
    """
    then = structured(report, document.Report)
    if problems := list(_lost(then)):
        raise CaseError(problems)
    return _replay(then, shipped() if rulebook is None else rulebook)


@frozen
class _Answered:
    """The entry of a case in a document, with the rules of its findings."""

    entry: document.Entry
    rules: Mapping[str, Mapping[str, document.Wording]]

    def wording(self, finding: document.Finding) -> document.Wording:
        return self.rules[finding.rule][finding.wording.isoformat()]


def _lost(then: document.Report) -> Iterator[Problem]:
    """Yield the findings whose rule is not in the document."""
    for place, entry in enumerate(then.reports):
        for number, one in enumerate(entry.findings):
            if one.wording.isoformat() not in then.rules.get(one.rule, {}):
                yield Problem(
                    "its wording must be in `rules`", f"$.reports[{place}].findings[{number}]"
                )


def _replay(then: document.Report, book: Rulebook) -> Replay:
    parameters = {name: one.as_fact for name, one in book.parameters.items()}
    if settings := values_from(then.rulebook.settings, parameters, "$.rulebook.settings"):
        book = book.with_settings(settings)
    differences = []
    shared = Counter(old.reference or old.place for old in then.reports)
    for place, old in enumerate(then.reports):
        path = f"$.reports[{place}]"
        facts = book.area(old.area).input_facts
        assuming = values_from(old.assumed, facts, f"{path}.assumed")
        try:
            made = case_from(old.area, old.case, path=f"{path}.case")
            new = check(made, on=then.on, engine=then.engine, rulebook=book, assuming=assuming)
            now = _Answered(new.entry(), rules_of([new]))
            found = tuple(_different(_Answered(old, then.rules), now))
        except CaseError as error:
            found = tuple(f"this case is no longer valid: {one}" for one in error.problems)
        if found:
            label, number = old.reference or old.place, f"answer {place + 1}"
            if not label:
                label = number
            elif shared[label] > 1:
                label = f"{label} ({number})"
            differences.append((label, found))
    return Replay(len(then.reports), tuple(_of_book(then.rulebook, book)), tuple(differences))


def _of_book(then: document.RulebookUsed, book: Rulebook) -> Iterator[str]:
    """Yield the differences between the earlier rulebook and this one."""
    if then.digest == book.digest:
        return
    yield (
        f"the rulebook has changed since: version {then.version} then, {book.version} now; "
        f"digest {then.digest} then, {book.digest} now"
    )
    now = [(one.title, one.version) for one in book.local]
    for one in then.local:
        if (one.title, one.version) not in now:
            yield f"the report used a local rulebook that is not given: {one.title}, version {one.version}"


def _different(old: _Answered, new: _Answered) -> Iterator[str]:
    """Yield the differences between an earlier answer and the new answer."""
    then, now = old.entry, new.entry
    if then.stage != now.stage:
        yield f"stage {then.stage or 'cannot tell'} then, {now.stage or 'cannot tell'} now"
    was = {one.rule: one for one in then.findings}
    is_ = {one.rule: one for one in now.findings}
    for rule in {**was, **is_}:
        if rule not in is_:
            yield f"{rule}: {was[rule].outcome} then, no such rule now"
        elif rule not in was:
            yield f"{rule}: no such rule then, {is_[rule].outcome} now"
        elif texts := list(_of_finding(old, was[rule], new, is_[rule])):
            yield f"{rule}: {'; '.join(texts)}"
    for key in {**then.facts, **now.facts}:
        one, other = then.facts.get(key), now.facts.get(key)
        if one != other:
            yield f"{key}: {_shown(one)} then, {_shown(other)} now"


def _of_finding(
    old: _Answered, was: document.Finding, new: _Answered, is_: document.Finding
) -> Iterator[str]:
    """Yield the differences of a finding: its outcome, its figures and its other fields."""
    if was.outcome != is_.outcome:
        yield f"{was.outcome} then, {is_.outcome} now"
    before, after = old.wording(was), new.wording(is_)
    for name in dict.fromkeys((*before.figures, *after.figures)):
        one, other = old.entry.figures.get(name), new.entry.figures.get(name)
        if one != other:
            yield f"{name} {_shown(one)} then, {_shown(other)} now"
    changed = dict.fromkeys([*_changed(was, is_), *_changed(before, after)])
    if others := [name for name in changed if name != "outcome"]:
        yield f"differs in {', '.join(others)}"


def _changed(one: AttrsInstance, other: AttrsInstance) -> Iterator[str]:
    """Yield the fields in which two objects of a class differ."""
    for field in fields(type(one)):
        if getattr(one, field.name) != getattr(other, field.name):
            yield field.name


def _shown(value: object) -> str:
    if value is None:
        return "not known"
    # Deeply nested lists and numbers with thousands of digits cannot be shown.
    if isinstance(value, str | float) or (isinstance(value, int) and abs(value) <= LARGEST):
        return str(value)
    return "no value of a fact"
