"""The case classes: one POD and its members."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from attrs import frozen

MemberGrade = Literal["PO", "PSO", "CA", "PQiP"]
StaffGrade = Literal["PO", "PSO", "CA", "PQiP", "SPO"]


@frozen(kw_only=True)
class PodMember:
    """One member of a POD. The senior probation officer, who manages it, is not a member.

    Attributes:
        reference: The caller's own label; shown, never judged.
        grade: The grade held: a learner is a `PQiP`, whatever a workload tool counts them as.
        fte: Share of full time, as an exact decimal: ``Decimal("0.6")``.
        nqo_completed: Whether a PO has completed the newly-qualified period. Not read for others.
    """

    reference: str | None = None
    grade: MemberGrade | None = None
    fte: Decimal | None = None
    nqo_completed: bool | None = None


@frozen(kw_only=True)
class Pod:
    """One POD, as far as it is known. ``None`` is *not known*; what is not done is ``False``.

    The facts that no system counts are attested: somebody says so. A `..._note` beside one is
    shown with the report and never judged.

    Attributes:
        reference: The caller's own label; shown, never judged.
        manager_grade: The grade of the person who manages the POD.
        members: Its members; ``None`` if they are not known at all.
        work_allocated_by_grade: The grade of the person who allocates PO and PSO work.
        case_knowledge_shared: Whether case knowledge is shared between members.
        case_administrator_enables_team: Whether the case administrator's role enables the team.
        structure_in_induction: Whether the POD's structure is part of induction.
        equalities_in_allocation: Whether equalities are considered in allocating cases.
        equalities_in_staffing: Whether equalities are considered in staffing.
        lived_experience_considered: Whether placing staff with lived experience was considered.
        local_variation_recorded: Whether a local variation of the staff mix is recorded.
        no_experienced_officer_recorded: Whether it is recorded that no experienced PO was possible.
    """

    reference: str | None = None
    manager_grade: StaffGrade | None = None
    members: tuple[PodMember, ...] | None = None
    work_allocated_by_grade: StaffGrade | None = None
    case_knowledge_shared: bool | None = None
    case_knowledge_shared_note: str | None = None
    case_administrator_enables_team: bool | None = None
    case_administrator_enables_team_note: str | None = None
    structure_in_induction: bool | None = None
    structure_in_induction_note: str | None = None
    equalities_in_allocation: bool | None = None
    equalities_in_allocation_note: str | None = None
    equalities_in_staffing: bool | None = None
    equalities_in_staffing_note: str | None = None
    lived_experience_considered: bool | None = None
    lived_experience_considered_note: str | None = None
    local_variation_recorded: bool | None = None
    local_variation_recorded_note: str | None = None
    no_experienced_officer_recorded: bool | None = None
    no_experienced_officer_recorded_note: str | None = None
