"""A region's framework list: its shape, what it may not say, and what it says of a decision.

A list is data, read with the region's other rules and shown as text. Nothing in it is ever run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any, Literal

import attrs
from attrs import field, frozen

from probation_rules.errors import did_you_mean

Treatment = Literal["deliver", "reduce", "pause"]
TREATMENTS: tuple[Treatment, ...] = ("deliver", "reduce", "pause")  # each allows those before it
LONGEST_WORD = 60  # characters of a status or a code
LONGEST_TEXT = 300
LARGEST_FLOOR = 100_000
MOST_PER_CENT = 1_000
IN_FORCE, NONE_IN_FORCE = "in_force", "none_in_force"
PARAMETER = "framework_list"

Fault = tuple[str, str]
"""What is wrong, and where below `framework`."""


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

    def __str__(self) -> str:
        days = f"from {self.effective_from}"
        days += f" to {self.effective_to}" if self.effective_to else ""
        example = "EXAMPLE, made up: " if self.content.example else ""
        return (
            f"{example}{self.region}: {self.title}, version {self.version}, {days}, "
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
        """Return the status that a capacity percentage triggers, if the list says any."""
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


def looked_up(lists: Sequence[FrameworkList], case: Any) -> Any:
    """Return a decision with the facts about it in the list that was in force on its day.

    In a gap between two lists no list protects or allows anything. Before the first list and after the
    last the facts are unknown, and so are those that rest on an unknown of the decision.
    """
    found = in_force(lists, case.decided_on)
    if found is None:
        gap = gap_on(lists, case.decided_on)
        return case if gap is None else _seen(case, _without_list(*gap))
    content, status = found.content, case.status
    said: dict[str, Any] = {"framework_list": str(found)}
    if case.list_version is not None:
        said["version_in_force"] = case.list_version == found.version
    if status is not None:
        said["status_listed"] = status in content.statuses
    if case.activity is not None:
        activity = _of(content.activities, case.activity)
        said |= {"on_list": activity is not None, **_about(activity)}
        if activity is None or said.get("status_listed") is False:
            said |= {"allowed": "deliver", "director_needed": False}
        elif status is not None:
            line = found.at(activity, status)
            said |= {
                "allowed": line.treatment,
                "floor": line.keep,
                "director_needed": line.decided_by == "director",
                "condition": line.condition,
            }
    return _seen(case, said)


def _without_list(first: date, last: date) -> dict[str, Any]:
    """Return the facts about any decision of a day in a gap between two lists."""
    return {
        "framework_list": f"no list was in force from {first} to {last}",
        "status_listed": False,
        "on_list": False,
        "mandatory": False,
        "allowed": "deliver",
        "director_needed": False,
        "version_in_force": False,
    }


def _of(activities: Mapping[str, ActivityDocument], code: object) -> ActivityDocument | None:
    return activities.get(code) if isinstance(code, str) else None


def _about(activity: ActivityDocument | None) -> dict[str, Any]:
    if activity is None:
        return {"mandatory": False}
    return {
        "mandatory": activity.mandatory,
        "activity_title": activity.title,
        "activity_rests_on": activity.basis,
        "floor_is_of": activity.measure,
    }


_SEEN = (
    "status_listed", "on_list", "mandatory", "allowed", "floor", "director_needed",
    "version_in_force", "framework_list", "activity_title", "activity_rests_on", "floor_is_of",
    "condition",
)  # fmt: skip
_CLASSES: dict[type, type] = {}


def _seen(case: Any, said: Mapping[str, Any]) -> Any:
    """Return the case with more attributes: facts for the rules, and texts to show beside them."""
    case_type = type(case)
    if case_type not in _CLASSES:
        fields = {name: field(default=None, kw_only=True) for name in _SEEN}
        made = attrs.make_class(
            f"Seen{case_type.__name__}", fields, bases=(case_type,), frozen=True, slots=True
        )
        made.__reduce__ = _reduced  # type: ignore[assignment, method-assign]
        _CLASSES[case_type] = made
    own = {one.name: getattr(case, one.name) for one in attrs.fields(case_type)}
    return _CLASSES[case_type](**own, **said)


def _reduced(case: Any) -> tuple[Any, ...]:
    """Return how a copy is made: from the caller's own case, since the class has no name to go by."""
    own_type = type(case).__bases__[0]
    own = {one.name: getattr(case, one.name) for one in attrs.fields(own_type)}
    return _seen, (own_type(**own), {name: getattr(case, name) for name in _SEEN})


# --- What a list may not say ----------------------------------------------------------------------


def faults(content: FrameworkDocument) -> Iterator[Fault]:
    """Yield everything that is wrong with a list."""
    if not content.statuses:
        yield "a list names its statuses, from the least pressed to the most", "statuses"
    for word in (*content.statuses, *content.activities):
        if not _is_text(word, LONGEST_WORD):
            yield f"a status or a code is text of 1 to {LONGEST_WORD} characters", "statuses"
    yield from _twice(content.statuses, "statuses")
    yield from _twice(content.activities, "activities")
    if not content.activities:
        yield "a list names its activities", "activities"
    for code, activity in content.activities.items():
        for text, where in _faults_of(activity, content.statuses):
            yield text, f"activities.{code}{where}"
    if content.triggers is not None:
        for text in _faults_of_triggers(content.triggers, content.statuses):
            yield text, "triggers"


def _twice(words: Sequence[str] | Mapping[str, Any], where: str) -> Iterator[Fault]:
    seen: set[str] = set()
    for word in words:
        if word.casefold() in seen:
            yield f"`{word}` is there already", where
        seen.add(word.casefold())


def _faults_of(activity: ActivityDocument, statuses: Sequence[str]) -> Iterator[Fault]:
    texts = {"title": activity.title, "basis": activity.basis, "measure": activity.measure}
    for name, text in texts.items():
        if text is not None and not _is_text(text, LONGEST_TEXT):
            yield _no_text(), f".{name}"
    if activity.mandatory and activity.basis is None:
        yield "`basis` is missing: which law or policy makes it mandatory?", ""
    if activity.floor is not None and not 0 <= activity.floor <= LARGEST_FLOOR:
        yield f"a floor is from 0 to {LARGEST_FLOOR}", ".floor"
    for status, line in activity.at.items():
        if status not in statuses:
            yield f"there is no status `{status}`{did_you_mean(status, statuses)}", ".at"
        for text in _faults_of_line(activity, line):
            yield text, f".at.{status}"


def _faults_of_line(activity: ActivityDocument, line: TreatmentDocument) -> Iterator[str]:
    cut = line.treatment != "deliver"
    if line.condition is not None and not _is_text(line.condition, LONGEST_TEXT):
        yield _no_text()
    if activity.mandatory and cut:
        yield "a mandatory activity is neither reduced nor paused"
    if cut and line.decided_by is None:
        yield "`decided_by` is missing: `director` or `unit`?"
    if line.treatment == "reduce" and (line.keep is None or activity.measure is None):
        yield "what is reduced says what to `keep`, and of what: `measure`"
    if line.treatment != "reduce" and line.keep is not None:
        yield "`keep` is for what is reduced"
    kept = 0 if line.treatment == "pause" else line.keep
    if kept is not None and not (activity.floor or 0) <= kept <= LARGEST_FLOOR:
        yield f"this is below the floor of the activity, {activity.floor or 0}, or too much"


def _faults_of_triggers(triggers: TriggersDocument, statuses: Sequence[str]) -> Iterator[str]:
    if not _is_text(triggers.measure, LONGEST_TEXT):
        yield _no_text()
    for status, begins in triggers.begins_at.items():
        if status not in statuses:
            yield f"there is no status `{status}`{did_you_mean(status, statuses)}"
        if not 0 <= begins <= MOST_PER_CENT:
            yield f"a trigger point is from 0 to {MOST_PER_CENT} per cent"
    points = [triggers.begins_at[one] for one in statuses if one in triggers.begins_at]
    if points != sorted(set(points)):
        yield "a more pressed status begins at a higher percentage"


def _no_text() -> str:
    return f"text of 1 to {LONGEST_TEXT} characters on one line is needed"


def _is_text(text: str, most: int) -> bool:
    return bool(text.strip()) and len(text) <= most and text.isprintable()


def _freedom(line: TreatmentDocument) -> tuple[int, int]:
    """How much may be cut back: the further, and to the lower floor, the more."""
    return TREATMENTS.index(line.treatment), -(line.keep or 0)


# --- Laying a list over the rules -----------------------------------------------------------------


def dated(lists: Sequence[FrameworkList]) -> list[dict[str, Any]]:
    """Return the days on which some list is in force, as values of the parameter for it.

    Days between two lists belong to none; before the first and after the last nothing is known.
    """
    values: list[dict[str, Any]] = []
    ordered = sorted(lists, key=lambda one: one.effective_from)
    for one, following in zip(ordered, [*ordered[1:], None], strict=True):
        cites = [{"source": source_id(one), "checked": one.effective_from}]
        end = {} if one.effective_to is None else {"to": one.effective_to}
        values.append({"from": one.effective_from, "value": IN_FORCE, "cites": cites, **end})
        if following is not None and one.effective_to is not None:
            after = one.effective_to + timedelta(days=1)
            if after < following.effective_from:
                values.append({"from": after, "value": NONE_IN_FORCE, "cites": cites})
    return values


def source_id(one: FrameworkList) -> str:
    """Return the name under which rules cite the list."""
    return f"list-{one.effective_from}"


def overlaps(lists: Sequence[FrameworkList], new: FrameworkList) -> Iterator[str]:
    """Yield what is wrong with the dates of a new list beside those already there."""
    if new.effective_to is not None and new.effective_to < new.effective_from:
        yield "it ends before it begins"
    for one in lists:
        if one.effective_from <= (new.effective_to or date.max) and new.effective_from <= (
            one.effective_to or date.max
        ):
            yield f"its days overlap those of {one.title}, version {one.version}"
