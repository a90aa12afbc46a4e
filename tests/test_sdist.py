"""Someone who has only the source distribution can run `make test`: nothing that git has is missing."""

from __future__ import annotations

import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
GIT = shutil.which("git") if (ROOT / ".git").exists() else None


def included() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    names = project["tool"]["hatch"]["build"]["targets"]["sdist"]["only-include"]
    assert len(names) == len(set(names))
    return set(names)


@pytest.mark.skipif(GIT is None, reason="git lists the files, and this is not a checkout")
def test_the_source_distribution_has_each_file_and_folder_that_git_has() -> None:
    listed = subprocess.run(
        [str(GIT), "-c", "safe.directory=*", "ls-files", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert included() == {name.partition("/")[0] for name in listed.split("\0") if name}


def test_what_the_source_distribution_has_is_here() -> None:
    assert [name for name in sorted(included()) if not (ROOT / name).exists()] == []
