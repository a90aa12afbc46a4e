"""Answers by DuckDB's statement, and row by row, whatever the size of the table."""

from __future__ import annotations

import pytest

from probation_rules.tables import table


@pytest.fixture
def small(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(table, "FEW_ROWS", request.param)
    return int(request.param)
