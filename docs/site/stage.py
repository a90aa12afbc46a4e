"""Lays out what the site is built from: the pages of the repository and those made from the rules.

The folders are those of the repository, so that every link leads where it leads there.

Usage: python docs/site/stage.py FOLDER
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import catalogue
import figures
import interface

import probation_rules as pr
from probation_rules.conformance.read import load_cases

ROOT = Path(__file__).resolve().parents[2]
_LINK = re.compile(r"\]\(([^()\s#]+)[^()\s]*\)")
_SECTION = re.compile(r"^## (.+)\n((?:.|\n)*?)(?=^## |\Z)", re.MULTILINE)
_MADE = {
    "rules/index.md": "Rule catalogue: every rule on a page, with worked examples",
    "figures.md": "Figures: every one, with its dates and sources",
    "sources.md": "Sources: every document that a rule or a figure rests on",
    "history.md": "History: each rule that began or ended and each figure that changed, by year",
    "api.md": "Python interface: every public name",
}


def stage(folder: Path, root: Path = ROOT) -> None:
    """Write every page, and each file that one links to, below an empty folder.

    Raises:
        ValueError: A page has quantities or dates that its rules file lacks; the error lists all.
    """
    if wrong := _wrong_figures(root):
        raise ValueError("not as the rules files have it: " + "; ".join(wrong))
    made = dict(catalogue.pages(pr.rulebook(), load_cases(root / "tests" / "conformance")))
    made["api.md"] = interface.page()
    for page in _pages(root):
        _copy(page, root, folder)
        for link in _LINK.findall(page.read_text(encoding="utf-8")):
            target = (page.parent / link).resolve()
            if target.is_file() and target.is_relative_to(root):
                _copy(target, root, folder)
    index = folder / "docs" / "index.md"
    index.write_text(navigated(index.read_text(encoding="utf-8")), encoding="utf-8")
    for path, text in made.items():
        target = folder / "docs" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


def _wrong_figures(root: Path) -> list[str]:
    return [
        f"docs/{name}.md: {wrong}"
        for name, area in pr.rulebook().areas.items()
        for wrong in figures.wrong_figures(
            area, (root / "docs" / f"{name}.md").read_text(encoding="utf-8")
        )
    ]


def navigated(index: str) -> str:
    """Return the index with its sections as the site's navigation, and the pages made here."""

    def section(found: re.Match[str]) -> str:
        title, body = found.groups()
        if title == "Reference":
            body = body.rstrip() + "\n"
            body += "".join(
                f"- [{said.partition(':')[0]}]({path}):{said.partition(':')[2]}\n"
                for path, said in _MADE.items()
            )
        entries = "".join(
            f"{link.removesuffix('.md')}\n" for link in dict.fromkeys(_LINK.findall(body))
        )
        tree = f"```{{toctree}}\n:hidden:\n:caption: {title}\n\n{entries}```\n"
        return f"## {title}\n{body}\n{tree}\n"

    return _SECTION.sub(section, index)


def _pages(root: Path) -> Iterator[Path]:
    yield from root.glob("*.md")
    for folder in ("docs", "benchmarks", "examples", "tests"):
        yield from (root / folder).rglob("*.md")


def _copy(path: Path, root: Path, folder: Path) -> None:
    target = folder / path.relative_to(root)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, target)


if __name__ == "__main__":
    into = Path(sys.argv[1])
    shutil.rmtree(into, ignore_errors=True)
    stage(into)
