"""Probation policy of England and Wales as dated, cited rules with three answers.

Every rule answers met, not met, or cannot tell (and what it needs).

    import probation_rules as pr

    check          ask every rule of an area about a case, and get a Report of Findings
    checker        the same for many cases of one area
    check_table    the same for a whole table, and get a Table
    sql            the rules of an area as one SQL statement
    case_from      make a case from a mapping; each area has a case class, such as UnpaidWorkOrder
    read           read the cases in a file
    rulebook       the rules and figures, as a Rulebook
    explain        what a rule asks, with its sources
    due_dates      the days that become due
    compare        what changed between two sets of answers, and why, as a Comparison
    compare_tables the same for two Tables, as a TableComparison
    replay         ask the questions of a stored report again

Every error is a ProbationRulesError. `help(probation_rules.check)` describes one name in full, and
`dir(probation_rules)` lists all of them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from probation_rules._areas import CASE_CLASSES
from probation_rules._check import check, checker
from probation_rules._version import __version__
from probation_rules.errors import (
    CaseError,
    EngineDisagreement,
    InputError,
    MissingExtra,
    NotInForce,
    ProbationRulesError,
    RulebookError,
    UnknownRule,
)
from probation_rules.rulebook import rulebook

if TYPE_CHECKING:
    from probation_rules._replay import replay
    from probation_rules.areas.allocation.case import CaseAllocation
    from probation_rules.areas.appointments.case import Appointments
    from probation_rules.areas.capacity.case import Workload
    from probation_rules.areas.curfew_variation.case import (
        CurfewPeriod,
        CurfewSteps,
        CurfewVariation,
        Step,
    )
    from probation_rules.areas.delivery.case import RegionQuarter
    from probation_rules.areas.framework.case import ActivityDecision
    from probation_rules.areas.pod.case import Pod, PodMember
    from probation_rules.areas.unpaid_work.case import UnpaidWorkOrder
    from probation_rules.cases import case_from
    from probation_rules.comparison import Comparison, compare
    from probation_rules.comparison.tables import TableComparison, compare_tables
    from probation_rules.diary import due_dates
    from probation_rules.engines import Outcome
    from probation_rules.engines.sql.statement import sql
    from probation_rules.explanation import explain
    from probation_rules.readers import read
    from probation_rules.report import Finding, Report
    from probation_rules.rulebook.book import Rulebook
    from probation_rules.tables import Table, check_table

    # Not at run time: with it, `help` prints the documentation of every class in full.
    __all__ = [
        "ActivityDecision",
        "Appointments",
        "CaseAllocation",
        "CaseError",
        "Comparison",
        "CurfewPeriod",
        "CurfewSteps",
        "CurfewVariation",
        "EngineDisagreement",
        "Finding",
        "InputError",
        "MissingExtra",
        "NotInForce",
        "Outcome",
        "Pod",
        "PodMember",
        "ProbationRulesError",
        "RegionQuarter",
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
        "case_from",
        "check",
        "check_table",
        "checker",
        "compare",
        "compare_tables",
        "due_dates",
        "explain",
        "read",
        "replay",
        "rulebook",
        "sql",
    ]

_NOW = (
    "CaseError",
    "EngineDisagreement",
    "InputError",
    "MissingExtra",
    "NotInForce",
    "ProbationRulesError",
    "RulebookError",
    "UnknownRule",
    "__version__",
    "check",
    "checker",
    "rulebook",
)

# Imported when first asked for, so that importing the library costs a program next to nothing.
_LATER = {
    name: f"probation_rules.{module}"
    for module, names in {
        **{f"areas.{folder}.case": names for folder, names in CASE_CLASSES.items()},
        "_replay": ["replay"],
        "cases": ["case_from"],
        "comparison": ["Comparison", "compare"],
        "comparison.tables": ["TableComparison", "compare_tables"],
        "diary": ["due_dates"],
        "engines": ["Outcome"],
        "engines.sql.statement": ["sql"],
        "explanation": ["explain"],
        "readers": ["read"],
        "report": ["Finding", "Report"],
        "rulebook.book": ["Rulebook"],
        "tables": ["Table", "check_table"],
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
    return sorted({*_NOW, *_LATER})
