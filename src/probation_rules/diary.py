"""The days that a caseload comes to, and an iCalendar file of them: references, and nothing personal.

Which days they are, and while what holds, the rules files say, under `[due]`. A day that cannot be
told is never guessed: it is noted, with what it needs. A day that is known, but not whether it is
still due, is shown: a reminder too many harms nobody.
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
    """A day that a case comes to.

    Attributes:
        on: The day.
        reference: The caller's own label of the case.
        says: What the day is, in a few words.
        about: What it is, in a sentence.
        kind: The area's name and the fact that is the day.
        asked_on: The day that was asked about.
        needs: What it takes to tell whether it is still due; nothing where it is known to be.
    """

    on: date
    reference: str
    says: str
    about: str
    kind: str
    asked_on: date
    needs: tuple[str, ...] = ()

    @property
    def description(self) -> str:
        """What the day is, and how much is known of it, in sentences."""
        untold = f" Whether it is still due {_untold(self.needs)}." if self.needs else ""
        return f"{self.about}{untold} As known on {self.asked_on}."

    @property
    def uid(self) -> str:
        """A name for the entry that stays when its day moves, and holds no reference."""
        return str(uuid5(NAMESPACE_URL, f"urn:probation-rules:{self.kind}:{self.reference}"))


@frozen
class Diary:
    """The days that cases come to.

    Attributes:
        dates: By day, then by reference.
        notes: What could not be told, and why, in sentences.
    """

    dates: tuple[Due, ...]
    notes: tuple[str, ...]

    def to_ical(self) -> bytes:
        """Return the days as an iCalendar file (RFC 5545) of whole-day entries.

        The same cases, asked about the same day, give the same bytes.

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
            event.add("summary", f"{due.reference}: {due.says}")
            event.add("description", due.description)
            event.add("transp", "TRANSPARENT")  # it takes up nobody's time
            calendar.add_component(event)
        found: bytes = calendar.to_ical()
        return found


def due_dates(reports: Iterable[Report], *, weeks: int | None = None) -> Diary:
    """Return the days that the cases of some reports come to.

    A day counts if it is the day asked about or later, and is not known to be no longer due. That is
    judged as it will be on the day itself.

    Args:
        reports: Reports of any area; most have no due days.
        weeks: How far to look ahead, the last day of the last week included; all the way if not
            given.

    Raises:
        CaseError: Two cases have the same reference, so that their days cannot be told apart.
    """
    found: dict[str, Due] = {}
    unnamed: list[str] = []
    untold: dict[str, list[str]] = {}
    without: dict[str, list[str]] = {}
    for report in reports:
        label = _visible(report.reference or "")
        if not label:
            unnamed.append(report.place or "a case without a place")
            continue
        last = None if weeks is None else report.on + timedelta(weeks=weeks)
        for one in coming(report, last):
            says = one.entry.says
            if not one.exists:
                without.setdefault(f"no {says}", []).append(label)
                continue
            if one.needs:
                shown = " is in the calendar, though whether it is still due" if one.day else ""
                untold.setdefault(f"{says}{shown} {_untold(one.needs)}", []).append(label)
            if one.day:
                due = _entry(report, one.entry, one.day, label, one.needs)
                if due.uid in found:
                    text = "two cases have the same reference; each needs its own"
                    raise CaseError([Problem(text)])
                found[due.uid] = due
    notes = [f"{what}: {', '.join(labels)}" for what, labels in {**without, **untold}.items()]
    if unnamed:
        notes.append(f"without a reference, and so not in the calendar: {', '.join(unnamed)}")
    return Diary(tuple(sorted(found.values(), key=_order)), tuple(notes))


@frozen
class Coming:
    """A day of one case that is due, or may be.

    Attributes:
        entry: The day's entry in the rules.
        day: The day; ``None`` where it is not known, and where it does not exist.
        needs: The facts and parameters that decide whether it is due; empty where that is known.
        exists: False where the case has no such day.
    """

    entry: DueDay
    day: date | None
    needs: tuple[str, ...] = ()
    exists: bool = True


def coming(report: Report, last: date | None = None) -> Iterator[Coming]:
    """Yield the days of a case from the day asked about on, in the order of the rules.

    Args:
        report: The report on the case.
        last: The last day to look at; without it there is no limit. A day that is not known is
            yielded whatever the limit.
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
    """Return whether a day of a case is still to come, and is due on the day itself.

    A day after the last that the area may be asked about is not, nor one that does not exist.

    Args:
        report: The report on the case.
        fact: A derived fact that is a due day of the area.

    Returns:
        True, false or, where it cannot be told, ``None`` with the facts and parameters that it
        needs: first those of the day, and once that is known, those of what has to hold on it.
    """
    _, holds, needs = _as_due(report, fact)
    return holds, needs


def _as_due(report: Report, fact: str) -> tuple[DueDay, bool | None, tuple[str, ...]]:
    """Return the entry of a due day that counts, whether it is due, and what that needs.

    A day has another entry for each rule that replaces its rule. One that is due counts first, then
    one that may be due.
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
    return Due(day, label, one.says, about, f"{report.area.name}:{one.fact}", report.on, needs)


def _untold(needs: Iterable[str]) -> str:
    return f"cannot be told (needs {', '.join(needs)})"


def _visible(text: str) -> str:
    """Return a text without characters that could end a line or steer a terminal."""
    return "".join(letter for letter in text if letter.isprintable())


def _order(due: Due) -> tuple[date, str, str]:
    return due.on, due.reference, due.kind
