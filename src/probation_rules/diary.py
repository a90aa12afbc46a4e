"""The due days of a caseload, and an iCalendar file with them. It contains only references of cases.

The rules files define the days and their conditions in `[due]`. An unknown day is never guessed: a
note gives it, with its needs. If a day is known, but not whether it is still due, it is in the
calendar: an unnecessary reminder does no harm.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from importlib import import_module
from typing import cast
from uuid import NAMESPACE_URL, uuid5

from attrs import frozen

from probation_rules._version import __version__
from probation_rules.errors import CaseError, MissingExtra, Problem
from probation_rules.report import Report
from probation_rules.rulebook.model import DueDay
from probation_rules.rulebook.validity import interpreter_for


@frozen
class Due:
    """A due day of a case.

    Attributes:
        on: The day.
        reference: The caller's own label of the case.
        label: A short description of the day.
        about: A description of the day in a sentence.
        kind: The area's name and the fact that gives the day.
        asked_on: The day asked about.
        needs: The facts that decide whether it is still due; empty if it is known to be due.
    """

    on: date
    reference: str
    label: str
    about: str
    kind: str
    asked_on: date
    needs: tuple[str, ...] = ()

    @property
    def description(self) -> str:
        """The description of the day and of what is known about it, in sentences."""
        unclear = f" Whether it is still due {_unclear(self.needs)}." if self.needs else ""
        return f"{self.about}{unclear} As known on {self.asked_on}."

    @property
    def uid(self) -> str:
        """An id for the entry. It stays the same if the day moves, and does not contain a reference."""
        return str(uuid5(NAMESPACE_URL, f"urn:probation-rules:{self.kind}:{self.reference}"))


@frozen
class Diary:
    """The due days of cases.

    Attributes:
        dates: The due days, by day and then by reference.
        notes: Sentences about days that are unknown, and why.
    """

    dates: tuple[Due, ...]
    notes: tuple[str, ...]

    def to_ical(self) -> bytes:
        """Return the days as an iCalendar file (RFC 5545) with entries for whole days.

        The same cases on the same day give the same bytes.

        Raises:
            MissingExtra: The package `icalendar`, of the extra `ics`, is not installed.
        """
        try:
            icalendar = import_module("icalendar")
        except ModuleNotFoundError:
            text = "an iCalendar file needs icalendar, which is not installed here"
            raise MissingExtra(text, "ics") from None
        calendar = icalendar.Calendar()
        calendar.add("prodid", f"-//probation-rules//{__version__}//EN")
        calendar.add("version", "2.0")
        for due in self.dates:
            event = icalendar.Event()
            event.add("uid", due.uid)
            event.add("dtstamp", datetime.combine(due.asked_on, time(), UTC))
            event.add("dtstart", due.on)
            event.add("summary", f"{due.reference}: {due.label}")
            event.add("description", due.description)
            event.add("transp", "TRANSPARENT")  # the entry does not block time
            calendar.add_component(event)
        found: bytes = calendar.to_ical()
        return found


def due_dates(reports: Iterable[Report], *, weeks: int | None = None) -> Diary:
    """Return the due days of the cases in some reports.

    The result contains the days from the day asked about, except those known to be no longer due.
    The condition of a day is checked for that day itself.

    Args:
        reports: Reports of any area; most areas do not have due days.
        weeks: The number of weeks to look ahead, including the last day; without a limit if not
            given.

    Raises:
        CaseError: Two cases have the same reference, so their days cannot be distinguished.
    """
    found: dict[str, Due] = {}
    unnamed: list[str] = []
    unclear: dict[str, list[str]] = {}
    without: dict[str, list[str]] = {}
    for report in reports:
        label = _visible(report.reference or "")
        if not label:
            unnamed.append(report.place or "a case without a place")
            continue
        last = None if weeks is None else report.on + timedelta(weeks=weeks)
        for one in coming(report, last):
            day = one.entry.label
            if not one.exists:
                without.setdefault(f"no {day}", []).append(label)
                continue
            if one.needs:
                shown = " is in the calendar, though whether it is still due" if one.day else ""
                unclear.setdefault(f"{day}{shown} {_unclear(one.needs)}", []).append(label)
            if one.day:
                due = _entry(report, one.entry, one.day, label, one.needs)
                if due.uid in found:
                    text = "two cases have the same reference; each needs its own"
                    raise CaseError([Problem(text)])
                found[due.uid] = due
    notes = [f"{what}: {', '.join(labels)}" for what, labels in {**without, **unclear}.items()]
    if unnamed:
        notes.append(f"without a reference, and so not in the calendar: {', '.join(unnamed)}")
    return Diary(tuple(sorted(found.values(), key=_order)), tuple(notes))


@frozen
class Coming:
    """A day of one case that is due or may be due.

    Attributes:
        entry: The day's entry in the rules.
        day: The day, or ``None`` if it is unknown or does not exist.
        needs: The facts and parameters that decide whether it is due; empty if that is known.
        exists: False if the case does not have this day.
    """

    entry: DueDay
    day: date | None
    needs: tuple[str, ...] = ()
    exists: bool = True


def coming(report: Report, last: date | None = None) -> Iterator[Coming]:
    """Yield the days of a case that are not before the day asked about, in the order of the rules.

    Args:
        report: The report on the case.
        last: The last day to include; without a limit if not given. An unknown day is always
            included.
    """
    for fact, entries in report.area.due.items():
        if fact in report.absent:
            then = interpreter_for(report.area, report.case, None)
            due_else = [one for one in entries if then.value(one.lowered) is not False]
            yield from (Coming(one, None, exists=False) for one in due_else[:1])
            continue
        day, (one, holds, needs) = report.facts[fact], _as_due(report, fact)
        if holds is not False and not (day and last and day > last):
            yield Coming(one, day, needs)


def is_due(report: Report, fact: str) -> tuple[bool | None, tuple[str, ...]]:
    """Return whether a day of a case is still to come, and is due on that day.

    A day after the last day that the area covers is not due, and a day that does not exist is not.

    Args:
        report: The report on the case.
        fact: A derived fact that is a due day of the area.

    Returns:
        True, false or ``None`` (unknown), with the facts and parameters that it needs: those of the
        day itself or, if the day is known, those of its condition.
    """
    _, holds, needs = _as_due(report, fact)
    return holds, needs


def _as_due(report: Report, fact: str) -> tuple[DueDay, bool | None, tuple[str, ...]]:
    """Return the entry of a due day that applies, whether it is due, and its needs.

    A day has another entry for each rule that replaces its rule. An entry that is due applies first,
    then an entry that may be due.
    """
    area, day = report.area, report.facts[fact]
    entries = area.due[fact]
    if fact in report.absent:
        return entries[0], False, ()
    if day is not None and not report.on <= day <= cast("date", area.facts["on"].max):
        return entries[0], False, ()
    then = interpreter_for(area, report.prepared, day)
    found = [(one, cast("bool | None", then.value(one.lowered))) for one in entries]
    one, holds = next(
        (pair for wanted in (True, None) for pair in found if pair[1] is wanted), found[0]
    )
    if holds is not False and day is None:
        return one, None, report.interpreter.needs(area.derived[fact].lowered)
    return one, holds, then.needs(one.lowered)


def _entry(report: Report, one: DueDay, day: date, label: str, needs: tuple[str, ...]) -> Due:
    about = _visible(report.area.derived[one.fact].about)
    return Due(day, label, one.label, about, f"{report.area.name}:{one.fact}", report.on, needs)


def _unclear(needs: Iterable[str]) -> str:
    return f"is not known (needs {', '.join(needs)})"


def _visible(text: str) -> str:
    """Return a text without characters that could end a line or control a terminal."""
    return "".join(letter for letter in text if letter.isprintable())


def _order(due: Due) -> tuple[date, str, str]:
    return due.on, due.reference, due.kind
