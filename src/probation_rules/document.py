"""The structure of JSON documents of answers.

A report writes these classes, `schema` makes the JSON Schemas from them, and `replay` reads a stored
report into them. Values have the types of JSON, except dates and enums.

A document gives each thing once. `rules` describes each rule, with the facts and figures that it
uses. The case has the values of facts and figures. A finding has only what differs between cases.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, TypeVar, cast, get_args, get_origin

import attrs
from attrs import frozen
from cattrs import Converter, transform_error
from cattrs.cols import list_structure_factory, mapping_structure_factory
from cattrs.errors import BaseValidationError
from cattrs.fns import identity
from cattrs.gen import make_dict_structure_fn

from probation_rules.areas import AREAS
from probation_rules.cases import date_from
from probation_rules.engines import ENGINES, INVALID_ROW, ROW_OUTCOMES, Outcome
from probation_rules.errors import CaseError, Problem
from probation_rules.rulebook.model import Severity
from probation_rules.rulebook.toml_schema import Basis

SHAPE = 2
"""The version of these shapes, for the names of the JSON Schemas."""

GRAVEST = (INVALID_ROW, *(one.value for one in Severity), "unknown", "nothing")

# After a type: a text is its description, a tuple its allowed words, a number its lowest value.
AreaName = Annotated[str, tuple(AREAS)]
EngineName = Annotated[str, tuple(ENGINES)]
TableEngine = Annotated[str, ("sql", "python")]
RowOutcome = Annotated[str, ROW_OUTCOMES]
Gravest = Annotated[str, GRAVEST]
Count = Annotated[int, 1]

Values = Mapping[str, bool | int | str | None]
Case = Mapping[str, Any]
Strings = tuple[str, ...]


@frozen
class Citation:
    """A place in a source, and the day it was last checked."""

    source: str
    publisher: str
    address: str | None
    at: str | None
    checked: date


@frozen(cache_hash=True)
class Wording:
    """One wording of a rule, as far as it is the same for all cases."""

    title: str
    severity: Annotated[Severity, "Of a finding that is not met."]
    remedy: Annotated[str, "What to do about a finding that is not met."]
    basis: Basis
    notes: str | None
    citations: tuple[Citation, ...]
    facts: Annotated[Strings, "The facts it uses; their values are with each case."]
    figures: Annotated[Strings, "The policy figures it uses; their values are with each case."]


@frozen(cache_hash=True)
class Finding:
    """The outcome of one rule for one case."""

    rule: str
    wording: Annotated[
        date, "The wording's key in `rules`: its first day in force, 9999-12-31 if that is not set."
    ]
    outcome: Outcome
    severity: Annotated[Severity | None, "Null if the outcome is not `not_met`."]
    needs: Annotated[Strings, "The unknown facts and figures that the outcome depends on."]
    message: str
    assumed: Annotated[Strings, "The assumed facts without which the outcome is unknown."]
    changes: Annotated[Strings, "The smallest changes after which the rule is met."]


@frozen
class Entry:
    """The answers for one case."""

    area: AreaName
    reference: str | None
    place: Annotated[str | None, "The case's place in its file."]
    kept: Annotated[Mapping[str, str], "The file's cells that are not judged, by header."]
    case: Annotated[Case, "The case as given, without what is not known."]
    stage: Annotated[str | None, "Null if it is unknown, or the area has no stages."]
    stage_needs: Strings
    assumed: Values
    facts: Annotated[Values, "Given and computed. Null is unknown, or listed in `absent`."]
    absent: Annotated[Strings, "The facts that do not exist for this case."]
    figures: Annotated[Values, "The policy figures in force for this case. Null is unknown."]
    findings: tuple[Finding, ...]
    notes: Mapping[str, str]


@frozen
class LocalRulebook:
    """A region's own rulebook on top of the shipped one."""

    region: str
    title: str
    version: str
    effective_from: date
    approved_by: str
    effective_to: date | None


@frozen
class RulebookUsed:
    """The rules that were used for a document."""

    version: str
    digest: str
    local: tuple[LocalRulebook, ...]
    replaced: Mapping[str, str]
    settings: Values


@frozen
class Remark:
    """A sentence of the policy that is not a rule here, and where it is asked instead."""

    id: str
    text: str


@frozen
class Invalid:
    """An invalid case of a file."""

    place: Annotated[str, "The case's place in its file."]
    reference: str | None
    reasons: Strings
    kept: Annotated[Mapping[str, str], "The file's cells that are not judged, by header."]


Rules = Annotated[
    Mapping[str, Mapping[str, Wording]],
    "By the rule's id, then by the first day of the wording. The wordings that findings refer to.",
]


@frozen
class Group:
    """The counts of the cases with the same cell in a kept column."""

    cases: Count
    summary: Annotated[
        Mapping[str, Mapping[RowOutcome, Count]], "How many cases have each outcome, by rule."
    ]
    stages: Annotated[Mapping[str, Count], "How many valid cases are in each stage."]
    most_serious: Annotated[
        Mapping[Gravest, Count], "How many cases have this as their most serious finding."
    ]


By = Annotated[str | None, "The kept column that groups the cases."]
Groups = Annotated[Mapping[str, Group], "By the cell in that column, which may be empty."]


@frozen
class Report:
    """The answers for some cases."""

    on: Annotated[date, "The day asked about."]
    engine: EngineName
    rulebook: RulebookUsed
    summary: Annotated[
        Mapping[str, Mapping[Outcome, Count]], "How many cases have each outcome, by rule."
    ]
    rules: Rules
    remarks: tuple[Remark, ...]
    notes: Strings
    assumed: Values
    reports: tuple[Entry, ...]
    invalid: Annotated[tuple[Invalid, ...], "The cases of a file that cannot be judged as given."]
    by: By
    groups: Groups


@frozen
class Caseload:
    """The counts of a large file's answers, and its most urgent cases."""

    on: Annotated[date, "The day asked about."]
    engine: TableEngine
    rulebook: RulebookUsed
    area: AreaName
    cases: Annotated[int, "How many.", 0]
    summary: Annotated[
        Mapping[str, Mapping[RowOutcome, Count]], "How many cases have each outcome, by rule."
    ]
    stages: Annotated[Mapping[str, Count], "How many valid cases are in each stage."]
    most_serious: Annotated[
        Mapping[Gravest, Count], "How many cases have this as their most serious finding."
    ]
    reasons: Annotated[Mapping[str, Count], "How many cases are invalid, by reason."]
    rules: Rules
    remarks: tuple[Remark, ...]
    notes: Strings
    assumed: Values
    most_urgent: tuple[Entry, ...]
    by: By
    groups: Groups


# --- Read and write -----------------------------------------------------------------------------

Shape = TypeVar("Shape")


def plain(document: Any) -> dict[str, Any]:
    """Return an object of these classes as values with the structure of JSON."""
    found: dict[str, Any] = _CONVERTER.unstructure(document)
    return found


def structured(content: object, shape: type[Shape]) -> Shape:
    """Return values with the structure of JSON as an object of one of these classes.

    Fields that the class does not have are left out.

    Raises:
        CaseError: A value is missing or has the wrong kind; the error lists all problems.
    """
    try:
        return _CONVERTER.structure(content, shape)
    except (BaseValidationError, TypeError) as error:
        problems = []
        for line in transform_error(error, format_exception=_message):
            text, _, path = line.rpartition(" @ ")
            problems.append(Problem(text, path))
        raise CaseError(problems) from None


def _message(error: BaseException, _: object) -> str:
    if isinstance(error, KeyError):
        return f"is missing; {_WRITTEN_AGAIN}"
    return f"{error}; {_WRITTEN_AGAIN}"


_WRITTEN_AGAIN = (
    "this version cannot read the document: check the cases again and store the answers, "
    "or use the version that wrote it"
)


def _require(value: object, kind: type, words: str) -> None:
    if type(value) is not kind and not (kind is Mapping and isinstance(value, Mapping)):
        raise TypeError(f"must be {words}")


def _exactly(kind: type, words: str) -> Any:
    def structure(value: object, _: object) -> object:
        _require(value, kind, words)
        return value

    return structure


def _tuple_factory(wanted: Any, converter: Converter) -> Callable[[Any, Any], tuple[Any, ...]]:
    inner = list_structure_factory(cast("Any", list)[get_args(wanted)[0]], converter)
    return lambda value, _: tuple(inner(value, list))


def _guarded(factory: Callable[..., Any], kind: type, words: str) -> Any:
    """Return a factory for hooks that refuse values of another kind."""

    def guarded(wanted: Any, converter: Converter) -> Any:
        inner = factory(wanted, converter)

        def structure(value: object, _: object) -> Any:
            _require(value, kind, words)
            return inner(value, wanted)

        return structure

    return guarded


def _day(value: object, _: object) -> date:
    found = date_from(value)
    if type(found) is not date:
        raise TypeError("must be a day as YYYY-MM-DD")
    return found


def _word(value: object, words: type[StrEnum]) -> StrEnum:
    if not isinstance(value, str) or value not in list(words):
        raise TypeError(f"must be one of {', '.join(words)}")
    return words(value)


def _is_a(wanted: Any, origin: Any) -> bool:
    return get_origin(wanted) is origin


def _is_plain(wanted: object) -> bool:
    """Return whether a field maps names to JSON values, which do not need a conversion."""
    return wanted in (Values, Case)


def _converter() -> Converter:
    named = "an object with named fields"
    converter = Converter(unstruct_collection_overrides={tuple: list})
    converter.register_structure_hook(str, _exactly(str, "text"))
    converter.register_structure_hook(int, _exactly(int, "a whole number"))
    converter.register_structure_hook(date, _day)
    for words in (Outcome, Severity, Basis):
        converter.register_structure_hook(words, _word)
        converter.register_unstructure_hook(words, str)
    for is_wanted, factory, kind, name in (
        (attrs.has, make_dict_structure_fn, Mapping, named),
        (lambda kind: _is_a(kind, tuple), _tuple_factory, list, "a list"),
        (lambda kind: _is_a(kind, Mapping), mapping_structure_factory, Mapping, named),
    ):
        converter.register_structure_hook_factory(is_wanted, _guarded(factory, kind, name))
    converter.register_structure_hook_func(_is_plain, _exactly(Mapping, named))
    converter.register_unstructure_hook(date, date.isoformat)
    converter.register_unstructure_hook_func(_is_plain, dict)
    # A value that does not need a conversion does not need a call.
    converter.register_unstructure_hook_func(lambda kind: kind == Strings, list)
    converter.register_unstructure_hook_func(lambda kind: kind == str | None, identity)
    return converter


_CONVERTER = _converter()
