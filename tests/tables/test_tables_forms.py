"""The same cases in every form that Arrow has for them, and forms that cannot be read."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import duckdb
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.dataset as pa_dataset  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest

import probation_rules as pr
from probation_rules import readers
from probation_rules.areas import AREAS
from probation_rules.errors import CaseError
from probation_rules.tables.running import readable
from support.caseloads import plain
from support.tabled import ON, arrow, both_ways, made, orders

NUMBER = 40
# Together they have every type of column: those of cases, of members and of records.
EVERY_TYPE = ("unpaid-work", "pod", "curfew-variation")


def base(area: str) -> pa.Table:
    """Made-up cases, without blank ones."""
    cases = [attrs.evolve(one, reference=f"case-{n}") for n, one in enumerate(made(area, NUMBER))]
    if pr.rulebook().area(area).by_code:
        return pa.Table.from_pylist([plain(one) for one in cases])
    return arrow(area, cases)


def changed(table: pa.Table, test: Callable[[pa.DataType], bool], to: pa.DataType) -> pa.Table:
    """The table with columns of some types as another type."""
    for place, field in enumerate(table.schema):
        if test(field.type):
            table = table.set_column(place, field.name, table.column(place).cast(to))
    return table


def encoded(table: pa.Table) -> pa.Table:
    for place, field in enumerate(table.schema):
        if field.type in (pa.string(), pa.date32(), pa.int64()):
            table = table.set_column(place, field.name, table.column(place).dictionary_encode())
    return table


def sliced(table: pa.Table) -> pa.Table:
    """Return the table as a slice of a longer table."""
    return pa.concat_tables([table, table]).combine_chunks().slice(NUMBER)


FORMS: dict[str, Callable[[pa.Table], Any]] = {
    "a slice": sliced,
    "chunks": lambda table: pa.concat_tables([table.slice(0, 7), table.slice(7, 1), table.slice(8)]),
    "dictionaries": encoded,
    "large strings": lambda table: changed(table, pa.types.is_string, pa.large_string()),
    "string views": lambda table: changed(table, pa.types.is_string, pa.string_view()),
    "seconds": lambda table: changed(table, pa.types.is_date, pa.timestamp("s")),
    "milliseconds": lambda table: changed(table, pa.types.is_date, pa.timestamp("ms")),
    "microseconds": lambda table: changed(table, pa.types.is_date, pa.timestamp("us")),
    "nanoseconds": lambda table: changed(table, pa.types.is_date, pa.timestamp("ns")),
    "wide dates": lambda table: changed(table, pa.types.is_date, pa.date64()),
    "decimals": lambda table: changed(table, pa.types.is_integer, pa.decimal128(25, 3)),
    "wide whole numbers": lambda table: changed(table, pa.types.is_integer, pa.decimal128(25, 0)),
    "a reader": lambda table: table.to_reader(),
    "a reader of slices": lambda table: sliced(table).to_reader(max_chunksize=7),
    "a batch": lambda table: (table.combine_chunks().to_batches() or [table])[0],
    "a dataset": pa_dataset.dataset,
}  # fmt: skip


@pytest.mark.parametrize("area", EVERY_TYPE)
def test_every_form_of_a_table_has_the_same_answers(area: str) -> None:
    table = base(area)
    right = pr.check_table(area, table, on=ON, facts=True)
    assert len(right.outcomes) == NUMBER
    for name, form in FORMS.items():
        found = pr.check_table(area, form(table), on=ON, facts=True)
        assert found.outcomes.equals(right.outcomes), name
        assert found.findings.equals(right.findings), name


@pytest.mark.parametrize("area", EVERY_TYPE)
def test_every_form_of_an_empty_table_has_no_rows(area: str) -> None:
    table = base(area)
    for name, form in FORMS.items():
        found = pr.check_table(area, form(table.slice(0, 0)), on=ON)
        assert found.outcomes.num_rows == 0, name
    nothing = pa.table({name: pa.nulls(0) for name in table.column_names})
    assert pr.check_table(area, nothing, on=ON).outcomes.num_rows == 0
    unknown = {**{name: pa.nulls(2) for name in table.column_names}, "reference": ["a", "b"]}
    found = pr.check_table(area, pa.table(unknown), on=ON)
    assert found.outcomes["reference"].to_pylist() == ["a", "b"]


# --- What is converted, and what is not ----------------------------------------------------------


@both_ways
@pytest.mark.usefixtures("small")
def test_a_moment_is_a_date_at_midnight_only() -> None:
    moments = [datetime(2025, 3, 3), datetime(2025, 3, 3, 0, 0, 1), None]  # noqa: DTZ001 (of no zone)
    why = "must be a date from 1990-01-01 to 2100-12-31, as YYYY-MM-DD @ sentence_date"

    for unit in ("s", "ms", "us", "ns"):
        found = pr.check_table(
            "unpaid-work", orders(sentence_date=pa.array(moments, pa.timestamp(unit))), on=ON
        )
        assert found.outcomes["reasons"].to_pylist() == [None, [why], None]


@both_ways
@pytest.mark.usefixtures("small")
def test_an_exact_number_is_a_whole_one_without_a_fraction_only() -> None:
    numbers = pa.array(
        [Decimal("60.000"), Decimal("60.001"), Decimal(10) ** 20], pa.decimal128(28, 3)
    )

    found = pr.check_table("unpaid-work", orders(required_minutes=numbers), on=ON)

    why = "must be a whole number from 1 to 200000 @ required_minutes"
    assert found.outcomes["reasons"].to_pylist() == [None, [why], [why]]


def test_moments_and_numbers_inside_records_are_read_alike() -> None:
    period = {"day": "monday", "start": "19:00", "minutes": Decimal("600.0"), "place": "A"}
    done = {"form": {"done": True, "on": datetime(2026, 1, 5)}}  # noqa: DTZ001 (of no zone)
    late = {"form": {"done": True, "on": datetime(2026, 1, 5, 9)}}  # noqa: DTZ001
    data = pa.Table.from_pylist(
        [
            {"reference": "a", "proposed": [period], "steps": done},
            {"reference": "b", "steps": late},
            {"reference": "c", "proposed": [{**period, "minutes": Decimal("600.5")}]},
        ]
    )

    reasons = pr.check_table("curfew-variation", data, on=ON).outcomes["reasons"].to_pylist()

    assert reasons[0] is None
    assert reasons[1][0].endswith("@ steps.form.on")
    assert reasons[2][0].endswith("@ proposed[0].minutes")


@both_ways
@pytest.mark.usefixtures("small")
def test_text_is_trimmed_of_every_space_and_end_of_line() -> None:
    """So a column of text reads as the cells of a CSV do."""
    around = ["", "\r", "\r\n", "\t", "\u00a0", "\u3000"]
    data = pa.table(
        {
            "reference": [f"{one}EX-1{one}" for one in around],
            "order_type": [f"community_order{one}" for one in around],
            "sentence_date": [f"{one}2025-03-03{one}" for one in around],
            "required_minutes": [f"{one}6000{one}" for one in around],
            "extended": [f"{one}Yes{one}" for one in around],
        }
    )

    table = pr.check_table("unpaid-work", data, on=ON)

    assert table.outcomes["reasons"].to_pylist() == [None] * len(around)
    assert set(table.outcomes["reference"].to_pylist()) == {"EX-1"}
    assert table.duplicates["rows"].to_pylist() == [[1, 2, 3, 4, 5, 6]]


@both_ways
@pytest.mark.usefixtures("small")
def test_a_label_is_a_label_whatever_it_looks_like() -> None:
    whole = pa.table({"reference": pa.array([12, 2**63 - 1]), "extended": [True, True]})
    text = ["12-11-20", "10:05", "0190B5B0-ABCD", "1e5", "007", "1" * 23]
    odd = ["a\u200bb", "a\nb", "x" * 201, "a\u00a0b", "a\u2028b"]
    labels = pa.table({"reference": [*text, *odd], "extended": [True] * (len(text) + len(odd))})

    found = pr.check_table("unpaid-work", labels, on=ON).outcomes

    assert found["reference"].to_pylist() == [*text, *[None] * len(odd)]
    why = (
        "must be text of 1 to 200 characters on one line, without control or other invisible "
        "characters @ reference"
    )
    assert found["reasons"].to_pylist() == [*[None] * len(text), *[[why]] * len(odd)]
    assert pr.check_table("unpaid-work", whole, on=ON).outcomes["reference"].to_pylist() == [
        "12",
        "9223372036854775807",
    ]


@both_ways
@pytest.mark.usefixtures("small")
def test_blank_rows_are_not_cases_and_keep_the_places_of_the_others() -> None:
    data = pa.table({"reference": ["a", None, " ", "b"], "extended": ["yes", None, "\t", None]})

    table = pr.check_table("unpaid-work", data, on=ON)

    assert table.outcomes["reference"].to_pylist() == ["a", "b"]
    assert table.places([1, 2]) == {1: "row 1", 2: "row 4"}
    assert {one["row"] for one in table.findings.to_pylist()} == {1, 2}
    assert table.cases([2])[2].reference == "b"


# --- What cannot be read ---------------------------------------------------------------------------


def refused(data: object, area: str = "unpaid-work") -> list[str]:
    with pytest.raises(CaseError) as caught:
        pr.check_table(area, data, on=ON)
    return str(caught.value).splitlines()


def test_a_column_of_a_type_that_cannot_be_read_is_named() -> None:
    data = orders(extended=[True], ete_minutes=pa.array([1.0], pa.float16()))
    shown = ["this column is of a type that cannot be read: halffloat @ column ete_minutes"]

    assert refused(data) == shown
    assert refused(data.to_reader()) == shown
    assert refused(pa.table({"reference": [1.5], "extended": [True]})) == [
        "the type of this column is double; text is needed @ column reference"
    ]


def test_a_reader_that_stops_says_so() -> None:
    batch = orders(extended=[True]).to_batches()[0]

    def broken() -> Iterator[pa.RecordBatch]:
        yield batch
        raise OSError

    assert refused(pa.RecordBatchReader.from_batches(batch.schema, broken())) == [
        "this reader stopped with an error of its own (OSError); give a table @ data"
    ]


def test_a_relation_that_cannot_be_asked_says_so() -> None:
    closed, failing = duckdb.connect(), duckdb.connect()
    relation = closed.sql("SELECT true AS extended")
    closed.close()

    for one in (relation, failing.sql("SELECT error('secret') AS extended")):
        (shown,) = refused(one)
        assert shown.startswith("DuckDB cannot give the rows of this relation (")
        assert shown.endswith("give its rows as `relation.to_arrow_table()` @ data")
        assert "secret" not in shown


@pytest.mark.parametrize("data", [duckdb.connect(), pa.array([1]), pa.schema([]), {}, None, 3])
def test_other_objects_are_not_tables(data: object) -> None:
    assert refused(data) == [
        "give a file's path, or a table of pyarrow, polars, pandas or DuckDB @ data"
    ]


class Column:
    """As far as a table is looked at, a column of polars, whose type Arrow may not have."""

    def __init__(self, values: list[Any] | None) -> None:
        self.values = values

    def to_arrow(self) -> pa.Array:
        if self.values is None:
            raise pa.ArrowInvalid
        return pa.array(self.values)


def polars_frame(**columns: list[Any] | None) -> Any:
    """A stand-in for a frame of polars, which is not installed with the library."""

    class Frame:
        __module__ = "polars.dataframe.frame"

        def __init__(self) -> None:
            self.columns = list(columns)

        def to_arrow(self) -> pa.Table:
            raise pa.ArrowInvalid

        def get_column(self, name: str) -> Column:
            return Column(columns[name])

    return Frame()


def test_a_column_of_polars_that_arrow_cannot_hold_is_named() -> None:
    assert refused(polars_frame(extended=[True], ete_minutes=None)) == [
        "this column holds values of several types, or of one that no table holds @ column ete_minutes"
    ]
    assert (
        pr.check_table("unpaid-work", polars_frame(extended=[True]), on=ON).outcomes.num_rows == 1
    )


def test_a_lazy_frame_that_fails_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    errors: Any = type("exceptions", (), {"PolarsError": KeyError})
    monkeypatch.setitem(sys.modules, "polars.exceptions", errors)

    def collect(_: object) -> None:
        raise KeyError

    lazy = type("LazyFrame", (), {"__module__": "polars.lazyframe", "collect": collect})()
    assert refused(lazy) == [
        "polars cannot work this lazy frame out (KeyError); give `frame.collect()` @ data"
    ]


def test_a_small_parquet_file_is_read_as_the_table_is(tmp_path: Path) -> None:
    for area in AREAS:
        pq.write_table(base(area), tmp_path / "cases.parquet")
        reading = readers.read(area, tmp_path / "cases.parquet", strict=False)
        table = pr.check_table(area, tmp_path / "cases.parquet", on=ON)
        assert list(reading.tried) == [f"row {number}" for number in range(1, NUMBER + 1)]
        for row, tried in zip(table.outcomes.to_pylist(), reading.tried.values(), strict=True):
            assert getattr(tried.case, "reference", None) == row["reference"]
            assert row["reasons"] is not None or not tried.problems


def test_a_file_that_ends_while_it_is_read_is_refused_in_our_words() -> None:
    with pytest.raises(pr.CaseError, match="a file cannot be read to its end"), readable():
        raise duckdb.IOException
