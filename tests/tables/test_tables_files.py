"""Tables as they are on disk: folders and patterns of Parquet, and compressed files of text."""

from __future__ import annotations

import gzip
import io
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest
from click.testing import CliRunner, Result

import probation_rules as pr
from probation_rules import readers
from probation_rules.cli.program import root
from probation_rules.readers import compressed
from probation_rules.tables import forms
from support.tabled import ON, orders

ROWS = b"reference,order_type,sentence_date\nEX-1,community_order,2025-03-03\nEX-2,,bad\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(path: str, *references: str, **columns: Any) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    table = pa.table({"reference": list(references), **columns})
    pq.write_table(table, path)


def references(path: str | Path, **asked: Any) -> list[str]:
    found = pr.check_table("unpaid-work", path, on=ON, **asked).outcomes["reference"]
    return list(map(str, found.to_pylist()))


def command(*arguments: str) -> Result:
    return CliRunner().invoke(root, ["check", "unpaid-work", *arguments, "--on", "2026-03-02"])


# --- Folders and patterns of Parquet ------------------------------------------------------------


def test_a_folder_is_read_file_by_file_without_what_is_hidden() -> None:
    write("orders/b.parquet", "B")
    write("orders/a/2.pq", "A2")
    write("orders/a/1.PARQUET", "A1")
    write("orders/_temporary/x.parquet", "no")
    write("orders/.x.parquet", "no")
    Path("orders/_SUCCESS").touch()
    Path("orders/readme.txt").write_text("none")

    assert references("orders") == references(Path("orders").absolute()) == ["A1", "A2", "B"]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("orders/2026-*.parquet", ["JAN", "FEB"]),
        ("orders/2026-0?.parquet", ["JAN", "FEB"]),
        ("orders/2026-0[2-9].parquet", ["FEB"]),
        ("**/*.parquet", ["JAN", "FEB", "OLD"]),
        ("orders/o*", ["OLD"]),
        ("orders/*[0-9]*", ["JAN", "FEB"]),
    ],
)
def test_a_pattern_is_read_as_the_files_and_folders_that_it_matches(
    pattern: str, found: list[str]
) -> None:
    write("orders/2026-01.parquet", "JAN")
    write("orders/2026-02.parquet", "FEB")
    write("orders/old/2025.parquet", "OLD")

    assert references(pattern) == found


def test_a_file_whose_name_has_the_characters_of_a_pattern_is_that_file() -> None:
    write("orders [1]*.parquet", "this")
    write("orders 1.parquet", "other")

    assert references("orders [1]*.parquet") == ["this"]


def test_a_column_that_one_file_lacks_is_unknown_in_its_rows() -> None:
    write("orders/1.parquet", "EX-1")
    write("orders/2.parquet", "EX-2", order_type=["communal"])

    rows = pr.check_table("unpaid-work", "orders", on=ON).outcomes.to_pylist()

    assert [row["reasons"] and row["reasons"][0][-10:] for row in rows] == [None, "order_type"]


def test_names_of_folders_are_columns_of_text() -> None:
    write("orders/order_type=community_order/adjustment_made=true/1.parquet", "EX-1")
    write("orders/order_type=communal/adjustment_made=true/1.parquet", "EX-2")
    write("orders/order_type=__HIVE_DEFAULT_PARTITION__/adjustment_made=false/1.parquet", "EX-3")

    with pytest.raises(pr.CaseError, match="adjustment_made"):
        references("orders")
    table = pr.check_table("unpaid-work", "orders", on=ON, keep=["adjustment_made"])

    rows = table.outcomes.to_pylist()
    assert [row["adjustment_made"] for row in rows] == ["false", "true", "true"]
    assert [bool(row["reasons"]) for row in rows] == [False, True, False]
    assert rows[1]["reference"] == "EX-2"
    assert "order_type" in rows[1]["reasons"][0]


def test_members_may_be_a_folder_too() -> None:
    pods = pa.table({"reference": ["N1"], "case_knowledge_shared": [True]})
    write("people/1.parquet", "M1", pod=["N1"], grade=["PO"])
    write("people/2.parquet", "M2", pod=["N1"], grade=["chief"])

    (row,) = pr.check_table("pod", pods, members="people", on=ON).outcomes.to_pylist()

    assert row["reasons"] == ["must be one of PO, PSO, CA, PQiP @ grade of a member"]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("empty", "does not have a Parquet file; check its name @ empty"),
        ("none/*.parquet", r"does not have a Parquet file; check its name @ \*\.parquet"),
        ("mixed/*", "1 of 2 files are not Parquet; choose Parquet files only"),
        ("broken", "a file here cannot be read as Parquet: it may be cut off"),
        ("nothing", "the file was not found @ nothing"),
        ("nul\0l", "the file was not found"),
        ("nul\0l*", "does not have a Parquet file"),
    ],
)
def test_what_cannot_be_read_is_refused(path: str, message: str) -> None:
    Path("empty").mkdir()
    write("mixed/1.parquet", "EX-1")
    Path("mixed/2.csv").write_bytes(ROWS)
    Path("broken").mkdir()
    Path("broken/1.parquet").write_bytes(b"PAR1")

    with pytest.raises(pr.CaseError, match=message):
        references(path)


def test_the_command_answers_a_folder_as_one_table() -> None:
    write("orders/1.parquet", "EX-1", "EX-2")
    write("orders/2.parquet", "EX-3")

    for path in ("orders", "orders/*.parquet"):
        found = command(path)
        assert found.exit_code == 0, found.output
        assert "3 orders" in found.output


@pytest.mark.parametrize("read", ["orders", "orders/*.parquet", "orders/**/*.parquet", "order*"])
def test_nothing_is_written_over_or_among_several_inputs(read: str) -> None:
    write("orders/1.parquet", "EX-1")
    before = Path("orders/1.parquet").read_bytes()
    Path("link.parquet").symlink_to("orders/1.parquet")
    Path("same").symlink_to("orders")

    table = pr.check_table("unpaid-work", read, on=ON)
    for name in ("orders/1.parquet", "link.parquet", "same/1.parquet"):
        with pytest.raises(pr.InputError, match="this file is an input"):
            table.write(name)
        assert command(read, "--output", name).exit_code == 2
    for name in ("orders/2.parquet", "same/2.parquet"):
        with pytest.raises(
            pr.InputError, match="would be one of the inputs when they are read again"
        ):
            table.write(name)
        found = command(read, "--output", name)
        assert found.exit_code == 2
        assert "would be one of the inputs" in found.output
    assert Path("orders/1.parquet").read_bytes() == before
    assert sorted(Path("orders").iterdir()) == [Path("orders/1.parquet")]


@pytest.mark.parametrize("read", ["orders", "orders/*.parquet", "orders/1*"])
def test_a_name_that_is_not_among_the_inputs_may_be_written(read: str) -> None:
    write("orders/1.parquet", "EX-1")
    table = pr.check_table("unpaid-work", read, on=ON)

    for name in ("answers.parquet", "orders/answers.csv"):
        table.write(name)
        assert Path(name).exists()
    if read != "orders":
        Path("orders/deep").mkdir()
        table.write("orders/deep/answers.parquet")


def test_a_file_of_one_group_of_rows_is_copied_so_that_all_threads_read_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(forms, "MANY_ROWS", 99)
    data = orders(required_minutes=list(range(100)))
    pq.write_table(data, "one.parquet")
    pq.write_table(data, "two.parquet", row_group_size=50)

    def kind(path: str, threads: int) -> str:
        table = pr.check_table("unpaid-work", path, on=ON, threads=threads)
        query = "SELECT table_type FROM information_schema.tables WHERE table_name = 'source'"
        ((found,),) = table._source.connection.execute(query).fetchall()  # noqa: SLF001
        return str(found)

    assert kind("one.parquet", 2) == "LOCAL TEMPORARY"
    assert kind("one.parquet", 1) == kind("two.parquet", 2) == "VIEW"


# --- Compressed text ----------------------------------------------------------------------------


def packed(name: str, content: bytes) -> Path:
    path = Path(name)
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(content))
    else:
        with pa.CompressedOutputStream(name, "zstd") as file:
            file.write(content)
    return path


@pytest.mark.parametrize("suffix", ["gz", "zst"])
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("orders.csv", ROWS),
        ("orders.CSV", b"\xff\xfe" + ROWS.decode().encode("utf-16-le")),
        ("orders.jsonl", b'{"reference": "EX-1"}\n{"reference": "EX-2", "sentence_date": "bad"}\n'),
    ],
)
def test_compressed_text_has_the_answers_of_the_text(
    name: str, content: bytes, suffix: str
) -> None:
    Path(name).write_bytes(content)
    path = packed(f"{name}.{suffix}", content)

    found = pr.check_table("unpaid-work", path, on=ON).outcomes

    assert found == pr.check_table("unpaid-work", name, on=ON).outcomes
    assert found["reference"].to_pylist() == ["EX-1", "EX-2"]
    reading, plain = (readers.read("unpaid-work", one, strict=False) for one in (path, name))
    assert (reading.cases, reading.places) == (plain.cases, plain.places)


def test_the_command_reads_compressed_text(monkeypatch: pytest.MonkeyPatch) -> None:
    packed("orders.csv.gz", ROWS)
    whole = command("orders.csv.gz", "--format", "json").output
    assert '"reference": "EX-1"' in whole

    monkeypatch.setattr("probation_rules.cli.table_options.LARGE_BYTES", 80)
    counts = command("orders.csv.gz", "--format", "json").output
    assert '"most_urgent"' in counts
    drafted = CliRunner().invoke(root, ["map", "unpaid-work", "orders.csv.gz"])
    assert 'reference = ["reference"]' in drafted.output


@pytest.mark.parametrize("name", ["orders.csv.gz", "orders.csv.zst"])
def test_a_damaged_compressed_file_is_refused(name: str) -> None:
    lines = "".join(f"{number**9}\n" for number in range(9_000))
    content = packed(name, ROWS + lines.encode()).read_bytes()
    for damaged in (content[: len(content) // 2], b"not packed"):
        Path(name).write_bytes(damaged)
        for read in (
            lambda: pr.check_table("unpaid-work", name, on=ON),
            lambda: readers.read("unpaid-work", name),
        ):
            with pytest.raises(
                pr.CaseError, match="this file cannot be unpacked: it may be cut off"
            ):
                read()


def test_zstd_needs_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    packed("orders.csv.zst", ROWS)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(pr.MissingExtra, match=r"probation-rules\[table\]"):
        readers.read("unpaid-work", "orders.csv.zst")


def test_unpacked_content_is_read_from_its_start_only() -> None:
    path = packed("orders.csv.gz", ROWS)
    with compressed.opened(path) as file:
        assert file.read() == ROWS
        file.seek(0)
        assert file.read(9) == b"reference"
        with pytest.raises(io.UnsupportedOperation, match="only the start"):
            file.seek(1 << 20)


def test_an_output_never_replaces_a_compressed_input() -> None:
    packed("orders.csv.gz", ROWS)
    Path("answers.csv").hardlink_to("orders.csv.gz")
    with pytest.raises(pr.InputError, match="this file is an input"):
        pr.check_table("unpaid-work", "orders.csv.gz", on=date(2026, 3, 2)).write("answers.csv")
