from __future__ import annotations

import errno
import io
import sys
from pathlib import Path

import pytest

from probation_rules.caseload.csv_rows import csv_text
from probation_rules.cli.output import deliver
from probation_rules.quoting import inert
from support.command_line import Orders, Run

ON = ("--on", "2026-01-15")


def test_text_is_made_inert() -> None:
    assert inert("a\x1b[2Jb\tc\x07\u202ed\u0085\n\r") == "a[2Jbcd\n"


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        *(
            ("=A1", "'=A1"),
            ("+1", "'+1"),
            ("@x", "'@x"),
            ("\tx", "'\tx"),
            ("\rx", '"\'\rx"'),
            ("a\rb", '"a\rb"'),
            ("a\nb", '"a\nb"'),
        ),
        *(("-x", "'-x"), ("-1e5", "'-1e5"), ("-1", "-1"), ("-1.5", "-1.5"), (-7, "-7")),
        *((None, '""'), ("", '""'), (True, "true"), (False, "false"), ("a=b", "a=b")),
    ],
)
def test_a_cell_that_could_be_a_formula_is_made_text(value: object, cell: str) -> None:
    assert csv_text(["head"], [[value]]) == f"head\n{cell}\n"


def test_letters_that_the_stream_does_not_know_do_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    deliver("caf\u00e9\n", None)
    assert raw.getvalue() == b"caf?\n"


def test_closed_standard_output_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    deliver("text", None)


def test_an_input_is_not_replaced(run: Run, orders: Orders, north: str) -> None:
    file = orders({})
    before = Path(file).read_text(encoding="utf-8")
    for name in (file, f"./{file}", north):
        result = run("check", "unpaid-work", file, *ON, "--rulebook", north, "--output", name)
        assert result.exit_code == 2
        shown = "this file is an input, and writing would destroy it; give another name"
        assert f"error: {shown} @ {Path(name)}\n" in result.stderr
    assert Path(file).read_text(encoding="utf-8") == before


def test_only_an_ordinary_file_is_replaced(run: Run, orders: Orders) -> None:
    file = orders({})
    result = run("check", "unpaid-work", file, *ON, "--output", ".")
    assert result.exit_code == 2
    assert "not an ordinary file" in result.stderr
    Path("old.txt").write_text("before", encoding="utf-8")
    assert run("check", "unpaid-work", file, *ON, "--output", "old.txt").exit_code == 0
    assert "orders.csv" in Path("old.txt").read_text(encoding="utf-8")


def test_a_folder_that_is_not_there_is_told_by_the_name_typed(run: Run, orders: Orders) -> None:
    result = run("check", "unpaid-work", orders({}), *ON, "--output", "none/out.txt")
    assert result.exit_code == 2
    assert result.stderr == f"error: no such file or directory: {Path('none/out.txt')}\n"


def test_nothing_half_written_is_left(
    run: Run, orders: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = orders({})
    Path("out.txt").write_text("before", encoding="utf-8")

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "hidden name")

    monkeypatch.setattr(Path, "replace", fail)
    result = run("check", "unpaid-work", file, *ON, "--output", "out.txt")
    assert result.exit_code == 2
    assert result.stderr == "error: no space left on device: out.txt\n"
    assert Path("out.txt").read_text(encoding="utf-8") == "before"
    assert sorted(path.name for path in Path().iterdir()) == [file, "out.txt"]
