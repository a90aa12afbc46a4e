"""The draft of a mapping: how each column is read, and a question for each open choice."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import made_up_export
import probation_rules as pr
from probation_rules.areas.unpaid_work.case import UnpaidWorkOrder
from probation_rules.cli.program import root as program
from probation_rules.errors import CaseError
from support import workbooks

ON = date(2026, 11, 29)
SWAPPED = (
    "every real date has a day up to the 12th, and every date in text a later one: a spreadsheet may "
    "have swapped day and month; correct the file"
)
UNMISTAKABLE = [
    ["CRN", "Order Type", "Sentence Date", "Hours Ordered", "6 Month Review"],
    ["X1", "Community Order", "23/06/2026", "120", "Y"],
    ["X2", "community_order", "03/07/2026", "45:30", "no"],
]
CASES = (
    UnpaidWorkOrder(
        reference="X1", order_type="community_order", sentence_date=date(2026, 6, 23),
        required_minutes=7200, six_month_review_done=True,
    ),
    UnpaidWorkOrder(
        reference="X2", order_type="community_order", sentence_date=date(2026, 7, 3),
        required_minutes=2730, six_month_review_done=False,
    ),
)  # fmt: skip


def csv(path: Path, rows: list[list[Any]]) -> Path:
    path.write_text("\n".join(";".join(map(str, row)) for row in rows) + "\n", encoding="utf-8")
    return path


def xlsx(path: Path, rows: list[list[Any]]) -> Path:
    return workbooks.xlsx(path.with_suffix(".xlsx"), ("Orders", rows))


@pytest.fixture(params=[csv, xlsx], ids=["csv", "xlsx"])
def write(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[list[list[Any]]], Path]:
    """Write rows as a CSV and as a workbook."""
    return lambda rows: request.param(tmp_path / "orders.csv", rows)


def drafted(path: Path, area: str = "unpaid-work", *more: str) -> str:
    """Return the file that the command writes."""
    done = CliRunner().invoke(program, ["map", area, str(path), *more])
    assert done.exit_code == 0, done.output
    return done.stdout


def column(path: Path, name: str, area: str = "unpaid-work") -> tuple[Any, list[str]]:
    """How a column would be read, and its comments."""
    text = drafted(path, area)
    lines = text.partition(f'[columns."{name}"]\n')[2].split("\n\n")[0].splitlines()
    comments = [one.removeprefix("# ") for one in lines if one.startswith("#")]
    return tomllib.loads(text)["columns"][name], comments


def one_column(
    write: Callable[[list[list[Any]]], Path], name: str, *cells: object
) -> tuple[Any, list[str]]:
    found, comments = column(
        write([["CRN", name], *([n, one] for n, one in enumerate(cells))]), name
    )
    return found, comments[1:-1]


# --- A file that needs no decisions -------------------------------------------------------------


def test_a_file_that_needs_no_decisions_is_read_and_says_what_it_took_for_what(
    write: Callable[[list[list[Any]]], Path],
) -> None:
    path = write([[*one, "North"] for one in UNMISTAKABLE])
    reading = pr.read("unpaid-work", path)
    assert reading.cases == CASES
    notes = (
        "`CRN` is the reference",
        "`Order Type` is taken for `order_type`",
        "`Sentence Date` is taken for `sentence_date`, as dd/mm/yyyy",
        "`Hours Ordered` is taken for `required_minutes`, in hours",
        "`6 Month Review` is taken for `six_month_review_done`",
        "1 more column is not judged: no fact has such a name",
    )
    assert reading.notes == notes
    table = pr.check_table("unpaid-work", path, on=ON)
    assert table.notes[: len(notes)] == notes
    assert table.outcomes["reference"].to_pylist() == ["X1", "X2"]
    assert reading.carried["row 2"] == {"North": "North"}


def test_a_draft_without_questions_reads_the_same(write: Callable[[list[list[Any]]], Path]) -> None:
    path = write(UNMISTAKABLE)
    mapping = path.with_name("agreed.map.toml")
    mapping.write_text(drafted(path), encoding="utf-8")
    assert pr.read("unpaid-work", path, mapping=mapping).cases == CASES


def test_a_file_that_needs_decisions_is_refused_with_every_question(
    write: Callable[[list[list[Any]]], Path],
) -> None:
    rows: list[list[Any]] = [
        ["CRN", "Event No", "Sentence Date", "Adjustments", "Extension", "Order Type"],
        ["Y0001", 1, "03/04/2026", -10, "Y", "CO"],
    ]
    path = write(rows)
    expected = [
        "dd/mm/yyyy or mm/dd/yyyy? Every date can be read both ways. @ column Sentence Date",
        "are the numbers hours or minutes? The header does not show it. @ column Adjustments",
        (
            "which fact is it? The header is like labels of extension_identified, extension_presented, "
            "extension_presented_on, extended, extended_to. @ column Extension"
        ),
        (
            'what do the words with "?" mean? Allowed are community_order, suspended_sentence_order, '
            "youth_rehabilitation_order, supervision_default_order. @ column Order Type"
        ),
        "answer these in a mapping: probation-rules map unpaid-work FILE --output FILE.map.toml @ the file",
    ]
    for ask in (
        lambda: pr.read("unpaid-work", path),
        lambda: pr.check_table("unpaid-work", path, on=ON),
    ):
        with pytest.raises(CaseError) as caught:
            ask()
        assert str(caught.value).splitlines() == expected
        assert "Y0001" not in str(caught.value)


def test_names_of_facts_alone_are_no_draft(tmp_path: Path) -> None:
    path = csv(tmp_path / "a.csv", [["reference", "sentnce_date"], ["X1", ""]])
    with pytest.raises(CaseError, match="did you mean `sentence_date`"):
        pr.read("unpaid-work", path)


def test_a_header_in_two_rows_is_one(write: Callable[[list[list[Any]]], Path]) -> None:
    rows: list[list[Any]] = [
        ["", "Hours", "", "Sentence"], ["CRN", "ordered", "completed", "date"],
        ["X1", 100, 45.5, "2026-06-23"],
    ]  # fmt: skip
    reading = pr.read("unpaid-work", write(rows))
    assert reading.cases == (
        UnpaidWorkOrder(
            reference="X1", required_minutes=6000, completed_minutes=2730,
            sentence_date=date(2026, 6, 23),
        ),
    )  # fmt: skip
    assert reading.places == ("row 3",)


# --- The text of a draft ------------------------------------------------------------------------


def test_the_draft_of_an_export_asks_two_questions(tmp_path: Path) -> None:
    path = tmp_path / "orders.xlsx"
    made_up_export.write_xlsx(path, made_up_export.rows(60))
    text = drafted(path)
    found = tomllib.loads(text)
    assert found["reference"] == ["CRN", "Event No"]
    assert found["keep"] == ["Team", "Officer"]
    assert found["columns"]["Adjustments"] == {"fact": "adjustment_minutes", "unit": "?"}
    assert found["columns"]["Extension"] == {"fact": "?", "words": {"N": False, "Y": True}}
    assert '# CRN, for example: "X100000", "X100001", "X100002"' in text
    answered = tmp_path / "orders.map.toml"
    text = text.replace('unit = "?"', 'unit = "hour"')
    answered.write_text(text.replace('fact = "?"', 'fact = "extension_identified"'), "utf-8")
    reading = pr.read("unpaid-work", path, mapping=answered)
    assert len(reading.cases) == 60
    made_up_export.write_csv(tmp_path / "orders.csv", made_up_export.rows(60))
    by_text = tmp_path / "text.map.toml"
    by_text.write_text(
        answered.read_text("utf-8").replace(
            'fact = "sentence_date"', 'fact = "sentence_date"\nform = "dd/mm/yyyy"'
        ),
        "utf-8",
    )
    assert pr.read("unpaid-work", tmp_path / "orders.csv", mapping=by_text).cases == reading.cases


def test_the_unit_comes_from_the_header_or_is_asked(
    write: Callable[[list[list[Any]]], Path],
) -> None:
    found, why = one_column(write, "Hours worked", 120)
    assert found == {"fact": "completed_minutes", "unit": "hour"}
    assert why == ["The header is a label of this fact.", "The unit is hour: the header names it."]
    found, why = one_column(write, "ETE", 120)
    assert found == {"fact": "ete_minutes", "unit": "?"}
    assert why[1] == "QUESTION: are the numbers hours or minutes? The header does not show it."
    assert one_column(write, "ETE", "120:30", "7h")[0] == {"fact": "ete_minutes"}
    found, why = one_column(write, "Hours worked", 45.333)
    assert found == {"fact": "completed_minutes", "unit": "hour", "round": "?"}
    assert why[-1] == (
        "QUESTION: some values do not come to whole units. Round them nearest, down or up?"
    )


@pytest.mark.parametrize(
    ("cells", "expected", "why"),
    [
        (["23/06/2026", "03/04/2026"], {"form": "dd/mm/yyyy"}, "The form is dd/mm/yyyy: some dates can only be read so."),
        (["06/23/2026"], {"form": "mm/dd/yyyy"}, "The form is mm/dd/yyyy: some dates can only be read so."),
        (["03/04/2026"], {"form": "?"}, "QUESTION: dd/mm/yyyy or mm/dd/yyyy? Every date can be read both ways."),
        (
            ["23/06/2026", "06/23/2026"], {"form": "?"},
            "QUESTION: some dates have the day first and some the month. A mixture is not read: correct the file.",
        ),
        (["2026-06-23", "3 June 2026"], {}, "The header is a label of this fact."),
        (["2026/06/23"], {"form": "yyyy/mm/dd"}, "The form is yyyy/mm/dd."),
        (["20260623"], {"form": "yyyymmdd"}, "The form is yyyymmdd."),
        (["2026-06-23 10:30"], {"zone": "?"}, "QUESTION: the dates have times. Are those of Europe/London or UTC?"),
        (["23/06/26"], {}, "1 of the texts cannot be read so. Their rows will be invalid, with the reason."),
        (
            ["23/06/2026", "2026-04-03"], {"form": "dd/mm/yyyy"},
            f"QUESTION: {SWAPPED}.",
        ),
    ],
)  # fmt: skip
def test_the_form_of_dates_comes_from_the_dates_or_is_asked(
    write: Callable[[list[list[Any]]], Path], cells: list[str], expected: dict[str, str], why: str
) -> None:
    found, comments = one_column(write, "Date of sentence", *cells)
    assert found == {"fact": "sentence_date", **expected}
    assert comments[-1] == why


def test_words_are_matched_by_letters_or_asked(write: Callable[[list[list[Any]]], Path]) -> None:
    found, _ = one_column(write, "Order type", "Community order", "SSO", "community_order", "N/K")
    assert found["words"] == {"Community order": "community_order", "SSO": "?"}
    found, why = one_column(write, "Extension granted", "Y", "X", "yes")
    assert found["words"] == {"Y": True, "X": "?"}
    assert why[-1] == 'QUESTION: what do the words with "?" mean? Allowed are true, false.'
    found, why = one_column(write, "Order type", *(f"kind {number}" for number in range(60)))
    assert found == {"fact": "?"}
    assert why == []


def test_texts_for_not_known_are_listed(write: Callable[[list[list[Any]]], Path]) -> None:
    path = write([["CRN", "Hours worked"], ["X1", "N/K"], ["X2", "-"], ["X3", 4]])
    assert tomllib.loads(drafted(path))["not_known"] == ["N/K", "-"]


def test_two_columns_for_one_fact_are_a_question(write: Callable[[list[list[Any]]], Path]) -> None:
    path = write([["CRN", "Hours worked", "Hours done"], ["X1", 1, 2]])
    found, comments = column(path, "Hours done")
    assert found == {"fact": "?"}
    assert comments[0] == (
        'QUESTION: more than one column may be completed_minutes. Give it to one, and "keep" or '
        '"ignore" to the others.'
    )


def test_two_columns_with_one_header_are_refused(tmp_path: Path) -> None:
    path = csv(tmp_path / "a.csv", [["CRN", "Team", "Team"], [1, 2, 3]])
    done = CliRunner().invoke(program, ["map", "unpaid-work", str(path)])
    assert done.exit_code == 2
    assert done.stderr == (
        "error: columns 2, 3 have the same header as another; give each its own @ row 1\n"
    )


def test_members_and_their_case(write: Callable[[list[list[Any]]], Path]) -> None:
    path = write(
        [
            ["POD code", "Staff code", "Staff grade", "WTE", "case_knowledge_shared_note"],
            ["N1", "M1", "PO", 1, "x"],
        ]
    )
    found = tomllib.loads(drafted(path, "pod"))
    assert (found["case"], found["reference"]) == (["POD code"], ["Staff code"])
    assert found["columns"] == {
        "Staff grade": {"fact": "grade"},
        "WTE": {"fact": "fte"},
        "case_knowledge_shared_note": {"fact": "case_knowledge_shared_note"},
    }


def test_a_draft_is_toml_whatever_the_cells_are(write: Callable[[list[list[Any]]], Path]) -> None:
    odd = 'a"b\\c\x7f\u2028\U0001f600'
    rows: list[list[Any]] = [["CRN", odd, "Order type"], ["X1", odd * 9, odd]]
    found = tomllib.loads(drafted(write(rows)))
    assert found["keep"] == [odd]
    assert found["columns"]["Order type"]["words"] == {odd: "?"}


def test_what_cannot_be_drafted_says_why(tmp_path: Path) -> None:
    for name, content, why in (
        (
            "a.csv",
            "Ann,Example\n1,2\n",
            "the first row does not contain a known column name",
        ),
        (
            "a.json",
            "{}",
            "a mapping is only drafted for a table; for JSON, write the mapping by hand",
        ),
    ):
        (tmp_path / name).write_text(content, encoding="utf-8")
        done = CliRunner().invoke(program, ["map", "unpaid-work", str(tmp_path / name)])
        assert done.exit_code == 2
        assert why in done.stderr


def test_a_draft_may_go_to_a_file_and_names_the_sheet(tmp_path: Path) -> None:
    path = workbooks.xlsx(tmp_path / "a.xlsx", ("A", UNMISTAKABLE), ("B", UNMISTAKABLE))
    out = tmp_path / "a.map.toml"
    done = CliRunner().invoke(
        program, ["map", "unpaid-work", str(path), "--sheet", "B", "--output", str(out)]
    )
    assert done.stderr == f"0 questions to answer\nwritten to {out}\n"
    assert pr.read("unpaid-work", path, mapping=out).cases == CASES


def test_references_that_differ_by_zeros_are_noted(
    write: Callable[[list[list[Any]]], Path],
) -> None:
    path = write(
        [["reference", "extended"], ["X0012/1", "no"], ["X2", "no"], ["0012", "no"], ["12", "no"]]
    )
    note = (
        "1 reference differs from another only by zeros at the start, the first at row 4 and row 5: "
        "a spreadsheet may have dropped them"
    )
    assert pr.read("unpaid-work", path).notes == (note,)
    done = CliRunner().invoke(
        program, ["check", "unpaid-work", str(path), "--on", "2026-11-29", "--threads", "1"]
    )
    assert f"note: {note}\n" in done.stderr


def test_a_file_with_every_fact_or_no_reference(write: Callable[[list[list[Any]]], Path]) -> None:
    rows: list[list[Any]] = [
        ["Current points", "Points target", "Usual hours", "Weekly hours", "Reduction hours"],
        [100, 200, 37.5, "37:30", 0],
    ]
    path = write(rows)
    assert "Facts that no column has" not in drafted(path, "capacity")
    reading = pr.read("capacity", path)
    assert getattr(reading.cases[0], "contracted_hours", None) == Decimal("37.5")
    assert reading.notes[0] == "`Current points` is taken for `points`"
    both = write([["CRN", "Event no", "Time extended"], ["X1", 1, "no"]])
    assert (
        pr.read("unpaid-work", both).notes[0] == "`CRN` and `Event no` together are the reference"
    )


def test_a_ragged_row_is_invalid_and_not_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("CRN,Time extended\nX1,no\nX2,no,more\n", encoding="utf-8")
    reading = pr.read("unpaid-work", path, strict=False)
    assert [one.others for one in reading.tried.values()] == [
        (),
        ("3 cells where the header has 2",),
    ]
    table = pr.check_table("unpaid-work", path, on=ON)
    assert table.outcomes["reasons"].to_pylist() == [None, ["3 cells where the header has 2"]]


def test_a_column_that_is_like_a_fact_may_have_any_texts(
    write: Callable[[list[list[Any]]], Path],
) -> None:
    found, _ = one_column(write, "Extension", "granted in June")
    assert found == {"fact": "?"}
