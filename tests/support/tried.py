"""A question whose answer is not known, and every answer that it can have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import product
from math import prod
from random import Random
from typing import Any

from attrs import evolve, fields, frozen

from probation_rules.language.interpret import Interpreter
from probation_rules.language.tree import Constant, Node, Type, Value
from probation_rules.rulebook.model import Area

MOST_TRIED = 200
MOST_BLANKS = 5
Answer = tuple[Any, ...]
Readings = tuple[tuple[str, Value], ...]


@frozen
class Question:
    """A question whose answer is not known.

    Attributes:
        needs: What `needs` says.
        few: The unknown yes or no facts, code words and readings, with the values of each.
        answers: The answer for each choice of these values, in the order of `few`.
        exact: Whether nothing else is unknown.
    """

    needs: tuple[str, ...]
    few: Mapping[str, Sequence[Value]]
    answers: Mapping[tuple[Value, ...], Answer]
    exact: bool

    def pairs(self, name: str) -> Iterator[tuple[Answer, Answer]]:
        """Yield each pair of answers whose values differ for one unknown only."""
        place = list(self.few).index(name)
        for values, answer in self.answers.items():
            for other in self.few[name]:
                yield answer, self.answers[*values[:place], other, *values[place + 1 :]]


def questions(random: Random, area: Area, case: Interpreter) -> Iterator[Question]:
    """Yield questions that cannot be answered once some facts of a case are blanked out.

    A number or a date that was blanked out has its own value again in every answer.
    """
    for place in random.sample(range(len(area.rules) + 1), len(area.rules) + 1):
        rule = area.rules[place] if place < len(area.rules) else None
        types, known = _facts(area, case, rule.facts if rule else (*area.facts,))
        blanks = dict.fromkeys(random.sample(list(types), min(MOST_BLANKS, len(types))))
        readings = {
            name: _few(area.parameters[name].type)
            for name in (rule.figures if rule else area.parameters)
            if area.parameters[name].open
        }
        few = {name: _few(types[name]) for name in types if {**known, **blanks}[name] is None}
        few = {name: values for name, values in (few | readings).items() if values}
        if not few or prod(map(len, few.values())) > MOST_TRIED:
            continue
        definitions, conditions = _read(area, ())
        shown = _with(case, {**known, **blanks}, definitions)
        which = slice(None)
        if rule:
            gate = shown.value(rule.gate)
            which = slice(0, 1) if gate is None else slice(1, 2)
        found = [shown.value(node) for node in conditions[place][which]]
        if (rule and gate is False) or True in found or None not in found:
            continue
        answers = {}
        for values in product(*few.values()):
            chosen = dict(zip(few, values, strict=True))
            read = tuple((name, chosen.pop(name)) for name in readings if name in few)
            definitions, settled = _read(area, read)
            means = _with(case, {**known, **chosen}, definitions)
            answers[values] = tuple(map(means.value, settled[place][which]))
        yield Question(
            shown.needs(*conditions[place][which]),
            few,
            answers,
            exact=blanks.keys() <= few.keys() and not any(None in one for one in answers.values()),
        )


def _few(kind: Type) -> Sequence[Value]:
    """The values of a type that has few of them; none of any other."""
    return kind.codes or ((False, True) if kind.kind == "bool" else ())


def _facts(
    area: Area, case: Interpreter, names: Sequence[str]
) -> tuple[dict[str, Type], dict[str, Value | None]]:
    """The types and the values of some facts, and of every fact of members."""
    types = {name: area.facts[name].type for name in names if name in area.facts and name != "on"}
    known = {name: case.facts[name] for name in types}
    for place, member in enumerate(case.members or ()):
        assert area.members
        for name, fact in area.members.facts.items():
            path = f"{area.members.name}[{place}].{name}"
            types[path], known[path] = fact.type, member[name]
    return types, known


def _with(
    case: Interpreter, values: Mapping[str, Value | None], definitions: Mapping[str, Node]
) -> Interpreter:
    """The case with other values."""
    facts = {name: values.get(name, value) for name, value in case.facts.items()}
    members = case.members and [
        {name: values[f"members[{place}].{name}"] for name in member}
        for place, member in enumerate(case.members)
    ]
    return Interpreter(facts, definitions, members)


@cache
def _read(area: Area, readings: Readings) -> tuple[Mapping[str, Node], Sequence[tuple[Node, ...]]]:
    """The definitions and conditions of an area, with open parameters settled.

    The conditions are the gate and the condition of each rule, and then those of the stages.
    """
    chosen = dict(readings)
    conditions = [(rule.gate, rule.lowered_condition) for rule in area.rules]
    stages = tuple(stage.lowered for stage in area.stages.values())
    return (
        {name: _settled(node, chosen) for name, node in area.definitions.items()},
        [tuple(_settled(node, chosen) for node in nodes) for nodes in (*conditions, stages)],
    )


def _settled(node: Node, readings: Mapping[str, Value]) -> Node:
    """The node with values for open parameters."""
    if isinstance(node, Constant):
        return evolve(node, value=readings.get(node.parameter or "", node.value))
    parts: dict[str, Any] = {}
    for attribute in fields(type(node)):
        value = getattr(node, attribute.name)
        if isinstance(value, Node):
            parts[attribute.name] = _settled(value, readings)
        elif isinstance(value, tuple):
            parts[attribute.name] = tuple(
                _settled(one, readings) if isinstance(one, Node) else one for one in value
            )
    return evolve(node, **parts)
