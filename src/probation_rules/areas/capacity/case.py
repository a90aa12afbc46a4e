"""The case class: one officer's workload."""

from __future__ import annotations

from decimal import Decimal

from attrs import frozen


@frozen(kw_only=True)
class Workload:
    """One officer's workload as in the workload tool. ``None`` means *not known*.

    Attributes:
        reference: The caller's own label; shown, never judged.
        points: Points of all the work that the officer holds.
        target_points: Points that the tool expects of the officer's grade in its usual hours.
        usual_hours: The hours a week that this target is for.
        contracted_hours: The officer's contracted hours a week.
        reduction_hours: Hours a week taken off for other duties, training or absence.
    """

    reference: str | None = None
    points: int | None = None
    target_points: int | None = None
    usual_hours: Decimal | None = None
    contracted_hours: Decimal | None = None
    reduction_hours: Decimal | None = None
