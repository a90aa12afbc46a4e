"""The case class: the allocation of one case."""

from __future__ import annotations

from typing import Literal

from attrs import frozen

HolderGrade = Literal["PO", "PSO", "CA", "PQiP", "SPO"]
Rosh = Literal["low", "medium", "high", "very_high"]
Vetting = Literal["passed", "failed", "not_vetted"]
MappaLevel = Literal["none", "level_1", "level_2", "level_3"]


@frozen(kw_only=True)
class CaseAllocation:
    """One case and the officer who manages it. ``None`` means *not known*.

    Attributes:
        reference: The caller's own label; shown, never judged.
        holder_grade: The grade of the officer who holds the case.
        holder_nqo_completed: Whether a PO holding it has completed the newly-qualified period.
        holder_visor_vetting: The holder's ViSOR vetting. A result that is pending is not known.
        needs_visor: Whether the case requires ViSOR to be used; never inferred from MAPPA.
        rosh: Assessed risk of serious harm now.
        rosh_before: Assessed risk of serious harm before the last change.
        tier: The tier now: A0 to D3, with S where unsupervised, or A to G. Both of one scheme.
        tier_before: The tier before the last change.
        mappa_level: The MAPPA level at which the case is managed.
        decided_by_grade: The grade of the person who decided the allocation.
        reallocation_considered: Whether reallocating the case was considered.
        reallocated: Whether it was reallocated.
        within_pod: Whether the new holder belongs to the same POD.
    """

    reference: str | None = None
    holder_grade: HolderGrade | None = None
    holder_nqo_completed: bool | None = None
    holder_visor_vetting: Vetting | None = None
    needs_visor: bool | None = None
    rosh: Rosh | None = None
    rosh_before: Rosh | None = None
    tier: str | None = None
    tier_before: str | None = None
    mappa_level: MappaLevel | None = None
    decided_by_grade: HolderGrade | None = None
    reallocation_considered: bool | None = None
    reallocated: bool | None = None
    within_pod: bool | None = None
