"""`probation-rules serve`: which rulebooks are served, where, and what is refused."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

import probation_rules as pr
from probation_rules.cli import serve
from support.command_line import Run

Served = list[tuple[Any, dict[str, Any]]]


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Served:
    """The applications that were served, each with uvicorn's options; none really runs."""
    found: Served = []
    monkeypatch.setattr("uvicorn.run", lambda app, **options: found.append((app, options)))
    return found


@pytest.fixture(autouse=True)
def loggers_as_before() -> Iterator[None]:
    names = ("probation_rules.web", "uvicorn", "uvicorn.error")
    before = [
        (one, one.handlers, one.propagate, one.level) for one in map(logging.getLogger, names)
    ]
    yield
    for one, handlers, propagate, level in before:
        one.handlers, one.propagate = handlers, propagate
        one.setLevel(level)


@pytest.fixture
def port() -> int:
    """A port that is free."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        found: int = free.getsockname()[1]
    return found


def test_the_shipped_rules_are_served_to_this_computer_only(
    run: Run, served: Served, port: int
) -> None:
    answer = run("serve", "--port", str(port), "--limit", "cases=1")
    assert answer.exit_code == 0
    assert answer.stderr == f"Open http://127.0.0.1:{port}/ (stop with Ctrl-C)\n"
    ((app, options),) = served
    assert options["host"] == "127.0.0.1"
    assert options["access_log"] is False
    assert options["timeout_graceful_shutdown"] == 30
    client = TestClient(app)
    assert client.get("/health").json()["rulebooks"] == {"national": pr.rulebook().digest}
    body = [{"reference": "A"}, {"reference": "B"}]
    assert client.post("/v1/check/pod?on=2026-01-01", json=body).status_code == 413


def test_several_processes_get_the_same_options(
    run: Run, served: Served, port: int, north: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(serve._OPTIONS, "")  # noqa: SLF001 (put back after the test)
    options = ["--rulebook", f"north={north}", "--set", "ratio_measure=headcount"]
    answer = run("serve", "--port", str(port), "--workers", "2", *options, "--limit", "cases=1")
    assert answer.exit_code == 0
    ((app, given),) = served
    assert (app, given["factory"], given["workers"]) == (
        "probation_rules.cli.serve:worker",
        True,
        2,
    )
    client = TestClient(serve.worker())
    assert [*client.get("/health").json()["rulebooks"]] == ["national", "north"]
    assert '"maxItems": 1,' in client.get("/openapi.json").text


@pytest.mark.parametrize(
    ("host", "url", "is_open"),
    [
        ("0.0.0.0", "http://0.0.0.0", True),  # noqa: S104 (nothing listens)
        ("localhost", "http://localhost", False),
        ("region.example", "http://region.example", True),
        ("::1", "http://[::1]", False),
    ],
)
def test_an_address_for_others_is_named(
    run: Run, served: Served, monkeypatch: pytest.MonkeyPatch, host: str, url: str, *, is_open: bool
) -> None:
    monkeypatch.setattr(serve, "_require_free", lambda *_: None)  # not every computer has IPv6
    answer = run("serve", "--host", host)
    assert answer.stderr.startswith(f"Open {url}:8000/ (stop")
    assert ("Other computers may be able to connect" in answer.stderr) is is_open
    assert served


def test_an_address_that_is_taken_is_refused(run: Run, served: Served) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        answer = run("serve", "--port", str(port))
    assert answer.exit_code == 2
    text = f"error: cannot listen on 127.0.0.1, port {port}: address already in use"
    assert answer.stderr.startswith(text)
    assert "choose with --host and --port" in run("serve", "--host", "::2").stderr
    assert served == []


def test_rulebooks_have_names_and_settings(run: Run, north: str) -> None:
    run("--version")  # in the folder of the rulebook
    books = serve.named_books([f"north={north}"], ["ratio_measure=headcount"])
    assert [*books] == ["national", "north"]
    assert books["national"].local == ()
    assert [one.version for one in books["north"].local] == ["3"]
    assert all(book.settings == {"ratio_measure": "headcount"} for book in books.values())
    shared = serve.named_books([north], [])
    assert [one.version for one in shared["national"].local] == ["3"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--set", "ratio"], "must be NAME=VALUE @ --set"),
        (["--set", "order_hours_least=1"], "@ --set order_hours_least"),
        (["--limit", "cases=0", "--limit", "tabels=1"], "give a number above 0 @ --limit cases"),
        (["--limit", "tabels=1"], "`tabels` is not a limit; did you mean `tables`? @ --limit"),
        (["--limit", "Jo"], "this is not a limit; known are body_bytes, cases,"),
        (["--rulebook", "north=none.toml"], "this file cannot be read as text @ none.toml"),
        (["--rulebook", "North=none.toml"], "this file cannot be read as text @ North=none.toml"),
    ],
)
def test_what_cannot_be_served_is_refused(run: Run, options: list[str], message: str) -> None:
    shown = run("serve", *options)
    assert shown.exit_code == 2
    assert message in shown.stderr


def test_without_a_server_the_message_names_the_extra(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> Any:
        raise ModuleNotFoundError(name=name)

    monkeypatch.setattr(serve, "import_module", missing)
    shown = run("serve")
    assert shown.exit_code == 2
    assert "the service needs uvicorn, which is not installed here" in shown.stderr
    assert "probation-rules[web]" in shown.stderr
