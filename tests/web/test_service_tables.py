"""The end point for tables: every form in and out, bounded, and nothing left behind."""

from __future__ import annotations

import asyncio
import gc
import io
import json
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest
from httpx2 import Response
from starlette.requests import ClientDisconnect
from starlette.testclient import TestClient

import probation_rules as pr
from probation_rules import web
from probation_rules.tables import running
from probation_rules.web import tables
from probation_rules.web.limits import Limits
from probation_rules.web.problems import Refused
from probation_rules.web.rulebooks import Rulebooks
from support.workbooks import xlsx

ON = "2026-01-15"
ORDERS = f"/v1/check/unpaid-work/table?on={ON}"
ROWS = [
    {"reference": "A", "order_type": "community_order", "sentence_date": "2025-03-03"},
    {"reference": "B", "order_type": "neither", "sentence_date": "2025-03-03"},
]
CSV = b"reference,order_type,sentence_date\n" + b"".join(
    ",".join(row.values()).encode() + b"\n" for row in ROWS
)
MAPPING = """
area = "unpaid-work"
reference = ["Ref"]
[columns."Kind"]
fact = "order_type"
words = { "CO" = "community_order" }
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder for temporary files, which is empty again after each test."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    yield tmp_path
    gc.collect()  # DuckDB deletes its own files when the connection is gone
    assert [*tmp_path.glob("probation-rules-*")] == []


def stream(table: pa.Table) -> bytes:
    out = io.BytesIO()
    with pa.ipc.new_stream(out, table.schema) as written:
        written.write_table(table)
    return out.getvalue()


def parquet(table: pa.Table) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out)
    return out.getvalue()


TABLE = pa.Table.from_pylist(
    [{**row, "sentence_date": date.fromisoformat(row["sentence_date"])} for row in ROWS]
)


def sent(
    client: TestClient, body: bytes, kind: str, *, url: str = ORDERS, **headers: str
) -> Response:
    return client.post(url, content=body, headers={"Content-Type": kind, **headers})


def fault(answer: Response, status: int) -> dict[str, str]:
    assert answer.status_code == status, answer.text
    (found,) = answer.json()["errors"]
    return dict(found)


def lines(answer: Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Length"] == str(len(answer.content))
    return [json.loads(line) for line in answer.text.splitlines()]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/csv", CSV),
        ("text/csv; charset=utf-8", CSV),
        ("application/jsonl", b"".join(json.dumps(row).encode() + b"\n" for row in ROWS)),
        (tables.PARQUET, parquet(TABLE)),
        (tables.ARROW, stream(TABLE)),
    ],
    ids=["csv", "csv in UTF-8", "JSON lines", "Parquet", "Arrow"],
)
def test_a_table_of_every_form_is_answered(client: TestClient, kind: str, body: bytes) -> None:
    answer = sent(client, body, kind)
    first, second = lines(answer)
    assert answer.headers["Content-Type"] == "application/jsonl"
    assert answer.headers["Probation-Rules-Digest"] == pr.rulebook().digest
    assert "no column `extended`: unknown in every row" in json.loads(
        answer.headers["Probation-Rules-Notes"]
    )
    assert first["reference"] == "A"
    assert first["upw.review-6"] == "cannot_tell"
    assert second["upw.review-6"] == "invalid"
    assert any("order_type" in reason for reason in second["reasons"])


def test_a_workbook_is_answered(client: TestClient, folder: Path) -> None:
    rows = [[*ROWS[0]], *([*row.values()] for row in ROWS)]
    book = xlsx(folder / "orders.xlsx", ("Orders", rows))
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    answer = sent(client, book.read_bytes(), kind, url=f"{ORDERS}&sheet=Orders")
    assert [row["reference"] for row in lines(answer)] == ["A", "B"]


def test_the_answer_has_the_form_that_the_caller_accepts(client: TestClient) -> None:
    expected = pr.check_table("unpaid-work", TABLE, on=date.fromisoformat(ON)).outcomes.to_pylist()
    assert lines(sent(client, CSV, "text/csv")) == expected
    arrow = sent(client, CSV, "text/csv", Accept=f"{tables.ARROW};q=0.5, text/html")
    assert arrow.headers["Content-Type"] == tables.ARROW
    assert pa.ipc.open_stream(arrow.content).read_all().to_pylist() == expected
    rows = sent(client, CSV, "text/csv", Accept=f"{tables.PARQUET}, */*;q=0.1")
    assert pq.read_table(io.BytesIO(rows.content)).to_pylist() == expected
    wrong = sent(client, CSV, "text/csv", Accept="text/html, application/jsonl;q=0")
    assert fault(wrong, 406)["header"] == "Accept"


def test_a_large_table_is_answered_by_a_statement(client: TestClient) -> None:
    many = pa.concat_tables([TABLE] * 1_500).combine_chunks()
    answer = sent(client, stream(many), tables.ARROW, Accept=tables.ARROW)
    found = pa.ipc.open_stream(answer.content).read_all()
    assert found.num_rows == 3_000
    assert {*found["upw.review-6"].to_pylist()} == {"cannot_tell", "invalid"}
    assert len(lines(sent(client, parquet(many), tables.PARQUET))) == 3_000


def test_options_choose_facts_and_columns_to_keep(client: TestClient) -> None:
    url = f"{ORDERS}&facts=true&keep=Team"
    (row,) = lines(sent(client, b"reference,Team\nA,West\n", "text/csv", url=url))
    assert row["Team"] == "West"
    assert "twelve_months_on" in row or any(name.endswith("_on") for name in row)


@pytest.mark.parametrize("as_file", [True, False])
def test_a_form_has_a_table_and_a_mapping(client: TestClient, *, as_file: bool) -> None:
    table = ("orders.csv", b"Ref,Kind\nA,CO\n", "text/csv")
    if as_file:
        answer = client.post(
            ORDERS, files={"table": table, "mapping": ("m.toml", MAPPING.encode())}
        )
    else:
        answer = client.post(ORDERS, files={"table": table}, data={"mapping": MAPPING})
    (row,) = lines(answer)
    assert (row["reference"], row["upw.default-order-ended"]) == ("A", "not_applicable")


def test_a_mapping_may_be_json_and_is_optional(client: TestClient) -> None:
    mapping = {"area": "unpaid-work", "reference": ["Ref"]}
    table = ("orders.csv", b"Ref\nA\n", "text/csv")
    answer = client.post(ORDERS, files={"table": table}, data={"mapping": json.dumps(mapping)})
    assert [row["reference"] for row in lines(answer)] == ["A"]
    answer = client.post(ORDERS, files={"table": ("orders.csv", CSV, "text/csv")})
    assert [row["reference"] for row in lines(answer)] == ["A", "B"]


@pytest.mark.parametrize(
    ("parts", "data", "status", "detail"),
    [
        ({}, {"mapping": MAPPING, "table": "x"}, 400, "the parts of the form are"),
        ({"table": ("a", b"Ref\nA\n", "text/csv"), "more": ("b", b"")}, {}, 400, "the parts of the form"),
        ({"table": ("Jo Secret.pdf", b"Ref\nA\n", "application/pdf")}, {}, 415, "send a table as"),
        ({"table": ("a", b"Ref\nA\n", "text/csv")}, {"mapping": "["}, 422, "neither TOML nor JSON"),
        ({"table": ("a", b"Ref\nA\n", "text/csv")}, {"mapping": "{" * 9_000}, 422, "neither TOML nor JSON"),
        ({"table": ("a", b"Ref\nA\n", "text/csv")}, {"mapping": "columns = 1"}, 422, ""),
    ],
)  # fmt: skip
def test_a_form_of_other_parts_is_refused(
    client: TestClient, parts: Any, data: dict[str, str], status: int, detail: str
) -> None:
    files = parts or {"nothing": ("n", b"")}
    answer = client.post(ORDERS, files=files, data=data)
    assert answer.status_code == status, answer.text
    assert detail in answer.json()["errors"][0]["detail"]
    assert "Secret" not in answer.text


def test_a_form_that_cannot_be_parsed_is_refused(client: TestClient) -> None:
    for kind in ("multipart/form-data", "multipart/form-data; boundary=x"):
        assert "cannot be read" in fault(sent(client, b"no form", kind), 400)["detail"]


@pytest.mark.parametrize(
    ("kind", "body", "detail"),
    [
        ("text/csv", b"", "the file is empty"),
        ("text/csv", b"Jo Secret\nA\n", "column"),
        ("text/csv", b"<html>", "web page"),
        (tables.PARQUET, parquet(TABLE)[:-9], "cannot be read as Parquet"),
        (tables.ARROW, b"", "cannot be read as an Arrow stream"),
        (tables.ARROW, stream(TABLE)[:60], "cannot be read as an Arrow stream"),
        (tables.ARROW, stream(TABLE)[:-90], "stopped with an error"),
    ],
    ids=[
        "empty",
        "a strange column",
        "a web page",
        "cut Parquet",
        "empty Arrow",
        "cut schema",
        "cut rows",
    ],
)
def test_a_table_that_cannot_be_read_is_refused(
    client: TestClient, kind: str, body: bytes, detail: str
) -> None:
    answer = sent(client, body, kind)
    assert answer.status_code == 422, answer.text
    assert detail in answer.json()["errors"][0]["detail"]
    assert "Secret" not in answer.text


def test_arrow_that_is_not_sound_never_reaches_the_database(client: TestClient) -> None:
    def offsets(*places: int) -> bytes:
        return b"".join(place.to_bytes(4, "little") for place in places)

    sound = stream(pa.table({"reference": ["AAA", "BBBB"]}))
    assert sound.count(offsets(0, 3, 7)) == 1
    wrong = sound.replace(offsets(0, 3, 7), offsets(0, 2**30, 2**30))
    answer = sent(client, wrong, tables.ARROW)
    assert "stopped with an error" in fault(answer, 422)["detail"]


def test_names_of_columns_that_are_not_text_are_refused(client: TestClient) -> None:
    for name, data in (("Tea\x01", ["A"]), ("group", [{"Tea\x01": "A"}])):
        body = stream(pa.table({name: data})).replace(b"Tea\x01", b"Tea\xa3")
        answer = sent(client, body, tables.ARROW)
        assert "cannot be read as an Arrow stream" in fault(answer, 422)["detail"]


def test_the_limits_of_a_table_have_their_own_status(monkeypatch: pytest.MonkeyPatch) -> None:
    small = TestClient(web.app(limits=Limits(table_bytes=20)))
    assert "more than 20 bytes" in fault(sent(small, CSV, "text/csv"), 413)["detail"]
    monkeypatch.setattr(running, "TOLD_EVERY", 0.001)
    many = stream(pa.concat_tables([TABLE] * 20_000).combine_chunks())
    hurried = TestClient(web.app(limits=Limits(table_seconds=0.05)))
    answer = sent(hurried, many, tables.ARROW)
    assert answer.status_code in (408, 503), answer.text
    poor = TestClient(web.app(limits=Limits(table_memory="2MB")))
    assert "more memory than" in fault(sent(poor, many, tables.ARROW), 413)["detail"]


def test_a_table_waits_for_a_place_but_not_for_ever() -> None:
    limits = Limits(tables=1, seconds=0.01)

    async def tried() -> None:
        end = tables.Tables(Rulebooks({"national": pr.rulebook()}), limits)
        await end.places.acquire()
        asked = tables.Asked(pr.rulebook(), "pod", date(2026, 1, 1), tables.LINES, {})
        await end.answered(asked, Path("none.csv"), None)

    with pytest.raises(Refused) as refused:
        asyncio.run(tried())
    assert refused.value.status == 503
    assert refused.value.headers == {"Retry-After": "1"}


def test_a_response_that_breaks_off_leaves_nothing(folder: Path) -> None:
    made = tempfile.TemporaryDirectory(prefix="probation-rules-")
    file = Path(made.name) / "answer.jsonl"
    file.write_bytes(b"x" * 1_000_000)
    response = tables.FileResponse(file, made, {}, tables.LINES)

    async def gone(message: Any) -> None:
        if message["type"] == "http.response.body":
            raise OSError

    async def tried() -> None:
        scope = {"type": "http", "asgi": {"spec_version": "2.4"}}
        await response(scope, asyncio.Event().wait, gone)  # type: ignore[arg-type]

    with pytest.raises(ClientDisconnect):
        asyncio.run(tried())
    assert [*folder.glob("probation-rules-*")] == []


def test_notes_that_are_too_long_for_a_header_are_left_out(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "_LONGEST_NOTES", 10)
    assert sent(client, CSV, "text/csv").headers["Probation-Rules-Notes"] == "[]"


def test_another_argument_of_a_table_is_refused(client: TestClient) -> None:
    answer = sent(client, CSV, "text/csv", url=f"{ORDERS}&keep=Team")
    assert answer.status_code == 422
    assert "Team" in answer.text or "column" in answer.text
