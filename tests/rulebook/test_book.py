from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pyarrow as pa  # type: ignore[import-untyped]
import pytest

import probation_rules as pr
from probation_rules.rulebook import shipped
from probation_rules.rulebook.book import from_package
from support.rulebooks import book_of, shipped_with
from support.toy import raw


def test_equal_content_gives_an_equal_digest() -> None:
    assert from_package().digest == shipped().digest
    assert shipped().digest.startswith("sha256:")


def test_the_book_has_its_areas_rules_and_parameters() -> None:
    book = pr.rulebook()

    assert "unpaid-work" in book.areas
    assert book.rules["upw.review-6"].title.endswith("recorded")
    assert book.parameters["ete_share"].values[0].value == 30
    assert book.version == pr.__version__


def test_the_message_for_an_unknown_area_lists_the_known_ones() -> None:
    with pytest.raises(pr.InputError, match="`bail` is not an area; known are"):
        shipped().area("bail")


@pytest.mark.parametrize(
    ("on", "title"),
    [
        (None, "The second wording"),
        (date(2021, 12, 31), "The first wording"),
        (date(2022, 1, 1), "The second wording"),
    ],
)
def test_the_book_on_a_day_shows_the_wording_of_that_day(on: date | None, title: str) -> None:
    content = raw()
    for wording in content["rules"]["toy.reading"]:
        del wording["in_force"]["by"]
    book = book_of(content)

    assert (book if on is None else book.on(on)).rules["toy.reading"].title == title


def test_a_wording_by_another_date_is_in_the_book_of_every_day() -> None:
    book = book_of(raw()).on(date(2021, 1, 1))

    assert book.rules["toy.reading"].title == "The second wording"


def test_a_parameter_has_the_value_in_force() -> None:
    parameter = pr.rulebook().parameters["ete_share"]

    assert parameter.on(date(2024, 5, 15)) is None
    found = parameter.on(date(2024, 5, 16))
    assert found is not None
    assert found.value == 30
    visits = book_of(raw()).parameters["most_visits"]
    values = [visits.on(date.fromisoformat(day)) for day in ("2022-12-31", "2023-01-01")]
    assert [found and found.value for found in values] == [3, 5]


@pytest.mark.parametrize("engine", ["python", "reference", "durable", "sql"])
@pytest.mark.parametrize(
    ("day", "outcome"),
    [
        (date(2025, 12, 31), "not_met"), (date(2026, 1, 1), "not_applicable"),
        (date(2026, 1, 31), "not_applicable"), (date(2026, 2, 1), "cannot_tell"),
    ],
)  # fmt: skip
def test_a_figure_is_unknown_after_its_last_value_has_ended(
    engine: str, day: date, outcome: str
) -> None:
    cites = [{"source": "house", "checked": date(2026, 11, 21)}]
    ended = {"from": date(2026, 1, 1), "to": date(2026, 1, 31), "value": 31, "cites": cites}
    values = [{"from": date(2017, 2, 15), "value": 0, "cites": cites}, ended]
    book = pr.rulebook().extended_by(
        {
            "area": "unpaid-work",
            "local": {
                "region": "North (made up)", "title": "Made up", "version": "1",
                "effective_from": date(2026, 1, 1), "approved_by": "Nobody (made up)",
            },
            "parameters": {"review_grace": {"values": values}},
        },
        "north.toml",
    )  # fmt: skip
    # The review point is the day before.
    order: dict[str, Any] = {
        "order_type": "community_order", "sentence_date": day - timedelta(days=190),
        "required_minutes": 6000, "completed_minutes": 600, "six_month_review_done": False,
    }  # fmt: skip
    found = book.area("unpaid-work").parameters["review_grace"].on(day)
    assert (found is None) == (outcome == "cannot_tell")
    if engine == "sql":
        table = pa.table({name: [value] for name, value in order.items()})
        with patch("probation_rules.tables.table.FEW_ROWS", 0):
            answered = pr.check_table("unpaid-work", table, on=day, rulebook=book)
            (row,) = answered.outcomes.to_pylist()
        assert row["upw.review-6"] == outcome
        return
    report = pr.check(pr.UnpaidWorkOrder(**order), on=day, engine=engine, rulebook=book)
    assert report.outcome("upw.review-6") == outcome
    needed = ("review_grace",) if outcome == "cannot_tell" else ()
    assert report.finding("upw.review-6").needs == needed


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"limit_ends_on": date(2026, 9, 1)}, "`limit_ends_on` is not a parameter"),
        ({"pace_slak": 1}, "did you mean `pace_slack`?"),
        (
            {"ete_share": 40},
            "this parameter comes from a national-policy source, so a setting cannot change it",
        ),
        ({"grade_matrix": "fits"}, "only a region's own rulebook can give this parameter a value"),
        ({"pace_slack": 101}, "`101` is not allowed: it must be a whole number from 0 to 100"),
        ({"pace_slack": True}, "`true` is not allowed"),
        (
            {"earned_reduction_from": date(2025, 12, 31)},
            "`2025-12-31` is not allowed: it must be a date from 2026-01-01",
        ),
    ],
)
def test_a_setting_that_is_not_allowed(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(pr.InputError) as refused:
        shipped().with_settings(settings)

    assert message in str(refused.value)


def test_every_bad_setting_is_listed() -> None:
    with pytest.raises(pr.InputError) as refused:
        shipped().with_settings({"a": 1, "ete_share": 1})

    assert len(refused.value.problems) == 2


def test_a_decimal_setting_is_exact() -> None:
    book = book_of(raw())
    set_ = book.with_settings({"slack": Decimal("0.7")})

    assert set_.parameters["slack"].values[0].value == 7
    with pytest.raises(pr.InputError, match=r"from 0\.0 to 2\.0, at most 1 decimal places"):
        book.with_settings({"slack": Decimal("0.75")})


def test_a_setting_leaves_the_other_areas_as_they_are() -> None:
    book = shipped_with(raw())

    assert book.with_settings({"pace_slack": 1}).area("toy") is book.area("toy")


def test_areas_without_a_change_are_shared() -> None:
    book = from_package()
    pod, orders = book.area("pod"), book.area("unpaid-work")

    assert book.on(date(2026, 11, 21)).area("pod") is pod
    changed = book.with_settings({"review_grace": 5})
    assert changed.area("pod") is pod
    assert changed.area("unpaid-work") is not orders
    assert changed.area("unpaid-work").parameters["review_grace"].values[-1].value == 5


def test_settings_add_up() -> None:
    book = from_package().with_settings({"pace_slack": 1}).with_settings({"review_grace": 2})

    assert book.settings == {"pace_slack": 1, "review_grace": 2}
    assert [book.parameters[name].values[0].value for name in ("pace_slack", "review_grace")] == [
        1,
        2,
    ]
