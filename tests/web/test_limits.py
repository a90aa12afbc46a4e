"""The limits of a service, and its responses to requests beyond them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from probation_rules import web
from probation_rules.web.gate import Gate, body_of
from probation_rules.web.limits import Deadline, Limits, TooSlow
from probation_rules.web.problems import Refused


def scope(path: str = "/", client: str = "one", **headers: str) -> Scope:
    pairs = [(name.replace("_", "-").encode(), text.encode()) for name, text in headers.items()]
    return {
        "type": "http", "method": "POST", "path": path, "headers": pairs, "query_string": b"",
        "client": (client, 1),
    }  # fmt: skip


def receiving(*messages: Message) -> Receive:
    """Return a function that receives these messages, and then nothing for ever."""
    left = list(messages)

    async def receive() -> Message:
        if not left:
            await asyncio.Event().wait()
        return left.pop(0)

    return receive


async def body(receive: Receive, seconds: float = 5, **headers: str) -> bytes:
    request = Request(scope(**headers), receive)
    return b"".join([part async for part in body_of(request, 10, seconds)])


def part(text: bytes, *, more: bool = False) -> Message:
    return {"type": "http.request", "body": text, "more_body": more}


def test_a_body_within_the_limits_arrives() -> None:
    assert asyncio.run(body(receiving(part(b"12345", more=True), part(b"67890")))) == b"1234567890"


@pytest.mark.parametrize(
    ("receive", "headers", "status", "text"),
    [
        (lambda: receiving(part(b"12345", more=True), part(b"678901")), {}, 413, "more than 10"),
        (receiving, {"content_length": "11"}, 413, "more than 10 bytes"),
        (lambda: receiving(part(b"1", more=True)), {}, 408, "did not arrive within 0.05 seconds"),
        (lambda: receiving({"type": "http.disconnect"}), {}, 400, "cut off"),
    ],
    ids=["too large", "declared too large", "too slow", "cut off"],
)
def test_a_body_beyond_the_limits_is_refused(
    receive: Callable[[], Receive], headers: dict[str, str], status: int, text: str
) -> None:
    with pytest.raises(Refused) as refused:
        asyncio.run(body(receive(), 0.05, **headers))
    assert refused.value.status == status
    assert text in refused.value.problems[0].text


def test_a_deadline_stops_work() -> None:
    now = iter([0.0, 5.0, 5.1])
    deadline = Deadline(5, lambda: next(now))
    deadline()
    with pytest.raises(TooSlow, match="takes too long"):
        deadline(0.5)


def test_too_many_requests_at_once_are_refused_until_others_end() -> None:
    async def tried() -> list[int]:
        going, statuses = asyncio.Event(), []

        async def slow(scope: Scope, receive: Receive, send: Send) -> None:
            await going.wait()
            await PlainTextResponse("done")(scope, receive, send)

        gate = Gate(slow, Limits(at_once=3, from_one=2))

        async def ask(client: str, path: str = "/") -> None:
            async def send(message: Message) -> None:
                if message["type"] == "http.response.start":
                    statuses.append(message["status"])

            await gate(scope(path, client), receiving(), send)

        first = [asyncio.create_task(ask(client)) for client in ("one", "one", "two")]
        await asyncio.sleep(0)
        await ask("three")  # the service is full
        first.append(asyncio.create_task(ask("three", "/health")))  # and still well
        going.set()
        await asyncio.gather(*first)
        going.clear()
        again = [asyncio.create_task(ask("one")) for _ in range(2)]
        await asyncio.sleep(0)
        await ask("one")  # the third from this address
        going.set()
        await asyncio.gather(*again)
        assert not gate.running
        return statuses

    assert asyncio.run(tried()) == [503, 200, 200, 200, 200, 429, 200, 200]


def test_a_refusal_tells_when_to_ask_again() -> None:
    gate = Gate(web.app(), Limits(at_once=1))
    gate.running["elsewhere"] = 1
    answer = TestClient(gate).get("/v1/rules")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "1"
    assert answer.json()["errors"] == [{"detail": "try again in a second", "place": "the service"}]


def test_limits_have_to_be_possible() -> None:
    with pytest.raises(ValueError, match="at_once"):
        Limits(at_once=0)
