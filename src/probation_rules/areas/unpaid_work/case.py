"""The case class: one unpaid work order."""

from __future__ import annotations

from datetime import date
from typing import Literal

from attrs import frozen

OrderType = Literal[
    "community_order",
    "suspended_sentence_order",
    "youth_rehabilitation_order",
    "supervision_default_order",
]


@frozen(kw_only=True)
class UnpaidWorkOrder:
    """One live unpaid work requirement, as far as it is known.

    ``None`` means *not known*. Something that did not happen is ``False``, never ``None``.
    Nothing is checked here: `check` refuses a case whose values are out of range or contradict
    one another, and names every problem at once. Minutes are whole minutes.

    Attributes:
        reference: The caller's own label for the order; shown in reports, never judged.
        order_type: The kind of order that the unpaid work requirement is part of.
        sentence_date: The day the order was made; it is the first day of the twelve months.
        required_minutes: Minutes the court ordered, before adjustments.
        completed_minutes: Minutes credited so far, education and training included.
        adjustment_minutes: Signed sum of recorded adjustments. The one field whose absence
            means 0, since it is a sum of recorded events.
        ete_minutes: Minutes credited for education, training and employment.
        imposed_on_breach: Whether unpaid work was first imposed when dealing with a breach.
        default_failure_began_on: The day the failure began for which a supervision default order
            was made. Not read for other orders.
        operational_period_end: Last day of a suspended sentence order's operational period,
            that day included. Not read for other orders.
        six_month_review_done: Whether the review at the six-month point is recorded.
        nine_month_review_done: Whether the review at the nine-month point is recorded.
        extension_identified: Whether it was decided that an extension is needed.
        breach_action_started: Whether breach action was started instead.
        extension_presented: Whether an application to extend was presented to the court.
        extension_presented_on: The day it was presented.
        extended: Whether the court has extended the time for the work.
        extended_to: The day to which the court extended the time. That day is included.
        worked_after_last_day_minutes: Minutes credited after the last day that applied at the time.
        failure_before_reduction: Whether the person failed to attend without a reasonable excuse,
            or was told to leave for not working, before a quarter of the ordered hours was worked.
        creditable_minutes_after_quarter: Minutes worked after that quarter, up to the first later
            failure or request to leave.
        reduction_recorded_minutes: Minutes recorded as earned off the order; they are part of
            `adjustment_minutes` too.
    """

    reference: str | None = None
    order_type: OrderType | None = None
    sentence_date: date | None = None
    required_minutes: int | None = None
    completed_minutes: int | None = None
    adjustment_minutes: int | None = None
    ete_minutes: int | None = None
    imposed_on_breach: bool | None = None
    default_failure_began_on: date | None = None
    operational_period_end: date | None = None
    six_month_review_done: bool | None = None
    nine_month_review_done: bool | None = None
    extension_identified: bool | None = None
    breach_action_started: bool | None = None
    extension_presented: bool | None = None
    extension_presented_on: date | None = None
    extended: bool | None = None
    extended_to: date | None = None
    worked_after_last_day_minutes: int | None = None
    failure_before_reduction: bool | None = None
    creditable_minutes_after_quarter: int | None = None
    reduction_recorded_minutes: int | None = None
