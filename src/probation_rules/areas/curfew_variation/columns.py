"""The facts of `prepare` for many cases at once, where all records of a case are good.

The records are read from Arrow without an object for each. A case with anything unusual in its
records is left to `prepare`, one by one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import cast

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]

from probation_rules.areas.curfew_variation.prepare import Week, of_weeks
from probation_rules.areas.curfew_variation.timetable import DAY, DAYS, Span, overlaps
from probation_rules.rulebook.model import Area, Fact, Records
from probation_rules.rulebook.validity import is_text

_DAYS = pa.array(DAYS)
_TIMES = pa.array([f"{hour:02}:{minute:02}" for hour in range(24) for minute in range(60)])
_SECONDS = "^(..:..):00$"


def columns(given: Mapping[str, pa.Array], area: Area) -> tuple[dict[str, pa.Array], pa.Array]:
    """Return the prepared facts by name, and which cases have them."""
    steps, good = _steps(given["steps"], area.records["steps"])
    current, proposed = (
        _weeks(given[name], area.records[name]) for name in ("current", "proposed")
    )
    weeks = list(map(of_weeks, current, proposed))
    facts = {name: pa.array([one[name] for one in weeks]) for name in of_weeks(None, None)}
    known = pa.array([() not in pair for pair in zip(current, proposed, strict=True)], pa.bool_())
    return {**facts, **steps}, pc.and_(good, known)


def _steps(column: pa.Array, held: Records) -> tuple[dict[str, pa.Array], pa.Array]:
    """Return whether each step is done, and the day; and which cases have good steps."""
    read = _Read(len(column))
    facts: dict[str, pa.Array] = {}
    for name, step in read.fields(column, held.records).items():
        found = read.fields(step, held.records[name].facts)
        done = read.values(found["done"], pa.bool_())
        on = read.values(found["on"], pa.date32())
        read.require(_within(on, held.records[name].facts["on"]), on)
        read.require(done, on)
        facts |= {f"{name}_done": done, f"{name}_on": on}
    return facts, read.good


def _weeks(column: pa.Array, held: Records) -> list[Week | None]:
    """Return the timetables: ``None`` if it is not given, an empty one if it may be bad."""
    if not pa.types.is_list(column.type):
        return [None if unknown else () for unknown in column.is_null().to_pylist()]
    periods = column.flatten()
    read = _Read(len(periods))
    found = read.fields(periods, held.facts)
    day, start, place = (
        read.values(found[name], pa.string()) for name in ("day", "start", "place")
    )
    minutes = read.values(found["minutes"], pa.int64())
    read.require(_within(minutes, held.facts["minutes"]))
    texts = [text for text in place.unique().to_pylist() if is_text(text)]
    read.require(pc.is_in(place, pa.array(texts, pa.string())))
    days = pc.index_in(day, _DAYS)
    times = pc.index_in(pc.replace_substring_regex(start, _SECONDS, r"\1"), _TIMES)
    starts = pc.add(pc.multiply(days, DAY), times)
    read.require(starts.is_valid())
    spans = list(map(Span, starts.to_pylist(), minutes.to_pylist(), place.to_pylist()))
    good = read.good.to_pylist()
    weeks: list[Week | None] = []
    end = 0
    for size in pc.list_value_length(column).to_pylist():
        if size is None:
            weeks.append(None)
            continue
        begin, end = end, end + size
        week = tuple(spans[begin:end])
        in_size = held.least <= size <= cast("int", held.most)
        is_good = in_size and all(good[begin:end]) and not any(overlaps(week))
        weeks.append(week if is_good else ())
    return weeks


class _Read:
    """Reads records from Arrow, and notes which are good.

    Attributes:
        good: Whether everything in a record is good so far.
    """

    def __init__(self, size: int) -> None:
        self.good = pa.array([True] * size, pa.bool_())

    def require(self, test: pa.Array, of: pa.Array | None = None) -> None:
        """Note as not good where a test is not true, unless the value that it is of is unknown."""
        test = test.fill_null(pa.scalar(value=False))
        self.good = pc.and_(self.good, test if of is None else pc.or_(test, of.is_null()))

    def fields(self, column: pa.Array, names: Collection[str]) -> dict[str, pa.Array]:
        """Return the fields of records; a missing field is unknown."""
        unknown = pa.nulls(len(column))
        held = {one.name for one in column.type} if pa.types.is_struct(column.type) else None
        if held is None or not held <= set(names):
            self.require(column.is_null())
            held = set()
        return {name: pc.struct_field(column, name) if name in held else unknown for name in names}

    def values(self, column: pa.Array, kind: pa.DataType) -> pa.Array:
        """Return values of a type; those of another type are unknown, and not good."""
        whole = pa.types.is_int64(kind) and pa.types.is_signed_integer(column.type)
        if column.type == kind or whole:
            return column.cast(kind)
        self.require(column.is_null())
        return pa.nulls(len(column), kind)


def _within(values: pa.Array, fact: Fact) -> pa.Array:
    low, high = (pa.scalar(end, values.type) for end in (fact.min, fact.max))
    return pc.and_(pc.greater_equal(values, low), pc.less_equal(values, high))
