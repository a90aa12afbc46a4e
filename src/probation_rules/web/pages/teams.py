"""One or two PODs as a person typed them, and the changes that the page makes to them.

All of it is text, so that nothing typed is lost. Each member has a key, which stays when the member
moves, so that two states can be compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import count

from attrs import evolve, field, frozen

from probation_rules.caseload.layout import capital
from probation_rules.cases import REFERENCE
from probation_rules.language.english import unscaled
from probation_rules.language.tree import Value
from probation_rules.rulebook.model import Area, Fact, Members
from probation_rules.web.pages.forms import Form, label

PLACES = ("a", "b")
NAMES = {"a": "First POD", "b": "Second POD"}
KEY, PODS = "key", "pods"
NUMBER = re.compile("[0-9]{1,9}")
"""A key, or the number of a state. Longer ones are not read."""
_CELL = re.compile(r"([ab])\.members\.([0-9]{1,4})\.(\w+)")


@frozen
class Member:
    """One member: the key and the texts, by field."""

    key: str
    cells: Mapping[str, str]

    @property
    def name(self) -> str:
        """What to call the member, with the grade."""
        grade = self.cells.get("grade")
        reference = self.cells.get(REFERENCE) or "a member without a reference"
        return f"{reference} ({grade})" if grade else reference


@frozen
class Team:
    """One POD: its place on the page, its own texts by field, and its members."""

    place: str
    cells: Mapping[str, str] = field(factory=dict)
    members: tuple[Member, ...] = ()

    @property
    def name(self) -> str:
        """The reference of the POD, or its place in words."""
        return self.cells.get(REFERENCE) or NAMES[self.place]

    def without(self, key: str) -> Team:
        """Return the POD without a member."""
        return evolve(self, members=tuple(one for one in self.members if one.key != key))

    def with_members(self, more: Iterable[Member]) -> Team:
        """Return the POD with more members."""
        return evolve(self, members=(*self.members, *more))


Teams = tuple[Team, ...]


def typed_teams(typed: Mapping[str, str], area: Area) -> Teams:
    """Return the PODs that were typed. A row without any text is not a member."""
    rows: dict[tuple[str, int], dict[str, str]] = {}
    for name, text in typed.items():
        if found := _CELL.fullmatch(name):
            rows.setdefault((found[1], int(found[2])), {})[found[3]] = text.strip()
    keys = _new_keys(rows.values())
    used: set[str] = set()
    teams = []
    for place in PLACES[: 2 if typed.get(PODS) == "2" else 1]:
        members = []
        for (where, _), cells in sorted(rows.items()):
            known = {name: cells.get(name, "") for name in member_fields(area)}
            if where == place and any(known.values()):
                key = cells.get(KEY, "")
                key = key if NUMBER.fullmatch(key) and key not in used else next(keys)
                used.add(key)
                members.append(Member(key, known))
        own = {name: typed.get(f"{place}.{name}", "").strip() for name in own_fields(area)}
        teams.append(Team(place, own, tuple(members)))
    return tuple(teams)


def fields(teams: Teams) -> dict[str, str]:
    """Return the texts by the names of the fields of the form."""
    found = {PODS: str(len(teams))}
    for team in teams:
        found |= {f"{team.place}.{name}": text for name, text in team.cells.items()}
        for number, member in enumerate(team.members):
            row = f"{team.place}.members.{number}."
            found |= {row + name: text for name, text in {KEY: member.key, **member.cells}.items()}
    return found


def own_fields(area: Area) -> tuple[str, ...]:
    """Return the fields of a POD itself."""
    return (REFERENCE, *area.input_facts)


def member_fields(area: Area) -> tuple[str, ...]:
    """Return the fields of a member."""
    return (REFERENCE, *members_of(area).facts)


def members_of(area: Area) -> Members:
    """Return the list of members of the area, which has one."""
    assert area.members is not None  # noqa: S101 (the rules file of PODs has members)
    return area.members


def new_members(teams: Teams, rows: Iterable[Mapping[str, str]]) -> Iterator[Member]:
    """Yield members with these texts, each with a key of its own."""
    keys = _new_keys({KEY: one.key} for team in teams for one in team.members)
    return (Member(next(keys), row) for row in rows)


def _new_keys(rows: Iterable[Mapping[str, str]]) -> Iterator[str]:
    """Yield keys that no row has."""
    used = [int(key) for row in rows if NUMBER.fullmatch(key := row.get(KEY, ""))]
    return map(str, count(max(used, default=0) + 1))


# --- Changes ------------------------------------------------------------------------------------


def removed(teams: Teams, key: str) -> Teams:
    """Return the PODs without a member."""
    return tuple(team.without(key) for team in teams)


def moved(teams: Teams, key: str) -> Teams:
    """Return the PODs after a member moved to the other one."""
    here = next((team for team in teams if any(one.key == key for one in team.members)), None)
    if here is None or len(teams) != len(PLACES):
        return teams
    mover = [one for one in here.members if one.key == key]
    return tuple(team.without(key) if team == here else team.with_members(mover) for team in teams)


def tried(teams: Teams, place: str, change: str, area: Area) -> Teams:
    """Return the PODs after one of the smallest changes that would put a rule right.

    Args:
        teams: The PODs.
        place: The place of the POD to change.
        change: Kinds of member, each with 1 or -1, such as `learner:-1,PSO:1`.
        area: The rules of PODs.
    """
    kinds = members_of(area).kinds
    for step in change.split(","):
        kind, _, sign = step.rpartition(":")
        if kind in kinds:
            cells = {
                name: _as_typed(fact, kinds[kind].get(name))
                for name, fact in members_of(area).facts.items()
            }
            teams = tuple(
                _stepped(teams, team, cells, sign, area) if team.place == place else team
                for team in teams
            )
    return teams


def _stepped(teams: Teams, team: Team, cells: Mapping[str, str], sign: str, area: Area) -> Team:
    """Return a POD with one more or one fewer of a kind of member."""
    if sign != "-1":
        return team.with_members(new_members(teams, [{REFERENCE: "", **cells}]))
    facts = members_of(area).facts
    wanted = {name: text for name, text in cells.items() if text}
    wanted_values = Form(wanted).facts({name: facts[name] for name in wanted})
    for member in team.members:
        values = Form(member.cells).facts(facts)
        if all(values[name] == value for name, value in wanted_values.items()):
            return team.without(member.key)
    return team


def _as_typed(fact: Fact, value: Value | None) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return format(unscaled(value, fact.type.places).normalize(), "f")
    return str(value)


def differences(before: Teams, after: Teams, area: Area) -> Iterator[str]:
    """Yield what differs between two states, in words."""
    was, is_ = _by_key(before), _by_key(after)
    for key, (team, member) in was.items():
        if key not in is_:
            yield f"{member.name} left {team.name}"
    for key, (team, member) in is_.items():
        if key not in was:
            yield f"{member.name} joined {team.name}"
            continue
        old_team, old = was[key]
        if old_team.place != team.place:
            yield f"{member.name} moved from {old_team.name} to {team.name}"
        yield from _changed(member.name, old.cells, member.cells, members_of(area).facts)
    for old_team, team in zip(before, after, strict=False):
        yield from _changed(team.name, old_team.cells, team.cells, area.input_facts)
    if len(before) != len(after):
        yield (
            "the second POD was added"
            if len(after) > len(before)
            else "the second POD was left out"
        )


def _by_key(teams: Teams) -> dict[str, tuple[Team, Member]]:
    return {one.key: (team, one) for team in teams for one in team.members}


def _changed(
    who: str, before: Mapping[str, str], after: Mapping[str, str], facts: Mapping[str, Fact]
) -> Iterator[str]:
    for name, fact in facts.items():
        old, new = before.get(name, ""), after.get(name, "")
        if old != new:
            was, is_ = (capital(text) or "not known" for text in (old, new))
            yield f"{who}: {label(fact).lower()} is {is_}, was {was}"
