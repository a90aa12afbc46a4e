"""One row as read, whatever it was read from, and why it cannot be judged, in the words of the SQL."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from attrs import frozen

from probation_rules.cases import Attempt, short
from probation_rules.errors import CaseError, Problem
from probation_rules.rulebook.model import Area, Fact
from probation_rules.rulebook.validity import (
    fault,
    fault_texts,
    faults_of_records,
    interpreter_for,
    list_fault,
    problems_of_records,
)

_NOTHING: Mapping[str, Any] = {}


@frozen
class Row:
    """One row as read: values of facts by name.

    Attributes:
        unread: The facts whose value could not be read.
        clashing: The facts of which it says more than one thing.
        of_members_unread: The facts whose value could not be read of some member.
        others: What else is wrong with the row.
        records: The fields that hold records, which are unknown where one is bad.
        of_records: What is wrong with its records.
        notes: The caller's own notes.
        kept: The cells that go with the row and are not judged, by header.
    """

    number: int
    reference: str | None
    said: Mapping[str, Any]
    unread: Collection[str] = ()
    clashing: Collection[str] = ()
    members: Sequence[Mapping[str, Any]] | None = None
    of_members_unread: Collection[str] = ()
    others: Sequence[str] = ()
    records: Mapping[str, Any] = _NOTHING
    of_records: Sequence[str] = ()
    notes: Mapping[str, str] = _NOTHING
    kept: Mapping[str, str] = _NOTHING

    def case(self, area: Area) -> Any:
        """Return the case that the row is about."""
        if not self.is_readable:
            raise CaseError([])
        return self.as_read(area)

    @property
    def is_readable(self) -> bool:
        """Whether everything in it could be read."""
        unread = self.unread or (self.members is not None and self.of_members_unread)
        return not (unread or self.clashing or self.others or self.of_records)

    def attempt(self, area: Area, place: str) -> Attempt:
        """Return what could be read of the case, whose row is at a place in a file."""
        problems = []
        for text in () if self.is_readable else (*self.of_records, *self.faults(area)):
            what, _, name = text.rpartition(" @ ")
            problems.append(Problem(what or text, f"{place}, column {name}" if what else place))
        return Attempt(
            self.as_read(area), tuple(problems), tuple(self.unread), tuple(self.clashing),
            tuple(self.of_members_unread), tuple(self.others), place, tuple(self.of_records),
        )  # fmt: skip

    def as_read(self, area: Area) -> Any:
        """Return the case with what could be read of it."""
        listed: dict[str, Any] = {}
        if area.members is not None:
            person = area.spec.items
            people = None if self.members is None else tuple(person(**one) for one in self.members)
            listed[area.members.name] = people
        return area.spec.case(
            reference=self.reference, **self.said, **listed, **self.records, **self.notes
        )

    def reasons(self, area: Area, on: date) -> list[str]:
        """Return why the case was refused, in the words of the SQL."""
        found = self.faults(area)
        facts = area.facts_of(self.as_read(area))
        found += _faults(area.by_code, {name: getattr(facts, name) for name in area.columns})
        if found:
            return [*self.of_records, *found]
        interpreter = interpreter_for(area, facts, on)
        broken = (one for one in area.assumptions if interpreter.value(one.lowered) is False)
        return [*self.of_records, *(f"{one.message} @ {one.at}" for one in broken)]

    def faults(self, area: Area) -> list[str]:
        """Return what is wrong with the row, whatever the day asked about."""
        found = [*self.others, *_faults(area.input_facts, self.said, self.unread, self.clashing)]
        members = area.members
        if members is not None and self.members is not None:
            if wrong := list_fault(members, self.members):
                found.append(f"{wrong} @ {members.name}")
            else:
                faults = {
                    text
                    for one in self.members
                    for text in _faults(members.facts, one, self.of_members_unread)
                }
                # In the order of the facts.
                each = [text for texts in fault_texts(members.facts).values() for text in texts]
                found += [f"{text} of a member" for text in each if text in faults]
        return found


def why_invalid(
    area: Area, tried: Attempt, on: date, *, assumed: Mapping[str, Any] = _NOTHING
) -> list[str]:
    """Return why a case cannot be judged, as a table gives the reasons.

    Args:
        area: The area.
        tried: What could be read of the case, with what is wrong.
        on: The day asked about.
        assumed: Values that fill an unknown.
    """
    if tried.case is None:
        return list(tried.others)
    members = getattr(tried.case, area.members.name) if area.members else None
    own = {name: getattr(tried.case, name) for name in area.input_facts}
    sound = not tried.of_records and not any(faults_of_records(area.records, tried.case, "$"))
    row = Row(
        number=0,
        reference=None,
        said={name: assumed.get(name) if one is None else one for name, one in own.items()},
        unread=tried.unread,
        clashing=tried.clashing,
        members=None if members is None else [of_member(area, one) for one in members],
        of_members_unread=tried.of_members_unread,
        others=tried.others,
        records={name: getattr(tried.case, name) if sound else None for name in area.records},
        of_records=(*tried.of_records, *short(problems_of_records(area, tried.case), "$")),
    )
    return row.reasons(area, on)


def of_member(area: Area, member: object) -> dict[str, Any]:
    """Return the facts of a member by name."""
    assert area.members is not None  # noqa: S101 (asked for areas with members only)
    return {name: getattr(member, name) for name in area.members.facts}


def _faults(
    facts: Mapping[str, Fact],
    said: Mapping[str, Any],
    unread: Collection[str] = (),
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
