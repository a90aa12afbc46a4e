"""The documents are right: their code runs, their links work, and every rule is on its page."""

from __future__ import annotations

import doctest
import re
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import probation_rules as pr
from support.documents import FENCED, PAGES, ROOT, dead_links, missing_from, name_of, page_of

AREAS = sorted(pr.rulebook().areas)

# The repository's own files, without environments, caches and built files.
HOME = (".ci", ".github", "assurance", "benchmarks", "docs", "examples", "src", "tests")
# In parts, so that this file does not contain what it looks for.
REGISTRIES = (
    "py" + "pi.",
    "python" + "hosted",
    "ana" + "conda.org",
    "npm" + "js.",
    "crates" + ".io",
)
OPTIONS = ("--index" + "-url", "--extra-index" + "-url", "--find" + "-links")
FOLDERS = ("home", "root", "Users", "work", "tmp", "opt", "mnt")
MACHINE_PATH = re.compile(r"(?<![\w.\-])/(?:" + "|".join(FOLDERS) + r")/\w|\b[A-Z]:\\\\?Users")


def _own_files() -> Iterator[Path]:
    # In a work tree of git, `.git` is a file that names a path.
    own = (path for path in ROOT.iterdir() if path.name not in (".coverage", ".git"))
    yield from (path for path in own if path.is_file())
    for folder in HOME:
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_the_code_on_a_page_runs(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Examples of a page run from top to bottom, in a folder with the files that it names."""
    monkeypatch.chdir(tmp_path)
    text = page.read_text(encoding="utf-8")
    examples, end = "", 0
    for block in FENCED.finditer(text):
        language, name, body = block.groups()
        if name:
            Path(name).write_text(body, encoding="utf-8")
        if language == "toml":
            tomllib.loads(body)
        if language == "python":
            assert ">>> " in body, f"an example without a prompt never runs: {body}"
            # Blank lines for all other text keep the line numbers.
            examples += "\n" * text.count("\n", end, block.start(3)) + body
            end = block.end(3)
    assert len(re.findall("```python", text)) == len(re.findall("^```python$", text, re.MULTILINE))
    test = doctest.DocTestParser().get_doctest(examples, {}, page.stem, name_of(page), 0)
    found: list[str] = []
    options = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    result = doctest.DocTestRunner(optionflags=options).run(test, out=found.append)
    assert not result.failed, "".join(found)


def test_the_links_of_a_page_lead_somewhere() -> None:
    assert {name_of(page): found for page in PAGES if (found := list(dead_links(page)))} == {}


def test_a_dead_link_is_found(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    page = tmp_path / "docs" / "three-answers.md"
    text = page.read_text(encoding="utf-8")
    page.write_text(text.replace("(unpaid-work.md#the-end-of", "(unpaid-work.md#end-of"), "utf-8")
    assert list(dead_links(page)) == ["unpaid-work.md#end-of-the-twelve-month-limit"]
    (tmp_path / "docs" / "unpaid-work.md").unlink()
    assert list(dead_links(page)) == ["unpaid-work.md#end-of-the-twelve-month-limit"]
    page.write_text("[a](missing.md) [b](#missing) [c](#three) [d](https://example.org/x)\n# Three")
    assert list(dead_links(page)) == ["missing.md", "#missing"]


@pytest.mark.parametrize("area", AREAS)
def test_the_page_of_an_area_names_its_rules_stages_and_figures_and_no_others(area: str) -> None:
    """Each rule's title too, and each figure with its value, first day and basis."""
    book = pr.rulebook().area(area)
    assert list(missing_from(book, page_of(area))) == []


def test_a_rule_or_a_figure_that_its_page_does_not_have_is_found() -> None:
    book = pr.rulebook().area("unpaid-work")
    page = page_of("unpaid-work")
    assert list(missing_from(book, page.replace("### `upw.review-9`", "### Nine"))) == [
        "### `upw.review-9` **The nine-month review is recorded.**",
        "`upw.review-9`",
    ]
    assert list(missing_from(book, page.replace("| 300 hours |", "| 320 hours |"))) == [
        "| `order_hours_most` | 300 hours | 1 Dec 2020 | statute |"
    ]
    assert list(missing_from(book, page.replace("| nine-month review point |", "| a point |"))) == [
        "| `review_9_on` | nine-month review point |"
    ]
    assert list(missing_from(book, page.replace("`upw.pace-6`", "`upw.pace-7`"))) == [
        "### `upw.pace-6` **From the six-month point, the work keeps pace with the twelve months.**",
        "`upw.pace-6`",
        "no such rule: `upw.pace-7`",
    ]


def test_every_page_is_reached_from_the_index() -> None:
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    for page in (ROOT / "docs").rglob("*.md"):
        if page.name != "index.md":
            assert f"({page.relative_to(ROOT / 'docs').as_posix()})" in index


def test_the_map_of_the_code_names_every_module() -> None:
    page = (ROOT / "docs" / "how-it-works.md").read_text(encoding="utf-8")
    for path in (ROOT / "src" / "probation_rules").iterdir():
        if path.suffix == ".py" or path.is_dir():
            name = path.name if path.suffix else f"{path.name}/"
            assert name.startswith("_") or f"`{name}" in page, name


def test_no_file_names_a_package_registry_or_a_path_of_a_machine() -> None:
    for path in _own_files():
        text = path.read_bytes().decode("utf-8", errors="replace")
        for word in (*REGISTRIES, *OPTIONS):
            assert word not in text.lower(), f"{name_of(path)}: {word}"
        if found := MACHINE_PATH.search(text):
            pytest.fail(f"{name_of(path)}: {found[0]}")


def test_every_target_of_the_makefile_that_a_page_names_exists() -> None:
    targets = re.findall(
        r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE
    )
    for page in PAGES:
        for target in re.findall(r"`make ([a-z]+)", page.read_text(encoding="utf-8")):
            assert target in targets, f"{name_of(page)}: make {target}"
