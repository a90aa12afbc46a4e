"""The Prioritisation Framework: what a unit may reduce or pause, and who may decide it."""

from __future__ import annotations

from probation_rules.areas.framework.case import ActivityDecision
from probation_rules.areas.framework.prepare import prepare
from probation_rules.areas.framework.section import SECTION
from probation_rules.rulebook.spec import AreaSpec

AREA = AreaSpec(
    "framework",
    case=ActivityDecision,
    prepare=prepare,
    section=SECTION,
    command=(
        "activities",
        "Show what a unit may reduce or pause at its status.",
        "command:activities_command",
    ),
)
