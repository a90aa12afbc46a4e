"""A mapping reads each cell or gives the reason; a bad mapping is refused with every problem at once."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest

import probation_rules as pr
from probation_rules import readers
from probation_rules.areas.pod.case import Pod, PodMember
from probation_rules.areas.unpaid_work.case import UnpaidWorkOrder
from probation_rules.errors import CaseError, InputError
from probation_rules.intake import mapped
from probation_rules.intake.mapping import mapping_from
from support import workbooks

ON = date(2026, 11, 29)
HOURS = {"fact": "required_minutes", "unit": "hour"}
DAYS_FIRST = {"fact": "sentence_date", "form": "dd/mm/yyyy"}
NO_UNIT = "the number has no unit: give `unit` in the mapping (hour or minute)"
PARTS = (
    "must come to whole minutes: correct it, or give `round` in the mapping (nearest, down or up)"
)
NO_AMOUNT = "must be a number, or hours and minutes such as 120:30 or 120h 30m"
NO_DATE = "must be a date, such as 23/06/2026, 23 June 2026 or 2026-06-23"
MIXTURE = (
    "some dates cannot be dd/mm/yyyy, but have day and month the other way round: "
    "a mixture is not read; correct the file"
)
SWAPPED = (
    "every real date has a day up to the 12th, and every date in text a later one: a spreadsheet may "
    "have swapped day and month; correct the file"
)
TWO_DIGITS = "a year of two digits: write all four"


def mapping(*columns: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A mapping of columns `A`, `B`, ... and a reference in `Ref`."""
    named = dict(zip("ABCDEF", columns, strict=False))
    return {"area": "unpaid-work", "reference": ["Ref"], "columns": named, **more}


def written(tmp_path: Path, kind: str, rows: list[list[Any]]) -> Path:
    path = tmp_path / f"orders{kind}"
    if kind == ".xlsx":
        return workbooks.xlsx(path, ("Orders", rows))
    lines = [",".join("" if one is None else f'"{one}"' for one in row) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def both(path: Path, how: Any, area: str = "unpaid-work") -> readers.Reading:
    """Read a file as cases and as a table, and require the same references and reasons."""
    reading = readers.read(area, path, mapping=how, strict=False)
    table = pr.check_table(area, path, on=ON, mapping=how)
    tried = reading.tried.values()
    invalid = [
        table.outcomes.column(2)[row].as_py() == "invalid" for row in range(len(reading.tried))
    ]
    assert [bool(one.others) <= bad for one, bad in zip(tried, invalid, strict=True)]
    for one, reasons in zip(tried, table.outcomes["reasons"].to_pylist(), strict=True):
        for why in one.others:
            assert why in (reasons if isinstance(reasons, list) else str(reasons))
    assert table.outcomes["reference"].to_pylist() == [
        getattr(one.case, "reference", None) for one in tried
    ]
    return reading


def value(tmp_path: Path, kind: str, cell: Any, how: dict[str, Any], **more: Any) -> Any:
    """The value that one cell becomes, or why it cannot be read."""
    path = written(tmp_path, kind, [["Ref", "A"], ["X1", cell], ["X2", None]])
    reading = both(path, mapping(how, **more))
    one = reading.tried["row 2"]
    if one.others:
        return one.others[0].removesuffix(" @ A")
    return getattr(one.case, how["fact"])


# --- Amounts ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [".csv", ".xlsx"])
@pytest.mark.parametrize(
    ("cell", "more", "expected"),
    [
        (120, {"unit": "hour"}, 7200),
        ("120", {"unit": "hour"}, 7200),
        (45.5, {"unit": "hour"}, 2730),
        ("45.50", {"unit": "hour"}, 2730),
        (7200, {"unit": "minute"}, 7200),
        ("7200.0", {"unit": "minute"}, 7200),
        ("120:30", {}, 7230),
        ("120:30", {"unit": "minute"}, 7230),
        ("120h 30m", {}, 7230),
        ("120 hrs", {"unit": "minute"}, 7200),
        ("90 mins", {"unit": "hour"}, 90),
        ("1.5 hours and 15 minutes", {}, 105),
        (45.333, {"unit": "hour"}, PARTS),
        (45.333, {"unit": "hour", "round": "nearest"}, 2720),
        (45.333, {"unit": "hour", "round": "down"}, 2719),
        (45.333, {"unit": "hour", "round": "up"}, 2720),
        ("120:30:30", {}, PARTS),
        ("120:30:00", {}, 7230),
        (120, {}, NO_UNIT),
        ("1,200", {"unit": "minute"}, NO_AMOUNT),
        ("120:75", {}, NO_AMOUNT),
        ("h", {}, NO_AMOUNT),
        ("", {"unit": "hour"}, None),
        ("N/K", {"unit": "hour"}, None),
    ],
)  # fmt: skip
def test_hours_and_minutes(
    tmp_path: Path, kind: str, cell: Any, more: dict[str, str], expected: Any
) -> None:
    how = {"fact": "required_minutes", **more}
    assert value(tmp_path, kind, cell, how, not_known=["n/k"]) == expected


def test_a_duration_of_a_workbook_is_hours_and_minutes(tmp_path: Path) -> None:
    how = {"fact": "required_minutes"}
    assert value(tmp_path, ".xlsx", timedelta(hours=120, minutes=30), how) == 7230


@pytest.mark.parametrize(
    ("cell", "expected"), [("-2:30", -150), ("-2.5", -150), ("+1", 60), ("", None)]
)
def test_an_amount_may_be_below_zero(tmp_path: Path, cell: str, expected: Any) -> None:
    how = {"fact": "adjustment_minutes", "unit": "hour"}
    assert value(tmp_path, ".csv", cell, how) == expected


def test_a_text_for_not_known_never_counts_as_a_default(tmp_path: Path) -> None:
    how = {"fact": "adjustment_minutes", "unit": "hour"}
    assert value(tmp_path, ".csv", "-", how, not_known=["-"]) == (
        "the value is not known, and an empty cell counts as 0 here: give the value"
    )


def test_decimals_and_numbers_without_a_unit(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["Ref", "H", "P"],
        ["X1", "37:30", "12.0"],
        ["X2", "37.333", "12.5"],
        ["X3", "7.25", "x"],
    ]
    how = {
        "area": "capacity",
        "reference": ["Ref"],
        "columns": {
            "H": {"fact": "contracted_hours", "unit": "hour"},
            "P": {"fact": "points"},
        },
    }
    reading = both(written(tmp_path, ".csv", rows), how, "capacity")
    (first, second, third) = reading.tried.values()
    assert str(getattr(first.case, "contracted_hours", None)) == "37.50"
    assert getattr(first.case, "points", None) == 12
    assert second.others == (
        "must come to at most 2 decimal places: correct it, or give `round` in the mapping (nearest, down or up) @ H",
        "must come to a whole number: correct it, or give `round` in the mapping (nearest, down or up) @ P",
    )
    assert third.others == ("must be a number @ P",)


# --- Dates --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [".csv", ".xlsx"])
@pytest.mark.parametrize(
    ("cell", "more", "expected"),
    [
        ("23/06/2026", {"form": "dd/mm/yyyy"}, date(2026, 6, 23)),
        ("3.4.2026", {"form": "dd/mm/yyyy"}, date(2026, 4, 3)),
        ("03/04/2026", {"form": "mm/dd/yyyy"}, date(2026, 3, 4)),
        ("03/04/2026", {}, "give `form` in the mapping (dd/mm/yyyy or mm/dd/yyyy)"),
        ("03/04/26", {"form": "dd/mm/yyyy"}, TWO_DIGITS),
        ("3 Apr 26", {}, TWO_DIGITS),
        ("3 April 2026", {}, date(2026, 4, 3)),
        ("Fri 3-Apr-2026", {}, date(2026, 4, 3)),
        ("Sept 3rd, 2026", {}, date(2026, 9, 3)),
        ("3 Avril 2026", {}, NO_DATE),
        ("2026-04-03", {"form": "dd/mm/yyyy"}, date(2026, 4, 3)),
        ("2026/04/03", {"form": "yyyy/mm/dd"}, date(2026, 4, 3)),
        ("2026/04/03", {}, "give `form` in the mapping (yyyy/mm/dd)"),
        ("20260403", {"form": "yyyymmdd"}, date(2026, 4, 3)),
        ("30/02/2026", {"form": "dd/mm/yyyy"}, "this date or time does not exist"),
        ("46196", {}, NO_DATE),
        (46196, {}, NO_DATE),
        ("2026-06-22T23:30:00Z", {}, date(2026, 6, 23)),
        ("2026-12-22T23:30:00+00:00", {}, date(2026, 12, 22)),
        ("2026-06-23 01:30:00-0500", {}, date(2026, 6, 23)),
        ("2026-06-23 00:30+02", {}, date(2026, 6, 22)),
        ("2026-06-23 00:00:00", {}, date(2026, 6, 23)),
        ("2026-06-22 23:30", {}, "the date has a time: give `zone` in the mapping (Europe/London or UTC)"),
        ("2026-06-22 23:30", {"zone": "UTC"}, date(2026, 6, 23)),
        ("2026-06-22 23:30", {"zone": "Europe/London"}, date(2026, 6, 22)),
        ("22/06/2026 11:30 PM", {"form": "dd/mm/yyyy", "zone": "UTC"}, date(2026, 6, 23)),
        ("22/06/2026 12:00 AM", {"form": "dd/mm/yyyy"}, date(2026, 6, 22)),
        ("22/06/2026 13:30 PM", {"form": "dd/mm/yyyy"}, "this date or time does not exist"),
        ("22/06/2026 25:30", {"form": "dd/mm/yyyy", "zone": "UTC"}, "this date or time does not exist"),
        ("9999-12-31T23:30:00-05:00", {}, "this date or time does not exist"),
        ("1995-01-14T23:00:00Z", {}, "a time before 1996 is not converted: give the date without a time"),
        ("1995-01-14T00:00:00", {}, date(1995, 1, 14)),
        ("1996-03-31T23:30:00Z", {}, date(1996, 4, 1)),
        ("-", {"form": "dd/mm/yyyy"}, None),
    ],
)  # fmt: skip
def test_dates(tmp_path: Path, kind: str, cell: Any, more: dict[str, str], expected: Any) -> None:
    how = {"fact": "sentence_date", **more}
    found = value(tmp_path, kind, cell, how, not_known=["-"])
    assert found == expected


def test_a_date_of_a_workbook_needs_no_form(tmp_path: Path) -> None:
    how = {"fact": "sentence_date"}
    assert value(tmp_path, ".xlsx", date(2026, 4, 3), how) == date(2026, 4, 3)
    moment = datetime(2026, 6, 22, 23, 30)  # noqa: DTZ001
    assert value(tmp_path, ".xlsx", moment, {**how, "zone": "UTC"}) == date(2026, 6, 23)


@pytest.mark.parametrize("kind", [".csv", ".xlsx"])
@pytest.mark.parametrize(
    ("cells", "why"),
    [
        (
            ["23/06/2026", "06/23/2026"],
            MIXTURE,
        ),
        (
            ["23/06/2026", date(2026, 4, 3)],
            SWAPPED,
        ),
    ],
)
def test_a_mixture_of_dates_refuses_the_file(
    tmp_path: Path, kind: str, cells: list[Any], why: str
) -> None:
    path = written(tmp_path, kind, [["Ref", "A"], *([f"X{n}", one] for n, one in enumerate(cells))])
    for ask in (
        lambda: readers.read("unpaid-work", path, mapping=mapping(DAYS_FIRST), strict=False),
        lambda: pr.check_table("unpaid-work", path, on=ON, mapping=mapping(DAYS_FIRST)),
    ):
        with pytest.raises(CaseError) as caught:
            ask()
        assert str(caught.value) == f"{why} @ column A"


def test_dates_in_text_and_real_dates_may_stand_together(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["Ref", "A"],
        ["X1", "03/04/2026"],
        ["X2", date(2026, 4, 3)],
        ["X3", date(2026, 4, 23)],
    ]
    reading = both(written(tmp_path, ".xlsx", rows), mapping(DAYS_FIRST))
    assert [getattr(one, "sentence_date", None) for one in reading.cases] == [
        date(2026, 4, 3), date(2026, 4, 3), date(2026, 4, 23),
    ]  # fmt: skip


# --- Words --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("Y", True), ("y ", True), ("N", False), ("true", True), ("No", False), ("", None),
        (True, True), ("X", "must be true or false, or a word that the mapping explains"),
    ],
)  # fmt: skip
def test_flags(tmp_path: Path, cell: Any, expected: Any) -> None:
    how = {"fact": "extended", "words": {"Y": True, "N": False}}
    assert value(tmp_path, ".xlsx", cell, how) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("CO", "community_order"), ("co", "community_order"), ("community_order", "community_order"),
        ("Community Order", "must be a word of this fact, or a word that the mapping explains"),
    ],
)  # fmt: skip
def test_codes(tmp_path: Path, cell: str, expected: Any) -> None:
    how = {"fact": "order_type", "words": {"CO": "community_order"}}
    assert value(tmp_path, ".csv", cell, how) == expected


# --- References and columns ---------------------------------------------------------------------


def test_a_reference_is_put_together_and_columns_are_kept(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["CRN", "No", "A", "Team", "Other", "Ignored"], ["X1", 1, 2, "North", 1, 1], ["X2", None, 2, None, None],
        [None, None, 2, "South", None],
    ]  # fmt: skip
    how = mapping(HOURS, reference=["CRN", "No"])
    how["columns"] |= {"Team": {"fact": "keep"}, "Ignored": {"fact": "ignore"}}
    reading = both(written(tmp_path, ".xlsx", rows), how)
    assert reading.cases == (UnpaidWorkOrder(reference="X1/1", required_minutes=120),)
    assert [one.others for one in reading.tried.values()] == [
        (),
        ("a part of the reference is empty @ reference",),
        ("the row has no reference: it may be a row of totals or of notes @ reference",),
    ]
    assert reading.carried == {
        "row 2": {"Team": "North"},
        "row 3": {"Team": ""},
        "row 4": {"Team": "South"},
    }
    assert "1 column is not in the mapping and not read" in reading.notes
    table = pr.check_table("unpaid-work", tmp_path / "orders.xlsx", on=ON, mapping=how)
    assert table.outcomes.select(["Team"]).to_pylist() == [
        {"Team": "North"},
        {"Team": ""},
        {"Team": "South"},
    ]


def test_rows_of_members(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["Team code", "Name code", "Grade", "WTE", "Region"], ["N1", "M1", "Probation officer", 1, "East"],
        ["N1", "M2", "PSO", "0.6"], ["N2", "M3", "Other", 1], ["N3", None, "PO", 0.5],
    ]  # fmt: skip
    how = {
        "area": "pod",
        "case": ["Team code"],
        "reference": ["Name code"],
        "keep": ["Region"],
        "columns": {
            "Grade": {"fact": "grade", "words": {"Probation officer": "PO"}},
            "WTE": {"fact": "fte"},
        },
    }
    reading = both(written(tmp_path, ".xlsx", rows), how, "pod")
    first = reading.cases[0]
    assert isinstance(first, Pod)
    assert first.members is not None
    assert [one.grade for one in first.members if isinstance(one, PodMember)] == ["PO", "PSO"]
    assert [one.others for one in reading.tried.values()] == [
        (),
        ("must be a word of this fact, or a word that the mapping explains @ Grade",),
        (),
    ]


def test_a_row_of_members_that_belongs_to_no_case_refuses_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, ".csv", [["P", "Grade"], [None, "PO"]])
    how = {"area": "pod", "case": ["P"], "columns": {"Grade": {"fact": "grade"}}}
    with pytest.raises(CaseError, match="give the reference of this member's case"):
        readers.read("pod", path, mapping=how)


def test_a_column_that_the_file_lacks_or_has_twice(tmp_path: Path) -> None:
    path = written(tmp_path, ".csv", [["Ref", "Ref", "B"], ["X1", "X1", 1]])
    with pytest.raises(CaseError) as caught:
        readers.read("unpaid-work", path, mapping=mapping(HOURS, keep=["Teem", "B"]))
    assert str(caught.value).splitlines() == [
        'the file has more than one column "Ref" @ the mapping',
        'the file has no column "Teem" @ the mapping',
        'the file has no column "A" @ the mapping',
    ]


def test_strict_names_the_column_of_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, ".csv", [["Ref", "A"], ["X1", 0], ["X2", "x"]])
    with pytest.raises(CaseError) as caught:
        readers.read("unpaid-work", path, mapping=mapping(HOURS))
    assert str(caught.value).splitlines() == [
        "`0` is not allowed: it must be a whole number from 1 to 200000 @ row 2, column A",
        f"{NO_AMOUNT} @ row 3, column A",
    ]


# --- What is wrong with a mapping ---------------------------------------------------------------


def refused(given: object) -> list[str]:
    with pytest.raises(InputError) as caught:
        mapping_from("unpaid-work", given)
    return str(caught.value).splitlines()


def test_every_problem_of_a_mapping_is_named_at_once(tmp_path: Path) -> None:
    path = tmp_path / "orders.map.toml"
    path.write_text(
        """
        area = "unpaid-work"
        reference = ["CRN"]
        case = ["POD"]
        keep = ["CRN"]
        columns.A = { fact = "?" }
        columns.B = { fact = "sentence_dat" }
        columns.C = { fact = "required_minutes", unit = "?", form = "dd/mm/yyyy", words = { X = true } }
        columns.D = { fact = "required_minutes", unit = "day", round = "often" }
        columns.E = { fact = "order_type", words = { CO = "?", SSO = "sso", co = "community_order" } }
        columns.F = { fact = "extended", words = { J = "yes", Y = true, y = false } }
        columns.G = { fact = "sentence_date", form = "?", zone = "CET" }
        """,
        encoding="utf-8",
    )
    codes = ", ".join(pr.rulebook().area("unpaid-work").facts["order_type"].values)
    assert refused(path) == [
        f"{why} @ orders.map.toml: {where}"
        for why, where in [
            ("answer the question: which fact is it? Or give `keep` or `ignore`", 'columns."A".fact'),
            ("`sentence_dat` is not a fact; did you mean `sentence_date`?", 'columns."B".fact'),
            ("answer the question: hour, minute?", 'columns."C".unit'),
            ("`form` does not apply to `required_minutes`; take it out", 'columns."C".form'),
            ("`words` does not apply to `required_minutes`; take it out", 'columns."C".words'),
            ("allowed are hour, minute", 'columns."D".unit'),
            ("allowed are nearest, down, up", 'columns."D".round'),
            ("`required_minutes` is given for another column too", 'columns."D".fact'),
            (f"answer the question: what does this word mean? Allowed are {codes}", 'columns."E".words."CO"'),
            (f"allowed are {codes}", 'columns."E".words."SSO"'),
            ("allowed are true, false", 'columns."F".words."J"'),
            ("this word has two meanings here", 'columns."F".words."y"'),
            ("answer the question: dd/mm/yyyy, mm/dd/yyyy, yyyy/mm/dd, yyyymmdd?", 'columns."G".form'),
            ("allowed are Europe/London, UTC", 'columns."G".zone'),
            ('the column "CRN" is under `reference` too', "keep"),
            ("only rows of members name their case; use `reference`", "case"),
        ]
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"area": "pod"}, "this mapping is for another area; it must be `unpaid-work` @ the mapping: area"),
        ({"area": "unpaid-work", "colums": {}}, "unknown key `colums`; did you mean `columns`?"),
        ({"area": "unpaid-work", "columns": {"A": {"fact": 1}}}, "must be text @ the mapping: columns['A'].fact"),
        ("nowhere.toml", "the mapping cannot be read; give the path of a TOML file in UTF-8 @ nowhere.toml"),
    ],
)  # fmt: skip
def test_what_is_no_mapping_says_why(given: object, why: str) -> None:
    assert refused(given)[0].startswith(why)


def test_members_need_the_columns_of_their_case() -> None:
    with pytest.raises(InputError) as caught:
        mapping_from("pod", {"area": "pod", "columns": {"G": {"fact": "grade"}}})
    assert str(caught.value) == (
        "name the columns with the reference of the case that each member belongs to @ the mapping: case"
    )


RECORDS = [
    {"Ref": "X1", "A": 45.5, "Day": "23/06/2026", "Ext": True, "Team": "North", "Other": {"a": 1}},
    {"Ref": 12, "A": None, "Day": "", "Ext": "N", "Team": ["a"]},
    {"Ref": "X3", "A": [1], "Day": "2026-06-24"},
]


@pytest.mark.parametrize("kind", [".json", ".jsonl"])
def test_records_of_json_are_read_by_a_mapping_too(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"orders{kind}"
    texts = [json.dumps(one) for one in RECORDS]
    path.write_text("\n".join(texts) if kind == ".jsonl" else json.dumps(RECORDS), encoding="utf-8")
    how = mapping(HOURS, keep=["Team"])
    how["columns"] |= {
        "Day": {"fact": "sentence_date", "form": "dd/mm/yyyy"},
        "Ext": {"fact": "extended", "words": {"N": False}},
    }
    tried = pr.read("unpaid-work", path, mapping=how, strict=False)
    cases = [one.case for one in tried.tried.values()]
    assert cases == [
        UnpaidWorkOrder(
            reference="X1", required_minutes=2730, sentence_date=date(2026, 6, 23), extended=True
        ),
        UnpaidWorkOrder(reference="12", extended=False),
        UnpaidWorkOrder(reference="X3", sentence_date=date(2026, 6, 24)),
    ]
    reason = "must be a number, or hours and minutes such as 120:30 or 120h 30m"
    problems = [list(map(str, one.problems)) for one in tried.tried.values()]
    assert problems == [[], [], [f"{reason} @ row 3, column A"]]
    assert [one["Team"] for one in tried.carried.values()] == ["North", '["a"]', ""]
    table = pr.check_table("unpaid-work", path, on=ON, mapping=how)
    assert table.outcomes["reference"].to_pylist() == ["X1", "12", "X3"]
    assert table.outcomes["reasons"].to_pylist() == [None, None, [f"{reason} @ A"]]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[{"Ref": "X1", "a": 1}]', 'the file has no column "A"; did you mean `a`? @ the mapping'),
        ("[1]", "must be an object with named fields @ $[0]"),
        ('{"Ref": "X1"}\n{', "the JSON ends too early; the file may be cut off @ line 2, column 2"),
    ],
)
def test_records_that_a_mapping_cannot_read_refuse_the_file(
    tmp_path: Path, text: str, problem: str
) -> None:
    path = tmp_path / "orders.json"
    path.write_text(text, encoding="utf-8")
    for ask in (
        lambda: readers.read("unpaid-work", path, mapping=mapping(HOURS), strict=False),
        lambda: pr.check_table("unpaid-work", path, on=ON, mapping=mapping(HOURS)),
    ):
        with pytest.raises(CaseError) as caught:
            ask()
        assert str(caught.value) == problem


def test_a_mapping_may_be_given_as_it_was_read(tmp_path: Path) -> None:
    path = written(tmp_path, ".csv", [["Ref", "A"], ["X1", 1]])
    how = mapping_from("unpaid-work", mapping(HOURS))
    assert both(path, how).cases == (UnpaidWorkOrder(reference="X1", required_minutes=60),)


def test_a_column_of_very_many_texts_is_remembered_in_part(tmp_path: Path) -> None:
    path = written(tmp_path, ".csv", [["Ref", "A"], *([f"X{n}", n] for n in range(1, 20))])
    with patch.object(mapped, "_MOST_REMEMBERED", 3):
        reading = both(path, mapping(HOURS))
    assert [getattr(one, "required_minutes", None) for one in reading.cases] == [
        60 * n for n in range(1, 20)
    ]


@pytest.mark.parametrize("kind", ["parquet", "arrow"])
def test_typed_tables_are_read_by_a_mapping_too(tmp_path: Path, kind: str) -> None:
    moment = datetime(2026, 6, 22, 23, 30, tzinfo=UTC)
    table = pa.table(
        {"Ref": ["X1", "", None], "A": [45.5, None, None], "B": [date(2026, 6, 23), None, None],
         "C": [True, None, None], "D": [moment, None, None], "Team": ["North", None, None]}
    )  # fmt: skip
    how = mapping(
        HOURS,
        {"fact": "sentence_date"},
        {"fact": "extended"},
        {"fact": "extended_to"},
        keep=["Team"],
    )
    path = tmp_path / "orders.parquet"
    pq.write_table(table, path)
    found = pr.check_table("unpaid-work", path if kind == "parquet" else table, on=ON, mapping=how)
    expected = UnpaidWorkOrder(
        reference="X1", required_minutes=2730, sentence_date=date(2026, 6, 23), extended=True,
        extended_to=date(2026, 6, 23),
    )  # fmt: skip
    assert found.cases([1]) == {1: expected}
    assert found.places([1]) == {1: "row 1"}
    assert found.outcomes.select(["Team"]).to_pylist() == [{"Team": "North"}]
    if kind == "parquet":
        assert readers.read("unpaid-work", path, mapping=how).cases == (expected,)
    plain = pr.check_table("unpaid-work", pa.table({"reference": ["X1"]}), on=ON)
    assert plain.kept == {}


# --- Errors of a spreadsheet --------------------------------------------------------------------


@pytest.mark.parametrize("kind", [".csv", ".xlsx"])
def test_an_error_in_a_column_that_is_judged_makes_its_row_invalid(
    tmp_path: Path, kind: str
) -> None:
    rows = [["CRN", "Extended", "Team", "Other"], ["X1", "Y", "#N/A", "#REF!"]]
    rows += [["X2", "#n/a ", "North", ""], ["#REF!", "Y", "", ""]]
    path = tmp_path / f"orders{kind}"
    if kind == ".csv":
        path.write_text("\n".join(",".join(row) for row in rows) + "\n", encoding="utf-8")
    else:
        workbooks.xlsx(path, ("S", rows))
    mapping = {
        "area": "unpaid-work",
        "reference": ["CRN"],
        "keep": ["Team"],
        "columns": {"Extended": {"fact": "extended", "words": {"Y": True}}},
    }
    reading = pr.read("unpaid-work", path, mapping=mapping, strict=False)
    assert [list(map(str, one.problems)) for one in reading.tried.values()] == [
        [],
        ["the cell has the error #N/A; correct or clear it @ row 3, column Extended"],
        [
            "the cell has the error #REF!; correct or clear it @ row 4, column CRN",
            "the row has no reference: it may be a row of totals or of notes @ row 4, column reference",
        ],
    ]
    assert reading.carried["row 2"] == {"Team": "#N/A"}
