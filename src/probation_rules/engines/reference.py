"""The reference interpreter as an engine: slow, obvious, the definition of what rules mean."""

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
    """Return the place of the first stage whose condition holds, if that can be told."""
    for place, stage in enumerate(area.stages.values()):
        holds = interpreter.value(stage.condition)
        if holds is not False:
            return NO_STAGE if holds is None else place
    return NO_STAGE


def outcome(rule: Rule, interpreter: Interpreter) -> int:
    """Return the code of one wording's outcome."""
    applies = interpreter.value(rule.gate)
    if applies is None:
        return CANNOT_TELL
    if not applies:
        return NOT_APPLICABLE
    holds = interpreter.value(rule.lowered_condition)
    return CANNOT_TELL if holds is None else MET if holds else NOT_MET
