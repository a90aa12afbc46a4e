"""Local rulebooks: what a region may lay over the shipped rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from attrs import evolve

from probation_rules.errors import Problem, RulebookError, did_you_mean
from probation_rules.rulebook.model import Area
from probation_rules.rulebook.read import document_from, structured
from probation_rules.rulebook.spec import Section
from probation_rules.rulebook.toml_schema import AreaDocument, LocalDocument, SectionDocument

_SECTIONS = ("sources", "parameters", "derived", "assume", "stages", "rules", "due", "remarks")
_ADDED_ONLY = ("sources", "derived", "assume", "stages")


def extended(area: Area, raw: Mapping[str, Any], name: str) -> tuple[AreaDocument, LocalDocument]:
    """Return an area's document with a local book merged into it, and whose book it is.

    Args:
        area: The area so far.
        raw: The local file's content. A parameter of the area may be given in part.
        name: The local file's name, for messages.

    Raises:
        RulebookError: The local book says something it may not; every such place is named.
    """
    section = area.spec.section
    document, own = _documents(area, raw, name)
    if document.local is None:
        raise RulebookError([Problem("`[local]` is missing: whose book is this?", name)])
    new = None if section is None or own is None else section.made(document.local, own)
    problems = [
        *_section(area, document, new, name),
        *_parameters(area, document, name),
        *_facts(document, name),
        *_additions(area.document, document, name),
        *_rules(area, document, document.local, name),
        *_due(area, document, name),
    ]
    if problems:
        raise RulebookError(problems)
    merged = _merged(area.document, document)
    if section is not None and new is not None:
        added = SectionDocument(document.local, own)
        merged = _with_section(merged, section, added, (*area.sections, new))
    return merged, document.local


def _documents(area: Area, raw: Mapping[str, Any], name: str) -> tuple[AreaDocument, Any]:
    """Return the file's document, and that of its section of the area's own kind if it has one."""
    section, known = area.spec.section, area.document.parameters
    if section is None or section.name not in raw:
        return document_from(raw, name, known), None
    found, problems = list[Any](), list[Problem]()
    own, rest = raw[section.name], {key: raw[key] for key in raw if key != section.name}
    for read in (
        lambda: document_from(rest, name, known),
        lambda: structured(own, section.document, name, section.name),
    ):
        try:
            found.append(read())
        except RulebookError as error:
            problems += error.problems
    if problems:
        raise RulebookError(problems)
    return found[0], found[1]


def _section(area: Area, document: AreaDocument, new: Any, name: str) -> Iterator[Problem]:
    """Yield what is wrong with the section of the area's own kind, if the file has one."""
    if document.sections:
        yield Problem(
            "a local book has no `sections`; give one section its own name", f"{name}: sections"
        )
    section = area.spec.section
    if section is None or new is None:
        return
    if section.parameter in document.parameters:
        text = f"the section `{section.name}` gives this parameter its values"
        yield Problem(text, f"{name}: parameters.{section.parameter}")
    for text, where in section.faults(area.sections, new):
        yield Problem(text, f"{name}: {where}")


def _with_section(
    base: AreaDocument, section: Section, added: SectionDocument, every: Sequence[Any]
) -> AreaDocument:
    """Return an area's document with one more section, and what all of them add to it."""
    parameter = evolve(base.parameters[section.parameter], values=section.values(every))
    return evolve(
        base,
        sources={**base.sources, **section.sources(every)},
        parameters={**base.parameters, section.parameter: parameter},
        sections=(*base.sections, added),
    )


def _parameters(area: Area, document: AreaDocument, name: str) -> Iterator[Problem]:
    for key in document.parameters:
        old = area.parameters.get(key)
        if old is not None and not old.may_be_replaced:
            text = f"`{key}` rests on a {old.basis} source and cannot be replaced"
            yield Problem(text, f"{name}: parameters.{key}")


def _facts(document: AreaDocument, name: str) -> Iterator[Problem]:
    """Yield what a case of the area has no field for."""
    for key in document.facts:
        yield Problem(
            "a local book adds no facts: a case has no field for it", f"{name}: facts.{key}"
        )


def _additions(base: AreaDocument, document: AreaDocument, name: str) -> Iterator[Problem]:
    for section in _ADDED_ONLY:
        for key in getattr(document, section):
            if key in getattr(base, section):
                text = "this name is already there; give yours another"
                yield Problem(text, f"{name}: {section}.{key}")


def _rules(
    area: Area, document: AreaDocument, local: LocalDocument, name: str
) -> Iterator[Problem]:
    for id_, wordings in document.rules.items():
        path = f'{name}: rules."{id_}"'
        if id_ in area.wordings:
            text = "this rule is already there; give yours another name, and `replaces`"
            yield Problem(text, path)
        for wording in wordings:
            if wording.replaces is not None and wording.replaces not in area.wordings:
                hint = did_you_mean(wording.replaces, area.wordings)
                yield Problem(f"`replaces` names no rule{hint}", path)
            first, last = wording.in_force.from_, wording.in_force.to
            if first < local.effective_from or _later(last, local.effective_to):
                yield Problem("it is in force on days outside the dates of its book", path)


def _due(area: Area, document: AreaDocument, name: str) -> Iterator[Problem]:
    """Yield the days that are not for a rule of the book, with whose dates they begin and end."""
    replaced = {one.replaces for wordings in document.rules.values() for one in wordings}
    for fact, entries in document.due.items():
        if any(found.rule not in document.rules for found in entries):
            text = "a local book adds days for its own rules only; name one of them"
            yield Problem(text, f"{name}: due.{fact}.rule")
        if fact in area.due and replaced.isdisjoint(day.rule for day in area.due[fact]):
            text = "this day is already there; give yours a derived fact of its own"
            yield Problem(text, f"{name}: due.{fact}")


def _later(last: date | None, end: date | None) -> bool:
    """Whether a period goes on after the end; ``None`` is without end."""
    return end is not None and (last is None or last > end)


def _merged(base: AreaDocument, local: AreaDocument) -> AreaDocument:
    """Return an area's document with what a local book adds to each section, or replaces there."""
    sections: dict[str, Any] = {
        name: {**getattr(base, name), **getattr(local, name)} for name in _SECTIONS
    }
    # A day of a rule that is replaced stays, for the days on which the rule is not replaced.
    for fact in base.due.keys() & local.due.keys():
        sections["due"][fact] = base.due[fact] + local.due[fact]
    return evolve(base, **sections)
