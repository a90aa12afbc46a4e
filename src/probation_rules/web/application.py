"""The application: the routes of the service and of the pages, and what every response has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Route
from starlette.types import ASGIApp

from probation_rules.errors import ProbationRulesError
from probation_rules.rulebook.book import Rulebook
from probation_rules.web import pages, problems
from probation_rules.web.gate import Gate
from probation_rules.web.headers import SafeHeaders
from probation_rules.web.limits import Limits
from probation_rules.web.logs import Logged
from probation_rules.web.rulebooks import Rulebooks
from probation_rules.web.service import Service
from probation_rules.web.tables import Tables


def application(
    rulebooks: Mapping[str, Rulebook],
    today: Callable[[], date] | None = None,
    limits: Limits | None = None,
) -> ASGIApp:
    """Return the application; see `probation_rules.web.app`."""
    books, limits = Rulebooks(rulebooks), limits or Limits()
    routes = [
        *Service(books, limits).routes(),
        *Tables(books, limits).routes(),
        *pages.routes(books, today),
    ]
    paths = {one.endpoint: one.path for one in routes if isinstance(one, Route)}
    inner = Starlette(
        routes=routes,
        middleware=[Middleware(Gate, limits=limits)],
        exception_handlers={
            ProbationRulesError: problems.of_library,
            HTTPException: pages.refusals(books, today),
            Exception: problems.of_fault,
        },
    )
    # Around all of it, so that the response to a fault has an id and safe headers too.
    return Logged(SafeHeaders(inner), paths)
