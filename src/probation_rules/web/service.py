"""The end points of the service, version 1, but for tables."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from functools import cached_property, partial
from typing import Any

import attrs
from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from probation_rules._version import __version__
from probation_rules.errors import Problem, did_you_mean
from probation_rules.explanation import explain, in_force
from probation_rules.quoting import named
from probation_rules.rulebook.book import Rulebook
from probation_rules.schema import case_schema
from probation_rules.web.answers import Asked, checked, comparison
from probation_rules.web.gate import body_of
from probation_rules.web.limits import Deadline, Limits
from probation_rules.web.openapi import description
from probation_rules.web.problems import Refused
from probation_rules.web.query import Query, area_of, no_area, query_of
from probation_rules.web.rulebooks import Rulebooks

JSON = "application/json"
WORKERS = 4  # threads that answer cases; more would only wait for each other


class Service:
    """The end points, with the rulebooks and limits that they use.

    Args:
        rulebooks: The rulebooks that a request may choose from.
        limits: The limits.
    """

    def __init__(self, rulebooks: Rulebooks, limits: Limits) -> None:
        self.rulebooks = rulebooks
        self.limits = limits
        self.workers = CapacityLimiter(WORKERS)

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("/health", self.health),
            Route("/openapi.json", self.openapi),
            Route("/v1/check/{area}", self.check, methods=["POST"]),
            Route("/v1/compare", self.compare, methods=["POST"]),
            Route("/v1/rules", self.rules),
            Route("/v1/rules/{id}", self.rule),
            Route("/v1/areas/{area}/schema", self.schema),
        ]

    async def health(self, _: Request) -> Response:
        """Return that the service is well, and which rules it has."""
        digests = {name: book.digest for name, book in self.rulebooks.by_name.items()}
        return JSONResponse({"status": "ok", "version": __version__, "rulebooks": digests})

    async def openapi(self, request: Request) -> Response:
        """Return the description of this service as OpenAPI 3.1."""
        query = query_of(request, self.rulebooks)
        return await self.lasting(request, query, lambda: self.description)

    @cached_property
    def description(self) -> dict[str, Any]:
        """The description of this service, made when it is first asked for."""
        return description(self.rulebooks, self.limits)

    async def check(self, request: Request) -> Response:
        """Return the report on cases."""
        query = query_of(request, self.rulebooks, "on", "strict")
        area, on = area_of(request, query.book), query.day()
        strict = query.flag("strict", default=True)
        asked = Asked(query.book, area, on, strict, self.limits.cases)
        body = await self.json(request)
        return await self.answered(partial(checked, asked, body, Deadline(self.limits.seconds)))

    async def compare(self, request: Request) -> Response:
        """Return what changed between two sets of answers."""
        book, most = query_of(request, self.rulebooks).book, self.limits.cases
        body = await self.json(request)
        deadline = Deadline(self.limits.seconds)
        return await self.answered(partial(comparison, book, body, deadline, most))

    async def rules(self, request: Request) -> Response:
        """Return the rules in short, those of one area or of all."""
        query = query_of(request, self.rulebooks, "area", "on")
        area = query.values.get("area")
        if area is not None and area not in query.book.documents:
            raise Refused(400, Problem(no_area(area, query.book), "query area"))
        return await self.lasting(
            request, query, partial(_rules, query.book, area, query.day_or_none())
        )

    async def rule(self, request: Request) -> Response:
        """Return one rule in plain English, with its figures and sources."""
        query = query_of(request, self.rulebooks, "on")
        id_, on = str(request.path_params["id"]), query.day_or_none()
        if id_ not in query.book.rules:
            hint = did_you_mean(id_, query.book.rules) or "; /v1/rules lists the rules"
            text = f"{named(id_, query.book.rules)} is not a rule{hint}"
            raise Refused(404, Problem(text, "path"))
        found = explain(id_, on=on, rulebook=query.book)
        return await self.lasting(request, query, lambda: attrs.asdict(found))

    async def schema(self, request: Request) -> Response:
        """Return the JSON Schema of an area's cases."""
        query = query_of(request, self.rulebooks)
        area = area_of(request, query.book)
        return await self.lasting(
            request, query, lambda: case_schema(area), media_type="application/schema+json"
        )

    # --- What the end points share ----------------------------------------------------------

    async def json(self, request: Request) -> bytes:
        """Return the body, which is JSON and not too large.

        Raises:
            Refused: The body is of another type, is too large or is too slow.
        """
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != JSON:
            raise Refused(415, Problem(f"send {JSON}", "header Content-Type"))
        parts = body_of(request, self.limits.body_bytes, self.limits.seconds)
        return b"".join([part async for part in parts])

    async def answered(self, work: Callable[[], str]) -> Response:
        """Return the JSON that some work gives, done in another thread."""
        text = await to_thread.run_sync(work, limiter=self.workers)
        return Response(text, media_type=JSON)

    async def lasting(
        self,
        request: Request,
        query: Query,
        content: Callable[[], Any],
        media_type: str = JSON,
    ) -> Response:
        """Return what depends on the rules and on no case; a client may keep it and ask if it is new."""
        headers = {"ETag": f'"{__version__}-{query.book.digest}"', "Cache-Control": "no-cache"}
        known = request.headers.get("if-none-match", "")
        if known.strip() == "*" or headers["ETag"] in [
            one.strip().removeprefix("W/") for one in known.split(",")
        ]:
            return Response(status_code=304, headers=headers)
        found = await to_thread.run_sync(content, limiter=self.workers)
        text = json.dumps(found, default=date.isoformat)
        return Response(text, media_type=media_type, headers=headers)


# --- Rules --------------------------------------------------------------------------------------


def _rules(book: Rulebook, area: str | None, on: date | None) -> dict[str, Any]:
    """Return the rules in short."""
    chosen = book if on is None else book.on(on)
    return {
        "rulebook": {"version": book.version, "digest": book.digest},
        "rules": [
            {
                "id": rule.id,
                "area": one.name,
                "title": rule.title,
                "severity": rule.severity.value,
                "basis": rule.basis.value,
                "in_force": in_force(rule, one),
            }
            for one in chosen.areas.values()
            for rule in chosen.rules.values()
            if rule.id in one.wordings and area in (None, one.name)
        ],
    }
