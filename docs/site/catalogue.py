"""The pages that are made from the rules: a page a rule, every figure, every source.

They are Markdown, as text by the page's path; nothing here writes a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from probation_rules.conformance.read import Case
from probation_rules.explanation import called, in_force
from probation_rules.history import events
from probation_rules.language.english import read_aloud, say
from probation_rules.language.tree import Type
from probation_rules.rulebook.book import Rulebook
from probation_rules.rulebook.model import Area, Citation, Parameter, Rule, Severity
from probation_rules.rulebook.toml_schema import NEVER

OUTCOMES = {
    "not_met": "Not met",
    "met": "Met",
    "cannot_tell": "Cannot tell",
    "not_applicable": "Not applicable",
}
_MARKED = re.compile(r"([\\`*_\[\]<>|#$])")


def pages(book: Rulebook, cases: Sequence[Case]) -> Iterator[tuple[str, str]]:
    """Yield the path and the text of each page, paths as seen from the folder `docs`."""
    yield "rules/index.md", "".join(_index(book))
    for area in book.areas.values():
        for id_ in area.wordings:
            yield f"rules/{id_}.md", "".join(_rule_page(area, id_, cases))
    yield "figures.md", "".join(_figures_page(book))
    yield "sources.md", "".join(_sources_page(book))
    yield "history.md", "".join(_history_page(book))


def plain(text: str) -> str:
    """Return text as Markdown that shows it as it is."""
    return _MARKED.sub(r"\\\1", text)


def _index(book: Rulebook) -> Iterator[str]:
    yield "# Rule catalogue\n\n"
    yield (
        "Every rule, on a page of its own: what it asks in plain English, its figures with their "
        "dates, its sources, and worked examples. These pages are made from the rules themselves. "
        "Every figure is in [Figures](../figures.md), every source in "
        "[Sources](../sources.md).\n"
    )
    for area in book.areas.values():
        yield f"\n## {plain(area.title)}\n\n"
        yield f"What is modelled, what is not and why: [{plain(area.title)}](../{area.name}.md).\n\n"
        yield "| rule | asks | strength | rests on |\n|---|---|---|---|\n"
        for id_, places in area.wordings.items():
            rule = area.rules[places[-1]]
            yield f"| [`{id_}`]({id_}.md) | {plain(rule.title)} | {_strength(rule)} | {rule.basis} |\n"
    yield "\n```{toctree}\n:hidden:\n\n"
    yield "".join(f"{id_}\n" for area in book.areas.values() for id_ in area.wordings)
    yield "```\n"


def _rule_page(area: Area, id_: str, cases: Iterable[Case]) -> Iterator[str]:
    wordings = [area.rules[place] for place in area.wordings[id_]]
    yield f"# `{id_}`\n\n"
    yield (
        f"[Rule catalogue](index.md), [{plain(area.title)}](../{area.name}.md): "
        f"[how this rule is read](../{area.name}.md#{_anchor(id_)}).\n\n"
    )
    for rule in wordings:
        yield from _wording(area, rule)
    yield from _due_days(area, id_)
    yield from _examples(id_, cases)


def _wording(area: Area, rule: Rule) -> Iterator[str]:
    yield f"**{plain(rule.title)}.**\n\n"
    yield "| | |\n|---|---|\n"
    names = called(area, None)
    if rule.applies_condition:
        yield f"| applies if | {plain(read_aloud(rule.applies_condition, names))} |\n"
    yield f"| **{_strength(rule)}**: met if | {plain(read_aloud(rule.condition, names))} |\n"
    yield f"| if not met | {plain(rule.remedy)} |\n"
    yield f"| rests on | {rule.basis} |\n"
    yield f"| in force | {plain(in_force(rule, area))} |\n\n"
    if rule.notes:
        yield f"{plain(rule.notes)}\n\n"
    yield "## Facts\n\n| fact | means | where from |\n|---|---|---|\n"
    for name in rule.facts:
        yield _fact(area, name)
    yield "\n"
    if rule.figures:
        yield "## Figures\n\n| figure | value | rests on | source |\n|---|---|---|---|\n"
        for name in rule.figures:
            yield _figure(area.parameters[name], f"[`{name}`](../figures.md#{_anchor(name)})")
        yield "\n"
    yield "## Sources\n\n"
    for citation in rule.citations:
        yield f"- {_cited(citation)}. {plain(citation.source.publisher)}. "
        yield f"Last looked at on {_day(citation.checked)}.\n"
    yield "\n"


def _due_days(area: Area, id_: str) -> Iterator[str]:
    """Yield the days that a calendar shows for the rule."""
    found = [one for one in area.due_days if one.rule == id_]
    if found:
        yield "## Due days\n\n"
        yield "Shown in [a calendar](../calendar.md) if the condition is true on the day itself.\n\n"
        yield "| day | is the | while |\n|---|---|---|\n"
        names = called(area, None)
        for one in found:
            yield f"| `{one.fact}` | {plain(one.label)} | {plain(read_aloud(one.node, names))} |\n"
        yield "\n"


def _fact(area: Area, name: str) -> str:
    if name in area.derived:
        derived = area.derived[name]
        return f"| `{name}` | {plain(derived.about)} | {plain(read_aloud(derived.node))} |\n"
    fact = area.facts[name]
    origin = (
        "the question" if name == "on" else "computed from " if fact.computed_from else "the case"
    )
    origin += ", ".join(f"`{one}`" for one in fact.computed_from or ())
    return f"| `{name}` | {plain(fact.about)} | {origin} |\n"


def _examples(id_: str, cases: Iterable[Case]) -> Iterator[str]:
    """Yield the conformance cases that assert the rule, by what they assert."""
    order = list(OUTCOMES)
    asserting = [case for case in cases if id_ in case.outcomes]
    asserting.sort(key=lambda case: order.index(case.outcomes[id_]))
    if not asserting:
        return
    yield "## Examples\n\n"
    yield "[Worked out by hand](../../tests/conformance/README.md) from the sources.\n\n"
    for outcome, found in groupby(asserting, lambda case: case.outcomes[id_]):
        yield f"### {OUTCOMES[outcome]}\n\n"
        for case in found:
            needs = "".join(f" Needs `{name}`." for name in case.needs.get(id_, ()))
            yield f"- {plain(case.name)} {plain(case.because)}{needs}\n\n"
            yield f"  <details><summary>The case, asked about {_day(case.on)}</summary>\n\n"
            yield "".join(f"  {line}\n" for line in _case(case))
            yield f"\n  Source: {plain(case.source)}\n\n  </details>\n\n"


def _case(case: Case) -> Iterator[str]:
    yield "```text"
    for name, value in case.case.items():
        yield from _said(name, value)
    for head, given in (("set", case.settings), ("assumed", case.assuming)):
        for name, value in given.items():
            yield from _said(f"{head}: {name}", value)
    for name in case.rulebook:
        yield f"local rulebook: {name}"
    yield "```"


def _said(name: str, value: Any) -> Iterator[str]:
    """Yield one fact of a case; a list, or a record, a line an entry."""
    match value:
        case list():
            for place, entry in enumerate(value):
                yield from _said(f"{name}[{place}]", entry)
        case dict() if any(isinstance(entry, list | dict) for entry in value.values()):
            for key, entry in value.items():
                yield from _said(f"{name}.{key}", entry)
        case dict():
            yield f"{name}: {', '.join(f'{key} {_plainly(one)}' for key, one in value.items())}"
        case _:
            yield f"{name}: {_plainly(value)}"


def _plainly(value: object) -> str:
    return say(value, Type("bool")) if isinstance(value, bool) else str(value)


def _figures_page(book: Rulebook) -> Iterator[str]:
    yield "# Figures\n\n"
    yield (
        "Every policy figure, with the first day of each value. A figure that is *not set* "
        "waits for [a local rulebook](rule-language.md#local-rulebooks) or a setting: no source "
        "gives it.\n"
    )
    for area in book.areas.values():
        yield f"\n## {plain(area.title)}\n"
        for name, figure in area.parameters.items():
            yield f"\n### `{name}`\n\n{plain(figure.about)}\n\n"
            yield "| value | rests on | source |\n|---|---|---|\n"
            yield _figure(figure, None)
            if users := _users(area, name):
                yield f"\nUsed by {users}.\n"


def _figure(figure: Parameter, name: str | None) -> str:
    """Return the rows of a figure, the figure's name in front if it is given."""
    first = f"| {name} " if name else ""
    if figure.open:
        sources = "; ".join(_cited(one) for one in figure.citations)
        return f"{first}| not set | {figure.basis} | {sources} |\n"
    rows = ""
    for value in figure.values:
        last = f" to {_day(value.to)}" if value.to else ""
        sources = "; ".join(_cited(one) for one in value.citations or figure.citations)
        said = f"{plain(say(value.value, figure.type))}, from {_day(value.from_)}{last}"
        rows += f"{first}| {said} | {figure.basis} | {sources} |\n"
    return rows


def _sources_page(book: Rulebook) -> Iterator[str]:
    yield "# Sources\n\n"
    yield "Every document that rules and figures rest on. A source without an address was read "
    yield "where no address could be kept; its title says which document it is.\n"
    for area in book.areas.values():
        yield f"\n## {plain(area.title)}\n\n"
        yield "| source | publisher | last looked at | rules |\n|---|---|---|---|\n"
        for source in area.sources.values():
            cited = [one for one in _citations(area) if one.source is source]
            checked = f"{_day(max(one.checked for one in cited))}" if cited else ""
            rules = {
                rule.id: None
                for rule in area.rules
                if any(one.source is source for one in rule.citations)
            }
            said = ", ".join(f"[`{id_}`](rules/{id_}.md)" for id_ in rules)
            yield f"| {_titled(source.title, source.address)} | {plain(source.publisher)} "
            yield f"| {checked} | {said} |\n"


def _history_page(book: Rulebook) -> Iterator[str]:
    yield "# History\n\n"
    yield (
        "Each rule that began, changed or ended, and each figure that changed, by year. For an end, "
        "the day is the first day without the rule. `probation-rules rules changes` lists the same "
        "between two days. Days before the first one that an area covers are not listed.\n"
    )
    found = events(date.min, NEVER - timedelta(days=1), rulebook=book)
    for year, some in groupby(found, lambda event: event.on.year):
        yield f"\n## {year}\n\n| day | what | from then on | sources |\n|---|---|---|---|\n"
        for one in some:
            target = f"rules/{one.name}.md" if one.kind == "rule" else f"figures.md#{one.name}"
            by = f", {one.decided_by}" if one.decided_by else ""
            sources = "; ".join(dict.fromkeys(map(_cited, one.citations)))
            yield f"| {_day(one.on)} | [`{one.name}`]({target}) {one.happened}{by}: "
            yield f"{plain(one.title)} | {plain(one.values)} | {sources} |\n"


def _citations(area: Area) -> Iterator[Citation]:
    for rule in area.rules:
        yield from rule.citations
    for figure in area.parameters.values():
        yield from figure.citations
        for value in figure.values:
            yield from value.citations
    for derived in area.derived.values():
        yield from derived.citations
    for remark in area.remarks:
        yield from remark.citations


def _users(area: Area, figure: str) -> str:
    found: Mapping[str, None] = {rule.id: None for rule in area.rules if figure in rule.figures}
    return ", ".join(f"[`{id_}`](rules/{id_}.md)" for id_ in found)


def _strength(rule: Rule) -> str:
    return "must" if rule.severity is Severity.BREACH else "should"


def _cited(one: Citation) -> str:
    place = f", {plain(one.at)}" if one.at else ""
    return _titled(one.source.title, one.source.address) + place


def _titled(title: str, address: str | None) -> str:
    return f"[{plain(title)}]({address})" if address else plain(title)


def _anchor(heading: str) -> str:
    """The fragment that a heading is reached by."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _day(day: date) -> str:
    return say(day, Type("date"))
