"""`probation-rules sql`, with the table of prepared facts that its statement reads."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq  # type: ignore[import-untyped]

from support.command_line import Run

ASKED = ["sql", "appointments", "--dialect", "athena", "--on", "2026-11-21"]


def test_the_table_that_the_statement_reads_is_written(run: Run) -> None:
    text = "reference,sentence_date,recorded_to\na,2026-09-01,2026-11-20\n"
    Path("people.csv").write_text(text, encoding="utf-8")

    found = run(*ASKED, "--prepare", "people.csv", "cases.parquet")

    assert found.exit_code == 0
    assert found.stdout == run(*ASKED).stdout
    assert pq.read_table("cases.parquet")["sentence_business_days"].to_pylist() == [58]
