"""Capacity: an officer's workload compared with the hours available for it."""

from __future__ import annotations

from probation_rules.areas.capacity.case import Workload
from probation_rules.rulebook.spec import AreaSpec

AREA = AreaSpec("capacity", case=Workload)
