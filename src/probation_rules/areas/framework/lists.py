"""A region's framework list: its shape, the list in force on a day, and the gaps between lists.

A list is data, read with the region's other rules and shown as text. Nothing in it is ever run.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from attrs import field, frozen

from probation_rules.areas.framework.case import Treatment

if TYPE_CHECKING:
    from probation_rules.rulebook.toml_schema import LocalDocument

TREATMENTS: tuple[Treatment, ...] = ("deliver", "reduce", "pause")  # each allows those before it
EXAMPLE = "EXAMPLE, made up: "


@frozen
class TreatmentDocument:
    """`[framework.activities.<code>.at.<status>]`: how far an activity may be cut back."""

    treatment: Treatment
    keep: int | None = None
    condition: str | None = None
    decided_by: Literal["director", "unit"] | None = None


@frozen
class ActivityDocument:
    """`[framework.activities.<code>]`: an activity. At a status it does not name it is delivered."""

    title: str
    mandatory: bool = False
    basis: str | None = None
    measure: str | None = None
    floor: int | None = None
    at: dict[str, TreatmentDocument] = field(factory=dict)


@frozen
class TriggersDocument:
    """`[framework.triggers]`: the percentage from which each status begins, and of what."""

    measure: str
    begins_at: dict[str, int]


@frozen
class FrameworkDocument:
    """`[framework]`: a region's list. Statuses run from the least pressed to the most."""

    statuses: list[str]
    activities: dict[str, ActivityDocument]
    triggers: TriggersDocument | None = None
    example: bool = False


@frozen
class FrameworkList:
    """A region's list with whose it is and the days it is in force, both included."""

    region: str
    title: str
    version: str
    approved_by: str
    effective_from: date
    effective_to: date | None
    content: FrameworkDocument = field(repr=False)

    @classmethod
    def of(cls, local: LocalDocument, content: FrameworkDocument) -> FrameworkList:
        """Return the list of a local rulebook."""
        return cls(
            local.region, local.title, local.version, local.approved_by,
            local.effective_from, local.effective_to, content,
        )  # fmt: skip

    def __str__(self) -> str:
        days = f"from {self.effective_from}"
        days += f" to {self.effective_to}" if self.effective_to else ""
        return (
            f"{EXAMPLE * self.content.example}{self.region}: {self.title}, version {self.version}, {days}, "
            f"approved by {self.approved_by}"
        )

    def covers(self, day: date) -> bool:
        """Whether the list is in force on a day."""
        return self.effective_from <= day and (
            self.effective_to is None or day <= self.effective_to
        )

    def at(self, activity: ActivityDocument, status: str) -> TreatmentDocument:
        """Return how far an activity may be cut back at a status."""
        return activity.at.get(status, TreatmentDocument("deliver"))

    def status_for(self, capacity: float | Decimal) -> str | None:
        """Return the status that a capacity percentage triggers, if the list gives one."""
        triggers = self.content.triggers
        if triggers is None:
            return None
        begun = [one for one, begins in triggers.begins_at.items() if capacity >= begins]
        return max(begun, key=self.content.statuses.index, default=self.content.statuses[0])

    @property
    def warnings(self) -> tuple[str, ...]:
        """Where a more pressed status allows less than the one before it."""
        found = []
        for code, activity in self.content.activities.items():
            for less, more in pairwise(self.content.statuses):
                if _freedom(self.at(activity, more)) < _freedom(self.at(activity, less)):
                    found.append(f"`{code}`: `{more}` allows less than `{less}` does")
        return tuple(found)


def in_force(lists: Sequence[FrameworkList], day: object) -> FrameworkList | None:
    """Return the list in force on a day, if it is a day and there is one."""
    if type(day) is not date:
        return None
    return next((one for one in lists if one.covers(day)), None)


def gap_on(lists: Sequence[FrameworkList], day: object) -> tuple[date, date] | None:
    """Return the first and last day of the gap between two lists that a day is in, if it is in one."""
    ordered = sorted(lists, key=lambda one: one.effective_from)
    for one, following in pairwise(ordered):
        if type(day) is date and one.effective_to is not None:
            first, last = one.effective_to + timedelta(1), following.effective_from - timedelta(1)
            if first <= day <= last:
                return first, last
    return None


def _freedom(line: TreatmentDocument) -> tuple[int, int]:
    """How much may be cut back: the further, and to the lower floor, the more."""
    return TREATMENTS.index(line.treatment), -(line.keep or 0)
