from __future__ import annotations

import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import probation_rules as pr
from probation_rules import readers
from probation_rules.errors import CaseError
from probation_rules.readers import Reading
from probation_rules.readers.staff import (
    MappedGrade,
    NdeliusGradeCode,
    PersonGrade,
    full_time_share,
    grade_of_code,
    grade_of_word,
)
from support.mock_server import read_answer

FIXTURES = Path(__file__).parents[3] / "shared" / "fixtures" / "staff"


def person(code: str = "Z01A001", grade: object = "PO", **more: object) -> dict[str, Any]:
    """Return a made-up person in the form of the workload tool."""
    name = {"forename": "Example", "surname": "Person"}
    return {"code": code, "name": name, "email": "", "grade": grade, "casesPastWeek": 2, **more}


def read(value: object, shape: str = "workload-team") -> Reading:
    area = readers.SHAPES[shape].area
    stdin = io.BytesIO(json.dumps(value).encode())
    return readers.read(area, "-", shape=shape, stdin=stdin)


def problems(value: object, shape: str = "workload-team") -> list[str]:
    with pytest.raises(CaseError) as caught:
        read(value, shape)
    return [str(problem) for problem in caught.value.problems]


# --- Grades -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "system", "grade"),
    [
        ("PSM", "allocations-tool", "PO"),
        ("PSM", "workload-tool", "PO"),
        ("PSQ", "allocations-tool", "PSO"),
        ("PSC", None, "SPO"),
        ("PSP", None, "PQiP"),
        ("TPO", "allocations-tool", "PQiP"),
        ("TPO", "workload-tool", None),
        ("CPQF", None, "PQiP"),
        ("CRC - PQF", None, "PQiP"),
        ("NPS-PQF", "workload-tool", "PQiP"),
        ("NPS\u2013PQF", None, "PQiP"),
        ("CRC \u2014 PQF", None, "PQiP"),
        ("CRC-PQF", "allocations-tool", None),
        ("NPQF", None, None),  # the same system does not map it
        ("PQF", None, None),
        # The raw code looks like another grade.
        ("PSO", "workload-tool", "PO"),
        ("PSO", "allocations-tool", None),
        ("PSO", None, "PO"),
        ("OG01", None, None),
        ("psm", None, None),
        ("", None, None),
    ],
)
def test_a_raw_code_is_mapped_by_the_given_system(
    code: str, system: Any, grade: str | None
) -> None:
    found = grade_of_code(NdeliusGradeCode(code), system)
    assert found == (grade and PersonGrade(grade))  # type: ignore[arg-type]


def test_no_map_makes_a_learner_a_pso() -> None:
    for code in ("P", "L", "K", "CRCP", "NPSP", "PSP", "CPQF", "TPO"):
        assert grade_of_code(NdeliusGradeCode(code)) == PersonGrade("PQiP")
    for word in ("PQiP", "TPO"):
        assert grade_of_word(MappedGrade(word)) == PersonGrade("PQiP")


def test_maps_that_disagree_give_an_unknown_grade(monkeypatch: pytest.MonkeyPatch) -> None:
    maps = {"one": {"PO": ["X"], "source": "made up"}, "other": {"PSO": ["X"]}}
    monkeypatch.setattr(readers.staff, "_data", lambda: {"codes": maps})
    assert grade_of_code(NdeliusGradeCode("X")) is None


def test_a_tools_word_is_mapped() -> None:
    assert grade_of_word(MappedGrade("PSO")) == PersonGrade("PSO")
    assert grade_of_word(MappedGrade("NQO")) == PersonGrade("PO", nqo_completed=False)
    assert grade_of_word(MappedGrade("DMY")) is None
    assert grade_of_word(MappedGrade("source")) is None


@pytest.mark.parametrize(
    ("hours", "share"),
    [
        (37, Decimal(1)),
        (Decimal("37.0"), Decimal(1)),
        (Decimal("18.5"), Decimal("0.5")),
        (Decimal("0.37"), Decimal("0.01")),
        (Decimal("27.75"), Decimal("0.75")),
        (Decimal("18.499999999999996"), Decimal("0.5")),  # through a binary float
        (Decimal("18.500001"), None),
        (30, None),
        (Decimal("37.37"), None),
        (0, None),
        (-37, None),
        (True, None),
        ("37", None),
        (18.5, None),
        (None, None),
    ],
)
def test_hours_are_a_share_of_full_time_only_if_exact(hours: object, share: Decimal | None) -> None:
    assert full_time_share(hours) == share


# --- Teams --------------------------------------------------------------------------------------


def test_a_team_is_read_as_a_pod() -> None:
    value = {
        "teams": {
            "Z01T01": [
                person(weeklyHours=37),
                person("Z01A002", "NQO", weeklyHours=18.5),
                person("Z01A003", "PQiP", weeklyHours=30),
                person("Z01A004", {"code": "PSQ", "description": "an officer"}),
            ],
            "Z01T02": [person("Z01A005", "PSO", weeklyHours=37)],
        }
    }
    members = (
        pr.PodMember(reference="Z01A001", grade="PO", fte=Decimal(1)),
        pr.PodMember(reference="Z01A002", grade="PO", fte=Decimal("0.5"), nqo_completed=False),
        pr.PodMember(reference="Z01A003", grade="PQiP"),
        pr.PodMember(reference="Z01A004", grade="PSO"),
    )
    reading = read(value)
    assert reading.cases == (
        pr.Pod(reference="Z01T01", members=members),
        pr.Pod(
            reference="Z01T02",
            members=(pr.PodMember(reference="Z01A005", grade="PSO", fte=Decimal(1)),),
        ),
    )
    assert reading.places == ("$.teams.Z01T01", "$.teams.Z01T02")
    assert "manager_grade" in reading.lacks
    assert reading.notes == (
        "1 PO's list does not give whether the newly-qualified period is completed: unknown",
        "1 member's contracted hours are not an exact share of full time to two decimal places: unknown",
        "1 member has no contracted hours: the share of full time is unknown",
    )


def test_people_who_are_not_members_are_left_out_and_unknown_facts_are_noted() -> None:
    people = [
        person("Z01A001", "SPO"),
        person("Z01A00U"),
        person("Z01A002", None),
        person("Z01A003", "DMY"),
        person("Z01A004", {"code": "OG01"}),
        person("Z01A005", "Dr. A. Person"),
        {"grade": "PQiP"},
    ]
    reading = read({"teams": {"Z01T01": people, "Z01T02": [person(grade="SPO", code="Z01A009")]}})
    (pod,) = reading.cases
    assert isinstance(pod, pr.Pod)
    assert [(one.reference, one.grade) for one in pod.members or ()] == [
        ("Z01A002", None),
        ("Z01A003", None),
        ("Z01A004", None),
        ("Z01A005", None),
        (None, "PQiP"),
    ]
    assert reading.notes == (
        (
            "2 SPOs in teams' lists were left out: an SPO is not a member, "
            "and the lists do not give the manager"
        ),
        "1 entry is for unallocated work, not for a person, and was left out",
        "1 person has no grade: unknown",
        "5 members have no contracted hours: their share of full time is unknown",
        "2 persons have a grade, which is not a known grade here: unknown",
        "1 person has the nDelius grade code `OG01`, which is not a known grade here: unknown",
        "1 team without staff was left out",
    )


def test_a_team_is_checked_with_the_facts_that_are_given() -> None:
    people = [person(), person("Z01A002", "PQiP"), person("Z01A003", "PSO")]
    (pod,) = read({"teams": {"Z01T01": people}}).cases
    report = pr.check(pod, on=pr.rulebook().area("pod").facts["on"].min)  # type: ignore[arg-type]
    assert report.finding("pod.8").needs == ("members[0].nqo_completed",)
    assert report.outcome("pod.1-mix") == "not_met"


def test_a_name_instead_of_a_teams_code_is_not_repeated() -> None:
    reading = read({"teams": {"Team of A. Person": [person()]}})
    assert reading.places == ("$.teams[0]",)
    assert getattr(reading.cases[0], "reference", "") is None


def test_a_value_that_is_not_a_team_is_a_problem_with_its_path() -> None:
    value = [
        {"teams": {"T1": [person("A. Person"), "a person", person(grade=7)], "T2": {}}},
        {"teams": []},
        "a team",
        {"teams": {"T3": [person(grade={"description": "an officer"})]}},
    ]
    assert problems(value) == [
        "must be a staff code: letters and digits @ $[0].teams.T1[0].code",
        "must be an object @ $[0].teams.T1[1]",
        "must be a grade, or an object with the grade's `code` @ $[0].teams.T1[2].grade",
        "must be a list @ $[0].teams.T2",
        "must be an object @ $[1].teams",
        "must be an object @ $[2]",
        "must be a grade, or an object with the grade's `code` @ $[3].teams.T3[0].grade",
    ]


def test_a_person_in_two_teams_is_a_problem_with_both_places() -> None:
    assert problems({"teams": {"T1": [person()], "T2": [person("Z01A002"), person()]}}) == [
        ("this reference is also at $.teams.T1[0]; list each member only once @ $.teams.T2[1]")
    ]


def test_a_record_in_another_shape_is_counted() -> None:
    reading = read([{"users": []}, {"teams": {"T1": [person()]}}])
    assert reading.notes[0] == "1 record in another shape was left out"


# --- Holders ------------------------------------------------------------------------------------


def test_a_manager_or_practitioner_is_the_holder_of_a_case() -> None:
    value = [
        {**person(grade="NQO"), "teamCode": "Z01T01", "allocated": True},
        {**person("Z01A002", {"code": "PSO"}), "unallocated": False},
        {"code": "Z01A003", "unallocated": False},
        {"code": "Z01A004", "unallocated": True},
        {"code": "Z01A005", "grade": "PO", "allocated": False},
        {"code": "Z01A00u", "grade": "PO"},
        {"code": "Z01A006"},
        {"grade": "PO"},
    ]
    reading = read(value, "practitioner")
    assert reading.cases == (
        pr.CaseAllocation(holder_grade="PO", holder_nqo_completed=False),
        pr.CaseAllocation(holder_grade="PO"),
        pr.CaseAllocation(),
    )
    assert reading.notes == (
        "1 person has no grade: unknown",
        "3 entries are for unallocated work, not for persons, and were left out",
        "2 records in another shape were left out",
    )
    assert problems(["x", person(grade=[])], "practitioner") == [
        "must be an object @ $[0]",
        "must be a grade, or an object with the grade's `code` @ $[1].grade",
    ]


@pytest.mark.skipif(not FIXTURES.exists(), reason="the shared fixtures are not available")
def test_the_systems_own_examples() -> None:
    practitioner = FIXTURES / "mpop-probation-practitioner.json"
    reading = read_answer("allocation", practitioner, shape="practitioner")
    assert reading.cases == (pr.CaseAllocation(),)
    assert reading.notes == ("1 person has no grade: unknown",)
    # A list of staff for a diary: the role is in one text with the name, so it is not read.
    with pytest.raises(CaseError, match="does not contain a record in the shape workload-team;"):
        read_answer("pod", FIXTURES / "mpop-appointment-staff.json", shape="workload-team")
