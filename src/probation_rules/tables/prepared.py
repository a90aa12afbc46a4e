"""The facts that an area prepares, as columns of the table of cases.

The rows are read in batches of Arrow, and each batch gets its prepared facts. DuckDB keeps the rows
within its memory limit, and writes more to disk.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time
from decimal import Decimal
from itertools import count, islice
from typing import Any

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]
from attrs import field, frozen

from probation_rules.cases import records_from, short
from probation_rules.rulebook.model import Area
from probation_rules.rulebook.validity import faults_of_records, problems_of_records
from probation_rules.tables.columns import quoted
from probation_rules.tables.given import OF_RECORDS
from probation_rules.tables.running import Progress
from probation_rules.tables.text import type_of

BATCH = 2_000  # rows that are objects of Python at once
AT_ONCE = 10  # batches that are given to DuckDB at once
MOST_SEEN = 50_000  # different cases whose prepared facts are remembered
# DuckDB's names for a time of day, inside a list or record.
_TIME_TYPE = re.compile(r"\bTIME( WITH TIME ZONE|_NS)?(?=[\[\](),]|$)")
_Facts = tuple[Any, ...]
_TEXTS = pa.list_(pa.string())
SOUND = "_sound"  # whether each record of a case is good by itself
UNREADABLE = object()
FAR = "a date in it is beyond the year 9999, or is not a whole day"


def prepare(
    connection: duckdb.DuckDBPyConnection,
    area: Area,
    assumed: Mapping[str, Any],
    progress: Progress | None,
) -> None:
    """Add the prepared facts of every case to the views `cases` and `numbered_cases`.

    The table `prepared` has a row for each row of `read_cases`, in the same order.
    """
    ((size,),) = connection.execute("SELECT count(*) FROM read_cases").fetchall()
    preparer, done = Preparer(area, assumed), 0
    schema = pa.schema([(OF_RECORDS, _TEXTS), (SOUND, pa.bool_())])
    for name, fact in area.by_code.items():
        schema = schema.append(pa.field(name, type_of(fact)))
    held = connection.table("read_cases")
    needed = [name for name in area.prepared_from if name in held.columns]
    batches = held.project(", ".join(map(quoted, (*needed, OF_RECORDS)))).to_arrow_reader(BATCH)
    # A connection runs one query at a time: another one writes what this one reads.
    with connection.cursor() as writer:
        writer.register("some_rows", schema.empty_table())
        writer.execute("CREATE TABLE prepared AS SELECT * FROM some_rows")
        while some := list(islice(map(preparer, batches), AT_ONCE)):
            writer.register("some_rows", pa.Table.from_batches(some, schema))
            writer.execute("INSERT INTO prepared SELECT * FROM some_rows")
            done += sum(batch.num_rows for batch in some)
            if progress is not None:
                progress(done / size)
    # Bad records are unknown: Python cannot read all of them.
    records = [
        f"CASE WHEN {SOUND} THEN {quoted(name)} END AS {quoted(name)}" for name in area.records
    ]
    chosen = f"read_cases.* EXCLUDE ({', '.join([OF_RECORDS, *map(quoted, area.records)])})"
    chosen = ", ".join([chosen, *records, "prepared.*"])
    query = f"SELECT {chosen} FROM read_cases POSITIONAL JOIN prepared"
    connection.execute(f"CREATE VIEW cases AS {query}")
    connection.execute(f"CREATE VIEW numbered_cases AS {query}")


def with_times_as_text(term: str, held: str) -> str:
    """Return the SQL of records with their times as text: Arrow would give 24:00 as 00:00."""
    text = _TIME_TYPE.sub("VARCHAR", held)
    return term if text == held else f"CAST({term} AS {text})"


@frozen
class Preparer:
    """Adds the prepared facts of an area to a batch of its cases.

    Attributes:
        area: The area.
        assumed: Values that fill an unknown.
    """

    area: Area
    assumed: Mapping[str, Any]
    _seen: dict[_Facts, _Facts] = field(factory=dict, init=False)

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return the prepared facts of a batch of cases, with what is wrong with their records."""
        spec, size = self.area.spec, batch.num_rows
        given = {name: self._given(batch, name) for name in self.area.prepared_from}
        if spec.columns is None:
            return self._by_row(given, batch.column(OF_RECORDS))
        facts, done = spec.load(spec.columns)(given, self.area)
        read = batch.column(OF_RECORDS).is_null()
        done = read if done is None else pc.and_(read, done)
        found = self._batch([None] * size, [True] * size, facts)
        if pc.all(done).as_py():
            return found
        left = pc.invert(done)
        others = {name: column.filter(left) for name, column in given.items()}
        by_row = self._by_row(others, batch.column(OF_RECORDS).filter(left))
        after = count(size)
        order = [place if one else next(after) for place, one in enumerate(done.to_pylist())]
        return pa.concat_batches([found, by_row]).take(pa.array(order))

    def _by_row(self, given: Mapping[str, pa.Array], before: pa.Array) -> pa.RecordBatch:
        """Return the same for cases that are prepared one by one.

        Args:
            given: The fields that `prepare` reads.
            before: Why records could not be read from a file.
        """
        rows: Iterable[_Facts] = zip(*map(_values, given.values()), strict=True)
        wrong: Sequence[list[str] | None] = [None] * len(before)
        sound: Sequence[bool] = [True] * len(before)
        if self.area.records:
            pairs = map(self._of_records, rows, before.to_pylist())
            wrong, sound, rows = zip(*pairs, strict=True)
        else:
            rows = map(self._of_fields, rows)
        found = zip(self.area.by_code, zip(*rows, strict=True), strict=True)
        return self._batch(wrong, sound, dict(found))

    def _batch(
        self,
        wrong: Sequence[list[str] | None],
        sound: Sequence[bool],
        facts: Mapping[str, Any],
    ) -> pa.RecordBatch:
        columns = [pa.array(wrong, _TEXTS), pa.array(sound, pa.bool_())]
        by_code = self.area.by_code
        columns += [pa.array(facts[name], type_of(fact)) for name, fact in by_code.items()]
        return pa.RecordBatch.from_arrays(columns, [OF_RECORDS, SOUND, *by_code])

    def _of_fields(self, values: _Facts) -> _Facts:
        """Return the prepared facts of a case without records: many cases have the same ones."""
        found = self._seen.get(values)
        if found is None:
            if len(self._seen) == MOST_SEEN:
                self._seen.clear()
            found = self._seen[values] = self._prepared(values, {})
        return found

    def _of_records(
        self, values: _Facts, before: list[str] | None
    ) -> tuple[list[str] | None, bool, _Facts]:
        """Return what is wrong with the records of a case, and its prepared facts.

        Args:
            values: The fields that `prepare` reads.
            before: Why records could not be read from a file.
        """
        area = self.area
        said = dict(zip(area.prepared_from, values, strict=True))
        far = [name for name in area.records if said[name] is UNREADABLE]
        known = {name: None if name in far else said[name] for name in area.records}
        records, unread = records_from(area.name, known)
        wrong = [*(before or ()), *unread, *(f"{FAR} @ {name}" for name in far)]
        case = area.spec.case(**records)
        sound = not wrong and not any(faults_of_records(area.records, case, "$"))
        wrong += short(problems_of_records(area, case), "$")
        facts = self._prepared(values, records) if sound else (None,) * len(area.by_code)
        return wrong or None, sound, facts

    def _prepared(self, values: _Facts, records: Mapping[str, Any]) -> _Facts:
        area = self.area
        said = dict(zip(area.prepared_from, values, strict=True))
        assert area.spec.prepare is not None  # noqa: S101 (made for areas that prepare facts)
        facts = area.spec.prepare(area.spec.case(**{**said, **records}), area)
        return tuple(map(facts.get, area.by_code))

    def _given(self, batch: pa.RecordBatch, name: str) -> pa.Array:
        """Return a column as `prepare` takes it, with assumptions filled in.

        It is unknown where the table does not have it. A day that is not allowed is unknown too:
        its row is invalid whatever is prepared from it.
        """
        if name not in batch.schema.names:
            return pa.nulls(batch.num_rows)
        column, fact = batch.column(name), self.area.input_facts.get(name)
        if fact is not None and fact.kind == "date":
            low, high = (pa.scalar(end, pa.date32()) for end in (fact.min, fact.max))
            allowed = pc.and_(pc.greater_equal(column, low), pc.less_equal(column, high))
            column = pc.if_else(allowed, column, pa.scalar(None, column.type))
        return (
            column if self.assumed.get(name) is None else pc.fill_null(column, self.assumed[name])
        )


def _values(column: pa.Array) -> list[Any]:
    """Return the values of a column as `case_from` takes them."""
    if not pa.types.is_nested(column.type):
        found: list[Any] = column.to_pylist()
        return found
    try:
        return list(map(plain, column.to_pylist()))
    except (OverflowError, ValueError):
        return [_value(one) for one in column]


def _value(one: pa.Scalar) -> Any:
    try:
        return plain(one.as_py())
    except (OverflowError, ValueError):
        return UNREADABLE


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
