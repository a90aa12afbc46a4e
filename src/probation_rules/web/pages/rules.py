"""The pages about the rules: search them, read one in full as of a day, and see what changed when.

Their forms are sent in the address, since nothing in them is about a person: such an address can be
kept and sent to others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from attrs import frozen

from probation_rules.caseload.html import Sources
from probation_rules.explanation import explain, figure_citations, figure_values, in_force
from probation_rules.history import Event, events
from probation_rules.rulebook.model import Area, Citation, Parameter, Rule
from probation_rules.web.pages.forms import Form, typed_day
from probation_rules.web.pages.site import RULEBOOK, Asked, Page

ON, WORDS, AREA, FIRST, LAST = "on", "q", "area", "from", "to"
YEAR = timedelta(days=365)


@frozen
class Figure:
    """A figure of the policy, with its values on the day in words."""

    parameter: Parameter
    values: str
    citations: tuple[Citation, ...]


@frozen
class Found:
    """The rules and figures of an area that the search found.

    Attributes:
        area: The area.
        rules: Each rule in its wording of the day, with the days on which it is in force in words.
        figures: The figures.
    """

    area: Area
    rules: tuple[tuple[Rule, str], ...]
    figures: tuple[Figure, ...]


def listed(asked: Asked) -> str:
    """Answer a request for the list of rules, figures and sources."""
    form = _form(asked)
    on = form.date(ON, "Day")
    words = form.text(WORDS).casefold().split()
    every = _areas(asked, form.text(AREA))
    found = [one for area in every if (one := _found(asked, area, on, words)).rules or one.figures]
    return asked.render(
        "rules.html",
        **_question(asked, form, on),
        found=found,
        rules_found=sum(len(one.rules) for one in found),
        figures_found=sum(len(one.figures) for one in found),
        sources=Sources(),
    )


def shown(asked: Asked) -> str:
    """Answer a request for one rule in full.

    Raises:
        UnknownRule: The rule does not exist.
    """
    form = _form(asked)
    on = form.date(ON, "Day")
    id_ = asked.path["rule"]
    explained = explain(id_, on=on, rulebook=asked.book)
    area = next(one for one in asked.book.areas.values() if id_ in one.wordings)
    rule = (asked.book.on(on) if on else asked.book).rules[id_]
    figures = [_figure(area.parameters[name], on) for name in rule.figures]
    history = [
        one
        for one in events(date.min, date.max, rulebook=asked.book, area=area.name)
        if one.name in (id_, *rule.figures)
    ]
    return asked.render(
        "rule.html",
        **_question(asked, form, on),
        explained=explained,
        area=area,
        rule=rule,
        figures=figures,
        days=_by_day(history),
        sources=Sources(),
    )


def changes(asked: Asked) -> str:
    """Answer a request for what changed between two days."""
    typed = dict(asked.typed)
    if asked.today:
        typed.setdefault(FIRST, typed_day(asked.today - YEAR))
        typed.setdefault(LAST, typed_day(asked.today + YEAR))
    form = Form(typed)
    first, last = form.date(FIRST, "First day"), form.date(LAST, "Last day")
    if first and last and last < first:
        form.blame(LAST, "The last day is before the first day")
    found: Sequence[Event] = ()
    if first and last and not form.errors:
        chosen = form.text(AREA)
        found = events(first, last, rulebook=asked.book, area=chosen or None)
    return asked.render(
        "rule_changes.html",
        **_question(asked, form, None),
        first=form.text_field(FIRST, "First day", "For example, 23/06/2026.", "date"),
        last=form.text_field(LAST, "Last day", "That day is included.", "date"),
        is_asked=bool(first and last),
        days=_by_day(found),
        sources=Sources(),
    )


# --- What the pages share -----------------------------------------------------------------------


def _form(asked: Asked) -> Form:
    typed = dict(asked.typed)
    if asked.today:
        typed.setdefault(ON, typed_day(asked.today))
    return Form(typed)


def _question(asked: Asked, form: Form, on: date | None) -> dict[str, Any]:
    """Return the values of the form that all three pages have, and what keeps them in a link."""
    kept = {ON: form.text(ON), RULEBOOK: form.text(RULEBOOK)}
    query = urlencode({name: text for name, text in kept.items() if text})
    return {
        "form": form,
        "on": on,
        "is_out": _is_out,
        "areas": asked.book.areas.values(),
        "day_field": form.text_field(ON, "As of", "For example, 23/06/2026.", "date"),
        "words_field": form.text_field(WORDS, "Words to look for", "All of them are looked for."),
        "query": f"?{query}" if query else "",
    }


def _is_out(rule: Rule, on: date | None) -> bool:
    """Return whether it is known that a rule is not in force on a day."""
    return on is not None and rule.by == "on" and not rule.covers(on)


def _areas(asked: Asked, name: str) -> list[Area]:
    """Return the areas to look in: one, or all.

    Raises:
        InputError: The area does not exist.
    """
    return [asked.book.area(name)] if name else list(asked.book.areas.values())


def _found(asked: Asked, area: Area, on: date | None, words: Sequence[str]) -> Found:
    book = asked.book.on(on) if on else asked.book
    rules = (book.rules[id_] for id_ in area.wordings)
    figures = (_figure(one, on) for one in area.parameters.values())
    return Found(
        area=area,
        rules=tuple(
            (rule, in_force(rule, area)) for rule in rules if _has(words, _texts_of_rule(rule))
        ),
        figures=tuple(one for one in figures if _has(words, _texts_of_figure(one))),
    )


def _figure(parameter: Parameter, on: date | None) -> Figure:
    return Figure(parameter, figure_values(parameter, on), figure_citations(parameter))


def _texts_of_rule(rule: Rule) -> Iterator[str]:
    yield from (rule.id, rule.title, rule.label or "", rule.remedy, rule.notes or "", rule.basis)
    yield from rule.figures
    yield from _texts_of_sources(rule.citations)


def _texts_of_figure(figure: Figure) -> Iterator[str]:
    one = figure.parameter
    yield from (one.name, one.name.replace("_", " "), one.about, one.basis, figure.values)
    yield from _texts_of_sources(figure.citations)


def _texts_of_sources(citations: Iterable[Citation]) -> Iterator[str]:
    for one in citations:
        yield from (str(one), one.source.publisher)


def _has(words: Sequence[str], texts: Iterable[str]) -> bool:
    """Return whether all words are somewhere in the texts."""
    text = "\n".join(texts).casefold()
    return all(word in text for word in words)


def _by_day(found: Iterable[Event]) -> list[tuple[date, list[Event]]]:
    """Return events by day, the latest day first."""
    ordered = sorted(found, key=lambda one: one.on, reverse=True)
    return [(day, list(some)) for day, some in groupby(ordered, key=lambda one: one.on)]


PAGE = Page(
    "/rules",
    listed,
    title="Rules, figures and sources",
    about="Search every rule and figure, and read it with its sources as of any day.",
)
CHANGES = Page(
    "/rules/changes",
    changes,
    title="What changed in the rules",
    about="The rules and figures that begin, change or end between two days.",
)
RULE = Page("/rules/{rule}", shown)
