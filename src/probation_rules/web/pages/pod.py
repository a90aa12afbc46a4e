"""The page about one or two PODs: their members, the answers by principle, and what each change does."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from attrs import evolve, frozen
from starlette.responses import Response

from probation_rules import Pod, PodMember
from probation_rules.caseload.answered import Answered
from probation_rules.caseload.csv_rows import csv_text
from probation_rules.caseload.html import Sources
from probation_rules.caseload.layout import layout_for
from probation_rules.caseload.template import template
from probation_rules.cases import REFERENCE, column_names
from probation_rules.put_right import in_words, smallest
from probation_rules.report import Finding, Report
from probation_rules.rulebook.model import Area
from probation_rules.web.pages.answer import Answer
from probation_rules.web.pages.forms import Field, Form, label, open_names
from probation_rules.web.pages.pasted import Pasted, pasted
from probation_rules.web.pages.site import Asked, Page
from probation_rules.web.pages.teams import (
    NAMES,
    NUMBER,
    PLACES,
    Member,
    Team,
    Teams,
    fields,
    members_of,
    moved,
    new_members,
    removed,
    tried,
    typed_teams,
)
from probation_rules.web.pages.what_if import AREA, MOST_STATES, judged, names, steps, trail_from

BLANK_ROWS, MORE_ROWS = 1, 4
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TRAIL, DO, PASTE = "trail", "do", "paste"


@frozen
class Principle:
    """A row of the answers by principle.

    Attributes:
        number: The number of the principle.
        asks: What the rules about it ask.
        marks: For each POD the answer in words, and its CSS class.
    """

    number: str
    asks: tuple[str, ...]
    marks: tuple[tuple[str, str], ...]


def view(asked: Asked) -> str | Response:
    """Answer a request for the page."""
    area = asked.book.area(AREA)
    typed = asked.form().typed
    teams = typed_teams(typed, area)
    trail = trail_from(typed.get(TRAIL, ""))
    verb, _, rest = typed.get(DO, "").partition(".")
    read = None
    if verb == "paste":
        read = pasted(typed.get(PASTE, ""), area)
        teams = _with(teams, read)
    elif verb == "back" and NUMBER.fullmatch(rest) and int(rest) < len(trail):
        trail = trail[: int(rest) + 1]
        teams = typed_teams(trail[-1], area)
    else:
        teams = _acted(teams, verb, rest, area)
    lost = typed.get(PASTE, "") if read is not None and read.fault else ""
    kept = {name: typed.get(name, "") for name in ("on", *open_names(area))}
    form = Form({**kept, PASTE: lost, **fields(teams)})
    on = form.day(area) if asked.is_sent else None
    book = asked.book.with_settings(form.settings(area))
    if read is not None and read.fault:
        form.blame(PASTE, read.fault)
    reports = judged(form, teams, on, book) if asked.is_sent else []
    if reports and verb == "csv":
        return _download(reports)
    if reports and (not trail or trail[-1] != fields(teams)):
        trail = [*trail, fields(teams)][-MOST_STATES:]
    sources = Sources()
    known = [*names(teams, area), *open_names(area)]
    answers = [
        Answer(Answered(report), known, f"{team.place}.", sources)
        for team, report in zip(teams, reports, strict=False)
    ]
    return asked.render(
        "pod.html",
        form=form,
        area=area,
        teams=teams,
        other=dict(zip(PLACES, reversed(PLACES), strict=True)),
        day_field=form.day_field(),
        open_fields=form.open_fields(area),
        own={team.place: _own(form, team, area) for team in teams},
        rows={
            team.place: _rows(form, team, area, verb == "rows" and rest == team.place)
            for team in teams
        },
        meanings=[(label(fact), fact.about) for fact in members_of(area).facts.values()],
        answers=answers,
        principles=[*_principles(answers, area)],
        right=_right,
        steps=[*steps(trail, on, book)] if answers and on else [],
        trail=json.dumps(trail),
        read=read,
        paste=_paste_field(form, area),
    )


# --- The buttons --------------------------------------------------------------------------------


def _acted(teams: Teams, verb: str, rest: str, area: Area) -> Teams:
    """Return the PODs after the button that was pressed."""
    match verb:
        case "remove":
            return removed(teams, rest)
        case "move":
            return moved(teams, rest)
        case "try":
            place, _, change = rest.partition(".")
            return tried(teams, place, change, area)
        case "second":
            return (teams[0], Team(PLACES[1]))
        case "only":
            return teams[:1]
    return teams


def _with(teams: Teams, read: Pasted) -> Teams:
    """Return the PODs with what was pasted: PODs that the rows name, or more members of the first."""
    if read.fault:
        return teams
    if "" in read.own:
        first, *others = teams
        rows = (cells for _, cells in read.members)
        first = evolve(first, cells={**first.cells, **read.own[""]})
        return (first.with_members(new_members(teams, rows)), *others)
    found: Teams = ()
    for place, (name, own) in zip(PLACES, read.own.items(), strict=False):
        rows = (cells for pod, cells in read.members if pod == name)
        team = Team(place, {REFERENCE: name, **own})
        found = (*found, team.with_members(new_members(found, rows)))
    return found


# --- What the page shows ------------------------------------------------------------------------


def _own(form: Form, team: Team, area: Area) -> list[Field]:
    """Return the questions about a POD itself."""
    first = form.reference_field(area, f"{team.place}.{REFERENCE}")
    return [
        first,
        *(form.field(fact, f"{team.place}.{name}") for name, fact in area.input_facts.items()),
    ]


def _paste_field(form: Form, area: Area) -> Field:
    """Return the question for members from a spreadsheet."""
    headers = ", ".join(one.label for one in _member_questions(form, area, ""))
    pod = form.reference_field(area).label
    return form.text_field(
        PASTE,
        "Rows of members",
        f"A row for each member. Headers such as {headers} may come first; without them, the columns are in "
        f"that order. With a column {pod}, the rows take the place of both tables; without it, they are "
        "added to the first.",
    )


def _member_questions(form: Form, area: Area, row: str) -> list[Field]:
    """Return the questions about one member; the names of their fields begin with the row."""
    members = members_of(area)
    first = members.reference.label if members.reference else ""
    facts = members.facts.items()
    return [
        form.text_field(row + REFERENCE, first or "Reference"),
        *(evolve(form.field(fact, row + name), hint="") for name, fact in facts),
    ]


def _rows(
    form: Form,
    team: Team,
    area: Area,
    more: bool,  # noqa: FBT001
) -> list[tuple[Member | None, str, list[Field]]]:
    """Return the rows of the table of members, and blank ones: each with its member and fields."""
    blank = MORE_ROWS if more or not team.members else BLANK_ROWS
    found: list[tuple[Member | None, str, list[Field]]] = []
    for number, member in enumerate([*team.members, *[None] * blank]):
        row = f"{team.place}.members.{number}."
        found.append((member, row, _member_questions(form, area, row)))
    return found


def _principles(answers: Sequence[Answer], area: Area) -> Iterator[Principle]:
    """Yield each principle with its answer for each POD, in the order of their numbers."""
    marks: Mapping[str, tuple[str, str]] = area.spec.load("page:MARKS")
    asks: Mapping[str, tuple[str, ...]] = area.spec.load("page:asks")(area)
    columns = {column.title: column for pair in layout_for(area).pairs for column in pair}
    remarks = {one.id.partition(".")[2]: one for one in area.remarks}
    for number in sorted({*columns, *remarks}, key=int):
        if number in remarks:
            said = remarks[number].text.partition(":")[0].partition(",")[0]
            yield Principle(number, (remarks[number].title,), ((said, "met"),) * len(answers))
            continue
        found = (marks[columns[number].cell(answer.report).text] for answer in answers)
        yield Principle(number, asks[number], tuple(found))


def _right(finding: Finding, report: Report) -> list[tuple[str, str]]:
    """Return the smallest changes that would put a rule right, each in words and for a button."""
    return [
        (in_words(change), ",".join(f"{kind}:{step}" for kind, step in change.elements()))
        for change in smallest(report.area, finding.wording, report.interpreter)
    ]


# --- To keep -----------------------------------------------------------------------------------


def _download(reports: Sequence[Report]) -> Response:
    """Return the PODs as the CSV that the command reads: a row for each member."""
    header = [name for name in column_names(AREA) if not name.endswith("_note")]
    rows = [
        [
            report.case.reference or NAMES[place]
            if name == AREA
            else _cell(report.case, member, name)
            for name in header
        ]
        for place, report in zip(PLACES, reports, strict=False)
        for member in report.case.members or (PodMember(),)
    ]
    disposition = 'attachment; filename="pods.csv"'
    return Response(
        csv_text(header, rows), media_type="text/csv", headers={"Content-Disposition": disposition}
    )


def _cell(case: Pod, member: PodMember, name: str) -> object:
    return getattr(member if hasattr(member, name) else case, name)


def workbook(asked: Asked) -> Response:  # noqa: ARG001 (as all views)
    """Return the empty workbook of the area, to fill in and paste from or check as a file."""
    disposition = f'attachment; filename="{AREA}.xlsx"'
    return Response(template(AREA), media_type=XLSX, headers={"Content-Disposition": disposition})


WORKBOOK = Page(f"/{AREA}/template.xlsx", workbook)
PAGE = Page(
    "/pod",
    view,
    title="A POD, or two side by side",
    about=(
        "Give the members. See the answers by principle, the smallest changes that would put a rule "
        "right, and which answers a change would change."
    ),
    sends=True,
)
