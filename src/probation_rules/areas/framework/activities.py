"""A region's framework list: its activities at a status, and what a change of status would change."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from attrs import frozen

from probation_rules.areas.framework.case import Treatment
from probation_rules.areas.framework.lists import FrameworkList, in_force
from probation_rules.errors import InputError, NotInForce, Problem, did_you_mean
from probation_rules.language.english import say
from probation_rules.rulebook import shipped
from probation_rules.rulebook.book import Rulebook


@frozen
class ActivityLine:
    """One activity of a list at one status.

    Attributes:
        code: The list's code for it.
        title: What it is.
        treatment: How far it may be cut back: `deliver` is not at all.
        keep: What is kept of it where it is reduced.
        measure: What that counts.
        condition: On what condition.
        decided_by: Who must decide: `director` or `unit`.
        mandatory: Whether it is protected.
        basis: The law or policy behind that.
    """

    code: str
    title: str
    treatment: Treatment
    keep: int | None
    measure: str | None
    condition: str | None
    decided_by: Literal["director", "unit"] | None
    mandatory: bool
    basis: str | None

    @property
    def told(self) -> str:
        """What may be done with it, in a few words."""
        if self.mandatory:
            return "mandatory"
        if self.treatment != "reduce":
            return self.treatment
        return f"reduce to {self.keep} {self.measure}"


@frozen
class ActivityTable:
    """A list's activities at a status.

    Attributes:
        status: The status.
        on: The day asked about.
        source: The list that was in force: whose, which version, approved by whom.
        lines: One an activity, in the order of the list.
    """

    status: str
    on: date
    source: FrameworkList
    lines: tuple[ActivityLine, ...]

    def __str__(self) -> str:
        lines = [f"{self.source}", f"status {self.status} on {self.on}"]
        for one in self.lines:
            by = f", decided by the {one.decided_by}" if one.decided_by else ""
            condition = f" ({one.condition})" if one.condition else ""
            lines.append(f"  {one.code}: {one.title}: {one.told}{by}{condition}")
        return "\n".join(lines)


@frozen
class ActivityChange:
    """An activity that differs between two tables; ``None`` in a table that does not name it."""

    code: str
    before: ActivityLine | None
    after: ActivityLine | None


def activities(*, status: str, on: date, rulebook: Rulebook | None = None) -> ActivityTable:
    """Return every activity of the list in force on a day, at a status.

    Args:
        status: A status, as the list names it.
        on: The day.
        rulebook: The rules with a region's list laid on top. None comes with the library.

    Raises:
        NotInForce: No list is in force on that day.
        InputError: The list names no such status.
    """
    found = list_on(on, rulebook)
    if status not in found.content.statuses:
        known = f"; known are {', '.join(found.content.statuses)}"
        hint = did_you_mean(status, found.content.statuses) or known
        raise InputError([Problem(f"the list names no such status{hint}", "status")])
    lines = []
    for code, activity in found.content.activities.items():
        at = found.at(activity, status)
        lines.append(
            ActivityLine(
                code, activity.title, at.treatment, at.keep, activity.measure, at.condition,
                at.decided_by, activity.mandatory, activity.basis,
            )
        )  # fmt: skip
    return ActivityTable(status, on, found, tuple(lines))


def status_for(
    capacity: float | Decimal | None, *, on: date, rulebook: Rulebook | None = None
) -> str | None:
    """Return the status that a capacity triggers by the region's own trigger points.

    ``None`` where the capacity is not known, or the list in force gives no trigger points: no
    source maps a workload to a status.

    Args:
        capacity: A percentage of the measure that the list names.
        on: The day.
        rulebook: The rules with a region's list laid on top.

    Raises:
        NotInForce: No list is in force on that day.
    """
    found = list_on(on, rulebook)
    return None if capacity is None else found.status_for(capacity)


def activity_changes(before: ActivityTable, after: ActivityTable) -> tuple[ActivityChange, ...]:
    """Return the activities that two tables treat differently: two statuses, or two versions."""
    old = {one.code: one for one in before.lines}
    new = {one.code: one for one in after.lines}
    pairs = ((code, old.get(code), new.get(code)) for code in {**old, **new})
    return tuple(ActivityChange(code, was, is_) for code, was, is_ in pairs if was != is_)


def list_on(on: date, rulebook: Rulebook | None = None) -> FrameworkList:
    """Return the framework list in force on a day.

    Raises:
        NotInForce: No list is in force; the message names the national version announced by then.
    """
    area = (rulebook or shipped()).area("framework")
    found = in_force(area.sections, on)
    if found is None:
        announced = area.parameters["last_announced"]
        last = announced.on(on)
        public = (
            f"announced nationally by then: {say(last.value, announced.type)}, on {last.from_}, "
            "whose text is not public"
            if last
            else "the framework had not begun"
        )
        text = f"no region's list is in force on {on}; load one as a local rulebook ({public})"
        raise NotInForce(text)
    return found
