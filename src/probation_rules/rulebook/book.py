"""The rulebook: every area's rules and parameters, its digest, and local books on top of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from functools import cached_property, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from attrs import evolve, field, frozen

from probation_rules._version import __version__
from probation_rules.errors import Problem, RulebookError, did_you_mean
from probation_rules.language.units import parse_unit
from probation_rules.rulebook.document import (
    LocalDocument,
    Scalar,
    document_from,
    parse_toml,
)
from probation_rules.rulebook.load import build
from probation_rules.rulebook.model import Area, Basis, Parameter, Rule

_MERGED = ("sources", "parameters", "facts", "derived", "assume", "stages", "rules")
_REMEMBERED = 64


@frozen(eq=False)
class Rulebook:
    """Rules and parameters of every area, as one thing that can be named by its digest.

    Attributes:
        content: Each area's file as read, local additions merged in.
        local: Local rulebooks laid on top, in order.
        asked_on: The day the book is read for; ``None`` for the book over all days.
        settings: Open parameters given a value for the calls made with this book.
        compiled: What engines have made of this book; kept so that they make it once.
    """

    content: Mapping[str, Mapping[str, Any]] = field(repr=False)
    local: tuple[LocalDocument, ...] = ()
    asked_on: date | None = None
    settings: Mapping[str, Scalar] = field(factory=dict)
    compiled: dict[Any, Any] = field(factory=dict, repr=False, init=False)
    _built: dict[str, Area] = field(factory=dict, repr=False, init=False)
    _with: dict[Any, Rulebook] = field(factory=dict, repr=False, init=False)

    @property
    def version(self) -> str:
        """The version of the shipped rules."""
        return __version__

    @cached_property
    def digest(self) -> str:
        """A fingerprint of everything the book says; the same words give the same digest."""
        text = json.dumps(self.content, default=str, ensure_ascii=True)
        return "sha256:" + hashlib.sha256(text.encode()).hexdigest()

    def area(self, name: str) -> Area:
        """Return one area, checked.

        Raises:
            RulebookError: There is no such area, or its rules cannot be loaded.
        """
        if name not in self._built:
            if name not in self.content:
                known = ", ".join(self.content)
                hint = did_you_mean(name, self.content) or f"; known are {known}"
                raise RulebookError([Problem(f"there is no area `{name}`{hint}", "area")])
            document = document_from(self.content[name], f"{name}/rules.toml")
            self._built[name] = build(document, f"{name}/rules.toml")
        return self._built[name]

    @property
    def areas(self) -> Mapping[str, Area]:
        """Every area by name."""
        return {name: self.area(name) for name in self.content}

    @property
    def rules(self) -> Mapping[str, Rule]:
        """Every rule by id: the wording in force on the day asked, else the latest.

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
        return evolve(self, asked_on=day)

    def extended_with(self, path: str | Path) -> Rulebook:
        """Return this book with a local rulebook (a TOML file) laid on top.

        A local book may add rules, derived facts and sources, give open parameters and assumptions
        a value, and stand in for a rule that it names in `replaces`.

        Raises:
            RulebookError: The file cannot be read, or says something it may not; all such places.
        """
        path = Path(path)
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            raise RulebookError([Problem("this file cannot be read as text", path.name)]) from None
        return self.extended_by(parse_toml(text, path.name), path.name)

    def extended_by(self, raw: Mapping[str, Any], name: str) -> Rulebook:
        """Return this book with the content of a local rulebook laid on top."""
        document = document_from(raw, name)
        area = self.area(document.area)
        problems = []
        if document.local is None:
            problems.append(Problem("`[local]` is missing: whose book is this?", name))
        for parameter, found in document.parameters.items():
            old = area.parameters.get(parameter)
            if old and not old.open and old.basis is not Basis.ASSUMPTION:
                text = f"`{parameter}` has a value from a {old.basis} source and cannot be replaced"
                problems.append(Problem(text, f"{name}: parameters.{parameter}"))
            elif old and (old.type.unit, old.type.kind) != _kind_of(found.type, found.unit):
                text = f"`{parameter}` has another type or unit in the book it extends"
                problems.append(Problem(text, f"{name}: parameters.{parameter}"))
        for section in ("facts", "derived", "assume", "stages", "sources"):
            for key in set(getattr(document, section)) & set(self.content[document.area].get(section, {})):
                problems.append(Problem(f"`{key}` is already there", f"{name}: {section}.{key}"))
        problems += _check_replacements(area, document.rules, name)
        if problems:
            raise RulebookError(problems)
        merged = _merge(self.content[document.area], raw)
        book = evolve(
            self,
            content={**self.content, document.area: merged},
            local=(*self.local, document.local),  # type: ignore[arg-type]
        )
        book.area(document.area)
        return book

    def with_settings(self, settings: Mapping[str, Scalar]) -> Rulebook:
        """Return this book with open parameters, or assumptions, set for the calls made with it.

        Raises:
            RulebookError: A name is no such parameter, or a value is not allowed.
        """
        key = tuple(sorted((name, repr(value)) for name, value in settings.items()))
        if key not in self._with:
            if len(self._with) >= _REMEMBERED:
                self._with.clear()
            self._with[key] = self._set(settings)
        return self._with[key]

    def _set(self, settings: Mapping[str, Scalar]) -> Rulebook:
        content, problems = dict(self.content), []
        for name, value in settings.items():
            homes = [area for area in self.content if name in self.area(area).parameters]
            if not homes:
                hint = did_you_mean(name, self.parameters)
                problems.append(Problem(f"there is no parameter `{name}`{hint}", "settings"))
                continue
            parameter = self.area(homes[0]).parameters[name]
            if not parameter.open and parameter.basis is not Basis.ASSUMPTION:
                text = f"`{name}` rests on a {parameter.basis} source and is not open to be set"
                problems.append(Problem(text, "settings"))
            for area in homes:
                content[area] = _merge(content[area], {"parameters": {name: _set(content[area], name, value)}})
        if problems:
            raise RulebookError(problems)
        book = evolve(self, content=content, settings={**self.settings, **settings})
        for area in content:
            if content[area] is not self.content[area]:
                book.area(area)
        return book


def _kind_of(kind: str, unit: str | None) -> tuple[object, str]:
    number = kind in ("int", "decimal")
    return (parse_unit(unit) if unit else ()), "int" if number else kind


def _set(content: Mapping[str, Any], name: str, value: Scalar) -> dict[str, Any]:
    """The parameter with the one value that a caller set, from the first day on."""
    first = content["facts"]["on"]["min"]
    cites = [{"source": "setting", "checked": first}]
    return {**content["parameters"][name], "values": [{"from": first, "value": value, "cites": cites}]}


def _check_replacements(area: Area, rules: Mapping[str, list[Any]], name: str) -> list[Problem]:
    problems = []
    for id_, wordings in rules.items():
        path = f'{name}: rules."{id_}"'
        if id_ in area.wordings:
            text = "this rule is already there; give yours another name, and `replaces` if it stands in for it"
            problems.append(Problem(text, path))
        for wording in wordings:
            if wording.replaces is not None and wording.replaces not in area.wordings:
                hint = did_you_mean(wording.replaces, area.wordings)
                problems.append(Problem(f"`replaces` names no rule{hint}", path))
    return problems


def _merge(base: Mapping[str, Any], local: Mapping[str, Any]) -> dict[str, Any]:
    """Lay a local file's sections over an area's; a replaced rule goes."""
    merged = {**base}
    for section in _MERGED:
        if section in local:
            merged[section] = {**base.get(section, {}), **local[section]}
    if "parameters" in local and "setting" not in merged["sources"]:
        source = {"title": "Set by the caller", "publisher": "the caller"}
        merged["sources"] = {**merged["sources"], "setting": source}
    for found in local.get("rules", {}).values():
        for wording in found if isinstance(found, list) else [found]:
            merged["rules"].pop(wording.get("replaces"), None)
    return merged


@lru_cache(1)
def shipped() -> Rulebook:
    """Return the rulebook that comes with the library. Nothing outside it is read."""
    areas = files("probation_rules.areas")
    content = {}
    for folder in sorted(areas.iterdir(), key=lambda entry: entry.name):
        rules = folder / "rules.toml"
        if rules.is_file():
            raw = parse_toml(rules.read_text(encoding="utf-8"), f"{folder.name}/rules.toml")
            content[str(raw["area"])] = raw
    return Rulebook(content)
