"""Allocation: who manages a case, and what must follow a change of risk or tier."""

from __future__ import annotations

from probation_rules.areas.allocation.case import CaseAllocation
from probation_rules.areas.allocation.prepare import prepare
from probation_rules.rulebook.spec import AreaSpec

AREA = AreaSpec("allocation", case=CaseAllocation, prepare=prepare, listing="listing:LAYOUT")
