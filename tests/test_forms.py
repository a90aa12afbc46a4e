"""The forms for issues and pull requests ask for a source and a day, and for no personal data."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

HOME = Path(__file__).resolve().parents[1] / ".github"
FORMS = sorted((HOME / "ISSUE_TEMPLATE").glob("[!c]*.yml"))
# An sdist has the tests without the forms.
pytestmark = pytest.mark.skipif(
    not HOME.exists(), reason="the forms are not in this copy of the project"
)


def required(form: str) -> set[str]:
    """The fields of a form that have to be filled in."""
    fields = re.split(r"^  - type: ", form, flags=re.MULTILINE)[1:]
    return {
        re.findall(r"^    id: (\w+)$", one, re.MULTILINE)[0]
        for one in fields
        if "required: true" in one
    }


def text_of(name: str) -> str:
    return (HOME / "ISSUE_TEMPLATE" / name).read_text(encoding="utf-8")


def test_there_is_a_form_for_each_kind() -> None:
    assert [form.stem for form in FORMS] == ["bug", "policy-change", "wrong-answer"]
    assert "blank_issues_enabled: false" in text_of("config.yml")


def test_a_change_of_policy_needs_a_source_its_place_and_its_days() -> None:
    assert required(text_of("policy-change.yml")) == {
        "source",
        "place",
        "from",
        "decides",
        "seen",
        "says",
    }


def test_a_wrong_answer_needs_a_made_up_case_and_a_source() -> None:
    form = text_of("wrong-answer.yml")
    wanted = {"case", "on", "rule", "got", "expected", "source", "version", "made_up"}
    assert required(form) == wanted
    assert "Made-up cases only" in form


def test_a_bug_is_told_without_personal_data() -> None:
    form = text_of("bug.yml")
    assert required(form) == {"did", "happened", "expected", "version", "made_up"}
    assert "Made-up data only" in form


def test_a_pull_request_says_its_source_and_day() -> None:
    text = (HOME / "PULL_REQUEST_TEMPLATE.md").read_text(encoding="utf-8")
    for words in ("Source, and the place in it:", "First day in force", "The day you looked:"):
        assert words in text
