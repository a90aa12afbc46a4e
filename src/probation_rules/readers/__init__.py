"""Read cases from files: this library's own formats, and the JSON of other systems (shapes)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import count
from pathlib import Path
from typing import IO, cast

from attrs import Factory, define, evolve, field, frozen

from probation_rules.areas import Case
from probation_rules.cases import (
    LONGEST_QUOTED,
    REFERENCE,
    TWICE,
    Attempt,
    attempt,
    attempt_row,
    attempt_rows,
    field_names,
    reason,
)
from probation_rules.errors import InputError, Problem, did_you_mean
from probation_rules.intake.cells import ZEROS
from probation_rules.intake.mapping import mapping_from
from probation_rules.quoting import named
from probation_rules.readers import (
    community_api,
    community_payback,
    compressed,
    electronic_monitoring,
    files,
    parquet,
    sentence_plan,
    staff,
    tier,
    workload,
)
from probation_rules.readers.feed import OTHER_SHAPE, Notes, Order, Shape
from probation_rules.rulebook import shipped

SHAPES: dict[str, Shape] = {
    "community-api": community_api.SHAPE,
    "community-payback": community_payback.SHAPE,
    "em-service": electronic_monitoring.SERVICE,
    "em-supplier": electronic_monitoring.SUPPLIER,
    "practitioner": staff.HOLDER,
    "registrations": tier.REGISTRATIONS,
    "sentence-plan": sentence_plan.SHAPE,
    "tier": tier.TIER,
    "workload-officer": workload.SHAPE,
    "workload-team": staff.WORKLOAD_TEAM,
}
"""The shapes of other systems that can be read, by name."""


@frozen
class Reading:
    """The content of a file.

    Attributes:
        cases: The valid cases, in the order of the file.
        places: The place of each case: `row 7`, `$[3]`, `line 2`.
        lacks: The fields that the shape never gives; empty for this library's own formats.
        notes: Sentences about what was left out or taken as unknown.
        tried: Every case with its problems, by its place, in the order of the file. `cases` does
            not contain a case with problems.
        carried: The cells that a mapping keeps, by header, by the place of the case.
    """

    cases: tuple[Case, ...]
    places: tuple[str, ...]
    lacks: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    tried: Mapping[str, Attempt] = field(factory=dict, eq=False, repr=False)
    carried: Mapping[str, Mapping[str, str]] = field(factory=dict, eq=False, repr=False)


def read(  # noqa: PLR0913 (each is named by the caller)
    area: str,
    path: Path | str,
    *,
    shape: str | None = None,
    on: date | None = None,
    columns: Mapping[str, str] | None = None,
    sheet: str | None = None,
    mapping: object = None,
    keep: Sequence[str] = (),
    stdin: IO[bytes] | None = None,
    strict: bool = True,
) -> Reading:
    """Read the cases in a file: a workbook, CSV, a JSON list or object, JSON lines, or Parquet.

    Args:
        area: The area's name, such as `unpaid-work`.
        path: The file, or `-` for standard input.
        shape: One of `SHAPES`, if the file comes from another system.
        on: The day asked about. Requirements that ended before it are left out. Without a day, all
            requirements with an end date are left out.
        columns: The column of a fact, for facts with another column name.
        sheet: The sheet of a workbook, by name or number; by default the sheet with a table.
        mapping: The mapping of the columns of a table: its path or its content.
        keep: Columns of a table to keep with each case, such as a team. They are not checked.
        stdin: A file to read instead of standard input.
        strict: Whether to refuse the whole file if one case is invalid, or if two cases have the
            same reference.

    Raises:
        CaseError: The file has problems; the error lists them with their rows or paths. Problems of
            single records are included only if `strict`.
        InputError: Another argument is wrong: the area, the shape, a column or the mapping.
        MissingExtra: A Parquet file needs the extra `table`, a workbook the extra `excel`.
    """
    known_fields = field_names(area)
    feed = None if shape is None else _shape(area, shape)
    notes = Notes()
    found = _Found(area, strict)
    of_table: list[str] = []
    mapped = None if mapping is None else mapping_from(area, mapping, keep)
    if mapped is not None:
        columns, sheet = mapped.names, sheet or mapped.sheet
    if parquet.is_parquet(path) and feed is None:
        for place, tried, kept in parquet.attempts(area, path, columns or {}, mapped, keep):
            found.carried[place] = kept
            found.keep(place, tried)
    else:
        data = files.content(path, stdin)
        names = {} if mapped else files.names_of(area, columns or {})
        own = None if feed else area
        suffix = compressed.suffix_of(path)
        records = files.records(
            data, suffix, own, names, sheet=sheet, mapping=mapped, keep=keep, notes=of_table
        )
        items = files.at_most(records if feed is None else _orders(records, feed, on, notes))
        for item in items:
            found.add(item)
            if found.problems.too_many:
                break
    found.end()
    if list(notes.counts) == [OTHER_SHAPE] and not (found.tried or found.problems.number):
        text = f"the file does not contain a record in the shape {shape}; check `shape`"
        found.problems.add(Problem(text, "the file"))
    found.problems.refuse(columns or {})
    lacks = [name for name in known_fields if feed and name not in feed.carries]
    sound = {place: one.case for place, one in found.tried.items() if not one.problems}
    return Reading(
        cases=tuple(cast("Iterable[Case]", sound.values())),
        places=tuple(sound),
        lacks=tuple(lacks),
        notes=(*of_table, *notes.sentences(), *_closing_notes(area, found, lacks)),
        tried=found.tried,
        carried=found.carried,
    )


def _shape(area: str, name: str) -> Shape:
    if name not in SHAPES:
        hint = did_you_mean(name[:LONGEST_QUOTED], SHAPES)
        known = ", ".join(SHAPES)
        text = f"unknown shape {named(name, SHAPES)}; known are {known}{hint}"
        raise InputError([Problem(text, "shape")])
    if SHAPES[name].area != area:
        text = f"the shape {name} is only for the area {SHAPES[name].area}"
        raise InputError([Problem(text, "shape")])
    return SHAPES[name]


def _orders(
    records: Iterator[files.Record | Problem], feed: Shape, on: date | None, notes: Notes
) -> Iterator[Order | Problem]:
    for record in records:
        if isinstance(record, Problem):
            yield record
        else:
            yield from feed.orders(record.said, record.path, on, notes)


def _closing_notes(area: str, found: _Found, lacks: list[str]) -> list[str]:
    if not found.tried:
        return ["the file does not contain a case to check"]
    facts = shipped().area(area).facts
    defaults = {name: facts[name].default for name in lacks if name in facts}
    return found.twice() + [
        f"`{name}` is never given in this shape and counts as {default}"
        for name, default in defaults.items()
        if default is not None
    ]


@define
class _Found:
    """The cases read so far.

    Attributes:
        area: The area.
        strict: Whether a problem of one case is a problem of the file.
        tried: Every case with its problems, by its place.
        references: The places of each reference.
        members: The place of each member's reference, and the place of the member's case.
        carried: The cells that a mapping keeps, by the place of the case.
        problems: The problems of the file.
    """

    area: str
    strict: bool
    tried: dict[str, Attempt] = Factory(dict)
    references: dict[str, list[str]] = Factory(dict)
    members: dict[str, list[tuple[str, str]]] = Factory(dict)
    carried: dict[str, Mapping[str, str]] = Factory(dict)
    problems: files.Problems = Factory(files.Problems)

    def add(self, item: files.Record | Order | Problem) -> None:
        """Add a record, an order or a problem."""
        if isinstance(item, Problem):
            self.problems.add(item)
            return
        place = item.path if isinstance(item, Order) else item.place
        tried = attempt_of(self.area, item)
        if isinstance(item, files.Record) and item.kept:
            self.carried[place] = item.kept
        if self.keep(place, tried):
            for member, where in _members(self.area, tried.case, item):
                if listed := getattr(member, REFERENCE, None):
                    self.members.setdefault(listed, []).append((where, place))

    def keep(self, place: str, tried: Attempt) -> bool:
        """Add a case that was read, and return whether its members need a check."""
        if self.strict:
            self.problems.add(*tried.problems)
        if reference := getattr(tried.case, REFERENCE, None):
            first = self.references.setdefault(reference, [])
            first.append(place)
            if self.strict and len(first) > 1:
                text = f"this reference is also at {first[0]}; give each case its own reference"
                self.problems.add(Problem(text, place))
        if self.strict and tried.problems:
            return False
        self.tried[place] = tried
        return True

    def end(self) -> None:
        """Find members that are listed twice: their case is not clear."""
        for places in self.members.values():
            (first, _), *others = places
            for where, place in places if others else ():
                if not self.strict:
                    self.tried[place] = _listed_twice(self.area, self.tried[place], place)
                elif where != first:
                    text = f"this reference is also at {first}; list each member only once"
                    self.problems.add(Problem(text, where))

    def twice(self) -> list[str]:
        """Return the notes about references that several cases have, or nearly have."""
        found = [places for places in self.references.values() if len(places) > 1]
        notes = [twice_note(len(found), *found[0][:2])] if found else []
        shorter: dict[str, list[str]] = {}
        for reference, places in self.references.items():
            shorter.setdefault(without_zeros(reference), []).append(places[0])
        near = [places for places in shorter.values() if len(places) > 1]
        return [*notes, zeros_note(len(near), *near[0][:2])] if near else notes


def twice_note(number: int, first: str, second: str) -> str:
    """Return the note that some references are on more than one case."""
    what = "reference is" if number == 1 else "references are"
    return f"{number:,} {what} on more than one case, the first at {first} and {second}"


def zeros_note(number: int, first: str, second: str) -> str:
    """Return the note that some references differ only by zeros at the start."""
    what = "reference differs" if number == 1 else "references differ"
    return (
        f"{number:,} {what} from another only by zeros at the start, the first at {first} and {second}: "
        "a spreadsheet may have dropped them"
    )


def without_zeros(reference: str) -> str:
    """Return a reference without the zeros at the start of its numbers."""
    return re.sub(ZEROS, r"\1", reference)


def _members(
    area: str, case: Case | None, item: files.Record | Order
) -> Iterator[tuple[object, str]]:
    """Yield each member of a case, with its place."""
    listed = shipped().area(area).members
    found = (getattr(case, listed.name, None) if listed else None) or ()
    if isinstance(item, Order):
        places: Iterable[str] = item.members
    elif isinstance(item.said, tuple):
        places = (row.place for row in item.said)
    else:
        places = (f"{item.path}.{listed and listed.name}[{number}]" for number in count())
    # A single row may give `members_known` as false.
    yield from zip(found, places, strict=False)


def _listed_twice(area: str, tried: Attempt, place: str) -> Attempt:
    """Return a case as invalid, because one of its members is listed more than once."""
    members = shipped().area(area).members
    problem = Problem(TWICE, f"{place}, column {members and members.name}")
    why = reason(problem, members.name if members else "")
    if why in tried.others:
        return tried
    return evolve(tried, problems=(*tried.problems, problem), others=(*tried.others, why))


def attempt_of(area: str, item: files.Record | Order) -> Attempt:
    """Return the case of a record with its problems."""
    if isinstance(item, Order):
        return _attempt_order(area, item)
    tried = _attempt_record(area, item)
    if not item.reasons:
        return tried
    texts = (text.rpartition(" @ ") for text in item.reasons)
    problems = tuple(Problem(why, f"{item.path}, column {name}") for why, _, name in texts)
    others = (*item.reasons, *tried.others)
    return evolve(tried, problems=(*problems, *tried.problems), others=others)


def _attempt_record(area: str, item: files.Record) -> Attempt:
    if item.wrong:
        return Attempt(None, (item.wrong,), others=(reason(item.wrong, ""),))
    if isinstance(item.said, tuple):
        return attempt_rows(area, [(row.place, row.said) for row in item.said])
    if not item.is_row:
        return attempt(area, item.said, item.path)
    cells = cast("Mapping[str, str]", item.said)
    if shipped().area(area).members is not None:
        return attempt_rows(area, [(item.place, cells)], by_member=False)
    return attempt_row(area, cells, item.path, item.lists)


def _attempt_order(area: str, order: Order) -> Attempt:
    """Return a case from another system's record. Its problems have the paths of that system."""
    tried = attempt(area, {name: value for name, (_, value) in order.facts.items()})
    problems = (
        Problem(problem.text, order.path + _their_path(order, problem.path))
        for problem in tried.problems
    )
    return evolve(tried, problems=tuple(problems), path=order.path)


def _their_path(order: Order, path: str) -> str:
    """Return the path in the other system's record for a path of ours: `$.current[2].start`."""
    ours = path.removeprefix("$.")
    name = re.split(r"\W", ours, maxsplit=1)[0]
    return order.facts[name][0] + ours.removeprefix(name)
