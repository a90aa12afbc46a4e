"""Probation policy of England and Wales as dated, cited rules with three answers.

`check` asks every rule of an area about a case: met, not met, or cannot tell (and what it needs).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from probation_rules._areas import CASE_CLASSES
from probation_rules._version import __version__
from probation_rules.check import check, checker
from probation_rules.errors import (
    CaseError,
    EngineDisagreement,
    InputError,
    MissingExtra,
    NotInForce,
    ProbationRulesError,
    Problem,
    RulebookError,
    UnknownRule,
)
from probation_rules.rulebook import rulebook

if TYPE_CHECKING:
    from probation_rules.areas.allocation.case import CaseAllocation
    from probation_rules.areas.appointments.case import Appointments
    from probation_rules.areas.capacity.case import Workload
    from probation_rules.areas.curfew_variation.case import (
        CurfewPeriod,
        CurfewSteps,
        CurfewVariation,
        Step,
    )
    from probation_rules.areas.curfew_variation.picture import week_picture
    from probation_rules.areas.framework.activities import (
        ActivityChange,
        ActivityLine,
        ActivityTable,
        activities,
        activity_changes,
        status_for,
    )
    from probation_rules.areas.framework.case import ActivityDecision
    from probation_rules.areas.pod.case import Pod, PodMember
    from probation_rules.areas.unpaid_work.case import UnpaidWorkOrder
    from probation_rules.cases import case_from
    from probation_rules.comparison import Comparison, compare
    from probation_rules.diary import Diary, Due, due_dates
    from probation_rules.engines import Outcome
    from probation_rules.engines.sql.statement import sql
    from probation_rules.explanation import Explanation, explain
    from probation_rules.readers import Reading, read
    from probation_rules.report import Finding, Report
    from probation_rules.rulebook.book import Rulebook
    from probation_rules.schema import case_schema, caseload_schema, report_schema
    from probation_rules.tables import Table, check_table
    from probation_rules.tables.comparison import TableComparison, compare_tables

__all__ = [
    "ActivityChange",
    "ActivityDecision",
    "ActivityLine",
    "ActivityTable",
    "Appointments",
    "CaseAllocation",
    "CaseError",
    "Comparison",
    "CurfewPeriod",
    "CurfewSteps",
    "CurfewVariation",
    "Diary",
    "Due",
    "EngineDisagreement",
    "Explanation",
    "Finding",
    "InputError",
    "MissingExtra",
    "NotInForce",
    "Outcome",
    "Pod",
    "PodMember",
    "ProbationRulesError",
    "Problem",
    "Reading",
    "Report",
    "Rulebook",
    "RulebookError",
    "Step",
    "Table",
    "TableComparison",
    "UnknownRule",
    "UnpaidWorkOrder",
    "Workload",
    "__version__",
    "activities",
    "activity_changes",
    "case_from",
    "case_schema",
    "caseload_schema",
    "check",
    "check_table",
    "checker",
    "compare",
    "compare_tables",
    "due_dates",
    "explain",
    "read",
    "report_schema",
    "rulebook",
    "sql",
    "status_for",
    "week_picture",
]

# Imported when first asked for, so that importing the library costs a program next to nothing.
_LATER = {
    name: f"probation_rules.{module}"
    for module, names in {
        **{f"areas.{folder}.case": names for folder, names in CASE_CLASSES.items()},
        "areas.curfew_variation.picture": ["week_picture"],
        "areas.framework.activities": [
            "ActivityChange", "ActivityLine", "ActivityTable",
            "activities", "activity_changes", "status_for",
        ],
        "cases": ["case_from"],
        "comparison": ["Comparison", "compare"],
        "diary": ["Diary", "Due", "due_dates"],
        "engines": ["Outcome"],
        "engines.sql.statement": ["sql"],
        "explanation": ["Explanation", "explain"],
        "readers": ["Reading", "read"],
        "report": ["Finding", "Report"],
        "rulebook.book": ["Rulebook"],
        "schema": ["case_schema", "caseload_schema", "report_schema"],
        "tables": ["Table", "check_table"],
        "tables.comparison": ["TableComparison", "compare_tables"],
    }.items()
    for name in names
}  # fmt: skip

# What the extra `table` installs.
_EXTRA = ("duckdb", "pyarrow", "sqlglot")


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in _LATER:
        raise AttributeError(f"module `probation_rules` has no attribute `{name}`")
    try:
        module = import_module(_LATER[name])
    except ModuleNotFoundError as missing:
        if missing.name not in _EXTRA:
            raise
        text = f"`{name}` needs {missing.name}, which is not installed here"
        raise MissingExtra(text, "table") from None
    found = globals()[name] = getattr(module, name)
    return found


def __dir__() -> list[str]:
    """List the public names. `__all__` has those that type checkers know."""
    return sorted({*__all__, *_LATER})
