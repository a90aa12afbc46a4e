"""What differs between two questions about a case, and what a cause is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from attrs import field, frozen

from probation_rules import change_document as shapes
from probation_rules.report import known_fields, plain
from probation_rules.rulebook.book import Rulebook
from probation_rules.rulebook.model import Citation


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

    def entry(self) -> shapes.DetailChanged:
        """Return the detail's part of a JSON document."""
        sources = tuple(dict.fromkeys(map(str, self.citations)))
        return shapes.DetailChanged(self.name, self.before, self.after, sources)


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

    def entry(self) -> shapes.DifferenceFound:
        """Return the difference's part of a JSON document."""
        details = tuple(one.entry() for one in self.details)
        return shapes.DifferenceFound(self.kind.value, self.name, self.before, self.after, details)


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
        is_known: Whether the two questions are known. Answers stored as a table have no question.
    """

    sets: tuple[tuple[Difference, ...], ...]
    smallest: bool
    together: bool
    is_known: bool = True

    def __str__(self) -> str:
        return self.in_words(str)

    def in_words(self, words: Callable[[Difference], str]) -> str:
        """Return the cause as a sentence.

        Args:
            words: Returns a difference in words.
        """
        if not self.is_known:
            return "the cause is not known; answers stored as a table do not have the cases"
        if not self.sets:
            return (
                "nothing in the two questions differs; the stored answers were made by other code"
            )
        text = "; or: ".join(" and ".join(map(words, one)) for one in self.sets)
        if self.together:
            text += " (only all changes together give this answer)"
        return text if self.smallest else f"{text} (a smaller set may give this answer too)"

    def entry(self) -> shapes.CauseFound:
        """Return the cause's part of a JSON document."""
        sets = tuple(tuple(one.entry() for one in found) for found in self.sets)
        return shapes.CauseFound(str(self), sets, self.smallest, self.together)


NOT_KNOWN = Cause((), smallest=False, together=False, is_known=False)


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
