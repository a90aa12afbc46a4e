"""Change the Python in one place at a time; see that a test notices.

    make mutants MODULES="language/dates.py engines/cross_check.py"

Cosmic Ray makes the mutants. Each is written into a copy of the project, and the tests that
`mutants.toml` names for its module run on it in a process of their own. It is forked from one that
has other people's libraries in it and nothing of this project, so that what is made at import is
made by the mutant. A mutant is *caught* by a failing test, *timed out*, or *survives*. One that
survives because it means the same is listed in `mutants.toml` with the reason; any other is a
missing test, and the exit code is 1. So it is when a listed one is caught after all, or is gone.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import gc
import importlib
import os
import re
import shlex
import shutil
import signal
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any, NoReturn

import pytest
from attrs import frozen
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

ROOT = Path(__file__).resolve().parent.parent
SOURCE = Path("src/probation_rules")
TABLE = Path(__file__).with_suffix(".toml")
NOT_COPIED = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info", "build", "dist")
PYTEST = (
    "-x", "-q", "-p", "no:cacheprovider", "--hypothesis-profile=fixed",
    "-W", "ignore::pytest.PytestAssertRewriteWarning",  # of libraries imported beforehand
)  # fmt: skip
# What tests import and what is slow to import.
LIBRARIES = (
    "_hypothesis_pytestplugin", "cattrs.preconf.json", "click", "dateutil.relativedelta",
    "holidays", "hypothesis.strategies", "rich.console", "sqlglot.optimizer",
)  # fmt: skip
# A mutant may be slower without being endless, and the machine may be busy.
TIMES_SLOWER, SECONDS_MORE = 5, 20


@frozen
class Mutant:
    """One change of one module.

    Attributes:
        module: The module's path below `src/probation_rules`.
        name: Where it is and what becomes of the line, as `mutants.toml` calls it.
        text: The module's text with the change in it.
    """

    module: str
    name: str
    text: str


def mutants(project: Path, module: str, without: Sequence[str]) -> list[Mutant]:
    """Return every mutant of a module that is a program, and another program than the module.

    Args:
        project: The project's folder.
        module: The module's path below `src/probation_rules`.
        without: Regular expressions for operators of Cosmic Ray that are left out.
    """
    source = (project / SOURCE / module).read_text(encoding="utf-8")
    seen = {_meaning(source)}
    found = []
    for text in _changed(source, re.compile("|".join(without))):
        meaning = _meaning(text)
        if meaning is not None and meaning not in seen:
            seen.add(meaning)
            found.append(Mutant(module, _named(source, text), text))
    return found


def _changed(source: str, without: re.Pattern[str]) -> Iterator[str]:
    nodes = list(ast_nodes(get_ast(source)))
    for name in operator_names():
        made = get_operator(name)
        if made.arguments() or without.fullmatch(name.removeprefix("core/")):
            continue
        places = sum(len(list(made().mutation_positions(node))) for node in nodes)
        for occurrence in range(places):
            yield mutate_code(source, made(), occurrence)


def _meaning(source: str) -> str | None:
    try:
        return ast.dump(ast.parse(source))
    except SyntaxError:
        return None


def _named(source: str, text: str) -> str:
    """Return a mutant's name, which changes only with the line or the function's name."""
    lines, changed = source.splitlines(), text.splitlines()
    edits = difflib.SequenceMatcher(None, lines, changed, autojunk=False).get_opcodes()
    _, first, last, start, end = next(edit for edit in edits if edit[0] != "equal")
    before = " ".join(" ".join(lines[first:last]).split())
    after = " ".join(" ".join(changed[start:end]).split())
    holding = [
        node.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and node.lineno <= first + 1 <= (node.end_lineno or node.lineno)
    ]
    return f"{'.'.join(holding) or 'module'}: {before}  =>  {after}".rstrip()


# --- Running ------------------------------------------------------------------------------------


class Copies:
    """Copies of the project, each with a process at a time that runs tests in it."""

    def __init__(self, folder: Path, number: int) -> None:
        self.original = folder / "original"  # so that work on the project disturbs no run
        self.free = [folder / str(one) for one in range(number)]
        for copy in (self.original, *self.free):
            shutil.copytree(ROOT, copy, ignore=NOT_COPIED)
        self.running: dict[int, tuple[int, Path, Mutant | None]] = {}
        self.ends: dict[int, str] = {}

    def ends_of(
        self, every: Sequence[Mutant | None], tests: Sequence[str], timeout: int
    ) -> list[str]:
        """Return for each mutant `caught`, `timed out` or `survived`.

        Args:
            every: Mutants; ``None`` is the project as it is.
            tests: What pytest runs, one after the other, until one fails.
            timeout: The seconds after which a process is ended.
        """
        self.ends.clear()
        for place, mutant in enumerate(every):
            if not self.free:
                self._wait()
            self._begin(place, mutant, tests, timeout)
        while self.running:
            self._wait()
        return [self.ends[place] for place in range(len(every))]

    def _begin(self, place: int, mutant: Mutant | None, tests: Sequence[str], timeout: int) -> None:
        copy = self.free.pop()
        if mutant is not None:
            (copy / SOURCE / mutant.module).write_text(mutant.text, encoding="utf-8")
        child = os.fork()
        if child == 0:
            # The compiled code of a mutant must not be found in place of the module.
            _test(copy, tests, timeout, keep_bytecode=mutant is None)
        self.running[child] = place, copy, mutant

    def _wait(self) -> None:
        child, status = os.wait()
        place, copy, mutant = self.running.pop(child)
        if mutant is not None:
            shutil.copy2(self.original / SOURCE / mutant.module, copy / SOURCE / mutant.module)
        code = os.waitstatus_to_exitcode(status)
        self.ends[place] = {0: "survived", -signal.SIGALRM: "timed out"}.get(code, "caught")
        self.free.append(copy)


def _test(copy: Path, tests: Sequence[str], timeout: int, *, keep_bytecode: bool) -> NoReturn:
    """Run tests in a copy of the project, and end this process: with 0 if they pass."""
    signal.alarm(timeout)
    os.chdir(copy)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    sys.dont_write_bytecode = not keep_bytecode
    sys.path.insert(0, str(copy / "src"))
    os.environ["PYTHONPATH"] = str(copy / "src")  # for tests that start a Python of their own
    os._exit(int(any(pytest.main([*PYTEST, *shlex.split(part)]) for part in tests)))


def judged(
    copies: Copies, module: str, table: Mapping[str, Any], part: str
) -> tuple[Counter[str], list[str]]:
    """Return how many mutants of a module ended how, and what is missing.

    Raises:
        SystemExit: The tests fail without a mutant, so they cannot detect one.
    """
    tests, listed = table["tests"][module], table["same"].get(module, {})
    began = perf_counter()
    if "caught" in copies.ends_of([None] * len(copies.free), tests, 0):
        raise SystemExit(f"these tests fail without any change: {', '.join(tests)}")
    timeout = SECONDS_MORE + TIMES_SLOWER * round(perf_counter() - began)
    every = mutants(copies.original, module, table["tool"]["without"])
    every = [one for one in every if part in one.name]
    counts: Counter[str] = Counter()
    missing = []
    for mutant, end in zip(every, copies.ends_of(every, tests, timeout), strict=True):
        same = mutant.name in listed
        counts["same" if same and end == "survived" else end] += 1
        if same and end != "survived":
            missing.append(f"listed as the same, but {end}: {mutant.name}")
        elif end == "survived" and not same:
            missing.append(f"survived: {mutant.name}")
    names = {mutant.name for mutant in every}
    gone = [name for name in listed if part in name and name not in names]
    return counts, missing + [f"listed, but no mutant now: {name}" for name in gone]


def main() -> int:
    """Run the mutants of the modules asked for; return 1 if one survives without a reason."""
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("modules", nargs="*", help="modules; all of mutants.toml, if none is named")
    parser.add_argument("--part", default="", help="only mutants with this text in their name")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    asked = parser.parse_args()
    for library in LIBRARIES:
        importlib.import_module(library)
    assert "probation_rules" not in sys.modules
    gc.freeze()  # so that no process goes through it all again
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        copies = Copies(Path(folder), asked.jobs)
        for module in asked.modules or table["tests"]:
            began = perf_counter()
            counts, missing = judged(copies, module, table, asked.part)
            failed = failed or bool(missing)
            for line in missing:
                print(f"  {line}")
            shown = ", ".join(f"{counts[kind]} {kind}" for kind in sorted(counts))
            seconds = perf_counter() - began
            print(f"{module}: {counts.total()} mutants, {shown}, {seconds:.0f} s", flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
