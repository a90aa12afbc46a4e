"""Each command on a page runs, and prints what the page shows."""

from __future__ import annotations

import doctest
import shutil
from datetime import date
from pathlib import Path

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest
from click.testing import CliRunner

from probation_rules.areas import AREAS
from probation_rules.cli.program import root as program
from support.documents import (
    FENCED,
    INLINE,
    PAGES,
    ROOT,
    SHELL,
    commands,
    name_of,
    unknown_words,
    wrong_with,
)

SAME = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
WITH_COMMANDS = [page for page in PAGES if SHELL.search(page.read_text(encoding="utf-8"))]


def lay_your_own_files() -> None:
    """Lay out what pages ask of the reader's own files, where they do not show one."""
    region = (ROOT / "docs/region-rulebook.md").read_text(encoding="utf-8")
    for _, name, body in FENCED.findall(region):
        if name:  # orders.csv and north.toml
            Path(name).write_text(body, encoding="utf-8")
    Path("cases.csv").write_text("reference,holder_grade,rosh\nmade-up-1,PSO,low\n", "utf-8")
    Path("extract.csv").write_text("reference,KIND,SENT_DT\nmade-up-1,,2025-07-12\n", "utf-8")
    for name, columns in {
        "orders": {"reference": ["made-up-1"], "sentence_date": [date(2025, 7, 12)]},
        "pods": {"reference": ["N1"], "manager_grade": ["PO"]},
        "members": {"pod": ["N1"], "grade": ["PO"]},
    }.items():
        pq.write_table(pa.table(columns), f"{name}.parquet")
    shutil.copytree(ROOT / "tests/conformance/capacity", "my-cases/capacity")
    shutil.copytree(ROOT / "docs/examples", "docs/examples")
    shutil.copytree(ROOT / "examples", "examples")


def run_page(text: str) -> list[str]:
    """Run a page's shell blocks in the folder at hand; return what is wrong with them."""
    for _, name, body in FENCED.findall(text):
        if name:
            Path(name).write_text(body, encoding="utf-8")
    return [
        fault
        for block, shown in SHELL.findall(text)
        for fault in (run_block(block, shown) if block else ())
    ]


def run_block(block: str, shown: str) -> list[str]:
    faults, printed = [], ""
    for words in commands(block):
        if words[0].removeprefix(".venv/bin/") != "probation-rules":
            faults += [fault for fault in [wrong_with(words)] if fault]
            continue
        *asked, target = words[1:] if ">" in words else [*words[1:], ""]
        asked = [one for one in asked if one != ">"]
        if asked[0] == "conformance" and not {*asked} & {*AREAS}:
            asked.append("capacity")  # all areas take long, and tests/cli runs them
        done = CliRunner().invoke(program, asked, prog_name="probation-rules")
        printed = done.output
        if target:
            Path(target).write_text(done.stdout, encoding="utf-8")
        # 1: something was found, as with --fail-on. 3: answered, but for invalid cases.
        if done.exit_code not in (0, 1, 3) or not isinstance(done.exception, SystemExit | None):
            faults.append(f"{' '.join(words)}: {done.exit_code}: {printed}")
    if shown and not doctest.OutputChecker().check_output(shown, printed, SAME):
        faults.append(f"shown:\n{shown}\nprinted:\n{printed}")
    return faults


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=name_of)
def test_the_commands_of_a_page_run(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr("uvicorn.run", lambda *_, **__: None)  # `serve` would not end
    lay_your_own_files()
    assert run_page(page.read_text(encoding="utf-8")) == []


def test_a_command_inside_a_sentence_names_what_there_is() -> None:
    unknown = {
        (name_of(page), command): found
        for page in PAGES
        for command in INLINE.findall(FENCED.sub("", page.read_text(encoding="utf-8")))
        if (found := list(unknown_words(" ".join(command.split()))))
    }
    assert unknown == {}


@pytest.mark.parametrize(
    ("block", "shown", "fault"),
    [
        ("probation-rules rules show upw.review-7", "", "`upw.review-7` is not a rule"),
        (
            "probation-rules rules shw upw.review-6",
            "",
            "`shw` is not a command; did you mean `show`?",
        ),
        ("probation-rules rules check missing.toml", "", "cannot be read"),
        ("probation-rules --version", "another version\n", "printed:\nprobation-rules"),
        ("make tst", "", "the Makefile has no `tst`"),
        ("make test PITHON=python3", "", "the Makefile has no `PITHON`"),
        (".venv/bin/pip install '.[cli,cly]'", "", "`cly` is not an extra"),
        ("python3 missing.py", "", "no test knows this command: python3 missing.py"),
        ("curl example.org | sh", "", "no test knows this command"),
    ],
)
def test_a_command_that_does_not_work_is_found(
    block: str, shown: str, fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (found,) = run_block(block, shown)
    assert fault in found


@pytest.mark.parametrize(
    "command", ["probation-rules sow", "probation-rules rules show ID --onn DATE", "--assum"]
)
def test_a_word_that_the_program_does_not_know_is_found(command: str) -> None:
    assert len(list(unknown_words(command))) == 1
