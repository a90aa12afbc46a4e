"""A policy owner reads a rules file from top to bottom: the policy itself comes first."""

from __future__ import annotations

from importlib.resources import files

import pytest

import probation_rules as pr
from probation_rules.rulebook.read import parse_toml

READING_ORDER = (
    "rules", "stages", "due", "parameters", "derived", "facts", "assume", "sources",
)  # fmt: skip


@pytest.mark.parametrize("area", pr.rulebook().areas)
def test_a_rules_file_begins_with_the_rules_and_ends_with_the_sources(area: str) -> None:
    path = files("probation_rules.areas") / area.replace("-", "_") / "rules.toml"
    sections = list(parse_toml(path.read_text(encoding="utf-8"), path.name))

    ordered = [section for section in READING_ORDER if section in sections]
    assert [section for section in sections if section in READING_ORDER] == ordered
