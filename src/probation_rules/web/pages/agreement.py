"""The mapping of a file as a form: a person agrees how each column is read.

The draft of the mapping gives the questions and the first answers. What was chosen belongs to a header, and
not to the place of a column, so next week's file may have its columns in another order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from attrs import evolve, field, frozen

from probation_rules.caseload.layout import capital, words
from probation_rules.errors import InputError, Problem
from probation_rules.intake.draft import EXAMPLES, MOST_COLUMNS, Column, Draft, Entry, entry_of
from probation_rules.intake.mapping import (
    ASKED,
    FORMS,
    IGNORE,
    KEEP,
    ROUNDS,
    UNITS,
    ZONES,
    ColumnMapping,
    TableMapping,
    fields_of,
    mapping_from,
)
from probation_rules.rulebook import shipped
from probation_rules.rulebook.model import Fact
from probation_rules.rulebook.toml_schema import Scalar
from probation_rules.web.pages.forms import Field, Form, label

REFERENCE, CASE = "reference", "case"
NOT_KNOWN = "-"  # the meaning of a word that means that a value is not known
CHOOSE = (ASKED, "Choose")
SETTINGS = ("unit", "round", "form", "zone")
_TITLES = {
    "unit": "Unit of the numbers",
    "round": "A part of a minute",
    "form": "Dates in figures",
    "zone": "Times of the dates",
}
_ANSWERS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "unit": (("", "Each value has its own unit"), *((one, f"{capital(one)}s") for one in UNITS)),
    "round": (("", "Do not round"), *((one, f"Round {one}") for one in ROUNDS)),
    "form": (("", "No date is in figures"), *((one, one) for one in FORMS)),
    "zone": (("", "The dates have no times"), *((one, one) for one in ZONES)),
}


@frozen
class Question:
    """A column of the file with the questions about it.

    Attributes:
        name: What the names of its fields begin with.
        column: The column.
        what: What it is taken for: a fact, `reference`, `case`, `keep`, `ignore` or `?`.
        mapping: How it is read, if it has a fact.
        why: Why, in sentences.
        asks: The questions that only a person can answer.
        fields: The questions of the form.
        meanings: The questions about words, each with the word.
    """

    name: str
    column: Column
    what: str
    mapping: ColumnMapping
    why: tuple[str, ...]
    asks: tuple[str, ...]
    fields: tuple[Field, ...]
    meanings: tuple[tuple[str, Field], ...]

    @property
    def examples(self) -> list[str]:
        """The first values."""
        return list(self.column.texts)[:EXAMPLES]

    @property
    def is_open(self) -> bool:
        """Whether a question has no answer."""
        settings = [getattr(self.mapping, name) for name in SETTINGS]
        return ASKED in (self.what, *settings, *self.mapping.words.values())

    @property
    def names(self) -> list[str]:
        """The names of its fields."""
        return [one.name for one in (*self.fields, *(each for _, each in self.meanings))]


@frozen(slots=False)
class Agreement:
    """The mapping as far as a person has agreed to it.

    Attributes:
        form: The form.
        draft: The draft of the mapping of the file.
        sheet: The sheet of a workbook.
        given: A mapping that the person gave.
    """

    form: Form
    draft: Draft
    sheet: str | None = None
    given: TableMapping | None = None
    _facts: Mapping[str, Fact | None] = field(init=False)

    @_facts.default
    def _fields_of_area(self) -> Mapping[str, Fact | None]:
        return fields_of(self.area)

    @property
    def area(self) -> str:
        """The area of the cases."""
        return self.draft.mapping.area

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """The columns with the questions about them, in the order of the draft."""
        drafted = self.draft.mapping
        columns = [
            *((one, CASE if one.header in drafted.case else REFERENCE) for one in self.draft.reference),
            *((one.column, one.mapping.fact) for one in self.draft.entries),
            *((one, KEEP) for one in self.draft.kept),
        ]  # fmt: skip
        return tuple(
            self._question(f"column.{place}", column, what)
            for place, (column, what) in enumerate(columns)
        )

    @cached_property
    def not_known(self) -> tuple[str, ...]:
        """The texts that mean that a value is not known."""
        typed = self.form.typed.get("not_known")
        if typed is None:
            return (self.given or self.draft.mapping).not_known
        return tuple(dict.fromkeys(filter(None, map(str.strip, typed.splitlines()))))

    @property
    def mapping(self) -> TableMapping:
        """The mapping, where a question without an answer is `?`."""
        found: dict[str, list[str]] = {REFERENCE: [], CASE: [], KEEP: []}
        columns = {}
        for one in self.questions:
            if one.what in found:
                found[one.what].append(one.column.header)
            else:
                columns[one.column.header] = one.mapping
        meant = [
            word
            for one in self.questions
            for word, answer in one.meanings
            if answer.typed == NOT_KNOWN
        ]
        return TableMapping(
            self.area,
            sheet=self.sheet,
            reference=tuple(found[REFERENCE]),
            case=tuple(found[CASE]),
            keep=tuple(found[KEEP]),
            not_known=tuple(dict.fromkeys([*self.not_known, *meant])),
            columns=columns,
        )

    @property
    def agreed(self) -> Draft:
        """The draft with what was agreed."""
        mapping = self.mapping
        listed = {one.column.header: one for one in self.questions}
        entries = [
            Entry(listed[header].column, one, listed[header].why)
            for header, one in mapping.columns.items()
        ]
        columns = {header: one.column for header, one in listed.items()}
        return Draft(
            mapping,
            tuple(entries),
            tuple(columns[one] for one in mapping.keep),
            tuple(columns[one] for one in (*mapping.case, *mapping.reference)),
            self.lacking,
        )

    @property
    def lacking(self) -> tuple[str, ...]:
        """The facts that no column has."""
        used = {one.what for one in self.questions}
        return tuple(name for name, fact in self._facts.items() if fact and name not in used)

    @property
    def lacking_labels(self) -> list[str]:
        """What people call the facts that no column has."""
        return [_called(fact) for name in self.lacking if (fact := self._facts[name])]

    def check(self) -> TableMapping | None:
        """Return the mapping, or ``None`` where it has faults, which are noted at their fields."""
        mapping = self.mapping
        try:
            return mapping_from(self.area, mapping)
        except InputError as error:
            for one in error.problems:
                self._blame(one)
            return None

    def _blame(self, problem: Problem) -> None:
        for one in self.questions:
            place = f'columns."{one.column.header}".'
            _, found, rest = problem.path.partition(place)
            if not found:
                continue
            asked, _, word = rest.partition(".")
            named = [each.name for text, each in one.meanings if f'"{text}"' == word]
            name = named[0] if named else f"{one.name}.{asked}"
            shown = name if name in one.names else f"{one.name}.as"
            self.form.blame(shown, f"{one.column.header}: {problem.text}")
            return
        self.form.blame("columns", problem.text)

    # --- A column ---------------------------------------------------------------------------

    @cached_property
    def _typed(self) -> dict[str, str]:
        """The prefix of the fields of each header on the page that was sent.

        It is empty if that page was about another area.
        """
        typed = self.form.typed
        if typed.get("of") != self.area:
            return {}
        return {
            typed[name]: name.removesuffix(".header")
            for place in range(MOST_COLUMNS)
            if (name := f"column.{place}.header") in typed
        }

    def _question(self, name: str, column: Column, drafted: str) -> Question:
        header, was = column.header, self._typed.get(column.header)
        what = self.form.typed.get(f"{was}.as") or self._as_given(header) or drafted
        fact = self._facts.get(what)
        entry = self._entry(column, what, fact)
        mapping = evolve(entry.mapping, **self._settings(was, what, entry.mapping))
        meant = self._meanings(was, what, entry.mapping)
        fields = [self._choice(name, "as", "What it is", what, self._options())]
        fields += [
            self._choice(name, one, _TITLES[one], getattr(mapping, one) or "", _ANSWERS[one])
            for one in SETTINGS
            if _applies(one, fact, entry.mapping)
        ]
        listed = enumerate(meant.items())
        meanings = [
            (word, self._choice(name, f"word.{place}", f"“{word}”", _said(value), _meant(fact)))
            for place, (word, value) in listed
        ]
        known = {word: value for word, value in meant.items() if value != NOT_KNOWN}
        return Question(
            name=name,
            column=column,
            what=what,
            mapping=evolve(mapping, words=known),
            why=entry.why,
            asks=tuple(entry.asks),
            fields=tuple(fields),
            meanings=tuple(meanings),
        )

    def _as_given(self, header: str) -> str | None:
        """Return what a column is by the mapping that was given."""
        given = self.given
        if given is None:
            return None
        lists = {REFERENCE: given.reference, CASE: given.case, KEEP: given.keep}
        named = [name for name, headers in lists.items() if header in headers]
        return named[0] if named else (
            given.columns[header].fact if header in given.columns else IGNORE
        )  # fmt: skip

    def _entry(self, column: Column, what: str, fact: Fact | None) -> Entry:
        """Return how a column is read by the draft, or by itself if it is another fact there."""
        for one in self.draft.entries:
            if one.column.header == column.header and one.mapping.fact == what:
                return evolve(
                    one, mapping=evolve(one.mapping, words=one.mapping.words if fact else {})
                )
        if fact is None:
            return Entry(column, ColumnMapping(what), ())
        return entry_of(column, fact, "You chose this fact.")

    def _settings(self, was: str | None, what: str, drafted: ColumnMapping) -> dict[str, Any]:
        """Return what was chosen for a column, if it is still the same fact."""
        typed = self.form.typed
        if was is not None and typed.get(f"{was}.was") == what:
            return {
                name: typed[f"{was}.{name}"] or None
                for name in SETTINGS
                if f"{was}.{name}" in typed
            }
        given = self._given_column(what)
        return {name: getattr(given or drafted, name) for name in SETTINGS}

    def _meanings(self, was: str | None, what: str, drafted: ColumnMapping) -> dict[str, Scalar]:
        """Return what each word of a column means."""
        typed, given = self.form.typed, self._given_column(what)
        chosen: dict[str, str] = {}
        if was is not None and typed.get(f"{was}.was") == what:
            chosen = {
                typed[f"{was}.text.{place}"]: typed.get(f"{was}.word.{place}", ASKED)
                for place in range(len(typed))
                if f"{was}.text.{place}" in typed
            }
        lower = [one.casefold() for one in self.not_known]
        found: dict[str, Scalar] = {}
        for word, value in drafted.words.items():
            answer = chosen.get(word) or (given.words.get(word) if given else None)
            found[word] = NOT_KNOWN if word.casefold() in lower else _scalar(answer, value)
        return found

    def _given_column(self, what: str) -> ColumnMapping | None:
        """Return how the mapping that was given reads the column of a fact."""
        columns = self.given.columns.values() if self.given else ()
        return next((one for one in columns if one.fact == what), None)

    def _choice(
        self, name: str, part: str, text: str, typed: str, options: Iterable[tuple[str, str]]
    ) -> Field:
        whole = f"{name}.{part}"
        listed = [*([CHOOSE] if typed == ASKED else []), *options]
        return Field(whole, text, "", "code", typed, tuple(listed), self.form.errors.get(whole))

    def _options(self) -> Iterator[tuple[str, str]]:
        area = shipped().area(self.area)
        yield REFERENCE, "The reference"
        if area.members:
            yield CASE, f"The reference of the {area.title}"
        for name, fact in self._facts.items():
            yield name, _called(fact) if fact else capital(words(name))
        yield KEEP, "Keep: show it with each case"
        yield IGNORE, "Ignore"


def _applies(name: str, fact: Fact | None, drafted: ColumnMapping) -> bool:
    """Whether a setting is asked of a fact."""
    if fact is None:
        return False
    if name == "unit":
        return fact.unit in UNITS
    if name == "round":
        return fact.kind in ("int", "decimal")
    return fact.kind == "date" and (name == "form" or drafted.zone is not None)


def _called(fact: Fact) -> str:
    """Return what people call a fact, without a unit, which is a question of its own."""
    return label(fact).removesuffix(" in hours")


def _meant(fact: Fact | None) -> list[tuple[str, str]]:
    """Return what a word of a fact may mean."""
    codes = fact.type.codes if fact and fact.kind == "code" else ()
    found = [(one, capital(words(one))) for one in codes] or [("true", "Yes"), ("false", "No")]
    return [*found, (NOT_KNOWN, "Not known")]


def _said(value: Scalar) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _scalar(chosen: Scalar | None, drafted: Scalar) -> Scalar:
    """Return the meaning of a word from the answer to its question."""
    if chosen is None:
        return drafted
    return {"true": True, "false": False}.get(str(chosen).lower(), chosen)
