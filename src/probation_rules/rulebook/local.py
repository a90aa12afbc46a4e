"""Local rulebooks: the additions and changes that a region may make to the shipped rules."""

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
    """Return an area's document with a local book merged into it, and the book's `[local]` table.

    Args:
        area: The area without the local book.
        raw: The content of the local file. It may give a part of a parameter of the area.
        name: The name of the local file, for messages.

    Raises:
        RulebookError: The local book contains something that is not allowed; all problems are listed.
    """
    section = area.spec.section
    document, own = _documents(area, raw, name)
    if document.local is None:
        text = "`[local]` is missing: give the region and the first day of this book"
        raise RulebookError([Problem(text, name)])
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
    """Return the file's document, and the content of the area's special section, if given."""
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
    """Yield the problems of the area's special section, if the file has one."""
    if document.sections:
        yield Problem(
            "`sections` is not allowed in a local book; use the name of the section instead",
            f"{name}: sections",
        )
    section = area.spec.section
    if section is None or new is None:
        return
    if section.parameter in document.parameters:
        text = f"do not give this parameter: its values come from the section `{section.name}`"
        yield Problem(text, f"{name}: parameters.{section.parameter}")
    for text, where in section.faults(area.sections, new):
        yield Problem(text, f"{name}: {where}")


def _with_section(
    base: AreaDocument, section: Section, added: SectionDocument, every: Sequence[Any]
) -> AreaDocument:
    """Return an area's document with one more special section, and the sources and values of all."""
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
            text = f"`{key}` comes from a {old.basis} source, so a local book cannot change it"
            yield Problem(text, f"{name}: parameters.{key}")


def _facts(document: AreaDocument, name: str) -> Iterator[Problem]:
    """Yield a problem for each new fact: a case would not have a field for it."""
    for key in document.facts:
        yield Problem(
            "a local book cannot add facts: a case does not have a field for them",
            f"{name}: facts.{key}",
        )


def _additions(base: AreaDocument, document: AreaDocument, name: str) -> Iterator[Problem]:
    for section in _ADDED_ONLY:
        for key in getattr(document, section):
            if key in getattr(base, section):
                text = "the rulebook already uses this name; choose another"
                yield Problem(text, f"{name}: {section}.{key}")


def _rules(
    area: Area, document: AreaDocument, local: LocalDocument, name: str
) -> Iterator[Problem]:
    for id_, wordings in document.rules.items():
        path = f'{name}: rules."{id_}"'
        if id_ in area.wordings:
            text = "the rulebook already has this rule; choose another id, and give `replaces`"
            yield Problem(text, path)
        for wording in wordings:
            if wording.replaces is not None and wording.replaces not in area.wordings:
                hint = did_you_mean(wording.replaces, area.wordings)
                text = f"`{wording.replaces}` is not a rule to replace"
                yield Problem(f"{text}{hint or '; `rules list` lists all rules'}", path)
            first, last = wording.in_force.from_, wording.in_force.to
            if first < local.effective_from or _later(last, local.effective_to):
                text = "the rule is in force on days outside `effective_from` and `effective_to`"
                yield Problem(text, path)


def _due(area: Area, document: AreaDocument, name: str) -> Iterator[Problem]:
    """Yield a problem for each due day that does not belong to a rule of the book."""
    replaced = {one.replaces for wordings in document.rules.values() for one in wordings}
    for fact, entries in document.due.items():
        if any(found.rule not in document.rules for found in entries):
            text = "a local book can add due days only for its own rules; name one of them"
            yield Problem(text, f"{name}: due.{fact}.rule")
        if fact in area.due and replaced.isdisjoint(day.rule for day in area.due[fact]):
            text = "the rulebook already has this due day; use another derived fact"
            yield Problem(text, f"{name}: due.{fact}")


def _later(last: date | None, end: date | None) -> bool:
    """Return whether a last day is after the end. ``None`` is a day that never comes."""
    return end is not None and (last is None or last > end)


def _merged(base: AreaDocument, local: AreaDocument) -> AreaDocument:
    """Return an area's document with the additions and changes of a local book in each section."""
    sections: dict[str, Any] = {
        name: {**getattr(base, name), **getattr(local, name)} for name in _SECTIONS
    }
    # A due day of a replaced rule stays, because the rule may be replaced only on some days.
    for fact in base.due.keys() & local.due.keys():
        sections["due"][fact] = base.due[fact] + local.due[fact]
    return evolve(base, **sections)
