"""The application: the routes of the service and of the pages, and what every response has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from starlette.applications import Starlette
from starlette.middleware import Middleware

from probation_rules.rulebook.book import Rulebook
from probation_rules.web import pages, service
from probation_rules.web.headers import SafeHeaders
from probation_rules.web.rulebooks import Rulebooks


def application(
    rulebooks: Mapping[str, Rulebook], today: Callable[[], date] | None = None
) -> Starlette:
    """Return the application; see `probation_rules.web.app`."""
    books = Rulebooks(rulebooks)
    return Starlette(
        routes=[*service.routes(books), *pages.routes(books, today)],
        middleware=[Middleware(SafeHeaders)],
    )
