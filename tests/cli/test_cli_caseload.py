"""A file of many cases through the command: one table, the same answers."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, get_args

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest
from jsonschema import Draft202012Validator

from probation_rules import schema
from probation_rules.areas.curfew_variation.case import OrderType
from probation_rules.caseload.by_table import LISTED
from probation_rules.cli import table_options
from support.command_line import Orders, Run

ON = ("--on", "2026-01-15")
CHECK = ("check", "unpaid-work")
MANY: list[dict[str, str]] = [
    {"reference": f"EX-{number}", "sentence_date": f"2025-{number % 9 + 1:02}-{number % 28 + 1:02}"}
    | ({"completed_minutes": "" if number % 7 == 0 else str(number * 11 % 6000)})
    | ({"extended": ""} if number % 5 == 0 else {})
    for number in range(60)
]


@pytest.fixture
def small_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have few rows count as many."""
    monkeypatch.setattr(table_options, "LARGE_BYTES", 1_000)
    monkeypatch.setattr(table_options, "FEW_ROWS", 10)


@pytest.fixture
def by_statement(small_tables: None, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    """Have DuckDB answer them too."""
    monkeypatch.setattr("probation_rules.tables.table.FEW_ROWS", 5)


def parquet(file: str) -> str:
    """The same rows as Parquet, every column of its fact's type."""
    name = file.replace(".csv", ".parquet")
    duckdb.read_csv(file).write_parquet(name)
    return name


def counts(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines() if line.startswith(" upw.")]


def listed(text: str) -> list[str]:
    return [line.split()[0] for line in text.splitlines() if line.startswith((" EX-", " row "))]


# --- The same answers ---------------------------------------------------------------------------


@pytest.mark.usefixtures("by_statement")
@pytest.mark.parametrize("form", [str, parquet])
def test_a_large_file_has_the_counts_and_the_order_of_the_page(
    run: Run, orders: Orders, form: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = orders(*MANY)
    monkeypatch.setattr(table_options, "LARGE_BYTES", 10**9)
    small = run(*CHECK, file, *ON)
    assert "engine python" in small.stdout
    monkeypatch.setattr(table_options, "LARGE_BYTES", 1_000)
    large = run(*CHECK, form(file), *ON)
    assert large.exit_code == 0
    assert "engine sql" in large.stdout
    assert counts(large.stdout) == counts(small.stdout)
    assert large.stdout.splitlines()[-1] == small.stdout.splitlines()[-1]
    assert listed(large.stdout) == listed(small.stdout)[:LISTED]
    assert len(listed(large.stdout)) == LISTED
    assert f"The {LISTED} most urgent of 47 with something to report" in large.stdout
    assert "[1]" not in large.stdout


def test_a_parquet_file_of_few_rows_has_the_page_of_a_csv(run: Run, orders: Orders) -> None:
    file = orders(*MANY)
    as_csv, as_parquet = run(*CHECK, file, *ON), run(*CHECK, parquet(file), *ON)
    assert as_parquet.stdout == as_csv.stdout.replace("orders.csv", "orders.parquet")
    assert as_parquet.stdout


@pytest.mark.usefixtures("small_tables")
def test_row_by_row_and_by_statement_the_page_is_the_same(
    run: Run, orders: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = orders(*MANY, {"sentence_date": "2027-01-01"}, {"order_type": "x", "extended": "maybe"})
    by_row = run(*CHECK, file, *ON)
    monkeypatch.setattr("probation_rules.tables.table.FEW_ROWS", 5)
    by_statement = run(*CHECK, file, *ON)
    assert by_row.stdout.replace("engine python", "engine sql") == by_statement.stdout
    assert by_row.stderr == by_statement.stderr
    assert "engine python" in by_row.stdout
    assert "2 invalid" in by_row.stdout


# --- The page about a table -----------------------------------------------------------------------


@pytest.mark.usefixtures("by_statement")
def test_rows_that_are_invalid_are_counted_by_reason(run: Run, orders: Orders) -> None:
    late = {"sentence_date": "2027-01-01"}
    found = run(*CHECK, orders(*MANY, late, late, {"extended": "maybe"}), *ON)
    assert found.exit_code == 3
    lines = [line.split(maxsplit=1) for line in found.stdout.splitlines()]
    assert ["2", "the sentence date is after the day asked about @ sentence_date"] in lines
    assert ["1", "must be true or false @ extended"] in lines
    assert all(row[-1] == "3" for row in counts(found.stdout))
    assert found.stdout.endswith("3 invalid\n")
    assert run(*CHECK, "orders.csv", *ON, "--fail-on", "breach").exit_code == 1
    clean = orders(
        *({"reference": f"EX-{n}", "completed_minutes": "6000"} for n in range(40)), late
    )
    assert run(*CHECK, clean, *ON, "--fail-on", "advisory").exit_code == 3
    assert run(*CHECK, clean, *ON, "--fail-on", "unknown").exit_code == 1


@pytest.mark.usefixtures("by_statement")
def test_each_reason_of_a_case_is_counted_whole_and_repeats_no_value(
    run: Run, tmp_path: Path
) -> None:
    rows = "comunity_order,maybe\na; b,true\ncomunity_order,\n" + "community_order,true\n" * 60
    (tmp_path / "c.csv").write_text(f"order_type,adult\n{rows}", encoding="utf-8")
    found = run("check", "curfew-variation", "c.csv", *ON, "--format", "json", "--threads", "1")
    unknown = f"must be one of {', '.join(get_args(OrderType))}"
    assert json.loads(found.stdout)["reasons"] == {
        f"{unknown} @ order_type": 3,
        "must be true or false @ adult": 1,
    }
    strict = run("check", "curfew-variation", "c.csv", *ON, "--strict")
    for row in (2, 3, 4):
        assert f"error: {unknown} @ row {row}, column order_type\n" in strict.stderr


@pytest.mark.usefixtures("by_statement")
def test_missing_columns_and_references_that_stand_twice_are_told(run: Run, tmp_path: Path) -> None:
    rows = "".join(f"EX-{number % 30},community_order,2025-03-03\n" for number in range(60))
    (tmp_path / "o.csv").write_text(f"reference,order_type,sentence_date\n{rows}", encoding="utf-8")
    found = run(*CHECK, "o.csv", *ON)
    assert "note: no column `extended`: unknown in every row\n" in found.stderr
    assert (
        "note: 30 references are on more than one case, the first at row 2 and row 32\n"
        in found.stderr
    )
    once = "".join(f"EX-{max(1, number)},community_order,2025-03-03\n" for number in range(60))
    (tmp_path / "o.csv").write_text(f"reference,order_type,sentence_date\n{once}", encoding="utf-8")
    found = run(*CHECK, "o.csv", *ON)
    assert "note: 1 reference is on more than one case, the first at row 2 and row 3\n" in (
        found.stderr
    )


@pytest.mark.usefixtures("by_statement")
def test_what_is_open_is_told_once_with_what_settles_it(run: Run) -> None:
    rows = "".join(f"EX-{number},false\n" for number in range(60))
    Path("pods.csv").write_text(f"reference,local_variation_recorded\n{rows}", "utf-8")
    team = ("PO,1.0", "PO,1.0", "PSO,1.0", "PSO,1.0", "PSO,1.0", "CA,0.5")
    members = [f"EX-{number},{member}\n" for number in range(60) for member in team]
    Path("members.csv").write_text(f"pod,grade,fte\n{''.join(members)}", "utf-8")
    ask = ("check", "pod", "pods.csv", "--members", "members.csv", "--on", "2026-11-21")
    found = run(*ask, "--assume", "manager_grade=SPO")
    text = " ".join(found.stdout.split())
    assert "[1] Not settled by policy: " in text
    assert "--set ratio_measure=headcount|full_time_equivalent" in text
    assert "Assumed by the caller: manager_grade is SPO, in rows without a value" in text
    settled = run(*ask, "--set", "ratio_measure=headcount")
    assert "Not settled by policy" not in settled.stdout
    as_json = run(*ask, "--format", "json")
    assert "note: Not settled by policy: " in as_json.stderr
    assert json.loads(as_json.stdout)["notes"][-1].startswith("Not settled by policy: ")
    assert "Set by the caller: ratio_measure is headcount" in settled.stdout


@pytest.mark.usefixtures("by_statement")
def test_an_area_without_stages_is_answered_too(run: Run, tmp_path: Path) -> None:
    rows = "".join(f"EX-{n},{90 + n},100,37,37,0\n" for n in range(60))
    header = "reference,points,target_points,usual_hours,contracted_hours,reduction_hours\n"
    (tmp_path / "w.csv").write_text(header + rows, encoding="utf-8")
    found = run("check", "capacity", "w.csv", *ON)
    assert "60 cases on 15 Jan 2026: 49 with only advice not met, 11 with nothing to report" in (
        found.stdout
    )
    assert listed(found.stdout)[0] == "EX-21"  # over both lines, the first in the file


@pytest.mark.usefixtures("by_statement")
def test_nothing_to_say_lists_nothing(run: Run, orders: Orders) -> None:
    done = ({"reference": f"EX-{n}", "completed_minutes": "6000"} for n in range(40))
    found = run(*CHECK, orders(*done), *ON)
    assert "most urgent" not in found.stdout
    assert found.stdout.endswith(
        "40 orders on 15 Jan 2026: 40 complete; 40 with nothing to report\n"
    )


# --- Forms and files ----------------------------------------------------------------------------


@pytest.mark.usefixtures("by_statement")
def test_json_holds_the_counts_and_the_most_urgent(run: Run, orders: Orders) -> None:
    found = run(*CHECK, orders(*MANY, {"sentence_date": "2027-01-01"}), *ON, "--format", "json")
    content = json.loads(found.stdout)
    assert content["engine"] == "sql"
    assert content["cases"] == 61
    assert content["most_serious"]["invalid"] == 1
    assert sum(content["most_serious"].values()) == 61
    assert sum(content["stages"].values()) == 60
    assert list(content["reasons"].values()) == [1]
    assert all(sum(numbers.values()) == 61 for numbers in content["summary"].values())
    assert len(content["most_urgent"]) == LISTED
    assert content["most_urgent"][0]["findings"]
    assert "orders.csv: 61 orders on 15 Jan 2026: " in found.stderr


CASELOADS = Draft202012Validator(schema.caseload_schema())
HEADERS = {
    "unpaid-work": "reference,sentence_date,extended",
    "capacity": "reference,points,target_points",  # which has no stages
    "pod": "pod,reference,grade",
    "curfew-variation": "reference,order_in_force,person_consents",  # whose facts are prepared
}


@pytest.mark.usefixtures("by_statement")
@pytest.mark.parametrize("area", HEADERS)
@pytest.mark.parametrize("rows", [0, 40])
def test_the_json_of_a_table_is_as_the_schema_says(
    run: Run, tmp_path: Path, area: str, rows: int
) -> None:
    cells = {"unpaid-work": "2025-03-03,", "capacity": "90,100", "pod": "M-{0},PO"}
    lines = [f"EX-{row},{cells.get(area, 'true,').format(row)}" for row in range(rows)]
    lines += [f"EX-bad,{'M,x' if area == 'pod' else 'x,y'}"] * bool(rows)
    (tmp_path / "t.csv").write_text("\n".join([HEADERS[area], *lines, ""]), encoding="utf-8")
    found = run("check", area, "t.csv", *ON, "--format", "json", "--threads", "1")
    document = json.loads(found.stdout)
    CASELOADS.validate(document)
    by = "sql" if rows else "python"
    assert (document["area"], document["cases"], document["engine"]) == (area, len(lines), by)
    assert bool(document["reasons"]) == bool(rows)
    assert bool(document["most_urgent"]) == bool(rows)


SPOILS: list[tuple[Callable[[Any], object], str]] = [
    (lambda shown: shown.pop("cases"), "$"),
    (lambda shown: shown.update(case=1), "$"),
    (lambda shown: shown.update(area="unpaid work"), "$.area"),
    (lambda shown: shown.update(engine="durable"), "$.engine"),
    (lambda shown: shown.update(cases=-1), "$.cases"),
    (lambda shown: shown["summary"]["upw.pace-6"].update(fine=1), "$.summary['upw.pace-6']"),
    (lambda shown: shown["summary"].update({"upw.pace-6": 1}), "$.summary['upw.pace-6']"),
    (lambda shown: shown["stages"].update(backlog="3"), "$.stages.backlog"),
    (lambda shown: shown["most_serious"].update(grave=3), "$.most_serious"),
    (lambda shown: shown["reasons"].update(late=0), "$.reasons.late"),
    (lambda shown: shown["most_urgent"][0].pop("facts"), "$.most_urgent[0]"),
    (lambda shown: shown["most_urgent"][0]["case"].update(extended=1), "$.most_urgent[0].case.extended"),
]  # fmt: skip


@pytest.mark.usefixtures("by_statement")
def test_another_json_than_that_of_a_table_is_refused(run: Run, orders: Orders) -> None:
    options = ("--format", "json", "--assume", "ete_minutes=0")
    text = run(*CHECK, orders(*MANY), *ON, *options).stdout
    assert CASELOADS.is_valid(json.loads(text))
    for spoil, path in SPOILS:
        document = json.loads(text)
        spoil(document)
        assert path in [error.json_path for error in CASELOADS.iter_errors(document)]


@pytest.mark.usefixtures("by_statement")
@pytest.mark.parametrize("output", ["o.parquet", "o.csv", None])
def test_every_row_is_written_with_its_outcomes(
    run: Run, orders: Orders, output: str | None
) -> None:
    form = ["--output", output] if output else ["--format", "csv"]
    found = run(*CHECK, orders(*MANY), *ON, *form)
    if output == "o.parquet":
        rows: list[Mapping[str, Any]] = pq.read_table(output).to_pylist()
    else:
        text = Path(output).read_text(encoding="utf-8") if output else found.stdout
        rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["reference"] for row in rows] == [row["reference"] for row in MANY]
    assert {row["upw.hours-range"] for row in rows} == {"met"}
    assert {"stage", "reasons", "days_left"} <= rows[0].keys()
    if output:
        assert "most urgent" in found.stdout
        assert f"written to {output}\n" in found.stderr


def test_parquet_out_makes_a_table_of_a_small_file(run: Run, orders: Orders) -> None:
    found = run(*CHECK, orders({"reference": "EX-1"}), *ON, "--output", "o.parquet")
    assert found.exit_code == 0
    assert pq.read_table("o.parquet")["reference"].to_pylist() == ["EX-1"]


@pytest.mark.usefixtures("by_statement")
def test_the_page_goes_to_a_file_of_another_name(run: Run, orders: Orders) -> None:
    found = run(*CHECK, orders(*MANY), *ON, "--output", "page.txt", "--threads", "1")
    assert found.stdout == ""
    assert "most urgent" in Path("page.txt").read_text(encoding="utf-8")


# --- Options ------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", [str, parquet])
@pytest.mark.parametrize("large", [False, True])
def test_columns_of_other_names_are_mapped(
    run: Run, orders: Orders, form: Callable[[str], str], large: bool
) -> None:
    file = Path(orders(*MANY))
    text = file.read_text(encoding="utf-8")
    plain = run(*CHECK, form(str(file)), *ON).stdout
    renamed = text.replace("sentence_date", "SENT_DT", 1).replace("order_type", "TYPE", 1)
    file.write_text(renamed, encoding="utf-8")
    limits = ("--memory-limit", "512MB") if large else ()
    named = ("--map", "order_type=TYPE", "--map", "sentence_date=SENT_DT")
    mapped = run(*CHECK, form(str(file)), *ON, *named, *limits)
    assert mapped.exit_code == 0
    assert counts(mapped.stdout) == counts(plain)


@pytest.mark.usefixtures("by_statement")
def test_pods_and_their_members_may_stand_in_two_files(run: Run, tmp_path: Path) -> None:
    pods = [{"reference": f"EX-{n}", "manager_grade": "SPO" if n % 2 else "PO"} for n in range(40)]
    people = [
        {"pod": pod["reference"], "grade": grade, "nqo_completed": None}
        for pod in pods
        for grade in ("PO", "PSO", "PQiP")
    ]
    pq.write_table(pa.Table.from_pylist(pods), tmp_path / "pods.parquet")
    with (tmp_path / "people.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["pod", "grade", "nqo_completed"])
        writer.writeheader()
        writer.writerows(people)
    found = run("check", "pod", "pods.parquet", "--members", "people.csv", *ON)
    lines = [line.split() for line in found.stdout.splitlines()]
    assert ["pod.5-managed", "20", "0", "20", "0"] in lines
    assert ["pod.8", "0", "40", "0", "0"] in lines
    assert "EX-0" in found.stdout


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        (["o.csv", "--threads", "1", "--engine", "durable"], "--engine durable answers one case"),
        (["o.csv", "--threads", "1", "--format", "html"], "--format html shows every case"),
        (["-", "--map", "extended=x"], "are for a file in this library's own columns"),
        (["o.csv", "--from", "community-api", "--threads", "1"], "library's own columns"),
        (["o.csv", "--map", "extnded=x"], "`extnded` is not a fact; did you mean `extended`?"),
        (["o.csv", "--map", "extended=x"], "the file has no column `x` @ columns extended"),
        (["o.csv", "--map", "a=EX", "--map", "o.csv"], "give one mapping with --map, or columns"),
        (["o.csv", "--map", "o.csv"], "the file is not valid TOML"),
        (["o.csv", "--map", "extended=X", "--map", "ete_minutes=X"], "is also given for extended"),
        (
            ["o.json", "--map", "extended=X"],
            "other names for columns, and columns to keep, can only be used with a table; give a mapping",
        ),
        (["o.csv", "--memory-limit", "much"], "`memory_limit` must be a size"),
        (["o.csv", "--threads", "0"], "0 is not in the range"),
        (
            ["o.csv", "--members", "o.csv", "--output", "o.csv"],
            "this file is an input, and writing would destroy it; give another name @ o.csv",
        ),
        (["o.csv", "--format", "csv", "--output", "o.txt", "--threads", "1"], "ends in .parquet"),
        (["none.parquet"], "the file was not found @ none.parquet"),
        (["bad.parquet"], "this file cannot be read as Parquet"),
    ],
)
def test_what_does_not_fit_together_is_told(
    run: Run, orders: Orders, options: list[str], shown: str
) -> None:
    orders({"reference": "EX-1"}, name="o.csv")
    Path("o.json").write_text("[{}]", encoding="utf-8")
    Path("bad.parquet").write_text("PAR", encoding="utf-8")
    found = run(*CHECK, *options, *ON)
    assert found.exit_code == 2
    assert shown in found.stderr
    assert found.stdout == ""


def test_a_table_without_the_extra_says_what_to_install(
    run: Run, orders: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(_: str) -> None:
        raise ModuleNotFoundError(name="pyarrow")

    monkeypatch.setattr("probation_rules.readers.parquet.import_module", missing)
    found = run(*CHECK, parquet(orders({"reference": "EX-1"})), *ON)
    assert found.exit_code == 2
    assert "install the extra `table`: pip install 'probation-rules[table]'" in found.stderr


@pytest.mark.usefixtures("by_statement")
def test_on_a_terminal_it_shows_how_far_it_is(
    run: Run, orders: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    found = run(*CHECK, orders(*MANY), *ON)
    assert "Checking" in found.stderr
    assert "Checking" not in found.stdout
