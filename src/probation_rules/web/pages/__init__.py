"""The pages that people fill in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Mount, Route

from probation_rules.web.rulebooks import Rulebooks
from probation_rules.web.templating import environment


def routes(
    rulebooks: Rulebooks,  # noqa: ARG001
    today: Callable[[], date] | None = None,  # noqa: ARG001
) -> list[Route | Mount]:
    """Return the routes of the pages.

    Args:
        rulebooks: The rulebooks that a request may choose from.
        today: Returns the day that a page suggests; ``None`` for no suggestion.
    """

    async def start(_: Request) -> HTMLResponse:
        return HTMLResponse(environment().get_template("start.html").render())

    return [Route("/", start)]
