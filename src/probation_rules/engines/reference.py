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
        stages = [interpreter.value(stage.lowered) for stage in area.stages.values()]
        stage = stages.index(True) if True in stages else NO_STAGE
        return (*(outcome(rule, interpreter) for rule in area.rules), stage)

    return decide


def outcome(rule: Rule, interpreter: Interpreter) -> int:
    """Return the code of one wording's outcome."""
    applies = interpreter.value(rule.gate)
    if applies is None:
        return CANNOT_TELL
    if not applies:
        return NOT_APPLICABLE
    holds = interpreter.value(rule.lowered_condition)
    return CANNOT_TELL if holds is None else MET if holds else NOT_MET
