"""Small pieces of HTML for notebooks, with every text escaped.

Reports, findings, tables and explanations combine them. `caseload.html` makes whole pages.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

from probation_rules.language.english import say
from probation_rules.language.tree import Type

if TYPE_CHECKING:
    from datetime import date

    from probation_rules.rulebook.book import Rulebook
    from probation_rules.rulebook.model import Area, Citation, Severity

_LEFT = ' style="text-align: left"'  # a notebook would align text to the right


def visible(text: str) -> str:
    """Return text with a visible name in place of each invisible character.

    Marks that change the direction of text, escapes and other control characters become `[U+202E]`.
    Line ends stay.
    """
    if text.isprintable():
        return text
    return "".join(
        letter if letter.isprintable() or letter == "\n" else f"[U+{ord(letter):04X}]"
        for letter in text
    )


def text(words: str) -> str:
    """Return text with its HTML characters escaped."""
    return escape(visible(words))


def day(one: date) -> str:
    """Return a day in words."""
    return say(one, Type("date"))


def joined(lines: Iterable[str]) -> str:
    """Return non-empty pieces joined as one text."""
    return "\n".join(filter(None, ["<div>", *lines, "</div>"]))


def outcome(word: str, severity: Severity | None) -> str:
    """Return an outcome in words; of a rule that is not met, with its kind."""
    return f"<b>{severity.kind} not met</b>" if severity else word.replace("_", " ")


def sources(citations: Iterable[Citation]) -> str:
    """Return citations, each with a link to its source."""
    return "<br>".join(map(_source, citations))


def _source(one: Citation) -> str:
    address = one.source.address or ""
    if not address.startswith(("https://", "http://")):
        return text(str(one))
    return f'<a href="{text(address)}" rel="noopener noreferrer">{text(str(one))}</a>'


def basis(
    book: Rulebook, area: Area, replaced: Mapping[str, str], engine: str | None = None
) -> str:
    """Return the rules used for an answer: version, local rulebooks and settings."""
    by = f"; engine {engine}" if engine else ""
    local = [f"local rulebook: {one.region}: {one.title}, {one.version}" for one in book.local]
    local += [f"local rule: {new} replaces {old}" for old, new in replaced.items()]
    for name in book.settings:
        if parameter := area.parameters.get(name):
            value = say(parameter.values[0].value, parameter.type)
            local.append(f"set by the caller: {name} is {value}")
    lines = [f"Rules {book.version}, {book.short_digest}{by}", *local]
    return f"<p><small>{'<br>'.join(map(text, lines))}</small></p>"


def bullets(lines: Iterable[str]) -> str:
    """Return a list, or nothing if there are no lines."""
    items = "".join(f"<li>{text(line)}</li>" for line in lines)
    return f"<ul>{items}</ul>" if items else ""


def pairs(rows: Iterable[tuple[str, str]]) -> str:
    """Return a table of names and values in HTML, without empty rows."""
    inner = "".join(
        f'<tr><th scope="row"{_LEFT}>{name}</th><td{_LEFT}>{value}</td></tr>'
        for name, value in rows
        if value
    )
    return f"<table><tbody>{inner}</tbody></table>"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; its cells are HTML."""
    head = "".join(f'<th scope="col"{_LEFT}>{one}</th>' for one in heads)
    inner = "".join(
        f"<tr>{''.join(f'<td{_LEFT}>{cell}</td>' for cell in row)}</tr>\n" for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>\n{inner}</tbody></table>"
