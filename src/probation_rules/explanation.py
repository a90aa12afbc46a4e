"""What a rule says: in plain English, with its figures on a day, its sources and its basis."""

from __future__ import annotations

from datetime import date

from attrs import frozen

from probation_rules import notebook
from probation_rules.errors import UnknownRule, did_you_mean
from probation_rules.language.english import read_aloud, say
from probation_rules.language.tree import Type
from probation_rules.rulebook import shipped
from probation_rules.rulebook.book import Rulebook
from probation_rules.rulebook.model import Area, Citation, Derived, Parameter, Rule
from probation_rules.rulebook.toml_schema import NEVER


@frozen
class Explanation:
    """Everything there is to say about one wording of a rule; `str` gives it as text.

    Attributes:
        rule: The rule's id.
        title: What it asks, in a sentence.
        applies: When it applies, in plain English; ``None`` if to every case.
        asks: What must, or should, hold, in plain English.
        strength: `must` or `should`.
        basis: What it rests on.
        in_force: The days it is in force, and the date that decides.
        terms: The derived facts it uses, each with what it means.
        figures: The parameters it uses, each with its value on the day and what it is.
        days: The due days that are for it, each with what it is and while what holds.
        replaces: The rule that it replaces while it is in force, if it is a local rule that does.
        replaced_by: The local rules that replace it, each with the days on which it does.
        citations: Its sources.
        notes: Readings, limits and conflicts; ``None`` if there are none.
        on: The day the figures are for; ``None`` shows every dated value.
    """

    rule: str
    title: str
    applies: str | None
    asks: str
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
        if self.applies:
            lines.append(f"Applies where {self.applies}.")
        lines.append(f"{self.strength.capitalize()}: {self.asks}.")
        lines.append(f"Basis: {self.basis}. In force: {self.in_force}.")
        if self.replaces:
            lines.append(f"Replaces {self.replaces} while it is in force.")
        lines += [f"Replaced by {rule} {days}." for rule, days in self.replaced_by.items()]
        lines.append(f"If not: {self.remedy}")
        if self.notes:
            lines += ["", self.notes]
        for head, found in (
            ("Where", self.terms),
            ("Figures", self.figures),
            ("Due days", self.days),
        ):
            if found:
                lines += ["", f"{head}:", *(f"  {name}: {text}" for name, text in found.items())]
        lines += ["", "Sources:", *(f"  {text}" for text in self.citations)]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """Return what a notebook shows."""
        return f"<pre>{notebook.text(str(self))}</pre>"


def explain(rule: str, *, on: date | None = None, rulebook: Rulebook | None = None) -> Explanation:
    """Say what a rule asks, with its figures and sources.

    Args:
        rule: The rule's id, such as `upw.complete-in-time`.
        on: The day to give the wording and the figures for; ``None`` for the latest wording and
            every dated value.
        rulebook: The rules to look in; the shipped ones if not given.

    Raises:
        UnknownRule: There is no such rule.
    """
    book = shipped() if rulebook is None else rulebook
    book = book if on is None else book.on(on)
    found = book.rules.get(rule)
    if found is None:
        hint = did_you_mean(rule, book.rules) or "; `rules list` shows them all"
        raise UnknownRule(f"there is no rule `{rule}`{hint}")
    area = next(area for area in book.areas.values() if rule in area.wordings)
    return Explanation(
        rule=found.id,
        title=found.title,
        applies=read_aloud(found.applies_condition) if found.applies_condition else None,
        asks=read_aloud(found.condition),
        strength=found.severity.strength,
        basis=found.basis.value,
        in_force=in_force(found),
        terms={name: _term(area.derived[name]) for name in found.facts if name in area.derived},
        figures={name: figure(area.parameters[name], book.asked_on) for name in found.figures},
        days={
            one.fact: f"{one.says}, while {read_aloud(one.node)} on that day"
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


def figure(parameter: Parameter, on: date | None) -> str:
    """Return a parameter's value on a day (or all its dated values) and what it is, as text."""
    if parameter.open:
        values = "not set"
    elif on is not None and parameter.by == "on":
        found = parameter.on(on)
        values = say(found.value, parameter.type) if found else "no value on that day"
    else:
        values = ", ".join(
            f"{say(one.value, parameter.type)} from {_day(one.from_)}"
            + (f" to {_day(one.to)}" if one.to else "")
            for one in parameter.values
        )
        if parameter.by != "on":
            values += f", by {parameter.by.replace('_', ' ')}"
    cites = parameter.citations or tuple(c for one in parameter.values for c in one.citations)
    sources = "; ".join(dict.fromkeys(str(one) for one in cites))
    return f"{values}. {parameter.about} ({parameter.basis.value}: {sources})"


def _term(derived: Derived) -> str:
    """Return what a derived fact means and, where it rests on a source of its own, on which."""
    sources = "; ".join(dict.fromkeys(str(one) for one in derived.citations))
    return f"{derived.about} ({sources})" if sources else derived.about


def cited(one: Citation) -> str:
    """Return a citation as text, with its address and the day it was last looked at."""
    address = f" {one.source.address}" if one.source.address else ""
    return f"{one}. {one.source.publisher}.{address} (checked {_day(one.checked)})"


def _replaced_by(area: Area, rule: str, on: date | None) -> dict[str, str]:
    """Return the rules that replace a rule, on a day or on any day, each with its days."""
    days: dict[str, list[str]] = {}
    for one in area.replacements:
        if one.replaces == rule and (on is None or one.by != "on" or one.covers(on)):
            days.setdefault(one.id, []).append(in_force(one))
    return {id_: "; ".join(found) for id_, found in days.items()}


def in_force(rule: Rule) -> str:
    """Return the days on which a wording is in force, and the date that decides, as text."""
    last = f" to {_day(rule.to)}" if rule.to else ""
    by = "the day asked about" if rule.by == "on" else rule.by.replace("_", " ")
    if rule.from_ == NEVER:
        return (
            f"from the day that `{rule.in_force.from_parameter}` gives, which is not set, by {by}"
        )
    return f"from {_day(rule.from_)}{last}, by {by}"


def _day(day: date) -> str:
    return say(day, Type("date"))
