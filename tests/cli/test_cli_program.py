from __future__ import annotations

import builtins
import importlib
import os
import runpy
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import probation_rules
from probation_rules import cli
from probation_rules.cli import check, program
from probation_rules.cli.options import today
from support.command_line import Orders, Run

ON = ("--on", "2026-01-15")


def shell(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "probation_rules", *arguments],
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(Path(probation_rules.__file__).parents[1])},
        timeout=60,
        **options,
    )


@pytest.fixture(autouse=True)
def signals_as_before() -> Iterator[None]:
    """The command takes SIGTERM as Ctrl-C; these tests run it in this process."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.usefixtures("run")
def test_the_command_answers_from_the_shell(orders: Orders) -> None:
    file = orders({"reference": "EX-1", "required_minutes": "60"})
    shown = shell("check", "unpaid-work", file, *ON, "--fail-on", "breach")
    assert shown.returncode == 1
    assert "EX-1" in shown.stdout
    assert shown.stderr == ""


@pytest.mark.usefixtures("run")
def test_bad_usage_from_the_shell_has_no_traceback() -> None:
    shown = shell("check", "unpaid-work", "none.csv", *ON)
    assert shown.returncode == 2
    assert shown.stderr == "error: the file was not found @ none.csv\n"
    assert shown.stdout == ""


def test_help_and_version(run: Run) -> None:
    assert "check" in run("--help").stdout
    assert run("check", "-h").exit_code == 0
    assert run("--version").stdout == f"probation-rules {probation_rules.__version__}\n"


@pytest.mark.parametrize(
    ("zone", "works"), [("UTC-25", False), ("UTC+25", False), ("UTC-14", True)]
)
def test_a_time_zone_beyond_a_day_is_told(
    run: Run, orders: Orders, monkeypatch: pytest.MonkeyPatch, zone: str, works: bool
) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", zone)
        time.tzset()
        found = run("check", "unpaid-work", orders({"reference": "made-up-1"}))
    time.tzset()
    assert found.exit_code == (0 if works else 2)
    shown = (
        "error: today is not known: the time zone of this computer is a day or more from UTC; "
        "set TZ to a name such as Europe/London, or give the day with --on\n"
    )
    assert (found.stderr == shown) is not works


@pytest.mark.parametrize(
    "arguments",
    [
        ("--\u202ebook",),
        ("\u202ebook",),
        ("schema", "\u202ebook"),
        ("schema", "pod", "\u202ebook"),
        ("schema", "pod", "--\u202ebook"),
        ("check", "pod", "x.csv", "--on", "\u202ebook"),
        ("rules", "list", "\u202ebook"),
    ],
)
def test_a_wrong_word_is_repeated_without_what_could_steer_a_terminal(
    run: Run, arguments: tuple[str, ...]
) -> None:
    shown = run(*arguments)
    assert shown.exit_code == 2
    assert "\u202e" not in shown.stderr
    assert "Error: " in shown.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["chekc"], "`chekc` is not a command; did you mean `check`? The commands are "),
        (
            ["rules", "shwo"],
            "`shwo` is not a command; did you mean `show`? The commands are changes, check, list, show\n",
        ),
        (
            ["rules", "explain"],
            "`explain` is not a command. The commands are changes, check, list, show",
        ),
        (["check", "--mpa", "a=b"], "`--mpa` is not an option; did you mean `--map`?\n"),
        (["check", "--exmple"], "`--exmple` is not an option; `--help` lists the options\n"),
    ],
)
def test_a_mistyped_command_or_option_gets_a_suggestion_if_one_is_close(
    run: Run, words: list[str], message: str
) -> None:
    result = run(*words)
    assert result.exit_code == 2
    assert message in result.stderr


def test_today_is_a_whole_day() -> None:
    assert type(today()).__name__ == "date"


def test_an_interruption_is_quiet(
    run: Run, orders: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(check, "answer", interrupted)
    result = run("check", "unpaid-work", orders({}), *ON)
    assert result.exit_code == 130
    assert result.stdout == ""
    assert result.stderr == "interrupted; no file is left half written\n"


def test_an_error_of_the_system_is_told_without_a_traceback(
    run: Run, orders: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object, **__: object) -> None:
        raise OSError

    monkeypatch.setattr(check, "answer", failing)
    result = run("check", "unpaid-work", orders({}), *ON)
    assert result.exit_code == 2
    assert result.stderr == "error: cannot read or write\n"


@pytest.mark.usefixtures("run")
def test_a_reader_that_went_away_is_no_error(
    orders: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = orders({})
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w", encoding="utf-8") as gone:
        monkeypatch.setattr(sys, "stdout", gone)
        monkeypatch.setattr(sys, "stderr", None)
        with pytest.raises(SystemExit) as ended:
            cli.main(["check", "unpaid-work", file, *ON])
    assert ended.value.code == program.NOBODY_READS


@pytest.mark.parametrize("missing", ["click", "rich"])
def test_without_the_extra_one_line_says_what_to_install(
    missing: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in sys.modules if name.startswith("probation_rules.cli.")]:
        monkeypatch.delitem(sys.modules, name)
    for name in [name for name in sys.modules if name.partition(".")[0] == missing]:
        monkeypatch.delitem(sys.modules, name)
    found = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name.partition(".")[0] == missing:
            raise ModuleNotFoundError(f"No module named {name!r}", name=missing)
        return found(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(SystemExit) as ended:
        cli.main(["rules", "list"])
    assert ended.value.code == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == f"{missing} is not installed; run `pip install 'probation-rules[cli]'`\n"


def test_another_missing_module_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def without(name: str) -> None:
        raise ModuleNotFoundError(name=name)

    monkeypatch.setattr(cli, "import_module", without)
    with pytest.raises(ModuleNotFoundError):
        cli.main([])


def test_the_module_runs_as_a_program(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["probation-rules", "--version"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("probation_rules", run_name="__main__")
    assert ended.value.code == 0
    assert probation_rules.__version__ in capsys.readouterr().out
    importlib.import_module("probation_rules.__main__")  # and does nothing when imported
