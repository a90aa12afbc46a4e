"""Facts about a tier: its scheme, and the tier without its suffix."""

from __future__ import annotations

from typing import Any

from probation_rules.areas.allocation.case import CaseAllocation


def prepare(case: CaseAllocation, _: object) -> dict[str, Any]:
    """Return the scheme of both tiers, and each without the suffix S (contact is suspended)."""
    return {
        "tier_supervised": _without_suffix(case.tier),
        "tier_supervised_before": _without_suffix(case.tier_before),
        "tier_scheme": _scheme(case.tier),
        "tier_scheme_before": _scheme(case.tier_before),
    }


def _without_suffix(tier: object) -> str | None:
    return tier.removesuffix("S") if isinstance(tier, str) else None


def _scheme(tier: object) -> str | None:
    if not isinstance(tier, str):
        return None
    return "single_letter" if len(tier) == 1 else "protect_and_change"
