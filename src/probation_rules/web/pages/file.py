"""The page about a file: agree how its columns are read, then get the morning report and the workbook.

Nothing is stored between two requests. The file travels inside the form, so that it is chosen only once.
"""

from __future__ import annotations

import re
import tomllib
import zipfile
from base64 import b64decode, b64encode
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from io import BytesIO
from threading import BoundedSemaphore

from attrs import evolve, frozen
from starlette.responses import HTMLResponse, Response

from probation_rules.caseload.by_case import answer
from probation_rules.caseload.html import html_page, page_policy
from probation_rules.caseload.model import Caseload
from probation_rules.caseload.question import DAYS, Question
from probation_rules.caseload.since import changes, of_caseload
from probation_rules.caseload.workbook import as_workbook
from probation_rules.errors import CaseError, InputError, NotInForce, Problem
from probation_rules.intake.mapping import TableMapping, mapping_from
from probation_rules.intake.spreadsheet import is_workbook
from probation_rules.readers.files import content, drafted
from probation_rules.web.limits import Deadline, TooSlow
from probation_rules.web.pages.agreement import Agreement
from probation_rules.web.pages.forms import Form
from probation_rules.web.pages.site import Asked, Page

MOST_BYTES = 2_000_000  # of a file
MOST_ROWS = 5_000  # of a table, so that a workbook takes seconds
PIECE = 900_000  # characters of a file in one field of the form
MOST_PIECES = 3
LONGEST_NAME = 100  # characters of the name of a file
MOST_FORM = 5_000_000  # bytes of a form without the files that were chosen
MOST_UNPACKED = 60_000_000  # bytes of a workbook, unpacked
MOST_MAPPING = 200_000  # bytes of a mapping
SECONDS = 60.0  # for the answers about a file
MOST_WAIT = 30.0  # seconds for other files
FIRST = "unpaid-work"  # the area that the page offers first
REPORT, WORKBOOK, MAPPING = "report", "workbook", "mapping"
LAST_ON, LAST_DAY = "since_on", "Day of last week's file"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

TURNS = BoundedSemaphore(2)  # files that are read at the same time; others wait
_JSON = re.compile(rb"\s*[\[{]")
_ONLY = "this page reads workbooks (.xlsx, .xls, .ods) and CSV; use the command or the service for other files"
_WHOLE = ("$", "standard input", "the file", "the mapping")  # places that the field itself shows
_FEW_PROBLEMS = 10  # of a file that the page lists


@frozen
class Sent:
    """A file that was sent.

    Attributes:
        name: Its name.
        data: Its bytes.
    """

    name: str
    data: bytes

    @property
    def carried(self) -> list[str]:
        """Its bytes as text, to travel in fields of the form."""
        text = b64encode(self.data).decode()
        return [text[place : place + PIECE] for place in range(0, len(text), PIECE)]


def view(asked: Asked) -> str | Response:
    """Answer a request for the page."""
    form = asked.form()
    file = agreement = None
    if asked.is_sent:
        with turn():
            file = _file(asked, form)
            agreement = _agreement(asked, form, file) if file else None
            if file and agreement and not form.errors:
                found = _wanted(asked, form, file, agreement)
                if found is not None:
                    return found
    return asked.render(
        "file.html",
        form=form,
        areas=[(name, one.title or name) for name, one in asked.book.documents.items()],
        area=form.text("area") or FIRST,
        day_field=form.day_field(),
        sheet_field=form.text_field("sheet", "Sheet", "Of a workbook, by name or number. Leave it empty if the workbook has one sheet with cases."),
        since_field=form.text_field(LAST_ON, LAST_DAY, "For example, 23/06/2026.", "date"),
        by=form.text("by"),
        file=file,
        agreement=agreement and evolve(agreement),  # with the problems at their fields
        most=(MOST_BYTES, MOST_ROWS),
    )  # fmt: skip


@contextmanager
def turn() -> Iterator[None]:
    """Wait until few other files are being read.

    Raises:
        TooSlow: The wait is too long.
    """
    if not TURNS.acquire(timeout=MOST_WAIT):
        raise TooSlow("the service is busy with other files; try again in a minute")
    try:
        yield
    finally:
        TURNS.release()


# --- What was sent ------------------------------------------------------------------------------


def _upload(asked: Asked, form: Form, name: str, most: int) -> Sent | None:
    """Return a file that was chosen; ``None`` if none was, or if it is too large or empty."""
    upload = asked.files.get(name)
    if upload is None or not upload.filename:
        return None
    data = upload.file.read(most + 1)
    if len(data) > most:
        form.blame(name, f"the file has more than {most:,} bytes; split it, or use the command")
        return None
    called = re.split(r"[/\\]", upload.filename)[-1]
    return Sent(called[:LONGEST_NAME] or "the file", data)


def _file(asked: Asked, form: Form) -> Sent | None:
    """Return the file of cases: the one that was chosen or, without one, the one in the form.

    If the one that was chosen cannot be read, the other keeps the page as it was.
    """
    chosen = _upload(asked, form, "file", MOST_BYTES)
    if chosen is not None and _is_readable(chosen, form, "file"):
        return chosen
    found = Sent(form.text("name")[:LONGEST_NAME], _carried(form))
    if not found.data:
        form.blame("file", "choose the file")
        return None
    return found if _is_readable(found, form, "file") else None


def _carried(form: Form) -> bytes:
    """Return the bytes that travelled in the form; empty without a file, or if they were changed."""
    pieces = [form.typed.get(f"carried.{place}", "") for place in range(MOST_PIECES)]
    try:
        return b64decode("".join(pieces), validate=True)
    except ValueError:
        return b""


def _is_readable(file: Sent, form: Form, name: str) -> bool:
    """Whether a file is of a kind that the page reads. If not, this is noted at its field."""
    if problems := _refused(file.data):
        _blame(form, name, problems)
    return not problems


def _refused(data: bytes) -> Sequence[Problem]:
    """Return why the page does not read a file at all, if so."""
    if data.startswith(b"PAR1") or _JSON.match(data):
        return [Problem(_ONLY)]
    if _unpacked(data) > MOST_UNPACKED:
        return [Problem(f"the workbook has more than {MOST_UNPACKED:,} bytes unpacked; split it")]
    try:
        content("-", BytesIO(data))
    except CaseError as error:
        return error.problems
    return []


def _unpacked(data: bytes) -> int:
    """Return how many bytes a workbook has when it is unpacked; 0 if it is not a zip archive."""
    if not is_workbook(data):
        return 0
    try:
        with zipfile.ZipFile(BytesIO(data)) as pack:
            return sum(one.file_size for one in pack.infolist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return 0  # what reads workbooks lists what is wrong


def _agreement(asked: Asked, form: Form, file: Sent) -> Agreement | None:
    """Return the mapping as far as it is agreed; ``None`` if the file cannot be read."""
    area = form.text("area")
    if area not in asked.book.documents:
        form.blame("area", "choose what the cases are about")
        return None
    given = _given(asked, form, area)
    sheet = form.text("sheet") or (given.sheet if given else None)
    try:
        draft = drafted(area, BytesIO(file.data), "", sheet)
    except (CaseError, InputError) as error:
        is_about_sheet = isinstance(error, InputError) or "--sheet" in error.problems[0].text
        _blame(form, "sheet" if is_about_sheet else "file", error.problems)
        return None
    if draft.rows > MOST_ROWS:
        text = f"the table has more than {MOST_ROWS:,} rows; split it, or use the command"
        form.blame("file", text)
        return None
    return Agreement(form, draft, sheet, given)


def _given(asked: Asked, form: Form, area: str) -> TableMapping | None:
    """Return a mapping that was chosen as a file."""
    sent = _upload(asked, form, MAPPING, MOST_MAPPING)
    if sent is None:
        return None
    try:
        return mapping_from(area, tomllib.loads(sent.data.decode()))
    except (ValueError, RecursionError):
        form.blame(MAPPING, "the mapping cannot be read; choose a TOML file as this page writes it")
    except InputError as error:
        _blame(form, MAPPING, error.problems)
    return None


def _blame(form: Form, name: str, problems: Collection[Problem]) -> None:
    """Note the problems of a file, the first of them in full."""
    shown = [
        one.text if one.path in _WHOLE else f"{one.text} ({one.path})"
        for one in list(problems)[:_FEW_PROBLEMS]
    ]
    more = len(problems) - len(shown)
    form.blame(name, "; ".join([*shown, *([f"and {more:,} more"] if more else [])]))


# --- What is wanted -----------------------------------------------------------------------------


def _wanted(asked: Asked, form: Form, file: Sent, agreement: Agreement) -> Response | None:
    """Return what a button asks for; ``None`` to show the page."""
    wanted = form.text("do")
    if wanted not in (REPORT, WORKBOOK, MAPPING):
        return None
    mapping = agreement.check()
    on = form.day(asked.book.area(agreement.area))
    if mapping is None or on is None:
        return None
    if wanted == MAPPING:
        text = agreement.agreed.toml(file.name, agreement.sheet)
        return _download(text.encode(), "application/toml", f"{agreement.area}.map.toml")
    found = _answered(asked, form, file, mapping, on)
    if found is None:
        return None
    if wanted == WORKBOOK:
        return _download(as_workbook(found, days=DAYS), XLSX, f"{agreement.area}-{on}.xlsx")
    # The page has its style inside. Its own policy allows this style and nothing else.
    policy = f"{page_policy()}; frame-ancestors 'none'"
    return HTMLResponse(html_page(found), headers={"Content-Security-Policy": policy})


def _download(data: bytes, kind: str, name: str) -> Response:
    disposition = f'attachment; filename="{name}"'
    return Response(data, media_type=kind, headers={"Content-Disposition": disposition})


def _answered(
    asked: Asked, form: Form, file: Sent, mapping: TableMapping, on: date
) -> Caseload | None:
    """Return the answers about the file; ``None`` if it cannot be read."""
    by = form.text("by")
    area = asked.book.area(mapping.area)
    question = Question(on, "python", asked.book, area, {}, by if by in mapping.kept else None)
    last = _upload(asked, form, "last", MOST_BYTES)
    if last is not None and not _is_readable(last, form, "last"):
        return None
    name, deadline = "file", Deadline(SECONDS)
    try:
        found = _of(file, question, mapping, deadline)
        if last is None or form.errors:
            return None if form.errors else found
        name = "last"
        before = _day_before(form, on)
        if before is None:
            return None
        earlier = _of(last, evolve(question, on=before, by=None), mapping, deadline)
        since = changes(of_caseload(earlier, DAYS), of_caseload(found, DAYS), question, DAYS)
        return evolve(found, since=since)
    except (CaseError, InputError) as error:
        _blame(form, name, error.problems)
    except NotInForce as error:
        form.blame(LAST_ON, str(error))
    return None


def _of(file: Sent, question: Question, mapping: TableMapping, deadline: Deadline) -> Caseload:
    found = answer(
        question, "-", None, stdin=BytesIO(file.data), mapping=mapping, progress=deadline
    )
    return evolve(found, file=file.name)


def _day_before(form: Form, on: date) -> date | None:
    """Return the day of last week's file; ``None`` if it is not an earlier day."""
    found = form.date(LAST_ON, LAST_DAY)
    if found is None or found >= on:
        form.blame(LAST_ON, f"{LAST_DAY}: enter a day before the day asked about")
        return None
    return found


PAGE = Page(
    "/file",
    view,
    title="A file of cases",
    about="Choose a workbook or CSV, agree how its columns are read, and get the morning report or a workbook.",
    sends=True,
    most_bytes=2 * MOST_BYTES + MOST_FORM,
)
