"""A line of JSON for each request, with nothing that a person typed."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from starlette.testclient import TestClient

from probation_rules import web
from probation_rules.web import answers, logs

ORDER = {"reference": "Jo Secret", "order_type": "community_order", "extended": True}
ON = {"on": "2026-11-21"}


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    names = (logs.LOGGER.name, "uvicorn", "uvicorn.error")
    loggers = [logging.getLogger(name) for name in names]
    before = [(one, one.handlers, one.propagate, one.level) for one in loggers]
    yield
    for one, handlers, propagate, level in before:
        one.handlers, one.propagate = handlers, propagate
        one.setLevel(level)


@pytest.fixture
def client() -> TestClient:
    return TestClient(web.app(), raise_server_exceptions=False)


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    shown = capsys.readouterr()
    assert shown.out == ""
    return [json.loads(line) for line in shown.err.splitlines()]


def test_a_request_is_one_line_without_its_content(
    client: TestClient, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure()
    answer = client.post("/v1/check/unpaid-work", params=ON, json=[ORDER])
    (line,) = lines(capsys)
    assert line.keys() == {
        "time", "level", "event", "id", "method", "route", "status", "milliseconds", "bytes_in",
        "bytes_out",
    }  # fmt: skip
    assert line["route"] == "/v1/check/{area}"
    assert line["status"] == 200
    assert line["id"] == answer.headers["X-Request-ID"]
    assert line["bytes_in"] > 50
    assert line["bytes_out"] == len(answer.content)


def test_nothing_of_a_request_is_logged(
    client: TestClient, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure()
    secret = {"X-Request-ID": "Secret"}
    client.post("/v1/check/unpaid-work", params=ON, json=[ORDER], headers=secret)
    client.post("/v1/check/unpaid-work", params=ON, json=[{**ORDER, "extended": "Secret"}])
    client.post("/v1/check/Secret", params={"Secret": "Secret"}, json=[ORDER])
    client.get("/Secret/Secret", headers={"Secret": "Secret"})
    client.get("/v1/rules/Secret")
    client.request("SECRET", "/v1/rules/Secret")
    shown = capsys.readouterr()
    assert shown.err.count("\n") == 6
    assert "secret" not in (shown.err + shown.out).lower()
    assert json.loads(shown.err.splitlines()[-1])["method"] == "other"


def test_a_fault_is_logged_by_its_type_and_place(
    client: TestClient, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("about Jo Secret")

    monkeypatch.setattr(answers, "read", broken)
    logs.configure()
    answer = client.post("/v1/check/unpaid-work", params=ON, json=[ORDER])
    assert answer.status_code == 500
    assert answer.json()["title"] == "The service has a fault"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    try:
        broken()
    except RuntimeError:
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application\n")
    shown = capsys.readouterr().err
    *_, fault = map(json.loads, shown.splitlines())
    assert fault["event"] == "fault"
    assert fault["error"] == "RuntimeError"
    assert fault["at"][0].startswith("test_logs.py:")
    assert "Secret" not in shown + answer.text


def test_an_id_of_the_caller_is_taken_over_if_it_is_a_uuid(client: TestClient) -> None:
    own = str(uuid4())
    assert client.get("/health", headers={"X-Request-ID": own}).headers["X-Request-ID"] == own
    given = client.get("/health", headers={"X-Request-ID": "Jo"}).headers["X-Request-ID"]
    assert UUID(given).version == 4
