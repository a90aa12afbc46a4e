"""Tables of areas whose facts are worked out by code: read as `case_from` reads a case, row by row.

No statement can say what such code does, so that every row passes through Python, a batch at a time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import attrs
import duckdb
from attrs import define, field, frozen

from probation_rules.areas import missing_extras
from probation_rules.cases import case_from, field_names, value_from_cell
from probation_rules.errors import CaseError, Problem
from probation_rules.rulebook.model import Area
from probation_rules.tables.columns import match, quoted
from probation_rules.tables.forms import register
from probation_rules.tables.source import BATCH, clamped

# DuckDB's names for a time of day, as the type of a column or inside a list or record.
_TIME_TYPE = re.compile(r"\bTIME( WITH TIME ZONE|_NS)?(?=[\[\](),]|$)")


@define
class CodedSource:
    """A table of such cases: flat, or with columns that hold records.

    Attributes:
        columns: For fields whose column has another name, that name.
        assumed: Values that fill an unknown.
        notes: What to know about the table as a whole.
        size: How many rows it has.
    """

    area: Area
    connection: duckdb.DuckDBPyConnection
    columns: Mapping[str, str]
    assumed: Mapping[str, Any]
    notes: tuple[str, ...] = field(default=(), init=False)
    size: int = field(default=0, init=False)
    _types: Mapping[str, str] = field(factory=dict, init=False)

    def read(self, data: object) -> None:
        """Make the view `numbered_cases`, with the columns under the names of fields."""
        found = register(self.connection, "source", data)
        names = field_names(self.area.name)
        others = [name for name in names if name not in self.area.said]
        match(self.area.said, found, self.columns, others, "the table")
        sources = {name: self.columns.get(name, name) for name in names}
        self._types = {name: found[one] for name, one in sources.items() if one in found}
        self.notes = (
            *missing_extras(self.area.name),
            *(
                f"no column `{name}`: unknown in every row"
                for name in names
                if name not in self._types and name in (*self.area.said, *self.area.records)
            ),
        )
        chosen = [
            clamped(self.area.said[name], name, sources[name])
            if held == "DATE" and name in self.area.said
            else f"{_with_times_as_text(sources[name], held)} AS {quoted(name)}"
            for name, held in self._types.items()
        ]
        if "reference" not in self._types:
            chosen.append("NULL AS reference")
        self.connection.execute(
            f"CREATE VIEW numbered_cases AS SELECT row_number() OVER () AS _row, {', '.join(chosen)} "
            "FROM source"
        )

    def is_small(self, most: int) -> bool:
        """Whether the table holds at most so many cases."""
        ((self.size,),) = self.connection.execute("SELECT count(*) FROM numbered_cases").fetchall()
        return self.size <= most

    def require_sound(self, on: date, *, small: bool) -> None:
        """Refuse nothing: there is no more than a row a case."""

    def rows(self, which: str = "") -> Iterator[CodedRow]:
        """Yield rows as read, in the order of the table, a batch at a time.

        Args:
            which: A WHERE clause over `numbered_cases`.
        """
        found = self.connection.sql(f"SELECT * FROM numbered_cases {which}")
        for batch in found.to_arrow_reader(BATCH):
            try:
                found = batch.to_pylist()
            except (OverflowError, ValueError):
                text = "a date inside a record is beyond the year 9999"
                raise CaseError([Problem(text, "the table")]) from None
            for one in found:
                yield CodedRow(one.pop("_row"), one, self)

    def case(self, said: Mapping[str, Any]) -> Any:
        """Return the case that a row is about.

        Raises:
            CaseError: With every problem of it.
        """
        problems: list[Problem] = []
        known: dict[str, object] = {}
        for name, value in said.items():
            try:
                known[name] = self._value(name, value)
            except ValueError as wrong:
                problems.append(Problem(str(wrong), f"$.{name}"))
        case: Any
        try:
            case = case_from(self.area.name, known)
        except CaseError as error:
            raise CaseError([*problems, *error.problems]) from None
        if problems:
            raise CaseError(problems)
        filled = {name: one for name, one in self.assumed.items() if getattr(case, name) is None}
        return attrs.evolve(case, **filled) if filled else case

    def _value(self, name: str, value: object) -> object:
        """Return what a column holds: of a text, what it says as a cell of a CSV."""
        if isinstance(value, str) and self._types.get(name) == "JSON":
            value = json.loads(value, parse_float=Decimal)
        if not isinstance(value, str):
            return value
        text = value.strip() or None
        return (
            value_from_cell(self.area.said[name], text) if text and name in self.area.said else text
        )


def _with_times_as_text(column: str, held: str) -> str:
    """Return a column, its times as text: Arrow gives 24:00 to Python as 00:00 of the same day."""
    text = _TIME_TYPE.sub("VARCHAR", held)
    return quoted(column) if text == held else f"CAST({quoted(column)} AS {text})"


@frozen
class CodedRow:
    """One row as it stands in the table."""

    number: int
    said: Mapping[str, Any]
    source: CodedSource

    @property
    def reference(self) -> str | None:
        """The caller's own label, as text."""
        found = self.said["reference"]
        return None if found is None else str(found)

    def case(self, _: Area) -> Any:
        """Return the case that the row is about."""
        return self.source.case(self.said)

    def reasons(self, _area: Area, _on: date, error: CaseError) -> list[str]:
        """Return why the case was refused, a line for each problem."""
        return [
            f"{one.text.splitlines()[0]} @ {one.path.removeprefix('$.')}" for one in error.problems
        ]
