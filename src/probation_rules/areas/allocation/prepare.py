"""Facts about a tier: its scheme, and the tier without its suffix."""

from __future__ import annotations

from typing import Any

from probation_rules.areas.allocation.case import CaseAllocation


def prepare(case: CaseAllocation, _: object) -> dict[str, Any]:
    """Return the scheme of both tiers, and each without the suffix S (contact is suspended)."""
    supervised, scheme = _about(case.tier)
    supervised_before, scheme_before = _about(case.tier_before)
    return {
        "tier_supervised": supervised,
        "tier_supervised_before": supervised_before,
        "tier_scheme": scheme,
        "tier_scheme_before": scheme_before,
    }


def _about(tier: object) -> tuple[str | None, str | None]:
    """Return a tier without its suffix, and its scheme."""
    if not isinstance(tier, str):
        return None, None
    return tier.removesuffix("S"), "single_letter" if len(tier) == 1 else "protect_and_change"
