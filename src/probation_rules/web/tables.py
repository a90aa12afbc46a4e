"""The end point for tables: a file in, the outcomes of every row out.

The body goes to a temporary file, DuckDB answers it within its limit of memory, and the outcomes go
to a second file, from which the response is read in pieces. So memory does not grow with the table,
and a response begins only when the whole answer is there. Both files are in a folder that only this
process may read, and are deleted with the response.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from functools import partial
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import anyio
from anyio import to_thread
from attrs import frozen
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

import probation_rules as pr
from probation_rules.errors import CaseError, Problem
from probation_rules.rulebook.book import Rulebook
from probation_rules.web.gate import body_of
from probation_rules.web.limits import Deadline, Limits
from probation_rules.web.problems import AGAIN, Refused
from probation_rules.web.query import area_of, query_of
from probation_rules.web.rulebooks import Rulebooks

ARROW = "application/vnd.apache.arrow.stream"
FORM = "multipart/form-data"
LINES = "application/jsonl"
PARQUET = "application/vnd.apache.parquet"

TAKEN: Mapping[str, str] = {
    "text/csv": ".csv",
    LINES: ".jsonl",
    PARQUET: ".parquet",
    ARROW: ".arrow",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}
"""The media types of a table, each with the ending of its file."""

GIVEN: Mapping[str, str] = {LINES: ".jsonl", ARROW: ".arrow", PARQUET: ".parquet"}
"""The media types of an answer, each with the ending of its file. The first is the default."""

_PIECE = 1 << 18  # bytes
_LONGEST_NOTES = 4_000  # characters of a header


@frozen
class Asked:
    """A question about a table.

    Attributes:
        book: The rules.
        area: The area's name.
        on: The day asked about.
        media_type: The media type of the answer.
        options: Other arguments of `check_table`.
    """

    book: Rulebook
    area: str
    on: date
    media_type: str
    options: Mapping[str, Any]


class Tables:
    """The end point, with the rulebooks and limits that it uses.

    Args:
        rulebooks: The rulebooks that a request may choose from.
        limits: The limits.
    """

    def __init__(self, rulebooks: Rulebooks, limits: Limits) -> None:
        self.rulebooks = rulebooks
        self.limits = limits
        self.places = anyio.Semaphore(limits.tables)

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [Route("/v1/check/{area}/table", self.check, methods=["POST"])]

    async def check(self, request: Request) -> Response:
        """Return the outcomes of every row of a table."""
        query = query_of(request, self.rulebooks, "on", "facts", "keep", "sheet")
        asked = Asked(
            query.book,
            area_of(request, query.book),
            query.day(),
            wanted(request.headers.get("accept", "*/*")),
            {
                "facts": query.flag("facts", default=False),
                "keep": query.lists["keep"],
                "sheet": query.values.get("sheet"),
                "memory_limit": self.limits.table_memory,
                "threads": self.limits.table_threads,
            },
        )
        folder = TemporaryDirectory(prefix="probation-rules-")
        try:
            file, mapping = await self.received(request, Path(folder.name))
            answer, headers = await self.answered(asked, file, mapping)
        except BaseException:
            folder.cleanup()
            raise
        return FileResponse(answer, folder, headers, asked.media_type)

    async def received(self, request: Request, folder: Path) -> tuple[Path, object]:
        """Write the body to a file, and return the file and the mapping.

        Raises:
            Refused: The body is of another type, is too large or is too slow.
        """
        kind = _kind(request.headers.get("content-type", ""))
        limits = self.limits
        body = body_of(request, limits.table_bytes, limits.table_seconds)
        if kind == FORM:
            return await _from_form(request, body, folder)
        file = folder / f"body{_ending(kind)}"
        with file.open("wb") as out:
            async for part in body:
                out.write(part)
        return file, None

    async def answered(
        self, asked: Asked, file: Path, mapping: object
    ) -> tuple[Path, Mapping[str, str]]:
        """Answer a table in another thread, when one of the places for tables is free.

        Raises:
            Refused: No place becomes free in time.
            CaseError: The table cannot be read.
        """
        try:
            with anyio.fail_after(self.limits.seconds):
                await self.places.acquire()
        except TimeoutError:
            text = "other tables are being answered; try again later"
            raise Refused(503, Problem(text, "the service"), headers=AGAIN) from None
        try:
            deadline = Deadline(self.limits.table_seconds)
            return await to_thread.run_sync(partial(checked, asked, file, mapping, deadline))
        finally:
            self.places.release()


class FileResponse(StreamingResponse):
    """A file as a response. Its folder is deleted when the response has ended, however it ends.

    Args:
        file: The file.
        folder: Its folder.
        headers: More headers.
        media_type: Its media type.
    """

    def __init__(
        self,
        file: Path,
        folder: TemporaryDirectory[str],
        headers: Mapping[str, str],
        media_type: str,
    ) -> None:
        self.pieces = _pieces(file)
        self.folder = folder
        length = {"Content-Length": str(file.stat().st_size)}
        super().__init__(self.pieces, headers={**headers, **length}, media_type=media_type)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the file."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            with anyio.CancelScope(shield=True):
                await self.pieces.aclose()
            self.folder.cleanup()


async def _pieces(file: Path) -> AsyncGenerator[bytes]:
    async with await anyio.open_file(file, "rb") as opened:
        while piece := await opened.read(_PIECE):
            yield piece


# --- What is asked ------------------------------------------------------------------------------


def wanted(accept: str) -> str:
    """Return the media type of the answer that a request prefers.

    Args:
        accept: The header `Accept`.

    Raises:
        Refused: It names none of the media types of an answer.
    """
    choices: list[tuple[float, str]] = []
    for one in accept.split(","):
        kind, _, parameters = one.partition(";")
        quality = parameters.strip().removeprefix("q=")
        weight = float(quality) if quality.replace(".", "", 1).isdecimal() else 1.0
        choices.append((-weight, kind.strip().lower()))
    for weight, kind in sorted(choices, key=lambda choice: choice[0]):
        if weight < 0 and kind in ("", "*/*", "application/*"):
            return next(iter(GIVEN))
        if weight < 0 and kind in GIVEN:
            return kind
    raise Refused(406, Problem(f"an answer is {' or '.join(GIVEN)}", "header Accept"))


def _kind(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _ending(kind: str) -> str:
    if kind not in TAKEN:
        text = f"send a table as {', '.join(TAKEN)}, or a form with `table` and `mapping`"
        raise Refused(415, Problem(text, "header Content-Type"))
    return TAKEN[kind]


async def _from_form(
    request: Request, body: AsyncGenerator[bytes], folder: Path
) -> tuple[Path, object]:
    """Return the table and the mapping of a form."""
    try:
        form = await MultiPartParser(request.headers, body, max_files=2, max_fields=2).parse()
    except MultiPartException:
        raise Refused(400, Problem("the form cannot be read; send it again", "body")) from None
    try:
        table, mapping = form.get("table"), form.get("mapping")
        if not isinstance(table, UploadFile) or {*form} - {"table", "mapping"}:
            text = "the parts of the form are a file `table` and, if you want, `mapping`"
            raise Refused(400, Problem(text, "body"))
        file = folder / f"body{_ending(_kind(table.content_type or ''))}"
        with file.open("wb") as out:
            while piece := await table.read(_PIECE):
                out.write(piece)
        given = await mapping.read() if isinstance(mapping, UploadFile) else mapping
    finally:
        await form.close()
    return file, None if given is None else _mapping(given)


def _mapping(given: bytes | str) -> Mapping[str, Any]:
    """Return the content of a mapping, which is TOML or JSON."""
    try:
        text = given.decode() if isinstance(given, bytes) else given
        found = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
    except (ValueError, RecursionError):
        text = "the mapping is neither TOML nor JSON in UTF-8"
        raise Refused(422, Problem(text, "the mapping")) from None
    return dict(found)


# --- The answer ---------------------------------------------------------------------------------


def checked(
    asked: Asked, file: Path, mapping: object, deadline: Deadline
) -> tuple[Path, Mapping[str, str]]:
    """Answer a table, and return the file of the outcomes and the headers that describe it.

    Args:
        asked: The question.
        file: The table.
        mapping: How its columns are read; ``None`` if they have the names of facts.
        deadline: Called while DuckDB works.

    Raises:
        CaseError: The table cannot be read, or a column is unknown or of a wrong type.
        InputError: The mapping, or another option, is not allowed.
        NotInForce: The day is before the first one that the area's rules cover.
        TooSlow: The time is over.
    """
    answer = file.with_name(f"answer{GIVEN[asked.media_type]}")
    written = answer.with_suffix(".parquet") if asked.media_type == ARROW else answer
    try:
        with _opened(file, deadline) as data:
            table = pr.check_table(
                asked.area, data, on=asked.on, rulebook=asked.book, mapping=mapping,
                progress=deadline, **asked.options,
            )  # fmt: skip
        table.write(written)
    except pr.InputError as error:
        if not isinstance(error.__context__, import_module("duckdb").OutOfMemoryException):
            raise
        text = "this table needs more memory than the service may use; send fewer rows"
        raise Refused(413, Problem(text, "body")) from None
    if written != answer:
        _to_arrow(written, answer)
    notes = json.dumps(table.notes)
    return answer, {
        "Probation-Rules-Digest": asked.book.digest,
        "Probation-Rules-Version": asked.book.version,
        "Probation-Rules-Notes": notes if len(notes) <= _LONGEST_NOTES else "[]",
    }


@contextmanager
def _opened(file: Path, deadline: Deadline) -> Iterator[Any]:
    """Yield a table for `check_table`: the file itself or, for Arrow, a reader of its batches."""
    if file.suffix != ".arrow":
        yield file
        return
    arrow: Any = import_module("pyarrow")
    try:
        with arrow.OSFile(str(file)) as source, arrow.ipc.open_stream(source) as stream:
            _read_names(stream.schema)
            yield arrow.RecordBatchReader.from_batches(stream.schema, _sound(stream, deadline))
    except (arrow.ArrowException, OSError, UnicodeDecodeError):
        text = "this cannot be read as an Arrow stream; it may be cut off or have another format"
        raise CaseError([Problem(text, "body")]) from None


def _read_names(fields: Iterable[Any]) -> list[str]:
    """Return the names of columns and of the fields inside them. DuckDB fails if one is not text.

    Raises:
        UnicodeDecodeError: A name is not text.
    """
    found: list[str] = []
    for one in fields:
        inner = [one.type.field(place) for place in range(one.type.num_fields)]
        found += [one.name, *_read_names(inner)]
    return found


def _sound(stream: Any, deadline: Deadline) -> Iterator[Any]:
    """Yield the batches of a stream, each checked: DuckDB takes it for granted that they are sound."""
    for batch in stream:
        deadline()
        batch.validate(full=True)
        yield batch


def _to_arrow(parquet: Path, answer: Path) -> None:
    """Write a Parquet file as an Arrow stream, a batch at a time."""
    arrow: Any = import_module("pyarrow")
    with (
        import_module("pyarrow.parquet").ParquetFile(parquet) as rows,
        arrow.OSFile(str(answer), "wb") as out,
        arrow.ipc.new_stream(out, rows.schema_arrow) as stream,
    ):
        for batch in rows.iter_batches():
            stream.write_batch(batch)
