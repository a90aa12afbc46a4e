"""PODs from tables with one row for each member, and from JSON."""

from __future__ import annotations

import io
import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import probation_rules as pr
from probation_rules import cases, readers
from probation_rules.errors import CaseError
from probation_rules.readers import Reading, files


def read(data: str) -> Reading:
    return readers.read("pod", "-", stdin=io.BytesIO(data.encode()))


def problems(data: str) -> list[str]:
    with pytest.raises(CaseError) as caught:
        read(data)
    return [str(problem) for problem in caught.value.problems]


def table(header: str, *rows: str) -> str:
    return "\n".join([header, *rows]) + "\n"


def test_the_rows_of_a_pod_are_its_members() -> None:
    data = table(
        "pod,reference,grade,fte,nqo_completed,manager_grade,case_knowledge_shared",
        "POD-1,M-1,PO,1.0,yes,SPO,",
        "POD-2,M-2,PQiP,,,,",
        "POD-1,M-3,CA,0.6,,,",
        "POD-1,M-4,,,,SPO,TRUE",
    )
    first = pr.Pod(
        reference="POD-1",
        manager_grade="SPO",
        case_knowledge_shared=True,
        members=(
            pr.PodMember(reference="M-1", grade="PO", fte=Decimal("1.0"), nqo_completed=True),
            pr.PodMember(reference="M-3", grade="CA", fte=Decimal("0.6")),
            pr.PodMember(reference="M-4"),
        ),
    )
    second = pr.Pod(reference="POD-2", members=(pr.PodMember(reference="M-2", grade="PQiP"),))
    assert read(data) == Reading((first, second), ("row 2", "row 3"))


def test_json_can_give_a_pod_with_its_members() -> None:
    pod = {"reference": "POD-1", "members": [{"grade": "PO", "fte": 0.6}, {"fte": "1.0"}]}
    expected = pr.Pod(
        reference="POD-1",
        members=(pr.PodMember(grade="PO", fte=Decimal("0.6")), pr.PodMember(fte=Decimal(1))),
    )
    assert read(json.dumps([pod])).cases == (expected,)
    assert read(json.dumps(pod) + "\n" + json.dumps({**pod, "reference": "POD-2"})).places == (
        "line 1",
        "line 2",
    )


def test_a_single_row_without_a_member_can_give_that_members_are_unknown() -> None:
    data = table("pod,grade,manager_grade", "POD-1,,SPO", "POD-2,,SPO", "POD-2,PO,")
    one, two = read(data).cases
    assert one == pr.Pod(reference="POD-1", manager_grade="SPO")
    # Otherwise a row is a member, even without known facts: leaving it out would change answers.
    assert isinstance(two, pr.Pod)
    assert two.members == (pr.PodMember(), pr.PodMember(grade="PO"))


def test_both_rows_that_disagree_are_named() -> None:
    data = table(
        "pod,grade,manager_grade,structure_in_induction,structure_in_induction_note",
        "POD-1,PO,SPO,yes,",
        "POD-1,PO,PO,true,SECRET one",
        "POD-1,PO,,no,SECRET two",
    )
    assert problems(data) == [
        "must be the same in all rows of the case @ row 3, column manager_grade",
        ("must be the same in all rows of the case @ row 4, column structure_in_induction"),
    ], "notes may differ, since no rule looks at them"


def test_a_bad_value_is_listed_once_with_its_row() -> None:
    data = table(
        "pod,grade,fte,manager_grade",
        "POD-1,SPO,1,SP",
        "POD-1,PSOO,0,SP",
        "POD-1,PO,40,SPO",
        ",PO,1,",
    )
    assert problems(data) == [
        "the `pod` column is empty; give the reference of this member's case @ row 5, column pod",
        "this word is not allowed; did you mean `SPO`? @ row 2, column manager_grade",
        (
            "an SPO manages the POD and is not one of its members: record the SPO in `manager_grade` "
            "@ row 2, column grade"
        ),
        "this word is not allowed; did you mean `PSO`? @ row 3, column grade",
        (
            "`0` is not allowed: it must be a number from 0.01 to 1.0, at most 2 decimal places "
            "@ row 3, column fte"
        ),
        (
            "`40` is not allowed: it must be a number from 0.01 to 1.0, at most 2 decimal places "
            "@ row 4, column fte"
        ),
    ]


def test_the_header_is_checked() -> None:
    unknown, missing = problems("grade,managr_grade\nPO,SPO\nPO,\n")
    assert missing == "the column `pod` is missing; it gives the case of each member @ row 1"
    assert unknown == (
        "unknown field `managr_grade`; did you mean `manager_grade`? @ row 1, column managr_grade"
    )
    (problem,) = problems("pod,members_list\nPOD-1,x\n")
    assert "unknown fields: `members_list`; known are" in problem


def test_more_members_than_a_pod_may_have() -> None:
    rows = [f"POD-1,M-{number}" for number in range(61)]
    assert problems(table("pod,reference", *rows)) == [
        "must be a list of 1 to 60 @ row 62, column pod"
    ]
    assert len(read(table("pod,reference", *rows[:60])).cases) == 1


@pytest.mark.parametrize(
    ("data", "first", "second"),
    [
        (table("pod,reference", "A,SECRET", "B,M-2", "B,SECRET"), "row 2", "row 4"),
        (table("pod,reference", "A,SECRET", "A,SECRET"), "row 2", "row 3"),
        (
            '[{"members": [{"reference": "SECRET"}]}, {"members": [{}, {"reference": "SECRET"}]}]',
            "$[0].members[0]",
            "$[1].members[1]",
        ),
        (
            '{"members": [{"reference": "SECRET"}]}\n{"members": [{"reference": "SECRET"}]}',
            "line 1, $.members[0]",
            "line 2, $.members[0]",
        ),
    ],
    ids=["rows", "one-pod", "json", "lines"],
)
def test_a_member_listed_twice_is_named_by_both_places(data: str, first: str, second: str) -> None:
    assert problems(data) == [
        f"this reference is also at {first}; list each member only once @ {second}"
    ]


def test_a_member_may_have_the_reference_of_a_pod() -> None:
    assert len(read(table("pod,reference", "A,A", "B,C")).cases) == 2


def test_a_repeated_pod_in_json_is_refused() -> None:
    assert problems('[{"reference": "A"}, {"reference": "A"}]') == [
        "this reference is also at $[0]; give each case its own reference @ $[1]"
    ]


def test_a_pod_without_members_is_refused_when_it_is_checked() -> None:
    (pod,) = read('[{"members": []}]').cases
    day = pr.rulebook().area("pod").facts["on"].min
    with pytest.raises(CaseError, match="must be a list of 1 to 60"):
        pr.check(pod, on=day)  # type: ignore[arg-type]


CELLS = st.sampled_from(["", "A", "B", "PO", "SPO", "yes", "no", "0.5", "1.0", "x" * 201, "\t"])


@given(
    header=st.lists(st.sampled_from([*cases.column_names("pod"), "", "other"]), max_size=6),
    rows=st.lists(st.lists(CELLS, max_size=6), max_size=6),
)
def test_any_table_is_a_reading_or_a_case_error(header: list[str], rows: list[list[str]]) -> None:
    data = table(",".join(header), *(",".join(row) for row in rows)).encode()
    for record in files.records(data, ".csv", "pod"):
        assert record is not None
    try:
        reading = readers.read("pod", "-", stdin=io.BytesIO(data))
    except CaseError as error:
        found = [str(problem) for problem in error.problems]
    else:
        # Rows of cases, unlike rows of members, may be without a reference.
        given = [one for one in (getattr(case, "reference", None) for case in reading.cases) if one]
        assert len(set(given)) == len(given)
        found = [*map(str, reading.cases), *reading.notes]
    assert found


def test_a_member_listed_twice_gives_one_reason(tmp_path: Path) -> None:
    member = {"reference": "M-1", "grade": "PO"}
    path = tmp_path / "pods.json"
    path.write_text(json.dumps([{"reference": "EX-1", "members": [member, member]}]), "utf-8")

    reading = readers.read("pod", path, strict=False)

    (tried,) = reading.tried.values()
    assert len(tried.others) == 1
    assert reading.cases == ()
