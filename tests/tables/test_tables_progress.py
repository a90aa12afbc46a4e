"""Progress: reported while DuckDB runs, and at the end."""

from __future__ import annotations

from pathlib import Path
from time import sleep
from typing import Any

import duckdb
import pytest

import probation_rules as pr
from probation_rules.errors import Problem
from probation_rules.tables import running
from probation_rules.tables import table as tables
from support.tabled import ON, arrow, made


class Slow:
    """A connection whose query is half way when asked."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def execute(self, text: str) -> None:
        self.said.append(text)

    def query_progress(self) -> float:
        return 50.0


def test_it_is_told_from_nothing_to_all_while_a_query_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "TOLD_EVERY", 0.001)
    connection: Any = Slow()
    shown: list[float] = []

    with running.watched(connection, shown.append):
        while not shown:
            sleep(0.001)

    assert set(shown[:-1]) == {0.5}
    assert shown[-1] == 1
    assert "SET enable_progress_bar = true" in connection.said


def test_a_query_that_fails_is_never_said_to_be_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "TOLD_EVERY", 60)
    shown: list[float] = []

    with (
        duckdb.connect() as connection,
        pytest.raises(duckdb.Error),
        running.watched(connection, shown.append),
    ):
        connection.execute("SELECT none")

    assert shown == []


@pytest.mark.parametrize("small", [-1, 2_000])
def test_every_answer_tells_its_end(
    small: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tables, "FEW_ROWS", small)
    shown: list[float] = []
    table = pr.check_table(
        "unpaid-work", arrow("unpaid-work", made("unpaid-work", 9)), on=ON, progress=shown.append
    )

    for answer in ("outcomes", "findings", "summary"):
        assert getattr(table, answer).num_rows
    table.write(tmp_path / "out.csv")

    assert shown[-1] == 1
    assert all(0 <= one <= 1 for one in shown)
    assert capfd.readouterr() == ("", ""), "DuckDB's own bar must not be drawn"


def test_duckdb_draws_no_bar_of_its_own(capfd: pytest.CaptureFixture[str]) -> None:
    """It would be part of the answer, if that goes to standard output."""
    with running.connection(None, None) as connection:
        connection.execute("SET progress_bar_time = 1")  # as if it took long
        connection.execute("SELECT sum(sqrt(range)) FROM range(100_000_000)")
    assert capfd.readouterr() == ("", "")


def test_the_work_stops_if_progress_raises_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "TOLD_EVERY", 0.001)

    def stop(_: float) -> None:
        raise pr.InputError([Problem("enough", "progress")])

    endless = (
        "SELECT count(*) FROM range(10000000000) a, range(10000000000) b WHERE a.range > b.range"
    )
    with (
        duckdb.connect() as connection,
        pytest.raises(pr.InputError, match="enough"),
        running.readable(),
        running.watched(connection, stop),
    ):
        connection.execute(endless)
