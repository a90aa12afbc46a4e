"""The reader and the runner of conformance cases, by small cases of their own."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

import probation_rules as pr
from probation_rules.conformance import (
    Answer,
    Ask,
    Case,
    Difference,
    Result,
    coverage,
    library,
    load_cases,
    run,
)

DAY = date(2026, 1, 5)


def case_that(**says: Any) -> Case:
    usual = {
        "place": "pod/a:1", "folder": Path(), "area": "pod", "name": "A case.", "on": DAY,
        "case": {}, "because": "So it is.", "source": "Nobody's",
    }  # fmt: skip
    return Case(**{**usual, **says})


def shown(ask: Ask, **says: Any) -> list[tuple[str, str, str]]:
    """Return how an engine's answer differs from a case that asserts only this."""
    (result,) = run([case_that(**says)], ask)
    assert result.passed == (not result.differences)
    return [(one.what, one.expected, one.got) for one in result.differences]


# --- Any engine ---------------------------------------------------------------------------------


def test_an_engine_of_somebody_elses_is_held_to_all_that_a_case_asserts() -> None:
    asserted: dict[str, Any] = {
        "stage": "backlog",
        "outcomes": {"pod.8": "met", "pod.9": "not_met", "pod.10": "cannot_tell"},
        "due": {"soon": "due", "late": "not_due", "open": "cannot_tell"},
        "needs": {"pod.10": ["b", "a"], "stage": ["c"], "open": ["d"]},
        "facts": {"one": 1, "day": DAY, "none": "unknown", "gone": 3},
    }
    right = Answer(
        stage="backlog",
        outcomes={**asserted["outcomes"], "pod.11": "met"},
        due=asserted["due"],
        needs={"pod.10": ("a", "b"), "stage": ("c",), "open": ("d",)},
        facts={"one": 1, "day": DAY, "none": None, "gone": 3},
    )
    assert shown(lambda _: right, **asserted) == []
    wrong = Answer(
        outcomes={"pod.8": "cannot_tell", "pod.9": "not_met"},
        due={"soon": "cannot_tell", "late": "not_due"},
        needs={"pod.10": ("a",)},
        facts={"one": True, "day": datetime(2026, 1, 5), "none": 0},  # noqa: DTZ001 (no date)
    )
    assert shown(lambda _: wrong, **asserted) == [
        ("stage", "backlog", "cannot_tell"),
        ("pod.8", "met", "cannot_tell"),
        ("pod.10", "cannot_tell", "no such rule"),
        ("due soon", "due", "cannot_tell"),
        ("due open", "cannot_tell", "no such day"),
        ("needs of pod.10", "a, b", "a"),
        ("needs of stage", "c", "nothing"),
        ("needs of open", "d", "nothing"),
        ("fact one", "int 1", "bool True"),
        ("fact day", "date 2026-01-05", "datetime 2026-01-05 00:00:00"),
        ("fact none", "not known", "int 0"),
        ("fact gone", "int 3", "no such fact"),
    ]


def test_bad_input_has_to_be_refused_with_each_text() -> None:
    refusal = Answer(problems=["must be a date @ $.a", "must be a word @ $.b"])
    got = "refused: must be a date @ $.a; must be a word @ $.b"
    assert shown(lambda _: refusal, problems=["@ $.a", "a word"]) == []
    assert shown(lambda _: refusal, problems=["@ $.a", "@ $.c"]) == [
        ("problems", "refused: @ $.c", got)
    ]
    assert shown(lambda _: Answer(), problems=["@ $.a"]) == [
        ("problems", "refused: @ $.a", "an answer")
    ]
    assert shown(lambda _: refusal, stage="backlog") == [("problems", "an answer", got)]


# --- This library's engines ---------------------------------------------------------------------


def test_a_rule_or_a_fact_that_there_is_not_is_a_difference() -> None:
    asserted: dict[str, Any] = {
        "outcomes": {"pod.88": "cannot_tell"},
        "due": {"no_day": "due"},
        "needs": {"pod.88": ["a"]},
        "facts": {"no_such": 1},
    }
    assert shown(library(), **asserted) == [
        ("pod.88", "cannot_tell", "no such rule"),
        ("due no_day", "due", "no such day"),
        ("needs of pod.88", "a", "nothing"),
        ("fact no_such", "int 1", "no such fact"),
    ]


@pytest.mark.parametrize("says", [{"on": date(2001, 1, 1)}, {"settings": {"no_such": 1}}])
def test_a_question_that_cannot_be_put_is_a_refusal(says: dict[str, Any]) -> None:
    ((_, expected, got),) = shown(library(), stage="backlog", **says)
    assert (expected, got[:9]) == ("an answer", "refused: ")
    assert shown(library(), area="pods", problems=["did you mean `pod`"]) == []


def test_an_engine_that_is_not_there_is_told_at_once() -> None:
    with pytest.raises(pr.InputError, match="`prolog` is not an engine"):
        library("prolog")


def test_a_rulebook_of_the_callers_lies_under_those_of_a_case(tmp_path: Path) -> None:
    for name, days in (("mine", 1), ("case", 2)):
        (tmp_path / f"{name}.toml").write_text(LOCAL.format(days, name), encoding="utf-8")
    base = pr.rulebook().extended_with(tmp_path / "mine.toml")
    asserted: dict[str, Any] = {
        "area": "unpaid-work",
        "on": date(2023, 8, 12),
        "case": {
            "order_type": "community_order", "sentence_date": date(2023, 2, 10),
            "required_minutes": 6000, "completed_minutes": 0, "six_month_review_done": False,
        },
    }  # fmt: skip
    due = {"outcomes": {"upw.review-6": "not_met"}}  # two days after the point
    not_yet = {"outcomes": {"upw.review-6": "not_applicable"}}
    assert shown(library(rulebook=base), **asserted, **due) == []
    laid = {"folder": tmp_path, "rulebook": ["case.toml"]}
    assert shown(library(), **asserted, **not_yet, **laid) == []


LOCAL = """
area = "unpaid-work"

[local]
region = "North (made up)"
title = "Grace, {1}"
version = "1"
effective_from = 2021-01-01
approved_by = "Nobody (made up)"

[parameters.review_grace]
basis = "local"
values = [{{ from = 2021-01-01, value = {0}, cites = [{{ source = "house", checked = 2026-11-21 }}] }}]
"""


# --- Coverage -----------------------------------------------------------------------------------


def test_what_no_passed_case_shows_is_missing() -> None:
    case = case_that(area="capacity", outcomes={"cap.over-100": "met"})
    other = case_that(area="pod", outcomes={"cap.over-100": "cannot_tell"})
    failed = Result(case, (Difference("cap.over-100", "met", "not_met"),))
    found = coverage(
        pr.rulebook().area("capacity"),
        {"python": [Result(case, ()), Result(other, ())], "mine": [failed]},
    )
    met, not_met, cannot_tell, never = found[:4]
    assert (met.rule, met.outcome, met.cases) == (
        "cap.over-100",
        pr.Outcome.MET,
        {"python": 1, "mine": 0},
    )
    assert met.missing
    assert not_met.missing
    assert cannot_tell.missing
    assert never.outcome is pr.Outcome.NOT_APPLICABLE
    assert not never.possible
    assert not never.missing


# --- Files --------------------------------------------------------------------------------------


def test_a_file_that_is_not_as_the_format_has_it_is_refused_with_every_problem(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "unpaid-work"
    folder.mkdir()
    (folder / "a.cases.toml").write_text('area = "unpaid-work"\n[[cases]\n', encoding="utf-8")
    (folder / "b.cases.toml").write_text('area = "pod"\ncases = []\n', encoding="utf-8")
    (folder / "b2.cases.toml").write_text('area = "unpaid-work"\ncases = [1]\n', encoding="utf-8")
    good = 'case = {}\nbecause = "So it is."\nsource = "None at all."\non = 2024-01-01\n'
    (folder / "c.cases.toml").write_text(
        'area = "unpaid-work"\n'
        f'[[cases]]\nname = "One."\noutcome = {{}}\nstage = "cannot_tell"\n{good}'
        f'[[cases]]\nname = "Two."\noutcomes = {{ "upw.pace-6" = "maybe" }}\n{good}'
        f'[[cases]]\nname = "Three."\n{good}'
        f'[[cases]]\nname = "Four"\nstage = "backlog"\nneeds = {{ stage = "extended" }}\n{good}'
        '[[cases]]\nname = "Five."\ncase = {}\non = 2024-01-01T00:00:00\nproblems = ["x"]\n'
        f'[[cases]]\nname = "Six."\nstage = "backlog"\n{good}'
        f'[[cases]]\nname = "Six."\nstage = "backlog"\n{good}'
        f'[[cases]]\nname = "Seven."\nstage = "backlog"\nrulebook = ["../a.toml"]\n{good}'
        f'[[cases]]\nname = "Eight."\ndue = {{ last_day = "overdue" }}\n{good}'
        f'[[cases]]\nname = "Nine."\ndue = {{ last_day = "cannot_tell" }}\n{good}',
        encoding="utf-8",
    )
    with pytest.raises(pr.CaseError, match="`area`") as refused:
        load_cases(tmp_path)
    places = [
        "a",
        "b",
        "b2",
        *(f"c:{number}" for number in (1, 1, 2, 3, 4, 4, 5, 5, 5, 8, 9, 10, 7)),
    ]
    assert [one.path for one in refused.value.problems] == [
        f"unpaid-work/{place}" for place in places
    ]
    assert "in the folder of the case" in str(refused.value)
    assert "`due` must be a table of due, not_due, cannot_tell" in str(refused.value)
    assert "`last_day` must have both `needs` and `cannot_tell`, or neither" in str(refused.value)


def test_a_folder_without_cases_is_refused(tmp_path: Path) -> None:
    with pytest.raises(pr.CaseError, match="no file <area>/"):
        load_cases(tmp_path)
