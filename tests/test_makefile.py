"""What `make` sets up: an environment of the Python and the versions that were asked for."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from packaging.version import Version

from support.documents import ROOT

# In place of a Python: it writes down that it made an environment, and installs nothing.
PYTHON = f"""#!/bin/sh
case "$1" in
-c) echo "$0" ;;
-m)
    echo "$0" "$PIP_CONSTRAINT" >> made.txt
    mkdir -p .venv/bin
    printf '#!/bin/sh\\n' > .venv/bin/pip
    chmod +x .venv/bin/pip
    ;;
*) exec '{sys.executable}' "$@" ;;
esac
"""


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., list[str]]:
    """Make the environment for development, and return by what each was made so far."""
    folder = tmp_path / "a folder"
    (folder / "assurance").mkdir(parents=True)
    for name in ("Makefile", "pyproject.toml", "constraints.txt", "assurance/lowest.py"):
        shutil.copy(ROOT / name, folder / name)
    for name in ("one", "other"):
        (folder / name).write_text(PYTHON, encoding="utf-8")
        (folder / name).chmod(0o755)

    def made(*variables: str) -> list[str]:
        subprocess.run(
            ["make", "--silent", ".venv/dev.done", *variables],  # noqa: S607
            cwd=folder,
            check=True,
        )
        return (folder / "made.txt").read_text(encoding="utf-8").splitlines()

    return made


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_an_environment_is_made_again_for_another_python_or_other_versions(
    make: Callable[..., list[str]],
) -> None:
    made = ["./one constraints.txt"]
    assert make("PYTHON=./one") == made
    assert make("PYTHON=./one") == made, "nothing has changed"

    made.append("./other constraints.txt")
    assert make("PYTHON=./other") == made
    assert make("PYTHON=./other") == made, "nothing has changed"

    made.append("./other build/lowest.txt")
    assert make("PYTHON=./other", "CONSTRAINTS=build/lowest.txt") == made


def test_the_lowest_versions_are_those_of_every_package_that_is_needed() -> None:
    shown = subprocess.run(
        [sys.executable, ROOT / "assurance" / "lowest.py"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    lowest = dict(re.findall(r"^([\w-]+)==([\w.]+)", shown, re.MULTILINE))
    pinned = dict(
        re.findall(
            r"^([\w-]+)==(\S+)$",
            (ROOT / "constraints.txt").read_text(encoding="utf-8").lower(),
            re.MULTILINE,
        )
    )
    assert {"attrs", "click", "duckdb", "icalendar", "pytest", "z3-solver"} <= lowest.keys()
    for name, version in lowest.items():
        assert Version(version) <= Version(pinned[name]), name
