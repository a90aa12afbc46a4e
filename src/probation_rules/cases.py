"""What somebody says, as JSON or as cells of a table -> a case, or every reason why it is none.

A message repeats a wrong value only where `quoting` allows it. The content of a free-text field is
never repeated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, time
from decimal import Decimal
from functools import lru_cache

from attrs import Factory, define, fields, frozen

from probation_rules.areas import AREAS, Case
from probation_rules.errors import CaseError, Problem, did_you_mean
from probation_rules.quoting import is_name, named
from probation_rules.rulebook import shipped
from probation_rules.rulebook.model import LONGEST_TEXT, Area, Fact, Members, Records
from probation_rules.rulebook.validity import fault, is_text

LONGEST_QUOTED = 40  # characters of a wrong value that a message repeats
MOST_NAMED = 10  # unknown fields that are named; the others are counted

_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ISO_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9](:00)?")
_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,20}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,20}(\.[0-9]{1,20})?")
_CELL_BOOLS = {"true": True, "yes": True, "false": False, "no": False}
_BELOW_ROW = ", column "


def case_from(area: str, mapping: Mapping[str, object], *, path: str = "$") -> Case:
    """Return the case that a JSON-shaped mapping describes.

    A field that is missing or ``None`` is unknown. A date is an ISO text or a date, an exact
    decimal is a text, a whole number or a ``Decimal``.

    Args:
        area: The area's name, such as `unpaid-work`.
        mapping: What is known, by field name.
        path: Where the mapping stands in what the caller read; errors begin with it.

    Raises:
        CaseError: With every problem, each as `text @ $.path`.
    """
    return _built(form_of(area), mapping, path)


def case_from_cells(area: str, cells: Mapping[str, str], *, path: str = "the row") -> Case:
    """Return the case that one row of a table of text describes, by column name.

    An empty cell is unknown. `true`, `false`, `yes` and `no` are read in any case.

    Raises:
        CaseError: With every problem, each as `text @ row 7, column sentence_date`.
    """
    said = {name: text for name, cell in cells.items() if (text := cell.strip())}
    return _built(form_of(area), said, path, cells=True)


def case_from_rows(area: str, rows: Sequence[tuple[str, Mapping[str, str]]]) -> Case:
    """Return the case whose members stand in the rows of a table of text, a row a member.

    The column with the area's name holds the case's own reference. The case's other facts may
    stand in any of the rows, or in all of them if they agree. A single row without a cell for a
    member says that the members are not known.

    Args:
        area: The name of an area whose cases list members.
        rows: The case's rows, each with its place and its cells by column name.

    Raises:
        CaseError: With every problem, each as `text @ row 7, column grade`.
    """
    form = form_of(area)
    ((list_name, (members, item)),) = form.lists.items()
    filled = [
        (place, {name: text for name, cell in cells.items() if (text := cell.strip())})
        for place, cells in rows
    ]
    people = [
        (place, {name: text for name, text in cells.items() if name in item.names})
        for place, cells in filled
    ]
    builder = _Builder(cells=True)
    own: dict[str, object] = {}
    if len(people) > members.most:
        text = f"more than {members.most} rows: this list holds at most so many"
        builder.problems.append(Problem(text, f"{people[members.most][0]}{_BELOW_ROW}{area}"))
    elif len(people) > 1 or people[0][1]:
        own[list_name] = tuple(builder.record(item, said, place) for place, said in people)
    for column, name in _own_columns(form, item, area).items():
        own[name] = builder.agreed(form, name, column, filled)
    if builder.problems:
        raise CaseError(builder.problems)
    return form.type(**own)


def value_from(fact: Fact, said: object) -> object:
    """Return the value of one fact, from JSON or from Python.

    Raises:
        ValueError: Saying what the fact may be.
    """
    value = said
    if fact.kind == "date":
        value = date_from(said)
    elif fact.kind == "time":
        value = _time_from(said)
    elif fact.kind == "decimal":
        value = _decimal_from(said)
    if wrong := _fault(fact, value):
        raise ValueError(wrong)
    return Decimal(value) if isinstance(value, int) and fact.kind == "decimal" else value


def value_from_cell(fact: Fact, cell: str) -> object:
    """Return the value of one fact, from the text of a cell or of a command's option.

    Raises:
        ValueError: Saying what the fact may be.
    """
    return value_from(fact, cell_value(fact, cell.strip()))


def field_names(area: str) -> tuple[str, ...]:
    """Return the names of the fields of an area's cases."""
    return form_of(area).names


def column_names(area: str) -> tuple[str, ...]:
    """Return the names of the columns of a table of an area's cases.

    Where cases list members a row is a member: then these are the member's fields, and those of
    the case, whose reference stands in a column with the area's name.
    """
    form = form_of(area)
    lists = [(*_own_columns(form, item, area), *item.names) for _, item in form.lists.values()]
    return lists[0] if lists else form.names


def unknown_columns(area: str, names: Iterable[str], path: str) -> list[Problem]:
    """Return what is wrong with the names of a table's columns, where something is."""
    return list(_unknown_fields(column_names(area), names, path, _BELOW_ROW))


# --- The fields of a record ---------------------------------------------------------------------


@frozen
class Form:
    """What may be said in one record, and the class that holds it.

    A field that is no fact, list or record is free text: shown, never judged.
    """

    type: type[Case]
    names: tuple[str, ...]
    facts: Mapping[str, Fact]
    lists: Mapping[str, tuple[Members, Form]]
    records: Mapping[str, tuple[Records, Form]]


def form_of(area: str) -> Form:
    """Return what may be said of a case of an area.

    Raises:
        CaseError: There is no such area.
    """
    if area not in AREAS:
        known = ", ".join(AREAS)
        hint = did_you_mean(area[:LONGEST_QUOTED], AREAS)
        raise CaseError([Problem(f"unknown area {named(area, AREAS)}; known are {known}{hint}")])
    return _form(shipped().area(area))


@lru_cache
def _form(area: Area) -> Form:
    spec, lists = area.spec, {}
    if area.members is not None:
        item = Form(spec.items, _names(spec.items), area.members.facts, {}, {})
        lists[area.members.name] = (area.members, item)
    return Form(spec.case, spec.fields, area.facts, lists, _records(area.records, spec.records))


def _records(
    held: Mapping[str, Records], types: Mapping[str, type[Case]]
) -> dict[str, tuple[Records, Form]]:
    """Return the form of each field that holds records, with the class that the area names for it."""
    forms = {}
    for name, one in held.items():
        type_ = types[one.shape]
        forms[name] = (one, Form(type_, _names(type_), one.facts, {}, _records(one.records, types)))
    return forms


def _own_columns(form: Form, item: Form, area: str) -> dict[str, str]:
    """Return the case's own columns in a table with a row a member: column -> field."""
    own = [name for name in form.names if name not in (*form.lists, *item.names)]
    return {area: "reference", **{name: name for name in own}}


def _names(record_type: type[Case]) -> tuple[str, ...]:
    return tuple(attribute.name for attribute in fields(record_type))


# --- Building -----------------------------------------------------------------------------------


def _built(form: Form, said: object, path: str, *, cells: bool = False) -> Case:
    builder = _Builder(cells)
    case = builder.record(form, said, path)
    if case is None or builder.problems:
        raise CaseError(builder.problems)
    return case


@define
class _Builder:
    """Builds a case and keeps every problem; after one, what it returns is of no use."""

    cells: bool
    problems: list[Problem] = Factory(list)

    def record(self, form: Form, said: object, path: str) -> Case | None:
        if not isinstance(said, Mapping):
            self.problems.append(Problem("must be an object with named fields", path))
            return None
        join = _BELOW_ROW if self.cells else "."
        self.problems.extend(_unknown_fields(form.names, said, path, join))
        values: dict[str, object] = {}
        for name in form.names:
            if said.get(name) is not None:
                values[name] = self.value(form, name, said[name], path + join + name)
            elif name in form.facts and form.facts[name].required:
                text = f"must be given: {form.facts[name].allowed}"
                self.problems.append(Problem(text, path + join + name))
                values[name] = None
        return form.type(**values)

    def value(self, form: Form, name: str, said: object, path: str) -> object:
        try:
            if name in form.facts:
                fact = form.facts[name]
                return value_from(fact, cell_value(fact, str(said)) if self.cells else said)
            if name in form.lists:
                return self.items(*form.lists[name], said, path)
            if name in form.records:
                return self.held(*form.records[name], said, path)
            return _text(said)
        except ValueError as wrong:
            self.problems.append(Problem(str(wrong), path))
            return None

    def agreed(
        self, form: Form, name: str, column: str, rows: Iterable[tuple[str, Mapping[str, str]]]
    ) -> object:
        """Return what the rows of one case say of it, which is the same in each that says it."""
        first: tuple[str, str, object] | None = None
        for place, cells in rows:
            text = cells.get(column)
            if text is None or (first and text == first[1]):
                continue
            path = f"{place}{_BELOW_ROW}{column}"
            value = self.value(form, name, text, path)
            if first is None:
                first = place, text, value
            elif None not in (value, first[2]) and value != first[2]:
                why = f"not what {first[0]} says; the rows of one case must agree on it"
                self.problems.append(Problem(why, path))
        return first and first[2]

    def held(self, held: Records, form: Form, said: object, path: str) -> object:
        if held.most is None:
            return self.record(form, said, path)
        if not isinstance(said, list | tuple) or not held.least <= len(said) <= held.most:
            raise ValueError(f"must be a list of {held.least} to {held.most}")
        return tuple(self.record(form, item, f"{path}[{place}]") for place, item in enumerate(said))

    def items(self, members: Members, form: Form, said: object, path: str) -> object:
        if not isinstance(said, list | tuple) or len(said) > members.most:
            raise ValueError(f"must be a list of at most {members.most}")
        return tuple(self.record(form, item, f"{path}[{place}]") for place, item in enumerate(said))


def _unknown_fields(
    known: Sequence[str], names: Iterable[object], path: str, join: str
) -> Iterator[Problem]:
    unknown = [name for name in names if name not in known]
    others = []
    for name in unknown[:MOST_NAMED]:
        # What does not look like the name of a field may be data in the wrong place: not repeated.
        hint = did_you_mean(name, known) if isinstance(name, str) else ""
        if hint and is_name(name, known):
            yield Problem(f"unknown field {named(name, known)}{hint}", f"{path}{join}{name}")
        else:
            others.append(name)
    if left := len(others) + len(unknown[MOST_NAMED:]):
        shown = [named(name, known) for name in others if is_name(name, known)]
        counted = [f"{left - len(shown)} not shown here"] if left > len(shown) else []
        which = ", ".join([*shown, *counted])
        yield Problem(f"unknown fields: {which}; known are {', '.join(known)}", path)


# --- Values -------------------------------------------------------------------------------------


def date_from(said: object) -> object:
    """Return the date that an ISO text names; anything else as it is."""
    if isinstance(said, str) and _ISO_DATE.fullmatch(said):
        with suppress(ValueError):
            return date.fromisoformat(said)
    return said


def _time_from(said: object) -> object:
    """Return the time of day that an ISO text names in whole minutes; anything else as it is."""
    if isinstance(said, str) and _ISO_TIME.fullmatch(said):
        return time.fromisoformat(said)
    return said


def _decimal_from(said: object) -> object:
    return Decimal(said) if isinstance(said, str) and _NUMBER.fullmatch(said) else said


def _fault(fact: Fact, value: object) -> str | None:
    if isinstance(value, Mapping | list | tuple):
        return f"a list or an object is not allowed: it must be {fact.allowed}"
    wrong = fault(fact, value)
    if wrong and fact.kind == "decimal" and isinstance(value, float):
        return f"{wrong}; give it as text or as a Decimal"
    return wrong


def cell_value(fact: Fact, text: str) -> object:
    """Return what JSON would hold; a text that says nothing of the kind is left, to be refused."""
    if fact.kind == "bool":
        return _CELL_BOOLS.get(text.lower(), text)
    if fact.kind == "int" and _WHOLE_NUMBER.fullmatch(text):
        return int(text)
    return text


def _text(said: object) -> str:
    if isinstance(said, str) and is_text(said):
        return said
    raise ValueError(
        f"must be text of 1 to {LONGEST_TEXT} characters on one line, "
        "without control or other invisible characters"
    )
