"""The `[framework]` section of a local rulebook: its mistakes, and its days in force."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from probation_rules.areas.framework.lists import (
    EXAMPLE,
    ActivityDocument,
    FrameworkDocument,
    FrameworkList,
    TreatmentDocument,
    TriggersDocument,
)
from probation_rules.errors import did_you_mean
from probation_rules.rulebook.spec import Fault, Section
from probation_rules.rulebook.toml_schema import CitationDocument, Source, ValueDocument

LONGEST_WORD = 60  # characters of a status or a code
LONGEST_TEXT = 300
LARGEST_FLOOR = 100_000
MOST_PER_CENT = 1_000
IN_FORCE, NONE_IN_FORCE = "in_force", "none_in_force"


def faults(before: Sequence[FrameworkList], new: FrameworkList) -> Iterator[Fault]:
    """Yield everything that is wrong with a new list, with its place in the file."""
    for name in ("region", "title", "version", "approved_by"):
        if not _is_text(getattr(new, name), LONGEST_TEXT):
            yield _no_text(), f"local.{name}"
    for text in _overlaps(before, new):
        yield text, "local.effective_from"
    for text, where in _faults_of_content(new.content):
        yield text, f"framework.{where}"


def _faults_of_content(content: FrameworkDocument) -> Iterator[Fault]:
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


def _twice(words: Sequence[str] | Mapping[str, object], where: str) -> Iterator[Fault]:
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
            yield f"`{status}` is not a status{did_you_mean(status, statuses)}", ".at"
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
            yield f"`{status}` is not a status{did_you_mean(status, statuses)}"
        if not 0 <= begins <= MOST_PER_CENT:
            yield f"a trigger point is from 0 to {MOST_PER_CENT} per cent"
    points = [triggers.begins_at[one] for one in statuses if one in triggers.begins_at]
    if points != sorted(set(points)):
        yield "a more pressed status begins at a higher percentage"


def _no_text() -> str:
    return f"text of 1 to {LONGEST_TEXT} characters on one line is needed"


def _is_text(text: str, most: int) -> bool:
    return bool(text.strip()) and len(text) <= most and text.isprintable()


# --- When lists are in force ----------------------------------------------------------------------


def values(lists: Sequence[FrameworkList]) -> tuple[ValueDocument, ...]:
    """Return the days with a list in force, as values of `framework_list`.

    Days between two lists belong to none; before the first and after the last nothing is known.
    """
    found = []
    ordered = sorted(lists, key=lambda one: one.effective_from)
    for one, following in zip(ordered, [*ordered[1:], None], strict=True):
        cites = (CitationDocument(_source_id(one), one.effective_from),)
        found.append(ValueDocument(one.effective_from, IN_FORCE, cites, one.effective_to))
        if following is not None and one.effective_to is not None:
            after = one.effective_to + timedelta(days=1)
            if after < following.effective_from:
                found.append(ValueDocument(after, NONE_IN_FORCE, cites))
    return tuple(found)


def sources(lists: Sequence[FrameworkList]) -> Mapping[str, Source]:
    """Return the source to cite for each list."""
    return {
        _source_id(one): Source(
            f"{EXAMPLE * one.content.example}{one.title}, version {one.version}", one.region
        )
        for one in lists
    }


def _source_id(one: FrameworkList) -> str:
    return f"list-{one.effective_from}"


def _overlaps(before: Sequence[FrameworkList], new: FrameworkList) -> Iterator[str]:
    """Yield what is wrong with the dates of a new list."""
    if new.effective_to is not None and new.effective_to < new.effective_from:
        yield "it ends before it begins"
    for one in before:
        if one.effective_from <= (new.effective_to or date.max) and new.effective_from <= (
            one.effective_to or date.max
        ):
            yield f"its days overlap those of {one.title}, version {one.version}"


SECTION = Section(
    name="framework",
    document=FrameworkDocument,
    parameter="framework_list",
    made=FrameworkList.of,
    faults=faults,
    sources=sources,
    values=values,
)
