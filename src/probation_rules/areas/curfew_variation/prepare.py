"""Facts about a curfew variation: minutes of the new timetable, what changes, and each step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import fields_dict

from probation_rules.areas.curfew_variation.case import CurfewSteps, CurfewVariation
from probation_rules.areas.curfew_variation.timetable import (
    Span,
    calendar_minutes,
    overlaps,
    shift,
    spans,
    started_minutes,
)

Week = tuple[Span, ...]
_STEPS = tuple(fields_dict(CurfewSteps))
_CHANGE = (
    "timetable_unchanged", "same_number_of_periods", "lengths_unchanged", "largest_shift_minutes",
    "place_changes", "new_place",
)  # fmt: skip


def prepare(case: CurfewVariation, _: object) -> dict[str, Any]:
    """Return the facts about both timetables and the steps; those of an unknown one are unknown."""
    return {**of_weeks(spans(case.current), spans(case.proposed)), **_steps(case.steps)}


def of_weeks(current: Week | None, proposed: Week | None) -> dict[str, Any]:
    """Return the facts about both timetables; those of an unknown one are unknown."""
    change: dict[str, Any] = dict.fromkeys(_CHANGE)
    if current is not None and proposed is not None:
        change = _change(current, proposed)
    return {**_minutes(proposed), **change}


def contradictions(case: CurfewVariation) -> Iterator[tuple[str, str]]:
    """Yield the periods of a timetable that share a minute with another."""
    for name in ("current", "proposed"):
        for first, second in overlaps(spans(getattr(case, name)) or ()):
            yield f"this period overlaps {name}[{first}]", f"{name}[{second}]"


def _minutes(proposed: Week | None) -> dict[str, Any]:
    """Return the minutes of the proposed week, and of its days that have a curfew.

    On calendar days, minutes after midnight count on the day they fall in; on start days, all
    minutes of a period count on the day it starts.
    """
    calendar = [minutes for minutes in calendar_minutes(proposed or ()) if minutes]
    start = [minutes for minutes in started_minutes(proposed or ()) if minutes]
    return {
        "week_minutes": None if proposed is None else sum(one.minutes for one in proposed),
        "shortest_calendar_day": min(calendar, default=None),
        "longest_calendar_day": max(calendar, default=None),
        "shortest_start_day": min(start, default=None),
        "longest_start_day": max(start, default=None),
    }


def _change(current: Week, proposed: Week) -> dict[str, Any]:
    """Return what changes. `proposed[i]` takes the place of `current[i]`.

    With another number of periods, the place changes only if a place is new.
    """
    same_number = len(current) == len(proposed)
    new_place = not {one.place for one in proposed} <= {one.place for one in current}
    moved = any(old.place != new.place for old, new in zip(current, proposed, strict=False))
    return {
        "timetable_unchanged": set(current) == set(proposed),
        "same_number_of_periods": same_number,
        "lengths_unchanged": [one.minutes for one in current] == [one.minutes for one in proposed],
        "largest_shift_minutes": max(map(shift, current, proposed), default=0),
        "place_changes": moved if same_number else new_place,
        "new_place": new_place,
    }


def _steps(steps: CurfewSteps | None) -> dict[str, Any]:
    """Return for each step whether it is done, and the day."""
    facts = {}
    for name in _STEPS:
        step = getattr(steps, name, None)
        facts[f"{name}_done"] = getattr(step, "done", None)
        facts[f"{name}_on"] = getattr(step, "on", None)
    return facts
