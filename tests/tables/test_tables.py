"""Whole caseloads: the same answers as one case at a time, and reasons for bad tables."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.csv as pa_csv  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest

import probation_rules as pr
from probation_rules.cli.program import root
from probation_rules.errors import CaseError, InputError
from probation_rules.tables import columns as table_columns
from probation_rules.tables import table as tables
from support.tabled import MOSTLY, ON, arrow, both_ways, made, orders

ORDER = pa.schema([("reference", pa.string()), ("sentence_date", pa.date32())])


def problems(*args: Any, **kwargs: Any) -> list[str]:
    with pytest.raises((CaseError, InputError)) as caught:
        _ = pr.check_table(*args, on=ON, **kwargs).outcomes
    return [str(one) for one in caught.value.problems]


# --- The same answers ------------------------------------------------------------------------------


@both_ways
@pytest.mark.parametrize("area", ["allocation", "pod", "unpaid-work"])
@pytest.mark.usefixtures("small")
def test_a_table_is_answered_as_its_cases_are(area: str) -> None:
    cases = made(area)

    table = pr.check_table(area, arrow(area, cases), on=ON)

    findings = {(one["row"], one["rule"]): one for one in table.findings.to_pylist()}
    for number, (case, row) in enumerate(zip(cases, table.outcomes.to_pylist(), strict=True), 1):
        try:
            report = pr.check(case, on=ON)
        except CaseError:
            assert row["reasons"]
            assert {row[rule] for rule in pr.rulebook().area(area).wordings} == {"invalid"}
            continue
        assert row["reasons"] is None
        assert row.get("stage") == report.stage
        for one in report.findings:
            assert row[one.rule] == one.outcome.value
            found = findings.get((number, one.rule))
            assert (found is not None) == (one.outcome.value in ("not_met", "cannot_tell"))
            if found is not None:
                assert tuple(found["needs"]) == one.needs
                assert found["message"] == one.message
                assert found["remedy"] == one.remedy
                assert found["severity"] == (one.severity.value if one.severity else None)
                assert found["reference"] == row["reference"]


@pytest.mark.parametrize("area", ["allocation", "pod", "unpaid-work"])
def test_both_ways_give_the_same_tables(
    area: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    data = arrow(area, made(area))
    by_row = pr.check_table(area, data, on=ON)
    monkeypatch.setattr(tables, "FEW_ROWS", -1)
    by_sql = pr.check_table(area, data, on=ON)

    assert by_sql.outcomes.equals(by_row.outcomes)
    assert by_sql.findings.equals(by_row.findings)
    assert by_sql.summary.equals(by_row.summary)
    assert by_sql.findings_of("met").num_rows == by_row.findings_of("met").num_rows > 0
    by_sql.write(tmp_path / "sql.csv")
    by_row.write(tmp_path / "row.csv")
    assert (tmp_path / "sql.csv").read_bytes() == (tmp_path / "row.csv").read_bytes()
    by_sql.write(tmp_path / "sql.parquet")
    assert pq.read_table(tmp_path / "sql.parquet").num_rows == MOSTLY


def test_the_summary_counts_every_case_once() -> None:
    table = pr.check_table("pod", arrow("pod", made("pod")), on=ON)

    counts: dict[str, int] = {}
    for one in table.summary.to_pylist():
        counts[one["rule"]] = counts.get(one["rule"], 0) + one["cases"]
    assert counts == dict.fromkeys(pr.rulebook().area("pod").wordings, MOSTLY)


@both_ways
@pytest.mark.usefixtures("small")
def test_assumptions_and_settings_count() -> None:
    data = orders(
        sentence_date=[date(2025, 1, 2)],
        order_type=["community_order"],
        required_minutes=[6000],
        completed_minutes=[0],
    )
    day = date(2026, 5, 10)

    unknown = pr.check_table("unpaid-work", data, on=day).outcomes
    shown = pr.check_table(
        "unpaid-work", data, on=day, assuming={"extended": False},
        settings={"review_grace": 31},
    ).outcomes  # fmt: skip

    assert unknown["upw.complete-in-time"].to_pylist() == ["cannot_tell"]
    assert shown["upw.complete-in-time"].to_pylist() == ["not_met"]


# --- Forms of tables -------------------------------------------------------------------------------


def forms(data: pa.Table, folder: Path) -> Iterator[tuple[str, Any]]:
    pa_csv.write_csv(data, folder / "orders.csv")
    pq.write_table(data, folder / "orders.parquet")
    with duckdb.connect() as connection:
        connection.register("data", data)
        connection.execute(f"COPY data TO '{folder / 'orders.jsonl'}' (FORMAT json)")
        yield "relation", connection.table("data")
    yield "csv", folder / "orders.csv"
    yield "parquet", str(folder / "orders.parquet")
    yield "json lines", folder / "orders.jsonl"


def test_the_form_of_a_table_does_not_matter(tmp_path: Path) -> None:
    data = arrow("unpaid-work", made("unpaid-work"))
    right = pr.check_table("unpaid-work", data, on=ON)
    for form, each in forms(data, tmp_path):
        found = pr.check_table("unpaid-work", each, on=ON)

        assert found.outcomes.equals(right.outcomes), form
        assert found.findings.equals(right.findings), form


@both_ways
@pytest.mark.parametrize("area", ["pod", "unpaid-work"])
@pytest.mark.usefixtures("small")
def test_polars_frames_are_tables(area: str) -> None:
    polars: Any = pytest.importorskip("polars", reason="polars is not installed here")
    data = arrow(area, made(area))
    right = pr.check_table(area, data, on=ON)

    for frame in (polars.from_arrow(data), polars.from_arrow(data).lazy()):
        found = pr.check_table(area, frame, on=ON)
        assert found.outcomes.equals(right.outcomes)
        assert found.findings.equals(right.findings)


@both_ways
@pytest.mark.parametrize("area", ["pod", "unpaid-work"])
@pytest.mark.parametrize("backed", ["by Arrow", "by Python objects"])
@pytest.mark.usefixtures("small")
def test_pandas_frames_are_tables(area: str, backed: str) -> None:
    pandas: Any = pytest.importorskip("pandas", reason="pandas is not installed here")
    data = arrow(area, made(area))
    right = pr.check_table(area, data, on=ON)
    types = {pa.int64(): pandas.Int64Dtype()}.get
    frame = data.to_pandas(types_mapper=pandas.ArrowDtype if backed == "by Arrow" else types)

    found = pr.check_table(area, frame, on=ON)

    assert found.outcomes.equals(right.outcomes)
    assert found.findings.equals(right.findings)


def test_bad_columns_of_pandas_are_refused_with_their_names() -> None:
    pandas: Any = pytest.importorskip("pandas", reason="pandas is not installed here")
    # An absent number makes a column of whole numbers one of floats: nothing is converted by guess.
    floats = pandas.DataFrame({"required_minutes": [6000, None]})
    mixed = pandas.DataFrame({"required_minutes": [6000, "many"], "extended": [True, False]})
    days = pandas.DataFrame({"sentence_date": [pandas.Timestamp("2025-01-02")]})

    assert problems("unpaid-work", floats) == [
        "the type of this column is double; a whole number (integer; in pandas `Int64`) is needed @ column required_minutes"
    ]
    assert problems("unpaid-work", mixed) == [
        "this column holds values of several types, or of one that no table holds @ column required_minutes"
    ]
    assert problems("unpaid-work", days) == [
        "the type of this column is timestamp; a date without a time (date) is needed @ column sentence_date"
    ]


class Frame:
    """As far as a table is looked at, a frame of pandas."""

    __module__ = "pandas.core.frame"

    def __init__(self, **columns: list[Any]) -> None:
        self.columns = list(columns)
        self.held = list(columns.values())
        self.iloc = self

    def __getitem__(self, place: tuple[slice, int]) -> list[Any]:
        return self.held[place[1]]


def test_a_column_of_python_objects_has_one_type_or_is_refused() -> None:
    """Pandas is not installed with the library, so a stand-in is given: a column of objects."""
    assert (
        pr.check_table("unpaid-work", Frame(extended=[True, False]), on=ON).outcomes.num_rows == 2
    )
    assert problems("unpaid-work", Frame(extended=[True, "yes"], ete_minutes=[2**70])) == [
        "this column holds values of several types, or of one that no table holds @ column extended",
        "this column holds values of several types, or of one that no table holds @ column ete_minutes",
    ]


def test_polars_is_known_by_its_name() -> None:
    """It is not installed with the library, so a stand-in that behaves like a frame is given."""
    data = orders(extended=[True])
    frame = type("Frame", (), {"__module__": "polars.frame", "to_arrow": lambda _: data})()
    lazy = type("Lazy", (), {"__module__": "polars.lazy", "collect": lambda _: frame})()

    for one in (frame, lazy):
        assert pr.check_table("unpaid-work", one, on=ON).outcomes.num_rows == 1


def test_members_may_stand_in_a_table_of_their_own() -> None:
    cases = made("pod")
    data = arrow("pod", cases)
    right = pr.check_table("pod", data, on=ON)
    rows = [
        {
            "pod": f"case-{place}",
            "grade": one.grade,
            "fte": one.fte,
            "nqo_completed": one.nqo_completed,
        }
        for place, case in enumerate(cases)
        for one in case.members or ()
    ]
    shown = pa.array([case.members is not None for case in cases])
    schema = pa.schema(
        [
            ("pod", pa.string()),
            ("grade", pa.string()),
            ("fte", pa.decimal128(9, 3)),
            ("nqo_completed", pa.bool_()),
        ]
    )
    members = pa.Table.from_pylist(rows, schema)

    found = pr.check_table(
        "pod", data.drop(["members"]).append_column("members_known", shown), members=members, on=ON
    )

    assert found.outcomes.equals(right.outcomes)
    assert found.findings.equals(right.findings)


def test_members_nobody_gave_are_unknown_and_said_so_once() -> None:
    table = pr.check_table("pod", orders(manager_grade=["SPO"]), on=ON)

    assert table.outcomes["pod.8"].to_pylist() == ["cannot_tell"]
    needs = [one["needs"] for one in table.findings.to_pylist() if one["rule"] == "pod.8"]
    assert needs == [["members"]]
    assert table.notes[-1] == "no members are given: every list is unknown"


def test_members_that_tie_to_no_case_or_to_two_are_refused() -> None:
    data = pa.table({"reference": ["a", "a", "b"], "manager_grade": ["SPO"] * 3})

    assert problems("pod", data, members=pa.table({"pod": ["c"], "grade": ["PO"]})) == [
        "1 references are on more than one row, so it is not known whose each member is @ members",
        "1 members name no case of the table @ members",
    ]
    assert problems("pod", data, members=pa.table({"team": ["c"], "grade": ["PO"]})) == [
        "a column `pod` must hold the reference of each member's case @ members"
    ]
    assert problems("pod", orders(members=["three"])) == [
        "this column must hold lists of members, each with named fields @ column members"
    ]


def test_a_column_may_have_another_name() -> None:
    data = pa.table({"CRN": ["a"], "SENT_DT": [date(2027, 1, 1)]})

    table = pr.check_table(
        "unpaid-work", data, on=ON, columns={"reference": "CRN", "sentence_date": "SENT_DT"}
    )

    (row,) = table.outcomes.to_pylist()
    assert row["reference"] == "a"
    assert row["reasons"] == ["the sentence date is after the day asked about @ sentence_date"]


def test_missing_columns_are_unknown_and_named_once() -> None:
    table = pr.check_table("unpaid-work", orders(extended=[True, False]), on=ON)

    assert "no column `sentence_date`: unknown in every row" in table.notes
    assert len(table.notes) == len(pr.rulebook().area("unpaid-work").input_facts) - 1


def test_references_that_stand_twice_are_listed() -> None:
    data = pa.table({"reference": ["a", "b", "a", None, None], "extended": [True] * 5})

    assert pr.check_table("unpaid-work", data, on=ON).duplicates.to_pylist() == [
        {"reference": "a", "rows": [1, 3]}
    ]


# --- Bad tables ------------------------------------------------------------------------------------


def test_unknown_columns_and_wrong_types_are_listed_together() -> None:
    data = orders(
        sentance_date=[date(2025, 1, 2)], ward=["x"], required_minutes=[1.5], extended=[1],
        order_type=[3], extended_to=pa.array([0], pa.timestamp("us", "UTC")),
    )  # fmt: skip

    assert problems("unpaid-work", data) == [
        "unknown column; did you mean `sentence_date`? @ column sentance_date",
        "unknown column; leave it out, or name the fact that it holds in `columns` @ column ward",
        "the type of this column is bigint; text is needed @ column order_type",
        "the type of this column is double; a whole number (integer; in pandas `Int64`) is needed @ column required_minutes",
        "the type of this column is bigint; true or false (boolean) is needed @ column extended",
        "the type of this column is timestamp with time zone; a date without a time (date) is needed @ column extended_to",
    ]
    assert problems("unpaid-work", data, columns={"extnded": "a", "extended": "wart"})[:2] == [
        "`extnded` is not a fact; did you mean `extended`? @ columns",
        "the table has no column `wart`; did you mean `ward`? @ columns extended",
    ]


@both_ways
@pytest.mark.usefixtures("small")
def test_a_text_column_of_dates_is_read_where_it_is_plain_and_never_guessed() -> None:
    dates = [
        "2025-09-01",
        " 2025-09-01 ",
        "",
        "01/09/2025",
        "1 Sep 2025",
        "2025-02-30",
        "0000-01-01",
    ]

    table = pr.check_table("unpaid-work", orders(sentence_date=dates), on=ON)

    why = "must be a date from 1990-01-01 to 2100-12-31, as YYYY-MM-DD @ sentence_date"
    assert table.outcomes["reasons"].to_pylist() == [None] * 3 + [[why]] * 4


@both_ways
@pytest.mark.usefixtures("small")
def test_whole_numbers_of_any_width_are_exact_or_refused() -> None:
    wide = pa.array([2**63 + 5, 6000], pa.uint64())
    exact = pa.array([Decimal(6000), Decimal(10**20)], pa.decimal128(30, 0))
    narrow = pa.array([2**31 - 1, 200_000], pa.int32())

    table = pr.check_table(
        "unpaid-work",
        orders(required_minutes=wide, ete_minutes=exact, completed_minutes=narrow),
        on=ON,
    )

    assert table.outcomes["reasons"].to_pylist() == [
        [
            "must be a whole number from 1 to 200000 @ required_minutes",
            "must be a whole number from 0 to 400000 @ completed_minutes",
        ],
        ["must be a whole number from 0 to 400000 @ ete_minutes"],
    ]
    full = pa.array([200_000, 200_000], pa.int32())
    data = orders(required_minutes=full, ete_minutes=full, order_type=["community_order"] * 2)
    most = pr.check_table("unpaid-work", data, on=ON)
    assert most.outcomes["upw.ete-allowance"].to_pylist() == ["not_met"] * 2


@both_ways
@pytest.mark.usefixtures("small")
def test_text_of_every_kind_is_read_as_a_cell_is(tmp_path: Path) -> None:
    (tmp_path / "mixed.csv").write_bytes(
        "\ufeffreference;extended;required_minutes;order_type\n"
        "a;Yes;6000;community_order\nb;1;6e3;community_order\nc;FALSE;+60;CO\n".encode()
    )

    table = pr.check_table("unpaid-work", tmp_path / "mixed.csv", on=ON)

    assert table.outcomes["reference"].to_pylist() == ["a", "b", "c"]
    reasons = table.outcomes["reasons"].to_pylist()
    assert reasons[0] is None
    assert reasons[1] == [
        "must be a whole number from 1 to 200000 @ required_minutes",
        "must be true or false @ extended",
    ]
    assert reasons[2][0].endswith("@ order_type")


@both_ways
@pytest.mark.usefixtures("small")
def test_a_date_that_may_not_exist_and_a_column_of_nothing() -> None:
    data = orders(
        extended=[True, False], extended_to=[date(2026, 5, 1)] * 2, ete_minutes=pa.nulls(2)
    )  # fmt: skip

    found = pr.check_table("unpaid-work", data, on=ON).outcomes

    assert found["reasons"].to_pylist() == [
        None,
        ["is given, so `extended` must be true @ extended_to"],
    ]


@both_ways
@pytest.mark.usefixtures("small")
def test_a_bad_member_makes_its_case_invalid(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text(
        "pod,grade,fte\na,PO,0.5\na,SPO,0.505\nb,CA,x\nc,PO,1\n", encoding="utf-8"
    )
    data = pa.table(
        {
            "reference": ["a", "b", "c"],
            "manager_grade": ["SPO"] * 3,
            "members_known": [True, True, False],
        }
    )

    table = pr.check_table("pod", data, members=tmp_path / "people.csv", on=ON)

    assert table.outcomes["reasons"].to_pylist() == [
        [
            "must be one of PO, PSO, CA, PQiP @ grade of a member",
            "must be a number from 0.01 to 1.0, at most 2 decimal places @ fte of a member",
        ],
        ["must be a number from 0.01 to 1.0, at most 2 decimal places @ fte of a member"],
        None,
    ]
    assert "no column `nqo_completed` of members: unknown of every member" in table.notes


def test_json_lines_with_a_column_of_mixed_types_are_read_row_by_row(tmp_path: Path) -> None:
    path = tmp_path / "orders.jsonl"
    path.write_text(
        '{"required_minutes": 60}\n{"required_minutes": "a"}\n{"required_minutes": [1]}\n',
        encoding="utf-8",
    )

    outcomes = pr.check_table("unpaid-work", path, on=ON).outcomes

    assert [bool(one) for one in outcomes["reasons"].to_pylist()] == [False, True, True]


def test_not_a_number_is_refused_with_its_column() -> None:
    assert problems(
        "pod",
        orders(manager_grade=["SPO"]),
        members=pa.table({"pod": ["a"], "fte": [float("nan")]}),
    ) == ["the type of this column is double; an exact number (decimal) is needed @ column fte"]


@both_ways
@pytest.mark.usefixtures("small")
def test_a_table_without_rows_has_an_answer_without_rows(tmp_path: Path) -> None:
    table = pr.check_table("unpaid-work", ORDER.empty_table(), on=ON)

    assert table.outcomes.num_rows == table.findings.num_rows == 0
    assert set(table.summary["cases"].to_pylist()) == {0}
    table.write(tmp_path / "none.parquet")
    assert pq.read_table(tmp_path / "none.parquet").num_rows == 0


def test_a_csv_with_nothing_but_its_header_has_no_rows(tmp_path: Path) -> None:
    (tmp_path / "none.csv").write_text("reference,sentence_date\n", encoding="utf-8")

    assert pr.check_table("unpaid-work", tmp_path / "none.csv", on=ON).outcomes.num_rows == 0


def test_a_row_that_is_not_text_is_named_and_not_repeated(tmp_path: Path) -> None:
    (tmp_path / "bytes.csv").write_bytes(b"reference,extended\nRen\x81e,true\n")

    (problem,) = problems("unpaid-work", tmp_path / "bytes.csv")

    why = "the file is not text in UTF-8, UTF-16 or Windows-1252; save it again as UTF-8"
    assert problem == f"{why} @ line 2"


def test_a_file_that_is_cut_short_says_so(tmp_path: Path) -> None:
    whole = tmp_path / "whole.parquet"
    pq.write_table(arrow("unpaid-work", made("unpaid-work")), whole)
    (tmp_path / "cut.parquet").write_bytes(whole.read_bytes()[:-200])

    assert problems("unpaid-work", tmp_path / "cut.parquet") == [
        "this file cannot be read as Parquet: it may be cut off, or have another format @ cut.parquet"
    ]


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("a.csv", b"", "the file is empty @ a.csv"),
        ("a.csv", b"\xff\xfe,\n\0", "the file is not text in UTF-8, UTF-16 or Windows-1252; save"),
        (
            "a.xlsx",
            b"PK\0",
            "this file is neither text nor a workbook; give .xlsx, .xls, .ods, CSV, JSON",
        ),
        ("a.json", b"[{\n", "the JSON ends too early; the file may be cut off @ line 2, column 1"),
        ("b.csv", b"one,two\n1,2\n", "the first row does not contain a known column name"),
    ],
)
def test_files_that_are_no_table_say_why(
    tmp_path: Path, name: str, content: bytes, problem: str
) -> None:
    (tmp_path / name).write_bytes(content)

    assert problems("unpaid-work", tmp_path / name)[0].startswith(problem)


def test_no_file_and_no_table_are_refused(tmp_path: Path) -> None:
    assert problems("unpaid-work", tmp_path / "none.csv") == ["the file was not found @ none.csv"]
    assert problems("unpaid-work", [1, 2]) == [
        "give a file's path, or a table of pyarrow, polars, pandas or DuckDB @ data"
    ]


def test_a_row_that_does_not_fit_the_header_is_invalid_and_not_repeated(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        "reference,extended\ncase,true\nsecret,true,true,true\n", encoding="utf-8"
    )

    found = pr.check_table("unpaid-work", tmp_path / "a.csv", on=ON).outcomes

    assert found["reference"].to_pylist() == ["case", None]
    assert found["reasons"].to_pylist() == [None, ["4 cells where the header has 2"]]


def test_very_many_columns_are_not_all_named() -> None:
    found = problems(
        "unpaid-work", orders(extended=[True], **{f"column_{number}": [1] for number in range(900)})
    )

    assert len(found) == table_columns.MOST_NAMED + 1
    assert found[-1] == "890 more unknown columns @ the table"


@pytest.mark.parametrize("limits", [{"memory_limit": "much"}, {"threads": -1}])
def test_limits_that_are_none_are_refused(limits: dict[str, Any]) -> None:
    (problem,) = problems("unpaid-work", ORDER.empty_table(), **limits)

    assert problem.startswith("`memory_limit` must be a size")


def test_a_memory_limit_too_low_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "FEW_ROWS", -1)
    data = arrow("pod", made("pod"))

    with pytest.raises(InputError, match="raise `memory_limit`"):
        _ = pr.check_table("pod", data, on=ON, memory_limit="1MB").outcomes


def test_limits_are_kept() -> None:
    table = pr.check_table(
        "unpaid-work", ORDER.empty_table(), on=ON, memory_limit="300MB", threads=1
    )

    assert table.outcomes.num_rows == 0


# --- Writing ---------------------------------------------------------------------------------------


def test_cells_that_look_like_formulas_come_out_inert(tmp_path: Path) -> None:
    data = pa.table(
        {"reference": ["=1+1", "@a", "-b", "+c", "plain", None], "extended": [True] * 6}
    )

    pr.check_table("unpaid-work", data, on=ON).write(tmp_path / "out.csv")

    lines = (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert [line.split(",")[0] for line in lines] == ["'=1+1", "'@a", "'-b", "'+c", "plain", ""]


def test_an_interrupted_write_leaves_no_half_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = pr.check_table("unpaid-work", ORDER.empty_table(), on=ON)
    (tmp_path / "out.csv").write_text("as it was", encoding="utf-8")
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))

    with pytest.raises(KeyboardInterrupt):
        table.write(tmp_path / "out.csv")

    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]
    assert (tmp_path / "out.csv").read_text(encoding="utf-8") == "as it was"


def test_a_write_that_fails_leaves_no_half_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "FEW_ROWS", -1)
    path = tmp_path / "orders.parquet"
    pq.write_table(arrow("unpaid-work", made("unpaid-work")), path)
    table = pr.check_table("unpaid-work", path, on=ON)
    path.write_bytes(b"no longer Parquet")

    with pytest.raises(CaseError, match="the file may be damaged"):
        table.write(tmp_path / "out.csv")

    assert [path.name for path in tmp_path.iterdir()] == ["orders.parquet"]


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("out.xlsx", "give a name that ends in .parquet or .csv or .jsonl @ out.xlsx"),
        ("none/out.csv", "this file cannot be written; check its folder, name and permissions"),
    ],
)
def test_a_place_that_cannot_be_written_says_so(tmp_path: Path, name: str, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        pr.check_table("unpaid-work", ORDER.empty_table(), on=ON).write(tmp_path / name)


@pytest.mark.parametrize(
    ("missing", "name"), [("sqlglot", "sql"), ("duckdb", "check_table"), ("pyarrow", "Table")]
)
def test_without_the_extra_it_says_what_to_install(missing: str, name: str) -> None:
    code = (
        f"import sys; sys.modules['{missing}'] = None; import probation_rules as pr\n"
        f"try: pr.{name}\nexcept pr.MissingExtra as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

    assert done.stdout == (
        f"`{name}` needs {missing}, which is not installed here; "
        "install the extra `table`: pip install 'probation-rules[table]'\n"
    )


def test_a_module_that_is_missing_for_another_reason_is_no_matter_of_extras(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(vars(pr)["_LATER"], "sqll", "probation_rules.engines.sqll")

    with pytest.raises(ModuleNotFoundError, match="sqll"):
        pr.sqll  # noqa: B018


def test_the_command_prints_the_statement(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [
        "sql",
        "pod",
        "--dialect",
        "spark",
        "--on",
        "2026-03-02",
        "--set",
        "ratio_measure=headcount",
    ]

    root.main(arguments, standalone_mode=False)

    settings = {"ratio_measure": "headcount"}
    assert (
        capsys.readouterr().out == pr.sql("pod", on=ON, dialect="spark", settings=settings) + "\n"
    )


@pytest.mark.parametrize("blank", [" ", "\t", "\n", "\r"], ids=["space", "tab", "line", "return"])
def test_blanks_around_text_are_no_part_of_a_value(blank: str) -> None:
    """A file with `\\r\\n` ends of lines leaves a carriage return in the last cell of each row."""
    texts = {
        "order_type": "community_order",
        "sentence_date": "2025-01-15",
        "required_minutes": "6000",
        "completed_minutes": "3000",
        "extended": "no",
    }
    assert_blanks_do_not_count("unpaid-work", texts, blank)
    hours = {"target_points": "100", "contracted_hours": "14.8", "usual_hours": "37.0"}
    assert_blanks_do_not_count("capacity", hours, blank)


def assert_blanks_do_not_count(area: str, texts: dict[str, str], blank: str) -> None:
    padded = {name: f"{blank}{text}{blank}" for name, text in texts.items()}
    # A row with nothing at all is not a case.
    first, second = {"reference": "with all"}, {"reference": "with nothing else"}
    given = [
        {**padded, "reference": f"{blank}with all{blank}"},
        {**dict.fromkeys(texts, blank), **second},
    ]
    wanted = [{**texts, **first}, {**dict.fromkeys(texts), **second}]

    left, right = (
        pr.check_table(area, pa.Table.from_pylist(rows), on=date(2026, 1, 15), facts=True)
        for rows in (given, wanted)
    )

    assert right.outcomes["reasons"].to_pylist() == [None, None]
    assert left.outcomes.to_pylist() == right.outcomes.to_pylist()
