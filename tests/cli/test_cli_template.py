"""A template is filled in as in a spreadsheet, and read without a mapping: the same cases come back."""

from __future__ import annotations

import json
import re
import sys
import zipfile
from datetime import date
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

import pytest
from attrs import asdict, evolve, fields, has
from python_calamine import CalamineWorkbook

import probation_rules as pr
from probation_rules.areas import AREAS
from probation_rules.rulebook import shipped
from probation_rules.rulebook.model import Area, Fact
from support.caseloads import plain
from support.command_line import Run
from support.generate import case_of
from support.workbooks import filled, letter

ON = date(2026, 11, 29)
TYPED = {True: "Yes", False: "No"}


def written(run: Run, area: str, name: str = "template.xlsx") -> bytes:
    done = run("template", area, "--output", name)
    assert (done.exit_code, done.stderr) == (0, f"written to {name}\n")
    return Path(name).read_bytes()


def typed(value: Any, fact: Fact | None) -> Any:
    """A value as a person enters it: yes and no, and words from the list."""
    if isinstance(value, bool):
        return TYPED[value]
    if fact is not None and fact.kind == "code" and value is not None:
        return value[0].upper() + value[1:].replace("_", " ")
    return value


def value_at(case: Any, path: str) -> Any:
    """The value at a path such as `steps.form.done`; of a record that is not known, nothing."""
    for name in path.split("."):
        case = getattr(case, name, None)
    return case


def list_rows(area: Area, cases: list[Any], name: str) -> list[list[Any]]:
    """The rows of a sheet of records."""
    facts = area.records[name].facts
    return [
        [case.reference, *(typed(getattr(one, each), fact) for each, fact in facts.items())]
        for case in cases
        for one in getattr(case, name) or ()
    ]


def rows_of(area: Area, cases: list[Any], titles: list[str]) -> list[list[Any]]:
    """The rows of cases: for each column of the template the value of its fact."""
    by_title: dict[str, str] = {}
    members = area.members
    facts = {**area.facts, **(members.facts if members else {})}
    for name, one in facts.items():
        by_title[one.label or ""] = ".".join(one.computed_from or [name])
    rows = []
    for case in cases:
        paths = [*by_title.values(), *area.spec.fields]
        own = {path: value_at(case, path) for path in paths if "," not in path}
        people = [asdict(one) for one in own[members.name]] if members else [{}]
        for place, person in enumerate(people):
            values = (own if place == 0 else {}) | person
            row: list[Any] = []
            for title in titles:
                name = by_title.get(title, title.lower().replace(" ", "_"))
                value = case.reference if members and title == "POD" else values.get(name)
                row.append(typed(value, facts.get(name)))
            rows.append(row)
    return rows


def cases_for(area: Area, number: int) -> list[Any]:
    """Random cases with references; members have references too."""
    random, found = Random(f"template {area.name}"), []
    for place in range(number):
        case = evolve(case_of(random, area, on=ON), reference=f"X{place:04}")
        if area.members is not None:
            people = getattr(case, area.members.name) or [None]
            listed = [
                area.spec.items(
                    reference=f"P{place}-{number}",
                    **{name: getattr(one, name, None) for name in area.members.facts},
                )
                for number, one in enumerate(people)
            ]
            case = evolve(case, **{area.members.name: tuple(listed)})
        found.append(evolve(case, **{name: known(getattr(case, name)) for name in area.records}))
    return found


def known(value: Any) -> Any:
    """A record or a list as a table has it: a record of which nothing is known is unknown, as is an empty list."""
    if not has(type(value)):
        return value or None if isinstance(value, tuple) else value
    found = {one.name: known(getattr(value, one.name)) for one in fields(type(value))}
    return None if set(found.values()) == {None} else type(value)(**found)


def sheet(data: bytes, number: int = 0) -> list[list[Any]]:
    return CalamineWorkbook.from_object(BytesIO(data)).get_sheet_by_index(number).to_python()


def columns_of(data: bytes) -> list[list[Any]]:
    return CalamineWorkbook.from_object(BytesIO(data)).get_sheet_by_name("Columns").to_python()


def headers(data: bytes, number: int = 0) -> list[str]:
    return sheet(data, number)[3]


def lists_of(area: Area) -> list[str]:
    """The fields that have a sheet of their own."""
    return [name for name, held in area.records.items() if held.most is not None]


def rules_of(data: bytes, number: int = 1) -> dict[str, str]:
    """What the cells of each column accept, by the range of cells."""
    with zipfile.ZipFile(BytesIO(data)) as pack:
        text = pack.read(f"xl/worksheets/sheet{number}.xml").decode("utf-8")
    found = re.findall(r"<dataValidation (.*?)</dataValidation>", text)
    return {re.findall(r'sqref="(.*?)"', one)[0]: one for one in found}


@pytest.mark.parametrize("name", AREAS)
def test_a_template_that_is_filled_in_has_the_same_cases_and_answers_as_json(
    run: Run, name: str
) -> None:
    area = shipped().area(name)
    data, cases = written(run, name), cases_for(shipped().area(name), 40)
    sheets = [rows_of(area, cases, headers(data))]
    sheets += [list_rows(area, cases, one) for one in lists_of(area)]
    Path("filled.xlsx").write_bytes(filled(data, *sheets))
    tried = pr.read(name, "filled.xlsx", strict=False).tried
    assert [(one.case, one.problems) for one in tried.values()] == [(case, ()) for case in cases]
    Path("cases.json").write_text(
        json.dumps([plain(one) for one in cases], default=str), encoding="utf-8"
    )
    asked = ("--on", ON.isoformat(), "--format", "json")
    of_template, of_json = (
        json.loads(run("check", name, file, *asked).stdout)
        for file in ("filled.xlsx", "cases.json")
    )
    for one in (*of_template["reports"], *of_json["reports"]):
        del one["place"]
    assert of_template["reports"] == of_json["reports"]
    tables = [pr.check_table(name, file, on=ON) for file in ("filled.xlsx", "cases.json")]
    outcomes = [one.outcomes.to_pylist() for one in tables]
    assert outcomes[0] == outcomes[1]
    assert tables[0].findings.to_pylist() == tables[1].findings.to_pylist()


@pytest.mark.parametrize("name", AREAS)
def test_an_empty_template_has_no_case_and_its_example_is_valid(run: Run, name: str) -> None:
    data = written(run, name)
    assert "Example: not read" in sheet(data)[2]
    done = run("check", name, "template.xlsx", "--on", "2026-11-29")
    assert done.exit_code == 0
    assert "note: the file does not contain a case to check" in done.stderr
    number = 1 + len(lists_of(shipped().area(name)))
    rows = [[[one or None for one in sheet(data, place)[2]]] for place in range(number)]
    Path("filled.xlsx").write_bytes(filled(data, *rows))
    assert run("check", name, "filled.xlsx", "--on", "2026-11-29", "--strict").exit_code == 0


@pytest.mark.parametrize("name", AREAS)
def test_every_column_is_explained_and_accepts_only_what_is_allowed(run: Run, name: str) -> None:
    data, every = written(run, name), []
    for number in range(1 + len(lists_of(shipped().area(name)))):
        titles, rules = headers(data, number), rules_of(data, number + 1)
        every += titles
        assert len(set(titles)) == len(titles)
        assert len(rules) == len(titles) + 1
        assert "<formula1>FALSE</formula1>" in rules[f"A1:{letter(len(titles) - 1)}4"]
    explained = columns_of(data)
    assert explained[0] == ["Column", "What it is", "What is allowed", "If a cell is empty"]
    assert [one[0].partition(": ")[2] for one in explained[1:]] == every
    assert all(all(one) for one in explained)


def test_words_are_chosen_and_dates_and_numbers_have_their_range(run: Run) -> None:
    data = written(run, "unpaid-work")
    rules = rules_of(data)
    kinds = {place: re.findall(r'type="(.*?)"', one)[0] for place, one in rules.items()}
    assert [kinds[f"{place}5:{place}1048576"] for place in "ABCD"] == [
        "textLength",
        "list",
        "date",
        "whole",
    ]
    assert "<formula1>Words!$A$1:$A$4</formula1>" in rules["B5:B1048576"]
    assert "<formula1>1</formula1><formula2>200000</formula2>" in rules["D5:D1048576"]
    assert "A whole number from 1 to 200,000, in minutes." in rules["D5:D1048576"]
    words = [one[0] for one in sheet(data, 2)]
    assert words == [
        "Community order",
        "Suspended sentence order",
        "Youth rehabilitation order",
        "Supervision default order",
    ]
    about = {one[0]: one[1:] for one in columns_of(data)}
    assert about["Orders, A: Reference"][2] == "The row is invalid."
    assert about["Orders, C: Sentence date"] == [
        "The day the order was made; it counts as the first day.",
        "A date from 1 Jan 1990 to 31 Dec 2100.",
        "Not known. Rules that depend on it answer that they cannot tell.",
    ]
    assert about["Orders, F: Adjustments in minutes"][2] == "It counts as 0."
    assert about["Orders, P: Extension presented on"][2].startswith(
        "Leave it empty unless Extension presented to the court is Yes. "
    )


def test_the_facts_of_a_pod_are_given_once(run: Run) -> None:
    data = written(run, "pod")
    assert headers(data)[:6] == [
        "POD",
        "Reference",
        "Grade",
        "Share of full time",
        "Newly-qualified period completed",
        "Grade of the manager",
    ]
    about = {one[0]: one[1:] for one in columns_of(data)}
    assert about["PODs, A: POD"][2] == "The file is refused."
    once = "One of the rows with the same reference is enough; others may be empty."
    assert about["PODs, F: Grade of the manager"][2].endswith(once)
    assert "reference is enough" not in about["PODs, C: Grade"][2]
    assert about["PODs, D: Share of full time"][1] == (
        "A number from 0.01 to 1.0, with at most 2 decimal places."
    )


def test_a_template_replaces_no_file_and_is_a_workbook(run: Run) -> None:
    first = written(run, "pod")
    done = run("template", "pod", "--output", "template.xlsx")
    assert done.exit_code == 2
    assert "template.xlsx exists and may be filled in; give another name" in done.stderr
    assert Path("template.xlsx").read_bytes() == first == written(run, "pod", "other.xlsx")
    done = run("template", "pod", "--output", "template.csv")
    assert "a template is a workbook; give a name that ends in .xlsx" in done.stderr
    assert not Path("template.csv").exists()


def test_without_the_extra_a_template_names_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    done = run("template", "pod", "--output", "template.xlsx")
    assert done.exit_code == 2
    assert "probation-rules[excel]" in done.stderr
    assert not Path("template.xlsx").exists()
