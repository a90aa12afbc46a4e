"""The pages that people fill in. They need no script, keep nothing and load nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from starlette.routing import Route

from probation_rules.web.pages import curfew, file, pod, rules, unpaid_work
from probation_rules.web.pages.site import Asked, Page, static_routes
from probation_rules.web.rulebooks import Rulebooks


def start(asked: Asked) -> str:
    """Answer a request for the first page."""
    return asked.render("start.html")


# In the order of the list on the first page.
PAGES = (
    Page("/", start),
    pod.PAGE,
    pod.WORKBOOK,
    curfew.PAGE,
    unpaid_work.PAGE,
    file.PAGE,
    rules.PAGE,
    rules.CHANGES,
    rules.RULE,
)


def routes(rulebooks: Rulebooks, today: Callable[[], date] | None = None) -> list[Route]:
    """Return the routes of the pages.

    Args:
        rulebooks: The rulebooks that a request may choose from.
        today: Returns the day that a page suggests; ``None`` for no suggestion.
    """
    listed = tuple(page for page in PAGES if page.title)
    return [*(page.route(rulebooks, listed, today) for page in PAGES), *static_routes()]
