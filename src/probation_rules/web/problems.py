"""Problems as RFC 9457 defines them: one JSON object, with every fault and its place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, cast
from uuid import uuid4

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from probation_rules.errors import (
    CaseError,
    InputError,
    MissingExtra,
    NotInForce,
    ProbationRulesError,
    Problem,
    RulebookError,
    UnknownRule,
)
from probation_rules.quoting import inert
from probation_rules.web.limits import TooSlow

MEDIA_TYPE = "application/problem+json"
AGAIN = {"Retry-After": "1"}
"""Sent with a problem that passes: seconds after which to ask again."""

LONGEST = 1_000
"""Characters of a message: one about a mapping may repeat a key, which can be of any length."""

KINDS: Mapping[int, tuple[str, str]] = {
    400: ("bad-request", "The request cannot be read"),
    404: ("not-found", "Nothing has this address"),
    405: ("method-not-allowed", "This address does not have this method"),
    406: ("not-acceptable", "The answer does not have this media type"),
    408: ("too-slow", "The body took too long to arrive"),
    413: ("too-large", "The body is too large"),
    415: ("media-type", "The body has another media type"),
    422: ("cannot-be-judged", "The content cannot be judged as given"),
    429: ("too-many", "Too many requests at once from this address"),
    500: ("fault", "The service has a fault"),
    501: ("missing-extra", "This service was installed without what this needs"),
    503: ("busy", "The service is busy"),
}
"""The name and the title of the problem with each status."""


class Refused(ProbationRulesError):
    """A request that is not answered.

    Args:
        status: The status of the response, one of `KINDS`.
        problems: What is wrong. A path is `query NAME`, `header NAME`, a JSON path or a place in a
            table.
        headers: More headers of the response.
    """

    def __init__(
        self, status: int, *problems: Problem, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(status, *problems)
        self.status, self.problems, self.headers = status, problems, headers


def refused(error: ProbationRulesError) -> Refused:
    """Return an error of the library as the refusal of a request."""
    match error:
        case Refused():
            return error
        case CaseError() | InputError() | RulebookError():
            return Refused(422, *error.problems)
        case NotInForce():
            return Refused(422, Problem(str(error), "on"))
        case UnknownRule():
            return Refused(404, Problem(str(error), "path"))
        case MissingExtra():
            return Refused(501, Problem(str(error), "the service"))
        case TooSlow():
            return Refused(503, Problem(str(error), "body"), headers=AGAIN)
    return Refused(422, Problem(str(error), "body"))


def response(
    status: int,
    problems: Iterable[Problem] = (),
    *,
    request_id: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """Return a problem as a response.

    Args:
        status: One of `KINDS`.
        problems: All that is wrong.
        request_id: The id of the request, which is in its log line too.
        headers: More headers.
    """
    name, title = KINDS[status]
    errors = [located(one) for one in problems]
    content = {
        "type": f"urn:probation-rules:problem:{name}",
        "title": title,
        "status": status,
        "detail": errors[0]["detail"] if len(errors) == 1 else _together(title, len(errors)),
        "instance": f"urn:uuid:{request_id or uuid4()}",
        "errors": errors,
    }
    return JSONResponse(content, status, headers=headers, media_type=MEDIA_TYPE)


def _together(title: str, number: int) -> str:
    return f"{number} problems; `errors` lists them" if number else title


_MEMBER = re.compile(r"\[(\d+)\]|\.?([^.\[\]]+)")
_PARAMETERS = ("on", "rulebook")  # what the library itself calls them
_SIDE = re.compile(r"(?P<side>before|after): \$")


def located(problem: Problem) -> dict[str, str]:
    """Return one fault, with its place as precisely as it is known.

    The place is a JSON pointer (`pointer`), a query parameter (`parameter`), a header (`header`) or
    a place in a table (`place`).
    """
    detail, path = _short(inert(problem.text)), _SIDE.sub(r"$.\g<side>", problem.path)
    kind, _, name = path.partition(" ")
    if path in _PARAMETERS:
        return {"detail": detail, "parameter": path}
    if path.startswith("$"):
        return {"detail": detail, "pointer": pointer(path)}
    if name and kind in ("query", "header"):
        return {"detail": detail, {"query": "parameter"}.get(kind, kind): name}
    return {"detail": detail, "place": inert(path)}


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} ..."


def pointer(path: str) -> str:
    """Return a JSON path as a JSON pointer in a fragment: `$[3].grade` is `#/3/grade`."""
    parts = (number or name for number, name in _MEMBER.findall(path.removeprefix("$")))
    return "#" + "".join(f"/{part.replace('~', '~0').replace('/', '~1')}" for part in parts)


# --- Handlers of the application ----------------------------------------------------------------


async def of_library(request: Request, error: Exception) -> JSONResponse:
    """Return the problem for an error of the library."""
    found = refused(cast("ProbationRulesError", error))  # as it is registered
    return response(found.status, found.problems, request_id=id_of(request), headers=found.headers)


async def of_http(request: Request, error: Exception) -> JSONResponse:
    """Return the problem for a request that no route takes."""
    found = cast("HTTPException", error)  # as it is registered
    status = found.status_code if found.status_code in KINDS else HTTPStatus.BAD_REQUEST
    return response(status, request_id=id_of(request), headers=found.headers)


async def of_fault(request: Request, _: Exception) -> JSONResponse:
    """Return the problem for a fault of the service. Its details are in the log only."""
    return response(500, request_id=id_of(request))


def id_of(request: Request) -> str | None:
    """Return the id of a request, if it has one."""
    found: Any = request.scope.get("state", {})
    return found.get("request_id") if isinstance(found, dict) else None
