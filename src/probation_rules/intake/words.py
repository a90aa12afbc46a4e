"""Words that people write in the cells and headers of a table, compared by letters and digits."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files


def plain(text: str) -> str:
    """Return the letters and digits of a text in small letters: `6 Month Review?` is `6monthreview`."""
    return "".join(filter(str.isalnum, text.casefold()))


@cache
def words() -> Mapping[str, frozenset[str]]:
    """Return the lists of words in `words.toml` by name, each word as `plain` returns it."""
    text = (files(__package__) / "words.toml").read_text(encoding="utf-8")
    return {name: frozenset(map(plain, found)) for name, found in tomllib.loads(text).items()}
