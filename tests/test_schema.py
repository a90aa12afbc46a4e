"""The JSON Schemas and the library refuse the same cases, as far as a schema can."""

from __future__ import annotations

import json
import re
from copy import deepcopy
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from attrs import evolve
from jsonschema import Draft202012Validator

import probation_rules as pr
from probation_rules import schema
from probation_rules.areas import AREAS as SPECS
from probation_rules.conformance import load_cases
from probation_rules.conformance.run import report_on
from probation_rules.report import known_fields
from probation_rules.rulebook.validity import problems
from support.generate import case_of, question_day

AREAS = sorted(SPECS)
REPORTS = Draft202012Validator(schema.report_schema())
CASES = {
    area: Draft202012Validator(
        schema.case_schema(area), format_checker=Draft202012Validator.FORMAT_CHECKER
    )
    for area in AREAS
}
ON = date(2026, 11, 21)
RANDOM_CASES = 60  # for each area; each is checked unchanged, and twice with a fault
# Messages of faults that a schema accepts but `case_from` refuses.
BEYOND_A_VALUE = (
    r"must be a date from ",  # a day outside its range
    r"at most \d decimal places",  # the precision and the range of a number given as text
    r"`-?\d+\.0` is not allowed: it must be a whole number",  # in JSON 1.0 is a whole number
    r"invisible characters",  # a schema refuses only control characters
)
# Faults that `case_from` accepts but `check` refuses, because other fields or the day are needed.
ACROSS_FIELDS = r"is given, so `\w+` must be true|overlaps|is not allowed: it must be "


def faults(area: str, stated: object) -> list[str]:
    return [f"{error.json_path}: {error.validator}" for error in CASES[area].iter_errors(stated)]


@pytest.mark.parametrize("area", AREAS)
def test_a_schema_is_valid_and_its_name_is_not_an_address(area: str) -> None:
    found = schema.case_schema(area)
    Draft202012Validator.check_schema(found)
    assert found["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert found["$id"] == f"urn:probation-rules:case:{area}:{pr.rulebook().version}"
    assert tuple(found["properties"]) == SPECS[area].fields


@pytest.mark.parametrize("name", ["report", "caseload"])
def test_the_schema_of_answers_is_valid(name: str) -> None:
    found = getattr(schema, f"{name}_schema")()
    Draft202012Validator.check_schema(found)
    assert found["$id"] == f"urn:probation-rules:{name}:2:{pr.rulebook().version}"
    assert set(AREAS) < set(found["$defs"])


def test_the_schema_of_a_comparison_fits_a_comparison_and_nothing_else() -> None:
    whole, since = schema.comparison_schema(), schema.report_schema()
    Draft202012Validator.check_schema(whole)
    order = pr.UnpaidWorkOrder(
        reference="A", order_type="community_order", sentence_date=date(2026, 1, 5)
    )
    cases = [
        order,
        evolve(order, reference="B"),
        evolve(order, reference="C", six_month_review_done=True),
    ]
    days = (date(2026, 6, 22), date(2026, 7, 20))
    before, after = ([pr.check(case, on=on) for case in cases] for on in days)
    found = pr.compare(before[:2], after[1:], days=28).to_dict()
    assert found["counts"]["changed"] == 1
    assert Draft202012Validator(whole).is_valid(found)
    report = after[0].to_dict()
    assert REPORTS.is_valid(report)
    assert REPORTS.is_valid({**report, "since": found})
    for key in found:
        less = {name: value for name, value in found.items() if name != key}
        assert not Draft202012Validator(whole).is_valid(less)
        assert not REPORTS.is_valid({**report, "since": less})
    found["changed"][0]["stage"]["cause"] = "none"
    assert not Draft202012Validator(whole).is_valid(found)
    assert "since" not in since["required"]


def test_an_unknown_area_gives_the_nearest_name() -> None:
    with pytest.raises(pr.InputError, match="did you mean `pod`"):
        schema.case_schema("pods")


def test_the_schema_of_orders() -> None:
    properties = schema.case_schema("unpaid-work")["properties"]
    assert properties["extended"] == {
        "description": "The court has extended the time for the work.",
        "type": ["boolean", "null"],
    }
    assert properties["adjustment_minutes"]["default"] == 0
    assert properties["required_minutes"]["minimum"] == 1
    assert properties["order_type"]["enum"][-1] is None
    assert properties["sentence_date"]["format"] == "date"
    assert properties["sentence_date"]["description"].endswith("as YYYY-MM-DD.")
    assert properties["reference"]["maxLength"] == 200


def test_the_schema_of_a_list_and_a_decimal() -> None:
    members = schema.case_schema("pod")["properties"]["members"]
    assert (members["type"], members["minItems"]) == (["array", "null"], 1)
    fte = members["items"]["properties"]["fte"]
    assert fte["type"] == ["number", "string", "null"]
    assert (fte["minimum"], fte["maximum"]) == (0.01, 1.0)
    assert fte["pattern"] == r"^[+-]?[0-9]{1,20}(\.[0-9]{1,2})?$"


def test_the_schema_of_records() -> None:
    properties = schema.case_schema("curfew-variation")["properties"]
    proposed, steps = properties["proposed"], properties["steps"]
    assert (proposed["minItems"], proposed["maxItems"]) == (1, 100)
    assert proposed["items"]["required"] == ["day", "start", "minutes", "place"]
    assert None not in proposed["items"]["properties"]["day"]["enum"]
    assert proposed["items"]["properties"]["minutes"]["type"] == "integer"
    assert proposed["items"]["properties"]["start"]["type"] == "string"
    assert proposed["items"]["properties"]["place"]["maxLength"] == 200
    assert steps["type"] == ["object", "null"]
    assert steps["properties"]["form"]["properties"]["done"]["type"] == ["boolean", "null"]


# --- Examples -----------------------------------------------------------------------------------

GOOD: dict[str, list[Any]] = {
    "unpaid-work": [
        {},
        {"reference": None, "required_minutes": None, "order_type": None, "extended": None},
        {"reference": "UPW-1", "sentence_date": "2025-03-03", "adjustment_minutes": -60},
        {"extended": True, "extended_to": "2026-06-30"},
        {"extended_to": "2026-06-30"},  # `extended` may be assumed
        {"extended": False, "extended_to": None},
    ],
    "pod": [
        {"members": [{"grade": "PO", "fte": "0.6"}, {"fte": 1}, {"fte": Decimal("0.5")}]},
        {"members": None, "manager_grade": "SPO", "local_variation_recorded_note": "agreed"},
    ],
    "curfew-variation": [
        {"current": [{"day": "monday", "start": "19:00", "minutes": 720, "place": "home"}]},
        {"steps": {"form": {"done": True, "on": "2024-02-20"}, "recorded": {"done": None}}},
    ],
}
BAD = [
    ("unpaid-work", {"sentence": "2025-03-03"}, "$: additionalProperties"),
    ("unpaid-work", {"order_type": "community"}, "$.order_type: enum"),
    ("unpaid-work", {"required_minutes": "6000"}, "$.required_minutes: type"),
    ("unpaid-work", {"required_minutes": 0}, "$.required_minutes: minimum"),
    ("unpaid-work", {"required_minutes": 10**6}, "$.required_minutes: maximum"),
    ("unpaid-work", {"required_minutes": True}, "$.required_minutes: type"),
    ("unpaid-work", {"required_minutes": 0.5}, "$.required_minutes: type"),
    ("unpaid-work", {"extended": "yes"}, "$.extended: type"),
    ("unpaid-work", {"extended": 0}, "$.extended: type"),
    ("unpaid-work", {"sentence_date": "3 March 2025"}, "$.sentence_date: pattern"),
    ("unpaid-work", {"sentence_date": "2025-02-30"}, "$.sentence_date: format"),
    ("unpaid-work", {"sentence_date": 20250303}, "$.sentence_date: type"),
    ("unpaid-work", {"reference": ""}, "$.reference: minLength"),
    ("unpaid-work", {"reference": "x" * 201}, "$.reference: maxLength"),
    ("unpaid-work", {"reference": "two\nlines"}, "$.reference: pattern"),
    ("unpaid-work", {"extended": False, "extended_to": "2026-06-30"}, "$: anyOf"),
    ("unpaid-work", [], "$: type"),
    ("pod", {"members": []}, "$.members: minItems"),
    ("pod", {"members": [{}] * 201}, "$.members: maxItems"),
    ("pod", {"members": [{"grade": "SPO"}]}, "$.members[0].grade: enum"),
    ("pod", {"members": [{"fte": 1.5}]}, "$.members[0].fte: maximum"),
    ("pod", {"members": [{"fte": "half"}]}, "$.members[0].fte: pattern"),
    ("pod", {"members": [{"fte": "0.125"}]}, "$.members[0].fte: pattern"),
    ("curfew-variation", {"current": [{}]}, "$.current[0]: required"),
    ("curfew-variation", {"current": []}, "$.current: minItems"),
    ("curfew-variation", {"steps": {"form": 1}}, "$.steps.form: type"),
    (
        "curfew-variation",
        {"steps": {"form": {"done": False, "on": "2024-02-20"}}},
        "$.steps.form: anyOf",
    ),
    (
        "curfew-variation",
        {"current": [{"day": None, "start": "7:00", "minutes": None, "place": ""}]},
        "$.current[0].day: enum",
    ),
]  # fmt: skip


def refusals(area: str, stated: Any) -> list[str]:
    """Return the library's problems with a case, when it is read and checked."""
    try:
        case = pr.case_from(area, stated)
    except pr.CaseError as error:
        return [one.text for one in error.problems]
    book = pr.rulebook().area(area)
    return [one.text for one in problems(book, book.facts_of(case), ON)]


@pytest.mark.parametrize("area", GOOD)
def test_good_cases_are_accepted(area: str) -> None:
    for stated in GOOD[area]:
        assert faults(area, stated) == []
        pr.case_from(area, stated)


@pytest.mark.parametrize(("area", "stated", "fault"), BAD)
def test_bad_cases_are_refused_by_both(area: str, stated: Any, fault: str) -> None:
    assert fault in faults(area, stated)
    assert refusals(area, stated)


# --- Random cases -------------------------------------------------------------------------------

WRONG: list[Any] = [
    0, -1, 1, 10**9, 1.0, 0.5, Decimal("0.005"), True, "", " ", "x", "PO", "SPO", "yes", "A\x07",
    "zero\u200bwidth", "x" * 250, "2024-02-30", "2024-02-29", "1066-10-14", "31/12/2024", "24:00",
    "07:30", "07:30:15", "1.234", "99", [], [{}], {}, {"grade": "PO"}, None, "a\nb",
]  # fmt: skip


def spoiled(random: Random, stated: Any) -> Any:
    """Return a case with one value, at any depth, added or replaced by one that may be wrong."""
    stated = deepcopy(stated)
    spot = stated
    while inner := [one for one in _parts(spot) if random.random() < 0.5]:
        spot = random.choice(inner)
    if isinstance(spot, list):
        spot.append(random.choice(WRONG))
    else:
        names = [*spot, "nonsense"]
        spot[random.choice(names)] = random.choice(WRONG)
    return stated


def _parts(spot: Any) -> list[Any]:
    inner = spot if isinstance(spot, list) else spot.values()
    return [one for one in inner if isinstance(one, list | dict)]


@pytest.mark.parametrize("area", AREAS)
def test_the_schema_and_the_library_agree_on_random_cases(area: str) -> None:
    random, book = Random(f"schema {area}"), pr.rulebook().area(area)
    assumed = {one.message for one in book.assumptions}
    seen = {"both refuse": 0, "both take": 0, "only the library refuses": 0}
    for _ in range(RANDOM_CASES):
        whole = known_fields(case_of(random, book))
        on = question_day(random, book)
        for stated in (whole, spoiled(random, whole), spoiled(random, whole)):
            found = faults(area, stated)
            try:
                case = pr.case_from(area, stated)
            except pr.CaseError as error:
                seen["both refuse" if found else "only the library refuses"] += 1
                for problem in error.problems:
                    known = any(re.search(kind, problem.text) for kind in BEYOND_A_VALUE)
                    assert found or known, problem
                continue
            across = [one.text for one in problems(book, book.facts_of(case), on)]
            assert not found or across, (found, stated)
            for text in across:
                assert found or text in assumed or re.search(ACROSS_FIELDS, text), text
            seen["both refuse" if found else "both take"] += 1
    assert seen["both refuse"] > 10
    assert seen["both take"] > 10


# --- Reports ------------------------------------------------------------------------------------


@pytest.mark.parametrize("area", AREAS)
def test_the_reports_of_conformance_cases_match_the_schema(area: str) -> None:
    good = [case for case in load_cases() if case.area == area and not case.problems]
    for case in good[::6]:
        document = json.loads(report_on(case).to_json())
        found = [f"{one.json_path}: {one.message}" for one in REPORTS.iter_errors(document)]
        assert found == [], case.id


@pytest.mark.parametrize(
    ("spoil", "path"),
    [
        (lambda report: report.pop("on"), "$"),
        (lambda report: report["reports"][0].update(extra=1), "$.reports[0]"),
        (lambda report: report["reports"][0].update(area="pood"), "$.reports[0].area"),
        (lambda report: report["reports"][0]["case"].update(extended=1), "$.reports[0].case.extended"),
        (lambda report: report["reports"][0]["findings"][0].update(outcome="fine"), "$.reports[0].findings[0].outcome"),
        (lambda report: report["reports"][0]["facts"].update(on=0.5), "$.reports[0].facts.on"),
        (lambda report: report["summary"].update({"upw.pace-6": {"fine": 1}}), "$.summary['upw.pace-6']"),
        (lambda report: report["rulebook"].pop("digest"), "$.rulebook"),
        (lambda report: report["rulebook"]["local"].append({}), "$.rulebook.local[0]"),
        (lambda report: report["rules"]["upw.pace-6"]["2017-02-15"].pop("remedy"), "$.rules['upw.pace-6']['2017-02-15']"),
        (lambda report: report["reports"][0]["findings"][0].update(severity="grave"), "$.reports[0].findings[0].severity"),
        (lambda report: report["reports"][0]["figures"].update(ete_share=[]), "$.reports[0].figures.ete_share"),
    ],
)  # fmt: skip
def test_another_document_is_refused(spoil: Any, path: str) -> None:
    order = pr.UnpaidWorkOrder(sentence_date=date(2025, 3, 3))
    document = json.loads(pr.check(order, on=date(2026, 1, 15)).to_json())
    assert REPORTS.is_valid(document)
    spoil(document)
    assert path in [error.json_path for error in REPORTS.iter_errors(document)]
