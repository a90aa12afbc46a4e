"""Reads the texts that a person typed into a page as facts. All of them are kept, also wrong ones.

Numbers, dates and words are read as the cells of a file are, so both accept the same ways of writing.
Minutes are typed as hours, because hours are what people have.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, cast

from attrs import evolve, field, frozen

from probation_rules.caseload.layout import capital, words
from probation_rules.cases import REFERENCE, value_from_cell
from probation_rules.errors import Problem
from probation_rules.intake.cells import SPACE
from probation_rules.intake.mapped import Dates, Unread, is_number, reader
from probation_rules.intake.mapping import ColumnMapping
from probation_rules.language.english import inside, say
from probation_rules.rulebook.model import LONGEST_TEXT, Area, Fact
from probation_rules.rulebook.validity import fault, is_text

MINUTE = "minute"
OPEN = "Figures that the policy leaves open"
SET = "set."  # what the names of fields for open figures begin with
DAY = "Day asked about"
YES_NO = (("yes", "Yes"), ("no", "No"), ("", "Not known"))
_MINUTES = re.compile(r"\b[Mm]inutes\b")
_FORM = "dd/mm/yyyy"
PLACE = re.compile(r"\[(\d+)\]")


@frozen
class Field:
    """One question of a form, with what was typed.

    Attributes:
        name: Its name in the form, and its id on the page.
        label: The question, in a few words.
        hint: An explanation of the question.
        kind: The kind of the fact: `date`, `int`, `decimal`, `bool`, `code` or `text`.
        typed: The text that a person typed, unchanged.
        words: The answers to choose from, each with its words; empty where a person types.
        error: The message about a mistake; ``None`` without one.
    """

    name: str
    label: str
    hint: str
    kind: str
    typed: str
    words: tuple[tuple[str, str], ...]
    error: str | None

    @property
    def choices(self) -> tuple[tuple[str, str], ...]:
        """The answers of a list, with a text that is not one of them, so that it is not lost."""
        known = self.typed.casefold() in [value.casefold() for value, _ in self.words]
        return self.words if known else (*self.words, (self.typed, self.typed))

    @property
    def described_by(self) -> str:
        """The ids of the texts that describe it."""
        return " ".join(
            [f"{self.name}-hint"] * bool(self.hint) + [f"{self.name}-error"] * bool(self.error)
        )


@frozen
class Form:
    """A form of facts, as a person filled it in.

    Attributes:
        typed: What was typed, by the name of the field.
        errors: What is wrong, by the name of the field, in the order in which it was found.
    """

    typed: Mapping[str, str]
    errors: dict[str, str] = field(factory=dict, init=False)

    def text(self, name: str) -> str:
        """Return what was typed into a field, without blanks around it."""
        return self.typed.get(name, "").strip(SPACE)

    def blame(self, name: str, why: str) -> None:
        """Note what is wrong with a field. Only the first fault of a field is kept."""
        self.errors.setdefault(name, capital(why))

    def field(self, fact: Fact, name: str | None = None) -> Field:
        """Return the question for a fact.

        Args:
            fact: The fact.
            name: The name of the field; the fact's own if not given.
        """
        name = name or fact.name
        options: Iterable[tuple[str, str]] = ()
        if fact.kind == "bool":
            options = YES_NO
        elif fact.kind == "code":
            options = (
                ("", "Not known"),
                *((code, capital(words(code))) for code in fact.type.codes),
            )
        return Field(
            name=name,
            label=label(fact),
            hint=_in_hours(fact, fact.about),
            kind=fact.kind,
            typed=self.typed.get(name, ""),
            words=tuple(options),
            error=self.errors.get(name),
        )

    def text_field(self, name: str, label: str, hint: str = "", kind: str = "text") -> Field:
        """Return a question that is not for a fact."""
        return Field(name, label, hint, kind, self.typed.get(name, ""), (), self.errors.get(name))

    def day_field(self) -> Field:
        """Return the question for the day asked about."""
        return self.text_field("on", DAY, "For example, 23/06/2026.", "date")

    def reference_field(self, area: Area, name: str = REFERENCE) -> Field:
        """Return the question for the reference of a case."""
        labels = area.document.reference
        return self.text_field(
            name,
            (labels and labels.label) or "Reference",
            "Your own label for it. Do not give a name.",
        )

    def facts(self, facts: Mapping[str, Fact], prefix: str = "", of: str = "") -> dict[str, Any]:
        """Return the values of some facts; ``None`` where nothing is typed or it cannot be read.

        Args:
            facts: The facts by name.
            prefix: What the names of their fields begin with.
            of: What follows the name of a fact in a message, such as ` of row 3`.
        """
        values = {name: self._value(fact, prefix + name, of) for name, fact in facts.items()}
        for name, fact in facts.items():
            holder = fact.only_if
            if holder and values[name] is not None and values[holder] is not True:
                why = f"{label(fact)} is given, so {inside(label(facts[holder]))} must be yes"
                self.blame(prefix + name, why)
        return values

    def settings(self, area: Area) -> dict[str, Any]:
        """Return the values that were typed for figures that the policy leaves open."""
        found = self.facts(open_figures(area), SET)
        return {name: value for name, value in found.items() if value is not None}

    def open_fields(self, area: Area) -> list[Field]:
        """Return the questions for figures that the policy leaves open."""
        fields = [self.field(fact, SET + name) for name, fact in open_figures(area).items()]
        return [evolve(one, words=_unsettled(one.words)) for one in fields]

    def reference(self, name: str = REFERENCE) -> str | None:
        """Return a reference, or ``None`` where nothing is typed or it is not allowed."""
        typed = self.text(name)
        if typed and not is_text(typed):
            self.blame(
                name,
                f"The reference must be at most {LONGEST_TEXT} characters on one line, all of them visible",
            )
            return None
        return typed or None

    def day(self, area: Area) -> date | None:
        """Return the day asked about, the field `on`; ``None`` where it cannot be read."""
        fact = area.facts["on"]
        if not self.text("on"):
            self.blame("on", "Enter the day to ask about, such as 23/06/2026")
        return cast("date | None", self._value(fact, "on"))

    def date(self, name: str, label: str) -> date | None:
        """Return a day without a range; ``None`` if nothing is typed or the text cannot be read."""
        cell = Dates(ColumnMapping(name, form=_FORM), frozenset())(self.text(name))
        if isinstance(cell, Unread):
            self.blame(name, _joined(label, cell))
            return None
        return date.fromisoformat(cell) if cell else None

    def add(self, problems: Iterable[Problem], known: Iterable[str], prefix: str = "") -> None:
        """Note what the library found wrong with a case, each at its field.

        Args:
            problems: The problems.
            known: The names of the fields that the page has.
            prefix: What the names of the case's fields begin with.
        """
        fields = frozenset(known)
        for one in problems:
            name = prefix + PLACE.sub(r".\1", one.path.removeprefix("$.").removeprefix("$"))
            self.blame(name if name in fields else "on", one.text)

    def _value(self, fact: Fact, name: str, of: str = "") -> object:
        text = self.text(name)
        cell = _reader(fact)(text)
        if cell == "":
            return None
        if isinstance(cell, Unread):
            self.blame(name, _unread(fact, text, cell, label(fact) + of))
            return None
        try:
            return value_from_cell(fact, cell)
        except ValueError:
            self.blame(name, f"{label(fact)}{of} must be {_allowed(fact)}")
            return None


def open_figures(area: Area) -> dict[str, Fact]:
    """Return the figures that the policy leaves open and that the person who asks may settle."""
    return {
        name: one.as_fact for name, one in area.parameters.items() if one.open and one.may_be_set
    }


def _unsettled(words_: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Return the answers to choose from, where no answer means that the figure stays open."""
    return tuple((value, text if value else "Not settled") for value, text in words_)


def open_names(area: Area) -> list[str]:
    """Return the names of the fields for these figures."""
    return [SET + name for name in open_figures(area)]


def typed_day(day: date) -> str:
    """Return a day as a person types it."""
    return f"{day.day}/{day.month}/{day.year}"


def label(fact: Fact) -> str:
    """Return the label of a fact for people; minutes become hours."""
    if fact.name == "on":
        return DAY
    return _in_hours(fact, fact.label or capital(words(fact.name)))


def _in_hours(fact: Fact, text: str) -> str:
    if fact.unit != MINUTE:
        return text
    return _MINUTES.sub(lambda found: "Hours" if found[0][0] == "M" else "hours", text)


def _reader(fact: Fact) -> Callable[[str], str | Unread]:
    """Return the function that reads the text of a field."""
    unit = "hour" if fact.unit == MINUTE else None
    return reader(fact, ColumnMapping(fact.name, unit=unit, form=_FORM), frozenset())


def _unread(fact: Fact, text: str, cell: Unread, called: str) -> str:
    """Return why a text cannot be read, with the name of the fact."""
    if fact.kind in ("bool", "code"):
        return f"{called}: {fault(fact, text)}"
    if fact.unit == MINUTE and is_number(text):
        return f"{called} must come to whole minutes, such as 7.5 or 7:30"
    return _joined(called, cell)


def _joined(called: str, cell: Unread) -> str:
    return f"{called}{' ' if cell.why.startswith('must') else ': '}{cell.why}"


def _allowed(fact: Fact) -> str:
    """Return the range of a fact, as people write its values."""
    if fact.kind == "date" or fact.unit == MINUTE:
        return f"from {say(fact.min, fact.type)} to {say(fact.max, fact.type)}"
    return fact.allowed
