"""Compares the answers to each state of the form about PODs with those to the state before."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from attrs import frozen

from probation_rules import Pod, PodMember
from probation_rules._check import check
from probation_rules.caseload.answered import IN_WORDS
from probation_rules.caseload.layout import words
from probation_rules.cases import REFERENCE
from probation_rules.engines import Outcome
from probation_rules.errors import CaseError, Problem
from probation_rules.report import Finding, Report
from probation_rules.rulebook.book import Rulebook
from probation_rules.rulebook.model import Area
from probation_rules.web.pages.forms import Form
from probation_rules.web.pages.teams import (
    Team,
    Teams,
    differences,
    fields,
    members_of,
    own_fields,
    typed_teams,
)

AREA = "pod"
MOST_STATES = 12  # of the list of changes


@frozen
class Turned:
    """An answer that a change has changed: the POD, the rule, and both answers in words."""

    team: str
    rule: str
    before: str
    after: str


@frozen
class Step:
    """One change on the list.

    Attributes:
        number: Its number, from 1.
        changes: What changed, in words.
        turned: The answers that are not as before.
    """

    number: int
    changes: tuple[str, ...]
    turned: tuple[Turned, ...]


State = dict[str, str]
"""The texts of a form by the names of its fields."""


def _case(form: Form, team: Team, area: Area) -> Pod:
    """Return a POD as far as it can be read, and note in the form each text that cannot."""
    place, members = team.place, []
    seen: set[str] = set()
    reference = form.reference(f"{place}.{REFERENCE}")
    own = form.facts(area.input_facts, f"{place}.")
    for number in range(len(team.members)):
        row, of = f"{place}.members.{number}.", f" of row {number + 1} of {team.name}"
        called = form.reference(row + REFERENCE)
        if called in seen:
            form.blame(row + REFERENCE, f"The reference{of} is on another row too")
        seen |= {called} if called else set()
        members.append(PodMember(reference=called, **form.facts(members_of(area).facts, row, of)))
    return Pod(reference=reference, members=tuple(members) or None, **own)


def judged(form: Form, teams: Teams, on: date | None, book: Rulebook) -> list[Report]:
    """Return the report on each POD; none if something typed is wrong, which the form notes then."""
    area, found = book.area(AREA), []
    cases = [_case(form, team, area) for team in teams]
    if form.errors or on is None:
        return []
    known = names(teams, area)
    for team, case in zip(teams, cases, strict=True):
        try:
            found.append(check(case, on=on, rulebook=book))
        except CaseError as error:
            # All else that could be wrong with a POD is noted already: it is the number of members.
            problems = [
                Problem(f"the members of {team.name}: {one.text}", one.path)
                for one in error.problems
            ]
            form.add(problems, known, f"{team.place}.")
    return [] if form.errors else found


def names(teams: Teams, area: Area) -> frozenset[str]:
    """Return the names of the fields of the form."""
    own = (*own_fields(area), members_of(area).name)
    return frozenset([*fields(teams), *(f"{team.place}.{name}" for team in teams for name in own)])


def trail_from(text: str) -> list[State]:
    """Return the states that the form has had; none if the text is not such a list."""
    try:
        found: Any = json.loads(text or "[]")
    except ValueError:
        return []
    states = found[-MOST_STATES:] if isinstance(found, list) else []
    if not all(isinstance(one, dict) for one in states):
        return []
    return [{str(name): str(value) for name, value in one.items()} for one in states]


def steps(trail: Sequence[State], on: date, book: Rulebook) -> Iterator[Step]:
    """Yield each change from one state to the next, the latest first."""
    area = book.area(AREA)
    states = [typed_teams(one, area) for one in trail]
    findings = [_found(teams, on, book) for teams in states]
    for number in range(len(states) - 1, 0, -1):
        before, after = findings[number - 1], findings[number]
        called = {team.place: team.name for team in (*states[number - 1], *states[number])}
        turned = tuple(
            Turned(called[place], rule, *pair)
            for (place, rule), old in before.items()
            if (pair := (old, after.get((place, rule), old)))[0] != pair[1]
        )
        changes = tuple(differences(states[number - 1], states[number], area))
        yield Step(number, changes, turned)


def _found(teams: Teams, on: date, book: Rulebook) -> dict[tuple[str, str], str]:
    """Return the answer of each rule about each POD, in words."""
    reports = judged(Form(fields(teams)), teams, on, book)
    return {
        (team.place, finding.wording.short): _outcome(finding)
        for team, report in zip(teams, reports, strict=False)
        for finding in report.findings
    }


def _outcome(finding: Finding) -> str:
    if finding.outcome is Outcome.NOT_MET:
        return IN_WORDS[finding.severity]
    return "does not apply" if finding.outcome is Outcome.NOT_APPLICABLE else words(finding.outcome)
