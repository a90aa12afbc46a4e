"""A process that gets a signal while DuckDB writes ends at once, with a message and without a file."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from signal import SIGINT, SIGTERM, Signals, default_int_handler, signal
from subprocess import PIPE
from time import sleep

import duckdb
import pytest

import probation_rules as pr
from probation_rules.tables.running import connection, readable

CODE = """
from datetime import date
import probation_rules as pr
table = pr.check_table("unpaid-work", "in.parquet", on=date(2026, 1, 15), threads=1)
try:
    table.write("out.csv")
except KeyboardInterrupt:
    raise SystemExit("interrupted in Python")
"""
COMMAND = (
    *("-m", "probation_rules", "check", "unpaid-work", "in.parquet", "--on", "2026-01-15"),
    *("--threads", "1", "--output", "out.csv"),
)
# Many rows, since DuckDB looks for a signal once in some 100,000; and formulas, which take it a while.
TABLE = """
SELECT repeat(';=', 20) AS reference, DATE '1066-10-14' AS sentence_date FROM range(200_000)
"""


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with a large table."""
    path = tmp_path_factory.mktemp("large") / "in.parquet"
    duckdb.execute(f"COPY ({TABLE}) TO '{path}'")
    return path


@pytest.fixture
def folder(tmp_path: Path, large: Path) -> Path:
    """A folder with a large table."""
    (tmp_path / "in.parquet").symlink_to(large)
    return tmp_path


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Let a child process end on Ctrl-C, although the process of the tests may ignore it.

    A child inherits only that a signal is ignored: `nohup` and `trap '' INT` do that.
    """
    before = signal(SIGINT, default_int_handler)
    yield
    signal(SIGINT, before)


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize(
    ("arguments", "number", "code", "shown"),
    [
        (("-c", CODE), SIGINT, 1, "interrupted in Python"),
        (COMMAND, SIGINT, 130, "interrupted; no file is left half written"),
        (COMMAND, SIGTERM, 130, "interrupted; no file is left half written"),
    ],
    ids=["Python", "command", "command-told-to-end"],
)
def test_what_is_half_written_is_gone(
    folder: Path, arguments: tuple[str, ...], number: Signals, code: int, shown: str
) -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(pr.__file__).parents[1])}
    with subprocess.Popen(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment,
        text=True,
        stdout=PIPE,
        stderr=PIPE,
    ) as process:
        while process.poll() is None and not growing(folder):
            sleep(0.001)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (code, "")
    stated = [line for line in err.splitlines() if not line.startswith("note: ")]
    assert stated == [shown]
    assert [one.name for one in folder.iterdir()] == ["in.parquet"]


def growing(folder: Path) -> bool:
    """Whether something of the answer is written, and not all."""
    with suppress(FileNotFoundError):
        return any(part.stat().st_size for part in folder.glob(".*.part"))
    return False


def test_only_an_interruption_is_taken_for_one() -> None:
    with pytest.raises(KeyboardInterrupt), readable():
        raise RuntimeError("Query interrupted")  # as DuckDB writes it
    with pytest.raises(RuntimeError, match="another"), readable():
        raise RuntimeError("another")


def test_no_thread_writes_beside_the_one_that_may_be_interrupted() -> None:
    """It would hang for ever, in some interruptions of many: DuckDB 2.0, `AsyncFileWriter`."""
    found = connection(None, None).execute("SELECT current_setting('async_threads')").fetchall()
    assert found == [(0,)]
