"""What each area announces fits its rules file: fields, code words and prepared facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, time
from decimal import Decimal
from types import NoneType
from typing import Any, get_args, get_type_hints

import pytest

import probation_rules as pr
from probation_rules.areas import AREAS
from probation_rules.rulebook.model import Fact, Records

BOOK = pr.rulebook()
TYPES = {"bool": bool, "int": int, "decimal": Decimal, "date": date, "time": time, "text": str}
every_area = pytest.mark.parametrize("name", AREAS)


def known(hint: Any) -> Any:
    """The type of a field that is known."""
    kinds = get_args(hint)
    return kinds[0] if NoneType in kinds else hint


def shapes_of(held: Mapping[str, Records]) -> Iterator[Records]:
    for one in held.values():
        yield one
        yield from shapes_of(one.records)


def assert_fits(record: type[Any], facts: Mapping[str, Fact], others: set[str]) -> None:
    """The fields are the facts, others for records or members, and texts that no rule reads."""
    hints = {name: known(hint) for name, hint in get_type_hints(record).items()}
    assert {*facts, *others} <= hints.keys()
    for name, kind in hints.items():
        if name not in facts:
            assert name in others or kind is str, name
        elif facts[name].kind == "code":
            # A long list of words, such as that of tiers, is text in Python.
            assert kind is str or get_args(kind) == facts[name].type.codes, name
        else:
            assert kind is TYPES[facts[name].kind], name


@every_area
def test_fields_and_code_words_are_those_of_the_rules_file(name: str) -> None:
    area = BOOK.area(name)
    lists = [area.members.name] if area.members else []
    assert_fits(area.spec.case, area.input_facts, {*area.records, *lists})
    if area.members is not None:
        assert_fits(area.spec.items, area.members.facts, set())
    shapes = {one.shape: one for one in shapes_of(area.records)}
    assert shapes.keys() == area.spec.records.keys()
    for shape, one in shapes.items():
        assert_fits(area.spec.records[shape], one.facts, set(one.records))


@every_area
def test_prepared_facts_are_those_that_the_rules_file_computes(name: str) -> None:
    area = BOOK.area(name)
    prepare = area.spec.prepare
    prepared = {} if prepare is None else prepare(area.spec.case(), area)
    assert prepared.keys() == {key for key, fact in area.facts.items() if fact.computed_from}
    assert set(prepared.values()) <= {None}


@every_area
def test_an_area_is_found_by_its_name_and_folder(name: str) -> None:
    spec = BOOK.area(name).spec
    assert spec is AREAS[name]
    assert spec.case.__module__ == f"probation_rules.areas.{name.replace('-', '_')}.case"
