"""A mapping: which column of a file is which fact, and how its cells are read.

A person has agreed to it, so that nothing is guessed. It is a small TOML file, which the command `map`
drafts. Under a mapping each cell becomes the text that this library's own CSV has for the same value, so
that one reader reads them all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import evolve, field, frozen

from probation_rules.cases import REFERENCE, column_names, columns_known, form_of, nested_columns
from probation_rules.errors import InputError, Problem, RulebookError, did_you_mean
from probation_rules.rulebook import shipped
from probation_rules.rulebook.model import Fact
from probation_rules.rulebook.read import parse_toml, structured
from probation_rules.rulebook.toml_schema import Scalar

ASKED = "?"  # a question without an answer yet
KEEP, IGNORE = "keep", "ignore"  # instead of a fact
UNITS = {"hour": 60, "minute": 1}  # in minutes
FORMS = ("dd/mm/yyyy", "mm/dd/yyyy", "yyyy/mm/dd", "yyyymmdd")
ZONES = ("Europe/London", "UTC")
ROUNDS = ("nearest", "down", "up")


@frozen
class ColumnMapping:
    """How one column is read.

    Attributes:
        fact: The fact that it has, or `keep` or `ignore`.
        unit: Of numbers without a unit of their own: `hour` or `minute`.
        round: What becomes of a part of a minute (or of a place that the fact has not): `nearest`, `down`, `up`.
        form: How dates in figures are written: `dd/mm/yyyy`, `mm/dd/yyyy`, `yyyy/mm/dd` or `yyyymmdd`.
        zone: Of times without a zone of their own: `Europe/London` or `UTC`.
        words: What words mean: `true` or `false`, or a word of the fact.
    """

    fact: str
    unit: str | None = None
    round: str | None = None
    form: str | None = None
    zone: str | None = None
    words: Mapping[str, Scalar] = field(factory=dict)


@frozen
class TableMapping:
    """How the columns of a file are read.

    Attributes:
        area: The area of its cases.
        sheet: The sheet of a workbook, by its name or number.
        reference: The columns that together are the reference of a case or, where each row is a member, of
            the member.
        case: The columns that together are the reference of the case, where each row is a member.
        keep: Columns that are carried along and not judged.
        not_known: Texts that mean that a value is not known.
        columns: The columns that have facts, by their headers.
    """

    area: str
    sheet: str | None = None
    reference: tuple[str, ...] = ()
    case: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    not_known: tuple[str, ...] = ()
    columns: Mapping[str, ColumnMapping] = field(factory=dict)

    @property
    def names(self) -> dict[str, str]:
        """The column of each fact."""
        return {one.fact: name for name, one in self.columns.items()}

    @property
    def kept(self) -> tuple[str, ...]:
        """The columns that are carried along."""
        more = (name for name, one in self.columns.items() if one.fact == KEEP)
        return (*self.keep, *more)

    @property
    def mentioned(self) -> tuple[str, ...]:
        """The headers of every column that is mentioned."""
        return tuple(dict.fromkeys((*self.reference, *self.case, *self.keep, *self.columns)))

    def facts(self) -> Iterator[tuple[str, ColumnMapping]]:
        """Yield the columns that have facts."""
        for name, one in self.columns.items():
            if one.fact not in (KEEP, IGNORE):
                yield name, one


def mapping_from(area: str, given: object, keep: Sequence[str] = ()) -> TableMapping:
    """Return a mapping from a file's path, or from what such a file has.

    Args:
        area: The area.
        given: The path or the content.
        keep: More columns to carry along.

    Raises:
        InputError: With everything that is wrong with it, and every question that is not answered.
    """
    found, name = _read(given)
    found = evolve(found, keep=(*found.keep, *(one for one in keep if one not in found.kept)))
    problems = list(_faults(area, found))
    if problems:
        raise InputError(
            [Problem(text, f"{name}{where and f': {where}'}") for text, where in problems]
        )
    return found


def _read(given: object) -> tuple[TableMapping, str]:
    name = "the mapping"
    if isinstance(given, TableMapping):
        return given, name
    try:
        raw: Any = given
        if not isinstance(given, Mapping):
            path = Path(str(given))
            name = path.name
            raw = parse_toml(path.read_text(encoding="utf-8"), name)
        return structured(raw, TableMapping, name), name
    except RulebookError as error:
        raise InputError(error.problems) from None
    except (OSError, UnicodeDecodeError, ValueError):
        text = "the mapping cannot be read; give the path of a TOML file in UTF-8"
        raise InputError([Problem(text, name)]) from None


# --- What is wrong with it ----------------------------------------------------------------------

Fault = tuple[str, str]
"""A problem, and its place in the mapping."""


def _faults(area: str, mapping: TableMapping) -> Iterator[Fault]:
    if mapping.area != area:
        yield f"this mapping is for another area; it must be `{area}`", "area"
        return
    known = fields_of(area)
    owners: dict[str, str] = {}
    for header, one in mapping.columns.items():
        where = f'columns."{header}"'
        if one.fact == ASKED:
            yield (
                "answer the question: which fact is it? Or give `keep` or `ignore`",
                f"{where}.fact",
            )
        elif one.fact not in (KEEP, IGNORE, *known):
            yield f"`{one.fact}` is not a fact{did_you_mean(one.fact, known)}", f"{where}.fact"
        else:
            yield from _settings(known.get(one.fact), one, where)
            if one.fact in known and owners.setdefault(one.fact, header) != header:
                yield f"`{one.fact}` is given for another column too", f"{where}.fact"
    lists = {"reference": mapping.reference, "case": mapping.case, "keep": mapping.keep}
    seen = dict.fromkeys(mapping.columns, "columns")
    for name, headers in lists.items():
        for header in headers:
            if seen.setdefault(header, name) != name:
                yield f'the column "{header}" is under `{seen[header]}` too', name
    members = shipped().area(area).members
    if mapping.case and members is None:
        yield "only rows of members name their case; use `reference`", "case"
    of_members = members is not None and (
        set(members.facts) & {one.fact for _, one in mapping.facts()}
    )
    if of_members and not mapping.case:
        yield "name the columns with the reference of the case that each member belongs to", "case"


def fields_of(area: str) -> dict[str, Fact | None]:
    """Return the fields that a column may have, each with its fact; a free text has none."""
    form, members = form_of(area), shipped().area(area).members
    facts = {**form.facts, **(members.facts if members else {}), **nested_columns(area)}
    every = (*column_names(area), *columns_known(area, by_member=False))
    names = dict.fromkeys(name for name in every if name not in (REFERENCE, area))
    return {name: facts.get(name) for name in names}


def _settings(fact: Fact | None, one: ColumnMapping, where: str) -> Iterator[Fault]:
    """Yield what is wrong with how a column is read."""
    amount = fact is not None and fact.kind in ("int", "decimal")
    applies: dict[str, tuple[bool, Collection[str]]] = {
        "unit": (amount and fact is not None and fact.unit in UNITS, UNITS),
        "round": (amount, ROUNDS),
        "form": (fact is not None and fact.kind == "date", FORMS),
        "zone": (fact is not None and fact.kind == "date", ZONES),
    }
    for name, (allowed, choices) in applies.items():
        value = getattr(one, name)
        listed = ", ".join(choices)
        if value is None:
            continue
        if not allowed:
            yield f"`{name}` does not apply to `{one.fact}`; take it out", f"{where}.{name}"
        elif value == ASKED:
            yield f"answer the question: {listed}?", f"{where}.{name}"
        elif value not in choices:
            yield f"allowed are {listed}", f"{where}.{name}"
    kind = fact.kind if fact is not None else None
    codes = fact.type.codes if fact is not None and kind == "code" else ()
    if one.words and kind not in ("bool", "code"):
        yield f"`words` does not apply to `{one.fact}`; take it out", f"{where}.words"
        return
    listed = ", ".join(codes) if kind == "code" else "true, false"
    folded: dict[str, Scalar] = {}
    for word, value in one.words.items():
        place = f'{where}.words."{word}"'
        right = value in codes if kind == "code" else isinstance(value, bool)
        if value == ASKED:
            yield f"answer the question: what does this word mean? Allowed are {listed}", place
        elif not right:
            yield f"allowed are {listed}", place
        elif folded.setdefault(word.strip().casefold(), value) != value:
            yield "this word has two meanings here", place


def missing(mapping: TableMapping, header: Sequence[str]) -> Iterator[Problem]:
    """Yield a problem for each column that the file does not have, or has twice.

    Args:
        mapping: The mapping.
        header: The file's headers.
    """
    for name in mapping.mentioned:
        if name not in header:
            yield Problem(
                f'the file has no column "{name}"{did_you_mean(name, header)}', "the mapping"
            )
        elif header.count(name) > 1:
            yield Problem(f'the file has more than one column "{name}"', "the mapping")


def titles_beside(kept: Iterable[str], others: Iterable[str]) -> dict[str, str]:
    """Return the title of each kept column: its header, unless another column has that name.

    Args:
        kept: The headers of the kept columns.
        others: The names of the other columns. Small and capital letters are alike.
    """
    taken, titles = {name.casefold() for name in others}, {}
    for name in kept:
        title = name
        while title.casefold() in taken:
            title += " (kept)"
        taken.add(title.casefold())
        titles[name] = title
    return titles
