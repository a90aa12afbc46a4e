"""The policy: a folder per area, with what a caller says (case.py) and what policy says (rules.toml)."""

from __future__ import annotations

from importlib.util import find_spec

from attrs import AttrsInstance

from probation_rules.areas.allocation.case import CaseAllocation
from probation_rules.areas.appointments.case import Appointments
from probation_rules.areas.capacity.case import Workload
from probation_rules.areas.curfew_variation.case import (
    CurfewPeriod,
    CurfewSteps,
    CurfewVariation,
    Step,
)
from probation_rules.areas.framework.case import ActivityDecision
from probation_rules.areas.pod.case import Pod, PodMember
from probation_rules.areas.unpaid_work.case import UnpaidWorkOrder
from probation_rules.errors import CaseError, Problem

Case = AttrsInstance
"""What a caller asks about: an object of one of the classes in `CASE_TYPES`."""

CASE_TYPES: dict[str, type[Case]] = {
    "allocation": CaseAllocation,
    "appointments": Appointments,
    "capacity": Workload,
    "curfew-variation": CurfewVariation,
    "framework": ActivityDecision,
    "pod": Pod,
    "unpaid-work": UnpaidWorkOrder,
}
"""Each area's case class. A new area is one line here."""

ITEM_TYPES: dict[str, type[Case]] = {"pod": PodMember}
"""The class of the alike things that a case of the area lists, for the areas that list any."""

RECORD_TYPES: dict[str, dict[str, type[Case]]] = {
    "curfew-variation": {"period": CurfewPeriod, "step": Step, "steps": CurfewSteps},
}
"""The class of each shape of record, for the areas whose cases hold records."""

EXTRAS: dict[str, tuple[str, str]] = {"appointments": ("calendar", "holidays")}
"""The extra with which code works out facts of the area, and the package that it installs."""


def missing_extras(area: str) -> tuple[str, ...]:
    """Return, a sentence each, which extras are missing without which facts of an area are unknown."""
    extra, package = EXTRAS.get(area, (None, None))
    if package is None or find_spec(package):
        return ()
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
    for area, case_type in CASE_TYPES.items():
        if isinstance(case, case_type):
            return area
    known = ", ".join(case_type.__name__ for case_type in CASE_TYPES.values())
    raise CaseError([Problem(f"not a case; make one of {known}, or use `case_from`")])
