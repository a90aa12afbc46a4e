"""The structure of a rules file: each class is a table of the TOML, each attribute a key.

`probation_rules.rulebook.model` extends most of these classes with compiled expressions.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Any, Literal, NewType

from attrs import field, frozen
from cattrs import Converter

FactKind = Literal["bool", "int", "decimal", "date", "code", "time", "text"]
NEVER = date.max  # the first day of a rule that begins on an unset day
Scalar = bool | int | Decimal | date | str
# Decimal places of a figure: from 0 to `read.MOST_PLACES`.
Places = NewType("Places", int)
_PLAIN = Converter(omit_if_default=True)
# Attributes with another name in TOML.
TOML_KEYS = {"from_": "from", "is_": "is", "kind": "type", "while_": "while"}


class Basis(StrEnum):
    """The kind of source of a rule or a figure."""

    STATUTE = "statute"
    NATIONAL_POLICY = "national-policy"
    REPORTED = "reported"
    LOCAL = "local"
    ASSUMPTION = "assumption"


@frozen
class Source:
    """`[sources.<id>]`: a document that rules and figures cite."""

    title: str
    publisher: str
    address: str | None = None


@frozen
class CitationDocument:
    """A place in a source, and the day on which it was last checked."""

    source: str
    checked: date
    at: str | None = None


@frozen(slots=False)
class ValueDocument:
    """A parameter's value, with its first day and perhaps its last."""

    from_: date
    value: Scalar
    cites: tuple[CitationDocument, ...]
    to: date | None = None


@frozen(slots=False)
class ParameterDocument:
    """`[parameters.<name>]`: a policy figure, dated."""

    kind: FactKind
    about: str
    basis: Basis
    values: tuple[ValueDocument, ...]
    by: str = "on"
    unit: str | None = None
    places: Places = Places(0)
    words: tuple[str, ...] = ()
    min: Scalar | None = None
    max: Scalar | None = None
    cites: tuple[CitationDocument, ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        """The words that a `code` may be."""
        return self.words


@frozen
class LabelsDocument:
    """`[reference]`: the headers that people give a column of a table."""

    label: str
    also: tuple[str, ...] = ()


@frozen(slots=False)
class FactDocument:
    """`[facts]`: a fact that a case may give."""

    kind: FactKind
    about: str
    label: str | None = None
    also: tuple[str, ...] = ()
    unit: str | None = None
    places: Places = Places(0)
    values: tuple[str, ...] = ()
    min: Scalar | None = None
    max: Scalar | None = None
    default: Scalar | None = None
    only_if: str | None = None
    always: bool = False
    computed_from: tuple[str, ...] | None = None
    refused: Mapping[str, str] = field(factory=dict)
    required: bool = False

    @property
    def codes(self) -> tuple[str, ...]:
        """The words that a `code` may be."""
        return self.values


@frozen(slots=False)
class MembersDocument:
    """`[members]`: the list of members of a case."""

    name: str
    about: str
    least: int
    most: int
    facts: Mapping[str, FactDocument]
    kinds: Mapping[str, Mapping[str, Scalar]] = field(factory=dict)
    reference: LabelsDocument | None = None


@frozen(slots=False)
class RecordsDocument:
    """`[records]`: a field with a record or, if `most` is given, a list of records."""

    shape: str
    about: str
    least: int = 0
    most: int | None = None


@frozen
class ShapeDocument:
    """`[shapes.<name>]`: the facts of one kind of record."""

    facts: Mapping[str, FactDocument] = field(factory=dict)
    records: Mapping[str, RecordsDocument] = field(factory=dict)


@frozen
class ChoiceDocument:
    """One line of `first`: a condition with its value or, on the last line, the default."""

    when: str | None = None
    value: str | None = None
    otherwise: str | None = None


@frozen(slots=False)
class DerivedDocument:
    """`[derived]`: a named value computed from values above it, by a formula or an ordered choice."""

    about: str
    is_: str | None = None
    first: tuple[ChoiceDocument, ...] = ()
    unit: str | None = None
    only_if: str | None = None
    cites: tuple[CitationDocument, ...] = ()


@frozen(slots=False)
class AssumptionDocument:
    """`[assume]`: a condition that must not be false for a case."""

    that: str
    at: str
    message: str


@frozen(slots=False)
class StageDocument:
    """`[stages]`: one state of a case. A case is in the first with a true `when`, or in the last."""

    about: str
    when: str | None = None
    otherwise: bool = False


@frozen
class InForceDocument:
    """The days on which a wording is in force, both ends included. A date fact decides.

    If the first day is not known yet, a parameter gives it.
    """

    from_: date = NEVER
    from_parameter: str | None = None
    to: date | None = None
    by: str = "on"


@frozen(slots=False)
class RuleDocument:
    """`[rules."<id>"]`: one wording of a rule."""

    title: str
    basis: Basis
    in_force: InForceDocument
    not_met: str
    remedy: str
    cites: tuple[CitationDocument, ...]
    must: str | None = None
    should: str | None = None
    applies: str | None = None
    label: str | None = None
    notes: str | None = None
    replaces: str | None = None


@frozen(slots=False)
class DueDocument:
    """`[due]`: a derived fact that is a due day of cases."""

    label: str
    rule: str
    while_: str


@frozen(slots=False)
class RemarkDocument:
    """`[remarks."<id>"]`: a sentence of the policy that is not a rule here, and why."""

    title: str
    text: str
    cites: tuple[CitationDocument, ...]


@frozen
class LocalDocument:
    """`[local]`: the region of a local rulebook, and its first and last day, both included."""

    region: str
    title: str
    version: str
    effective_from: date
    approved_by: str
    effective_to: date | None = None


@frozen
class SectionDocument:
    """The area's special section in a local rulebook (see `AreaSpec.section`)."""

    local: LocalDocument
    content: Any


@frozen(slots=False)
class AreaDocument:
    """A whole rules file."""

    area: str
    title: str | None = None
    prefix: str | None = None
    month_end: str | None = None
    local: LocalDocument | None = None
    sources: Mapping[str, Source] = field(factory=dict)
    parameters: Mapping[str, ParameterDocument] = field(factory=dict)
    reference: LabelsDocument | None = None
    facts: Mapping[str, FactDocument] = field(factory=dict)
    members: MembersDocument | None = None
    shapes: Mapping[str, ShapeDocument] = field(factory=dict)
    records: Mapping[str, RecordsDocument] = field(factory=dict)
    derived: Mapping[str, DerivedDocument] = field(factory=dict)
    assume: Mapping[str, AssumptionDocument] = field(factory=dict)
    stages: Mapping[str, StageDocument] = field(factory=dict)
    rules: Mapping[str, tuple[RuleDocument, ...]] = field(factory=dict)
    due: Mapping[str, tuple[DueDocument, ...]] = field(factory=dict)
    remarks: Mapping[str, RemarkDocument] = field(factory=dict)
    sections: tuple[SectionDocument, ...] = ()

    @cached_property
    def digest(self) -> str:
        """The hash of the content. Keys with their default value do not change it."""
        text = json.dumps(_PLAIN.unstructure(self), default=str)
        return hashlib.sha256(text.encode()).hexdigest()
