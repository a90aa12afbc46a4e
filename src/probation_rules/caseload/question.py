"""The question about a file: area, day, rulebook and assumptions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from attrs import frozen

from probation_rules.caseload.layout import Layout, layout_for
from probation_rules.language.english import say
from probation_rules.rulebook.book import Rulebook
from probation_rules.rulebook.model import Area

DAYS = 28
"""How many days ahead due days are listed, if the caller does not choose."""


@frozen
class Question:
    """A question about a file.

    Attributes:
        on: The day asked about.
        engine: The engine to decide.
        book: The rules, settings included.
        area: The area, of that book.
        assuming: Values for facts that a case leaves unknown.
        by: The kept column by which cases are grouped.
        cross_check: Whether the engine `durable` decides too.
    """

    on: date
    engine: str
    book: Rulebook
    area: Area
    assuming: Mapping[str, Any]
    by: str | None = None
    cross_check: bool = False

    @property
    def case_by_case(self) -> str | None:
        """The option that answers one case at a time, if it was given."""
        if self.cross_check:
            return "--cross-check"
        return None if self.engine == "python" else f"--engine {self.engine}"

    @property
    def layout(self) -> Layout:
        """How the area's cases are listed."""
        return layout_for(self.area)

    @property
    def stages(self) -> tuple[str | None, ...]:
        """The stages, the most urgent first, and ``None`` for an unknown stage."""
        return (*sorted(self.area.stages, key=self.layout.ranked), None)

    def count(self, number: int) -> str:
        """Return a number of cases, in the area's word: `312 orders`."""
        return f"{number:,} {self.layout.one if number == 1 else self.layout.many}"

    def given(self, assumed: Iterable[tuple[str, str]]) -> Iterator[str]:
        """Yield what the caller added to the shipped rules: rulebooks, settings and assumptions.

        Args:
            assumed: Facts that the caller assumes, each with the cases that it applies to.
        """
        book, area = self.book, self.area
        yield from (
            f"Local rulebook: {one.region}, {one.title}, {one.version}" for one in book.local
        )
        for old, new in book.on(self.on).replaced.items():
            yield f"Local rule: {new} replaces {old}"
        for name in (one for one in book.settings if one in area.parameters):
            figure = area.parameters[name]
            yield f"Set by the caller: {name} is {say(figure.values[0].value, figure.type)}"
        for name, where in assumed:
            value = say(self.assuming[name], area.facts[name].type)
            yield f"Assumed by the caller: {name} is {value}, {where}"
