"""A message repeats a value only if it is plausible, and otherwise describes it."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest
from click.testing import CliRunner

import probation_rules as pr
from probation_rules.areas import AREAS
from probation_rules.cases import column_names
from probation_rules.cli.program import root
from probation_rules.quoting import is_name, named, shown
from probation_rules.rulebook import shipped
from probation_rules.rulebook.model import Fact, Records

ON = date(2026, 11, 21)
WORDS = ("community_order", "suspended_sentence_order", "PO", "low", "april_2022")

# Made-up values like those in a shifted column.
NAMES = (
    "JOHN SMITH 01/02/1980",
    "Smith",
    "smith",
    "LOWE",
    "Lowe",
    "Poe",
    "Grace",
    "Alexander",
    "Christopher",
    "O'Brien",
    "Anne-Marie",
    "Dr Jones",
    "Zoë",
    "AB123456C",
    "9 Month Review",
    "May Day",
    "07700900123",
    "+44 7700 900123",
    "943 476 5919",
    "12 High Street",
    "A1234BC",
    "smith@example.org",
)


# --- Plausible values --------------------------------------------------------------------------


def test_a_name_is_never_plausible() -> None:
    kinds = ("bool", "code", "int", "decimal", "date", "time")
    message = {(name, kind): shown(name, kind, WORDS) for name in NAMES for kind in kinds}
    described = ("this word", "this text", "this number")
    assert {key: text for key, text in message.items() if text not in described} == {}


def test_a_value_is_repeated_or_described() -> None:
    rows: list[tuple[str, object, str]] = [
        *(("int", one, f"`{one}`") for one in ("-5", "1,200", "29.6", "40 h", "12,5", "90%")),
        *(("int", one, f"`{one}`") for one in (-6, 99_999_999, 1.0, Decimal("0.5"))),
        *(("int", one, "this number") for one in ("123456789", "1.2.3", 10**9, 10**60, 1e300)),
        *(("decimal", one, "this date") for one in ("01/02/1980", "1 Feb 1980", date(1980, 2, 1))),
        ("int", datetime(1980, 2, 1, tzinfo=UTC), "this date and time"),
        ("int", "09:30", "this time"),
        *(("date", one, f"`{one}`") for one in ("2025-02-30", "01/02/2025", "1.2.25", "20250201")),
        *(("date", one, f"`{one}`") for one in ("1 Feb 2025", "1st February 2025", "Feb 1, 2025")),
        *(("date", one, f"`{one}`") for one in ("2025-02-01T10:00:00Z", "2025-02-01 10:00")),
        *(
            ("date", one, f"`{one}`")
            for one in (date(1899, 1, 1), datetime(2025, 2, 1, tzinfo=UTC))
        ),
        *(("date", one, "this number") for one in ("45678", 45679)),
        *(("date", one, "this word") for one in ("May", "tomorrow")),
        *(
            ("time", one, f"`{one}`")
            for one in ("25:00", "9.30", "07:00+01:00", "7:00 am", "7.30pm")
        ),
        ("time", time(9, 0, 1), "`09:00:01`"),
        ("date", time(9, 0, 1), "this time"),
        *(("code", one, f"`{one}`") for one in ("comunity_order", "Community Order", "E9", "1")),
        *(("code", one, f"`{one}`") for one in ("po", "LOW", "suspended-sentence-ordr", 3)),
        *(("code", one, "this word") for one in ("lowe", "PSO", "order", "order" * 20)),
        *(
            ("code", one, "this text")
            for one in ("community_orders of old", "\x1b[31m", "", "no\u200bw")
        ),
        ("code", "12345", "this number"),
        *(("bool", one, f"`{one}`") for one in ("YES", "false", "1", 0)),
        ("bool", "perhaps", "this word"),
        ("text", "Smith", "this word"),
        *((kind, True, "`true`") for kind in ("int", "date", "code", "text")),
        ("int", None, "this value"),
        ("int", [1], "this value"),
        ("int", {}, "this value"),
    ]
    words = {"bool": ("true", "false", "yes", "no")}
    wrong = [
        (kind, value, text, found)
        for kind, value, text in rows
        if (found := shown(value, kind, words.get(kind, WORDS))) != text
    ]
    assert wrong == []


def test_a_number_too_long_for_python_to_write_is_described() -> None:
    assert shown(10**5_000, "int") == "this number"


def test_a_column_is_named_if_its_name_looks_like_one() -> None:
    rows: list[tuple[object, bool]] = [
        *((one, True) for one in ("sentance_date", "Sentence Date", "SENT_DT", "crn", "teamCode")),
        *((one, False) for one in ("John Smith", "Smith", "SMITH", "O'Brien", "1980", "", 7)),
        *((one, False) for one in ("x" * 41, "sentence\ndate", "\x1bsentence_date")),
    ]
    for name, is_one in rows:
        assert is_name(name, ["sentence_date"]) is is_one, (name, is_one)
        assert named(name, ["sentence_date"]) == (f"`{name}`" if is_one else "this name"), (
            name,
            is_one,
        )


def test_none_of_these_names_is_near_an_allowed_word() -> None:
    codes = {
        word
        for area in shipped().areas.values()
        for fact in all_facts(area)
        for word in fact.type.codes
    }
    assert len(codes) > 50
    for name in NAMES:
        assert shown(name, "code", codes) != f"`{name}`"


def all_facts(area: Any) -> Iterator[Fact]:
    yield from area.facts.values()
    yield from area.members.facts.values() if area.members else ()
    todo: list[Records] = list(area.records.values())
    while todo:
        one = todo.pop()
        yield from one.facts.values()
        todo += one.records.values()


# --- Names in every column, for every area and every kind of input --------------------------------------


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def judged_columns(area: str) -> list[str]:
    """Return the columns of a table of text that are checked, without labels and notes."""
    found = shipped().area(area)
    facts = {**found.input_facts, **(found.members.facts if found.members else {})}
    return [name for name in column_names(area) if name in facts]


def planted(area: str, name: str, reference: str = "EX-1") -> dict[str, str]:
    """Return a row with a name in every column that is checked."""
    tie = {area: reference} if shipped().area(area).members else {}
    return {"reference": reference, **tie, **dict.fromkeys(judged_columns(area), name)}


def as_json(area: str, name: str) -> object:
    """Return a case with a name in every fact, also in its members and records."""
    found = shipped().area(area)

    def recorded(records: Any) -> dict[str, object]:
        return {
            key: one if held.most is None else [one] * max(1, held.least)
            for key, held in records.items()
            for one in [{**dict.fromkeys(held.facts, name), **recorded(held.records)}]
        }

    stated: dict[str, object] = dict.fromkeys(found.input_facts, name)
    if found.members:
        stated[found.members.name] = [dict.fromkeys(found.members.facts, name)]
    return {**stated, **recorded(found.records)}


def nothing_of(name: str, *texts: str) -> None:
    for text in texts:
        assert name not in text


@pytest.mark.parametrize("area", AREAS)
def test_messages_never_repeat_a_name_from_a_shifted_column(
    folder: Path, area: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    names = ("JOHN SMITH 01/02/1980", "Smith", "Lowe", "AB123456C")
    rows = [planted(area, name, f"EX-{place}") for place, name in enumerate(names)]
    lines = [",".join(rows[0]), *(",".join(row.values()) for row in rows)]
    Path("cases.csv").write_text("\n".join(lines), encoding="utf-8")
    Path("cases.json").write_text(json.dumps([as_json(area, one) for one in names]), "utf-8")
    pq.write_table(pa.Table.from_pylist(rows), "cases.parquet")
    large = (("--threads", "1"), ("--threads", "1", "--output", "o.csv"))
    for file in ("cases.csv", "cases.json", "cases.parquet"):
        for options in (
            (),
            ("--format", "json"),
            ("--format", "html", "--output", "page.html"),
            *(large if file != "cases.json" else ()),
        ):
            arguments = ("check", area, file, "--on", str(ON), *options)
            result = CliRunner().invoke(root, arguments)
            assert result.exit_code in (0, 2, 3), result.output
            for name in names:
                nothing_of(name, result.stdout, result.stderr)
    made = [path.read_text("utf-8") for path in folder.iterdir() if path.stem != "cases"]
    for name in names:
        nothing_of(name, *made, caplog.text)


@pytest.mark.parametrize("area", AREAS)
def test_an_error_never_repeats_a_name(area: str) -> None:
    name = "JOHN SMITH 01/02/1980"
    with pytest.raises(pr.CaseError) as error:
        pr.case_from(area, as_json(area, name))  # type: ignore[arg-type]
    nothing_of(name, *(f"{one.text} {one.path}" for one in error.value.problems))
    with pytest.raises(pr.CaseError) as error:
        pr.case_from(area, {name: 1, "Smith": 2})
    nothing_of("Smith", str(error.value))
    nothing_of(name, str(error.value))
    row = planted(area, name)
    try:
        table = pr.check_table(area, pa.table({key: [one] for key, one in row.items()}), on=ON)
        nothing_of(name, str(table.outcomes.to_pylist()), str(table.notes), table._repr_html_())
    except pr.CaseError as error_:
        nothing_of(name, str(error_))


def test_a_name_instead_of_a_fact_or_an_area_is_not_repeated() -> None:
    order = pr.UnpaidWorkOrder()
    with pytest.raises(pr.InputError, match="this name is not a fact to assume"):
        pr.check(order, on=ON, assuming={"John Smith": True})
    with pytest.raises(pr.InputError, match="this name is not an area; known are"):
        pr.case_from("John Smith", {})


def test_a_header_that_is_data_is_not_repeated(folder: Path) -> None:
    Path("cases.csv").write_text("sentence_date,John Smith,Lowe\n,,\n", encoding="utf-8")
    for options in ((), ("--threads", "1")):
        result = CliRunner().invoke(root, ("check", "unpaid-work", "cases.csv", *options))
        assert result.exit_code == 2
        nothing_of("Smith", result.stderr)
        nothing_of("Lowe", result.stderr)
    assert folder.exists()
