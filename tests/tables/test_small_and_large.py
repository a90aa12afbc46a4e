"""A file is answered the same as a small file, case by case, and as a table: by a random test.

Each file is written once and read twice. Its cells are what spreadsheets and exports make of cases:
blank rows, spaces, byte-order marks, line ends of several systems, quotes, other figures and dates.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import pytest
from attrs import frozen
from hypothesis import given, settings
from hypothesis import strategies as st

import probation_rules as pr
from probation_rules.caseload.answered import Answered
from probation_rules.caseload.by_case import answer
from probation_rules.caseload.question import Question
from probation_rules.cases import MEMBERS_KNOWN, columns_known, field_names, is_by_member
from probation_rules.errors import CaseError
from probation_rules.rulebook.model import Area, Fact
from probation_rules.rulebook.validity import is_text

ON = date(2026, 1, 15)
JSON_AREAS = list(pr.rulebook().areas)
CSV_AREAS = [name for name, area in pr.rulebook().areas.items() if not area.records]
BY_STATEMENT, BY_ROW = -1, 2_000  # up to how many rows a table is answered row by row

# --- What was asked, both ways --------------------------------------------------------------------


def small(area: str, path: Path) -> Any:
    """Each case's place, reference, outcomes and reasons, or what is wrong with the file."""
    book = pr.rulebook()
    try:
        found = answer(Question(ON, "python", book, book.area(area), {}), str(path), None)
    except CaseError as error:
        return str(error)
    rows: list[Any] = []
    for one in found.rows:
        if isinstance(one, Answered):
            outcomes = {rule: str(one.report.outcome(rule)) for rule in book.area(area).wordings}
            outcomes["stage"] = one.report.stage or ""
            rows.append((one.report.place, one.report.reference, outcomes, None))
        else:
            outcomes = {**dict.fromkeys(book.area(area).wordings, "invalid"), "stage": ""}
            rows.append((one.place, one.reference, outcomes, list(one.reasons)))
    return rows


def large(area: str, path: Path, few: int) -> Any:
    """The same of the file as a table: by DuckDB's statement, or row by row."""
    rules = pr.rulebook().area(area).wordings
    try:
        with patch("probation_rules.tables.table.FEW_ROWS", few):
            table = pr.check_table(area, path, on=ON)
            found = table.outcomes.to_pylist()
    except CaseError as error:
        return str(error)
    places = table.places(range(1, len(found) + 1))
    rows = []
    for row, one in enumerate(found, 1):
        outcomes = {**{rule: one[rule] for rule in rules}, "stage": one.get("stage") or ""}
        rows.append((places[row], one["reference"], outcomes, one["reasons"]))
    return rows


def alike(area: str, file: File, few: int = BY_ROW) -> None:
    """Require that a file is answered the same both ways, and as foretold."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / file.name
        path.write_bytes(file.data)
        found = small(area, path)
        assert large(area, path, few) == found
    if file.rows is None:
        return
    if isinstance(found, str):
        assert "the file is empty" in found
        assert not file.rows
        return
    assert [one[:2] for one in found] == [(one.place, one.reference) for one in file.rows]
    for (_, _, _, reasons), row in zip(found, file.rows, strict=True):
        if row.bad is not None:
            assert unreadable(reasons or []) == row.bad


def unreadable(reasons: list[str]) -> set[str]:
    """The columns that a row is invalid for since their values cannot be read."""
    found = set()
    for reason in reasons:
        text, _, name = reason.rpartition(" @ ")
        if "cells where the header has" in reason:
            found.add("cells")
        elif reason.startswith(("the JSON ends too early", "this is not valid JSON")):
            found.add("cut")
        elif text.startswith("must be") or "is not allowed" in text:
            found.add(name)
    return found


# --- The content of files -------------------------------------------------------------------------

Bad = set[str] | None
"""The columns that a row is invalid for; ``None`` where that is not foretold."""

SOME, FEW = (
    settings(max_examples=settings().max_examples // part, deadline=None) for part in (3, 6)
)
# Cells and JSON values of a kind, readable and not readable.
LABELS = (
    ["UPW-1", "UPW-1 ", "\u00a0UPW-1", "12-11-20", "10:05", "2025-4-3", "1" * 23, "1e5", "é", "=1+1",
     "0190B5B0-0000-7000-8000-00000000ABCD", "a;b", "a,b", '"'],
    ["A\u200bB", "A\nB", "A\u00a0B", "x" * 201],
)  # fmt: skip
BLANKS = ["", " ", "\t", "\u00a0", "\u3000"]
CELLS = {
    "bool": (["yes", "No", "TRUE", "false ", " yes"], ["1", "maybe", '"yes"']),
    "int": (["60", "+60", "060", " 60", "60\u00a0"], ["6e1", "60.0", "60.5", '"60"', "1" * 21]),
    "date": (
        ["2025-03-03", "2025-03-03 "],
        ["2025-4-3", "03/03/2025", "2025-02-30", "2025-03-03 00:00:00", "0000-01-01"],
    ),
    "decimal": (
        ["1", "1.0", "+1.0", "1.000000000000000000"],
        [".5", "1e0", "1,0", "nan", "1.0001", "1" * 25],
    ),
    "code": ([], ["nonsense", '"PO"']),
}
JSON = {
    "bool": (["true", "false", "null"], ['"yes"', '"true"', "1"]),
    "int": (["60", "null"], ["60.0", '"60"', "6e1", "60.5", "1" + "0" * 30]),
    "date": (['"2025-03-03"', "null"], ['"2025-4-3"', '"2025-03-03 "', "20250303"]),
    "decimal": (["1", "1.0", "1e0", '"1.0"', "null"], ["1.0001", "true", "1.00000000000000001"]),
    "code": (["null"], ['"nonsense"', "3", "[]", "{}"]),
}


def facts_of(area: Area) -> dict[str, Fact]:
    """Return every fact of cases and of members that a column may have."""
    return {**area.input_facts, **(area.members.facts if area.members else {})}


@st.composite
def cell(draw: st.DrawFn, area: Area, name: str) -> tuple[str, bool]:
    """The text of a cell, and whether it can be read."""
    if name == area.name:  # whose member the row is: nothing is answered where it is empty
        return draw(st.sampled_from(["N1", "N2", "N1 ", "\u00a0N2"] * 10 + ["", "A\nB"])), True
    fact = facts_of(area).get(name)
    good, bad = LABELS if fact is None else CELLS[fact.kind]
    words = list(fact.type.codes) if fact else []
    good = [*good, *words, *(f"{word} " for word in words)]
    match draw(st.sampled_from(["good", "good", "good", "good", "blank", "bad"])):
        case "good":
            return draw(st.sampled_from(good)), True
        case "blank":
            return draw(st.sampled_from(BLANKS)), True
    return draw(st.sampled_from(bad)), False


@frozen
class Row:
    """What becomes of a row: its place, its reference, and why it is invalid."""

    place: str
    reference: str | None
    bad: Bad


@frozen
class File:
    """A file, and what its rows come to, if that is foretold."""

    name: str
    data: bytes
    rows: list[Row] | None


@st.composite
def csv_files(draw: st.DrawFn, name: str) -> File:
    area = pr.rulebook().area(name)
    known = list(columns_known(name, by_member=draw(st.booleans())))
    header = draw(st.lists(st.sampled_from(known), min_size=1, max_size=5, unique=True))
    if draw(st.booleans()) and "reference" not in header:
        header.insert(0, "reference")
    if area.members and draw(st.booleans()) and name not in header:
        header.append(name)
    foretold = not is_by_member(name, header) and MEMBERS_KNOWN not in header
    if draw(st.integers(0, 19)) == 0:
        header.append(draw(st.sampled_from(["unknown", "", header[0]])))
        foretold = False
    separator = draw(st.sampled_from([",", ",", ";"]))
    ends = draw(st.sampled_from([["\n"], ["\r\n"], ["\r"], ["\n", "\r\n"]]))
    lines = [""] * draw(st.sampled_from([0, 0, 1, 2])) + [
        separator.join(draw(st.sampled_from([one, one, f" {one} "])) for one in header)
    ]
    rows = []
    for _ in range(draw(st.integers(0, 8))):
        cells = [draw(cell(area, one)) for one in header]
        texts = [text for text, _ in cells]
        if draw(st.integers(0, 5)) == 0:
            texts = [draw(st.sampled_from(BLANKS)) for _ in header]
        bad: Bad = {one for one, (_, good) in zip(header, cells, strict=True) if not good}
        label = texts[header.index("reference")].strip() if "reference" in header else ""
        ragged = draw(st.integers(0, 99 if name in header else 11)) == 0
        if ragged:
            texts, bad = [*texts, "more"], {"cells"}
        if any(map(str.strip, texts)):
            hidden = not label or ragged or "reference" in (bad or ())
            rows.append(Row(f"row {len(lines) + 1}", None if hidden else label, bad))
        lines.append(separator.join(draw(written(text)) for text in texts))
    start = draw(st.sampled_from([b"", b"\xef\xbb\xbf"]))
    spoilt = draw(st.sampled_from([*[b""] * 17, b'"', b"\xff", b"\0"]))
    text = "".join(line + draw(st.sampled_from(ends)) for line in lines)
    if text.lstrip()[:1] in ("{", "[") or spoilt or separator != first_separator(lines):
        foretold = False
    return File("cases.csv", start + text.encode() + spoilt, rows if foretold else None)


def first_separator(lines: list[str]) -> str:
    """Return the separator that a reader finds in the first line that is not blank."""
    first = next(line for line in lines if line.strip())
    return ";" if first.count(";") > first.count(",") else ","


def written(cell: str) -> st.SearchStrategy[str]:
    """A cell as a program writes it."""
    quoted = '"' + cell.replace('"', '""') + '"'
    if any(one in cell for one in ('"', ",", ";", "\n", "\r")) or not cell.strip(" "):
        return st.sampled_from([quoted, f" {quoted}"])
    return st.sampled_from([cell, cell, cell, quoted, f" {quoted}"])


@st.composite
def json_files(draw: st.DrawFn, name: str) -> File:
    """JSON lines or a list, now and then with a line that is cut short."""
    area = pr.rulebook().area(name)
    members = area.members.name if area.members else None
    fields = [one for one in field_names(name) if one not in area.records]
    listed = draw(st.booleans())
    texts: list[str] = []
    rows: list[Row] = []
    for _ in range(draw(st.integers(0, 8))):
        text, reference, bad = draw(json_record(area, fields, members))
        place = f"$[{len(texts)}]" if listed else f"line {len(texts) + 1}"
        if not listed and draw(st.integers(0, 9)) == 0:
            text, reference, bad = text[:-1], None, {"cut"}
        texts.append(text)
        if bad is not BLANK:
            rows.append(Row(place, reference, bad))
    start = draw(st.sampled_from(["", "", "\ufeff"]))
    ends = st.sampled_from(["\n", "\r\n"])
    if listed:
        return File("cases.json", f"{start}[{', '.join(texts)}]".encode(), rows)
    lines = start + "".join(text + draw(ends) for text in texts)
    return File("cases.jsonl", lines.encode(), rows)


BLANK: Bad = {"nothing"}


@st.composite
def json_record(
    draw: st.DrawFn, area: Area, fields: list[str], members: str | None
) -> tuple[str, str | None, Bad]:
    """The text of a record, its reference, and the fields that cannot be read."""
    chosen = draw(st.lists(st.sampled_from(fields), max_size=4, unique=True))
    if draw(st.booleans()) and "reference" not in chosen:
        chosen.append("reference")
    odd = draw(
        st.sampled_from([None] * 12 + ["{}", "[]", '"x"', '{"unknown": 1}', '{"reference": " "}'])
    )
    if odd is not None:
        blank = odd in ("{}", '{"reference": " "}')
        return odd, None, BLANK if blank else None
    found: dict[str, str] = {}
    bad: Bad = set()
    for name in chosen:
        found[name], good = draw(json_value(area, name, members))
        if not good and bad is not None:
            bad = {*bad, name}
    if all(text == "null" for text in found.values()):
        bad = BLANK
    elif members in chosen:
        bad = None  # a bad member has a reason of its own
    label = json.loads(found.get("reference", "null"))
    reference = label if isinstance(label, str) and "reference" not in (bad or ()) else None
    if reference is not None and not is_text(reference):
        reference = None
    text = "{" + ", ".join(f'"{name}": {value}' for name, value in found.items()) + "}"
    return text, reference, bad


@st.composite
def json_value(draw: st.DrawFn, area: Area, name: str, members: str | None) -> tuple[str, bool]:
    """The text of a value, and whether it can be read."""
    if name == members and area.members:
        facts = ["reference", *area.members.facts]
        people = []
        for _ in range(draw(st.integers(0, 3))):
            chosen = draw(st.lists(st.sampled_from(facts), max_size=3, unique=True))
            pairs = [f'"{one}": {draw(json_value(area, one, None))[0]}' for one in chosen]
            people.append("{" + ", ".join(pairs) + "}")
        odd = ["null", "3", "[null]", "[3]", '[{"x": 1}]']
        return draw(st.sampled_from([f"[{', '.join(people)}]"] * 5 + odd)), True
    fact = facts_of(area).get(name)
    if fact is None:
        # A label in JSON is not trimmed: it is what it is, byte for byte.
        good = [json.dumps(one) for one in LABELS[0] if one.isprintable()]
        bad = [*map(json.dumps, [*LABELS[1], "\u00a0UPW-1"]), "3", "1" * 23, "{}"]
    else:
        good, bad = JSON[fact.kind]
        good = good + [json.dumps(word) for word in fact.type.codes]
    if draw(st.integers(0, 4)):
        return draw(st.sampled_from(good)), True
    return draw(st.sampled_from(bad)), False


# --- The tests ------------------------------------------------------------------------------------


@pytest.mark.parametrize("area", CSV_AREAS)
def test_a_csv_is_answered_alike(area: str) -> None:
    @SOME
    @given(csv_files(area))
    def run(file: File) -> None:
        alike(area, file)

    run()


@pytest.mark.parametrize("area", JSON_AREAS)
def test_json_is_answered_alike(area: str) -> None:
    @SOME
    @given(json_files(area))
    def run(file: File) -> None:
        alike(area, file)

    run()


@pytest.mark.parametrize("area", ["pod", "unpaid-work"])
def test_a_file_is_answered_alike_by_the_statement(area: str) -> None:
    @FEW
    @given(csv_files(area), json_files(area))
    def run(table: File, records: File) -> None:
        alike(area, table, BY_STATEMENT)
        alike(area, records, BY_STATEMENT)

    run()


def row(place: str, reference: str | None = None, *bad: str) -> Row:
    return Row(place, reference, set(bad))


# Files that were once answered differently, so that each is tried in every run.
KNOWN: dict[str, tuple[str, str, bytes, list[Row] | None]] = {
    "blank rows": ("unpaid-work", "c.csv", b"reference,extended\n,\nA,no\n , \n,\n", [row("row 3", "A")]),
    "a blank row of members": ("pod", "c.csv", b"pod,grade\nN1,PO\n,\n", None),
    "blank records": ("unpaid-work", "c.jsonl", b'{}\n{"reference": null}\n{"reference": "A"}\n', [row("line 3", "A")]),
    "labels like other kinds": (
        "unpaid-work", "c.jsonl",
        b'{"reference": "12-11-20"}\n{"reference": "10:05"}\n{"reference": "0190B5B0-AB"}\n{"reference": 12345678901234567890123}\n',
        [row("line 1", "12-11-20"), row("line 2", "10:05"), row("line 3", "0190B5B0-AB"), row("line 4", None, "reference")],
    ),
    "labels with spaces": ("unpaid-work", "c.csv", "reference\nA\nA \n\u00a0A\n".encode(), [row(f"row {n}", "A") for n in (2, 3, 4)]),
    "labels that are hidden": (
        "unpaid-work", "c.csv", f'reference\n"a\nb"\na\u200bb\n{"x" * 400}\n'.encode(),
        [row(f"row {n}", None, "reference") for n in (2, 3, 4)],
    ),
    "a date in short": ("unpaid-work", "c.csv", b"reference,sentence_date\nA,2025-4-3\n", [row("row 2", "A", "sentence_date")]),
    "a date in short, in JSON": ("unpaid-work", "c.jsonl", b'{"reference": "A", "sentence_date": "2025-4-3"}\n', [row("line 1", "A", "sentence_date")]),
    "a decimal in JSON": ("capacity", "c.jsonl", b'{"reference": "A", "usual_hours": 29.6}\n', [row("line 1", "A")]),
    "a decimal of a member": ("pod", "c.jsonl", b'{"members": [{"fte": 0.8, "grade": "PO"}]}\n', [row("line 1")]),
    "text in JSON": (
        "unpaid-work", "c.jsonl", b'{"required_minutes": "6000"}\n{"extended": "yes"}\n',
        [row("line 1", None, "required_minutes"), row("line 2", None, "extended")],
    ),
    "mixed line ends": ("unpaid-work", "c.csv", b"reference,extended\r\nA,no\nB,no\r\n", [row("row 2", "A"), row("row 3", "B")]),
    "a blank first line": ("unpaid-work", "c.csv", b"\n\nreference\nA\n", [row("row 4", "A")]),
    "non-breaking spaces": ("unpaid-work", "c.csv", "required_minutes\n6000\u00a0\n".encode(), [row("row 2")]),
    "a space before a quote": ("unpaid-work", "c.csv", b'reference,extended\nA, "no"\n', [row("row 2", "A")]),
    "a byte-order mark": ("unpaid-work", "c.csv", b"\xef\xbb\xbfreference\nA\n", [row("row 2", "A")]),
    "a byte-order mark in JSON": ("unpaid-work", "c.jsonl", b'\xef\xbb\xbf{"reference": "A"}\n', [row("line 1", "A")]),
    "a row of another length": ("unpaid-work", "c.csv", b"reference,extended\nA,no\nB\n", [row("row 2", "A"), row("row 3", None, "cells")]),
    "a line cut short": ("unpaid-work", "c.jsonl", b'{"reference": "A"}\n{"reference"\n', [row("line 1", "A"), row("line 2", None, "cut")]),
    "a member in two lists": ("pod", "c.csv", b"pod,reference,grade\nN1,M,PO\nN2,M,CA\n", None),
}  # fmt: skip


@pytest.mark.parametrize("few", [BY_ROW, BY_STATEMENT], ids=["row by row", "by the statement"])
@pytest.mark.parametrize("name", KNOWN)
def test_what_was_once_answered_differently_is_answered_alike(name: str, few: int) -> None:
    area, file, data, rows = KNOWN[name]
    alike(area, File(file, data, rows), few)
