"""Files of text as tables: members, and what keeps a file from being read."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import probation_rules as pr
from probation_rules import readers
from probation_rules.errors import CaseError, InputError
from probation_rules.readers import files
from support.tabled import ON, both_ways

PODS = "reference,manager_grade\nN1,SPO\nN2,SPO\n"


def put(folder: Path, name: str, text: str | list[Any]) -> Path:
    """Write a file: its text, or records as JSON lines."""
    lines = text if isinstance(text, str) else "".join(f"{json.dumps(one)}\n" for one in text)
    (folder / name).write_text(lines, encoding="utf-8")
    return folder / name


def refused(area: str, path: Path, **options: Any) -> list[str]:
    with pytest.raises((CaseError, InputError)) as caught:
        pr.check_table(area, path, on=ON, **options)
    return str(caught.value).splitlines()


# --- Members ---------------------------------------------------------------------------------------


@both_ways
@pytest.mark.usefixtures("small")
def test_members_may_be_json_lines(tmp_path: Path) -> None:
    people = [
        {"pod": "N1", "reference": "M-1", "grade": "PO", "fte": 0.8},
        {"pod": "N1", "grade": "CA", "fte": 0.2},
        {"pod": "N2", "grade": "XX"},
    ]
    pods = put(tmp_path, "pods.csv", PODS)

    table = pr.check_table("pod", pods, members=put(tmp_path, "people.jsonl", people), on=ON)

    why = "must be one of PO, PSO, CA, PQiP @ grade of a member"
    assert table.outcomes["reasons"].to_pylist() == [None, [why]]
    assert "no column `nqo_completed` of members: unknown of every member" in table.notes
    fractions = [one.fte for one in table.cases([1])[1].members]
    assert fractions == [Decimal("0.8"), Decimal("0.2")]


def test_a_bad_member_of_another_file_refuses_it_since_its_case_is_in_doubt(tmp_path: Path) -> None:
    pods = put(tmp_path, "pods.csv", PODS)
    rows = put(tmp_path, "people.csv", "pod,grade\nN1,PO,more\nN1,PO\n")
    lines = put(tmp_path, "people.jsonl", '{"pod": "N1", "x": 1}\n{"grade": "PO"}\n{"pod": \n')

    assert refused("pod", pods, members=rows) == ["3 cells where the header has 2 @ row 2"]
    unknown, nobody, cut = refused("pod", pods, members=lines)
    assert unknown.startswith("unknown fields: `x`; known are reference, grade")
    assert nobody == (
        "the `pod` column is empty; give the reference of this member's case @ line 2, column pod"
    )
    assert cut == "the JSON ends too early; the file may be cut off @ line 3, column 8"


KNOWN = "pod,grade,members_known\nN1,PO,{0}\nN1,CA,{1}\nN2,,{2}\n"


@both_ways
@pytest.mark.parametrize(
    ("shown", "reasons", "known"),
    [
        (("yes", "", "no"), [None, None], [2, None]),
        (("no", "No", ""), [None, None], [None, None]),
        (("", "", "yes"), [None, ["must be a list of 1 to 60 @ members"]], [2, 0]),
        (("yes", "no", ""), [["must be the same in all rows of the case @ members_known"], None], [2, None]),
        (
            ("perhaps", "yes", ""),
            [["must be true or false @ members_known"], None],
            [2, None],
        ),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("small")
def test_rows_may_tell_whether_the_members_are_known(
    tmp_path: Path, shown: tuple[str, ...], reasons: list[list[str] | None], known: list[int | None]
) -> None:
    path = put(tmp_path, "pods.csv", KNOWN.format(*shown))

    table = pr.check_table("pod", path, on=ON)
    small = readers.read("pod", path, strict=False).tried

    assert table.outcomes["reasons"].to_pylist() == reasons
    found = [getattr(one.case, "members", None) for one in small.values()]
    assert [None if one is None else len(one) for one in found] == known
    for one, why in zip(small.values(), reasons, strict=True):
        assert list(one.others) == (why if why and "list" not in why[0] else [])


def test_a_file_of_pods_without_members_has_lists_that_are_unknown(tmp_path: Path) -> None:
    path = put(tmp_path, "pods.csv", PODS)

    assert [getattr(one, "members", ()) for one in readers.read("pod", path).cases] == [None, None]
    assert (
        pr.check_table("pod", path, on=ON).outcomes["pod.1-mix"].to_pylist() == ["cannot_tell"] * 2
    )


def test_rows_of_members_that_are_in_doubt_refuse_the_file(tmp_path: Path) -> None:
    path = put(tmp_path, "pods.csv", "pod,grade\nN1,PO\n,PO\nN2,PO,more\n,\n")
    shown = [
        "the `pod` column is empty; give the reference of this member's case @ row 3, column pod",
        "3 cells where the header has 2 @ row 4",
    ]

    assert refused("pod", path) == shown
    with pytest.raises(CaseError) as caught:
        readers.read("pod", path, strict=False)
    assert str(caught.value).splitlines() == shown


def test_of_very_many_rows_in_doubt_the_rest_is_not_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MOST_COUNTED", 200)
    path = put(tmp_path, "pods.csv", "pod,grade\n" + ",PO\n" * 300)

    found = refused("pod", path)

    assert len(found) == 101
    assert found[-1] == "and at least 100 more problems @ the file"


# --- Files -----------------------------------------------------------------------------------------


def test_a_column_of_another_name_is_named_as_the_file_names_it(tmp_path: Path) -> None:
    path = put(tmp_path, "pods.csv", "TEAM,grade\n,PO\n")

    (shown,) = refused("pod", path, columns={"pod": "TEAM"})

    assert shown.endswith("@ row 2, column TEAM")


def test_json_has_no_columns_of_another_name(tmp_path: Path) -> None:
    path = put(tmp_path, "orders.jsonl", [{"CRN": "a"}])
    shown = [
        "other names for columns, and columns to keep, can only be used with a table; give a mapping @ columns"
    ]

    assert refused("unpaid-work", path, columns={"reference": "CRN"}) == shown


def test_a_line_without_an_end_and_a_list_too_long_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "LONGEST_LINE", 20)
    monkeypatch.setattr(files, "MOST_BYTES", 30)
    rows = put(tmp_path, "orders.csv", "reference\na\n" + "b" * 20 + "\n")
    list_ = put(tmp_path, "orders.json", json.dumps([{"reference": "a"}] * 3))

    assert refused("unpaid-work", rows) == [
        "this line has more than 20 characters; split it @ line 3"
    ]
    assert refused("unpaid-work", list_) == [
        "the file has more than 30 bytes; split it into smaller files, or give JSON lines @ orders.json"
    ]


def test_a_list_of_json_is_a_table_too(tmp_path: Path) -> None:
    path = put(tmp_path, "orders.json", json.dumps([{"reference": "a"}, {}, {"reference": "b"}]))

    table = pr.check_table("unpaid-work", path, on=ON)

    assert table.outcomes["reference"].to_pylist() == ["a", "b"]
    assert table.places([1, 2]) == {1: "$[0]", 2: "$[2]"}
