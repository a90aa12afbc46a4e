"""JSON Schemas (2020-12) for cases and for JSON documents of answers, made from the rules files.

The classes of `document` give the structure of answers. A schema can limit kinds, words, ranges of
numbers and combinations of fields. It cannot limit ranges of days, the precision of numbers, or
assumptions about several fields. Its descriptions give these, and `case_from` and `check` check them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import NoneType, UnionType
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import attrs

from probation_rules import change_document, document
from probation_rules.areas import AREAS
from probation_rules.cases import Form, form_of
from probation_rules.rulebook import shipped
from probation_rules.rulebook.model import LONGEST_TEXT, Fact

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_DAY = {
    "type": "string",
    "format": "date",
    # Many validators ignore formats.
    "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$",
}
_TIME = {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9](:00)?$"}
_TEXT = {
    "type": "string",
    "minLength": 1,
    "maxLength": LONGEST_TEXT,
    "pattern": "^[^\\u0000-\\u001f\\u007f-\\u009f]*$",
}
# The simple types of answers.
_SIMPLE: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    date: _DAY,
    Any: {},
}


def case_schema(area: str) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of an area's cases, as strict as JSON Schema can be.

    Its `$id` is a name, not an address: `urn:probation-rules:case:unpaid-work:` and the version of
    the rulebook.

    Raises:
        InputError: The area does not exist.
    """
    form = form_of(area)
    return {
        "$schema": DIALECT,
        "$id": _name("case", area),
        "title": shipped().area(area).title,
        **_record(form),
    }


def report_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a JSON report about one case or about a file of any area.

    `Report.to_dict` and `probation-rules check` with `--format json` give such a report. The schema
    does not list rules and facts by name, because a local rulebook may add to them.
    """
    found = _document("report", document.Report)
    definitions: dict[str, Any] = {}
    whole = _shape(change_document.Comparison, definitions)
    about = "What changed since earlier answers; only with `--since`."
    found["properties"]["since"] = {"description": about, **whole}
    found["$defs"] |= definitions
    return found


def caseload_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a summary of a large file: counts, and a few cases.

    `probation-rules check` with `--format json` gives it for a file that is checked as one table.
    Its entries are the same as in a report.
    """
    return _document("caseload", document.Caseload)


def comparison_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a comparison of two sets of answers.

    `Comparison.to_dict` and `probation-rules compare` with `--format json` give such a document.
    """
    definitions: dict[str, Any] = {}
    whole = _shape(change_document.Comparison, definitions)
    return _whole("comparison", change_document.SHAPE, whole, definitions)


def _name(*parts: str) -> str:
    return ":".join(("urn:probation-rules", *parts, shipped().version))


# --- Cases --------------------------------------------------------------------------------------


def _record(form: Form) -> dict[str, Any]:
    required = [name for name in form.names if name in form.facts and form.facts[name].required]
    together = [
        _only_if(name, fact.only_if)
        for name, fact in form.facts.items()
        if fact.only_if in form.names
    ]
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {name: _field(form, name) for name in form.names},
        **({"required": required} if required else {}),
        **({"allOf": together} if together else {}),
    }


def _only_if(name: str, condition: str | None) -> dict[str, Any]:
    """Return the schema that a date is unknown, or that its event may have happened."""
    happened = {str(condition): {"enum": [True, None]}}
    return {"anyOf": [{"properties": {name: {"type": "null"}}}, {"properties": happened}]}


def _field(form: Form, name: str) -> dict[str, Any]:
    if name in form.facts:
        return _fact(form.facts[name])
    if name in form.lists:
        members, item = form.lists[name]
        return _list(members.about, members.least, members.most, _record(item))
    if name in form.records:
        held, inner = form.records[name]
        if held.most is None:
            return {"description": held.about, **_or_null(_record(inner))}
        return _list(held.about, held.least, held.most, _record(inner))
    return {"description": "The caller's own text: shown, never checked.", **_or_null(_TEXT)}


def _list(about: str, least: int, most: int, item: Mapping[str, Any]) -> dict[str, Any]:
    ends = {"minItems": least, "maxItems": most}
    return {"description": about, "type": ["array", "null"], **ends, "items": item}


def _fact(fact: Fact) -> dict[str, Any]:
    value = _value(fact)
    if not fact.required:
        value = _or_null(value)
    default = {} if fact.default is None else {"default": fact.default}
    return {"description": _about(fact), **value, **default}


def _about(fact: Fact) -> str:
    """Return the description of a fact, with limits that JSON Schema cannot express."""
    match fact.kind:
        case "date":
            return f"{fact.about} It is {fact.allowed}."
        case "decimal":
            return f"{fact.about} It is {fact.allowed}. Text keeps it exact."
    return fact.about


def _value(fact: Fact) -> dict[str, Any]:
    match fact.kind:
        case "bool":
            return {"type": "boolean"}
        case "code":
            return {"enum": list(fact.type.codes)}
        case "date":
            return _DAY
        case "time":
            return _TIME
        case "text":
            return _TEXT
        case "int":
            return {"type": "integer", **_range(fact)}
    return {
        "type": ["number", "string"],
        "pattern": rf"^[+-]?[0-9]{{1,20}}(\.[0-9]{{1,{fact.type.places}}})?$",
        **_range(fact),
    }


def _range(fact: Fact) -> dict[str, object]:
    ends = {"minimum": fact.min, "maximum": fact.max}
    return {word: float(end) if isinstance(end, Decimal) else end for word, end in ends.items()}


# --- Answers ------------------------------------------------------------------------------------


def _document(name: str, shape: type) -> dict[str, Any]:
    """Return the schema of a document, with the schemas of its parts and of every area's cases."""
    definitions: dict[str, Any] = {}
    whole = _shape(shape, definitions)
    definitions["entry"]["allOf"] = [
        {
            "if": {"properties": {"area": {"const": area}}},
            "then": {"properties": {"case": {"$ref": f"#/$defs/{area}"}}},
        }
        for area in AREAS
    ]
    definitions |= {area: _record(form_of(area)) for area in AREAS}
    return _whole(name, document.SHAPE, whole, definitions)


def _whole(
    name: str, version: int, whole: Mapping[str, Any], definitions: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "$schema": DIALECT,
        "$id": _name(name, str(version)),
        "title": name.capitalize(),
        **whole,
        "$defs": definitions,
    }


def _shape(shape: type, definitions: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a class: an object with exactly its fields, all required.

    Args:
        shape: A class of `document`.
        definitions: The schemas of the classes of fields, by name. The function adds to it.
    """
    fields = get_type_hints(shape, include_extras=True)
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(fields),
        "properties": {name: _of(kind, definitions) for name, kind in fields.items()},
    }


def _of(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a field, by its type."""
    arguments = get_args(kind)
    origin = get_origin(kind)
    if origin is Annotated:
        found = _of(arguments[0], definitions)
        for more in arguments[1:]:
            found = {**found, **_limit(more)}
        return found
    if origin is tuple:
        return {"type": "array", "items": _of(arguments[0], definitions)}
    if origin is Mapping:
        names, values = (_of(one, definitions) for one in arguments)
        allowed = {"propertyNames": names} if "enum" in names else {}
        return {"type": "object", "additionalProperties": values, **allowed}
    if origin is UnionType:
        parts = [_of(one, definitions) for one in arguments if one is not NoneType]
        found = parts[0] if len(parts) == 1 else {"type": [one["type"] for one in parts]}
        return _or_null(found) if NoneType in arguments else found
    if attrs.has(kind):
        name = kind.__name__[0].lower() + kind.__name__[1:]
        definitions[name] = _shape(kind, definitions)
        return {"$ref": f"#/$defs/{name}"}
    if issubclass(kind, StrEnum):
        return {"type": "string", "enum": list(map(str, kind))}
    return _SIMPLE[kind]


def _limit(more: str | tuple[str, ...] | int) -> dict[str, Any]:
    """Return the keywords of a schema for an annotation of a type in `document`."""
    if isinstance(more, str):
        return {"description": more}
    return {"minimum": more} if isinstance(more, int) else {"enum": list(more)}


def _or_null(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema that also allows null, which means unknown."""
    if "$ref" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    found = dict(schema)
    if "enum" in schema:
        found["enum"] = [*schema["enum"], None]
    if kinds := schema.get("type"):
        found["type"] = [*([kinds] if isinstance(kinds, str) else kinds), "null"]
    return found
