"""Facts that an area prepares: as a table of words in SQL, or why no statement can give them."""

from __future__ import annotations

from typing import cast

from probation_rules.engines.sql.nodes import Term, column, literal, one_of, when
from probation_rules.errors import EngineUnavailable
from probation_rules.rulebook.model import Area, Fact


def worked_out_by_code(area: Area) -> str | None:
    """Return why no statement can answer an area, or ``None``: a fact that is no matter of one word."""
    for name, fact in area.facts.items():
        if fact.computed_from is not None and _words_of(area, fact) is None:
            paths = " and ".join(f"`{path}`" for path in fact.computed_from)
            return f"`{name}` of {area.name} is worked out from {paths} by code, which no SQL says"
    return None


def require_statement(area: Area) -> None:
    """Refuse an area that no statement can answer.

    Raises:
        EngineUnavailable: Naming a fact that is worked out from more than one word.
    """
    if why := worked_out_by_code(area):
        raise EngineUnavailable(f"{why}; `check_table` answers such cases row by row")


def _words_of(area: Area, fact: Fact) -> tuple[str, tuple[str, ...]] | None:
    """Return the one code that a computed fact is worked out from, with its words."""
    source_name, *others = fact.computed_from or ("",)
    source = area.facts.get(source_name)
    if others or source is None or source.kind != "code":
        return None
    return source_name, source.type.codes


def tabulated(area: Area, name: str, fact: Fact) -> Term:
    """Return a prepared fact as a table of its value for each word."""
    source_name, words = cast("tuple[str, tuple[str, ...]]", _words_of(area, fact))
    found: dict[str, list[str]] = {}
    for word in words:
        facts = area.facts_of(area.spec.case(**{source_name: word}))
        found.setdefault(getattr(facts, name), []).append(word)
    source = column(source_name)
    return when(*((one_of(source, words), literal(value)) for value, words in found.items()))
