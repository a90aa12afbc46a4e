"""Rulebooks for tests: the shipped rules with changes, or a few rules files alone."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from attrs import evolve

from probation_rules.rulebook import shipped
from probation_rules.rulebook.book import Rulebook
from probation_rules.rulebook.read import document_from, parse_toml

Content = Mapping[str, Any]


def content_of(area: str) -> dict[str, Any]:
    """Return the TOML of a shipped area, for a test to change."""
    path = files("probation_rules.areas") / area.replace("-", "_") / "rules.toml"
    return parse_toml(path.read_text(encoding="utf-8"), f"{area}/rules.toml")


def book_of(*contents: Content) -> Rulebook:
    """Return a rulebook of these rules files alone."""
    documents = {one["area"]: document_from(one, f"{one['area']}/rules.toml") for one in contents}
    return evolve(shipped(), documents=documents)


def shipped_with(content: Content) -> Rulebook:
    """Return the shipped rulebook with this rules file for its area."""
    documents = {**shipped().documents, **book_of(content).documents}
    return evolve(shipped(), documents=documents)
