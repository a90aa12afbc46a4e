"""The case class: one person's first appointments, home visit and contact."""

from __future__ import annotations

from datetime import date
from typing import Literal

from attrs import frozen

SentenceType = Literal[
    "community_order", "suspended_sentence_order", "licence", "post_sentence_supervision"
]
Mode = Literal["in_person", "video", "telephone"]
Rosh = Literal["low", "medium", "high", "very_high"]


@frozen(kw_only=True)
class Appointments:
    """One person on probation, as far as known. ``None`` is *not known*.

    What has not happened is ``False``, and is looked at as on `recorded_to`: the record of a feed
    ends with some day, and what is missing from it may have happened after.

    Attributes:
        reference: The caller's own label; shown, never judged.
        sentence_type: What the person serves.
        sentence_date: The day of the sentence.
        supervision_start: The day on which the licence or the supervision began.
        recorded_to: The last day that the record covers.
        approved_premises: Whether the person must live in approved premises.
        premises_far: Whether somebody decided that these are far from the allocated office.
        first_appointment_arranged: Whether the first appointment is arranged.
        first_appointment_arranged_for: The day it is arranged for.
        arranged_in_person: Whether it is arranged as one in person, at an office or at home.
        first_appointment_held: Whether the first appointment was attended.
        first_appointment_on: The day it was attended.
        first_appointment_mode: How it was held.
        recorded_as_video_contact: Whether it is recorded as an initial appointment by video.
        in_person_held: Whether the person has met the practitioner in person.
        in_person_on: The day they first did.
        plan_completed: Whether the sentence plan is completed.
        plan_completed_on: The day it was.
        rosh: Assessed risk of serious harm.
        registered_sexual_offender: Whether the person is one.
        child_sexual_exploitation: Whether the person is involved in it.
        home_visit_held: Whether a home visit was made.
        home_visit_on: The day of the first one.
        framework_in_operation: Whether the region worked within the Prioritisation Framework.
        director_decided_visits: Whether its director decided that home visits follow the minimum.
        minimum_visits_kept: Whether the visits were kept to the minimum of the National Standards.
        final_third_from: The first day of the final third of the sentence.
        rehabilitation_activity: Whether the order has a rehabilitation activity requirement.
        mappa_managed: Whether the case is managed under MAPPA, whatever category and level.
        national_security_division: Whether that division manages the case directly.
        child_protection: Whether there are active child protection procedures.
        intensive_supervision_court: Whether the case is in that pilot.
        appointments_continue: Whether appointments go on being made.
        follow_up_planned: Whether one appointment midway through the final part is planned.
        date_of_birth: The person's date of birth.
        maturity_assessed: Whether a maturity assessment was made.
        may_transfer_from_youth: Whether a child's case could be transferred from youth justice.
        transition_planned: Whether there is a transition plan.
    """

    reference: str | None = None
    sentence_type: SentenceType | None = None
    sentence_date: date | None = None
    supervision_start: date | None = None
    recorded_to: date | None = None
    approved_premises: bool | None = None
    premises_far: bool | None = None
    first_appointment_arranged: bool | None = None
    first_appointment_arranged_for: date | None = None
    arranged_in_person: bool | None = None
    first_appointment_held: bool | None = None
    first_appointment_on: date | None = None
    first_appointment_mode: Mode | None = None
    recorded_as_video_contact: bool | None = None
    in_person_held: bool | None = None
    in_person_on: date | None = None
    plan_completed: bool | None = None
    plan_completed_on: date | None = None
    rosh: Rosh | None = None
    registered_sexual_offender: bool | None = None
    child_sexual_exploitation: bool | None = None
    home_visit_held: bool | None = None
    home_visit_on: date | None = None
    framework_in_operation: bool | None = None
    director_decided_visits: bool | None = None
    minimum_visits_kept: bool | None = None
    final_third_from: date | None = None
    rehabilitation_activity: bool | None = None
    mappa_managed: bool | None = None
    national_security_division: bool | None = None
    child_protection: bool | None = None
    intensive_supervision_court: bool | None = None
    appointments_continue: bool | None = None
    follow_up_planned: bool | None = None
    date_of_birth: date | None = None
    maturity_assessed: bool | None = None
    may_transfer_from_youth: bool | None = None
    transition_planned: bool | None = None
