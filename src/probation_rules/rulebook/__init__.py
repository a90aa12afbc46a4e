"""The rulebook: rules files (TOML) are read, checked and combined with local rulebooks.

No file is loaded before the rules are first used.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from probation_rules.rulebook.book import Rulebook


@lru_cache(1)
def shipped() -> Rulebook:
    """Return the rulebook that comes with the library, over all days."""
    from probation_rules.rulebook import book  # noqa: PLC0415 (see the module)

    return book.shipped()


def rulebook(*, on: date | None = None) -> Rulebook:
    """Return the shipped rulebook for one day, or for all days.

    Args:
        on: The day, or ``None`` for every dated wording and value.
    """
    return shipped() if on is None else shipped().on(on)
