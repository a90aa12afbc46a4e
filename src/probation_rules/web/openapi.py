"""The OpenAPI 3.1 description of the service, made from the schemas of cases and of reports.

Each area has a path of its own, so that a generated client knows the fields of its cases. The
examples are conformance cases, and the service's own answers about them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, get_type_hints

from probation_rules import schema
from probation_rules._version import __version__
from probation_rules.conformance.read import Case, load_cases
from probation_rules.explanation import Explanation
from probation_rules.web.answers import Asked, checked
from probation_rules.web.limits import Deadline, Limits
from probation_rules.web.problems import KINDS
from probation_rules.web.problems import MEDIA_TYPE as PROBLEM
from probation_rules.web.rulebooks import Rulebooks
from probation_rules.web.tables import FORM, GIVEN, LINES, TAKEN

Json = dict[str, Any]

_TEXT = {"type": "string"}
_TEXT_OR_NULL = {"type": ["string", "null"]}
_TEXTS = {"type": "array", "items": _TEXT}
_BY_NAME = {"type": "object", "additionalProperties": _TEXT}
_DAY = {"type": "string", "format": "date"}
_FILE = {"type": "string", "format": "binary"}
_HINTS: Mapping[Any, Json] = {
    str: _TEXT,
    str | None: _TEXT_OR_NULL,
    dict[str, str]: _BY_NAME,
    tuple[str, ...]: _TEXTS,
    date | None: {"type": ["string", "null"], "format": "date"},
}
_JSON = "application/json"
_ALWAYS = (400, 404, 429, 503)  # of every end point but `/health`
_WITH_BODY = (*_ALWAYS, 408, 413, 415, 422)


def description(rulebooks: Rulebooks, limits: Limits) -> Json:
    """Return the description of a service.

    Args:
        rulebooks: Its rulebooks; the areas and examples are those of the first.
        limits: Its limits.
    """
    areas = rulebooks.default.areas
    examples = _examples()
    paths = {f"/v1/check/{name}": _check(rulebooks, name, examples[name], limits) for name in areas}
    paths["/v1/check/{area}/table"] = _table(rulebooks, limits)
    paths["/v1/compare"] = _compare(rulebooks, limits)
    paths["/v1/rules"] = _rules(rulebooks)
    paths["/v1/rules/{id}"] = _rule(rulebooks)
    paths["/v1/areas/{area}/schema"] = _schema(rulebooks)
    paths["/health"] = _health()
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Probation rules",
            "version": __version__,
            "description": "Probation policy of England and Wales as dated, cited rules. Every rule "
            "answers met, not met or cannot tell, and names what it needs.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": _schemas()},
    }


# --- Paths --------------------------------------------------------------------------------------


def _check(rulebooks: Rulebooks, area: str, example: Case, limits: Limits) -> Json:
    case = _ref(area)
    several = {"type": "array", "minItems": 1, "maxItems": limits.cases, "items": case}
    said = json.loads(json.dumps([example.case], default=lambda value: value.isoformat()))
    asked = Asked(rulebooks.default, area, example.on, strict=False, most=limits.cases)
    answer = json.loads(checked(asked, json.dumps(said).encode(), Deadline(limits.seconds)))
    strict = _query(
        "strict",
        {"type": "boolean", "default": True},
        "Whether to refuse all cases if one cannot be judged.",
    )
    body = {
        "schema": {"oneOf": [several, case]},
        "examples": {"one": {"summary": example.name, "value": said}},
    }
    return {
        "post": {
            **_operation(f"check-{area}", f"Check cases: {rulebooks.default.area(area).title}"),
            "parameters": [_on(example.on), strict, _rulebook(rulebooks)],
            "requestBody": {"required": True, "content": {_JSON: body}},
            "responses": _responses(
                _WITH_BODY,
                "Every finding on every case.",
                {_JSON: {"schema": _ref("report"), "examples": {"one": {"value": answer}}}},
            ),
        }
    }  # fmt: skip


def _table(rulebooks: Rulebooks, limits: Limits) -> Json:
    parts = {
        "table": _FILE,
        "mapping": {**_TEXT, "description": "How the columns are read, as TOML or JSON."},
    }
    form = {
        "type": "object",
        "required": ["table"],
        "properties": parts,
        "additionalProperties": False,
    }
    content: Json = {kind: {"schema": _FILE} for kind in TAKEN}
    content[FORM] = {"schema": form, "encoding": {"table": {"contentType": ", ".join(TAKEN)}}}
    several = {"type": "array", "items": {**_TEXT, "minLength": 1}}
    return {
        "post": {
            **_operation("check-table", "Check every row of a table"),
            "description": f"The table may have {limits.table_bytes:,} bytes. The answer has a row for each case.",
            "parameters": [
                _area(rulebooks),
                _on(None),
                _query("facts", {"type": "boolean", "default": False}, "Whether the answer has the derived facts."),
                {**_query("keep", several, "Columns of the table to add to the answer."), "explode": True},
                _query("sheet", {**_TEXT, "minLength": 1}, "The sheet of a workbook, by its name or number."),
                _rulebook(rulebooks),
            ],
            "requestBody": {"required": True, "content": content},
            "responses": _responses(
                (*_WITH_BODY, 406, 501),
                "The outcomes of every row.",
                {kind: {"schema": _TEXT if kind == LINES else _FILE} for kind in GIVEN},
            ),
        }
    }  # fmt: skip


def _compare(rulebooks: Rulebooks, limits: Limits) -> Json:
    listed = {"type": "array", "minItems": 1, "maxItems": limits.cases, "items": {"type": "object"}}
    cases = _object(
        {"area": {"enum": list(rulebooks.default.documents)}, "on": _DAY, "cases": listed}
    )
    side = {"anyOf": [_ref("report"), cases]}
    return {
        "post": {
            **_operation("compare", "List what changed between two sets of answers, and why"),
            "parameters": [_rulebook(rulebooks)],
            "requestBody": {
                "required": True,
                "content": {_JSON: {"schema": _object({"before": side, "after": side})}},
            },
            "responses": _responses(
                _WITH_BODY, "What changed.", {_JSON: {"schema": _ref("comparison")}}
            ),
        }
    }  # fmt: skip


def _rules(rulebooks: Rulebooks) -> Json:
    areas = {"enum": list(rulebooks.default.documents)}
    day = _query("on", _DAY, "The day of the wording; the latest wording if not given.")
    parameters = [_query("area", areas, "Only the rules of this area."), day]
    return _lasting(rulebooks, "list-rules", "List the rules", parameters, _ref("rules"))


def _rule(rulebooks: Rulebooks) -> Json:
    first = next(iter(rulebooks.default.rules))
    parameters = [
        {"name": "id", "in": "path", "required": True, "schema": _TEXT, "example": first},
        _query("on", _DAY, "The day of the wording and of the figures."),
    ]
    return _lasting(rulebooks, "show-rule", "Explain a rule", parameters, _ref("explanation"))


def _schema(rulebooks: Rulebooks) -> Json:
    kind, title = "application/schema+json", "Return the JSON Schema of an area's cases"
    return _lasting(rulebooks, "case-schema", title, [_area(rulebooks)], {"type": "object"}, kind)


def _health() -> Json:
    content = _object({"status": {"const": "ok"}, "version": _TEXT, "rulebooks": _BY_NAME})
    return {
        "get": {
            **_operation("health", "Return whether the service is well"),
            "responses": _responses((), "It is well.", {_JSON: {"schema": content}}),
        }
    }


# --- Parts of an operation ----------------------------------------------------------------------


def _operation(name: str, summary: str) -> Json:
    return {"operationId": name, "summary": summary}


def _lasting(
    rulebooks: Rulebooks, name: str, summary: str, parameters: list[Json], content: Json, kind: str = _JSON
) -> Json:  # fmt: skip
    """Return an operation whose answer depends on the rules and on no case."""
    known = {"name": "If-None-Match", "in": "header", "schema": _TEXT}
    responses = _responses((*_ALWAYS, 422), "The answer.", {kind: {"schema": content}})
    responses["200"]["headers"] = {"ETag": {"schema": _TEXT}}
    responses["304"] = {"description": "The rules are those that the caller knows."}
    parameters = [*parameters, _rulebook(rulebooks), known]
    return {"get": {**_operation(name, summary), "parameters": parameters, "responses": responses}}


def _responses(statuses: Iterable[int], text: str, content: Json) -> Json:
    problems = {
        str(status): {
            "description": KINDS[status][1],
            "content": {PROBLEM: {"schema": _ref("problem")}},
        }
        for status in sorted(statuses)
    }
    other = {"description": "Another problem", "content": {PROBLEM: {"schema": _ref("problem")}}}
    return {"200": {"description": text, "content": content}, **problems, "default": other}


def _query(name: str, schema_: Json, about: str) -> Json:
    return {"name": name, "in": "query", "description": about, "schema": schema_}


def _on(example: date | None) -> Json:
    shown = {} if example is None else {"example": example.isoformat()}
    return {**_query("on", _DAY, "The day asked about."), "required": True, **shown}


def _area(rulebooks: Rulebooks) -> Json:
    areas = {"enum": list(rulebooks.default.documents)}
    return {"name": "area", "in": "path", "required": True, "schema": areas}


def _rulebook(rulebooks: Rulebooks) -> Json:
    names = list(rulebooks.by_name)
    return _query("rulebook", {"enum": names, "default": names[0]}, "The rules to go by.")


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _object(properties: Json, *optional: str) -> Json:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [name for name in properties if name not in optional],
        "properties": properties,
    }


# --- Schemas and examples -----------------------------------------------------------------------


def _schemas() -> Json:
    schemas: Json = {}
    for name, made in (("report", schema.report_schema), ("comparison", schema.comparison_schema)):
        # A document's schema contains those of its parts. Not every tool finds them where they are.
        text = json.dumps(made()).replace("#/$defs/", "#/components/schemas/")
        whole = _without_defaults(json.loads(text))
        schemas |= whole.pop("$defs")
        schemas[name] = {key: part for key, part in whole.items() if key[0] != "$"}
    hints = get_type_hints(Explanation)
    schemas["explanation"] = _object({name: _HINTS[kind] for name, kind in hints.items()})
    rule = _object(dict.fromkeys(("id", "area", "title", "severity", "basis", "in_force"), _TEXT))
    book = _object({"version": _TEXT, "digest": _TEXT})
    schemas["rules"] = _object({"rulebook": book, "rules": {"type": "array", "items": rule}})
    places = dict.fromkeys(("pointer", "parameter", "header", "place"), _TEXT)
    fault = _object({"detail": _TEXT, **places}, *places)
    schemas["problem"] = _object(
        {
            "type": _TEXT,
            "title": _TEXT,
            "status": {"type": "integer"},
            "detail": _TEXT,
            "instance": _TEXT,
            "errors": {"type": "array", "items": fault},
        }
    )
    return schemas


def _without_defaults(value: Any) -> Any:
    """Return a schema whose defaults are in its descriptions.

    Some generators of clients require a field that has a default, although the field is optional.
    """
    if isinstance(value, list):
        return [_without_defaults(one) for one in value]
    if not isinstance(value, dict):
        return value
    found = {name: _without_defaults(one) for name, one in value.items() if name != "default"}
    if "default" in value:
        found["description"] += f" If it is missing, it is {json.dumps(value['default'])}."
    return found


def _examples() -> Mapping[str, Case]:
    """Return a conformance case of each area: the one with the most facts."""
    found: dict[str, Case] = {}
    for one in load_cases():
        is_plain = not (one.problems or one.rulebook or one.settings or one.assuming)
        if is_plain and (one.area not in found or len(one.case) > len(found[one.area].case)):
            found[one.area] = one
    return found
