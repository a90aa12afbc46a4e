"""Areas that prepare facts: these become columns, and the statement answers any number of rows."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, time
from pathlib import Path
from random import Random
from typing import Any

import attrs
import duckdb
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest

import probation_rules as pr
from probation_rules.areas.appointments import business_days
from probation_rules.areas.appointments.business_days import days_to
from probation_rules.errors import CaseError, InputError
from probation_rules.tables import prepared
from probation_rules.tables import table as tables
from probation_rules.tables.prepared import AT_ONCE, BATCH
from support.generate import case_of
from support.tabled import arrow, both_ways

ON = date(2026, 11, 21)
AREAS = [name for name in pr.rulebook().areas if pr.rulebook().area(name).by_code]


def made(area: str, number: int = 60) -> list[Any]:
    random = Random(7)
    cases = [case_of(random, pr.rulebook().area(area), unknown=0.2) for _ in range(number)]
    return [attrs.evolve(case, reference=f"case-{place}") for place, case in enumerate(cases)]


def plain(case: Any) -> dict[str, Any]:
    """Return the case as in JSON."""

    def stated(value: Any) -> Any:
        if isinstance(value, time):
            return value.strftime("%H:%M")
        if isinstance(value, date):
            return value.isoformat()
        return value

    return attrs.asdict(case, value_serializer=lambda *args: stated(args[2]))


def as_lines(cases: list[Any], folder: Path) -> Path:
    path = folder / "cases.jsonl"
    path.write_text("".join(json.dumps(plain(one)) + "\n" for one in cases), encoding="utf-8")
    return path


def as_parquet(cases: list[Any], folder: Path) -> Path:
    pq.write_table(pa.Table.from_pylist([attrs.asdict(one) for one in cases]), folder / "c.parquet")
    return folder / "c.parquet"


FORMS: dict[str, Callable[[list[Any], Path], Any]] = {"lines": as_lines, "parquet": as_parquet}


@both_ways
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("area", AREAS)
@pytest.mark.usefixtures("small")
def test_a_table_is_answered_as_its_cases_are(area: str, form: str, tmp_path: Path) -> None:
    cases = made(area)

    table = pr.check_table(area, FORMS[form](cases, tmp_path), on=ON)

    findings = {(one["row"], one["rule"]): one for one in table.findings.to_pylist()}
    judged = 0
    for number, (case, row) in enumerate(zip(cases, table.outcomes.to_pylist(), strict=True), 1):
        assert row["reference"] == case.reference
        try:
            report = pr.check(case, on=ON)
        except CaseError:
            assert row["reasons"]
            assert row[next(iter(pr.rulebook().area(area).wordings))] == "invalid"
            continue
        judged += 1
        assert row["reasons"] is None
        for one in report.findings:
            assert row[one.rule] == one.outcome.value
            found = findings.get((number, one.rule))
            assert (found is not None) == (one.outcome.value in ("not_met", "cannot_tell"))
            assert found is None or tuple(found["needs"]) == one.needs
    assert judged > len(cases) / 10
    rules = pr.rulebook().area(area).wordings
    assert sum(table.summary["cases"].to_pylist()) == len(cases) * len(rules)


def test_more_rows_than_a_batch_are_answered_in_order(tmp_path: Path) -> None:
    number = AT_ONCE * BATCH + 1
    names = [f"p-{place}" for place in range(number)]
    shown: list[float] = []
    data = pa.table({"reference": names, "sentence_date": [date(2026, 9, 1)] * number})

    table = pr.check_table("appointments", data, on=ON, facts=True, progress=shown.append)

    assert table.outcomes["reference"].to_pylist() == names
    assert set(table.outcomes["sentence_business_days"].to_pylist()) == {None}
    table.write(tmp_path / "out.parquet")
    assert pq.read_table(tmp_path / "out.parquet").num_rows == number
    assert 0 < shown[0] < 1
    assert shown[-1] == 1


@both_ways
@pytest.mark.usefixtures("small")
def test_cells_are_read_and_bad_ones_make_their_row_invalid(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text(
        "reference;sentence_date;recorded_to;first_appointment_held;rosh\n"
        "a;2026-09-01;2026-11-20;no;high\nb;01/09/2026;;No;HIGH\nc;;;perhaps;\n",
        encoding="utf-8",
    )

    table = pr.check_table("appointments", tmp_path / "people.csv", on=ON, facts=True)

    rows = table.outcomes.to_pylist()
    assert rows[0]["reasons"] is None
    assert rows[0]["sentence_business_days"] == 58
    second, third = (row["reasons"] for row in rows[1:])
    assert second[0].endswith("@ sentence_date")
    assert second[-1].endswith("@ rosh")
    assert third[-1].endswith("@ first_appointment_held")
    assert "no column `plan_completed`: unknown in every row" in table.notes
    assert not any("reference" in note for note in table.notes)


def test_a_timetable_that_is_none_is_said_of_its_row(tmp_path: Path) -> None:
    lines = [
        {
            "reference": "a",
            "proposed": [{"day": "monday", "start": "19:00", "minutes": 600, "place": "A"}],
        },
        {
            "reference": "b",
            "proposed": [{"day": "moonday", "start": "19:00", "minutes": 600, "place": "A"}],
        },
        {"reference": "c", "proposed": "every night"},
        {"reference": "d", "proposed": None},
    ]
    path = tmp_path / "curfews.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in lines), encoding="utf-8")

    found = pr.check_table("curfew-variation", path, on=ON).outcomes

    assert found["reference"].to_pylist() == ["a", "b", "c", "d"]
    first, (*_, second), (*_, third), fourth = found["reasons"].to_pylist()
    assert first is None
    assert second.endswith("@ proposed[0].day")
    assert third.endswith("@ proposed")
    assert fourth is None


@pytest.mark.parametrize("start", ["24:00", "24:00:00"])
def test_24_00_is_not_the_first_minute_of_the_day(tmp_path: Path, start: str) -> None:
    period = {"day": "monday", "start": start, "minutes": 60, "place": "A"}
    path = tmp_path / "curfews.jsonl"
    good = {**period, "start": "23:59"}
    path.write_text(
        "".join(json.dumps({"current": [one]}) + "\n" for one in (period, good)), encoding="utf-8"
    )

    (bad,), fine = pr.check_table("curfew-variation", path, on=ON).outcomes["reasons"].to_pylist()

    assert bad.startswith(f"`{start}` is not allowed: it must be a time of day from 00:00 to 23:59")
    assert bad.endswith("@ current[0].start")
    assert fine is None


@pytest.mark.parametrize(
    ("kind", "day"),
    [
        (pa.time32("s"), 86_400),
        (pa.time32("ms"), 86_400_000),
        (pa.time64("us"), 86_400_000_000),
        (pa.time64("ns"), 86_400_000_000_000),
    ],
    ids=str,
)
def test_typed_times_are_read_to_the_minute_or_refused(kind: pa.DataType, day: int) -> None:
    whole = pa.int32() if kind.bit_width == 32 else pa.int64()
    starts = pa.array([day, day - day // 1440, day // 2880], whole).cast(kind)
    period = pa.StructArray.from_arrays(
        [pa.array(["monday"] * 3), starts, pa.array([60] * 3), pa.array(["A"] * 3)],
        ["day", "start", "minutes", "place"],
    )
    weeks = pa.ListArray.from_arrays(pa.array([0, 1, 2, 3], pa.int32()), period)

    found = pr.check_table("curfew-variation", pa.table({"current": weeks}), on=ON).outcomes

    (midnight,), last_minute, (half_a_minute,) = found["reasons"].to_pylist()
    assert midnight.startswith("`24:00:00` is not allowed")
    assert last_minute is None
    assert half_a_minute.startswith("`00:00:30` is not allowed")


def test_a_time_with_a_zone_is_refused_and_not_cut(tmp_path: Path) -> None:
    path = tmp_path / "weeks.parquet"
    start = "{'day': 'monday', 'start': TIMETZ '19:00:00+05', 'minutes': 60, 'place': 'A'}"
    duckdb.execute(f"COPY (SELECT [{start}] AS current) TO '{path}'")

    ((why,),) = pr.check_table("curfew-variation", path, on=ON).outcomes["reasons"].to_pylist()

    assert why.startswith("this text is not allowed: it must be a time of day")


def test_a_region_s_list_is_looked_up() -> None:
    demo = Path(pr.__file__).parent / "demo" / "example-region.toml"
    book = pr.rulebook().extended_with(demo)
    (one,) = book.area("framework").sections[:1]
    activity = next(iter(one.content.activities))
    data = pa.table(
        {"decided_on": [date(2026, 11, 2)], "activity": [activity], "treatment": ["pause"]}
    )

    found = pr.check_table("framework", data, on=ON, rulebook=book, facts=True).outcomes

    assert found["on_list"].to_pylist() == [True]
    assert pr.check_table("framework", data, on=ON, facts=True).outcomes["on_list"].to_pylist() == [
        None
    ]


def test_assumptions_fill_what_rows_leave_unknown() -> None:
    data = pa.table({"sentence_date": [date(2026, 9, 1), None], "CRN": ["a", "b"]})

    found = pr.check_table(
        "appointments", data, on=ON, columns={"reference": "CRN"}, facts=True,
        assuming={"recorded_to": date(2026, 11, 20), "sentence_date": date(2026, 9, 2)},
    ).outcomes  # fmt: skip

    assert found["reference"].to_pylist() == ["a", "b"]
    assert found["sentence_business_days"].to_pylist() == [58, 57]


def test_dates_out_of_reach_are_bad_input_and_no_crash() -> None:
    far = pa.array([4_000_000], pa.int32()).cast(pa.date32())  # beyond the year 9999
    record = pa.StructArray.from_arrays([pa.array([True]), far], ["done", "on"])
    steps = pa.StructArray.from_arrays([record], ["form"])

    found = pr.check_table("appointments", pa.table({"sentence_date": far}), on=ON).outcomes
    assert found["reasons"].to_pylist()[0][0].endswith("@ sentence_date")
    found = pr.check_table("curfew-variation", pa.table({"steps": steps}), on=ON).outcomes
    why = "a date in it is beyond the year 9999, or is not a whole day @ steps"
    assert found["reasons"].to_pylist() == [[why]]


def test_columns_of_a_wrong_type_are_refused_with_their_name() -> None:
    with pytest.raises(CaseError) as caught:
        pr.check_table("appointments", pa.table({"rosh": [3], "sentence_typ": ["x"]}), on=ON)

    assert [str(one) for one in caught.value.problems] == [
        "unknown column; did you mean `sentence_type`? @ column sentence_typ",
        "the type of this column is bigint; text is needed @ column rosh",
    ]


def test_many_and_few_rows_have_the_same_answers(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = as_lines(made("curfew-variation"), tmp_path)
    few = pr.check_table("curfew-variation", path, on=ON, facts=True)
    monkeypatch.setattr(tables, "FEW_ROWS", -1)
    many = pr.check_table("curfew-variation", path, on=ON, facts=True)

    assert many.outcomes.equals(few.outcomes)
    assert many.findings.equals(few.findings)
    assert many.duplicates.num_rows == 0


@pytest.mark.parametrize("area", AREAS)
def test_the_statement_over_a_written_table_gives_the_same(area: str, tmp_path: Path) -> None:
    cases = made(area, 40)
    data = as_lines(cases, tmp_path)
    bad = {"reference": "bad", **({"current": 3} if area == "curfew-variation" else {"unit": 3})}
    bad = {"reference": "bad", "rosh": "HIGH"} if area == "appointments" else bad
    with data.open("a", encoding="utf-8") as file:
        file.write(json.dumps(bad) + "\n")
    table = pr.check_table(area, data, on=ON)
    path = tmp_path / "cases.parquet"

    table.write_prepared(path)

    with duckdb.connect() as connection:
        connection.read_parquet(str(path)).create_view("cases")
        text = pr.sql(area, on=ON, dialect="duckdb")
        rows = connection.sql(text).to_arrow_table().to_pylist()
    assert "-- Prepared columns: " in text
    outcomes = table.outcomes.to_pylist()
    assert outcomes[-1]["reasons"]
    for row, one in zip(rows, outcomes, strict=True):
        assert row["reference"] == one["reference"]
        assert row["reasons"] == one["reasons"]
        for rule in pr.rulebook().area(area).wordings:
            assert row[rule.replace(".", "_").replace("-", "_")] == one[rule]


def test_a_written_table_has_what_was_assumed(tmp_path: Path) -> None:
    data = pa.table({"sentence_date": [date(2026, 9, 1)], "rosh": ["high"]})
    assumed = {"recorded_to": date(2026, 11, 20), "first_appointment_mode": "video"}
    table = pr.check_table("appointments", data, on=ON, assuming=assumed)

    table.write_prepared(tmp_path / "cases.parquet")

    (row,) = pq.read_table(tmp_path / "cases.parquet").to_pylist()
    assert row["recorded_to"] == date(2026, 11, 20)
    assert row["first_appointment_mode"] == "video"
    assert row["sentence_business_days"] == 58
    assert row["problem"] is None


def test_an_area_that_prepares_nothing_by_code_needs_no_written_table(tmp_path: Path) -> None:
    table = pr.check_table("unpaid-work", pa.table({"reference": ["a"]}), on=ON)

    with pytest.raises(InputError, match="needs no prepared facts: give it your own table"):
        table.write_prepared(tmp_path / "cases.parquet")


@both_ways
@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("area", AREAS)
def test_a_table_without_rows_has_no_answers(area: str) -> None:
    data = pa.table({"reference": pa.array([], pa.string())})

    assert pr.check_table(area, data, on=ON).outcomes.num_rows == 0


@both_ways
@pytest.mark.usefixtures("small")
def test_all_that_is_wrong_with_records_is_told_together(tmp_path: Path) -> None:
    night = {"day": "monday", "start": "19:00", "minutes": 600, "place": "A"}
    line = {
        "order_made_on": "2027-01-01",
        "current": [night, night],
        "proposed": "every night",
        "steps": {"form": {"done": False, "on": "2026-01-05"}},
    }
    path = tmp_path / "one.jsonl"
    path.write_text(json.dumps(line), encoding="utf-8")

    (why,) = pr.check_table("curfew-variation", path, on=ON).outcomes["reasons"].to_pylist()

    assert why == [
        "must be a list of 1 to 100 @ proposed",
        "is given, so `done` must be true @ steps.form.on",
        "this period overlaps current[0] @ current[1]",
        "the order was made after the day asked about @ order_made_on",
    ]


@both_ways
@pytest.mark.usefixtures("small")
def test_a_bad_step_date_is_told_of_a_case_whose_periods_overlap(tmp_path: Path) -> None:
    night = {"day": "monday", "start": "19:00", "minutes": 600, "place": "A"}
    line = {
        "order_made_on": "2026-06-01",
        "current": [night, night],
        "steps": {"form": {"done": True, "on": "2026-05-01"}},
    }
    path = tmp_path / "one.jsonl"
    path.write_text(json.dumps(line), encoding="utf-8")

    (why,) = pr.check_table("curfew-variation", path, on=ON).outcomes["reasons"].to_pylist()

    assert why == [
        "this period overlaps current[0] @ current[1]",
        "this step is dated before the order was made, or after the day asked about @ steps.form.on",
    ]


def test_without_the_calendar_business_days_are_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(business_days, "bank_holidays", lambda _: None)
    days_to.cache_clear()
    days = [date(2026, 9, 1)]
    data = pa.table({"sentence_date": days, "recorded_to": days})

    found = pr.check_table("appointments", data, on=ON, facts=True).outcomes

    assert found["sentence_business_days"].to_pylist() == [None]
    days_to.cache_clear()


def test_more_kinds_of_case_than_are_remembered_have_the_same_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cases = made("framework")
    data = arrow("framework", cases)
    whole = pr.check_table("framework", data, on=ON, facts=True).outcomes
    monkeypatch.setattr(prepared, "MOST_SEEN", 2)

    assert pr.check_table("framework", data, on=ON, facts=True).outcomes.equals(whole)
