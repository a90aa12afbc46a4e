"""Facts about a decision: its activity in the region's list in force on its day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from probation_rules.areas.framework.case import ActivityDecision
from probation_rules.areas.framework.lists import ActivityDocument, FrameworkList, gap_on, in_force

if TYPE_CHECKING:
    from probation_rules.rulebook.model import Area

_UNKNOWN = dict.fromkeys(
    ("status_listed", "on_list", "mandatory", "allowed", "floor", "director_needed",
     "version_in_force")
)  # fmt: skip


def prepare(case: ActivityDecision, area: Area) -> dict[str, Any]:
    """Return the facts about a decision in the list in force on its day, and texts to show.

    In a gap between two lists no list protects or allows anything. Before the first list and after
    the last one the facts are unknown, and so are those that depend on an unknown of the decision.
    """
    lists: Sequence[FrameworkList] = area.sections
    if not lists:
        return _UNKNOWN
    found = in_force(lists, case.decided_on)
    if found is not None:
        return {**_UNKNOWN, **_in_list(found, case)}
    gap = gap_on(lists, case.decided_on)
    return _UNKNOWN if gap is None else {**_UNKNOWN, **_without_list(*gap)}


def _in_list(found: FrameworkList, case: ActivityDecision) -> dict[str, Any]:
    content, status = found.content, case.status
    facts: dict[str, Any] = {"framework_list": str(found)}
    if case.list_version is not None:
        facts["version_in_force"] = case.list_version == found.version
    if status is not None:
        facts["status_listed"] = status in content.statuses
    if case.activity is None:
        return facts
    activity = content.activities.get(case.activity) if isinstance(case.activity, str) else None
    facts |= {"on_list": activity is not None, **_about(activity)}
    if activity is None or facts.get("status_listed") is False:
        facts |= {"allowed": "deliver", "director_needed": False}
    elif status is not None:
        line = found.at(activity, status)
        facts |= {
            "allowed": line.treatment,
            "floor": line.keep,
            "director_needed": line.decided_by == "director",
            "condition": line.condition,
        }
    return facts


def _about(activity: ActivityDocument | None) -> dict[str, Any]:
    if activity is None:
        return {"mandatory": False}
    return {
        "mandatory": activity.mandatory,
        "activity_title": activity.title,
        "activity_rests_on": activity.basis,
        "floor_is_of": activity.measure,
    }


def _without_list(first: date, last: date) -> dict[str, Any]:
    """Return the facts about any decision on a day in a gap between two lists."""
    return {
        "framework_list": f"no list was in force from {first} to {last}",
        "status_listed": False,
        "on_list": False,
        "mandatory": False,
        "allowed": "deliver",
        "director_needed": False,
        "version_in_force": False,
    }
