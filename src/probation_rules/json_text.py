"""JSON documents of answers as text: what `json.dumps` writes, in less time.

Many cases have the same findings, word for word, and the same wordings of rules. Their text is
kept. The other values go to the encoder of the standard library.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from types import NoneType
from typing import Any

import attrs

from probation_rules.document import Finding, Wording

_SCALARS = frozenset({str, int, bool, date, NoneType})
_KEPT = 4096  # texts of findings and wordings at one depth


def json_text(document: Any, indent: int | None = None, *, ascii_only: bool = False) -> str:
    """Return an object of the classes in `document` as JSON text.

    Args:
        document: The object.
        indent: By how many spaces each level is indented; ``None`` writes one line.
        ascii_only: Whether other characters are written as escapes.
    """
    return _writer(indent, 0, ascii_only).text(document)


class _Writer:
    """Writes the values at one depth of a document.

    Args:
        indent: By how many spaces each level is indented.
        depth: How many brackets there are around a value.
        ascii_only: Whether other characters are written as escapes.
    """

    def __init__(self, indent: int | None, depth: int, *, ascii_only: bool) -> None:
        self.question = indent, depth + 1, ascii_only
        self.indented = indent is not None
        self.after = "\n" + " " * indent * depth if indent is not None else ""
        self.before = self.after + " " * indent if indent is not None else ""
        self.between = f",{self.before}" if indent is not None else ", "
        self.encode = json.JSONEncoder(
            ensure_ascii=ascii_only, separators=(self.between, ": "), default=date.isoformat
        ).encode
        self.kept = lru_cache(_KEPT)(self.members)

    def text(self, value: Any) -> str:
        """Return a value as text."""
        if isinstance(value, Finding | Wording):
            return self.kept(value)
        if isinstance(value, dict):
            return self.mapping(value)
        if isinstance(value, tuple | list):
            return self.items(value)
        return self.members(value) if _is_object(value) else self.encode(value)

    def members(self, value: Any) -> str:
        """Return an object of a class as text."""
        names = [one.name for one in attrs.fields(type(value))]
        return self.mapping({name: getattr(value, name) for name in names})

    def mapping(self, values: dict[str, Any]) -> str:
        """Return a mapping as text; values next to each other are encoded together."""
        parts: list[str] = []
        plain: dict[str, Any] = {}
        for name, value in values.items():
            if self.is_plain(value):
                plain[name] = value
                continue
            if plain:
                parts.append(self.encode(plain)[1:-1])
                plain = {}
            parts.append(f"{self.encode(name)}: {_writer(*self.question).text(value)}")
        if plain:
            parts.append(self.encode(plain)[1:-1])
        return self.bracketed("{}", parts)

    def items(self, values: Sequence[Any]) -> str:
        """Return several values as text."""
        if values and all(map(self.is_plain, values)):
            return self.bracketed("[]", [self.encode(values)[1:-1]])
        return self.bracketed("[]", [_writer(*self.question).text(one) for one in values])

    def bracketed(self, brackets: str, parts: Sequence[str]) -> str:
        """Return the texts of some values as the text of what contains them."""
        if not parts:
            return brackets
        return f"{brackets[0]}{self.before}{self.between.join(parts)}{self.after}{brackets[1]}"

    def is_plain(self, value: Any) -> bool:
        """Whether the encoder knows the value, and lays it out as it should be."""
        if type(value) in _SCALARS:
            return True
        if self.indented:
            return not value or not (isinstance(value, dict | tuple | list) or _is_object(value))
        return not _has_objects(value)


def _has_objects(value: Any) -> bool:
    """Whether a value is, or contains, objects of a class. Values side by side are of one kind."""
    if isinstance(value, dict | tuple | list):
        several = iter(value.values() if isinstance(value, dict) else value)
        return _has_objects(next(several, None))
    return _is_object(value)


def _is_object(value: Any) -> bool:
    return hasattr(value, "__attrs_attrs__")


@lru_cache
def _writer(indent: int | None, depth: int, ascii_only: bool) -> _Writer:  # noqa: FBT001 (a key)
    return _Writer(indent, depth, ascii_only=ascii_only)
