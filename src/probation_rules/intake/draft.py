"""A file -> the draft of a mapping: what each column is taken for, why, and what only a person can answer.

Columns are matched by the labels in the area's rules file. Nothing that matters is guessed: a number without
a unit, a date that may be read two ways and a word that no fact has are questions.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

from attrs import Factory, define, evolve, frozen

from probation_rules.cases import REFERENCE
from probation_rules.errors import CaseError, Problem
from probation_rules.intake.cells import SPACE
from probation_rules.intake.header import Found
from probation_rules.intake.mapped import (
    Dates,
    Unread,
    is_number,
    order_of,
    reader,
)
from probation_rules.intake.mapping import (
    ASKED,
    UNITS,
    ColumnMapping,
    TableMapping,
    fields_of,
)
from probation_rules.intake.words import words
from probation_rules.quoting import plain
from probation_rules.rulebook import shipped
from probation_rules.rulebook.model import BOOLS, Fact
from probation_rules.rulebook.toml_schema import Scalar

EXAMPLES = 3
_QUESTION = "QUESTION: "
_LONGEST_EXAMPLE = 40
MOST_COLUMNS = 300  # of a table
_MOST_WORDS = 50  # of a column that a draft lists
_MOST_DISTINCT = 200_000  # texts of a column that are looked at
_NEAR, _SHORTEST = 0.85, 5  # how alike two headers are, and letters of one that is part of another
_TOKEN = re.compile(r"[A-Za-z]+|[0-9]+")


@define
class Column:
    """A column of the file.

    Attributes:
        header: Its header.
        texts: The texts in it, each once, in the order of the file.
    """

    header: str
    texts: dict[str, None] = Factory(dict)

    def add(self, cell: str) -> None:
        """Look at a cell."""
        text = cell.strip(SPACE)
        if text and len(self.texts) < _MOST_DISTINCT and text.casefold() not in words()["errors"]:
            self.texts[text] = None


@frozen
class Entry:
    """The proposed meaning of a column.

    Attributes:
        column: The column.
        mapping: How it would be read.
        why: Why, in sentences.
    """

    column: Column
    mapping: ColumnMapping
    why: tuple[str, ...]

    @property
    def asks(self) -> list[str]:
        """The questions that only a person can answer."""
        return [one.removeprefix(_QUESTION) for one in self.why if one.startswith(_QUESTION)]


@frozen
class Draft:
    """The draft of a mapping.

    Attributes:
        mapping: The mapping; a question is `?`.
        entries: The columns with facts, or with a question about which fact they have.
        kept: The columns that no fact is like.
        reference: The columns of the references.
        lacking: The facts that no column has.
        rows: How many rows the table has.
    """

    mapping: TableMapping
    entries: tuple[Entry, ...]
    kept: tuple[Column, ...]
    reference: tuple[Column, ...]
    lacking: tuple[str, ...]
    rows: int = 0

    @property
    def questions(self) -> int:
        """How many questions there are."""
        return sum(len(one.asks) for one in self.entries)

    @property
    def notes(self) -> list[str]:
        """What each column is taken for, in sentences. No header is repeated that may be data."""
        found = []
        if self.reference:
            names = " and ".join(f"`{one.header}`" for one in self.reference)
            found.append(
                f"{names} together are the reference"
                if self.reference[1:]
                else f"{names} is the reference"
            )
        for one in self.entries:
            more = [
                one.mapping.unit and f"in {one.mapping.unit}s",
                one.mapping.form and f"as {one.mapping.form}",
            ]
            said = "".join(f", {text}" for text in more if text)
            found.append(f"`{one.column.header}` is taken for `{one.mapping.fact}`{said}")
        if self.kept:
            count = len(self.kept)
            found.append(
                f"{count} more {'column is' if count == 1 else 'columns are'} not judged: no fact has such a name"
            )
        return found

    def toml(self, file: str, sheet: str | None) -> str:
        """Return the draft as a TOML file with comments.

        Args:
            file: The name of the file that was looked at.
            sheet: The sheet that was asked for.
        """
        area, mapping = shipped().area(self.mapping.area), self.mapping
        lines = [
            f"# How the columns of {_one_line(file)} are read, for the area {area.title.lower()}.",
            '# Check each line against the file. Where a value is "?", replace it by the answer.',
            "# Then: probation-rules check " + f"{area.name} {_one_line(file)} --map THIS-FILE",
            "",
            f"area = {_text(area.name)}",
        ]
        if sheet is not None:
            lines.append(f"sheet = {_text(sheet)}")
        lines += [
            "",
            "# The columns that together are the reference, with / between them. A row without one is invalid.",
            *(_examples(one) for one in self.reference),
            f"reference = {_list(mapping.reference)}",
        ]
        if area.members is not None:
            lines += [
                "",
                "# The columns that together identify the case of a member.",
                f"case = {_list(mapping.case)}",
            ]
        lines += [
            "",
            "# Columns that are carried along and not judged: no fact has such a name.",
            *(_examples(one) for one in self.kept),
            f"keep = {_list(mapping.keep)}",
            "",
            '# Texts that mean that a value is not known. A word for "it did not happen" does not belong here.',
            f"not_known = {_list(mapping.not_known)}",
        ]
        for one in self.entries:
            lines += ["", *self._entry(one)]
        if self.lacking:
            lines += [
                "",
                "# Facts that no column has. They are unknown in every row:",
                f"# {', '.join(self.lacking)}",
            ]
        return "\n".join(lines) + "\n"

    def _entry(self, one: Entry) -> list[str]:
        fact = fields_of(self.mapping.area).get(one.mapping.fact)
        about = [f"# {fact.about}"] if fact else []
        found = [
            f"[columns.{_text(one.column.header)}]",
            *about,
            *(f"# {text}" for text in one.why),
            _examples(one.column),
        ]
        for name in ("fact", "unit", "round", "form", "zone"):
            value = getattr(one.mapping, name)
            if value is not None:
                found.append(f"{name} = {_text(value)}")
        if one.mapping.words:
            listed = ", ".join(
                f"{_text(word)} = {_scalar(value)}" for word, value in one.mapping.words.items()
            )
            found.append(f"words = {{ {listed} }}")
        return found


def _examples(column: Column) -> str:
    shown = [_text(one[:_LONGEST_EXAMPLE]) for one in list(column.texts)[:EXAMPLES]]
    return f"# {_one_line(column.header)}, for example: {', '.join(shown) or 'no value in any row'}"


def _one_line(text: str) -> str:
    return "".join(one if one.isprintable() else " " for one in text)


def _text(text: str) -> str:
    """Return a text as TOML has it."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _scalar(value: Scalar) -> str:
    return str(value).lower() if isinstance(value, bool) else _text(str(value))


def _list(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(_text, texts))}]"


# --- Looking at a file --------------------------------------------------------------------------


def labels_of(area: str) -> dict[str, str]:
    """Return the field that each label of an area is for, by the label's letters and digits."""
    found: dict[str, str] = {}
    document = shipped().area(area).document
    members = document.members
    own = area if members else REFERENCE
    for name, one in ((own, document.reference), (REFERENCE, members and members.reference)):
        if one:
            found |= {plain(label): name for label in (name, one.label, *one.also)}
    for name, fact in fields_of(area).items():
        labels = (fact.label or name, *fact.also) if fact else ()
        found |= {plain(label): name for label in (name, *labels)}
    return found


def draft(area: str, found: Found) -> Draft:
    """Return the draft of a mapping for a table.

    Raises:
        CaseError: Two columns have the same header, or there are too many columns.
    """
    places = {place: name for place, name in enumerate(found.header) if name}
    if len(places) > MOST_COLUMNS:
        text = f"the table has more than {MOST_COLUMNS} columns; delete those that are not needed"
        raise CaseError([Problem(text, f"row {found.number}")])
    columns = {place: Column(name) for place, name in places.items()}
    number = 0
    for _, cells in found.rows:
        number += 1
        if len(cells) == len(found.header):
            for place, column in columns.items():
                column.add(cells[place])
    doubled = [name for name, count in Counter(places.values()).items() if count > 1]
    if doubled:
        numbers = [str(place + 1) for place, name in places.items() if name in doubled]
        text = f"columns {', '.join(numbers)} have the same header as another; give each its own"
        raise CaseError([Problem(text, f"row {found.number}")])
    return evolve(_drafted(area, list(columns.values())), rows=number)


def _drafted(area: str, columns: Sequence[Column]) -> Draft:
    labels, fields = labels_of(area), fields_of(area)
    taken = {one.header: labels.get(plain(one.header)) for one in columns}
    claims = Counter(taken.values())
    labelled: dict[str, list[Column]] = {REFERENCE: [], area: []}
    entries: list[Entry] = []
    kept: list[Column] = []
    not_known: dict[str, None] = {}
    for column in columns:
        name = taken[column.header]
        if name in labelled:
            labelled[name].append(column)
            continue
        if name is None:
            if near := _near(column.header, labels, fields):
                entries.append(_unmatched(column, near))
            else:
                kept.append(column)
            continue
        if claims[name] > 1:
            entries.append(_doubled(column, name))
            continue
        fact = fields[name]
        if fact is None:
            entries.append(
                Entry(column, ColumnMapping(name), ("The header is a label of this text.",))
            )
            continue
        not_known |= dict.fromkeys(filter(_is_not_known, column.texts))
        entries.append(entry_of(column, fact))
    used = {one.mapping.fact for one in entries}
    mapping = TableMapping(
        area,
        reference=tuple(one.header for one in labelled[REFERENCE]),
        case=tuple(one.header for one in labelled[area]),
        keep=tuple(one.header for one in kept),
        not_known=tuple(not_known),
        columns={one.column.header: one.mapping for one in entries},
    )
    lacking = tuple(name for name, fact in fields.items() if fact and name not in used)
    reference = (*labelled[area], *labelled[REFERENCE])
    return Draft(mapping, tuple(entries), tuple(kept), reference, lacking)


def _near(header: str, labels: Mapping[str, str], fields: Mapping[str, Fact | None]) -> list[str]:
    """Return the facts that a column may have, by a label that is like its header."""
    own = plain(header)
    like = set(get_close_matches(own, labels, n=5, cutoff=_NEAR))
    if len(own) >= _SHORTEST:
        like |= {one for one in labels if own in one or (len(one) >= _SHORTEST and one in own)}
    named = {labels[one] for one in like}
    return [name for name in fields if name in named]


def _unmatched(column: Column, near: Sequence[str]) -> Entry:
    why = (
        f"{_QUESTION}which fact is it? The header is like labels of {', '.join(near)}.",
        'Or give "keep" to carry it along without judging it, or "ignore".',
    )
    return Entry(column, ColumnMapping(ASKED, words=_flags(column.texts)), why)


def _doubled(column: Column, name: str) -> Entry:
    why = (
        f'{_QUESTION}more than one column may be {name}. Give it to one, and "keep" or "ignore" to the others.',
    )
    return Entry(column, ColumnMapping(ASKED), why)


def _flags(texts: Iterable[str]) -> dict[str, Scalar]:
    """Return what yes and no are, where all texts are such."""
    found = {one: _flag(one) for one in texts}
    if None in found.values():
        return {}
    return {word: bool(value) for word, value in found.items()}


def _flag(text: str) -> bool | None:
    lower = text.casefold()
    if lower in words()["yes"]:
        return True
    return False if lower in words()["no"] else BOOLS.get(lower)


def _is_not_known(text: str) -> bool:
    return text.casefold() in words()["not_known"]


def entry_of(
    column: Column, fact: Fact, because: str = "The header is a label of this fact."
) -> Entry:
    """Return how a column would be read as a fact.

    Args:
        column: The column.
        fact: The fact.
        because: Why it is this fact.
    """
    why = [because]
    mapping = ColumnMapping(fact.name)
    texts = [one for one in column.texts if not _is_not_known(one)]
    match fact.kind:
        case "bool" | "code":
            known = {one: _flag(one) if fact.kind == "bool" else _code(one, fact) for one in texts}
            own = BOOLS if fact.kind == "bool" else dict.fromkeys(fact.type.codes)
            listed = {one: value for one, value in known.items() if one not in own}
            asked = [one for one, value in listed.items() if value is None]
            if len(asked) > _MOST_WORDS:
                text = f"{_QUESTION}{len(asked):,} texts in the column are not words of this fact. Is it this fact at all?"
                return Entry(column, evolve(mapping, fact=ASKED), (text,))
            if asked:
                allowed = ", ".join(fact.type.codes) if fact.kind == "code" else "true, false"
                why.append(f'{_QUESTION}what do the words with "?" mean? Allowed are {allowed}.')
            shown = {one: ASKED if value is None else value for one, value in listed.items()}
            mapping = evolve(mapping, words=shown)
        case "date":
            mapping = _dated(mapping, texts, why)
        case _:
            mapping = _measured(mapping, fact, column.header, texts, why)
    bad = _unread(fact, mapping, texts)
    if bad and not any(one.startswith(_QUESTION) for one in why):
        why.append(
            f"{bad:,} of the texts cannot be read so. Their rows will be invalid, with the reason."
        )
    return Entry(column, mapping, tuple(why))


def _code(text: str, fact: Fact) -> str | None:
    """Return the word of a fact that a text is, by letters and digits."""
    return next((code for code in fact.type.codes if plain(code) == plain(text)), None)


def _dated(mapping: ColumnMapping, texts: Sequence[str], why: list[str]) -> ColumnMapping:
    day_first, month_first, either = order_of(texts)
    form = None
    if day_first and month_first:
        form = ASKED
        why.append(
            f"{_QUESTION}some dates have the day first and some the month. A mixture is not read: correct the file."
        )
    elif day_first or month_first:
        form = "dd/mm/yyyy" if day_first else "mm/dd/yyyy"
        why.append(f"The form is {form}: some dates can only be read so.")
    elif either:
        form = ASKED
        why.append(f"{_QUESTION}dd/mm/yyyy or mm/dd/yyyy? Every date can be read both ways.")
    for other in ("yyyy/mm/dd", "yyyymmdd"):
        bare = Dates(evolve(mapping, form=form), frozenset())
        with_form = Dates(evolve(mapping, form=other), frozenset())
        if form is None and any(
            isinstance(bare(one), Unread) and not isinstance(with_form(one), Unread)
            for one in texts
        ):
            form = other
            why.append(f"The form is {form}.")
    mapping = evolve(mapping, form=form)
    timed = evolve(mapping, zone="UTC", form=form if form != ASKED else "dd/mm/yyyy")
    plain_ = evolve(timed, zone=None)
    without, with_zone = Dates(plain_, frozenset()), Dates(timed, frozenset())
    if any(
        isinstance(without(one), Unread) and not isinstance(with_zone(one), Unread) for one in texts
    ):
        why.append(f"{_QUESTION}the dates have times. Are those of Europe/London or UTC?")
        mapping = evolve(mapping, zone=ASKED)
    checked = Dates(timed, frozenset())
    for one in texts:
        checked(one)
    if form != ASKED and checked.fault:
        why.append(f"{_QUESTION}{checked.fault}.")
    return mapping


def _measured(
    mapping: ColumnMapping, fact: Fact, header: str, texts: Sequence[str], why: list[str]
) -> ColumnMapping:
    if fact.unit in UNITS and any(is_number(one) for one in texts):
        tokens = {one.casefold() for one in _TOKEN.findall(header)}
        named = [unit for unit in UNITS if tokens & words()[f"{unit}s"]]
        unit = named[0] if len(named) == 1 else ASKED
        if unit == ASKED:
            why.append(f"{_QUESTION}are the numbers hours or minutes? The header does not show it.")
        else:
            why.append(f"The unit is {unit}: the header names it.")
        mapping = evolve(mapping, unit=unit)
    if mapping.unit != ASKED and (
        _unread(fact, mapping, texts) > _unread(fact, evolve(mapping, round="nearest"), texts)
    ):
        why.append(
            f"{_QUESTION}some values do not come to whole units. Round them nearest, down or up?"
        )
        mapping = evolve(mapping, round=ASKED)
    return mapping


def _unread(fact: Fact, mapping: ColumnMapping, texts: Sequence[str]) -> int:
    """Return how many texts cannot be read, questions aside."""
    answered = evolve(
        mapping,
        round="nearest" if ASKED in (mapping.round, mapping.unit) else mapping.round,
        unit="hour" if mapping.unit == ASKED else mapping.unit,
        form="dd/mm/yyyy" if mapping.form == ASKED else mapping.form,
        zone="UTC" if mapping.zone == ASKED else mapping.zone,
        words={
            word: _any(fact) if value == ASKED else value for word, value in mapping.words.items()
        },
    )
    read = reader(fact, answered, frozenset())
    return sum(isinstance(read(one), Unread) for one in texts)


def _any(fact: Fact) -> Scalar:
    return fact.type.codes[0] if fact.kind == "code" else True
