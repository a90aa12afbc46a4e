"""Which facts a case class computes from one word, and which by code that no statement can give."""

from __future__ import annotations

from probation_rules.rulebook.model import Area, Fact


def worked_out_by_code(area: Area) -> str | None:
    """Return why no statement can answer an area, or ``None``: a fact that is no matter of one word."""
    for name, fact in area.facts.items():
        if fact.computed_from is not None and words_of(area, fact) is None:
            paths = " and ".join(f"`{path}`" for path in fact.computed_from)
            return f"`{name}` of {area.name} is worked out from {paths} by code, which no SQL says"
    return None


def words_of(area: Area, fact: Fact) -> tuple[str, tuple[str, ...]] | None:
    """Return the one code that a computed fact is worked out from, with its words."""
    source_name, *others = fact.computed_from or ("",)
    source = area.facts.get(source_name)
    if others or source is None or source.kind != "code":
        return None
    return source_name, source.type.codes
