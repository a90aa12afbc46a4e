"""The programs in `examples/` do what their page describes, from the shell."""

from __future__ import annotations

import json
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from runpy import run_path
from unittest.mock import patch

import pytest
from attrs import define

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "examples"
PODS = json.loads((EXAMPLES / "pods.json").read_text(encoding="utf-8"))


# --- Programs -----------------------------------------------------------------------------------


@define
class Ran:
    """The output of a program."""

    stdout: str
    stderr: str


def ran(program: str, *arguments: str, cwd: Path, expected: int = 0) -> Ran:
    """Run a program of the examples in this process, as the shell would."""
    out, err, code = StringIO(), StringIO(), 0
    argv = [program, *arguments]
    with chdir(cwd), redirect_stdout(out), redirect_stderr(err), patch.object(sys, "argv", argv):
        try:
            run_path(str(EXAMPLES / program), run_name="__main__")
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(bool(end.code))
            if isinstance(end.code, str):
                err.write(f"{end.code}\n")
    assert code == expected, err.getvalue()
    return Ran(out.getvalue(), err.getvalue())


def test_an_import_says_what_the_feed_lacks_and_what_it_assumed(tmp_path: Path) -> None:
    text = ran("import_convictions.py", cwd=tmp_path).stdout
    assert "note: 1 ended requirement was left out" in text
    assert "the feed never gives: adjustment_minutes, ete_minutes" in text
    assert "701: the stage is not known" in text
    text = ran("import_convictions.py", "--not-extended", cwd=tmp_path).stdout
    assert "701: backlog" in text
    assert "breach: 75 h outstanding after the last day (assumed: extended)" in text


def test_pods_are_validated_and_the_smallest_change_is_named(tmp_path: Path) -> None:
    text = ran("validate_pods.py", "--ratio", "headcount", cwd=tmp_path, expected=1).stdout
    assert text.splitlines()[0] == "North 1: keeps all"
    assert "pod.8 breach: 2 learners, but 1 POs past the newly-qualified period" in text
    assert "put right by: one learner fewer" in text
    assert "pod.10-not-only-new cannot tell: needs members[0].nqo_completed" in text
    (tmp_path / "good.json").write_text(json.dumps(PODS[:1]), encoding="utf-8")
    ran("validate_pods.py", "good.json", cwd=tmp_path)


def test_a_caseload_is_flagged_and_written(tmp_path: Path) -> None:
    arguments = ("--output", "outcomes.csv")
    lines = ran("flag_caseload.py", *arguments, cwd=tmp_path).stdout.splitlines()
    assert lines[0].startswith("300 orders on 2026-11-21, ")
    assert lines[1].startswith("  EX-0292, -221 days: lapsed: upw.")
    assert lines[-1] == "written to outcomes.csv"
    written = (tmp_path / "outcomes.csv").read_text(encoding="utf-8").splitlines()
    assert len(written) == 301
    early = ran("flag_caseload.py", "--on", "2026-01-15", cwd=tmp_path).stdout
    assert "cannot be judged; the first, EX-0003: the sentence date is after" in early


def test_an_export_of_a_week_later_has_orders_that_are_new_and_gone(tmp_path: Path) -> None:
    ran("made_up_export.py", "monday.csv", "--rows", "90", cwd=tmp_path)
    ran("made_up_export.py", "next.csv", "--rows", "90", "--next-week", cwd=tmp_path)
    first, later = (
        {line.split(",")[0] for line in (tmp_path / name).read_text("utf-8").splitlines()}
        for name in ("monday.csv", "next.csv")
    )
    assert len(first) == 91
    assert first - later
    assert later - first


@pytest.mark.parametrize(
    "program", ["import_convictions.py", "validate_pods.py", "flag_caseload.py"]
)
def test_a_file_that_cannot_be_read_is_one_line(program: str, tmp_path: Path) -> None:
    done = ran(program, "missing.csv", cwd=tmp_path, expected=2)
    assert "missing.csv" in done.stderr


def test_every_program_is_on_the_page_of_examples() -> None:
    page = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    for path in EXAMPLES.glob("*.py"):
        assert f"]({path.name})" in page
