"""Rules files (TOML) -> a checked rulebook: dated values, citations, digest, local books."""

from probation_rules.rulebook.book import Rulebook, shipped

__all__ = ["Rulebook", "shipped"]
