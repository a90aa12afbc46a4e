"""Local rulebooks: what a region may lay over the shipped rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from probation_rules.errors import Problem, RulebookError, did_you_mean
from probation_rules.rulebook import framework
from probation_rules.rulebook.document import (
    AreaDocument,
    LocalDocument,
)
from probation_rules.rulebook.framework import FrameworkList
from probation_rules.rulebook.load import framework_of
from probation_rules.rulebook.model import Area
from probation_rules.rulebook.read import as_list, document_from

Content = Mapping[str, Any]
_SECTIONS = ("sources", "parameters", "derived", "assume", "stages", "rules", "due", "remarks")
_ADDED_ONLY = ("sources", "derived", "assume", "stages")


def extended(base: Content, area: Area, raw: Content, name: str) -> tuple[Content, LocalDocument]:
    """Return an area's content with a local book's laid over it, and whose book it is.

    Args:
        base: The area's content so far.
        area: The same, checked.
        raw: The local file's content. A parameter of the area may be given in part.
        name: The local file's name, for messages.

    Raises:
        RulebookError: The local book says something it may not; every such place is named.
    """
    known = base.get("parameters", {})
    given = raw.get("parameters", {})
    if isinstance(given, Mapping):
        whole = {
            key: {**known.get(key, {}), **found} if isinstance(found, Mapping) else found
            for key, found in given.items()
        }
        raw = {**raw, "parameters": whole} if given else raw
    document = document_from(raw, name)
    if document.local is None:
        raise RulebookError([Problem("`[local]` is missing: whose book is this?", name)])
    problems = [
        *_framework(area, document, name),
        *_parameters(area, document, name),
        *_facts(document, name),
        *_additions(base, document, name),
        *_rules(area, document, document.local, name),
        *_due(area, document, name),
    ]
    if problems:
        raise RulebookError(problems)
    merged = _merged(base, raw)
    if document.framework is not None:
        merged = _with_framework(
            merged, raw, area, framework_of(document.local, document.framework)
        )
    return merged, document.local


def _framework(area: Area, document: AreaDocument, name: str) -> Iterator[Problem]:
    """Yield what is wrong with a region's framework list, if the book has one."""
    if document.frameworks:
        yield Problem("a list stands under `framework`", f"{name}: frameworks")
    if document.framework is None or document.local is None:
        return
    if framework.PARAMETER not in area.parameters:
        yield Problem(f"the area `{area.name}` has no lists", f"{name}: framework")
    if framework.PARAMETER in document.parameters:
        yield Problem("the list itself says when it is in force", f"{name}: parameters")
    for key in ("region", "title", "version", "approved_by"):
        text = getattr(document.local, key)
        if not text.strip() or not text.isprintable():
            yield Problem("text on one line is needed", f"{name}: local.{key}")
    new = framework_of(document.local, document.framework)
    for text in framework.overlaps(area.frameworks, new):
        yield Problem(text, f"{name}: local.effective_from")
    for text, where in framework.faults(document.framework):
        yield Problem(text, f"{name}: framework.{where}")


def _with_framework(base: Content, raw: Content, area: Area, new: FrameworkList) -> Content:
    """Return an area's content with one more list, and the days of all of them."""
    title = ("EXAMPLE, made up: " if new.content.example else "") + new.title
    source = {"title": f"{title}, version {new.version}", "publisher": new.region}
    parameter = base["parameters"][framework.PARAMETER]
    values = framework.dated((*area.frameworks, new))
    return {
        **base,
        "sources": {**base["sources"], framework.source_id(new): source},
        "parameters": {
            **base["parameters"], framework.PARAMETER: {**parameter, "values": values}
        },
        "frameworks": [
            *base.get("frameworks", ()), {"local": raw["local"], "framework": raw["framework"]}
        ],
    }  # fmt: skip


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


def _additions(base: Content, document: AreaDocument, name: str) -> Iterator[Problem]:
    for section in _ADDED_ONLY:
        for key in getattr(document, section):
            if key in base.get(section, {}):
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


def _merged(base: Content, local: Content) -> Content:
    merged = dict(base)
    for section in _SECTIONS:
        if section in local:
            merged[section] = {**base.get(section, {}), **local[section]}
    # A day of a rule that is replaced stays, for the days on which the rule is not replaced.
    for fact, found in local.get("due", {}).items():
        merged["due"][fact] = [*as_list(base.get("due", {}).get(fact, [])), *as_list(found)]
    return merged
