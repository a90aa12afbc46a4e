"""Convert the rows of the electronic monitoring service's timetable to the periods of a week.

The service gives a night in one row (`MONDAY 20:00 to 08:00`) or, from its screens, in two rows
(`MONDAY 20:00 to 23:59`, `TUESDAY 00:00 to 08:00`). Both become the same period.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from attrs import Factory, define, evolve, frozen

from probation_rules.areas.curfew_variation.timetable import DAY, DAYS, WEEK
from probation_rules.errors import CaseError, Problem, did_you_mean
from probation_rules.quoting import shown

_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])(:00)?")
_LABEL = re.compile(r"[A-Za-z]+(_[A-Za-z]+)*(,[A-Za-z]+(_[A-Za-z]+)*)*")
_SHORTEST_DAY = 2  # letters: the supplier's days are Mo, Tu, Wed, Th, Fr, Sa, Su
_LAST_MINUTE = DAY - 1  # 23:59, which as an end means the end of the day
_A_TIME = "a time of day from 00:00 to 23:59, in whole minutes"
# The supplier's words for the service's places.
_PLACES = {
    "primary": "PRIMARY_ADDRESS",
    "secondary": "SECONDARY_ADDRESS",
    "tertiary": "TERTIARY_ADDRESS",
}


@frozen
class _Row:
    """One row: its path in the file, its first minute in the week, its length and its places."""

    path: str
    start: int
    minutes: int
    places: frozenset[str]

    @property
    def end(self) -> int:
        """The minute after the last one. It may be after the end of the week."""
        return self.start + self.minutes


@define
class Week:
    """The rows of one timetable.

    Attributes:
        names: The shape's names for the day, the start and the end of a row.
    """

    names: tuple[str, str, str]
    _rows: list[_Row] = Factory(list)
    _problems: list[Problem] = Factory(list)

    def places(self, label: object, path: str) -> frozenset[str]:
        """Return the places in a label. Their words do not have spaces, so it is not an address."""
        if isinstance(label, str) and _LABEL.fullmatch(label):
            return frozenset(_PLACES.get(word, word) for word in label.split(","))
        self._problems.append(Problem("must be a label of a place, such as PRIMARY_ADDRESS", path))
        return frozenset()

    def add(self, row: Mapping[str, object], path: str, places: frozenset[str]) -> None:
        """Add a row, or its problem."""
        day, start, end = (row.get(name) for name in self.names)
        found: list[int] = []
        for name, read, value in zip(
            self.names, (_day, _minute, _minute), (day, start, end), strict=True
        ):
            try:
                found.append(read(value))
            except ValueError as wrong:
                self._problems.append(Problem(str(wrong), f"{path}.{name}"))
        if len(found) < len(self.names):
            return
        on, first, last = found
        minutes = (-first if last == _LAST_MINUTE else last - first) % DAY
        if first and not minutes:
            text = "a period must not end at its start time; for a whole day, give 00:00 to 00:00"
            self._problems.append(Problem(text, f"{path}.{self.names[2]}"))
            return
        self._rows.append(_Row(path, on * DAY + first, minutes or DAY, places))

    def periods(self) -> list[dict[str, object]]:
        """Return the periods in the order of the week, in the form of a case.

        Raises:
            CaseError: The rows have problems; the error lists all of them with their paths.
        """
        rows = _merged(self._rows)
        if problems := self._problems or list(_overlaps(rows)):
            raise CaseError(problems)
        return [
            {
                "day": DAYS[one.start // DAY],
                "start": "{:02}:{:02}".format(*divmod(one.start % DAY, 60)),
                "minutes": one.minutes,
                "place": ",".join(sorted(one.places)),
            }
            for one in _joined(rows)
        ]


def _day(value: object) -> int:
    """Return the number of a weekday in the week, from its name or the first letters of it."""
    if value in (None, ""):
        raise ValueError("must be given: a weekday")
    word = str(value).lower()
    for place, day in enumerate(DAYS):
        if len(word) >= _SHORTEST_DAY and day.startswith(word):
            return place
    raise ValueError(f"{shown(value, 'code', DAYS)} is not a weekday{did_you_mean(word, DAYS)}")


def _minute(value: object) -> int:
    """Return a time as the minute of the day."""
    if value in (None, ""):
        raise ValueError(f"must be given: {_A_TIME}")
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError(f"{shown(value, 'time')} is not allowed: it must be {_A_TIME}")
    return int(found[1]) * 60 + int(found[2])


def _merged(rows: Sequence[_Row]) -> list[_Row]:
    """Return the rows in the order of the week. Rows with the same time become one row."""
    found: list[_Row] = []
    for row in sorted(rows, key=lambda one: (one.start, one.minutes)):
        last = found[-1] if found else None
        if last and (last.start, last.end) == (row.start, row.end) and not last.places & row.places:
            found[-1] = evolve(last, places=last.places | row.places)
        else:
            found.append(row)
    return found


def _overlaps(rows: Sequence[_Row]) -> Iterator[Problem]:
    """Yield a problem for each row that begins before an earlier row has ended."""
    if not rows:
        return
    longest = max(rows, key=lambda one: one.end)
    longest = evolve(longest, start=longest.start - WEEK)  # the same row in the week before
    for row in rows:
        if row.start < longest.end:
            yield Problem(f"this period overlaps {longest.path}", row.path)
        longest = max(longest, row, key=lambda one: one.end)


def _joined(rows: Sequence[_Row]) -> list[_Row]:
    """Return the periods. Two rows that meet at midnight at one place are one period, up to a day."""
    mornings = {(row.start, row.places): row for row in rows if row.start % DAY == 0}
    periods, joined = [], set()
    for row in rows:
        rest = mornings.get((row.end % WEEK, row.places))
        if rest is not None and row.minutes + rest.minutes <= DAY:
            joined.add(rest.start)
            periods.append(evolve(row, minutes=row.minutes + rest.minutes))
        else:
            periods.append(row)
    return [one for one in periods if one.start not in joined]
