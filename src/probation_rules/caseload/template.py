"""An empty workbook to fill in: a column for each fact of an area, as `check` reads it without a mapping.

The headers are the labels of the rules file. The example is above the headers, where no reader looks for cases.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from attrs import define, evolve, field, frozen

from probation_rules.caseload.layout import Cell, capital, layout_for, words
from probation_rules.caseload.sheets import DATE, HEAD, LINE, MOST_ROWS, Listed, Writer, lines
from probation_rules.cases import MEMBERS_KNOWN, REFERENCE, nested_columns
from probation_rules.intake.lists import fields_with_lists
from probation_rules.intake.mapping import UNITS, fields_of
from probation_rules.language.english import inside, say
from probation_rules.rulebook import shipped
from probation_rules.rulebook.model import LONGEST_TEXT, Area, Fact, Records
from probation_rules.rulebook.validity import problems

_MADE = date(2026, 1, 5)  # of the workbook, and of dates in its example
_EXAMPLE, _NUMBER = "Example: not read", 100
_WIDTH, _HEADER_ROW = 16, 3
_GREY = "#6B7276"
_FORMATS = {"date": DATE, "int": "#,##0", "decimal": "General", "time": "hh:mm"}
_NOT_KNOWN = "Not known. Rules that depend on it answer that they cannot tell."
_MORE = "The sheet Columns explains each column."
_ONCE = "One of the rows with the same reference is enough; others may be empty."


@frozen
class Column:
    """A column to fill in.

    Attributes:
        header: Its header.
        fact: Its fact; ``None`` for text of the caller's own.
        about: What it is.
        empty: What an empty cell means.
        example: The value in the example; ``None`` for an empty cell.
    """

    header: str
    fact: Fact | None
    about: str
    empty: str
    example: object = None

    @property
    def allowed(self) -> str:
        """The values that a cell may have, in a sentence."""
        fact = self.fact
        match fact.kind if fact else "text":
            case "bool":
                return "Yes or No."
            case "code":
                return f"One of {', '.join(self.words)}."
            case "time":
                return "A time of day from 00:00 to 23:59."
            case "text":
                return f"Text of at most {LONGEST_TEXT} characters on one line."
        assert fact is not None  # noqa: S101 (a text otherwise)
        least, most = (_said(one, fact) for one in (fact.min, fact.max))
        unit = f", in {fact.unit}s" if fact.unit in UNITS else ""
        what = {"date": "A date", "int": "A whole number"}.get(fact.kind, "A number")
        places = f", with at most {fact.type.places} decimal places" if fact.type.places else ""
        return f"{what} from {least} to {most}{unit}{places}."

    @property
    def words(self) -> tuple[str, ...]:
        """The words of a drop-down list."""
        if self.fact is None or self.fact.kind not in ("bool", "code"):
            return ()
        if self.fact.kind == "bool":
            return ("Yes", "No")
        return tuple(capital(words(code)) for code in self.fact.type.codes)


def template(area: str) -> bytes:
    """Return a workbook (.xlsx) to fill in with cases of an area.

    Raises:
        InputError: The area does not exist.
        MissingExtra: The package XlsxWriter, of the extra `excel`, is not installed.
    """
    fields = fields_of(area)  # refuses an area that does not exist
    rules = shipped().area(area)
    writer = Writer.begun(rules.title, f"{rules.title}: a workbook to fill in", _MADE)
    filler = _Filler(writer)
    lists = [_list_sheet(rules, held) for held in fields_with_lists(area).values()]
    sheets = [_sheet(rules, fields), *lists]
    for sheet in sheets:
        filler.add(sheet)
    writer.table("Columns", Listed(_TITLES, list(_explained(sheets)), widest=60))
    filler.end()
    return writer.ended()


# --- What is in it ------------------------------------------------------------------------------


@frozen
class _Sheet:
    """A sheet to fill in."""

    name: str
    title: str
    note: str
    columns: Sequence[Column]


def _sheet(area: Area, fields: Mapping[str, Fact | None]) -> _Sheet:
    """Return the sheet of an area's cases or, if cases have members, of their members."""
    layout, members = layout_for(area), area.members
    title = f"{area.title}: one {layout.one} in each row"
    if members is not None:
        title = f"{area.title}: one row for each of the {members.name}"
    example = _example(area)
    of_members = members.facts if members else {}
    names = sorted(fields, key=lambda name: name not in of_members)  # those of members first
    columns = [
        _column(name, fields, example, once=bool(members) and name not in of_members)
        for name in names
        if name != MEMBERS_KNOWN
    ]
    note = f"Leave a cell empty if the value is not known. {_MORE}"
    columns = [*_references(area, layout.one), *columns]
    return _Sheet(capital(layout.many), title, note, columns)


def _list_sheet(area: Area, held: Records) -> _Sheet:
    """Return the sheet of a field with a list of records."""
    one, name = layout_for(area).one, capital(words(held.name))
    (reference,) = _references(area, one)
    about = f"The reference of the {one}, as on the first sheet."
    columns = [evolve(reference, about=about, empty="The file is refused.")]
    for fact in held.facts.values():
        header = fact.label or capital(words(fact.name))
        empty = f"The {one} is invalid." if fact.required else _NOT_KNOWN
        columns.append(Column(header, fact, fact.about, empty, _made_up(fact)))
    note = f"If a {one} has no row here, {held.name} is not known. {_MORE}"
    return _Sheet(name, f"{name}: {inside(held.about)}", note, columns)


def _references(area: Area, one: str) -> Iterator[Column]:
    own, members = area.document.reference, area.members
    label = own.label if own else capital(REFERENCE)
    if members is None:
        about, empty = f"Your reference of the {one}. The answers show it.", "The row is invalid."
        yield Column(label, None, about, empty, _EXAMPLE)
        return
    about = f"Your reference of the {one}. Rows with the same reference belong together."
    yield Column(label, None, about, "The file is refused.", _EXAMPLE)
    of_member = members.reference.label if members.reference else capital(REFERENCE)
    about, empty = "Your reference of the person.", "The person has no reference."
    yield Column(of_member, None, about, empty, _EXAMPLE)


def _column(
    name: str, fields: Mapping[str, Fact | None], example: Mapping[str, object], *, once: bool
) -> Column:
    fact = fields[name]
    header = (fact and fact.label) or capital(words(name))
    about = fact.about if fact else "Your own text. The answers show it."
    empty = f"{_empty(fact, fields)} {_ONCE}" if once else _empty(fact, fields)
    return Column(header, fact, about, empty, example.get(name))


def _empty(fact: Fact | None, fields: Mapping[str, Fact | None]) -> str:
    """Return what an empty cell means."""
    if fact is None:
        return "There is no such text."
    if fact.default is not None:
        return f"It counts as {_said(fact.default, fact)}."
    holder = fields.get(fact.only_if or "")
    if holder is not None:
        return f"Leave it empty unless {holder.label} is Yes. {_NOT_KNOWN}"
    return _NOT_KNOWN


def _said(value: Any, fact: Fact) -> str:
    return f"{value:,}" if type(value) in (int, Decimal) else say(value, fact.type)


def _example(area: Area) -> dict[str, object]:
    """Return the values of a made-up case. A value that contradicts the others is left out."""
    on = max(_MADE, _as_date(area.facts["on"].min))
    values: dict[str, object] = {}
    for name, fact in area.input_facts.items():
        case = area.spec.case(**values, **{name: _made_up(fact)})
        if not list(problems(area, area.facts_of(case), on)):
            values[name] = _made_up(fact)
    members = area.members.facts if area.members else {}
    return values | {
        name: _made_up(fact) for name, fact in {**members, **nested_columns(area.name)}.items()
    }


def _as_date(value: Any) -> date:
    return value if isinstance(value, date) else _MADE


def _made_up(fact: Fact) -> Any:
    """Return a value that a fact may have."""
    match fact.kind:
        case "bool":
            return True
        case "code":
            return fact.type.codes[0]
        case "time":
            return time(20)
        case "text":
            return "Place A"
    wanted: Any = _MADE if fact.kind == "date" else _NUMBER
    return min(max(wanted, fact.min), fact.max)


_TITLES = ("Column", "What it is", "What is allowed", "If a cell is empty")


def _explained(sheets: Sequence[_Sheet]) -> Iterator[list[Cell]]:
    """Yield a row for each column. Its first cell is never a label alone, so no reader takes it for a header."""
    for sheet in sheets:
        for place, one in enumerate(sheet.columns):
            name = f"{sheet.name}, {_letter(place)}: {one.header}"
            yield [Cell(name), Cell(one.about), Cell(one.allowed), Cell(one.empty)]


def _letter(place: int) -> str:
    """Return the name of a column of a sheet."""
    first, last = divmod(place, 26)
    return (chr(64 + first) if first else "") + chr(65 + last)


# --- Writing it ---------------------------------------------------------------------------------

_NO_ENTRY = {
    "validate": "custom",
    "value": "=FALSE",
    "error_title": "Not read",
    "error_message": "Cases are read from the rows below the headers. Enter them there.",
}


@define
class _Filler:
    """Writes sheets to fill in, and the hidden sheet of the words of their drop-down lists."""

    writer: Writer
    _lists: dict[tuple[str, ...], str] = field(factory=dict)

    def add(self, sheet: _Sheet) -> None:
        """Write a sheet: what to do, the example, the headers, and below them empty cells."""
        made, writer = self.writer.sheet(sheet.name), self.writer
        made.write_string(0, 0, sheet.title, writer.format(bold=True, font_size=14))
        text = (
            f"Fill in the rows below the headers. Row {_HEADER_ROW} is an example, which is not read. "
            f"{sheet.note}"
        )
        made.write_string(1, 0, text, writer.format())
        made.set_row(0, 1.5 * LINE)
        header = writer.format(bold=True, bottom=1, bg_color=HEAD, text_wrap=True)
        for place, one in enumerate(sheet.columns):
            self._column(made, place, one)
            made.write_string(_HEADER_ROW, place, one.header, header)
        titles = [one.header for one in sheet.columns]
        made.set_row(_HEADER_ROW, LINE * lines(titles, [_WIDTH - 2] * len(titles)))
        made.data_validation(0, 0, _HEADER_ROW, len(titles) - 1, _NO_ENTRY)
        made.freeze_panes(_HEADER_ROW + 1, 1)
        made.repeat_rows(_HEADER_ROW)

    def _column(self, made: Any, place: int, one: Column) -> None:
        kind = one.fact.kind if one.fact else "text"
        shown = _FORMATS.get(kind, "@" if kind == "text" else "General")
        made.set_column(place, place, _WIDTH, self.writer.format(num_format=shown))
        grey = self.writer.format(num_format=shown, italic=True, font_color=_GREY, align="left")
        _write(made, _HEADER_ROW - 1, place, one, grey)
        rule = self._rule(one, kind)
        made.data_validation(_HEADER_ROW + 1, place, MOST_ROWS - 1, place, rule)

    def _rule(self, one: Column, kind: str) -> dict[str, Any]:
        """Return the values that the cells of a column accept."""
        refuse = {"error_title": "Not allowed", "error_message": one.allowed}
        if one.words:
            told = {**refuse, "error_message": "Choose a word from the list."}
            return {"validate": "list", "source": self._list(one.words), **told}
        if kind == "text":
            ends: dict[str, Any] = {"minimum": 0, "maximum": LONGEST_TEXT}
            return {"validate": "length", "criteria": "between", **ends, **refuse}
        if kind == "time":
            ends = {"minimum": time(), "maximum": time(23, 59)}
            return {"validate": "time", "criteria": "between", **ends, **refuse}
        assert one.fact is not None  # noqa: S101 (a text otherwise)
        ends = {"minimum": _number(one.fact.min), "maximum": _number(one.fact.max)}
        wanted = "integer" if kind == "int" else kind
        return {"validate": wanted, "criteria": "between", **ends, **refuse}

    def _list(self, some: tuple[str, ...]) -> str:
        """Return where the words of a drop-down list are."""
        column = _letter(len(self._lists))
        return self._lists.setdefault(some, f"=Words!${column}$1:${column}${len(some)}")

    def end(self) -> None:
        """Write the words of the drop-down lists on a hidden sheet, which no reader looks at."""
        sheet = self.writer.book.add_worksheet("Words")
        for place, some in enumerate(self._lists):
            for row, word in enumerate(some):
                sheet.write_string(row, place, word)
        sheet.hide()


def _number(value: Any) -> Any:
    """Return an end of a range as XlsxWriter takes it."""
    return float(value) if isinstance(value, Decimal) else value


def _write(made: Any, row: int, place: int, one: Column, form: Any) -> None:
    """Write the value of the example."""
    match one.example:
        case None:
            made.write_blank(row, place, None, form)
        case bool():
            made.write_string(row, place, "Yes" if one.example else "No", form)
        case date():
            made.write_datetime(row, place, datetime.combine(one.example, time()), form)
        case time():
            made.write_datetime(row, place, one.example, form)
        case str():
            made.write_string(row, place, one.example if not one.words else one.words[0], form)
        case value:
            made.write_number(row, place, _number(value), form)
