"""Tables of areas whose facts are worked out by code: read as `case_from` reads a case, row by row.

No statement can say what such code does, so that every row passes through Python, a batch at a time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import attrs
from attrs import define, evolve, field, frozen

from probation_rules.areas import missing_extras
from probation_rules.cases import REFERENCE, Attempt, attempt, attempt_row, cell_value, field_names
from probation_rules.errors import CaseError, Problem
from probation_rules.intake.cells import SPACE
from probation_rules.intake.rows import short
from probation_rules.readers import files
from probation_rules.rulebook.model import Area
from probation_rules.tables.columns import Columns, is_text, quoted
from probation_rules.tables.given import AT, TEXT, WRONG, Given, unread
from probation_rules.tables.source import BATCH, Source, clamped

_GIVEN = "_given_"  # before the name of a field, whose column is as it was given

# DuckDB's names for a time of day, inside a list or record.
_TIME_TYPE = re.compile(r"\bTIME( WITH TIME ZONE|_NS)?(?=[\[\](),]|$)")


@define
class CodedSource(Source):
    """A table of such cases: flat, or with columns that hold records."""

    _given: Given = field(factory=lambda: Given({}), init=False)

    def read(self, data: object) -> None:
        """Make the view `numbered_cases`, with each field as it was given."""
        given = self._given = self.registered(data)
        names = field_names(self.area.name)
        held = {name: given.types.get(self.columns.get(name, name)) for name in names}
        known = (*self.area.said, *self.area.records)
        chosen = [self.reference(given), f"{WRONG if given.is_text else 'NULL'} AS {WRONG}"]
        if given.exact:
            self.own = Columns({}, {}, ())
            chosen.append(TEXT)
        else:
            others = [name for name in names if name not in self.area.said]
            self.own = self.matched(given, others)
            for name, kind in held.items():
                if kind is not None:
                    chosen += self._as_given(name, kind)
        missing = [name for name in known if held[name] is None]
        self.notes = (
            *given.notes,
            *missing_extras(self.area.name),
            *(f"no column `{name}`: unknown in every row" for name in missing),
        )
        self.connection.execute(
            f"CREATE VIEW numbered_cases AS SELECT row_number() OVER () AS _row, {AT}, "
            f"{', '.join(chosen)} FROM given"
        )

    def _as_given(self, name: str, held: str) -> Iterator[str]:
        """Yield the columns of a field: text as it is, a typed fact as a value of its type."""
        fact, raw = self.area.said.get(name), quoted(self.columns.get(name, name))
        if name in self.labels:
            raw = str(self.label_of(self._given, name))
        elif fact is not None and not is_text(held):
            raw = self.own.terms[name]
            if name in self.own.unread:
                yield f"{self.own.unread[name]} AS {quoted(unread(name))}"
            if fact.kind == "date":
                raw = clamped(fact, raw)
        elif fact is None:
            raw = _with_times_as_text(raw, held)
        yield f"{raw} AS {quoted(_GIVEN + name)}"

    def is_small(self, most: int) -> bool:
        """Whether the table holds at most so many cases."""
        ((self.size,),) = self.connection.execute("SELECT count(*) FROM numbered_cases").fetchall()
        return self.size <= most

    def rows(self, which: str = "") -> Iterator[CodedRow]:  # type: ignore[override]
        """Yield rows as read, in the order of the table, a batch at a time.

        Args:
            which: A WHERE clause over `numbered_cases`.
        """
        found = self.connection.sql(f"SELECT * FROM numbered_cases {which}")
        for batch in found.to_arrow_reader(BATCH):
            try:
                rows = batch.to_pylist()
            except (OverflowError, ValueError):
                text = "a date inside a record is beyond the year 9999, or is not a whole day"
                raise CaseError([Problem(text, "the table")]) from None
            for one in rows:
                yield CodedRow(one["_row"], one[REFERENCE], one, self)

    def case(self, one: Mapping[str, Any]) -> Any:
        """Return the case that a row is about.

        Raises:
            CaseError: With every problem of it.
        """
        case: Any = self.tried(one).sound()
        filled = {
            name: value for name, value in self.assumed.items() if getattr(case, name) is None
        }
        return attrs.evolve(case, **filled) if filled else case

    def tried(self, one: Mapping[str, Any], path: str = "$") -> Attempt:
        """Return what could be read of the case that a row is about."""
        if one[WRONG]:
            return Attempt(None, (Problem(one[WRONG][0]),))
        if self._given.exact:
            return attempt(self.area.name, files.value_of(one[TEXT]), path)
        said = {
            name.removeprefix(_GIVEN): value
            for name, value in one.items()
            if name.startswith(_GIVEN) and value is not None
        }
        if self._given.is_text:
            return attempt_row(self.area.name, said, path)
        known = {name: self._value(name, value) for name, value in said.items()}
        tried = attempt(self.area.name, known, path)
        bad = [name for name in self.own.unread if one.get(unread(name))]
        allowed = (
            Problem(f"must be {self.area.said[name].allowed}", f"{path}.{name}") for name in bad
        )
        return evolve(tried, problems=(*tried.problems, *allowed))

    def _value(self, name: str, value: Any) -> object:
        """Return what a column holds: of a text, what it says as a cell of a CSV."""
        if isinstance(value, str) and name in self.area.said:
            text = value.strip(SPACE)
            return cell_value(self.area.said[name], text) if text else None
        return plain(value)


def plain(value: Any) -> Any:
    """Return a value of Arrow as `case_from` takes it: a moment at midnight is a date."""
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, datetime) and value.tzinfo is None and value.time() == time():
        return value.date()
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return int(value)
    return value


def _with_times_as_text(term: str, held: str) -> str:
    """Return the SQL of records, their times as text: Arrow gives 24:00 to Python as 00:00 of the same day."""
    text = _TIME_TYPE.sub("VARCHAR", held)
    return term if text == held else f"CAST({term} AS {text})"


@frozen
class CodedRow:
    """One row as it is in the table."""

    number: int
    reference: str | None
    given: Mapping[str, Any]
    source: CodedSource

    def case(self, _: Area) -> Any:
        """Return the case that the row is about."""
        return self.source.case(self.given)

    def attempt(self, _: Area, place: str) -> Attempt:
        """Return what could be read of the case, whose row is at a place in a file."""
        return self.source.tried(self.given, f"{place}, $")

    def reasons(self, _area: Area, _on: date, error: CaseError) -> list[str]:
        """Return why the case was refused, a line for each problem."""
        return short(error.problems, "$")
