"""The service over HTTP and the pages to fill in, as one ASGI application.

Starlette and Jinja2 are imported when the application is made. They come with the extra `web`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from importlib import import_module
from typing import TYPE_CHECKING, cast

from probation_rules.errors import MissingExtra
from probation_rules.rulebook import shipped
from probation_rules.web.limits import Limits

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from probation_rules.rulebook.book import Rulebook

__all__ = ["Limits", "app"]

_EXTRA = ("jinja2", "python_multipart", "starlette")


def app(
    rulebooks: Rulebook | Mapping[str, Rulebook] | None = None,
    *,
    today: Callable[[], date] | None = None,
    limits: Limits | None = None,
) -> ASGIApp:
    """Return the service and its pages, for any ASGI server.

    Args:
        rulebooks: The rules, or several rulebooks by name. A request chooses with the query
            parameter `rulebook`; the first rulebook answers a request that does not choose. The
            shipped rules if not given.
        today: Returns the day that a page suggests. Without it, pages suggest no day. The end
            points of the service never use it.
        limits: How large, how long and how many at once requests may be.

    Raises:
        MissingExtra: The extra `web` is not installed.
        InputError: No rulebook is given, or a name is not allowed.
    """
    try:
        application = import_module("probation_rules.web.application")
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in _EXTRA:
            raise
        text = f"the service needs {missing.name}, which is not installed here"
        raise MissingExtra(text, "web") from None
    books = shipped() if rulebooks is None else rulebooks
    named = books if isinstance(books, Mapping) else {"national": books}
    return cast("ASGIApp", application.application(named, today, limits))
