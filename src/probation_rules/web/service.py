"""The end points of the service, version 1."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from probation_rules._version import __version__
from probation_rules.web.rulebooks import Rulebooks


def routes(rulebooks: Rulebooks) -> list[Route]:
    """Return the routes of the service."""

    async def health(_: Request) -> JSONResponse:
        digests = {name: book.digest for name, book in rulebooks.by_name.items()}
        return JSONResponse({"status": "ok", "version": __version__, "rulebooks": digests})

    return [Route("/health", health)]
