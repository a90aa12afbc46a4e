"""Explain a rule in plain English, with its figures on a day, its sources and its basis."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from attrs import frozen

from probation_rules import notebook
from probation_rules.errors import UnknownRule, did_you_mean
from probation_rules.language.english import clause, inside, named, read_aloud, say
from probation_rules.language.tree import Name, Type
from probation_rules.rulebook import shipped
from probation_rules.rulebook.book import Rulebook
from probation_rules.rulebook.model import Area, Citation, Derived, Parameter, Rule
from probation_rules.rulebook.toml_schema import NEVER


@frozen
class Explanation:
    """The explanation of one wording of a rule; `str` gives it as text.

    Attributes:
        rule: The rule's id.
        title: The requirement, in a sentence.
        applies: The condition for it to apply, in plain English; ``None`` for every case.
        asks: The condition that must or should be true, in plain English.
        formulas: `applies`, and `must` or `should`, as the rules file gives them.
        strength: `must` or `should`.
        basis: The kind of its source.
        in_force: The days on which it is in force, and the date that decides.
        terms: The derived facts that it uses, each with its description.
        figures: The parameters that it uses, each with its value on the day and its description.
        days: Its due days, each with its description and condition.
        replaces: The rule that it replaces while it is in force, if it is a local rule.
        replaced_by: The local rules that replace it, each with the days on which they do.
        citations: Its sources.
        notes: Readings, limits and conflicts, or ``None``.
        on: The day for the figures; ``None`` shows every dated value.
    """

    rule: str
    title: str
    applies: str | None
    asks: str
    formulas: dict[str, str]
    strength: str
    basis: str
    in_force: str
    terms: dict[str, str]
    figures: dict[str, str]
    days: dict[str, str]
    replaces: str | None
    replaced_by: dict[str, str]
    citations: tuple[str, ...]
    notes: str | None
    remedy: str
    on: date | None

    def __str__(self) -> str:
        """Return the explanation as readable text."""
        lines = [f"{self.rule}: {self.title}", ""]
        kind = "Requirement" if self.strength == "must" else "Advice"
        lines.append(f"{kind}. Basis: {self.basis}. In force: {self.in_force}.")
        lines.append(f"Applies if {self.applies}." if self.applies else "Applies to every case.")
        lines.append(f"Met if {self.asks}.")
        lines.append(f"If it is not met: {self.remedy}")
        if self.replaces:
            lines.append(f"Replaces {self.replaces} while it is in force.")
        lines += [f"Replaced by {rule} {days}." for rule, days in self.replaced_by.items()]
        if self.notes:
            lines += ["", self.notes]
        for head, found in (
            ("As written in the rules file", self.formulas),
            ("Definitions", self.terms),
            ("Figures", self.figures),
            ("Due days", self.days),
        ):
            if found:
                lines += ["", f"{head}:", *(f"  {name}: {text}" for name, text in found.items())]
        lines += ["", "Sources:", *(f"  {text}" for text in self.citations)]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """Return the HTML for a notebook."""
        return f"<pre>{notebook.text(str(self))}</pre>"


def explain(rule: str, *, on: date | None = None, rulebook: Rulebook | None = None) -> Explanation:
    """Explain a rule, with its figures and sources.

    Args:
        rule: The rule's id, such as `upw.complete-in-time`.
        on: The day for the wording and the figures; ``None`` for the latest wording and every dated
            value.
        rulebook: The rules to use; the shipped rules by default.

    Raises:
        UnknownRule: The rule does not exist.
    """
    book = shipped() if rulebook is None else rulebook
    book = book if on is None else book.on(on)
    found = book.rules.get(rule)
    if found is None:
        hint = did_you_mean(rule, book.rules) or "; `rules list` shows them all"
        raise UnknownRule(f"`{rule}` is not a rule{hint}")
    area = next(area for area in book.areas.values() if rule in area.wordings)
    names = called(area, book.asked_on)
    applies = found.applies_condition
    formulas = {"applies": found.applies, "must": found.must, "should": found.should}
    return Explanation(
        rule=found.id,
        title=found.title,
        applies=read_aloud(applies, names) if applies else None,
        asks=read_aloud(found.condition, names),
        formulas={word: one_line for word, text in formulas.items() if (one_line := _line(text))},
        strength=found.severity.strength,
        basis=found.basis.value,
        in_force=in_force(found, area),
        terms={name: _term(area.derived[name]) for name in found.facts if name in area.derived},
        figures={name: figure(area.parameters[name], book.asked_on) for name in found.figures},
        days={
            one.fact: f"{one.label}; shown if, on the day itself, {read_aloud(one.node, names)}"
            for one in area.due_days
            if one.rule == rule
        },
        replaces=found.replaces,
        replaced_by=_replaced_by(area, rule, book.asked_on),
        citations=tuple(cited(one) for one in found.citations),
        notes=found.notes,
        remedy=found.remedy,
        on=book.asked_on,
    )


def called(area: Area, on: date | None) -> Callable[[Name], str]:
    """Return a function that gives the text for a name: its description or, for a figure, its value.

    Args:
        area: The area.
        on: The day for the values of figures; ``None`` for values that are the same on all days.
    """

    def describe(name: Name) -> str:
        """Return the text for a name, for the middle of a sentence."""
        if name.name == "on":
            return named(name)
        if name.name in area.parameters:
            return _value(area.parameters[name.name], on) or named(name)
        members = area.members.facts if area.members else {}
        found = members[name.name] if name.of_member else area.facts.get(name.name)
        if found is not None and name.type.kind != "bool":
            return inside(found.label) if found.label else clause(found.about)
        return clause((found or area.derived[name.name]).about)

    return describe


def _value(parameter: Parameter, on: date | None) -> str | None:
    """Return the value of a figure on a day, or its only value if no day is given."""
    if on is not None and parameter.by == "on":
        values = [found] if (found := parameter.on(on)) else []
    else:
        values = list(parameter.values)
    return say(values[0].value, parameter.type) if len(values) == 1 else None


def figure(parameter: Parameter, on: date | None) -> str:
    """Return a parameter's value on a day (or all its dated values) and its description, as text."""
    sources = "; ".join(map(str, figure_citations(parameter)))
    values = figure_values(parameter, on)
    return f"{values}. {parameter.about} ({parameter.basis.value}: {sources})"


def figure_values(parameter: Parameter, on: date | None) -> str:
    """Return a parameter's value on a day, or all its dated values, as text."""
    if parameter.open:
        return "not set"
    if on is not None and parameter.by == "on":
        found = parameter.on(on)
        return say(found.value, parameter.type) if found else "no value on that day"
    values = ", ".join(
        f"{say(one.value, parameter.type)} from {_day(one.from_)}"
        + (f" to {_day(one.to)}" if one.to else "")
        for one in parameter.values
    )
    return values if parameter.by == "on" else f"{values}, by {parameter.by.replace('_', ' ')}"


def figure_citations(parameter: Parameter) -> tuple[Citation, ...]:
    """Return the sources of a parameter, each once."""
    every = parameter.citations or (c for one in parameter.values for c in one.citations)
    return tuple({str(one): one for one in reversed([*every])}.values())[::-1]


def _term(derived: Derived) -> str:
    """Return the description of a derived fact, with its sources if it has its own."""
    sources = "; ".join(dict.fromkeys(str(one) for one in derived.citations))
    return f"{derived.about} ({sources})" if sources else derived.about


def cited(one: Citation) -> str:
    """Return a citation as text, with its address and the day on which it was last checked."""
    address = f" {one.source.address}" if one.source.address else ""
    return f"{one}. {one.source.publisher}.{address} (checked {_day(one.checked)})"


def _replaced_by(area: Area, rule: str, on: date | None) -> dict[str, str]:
    """Return the rules that replace a rule, on a day or on any day, each with its days."""
    days: dict[str, list[str]] = {}
    for one in area.replacements:
        if one.replaces == rule and (on is None or one.by != "on" or one.covers(on)):
            days.setdefault(one.id, []).append(in_force(one, area))
    return {id_: "; ".join(found) for id_, found in days.items()}


def in_force(rule: Rule, area: Area) -> str:
    """Return the days on which a wording is in force, and the date that decides, as text."""
    last = f" to {_day(rule.to)}" if rule.to else ""
    by = called(area, None)(Name(Type("date"), rule.by))
    if rule.from_ == NEVER:
        return f"from a day that is not set yet (`{rule.in_force.from_parameter}`), by {by}"
    return f"from {_day(rule.from_)}{last}, by {by}"


def _day(day: date) -> str:
    return say(day, Type("date"))


def _line(text: str | None) -> str:
    """Return a formula on one line."""
    return " ".join((text or "").split())
