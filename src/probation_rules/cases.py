"""Build a case from JSON or from the cells of a table, or list all its problems.

A message repeats a wrong value only where `quoting` allows it. The content of a free-text field is
never repeated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, time
from decimal import Decimal
from functools import lru_cache
from typing import Any, cast

from attrs import Factory, define, evolve, fields, frozen

from probation_rules.areas import Case
from probation_rules.errors import CaseError, Problem, did_you_mean
from probation_rules.intake.cells import DATE, SPACE, TIME, WHOLE_NUMBER, number
from probation_rules.quoting import is_name, named
from probation_rules.rulebook import shipped
from probation_rules.rulebook.model import BOOLS, LONGEST_TEXT, Area, Fact, Members, Records
from probation_rules.rulebook.validity import SAME, fault, is_text, list_fault, list_text

LONGEST_QUOTED = 40  # characters of a wrong value in a message
MOST_NAMED = 10  # unknown fields in a message; the others are counted

_ISO_DATE = re.compile(DATE)
_ISO_TIME = re.compile(TIME)
_WHOLE_NUMBER = re.compile(WHOLE_NUMBER)
_NUMBER = re.compile(number())
LABEL = (
    f"must be text of 1 to {LONGEST_TEXT} characters on one line, "
    "without control or other invisible characters"
)
MEMBERS_KNOWN = "members_known"
REFERENCE = "reference"
TWICE = "the reference of a member is on more than one row"

_BELOW_ROW = ", column "
_NO_LISTS: Mapping[str, object] = {}


def case_from(area: str, mapping: Mapping[str, object], *, path: str = "$") -> Case:
    """Return the case for a mapping with the structure of JSON.

    A field that is missing or ``None`` is unknown. A date is an ISO text or a date. An exact decimal
    is a text, a whole number or a ``Decimal``.

    Args:
        area: The area's name, such as `unpaid-work`.
        mapping: The known values, by field name.
        path: The place of the mapping in the caller's data. The paths of problems begin with it.

    Raises:
        CaseError: The case is not valid; the error lists each problem as `text @ $.path`.
    """
    return attempt(area, mapping, path).sound()


@frozen
class Attempt:
    """A case that was read, with its problems.

    Attributes:
        case: The case, where values that could not be read are unknown; `None` without a case.
        problems: All problems, each with its place in the file.
        unread: The facts with a value that could not be read.
        clashing: The facts with different values in the rows of the case.
        of_members_unread: The facts of members with a value that could not be read.
        of_records: The problems of the case's records, in the form for the reasons of a table.
        others: Other problems, in the form for the reasons of a table: without values.
        path: The place of the case. The paths of its problems begin with it.
    """

    case: Case | None
    problems: tuple[Problem, ...]
    unread: tuple[str, ...] = ()
    clashing: tuple[str, ...] = ()
    of_members_unread: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    path: str = "$"
    of_records: tuple[str, ...] = ()

    def sound(self) -> Case:
        """Return the case.

        Raises:
            CaseError: The case has problems; the error lists all of them.
        """
        if self.case is None or self.problems:
            raise CaseError(self.problems)
        return self.case


def attempt(area: str, said: object, path: str = "$") -> Attempt:
    """Return the case for a mapping with the structure of JSON, with its problems."""
    builder = _Builder(path)
    return builder.attempt(builder.record(form_of(area), said, path))


def attempt_member(area: str, said: object, path: str) -> Attempt:
    """Return a member with its problems, for an area with members."""
    ((_, item),) = form_of(area).lists.values()
    builder = _Builder(path)
    return builder.attempt(builder.record(item, said, path, _MEMBER))


def attempt_row(
    area: str, cells: Mapping[str, str], path: str, lists: Mapping[str, object] = _NO_LISTS
) -> Attempt:
    """Return the case from one row of a table of text, with its problems.

    Args:
        area: The area's name.
        cells: The row's cells by column name.
        path: The place of the row.
        lists: The records of the case from other tables, by field: lists of cells by fact.
    """
    builder, form = _Builder(path, cells=True), form_of(area)
    said: Mapping[str, object] = _filled(cells)
    if form.records:
        said = {**_nested(said), **lists}
    return builder.attempt(builder.record(form, said, path))


def attempt_rows(
    area: str, rows: Sequence[tuple[str, Mapping[str, str]]], *, by_member: bool = True
) -> Attempt:
    """Return the case from its rows in a table of text, with its problems.

    Args:
        area: The name of an area with members.
        rows: The rows of the case, each with its place and its cells by column name.
        by_member: Whether each row is a member. If not, there is one row, which is the case.
    """
    form = form_of(area)
    ((list_name, (members, item)),) = form.lists.items()
    filled = [(place, _filled(cells)) for place, cells in rows]
    builder = _Builder(rows[0][0], cells=True)
    told = builder.members_known(filled)
    columns = (
        _own_columns(form, item, area)
        if by_member
        else {name: name for name in form.names if name != list_name}
    )
    own: dict[str, object] = {
        name: builder.agreed(form, name, column, filled) for column, name in columns.items()
    }
    people = [
        (place, {name: text for name, text in cells.items() if by_member and name in item.names})
        for place, cells in filled
    ]
    if len(people) > members.most:
        where = f"{people[members.most][0]}{_BELOW_ROW}{area}"
        builder.problems.append(Problem(list_text(members), where))
    if len(people) > 1 or people[0][1]:
        own[list_name] = tuple(builder.record(item, said, place, _MEMBER) for place, said in people)
    if told is False:
        own[list_name] = None
    elif told and own.get(list_name) is None:
        own[list_name] = ()
    return builder.attempt(form.type(**own))


def records_from(area: str, said: Mapping[str, object]) -> tuple[dict[str, object], list[str]]:
    """Return the records of a case, and the problems of the others in the form for a table."""
    form, builder = form_of(area), _Builder("$")
    records = {
        name: None if one is None else builder.whole(*form.records[name], one, f"$.{name}")
        for name, one in said.items()
    }
    return records, builder.of_records


def value_from(fact: Fact, said: object) -> object:
    """Return the value of one fact, from JSON or from Python.

    Raises:
        ValueError: The value is not allowed; the message gives the allowed values.
    """
    read = _READ.get(fact.kind)
    value = read(said) if read else said
    if wrong := fault(fact, value):
        raise ValueError(_why(fact, value, wrong))
    return value


def values_from(said: Mapping[str, object], known: Mapping[str, Fact], path: str) -> dict[str, Any]:
    """Return the values of the known names, each with its type.

    Raises:
        CaseError: A value is not allowed; the error lists all of them.
    """
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, value in said.items():
        if name in known:
            try:
                values[name] = value_from(known[name], value)
            except ValueError as wrong:
                problems.append(Problem(str(wrong), f"{path}.{name}"))
    if problems:
        raise CaseError(problems)
    return values


def value_from_cell(fact: Fact, cell: str) -> object:
    """Return the value of one fact, from the text of a cell or of a command's option.

    Raises:
        ValueError: The text is not allowed; the message gives the allowed values.
    """
    return value_from(fact, cell_value(fact, cell.strip(SPACE)))


def field_names(area: str) -> tuple[str, ...]:
    """Return the names of the fields of an area's cases."""
    return form_of(area).names


def column_names(area: str) -> tuple[str, ...]:
    """Return the names of the columns of a table of an area's cases.

    For an area with members, each row is a member. Then the columns are the fields of the member and
    of the case. The column with the area's name is the reference of the case.
    """
    form = form_of(area)
    lists = [(*_own_columns(form, item, area), *item.names) for _, item in form.lists.values()]
    return lists[0] if lists else _columns(form, area)


def is_by_member(area: str, header: Sequence[str]) -> bool:
    """Return whether a table with these columns has one row for each member, not for each case."""
    of_members = [
        name for _, item in form_of(area).lists.values() for name in item.names if name != REFERENCE
    ]
    return bool(of_members) and any(name in header for name in (area, *of_members))


def columns_known(area: str, *, by_member: bool) -> tuple[str, ...]:
    """Return the names of the columns that a table of text may have."""
    form = form_of(area)
    if not form.lists:
        return _columns(form, area)
    if by_member:
        return (*column_names(area), MEMBERS_KNOWN)
    return (*(name for name in form.names if name not in form.lists), MEMBERS_KNOWN)


def nested_columns(area: str) -> Mapping[str, Fact]:
    """Return the columns of a table of text for values in records, each with its fact: `steps.form.done`.

    A column has the label and the description of the fact that the area computes from this value alone.
    """
    return _nested_columns(shipped().area(area))


def unknown_columns(known: Sequence[str], names: Iterable[str], path: str) -> list[Problem]:
    """Return the problems of the names of a table's columns."""
    return list(_unknown_fields(known, names, path, _BELOW_ROW))


def reason(problem: Problem, where: str) -> str:
    """Return a problem as one line, in the form for the reasons of an invalid row of a table."""
    return problem.text.splitlines()[0] + (where and f" @ {where}")


def short(problems: Iterable[Problem], path: str) -> list[str]:
    """Return the problems of a case as lines for a table, without the place of the case."""
    return [reason(one, inside(one.path, path)) for one in problems]


def inside(path: str, base: str) -> str:
    """Return the part of a path that is inside a record: `grade` of `row 7, column grade`."""
    return path.removeprefix(base).removeprefix(_BELOW_ROW).removeprefix(".")


# --- The fields of a record ---------------------------------------------------------------------


@frozen
class Form:
    """The fields of one kind of record, and its class.

    A field that is not a fact, a list or a record is free text. It is shown, but never checked.
    """

    type: type[Case]
    names: tuple[str, ...]
    facts: Mapping[str, Fact]
    lists: Mapping[str, tuple[Members, Form]]
    records: Mapping[str, tuple[Records, Form]]


def form_of(area: str) -> Form:
    """Return the fields of a case of an area.

    Raises:
        InputError: The area does not exist.
    """
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
    """Return the form of each field with records. The area gives the class for each."""
    forms = {}
    for name, one in held.items():
        type_ = types[one.shape]
        forms[name] = (one, Form(type_, _names(type_), one.facts, {}, _records(one.records, types)))
    return forms


def _columns(form: Form, area: str) -> tuple[str, ...]:
    """Return the columns of a table with a row for each case. A record has a column for each value in it."""
    return (*(name for name in form.names if name not in form.records), *nested_columns(area))


@lru_cache
def _nested_columns(area: Area) -> dict[str, Fact]:
    computed = {one.computed_from: one for one in area.facts.values() if one.computed_from}
    found = {}
    for path, fact in _inside(_form(area), ""):
        alike = computed.get((path,), fact)
        found[path] = evolve(fact, label=alike.label, also=alike.also, about=alike.about)
    return found


def _inside(form: Form, above: str) -> Iterator[tuple[str, Fact]]:
    """Yield each fact in single records, with its path as name."""
    for name, (held, inner) in form.records.items():
        if held.most is None:
            path = f"{above}{name}."
            for each, fact in inner.facts.items():
                holder = fact.only_if and path + fact.only_if
                yield path + each, evolve(fact, name=path + each, only_if=holder)
            yield from _inside(inner, path)


def _own_columns(form: Form, item: Form, area: str) -> dict[str, str]:
    """Return the columns of the case in a table of members, each with its field."""
    own = [name for name in form.names if name not in (*form.lists, *item.names)]
    return {area: REFERENCE, **{name: name for name in own}}


def _names(record_type: type[Case]) -> tuple[str, ...]:
    return tuple(attribute.name for attribute in fields(record_type))


# --- Building -----------------------------------------------------------------------------------


def _filled(cells: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, cell in cells.items() if (text := cell.strip(SPACE))}


def _nested(cells: Mapping[str, object]) -> dict[str, Any]:
    """Return cells as records: the cell of `steps.form.done` is in the record `form` of `steps`."""
    found: dict[str, Any] = {}
    for name, text in cells.items():
        *path, last = name.split(".")
        inner = found
        for part in path:
            inner = inner.setdefault(part, {})
        inner[last] = text
    return found


_OWN, _MEMBER = "", " of a member"


@define
class _Builder:
    """Builds a case from the values that can be read, and collects all problems.

    Attributes:
        path: The place of the case.
        cells: Whether values are the texts of cells.
    """

    path: str
    cells: bool = False
    problems: list[Problem] = Factory(list)
    unread: dict[str, list[str]] = Factory(lambda: {_OWN: [], _MEMBER: []})
    clashing: list[str] = Factory(list)
    others: list[str] = Factory(list)
    of_records: list[str] = Factory(list)

    def attempt(self, case: Case | None) -> Attempt:
        """Return the result for a case."""
        if not self.problems:
            return Attempt(case, (), path=self.path)
        return Attempt(
            case,
            tuple(self.problems),
            tuple(dict.fromkeys(self.unread[_OWN])),
            tuple(dict.fromkeys(self.clashing)),
            tuple(dict.fromkeys(self.unread[_MEMBER])),
            tuple(dict.fromkeys(self.others)),
            self.path,
            tuple(self.of_records),
        )

    def record(self, form: Form, said: object, path: str, of: str = _OWN) -> Case | None:
        """Return the record with the values that can be read, or `None` if it is not an object."""
        if not isinstance(said, Mapping):
            self.other(Problem("must be an object with named fields", path))
            return None
        join = _BELOW_ROW if self.cells and _BELOW_ROW not in path else "."
        for problem in _unknown_fields(form.names, said, path, join):
            self.other(problem)
        values: dict[str, object] = {}
        for name in form.names:
            if said.get(name) is not None:
                values[name] = self.value(form, name, said[name], path + join + name, of)
            elif name in form.facts and form.facts[name].required:
                text = f"must be given: {form.facts[name].allowed}"
                self.other(Problem(text, path + join + name))
                values[name] = None
        return form.type(**values)

    def value(self, form: Form, name: str, said: object, path: str, of: str = _OWN) -> object:
        """Return one value; if it cannot be read, add a problem and return `None`."""
        try:
            if fact := form.facts.get(name):
                return value_from(fact, cell_value(fact, str(said)) if self.cells else said)
            if name in form.lists:
                return self.items(*form.lists[name], said, path)
            if name in form.records:
                return self.whole(*form.records[name], said, path)
            return _text(said)
        except ValueError as wrong:
            problem = Problem(str(wrong), path)
        if name in form.facts:
            self.problems.append(problem)
            self.unread[of].append(name)
        elif name in form.lists:
            self.other(problem)
        else:
            column = path.rpartition(_BELOW_ROW)[2] if self.cells else name
            self.problems.append(problem)
            self.others.append(f"{LABEL} @ {column}{of}")
        return None

    def other(self, problem: Problem, where: str | None = None) -> None:
        """Add a problem that is not about the value of a fact."""
        self.problems.append(problem)
        where = inside(problem.path, self.path) if where is None else where
        self.others.append(reason(problem, where))

    def agreed(
        self, form: Form, name: str, column: str, rows: Sequence[tuple[str, Mapping[str, str]]]
    ) -> object:
        """Return the value of a column, which must be the same in all rows of a case that give it.

        Free text may differ, because it is shown but not checked.
        """
        seen: set[str] = set()
        first: object = None
        for place, cells in rows:
            text = cells.get(column)
            if text is None or text in seen:
                continue
            seen.add(text)
            path = f"{place}{_BELOW_ROW}{column}"
            value = self.value(form, name, text, path)
            if first is None and value is not None:
                first = value
            elif name in form.facts and value not in (None, first):
                self.problems.append(Problem(SAME, path))
                self.clashing.append(name)
        return first

    def members_known(self, rows: Sequence[tuple[str, Mapping[str, str]]]) -> bool | None:
        """Return the value of the column `members_known` in the rows of one case."""
        found: set[bool] = set()
        for place, cells in rows:
            if text := cells.get(MEMBERS_KNOWN):
                path = f"{place}{_BELOW_ROW}{MEMBERS_KNOWN}"
                value = BOOLS.get(text.lower())
                if value is None:
                    self.other(Problem("must be true or false", path), MEMBERS_KNOWN)
                elif found - {value}:
                    self.other(Problem(SAME, path), MEMBERS_KNOWN)
                else:
                    found.add(value)
        return next(iter(found), None)

    def whole(self, held: Records, form: Form, said: object, path: str) -> object:
        """Return a record or a list of records, or `None` if a part of it cannot be read."""
        inner = _Builder(self.path, self.cells)
        try:
            found = inner.held(held, form, said, path)
        except ValueError as wrong:
            inner.problems.append(Problem(str(wrong), path))
        self.problems += inner.problems
        self.of_records += short(inner.problems, self.path)
        return None if inner.problems else found

    def held(self, held: Records, form: Form, said: object, path: str) -> object:
        if held.most is None:
            return self.record(form, said, path)
        if wrong := list_fault(held, said):
            raise ValueError(wrong)
        items = enumerate(cast("Sequence[object]", said))
        return tuple(self.record(form, item, f"{path}[{place}]") for place, item in items)

    def items(self, members: Members, form: Form, said: object, path: str) -> object:
        if not isinstance(said, list | tuple) or len(said) > members.most:
            raise ValueError(list_text(members))
        found = [
            self.record(form, item, f"{path}[{place}]", _MEMBER) for place, item in enumerate(said)
        ]
        return tuple(one for one in found if one is not None)


def _unknown_fields(
    known: Sequence[str], names: Iterable[object], path: str, join: str
) -> Iterator[Problem]:
    every = set(known)
    unknown = [name for name in names if name not in every]
    others = []
    for name in unknown[:MOST_NAMED]:
        # A name that does not look like a field may be misplaced data, so it is not repeated.
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
    """Return the date of an ISO text; return any other value unchanged."""
    if isinstance(said, str) and _ISO_DATE.fullmatch(said):
        try:
            return date.fromisoformat(said)
        except ValueError:  # such as 30 February
            return said
    return said


def _time_from(said: object) -> object:
    """Return the time of an ISO text in whole minutes; return any other value unchanged."""
    if isinstance(said, str) and _ISO_TIME.fullmatch(said):
        return time.fromisoformat(said)
    return said


def _decimal_from(said: object) -> object:
    is_number = type(said) is int or (isinstance(said, str) and _NUMBER.fullmatch(said))
    return Decimal(said) if is_number else said  # type: ignore[arg-type]


_READ = {"date": date_from, "time": _time_from, "decimal": _decimal_from}


def _why(fact: Fact, value: object, wrong: str) -> str:
    """Return the message for a value from JSON that is not allowed."""
    if isinstance(value, Mapping | list | tuple):
        return f"a list or an object is not allowed: it must be {fact.allowed}"
    if fact.kind == "decimal" and isinstance(value, float):
        return f"{wrong}; give it as text or as a Decimal"
    return wrong


def cell_value(fact: Fact, text: str) -> object:
    """Return the value of a cell as in JSON. A text of another kind is returned unchanged."""
    if fact.kind == "bool":
        return BOOLS.get(text.lower(), text)
    if fact.kind == "int" and _WHOLE_NUMBER.fullmatch(text):
        return int(text)
    return text


def _text(said: object) -> str:
    if isinstance(said, str) and is_text(said):
        return said
    raise ValueError(LABEL)
