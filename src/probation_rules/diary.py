"""The days that a caseload comes to, and an iCalendar file of them: references, and nothing personal.

Which days they are, and while what holds, is named here; what they are is worked out by the rules
files. A day that cannot be told is never guessed: it is noted, with what it needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from importlib import import_module
from uuid import NAMESPACE_URL, uuid5

from attrs import frozen

from probation_rules._version import __version__
from probation_rules.errors import CaseError, EngineUnavailable, Problem
from probation_rules.report import Report
from probation_rules.rulebook.model import Area
from probation_rules.rulebook.validity import interpreter_for


@frozen
class Entry:
    """A kind of day in a diary.

    Attributes:
        fact: The derived fact that is the day.
        says: What the day is, in a few words.
        rule: The rule that the day is for: it has to be in force on it.
        while_: Derived facts that have to be true on the day.
        unless: The derived fact that may not be true on the day.
        done: The fact that says that it was done already.
    """

    fact: str
    says: str
    rule: str
    while_: tuple[str, ...]
    unless: str = "lapsed"
    done: str | None = None


ENTRIES: Mapping[str, tuple[Entry, ...]] = {
    "unpaid-work": (
        Entry(
            fact="review_6_on",
            says="six-month review point",
            rule="upw.review-6",
            while_=("some_outstanding",),
            done="six_month_review_done",
        ),
        Entry(
            fact="review_9_on",
            says="nine-month review point",
            rule="upw.review-9",
            while_=("some_outstanding",),
            done="nine_month_review_done",
        ),
        Entry(
            fact="last_day",
            says="last day in force",
            rule="upw.complete-in-time",
            while_=("some_outstanding", "covered", "limit_stands"),
        ),
    ),
}
"""The days that an area's cases come to, for the areas that have any."""


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
    """

    on: date
    reference: str
    says: str
    about: str
    kind: str
    asked_on: date

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
            EngineUnavailable: The package `icalendar`, of the extra `ics`, is not installed.
        """
        try:
            icalendar = import_module("icalendar")
        except ModuleNotFoundError:
            raise EngineUnavailable(
                "an iCalendar file needs icalendar, which is not installed here; "
                "install the extra `ics`: probation-rules[ics]"
            ) from None
        calendar = icalendar.Calendar()
        calendar.add("prodid", f"-//probation-rules//{__version__}//EN")
        calendar.add("version", "2.0")
        for due in self.dates:
            event = icalendar.Event()
            event.add("uid", due.uid)
            event.add("dtstamp", datetime.combine(due.asked_on, time(), UTC))
            event.add("dtstart", due.on)
            event.add("summary", f"{due.reference}: {due.says}")
            event.add("description", f"{due.about} As known on {due.asked_on}.")
            event.add("transp", "TRANSPARENT")  # it takes up nobody's time
            calendar.add_component(event)
        found: bytes = calendar.to_ical()
        return found


def due_dates(reports: Iterable[Report], *, weeks: int | None = None) -> Diary:
    """Return the days that the cases of some reports come to.

    A day counts if it is the day asked about or later. Whether an order is complete, or a limit
    still law, is judged as it will be on the day itself.

    Args:
        reports: Reports of an area in `ENTRIES`; others give no days.
        weeks: How far to look ahead, the last day of the last week included; all the way if not
            given.

    Raises:
        CaseError: Two cases have the same reference, so that their days cannot be told apart.
    """
    found: dict[str, Due] = {}
    unnamed: list[str] = []
    untold: dict[str, list[str]] = {}
    for report in reports:
        label = _visible(report.reference or "")
        if not label:
            unnamed.append(report.place or "a case without a place")
            continue
        for item in _days(report, label):
            if isinstance(item, str):
                untold.setdefault(item, []).append(label)
            elif item.uid in found:
                raise CaseError([Problem("two cases have the same reference; each needs its own")])
            elif weeks is None or item.on <= item.asked_on + timedelta(weeks=weeks):
                found[item.uid] = item
    notes = [f"{what}: {', '.join(labels)}" for what, labels in untold.items()]
    if unnamed:
        notes.append(f"without a reference, and so not in the calendar: {', '.join(unnamed)}")
    return Diary(tuple(sorted(found.values(), key=_order)), tuple(notes))


def _days(report: Report, label: str) -> Iterator[Due | str]:
    """Yield each coming day of a case or, where it cannot be told, a sentence that says so."""
    area = report.area
    for entry in ENTRIES.get(area.name, ()):
        day = report.facts[entry.fact]
        if day is not None and (day < report.on or not _in_force(area, entry.rule, day)):
            continue
        then = interpreter_for(area, report.case, day or report.on)
        wanted = [area.derived[name].lowered for name in (*entry.while_, entry.fact)]
        known = [then.value(node) for node in wanted]
        done = entry.done is not None and then.facts[entry.done]
        if done or then.value(area.derived[entry.unless].lowered) or False in known:
            continue
        if needs := dict.fromkeys(name for node in wanted for name in then.needs(node)):
            yield f"{entry.says} cannot be told (needs {', '.join(needs)})"
        else:
            about, kind = area.derived[entry.fact].about, f"{area.name}:{entry.fact}"
            yield Due(day, label, entry.says, about, kind, report.on)


def _in_force(area: Area, rule: str, day: date) -> bool:
    wordings = [area.rules[place] for place in area.wordings.get(rule, ())]
    return any(one.from_ <= day and (one.to is None or day <= one.to) for one in wordings)


def _visible(text: str) -> str:
    """Return a text without characters that could end a line or steer a terminal."""
    return "".join(letter for letter in text if letter.isprintable())


def _order(due: Due) -> tuple[date, str, str]:
    return due.on, due.reference, due.kind
