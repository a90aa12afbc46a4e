"""What all pages share: the rules to go by, today, and the way from a request to a page.

A page is a function from what was asked to HTML. It answers itself: its forms are sent to its own
address, in the body, so nothing about a person is in an address. Nothing is stored between requests.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any, Protocol

from attrs import field, frozen
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from probation_rules.caseload.html import environment
from probation_rules.errors import InputError
from probation_rules.rulebook.book import Rulebook
from probation_rules.web.pages.forms import Form, typed_day
from probation_rules.web.rulebooks import Rulebooks

MOST_FIELDS = 5_000  # of a form
MOST_BYTES = 1_000_000  # of a field
MOST_FILES = 4
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
    """

    path: str
    view: View
    title: str | None = None
    about: str = ""
    sends: bool = False

    def route(
        self, books: Rulebooks, listed: Sequence[Page], clock: Callable[[], date] | None
    ) -> Route:
        """Return the route of the page.

        Args:
            books: The rulebooks that a request may choose from.
            listed: The pages of the list.
            clock: Returns the day to offer as the day asked about.
        """

        async def answer(request: Request) -> Response:
            is_sent = request.method == "POST"
            typed, sent = await _form(request) if is_sent else ({}, {})
            typed = {**request.query_params, **typed}
            try:
                book = books.chosen(typed.get(RULEBOOK))
            except InputError as error:
                raise HTTPException(404, str(error.problems[0].text)) from None
            asked = Asked(
                page=self,
                book=book,
                books=books,
                listed=listed,
                today=None if clock is None else clock(),
                root=request.scope.get("root_path", ""),
                typed=typed,
                is_sent=is_sent,
                path=request.path_params,
                files=sent,
            )
            found = await run_in_threadpool(self.view, asked)
            response = HTMLResponse(found) if isinstance(found, str) else found
            response.headers.update(HEADERS)
            return response

        return Route(self.path, answer, methods=["GET", "POST"] if self.sends else ["GET"])


async def _form(request: Request) -> tuple[dict[str, str], dict[str, UploadFile]]:
    """Return the fields and the files of a form that was sent."""
    form = await request.form(
        max_fields=MOST_FIELDS, max_files=MOST_FILES, max_part_size=MOST_BYTES
    )
    texts = {name: value for name, value in form.items() if isinstance(value, str)}
    files_ = {name: value for name, value in form.items() if not isinstance(value, str)}
    return texts, files_


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
