from __future__ import annotations

import pytest

from probation_rules.errors import LONGEST_WORD, did_you_mean

FIELDS = (
    "sentence_date",
    "sentence_type",
    "six_month_review_done",
    "extension_presented",
    "extended_to",
    "required_minutes",
    "upw.pace-6",
)


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("sentnce_date", "sentence_date"),
        ("Sentence Date", "sentence_date"),
        ("sentenceDate", "sentence_date"),
        ("extended_ot", "extended_to"),
        ("six-month reveiw done", "six_month_review_done"),
        ("sentence_typ", "sentence_type"),
        ("upw.pcae-6", "upw.pace-6"),
    ],
)
def test_a_misspelt_word_gets_the_nearest_suggestion(word: str, meant: str) -> None:
    assert did_you_mean(word, FIELDS) == f"; did you mean `{meant}`?"


@pytest.mark.parametrize(
    "word",
    [
        "9 Month Review",
        "nine_month_review_done",
        "Extension",
        "extended_on",
        "sentence",
        "recorded_minutes",
        "upw.pace-7",
        "---",
        "",
        "a" * (LONGEST_WORD + 1),
    ],
)
def test_a_word_of_another_kind_gets_no_suggestion(word: str) -> None:
    assert did_you_mean(word, FIELDS) == ""


def test_a_number_that_differs_gets_no_suggestion() -> None:
    assert did_you_mean("B4", ["B3", "B2"]) == ""
    assert did_you_mean("day_12", ["day_21", "day_120"]) == ""
