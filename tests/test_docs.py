"""The documents hold: their code runs, their links lead somewhere, every rule is on its page."""

from __future__ import annotations

import doctest
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import probation_rules as pr
from probation_rules.language.tree import Type
from probation_rules.language.words import say

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *ROOT.glob("[bet]*/*.md"),
        *ROOT.glob("tests/*/*.md"),
    ]
)
AREAS = sorted(pr.rulebook().areas)
DAY = Type("date")

FENCED = re.compile(r"^```(\w+) ?(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^()\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)

# The repository's own files; environments, caches and what is built are none of them.
HOME = (".ci", ".github", "assurance", "benchmarks", "docs", "examples", "src", "tests")
# In parts, so that this file does not hold what it looks for.
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


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _anchor(heading: str) -> str:
    """The fragment that a heading is reached by."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _own_files() -> Iterator[Path]:
    yield from (path for path in ROOT.iterdir() if path.is_file() and path.name != ".coverage")
    for folder in HOME:
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path


@pytest.mark.parametrize("page", PAGES, ids=_name)
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
    test = doctest.DocTestParser().get_doctest(examples, {}, page.stem, _name(page), 0)
    found: list[str] = []
    options = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    result = doctest.DocTestRunner(optionflags=options).run(test, out=found.append)
    assert not result.failed, "".join(found)


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_the_links_of_a_page_lead_somewhere(page: Path) -> None:
    prose = FENCED.sub("", page.read_text(encoding="utf-8"))
    for link in LINK.findall(prose):
        if link.startswith(("https://", "http://")):
            continue
        place, _, fragment = link.partition("#")
        target = (page.parent / place).resolve() if place else page
        assert target.exists(), link
        if fragment:
            headings = HEADING.findall(target.read_text(encoding="utf-8"))
            assert fragment in map(_anchor, headings), link


@pytest.mark.parametrize("area", AREAS)
def test_the_page_of_an_area_names_its_rules_stages_and_figures_and_no_others(area: str) -> None:
    book = pr.rulebook().area(area)
    page = (ROOT / "docs" / f"{area}.md").read_text(encoding="utf-8")
    said = set(re.findall(r"`([\w.\-]+)`", page))
    for names in (
        book.wordings,
        book.stages,
        book.parameters,
        book.facts,
        book.derived,
        book.sources,
    ):
        assert said.issuperset(names), set(names) - said
    prefix = next(iter(book.wordings)).partition(".")[0]
    of_this_area = {name for name in said if name.startswith(f"{prefix}.")}
    assert of_this_area == set(book.wordings)


@pytest.mark.parametrize("area", AREAS)
def test_the_page_of_an_area_says_what_its_rules_file_says(area: str) -> None:
    """Each rule's title, and each figure with its value, first day and basis."""
    book = pr.rulebook().area(area)
    page = (ROOT / "docs" / f"{area}.md").read_text(encoding="utf-8")
    text = " ".join(page.split())
    for rule in book.rules:
        assert f"### `{rule.id}` **{rule.title}.**" in text
    for name, figure in book.parameters.items():
        rows = [
            f"| `{name}` | {say(one.value, figure.type)} | {say(one.from_, DAY)} | {figure.basis} |"
            for one in figure.values
        ] or [f"| `{name}` | not set | | {figure.basis} |"]
        for row in rows:
            assert row in text


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
            assert word not in text.lower(), f"{_name(path)}: {word}"
        if found := MACHINE_PATH.search(text):
            pytest.fail(f"{_name(path)}: {found[0]}")


def test_every_target_of_the_makefile_that_a_page_names_exists() -> None:
    targets = re.findall(
        r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE
    )
    for page in PAGES:
        for target in re.findall(r"`make ([a-z]+)", page.read_text(encoding="utf-8")):
            assert target in targets, f"{_name(page)}: make {target}"
