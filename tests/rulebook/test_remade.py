"""A book that differs only in its day or settings shares its areas."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from probation_rules.rulebook import book as module
from probation_rules.rulebook import load


def test_an_area_is_shared_between_copies_of_a_book(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[str] = []

    def build(document: Any, where: str, spec: Any) -> Any:
        made.append(document.area)
        return load.build(document, where, spec)

    monkeypatch.setattr(module, "build", build)
    areas: dict[Any, Any] = {}
    monkeypatch.setattr(module, "_AREAS", areas)
    book = module.from_package()
    for day in (15, 16):
        areas.clear()  # as when nothing else uses the area
        book.on(date(2026, 1, day)).area("pod")
    assert made == ["pod"]
