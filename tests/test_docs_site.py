"""The site has every rule, figure, source and public name, and every page of the repository."""

from __future__ import annotations

import re
from datetime import date
from functools import cached_property
from importlib import import_module
from pathlib import Path

import attrs
import catalogue
import interface
import pytest
import stage

import probation_rules as pr
from probation_rules.conformance import load_cases
from probation_rules.explanation import called
from probation_rules.language.english import read_aloud
from probation_rules.rulebook import model
from probation_rules.rulebook.model import Area
from support.documents import PAGES, ROOT, dead_links

BOOK = pr.rulebook()
CASES = load_cases()
PAGES_MADE = dict(catalogue.pages(BOOK, CASES))


@pytest.mark.parametrize("area", sorted(BOOK.areas))
def test_every_rule_has_a_page_with_its_figures_sources_and_examples(area: str) -> None:
    book = BOOK.area(area)
    for rule in book.rules:
        page = PAGES_MADE[f"rules/{rule.id}.md"]
        assert f"**{catalogue.plain(rule.title)}.**" in page
        assert f"(../{area}.md#" in page
        for name in rule.figures:
            assert f"[`{name}`](../figures.md#{name})" in page
        for citation in rule.citations:
            assert catalogue.plain(citation.source.title) in page
            assert citation.source.address is None or citation.source.address in page
        for case in CASES:
            assert (rule.id in case.outcomes) == (f"- {catalogue.plain(case.name)} " in page)
        assert f"({rule.id}.md)" in PAGES_MADE["rules/index.md"]
    for day in book.due_days:
        row = f"| `{day.fact}` | {day.label} | {read_aloud(day.node, called(book, None))} |"
        assert row in PAGES_MADE[f"rules/{day.rule}.md"]
    for name in book.parameters:
        assert f"\n### `{name}`\n" in PAGES_MADE["figures.md"]
    for source in book.sources.values():
        assert catalogue.plain(source.title) in PAGES_MADE["sources.md"]


def test_a_page_of_a_rule_reads_as_english() -> None:
    page = PAGES_MADE["rules/upw.review-9.md"]
    assert "| **must**: met if | the nine-month review is recorded |" in page
    assert "| if not met | Hold the review with the unpaid work team and record it. |" in page
    assert "| in force | from 1 Jun 2022, by the nine-month point |" in page
    assert "| 9 months, from 15 Feb 2017 | national-policy |" in page
    assert "  sentence_date: 2023-01-10\n" in page
    assert "Needs `nine_month_review_done`." in page
    assert "## Due days" in page
    assert "## Due days" not in PAGES_MADE["rules/upw.pace-9.md"]


def test_what_a_rule_says_is_shown_as_it_is() -> None:
    assert catalogue.plain("[1981] <b> a_b | *c*") == r"\[1981\] \<b\> a\_b \| \*c\*"


def test_the_pages_are_laid_out_and_reached(tmp_path: Path) -> None:
    """Each page of the repository and each made one, with no dead link, in the navigation."""
    stage.stage(tmp_path)
    laid = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.md")}
    assert laid == {path.relative_to(ROOT).as_posix() for path in PAGES} | {
        f"docs/{path}" for path in (*PAGES_MADE, "api.md")
    }
    index = (tmp_path / "docs" / "index.md").read_text(encoding="utf-8")
    trees = "\n".join(re.findall(r"^```{toctree}\n(.*?)^```$", index, re.MULTILINE | re.DOTALL))
    reached = {
        (tmp_path / "docs" / f"{line}.md").resolve().relative_to(tmp_path).as_posix()
        for line in trees.splitlines()
        if line and line[0] != ":"
    }
    below = {path for path in laid if path.startswith("docs/rules/")} - {"docs/rules/index.md"}
    assert reached == laid - below - {"docs/index.md"}
    for path in laid:
        assert list(dead_links(tmp_path / path)) == [], path


def test_a_rule_that_no_page_explains_is_a_dead_link(tmp_path: Path) -> None:
    stage.stage(tmp_path)
    page = tmp_path / "docs" / "pod.md"
    page.write_text(page.read_text("utf-8").replace("### `pod.8`", "### Learners"), "utf-8")
    assert list(dead_links(tmp_path / "docs/rules/pod.8.md")) == ["../pod.md#pod8"]


def test_every_public_name_is_on_the_page_of_the_interface() -> None:
    page = interface.page()
    for name in dir(pr):
        assert name == "__version__" or re.search(
            rf"^\.\. auto\w+:: probation_rules\.{name}$", page, re.MULTILINE
        )


def test_a_public_name_without_a_docstring_stops_the_build(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pr.explain, "__doc__", None)
    with pytest.raises(ValueError, match="without a docstring: explain"):
        interface.page()


def test_the_first_days_of_the_areas_are_said_as_they_are() -> None:
    page = (ROOT / "docs" / "what-is-modelled.md").read_text(encoding="utf-8")
    for area in BOOK.areas.values():
        (row,) = (line for line in page.splitlines() if f"]({area.name}.md)" in line)
        first = area.facts["on"].min
        assert isinstance(first, date)
        assert f"from {first.day} {first:%B %Y}" in row
        assert f"({area.name}.md#not-modelled)" in row


def documented() -> dict[str, type]:
    """Every class that the page of the interface is about."""
    found = re.findall(r"autoclass:: (\S+)\.(\w+)", interface.page())
    return {name: getattr(import_module(module), name) for module, name in found}


def test_what_a_property_says_is_no_type() -> None:
    """Sphinx would read text before a colon in a property's first line as its type."""
    stated = {
        (name, one): (found.__doc__ or "").partition("\n")[0]
        for name, held in documented().items()
        for one, found in vars(held).items()
        if isinstance(found, property | cached_property)
    }
    assert stated
    assert [place for place, line in stated.items() if ":" in line] == []


def test_what_a_class_works_out_once_has_a_docstring() -> None:
    """With slots attrs puts a slot there instead, without a docstring."""
    for name, held in documented().items():
        fields = {one.name for one in getattr(held, "__attrs_attrs__", ())}
        slots = {one for one in vars(held).get("__slots__", ()) if one[0] != "_"}
        assert slots - fields == set(), name


def test_whatever_a_rulebook_holds_stands_on_the_page() -> None:
    made_of = re.findall(r"\b[A-Z]\w+", " ".join(str(one.type) for one in attrs.fields(Area)))
    assert {one for one in made_of if hasattr(model, one)} - documented().keys() == {
        "Any",
        "AreaSpec",
        "Mapping",
        "Node",
        "Value",
    }
