"""The application: the rulebooks that it is made with, and what every response has."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

import probation_rules as pr
from probation_rules import web
from probation_rules.web.headers import DEFAULTS
from probation_rules.web.rulebooks import Rulebooks


def test_the_service_is_well_and_names_its_rulebooks() -> None:
    answer = TestClient(web.app()).get("/health").json()
    assert answer == {
        "status": "ok",
        "version": pr.__version__,
        "rulebooks": {"national": pr.rulebook().digest},
    }


def test_every_response_keeps_nothing_and_loads_nothing() -> None:
    client = TestClient(web.app())
    for path in ("/health", "/missing"):
        headers = client.get(path).headers
        assert {name: headers[name] for name in DEFAULTS} == DEFAULTS


def test_the_first_page_can_be_read() -> None:
    assert "<h1>Check probation policy</h1>" in TestClient(web.app()).get("/").text


def test_a_rulebook_is_chosen_by_name() -> None:
    north = pr.rulebook().with_settings({"ratio_measure": "headcount"})
    books = Rulebooks({"national": pr.rulebook(), "north": north})
    assert books.chosen(None) is books.default is pr.rulebook()
    assert books.chosen("north") is north
    with pytest.raises(pr.InputError, match="`nroth` is not a rulebook; did you mean `north`"):
        books.chosen("nroth")
    with pytest.raises(pr.InputError, match="`west` is not a rulebook; known are national, north"):
        books.chosen("west")


def test_rulebooks_need_a_name_that_an_address_may_have() -> None:
    with pytest.raises(pr.InputError, match="give at least one rulebook"):
        web.app({})
    with pytest.raises(pr.InputError, match="small letters, digits and hyphens"):
        web.app({"North of it": pr.rulebook()})


def test_without_the_extra_the_message_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_: str) -> Any:
        raise ModuleNotFoundError(name="starlette.applications")

    monkeypatch.setattr(web, "import_module", missing)
    with pytest.raises(pr.MissingExtra, match=r"needs starlette.*probation-rules\[web\]"):
        web.app()


def test_another_missing_module_is_not_taken_for_a_missing_extra(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(_: str) -> Any:
        raise ModuleNotFoundError(name="probation_rules.web.lost")

    monkeypatch.setattr(web, "import_module", missing)
    with pytest.raises(ModuleNotFoundError):
        web.app()
