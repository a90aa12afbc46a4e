from __future__ import annotations

import io
import json
import time
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probation_rules import readers
from probation_rules.areas.unpaid_work.case import UnpaidWorkOrder
from probation_rules.errors import CaseError, InputError
from probation_rules.readers import Reading, files

TWO_ORDERS = (
    UnpaidWorkOrder(reference="A1", sentence_date=date(2024, 1, 5), required_minutes=6000),
    UnpaidWorkOrder(reference="A2", extended=False),
)
TWO_ORDERS_JSON = [
    {"reference": "A1", "sentence_date": "2024-01-05", "required_minutes": 6000},
    {"reference": "A2", "extended": False},
]


def read(data: bytes | str, **options: str) -> Reading:
    """Return the reading of bytes from standard input."""
    raw = data.encode() if isinstance(data, str) else data
    return readers.read("unpaid-work", "-", stdin=io.BytesIO(raw), **options)  # type: ignore[arg-type]


def problems(data: bytes | str, **options: str) -> list[str]:
    with pytest.raises((CaseError, InputError)) as caught:
        read(data, **options)
    return [str(problem) for problem in caught.value.problems]


# --- The formats --------------------------------------------------------------------------------


@pytest.mark.parametrize("separator", [",", ";"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["unix", "windows", "old-mac"])
@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"], ids=["plain", "with-bom"])
def test_csv(tmp_path: Path, separator: str, end: str, start: bytes) -> None:
    rows = ["reference,sentence_date,required_minutes,extended", "A1,2024-01-05,6000,", "A2,,,no"]
    for name in ("orders.csv", "orders.txt", "orders", "ORDERS.CSV"):
        path = tmp_path / name
        path.write_bytes(start + (end.join(rows) + end).replace(",", separator).encode())
        reading = readers.read("unpaid-work", path)
        assert reading == Reading(TWO_ORDERS, ("row 2", "row 3")), name


@pytest.mark.parametrize("name", ["orders.json", "orders.txt", "orders"])
@pytest.mark.parametrize("indent", [None, 2])
def test_json_list(tmp_path: Path, name: str, indent: int | None) -> None:
    path = tmp_path / name
    path.write_text(json.dumps(TWO_ORDERS_JSON, indent=indent) + "\n", encoding="utf-8-sig")
    assert readers.read("unpaid-work", str(path)) == Reading(TWO_ORDERS, ("$[0]", "$[1]"))


@pytest.mark.parametrize("name", ["orders.jsonl", "orders.ndjson", "orders.json", "orders"])
def test_json_lines(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("\n\n".join(json.dumps(order) for order in TWO_ORDERS_JSON))
    assert readers.read("unpaid-work", path) == Reading(TWO_ORDERS, ("line 1", "line 3"))


@pytest.mark.parametrize("indent", [None, 2])
def test_one_json_object(indent: int | None) -> None:
    data = json.dumps(TWO_ORDERS_JSON[0], indent=indent) + "\n"
    assert read(data) == Reading(TWO_ORDERS[:1], ("$",))


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    data = io.TextIOWrapper(io.BytesIO(b"reference\nA9\n"))
    monkeypatch.setattr("sys.stdin", data)
    assert readers.read("unpaid-work", "-").cases == (UnpaidWorkOrder(reference="A9"),)


@pytest.mark.parametrize("data", ["[]", " [ \n] ", "reference,extended\n", "reference\n\n , \n"])
def test_a_file_without_cases_gives_a_note(data: str) -> None:
    assert read(data) == Reading((), (), notes=("the file does not contain a case to check",))


def test_blank_rows_have_numbers_but_are_not_cases() -> None:
    data = "\n\nreference;extended\n;\n\nA1;yes\n  ;  \n"
    reading = read(data)
    assert reading.places == ("row 6",)


def test_a_quoted_cell_may_contain_separators() -> None:
    assert read('reference\n"A,1"\n').cases == (UnpaidWorkOrder(reference="A,1"),)


# --- Hostile files ------------------------------------------------------------------------------


def test_a_file_that_cannot_be_opened(tmp_path: Path) -> None:
    for path, why in (
        (tmp_path / "nowhere.csv", "the file was not found @ nowhere.csv"),
        (tmp_path, f"this is a directory; give a file @ {tmp_path.name}"),
        (tmp_path / "a\0b", "the file cannot be opened or read; check its name and permissions"),
        (tmp_path / ("x" * 5000), "the file cannot be opened or read; check its name"),
    ):
        with pytest.raises(CaseError) as caught:
            readers.read("unpaid-work", path)
        assert str(caught.value).startswith(why)


@pytest.mark.parametrize("data", [b"", b" \r\n\t\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"])
def test_an_empty_file(data: bytes) -> None:
    assert problems(data) == ["the file is empty @ standard input"]


@pytest.mark.parametrize(
    "data",
    [b"PK\x00\x00", b"\0" * 100],
    ids=["archive", "zeros"],
)
def test_a_binary_file(data: bytes) -> None:
    assert problems(data) == [
        (
            "this file is neither text nor a workbook; give .xlsx, .xls, .ods, CSV, JSON, JSON lines or Parquet"
            " @ standard input"
        )
    ]


def test_a_file_in_an_unknown_encoding() -> None:
    assert problems(b"reference\nA1\nCaf\x81\n") == [
        "the file is not text in UTF-8, UTF-16 or Windows-1252; save it again as UTF-8 @ line 3"
    ]
    assert problems("reference\nA1\n".encode("utf-16")[:-1]) == [
        "the file is not text in UTF-8, UTF-16 or Windows-1252; save it again as UTF-8 @ the file"
    ]
    assert problems('{"reference":\n"Caf\xe9"}'.encode("cp1252")) == [
        "the file is not UTF-8 text; save it again as UTF-8 @ line 2"
    ]


class Endless(io.RawIOBase):
    """A file with one endless line, like a device. It counts the bytes that were requested."""

    given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        view[:] = b"x" * len(view)
        self.given += len(view)
        return len(view)


def test_a_line_without_an_end_is_refused_before_it_is_read() -> None:
    source = Endless()
    with pytest.raises(CaseError, match="more than 67,108,864 bytes; split it"):
        readers.read("unpaid-work", "-", stdin=io.BufferedReader(source))
    assert source.given < files.MOST_BYTES + 1_000_000


def test_a_sparse_gigabyte_is_refused_quickly(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(1 << 30)
    start = time.perf_counter()
    with pytest.raises(CaseError, match=r"split it into smaller files @ large\.csv"):
        readers.read("unpaid-work", path)
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize(
    ("data", "where"),
    [
        ('[{"reference": "A1"}, {"refer', "line 1, column 30"),
        ('[{"reference": "A1"},', "line 1, column 22"),
        ('{"reference": "A1", \n "extended": ', "line 2, column 14"),
        ('[{"reference": "A1"}\n', "line 2, column 1"),
        ('[{"reference": "A1"}', "line 1, column 21"),
        ("[", "line 1, column 2"),
    ],
)
def test_truncated_json(data: str, where: str) -> None:
    (problem,) = problems(data)
    assert problem == f"the JSON ends too early; the file may be cut off @ {where}"


@pytest.mark.parametrize(
    ("data", "where"),
    [
        ("[{'reference': 'A1'}]", "line 1, column 3"),
        ('[{"reference": "A1"}] []', "line 1, column 23"),
        ('[{"reference": "A1"}}', "line 1, column 21"),
        ('{"reference":\n "A1"} {}', "line 2, column 8"),
        ("[1,]", "line 1, column 4"),
    ],
)
def test_text_that_is_not_json(data: str, where: str) -> None:
    assert problems(data)[-1] == f"this is not valid JSON @ {where}"


def test_a_json_suffix_decides_the_format(tmp_path: Path) -> None:
    path = tmp_path / "orders.json"
    path.write_text("reference\nA1\n")
    with pytest.raises(CaseError, match="this is not valid JSON @ line 1, column 1"):
        readers.read("unpaid-work", path)


def test_a_bad_json_line_does_not_hide_the_others() -> None:
    data = '{"reference": "A1"}\n{"reference": \n{"extended": 1}\n{} {}\n{"reference": "A2"}'
    assert problems(data) == [
        "the JSON ends too early; the file may be cut off @ line 2, column 14",
        "`1` is not allowed: it must be true or false @ line 3, $.extended",
        "this is not valid JSON @ line 4, column 4",
    ]


def test_problems_before_a_truncation_are_listed_too() -> None:
    found = problems('[{"required_minutes": -1}, "A1", {"required')
    assert [text.rpartition(" @ ")[2] for text in found] == [
        "$[0].required_minutes",
        "$[1]",
        "line 1, column 44",
    ]


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("NaN", "`NaN` is not a number; leave out unknown values @ $[0]"),
        ("-Infinity", "`-Infinity` is not a number; leave out unknown values @ $[0]"),
        ("9" * 5000, "a number is too long or too large @ $[0]"),
        ("0." + "9" * 5000, "a number is too long or too large @ $[0]"),
        ("1e99999999999999999999", "a number is too long or too large @ $[0]"),
        ('{"a": 1, "a": 2}', "an object has the same field twice; remove one of them @ $[0]"),
        ("[" * 100_000, "lists or objects are nested too deeply @ $[0]"),
        ('{"a":' * 100_000, "lists or objects are nested too deeply @ $[0]"),
    ],
    ids=["nan", "infinity", "long", "precise", "large", "twice", "deep-list", "deep-object"],
)
def test_json_with_an_unclear_meaning_is_refused(value: str, why: str) -> None:
    assert problems('[{"reference": ' + value + "}]") == [why]


@pytest.mark.parametrize("number", ["1e41", "1e999999999", "-1e999999999", "1e-41", "1e-999999999"])
def test_a_number_with_a_large_exponent_is_refused(number: str) -> None:
    why = "a number is too long or too large @ $[0]"
    assert problems('[{"required_minutes": ' + number + "}]") == [why]


@pytest.mark.parametrize("depth", range(940, 1000, 7))
def test_nesting_at_the_limit_can_be_read(depth: int) -> None:
    (problem,) = problems('[{"extended": ' + "[" * depth + "]" * depth + "}]")
    assert problem.endswith(("@ $[0].extended", "@ $[0]"))


def test_a_list_of_values_that_are_not_objects() -> None:
    assert problems('[1, null, "A1", []]') == [
        f"must be an object with named fields @ $[{place}]" for place in range(4)
    ]


def test_a_repeated_reference_is_found_although_its_first_row_is_bad() -> None:
    found = problems("reference,required_minutes\nSECRET-1,-5\nSECRET-1,600\n")
    assert found[-1] == "this reference is also at row 2; give each case its own reference @ row 3"
    assert len(found) == 2
    assert problems('[{"reference": 5, "extended": 1}, {"extended": 2}]')


def test_the_message_for_a_repeated_reference_names_both_places_but_not_the_reference() -> None:
    found = problems("reference\nSECRET-1\nA2\nSECRET-1\nSECRET-1\n")
    assert found == [
        "this reference is also at row 2; give each case its own reference @ row 4",
        "this reference is also at row 2; give each case its own reference @ row 5",
    ]


def test_unknown_and_doubled_columns() -> None:
    header = "reference,sentnce_date,,extended,extended,sentence_date"
    assert problems(f"{header}\nA1,,,,,2024-01-00\n") == [
        "two columns have this name; rename one @ row 1, column extended",
        "unknown field `sentnce_date`; did you mean `sentence_date`? @ row 1, column sentnce_date",
    ], "and no row is read under a header that is wrong"


def test_a_table_without_a_header_is_refused_without_its_data() -> None:
    (problem,) = problems("Ann Example,1980-01-01,X000001\nBen Example,1981-01-01,X000002\n")
    assert problem.startswith("the first row does not contain a known column name; known")
    assert problem.endswith("@ row 1")
    assert "Ann" not in problem


def test_ragged_rows_are_named() -> None:
    assert problems("reference,extended\nA1\nA2,yes\nA3,no,no\n") == [
        "1 cells where the header has 2 @ row 2",
        "3 cells where the header has 2 @ row 4",
    ]


@pytest.mark.parametrize(
    "data",
    ['reference\n"A1\n', 'reference\n"A1"x\n', "reference\n" + "x" * 200_000],
    ids=["open-quote", "after-quote", "long-cell"],
)
def test_csv_that_cannot_be_read(data: str) -> None:
    (problem,) = problems(data)
    assert problem == (
        "this cannot be read as CSV; look for an open quote or an extremely long cell @ line 2"
    )


def test_the_number_of_listed_problems_is_limited() -> None:
    found = problems("required_minutes\n" + "-1\n" * 250)
    assert len(found) == 101
    assert found[-1] == "and 150 more problems @ the file"


def test_after_very_many_problems_the_rest_is_not_checked() -> None:
    found = problems("required_minutes\n" + "-1\n" * 20_000)
    assert found[-1] == "and at least 9,900 more problems @ the file"


def test_one_row_with_millions_of_columns() -> None:
    assert read("reference" + "," * 2_000_000).cases == ()
    assert len(problems("reference," * 1_000_000)) == 101


# --- Options ------------------------------------------------------------------------------------


def test_an_unknown_shape_or_area() -> None:
    assert problems("[]", shape="comunity-api") == [
        (
            f"unknown shape `comunity-api`; known are {', '.join(readers.SHAPES)}"
            "; did you mean `community-api`? @ shape"
        )
    ]
    with pytest.raises(InputError, match=r"`pood` is not an area.*did you mean `pod`"):
        readers.read("pood", "-", stdin=io.BytesIO(b"[]"))


def test_a_shape_belongs_to_one_area() -> None:
    with pytest.raises(
        InputError, match="the shape community-api is only for the area unpaid-work"
    ):
        readers.read("pod", "-", shape="community-api", stdin=io.BytesIO(b"[]"))


def test_another_system_gives_json() -> None:
    assert problems("reference\nA1\n", shape="community-api") == [
        "this is not JSON; records of another system must be JSON @ line 1"
    ]


# --- Random input ----------------------------------------------------------------------------

FRAGMENTS = st.lists(
    st.sampled_from(
        [
            b"reference",
            b"sentence_date",
            b",",
            b";",
            b"\n",
            b"\r\n",
            b'"',
            b"[",
            b"]",
            b"{",
            b"}",
            b":",
            b"1",
            b"-1",
            b"NaN",
            b"true",
            b"null",
            b'"extended"',
            b"A1",
            b"2024-01-05",
            b" ",
            b"\xef\xbb\xbf",
            b"\xff",
            b"\x00",
            b'"sentence"',
            b'"unpaidWork"',
            b'"unpaidWorkDetails"',
            b'"teams"',
            b'"grade"',
            b'"tierScore"',
            b'"registrations"',
            b'{"reference":"A1"}',
            b"\\u0000",
            b'"\\ud800"',
            b"1e400",
        ]
    ),
    max_size=30,
).map(b"".join)


@pytest.mark.parametrize("shape", [None, *readers.SHAPES])
@given(
    suffix=st.sampled_from([".csv", ".json", ".jsonl", ""]),
    data=st.binary(max_size=200) | FRAGMENTS,
)
def test_any_bytes_are_a_reading_or_a_case_error(
    shape: str | None, suffix: str, data: bytes
) -> None:
    area = readers.SHAPES[shape].area if shape else "unpaid-work"
    for record in files.records(data, suffix, None if shape else area):
        assert record is not None
    try:
        reading = readers.read(area, "-", shape=shape, stdin=io.BytesIO(data))
    except CaseError as error:
        found = len(error.problems)
    else:
        found = 1 + len(reading.places)
    assert found
