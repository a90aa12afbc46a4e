"""How much a request may ask for: bytes of a body, and requests at the same time."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator
from math import inf
from time import monotonic

import anyio
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from probation_rules.errors import Problem
from probation_rules.web.limits import Limits
from probation_rules.web.problems import AGAIN, Refused, response

ALWAYS = ("/health",)  # answered however busy the service is


class Gate:
    """Refuses a request if too many are being answered, or if its body is too large.

    Args:
        app: The application.
        limits: The limits.
    """

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self.app = app
        self.limits = limits
        self.running: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["path"] in ALWAYS:
            await self.app(scope, receive, send)
            return
        client = (scope.get("client") or ("",))[0]
        if status := self._full(client):
            problem = Problem("try again in a second", "the service")
            request_id = scope.get("state", {}).get("request_id")
            answer = response(status, [problem], request_id=request_id, headers=AGAIN)
            await answer(scope, receive, send)
            return
        self.running[client] += 1
        try:
            await self.app(scope, bounded(receive, self.limits.table_bytes), send)
        finally:
            self.running[client] -= 1
            if not self.running[client]:
                del self.running[client]

    def _full(self, client: str) -> int | None:
        """Return the status of a refusal if a request from this address is one too many."""
        if self.running.total() >= self.limits.at_once:
            return 503
        return 429 if self.running[client] >= self.limits.from_one else None


def bounded(receive: Receive, most: int, seconds: float = inf) -> Receive:
    """Return a function that receives a body, and refuses one that is too large or too slow.

    Args:
        receive: Receives the next message.
        most: The most bytes.
        seconds: How long the whole body may take to arrive, from now.
    """
    got, end = 0, monotonic() + seconds

    async def receive_() -> Message:
        nonlocal got
        try:
            with anyio.fail_after(end - monotonic()):
                message = await receive()
        except TimeoutError:
            text = f"the body did not arrive within {seconds:g} seconds; send it again"
            raise Refused(408, Problem(text, "body")) from None
        got += len(message.get("body", b""))
        if got > most:
            raise too_large(most)
        return message

    return receive_


def too_large(most: int) -> Refused:
    """Return the refusal of a body of more bytes."""
    return Refused(413, Problem(f"the body has more than {most:,} bytes; send less", "body"))


async def body_of(request: Request, most: int, seconds: float) -> AsyncGenerator[bytes]:
    """Yield the pieces of a body.

    Args:
        request: The request.
        most: The most bytes.
        seconds: How long the whole body may take to arrive.

    Raises:
        Refused: The body is too large, too slow, or its sender went away.
    """
    declared = Headers(scope=request.scope).get("content-length", "")
    if declared.isdecimal() and int(declared[:20]) > most:
        raise too_large(most)
    try:
        async for piece in Request(request.scope, bounded(request.receive, most, seconds)).stream():
            yield piece
    except ClientDisconnect:
        raise Refused(400, Problem("the body was cut off; send it again", "body")) from None
