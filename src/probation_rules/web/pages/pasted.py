"""Members of PODs as people paste them from a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence

from attrs import frozen

from probation_rules.cases import MEMBERS_KNOWN
from probation_rules.intake.delimited import rows, separator_of
from probation_rules.intake.draft import labels_of
from probation_rules.intake.header import Row, find
from probation_rules.intake.words import words
from probation_rules.quoting import plain
from probation_rules.rulebook.model import Area, Fact
from probation_rules.web.pages.teams import PLACES, member_fields, members_of, own_fields


@frozen
class Pasted:
    """Rows that were pasted.

    Attributes:
        members: The texts of each member by field, with the POD that the row names.
        own: The texts of each POD itself, by the POD that the row names.
        unused: The headers of columns that the page does not have.
        fault: Why nothing could be read; ``None`` if it could.
    """

    members: tuple[tuple[str, Mapping[str, str]], ...] = ()
    own: Mapping[str, Mapping[str, str]] = {}
    unused: tuple[str, ...] = ()
    fault: str | None = None


def pasted(text: str, area: Area) -> Pasted:
    """Return the members in a text that was pasted.

    The first row may have headers: labels of the rules file, or the names of facts. Without headers,
    the columns are reference, grade, share of full time, and whether the newly-qualified period is
    completed.
    """
    labels = labels_of(area.name)
    lines = text.splitlines(keepends=True)

    def score(found: Iterator[Row]) -> int:
        return find(found, labels).known

    try:
        separator = separator_of(lambda: lines, score)
        table = find(rows(lines, separator), labels)
        if table.known:
            names = [labels.get(plain(cell), "") for cell in table.header]
            cells = [row for _, row in table.rows]
        else:
            names = [*member_fields(area)]
            cells = [row for _, row in rows(lines, separator)]
    except csv.Error:
        return Pasted(fault="this cannot be read as a table: check its quotation marks")
    if not cells:
        return Pasted(fault="paste at least one row with a member")
    facts = {**area.input_facts, **members_of(area).facts}
    read = [_texts(names, row, facts) for row in cells]
    known = {*member_fields(area), *own_fields(area), area.name, MEMBERS_KNOWN}
    own: dict[str, dict[str, str]] = {}
    for row in read:
        mine = own.setdefault(row.get(area.name, ""), {})
        for name in area.input_facts:
            if row.get(name) and name not in mine:
                mine[name] = row[name]
    if len(own) > len(PLACES):
        return Pasted(fault="the rows name more than two PODs: paste at most two")
    return Pasted(
        members=tuple(
            (row.get(area.name, ""), {name: row.get(name, "") for name in member_fields(area)})
            for row in read
        ),
        own=own,
        unused=tuple(
            header
            for header, name in zip(table.header, names, strict=False)
            if table.known and name not in known
        ),
    )


def _texts(names: Sequence[str], row: Sequence[str], facts: Mapping[str, Fact]) -> dict[str, str]:
    """Return the texts of a row by field, with words such as `y` and `n/k` as the page has them."""
    found = zip(names, map(str.strip, row), strict=False)
    return {name: _as_typed(text, facts.get(name)) for name, text in found if name}


def _as_typed(text: str, fact: Fact | None) -> str:
    word = text.casefold()
    if fact is None:
        return text
    if fact.kind == "bool":
        text = next((one for one in ("yes", "no") if word in words()[one]), text)
    return "" if word in words()["not_known"] else text
