"""Probation policy of England and Wales as dated, cited rules with three answers.

`check` asks every rule of an area about a case: met, not met, or cannot tell (and what it needs).
"""

from probation_rules._version import __version__
from probation_rules.areas.unpaid_work.case import UnpaidWorkOrder
from probation_rules.cases import case_from, case_schema
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
from probation_rules.explain import Explanation, explain
from probation_rules.report import Finding, Outcome, Report
from probation_rules.rulebook.book import Rulebook, rulebook

__all__ = [
    "CaseError",
    "EngineDisagreement",
    "EngineUnavailable",
    "Explanation",
    "Finding",
    "NotInForce",
    "Outcome",
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
