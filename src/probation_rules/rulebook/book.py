"""The rulebook: the rules and parameters of all areas, with local rulebooks, and its digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cached_property, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, cast
from weakref import WeakValueDictionary

from attrs import evolve, field, frozen

from probation_rules._version import __version__
from probation_rules.errors import InputError, Problem, RulebookError, did_you_mean
from probation_rules.language.tree import Value
from probation_rules.quoting import named
from probation_rules.rulebook.kinds import scaled_value
from probation_rules.rulebook.load import build
from probation_rules.rulebook.local import extended
from probation_rules.rulebook.model import Area, Parameter, Rule
from probation_rules.rulebook.read import LARGEST_FILE, document_from, parse_toml
from probation_rules.rulebook.spec import NO_SPEC, AreaSpec
from probation_rules.rulebook.toml_schema import AreaDocument, LocalDocument, Scalar
from probation_rules.rulebook.validity import setting_fault

# Areas in use. Books with the same documents share them, and the code compiled for engines.
_AREAS: WeakValueDictionary[tuple[AreaSpec, str], Area] = WeakValueDictionary()


@frozen(eq=False, slots=False)
class Rulebook:
    """The rules and parameters of every area. The digest identifies them.

    Two books are equal if they have the same digest, local books and day. A book can be pickled and
    copied. A pickle contains only the digest of the shipped rules; it can be loaded only where the
    shipped rules have the same digest.

    Attributes:
        documents: The rules file of each area, with local additions.
        local: The local rulebooks, in the order in which they were added.
        asked_on: The day of the book, or ``None`` for a book over all days.
        settings: The values of open parameters for calls with this book.
        files: The names of the local files of each area, for messages.
        specs: The classes and code of each area that has a folder.
        judges: The objects that answer cases, by kind of case and engine, so that each is made once.
    """

    documents: Mapping[str, AreaDocument] = field(repr=False)
    local: tuple[LocalDocument, ...] = ()
    asked_on: date | None = None
    settings: Mapping[str, Scalar] = field(factory=dict)
    files: Mapping[str, tuple[str, ...]] = field(factory=dict)
    specs: Mapping[str, AreaSpec] = field(factory=dict, repr=False)
    judges: dict[tuple[object, ...], Any] = field(factory=dict, repr=False, init=False)
    _built: dict[str, Area] = field(factory=dict, repr=False, init=False)
    _set: dict[str, Area] = field(factory=dict, repr=False, init=False)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Rulebook):
            return NotImplemented
        return self is other or self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    @property
    def _identity(self) -> tuple[str, tuple[LocalDocument, ...], date | None]:
        return self.digest, self.local, self.asked_on

    def __reduce__(self) -> tuple[Any, ...]:
        """Return the function and the arguments that make a copy."""
        ours = shipped().documents
        documents = {
            name: None if found is ours.get(name) else found
            for name, found in self.documents.items()
        }
        parts = (self.local, self.asked_on, self.settings, self.files)
        return _book, (documents, *parts, __version__, shipped().digest)

    @property
    def version(self) -> str:
        """The version of the shipped rules."""
        return __version__

    @cached_property
    def digest(self) -> str:
        """The hash of the rules, figures and settings. Equal content has an equal digest."""
        areas = {name: document.digest for name, document in self.documents.items()}
        text = json.dumps([areas, dict(sorted(self.settings.items()))], default=str)
        return "sha256:" + hashlib.sha256(text.encode()).hexdigest()

    @property
    def short_digest(self) -> str:
        """The first twelve digits of the digest, for people."""
        return self.digest[: len("sha256:") + 12]

    def area(self, name: str) -> Area:
        """Return one checked area.

        Raises:
            InputError: The area does not exist.
            RulebookError: Its rules cannot be loaded.
        """
        if not self.settings:
            return self._unset(name)
        if name not in self._set:
            area = self._unset(name)
            own = {
                key: cast("Value", scaled_value(value, area.parameters[key].type.places))
                for key, value in self.settings.items()
                if key in area.parameters
            }
            self._set[name] = area.with_settings(own) if own else area
        return self._set[name]

    def _unset(self, name: str) -> Area:
        """Return one area without settings."""
        if name not in self._built:
            if name not in self.documents:
                raise InputError([Problem(self._unknown_area(name), "area")])
            document, spec = self.documents[name], self.specs.get(name, NO_SPEC)
            key = spec, document.digest
            if (area := _AREAS.get(key)) is None:
                where = " with ".join([f"{name}/rules.toml", *self.files.get(name, ())])
                area = _AREAS[key] = build(document, where, spec)
            self._built[name] = area
        return self._built[name]

    def _unknown_area(self, name: str) -> str:
        known = ", ".join(self.documents)
        hint = did_you_mean(name, self.documents) or f"; known are {known}"
        return f"{named(name, self.documents)} is not an area{hint}"

    @property
    def areas(self) -> Mapping[str, Area]:
        """Every area by name."""
        return {name: self.area(name) for name in self.documents}

    @property
    def rules(self) -> Mapping[str, Rule]:
        """Every rule by id, in its wording in force on the day of the book, or else its latest.

        If another date than the day asked about decides, the wording is included on every day.
        """
        found: dict[str, Rule] = {}
        for area in self.areas.values():
            for rule in sorted(area.rules, key=lambda rule: rule.from_):
                started = self.asked_on is None or rule.by != "on" or rule.from_ <= self.asked_on
                if started or rule.id not in found:
                    found[rule.id] = rule
        return found

    @property
    def parameters(self) -> Mapping[str, Parameter]:
        """Every parameter by name."""
        return {name: one for area in self.areas.values() for name, one in area.parameters.items()}

    def on(self, day: date) -> Rulebook:
        """Return the book for one day."""
        return self._with_changed(asked_on=day)

    def extended_with(self, path: str | Path) -> Rulebook:
        """Return this book with a local rulebook (a TOML file) added.

        A local book may add rules with their due days, derived facts and sources. It may give
        values to open parameters and assumptions. Its rules may replace the rules that they name in
        `replaces`, on the days on which they are in force.

        Raises:
            RulebookError: The file cannot be read, or contains something that is not allowed. The
                error lists every problem.
        """
        path = Path(path)
        try:
            with path.open(encoding="utf-8") as file:
                text = file.read(LARGEST_FILE + 1)  # a larger file is refused
        except (OSError, ValueError):
            raise RulebookError([Problem("this file cannot be read as text", path.name)]) from None
        return self.extended_by(parse_toml(text, path.name), path.name)

    def extended_by(self, raw: Mapping[str, Any], name: str) -> Rulebook:
        """Return this book with the content of a local rulebook added."""
        if not isinstance(said := raw.get("area"), str):
            text = f"must be the name of an area: {', '.join(self.documents)}"
            raise RulebookError([Problem(text, f"{name}: area")])
        if said not in self.documents:
            raise RulebookError([Problem(self._unknown_area(said), f"{name}: area")])
        area = self._unset(said)
        document, local = extended(area, raw, name)
        book = self._with_changed(
            documents={**self.documents, area.name: document},
            local=(*self.local, local),
            files={**self.files, area.name: (*self.files.get(area.name, ()), name)},
        )
        book.area(area.name)
        return book

    def with_settings(self, settings: Mapping[str, Scalar]) -> Rulebook:
        """Return this book with values for open parameters or assumptions.

        A setting is the value of the parameter on every day.

        Raises:
            InputError: A parameter does not exist or may not be set, or a value is not allowed.
        """
        problems = [
            Problem(text, where)
            for name, value in settings.items()
            for text, where in self._faults_of_setting(name, value)
        ]
        if problems:
            raise InputError(problems)
        return self._with_changed(settings={**self.settings, **settings})

    def _with_changed(self, **changes: Any) -> Rulebook:
        """Return this book with some attributes changed. Areas with the same content are shared."""
        book = evolve(self, **changes)
        if book.documents is self.documents:  # what one of the two makes, both have
            vars(book)["_built"] = self._built
            return book
        same = (name for name in self._built if book.documents.get(name) is self.documents[name])
        book._built.update({name: self._built[name] for name in same})  # noqa: SLF001 (its own kind)
        return book

    def _faults_of_setting(self, name: str, value: Scalar) -> Iterator[tuple[str, str]]:
        areas = map(self._unset, self.documents)
        found = [area.parameters[name] for area in areas if name in area.parameters]
        if not found:
            yield f"`{name}` is not a parameter{did_you_mean(name, self.parameters)}", "settings"
        for parameter in found:
            if text := setting_fault(parameter, value):
                yield text, f"setting {name}"

    @cached_property
    def replaced(self) -> Mapping[str, str]:
        """The rules that local rules replace on the day of the book, each with its latest replacement.

        If another date than the day asked about decides, a replacement is included on every day.
        """
        day = self.asked_on
        return {
            rule.replaces: rule.id
            for name in self.files
            for rule in self.area(name).replacements
            if rule.replaces and (day is None or rule.by != "on" or rule.covers(day))
        }


def _book(
    documents: Mapping[str, AreaDocument | None], local: tuple[LocalDocument, ...], asked_on: date | None,
    settings: Mapping[str, Scalar], files: Mapping[str, tuple[str, ...]], version: str, digest: str,
) -> Rulebook:  # fmt: skip
    """Return a book from its pickle. An area without a document is the shipped one.

    Raises:
        RulebookError: The shipped rules are not the ones that the book was pickled with.
    """
    base = shipped()
    if digest != base.digest:
        text = (
            f"this was pickled with the rules of version {version} and cannot be read with those of "
            f"version {__version__}, which differ; use the same version, or store reports as JSON"
        )
        raise RulebookError([Problem(text, "rulebook")])
    whole = {name: found or base.documents[name] for name, found in documents.items()}
    changes = {"local": local, "asked_on": asked_on, "settings": settings, "files": files}
    if whole == base.documents and not any(changes.values()):
        return base
    return base._with_changed(documents=whole, **changes)  # noqa: SLF001 (its own kind)


@lru_cache(1)
def shipped() -> Rulebook:
    """Return the rulebook that comes with the library, over all days. It is read only once."""
    return from_package()


def from_package() -> Rulebook:
    """Read the rulebook that comes with the library, from its own files only."""
    # Imported here because the code of the areas imports this package.
    from probation_rules.areas import AREAS  # noqa: PLC0415

    areas = files("probation_rules.areas")
    documents = {}
    for folder in sorted(areas.iterdir(), key=lambda entry: entry.name):
        rules = folder / "rules.toml"
        if rules.is_file():
            name = f"{folder.name}/rules.toml"
            document = document_from(parse_toml(rules.read_text(encoding="utf-8"), name), name)
            documents[document.area] = document
    return Rulebook(documents, specs=AREAS)
