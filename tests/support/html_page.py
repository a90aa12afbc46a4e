"""What tests ask of a page of HTML: its structure, and what no page of ours may do."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from html.parser import HTMLParser
from itertools import pairwise

from attrs import Factory, define, field

VOID = frozenset({"meta", "br", "hr", "img", "input", "link", "base", "col", "wbr"})
# What would fetch, run or send something.
ACTIVE = frozenset(
    {
        "script",
        "link",
        "img",
        "iframe",
        "object",
        "embed",
        "form",
        "input",
        "base",
        "audio",
        "video",
    }
)
POINTING = ("aria-labelledby", "aria-describedby", "for", "headers")


@define(eq=False)
class Element:
    """One element, with its content."""

    tag: str
    attributes: dict[str, str]
    parent: Element | None = field(default=None, repr=False)
    children: list[Element] = Factory(list)
    pieces: list[str | Element] = field(factory=list, repr=False)

    @property
    def text(self) -> str:
        """Its text, with single blanks."""
        return " ".join("".join(self.texts()).split())

    def texts(self) -> Iterator[str]:
        """Yield its text in pieces; a block's ends with a blank."""
        for piece in self.pieces:
            yield from [piece] if isinstance(piece, str) else piece.texts()
        if self.tag in ("td", "th", "p", "li", "dd", "dt", "bdi", "span", "h3", "caption", "b"):
            yield " "

    def all(self, tag: str, **attributes: str) -> list[Element]:
        """Every element below of a tag, with these attributes; `class_` is any of its classes."""
        return [one for one in self.walk() if one.tag == tag and one.has(attributes)]

    def one(self, tag: str, **attributes: str) -> Element:
        """The only such element."""
        (found,) = self.all(tag, **attributes)
        return found

    def walk(self) -> Iterator[Element]:
        """Every element below, in the order of the page."""
        for child in self.children:
            yield child
            yield from child.walk()

    def rows(self) -> list[list[str]]:
        """The texts of a table's body, row by row."""
        return [
            [cell.text for cell in row.children]
            for body in self.all("tbody")
            for row in body.all("tr")
        ]

    def has(self, wanted: dict[str, str]) -> bool:
        """Whether it has these attributes."""
        for name, value in wanted.items():
            held = self.attributes.get(name.rstrip("_"), "")
            if value not in (held.split() if name == "class_" else [held]):
                return False
        return True


class _Reader(HTMLParser):
    """Builds the tree and refuses a page that is not well formed: a browser would mend it."""

    def __init__(self) -> None:
        super().__init__()
        self.root = self.at = Element("", {})

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"an attribute twice: {tag} {names}"
        one = Element(tag, {name: value or "" for name, value in attrs}, self.at)
        self.at.children.append(one)
        self.at.pieces.append(one)
        if tag not in VOID:
            self.at = one

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.at.tag == tag, f"</{tag}> closes <{self.at.tag}> at {self.getpos()}"
        assert self.at.parent is not None
        self.at = self.at.parent

    def handle_data(self, data: str) -> None:
        self.at.pieces.append(data)


def parsed(text: str) -> Element:
    """Return a page as a tree."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    assert reader.at is reader.root, f"<{reader.at.tag}> is never closed"
    return reader.root


def require_inert(page: Element) -> None:
    """Nothing on the page runs, loads or sends anything."""
    for one in page.walk():
        assert one.tag not in ACTIVE, one
        for name, value in one.attributes.items():
            assert not name.startswith("on"), one
            assert name not in ("style", "src", "srcset", "background", "action", "ping"), one
            if name in ("href", "xlink:href"):
                assert one.tag == "a", one
                assert value.startswith(("#", "https://", "http://")), one
            # An address inside the page, such as a pattern's, may be anywhere.
            assert not re.search(r"url\((?!#)", value), one
    for style in page.all("style"):
        assert not re.search(r"url\((?!#)|@import|expression", style.text)


def require_sealed(page: Element) -> None:
    """The page's own policy lets it show itself with its own style, and do nothing else."""
    head = page.one("head")
    policy = head.one("meta", **{"http-equiv": "Content-Security-Policy"}).attributes["content"]
    style = head.one("style").pieces[0]
    assert isinstance(style, str)
    digest = b64encode(sha256(style.encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )


def require_navigable(page: Element) -> None:
    """Check that a screen reader and a keyboard can use the page."""
    assert page.one("html").attributes["lang"] == "en-GB"
    assert page.one("title").text if not page.all("svg") else page.one("head").one("title").text
    for landmark in ("header", "nav", "main", "footer"):
        assert page.one(landmark)
    body = page.one("body")
    first = body.all("a")[0]
    assert first.attributes["href"] == f"#{page.one('main').attributes['id']}"
    levels = [int(one.tag[1]) for one in body.walk() if re.fullmatch("h[1-6]", one.tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    ids = [one.attributes["id"] for one in page.walk() if "id" in one.attributes]
    assert len(ids) == len(set(ids))
    for one in page.walk():
        for name in POINTING:
            assert set(one.attributes.get(name, "").split()) <= set(ids), one
        if one.attributes.get("href", "").startswith("#"):
            assert one.attributes["href"][1:] in ids, one
        if one.tag in ("section", "nav"):
            assert one.attributes["aria-labelledby"]
        if one.attributes.get("class") == "scroll":
            assert one.attributes["tabindex"] == "0"
            assert one.attributes["role"] == "region"
            assert one.attributes["aria-labelledby"]
    for table in page.all("table"):
        assert table.one("caption").text
        assert all(cell.attributes.get("scope") in ("col", "row") for cell in table.all("th"))
    for drawing in page.all("svg"):
        if "aria-hidden" not in drawing.attributes:
            assert drawing.attributes["role"] == "img"
            assert drawing.children[0].tag == "title"
            assert drawing.children[0].text
            assert drawing.children[1].tag == "desc"
            assert drawing.children[1].text
