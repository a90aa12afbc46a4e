"""The structure of the JSON document of a comparison: what changed between two sets of answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from attrs import frozen

from probation_rules.document import AreaName, Count, Strings
from probation_rules.engines import Outcome

SHAPE = 1
"""The version of this structure, for the name of the JSON Schema."""

STATES = ("new", "gone", "changed", "unchanged", "invalid")
CHANGES = ("breach", "advisory", "near", "unknown", "stage", "put_right", "other")

State = Annotated[str, STATES]
Kept = Annotated[Mapping[str, str], "The file's cells that are not judged, by header."]


@frozen
class DetailChanged:
    """A value inside a list or record, or a rule or figure of the rulebook."""

    name: str
    before: Any
    after: Any
    sources: Strings


@frozen
class DifferenceFound:
    """One thing that differs between the two questions about a case."""

    kind: Annotated[str, ("fact", "day", "rulebook", "setting", "assumption")]
    name: str
    before: Annotated[Any, "Null if it was not known, or not given."]
    after: Annotated[Any, "Null if it is not known, or not given."]
    details: tuple[DetailChanged, ...]


@frozen
class CauseFound:
    """Why an answer changed."""

    text: str
    sets: Annotated[
        tuple[tuple[DifferenceFound, ...], ...], "Each smallest set that gives the later answer."
    ]
    smallest: Annotated[bool, "Whether it is certain that no smaller set does."]
    together: Annotated[bool, "Whether only all differences together do."]


@frozen
class StageChanged:
    """The stage before and after; it may be the same."""

    before: Annotated[str | None, "Null if it was unknown, or the area has no stages."]
    after: str | None
    cause: CauseFound | None


@frozen
class RuleChanged:
    """The outcome of a rule before and after."""

    before: Outcome
    after: Outcome
    cause: CauseFound


@frozen
class DayNear:
    """A due day that is newly near."""

    day: date
    label: str
    cause: CauseFound


@frozen
class CaseChanged:
    """A case whose answers changed."""

    area: AreaName
    reference: str
    kept: Kept
    change: Annotated[str, "The most serious change.", CHANGES]
    stage: StageChanged
    rules: Annotated[Mapping[str, RuleChanged], "Each rule whose outcome changed, by id."]
    near: Annotated[Mapping[str, DayNear], "The due days that are newly near, by fact."]
    cause: Annotated[CauseFound, "Why all answers changed."]


@frozen
class CaseListed:
    """A case that is in one set of answers only."""

    area: AreaName
    reference: str
    kept: Kept
    stage: str | None
    rules: Annotated[Mapping[str, Outcome], "The rules that apply, by id."]


@frozen
class CaseInvalid:
    """A case that cannot be judged as given, before, after or both times."""

    side: Annotated[str, ("before", "after", "both")]
    reference: str | None
    place: Annotated[str, "Its place in its file."]
    reasons: Strings
    kept: Kept


@frozen
class ChangesInGroup:
    """The counts of the cases with the same cell in a kept column."""

    counts: Mapping[State, Count]
    changes: Annotated[
        Mapping[Annotated[str, CHANGES], Count],
        "How many cases have this as their most serious change.",
    ]


@frozen
class Comparison:
    """What changed between two sets of answers."""

    counts: Annotated[Mapping[State, Annotated[int, 0]], "Each case is counted once."]
    changes: Annotated[
        Mapping[Annotated[str, CHANGES], Count],
        "How many cases have this as their most serious change.",
    ]
    changed: Annotated[tuple[CaseChanged, ...], "The most serious first."]
    new: tuple[CaseListed, ...]
    gone: tuple[CaseListed, ...]
    invalid: tuple[CaseInvalid, ...]
    by: Annotated[str | None, "The kept column that groups the cases."]
    groups: Annotated[
        Mapping[str, ChangesInGroup], "By the cell in that column, which may be empty."
    ]
