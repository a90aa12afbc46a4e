"""The reference interpreter as an engine: slow and simple. It defines the meaning of the rules."""

from __future__ import annotations

from datetime import date

from probation_rules.engines import (
    CANNOT_TELL,
    MET,
    NO_STAGE,
    NOT_APPLICABLE,
    NOT_MET,
    Codes,
    Decide,
)
from probation_rules.language.interpret import Interpreter
from probation_rules.rulebook.model import Area, Rule
from probation_rules.rulebook.validity import interpreter_for, require_valid


def compile_area(area: Area) -> Decide:
    """Return the function that decides cases of an area."""

    def decide(case: object, on: date) -> Codes:
        require_valid(area, case, on)
        interpreter = interpreter_for(area, case, on)
        codes = (outcome(rule, interpreter) for rule in area.rules)
        return (*codes, stage_of(area, interpreter))

    return decide


def stage_of(area: Area, interpreter: Interpreter) -> int:
    """Return the index of the first stage with a true condition, or `NO_STAGE` if it is unknown."""
    for index, stage in enumerate(area.stages.values()):
        value = interpreter.value(stage.condition)
        if value is not False:
            return NO_STAGE if value is None else index
    return NO_STAGE


def outcome(rule: Rule, interpreter: Interpreter) -> int:
    """Return the code of one wording's outcome."""
    applies = interpreter.value(rule.gate)
    if applies is None:
        return CANNOT_TELL
    if not applies:
        return NOT_APPLICABLE
    value = interpreter.value(rule.lowered_condition)
    return CANNOT_TELL if value is None else MET if value else NOT_MET
