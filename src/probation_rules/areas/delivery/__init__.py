"""Delivery: how much of a region's unpaid work is completed as National Individual Placements."""

from __future__ import annotations

from probation_rules.areas.delivery.case import RegionQuarter
from probation_rules.rulebook.spec import AreaSpec

AREA = AreaSpec("delivery", case=RegionQuarter)
