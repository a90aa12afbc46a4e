"""Settings are read at run time: they answer as a figure in the file, and leave nothing behind."""

from __future__ import annotations

import gc
import linecache
import tracemalloc
from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from typing import Any

import duckdb
import pytest
from attrs import evolve

import probation_rules as pr
from probation_rules.engines import CANNOT_TELL, INVALID, NO_STAGE, durable, python, reference
from probation_rules.engines.sql.statement import Statement
from probation_rules.language.interpret import Bounds
from probation_rules.rulebook import shipped
from probation_rules.rulebook.book import Rulebook
from probation_rules.rulebook.model import Area
from probation_rules.rulebook.toml_schema import CitationDocument, ValueDocument
from prove.terms import Terms
from support.caseloads import relations
from support.generate import any_question, batch_of, value_of
from support.laws import decided, interpreter
from support.rulebooks import book_of
from support.toy import raw

SEED = 20261129
CITES = [{"source": "house", "checked": date(2026, 11, 21)}]
# Conditions that use a figure in every place where a setting can matter.
PLACES = {
    "north-least": "completed_minutes >= north_minutes",
    "north-turned": "north_minutes < required_minutes",
    "north-floor": "max(north_open, completed_minutes) >= required_minutes",
    "north-ceiling": "min(north_one, completed_minutes) <= required_minutes",
    "north-word": "north_word == 'short' and extended",
    "north-yes": "extended or north_yes",
    "north-sum": "completed_minutes + north_minutes_now >= required_minutes - north_open_now",
}
FIGURES: dict[str, dict[str, Any]] = {
    "north_minutes": {"by": "sentence_date", "type": "int", "values": [600, 900]},
    "north_one": {"by": "sentence_date", "type": "int", "values": [600]},
    "north_open": {"by": "sentence_date", "type": "int", "values": []},
    "north_word": {"by": "sentence_date", "type": "code", "values": [], "words": ["short", "long"]},
    "north_minutes_now": {"type": "int", "values": [600, 900]},
    "north_open_now": {"type": "int", "values": []},
    "north_yes": {"by": "sentence_date", "type": "bool", "values": [True, False]},
}


def north() -> pr.Rulebook:
    """Return a local book with rules that use figures that a caller may set."""
    days = (date(2017, 2, 15), date(2026, 1, 1))
    figures = {
        name: {
            **({"unit": "minute", "min": 0, "max": 9000} if one["type"] == "int" else {}),
            **one,
            "about": "Made up.",
            "basis": "assumption",
            "cites": CITES,
            "values": [
                {"from": day, "value": value, "cites": CITES}
                for day, value in zip(days, one["values"], strict=False)
            ],
        }
        for name, one in FIGURES.items()
    }
    rules = {
        f"upw.{name}": {
            "title": "Made up", "basis": "local", "in_force": {"from": date(2017, 2, 15)},
            "must": text, "not_met": "not met", "remedy": "Look again.", "cites": CITES,
        }
        for name, text in PLACES.items()
    }  # fmt: skip
    local = {
        "region": "North (made up)", "title": "Made up", "version": "1",
        "effective_from": date(2017, 2, 15), "approved_by": "Nobody (made up)",
    }  # fmt: skip
    content = {"area": "unpaid-work", "local": local, "parameters": figures, "rules": rules}
    return shipped().extended_by(content, "north.toml")


BOOKS: dict[str, tuple[Rulebook, str]] = {
    **{name: (shipped(), name) for name in shipped().documents if shipped().area(name).settable},
    "toy": (book_of(raw()), "toy"),
    "north": (north(), "unpaid-work"),
}


def random_settings(random: Random, area: Area) -> dict[str, Any]:
    """Return values for some of the parameters that may be set."""
    chosen = [name for name in sorted(area.settable) if random.random() < 0.6]
    return {
        name: value_of(random, area.parameters[name].as_fact) for name in chosen or area.settable
    }


def written(book: Rulebook, name: str, settings: dict[str, Any]) -> Area:
    """Return the area with the values in its file; a setting must give the same answers."""
    document = book.documents[name]
    cites = (CitationDocument(next(iter(document.sources)), date(2026, 1, 1)),)
    changed = {
        key: evolve(document.parameters[key], values=(ValueDocument(date(1900, 1, 1), one, cites),))
        for key, one in settings.items()
    }
    document = evolve(document, parameters={**document.parameters, **changed})
    return evolve(book, documents={name: document}).area(name)


@pytest.mark.parametrize("name", BOOKS)
def test_a_setting_answers_as_the_figure_in_the_file_does(name: str) -> None:
    book, random = BOOKS[name][0], Random(SEED)
    plain = book.area(BOOKS[name][1])
    judged = 0
    for _ in range(4):
        settings = random_settings(random, plain)
        area, meant = (
            book.with_settings(settings).area(plain.name),
            written(book, plain.name, settings),
        )
        means, *engines = [engine.compile_area(area) for engine in (reference, python, durable)]
        oracle, values = reference.compile_area(meant), python.compile_values(area)
        for _ in range(25):
            case, on = any_question(random, area)
            answer = decided(means, area.facts_of(case), on)
            for decide in engines:
                assert decided(decide, area.facts_of(case), on) == answer, (settings, case, on)
            expected = decided(oracle, area.facts_of(case), on)
            if isinstance(expected, str) or isinstance(answer, str):
                assert answer == expected, (settings, case, on)
                continue
            judged += 1
            # A figure with several values is a choice, which moves out of comparisons. So an answer
            # may be known that is not known with one value.
            for got, wanted in zip(answer, expected, strict=True):
                assert wanted in (got, CANNOT_TELL, NO_STAGE), (settings, case, on)
            worked_out, found = interpreter(area, case, on), values(area.facts_of(case), on)
            for fact, node in area.definitions.items():
                value = worked_out.value(node)
                assert found[fact] == (None if isinstance(value, Bounds) else value), fact
    assert judged > 40


@pytest.mark.parametrize("name", ["north", "toy", "pod", "unpaid-work"])
def test_a_statement_with_settings_answers_as_the_interpreter_does(name: str) -> None:
    book, random = BOOKS[name][0], Random(SEED)
    plain = book.area(BOOKS[name][1])
    for _ in range(4):
        settings = random_settings(random, plain)
        area = book.with_settings(settings).area(plain.name)
        means = reference.compile_area(area)
        on, cases = batch_of(random, area, 40)
        connection = duckdb.connect()
        for table, content in relations(area, cases).items():
            connection.register(table, content)
        text = Statement(area, on).by_wording(["reference"]).sql(dialect="duckdb")
        for row in connection.sql(text).to_arrow_table().to_pylist():
            case = cases[int(row["reference"])]
            codes = [row[f"_rule_{place}"] for place in range(len(area.rules))]
            answer = decided(means, case, on)
            refused = isinstance(answer, str)
            expected = [INVALID] * len(area.rules) if refused else list(answer[:-1])
            assert codes == expected, (settings, case, on)


def test_a_setting_is_the_figure_on_every_day() -> None:
    """This includes days before the first day that the rules cover."""
    book = north().with_settings({"north_minutes": 100})
    order = pr.UnpaidWorkOrder(sentence_date=date(2012, 3, 1), completed_minutes=100)
    on = date(2018, 3, 1)
    report = pr.check(order, on=on, rulebook=book)
    assert report.outcome("upw.north-least") == "met"
    assert report.finding("upw.north-least").parameters == {"north_minutes": 100}
    before = pr.check(order, on=on, rulebook=north()).finding("upw.north-least")
    assert (before.outcome, before.needs) == ("cannot_tell", ("north_minutes",))


def test_a_setting_of_one_call_does_not_affect_the_next() -> None:
    """The second call uses the code compiled for the first, but sets other parameters."""
    book = north()
    day = date(2026, 3, 1)  # the second value of the figure, 900, is in force
    order = pr.UnpaidWorkOrder(required_minutes=6000, completed_minutes=5000)
    answers = [
        pr.check(order, on=day, rulebook=book, settings=chosen).outcome("upw.north-sum").value
        for chosen in (
            {"north_minutes_now": 0, "north_open_now": 0},
            {"north_minutes_now": 1000, "north_open_now": 0},
            {"north_open_now": 0},
            {"north_open_now": 100},
            {"north_minutes_now": 1000},
        )
    ]
    assert answers == ["not_met", "met", "not_met", "met", "cannot_tell"]


def test_a_proof_uses_a_setting() -> None:
    area = north().with_settings({"north_minutes": 9000}).area("unpaid-work")
    rule = area.rules[area.wordings["upw.north-least"][0]]
    looked_up = rule.lowered_condition
    assert "9000" in str(Terms(area).term(looked_up).value)


def test_a_book_with_a_setting_may_be_set_and_extended_again() -> None:
    book = shipped().with_settings({"ratio_measure": "headcount"})
    again = book.with_settings({"ratio_measure": "full_time_equivalent"})
    assert again.settings == {"ratio_measure": "full_time_equivalent"}
    assert again.area("pod").settings == again.settings
    assert book.area("pod").settings == book.settings
    assert len({shipped().digest, book.digest, again.digest}) == 3
    order = {"pace_slack": 1, "review_grace": 2}
    turned = dict(reversed(order.items()))
    assert shipped().with_settings(order).digest == shipped().with_settings(turned).digest


# --- Nothing stays behind -------------------------------------------------------------------------

ORDER = pr.UnpaidWorkOrder(
    order_type="community_order",
    sentence_date=date(2025, 7, 12),
    required_minutes=7200,
    completed_minutes=6000,
)
ON = date(2026, 1, 15)
MOST_LEFT = 200_000  # bytes, after all calls


def settings(number: int) -> None:
    """Check a case with a new setting."""
    chosen = {"review_grace": number % 32, "pace_slack": number // 32 % 100}
    pr.check(ORDER, on=ON, settings=chosen).outcome("upw.review-6")


def books_with_settings(number: int) -> None:
    chosen = {"review_grace": number % 32, "pace_slack": number // 32 % 100}
    book = shipped().with_settings(chosen)
    str(pr.check(ORDER, on=ON, rulebook=book).finding("upw.review-6").parameters)


def books_on_a_day(number: int) -> None:
    book = pr.rulebook(on=ON + timedelta(days=number))
    pr.check(ORDER, on=ON, rulebook=book)


def local_books(number: int) -> None:
    """Add another local book after each hundred calls, and the same book in between."""
    cites = [{"source": "house", "checked": date(2026, 11, 21)}]
    value = {"from": date(2017, 2, 15), "value": number // 100, "cites": cites}
    local = {
        "region": "North (made up)", "title": "Made up", "version": str(number // 100),
        "effective_from": date(2026, 1, 1), "approved_by": "Nobody (made up)",
    }  # fmt: skip
    content = {
        "area": "unpaid-work",
        "local": local,
        "parameters": {"review_grace": {"values": [value]}},
    }
    pr.check(ORDER, on=ON, rulebook=shipped().extended_by(content, "north.toml"))
    if number % 100 == 0:
        gc.collect()


@pytest.mark.parametrize(
    ("use", "runs"), [(settings, 500), (books_with_settings, 200), (books_on_a_day, 200)]
)
def test_many_calls_leave_nothing_behind(use: Callable[[int], None], runs: int) -> None:
    for number in range(50):  # caches that are filled once
        use(number)
    gc.collect()
    lines = len(linecache.cache)
    tracemalloc.start()
    for number in range(runs):
        use(number)
    gc.collect()
    left, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert left < MOST_LEFT
    assert len(linecache.cache) == lines


def test_local_books_leave_nothing_behind() -> None:
    for number in (0, 1, 100):
        local_books(number)
    gc.collect()
    lines = len(linecache.cache)
    tracemalloc.start()
    for number in range(200, 600, 50):
        local_books(number)
    gc.collect()
    left, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert left < 2 * MOST_LEFT
    assert len(linecache.cache) <= lines


def test_books_with_the_same_content_share_what_was_compiled() -> None:
    first, second = north(), north()
    assert first is not second
    assert first.area("unpaid-work") is second.area("unpaid-work")
