"""Kept columns of a file: shown in every list of cases, and never judged."""

from __future__ import annotations

import csv
import io
import json
import pickle
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.csv as pc  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest
from jsonschema import Draft202012Validator
from python_calamine import CalamineWorkbook

import probation_rules as pr
from probation_rules import readers, schema
from probation_rules.intake.mapping import titles_beside
from support.command_line import Run
from support.html_page import parsed, require_inert, require_navigable, require_sealed

DAY = date(2026, 1, 15)
CHECK = ("check", "unpaid-work", "export.csv", "--on", str(DAY))
KEEP = ("--keep", "Team", "--keep", "Stage")
BY = ("--by", "Team")
AS_TABLE = ("--threads", "1")
TEAMS = ("North", "South", "=1+1", "")
HEADER = "reference,sentence_date,required_minutes,completed_minutes,extended,Team,Stage"


@pytest.fixture(autouse=True)
def export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forty orders of four teams, every tenth with a date that cannot be read."""
    monkeypatch.chdir(tmp_path)
    write("export.csv", range(40))


def write(name: str, numbers: Any) -> None:
    lines = [HEADER]
    for number in numbers:
        day = "nonsense" if number % 10 == 9 else f"2025-{number % 9 + 1:02}-11"
        done = "" if number % 7 == 0 else str(number * 150)
        lines.append(f"EX-{number},{day},6000,{done},false, {team(number)} ,S{number}")
    Path(name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def team(number: int) -> str:
    return TEAMS[number % 4]


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


# --- Where they are shown -----------------------------------------------------------------------


def test_json_gives_them_with_each_case(run: Run) -> None:
    found = json.loads(run(*CHECK, *KEEP, "--format", "json").stdout)
    Draft202012Validator(schema.report_schema()).validate(found)
    assert found["reports"][1]["kept"] == {"Team": "South", "Stage": "S1"}
    assert found["invalid"][0]["kept"] == {"Team": "South", "Stage": "S9"}
    assert (found["by"], found["groups"]) == (None, {})


def test_csv_has_a_column_for_each_with_a_name_of_its_own(run: Run) -> None:
    found = rows(run(*CHECK, *KEEP, "--format", "csv").stdout)
    assert list(found[0])[:5] == ["on", "reference", "Team", "Stage (kept)", "stage"]
    assert [one["Team"] for one in found[:4]] == ["North", "South", "'=1+1", ""]
    assert found[9]["stage"] == ""
    assert found[9]["Team"] == "South"


def test_the_terminal_lists_them(run: Run) -> None:
    found = run(*CHECK, *KEEP)
    lines = [line.split() for line in found.stdout.splitlines()]
    (line,) = [one for one in lines if one[:1] == ["EX-1"]]
    assert "South" in line
    assert "S1" in line


def test_the_page_shows_them_and_runs_nothing(run: Run) -> None:
    found = parsed(run(*CHECK, *KEEP, "--format", "html").stdout)
    require_inert(found)
    require_sealed(found)
    require_navigable(found)
    shown = [row[0] for table in found.all("table", class_="list") for row in table.rows()]
    assert any("EX-1" in one and "South" in one and "S1" in one for one in shown)
    invalid = found.one("section", **{"aria-labelledby": "invalid"}).one("table").rows()
    assert invalid[0][:4] == ["row 11", "EX-9", "South", "S9"]


def test_every_list_of_a_workbook_has_them(run: Run) -> None:
    run(*CHECK, *KEEP, "--output", "report.xlsx")
    book = CalamineWorkbook.from_path("report.xlsx")
    for name in ("At risk", "Coming", "Missing data", "All"):
        header, *listed = book.get_sheet_by_name(name).to_python()
        assert header[:4] == ["Reference", "Team", "Stage (kept)", "Stage"]
        for one in listed:
            number = int(str(one[0]).removeprefix("EX-"))
            assert one[1:3] == [team(number), f"S{number}"]


def test_a_report_that_was_pickled_still_has_them() -> None:
    report = pr.check(pr.UnpaidWorkOrder(), on=DAY)
    report.kept = {"Team": "North"}
    assert pickle.loads(pickle.dumps(report)).kept == {"Team": "North"}  # noqa: S301
    assert "North" not in repr(report)


@pytest.mark.parametrize("few", [0, 100])
def test_a_table_has_them_among_the_outcomes(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("probation_rules.tables.table.FEW_ROWS", few)
    table = pr.check_table("unpaid-work", "export.csv", on=DAY, keep=["Team", "Stage"])
    assert table.outcomes.column_names[:4] == ["reference", "Team", "Stage (kept)", "stage"]
    assert table.outcomes["Team"].to_pylist() == [team(number) for number in range(40)]
    table.write("outcomes.csv")
    written = rows(Path("outcomes.csv").read_text(encoding="utf-8"))
    assert written[2]["Team"] == "'=1+1"


# --- Groups -------------------------------------------------------------------------------------


def test_the_counts_of_a_group_are_those_of_its_cases_alone(run: Run) -> None:
    found = json.loads(run(*CHECK, *KEEP, *BY, "--format", "json").stdout)
    Draft202012Validator(schema.report_schema()).validate(found)
    assert found["by"] == "Team"
    assert list(found["groups"]) == ["=1+1", "North", "South", ""]
    assert sum(group["cases"] for group in found["groups"].values()) == 40
    for name, group in found["groups"].items():
        write("export.csv", (number for number in range(40) if team(number) == name))
        alone = json.loads(run(*CHECK, *KEEP, *BY, "--format", "json").stdout)
        assert alone["groups"] == {name: group}
        valid = {rule: dict(numbers) for rule, numbers in group["summary"].items()}
        for numbers in valid.values():
            numbers.pop("invalid", None)
        assert alone["summary"] == valid


def test_few_and_many_cases_have_the_same_groups(run: Run) -> None:
    few = json.loads(run(*CHECK, *KEEP, *BY, "--format", "json").stdout)
    many = json.loads(run(*CHECK, *KEEP, *BY, *AS_TABLE, "--format", "json").stdout)
    Draft202012Validator(schema.caseload_schema()).validate(many)
    assert (many["by"], many["groups"]) == ("Team", few["groups"])


def test_lists_are_by_group_and_then_by_urgency(run: Run) -> None:
    plain = [one["reference"] for one in rows(run(*CHECK, *KEEP, "--format", "csv").stdout)]
    grouped = rows(run(*CHECK, *KEEP, *BY, "--format", "csv").stdout)
    order = ["'=1+1", "North", "South", ""]
    assert [one["reference"] for one in grouped] == sorted(
        plain, key=lambda name: order.index(by_name(grouped)[name])
    )
    text = run(*CHECK, *KEEP, *BY).stdout
    places = [text.index(f"\nTeam: {name}\n") for name in ("=1+1", "North", "South", "(empty)")]
    assert places == sorted(places)
    assert "40 orders by Team" in text


def by_name(found: list[dict[str, str]]) -> dict[str, str]:
    return {one["reference"]: one["Team"] for one in found}


def test_the_page_has_a_table_of_groups_and_a_list_for_each(run: Run) -> None:
    found = parsed(run(*CHECK, *KEEP, *BY, "--format", "html").stdout)
    require_navigable(found)
    table = found.one("section", **{"aria-labelledby": "groups"}).one("table")
    assert [row[0] for row in table.rows()] == ["=1+1", "North", "South", "(empty)"]
    assert [row[-1] for row in table.rows()] == ["10", "10", "10", "10"]
    captions = [one.one("caption").text for one in found.all("table", class_="list")]
    assert captions[0].endswith("Orders 1 to 10, the most urgent first")
    assert "Team: =1+1" in captions[0]
    assert len(captions) == 4


def test_a_page_of_an_area_without_stages_has_groups_too(run: Run) -> None:
    Path("c.csv").write_text("reference,holder_grade,Team\nA,PSO,North\nB,PO,South\n", "utf-8")
    ask = ("check", "allocation", "c.csv", "--on", str(DAY), "--keep", "Team", *BY)
    found = parsed(run(*ask, "--format", "html").stdout)
    table = found.one("section", **{"aria-labelledby": "groups"}).one("table")
    assert [row[0] for row in table.rows()] == ["North", "South"]
    assert run(*ask, "--output", "report.xlsx").exit_code == 0
    summary = CalamineWorkbook.from_path("report.xlsx").get_sheet_by_name("Summary").to_python()
    assert "Cases by Team and most serious finding" in [row[0] for row in summary]


def test_the_workbook_counts_and_draws_groups_and_sorts_lists_by_them(run: Run) -> None:
    run(*CHECK, *KEEP, *BY, "--output", "report.xlsx")
    book = CalamineWorkbook.from_path("report.xlsx")
    summary = book.get_sheet_by_name("Summary").to_python()
    titles = [row[0] for row in summary]
    at = titles.index("Orders by Team and stage")
    assert titles[at + 1 : at + 6] == ["Team", "=1+1", "North", "South", "(empty)"]
    assert "Orders by Team and most serious finding" in titles
    for name in ("At risk", "Coming", "Missing data"):
        teams = [str(row[1]) for row in book.get_sheet_by_name(name).to_python()[1:]]
        assert list(dict.fromkeys(teams)) == [
            one for one in ["=1+1", "North", "South", ""] if one in teams
        ]
        assert teams == sorted(teams, key=lambda one: (not one, one.casefold()))


@pytest.mark.parametrize("how", [(), AS_TABLE], ids=["few", "many"])
def test_groups_by_a_column_that_is_not_kept_are_refused(run: Run, how: tuple[str, ...]) -> None:
    found = run(*CHECK, *KEEP, "--by", "Teams", *how)
    assert found.exit_code == 2
    assert "kept are Team, Stage; did you mean `Team`? @ --by Teams" in found.stderr
    found = run("check", "unpaid-work", "own.csv", *BY, *how)
    Path("own.csv").write_text("reference\nA\n", encoding="utf-8")
    found = run("check", "unpaid-work", "own.csv", "--on", str(DAY), *BY, *how)
    assert "so cases cannot be grouped by it; no column is kept" in found.stderr


@pytest.mark.parametrize("how", [(), AS_TABLE], ids=["few", "many"])
def test_a_file_without_cases_has_no_groups(run: Run, how: tuple[str, ...]) -> None:
    write("export.csv", [])
    found = run(*CHECK, *KEEP, *BY, *how, "--format", "json")
    assert found.exit_code == 0
    assert json.loads(found.stdout)["groups"] == {}


# --- Which columns ------------------------------------------------------------------------------


def test_a_mapping_and_the_option_add_up(run: Run) -> None:
    mapping = (
        'area = "unpaid-work"\nreference = ["reference"]\nkeep = ["Stage"]\n'
        'columns.sentence_date = { fact = "sentence_date" }\n'
    )
    Path("export.map.toml").write_text(mapping, encoding="utf-8")
    options = ("--map", "export.map.toml", "--keep", "Team", "--keep", "Stage")
    for how in ((), AS_TABLE):
        found = json.loads(run(*CHECK, *options, *how, "--format", "json").stdout)
        listed = found["most_urgent"] if how else found["reports"]
        kept = {one["reference"]: one["kept"] for one in listed}
        assert kept["EX-2"] == {"Stage": "S2", "Team": "=1+1"}
    run(*CHECK, *options, *BY, "--output", "report.xlsx")
    about = CalamineWorkbook.from_path("report.xlsx").get_sheet_by_name("About").to_python()
    assert ["Mapping", "export.map.toml"] in about
    assert ["Kept columns", "Stage, Team"] in about
    assert ["Grouped by", "Team"] in about


def test_a_kept_column_that_is_a_fact_is_still_read() -> None:
    reading = readers.read(
        "unpaid-work", "export.csv", keep=["Team", "Stage", "required_minutes"], strict=False
    )
    assert getattr(reading.cases[0], "required_minutes", None) == 6000
    assert reading.carried["row 2"] == {"Team": "North", "Stage": "S0", "required_minutes": "6000"}


def test_tables_in_memory_and_parquet_keep_columns_too() -> None:
    write("sound.csv", range(9))
    data = pc.read_csv("sound.csv")
    pq.write_table(data, "export.parquet")
    keep = ["Team", "Stage", "required_minutes"]
    for given in (data, "export.parquet"):
        found = pr.check_table("unpaid-work", given, on=DAY, keep=keep).outcomes.to_pylist()
        assert found[1]["Team"] == " South "
        assert found[1]["required_minutes"] == "6000"
        assert found[1]["upw.hours-range"] == "cannot_tell"
    reading = readers.read("unpaid-work", "export.parquet", keep=keep)
    assert reading.carried["row 2"]["Stage"] == "S1"
    with pytest.raises(pr.InputError, match="the file has no column `Tem`; did you mean `Team`"):
        pr.check_table("unpaid-work", data, on=DAY, keep=["Tem", "Stage"])


@pytest.mark.parametrize("how", [(), AS_TABLE], ids=["few", "many"])
def test_the_rows_of_one_case_keep_what_the_first_has(run: Run, how: tuple[str, ...]) -> None:
    lines = "pod,reference,grade,Team\nP1,M1,PO,North\nP1,M2,PSO,South\nP2,M3,PO,\n"
    Path("pods.csv").write_text(lines, encoding="utf-8")
    ask = ("check", "pod", "pods.csv", "--on", str(DAY), "--keep", "Team", *BY, *how)
    found = json.loads(run(*ask, "--format", "json").stdout)
    assert [one["kept"]["Team"] for one in found["most_urgent" if how else "reports"]] == [
        "North",
        "",
    ]
    assert {name: one["cases"] for name, one in found["groups"].items()} == {"North": 1, "": 1}


@pytest.mark.parametrize("how", [(), AS_TABLE], ids=["few", "many"])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((*CHECK, "--keep", "Tem"), "the file has no column `Tem`; did you mean `Team`? @ keep"),
        (("check", "unpaid-work", "o.jsonl", "--keep", "Team"), "can only be used with a table"),
    ],
)
def test_a_column_that_is_not_there_is_refused(
    run: Run, options: tuple[str, ...], message: str, how: tuple[str, ...]
) -> None:
    Path("o.jsonl").write_text("{}\n{}\n", encoding="utf-8")
    found = run(*options, *how)
    assert found.exit_code == 2
    assert message in found.stderr


def test_another_system_s_records_have_no_columns_to_keep(run: Run) -> None:
    found = run(*CHECK, *KEEP, "--from", "community-api")
    assert found.exit_code == 2
    assert "--keep" in found.stderr


def test_what_is_kept_is_in_no_message(run: Run) -> None:
    text = Path("export.csv").read_text(encoding="utf-8").replace("South", "SECRET")
    Path("export.csv").write_text(text, encoding="utf-8")
    for how in ((), ("--strict",), (*AS_TABLE, "--strict")):
        assert "SECRET" not in run(*CHECK, *KEEP, *BY, *how).stderr


def test_a_title_differs_from_every_other_whatever_the_capitals() -> None:
    assert titles_beside(["Stage", "stage (kept)", "Team"], ["stage"]) == {
        "Stage": "Stage (kept)",
        "stage (kept)": "stage (kept) (kept)",
        "Team": "Team",
    }
