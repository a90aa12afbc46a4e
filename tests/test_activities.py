"""The activities of a list at a status, what changes, and which status a capacity triggers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import pytest

import probation_rules as pr
from probation_rules import framework

EXAMPLE = Path(str(files("probation_rules") / "demo" / "example-region.toml"))
EARLIER = Path(__file__).parent / "conformance" / "framework" / "earlier.toml"
BOOK = pr.rulebook().extended_with(EXAMPLE).extended_with(EARLIER)
ON, BEFORE = date(2026, 3, 2), date(2022, 6, 1)


def test_a_table_says_what_may_be_done_with_each_activity() -> None:
    table = framework.activities(status="amber", on=ON, rulebook=BOOK)
    told = {one.code: (one.told, one.decided_by) for one in table.lines}
    assert told == {
        "EX-PROTECT": ("mandatory", None),
        "EX-INDUCT": ("mandatory", None),
        "EX-VISIT": ("reduce to 2 visits in twelve months", "director"),
        "EX-REVIEW": ("reduce to 1 full reviews in twelve months", "unit"),
        "EX-GROUP": ("pause", "unit"),
    }
    assert {
        one.told for one in framework.activities(status="green", on=ON, rulebook=BOOK).lines
    } == {
        "mandatory",
        "deliver",
    }
    assert str(table).splitlines()[0].startswith("EXAMPLE, made up: Example region (made up)")


def test_an_unknown_status_is_named_with_the_known_ones() -> None:
    with pytest.raises(pr.InputError, match="did you mean `amber`"):
        framework.activities(status="ambr", on=ON, rulebook=BOOK)
    with pytest.raises(pr.InputError, match="known are usual, red"):
        framework.activities(status="purple", on=BEFORE, rulebook=BOOK)


@pytest.mark.parametrize(
    ("on", "public"),
    [
        (date(2022, 1, 30), "the framework had not begun"),
        (date(2022, 1, 31), "phase one, on 2022-01-31"),
        (date(2022, 8, 1), "version 3, on 2022-05-30"),
        (date(2022, 8, 14), "phase 3 version 8, on 2022-08-03"),
    ],
)
def test_without_a_list_that_day_there_is_no_answer(on: date, public: str) -> None:
    for book in (None, BOOK):
        with pytest.raises(pr.NotInForce, match=public):
            framework.activities(status="red", on=on, rulebook=book)
        with pytest.raises(pr.NotInForce, match="no region's list is in force"):
            framework.status_for(100, on=on, rulebook=book)


@pytest.mark.parametrize(
    ("capacity", "status"),
    [
        (0, "green"),
        (Decimal("104.9"), "green"),
        (105, "amber"),
        (119, "amber"),
        (120, "red"),
        (500, "red"),
        (None, None),
    ],
)
def test_a_capacity_triggers_a_status_where_the_list_says_so(
    capacity: int | Decimal | None, status: str | None
) -> None:
    assert framework.status_for(capacity, on=ON, rulebook=BOOK) == status
    assert framework.status_for(capacity, on=BEFORE, rulebook=BOOK) is None


def test_two_statuses_are_compared() -> None:
    amber = framework.activities(status="amber", on=ON, rulebook=BOOK)
    red = framework.activities(status="red", on=ON, rulebook=BOOK)
    changes = framework.activity_changes(amber, red)
    assert [one.code for one in changes] == ["EX-VISIT", "EX-REVIEW"]
    assert framework.activity_changes(amber, amber) == ()


def test_two_versions_are_compared() -> None:
    before = framework.activities(status="red", on=BEFORE, rulebook=BOOK)
    after = framework.activities(status="red", on=ON, rulebook=BOOK)
    changes = {one.code: one for one in framework.activity_changes(before, after)}
    assert set(changes) == {"EX-INDUCT", "EX-VISIT", "EX-REVIEW", "EX-GROUP"}
    assert changes["EX-VISIT"].before is None
    (group,) = [changes["EX-GROUP"]]
    assert (group.before and group.before.told) == "reduce to 1 sessions in three months"
    assert (group.after and group.after.told) == "pause"
