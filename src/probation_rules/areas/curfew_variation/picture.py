"""The week as it is and as proposed, side by side: a drawing, and a table of the same facts.

What comes back is a piece of HTML that needs nothing else: no style sheet, script or network. It
shows what a case says and judges nothing.
"""

from __future__ import annotations

from html import escape

from probation_rules.areas.curfew_variation.case import CurfewVariation
from probation_rules.areas.curfew_variation.timetable import (
    DAY,
    DAYS,
    Span,
    calendar_minutes,
    spans,
)

Week = tuple[Span, ...] | None

# All lengths in the drawing's own units.
_LEFT, _TOP = 90, 50  # room for the days' names and for the headings
_PANEL, _GAP = 288, 110  # a panel: twelve units an hour; beside it the totals
_ROW, _BAR = 28, 18
_WIDTH = _LEFT + 2 * (_PANEL + _GAP)
_HEIGHT = _TOP + len(DAYS) * _ROW + 10
_HOURS = (0, 6, 12, 18, 24)
_COLOURS = ("#4c6272", "#005ea5")
_TITLES = ("As it is", "As proposed")
_COUNTED = "Minutes after midnight are counted on the day they fall in."


def week_picture(case: CurfewVariation) -> str:
    """Return a drawing of a case's two timetables, with a table of the same facts, as HTML.

    A timetable that is not known, or is not well formed, is shown as not known.

    Args:
        case: The curfew variation.

    Returns:
        A `<figure>` with an inline SVG and a `<table>`. All text of the case is escaped.
    """
    weeks = (spans(case.current), spans(case.proposed))
    named = f": {escape(case.reference)}" if case.reference else ""
    return "\n".join(
        [
            "<figure>",
            f"<figcaption>Curfew through the week{named}. {_COUNTED}</figcaption>",
            *_drawing(weeks),
            *_table(weeks),
            "</figure>",
        ]
    )


def hours(minutes: int) -> str:
    """Return a length of time in words: `12 h`, `45 min`, `7 h 30 min`."""
    whole, rest = divmod(minutes, 60)
    return " ".join([f"{whole} h"] * bool(whole) + [f"{rest} min"] * bool(rest or not whole))


# --- The drawing --------------------------------------------------------------------------------


def _drawing(weeks: tuple[Week, Week]) -> list[str]:
    told = "; ".join(
        f"{title.lower()} {_in_words(week)}" for title, week in zip(_TITLES, weeks, strict=True)
    )
    rows = [_label(0, _TOP + place * _ROW + 14, day.capitalize()) for place, day in enumerate(DAYS)]
    panels = [line for place in range(2) for line in _panel(place, weeks[place])]
    size = f'viewBox="0 0 {_WIDTH} {_HEIGHT}" width="100%" font-family="sans-serif" font-size="12"'
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" {size}>',
        f"<title>Hours of curfew through the week: {told}</title>",
        "<desc>The table after this drawing holds the same times and totals.</desc>",
        *rows,
        *panels,
        "</svg>",
    ]


def _in_words(week: Week) -> str:
    return "not known" if week is None else hours(sum(one.minutes for one in week))


def _panel(place: int, week: Week) -> list[str]:
    left = _LEFT + place * (_PANEL + _GAP)
    lines = [_label(left, 14, f"{_TITLES[place]}: {_in_words(week)}", bold=True)]
    for hour in _HOURS:
        x, bottom = left + hour * _PANEL // 24, _HEIGHT - 10
        lines.append(_label(x, 38, f"{hour:02}", middle=True))
        lines.append(f'<path d="M{x} {_TOP - 8}V{bottom}" stroke="#b1b4b6"/>')
    if week is None:
        return lines
    for one in week:
        for day, minute, length in one.pieces:
            times = f"{DAYS[day].capitalize()} {_times(minute, length)}, {escape(one.place)}"
            lines.append(
                f'<rect x="{left + minute * _PANEL / DAY:g}" y="{_TOP + day * _ROW}" '
                f'width="{length * _PANEL / DAY:g}" height="{_BAR}" fill="{_COLOURS[place]}">'
                f"<title>{times}</title></rect>"
            )
    for day, minutes in enumerate(calendar_minutes(week)):
        lines.append(_label(left + _PANEL + 8, _TOP + day * _ROW + 14, hours(minutes)))
    return lines


def _label(x: int, y: int, text: str, *, bold: bool = False, middle: bool = False) -> str:
    more = ' font-weight="bold"' * bold + ' text-anchor="middle"' * middle
    return f'<text x="{x}" y="{y}"{more}>{text}</text>'


def _times(minute: int, length: int) -> str:
    end = minute + length
    return f"{minute // 60:02}:{minute % 60:02} to {end // 60:02}:{end % 60:02}"


# --- The table ----------------------------------------------------------------------------------


def _table(weeks: tuple[Week, Week]) -> list[str]:
    heads = [f'<th scope="col">{title}</th><th scope="col">Total</th>' for title in _TITLES]
    rows = [
        _line(day.capitalize(), [_day_cells(week, place) for week in weeks])
        for place, day in enumerate(DAYS)
    ]
    total = _line("Week", [("", _in_words(week)) for week in weeks])
    return [
        "<table>",
        f"<caption>Times and hours of curfew on each day. {_COUNTED}</caption>",
        f'<thead><tr><th scope="col">Day</th>{"".join(heads)}</tr></thead>',
        "<tbody>",
        *rows,
        total,
        "</tbody>",
        "</table>",
    ]


def _line(name: str, cells: list[tuple[str, str]]) -> str:
    inner = "".join(f"<td>{times}</td><td>{total}</td>" for times, total in cells)
    return f'<tr><th scope="row">{name}</th>{inner}</tr>'


def _day_cells(week: Week, day: int) -> tuple[str, str]:
    """Return the times of a day, with their places, and its total."""
    if week is None:
        return "not known", "not known"
    pieces = sorted(
        (minute, length, one.place)
        for one in week
        for on, minute, length in one.pieces
        if on == day
    )
    times = [f"{_times(minute, length)}, {escape(place)}" for minute, length, place in pieces]
    return "<br>".join(times) or "none", hours(sum(length for _, length, _ in pieces))
