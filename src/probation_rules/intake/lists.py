"""Further sheets of a workbook: a sheet for each list of records that cases may have, with a row a record.

The name of such a sheet is the name of the field. Each row gives the reference of its case.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import define, field

from probation_rules.cases import REFERENCE, form_of
from probation_rules.errors import Problem
from probation_rules.intake.header import Found, find
from probation_rules.intake.mapped import BETWEEN, Unread, reader
from probation_rules.intake.mapping import UNITS, ColumnMapping
from probation_rules.intake.spreadsheet import Workbook
from probation_rules.quoting import plain
from probation_rules.rulebook import shipped
from probation_rules.rulebook.model import Fact, Records


def fields_with_lists(area: str) -> dict[str, Records]:
    """Return the fields with a list of records, by the name of the sheet as `plain` returns it."""
    records = form_of(area).records.items()
    return {plain(name): held for name, (held, _) in records if held.most is not None}


@define
class Lists:
    """The records on further sheets.

    Attributes:
        fields: The fields that have a sheet.
        notes: What to note about the sheets.
    """

    fields: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    _problems: list[Problem] = field(factory=list)
    _records: dict[str, dict[str, list[dict[str, str]]]] = field(factory=dict)
    _places: dict[str, str] = field(factory=dict)
    _taken: Counter[str] = field(factory=Counter)

    @classmethod
    def of(cls, book: object, area: str) -> Lists:
        """Return the lists in a workbook; a file of another kind has none."""
        lists = cls()
        if isinstance(book, Workbook):
            fields, labels = fields_with_lists(area), _labels(area)
            for name, number in book.names.items():
                if held := fields.get(plain(name)):
                    known = {**labels, **_labels_of(held.facts)}
                    found = find(book.rows(name), known.keys())
                    lists._add(held, known, found, f"sheet {number + 1}")
        return lists

    def _add(self, held: Records, known: Mapping[str, str], found: Found, sheet: str) -> None:
        """Add the records of a sheet."""
        self.fields += (held.name,)
        self.notes += (f"the records of `{held.name}` are read from {sheet}",)
        names = [known.get(plain(header)) for header in found.header]
        left = sum(not name for name, header in zip(names, found.header, strict=True) if header)
        if left:
            what = "column is" if left == 1 else "columns are"
            self.notes += (f"{left} {what} not read on {sheet}: no fact has such a name",)
        ties = [place for place, name in enumerate(names) if name == REFERENCE]
        columns: dict[str, int] = {}
        for place, name in enumerate(names):
            if name in held.facts and columns.setdefault(str(name), place) != place:
                self._problems.append(Problem(f"two columns are for `{name}`; rename one", sheet))
        read = {name: (place, _reader(held.facts[name])) for name, place in columns.items()}
        for number, cells in found.rows:
            place_of = f"row {number} of {sheet}"
            parts = [cells[place].strip() for place in ties]
            if not ties or not all(parts):
                text = "the reference is empty; give the reference of the case of this row"
                self._problems.append(Problem(text, place_of))
                continue
            reference = BETWEEN.join(parts)
            self._places.setdefault(reference, place_of)
            values = {name: as_read(cells[place]) for name, (place, as_read) in read.items()}
            record = {name: text for name, text in values.items() if text}
            self._records.setdefault(reference, {}).setdefault(held.name, []).append(record)

    def records(self, reference: str) -> Mapping[str, list[dict[str, str]]]:
        """Return the records of a case by field; a field without records is not known."""
        self._taken[reference] += 1
        return self._records.get(reference, {})

    @property
    def faults(self) -> Iterator[Problem]:
        """The problems of the sheets, after all cases were read."""
        yield from self._problems
        for reference, place in self._places.items():
            if self._taken[reference] == 0:
                yield Problem("no case has the reference of this row; correct it", place)
            elif self._taken[reference] > 1:
                yield Problem("more than one case has the reference of this row", place)


def _labels(area: str) -> dict[str, str]:
    """Return the headers of the column of references, as `plain` returns them."""
    own = shipped().area(area).document.reference
    return {plain(one): REFERENCE for one in (REFERENCE, *([own.label, *own.also] if own else []))}


def _labels_of(facts: Mapping[str, Fact]) -> dict[str, str]:
    return {
        plain(label): name
        for name, fact in facts.items()
        for label in (name, *([fact.label] if fact.label else []), *fact.also)
    }


def _reader(fact: Fact) -> Any:
    """Return the function that reads the cells of a column. A cell that it cannot read stays as it is."""
    if fact.kind in ("text", "time"):
        return str.strip
    mapping = ColumnMapping(fact.name, unit=fact.unit if fact.unit in UNITS else None)
    read = reader(fact, mapping, frozenset())

    def cell(text: str) -> str:
        found = read(text.strip())
        return text.strip() if isinstance(found, Unread) else found

    return cell
