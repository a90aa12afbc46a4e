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
    kinds["What a rulebook holds"] = [
        f"probation_rules.{module}.{name}" for module, names in _HELD.items() for name in names
    ]
    text = (
        "# Python interface\n\n"
        "Everything but the last section is imported as `import probation_rules as pr`. What is not "
        "here is not public. `pr.__version__` is the version of the library and of its rules.\n"
    )
    for head, names in kinds.items():
        text += f"\n## {head}\n\n```{{eval-rst}}\n"
        text += "".join(f"{_directive(head, name)}\n" for name in names)
        text += "```\n"
    return text


def _kind(found: object) -> str:
    if not inspect.isclass(found):
        return "Questions"
    if issubclass(found, Exception) or found is pr.Problem:
        return "Errors"
    return "Cases" if found.__module__.endswith(".case") else "Answers"


def _directive(head: str, name: str) -> str:
    if head == "Questions":
        return f".. autofunction:: {name}\n"
    return f".. autoclass:: {name}\n   :members:\n"
