"""What differs between two rulebooks: their parts, in words, and books with parts of both."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import attrs
from attrs import evolve, frozen

from probation_rules.comparison.differences import Detail
from probation_rules.explanation import cited, in_force
from probation_rules.language.english import say
from probation_rules.rulebook.book import Rulebook
from probation_rules.rulebook.model import Area, Citation, Parameter, Rule
from probation_rules.rulebook.toml_schema import DerivedDocument

_ONE_BY_ONE = ("rules", "parameters", "derived", "assume")  # sections whose entries count singly

Part = tuple[str, str]
"""A section of a rules file, and an entry of it."""


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


def parts_of(before: Rulebook, after: Rulebook, area: str) -> tuple[Part, ...]:
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


# --- Parts in words -----------------------------------------------------------------------------


def detail(before: Area, after: Area, part: Part, more: Sequence[str] = ()) -> Detail:
    """Return a part before and after in words, with its sources.

    Args:
        before: The area before.
        after: The area after.
        part: The part.
        more: What to give of a rule besides what its outcome depends on.
    """
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
            firsts = [_asks(rule, before) for rule in was]
            lasts = [_asks(rule, after) for rule in is_]
            differ = [
                key
                for key in (*_ASKS, *more)
                if [one[key] for one in firsts] != [one[key] for one in lasts]
            ]
            text = f"rule {name}"
            cites = (is_ or was)[-1].citations
            return Detail(text, _wordings(firsts, differ), _wordings(lasts, differ), cites)
        case "derived":
            first, second = (area.document.derived.get(name) for area in (before, after))
            cites = (after.derived.get(name) or before.derived[name]).citations
            return Detail(f"computed fact {name}", _formula(first), _formula(second), cites)
        case _:
            return Detail(f"section {section} {name}".rstrip(), "that of before", "that of after")


_ASKS = ("applies", "must", "should", "in force", "replaces")
_TEXTS = ("title", "message", "remedy", "basis")


def _asks(rule: Rule, area: Area) -> dict[str, str | None]:
    """Return what a rule asks and its texts, as written, by the words of `_ASKS` and `_TEXTS`."""
    asks = rule.applies, rule.must, rule.should, in_force(rule, area), rule.replaces
    texts = rule.title, rule.not_met, rule.remedy, rule.basis.value
    return dict(zip((*_ASKS, *_TEXTS), (*asks, *texts), strict=True))


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
    values = (
        f"{say(one.value, figure.type)} from {one.from_}" + (f" to {one.to}" if one.to else "")
        for one in figure.values
    )
    return ", ".join(values) or "not set"


def _cites(figure: Parameter) -> tuple[Citation, ...]:
    return tuple(cite for one in figure.values for cite in one.citations) or figure.citations


# --- The list of changes ------------------------------------------------------------------------


@frozen
class BookChange:
    """A rule, figure or other part that differs between two rulebooks.

    Attributes:
        area: The area's name.
        name: The part, such as `rule upw.pace-6` or `figure review_grace`.
        title: The title of a rule, or what a figure or computed fact is; empty for other parts.
        before: What it is in the first book, in words; ``None`` if it is new.
        after: The same in the second book; ``None`` if it is gone.
        citations: Its sources in the second book; of a part that is gone, those in the first.
    """

    area: str
    name: str
    title: str
    before: str | None
    after: str | None
    citations: tuple[Citation, ...]

    @property
    def happened(self) -> str:
        """Whether the part is new, changes or is gone, in words."""
        return "is new" if self.before is None else "is gone" if self.after is None else "changes"

    @property
    def sources(self) -> tuple[str, ...]:
        """Each source with its place, its address and the day it was last checked."""
        return tuple(dict.fromkeys(map(cited, self.citations)))

    def to_dict(self) -> dict[str, Any]:
        """Return the change as JSON-shaped values."""
        names = ("area", "name", "title", "happened", "before", "after")
        return {**{name: getattr(self, name) for name in names}, "sources": list(self.sources)}

    def __str__(self) -> str:
        lines = [f"{self.name} {self.happened}" + (f": {self.title}" if self.title else "")]
        texts = {"before": self.before, "after": self.after}
        if self.before == self.after:
            texts = {"changed": "only texts or sources, which do not decide an answer"}
        lines += [f"  {word}: {text}" for word, text in texts.items() if text is not None]
        return "\n".join([*lines, *(f"  {text}" for text in self.sources)])


def changes_between(
    before: Rulebook, after: Rulebook, area: str | None = None
) -> tuple[BookChange, ...]:
    """Return every rule, figure and other part that differs between two rulebooks, with sources.

    Args:
        before: The first book.
        after: The second book, such as the first with a local rulebook on top.
        area: One area's name; all areas if not given.

    Raises:
        InputError: The area does not exist.
    """
    names = [area] if area else before.documents
    return tuple(one for name in names for one in _between(before, after, name))


def _between(before: Rulebook, after: Rulebook, name: str) -> Iterator[BookChange]:
    was, now = before.area(name), after.area(name)
    settings = dict.fromkeys([*was.settings, *now.settings])
    differ = [one for one in settings if was.settings.get(one) != now.settings.get(one)]
    parts = [*parts_of(before, after, name), *(("parameters", one) for one in differ)]
    for part in dict.fromkeys(parts):
        one = detail(was, now, part, _TEXTS)
        yield BookChange(
            name, one.name, _title(was, now, part), one.before, one.after, one.citations
        )


def _title(before: Area, after: Area, part: Part) -> str:
    """Return the title of a part in the later book that has it; empty if it has none."""
    section, name = part
    for area in (after, before):
        if section == "rules" and name in area.wordings:
            return area.rules[area.wordings[name][-1]].title
        if section == "parameters" and name in area.parameters:
            return area.parameters[name].about
        if section == "derived" and name in area.derived:
            return area.derived[name].about
    return ""


def changes_text(found: Sequence[BookChange]) -> str:
    """Return changes as text, by area."""
    parts = []
    for area, some in groupby(found, lambda one: one.area):
        lines = "\n".join(map(str, some)).replace("\n", "\n  ")
        parts.append(f"{area}\n  {lines}")
    return "\n\n".join(parts) or "the two rulebooks are the same"
