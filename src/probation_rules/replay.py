"""A stored report asked again: the same answer, or what differs and why."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, cast

from attrs import frozen

from probation_rules.cases import case_from, date_from, value_from
from probation_rules.check import check
from probation_rules.errors import CaseError, Problem
from probation_rules.language.ranges import LARGEST
from probation_rules.rulebook import shipped
from probation_rules.rulebook.book import Rulebook
from probation_rules.rulebook.model import Fact


@frozen
class Replay:
    """What came of asking the cases of a stored report again.

    Attributes:
        cases: How many were asked.
        book: What is to be said of the rulebook, in sentences; nothing where it is the same.
        differences: For each answer that differs, its label and what differs, in sentences.
            Labels need not be unique.
    """

    cases: int
    book: tuple[str, ...]
    differences: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def identical(self) -> bool:
        """Whether the rulebook and every answer are the same as they were."""
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
    """Ask the cases of a stored JSON report again, on its day, with its settings.

    Args:
        report: The document that `Report.to_dict`, or the command with `--format json`, made.
        rulebook: The rules to go by; the shipped ones if not given. Local rulebooks that the report
            names have to be on it.

    Raises:
        CaseError: This is no such document; every place that is not as it must be is named.
        ProbationRulesError: The question cannot be put, as its engine cannot run here.
    """
    if problems := tuple(_faults(report, _REPORT, "$")):
        raise CaseError(problems)
    return _replay(report, shipped() if rulebook is None else rulebook)


# What is looked at here of a stored report. What else stands in it is left as it is.
_FINDING = {"rule": str, "outcome": str, "parameters": Mapping}
_REPORT = {
    "on": date,
    "engine": str,
    "rulebook": {
        "version": str,
        "digest": str,
        "local": [{"title": str, "version": str}],
        "settings": Mapping,
    },
    "reports": [
        {
            "area": str,
            "case": Mapping,
            "reference": str | None,
            "place": str | None,
            "stage": str | None,
            "assumed": Mapping,
            "facts": Mapping,
            "findings": [_FINDING],
        }
    ],
}
_WORDS = {
    date: "a day as YYYY-MM-DD",
    str: "text",
    str | None: "text or null",
    Mapping: "an object with named fields",
}


def _faults(value: object, shape: Any, path: str) -> Iterator[Problem]:
    """Yield what is wrong with a part of a document, against what it must look like."""
    if isinstance(shape, list):
        if not isinstance(value, list):
            yield Problem("must be a list, as in a report that this version wrote", path)
            return
        for place, item in enumerate(value):
            yield from _faults(item, shape[0], f"{path}[{place}]")
        return
    kind = Mapping if isinstance(shape, dict) else shape
    if not isinstance(date_from(value) if kind is date else value, kind):
        text = f"must be {_WORDS[kind]}, as in a report that this version wrote"
        yield Problem(text, path)
    elif isinstance(value, Mapping) and isinstance(shape, dict):
        for key, inner in shape.items():
            if key in value:
                yield from _faults(value[key], inner, f"{path}.{key}")
            else:
                yield Problem(
                    "is missing; a report that this version wrote has it", f"{path}.{key}"
                )


def _replay(report: Mapping[str, Any], book: Rulebook) -> Replay:
    then, on = report["rulebook"], cast("date", date_from(report["on"]))
    parameters = {name: one.as_fact for name, one in book.parameters.items()}
    if settings := _typed(then["settings"], parameters, "$.rulebook.settings"):
        book = book.with_settings(settings)
    differences = []
    shared = Counter(old["reference"] or old["place"] for old in report["reports"])
    for place, old in enumerate(report["reports"]):
        path = f"$.reports[{place}]"
        facts = book.area(old["area"]).said
        assuming = _typed(old["assumed"], facts, f"{path}.assumed")
        try:
            made = case_from(old["area"], old["case"], path=f"{path}.case")
            new = check(made, on=on, engine=report["engine"], rulebook=book, assuming=assuming)
            found = tuple(_different(old, json.loads(json.dumps(new.entry()))))
        except CaseError as error:
            found = tuple(f"cannot be judged any more: {one}" for one in error.problems)
        if found:
            label, number = old["reference"] or old["place"], f"answer {place + 1}"
            if not label:
                label = number
            elif shared[label] > 1:
                label = f"{label} ({number})"
            differences.append((label, found))
    return Replay(len(report["reports"]), tuple(_of_book(then, book)), tuple(differences))


def _typed(said: Mapping[str, Any], known: Mapping[str, Fact], path: str) -> dict[str, Any]:
    """Return the values of what is still known, each of its kind."""
    values, problems = {}, []
    for name, value in said.items():
        if name in known:
            try:
                values[name] = value_from(known[name], value)
            except ValueError as wrong:
                problems.append(Problem(str(wrong), f"{path}.{name}"))
    if problems:
        raise CaseError(problems)
    return values


def _of_book(then: Mapping[str, Any], book: Rulebook) -> Iterator[str]:
    """Yield what is to be said of the rulebook, if it is another."""
    if then["digest"] == book.digest:
        return
    yield (
        f"the rulebook has changed since: version {then['version']} then, {book.version} now; "
        f"digest {then['digest']} then, {book.digest} now"
    )
    now = [(one.title, one.version) for one in book.local]
    for one in then["local"]:
        if (one["title"], one["version"]) not in now:
            yield f"the report went by a local rulebook that is not here: {one['title']}, version {one['version']}"


def _different(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """Yield what differs between an answer then and now."""
    if old["stage"] != new["stage"]:
        yield f"stage {old['stage'] or 'cannot tell'} then, {new['stage'] or 'cannot tell'} now"
    was = {one["rule"]: one for one in old["findings"]}
    is_ = {one["rule"]: one for one in new["findings"]}
    for rule in {**was, **is_}:
        if rule not in is_:
            yield f"{rule}: {was[rule]['outcome']} then, no such rule now"
        elif rule not in was:
            yield f"{rule}: no such rule then, {is_[rule]['outcome']} now"
        elif was[rule] != is_[rule]:
            yield f"{rule}: {_of_finding(was[rule], is_[rule])}"
    for key in {**old["facts"], **new["facts"]}:
        one, other = old["facts"].get(key), new["facts"].get(key)
        if one != other:
            yield f"{key}: {_shown(one)} then, {_shown(other)} now"


def _of_finding(was: Mapping[str, Any], is_: Mapping[str, Any]) -> str:
    """Say how a finding changed: its outcome, the figures it rests on, what else of it."""
    parts = []
    if was["outcome"] != is_["outcome"]:
        parts.append(f"{was['outcome']} then, {is_['outcome']} now")
    figures = {**was["parameters"], **is_["parameters"]}
    parts += [
        f"{name} {_shown(was['parameters'].get(name))} then, {_shown(is_['parameters'].get(name))} now"
        for name in figures
        if was["parameters"].get(name) != is_["parameters"].get(name)
    ]
    told = ("rule", "outcome", "parameters")
    others = [key for key in is_ if key not in told and was.get(key) != is_[key]]
    if others:
        parts.append(f"differs in {', '.join(others)}")
    return "; ".join(parts)


def _shown(value: object) -> str:
    if value is None:
        return "not known"
    # A list in a list in a list ... has no text, nor has a number of thousands of digits.
    if isinstance(value, str | float) or (isinstance(value, int) and abs(value) <= LARGEST):
        return str(value)
    return "no value of a fact"
