"""`probation-rules serve`: which rulebooks are served, where, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

import probation_rules as pr
from probation_rules.cli import serve
from support.command_line import Run


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, dict[str, Any]]]:
    """The applications that were served, each with uvicorn's options; none really runs."""
    found: list[tuple[Any, dict[str, Any]]] = []
    monkeypatch.setattr("uvicorn.run", lambda app, **options: found.append((app, options)))
    return found


def test_the_shipped_rules_are_served_to_this_computer_only(
    run: Run, served: list[tuple[Any, dict[str, Any]]]
) -> None:
    told = run("serve")
    assert told.exit_code == 0
    assert told.stderr == "Open http://127.0.0.1:8000/ (stop with Ctrl-C)\n"
    ((app, options),) = served
    assert options["host"] == "127.0.0.1"
    assert options["access_log"] is False
    health = TestClient(app).get("/health").json()
    assert health["rulebooks"] == {"national": pr.rulebook().digest}


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
        (["--rulebook", "north=none.toml"], "this file cannot be read as text @ none.toml"),
        (["--rulebook", "North=none.toml"], "this file cannot be read as text @ North=none.toml"),
    ],
)
def test_what_cannot_be_served_is_refused(run: Run, options: list[str], message: str) -> None:
    told = run("serve", *options)
    assert told.exit_code == 2
    assert message in told.stderr


def test_without_a_server_the_message_names_the_extra(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> Any:
        raise ModuleNotFoundError(name=name)

    monkeypatch.setattr(serve, "import_module", missing)
    told = run("serve")
    assert told.exit_code == 2
    assert "the service needs uvicorn, which is not installed here" in told.stderr
    assert "probation-rules[web]" in told.stderr
