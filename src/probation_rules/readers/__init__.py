"""Files -> cases: this library's own CSV and JSON, and the shapes of other systems' JSON."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import count
from pathlib import Path
from typing import IO

from attrs import Factory, define, frozen

from probation_rules.areas import Case
from probation_rules.cases import (
    LONGEST_QUOTED,
    case_from,
    case_from_cells,
    case_from_rows,
    column_names,
    field_names,
)
from probation_rules.errors import CaseError, Problem, did_you_mean
from probation_rules.quoting import named
from probation_rules.readers import (
    community_api,
    community_payback,
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
from probation_rules.rulebook.validity import problems as faults_of

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
"""The other systems' shapes that are read, by the name to ask for them."""

MOST_PROBLEMS = 100  # that an error lists; the others are counted
MOST_COUNTED = 10_000  # after so many the rest of the file is not looked at


@frozen
class Reading:
    """What a file holds.

    Attributes:
        cases: The cases, in the order of the file.
        places: Where each stands: `row 7`, `$[3]`, `line 2`.
        lacks: The fields that this shape never gives; empty for this library's own.
        notes: What was left out or taken as unknown, in sentences.
        left_out: Why cases were left out that cannot be judged, where the others are read.
    """

    cases: tuple[Case, ...]
    places: tuple[str, ...]
    lacks: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    left_out: tuple[Problem, ...] = ()


def read(
    area: str,
    path: Path | str,
    *,
    shape: str | None = None,
    on: date | None = None,
    columns: Mapping[str, str] | None = None,
    stdin: IO[bytes] | None = None,
) -> Reading:
    """Read the cases in a file: CSV with a header, a JSON list or object, JSON lines, or Parquet.

    Args:
        area: The area's name, such as `unpaid-work`.
        path: The file, or `-` for standard input.
        shape: One of `SHAPES` where another system made the file.
        on: The day asked about: requirements that ended before it are left out. Without it,
            all are left out that have an end date.
        columns: For facts whose column in a table has another name, that name.
        stdin: Read instead of standard input.

    Raises:
        CaseError: With every problem of every record, each with its row or path.
        EngineUnavailable: A Parquet file needs the extra `table`.
    """
    known_fields = field_names(area)
    feed = None if shape is None else _shape(area, shape)
    records = _records(area, path, feed, columns or {}, stdin)
    notes = Notes()
    found = _Found(on, alone=feed is not None and feed.each_alone)
    for item in files.at_most(records if feed is None else _orders(records, feed, on, notes)):
        found.add(area, item)
        if found.problems.number >= MOST_COUNTED:
            break
    if list(notes.counts) == [OTHER_SHAPE] and not found.any:
        text = f"no record is in the shape {shape}; is it another system's file?"
        found.problems.add(Problem(text, "the file"))
    found.raise_problems(columns or {})
    lacks = [name for name in known_fields if feed and name not in feed.carries]
    return Reading(
        cases=tuple(found.cases.values()),
        places=tuple(found.cases),
        lacks=tuple(lacks),
        notes=(*notes.sentences(), *found.left_out_notes(), *_closing_notes(area, found, lacks)),
        left_out=tuple(found.left_out.kept),
    )


def _records(
    area: str,
    path: Path | str,
    feed: Shape | None,
    columns: Mapping[str, str],
    stdin: IO[bytes] | None,
) -> Iterator[files.Record | Problem]:
    names = _names(area, columns)
    if parquet.is_parquet(path) and feed is None:
        return parquet.records(path, area, names)
    data = files.content(path, stdin)
    return files.records(data, Path(path).suffix.lower(), None if feed else area, names)


def _names(area: str, columns: Mapping[str, str]) -> dict[str, str]:
    """Return the field that each column with another name holds."""
    known = column_names(area)
    names: dict[str, str] = {}
    problems = []
    for name, column in columns.items():
        if name not in known:
            hint = did_you_mean(name[:LONGEST_QUOTED], known)
            problems.append(Problem(f"there is no fact {named(name, known)}{hint}", "columns"))
        elif names.setdefault(column, name) != name:
            text = f"the column `{column}` is given for {names[column]} too"
            problems.append(Problem(text, f"columns {name}"))
    if problems:
        raise CaseError(problems)
    return names


def _by_column(problem: Problem, columns: Mapping[str, str]) -> Problem:
    """Return a problem with the name that the file has for its column."""
    place, of, name = problem.path.rpartition(", column ")
    return Problem(problem.text, f"{place}{of}{columns.get(name, name) if of else name}")


def _shape(area: str, name: str) -> Shape:
    if name not in SHAPES:
        hint = did_you_mean(name[:LONGEST_QUOTED], SHAPES)
        known = ", ".join(SHAPES)
        raise CaseError([Problem(f"unknown shape {named(name, SHAPES)}; known are {known}{hint}")])
    if SHAPES[name].area != area:
        raise CaseError([Problem(f"the shape {name} holds {SHAPES[name].area} cases only")])
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
    if not found.cases:
        return ["the file holds no case to answer"]
    facts = shipped().area(area).facts
    return [
        f"`{name}` is never given in this shape and counts as {facts[name].default}"
        for name in lacks
        if name in facts and facts[name].default is not None
    ]


@define
class _Problems:
    """Problems, of which the first are kept, and how many there are."""

    kept: list[Problem] = Factory(list)
    number: int = 0

    @property
    def more(self) -> int:
        """How many were not kept."""
        return self.number - len(self.kept)

    def add(self, problem: Problem) -> None:
        self.number += 1
        if self.number <= MOST_PROBLEMS:
            self.kept.append(problem)


@define
class _Found:
    """The cases read so far, by place, and what was wrong.

    Attributes:
        on: The day asked about.
        alone: Whether a case that cannot be judged is left out, and the others are read.
    """

    on: date | None
    alone: bool
    cases: dict[str, Case] = Factory(dict)
    references: dict[tuple[str, str], str] = Factory(dict)
    problems: _Problems = Factory(_Problems)
    left_out: _Problems = Factory(_Problems)

    def add(self, area: str, item: files.Record | Order | Problem) -> None:
        if isinstance(item, Problem):
            self.problems.add(item)
            return
        place = item.path if isinstance(item, Order) else item.place
        try:
            case = _case(area, item)
            if self.alone and isinstance(item, Order):
                _require_sound(area, case, item, self.on)
        except CaseError as error:
            for problem in error.problems:
                (self.left_out if self.alone else self.problems).add(problem)
            if self.alone or not isinstance(item, Order):
                self.same_reference(area, _said_reference(item), place)
        else:
            self.same_reference(area, getattr(case, "reference", None), place)
            for member, where in _members(area, case, item):
                reference = getattr(member, "reference", None)
                kind = f"a member of {area}"  # it may be called what its case is called
                self.same_reference(kind, reference, where, "each member is in one list, once")
            self.cases[place] = case

    @property
    def any(self) -> bool:
        """Whether a record was in the shape asked for, good or not."""
        return bool(self.cases or self.problems.number or self.left_out.number)

    def left_out_notes(self) -> Iterator[str]:
        for problem in self.left_out.kept:
            yield f"left out, since it cannot be judged: {problem}"
        if self.left_out.more:
            yield f"left out for {self.left_out.more:,} more reasons, which are not listed"

    def same_reference(
        self, kind: str, reference: str | None, place: str, rule: str = "each case needs its own"
    ) -> None:
        if reference is None:
            return
        first = self.references.setdefault((kind, reference), place)
        if first != place:
            self.problems.add(Problem(f"the same reference as at {first}; {rule}", place))

    def raise_problems(self, columns: Mapping[str, str]) -> None:
        # Where no case is left, why they were left out is what is wrong with the file.
        found = self.problems if self.cases or self.problems.number else self.left_out
        listed = [_by_column(problem, columns) for problem in found.kept]
        if found.more:
            at_least = "at least " if found.number >= MOST_COUNTED else ""
            listed.append(Problem(f"and {at_least}{found.more:,} more problems", "the file"))
        if listed:
            raise CaseError(listed)


def _said_reference(item: files.Record | Order) -> str | None:
    """Return the reference of a case that cannot be built, so that its double is found as well."""
    said = _facts_of(item) if isinstance(item, Order) else item.said
    reference = said.get("reference") if isinstance(said, dict) else None
    return reference.strip() or None if isinstance(reference, str) else None


def _members(area: str, case: Case, item: files.Record | Order) -> Iterator[tuple[object, str]]:
    """Yield each member that a case lists, with its place."""
    listed = shipped().area(area).members
    found = (getattr(case, listed.name) if listed else None) or ()
    if isinstance(item, Order):
        places: Iterable[str] = item.members
    elif isinstance(item.said, tuple):
        places = (row.place for row in item.said)
    else:
        places = (f"{item.path}.{listed and listed.name}[{number}]" for number in count())
    # A lone row may say that the members are not known.
    yield from zip(found, places, strict=False)


def _case(area: str, item: files.Record | Order) -> Case:
    if isinstance(item, Order):
        return _case_of_order(area, item)
    if isinstance(item.said, tuple):
        return case_from_rows(area, [(row.place, row.said) for row in item.said])
    if item.is_row and isinstance(item.said, dict):
        return case_from_cells(area, item.said, path=item.path)
    # Not always a mapping: the case says so, with the path.
    return case_from(area, item.said, path=item.path)  # type: ignore[arg-type]


def _case_of_order(area: str, order: Order) -> Case:
    try:
        return case_from(area, _facts_of(order))
    except CaseError as error:
        raise CaseError(_by_their_path(order, error.problems)) from None


def _require_sound(area: str, case: Case, order: Order, on: date | None) -> None:
    """Refuse a case whose facts cannot all be so."""
    if found := list(faults_of(shipped().area(area), case, on)):
        raise CaseError(_by_their_path(order, found))


def _facts_of(order: Order) -> dict[str, object]:
    return {name: value for name, (_, value) in order.facts.items()}


def _by_their_path(order: Order, found: Iterable[Problem]) -> Iterator[Problem]:
    """Yield problems with the path that the other system has, not ours."""
    for problem in found:
        yield Problem(problem.text, order.path + _their_path(order, problem.path))


def _their_path(order: Order, path: str) -> str:
    """Return where the other system has what is at a path of ours: `$.current[2].start`."""
    ours = path.removeprefix("$.")
    name = re.split(r"\W", ours, maxsplit=1)[0]
    return order.facts[name][0] + ours.removeprefix(name)
