"""Every shape agrees with its page, and every file of the systems' test data can be read."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from probation_rules import readers
from probation_rules.cases import field_names
from probation_rules.errors import CaseError
from support.mock_server import read_answer

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT.parent / "shared" / "fixtures"
PAGE = (ROOT / "docs" / "readers.md").read_text(encoding="utf-8")
SECTION = re.compile(r"^### `([\w-]+)`\n(.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)
# Each file with its shape, the day asked about and the known facts of each case.
FILES = {
    "em/cemo020-variation-order.json": (
        "em-service",
        date(2025, 9, 1),
        ["reference order_type has_curfew_requirement curfew_ends_on proposed"],
    ),
    "em/coew-curfew-expected-order.json": (
        "em-supplier",
        date(2025, 9, 1),
        ["has_curfew_requirement first_effect_on curfew_ends_on"],
    ),
    "risk/ccs-registrations-X320741.json": ("registrations", date(2025, 9, 1), ["rosh"]),
    "staff/mpop-probation-practitioner.json": ("practitioner", date(2025, 9, 1), [""]),
    "tier/tierui-A000001-v2-full.json": ("tier", date(2025, 9, 1), ["tier"]),
    "tier/tierui-A000006-v3.json": ("tier", date(2025, 9, 1), ["rosh tier mappa_level"]),
    "upw/ccs-conviction-X320741-2500295343.json": (
        "community-api",
        date(2017, 12, 1),
        ["reference order_type sentence_date required_minutes completed_minutes"],
    ),
    "upw/ccs-convictions-X320741.json": (
        "community-api",
        date(2019, 6, 1),
        ["reference required_minutes completed_minutes"],
    ),
    "upw/pac-sentence-DX12340A-1403337513.json": (
        "community-api",
        date(2019, 6, 1),
        ["completed_minutes"],
    ),
}
# Files that cannot be read; the page gives the reason.
OTHERS = {
    "requirements/ccs-requirements-X320741.json",
    "requirements/mpop-X000001-sentences.json",
    "staff/mpop-appointment-staff.json",
    "upw/pac-get-sentence.schema.json",
}
needs_fixtures = pytest.mark.skipif(
    not FIXTURES.exists(), reason="the shared fixtures are not available"
)


@pytest.mark.parametrize("name", readers.SHAPES)
def test_the_page_lists_what_a_shape_gives_and_lacks(name: str) -> None:
    sections = dict(SECTION.findall(PAGE))
    assert set(sections) == set(readers.SHAPES)
    shape = readers.SHAPES[name]
    names = [one for one in field_names(shape.area) if not one.endswith("_note")]
    for words, expected in (
        ("gives", [one for one in names if one in shape.carries]),
        ("never gives", [one for one in names if one not in shape.carries]),
    ):
        (line,) = re.findall(
            rf"^- {words}: (.*?)(?=^- |\Z)", sections[name], re.MULTILINE | re.DOTALL
        )
        assert re.findall(r"`(\w+)`", line) == expected


@pytest.mark.parametrize("name", readers.SHAPES)
def test_a_shape_gives_only_fields_of_its_area(name: str) -> None:
    shape = readers.SHAPES[name]
    assert shape.carries < set(field_names(shape.area))


@needs_fixtures
def test_every_file_of_test_data_is_in_a_list() -> None:
    found = {path.relative_to(FIXTURES).as_posix() for path in FIXTURES.rglob("*.json")}
    assert found == FILES.keys() | OTHERS


@needs_fixtures
@pytest.mark.parametrize("name", FILES)
def test_a_file_of_test_data_is_read_and_its_missing_fields_are_named(name: str) -> None:
    shape, on, facts = FILES[name]
    area = readers.SHAPES[shape].area
    reading = read_answer(area, FIXTURES / name, shape=shape, on=on)
    fields = field_names(area)
    known = [
        " ".join(one for one in fields if getattr(case, one) is not None) for case in reading.cases
    ]
    assert known == facts
    assert set(reading.lacks) == set(fields) - readers.SHAPES[shape].carries


@needs_fixtures
@pytest.mark.parametrize("shape", readers.SHAPES)
def test_no_shape_makes_a_case_of_another_file(shape: str) -> None:
    assert {name: found for name in OTHERS if (found := cases_in(name, shape))} == {}


def cases_in(name: str, shape: str) -> tuple[object, ...]:
    try:
        return read_answer(readers.SHAPES[shape].area, FIXTURES / name, shape=shape).cases
    except CaseError as error:
        if f"does not contain a record in the shape {shape};" not in str(error):
            raise
        return ()
