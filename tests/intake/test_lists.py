"""Values in records: a column for each value of a single record, and a sheet for each list of records."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path
from typing import Any

import pytest

import probation_rules as pr
from probation_rules.areas.curfew_variation.case import (
    CurfewPeriod,
    CurfewSteps,
    CurfewVariation,
    Step,
)
from probation_rules.errors import CaseError
from support.workbooks import xlsx

AREA, ON = "curfew-variation", date(2026, 11, 29)
CASES: list[list[Any]] = [
    ["Reference", "Order type", "Application form: done", "Application form: done on"],
    ["X1", "licence", "Yes", date(2026, 3, 2)],
    ["X2", "bail", None, None],
]
WEEK: list[list[Any]] = [
    ["Reference", "Day", "Start", "Minutes", "Place"],
    ["X1", "Monday", time(19, 0), 720, "home"],
    ["X1", "friday", "20:30", "600", " hostel "],
]


def book(path: Path, *weeks: tuple[str, list[list[Any]]], cases: Any = CASES) -> Path:
    return xlsx(path / "curfews.xlsx", ("Variations", cases), *weeks)


def test_a_sheet_gives_the_records_of_cases(tmp_path: Path) -> None:
    path = book(tmp_path, ("Proposed", WEEK))
    reading = pr.read(AREA, path)
    steps = CurfewSteps(form=Step(done=True, on=date(2026, 3, 2)))
    periods = (
        CurfewPeriod(day="monday", start=time(19), minutes=720, place="home"),
        CurfewPeriod(day="friday", start=time(20, 30), minutes=600, place="hostel"),
    )
    assert reading.cases == (
        CurfewVariation(reference="X1", order_type="licence", steps=steps, proposed=periods),
        CurfewVariation(reference="X2", order_type="bail"),
    )
    assert reading.notes[-1] == "the records of `proposed` are read from sheet 2"
    table = pr.check_table(AREA, path, on=ON)
    assert [table.cases([row])[row] for row in (1, 2)] == list(reading.cases)
    assert "no column `current`: unknown in every row" in table.notes
    assert "no column `proposed`: unknown in every row" not in table.notes


def test_the_columns_of_records_may_have_the_names_of_fields_or_a_mapping(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("reference,steps.form.done\nX1,yes\nX2,maybe\n", encoding="utf-8")
    tried = pr.read(AREA, path, strict=False).tried
    assert tried["row 2"].case == CurfewVariation(
        reference="X1", steps=CurfewSteps(form=Step(done=True))
    )
    assert list(map(str, tried["row 3"].problems)) == [
        "this word is not allowed: it must be true or false @ row 3, column steps.form.done"
    ]
    path.write_text("CRN,Team,Form\nX1,North,Y\nX2,South,N\n", encoding="utf-8")
    mapping = {
        "area": AREA,
        "reference": ["CRN"],
        "keep": ["Team"],
        "columns": {"Form": {"fact": "steps.form.done", "words": {"Y": True, "N": False}}},
    }
    table = pr.check_table(AREA, path, on=ON, mapping=mapping)
    assert table.outcomes["Team"].to_pylist() == ["North", "South"]
    cases = [table.cases([row])[row] for row in (1, 2)]
    assert [one.steps.form.done for one in cases] == [True, False]


def test_a_record_that_cannot_be_read_makes_its_case_invalid(tmp_path: Path) -> None:
    rows = [*WEEK, ["X2", "Someday", "24:00", "long", "home"], ["X2", "monday", "08:00", 30, None]]
    path = book(tmp_path, ("Proposed", rows))
    reasons = [
        "this word is not allowed: it must be one of monday, tuesday, wednesday, thursday, friday, saturday, sunday",
        "`24:00` is not allowed: it must be a time of day from 00:00 to 23:59, as HH:MM",
        "this word is not allowed: it must be a whole number from 1 to 1440",
        "must be given: text of 1 to 200 characters on one line, without control or other invisible characters",
    ]
    places = ("[0].day", "[0].start", "[0].minutes", "[1].place")
    pairs = list(zip(reasons, places, strict=True))
    tried = pr.read(AREA, path, strict=False).tried
    assert tried["row 2"].problems == ()
    assert list(map(str, tried["row 3"].problems)) == [
        f"{text} @ row 3, column proposed{place}" for text, place in pairs
    ]
    table = pr.check_table(AREA, path, on=ON)
    assert table.outcomes["reasons"].to_pylist() == [
        None,
        [f"{text} @ proposed{place}" for text, place in pairs],
    ]


def test_a_row_without_its_case_refuses_the_file(tmp_path: Path) -> None:
    cases = [*CASES, ["X2", "licence", None, None]]
    rows = [*WEEK, [None, "monday", "08:00", 30, "home"], ["X9", "monday", "08:00", 30, "home"]]
    rows += [["X2", "monday", "08:00", 30, "home"]]
    path = book(tmp_path, ("Proposed", rows), cases=cases)
    expected = [
        "the reference is empty; give the reference of the case of this row @ row 4 of sheet 2",
        "no case has the reference of this row; correct it @ row 5 of sheet 2",
        "more than one case has the reference of this row @ row 6 of sheet 2",
    ]
    for ask in (
        lambda: pr.read(AREA, path, strict=False),
        lambda: pr.check_table(AREA, path, on=ON),
    ):
        with pytest.raises(CaseError) as caught:
            ask()
        assert str(caught.value).splitlines() == expected


def test_the_columns_of_a_sheet_of_records_are_checked(tmp_path: Path) -> None:
    rows = [[*row, "x"] for row in WEEK]
    with pytest.raises(CaseError, match=r"two columns are for `minutes`; rename one @ sheet 2"):
        pr.read(AREA, book(tmp_path, ("Current", [[*rows[0][:5], "minutes"], *rows[1:]])))
    rows[0][5] = "Team"
    notes = pr.read(AREA, book(tmp_path, ("Current", rows))).notes
    assert "1 column is not read on sheet 2: no fact has such a name" in notes
    two = [[*row, "y"] for row in rows]
    notes = pr.read(AREA, book(tmp_path, ("Current", two))).notes
    assert "2 columns are not read on sheet 2: no fact has such a name" in notes
    with pytest.raises(CaseError, match="the reference is empty"):
        pr.read(AREA, book(tmp_path, ("Current", [row[1:] for row in WEEK])))


def test_a_sheet_of_records_without_rows_says_nothing_of_cases(tmp_path: Path) -> None:
    for rows in ([], WEEK[:1]):
        cases: Any = pr.read(AREA, book(tmp_path, ("Current", rows))).cases
        assert [one.current for one in cases] == [None, None]
