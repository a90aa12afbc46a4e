"""The cells of a file, read by a mapping: each becomes the text that this library's own CSV has for its value."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from math import ceil, floor
from typing import Any

from attrs import define, field, frozen

from probation_rules.errors import Problem
from probation_rules.intake.cells import SPACE
from probation_rules.intake.mapping import UNITS, ColumnMapping, TableMapping, fields_of
from probation_rules.intake.moments import FIRST_YEAR, london_day
from probation_rules.intake.words import words
from probation_rules.rulebook.model import BOOLS, Fact

BETWEEN = "/"  # the columns of a reference
_MOST_REMEMBERED = 1_000_000  # cells of a column
_NO_TEXT = ""
_TWO_DIGITS = "a year of two digits: write all four"
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip

_TAIL = (
    r"(?:(?:[T ]| at ) *(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,][0-9]+)?)?"
    r" *(?P<half>[AaPp][Mm])? *(?P<zone>[Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)?)?"
)
_YEAR = "(?P<year>[0-9]{4}|[0-9]{2})"
_ISO = re.compile(rf"(?P<year>[0-9]{{4}})-(?P<month>[0-9]{{2}})-(?P<day>[0-9]{{2}}){_TAIL}")
_NUMERIC = re.compile(
    rf"(?P<first>[0-9]{{1,2}})(?P<mark>[/.-])(?P<second_>[0-9]{{1,2}})(?P=mark){_YEAR}{_TAIL}"
)
_NAMED = re.compile(
    rf"(?:[A-Za-z]{{3,9}},? +)?(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?[ /.-]*(?P<month>[A-Za-z]{{3,9}})[ ,/.-]*{_YEAR}{_TAIL}"
)
_NAMED_FIRST = re.compile(
    rf"(?P<month>[A-Za-z]{{3,9}}) +(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?,? +{_YEAR}{_TAIL}"
)
_YEAR_FIRST = re.compile(
    rf"(?P<year>[0-9]{{4}})(?P<mark>[/.])(?P<month>[0-9]{{1,2}})(?P=mark)(?P<day>[0-9]{{1,2}}){_TAIL}"
)
_COMPACT = re.compile(r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})")
_NUMBER = re.compile(r"[+-]?[0-9]{1,20}(?:\.[0-9]{1,20})?")
_CLOCK = re.compile(
    r"(?P<sign>[+-]?)(?P<hours>[0-9]{1,9}):(?P<minutes>[0-5][0-9])(?::(?P<seconds>[0-5][0-9]))?"
)


@frozen
class Unread:
    """A cell that cannot be read, and why."""

    why: str


Cell = str | Unread
"""A cell as this library's own CSV has it, empty where nothing is known."""


class Remembered(dict[str, Cell]):
    """What each text of a column becomes, read once."""

    def __init__(self, read: Callable[[str], Cell]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, text: str) -> Cell:
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        found = self[text] = self._read(text.strip(SPACE))
        return found


@define
class Mapped:
    """The rows of a file, read by a mapping.

    Attributes:
        mapping: The mapping.
        header: The fields that the rows have.
        kept: The headers of the columns that are carried along.
    """

    mapping: TableMapping
    _places: Mapping[str, int]
    header: list[str] = field(init=False)
    kept: tuple[str, ...] = field(init=False)
    _cells: list[tuple[str, int, Remembered]] = field(init=False, factory=list)
    _labels: list[tuple[str, list[int]]] = field(init=False, factory=list)
    _dates: list[tuple[str, Dates]] = field(init=False, factory=list)
    _has_members: bool = field(init=False, default=False)

    def __attrs_post_init__(self) -> None:
        """Prepare each column."""
        mapping = self.mapping
        for name, headers in (("reference", mapping.reference), (mapping.area, mapping.case)):
            if headers:
                self._labels.append((name, [self._places[one] for one in headers]))
        facts = fields_of(mapping.area)
        not_known = frozenset(one.strip().casefold() for one in mapping.not_known)
        for header, column in mapping.facts():
            read = reader(facts[column.fact], column, not_known)
            if isinstance(read, Dates):
                self._dates.append((header, read))
            self._cells.append((header, self._places[header], Remembered(read)))
        fields = [one.fact for _, one in mapping.facts()]
        self.header = [*(name for name, _ in self._labels), *fields]
        self.kept = mapping.kept
        self._has_members = bool(mapping.case)

    def row(self, cells: Sequence[str]) -> tuple[list[str], list[str]]:
        """Return the cells of a row as this library's own CSV has them, and why some cannot be read."""
        found: list[Any] = []
        reasons: list[str] = []
        for name, places in self._labels:
            parts = [cells[place].strip(SPACE) for place in places]
            if all(parts):
                found.append(BETWEEN.join(parts))
                continue
            found.append(_NO_TEXT)
            if any(parts):
                reasons.append(f"{_HALF_LABEL} @ {name}")
            elif not self._has_members:
                reasons.append(f"{_NO_LABEL} @ {name}")
        found += [remembered[cells[place]] for _, place, remembered in self._cells]
        if Unread in map(type, found):
            ahead = len(self._labels)
            for number, (header, _, _) in enumerate(self._cells, ahead):
                if isinstance(found[number], Unread):
                    reasons.append(f"{found[number].why} @ {header}")
                    found[number] = _NO_TEXT
        return found, reasons

    def carried(self, cells: Sequence[str]) -> list[str]:
        """Return the cells of a row that are carried along."""
        return [cells[self._places[one]].strip(SPACE) for one in self.kept]

    def faults(self) -> list[Problem]:
        """Return what leaves whole columns in doubt, after all rows were read."""
        return [
            Problem(why, f"column {header}") for header, one in self._dates if (why := one.fault)
        ]


_NO_LABEL = "the row has no reference: it may be a row of totals or of notes"
_HALF_LABEL = "a part of the reference is empty"


# --- By kind of fact ----------------------------------------------------------------------------


def reader(
    fact: Fact | None, column: ColumnMapping, not_known: frozenset[str]
) -> Callable[[str], Cell]:
    """Return what reads the cells of a column, which are without blanks around them."""
    if fact is None:
        return lambda text: text
    match fact.kind:
        case "bool":
            read = _words(
                column, BOOLS, lambda value: "true" if value else "false", "true or false"
            )
        case "code":
            codes = {code: code for code in fact.type.codes}
            read = _words(column, codes, str, "a word of this fact")
        case "date":
            return Dates(column, not_known)
        case _:
            read = _amounts(fact, column)
    default = fact.default

    def cell(text: str) -> Cell:
        if text.casefold() in not_known:
            # Absence would count as the default, which is not what such a text says.
            return _NO_TEXT if default is None else Unread(_NEEDED.format(default))
        return read(text) if text else _NO_TEXT

    return cell


_NEEDED = "the value is not known, and an empty cell counts as {} here: give the value"


def _words(
    column: ColumnMapping, own: Mapping[str, object], written: Callable[[object], str], what: str
) -> Callable[[str], Cell]:
    known: dict[str, object] = {
        word.strip().casefold(): value for word, value in column.words.items()
    }
    known |= {word.casefold(): value for word, value in own.items() if word.casefold() not in known}

    def read(text: str) -> Cell:
        value = known.get(text.casefold())
        return (
            Unread(f"must be {what}, or a word that the mapping explains")
            if value is None
            else written(value)
        )

    return read


@cache
def _duration() -> re.Pattern[str]:
    """Return the pattern of a number with a unit of its own, such as `120h 30m`."""
    hours, minutes = (
        "|".join(sorted(words()[name], key=len, reverse=True)) for name in ("hours", "minutes")
    )
    number = r"[0-9]{1,12}(?:\.[0-9]{1,20})?"
    return re.compile(
        rf"(?P<sign>[+-]?)(?:(?P<hours>{number}) *(?:{hours})\.?)?(?:,| and )? *(?:(?P<minutes>{number}) *(?:{minutes})\.?)?",
        re.IGNORECASE,
    )


def minutes_in(text: str) -> Fraction | None:
    """Return the minutes in a text that has units of its own: `120:30`, `120h 30m`."""
    if found := _CLOCK.fullmatch(text):
        total = Fraction(int(found["hours"]) * 60 + int(found["minutes"])) + Fraction(
            int(found["seconds"] or 0), 60
        )
    elif (found := _duration().fullmatch(text)) and (found["hours"] or found["minutes"]):
        total = Fraction(found["hours"] or 0) * 60 + Fraction(found["minutes"] or 0)
    else:
        return None
    return -total if found["sign"] == "-" else total


def is_number(text: str) -> bool:
    """Whether a text is a number without a unit."""
    return _NUMBER.fullmatch(text) is not None


def _amounts(fact: Fact, column: ColumnMapping) -> Callable[[str], Cell]:
    timed = fact.unit in UNITS
    places = fact.type.places
    how = {"nearest": lambda value: floor(value + Fraction(1, 2)), "down": floor, "up": ceil}
    whole = (
        f"whole {fact.unit}s"
        if timed and not places
        else f"at most {places} decimal places"
        if places
        else "a whole number"
    )

    def read(text: str) -> Cell:
        own = minutes_in(text) if timed else None
        if own is not None:
            value = own / UNITS[str(fact.unit)]
        elif not is_number(text):
            return Unread(
                "must be a number"
                + (", or hours and minutes such as 120:30 or 120h 30m" if timed else "")
            )
        elif not timed:
            value = Fraction(text)
        elif column.unit is None:
            return Unread("the number has no unit: give `unit` in the mapping (hour or minute)")
        else:
            value = Fraction(text) * UNITS[column.unit] / UNITS[str(fact.unit)]
        scaled = value * 10**places
        if scaled.denominator != 1:
            if column.round is None:
                return Unread(
                    f"must come to {whole}: correct it, or give `round` in the mapping (nearest, down or up)"
                )
            scaled = Fraction(how[column.round](scaled))
        return format(Decimal(int(scaled)).scaleb(-places), "f") if places else str(int(scaled))

    return read


# --- Dates --------------------------------------------------------------------------------------


@define
class Dates:
    """Reads the cells of a column of dates, and notices what leaves the whole column in doubt.

    Attributes:
        column: How they are written.
        not_known: Texts that mean that a value is not known.
        contrary: Whether a date cannot be of the form that the mapping names, but of the other one.
        early_only: Whether each real date has a day up to the 12th; ``None`` where there is no real date.
        late_only: Whether each date in figures has a day after it; ``None`` likewise.
    """

    column: ColumnMapping
    not_known: frozenset[str]
    contrary: bool = False
    early_only: bool | None = None
    late_only: bool | None = None

    @property
    def fault(self) -> str | None:
        """What leaves the column in doubt, or nothing."""
        if self.contrary:
            return (
                f"some dates cannot be {self.column.form}, but have day and month the other way round: "
                "a mixture is not read; correct the file"
            )
        if self.early_only and self.late_only:
            return (
                "every real date has a day up to the 12th, and every date in text a later one: a spreadsheet may "
                "have swapped day and month; correct the file"
            )
        return None

    def __call__(self, text: str) -> Cell:
        """Return a cell as a date in ISO form, or why it cannot be read."""
        if not text or text.casefold() in self.not_known:
            return _NO_TEXT
        found = self._parts(text)
        if isinstance(found, Unread):
            return found
        year, month, day, match = found
        try:
            moment = _moment(date(year, month, day), match, self.column.zone)
        except (ValueError, OverflowError):
            return Unread("this date or time does not exist")
        return moment if isinstance(moment, Unread) else moment.isoformat()

    def _parts(self, text: str) -> tuple[int, int, int, re.Match[str]] | Unread:
        """Return year, month and day of a text, and the match of its time."""
        form = self.column.form
        if match := _ISO.fullmatch(text):
            self.early_only = self.early_only is not False and int(match["day"]) <= _LAST_MONTH
            return int(match["year"]), int(match["month"]), int(match["day"]), match
        if match := _NUMERIC.fullmatch(text):
            return self._numeric(match)
        if match := _NAMED.fullmatch(text) or _NAMED_FIRST.fullmatch(text):
            if len(match["year"]) == 2:  # noqa: PLR2004 (digits)
                return Unread(_TWO_DIGITS)
            month = _month(match["month"])
            return (
                (int(match["year"]), month, int(match["day"]), match) if month else Unread(_NO_DATE)
            )
        for pattern, named in ((_YEAR_FIRST, "yyyy/mm/dd"), (_COMPACT, "yyyymmdd")):
            if match := pattern.fullmatch(text):
                if form != named:
                    return Unread(f"give `form` in the mapping ({named})")
                return int(match["year"]), int(match["month"]), int(match["day"]), match
        return Unread(_NO_DATE)

    def _numeric(self, match: re.Match[str]) -> tuple[int, int, int, re.Match[str]] | Unread:
        if len(match["year"]) == 2:  # noqa: PLR2004 (digits)
            return Unread(_TWO_DIGITS)
        form = self.column.form
        if form not in ("dd/mm/yyyy", "mm/dd/yyyy"):
            return Unread("give `form` in the mapping (dd/mm/yyyy or mm/dd/yyyy)")
        first, second = int(match["first"]), int(match["second_"])
        day, month = (first, second) if form == "dd/mm/yyyy" else (second, first)
        self.contrary |= month > _LAST_MONTH >= day >= 1
        self.late_only = self.late_only is not False and day > _LAST_MONTH
        return int(match["year"]), month, day, match


_LAST_MONTH = 12
_NO_DATE = "must be a date, such as 23/06/2026, 23 June 2026 or 2026-06-23"
_TOO_EARLY = f"a time before {FIRST_YEAR} is not converted: give the date without a time"
_NO_ZONE = "the date has a time: give `zone` in the mapping (Europe/London or UTC)"


def _month(name: str) -> int:
    """Return the number of a month by its name, its first three letters or `Sept`, or 0."""
    lower = name.lower()
    shown = (one for one in enumerate(_MONTHS, 1) if lower in (one[1], one[1][:3], one[1][:4]))
    return next(shown, (0, ""))[0]


def _moment(day: date, match: re.Match[str], zone: str | None) -> date | Unread:
    """Return the day in London of a date with or without a time."""
    parts = match.groupdict()
    if parts.get("hour") is None:
        return day
    hour = int(parts["hour"])
    if half := parts["half"]:
        if not 1 <= hour <= _LAST_MONTH:
            raise ValueError(hour)
        hour = hour % 12 + (12 if half.lower() == "pm" else 0)
    moment = datetime(
        day.year,
        day.month,
        day.day,
        hour,
        int(parts["minute"]),
        int(parts["second"] or 0),
        tzinfo=UTC,
    )
    offset = parts["zone"]
    if (offset or zone == "UTC") and day.year < FIRST_YEAR:
        return Unread(_TOO_EARLY)
    if offset and offset not in "Zz":
        hours, minutes = int(offset[1:3]), int(offset[3:].strip(":") or 0)
        ahead = timedelta(hours=hours, minutes=minutes)
        return london_day(moment - ahead if offset[0] == "+" else moment + ahead)
    if offset or zone == "UTC":
        return london_day(moment)
    if zone is None and (moment.hour, moment.minute, moment.second) != (0, 0, 0):
        return Unread(_NO_ZONE)
    return day


def order_of(texts: Iterable[str]) -> tuple[bool, bool, bool]:
    """Return whether some dates in figures have the day first, some the month first, and some either."""
    found = filter(None, map(_NUMERIC.fullmatch, texts))
    whole = [one for one in found if len(one["year"]) == len("2026")]
    pairs = [(int(one["first"]), int(one["second_"])) for one in whole]
    return (
        any(first > _LAST_MONTH for first, _ in pairs),
        any(second > _LAST_MONTH for _, second in pairs),
        any(first <= _LAST_MONTH and second <= _LAST_MONTH for first, second in pairs),
    )
