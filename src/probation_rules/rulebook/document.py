"""The shape of a rules file: each class is a table of the TOML, each attribute a key."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, NewType

from attrs import Factory, field, frozen

from probation_rules.rulebook.model import NEVER, Basis, FactKind

Scalar = bool | int | Decimal | date | str
# Decimal places of a figure: from 0 to `read.MOST_PLACES`.
Places = NewType("Places", int)


@frozen
class SourceDocument:
    """`[sources.<id>]`: a document that rules rest on."""

    title: str
    publisher: str
    address: str | None = None


@frozen
class CitationDocument:
    """A place in a source, and the day it was last looked at."""

    source: str
    checked: date
    at: str | None = None


@frozen
class ValueDocument:
    """A parameter's value from a day on."""

    from_: date
    value: Scalar
    cites: list[CitationDocument]
    to: date | None = None


@frozen
class ParameterDocument:
    """`[parameters.<name>]`: a policy figure, dated."""

    type: FactKind
    about: str
    basis: Basis
    values: list[ValueDocument]
    by: str = "on"
    unit: str | None = None
    places: Places = Places(0)
    words: list[str] = field(factory=list)
    min: Scalar | None = None
    max: Scalar | None = None
    cites: list[CitationDocument] = field(factory=list)


@frozen
class FactDocument:
    """`[facts]`: what a case may say."""

    type: FactKind
    about: str
    unit: str | None = None
    places: Places = Places(0)
    values: list[str] = field(factory=list)
    min: Scalar | None = None
    max: Scalar | None = None
    default: Scalar | None = None
    only_if: str | None = None
    always: bool = False
    computed_from: list[str] = field(factory=list)
    refused: dict[str, str] = field(factory=dict)
    required: bool = False


@frozen
class MembersDocument:
    """`[members]`: the list of alike things a case holds."""

    name: str
    about: str
    least: int
    most: int
    facts: dict[str, FactDocument]
    kinds: dict[str, dict[str, Scalar]] = field(factory=dict)


@frozen
class RecordsDocument:
    """`[records]`: a field that holds a record or, where it says `most`, a list of alike ones."""

    shape: str
    about: str
    least: int = 0
    most: int | None = None


@frozen
class ShapeDocument:
    """`[shapes.<name>]`: what may be said in one kind of record."""

    facts: dict[str, FactDocument] = Factory(dict)
    records: dict[str, RecordsDocument] = Factory(dict)


@frozen
class ChoiceDocument:
    """One line of `first`: a condition with its value or, on the last line, the default."""

    when: str | None = None
    value: str | None = None
    otherwise: str | None = None


@frozen
class DerivedDocument:
    """`[derived]`: a named value computed from values above it, by a formula or an ordered choice."""

    about: str
    is_: str | None = None
    first: list[ChoiceDocument] = field(factory=list)
    unit: str | None = None
    only_if: str | None = None
    cites: list[CitationDocument] = field(factory=list)


@frozen
class AssumptionDocument:
    """`[assume]`: what may not be false of a case."""

    that: str
    at: str
    say: str


@frozen
class StageDocument:
    """`[stages]`: one state of a case. A case is in the first whose `when` holds, or in the last."""

    about: str
    when: str | None = None
    otherwise: bool = False


@frozen
class InForceDocument:
    """The days a wording is in force: both ends included, judged by a date fact.

    A first day that nobody knows yet is the value of a parameter.
    """

    from_: date = NEVER
    from_parameter: str | None = None
    to: date | None = None
    by: str = "on"


@frozen
class RuleDocument:
    """`[rules."<id>"]`: one wording of a rule."""

    title: str
    basis: Basis
    in_force: InForceDocument
    not_met: str
    remedy: str
    cites: list[CitationDocument]
    must: str | None = None
    should: str | None = None
    applies: str | None = None
    notes: str | None = None
    replaces: str | None = None


@frozen
class DueDocument:
    """`[due]`: a derived fact that is a day which cases come to."""

    says: str
    rule: str
    while_: str


@frozen
class RemarkDocument:
    """`[remarks."<id>"]`: a sentence of the policy that is no rule here, and why."""

    title: str
    says: str
    cites: list[CitationDocument]


@frozen
class LocalDocument:
    """`[local]`: whose a local rulebook is, and when it holds. Both days are included."""

    region: str
    title: str
    version: str
    effective_from: date
    approved_by: str
    effective_to: date | None = None


@frozen
class SectionDocument:
    """A local rulebook's section of the area's own kind (see `AreaSpec.section`)."""

    local: LocalDocument
    content: Any


@frozen
class AreaDocument:
    """A whole rules file."""

    area: str
    title: str | None = None
    prefix: str | None = None
    month_end: str | None = None
    local: LocalDocument | None = None
    sources: dict[str, SourceDocument] = Factory(dict)
    parameters: dict[str, ParameterDocument] = Factory(dict)
    facts: dict[str, FactDocument] = Factory(dict)
    members: MembersDocument | None = None
    shapes: dict[str, ShapeDocument] = Factory(dict)
    records: dict[str, RecordsDocument] = Factory(dict)
    derived: dict[str, DerivedDocument] = Factory(dict)
    assume: dict[str, AssumptionDocument] = Factory(dict)
    stages: dict[str, StageDocument] = Factory(dict)
    rules: dict[str, list[RuleDocument]] = Factory(dict)
    due: dict[str, list[DueDocument]] = Factory(dict)
    remarks: dict[str, RemarkDocument] = Factory(dict)
    sections: list[SectionDocument] = Factory(list)
