"""The history of the policy: each rule that begins or ends, and each figure that changes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum
from itertools import groupby
from typing import Any, cast

from attrs import frozen

from probation_rules.errors import InputError, Problem
from probation_rules.explanation import called, cited
from probation_rules.language.english import read_aloud, say
from probation_rules.language.tree import Type, Value
from probation_rules.rulebook import shipped
from probation_rules.rulebook.book import Rulebook
from probation_rules.rulebook.model import Area, Citation, DatedValue, Parameter, Rule


class Happened(StrEnum):
    """What happens to a rule or a figure on a day."""

    BEGINS = "begins"
    CHANGES = "changes"
    ENDS = "ends"
    IS_THIS_DAY = "is this day"  # a figure that is a date


@frozen
class Event:
    """What happens to one rule or figure on one day.

    Attributes:
        on: The first day of the new state. For an end, the first day without the rule or figure.
        area: The area's name.
        kind: `rule` or `figure`.
        name: The rule's id, or the figure's name.
        happened: Whether it begins, changes or ends; or that the figure is this date.
        title: What the rule asks, or what the figure is, in a sentence.
        before: The rule's wording or the figure's value before, in words; ``None`` if it begins.
        after: The same after; ``None`` if it ends.
        by: The date that decides which state applies, such as `sentence_date`; `on` is the day
            asked about.
        citations: The sources of the new state; of an end, those of the last one.
    """

    on: date
    area: str
    kind: str
    name: str
    happened: Happened
    title: str
    before: str | None
    after: str | None
    by: str
    citations: tuple[Citation, ...]

    @property
    def values(self) -> str:
        """What was before and what is after, in words."""
        if self.after is None:
            return f"was: {self.before}"
        return f"{self.after}; before: {self.before}" if self.before else self.after

    @property
    def decided_by(self) -> str:
        """The date that decides, in words; empty if it is the day asked about."""
        return "" if self.by == "on" else f"by {self.by.replace('_', ' ')}"

    @property
    def sources(self) -> tuple[str, ...]:
        """Each source with its place, its address and the day it was last checked."""
        return tuple(dict.fromkeys(map(cited, self.citations)))

    def to_dict(self) -> dict[str, Any]:
        """Return the event as JSON-shaped values."""
        names = ("area", "kind", "name", "title", "before", "after", "by")
        values = {name: getattr(self, name) for name in names}
        happened, sources = self.happened.value, list(self.sources)
        return {"on": self.on.isoformat(), **values, "happened": happened, "sources": sources}

    def __str__(self) -> str:
        by = f", {self.decided_by}" if self.by != "on" else ""
        lines = [f"{self.kind} {self.name} {self.happened}{by}: {self.title}", f"  {self.values}"]
        return "\n".join([*lines, *(f"  {text}" for text in self.sources)])


def events(
    first: date, last: date, *, rulebook: Rulebook | None = None, area: str | None = None
) -> tuple[Event, ...]:
    """Return what happens to rules and figures from one day to another, both included.

    Args:
        first: The first day.
        last: The last day.
        rulebook: The rules; the shipped ones if not given.
        area: One area's name; all areas if not given.

    Raises:
        InputError: The last day is before the first, or the area is not known.
    """
    if last < first:
        raise InputError([Problem("the last day is before the first; swap them", "--to")])
    book = shipped() if rulebook is None else rulebook
    areas = [book.area(area)] if area else book.areas.values()
    found = [event for one in areas for event in _of_area(one) if first <= event.on <= last]
    return tuple(sorted(found, key=lambda event: event.on))


def text(found: tuple[Event, ...]) -> str:
    """Return events as text, by day."""
    parts = []
    for day, some in groupby(found, lambda event: event.on):
        lines = "\n".join(map(str, some)).replace("\n", "\n  ")
        parts.append(f"{say(day, Type('date'))}\n  {lines}")
    return "\n\n".join(parts) or "nothing begins, changes or ends between these days"


def _of_area(area: Area) -> Iterator[Event]:
    for places in area.wordings.values():
        yield from _of_rule(area, [area.rules[place] for place in places])
    for figure in area.parameters.values():
        yield from _of_figure(area, figure)


def _of_rule(area: Area, wordings: list[Rule]) -> Iterator[Event]:
    """Yield the events of a rule, whose wordings are in the order of the file."""
    ordered = sorted(wordings, key=lambda rule: rule.from_)
    ends: dict[date, Rule] = {}
    for one in ordered:
        before = ends.pop(one.from_, None)
        yield _rule_event(area, one.from_, before, one)
        if one.to is not None:
            ends[_next(one.to)] = one
    for day, one in ends.items():
        yield _rule_event(area, day, one, None)


def _rule_event(area: Area, on: date, before: Rule | None, after: Rule | None) -> Event:
    rule = cast("Rule", after or before)
    happened = Happened.BEGINS if before is None else Happened.CHANGES
    return Event(
        on=on,
        area=area.name,
        kind="rule",
        name=rule.id,
        happened=happened if after else Happened.ENDS,
        title=rule.title,
        before=_wording(area, before, after) if before else None,
        after=_wording(area, after, before) if after else None,
        by=rule.by,
        citations=rule.citations,
    )


def _wording(area: Area, rule: Rule, other: Rule | None) -> str:
    """Return what a rule asks or, next to another wording, everything in which they differ."""
    if other is None:
        return _texts(area, rule)[0]
    pairs = zip(_texts(area, rule), _texts(area, other), strict=True)
    return "; ".join(text for text, others in pairs if text != others)


def _texts(area: Area, rule: Rule) -> tuple[str, ...]:
    names, condition = called(area, None), rule.applies_condition
    applies = f"; applies if {read_aloud(condition, names)}" if condition else ""
    return (
        f"{rule.severity.strength}: met if {read_aloud(rule.condition, names)}{applies}",
        f"if not: {rule.remedy}",
        f"message: {rule.not_met}",
        f"title: {rule.title}",
    )


def _of_figure(area: Area, figure: Parameter) -> Iterator[Event]:
    def event(
        on: Value, happened: Happened, one: DatedValue, before: str | None, after: str | None
    ) -> Event:
        return Event(
            on=cast("date", on),
            area=area.name,
            kind="figure",
            name=figure.name,
            happened=happened,
            title=figure.about,
            before=before,
            after=after,
            by=figure.by,
            citations=one.citations,
        )

    before = None
    for one in figure.values:
        after = say(one.value, figure.type)
        happened = Happened.CHANGES if before else Happened.BEGINS
        yield event(one.from_, happened, one, before, after)
        if figure.kind == "date" and one.value != one.from_:
            yield event(one.value, Happened.IS_THIS_DAY, one, None, after)
        before = after
        if one.to is not None and one is figure.values[-1]:
            yield event(_next(one.to), Happened.ENDS, one, after, None)


def _next(day: date) -> date:
    return day + timedelta(days=1)
