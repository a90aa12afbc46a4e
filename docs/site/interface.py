"""The page of the Python interface: every public name, from its docstring."""

from __future__ import annotations

import inspect

import probation_rules as pr

# What a report or a rulebook leads to: not imported by name, and documented all the same.
_HELD = {
    "rulebook.model": [
        "Area", "Rule", "Severity", "Citation", "Parameter", "DatedValue",
        "Fact", "Members", "Records", "Derived", "Assumption", "Stage", "Remark", "DueDay",
    ],
    "rulebook.toml_schema": ["Basis", "LocalDocument", "Source"],
    "areas.framework.lists": ["FrameworkList"],
}  # fmt: skip
# What the functions return or take besides the public classes.
_RETURNED = {
    "comparison.cases": ["CaseChange", "RuleChange", "DueChange", "Answered", "Invalid", "Change"],
    "comparison.changes": ["Group"],
    "comparison.differences": ["Cause", "Difference", "Detail"],
    "comparison.books": ["BookChange"],
    "diary": ["Diary", "Due"],
    "explanation": ["Explanation"],
    "readers": ["Reading"],
    "errors": ["Problem"],
    "framework": ["ActivityTable", "ActivityLine", "ActivityChange"],
}
_MODULES = {
    "framework": ["activities", "activity_changes", "status_for"],
    "curfew": ["week_picture"],
    "comparison.books": ["changes_between"],
    "schema": ["case_schema", "report_schema", "caseload_schema", "comparison_schema"],
}
_FUNCTIONS = "Functions of other modules"


def page() -> str:
    """Return the page, in which Sphinx puts each name's docstring.

    Raises:
        ValueError: Some public name has no docstring.
    """
    kinds: dict[str, list[str]] = {"Questions": [], "Cases": [], "Answers": [], "Errors": []}
    silent = []
    for name in dir(pr):
        found = getattr(pr, name)
        if name != "__version__":
            kinds[_kind(found)].append(f"probation_rules.{name}")
            silent += [] if found.__doc__ else [name]
    if silent:
        raise ValueError(f"without a docstring: {', '.join(silent)}")
    kinds["What the functions return"] = _whole(_RETURNED)
    kinds["What a rulebook holds"] = _whole(_HELD)
    kinds[_FUNCTIONS] = _whole(_MODULES)
    text = (
        "# Python interface\n\n"
        "The first four sections are imported as `import probation_rules as pr`, the others from the "
        "modules that they name. What is not here is not public. `pr.__version__` is the version of the library and of its rules.\n"
    )
    for head, names in kinds.items():
        text += f"\n## {head}\n\n```{{eval-rst}}\n"
        text += "".join(f"{_directive(head, name)}\n" for name in names)
        text += "```\n"
    return text


def _whole(names: dict[str, list[str]]) -> list[str]:
    return [f"probation_rules.{module}.{name}" for module, found in names.items() for name in found]


def _kind(found: object) -> str:
    if not inspect.isclass(found):
        return "Questions"
    if issubclass(found, Exception):
        return "Errors"
    return "Cases" if found.__module__.endswith(".case") else "Answers"


def _directive(head: str, name: str) -> str:
    if head in ("Questions", _FUNCTIONS):
        return f".. autofunction:: {name}\n"
    return f".. autoclass:: {name}\n   :members:\n"
