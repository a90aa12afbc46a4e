"""What a case and a JSON document of answers look like, as JSON Schema (2020-12), made from the rules files.

A schema can say kinds, words, ranges of numbers and what may stand beside what. It cannot say a
range of days, how exact a number is, nor what the rules assume across fields: those are in its
descriptions, and `case_from` and `check` hold them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from probation_rules.areas import AREAS
from probation_rules.cases import Form, form_of
from probation_rules.check import ENGINES
from probation_rules.engines import INVALID_ROW
from probation_rules.report import Outcome
from probation_rules.rulebook import shipped
from probation_rules.rulebook.model import LONGEST_TEXT, Basis, Fact, Level

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_DAY = {
    "type": "string",
    "format": "date",
    # Many validators take a format for a mere remark.
    "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$",
}
_TIME = {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9](:00)?$"}
_TEXT = {
    "type": "string",
    "minLength": 1,
    "maxLength": LONGEST_TEXT,
    "pattern": "^[^\\u0000-\\u001f\\u007f-\\u009f]*$",
}
_STRING = {"type": "string"}
_STRINGS = {"type": "array", "items": _STRING}
_VALUES = {
    "type": "object",
    "additionalProperties": {"type": ["boolean", "integer", "string", "null"]},
}
_COUNTS = {"type": "object", "additionalProperties": {"type": "integer", "minimum": 1}}
_ENTRIES = {"type": "array", "items": {"$ref": "#/$defs/entry"}}


def case_schema(area: str) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of an area's cases, as strict as JSON Schema can be.

    Its `$id` is a name and no address: `urn:probation-rules:case:unpaid-work:` and the version of
    the rulebook.

    Raises:
        CaseError: There is no such area.
    """
    form = form_of(area)
    return {
        "$schema": DIALECT,
        "$id": _name("case", area),
        "title": shipped().area(area).title,
        **_record(form),
    }


def report_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a JSON report, of one case or of a file of any area.

    It is what `Report.to_dict` gives, and `probation-rules check` with `--format json`. Rules and
    facts are not listed by name, since a region's own rulebook may add to them.
    """
    return {
        "$schema": DIALECT,
        "$id": _name("report"),
        "title": "Report",
        **_object(
            {
                **_question(ENGINES),
                "summary": _summary(Outcome),
                "notes": _STRINGS,
                "assumed": _VALUES,
                "reports": _ENTRIES,
            }
        ),
        "$defs": _definitions(),
    }


def caseload_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of what is said of a large file: counts, and a few cases.

    It is what `probation-rules check` with `--format json` gives of a file that it answers as one
    table. Its entries are those of a report.
    """
    return {
        "$schema": DIALECT,
        "$id": _name("caseload"),
        "title": "Caseload",
        **_object(
            {
                **_question(["sql", "python"]),
                "area": {"enum": list(AREAS)},
                "cases": {"description": "How many.", "type": "integer", "minimum": 0},
                "summary": _summary([*Outcome, INVALID_ROW]),
                "stages": {
                    "description": "How many cases that could be judged are in each stage.",
                    **_COUNTS,
                },
                "gravest": {
                    "description": "How many cases have this as the gravest thing to say of them.",
                    **_counts([INVALID_ROW, *Level, "unknown", "nothing"]),
                },
                "reasons": {
                    "description": "How many cases could not be judged, by reason.",
                    **_COUNTS,
                },
                "notes": _STRINGS,
                "assumed": _VALUES,
                "most_urgent": _ENTRIES,
            }
        ),
        "$defs": _definitions(),
    }


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
    """Say that a date is not known, or that what it is the date of may have happened."""
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
    return {"description": "The caller's own text: shown, never judged.", **_or_null(_TEXT)}


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
    """Return what a fact means, with what JSON Schema cannot say of its values."""
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
    ends = {"minimum": fact.least, "maximum": fact.most}
    return {word: float(end) if isinstance(end, Decimal) else end for word, end in ends.items()}


# --- Answers ------------------------------------------------------------------------------------


def _question(engines: Iterable[str]) -> dict[str, Any]:
    """What was asked, and by which rules."""
    return {
        "on": {"description": "The day asked about.", **_DAY},
        "engine": {"enum": list(engines)},
        "rulebook": _rulebook(),
    }


def _summary(outcomes: Iterable[str]) -> dict[str, Any]:
    return {
        "description": "How many cases have each outcome, by rule.",
        "type": "object",
        "additionalProperties": _counts(outcomes),
    }


def _counts(words: Iterable[str]) -> dict[str, Any]:
    return {**_COUNTS, "propertyNames": {"enum": list(words)}}


def _definitions() -> dict[str, Any]:
    """What entries refer to: themselves, findings, and the cases of every area."""
    of_areas = [
        {
            "if": {"properties": {"area": {"const": area}}},
            "then": {"properties": {"case": {"$ref": f"#/$defs/{area}"}}},
        }
        for area in AREAS
    ]
    return {
        "entry": {**_entry(), "allOf": of_areas},
        "finding": _finding(),
        **{area: _record(form_of(area)) for area in AREAS},
    }


def _entry() -> dict[str, Any]:
    return _object(
        {
            "area": {"enum": list(AREAS)},
            "reference": _or_null(_STRING),
            "place": {"description": "Where in a file the case stands.", **_or_null(_STRING)},
            "case": {"description": "The case as given, without what is not known."},
            "stage": {"description": "Null: it cannot be told.", **_or_null(_STRING)},
            "stage_needs": _STRINGS,
            "assumed": _VALUES,
            "facts": {
                "description": "Given and worked out; null is not known, or listed in `absent`.",
                **_VALUES,
            },
            "absent": {"description": "The facts that do not exist for this case.", **_STRINGS},
            "findings": {"type": "array", "items": {"$ref": "#/$defs/finding"}},
            "notes": {"type": "object", "additionalProperties": _STRING},
            "remarks": {"type": "array", "items": _object({"id": _STRING, "says": _STRING})},
        }
    )


def _finding() -> dict[str, Any]:
    citation = {name: _or_null(_STRING) for name in ("address", "at")}
    citation |= {"source": _STRING, "publisher": _STRING, "checked": _DAY}
    return _object(
        {
            "rule": _STRING,
            "outcome": {"enum": list(Outcome)},
            "level": {"description": "Of what is not met.", "enum": [*Level, None]},
            "needs": {"description": "What the answer waits for.", **_STRINGS},
            "message": _STRING,
            "remedy": _or_null(_STRING),
            "facts": _VALUES,
            "parameters": _VALUES,
            "citations": {"type": "array", "minItems": 1, "items": _object(citation)},
            "basis": {"enum": list(Basis)},
            "assumed": _STRINGS,
            "changes": {"description": "The smallest that would put it right.", **_STRINGS},
        }
    )


def _rulebook() -> dict[str, Any]:
    local = dict.fromkeys(("region", "title", "version", "approved_by"), _STRING)
    local |= {"effective_from": _DAY, "effective_to": _or_null(_DAY)}
    return _object(
        {
            "version": _STRING,
            "digest": _STRING,
            "local": {"type": "array", "items": _object(local)},
            "replaced": {"type": "object", "additionalProperties": _STRING},
            "settings": _VALUES,
        }
    )


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of an object with these fields and no others, all of them always there."""
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(properties),
        "properties": dict(properties),
    }


def _or_null(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema that lets null through too: not known."""
    if "enum" in schema:
        return {**schema, "enum": [*schema["enum"], None]}
    kinds = schema["type"]
    return {**schema, "type": [*([kinds] if isinstance(kinds, str) else kinds), "null"]}
