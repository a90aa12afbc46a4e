"""Decide whether a message may repeat a value.

A shifted column may contain names or dates of birth instead of codes or numbers. So a message repeats
a value only if it is plausible for the field. Any other value is described as a word, a text, a number
or a date.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime, time
from decimal import Decimal
from difflib import get_close_matches

_MONTH = (
    "(jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|sept?(ember)?|oct(ober)?"
    "|nov(ember)?|dec(ember)?)"
)
_CLOCK = r"[0-9]{1,2}[:.][0-9]{2}([:.][0-9]{2}(\.[0-9]{1,9})?)?"
_ZONE = r"(z|[+-][0-9]{2}:?[0-9]{2})"
_NUMBER = re.compile(
    r"[+-]?([0-9]{1,8}|[0-9]{1,3}(,[0-9]{3}){1,2})([.,][0-9]{1,8})?( ?(%|h|hrs?|hours?|mins?|minutes?))?",
    re.IGNORECASE,
)
_DATE = re.compile(
    rf"([0-9]{{1,4}}([-/. ])[0-9]{{1,2}}\2[0-9]{{1,4}}|(19|20)[0-9]{{6}}"
    rf"|[0-9]{{1,2}}(st|nd|rd|th)?[ -]?{_MONTH}[ -]?[0-9]{{2,4}}|{_MONTH} [0-9]{{1,2}},? [0-9]{{2,4}})"
    rf"([t ]{_CLOCK}{_ZONE}?)?",
    re.IGNORECASE,
)
_TIME = re.compile(rf"{_CLOCK}( ?[ap]m|{_ZONE})?", re.IGNORECASE)
_PLAUSIBLE = {"int": _NUMBER, "decimal": _NUMBER, "date": _DATE, "time": _TIME}

_SHORT_CODE = re.compile(r"(?=.{0,3}[0-9])[A-Za-z0-9]{1,4}")  # names do not contain digits
_LONG_WORD = 8  # letters: shorter ones are near to too many names (`Lowe` to `low`)
_NEAR = 0.85
_NEAR_LENGTH = 60  # letters; longer words are not compared
_BLANKS = re.compile(r"[\s_-]+")
_FIELD = re.compile(r"(?=.{1,40}$)([a-z][A-Za-z0-9_]*|[A-Z0-9]+(_[A-Z0-9]+)+)")
_SOME_NUMBER = re.compile(r"[+-]?[0-9][0-9.,]*")


def plausible(value: object, kind: str, words: Iterable[str] = ()) -> bool:
    """Return whether a value is plausible for a fact of this kind, so that a message may repeat it.

    Args:
        value: The value.
        kind: The kind of fact: `bool`, `code`, `int`, `decimal`, `date`, `time` or `text`.
        words: The allowed words.
    """
    if isinstance(value, bool):
        return True
    text = _text(value)
    if text is None or kind == "text":
        return False
    if kind in _PLAUSIBLE:
        return _PLAUSIBLE[kind].fullmatch(text) is not None
    return _SHORT_CODE.fullmatch(text) is not None or is_near(text, words)


def shown(value: object, kind: str, words: Iterable[str] = ()) -> str:
    """Return a wrong value in backticks if it is plausible, or else its kind, such as `this word`."""
    if plausible(value, kind, words):
        return f"`{str(value).lower() if isinstance(value, bool) else value}`"
    return f"this {_described(value)}"


def is_near(text: str, words: Iterable[str]) -> bool:
    """Return whether a text is one of these words, or a slightly misspelt long word."""
    plain = _plain(text[: _NEAR_LENGTH + 1])
    known = {_plain(word) for word in words}
    if plain in known:
        return True
    long = [word for word in known if len(word) >= _LONG_WORD]
    return _LONG_WORD <= len(plain) <= _NEAR_LENGTH and bool(
        get_close_matches(plain, long, n=1, cutoff=_NEAR)
    )


def plain(text: str) -> str:
    """Return the letters and digits of a text in small letters: `6 Month Review?` is `6monthreview`."""
    return "".join(filter(str.isalnum, text.casefold()))


def named(name: object, known: Iterable[str]) -> str:
    """Return an unknown name in backticks if it looks like a name, or else `this name`."""
    return f"`{name}`" if is_name(name, known) else "this name"


def is_name(name: object, known: Iterable[str]) -> bool:
    """Return whether a message may repeat an unknown name: it looks like a name, or is near one."""
    return isinstance(name, str) and (
        _FIELD.fullmatch(name) is not None or (name.isprintable() and is_near(name, known))
    )


def _plain(text: str) -> str:
    return _BLANKS.sub("", text).lower()


def _text(value: object) -> str | None:
    """Return the text that a message would repeat, or ``None`` if it is too long."""
    if isinstance(value, int) and abs(value) >= 10**9:
        return None
    return str(value) if isinstance(value, str | int | float | Decimal | date | time) else None


def _described(value: object) -> str:
    """Return the kind of a value, as a word."""
    if isinstance(value, int | float | Decimal):
        return "number"
    if isinstance(value, datetime):
        return "date and time"
    if isinstance(value, date):
        return "date"
    if isinstance(value, time):
        return "time"
    if not isinstance(value, str):
        return "value"
    for pattern, name in ((_SOME_NUMBER, "number"), (_DATE, "date"), (_TIME, "time")):
        if pattern.fullmatch(value):
            return name
    return "word" if value.isalpha() else "text"


def inert(text: str) -> str:
    """Return the text without characters that could steer a terminal; ends of lines stay."""
    return "".join(letter for letter in text if letter.isprintable() or letter == "\n")
