"""Rows of a table, one at a time, and the answers to them.

So are small tables answered, and those of areas whose facts are worked out by code; what a
`cannot_tell` needs is worked out so for every table. The answers are those of the SQL, in the same
words; what it says of a bad row is said here again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Protocol

from attrs import field, frozen

from probation_rules.engines import (
    CANNOT_TELL,
    INVALID,
    NO_STAGE,
    NOT_APPLICABLE,
    NOT_MET,
    ROW_OUTCOMES,
    SEPARATOR,
    Decide,
    one_reason,
)
from probation_rules.engines.sql.input import fault_texts, size_text
from probation_rules.errors import CaseError
from probation_rules.rulebook.model import Area, Fact, Rule
from probation_rules.rulebook.validity import fault, interpreter_for


class AnyRow(Protocol):
    """One row, whatever it is read from."""

    @property
    def number(self) -> int:
        """Its place in the table, from 1."""

    @property
    def reference(self) -> str | None:
        """The caller's own label."""

    def case(self, area: Area, /) -> Any:
        """Return the case that the row is about; refuse one that cannot be read."""

    def reasons(self, area: Area, on: date, error: CaseError, /) -> list[str]:
        """Return why the case was refused."""


@frozen
class Row:
    """One row as read: values of facts by name.

    Attributes:
        unread: The facts whose value could not be read.
        clashing: The facts of which it says more than one thing.
        of_members_unread: The facts whose value could not be read of some member.
    """

    number: int
    reference: str | None
    said: Mapping[str, Any]
    unread: Collection[str] = ()
    clashing: Collection[str] = ()
    members: Sequence[Mapping[str, Any]] | None = None
    of_members_unread: Collection[str] = ()

    def case(self, area: Area) -> Any:
        """Return the case that the row is about."""
        if self.unread or self.clashing or (self.members is not None and self.of_members_unread):
            raise CaseError([])
        return self.as_read(area)

    def as_read(self, area: Area) -> Any:
        """Return the case with what could be read of it."""
        listed: dict[str, Any] = {}
        if area.members is not None:
            person = area.spec.items
            people = None if self.members is None else [person(**one) for one in self.members]
            listed[area.members.name] = people
        return area.spec.case(reference=self.reference, **self.said, **listed)

    def reasons(self, area: Area, on: date, _: CaseError) -> list[str]:
        """Return why the case was refused, in the words of the SQL."""
        found = list(_faults(area.said, self.said, self.unread, self.clashing))
        members = area.members
        if members is not None and self.members is not None:
            if not members.least <= len(self.members) <= members.most:
                found.append(size_text(members))
            else:
                faults = {
                    text
                    for one in self.members
                    for text in _faults(members.facts, one, self.of_members_unread)
                }
                # In the order in which the facts stand.
                each = [text for texts in fault_texts(members.facts).values() for text in texts]
                found += [f"{text} of a member" for text in each if text in faults]
        if found:
            return found
        interpreter = interpreter_for(area, area.facts_of(self.as_read(area)), on)
        return [
            f"{one.say} @ {one.at}"
            for one in area.assumptions
            if interpreter.value(one.lowered) is False
        ]


@frozen
class Answer:
    """The answer to one row: a code for each wording, the stage, and why it is invalid.

    Attributes:
        facts: The facts of a row that is not invalid, as engines take them.
    """

    row: AnyRow
    codes: Sequence[int]
    stage: str | None = None
    reasons: str | None = None
    facts: Any = field(default=None, repr=False)


def answers(area: Area, decide: Decide, rows: Iterable[AnyRow], on: date) -> Iterator[Answer]:
    """Yield the answer to each row, by the python engine."""
    for row in rows:
        try:
            facts = area.facts_of(row.case(area))
            *codes, stage = decide(facts, on)
        except CaseError as error:
            why = SEPARATOR.join(map(one_reason, row.reasons(area, on, error)))
            yield Answer(row, [INVALID] * len(area.rules), reasons=why)
        else:
            name = None if stage == NO_STAGE else tuple(area.stages)[stage]
            yield Answer(row, codes, name, facts=facts)


def outcome(area: Area, rule: str, codes: Sequence[int]) -> tuple[int, Rule]:
    """Return a rule's code, and its wording that counts: of several, the one in force."""
    places = area.wordings[rule]
    place = next((one for one in places if codes[one] != NOT_APPLICABLE), places[-1])
    return codes[place], area.rules[place]


def findings(
    area: Area, found: Answer, on: date, wanted: Collection[str]
) -> Iterator[dict[str, Any]]:
    """Yield the findings on a row whose outcome is wanted, each with what it needs."""
    interpreter = None
    for rule in area.wordings:
        code, wording = outcome(area, rule, found.codes)
        if ROW_OUTCOMES[code] not in wanted:
            continue
        needs: tuple[str, ...] = ()
        if code == CANNOT_TELL:
            interpreter = interpreter or interpreter_for(area, found.facts, on)
            waiting = interpreter.value(wording.gate) is None
            needs = interpreter.needs(wording.gate if waiting else wording.lowered_condition)
        yield {
            "row": found.row.number,
            "reference": found.row.reference,
            "rule": rule,
            "outcome": ROW_OUTCOMES[code],
            "severity": wording.severity.value if code == NOT_MET else None,
            "basis": wording.basis.value,
            "needs": list(needs),
        }


def _faults(
    facts: Mapping[str, Fact],
    said: Mapping[str, Any],
    unread: Collection[str],
    clashing: Collection[str] = (),
) -> Iterator[str]:
    for name, (not_allowed, homeless, clash) in fault_texts(facts).items():
        value, holder = said[name], facts[name].only_if
        if name in unread or (value is not None and fault(facts[name], value)):
            yield not_allowed
        elif value is not None and holder is not None and said[holder] is not True:
            yield homeless
        if name in clashing:
            yield clash
