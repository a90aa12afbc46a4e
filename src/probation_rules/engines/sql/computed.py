"""Facts that an area prepares: as a table of words in SQL, or why no statement can give them."""

from __future__ import annotations

from typing import cast

from probation_rules.engines.computed import words_of, worked_out_by_code
from probation_rules.engines.sql.nodes import Term, column, literal, one_of, when
from probation_rules.errors import EngineUnavailable
from probation_rules.rulebook.model import Area, Fact


def require_statement(area: Area) -> None:
    """Refuse an area that no statement can answer.

    Raises:
        EngineUnavailable: Naming a fact that is worked out from more than one word.
    """
    if why := worked_out_by_code(area):
        raise EngineUnavailable(f"{why}; `check_table` answers such cases row by row")


def tabulated(area: Area, name: str, fact: Fact) -> Term:
    """Return a prepared fact as a table of its value for each word."""
    source_name, words = cast("tuple[str, tuple[str, ...]]", words_of(area, fact))
    found: dict[str, list[str]] = {}
    for word in words:
        facts = area.facts_of(area.spec.case(**{source_name: word}))
        found.setdefault(getattr(facts, name), []).append(word)
    source = column(source_name)
    return when(*((one_of(source, words), literal(value)) for value, words in found.items()))
