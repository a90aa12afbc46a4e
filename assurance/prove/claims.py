"""Claims about every area: statements about its stages, rules and conditions."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from itertools import combinations

from attrs import frozen

from probation_rules.errors import ProbationRulesError
from probation_rules.language.tree import BOOL, And, Compare, Name, Node, Not
from probation_rules.rulebook.model import Area, DueDay, Rule, Severity
from probation_rules.rulebook.toml_schema import NEVER


class CannotProve(ProbationRulesError):
    """The solver cannot be asked, or does not answer; the message gives the reason."""


class Kind(StrEnum):
    """How many complete cases a condition is to be true of."""

    EVERY = "every"
    NONE = "none"
    SOME = "some"


@frozen
class Claim:
    """That a condition is true of every complete case, of none, or of some.

    Attributes:
        text: The statement, in a sentence without a full stop.
        unless: It need not be true of some case if this is true of none.
        assuming: Whether only cases count that `[assume]` does not refuse.
    """

    text: str
    kind: Kind
    node: Node
    unless: Node | None = None
    assuming: bool = True


def claims(area: Area) -> Iterator[Claim]:
    """Yield the statements about an area."""
    yield Claim("there is a complete case", Kind.SOME, And(BOOL, ()))
    yield from _stages(area)
    replaced = {rule.replaces for rule in area.rules}
    for rule in area.rules:
        yield from _rule(rule, always_asked=rule.id not in replaced)
    yield from _contradictions(area)
    for name, derived in area.derived.items():
        if derived.node.type.kind == "bool":
            yield Claim(f"{name} can be true", Kind.SOME, derived.lowered)
            yield Claim(f"{name} can be false", Kind.SOME, Not(BOOL, derived.lowered))
    for day in area.due_days:
        yield from _due(area, day)
    for one in area.assumptions:
        text = f"a case can be refused by {one.name}"
        yield Claim(text, Kind.SOME, Not(BOOL, one.lowered), assuming=False)


def _stages(area: Area) -> Iterator[Claim]:
    for name, stage in area.stages.items():
        yield Claim(f"stage {name} can hold", Kind.SOME, stage.lowered)


def _rule(rule: Rule, *, always_asked: bool) -> Iterator[Claim]:
    name = _named(rule)
    if rule.from_ == NEVER:
        unset = f"{name} applies to no case while {rule.in_force.from_parameter} is not set"
        yield Claim(unset, Kind.NONE, rule.gate)
        return
    failed = And(BOOL, (rule.gate, Not(BOOL, rule.lowered_condition)))
    # A local rule may replace a rule on all its days.
    also, unless = ("", None) if always_asked else (", where it is not replaced", rule.gate)
    yield Claim(f"{name} can be met{also}", Kind.SOME, _met(rule), unless)
    yield Claim(f"{name} can be not met{also}", Kind.SOME, failed, unless)
    gates = rule.gate.items if isinstance(rule.gate, And) else (rule.gate,)
    if gates:
        yield Claim(f"{name} can be not applicable", Kind.SOME, Not(BOOL, rule.gate))
    if rule.applies_condition is not None:
        yield Claim(f"{name}: `applies` can be false", Kind.SOME, Not(BOOL, gates[-1]))


def _due(area: Area, day: DueDay) -> Iterator[Claim]:
    on = Name(area.facts["on"].type, "on")
    itself = Compare(BOOL, "==", on, area.derived[day.fact].lowered)
    yield Claim(f"{day.fact} can be due", Kind.SOME, And(BOOL, (itself, day.lowered)))
    over = And(BOOL, (itself, Not(BOOL, day.lowered)))
    yield Claim(f"{day.fact} can be no longer due", Kind.SOME, over)


def all_met(area: Area) -> Node:
    """Return that every `must` rule is met: one such case shows that no two contradict each other."""
    return And(BOOL, tuple(_met(rule) for rule in _must(area)))


def _contradictions(area: Area) -> Iterator[Claim]:
    for one, other in combinations(_must(area), 2):
        yield Claim(
            f"{_named(one)} and {_named(other)} can be met together, if they apply together",
            Kind.SOME,
            And(BOOL, (_met(one), _met(other))),
            unless=And(BOOL, (one.gate, other.gate)),
        )


def _must(area: Area) -> list[Rule]:
    return [one for one in area.rules if one.severity is Severity.BREACH and one.from_ != NEVER]


def _met(rule: Rule) -> Node:
    return And(BOOL, (rule.gate, rule.lowered_condition))


def _named(rule: Rule) -> str:
    """The rule, and from when if it has more wordings than one."""
    return f"{rule.id} to {rule.to}" if rule.to else rule.id
