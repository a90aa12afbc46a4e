"""What all pages share: the rules to go by, today, and the way from a request to a page.

A page is a function from what was asked to HTML. It answers itself: its forms are sent to its own
address, in the body, so nothing about a person is in an address. Nothing is stored between requests.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date
from functools import cache, partial
from hashlib import sha256
from importlib.resources import files
from typing import Any, Protocol, cast

from attrs import field, frozen
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from probation_rules.caseload.html import environment
from probation_rules.errors import ProbationRulesError, Problem
from probation_rules.rulebook.book import Rulebook
from probation_rules.web.gate import bounded
from probation_rules.web.pages.forms import Form, typed_day
from probation_rules.web.problems import KINDS, Refused, of_http, refused
from probation_rules.web.rulebooks import Rulebooks

MOST_FIELDS = 5_000  # of a form
MOST_TEXT = 1_000_000  # bytes of a field
MOST_BYTES = 2_000_000  # of a form without files
MOST_FILES = 4
PROGRAMS = "/v1/"  # what the addresses for programs begin with
RULEBOOK = "rulebook"  # the field that chooses one, where there are several

# A page may use the style and the icon of the service, and send its form back. It can do nothing else.
# Other headers are the same for all responses.
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
}


@frozen
class Asked:
    """One request for a page.

    Attributes:
        page: The page.
        book: The rules to go by.
        books: All rulebooks of the service.
        listed: The pages of the service, for their list.
        today: The day to offer as the day asked about; ``None`` to offer none.
        root: What the addresses of the service begin with; empty at the top of a host.
        typed: What was typed into the form or, without one, what the address asks for.
        is_sent: Whether a form was sent.
        path: The variable parts of the address.
        files: The files that were sent, by the name of their field.
    """

    page: Page
    book: Rulebook
    books: Rulebooks
    listed: Sequence[Page]
    today: date | None
    root: str
    typed: Mapping[str, str]
    is_sent: bool
    path: Mapping[str, str] = field(factory=dict)
    files: Mapping[str, UploadFile] = field(factory=dict)

    def form(self) -> Form:
        """Return the form as it was sent or, before that, with the day to offer."""
        return Form(self.typed if self.is_sent or not self.today else {"on": typed_day(self.today)})

    def render(self, template: str, **values: Any) -> str:
        """Return a page made from a template of the service."""
        shared = {"asked": self, "page": self.page, "book": self.book, "root": self.root}
        found = environment("probation_rules.web").get_template(template)
        return found.render(**shared, style=style()[1], **values)


class View(Protocol):
    """A function that answers a request with a page, or with a file to download."""

    def __call__(self, asked: Asked) -> str | Response: ...  # noqa: D102


@frozen
class Page:
    """One page of the service.

    Attributes:
        path: Its address.
        view: What answers a request.
        title: Its name on the list of pages; ``None`` if it is not on the list.
        about: What a person can do there.
        sends: Whether it has a form that is sent in the body.
        most_bytes: The most bytes of the form, with its files.
    """

    path: str
    view: View
    title: str | None = None
    about: str = ""
    sends: bool = False
    most_bytes: int = MOST_BYTES

    def route(
        self, books: Rulebooks, listed: Sequence[Page], clock: Callable[[], date] | None
    ) -> Route:
        """Return the route of the page.

        Args:
            books: The rulebooks that a request may choose from.
            listed: The pages of the list.
            clock: Returns the day to offer as the day asked about.
        """
        asked = partial(_asked, self, books, listed, clock)

        async def answer(request: Request) -> Response:
            is_sent, form = request.method == "POST", FormData()
            try:
                if is_sent:
                    form = await _form(request, self.most_bytes)
                texts = {name: value for name, value in form.items() if isinstance(value, str)}
                sent = {name: value for name, value in form.items() if not isinstance(value, str)}
                question = asked(
                    request, {**request.query_params, **texts}, is_sent=is_sent, files=sent
                )
                found = await run_in_threadpool(self.view, question)
                response = HTMLResponse(found) if isinstance(found, str) else found
            except (ProbationRulesError, HTTPException) as error:
                response = _refusal(asked(request, {}, is_sent=False), error)
            finally:
                await form.close()  # a large file was on disk
            for name, value in HEADERS.items():
                response.headers.setdefault(name, value)
            return response

        return Route(self.path, answer, methods=["GET", "POST"] if self.sends else ["GET"])


def refusals(
    page: Page, books: Rulebooks, listed: Sequence[Page], clock: Callable[[], date] | None
) -> Callable[[Request, Exception], Awaitable[Response]]:
    """Return what answers an address that does not exist: a page for a browser, JSON for a program.

    Args:
        page: The first page.
        books: The rulebooks that a request may choose from.
        listed: The pages of the list.
        clock: Returns the day to offer as the day asked about.
    """

    async def answer(request: Request, error: Exception) -> Response:
        is_for_people = "text/html" in request.headers.get("accept", "")
        if not is_for_people or request.url.path.startswith(PROGRAMS):
            return await of_http(request, error)
        asked = _asked(page, books, listed, clock, request, {}, is_sent=False)
        response = _refusal(asked, error)
        response.headers.update(HEADERS)
        return response

    return answer


def _asked(
    page: Page,
    books: Rulebooks,
    listed: Sequence[Page],
    clock: Callable[[], date] | None,
    request: Request,
    typed: Mapping[str, str],
    **more: Any,
) -> Asked:
    """Return the request for a page."""
    return Asked(
        page=page,
        book=books.chosen(typed.get(RULEBOOK)),
        books=books,
        listed=listed,
        today=None if clock is None else clock(),
        root=request.scope.get("root_path", ""),
        typed=typed,
        path=request.path_params,
        **more,
    )


async def _form(request: Request, most_bytes: int) -> FormData:
    """Return a form that was sent."""
    small = Request(request.scope, bounded(request.receive, most_bytes))
    return await small.form(max_fields=MOST_FIELDS, max_files=MOST_FILES, max_part_size=MOST_TEXT)


def _refusal(asked: Asked, error: Exception) -> Response:
    """Return the page about a request that cannot be answered."""
    if isinstance(error, HTTPException):
        error = Refused(error.status_code, Problem(error.detail, "body"))
    found = refused(cast("ProbationRulesError", error))
    content = asked.render("problem.html", heading=KINDS[found.status][1], problems=found.problems)
    return HTMLResponse(content, found.status, headers=found.headers)


@cache
def style() -> tuple[bytes, str]:
    """Return the style sheet of the pages, and a word that changes with its content."""
    names = (("caseload", "templates", "page.css"), ("web", "static", "forms.css"))
    content = b"".join(files("probation_rules").joinpath(*name).read_bytes() for name in names)
    return content, sha256(content).hexdigest()[:12]


def static_routes() -> list[Route]:
    """Return the routes of the style sheet and the icon, which browsers may keep."""
    icon = files("probation_rules").joinpath("web", "static", "icon.svg").read_bytes()
    kept = {"Cache-Control": "public, max-age=86400", "X-Content-Type-Options": "nosniff"}

    async def css(_: Request) -> Response:
        return Response(style()[0], media_type="text/css", headers=kept)

    async def svg(_: Request) -> Response:
        return Response(icon, media_type="image/svg+xml", headers=kept)

    return [Route("/static/style.css", css), Route("/static/icon.svg", svg)]
