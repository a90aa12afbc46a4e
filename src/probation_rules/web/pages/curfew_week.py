"""The two weeks of a curfew variation as rows of a form: a period as it is, above the period proposed.

A row may be for several days at once. Which period replaces which is what the person wrote in one row,
and is never guessed. An empty row means nothing. If a week is given, each of its rows must be complete.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import time
from typing import cast

from attrs import Factory, define, frozen

from probation_rules import CurfewPeriod
from probation_rules.areas.curfew_variation.case import Day
from probation_rules.areas.curfew_variation.timetable import DAY
from probation_rules.caseload.layout import capital
from probation_rules.cases import value_from_cell
from probation_rules.errors import Problem
from probation_rules.rulebook.model import Area
from probation_rules.web.pages.forms import Field, Form, label

CURRENT, PROPOSED = "current", "proposed"
TITLES = {CURRENT: "As it is", PROPOSED: "As proposed"}
PARTS = ("day", "start", "end", "place")
SAME, NONE = "same", "none"  # instead of a day
_NONE_MEANS = {CURRENT: "None: a new period", PROPOSED: "None: the period ends"}
_SEVERAL = {
    "every_day": ("Every day", slice(0, 7)),
    "working_days": ("Monday to Friday", slice(0, 5)),
    "weekend": ("Saturday and Sunday", slice(5, 7)),
}
FEWEST_ROWS = 2  # that a form has
_NAME = re.compile(r"(current|proposed)\.([0-9]{1,2})\.(day|start|end|place)")
_OTHER = re.compile(r"(current|proposed)\[([0-9]+)\]")
_TIME = "24-hour time, such as 07:00 or 19:00"

Periods = tuple[CurfewPeriod, ...]


@frozen
class Row:
    """A row of the form.

    Attributes:
        number: Its number, from 1.
        sides: The week, its title and its four questions, for each of both weeks.
    """

    number: int
    sides: tuple[tuple[str, str, tuple[Field, ...]], ...]


@define
class Weeks:
    """The two weeks that a person typed.

    Attributes:
        form: The form.
        area: The area.
        current: The periods as they are; ``None`` if they are not known or cannot be read.
        proposed: The periods proposed, likewise.
    """

    form: Form
    area: Area
    current: Periods | None = None
    proposed: Periods | None = None
    _rows: dict[str, list[int]] = Factory(lambda: {CURRENT: [], PROPOSED: []})

    @property
    def is_on_page(self) -> bool:
        """Whether the page that was sent had the rows."""
        return any(map(_NAME.fullmatch, self.form.typed))

    @property
    def typed(self) -> list[int]:
        """The numbers of the rows in which something is typed, from 0."""
        found = (_NAME.fullmatch(name) for name, text in self.form.typed.items() if text.strip())
        return sorted({int(one[2]) for one in found if one})

    def has(self, week: str) -> bool:
        """Whether something is typed for a week."""
        return any(not self._is_blank(week, row) for row in self.typed)

    def rows(self, more: int = 0) -> Iterator[Row]:
        """Yield the rows of the form, with an empty one at the end.

        Args:
            more: How many more empty rows to add.
        """
        most = self.area.records[CURRENT].most or 0
        last = max(self.typed, default=-1)
        for row in range(min(most, max(FEWEST_ROWS, last + 2) + more)):
            sides = ((week, TITLES[week], tuple(self._fields(week, row))) for week in TITLES)
            yield Row(row + 1, tuple(sides))

    def read(self) -> None:
        """Read both weeks; what is wrong is noted at its field."""
        known = {week: self.has(week) for week in TITLES}
        replaced: list[tuple[int, CurfewPeriod, CurfewPeriod]] = []
        ended: list[tuple[int, CurfewPeriod]] = []
        added: list[tuple[int, CurfewPeriod]] = []
        for row in self.typed:
            old = self._side(CURRENT, row, known) or []
            new = self._side(PROPOSED, row, known)
            pairs, gone, more = paired(old, old if new is None else new)
            replaced += ((row, *pair) for pair in pairs)
            ended += ((row, one) for one in gone)
            added += ((row, one) for one in more)
        weeks = {
            CURRENT: [*((row, one) for row, one, _ in replaced), *ended],
            PROPOSED: [*((row, one) for row, _, one in replaced), *added],
        }
        for week, periods in weeks.items():
            if known[week] and not (periods or self.form.errors):
                self.form.blame(week, f"{TITLES[week]}: give at least one period")
        self._rows = {week: [row for row, _ in some] for week, some in weeks.items()}
        self.current, self.proposed = (
            tuple(one for _, one in weeks[week]) if known[week] else None for week in TITLES
        )

    def place(self, problem: Problem) -> Problem:
        """Return a problem of a period, with its field as the place and with days for numbers."""
        text = _OTHER.sub(lambda found: self._named(found[1], int(found[2])), problem.text)
        if found := _OTHER.search(problem.path):
            row = self._rows[found[1]][int(found[2])]
            return Problem(text, f"{found[1]}.{row}.day")
        return Problem(text, problem.path)

    # --- A row of one week ------------------------------------------------------------------

    def _fields(self, week: str, row: int) -> Iterator[Field]:
        facts = self.area.records[week].facts
        days = facts["day"].type.codes
        more = [(SAME, "The same")] if week == PROPOSED else []
        options = (
            ("", "Choose"),
            *more,
            *((name, text) for name, (text, _) in _SEVERAL.items()),
            *((day, capital(day)) for day in days),
            (NONE, _NONE_MEANS[week]),
        )
        for part in PARTS:
            name = f"{week}.{row}.{part}"
            text = label(facts[part]) if part in facts else capital(part)
            words = options if part == "day" else ()
            kind = "place" if part == "place" else "clock"
            typed, error = self.form.typed.get(name, ""), self.form.errors.get(name)
            yield Field(name, text, "", kind, typed, words, error)

    def _is_blank(self, week: str, row: int) -> bool:
        return not any(self.form.text(f"{week}.{row}.{part}") for part in PARTS)

    def _side(self, week: str, row: int, known: dict[str, bool]) -> list[CurfewPeriod] | None:
        """Return the periods of a row in one week; ``None`` for the same as in the other week."""
        name = f"{week}.{row}"
        day = self.form.text(f"{name}.day")
        if self._is_blank(week, row):
            if known[week]:
                self._blame(name, "day", "choose the day, or an answer that the list has")
            return []
        if day in (SAME, NONE):
            if any(self.form.text(f"{name}.{part}") for part in PARTS[1:]):
                self._blame(name, "day", "choose a day, or clear the start, the end and the place")
            elif day == SAME and self.form.text(f"{CURRENT}.{row}.day") in ("", NONE):
                self._blame(name, "day", "choose a day, because there is not a period to keep")
            return None if day == SAME else []
        return [*self._periods(week, name, day)]

    def _periods(self, week: str, name: str, day: str) -> Iterator[CurfewPeriod]:
        facts = self.area.records[week].facts
        codes = facts["day"].type.codes
        days = codes[_SEVERAL[day][1]] if day in _SEVERAL else [one for one in codes if one == day]
        if not days:
            self._blame(name, "day", "choose the day")
        start, end = (self._time(week, name, part) for part in ("start", "end"))
        place = self.form.text(f"{name}.place")
        try:
            value_from_cell(facts["place"], place)
        except ValueError:
            self._blame(name, "place", "give a short label for the place, such as home")
        if start is None or end is None:
            return
        minutes = (_minutes(end) - _minutes(start)) % DAY
        if not minutes:
            self._blame(name, "end", "the end must differ from the start")
        for one in days:
            yield CurfewPeriod(day=cast("Day", one), start=start, minutes=minutes, place=place)

    def _time(self, week: str, name: str, part: str) -> time | None:
        text = self.form.text(f"{name}.{part}")
        midnight = "00:00" if (part, text) == ("end", "24:00") else text
        try:
            return cast("time", value_from_cell(self.area.records[week].facts["start"], midnight))
        except ValueError:
            self._blame(name, part, f"enter the {part} as {_TIME}")
            return None

    def _blame(self, name: str, part: str, why: str) -> None:
        week, row = name.split(".")
        self.form.blame(f"{name}.{part}", f"period {int(row) + 1}, {TITLES[week].lower()}: {why}")

    def _named(self, week: str, place: int) -> str:
        """Return what to call a period in a message."""
        period = ((self.current if week == CURRENT else self.proposed) or ())[place]
        return f"the period on {capital(period.day)} from {period.start:%H:%M}"


def paired(
    old: Sequence[CurfewPeriod], new: Sequence[CurfewPeriod]
) -> tuple[list[tuple[CurfewPeriod, CurfewPeriod]], list[CurfewPeriod], list[CurfewPeriod]]:
    """Return which periods of one row replace which.

    As many on both sides replace one another in order. Otherwise those of the same day do.

    Args:
        old: The periods as they are.
        new: The periods proposed.

    Returns:
        Pairs of a period and its replacement, periods that end, and periods that are new.
    """
    if len(old) == len(new):
        return [*zip(old, new, strict=True)], [], []
    was, will = ({one.day: one for one in some} for some in (old, new))
    pairs = [(one, will[day]) for day, one in was.items() if day in will]
    ended = [one for day, one in was.items() if day not in will]
    return pairs, ended, [one for day, one in will.items() if day not in was]


def _minutes(moment: time) -> int:
    return moment.hour * 60 + moment.minute
