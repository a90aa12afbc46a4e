"""Words that people write in the cells of a table."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files


@cache
def words() -> Mapping[str, frozenset[str]]:
    """Return the lists of words in `words.toml`, by name."""
    text = (files(__package__) / "words.toml").read_text(encoding="utf-8")
    return {name: frozenset(found) for name, found in tomllib.loads(text).items()}
