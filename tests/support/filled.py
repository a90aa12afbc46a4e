"""Hostile texts in the forms of the pages: how a form is filled in, and what must be true of its page."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from random import Random

from attrs import frozen

from probation_rules.errors import Problem
from probation_rules.web.pages import PAGES
from probation_rules.web.problems import Refused
from support import requested
from support.hostile import TEXTS
from support.html_page import parsed, require_navigable
from support.web_page import Browser, require_quiet

REFUSALS = {400, 404, 413, 422}
LIKELY = (
    "yes", "no", "PO", "PSO", "CA", "PQiP", "SPO", "community_order", "3/3/2026", "2026-03-03",
    "23 June 2026", "120", "120:30", "7.5", "0.6", "1", "M-1", "every_day", "monday", "same",
    "none", "19:00", "07:00", "home", "CRN", "Hours ordered", "sentence_date", "required_minutes",
    "hour", "keep", "?", "-", "unpaid-work", "pod", "curfew-variation",
)  # fmt: skip
# More fields that the page of PODs reads.
MEMBERS = tuple(
    f"{place}.members.{row}.{name}"
    for place in "ab"
    for row in (0, 1, 9999)
    for name in ("reference", "grade", "fte", "nqo_completed", "key")
)
# The later fields of the page about a curfew variation.
CURFEW = (
    *(
        f"{week}.{row}.{part}"
        for week in ("current", "proposed")
        for row in (0, 1, 99)
        for part in ("day", "start", "end", "place")
    ),
    *("boundary_changes", "form_done", "form_on", "person_told_done", "reached"),
)
# The fields of the page about a file, after a file was chosen.
FILE = (
    *(
        f"column.{place}.{part}"
        for place in (0, 1, 2)
        for part in ("header", "was", "as", "unit", "round", "form", "zone", "text.0", "word.0")
    ),
    *("name", "not_known", "by", "of", "since_on"),
)
BUTTONS = (
    "check", "paste", "csv", "second", "only", "rows.a", "move.1", "remove.1", "back.0",
    "try.a.learner:-1", "try.b.PSO:1", "next", "all", "rows", "report", "workbook", "mapping",
)  # fmt: skip


@frozen
class Filled:
    """A form that was filled in: its address, and what was typed by the name of the field."""

    address: str
    typed: Mapping[str, str]


@cache
def _fields() -> dict[str, tuple[str, ...]]:
    """Return the names of the fields of each page with a form about cases."""
    client, _ = requested.ready()
    addresses = [page.path for page in PAGES if page.sends]
    return {one: tuple(Browser(client).open(one).typed) for one in addresses}


def form(random: Random) -> Filled:
    """Fill in some fields of a page, with likely texts and hostile ones."""
    address = random.choice([*_fields()])
    names = (*_fields()[address], *MEMBERS, *CURFEW, *FILE, "trail", "paste", "rulebook")
    typed = {"on": "29/11/2026"}
    if random.random() < 0.7:
        typed["do"] = random.choice(BUTTONS)
    if random.random() < 0.3:
        state = {_text(random): _text(random), "pods": "2", random.choice(MEMBERS): _text(random)}
        typed["trail"] = json.dumps([state, {random.choice(MEMBERS): "PO"}])
    if address == "/file":
        table = f"CRN,Sentence date,Hours ordered,{_text(random)}\nX1,3/4/2026,{_text(random)},a\n"
        typed["carried.0"] = b64encode(_sendable(table).encode()).decode()
    for _ in range(random.randrange(12)):
        text = _text(random) if random.random() < 0.5 else random.choice(LIKELY)
        typed[random.choice(names)] = text
    return Filled(address, {name: _sendable(text) for name, text in typed.items()})


def put(filled: Filled) -> None:
    """Send a form, and check its page.

    Raises:
        Refused: The service refused it.
    """
    client, _ = requested.ready()
    answer = client.post(filled.address, data=dict(filled.typed))
    if answer.headers["Content-Type"].startswith("text/html"):
        page = parsed(answer.text)
        require_quiet(page)
        require_navigable(page)
        assert answer.text.replace("\n", "").isprintable()
    if answer.status_code != 200:
        assert answer.status_code in REFUSALS, answer.status_code
        raise Refused(answer.status_code, Problem("refused"))


def _text(random: Random) -> str:
    return random.choice(TEXTS)


def _sendable(text: str) -> str:
    """Return a text as a browser can send it."""
    return text.encode("utf-8", "replace").decode()
