"""The case class: one electronically monitored curfew and the proposed change."""

from __future__ import annotations

from datetime import date, time
from typing import Literal

from attrs import frozen

OrderType = Literal[
    "community_order",
    "suspended_sentence_order",
    "youth_rehabilitation_order",
    "supervision_default_order",
    "licence",
    "home_detention_curfew",
    "bail",
]
Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


@frozen(kw_only=True)
class CurfewPeriod:
    """One curfew period of the week that repeats. All of it must be known.

    Attributes:
        day: The weekday on which it starts.
        start: When it starts, by the clock on the wall, in whole minutes.
        minutes: How long it lasts in minutes, by the same clock. It may run past midnight.
        place: A label for the place, never an address: periods at one place have the same label.
    """

    day: Day
    start: time
    minutes: int
    place: str


@frozen(kw_only=True)
class Step:
    """One step of the process: whether it is done, and the day it was."""

    done: bool | None = None
    on: date | None = None


@frozen(kw_only=True)
class CurfewSteps:
    """What has been done so far to vary a curfew. ``None`` is *not known*.

    Attributes:
        form: The application form is complete.
        spo_triage: The SPO has triaged it.
        pdu_head_approval: The head of the PDU has approved it.
        court_notice: The court has been given notice.
        ems_notice: EMS has been given notice.
        police_notice: The police have been given notice.
        ems_confirmation: EMS has confirmed.
        ems_attendance: EMS has attended the new place.
        person_told: The person on probation has been told.
        recorded: The contact is recorded in nDelius.
    """

    form: Step | None = None
    spo_triage: Step | None = None
    pdu_head_approval: Step | None = None
    court_notice: Step | None = None
    ems_notice: Step | None = None
    police_notice: Step | None = None
    ems_confirmation: Step | None = None
    ems_attendance: Step | None = None
    person_told: Step | None = None
    recorded: Step | None = None


@frozen(kw_only=True)
class CurfewVariation:
    """One curfew and the change wanted, as far as known. ``None`` is *not known*.

    Two timetables are compared one to one: `proposed[i]` takes the place of `current[i]`.

    Attributes:
        reference: The caller's own label; shown, never judged.
        order_type: What the curfew is part of.
        adult: Whether the order was made on an adult.
        convicted_on: The day of conviction. It decides which limits and which process hold.
        order_made_on: The day the order was made.
        order_in_force: Whether the order is in force.
        has_curfew_requirement: Whether the order holds a curfew requirement.
        first_effect_on: The day on which the curfew requirement first takes effect.
        curfew_ends_on: The last day of the curfew. That day is included.
        circumstances_changed: Whether the person's own circumstances have changed since the order
            was made.
        person_consents: Whether the person on probation consents.
        has_monitoring_requirement: Whether the order has an electronic compliance monitoring
            requirement under paragraph 10(3).
        monitoring_would_differ: Whether the officer considers that the court, making the order as
            varied, would not have imposed that requirement or would have imposed another.
        boundary_changes: Whether the boundary set at an address would change.
        current: The timetable as it is.
        proposed: The timetable wanted.
        place_information_considered: Whether information on the new place was obtained and
            considered, with the attitude of those whom it would affect.
        safeguarding_checked: Whether the safeguarding check of the new place is done.
        domestic_abuse_checked: Whether the domestic abuse check of the new place is done.
        householder_consents: Whether the holder of a new address consents.
        residence_requirement_conflicts: Whether the new place would not be consistent with a
            residence requirement of the order.
        consent_evidence_sent: Whether evidence of the person's consent is sent to the court with
            the copy of the variation notice.
        steps: What has been done so far.
    """

    reference: str | None = None
    order_type: OrderType | None = None
    adult: bool | None = None
    convicted_on: date | None = None
    order_made_on: date | None = None
    order_in_force: bool | None = None
    has_curfew_requirement: bool | None = None
    first_effect_on: date | None = None
    curfew_ends_on: date | None = None
    circumstances_changed: bool | None = None
    person_consents: bool | None = None
    has_monitoring_requirement: bool | None = None
    monitoring_would_differ: bool | None = None
    boundary_changes: bool | None = None
    current: tuple[CurfewPeriod, ...] | None = None
    proposed: tuple[CurfewPeriod, ...] | None = None
    place_information_considered: bool | None = None
    safeguarding_checked: bool | None = None
    domestic_abuse_checked: bool | None = None
    householder_consents: bool | None = None
    residence_requirement_conflicts: bool | None = None
    consent_evidence_sent: bool | None = None
    steps: CurfewSteps | None = None
