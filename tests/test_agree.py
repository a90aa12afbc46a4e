"""The output of `make assure`, and when it fails: a law that judged nothing has failed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import util
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).parents[1] / "assurance" / "agree.py"


@pytest.fixture(scope="module")
def agree() -> Any:
    """The script, as a module."""
    spec = util.spec_from_file_location("agree", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    found = util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


@pytest.fixture
def ran(agree: Any, monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int, int]]:
    """The runs that were asked for: how many pieces and cases, and on how many processes.

    They run in no process. Of a piece of `pod` nothing is judged, of any other, half.
    """
    runs = []

    def run(todo: Iterator[Any], seed: int, jobs: int, until: float) -> Iterator[Any]:  # noqa: ARG001
        pieces = list(todo)
        runs.append((len(pieces), sum(size for *_, size in pieces), jobs))
        for piece in pieces:
            (_, area), _, size = piece
            yield piece, 0 if area == "pod" else size // 2, 0.5

    monkeypatch.setattr(agree, "run", run)
    monkeypatch.setattr(agree, "why_not_spark", lambda: None)
    return runs


def ended(agree: Any, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> object:
    monkeypatch.setattr(sys, "argv", ["agree.py", *arguments])
    with pytest.raises(SystemExit) as end:
        agree.main()
    return end.value.code


def test_spark_comes_last_in_one_process_on_its_own_number_of_cases(
    agree: Any,
    ran: list[tuple[int, int, int]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked = ("--area", "capacity", "--law", "engines_agree", "--size", "2500", "--spark", "1200")
    assert not ended(agree, monkeypatch, *asked, "--seed", "7", "--jobs", "3")
    assert ran == [(3, 2500, 3), (2, 1200, 1)]
    shown = capsys.readouterr().out.splitlines()
    assert shown[0].startswith("seed 7, ")
    words = [" ".join(line.split()) for line in shown]
    assert "engines_agree capacity 2,500 cases 1,250 judged 1.5 s of a processor" in words
    assert words[-1] == "spark_agrees capacity 1,200 cases 600 judged 1.0 s of a processor"


def test_a_law_that_judged_nothing_is_not_held(
    agree: Any,
    ran: list[tuple[int, int, int]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked = ("--area", "capacity", "--area", "pod", "--law", "tables_agree", "--size", "10")
    assert ended(agree, monkeypatch, *asked)
    assert ran == [(2, 20, 2)]
    capacity, pod = sorted(capsys.readouterr().out.splitlines()[-2:])
    assert "NOT HELD" not in capacity
    assert pod.endswith("0 judged      0.5 s of a processor: NOT HELD, no case was judged")


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (["--size", "0"], "no case of them was asked for"),
        (["--law", "one_stage_holds", "--area", "capacity"], "not about these areas"),
        (["--spark", "5"], "PySpark" if util.find_spec("pyspark") is None else "Java"),
    ],
)
def test_what_cannot_be_held_is_refused_before_anything_runs(
    agree: Any,
    arguments: list[str],
    shown: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("JAVA_HOME", "nowhere")
    assert ended(agree, monkeypatch, *arguments) == 2
    assert shown in capsys.readouterr().err
