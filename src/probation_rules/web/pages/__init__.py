"""The pages that people fill in. They need no script, keep nothing and load nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from probation_rules.web.pages import curfew, file, pod, rules, site, unpaid_work
from probation_rules.web.pages.site import Asked, Page, static_routes
from probation_rules.web.rulebooks import Rulebooks


def start(asked: Asked) -> str:
    """Answer a request for the first page."""
    return asked.render("start.html")


START = Page("/", start)
# In the order of the list on the first page.
PAGES = (
    START,
    pod.PAGE,
    pod.WORKBOOK,
    curfew.PAGE,
    unpaid_work.PAGE,
    file.PAGE,
    rules.PAGE,
    rules.CHANGES,
    rules.RULE,
)
LISTED = tuple(page for page in PAGES if page.title)


def routes(rulebooks: Rulebooks, today: Callable[[], date] | None = None) -> list[Route]:
    """Return the routes of the pages.

    Args:
        rulebooks: The rulebooks that a request may choose from.
        today: Returns the day that a page suggests; ``None`` for no suggestion.
    """
    return [*(page.route(rulebooks, LISTED, today) for page in PAGES), *static_routes()]


def refusals(
    rulebooks: Rulebooks, today: Callable[[], date] | None = None
) -> Callable[[Request, Exception], Awaitable[Response]]:
    """Return what answers an address that does not exist, with a page if a browser asks.

    Args:
        rulebooks: The rulebooks that a request may choose from.
        today: Returns the day that a page suggests; ``None`` for no suggestion.
    """
    return site.refusals(START, rulebooks, LISTED, today)
