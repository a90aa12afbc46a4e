from __future__ import annotations

from pathlib import Path

from support.command_line import Orders, Run


def test_a_stored_report_is_replayed(run: Run, orders: Orders, north: str) -> None:
    file = orders({"reference": "EX-1"}, {"reference": "EX-2", "completed_minutes": "0"})
    question = ("check", "unpaid-work", file, "--on", "2026-01-15", "--format", "json")
    assert run(*question, "--output", "report.json").exit_code == 0
    same = run("replay", "report.json")
    assert (same.exit_code, same.stdout) == (0, "2 of 2 answers identical\n")
    other = run("replay", "report.json", "--rulebook", north)
    assert other.exit_code == 1
    assert other.stdout.startswith("the rulebook has changed since: ")
    assert "EX-1: upw.north-pace-6: no such rule then, not_applicable now\n" in other.stdout


def test_what_is_no_report_is_told(run: Run) -> None:
    Path("no.json").write_text("{", encoding="utf-8")
    assert run("replay", "no.json").stderr == "error: this file is not JSON @ no.json\n"
    Path("no.json").write_text("[]", encoding="utf-8")
    assert run("replay", "no.json").stderr == (
        "error: must be an object with named fields; this version cannot read the document: check the cases again and store the answers, or use the version that wrote it @ $\n"
    )
    assert run("replay", "none.json").exit_code == 2
