"""The rulebook: every area's rules and parameters, its digest, and local books on top of it."""

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
from probation_rules.rulebook.kinds import scaled_value
from probation_rules.rulebook.load import build
from probation_rules.rulebook.local import extended
from probation_rules.rulebook.model import Area, Parameter, Rule
from probation_rules.rulebook.read import LARGEST_FILE, document_from, parse_toml
from probation_rules.rulebook.spec import NO_SPEC, AreaSpec
from probation_rules.rulebook.toml_schema import AreaDocument, LocalDocument, Scalar
from probation_rules.rulebook.validity import setting_fault

# Areas in use. Books with the same documents share them, and the code that engines compiled.
_AREAS: WeakValueDictionary[tuple[AreaSpec, str], Area] = WeakValueDictionary()


@frozen(eq=False, slots=False)
class Rulebook:
    """Rules and parameters of every area, as one thing that can be named by its digest.

    Two books are equal if they have the same digest, local books and day. A book can be pickled and
    copied: of the shipped rules only their digest is kept, and they must be the same where the copy is
    made.

    Attributes:
        documents: Each area's rules file, local additions merged in.
        local: Local rulebooks laid on top, in order.
        asked_on: The day the book is read for; ``None`` for the book over all days.
        settings: Open parameters given a value for the calls made with this book.
        files: For each area, the names of the local files laid over it, for messages.
        specs: For each area with a folder of its own, its classes and code.
        judges: What answers cases, by their kind and the engine; kept so that it is made once.
    """

    documents: Mapping[str, AreaDocument] = field(repr=False)
    local: tuple[LocalDocument, ...] = ()
    asked_on: date | None = None
    settings: Mapping[str, Scalar] = field(factory=dict)
    files: Mapping[str, tuple[str, ...]] = field(factory=dict)
    specs: Mapping[str, AreaSpec] = field(factory=dict, repr=False)
    judges: dict[tuple[type | str, str], Any] = field(factory=dict, repr=False, init=False)
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
        """Return how a copy is made."""
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
        """A fingerprint of the rules, figures and settings; equal content gives equal digests."""
        areas = {name: document.digest for name, document in self.documents.items()}
        text = json.dumps([areas, dict(sorted(self.settings.items()))], default=str)
        return "sha256:" + hashlib.sha256(text.encode()).hexdigest()

    @property
    def short_digest(self) -> str:
        """The digest as a person reads it, cut to twelve digits."""
        return self.digest[: len("sha256:") + 12]

    def area(self, name: str) -> Area:
        """Return one area, checked.

        Raises:
            InputError: There is no such area.
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
                known = ", ".join(self.documents)
                hint = did_you_mean(name, self.documents) or f"; known are {known}"
                raise InputError([Problem(f"there is no area `{name}`{hint}", "area")])
            document, spec = self.documents[name], self.specs.get(name, NO_SPEC)
            key = spec, document.digest
            if (area := _AREAS.get(key)) is None:
                where = " with ".join([f"{name}/rules.toml", *self.files.get(name, ())])
                area = _AREAS[key] = build(document, where, spec)
            self._built[name] = area
        return self._built[name]

    @property
    def areas(self) -> Mapping[str, Area]:
        """Every area by name."""
        return {name: self.area(name) for name in self.documents}

    @property
    def rules(self) -> Mapping[str, Rule]:
        """Every rule by id, in the wording in force on the day asked, else the latest.

        A wording that goes by another date than the day asked about is shown whatever the day.
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
        """Return the book as it stands on a day."""
        return self._with_changed(asked_on=day)

    def extended_with(self, path: str | Path) -> Rulebook:
        """Return this book with a local rulebook (a TOML file) laid on top.

        A local book may add rules with their due days, derived facts and sources, give open
        parameters and assumptions a value, and replace a rule that it names in `replaces` while its
        own rule is in force.

        Raises:
            RulebookError: The file cannot be read, or says something it may not; all such places.
        """
        path = Path(path)
        try:
            with path.open(encoding="utf-8") as file:
                text = file.read(LARGEST_FILE + 1)  # more is refused, and never read
        except (OSError, ValueError):
            raise RulebookError([Problem("this file cannot be read as text", path.name)]) from None
        return self.extended_by(parse_toml(text, path.name), path.name)

    def extended_by(self, raw: Mapping[str, Any], name: str) -> Rulebook:
        """Return this book with the content of a local rulebook laid on top."""
        if not isinstance(said := raw.get("area"), str):
            text = f"must name an area, as text: {', '.join(self.documents)}"
            raise RulebookError([Problem(text, f"{name}: area")])
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
        """Return this book with open parameters, or assumptions, set for the calls made with it.

        A setting is the parameter's value on every day.

        Raises:
            InputError: A name is not such a parameter, or a value is not allowed.
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
        """Return this book with something changed. Areas with the same content are not made again."""
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
            yield f"there is no parameter `{name}`{did_you_mean(name, self.parameters)}", "settings"
        for parameter in found:
            if text := setting_fault(parameter, value):
                yield text, f"setting {name}"

    @cached_property
    def replaced(self) -> Mapping[str, str]:
        """The rules that local rules replace on the day asked, each with its latest replacement.

        A replacement that goes by another date than the day asked about is named whatever the day.
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
    """Return a book that was pickled or copied; an area without content of its own is the shipped one.

    Raises:
        RulebookError: The shipped rules are not those with which it was pickled.
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
    """Return the rulebook that comes with the library, over all days, which is read once."""
    return from_package()


def from_package() -> Rulebook:
    """Return the rulebook that comes with the library. Nothing outside it is read."""
    # The areas' code uses the types of this package.
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
