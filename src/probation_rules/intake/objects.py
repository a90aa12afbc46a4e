"""Records of JSON as the rows of a table, for a mapping: the names of their fields are its headers."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from decimal import Decimal

from attrs import frozen

from probation_rules.errors import CaseError, Problem
from probation_rules.intake.header import Found, Row
from probation_rules.intake.mapping import TableMapping, missing


@frozen
class Objects:
    """The records of a file.

    Attributes:
        records: The place of each record, and the record or the reason why it cannot be read.
        mapping: The mapping, which names the fields to read.
        notes: What to note about the file.
    """

    records: Iterable[tuple[str, object]]
    mapping: TableMapping
    notes: Sequence[str] = ()

    def find(self, known: Collection[str], apart: Collection[str] = ()) -> Found:  # noqa: ARG002
        """Return the records as a table with the fields that the mapping names."""
        return Found(0, list(self.mapping.mentioned), 0, self._rows())

    def _rows(self) -> Iterator[Row]:
        """Yield the rows, and refuse a file in which a field of the mapping is in no record.

        Raises:
            CaseError: A record cannot be read or is not an object, or a field is in no record.
        """
        seen: dict[str, None] = {}
        number = 0
        for number, (place, said) in enumerate(self.records, 1):
            if isinstance(said, Problem):
                raise CaseError([said])
            if not isinstance(said, dict):
                raise CaseError([Problem("must be an object with named fields", place)])
            seen.update(dict.fromkeys(said))
            yield number, [_text(said.get(name)) for name in self.mapping.mentioned]
        if number and (problems := list(missing(self.mapping, list(seen)))):
            raise CaseError(problems)


def _text(value: object) -> str:
    """Return a value of JSON as the text of a cell."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case Decimal():
            return format(value, "f")
        case dict() | list():
            return json.dumps(value, default=str)
    return str(value)
