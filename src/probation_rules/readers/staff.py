"""Read staff from the workload and allocations tools, as a POD's members or a case's holder.

A raw nDelius grade code and the grade that a tool maps it to may have the same letters but different
meanings: the raw code `PSO` is a probation officer. So they have different types here. staff.toml
contains the maps, and the 37 hours that the workload tool counts as full time, with their sources. A
code that is not in a map is an unknown grade, and a note gives it.

These systems do not have PODs, so each team is read as one. They do not give case administrators,
the manager of a team, or whether an officer's newly-qualified period is completed.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import Any, Literal, NewType

from attrs import frozen

from probation_rules.areas.pod.case import StaffGrade
from probation_rules.errors import CaseError, Problem
from probation_rules.quoting import plausible
from probation_rules.readers.feed import (
    OTHER_SHAPE,
    Notes,
    Order,
    Sentence,
    Shape,
    as_object,
    payloads,
    without_float_noise,
)

NdeliusGradeCode = NewType("NdeliusGradeCode", str)
"""A raw grade code of nDelius, such as `PSM`."""

MappedGrade = NewType("MappedGrade", str)
"""A grade from a tool, such as `PQiP` or `NQO`."""

System = Literal["allocations-tool", "workload-tool"]
"""The systems with a known map of raw codes."""

_CODE_LIKE = re.compile(r"[A-Za-z0-9]{1,12}")
_UNALLOCATED = "U"  # the last letter of a code for unallocated work
_HUNDRED = 100

_NOBODY: Sentence = (
    "entry is for unallocated work, not for a person, and was left out",
    "entries are for unallocated work, not for persons, and were left out",
)
_MANAGER: Sentence = (
    "SPO in a team's list was left out: an SPO is not a member, and the list does not give the manager",
    "SPOs in teams' lists were left out: an SPO is not a member, and the lists do not give the manager",
)
_EMPTY: Sentence = (
    "team without staff was left out",
    "teams without staff were left out",
)
_NO_GRADE: Sentence = (
    "person has no grade: unknown",
    "persons have no grade: unknown",
)
_NO_HOURS: Sentence = (
    "member has no contracted hours: the share of full time is unknown",
    "members have no contracted hours: their share of full time is unknown",
)
_INEXACT: Sentence = (
    "member's contracted hours are not an exact share of full time to two decimal places: unknown",
    "members' contracted hours are not an exact share of full time to two decimal places: unknown",
)
_NQO_NOT_SAID: Sentence = (
    "PO's list does not give whether the newly-qualified period is completed: unknown",
    "POs' lists do not give whether the newly-qualified period is completed: unknown",
)


@frozen
class PersonGrade:
    """A person's grade, and whether the newly-qualified period is completed, if the grade shows it."""

    grade: StaffGrade
    nqo_completed: bool | None = None


def grade_of_code(code: NdeliusGradeCode, system: System | None = None) -> PersonGrade | None:
    """Return the grade for a raw nDelius code, or ``None`` if it is unknown.

    Args:
        code: The raw code.
        system: The system with the map to use. Without it, all maps that contain the code must agree.
    """
    maps = _data()["codes"]
    found = {
        grade
        for name in maps
        if system in (None, name)
        for grade in _grades(maps[name])
        if code in maps[name][grade]
    }
    return PersonGrade(found.pop()) if len(found) == 1 else None


def grade_of_word(word: MappedGrade) -> PersonGrade | None:
    """Return the grade for a tool's own word, or ``None`` if it is unknown."""
    words = _data()["words"]
    newly = False if word in words["newly_qualified"] else None
    return next((PersonGrade(one, newly) for one in _grades(words) if word in words[one]), None)


def full_time_share(hours: object) -> Decimal | None:
    """Return contracted weekly hours as a share of full time, if it is exact to two places."""
    hours = without_float_noise(hours)
    if isinstance(hours, bool) or not isinstance(hours, int | Decimal) or hours <= 0:
        return None
    hundredths = Fraction(hours) * _HUNDRED / _data()["full_time"]["hours"]
    if hundredths.denominator != 1 or hundredths > _HUNDRED:
        return None
    return Decimal(hundredths.numerator) / _HUNDRED


def person_grade(grade: object, path: str, notes: Notes) -> PersonGrade | None:
    """Return the grade of a person from a tool's word, or from an object with the raw code.

    Raises:
        CaseError: The value is neither.
    """
    if grade is None:
        notes.add(*_NO_GRADE)
        return None
    raw = isinstance(grade, Mapping)
    word = grade["code"] if isinstance(grade, Mapping) and "code" in grade else grade
    if not isinstance(word, str):
        raise CaseError([Problem("must be a grade, or an object with the grade's `code`", path)])
    found = grade_of_code(NdeliusGradeCode(word)) if raw else grade_of_word(MappedGrade(word))
    if found is None:
        kind = "nDelius grade code" if raw else "grade"
        what = f"the {kind} `{word}`" if plausible(word, "code") else f"a {kind}"
        notes.add(
            f"person has {what}, which is not a known grade here: unknown",
            f"persons have {what}, which is not a known grade here: unknown",
        )
    return found


# --- Teams --------------------------------------------------------------------------------------


def teams(
    value: object,
    path: str,
    on: date | None,  # noqa: ARG001  # all shapes have this argument; this one does not have dates
    notes: Notes,
) -> Iterator[Order | Problem]:
    """Yield each team as a POD."""
    for where, payload in payloads(value, path):
        try:
            record = as_object(payload, where)
            if "teams" not in record:
                notes.add(*OTHER_SHAPE)
                continue
            listed = as_object(record["teams"], f"{where}.teams")
        except CaseError as error:
            yield from error.problems
            continue
        for number, (team, people) in enumerate(listed.items()):
            code = team if _CODE_LIKE.fullmatch(team) else None
            below = f".teams.{code}" if code else f".teams[{number}]"
            try:
                members = _members(people, where + below, notes)
            except CaseError as error:
                yield from error.problems
                continue
            if members:
                facts = {"reference": ("", code), "members": ("", list(members.values()))}
                yield Order(where + below, facts, tuple(members))
            else:
                notes.add(*_EMPTY)


def _members(people: object, path: str, notes: Notes) -> dict[str, dict[str, object]]:
    """Return the facts of each member, by its path."""
    if not isinstance(people, list):
        raise CaseError([Problem("must be a list", path)])
    found, problems = dict[str, dict[str, object]](), list[Problem]()
    for place, person in enumerate(people):
        where = f"{path}[{place}]"
        try:
            if member := _member(person, where, notes):
                found[where] = member
        except CaseError as error:
            problems += error.problems
    if problems:
        raise CaseError(problems)
    return found


def _member(person: object, path: str, notes: Notes) -> dict[str, object] | None:
    record = as_object(person, path)
    code = record.get("code")
    if code is not None and not (isinstance(code, str) and _CODE_LIKE.fullmatch(code)):
        raise CaseError([Problem("must be a staff code: letters and digits", f"{path}.code")])
    if code is not None and code.upper().endswith(_UNALLOCATED):
        notes.add(*_NOBODY)
        return None
    found = person_grade(record.get("grade"), f"{path}.grade", notes)
    if found and found.grade == "SPO":
        notes.add(*_MANAGER)
        return None
    if found == PersonGrade("PO"):
        notes.add(*_NQO_NOT_SAID)
    hours = record.get("weeklyHours")
    share = full_time_share(hours)
    if share is None:
        notes.add(*(_NO_HOURS if hours is None else _INEXACT))
    return {
        "reference": code,
        "grade": found and found.grade,
        "fte": share,
        "nqo_completed": found and found.nqo_completed,
    }


# --- Holders ------------------------------------------------------------------------------------


def holders(
    value: object,
    path: str,
    on: date | None,  # noqa: ARG001  # as above
    notes: Notes,
) -> Iterator[Order | Problem]:
    """Yield each manager or practitioner as the holder of a case."""
    for where, payload in payloads(value, path):
        try:
            order = _holder(as_object(payload, where), where, notes)
        except CaseError as error:
            yield from error.problems
        else:
            if order:
                yield order


def _holder(record: Mapping[str, object], path: str, notes: Notes) -> Order | None:
    if "code" not in record or not {"grade", "unallocated", "allocated"}.intersection(record):
        notes.add(*OTHER_SHAPE)
        return None
    code = str(record["code"])
    unallocated = record.get("unallocated") is True or record.get("allocated") is False
    if unallocated or code.upper().endswith(_UNALLOCATED):
        notes.add(*_NOBODY)
        return None
    found = person_grade(record.get("grade"), f"{path}.grade", notes)
    return Order(
        path,
        {
            "holder_grade": (".grade", found and found.grade),
            "holder_nqo_completed": (".grade", found and found.nqo_completed),
        },
    )


def _grades(table: Mapping[str, Any]) -> list[StaffGrade]:
    grades: tuple[StaffGrade, ...] = ("PO", "PSO", "PQiP", "SPO")
    return [grade for grade in grades if grade in table]


@cache
def _data() -> dict[str, Any]:
    text = (files("probation_rules.readers") / "staff.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


WORKLOAD_TEAM = Shape(area="pod", carries=frozenset({"reference", "members"}), orders=teams)
HOLDER = Shape(
    area="allocation",
    carries=frozenset({"holder_grade", "holder_nqo_completed"}),
    orders=holders,
)
