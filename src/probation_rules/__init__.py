"""Probation policy of England and Wales as dated, cited rules with three answers.

`check` asks every rule of an area about a case: met, not met, or cannot tell (and what it needs).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from probation_rules._version import __version__
from probation_rules.areas.allocation.case import CaseAllocation
from probation_rules.areas.pod.case import Pod, PodMember
from probation_rules.areas.unpaid_work.case import UnpaidWorkOrder
from probation_rules.check import check
from probation_rules.errors import (
    CaseError,
    EngineDisagreement,
    EngineUnavailable,
    NotInForce,
    ProbationRulesError,
    Problem,
    RulebookError,
)
from probation_rules.rulebook import rulebook

if TYPE_CHECKING:
    from probation_rules.cases import case_from, case_schema
    from probation_rules.explanation import Explanation, explain
    from probation_rules.report import Finding, Outcome, Report
    from probation_rules.rulebook.book import Rulebook

__all__ = [
    "CaseAllocation",
    "CaseError",
    "EngineDisagreement",
    "EngineUnavailable",
    "Explanation",
    "Finding",
    "NotInForce",
    "Outcome",
    "Pod",
    "PodMember",
    "ProbationRulesError",
    "Problem",
    "Report",
    "Rulebook",
    "RulebookError",
    "UnpaidWorkOrder",
    "__version__",
    "case_from",
    "case_schema",
    "check",
    "explain",
    "rulebook",
]

# Imported when first asked for, so that importing the library costs a program next to nothing.
_LATER = {
    "Explanation": "probation_rules.explanation",
    "Finding": "probation_rules.report",
    "Outcome": "probation_rules.report",
    "Report": "probation_rules.report",
    "Rulebook": "probation_rules.rulebook.book",
    "case_from": "probation_rules.cases",
    "case_schema": "probation_rules.cases",
    "explain": "probation_rules.explanation",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in _LATER:
        raise AttributeError(f"module `probation_rules` has no attribute `{name}`")
    found = globals()[name] = getattr(import_module(_LATER[name]), name)
    return found


def __dir__() -> list[str]:
    """List the public names only."""
    return __all__
