"""The policy: a folder for each area, with its classes and code (`AREA`) and its rules (rules.toml)."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from attrs import AttrsInstance

from probation_rules._areas import CASE_CLASSES
from probation_rules.errors import CaseError, Problem
from probation_rules.rulebook.spec import AreaSpec

Case = AttrsInstance
"""An object of an area's case class."""

_SPECS: list[AreaSpec] = [import_module(f"{__name__}.{folder}").AREA for folder in CASE_CLASSES]

AREAS: dict[str, AreaSpec] = {spec.name: spec for spec in _SPECS}
"""Every area by name."""


def missing_extras(area: str) -> tuple[str, ...]:
    """Return a sentence for each missing extra without which facts of an area are unknown."""
    needed = AREAS[area].extra if area in AREAS else None
    if needed is None or find_spec(needed[1]):
        return ()
    extra = needed[0]
    text = (
        f"the extra `{extra}` is not installed, and some facts of {area} are unknown without it: "
        f"run `pip install 'probation-rules[{extra}]'`"
    )
    return (text,)


def area_of(case: object) -> str:
    """Return the name of the area that a case belongs to.

    Raises:
        CaseError: The object is not of a known case class.
    """
    for name, area in AREAS.items():
        if isinstance(case, area.case):
            return name
    known = ", ".join(area.case.__name__ for area in AREAS.values())
    raise CaseError([Problem(f"not a case; make one of {known}, or use `case_from`")])
