"""The checked rulebook: the tables of a rules file, with the expressions compiled from them.

`probation_rules.rulebook.load` builds these objects. They never change afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Any, TypeVar, cast

from attrs import evolve, field, frozen

from probation_rules.language.english import inside, unscaled
from probation_rules.language.tree import Node, Type, Value
from probation_rules.rulebook import toml_schema
from probation_rules.rulebook.spec import AreaSpec
from probation_rules.rulebook.toml_schema import Source

BOOLS = {
    "true": True,
    "yes": True,
    "false": False,
    "no": False,
}  # in a table; small or capital letters
LONGEST_TEXT = 200  # characters of a reference, a note or a label
Checked = TypeVar("Checked")


class Severity(StrEnum):
    """The severity of `not_met`: a breach of a `must`, or advice (`should`) not followed."""

    BREACH = "breach"
    ADVISORY = "advisory"

    @property
    def strength(self) -> str:
        """The word that rules of this severity use, `must` or `should`."""
        return "must" if self is Severity.BREACH else "should"

    @property
    def kind(self) -> str:
        """What people call such a rule, because breach of a rule is not breach of an order."""
        return "requirement" if self is Severity.BREACH else "advice"


def checked(kind: type[Checked], document: Any, **compiled: Any) -> Checked:
    """Return the model object for a table of a rules file.

    Args:
        kind: The class of the model object. It extends the class of the table.
        document: The table.
        compiled: The attributes that the table does not have, or has in another form.
    """
    return kind(**vars(document) | compiled)


SET_BY_CALLER = Source("Set by the caller", "the caller")


@frozen
class Citation:
    """A place in a source, and the day on which it was last checked."""

    source: Source
    checked: date
    at: str | None = None

    def __str__(self) -> str:
        return f"{self.source.title}{f', {self.at}' if self.at else ''}"


@frozen(kw_only=True, slots=False)
class DatedValue(toml_schema.ValueDocument):
    """A parameter's value, in force from `from` to `to`. Both days are included.

    Without `to`, the value is in force until the next value begins.
    """

    value: Value
    citations: tuple[Citation, ...]

    def covers(self, day: date) -> bool:
        """Whether the day is within the value's own dates."""
        return self.from_ <= day and (self.to is None or day <= self.to)


@frozen(kw_only=True, slots=False)
class Parameter(toml_schema.ParameterDocument):
    """A policy figure with its dated values. A parameter without values is open.

    Attributes:
        by: The date fact that decides which value is in force, such as `sentence_date`.
    """

    name: str
    type: Type
    values: tuple[DatedValue, ...]
    citations: tuple[Citation, ...]

    @property
    def open(self) -> bool:
        """Whether only a local rulebook or a setting can give the parameter a value."""
        return not self.values

    @property
    def may_be_replaced(self) -> bool:
        """Whether a region's own rulebook may give it another value."""
        return self.open or self.basis is toml_schema.Basis.ASSUMPTION

    @cached_property
    def may_be_set(self) -> bool:
        """Whether a caller may give it another value. Some open parameters are only for regions."""
        return self.may_be_replaced and not (self.open and self.basis is toml_schema.Basis.LOCAL)

    @cached_property
    def as_fact(self) -> Fact:
        """The parameter as a fact with the same kind and range, to check values from a caller."""
        ends: Any = (self.type.low, self.type.high)
        least, most = map(self.shown, ends)
        return Fact(
            name=self.name, kind=self.kind, type=self.type, about=self.about, min=least, max=most
        )

    def shown(self, value: Value) -> Value | Decimal:
        """Return a value in the form that callers use, from the form that engines use."""
        return unscaled(cast("int", value), self.type.places) if self.type.places else value

    def on(self, day: date) -> DatedValue | None:
        """Return the value in force on a day, or ``None``.

        After the end of a value, an older value does not apply again.
        """
        begun = next((value for value in reversed(self.values) if value.from_ <= day), None)
        return begun if begun is not None and begun.covers(day) else None


@frozen(kw_only=True, slots=False)
class Fact(toml_schema.FactDocument):
    """One fact of a case.

    Attributes:
        name: The field of the case.
        kind: `bool`, `int`, `decimal` (exact), `date` or `code`. In a record also `time` (of day)
            and `text`.
        type: The type in the engines, where a decimal is an int.
        about: The meaning, in a sentence.
        min: The lowest value allowed, in the form that callers use.
        max: The highest value allowed, in the form that callers use.
        default: The value of a missing fact; ``None`` (unknown) for nearly every fact.
        only_if: The bool fact that must be true for this date to exist.
        computed_from: The fields from which the area's `prepare` computes this fact. A caller
            cannot give it.
        required: Whether a record must give it; always false for a case's own facts.
        refused: Words that people often use by mistake, each with the advice to give.
        label: The header of its column in a table, for people.
        also: Other headers of the column.
    """

    name: str
    type: Type
    default: Value | None = None

    @property
    def allowed(self) -> str:
        """The allowed values, for an error message."""
        match self.kind:
            case "bool":
                return "true or false"
            case "code":
                return "one of " + ", ".join(self.type.codes)
            case "date":
                return f"a date from {self.min} to {self.max}, as YYYY-MM-DD"
            case "int":
                return f"a whole number from {self.min} to {self.max}"
            case "time":
                return "a time of day from 00:00 to 23:59, as HH:MM"
            case "text":
                return (
                    f"text of 1 to {LONGEST_TEXT} characters on one line, "
                    "without control or other invisible characters"
                )
            case _:  # an exact decimal
                return f"a number from {self.min} to {self.max}, at most {self.type.places} decimal places"


@frozen(kw_only=True, slots=False)
class Members(toml_schema.MembersDocument):
    """The list of members that a case may have, and the facts of each.

    Attributes:
        name: The field of the case with the list.
        about: The meaning, in a sentence.
        facts: The facts of a member.
        least: The lowest number of members in a known list.
        most: The highest number of members.
        kinds: Named kinds of member, used to find changes of membership that make a rule met.
    """

    facts: Mapping[str, Fact]
    kinds: Mapping[str, Mapping[str, Value]] = field(factory=dict)


@frozen(kw_only=True, slots=False)
class Records(toml_schema.RecordsDocument):
    """A field of a case with a record or a list of records. The area's code uses them.

    Rules cannot use records directly. They use the facts that the area computes from them.

    Attributes:
        name: The field.
        about: The meaning, in a sentence.
        shape: The name of its kind of record in `[shapes]`; the area has a class for each.
        facts: The facts of a record.
        records: The fields of a record that contain records themselves.
        least: The lowest number of records in the list.
        most: The highest number of records in the list, or ``None`` for a single record.
    """

    name: str
    facts: Mapping[str, Fact]
    records: Mapping[str, Records]


@frozen(kw_only=True, slots=False)
class Derived(toml_schema.DerivedDocument):
    """A named value computed from facts and parameters.

    Attributes:
        only_if: The true-or-false fact that must be true for the value to exist.
    """

    name: str
    node: Node
    lowered: Node
    citations: tuple[Citation, ...]


@frozen(kw_only=True, slots=False)
class Assumption(toml_schema.AssumptionDocument):
    """A condition that must not be false; otherwise the case is refused."""

    name: str
    lowered: Node


@frozen(kw_only=True, slots=False)
class Stage(toml_schema.StageDocument):
    """One of the states of a case. A case is in the first stage with a true condition.

    Attributes:
        condition: The condition of the stage, as engines run it. It is true for the last stage.
        lowered: Whether a case is in the stage: its condition is true and all earlier ones are false.
    """

    name: str
    condition: Node
    lowered: Node


@frozen(eq=False, kw_only=True, slots=False)
class Rule(toml_schema.RuleDocument):
    """One wording of a rule, and the days on which it is in force.

    Attributes:
        id: The area's prefix and a name, as in `pod.8`. It stays when the wording changes.
        gate: Whether the rule is in force and `applies` is true. If not, it is not applicable.
        in_force_condition: Whether the rule is in force. A replaced rule is still in force.
        applies_condition: `applies`, as written.
        condition: The condition in `must` or `should`.
        facts: Every fact that the rule uses, directly or through derived facts.
        figures: Every parameter that the rule uses, directly or through derived facts.
        from_: The first day in force; `NEVER` if `in_force.from_parameter` does not have a value.
        replaces: The rule that this local rule replaces while it is in force.
        made: A cache for reports, by name.
    """

    id: str
    gate: Node
    in_force_condition: Node
    applies_condition: Node | None
    condition: Node
    lowered_condition: Node
    from_: date
    citations: tuple[Citation, ...]
    facts: tuple[str, ...]
    figures: tuple[str, ...]
    made: dict[str, Any] = field(factory=dict, init=False, repr=False)

    # Wordings are compared by identity, so that lookups are fast.
    __eq__ = object.__eq__
    __hash__ = object.__hash__

    @property
    def severity(self) -> Severity:
        """The severity if the rule is not met."""
        return Severity.ADVISORY if self.must is None else Severity.BREACH

    @property
    def by(self) -> str:
        """The date fact that decides whether the rule is in force."""
        return self.in_force.by

    @property
    def to(self) -> date | None:
        """The last day in force, if it is known."""
        return self.in_force.to

    def covers(self, day: date) -> bool:
        """Return whether a date is within the period in force. `by` names the date to use."""
        return self.from_ <= day and (self.to is None or day <= self.to)

    @cached_property
    def met(self) -> str:
        """The finding if the rule is met, which is the title as the middle of a sentence."""
        return inside(self.title)

    @property
    def short(self) -> str:
        """A short name for lists, for the middle of a sentence; the title if the rule has none."""
        return inside(self.label) if self.label else self.met


@frozen(kw_only=True, slots=False)
class Remark(toml_schema.RemarkDocument):
    """A sentence of the policy that is not a rule here, and why."""

    id: str
    citations: tuple[Citation, ...]


@frozen(kw_only=True, slots=False)
class DueDay(toml_schema.DueDocument):
    """A due day of cases, such as a review point.

    Attributes:
        fact: The derived fact that gives the day.
        label: A short description of the day.
        rule: The id of the rule that the day is for.
        node: The condition for the day to be due, as written. It is checked on that day.
        lowered: The same condition, and that the rule is in force, as engines run it.
    """

    fact: str
    node: Node
    lowered: Node


class Facts:
    """A case and its prepared facts, as the attributes of one object.

    Attributes:
        case: The case.
        prepared: The facts that the area prepares, and texts for the report, by name.
        spec: The area's classes and code.
    """

    def __init__(self, case: Any, prepared: Mapping[str, Any], spec: AreaSpec) -> None:
        self.case = case
        self.prepared = prepared
        self.spec = spec

    def __getattr__(self, name: str) -> Any:
        """Copy all values at the first access. The fastest engine never needs this."""
        found = vars(self)
        if not name.startswith("_") and self.spec.fields[0] not in found:
            found |= self.prepared
            found |= zip(self.spec.fields, self.spec.values_of(self.case), strict=True)
        if name not in found:
            raise AttributeError(f"`{name}` is not a fact")
        return found[name]


@frozen(eq=False, kw_only=True, slots=False)
class Area:
    """One policy subject: its facts, parameters, derived facts, stages and rules.

    `definitions` has the expression of each derived fact and each parameter (its value on `on`).
    Each definition comes after those that it uses. `sections` are the area's special sections from
    local rulebooks (see `AreaSpec.section`).

    Settings do not change an expression: engines read them for each decision. So `compiled`, the
    cache of everything that engines compile, is shared between copies with different settings.
    """

    document: toml_schema.AreaDocument = field(repr=False)
    parameters: Mapping[str, Parameter]
    facts: Mapping[str, Fact]
    members: Members | None
    records: Mapping[str, Records]
    derived: Mapping[str, Derived]
    assumptions: tuple[Assumption, ...]
    stages: Mapping[str, Stage]
    rules: tuple[Rule, ...]
    due: Mapping[str, tuple[DueDay, ...]]
    remarks: tuple[Remark, ...]
    definitions: Mapping[str, Node] = field(repr=False)
    sections: tuple[Any, ...]
    spec: AreaSpec
    settable: frozenset[str]
    settings: Mapping[str, Value] = field(factory=dict)
    compiled: dict[str, Any] = field(factory=dict, repr=False)

    @property
    def name(self) -> str:
        """The area's name, such as `unpaid-work`."""
        return self.document.area

    @property
    def title(self) -> str:
        """The area's title, for people."""
        return self.document.title or ""

    @property
    def sources(self) -> Mapping[str, Source]:
        """The sources of the area's rules and figures, by id."""
        return self.document.sources

    def with_settings(self, settings: Mapping[str, Value]) -> Area:
        """Return the area with values for parameters. The values are checked already."""
        parameters, first = dict(self.parameters), cast("date", self.facts["on"].type.low)
        for name, value in settings.items():
            cites = (Citation(SET_BY_CALLER, first),)
            dated = DatedValue(from_=first, value=value, cites=(), citations=cites)
            parameters[name] = evolve(parameters[name], values=(dated,))
        days = cast("Mapping[str | None, date]", settings)
        rules = tuple(
            evolve(rule, from_=days[setting])
            if (setting := rule.in_force.from_parameter) in days
            else rule
            for rule in self.rules
        )
        made = copy(self)
        # This is several times faster than to make a new area for each call with a setting.
        made.__dict__.update(parameters=parameters, rules=rules, settings=settings)
        return made

    def facts_of(self, case: Any) -> Any:
        """Return an object for the engines, with every input and prepared fact as an attribute.

        Only this method turns a case into facts. If the area does not prepare facts, the object is
        the case itself.
        """
        prepare = self.spec.prepare
        return case if prepare is None else Facts(case, prepare(case, self), self.spec)

    @cached_property
    def values(self) -> tuple[str, ...]:
        """The names of all facts, input and derived, in the order of the file."""
        return (*self.facts, *self.derived)

    @cached_property
    def decimals(self) -> Mapping[str, int]:
        """The facts that are exact decimals, input and derived, with their decimal places."""
        types = {name: fact.type for name, fact in self.facts.items()}
        types |= {name: derived.node.type for name, derived in self.derived.items()}
        return {name: kind.places for name, kind in types.items() if kind.places}

    @cached_property
    def optional(self) -> Mapping[str, str]:
        """The values that may not exist, each with the true-or-false fact that decides."""
        every: Mapping[str, Fact | Derived] = {**self.facts, **self.derived}
        return {name: one.only_if for name, one in every.items() if one.only_if}

    @cached_property
    def input_facts(self) -> Mapping[str, Fact]:
        """The facts that a caller can give, without the day asked about and the computed facts."""
        return {
            name: fact
            for name, fact in self.facts.items()
            if name != "on" and fact.computed_from is None
        }

    @cached_property
    def prepared_paths(self) -> Mapping[str, tuple[str, ...]]:
        """The prepared facts, each with the paths in the case that it depends on."""
        return {name: fact.computed_from for name, fact in self.facts.items() if fact.computed_from}

    @cached_property
    def optional_fields(self) -> Mapping[str, str]:
        """The fields of dates that may not exist, each with the field that records whether they do."""
        field_of = {name: self.prepared_paths.get(name, (name,))[0] for name in self.facts}
        return {
            field_of[name]: field_of[fact.only_if]
            for name, fact in self.facts.items()
            if fact.only_if
        }

    @cached_property
    def by_word(self) -> Mapping[str, str]:
        """The prepared facts that depend on one code word alone, each with the fact of that word."""
        return {
            name: path
            for name, (path, *others) in self.prepared_paths.items()
            if not others and path in self.facts and self.facts[path].kind == "code"
        }

    @cached_property
    def by_code(self) -> Mapping[str, Fact]:
        """The other prepared facts. A table of cases needs a column for each."""
        return {name: self.facts[name] for name in self.prepared_paths if name not in self.by_word}

    @cached_property
    def columns(self) -> Mapping[str, Fact]:
        """The facts that the statement of a table reads as columns of cases."""
        return {**self.input_facts, **self.by_code}

    @cached_property
    def prepared_from(self) -> tuple[str, ...]:
        """The fields of a case that `prepare` reads for the facts in `by_code`."""
        paths = [path for name in self.by_code for path in self.prepared_paths[name]]
        names = [path.partition(".")[0] for path in paths]
        fields = [self.parameters[name].by if name in self.parameters else name for name in names]
        return tuple(dict.fromkeys(name for name in fields if name is not None))

    @cached_property
    def judged(self) -> frozenset[str]:
        """The fields of a case that rules are about, and its label; others are notes."""
        lists = [self.members.name] if self.members else []
        return frozenset({"reference", *self.facts, *self.records, *lists})

    @property
    def due_days(self) -> tuple[DueDay, ...]:
        """Every due day, in the order of the file."""
        return tuple(day for days in self.due.values() for day in days)

    @property
    def replacements(self) -> tuple[Rule, ...]:
        """The wordings of local rules that replace another rule, earliest first."""
        return tuple(sorted((one for one in self.rules if one.replaces), key=lambda one: one.from_))

    @cached_property
    def wordings(self) -> Mapping[str, tuple[int, ...]]:
        """The places in `rules` of each id's wordings, in the order of the file."""
        places: dict[str, tuple[int, ...]] = {}
        for place, rule in enumerate(self.rules):
            places[rule.id] = (*places.get(rule.id, ()), place)
        return places
