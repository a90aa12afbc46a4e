"""Unpaid work: hours, reviews, pace, and the twelve months for the work."""

from __future__ import annotations

from probation_rules.areas.unpaid_work.case import UnpaidWorkOrder
from probation_rules.rulebook.spec import AreaSpec

AREA = AreaSpec(
    "unpaid-work",
    case=UnpaidWorkOrder,
    listing="listing:LAYOUT",
    page="page:pictures",
)
