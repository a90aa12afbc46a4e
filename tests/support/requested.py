"""Hostile requests to the service: how each is made, and what must be true of its response."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Mapping
from functools import cache
from random import Random
from typing import Any
from urllib.parse import quote

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
from attrs import frozen
from httpx2 import Response
from starlette.testclient import TestClient

from probation_rules import web
from probation_rules.errors import Problem
from probation_rules.web import logs
from probation_rules.web.problems import Refused
from probation_rules.web.tables import ARROW, LINES, PARQUET
from support.hostile import TEXTS, as_csv, as_json, garbled, mutated

ANSWERS = {200, 304, 307}  # 307: the same address without the slash at its end
REFUSALS = {400, 404, 405, 406, 413, 415, 422}
LINE = {
    "time", "level", "event", "id", "method", "route", "status", "milliseconds", "bytes_in", "bytes_out",
}  # fmt: skip
MAPPING = 'area = "unpaid-work"\nreference = ["Ref"]\n[columns."Kind"]\nfact = "order_type"\n'

Stated = Callable[[Random, str], dict[str, Any]]


@frozen
class Asked:
    """A request: a method, an address, headers and a body or the parts of a form."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    files: Mapping[str, Any] | None = None


def request(random: Random, area: str, stated: Stated) -> Asked:
    """Make a request about cases of an area."""
    make = random.choice((_check, _check, _table, _form, _compare, _address))
    return make(random, area, stated)


def _check(random: Random, area: str, stated: Stated) -> Asked:
    body = _cases(random, area, stated)
    return _asked(random, "POST", f"/v1/check/{area}", "application/json", body)


def _compare(random: Random, area: str, stated: Stated) -> Asked:
    cases = {"area": area, "on": "2026-06-01", "cases": [stated(random, area)]}
    sides = {"before": mutated(random, cases), "after": cases}
    body = as_json(mutated(random, sides) if random.random() < 0.3 else sides)
    body = garbled(random, body) if random.random() < 0.3 else body
    return _asked(random, "POST", "/v1/compare", "application/json", body)


def _table(random: Random, area: str, stated: Stated) -> Asked:
    kind, body = _file(random, area, stated)
    return _asked(random, "POST", f"/v1/check/{area}/table", kind, body)


def _form(random: Random, area: str, stated: Stated) -> Asked:
    kind, body = _file(random, area, stated)
    mapping = garbled(random, MAPPING.encode()) if random.random() < 0.6 else MAPPING.encode()
    parts = {
        "table": (_text(random).encode("utf-8", "replace").decode(), body, kind),
        random.choice(("mapping", "mapping", "table", "x")): ("m", mapping),
    }
    plain = _asked(random, "POST", f"/v1/check/{area}/table", "", b"")
    return Asked("POST", plain.url, {**plain.headers, "Content-Type": ""}, b"", parts)


def _address(random: Random, area: str, _: Stated) -> Asked:
    word = quote(_text(random).encode("utf-8", "replace"))
    paths = (
        "/v1/rules",
        f"/v1/rules/{word}",
        f"/v1/areas/{word}/schema",
        f"/v1/check/{word}",
        f"/v1/areas/{area}/schema",
        f"/{word}",
    )
    method = random.choice(("GET", "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE"))
    return _asked(random, method, random.choice(paths), "application/json", b"[]")  # fmt: skip


def _cases(random: Random, area: str, stated: Stated) -> bytes:
    found: Any = [stated(random, area) for _ in range(random.choice((1, 2, 4)))]
    data = as_json(mutated(random, found) if random.random() < 0.6 else found)
    return garbled(random, data) if random.random() < 0.4 else data


def _file(random: Random, area: str, stated: Stated) -> tuple[str, bytes]:
    rows = [stated(random, area) for _ in range(2)]
    flat = [
        {name: str(one) for name, one in row.items() if not isinstance(one, list)} for row in rows
    ]
    table, out = pa.Table.from_pylist(flat), io.BytesIO()
    kind = random.choice(("text/csv", LINES, PARQUET, ARROW))
    if kind == PARQUET:
        pq.write_table(table, out)
    elif kind == ARROW:
        with pa.ipc.new_stream(out, table.schema) as stream:
            stream.write_table(table)
    elif kind == LINES:
        changed = mutated(random, rows)
        out.write(b"\n".join(map(as_json, changed if isinstance(changed, list) else [changed])))
    else:
        out.write(as_csv(flat))
    body = out.getvalue()
    return kind, garbled(random, body) if random.random() < 0.7 else body


def _asked(random: Random, method: str, path: str, kind: str, body: bytes) -> Asked:
    query = {"on": "2026-06-01"} if random.random() < 0.9 else {}
    if random.random() < 0.2:
        names = ("on", "strict", "facts", "keep", "sheet", "rulebook", "area", _text(random))
        query[random.choice(names)] = _text(random)
    pairs = "&".join(
        f"{quote(name.encode('utf-8', 'replace'))}={quote(value.encode('utf-8', 'replace'))}"
        for name, value in query.items()
    )
    headers = {"Content-Type": kind if random.random() < 0.95 else _header(random)}
    for name in ("Accept", "If-None-Match", "X-Request-ID", "Content-Encoding"):
        if random.random() < 0.1:
            headers[name] = _header(random)
    return Asked(method, f"{path}?{pairs}", headers, body)


def _text(random: Random) -> str:
    return random.choice(TEXTS)


def _header(random: Random) -> str:
    """Return a text that a client may send in a header."""
    text = _text(random).encode("ascii", "replace").decode()[:1_000]
    return "".join(one for one in text if one.isprintable()).strip()


# --- What must be true --------------------------------------------------------------------------


class _Kept(logging.Handler):
    """Keeps the lines of the log."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.setFormatter(logs.JsonLines())

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@cache
def ready() -> tuple[TestClient, _Kept]:
    """Return the service, running in a thread of this process, and its log."""
    kept = _Kept()
    logs.LOGGER.addHandler(kept)
    logs.LOGGER.setLevel(logging.INFO)
    client = TestClient(web.app())
    client.__enter__()
    return client, kept


def put(asked: Asked) -> None:
    """Send a request, and check its response and its line in the log.

    Raises:
        Refused: The service refused it.
    """
    client, kept = ready()
    kept.lines.clear()
    headers = {name: value for name, value in asked.headers.items() if value}
    body: Any = {"files": asked.files} if asked.files else {"content": asked.body}
    answer = client.request(
        asked.method, asked.url, headers=headers, follow_redirects=False, **body
    )
    (line,) = map(json.loads, kept.lines)
    assert line.keys() == LINE, line.keys()
    assert line["method"] in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "other")
    assert line["route"] == "none" or line["route"].startswith("/")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    if answer.status_code not in ANSWERS:
        _refusal(asked, answer)


def _refusal(asked: Asked, answer: Response) -> None:
    assert answer.status_code in REFUSALS, answer.status_code
    if asked.method == "HEAD":
        raise Refused(answer.status_code, Problem("no body"))
    content = answer.json()
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert content["status"] == answer.status_code
    texts = [content["detail"], *(text for one in content["errors"] for text in one.values())]
    assert all(one.isprintable() or one.replace("\n", "").isprintable() for one in texts), texts
    assert all(len(one) < 3_000 for one in texts)
    raise Refused(answer.status_code, Problem(content["detail"]))
