"""What a notebook shows of a report, a finding, a table or a rule: the same parts as its text.

Small pieces of HTML with everything escaped, made with the standard library alone. A whole page is
made by `pages`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

from probation_rules.language.tree import Type
from probation_rules.language.words import say

if TYPE_CHECKING:
    from datetime import date

    from probation_rules.explanation import Explanation
    from probation_rules.report import Finding, Report
    from probation_rules.rulebook.book import Rulebook
    from probation_rules.rulebook.model import Area, Citation

_LEFT = ' style="text-align: left"'  # a notebook would put text to the right


def visible(text: str) -> str:
    """Return text as it may be shown: a character that nobody would see is named instead.

    Marks that turn the direction of text, escapes and other controls become `[U+202E]`. Ends of
    lines stay.
    """
    if text.isprintable():
        return text
    return "".join(
        letter if letter.isprintable() or letter == "\n" else f"[U+{ord(letter):04X}]"
        for letter in text
    )


def report_html(report: Report) -> str:
    """Return a report: the stage, every finding that applies, and what it was worked out with."""
    area = report.area
    title = f"{area.title}: <bdi>{_text(report.reference or 'no reference')}</bdi>"
    lines = [f"<p><b>{title}</b>, on {_day(report.on)}</p>"]
    if area.stages:
        needs = f"cannot tell (needs {', '.join(report.stage_needs)})"
        lines.append(f"<p>Stage: {_text((report.stage or '').replace('_', ' ') or needs)}</p>")
    shown = [one for one in report.findings if one.outcome != "not_applicable"]
    lines.append(_table(("outcome", "rule", "what is so", "source"), map(_cells, shown)))
    given = [
        f"assumed: {name} is {say(report.values[name], area.facts[name].type)}"
        for name in report.assuming
    ]
    notes = [f"note: {name}: {text}" for name, text in report.notes.items()]
    remarks = [f"not asked here: {one.id}: {one.says}" for one in area.remarks]
    lines += [
        _list([*given, *notes, *remarks]),
        _basis(report.book, area, report.replaced, report.engine),
    ]
    return _joined(lines)


def finding_html(finding: Finding) -> str:
    """Return a finding: its outcome with the reason, what to do, what it needs, its sources."""
    rows = [
        ("rule", f"{_text(finding.title)} (<code>{_text(finding.rule)}</code>)"),
        ("outcome", _outcome(finding)),
        ("what is so", _text(finding.message)),
        ("what to do", _text(finding.remedy or "")),
        ("put right by", "<br>or ".join(map(_text, finding.changes))),
        ("assumed", _text(", ".join(finding.assumed))),
        ("rests on", _text(finding.basis.value)),
        ("source", "<br>".join(map(_source, finding.citations))),
    ]
    return _pairs(rows)


def table_html(
    area: Area,
    book: Rulebook,
    on: date,
    counts: Iterable[tuple[str, str, int]],
    notes: Sequence[str],
) -> str:
    """Return the answers to a table: how many cases have each outcome, by rule.

    Args:
        area: The area.
        book: The rules, settings included.
        on: The day asked about.
        counts: A rule, an outcome and the number of its cases.
        notes: What to know about the table as a whole.
    """
    rules: dict[str, dict[str, int]] = {}
    for rule, outcome, number in counts:
        rules.setdefault(rule, {})[outcome] = number
    outcomes = list(dict.fromkeys(word for one in rules.values() for word in one))
    rows = [
        (f"<code>{_text(rule)}</code>", *(f"{numbers[word]:,}" for word in outcomes))
        for rule, numbers in rules.items()
    ]
    cases = sum(next(iter(rules.values()), {}).values())
    heads = ("rule", *(word.replace("_", " ") for word in outcomes))
    title = f"<p><b>{_text(area.title)}: {cases:,} {'case' if cases == 1 else 'cases'}</b>"
    lines = [
        f"{title}, on {_day(on)}</p>",
        _table(heads, rows),
        _list(notes),
        _basis(book, area, book.on(on).replaced),
    ]
    return _joined(lines)


def explanation_html(rule: Explanation) -> str:
    """Return what a rule says: the text, kept as it stands."""
    return f"<pre>{_text(str(rule))}</pre>"


# --- pieces -------------------------------------------------------------------------------------


def _text(text: str) -> str:
    return escape(visible(text))


def _day(day: date) -> str:
    return say(day, Type("date"))


def _joined(lines: Iterable[str]) -> str:
    return "\n".join(filter(None, ["<div>", *lines, "</div>"]))


def _cells(finding: Finding) -> tuple[str, ...]:
    told = _text(finding.message)
    told += "".join(f"<br>put right by: {_text(change)}" for change in finding.changes)
    sources = "<br>".join(map(_source, finding.citations))
    return _outcome(finding), f"<code>{_text(finding.rule)}</code>", told, sources


def _outcome(finding: Finding) -> str:
    said = finding.outcome.replace("_", " ")
    return f"<b>{said} ({finding.level})</b>" if finding.level else said


def _source(one: Citation) -> str:
    address = one.source.address or ""
    if not address.startswith(("https://", "http://")):
        return _text(str(one))
    return f'<a href="{_text(address)}" rel="noopener noreferrer">{_text(str(one))}</a>'


def _basis(
    book: Rulebook, area: Area, replaced: Mapping[str, str], engine: str | None = None
) -> str:
    by = f"; engine {engine}" if engine else ""
    local = [f"local rulebook: {one.region}: {one.title}, {one.version}" for one in book.local]
    local += [f"local rule: {new} replaces {old}" for old, new in replaced.items()]
    for name in book.settings:
        if parameter := area.parameters.get(name):
            value = say(parameter.values[0].value, parameter.type)
            local.append(f"set by the caller: {name} is {value}")
    told = [f"Rules {book.version}, {book.short_digest}{by}", *local]
    return f"<p><small>{'<br>'.join(map(_text, told))}</small></p>"


def _list(texts: Sequence[str]) -> str:
    items = "".join(f"<li>{_text(text)}</li>" for text in texts)
    return f"<ul>{items}</ul>" if items else ""


def _pairs(rows: Iterable[tuple[str, str]]) -> str:
    """A table of two columns, without the rows that have nothing to say."""
    inner = "".join(
        f'<tr><th scope="row"{_LEFT}>{name}</th><td{_LEFT}>{said}</td></tr>'
        for name, said in rows
        if said
    )
    return f"<table><tbody>{inner}</tbody></table>"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col"{_LEFT}>{text}</th>' for text in heads)
    inner = "".join(
        f"<tr>{''.join(f'<td{_LEFT}>{text}</td>' for text in row)}</tr>\n" for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>\n{inner}</tbody></table>"
