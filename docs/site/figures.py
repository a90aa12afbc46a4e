"""Quantities and dates in the prose of an area's page: those of its rules file, and no others."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from importlib.resources import files

from probation_rules.language.units import unit_text
from probation_rules.rulebook.model import Area, Parameter

# What no rule goes by, each with what it is.
EXCEPTIONS = {
    "allocation": ["nine months"],  # what another tool once had; named as not modelled
    "capacity": ["0 %", "2176 points", "37 hours"],  # shown by a tool, and former values
    "curfew-variation": [
        "curfew.weekly-hours: seven days",  # a week
        "12 hours",  # from 19:00 to 07:00, an example
        "12 hours",  # one period into two, an example
        "2022-07-10",  # a sentence, as an example
    ],
    "framework": ["2022-01-12"],  # an update that brought no rule
    "pod": ["nine months"],  # as for allocation
}

_WORDS = {
    word: number
    for number, word in enumerate(
        [
            "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
            "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen",
        ],
        1,
    )
}  # fmt: skip
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_DATE = re.compile(
    rf"\b(\d{{1,2}})\s+({'|'.join(one[:3] for one in _MONTHS)})([a-z]*)\s+(\d{{4}})\b"
)
_QUANTITY = re.compile(
    rf"(?<![\w.:(-])(\d[\d,]*\b(?:\.\d+)?|\b(?:{'|'.join(_WORDS)})\b)(?!:)"
    r"(?:[ \n-](hour|day|week|month|year|point|per cent)s?\b| ?(%))?",
    re.IGNORECASE,
)
_CODE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_NOT_PROSE = re.compile(r"`[^`]*`|\]\([^()]*\)")
_SECTION = re.compile(r"^### `([\w.\-]+)`\n(.*?)(?=^#|\Z)", re.MULTILINE | re.DOTALL)
# Where something stands in a source is no figure, nor is a month: `para 9(4)`, `June 2022`.
_PLACE = re.compile(
    r"\b(?:paras?|paragraph|principles?|section|phase|version) [\dA-Z()]+"
    rf"|\b(?:{'|'.join(_MONTHS)}) \d{{4}}"
)


def wrong_figures(area: Area, page: str) -> list[str]:
    """Return each quantity and date of an area's page that is not its rules file's.

    Also each exception that is on the page no more.
    """
    found = Counter([*unknown_figures(area, page), *unknown_dates(area, page)])
    excused = Counter(EXCEPTIONS.get(area.name, ()))
    gone = [f"on the page no more: {one}" for one in (excused - found).elements()]
    return [*(found - excused).elements(), *gone]


def unknown_figures(area: Area, page: str) -> Iterator[str]:
    """Yield each quantity of an area's page that no figure has.

    Under a rule it has to be a figure that this rule uses, and a bare number is a quantity too;
    elsewhere a figure of the area.
    """
    for id_, body in _SECTION.findall(page):
        used = {name for rule in area.rules if rule.id == id_ for name in rule.figures}
        known = [figure for name, figure in area.parameters.items() if name in used]
        for text, value, unit in _quantities(body):
            if (unit or text[0].isdigit()) and not _is_said(known, value, unit):
                yield f"{id_}: {text}"
    for text, value, unit in _quantities(_SECTION.sub("", page)):
        if unit and not _is_said(area.parameters.values(), value, unit):
            yield text


def unknown_dates(area: Area, page: str) -> Iterator[str]:
    """Yield each full date of an area's page that its rules file does not have."""
    said = _every_text(area)
    known = {date.fromisoformat(one) for one in re.findall(r"\d{4}-\d\d-\d\d", said)}
    known |= set(_dates(said))
    for one in _dates(_prose_of(page)):
        if one not in known:
            yield one.isoformat()


def _every_text(area: Area) -> str:
    folder = files("probation_rules.areas") / area.name.replace("-", "_")
    return (folder / "rules.toml").read_text(encoding="utf-8")


def _prose_of(page: str) -> str:
    """Return a page without its code, the targets of its links and its tables of names."""
    lines = _CODE.sub("", page).splitlines()
    kept = "\n".join(line for line in lines if not line.startswith("| `"))
    return _NOT_PROSE.sub(" ", kept)


def _quantities(page: str) -> Iterator[tuple[str, Decimal, str | None]]:
    """Yield each number of the prose as written, its value, and its unit if it has one."""
    prose = _PLACE.sub(" ", _DATE.sub(" ", _prose_of(page)))
    for found in _QUANTITY.finditer(prose):
        number, word, sign = found.groups()
        value = Decimal(_WORDS.get(number.lower()) or number.replace(",", ""))
        unit = "per cent" if sign else word and word.lower()
        text = " ".join(found[0].split())
        yield (text, value * 12, "month") if unit == "year" else (text, value, unit)


def _dates(text: str) -> Iterator[date]:
    months = [one[:3] for one in _MONTHS]
    for day, month, _, year in _DATE.findall(text):
        yield date(int(year), months.index(month) + 1, int(day))


def _is_said(figures: Iterable[Parameter], value: Decimal, unit: str | None) -> bool:
    """Whether a figure has the value on some day; an age in years is held in months."""
    for figure in figures:
        kind = unit_text(figure.type.unit or ())
        for one in figure.values:
            if isinstance(one.value, int):
                held = Decimal(one.value).scaleb(-figure.type.places)
                if unit in (None, kind) and held == value:
                    return True
                if unit is None and kind == "month" and held == value * 12:
                    return True
    return False
