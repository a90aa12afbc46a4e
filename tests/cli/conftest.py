from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from probation_rules.cli.program import root
from support.command_line import Orders, Run


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command line in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "140")
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)

    def run_(*arguments: str, stdin: str | bytes | None = None) -> Result:
        return CliRunner().invoke(
            root, arguments, input=stdin, prog_name="probation-rules", catch_exceptions=False
        )

    return run_


@pytest.fixture
def orders(tmp_path: Path) -> Orders:
    """Writes a CSV of orders, each from what differs from an order on pace in its third month."""

    def write(*rows: dict[str, str], name: str = "orders.csv") -> str:
        usual = {
            "reference": "",
            "order_type": "community_order",
            "sentence_date": "2025-11-03",
            "required_minutes": "6000",
            "completed_minutes": "3000",
            "ete_minutes": "0",
            "imposed_on_breach": "false",
            "six_month_review_done": "false",
            "nine_month_review_done": "false",
            "extension_identified": "false",
            "breach_action_started": "false",
            "extension_presented": "false",
            "extended": "false",
            "worked_after_last_day_minutes": "0",
        }
        names = dict.fromkeys([*usual, *(name for row in rows for name in row)])
        lines = [",".join(names)]
        lines += [",".join({**usual, **row}.get(name, "") for name in names) for row in rows]
        (tmp_path / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
        return name

    return write


@pytest.fixture
def north(tmp_path: Path) -> str:
    """A local rulebook that replaces one rule and sets one figure."""
    (tmp_path / "north.toml").write_text(
        """
area = "unpaid-work"

[local]
region = "North (made up)"
title = "Pace of our own"
version = "3"
effective_from = 2021-01-01
approved_by = "Nobody (made up)"

[parameters.review_grace]
basis = "local"
values = [{ from = 2021-01-01, value = 5, cites = [{ source = "house", checked = 2026-11-21 }] }]

[rules."upw.north-pace-6"]
title = "Some minute is done by the six-month point"
basis = "local"
replaces = "upw.pace-6"
in_force = { from = 2021-01-01 }
applies = "on >= review_6_on"
should = "completed_minutes > 0"
not_met = "{completed_minutes} done"
remedy = "Begin."
cites = [{ source = "house", checked = 2026-11-21 }]
""",
        encoding="utf-8",
    )
    return "north.toml"
