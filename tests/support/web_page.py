"""What tests ask of the pages of the service: a browser without script, in a few lines."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from attrs import define, field
from httpx2 import Response
from starlette.testclient import TestClient

from probation_rules.rulebook.book import Rulebook
from probation_rules.web import app
from probation_rules.web.pages.site import HEADERS
from support.html_page import Element, parsed, require_navigable

TODAY = date(2026, 11, 29)
QUIET = frozenset({"script", "img", "iframe", "object", "embed", "base", "audio", "video", "style"})
SENT = ("input", "select", "textarea", "button")


def client(
    books: Rulebook | Mapping[str, Rulebook] | None = None, day: date | None = TODAY
) -> TestClient:
    """Return a client of the service, on a fixed day."""
    return TestClient(app(books, today=None if day is None else lambda: day))


def require_quiet(page: Element) -> None:
    """Check that a page runs nothing, loads nothing from elsewhere and sends forms to itself only."""
    for one in page.walk():
        assert one.tag not in QUIET, one
        assert "style" not in one.attributes, one
        assert not any(name.startswith("on") for name in one.attributes), one
        address = one.attributes.get("href") or one.attributes.get("action") or "#"
        assert address.startswith(("/", "#", "https://", "http://")), one
        if address.startswith("http"):
            assert one.tag == "a", one
            assert "noreferrer" in one.attributes["rel"], one
        if one.tag == "form":
            assert address.startswith("/"), one


@define
class Browser:
    """A browser that shows a page, fills in its form and presses its buttons.

    Attributes:
        client: The client.
        page: The page that it shows.
    """

    client: TestClient = field(factory=client)
    page: Element = field(init=False)
    typed: dict[str, str] = field(factory=dict, init=False)

    def open(self, address: str) -> Browser:
        """Open an address."""
        self._show(self.client.get(address))
        return self

    def fill(self, **texts: str) -> Browser:
        """Fill in fields, by their names with `__` for a dot."""
        for name, text in texts.items():
            key = name.replace("__", ".")
            assert key in self.typed, key
            self.typed[key] = text
        return self

    def press(self, words: str = "", **files: tuple[str, bytes]) -> Browser:
        """Press the button with these words, the first one if not given, and show what comes.

        Args:
            words: The words.
            files: The files that are chosen, by the name of their field.
        """
        self._show(self.send(words, **files))
        return self

    def send(self, words: str = "", **files: tuple[str, bytes]) -> Response:
        """Press a button, and return what comes without showing it."""
        form = self.page.one("form", method="post")
        own = form.attributes.get("id", "")
        buttons = [*form.all("button"), *self.page.all("button", form=own)]
        button = next(one for one in buttons if words in one.text)
        data = dict(self.typed)
        if "name" in button.attributes:
            data[button.attributes["name"]] = button.attributes["value"]
        chosen = {}
        for one in form.all("input", type="file"):
            name = one.attributes["name"]
            chosen[name] = files.pop(name, ("", b""))  # a browser sends those not chosen too
        assert not files, files
        address = form.attributes["action"].partition("#")[0]
        return self.client.post(address, data=data, files=chosen or None)

    @property
    def text(self) -> str:
        """The text of the page."""
        return self.page.text

    def section(self, name: str) -> Element:
        """Return a section by the id of its heading."""
        return self.page.one("section", **{"aria-labelledby": name})

    @property
    def problems(self) -> dict[str, str]:
        """The error summary: each problem by the field that it leads to."""
        return {
            link.attributes["href"].removeprefix("#"): link.text
            for box in self.page.all("div", class_="problems")
            for link in box.all("a")
        }

    def _show(self, response: object) -> None:
        text, status, headers = (
            getattr(response, name) for name in ("text", "status_code", "headers")
        )
        assert status == 200, text
        assert {name: headers[name] for name in HEADERS} == HEADERS
        assert "set-cookie" not in headers
        self.page = parsed(text)
        require_quiet(self.page)
        require_navigable(self.page)
        self.typed = _typed(self.page)


def _typed(page: Element) -> dict[str, str]:
    """Return what a browser would send of the form of a page, without its buttons."""
    found: dict[str, str] = {}
    for form in page.all("form", method="post"):
        for one in form.walk():
            name, kind = one.attributes.get("name", ""), one.attributes.get("type")
            if (
                one.tag == "input"
                and kind != "file"
                and (kind != "radio" or "checked" in one.attributes)
            ):
                found[name] = one.attributes.get("value", "")
            elif one.tag == "select":
                chosen = [option for option in one.all("option") if "selected" in option.attributes]
                first = (chosen or one.all("option"))[0]
                found[name] = first.attributes.get("value", first.text)
            elif one.tag == "textarea":
                found[name] = "".join(piece for piece in one.pieces if isinstance(piece, str))
    return found
