"""Structured logs: a line of JSON for each request, with nothing that a person typed.

A line has the route and not the path, because a path can be anything. It has no body, no query, no
address and no reference. A fault is logged by its type and its place in the code, because its
message could repeat a value.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from time import perf_counter
from typing import Any
from uuid import UUID, uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUEST_ID = "X-Request-ID"
LOGGER = logging.getLogger("probation_rules.web")
_SERVER = ("uvicorn", "uvicorn.error")
_METHODS = ("GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE")
_NO_ROUTE = "none"


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage().partition("\n")[0],
        }
        line |= getattr(record, "request", {})
        if record.exc_info and record.exc_info[1] is not None:
            line["event"] = "fault"
            line |= _fault(record.exc_info[1])
        return json.dumps(line)


def _fault(error: BaseException) -> dict[str, Any]:
    """Return the type of an error and where it was raised, without its message."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{one.filename.rpartition('/')[2]}:{one.lineno}" for one in frames]
    return {"error": type(error).__name__, "at": places[::-1]}


def configure() -> None:
    """Write the lines of this service and of its server to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    for name in (LOGGER.name, *_SERVER):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [handler], False
        logger.setLevel(logging.INFO)


class Logged:
    """Gives each request an id, and logs it when its response has ended.

    Args:
        app: The application.
        routes: The path of each endpoint's route, such as `/v1/check/{area}`.
        clock: Returns the seconds since some moment.
    """

    def __init__(
        self,
        app: ASGIApp,
        routes: Mapping[Any, str],
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        self.app = app
        self.routes = routes
        self.clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = _id(Headers(scope=scope).get(REQUEST_ID))
        scope.setdefault("state", {})["request_id"] = request_id
        began, status, sent, got = self.clock(), 500, 0, 0

        async def counted_receive() -> Message:
            nonlocal got
            message = await receive()
            got += len(message.get("body", b""))
            return message

        async def counted_send(message: Message) -> None:
            nonlocal status, sent
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID] = request_id
            sent += len(message.get("body", b""))
            await send(message)

        try:
            await self.app(scope, counted_receive, counted_send)
        finally:
            line = {
                "id": request_id,
                "method": scope["method"] if scope["method"] in _METHODS else "other",
                "route": self.routes.get(scope.get("endpoint"), _NO_ROUTE),
                "status": status,
                "milliseconds": round((self.clock() - began) * 1_000, 1),
                "bytes_in": got,
                "bytes_out": sent,
            }
            LOGGER.info("request", extra={"request": line})


def _id(given: str | None) -> str:
    """Return the id that the caller gave if it is a UUID, or else a new one.

    Any other text could be a name or a reference, so it is not taken over.
    """
    try:
        return str(UUID(given))
    except (TypeError, ValueError, AttributeError):
        return str(uuid4())
