"""Curfew variation: may the officer vary an electronically monitored curfew, and what comes next."""

from __future__ import annotations

from probation_rules.areas.curfew_variation.case import (
    CurfewPeriod,
    CurfewSteps,
    CurfewVariation,
    Step,
)
from probation_rules.areas.curfew_variation.prepare import contradictions, prepare
from probation_rules.rulebook.spec import AreaSpec

AREA = AreaSpec(
    "curfew-variation",
    case=CurfewVariation,
    records={"period": CurfewPeriod, "step": Step, "steps": CurfewSteps},
    prepare=prepare,
    columns="columns:columns",
    contradictions=contradictions,
    listing="listing:LAYOUT",
    page="page:variations",
)
