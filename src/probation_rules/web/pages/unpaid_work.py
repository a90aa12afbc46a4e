"""The page about one unpaid work order: dates and hours in, a timeline and what is due next out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from itertools import count

from attrs import frozen

from probation_rules import UnpaidWorkOrder
from probation_rules._check import check
from probation_rules.caseload.answered import Answered
from probation_rules.caseload.layout import layout_for
from probation_rules.diary import coming
from probation_rules.errors import CaseError
from probation_rules.language.english import inside, say
from probation_rules.report import Report
from probation_rules.rulebook.model import Area
from probation_rules.web.pages.answer import Answer, Lacking
from probation_rules.web.pages.forms import OPEN, Form, label, open_names
from probation_rules.web.pages.site import Asked, Page

AREA = "unpaid-work"
# The questions, in the order in which people have the facts. Every fact of the area is in one group.
GROUPS = (
    ("The order", (
        "order_type", "sentence_date", "required_minutes", "imposed_on_breach",
        "operational_period_end", "default_failure_began_on",
    )),
    ("Hours", ("completed_minutes", "adjustment_minutes", "ete_minutes", "worked_after_last_day_minutes")),
    ("Reviews", ("six_month_review_done", "nine_month_review_done")),
    ("Extension and breach", (
        "extension_identified", "breach_action_started", "extension_presented",
        "extension_presented_on", "extended", "extended_to",
    )),
    ("Hours earned off the order", (
        "failure_before_reduction", "creditable_minutes_after_quarter", "reduction_recorded_minutes",
    )),
)  # fmt: skip

# The days of the timeline; those that are not known or do not exist are left out.
DAYS = (
    "sentence_date", "review_6_on", "review_9_on", "twelve_month_last_day", "extended_to",
    "operational_last_day", "last_day", "on",
)  # fmt: skip
FINISH = "projected_finish_on"
OWN_WORDS = {
    "twelve_month_last_day": "last day of the twelve months",
    "on": "day asked about",
    FINISH: "finish at the pace so far",
}

# The drawing's own units.
LEFT, RIGHT, TOP, BOTTOM = 60, 440, 78, 250
_BADGE = 22  # nearer numbers go above one another


@frozen
class Mark:
    """A day on the timeline.

    Attributes:
        on: The day.
        labels: What it is; several where they are on the same day.
        x: Its place in the drawing; ``None`` if the drawing ends before it.
        row: The row of its number, from 0; a higher row is further up.
        when: Where it is, seen from the day asked about, in words.
        is_asked: Whether it is the day asked about.
    """

    on: date
    labels: tuple[str, ...]
    x: float | None
    row: int
    when: str
    is_asked: bool


@frozen
class Work:
    """The hours on the timeline: worked and due.

    Attributes:
        due: The hours due, in words, at the top of the drawing.
        done: The hours worked, in words.
        pace: Where an even pace reaches the top: the end of the twelve months; ``None`` if not known.
        x: The place of the day asked about.
        y: The place of the hours worked by then.
        ahead: Where the pace so far leaves the drawing; ``None`` without a pace.
    """

    due: str
    done: str
    pace: float | None
    x: float
    y: float
    ahead: tuple[float, float] | None


@frozen
class Timeline:
    """The days and hours of an order as a drawing, and as a table of the same days.

    Attributes:
        marks: The days in order.
        work: The hours; ``None`` if those worked or due are not known.
    """

    marks: tuple[Mark, ...]
    work: Work | None


def timeline(report: Report) -> Timeline | None:
    """Return the timeline of an order; ``None`` if the sentence date is not known."""
    first: date | None = report.facts["sentence_date"]
    if first is None:
        return None
    days = _days(report)
    last = max(first + timedelta(days=1), *days)
    finish = report.facts[FINISH]
    if finish is not None and report.facts["some_outstanding"]:
        days.setdefault(finish, []).append(OWN_WORDS[FINISH])
    scale = (RIGHT - LEFT) / (last - first).days

    def place(day: date) -> float:
        """Return the place of a day in the drawing."""
        return round(LEFT + (day - first).days * scale, 1)

    marks: list[Mark] = []
    for day, labels in sorted(days.items()):
        x = place(day) if day <= last else None
        near = [
            one.row for one in marks if x is not None and one.x is not None and x - one.x < _BADGE
        ]
        row = next(row for row in count() if row not in near)
        marks.append(Mark(day, tuple(labels), x, row, _when(report.on, day), day == report.on))
    return Timeline(tuple(marks), _work(report, place, last))


def _days(report: Report) -> dict[date, list[str]]:
    """Return the days of an order that are known, with what each is."""
    area = report.area
    found: dict[date, list[str]] = {}
    for name in DAYS:
        if (day := report.facts[name]) is not None:
            own = area.due[name][0].label if name in area.due else inside(label(area.facts[name]))
            found.setdefault(day, []).append(OWN_WORDS.get(name, own))
    return found


def _when(on: date, day: date) -> str:
    days = (day - on).days
    number = f"{abs(days):,} {'day' if abs(days) == 1 else 'days'}"
    return "this day" if days == 0 else f"in {number}" if days > 0 else f"{number} ago"


def _work(report: Report, place: Callable[[date], float], last: date) -> Work | None:
    facts = report.facts
    due, done = facts["due_minutes"], facts["completed_minutes"]
    if done is None or not due:
        return None
    twelve, finish = facts["twelve_month_last_day"], facts["projected_finish_on"]
    x, y = place(report.on), _height(done, due)
    ahead = None
    if finish is not None and done and finish > report.on < last:
        end = min(finish, last)
        share = (end - report.on) / (finish - report.on)
        ahead = place(end), round(y + (TOP - y) * share, 1)
    return Work(
        due=say(due, report.area.derived["due_minutes"].node.type),
        done=say(done, report.area.facts["completed_minutes"].type),
        pace=place(twelve) if twelve else None,
        x=x,
        y=round(y, 1),
        ahead=ahead,
    )


def _height(minutes: int, due: int) -> float:
    """Return the place of some minutes between the bottom and the top of the drawing."""
    return BOTTOM - (BOTTOM - TOP) * min(1, minutes / due)


# --- The page -----------------------------------------------------------------------------------


def view(asked: Asked) -> str:
    """Answer a request for the page."""
    area = asked.book.area(AREA)
    form = asked.form()
    answer = _answered(asked, form) if asked.is_sent else None
    return asked.render(
        "unpaid_work.html",
        form=form,
        area=area,
        cells=(cells := [*_cells(answer)] if answer else []),
        legend=[*_legend(area, cells)],
        day_field=form.day_field(),
        reference=form.reference_field(area),
        groups=[
            *((title, [form.field(area.facts[name]) for name in names]) for title, names in GROUPS),
            (OPEN, form.open_fields(area)),
        ],
        answer=answer,
        timeline=timeline(answer.report) if answer else None,
        coming=[*_coming(answer)] if answer else [],
        box=(LEFT, RIGHT, TOP, BOTTOM),
    )


def _answered(asked: Asked, form: Form) -> Answer | None:
    """Return the answer about the order that was typed; ``None`` if something is wrong with it."""
    area = asked.book.area(AREA)
    on, reference = form.day(area), form.reference()
    values, settings = form.facts(area.input_facts), form.settings(area)
    if form.errors or on is None:
        return None
    order = UnpaidWorkOrder(reference=reference, **values)
    try:
        report = check(order, on=on, rulebook=asked.book.with_settings(settings))
    except CaseError as error:
        form.add(error.problems, area.input_facts)
        return None
    return Answer(Answered(report), [*area.input_facts, *open_names(area)])


def _cells(answer: Answer) -> Iterator[tuple[str, str]]:
    """Yield what the columns of a list of orders show of this one, each with its heading."""
    report = answer.report
    for pair in layout_for(report.area).pairs:
        for column in pair:
            yield column.heading or column.title, column.cell(report).text


def _legend(area: Area, cells: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Yield what the marks mean that the cells begin with."""
    used = {text[:1] for _, text in cells}
    yield from (line for line in layout_for(area).legend.splitlines() if line[:1] in used)


def _coming(answer: Answer) -> Iterator[tuple[date | None, str, list[Lacking]]]:
    """Yield each day that is due or may be due, with what decides it."""
    for one in coming(answer.report):
        if one.exists:
            yield one.day, one.entry.label, [*answer.lacking(one.needs)]


PAGE = Page(
    "/unpaid-work",
    view,
    title="One unpaid work order",
    about="Give its dates and hours. See what is due next, what is not met and what is missing.",
    sends=True,
)
