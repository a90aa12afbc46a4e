"""A small service over HTTP: cases of any area in, a JSON report out.

    pip install '.' -r examples/requirements.txt
    python examples/service.py

Nothing of a case is written to a log: cases come in the body, and what is logged is the path. The page
at `/` is plain HTML, without a script and without anything from elsewhere.
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from datetime import date
from html import escape
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

import probation_rules as pr
from probation_rules import schema
from probation_rules.errors import Problem
from probation_rules.report import document

MOST_BYTES = 1_000_000  # of a request's body
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'",
    "X-Content-Type-Options": "nosniff",
}


def service(book: pr.Rulebook | None = None) -> Starlette:
    """Return the service, to run or to test.

    Args:
        book: The rules to go by, settings and a region's own rulebook included; the shipped ones if
            not given.
    """
    rules = book or pr.rulebook()

    async def check(request: Request) -> Response:
        area = str(request.path_params["area"])
        if area not in rules.areas:
            raise HTTPException(
                404, f"there is no area of that name; known are {', '.join(rules.areas)}"
            )
        on = day_asked(request)
        body = await body_of(request)
        return answer(await run_in_threadpool(report, rules, area, on, body))

    async def description(_: Request) -> Response:
        return answer(openapi(rules))

    async def page(_: Request) -> Response:
        return HTMLResponse(html(openapi(rules)), headers=HEADERS)

    return Starlette(
        routes=[
            Route("/", page),
            Route("/openapi.json", description),
            Route("/check/{area}", check, methods=["POST"]),
        ],
        exception_handlers={HTTPException: refused, pr.ProbationRulesError: cannot_be_judged},
    )


# --- A question ---------------------------------------------------------------------------------


def day_asked(request: Request) -> date:
    """Return the day asked about. There is no other: the service never reads the clock."""
    try:
        return date.fromisoformat(request.query_params["on"])
    except (KeyError, ValueError):
        raise HTTPException(400, "give the day asked about, as YYYY-MM-DD @ query on") from None


async def body_of(request: Request) -> bytes:
    """Return the body, which is JSON and not too long."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise HTTPException(415, "send JSON: Content-Type: application/json @ header")
    found = b""
    async for chunk in request.stream():
        found += chunk
        if len(found) > MOST_BYTES:
            raise HTTPException(413, f"more than {MOST_BYTES:,} bytes; send fewer cases @ body")
    if found.lstrip()[:1] not in (b"[", b"{"):
        raise HTTPException(400, "give a JSON list of cases, or one case @ body")
    return found


def report(rules: pr.Rulebook, area: str, on: date, body: bytes) -> dict[str, Any]:
    """Return the report on the cases in a body; what is wrong with them is raised, all at once."""
    reading = pr.read(area, "-", stdin=io.BytesIO(body))
    found, problems = [], []
    for place, case in zip(reading.places, reading.cases, strict=True):
        try:
            found.append(pr.check(case, on=on, rulebook=rules))
            found[-1].place = place
        except pr.CaseError as error:
            problems += [problem.under(place) for problem in error.problems]
    if problems or not found:
        raise pr.CaseError(problems or [Problem("there is no case here", "$")])
    return document(found, reading.notes)


# --- An answer ----------------------------------------------------------------------------------


def answer(content: object, status: int = 200) -> Response:
    """Return a JSON answer that nobody keeps."""
    return JSONResponse(content, status, headers=HEADERS)


def refuse(status: int, problems: Sequence[object]) -> Response:
    """Return an answer that says everything that is wrong: `problem @ $.path`, each."""
    return answer({"problems": [str(one) for one in problems]}, status)


async def refused(_: Request, error: Exception) -> Response:
    """Return what is wrong with a request."""
    return refuse(getattr(error, "status_code", 500), [getattr(error, "detail", "")])


async def cannot_be_judged(_: Request, error: Exception) -> Response:
    """Return what is wrong with its cases, or why that day cannot be asked about."""
    return refuse(
        422, error.problems if isinstance(error, pr.CaseError | pr.InputError) else [error]
    )


# --- What the service says of itself ------------------------------------------------------------


def openapi(rules: pr.Rulebook) -> dict[str, Any]:
    """Return the OpenAPI description, made from the schemas of cases and of reports."""
    # A report's schema holds those of cases. Not every OpenAPI tool finds them where they stand in it.
    text = json.dumps(schema.report_schema()).replace("#/$defs/", "#/components/schemas/")
    report_ = json.loads(text)
    schemas = report_.pop("$defs")
    schemas["report"] = {name: part for name, part in report_.items() if name[0] != "$"}
    schemas["problems"] = {
        "type": "object",
        "required": ["problems"],
        "properties": {"problems": {"type": "array", "items": {"type": "string"}}},
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "probation_rules, an example service", "version": pr.__version__},
        "paths": {f"/check/{area}": {"post": operation(area, rules)} for area in rules.areas},
        "components": {"schemas": schemas},
    }


def operation(area: str, rules: pr.Rulebook) -> dict[str, Any]:
    """Return the description of asking about cases of an area."""
    case = {"$ref": f"#/components/schemas/{area}"}
    cases = {"oneOf": [{"type": "array", "minItems": 1, "items": case}, case]}
    wrong = {
        "400": "no day asked about, or no JSON",
        "413": "too long",
        "415": "another type than JSON",
        "422": "cases that cannot be judged, or a day before the first one covered",
    }
    return {
        "operationId": f"check-{area}",
        "summary": f"Ask every rule about cases: {rules.area(area).title}",
        "parameters": [
            {
                "name": "on",
                "in": "query",
                "required": True,
                "description": "The day asked about.",
                "schema": {"type": "string", "format": "date"},
            }
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": cases}}},
        "responses": {
            "200": response("every finding on every case", "report"),
            **{status: response(text, "problems") for status, text in wrong.items()},
        },
    }


def response(text: str, schema: str) -> dict[str, Any]:
    """Return the description of an answer."""
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"description": text, "content": content}


def html(description: dict[str, Any]) -> str:
    """Return the description as a page to read."""
    parts = [
        f"<!doctype html><html lang=en-GB><meta charset=utf-8><title>{escape(description['info']['title'])}</title>",
        f"<h1>{escape(description['info']['title'])}</h1>",
        "<p>The same for machines, and for any OpenAPI viewer: <a href=/openapi.json>openapi.json</a>.</p>",
    ]
    for path, methods in description["paths"].items():
        fields = description["components"]["schemas"][path.rpartition("/")[2]]["properties"]
        rows = "".join(
            f"<tr><th scope=row><code>{escape(name)}</code></th><td>{escape(field['description'])}</td></tr>"
            for name, field in fields.items()
        )
        parts += [
            f"<h2>{escape(methods['post']['summary'])}</h2>",
            f"<p><code>POST {escape(path)}?on=YYYY-MM-DD</code>, a JSON list of objects with:</p>",
            f"<table><thead><tr><th scope=col>field</th><th scope=col>meaning</th></tr></thead><tbody>{rows}</tbody></table>",
        ]
    return "\n".join(parts)


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(service(), host="127.0.0.1", port=8000)
