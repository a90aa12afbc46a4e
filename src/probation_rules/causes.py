"""The smallest set of changes that accounts for another answer, found by crossed questions.

Two questions about a case may differ in the case's facts, the day, the rulebook, settings and
assumptions. A crossed question has some of these from after and the others from before.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from enum import StrEnum
from itertools import combinations
from math import comb
from typing import Any, TypeVar

import attrs
from attrs import evolve, field, frozen

from probation_rules._check import check
from probation_rules.engines import Outcome
from probation_rules.errors import CaseError, InputError, NotInForce, RulebookError
from probation_rules.explanation import in_force
from probation_rules.language.english import say
from probation_rules.report import Report, known_fields, plain
from probation_rules.rulebook.book import Rulebook
from probation_rules.rulebook.model import Area, Citation, Parameter, Rule
from probation_rules.rulebook.toml_schema import DerivedDocument

MOST_CROSSINGS = 4096  # crossed questions about one case: all sets of twelve changes
MOST_MIXES = 64  # rulebooks made of parts of two others, for one set of changes
STAGE = "stage"
_ONE_BY_ONE = ("rules", "parameters", "derived", "assume")  # sections whose entries count singly

Answers = Mapping[str, str | None]
"""The outcomes of the rules that apply, by id, and the stage as `STAGE`."""

Change = TypeVar("Change")


class Kind(StrEnum):
    """What kind of thing differs between two questions."""

    FACT = "fact"
    DAY = "day"
    RULEBOOK = "rulebook"
    SETTING = "setting"
    ASSUMPTION = "assumption"


@frozen
class Detail:
    """One part of a difference: a value inside a list, or a rule or figure of the rulebook.

    Attributes:
        name: The path in the case, or the rule or figure.
        before: Its value or text before; ``None`` where there was none.
        after: The same after.
        citations: The sources of a rule or figure.
    """

    name: str
    before: Any
    after: Any
    citations: tuple[Citation, ...] = ()

    def __str__(self) -> str:
        sources = "; ".join(dict.fromkeys(map(str, self.citations)))
        text = _from_to(self.name, self.before, self.after, "nothing")
        return f"{text} ({sources})" if sources else text


@frozen
class Difference:
    """One thing that differs between two questions about a case.

    Attributes:
        kind: What kind of thing.
        name: The fact, setting or assumption; `on` or `rulebook`.
        before: Its value before, as JSON has it; ``None`` is not known, or not given.
        after: Its value after.
        details: The values that differ inside a list or record. For the rulebook, the smallest set
            of rules and figures that accounts for the change, if both books are known.
    """

    kind: Kind
    name: str
    before: Any = field(eq=False)
    after: Any = field(eq=False)
    details: tuple[Detail, ...] = field(default=(), eq=False)

    def __str__(self) -> str:
        match self.kind:
            case Kind.FACT:
                name, missing = self.name, "not known"
            case Kind.SETTING:
                name, missing = f"the setting {self.name}", "not set"
            case Kind.ASSUMPTION:
                name, missing = f"the assumption {self.name}", "not assumed"
            case _:
                name, missing = f"the {self.kind}", ""
        if self.details:
            return f"{name} changed: {'; '.join(map(str, self.details))}"
        return _from_to(name, self.before, self.after, missing)


def _from_to(name: str, before: Any, after: Any, missing: str) -> str:
    return f"{name} changed from {_shown(before, missing)} to {_shown(after, missing)}"


def _shown(value: Any, missing: str) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return missing if value is None else str(value)


@frozen
class Cause:
    """Why an answer changed.

    Attributes:
        sets: Each smallest set of differences that gives the answer of after; they have one size.
        smallest: Whether it is certain that no smaller set does. It is not where there are too many
            differences to try every set, or where a rulebook is not here to be asked.
        together: Whether there are several differences, and only all of them give the answer.
    """

    sets: tuple[tuple[Difference, ...], ...]
    smallest: bool
    together: bool

    def __str__(self) -> str:
        if not self.sets:
            return (
                "nothing in the two questions differs; the stored answers were made by other code"
            )
        text = "; or: ".join(" and ".join(map(str, one)) for one in self.sets)
        if self.together:
            text += " (only all changes together give this answer)"
        return text if self.smallest else f"{text} (a smaller set may give this answer too)"


@frozen(eq=False)
class Question:
    """What was asked about one case.

    Attributes:
        area: The area's name.
        case: The case, without assumptions.
        on: The day asked about.
        assuming: The assumptions that filled an unknown of the case.
        book: The rulebook, with settings; ``None`` if it is not here.
        settings: The settings.
        label: The version and digest of the rulebook.
    """

    area: str
    case: Any
    on: date
    assuming: Mapping[str, Any]
    book: Rulebook | None
    settings: Mapping[str, Any]
    label: str


def answers_of(report: Report) -> Answers:
    """Return the answers of a report."""
    every = {rule: report.outcome(rule) for rule in report.area.wordings}
    found = {rule: one.value for rule, one in every.items() if one is not Outcome.NOT_APPLICABLE}
    return {**found, STAGE: report.stage}


def differences(before: Question, after: Question) -> tuple[Difference, ...]:
    """Return everything that differs between two questions about a case."""
    return tuple(_differences(before, after))


def _differences(before: Question, after: Question) -> Iterator[Difference]:
    was, is_ = known_fields(before.case), known_fields(after.case)
    for name in dict.fromkeys([*was, *is_]):
        one, other = was.get(name), is_.get(name)
        if one != other and name != "reference":
            details = tuple(_inside(name, one, other))
            yield Difference(Kind.FACT, name, one, other, details)
    if before.on != after.on:
        yield Difference(Kind.DAY, "on", before.on.isoformat(), after.on.isoformat())
    if _another_book(before, after):
        yield Difference(Kind.RULEBOOK, "rulebook", before.label, after.label)
    for kind, first, second in (
        (Kind.SETTING, before.settings, after.settings),
        (Kind.ASSUMPTION, before.assuming, after.assuming),
    ):
        ones, others = plain(first), plain(second)
        for name in dict.fromkeys([*ones, *others]):
            if ones.get(name) != others.get(name):
                yield Difference(kind, name, ones.get(name), others.get(name))


def _another_book(before: Question, after: Question) -> bool:
    if before.book is None or after.book is None:
        return before.label != after.label
    one, other = (side.documents[before.area] for side in (before.book, after.book))
    return one is not other and one.digest != other.digest


def _inside(path: str, one: Any, other: Any) -> Iterator[Detail]:
    """Yield the values that differ inside lists and records."""
    if not isinstance(one, list | dict) and not isinstance(other, list | dict):
        return
    was, is_ = dict(_leaves(path, one)), dict(_leaves(path, other))
    for name in dict.fromkeys([*was, *is_]):
        if was.get(name) != is_.get(name):
            yield Detail(name, was.get(name), is_.get(name))


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield each value by its path. The reference of an entry of a list is its place, if it has one."""
    match value:
        case dict():
            for name, inner in value.items():
                yield from _leaves(f"{path}.{name}", inner)
        case list():
            for place, inner in enumerate(value):
                label = inner.get("reference", place) if isinstance(inner, dict) else place
                yield from _leaves(f"{path}[{label}]", inner)
        case _:
            yield path, value


class Books:
    """The rulebooks of crossed questions, each made once."""

    def __init__(self) -> None:
        self._made: dict[Any, Rulebook] = {}

    def _once(self, key: Any, make: Callable[[], Rulebook]) -> Rulebook:
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]

    def with_settings(self, book: Rulebook, settings: Mapping[str, Any]) -> Rulebook:
        """Return a rulebook with these settings and no others."""
        if book.settings == settings:
            return book
        key = book, *sorted(settings.items())
        bare = self._once((book,), lambda: evolve(book, settings={}))
        return self._once(key, lambda: bare.with_settings(settings)) if settings else bare

    def mixed(
        self, before: Rulebook, after: Rulebook, area: str, parts: frozenset[Part]
    ) -> Rulebook:
        """Return the rulebook of before with some parts of an area from after."""
        key = before, after, area, parts
        return self._once(key, lambda: _mixed(before, after, area, parts))


Part = tuple[str, str]  # a section of a rules file and an entry there


def _parts(before: Rulebook, after: Rulebook, area: str) -> tuple[Part, ...]:
    """Return the parts in which two books differ in an area."""
    one, other = before.documents[area], after.documents[area]
    found: list[Part] = []
    for section in (each.name for each in attrs.fields(type(one))):
        was, is_ = getattr(one, section), getattr(other, section)
        if section in _ONE_BY_ONE:
            names = dict.fromkeys([*was, *is_])
            found += [(section, name) for name in names if was.get(name) != is_.get(name)]
        elif was != is_ and section != "sources":
            found.append((section, ""))
    return tuple(found)


def _mixed(before: Rulebook, after: Rulebook, area: str, parts: Collection[Part]) -> Rulebook:
    one, other = before.documents[area], after.documents[area]
    changes: dict[str, Any] = {"sources": {**one.sources, **other.sources}}
    for section, name in parts:
        is_ = getattr(other, section)
        if section in _ONE_BY_ONE:
            entries = changes.setdefault(section, dict(getattr(one, section)))
            entries.pop(name, None)
            if name in is_:
                entries[name] = is_[name]
        else:
            changes[section] = is_
    return evolve(after, documents={**after.documents, area: evolve(one, **changes)})


class Crossing:
    """The crossed questions about one case.

    Args:
        before: The question before.
        after: The question after.
        was: The answers before.
        now: The answers after.
        books: The rulebooks made so far.
    """

    def __init__(
        self, before: Question, after: Question, was: Answers, now: Answers, books: Books
    ) -> None:
        self.before, self.after, self.books = before, after, books
        self.differences = differences(before, after)
        self.now = now
        self.complete = True  # whether each question could be put
        self._asked: dict[Any, Answers | None] = {
            frozenset[Difference](): was,
            frozenset(self.differences): now,
        }

    def cause(self, of: str | None = None) -> Cause:
        """Return why the answers changed, or why one rule's outcome or the stage did.

        Args:
            of: A rule's id or `STAGE`; ``None`` for all answers.
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
        return answers == self.now if of is None else answers.get(of) == self.now.get(of)

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
        return answers_of(report)

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

        parts, _ = smallest(_parts(first, second, area), gives, MOST_MIXES)
        details = [_detail(first.area(area), second.area(area), part) for part in parts[0]]
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


# --- Parts of rulebooks in words ----------------------------------------------------------------


def _detail(before: Area, after: Area, part: Part) -> Detail:
    section, name = part
    match section:
        case "parameters":
            one, other = before.parameters.get(name), after.parameters.get(name)
            cites = _cites(after.parameters.get(name) or before.parameters[name])
            return Detail(f"figure {name}", _values(one), _values(other), cites)
        case "rules":
            was, is_ = (
                [area.rules[n] for n in area.wordings.get(name, ())] for area in (before, after)
            )
            told = [_asks(rule, before) for rule in was]
            others = [_asks(rule, after) for rule in is_]
            differ = [key for key in _ASKS if [t[key] for t in told] != [t[key] for t in others]]
            text = f"rule {name}"
            cites = (is_ or was)[-1].citations
            return Detail(text, _wordings(told, differ), _wordings(others, differ), cites)
        case "derived":
            first, second = (area.document.derived.get(name) for area in (before, after))
            cites = (after.derived.get(name) or before.derived[name]).citations
            return Detail(f"computed fact {name}", _formula(first), _formula(second), cites)
        case _:
            return Detail(f"section {section} {name}".rstrip(), "that of before", "that of after")


_ASKS = ("applies", "must", "should", "in force", "replaces")


def _asks(rule: Rule, area: Area) -> dict[str, str | None]:
    """Return what an outcome of a rule depends on, as written, by the words of `_ASKS`."""
    return dict(
        zip(
            _ASKS,
            (rule.applies, rule.must, rule.should, in_force(rule, area), rule.replaces),
            strict=True,
        )
    )


def _wordings(found: Sequence[Mapping[str, str | None]], names: Sequence[str]) -> str | None:
    texts = (", ".join(f"{name} {one[name]}" for name in names) for one in found)
    return "; then ".join(texts) or None


def _formula(found: DerivedDocument | None) -> str | None:
    if found is None:
        return None
    choices = (f"{one.value} when {one.when}" if one.when else one.otherwise for one in found.first)
    return found.is_ or f"first of: {', '.join(map(str, choices))}"


def _values(figure: Parameter | None) -> str | None:
    if figure is None:
        return None
    return ", ".join(
        f"{say(one.value, figure.type)} from {one.from_}" + (f" to {one.to}" if one.to else "")
        for one in figure.values
    )


def _cites(figure: Parameter) -> tuple[Citation, ...]:
    return tuple(cite for one in figure.values for cite in one.citations) or figure.citations
