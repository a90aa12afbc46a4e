"""Random cases as files that people have: any header, unit, form of a date, word and place, with the mapping."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

from attrs import define

from probation_rules.rulebook.model import Area, Fact
from support import workbooks

FLAGS = (("Y", "N"), ("yes", "no"), ("TRUE", "FALSE"), ("1", "0"), ("Done", "Not done"), ("x", "-"))
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sept", "October", "Nov", "Dec")
EARLY = 1996  # times up to this year are not converted here
NOT_KNOWN = ("N/K", "unknown", "?")
Write = Callable[[Any], Any]


@define
class MappedFile:
    """A file and its mapping.

    Attributes:
        path: The file.
        mapping: The mapping, as its TOML would be.
        cases: The cases that it has, in order.
        carried: The cells of the column that is carried along, one a case.
    """

    path: Path
    mapping: dict[str, Any]
    cases: list[Any]
    carried: list[str]


def mapped_file(random: Random, area: Area, cases: list[Any], folder: Path) -> MappedFile:
    """Write cases of an area in random forms."""
    real = random.random() < 0.3  # a workbook, with real dates and numbers
    members = area.members
    facts = {**area.facts, **(members.facts if members else {})}
    wanted = [one for one in facts if one != "on" and facts[one].computed_from is None]
    texts = [one for one in area.spec.fields if one not in (*facts, "reference")]
    texts = [one for one in texts if not (members and one == members.name)]
    columns: dict[str, Any] = {}
    writers: dict[str, Write] = {}
    for number, name in enumerate([*wanted, *texts]):
        header = f"{random.choice(('Col', 'Field', 'Value of'))} {number}"
        how, writers[name] = style(random, facts.get(name), real=real)
        columns[header] = {"fact": name, **how}
    headers = {one["fact"]: header for header, one in columns.items()}
    parts = random.choice((["CRN"], ["CRN", "Event No"]))
    own = {"case": parts, "reference": ["Person"]} if members else {"reference": parts}
    mapping = {
        "area": area.name,
        **own,
        "keep": ["Team"],
        "columns": columns,
        "not_known": list(NOT_KNOWN),
    }
    order = [*parts, *columns, "Team", *(["Person"] if members else [])]
    random.shuffle(order)
    rows: list[dict[str, Any]] = []
    expected, carried = [], []
    for number, case in enumerate(cases):
        values = {name: getattr(case, name, None) for name in area.spec.fields}
        label = [f"X{number:05}", str(random.randint(1, 9))][: len(parts)]
        team = random.choice(("North", "South", ""))
        carried.append(team)
        own_cells = dict(zip(parts, label, strict=True)) | {"Team": team}
        values["reference"] = "/".join(label)
        if members is None:
            rows.append(own_cells | cells(random, values, writers, headers, facts))
        else:
            listed = [
                named(one, f"P{number}-{place}", members.facts)
                for place, one in enumerate(values[members.name] or [])
            ]
            listed = listed or [named(None, f"P{number}", members.facts)]
            values[members.name] = tuple(area.spec.items(**one) for one in listed)
            own_facts = {name: one for name, one in values.items() if name in headers}
            for place, one in enumerate(listed):
                stated = (own_facts if place == 0 else {}) | one
                rows.append(
                    own_cells
                    | {"Person": one["reference"]}
                    | cells(random, stated, writers, headers, facts)
                )
        expected.append(area.spec.case(**values))
    table = laid_out(random, order, rows)
    path = folder / ("cases.xlsx" if real else "cases.csv")
    if real:
        workbooks.xlsx(path, ("Cases", table))
    else:
        path.write_bytes(text_of(random, table))
    return MappedFile(path, mapping, expected, carried)


def named(member: Any, reference: str, facts: Mapping[str, Fact]) -> dict[str, Any]:
    """The facts of a member who has a reference."""
    return {name: getattr(member, name, None) for name in facts} | {"reference": reference}


def cells(
    random: Random,
    values: dict[str, Any],
    writers: dict[str, Write],
    headers: dict[str, str],
    facts: dict[str, Fact],
) -> dict[str, Any]:
    """The cells of a row, by header."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        if name not in headers:
            continue
        if value is not None:
            found[headers[name]] = writers[name](value)
        elif name in facts and facts[name].default is None and random.random() < 0.3:
            found[headers[name]] = random.choice(NOT_KNOWN)
    return found


def laid_out(random: Random, order: list[str], rows: list[dict[str, Any]]) -> list[list[Any]]:
    """The table with titles, blank rows and columns, and totals."""
    blank = random.randint(0, len(order)) if random.random() < 0.3 else None
    header: list[Any] = list(order)
    found = [[row.get(one) for one in order] for row in rows]
    if blank is not None:
        for row in (header, *found):
            row.insert(blank, None)
    table = [header, *found]
    if random.random() < 0.3:
        table.insert(random.randint(1, len(table)), [None] * len(header))
    if random.random() < 0.3:
        table.append(["Total", *[None] * (len(header) - 1)])
    titles = [["All cases", *[None] * (len(header) - 1)]] if random.random() < 0.3 else []
    return [*titles, *table]


def text_of(random: Random, table: list[list[Any]]) -> bytes:
    """A table as text, in some encoding and with some separator."""
    out = io.StringIO()
    writer = csv.writer(
        out, delimiter=random.choice(",;\t|"), lineterminator=random.choice(("\n", "\r\n"))
    )
    writer.writerows(table)
    return out.getvalue().encode(random.choice(("utf-8", "utf-8-sig", "utf-16", "cp1252")))


def style(random: Random, fact: Fact | None, *, real: bool) -> tuple[dict[str, Any], Write]:
    """How a column is written: its mapping, and the function that writes a value."""
    if fact is None:
        return {}, str
    match fact.kind:
        case "bool":
            yes, no = random.choice(FLAGS)
            known = {} if yes in ("yes", "TRUE") else {"words": {yes: True, no: False}}
            return known, lambda value: random.choice((str.upper, str.lower, str))(
                yes if value else no
            )
        case "code":
            own = random.random() < 0.3
            words = {} if own else {f"Word {n}": code for n, code in enumerate(fact.type.codes)}
            back = {code: word for word, code in words.items()}
            return {"words": words} if words else {}, lambda value: back.get(value, value)
        case "date":
            return dates(random, real=real)
        case _:
            return amounts(random, fact, real=real)


def dates(random: Random, *, real: bool) -> tuple[dict[str, Any], Write]:
    """A form of dates."""
    mark = random.choice("/.-")
    in_figures: dict[str, Write] = {
        "dd/mm/yyyy": lambda day: f"{day.day:02}{mark}{day.month}{mark}{day.year}",
        "mm/dd/yyyy": lambda day: f"{day.month}{mark}{day.day:02}{mark}{day.year} 00:00",
        "yyyy/mm/dd": lambda day: f"{day.year}/{day.month:02}/{day.day}",
        "yyyymmdd": lambda day: f"{day:%Y%m%d}",
    }
    zones: dict[str, Write] = {
        "UTC": in_utc,
        "Europe/London": lambda day: f"{day:%d %B %Y} 11:30 PM",
    }
    open_: list[Write] = [
        lambda day: day.isoformat(),
        lambda day: f"{day.day} {MONTHS[day.month - 1]} {day.year}",
        lambda day: f"{MONTHS[day.month - 1]} {day.day}, {day.year}",
        lambda day: f"{day.isoformat()}T12:00:00Z" if day.year > EARLY else day.isoformat(),
        lambda day: f"{day.isoformat()} 00:00:00",
        *([lambda day: day] if real else []),
    ]
    kind = random.random()
    if kind < 0.5:
        form = random.choice(list(in_figures))
        return {"form": form}, in_figures[form]
    if kind < 0.7:
        zone = random.choice(list(zones))
        return {"zone": zone}, zones[zone]
    return {}, one_of(random, open_)


def one_of(random: Random, forms: list[Write]) -> Write:
    """A function that writes each value in one of these forms."""

    def write(value: Any) -> Any:
        return random.choice(forms)(value)

    return write


def in_utc(day: date) -> str:
    """A day in London as a time in UTC, the evening before where the clocks are ahead."""
    if day.year <= EARLY:
        return day.isoformat()
    return f"{day - timedelta(days=1)} 23:30" if summer(day) else f"{day}T22:30"


def summer(day: date) -> bool:
    """Whether the clocks are an hour ahead in London just before this day begins; not near a change."""
    return (4, 2) <= (day.month, day.day) <= (10, 24)


def amounts(random: Random, fact: Fact, *, real: bool) -> tuple[dict[str, Any], Write]:
    """A unit of numbers, and forms that are exact in it."""
    places = fact.type.places
    if fact.unit not in ("minute", "hour"):
        forms: list[Write] = [str, lambda value: f"{value:+}" if value >= 0 else str(value)]
        if not places:
            forms.append(lambda value: f"{value}.0")
            forms += [lambda value: value] if real else []
        return {}, one_of(random, forms)
    unit = random.choice(("minute", "hour"))

    def write(value: Any) -> Any:
        minutes = Fraction(value) * (60 if fact.unit == "hour" else 1)
        found = [decimal(minutes / (60 if unit == "hour" else 1))]
        if minutes.denominator == 1:
            whole = abs(int(minutes))
            sign = "-" if minutes < 0 else ""
            found += [
                f"{sign}{whole // 60}:{whole % 60:02}",
                f"{sign}{whole // 60}h {whole % 60}m",
                f"{sign}{whole} mins",
            ]
            if real and minutes >= 0 and whole < 600_000:
                found.append(timedelta(minutes=whole))
        return random.choice([one for one in found if one is not None])

    return {"unit": unit}, write


def decimal(value: Fraction) -> Any:
    """A number as text, if it is exact in a few places."""
    for places in range(5):
        scaled = value * 10**places
        if scaled.denominator == 1:
            return format(Decimal(int(scaled)).scaleb(-places), "f")
    return None
