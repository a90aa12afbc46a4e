"""The case class: one decision on an activity."""

from __future__ import annotations

from datetime import date
from typing import Literal

from attrs import frozen

Treatment = Literal["deliver", "reduce", "pause"]
Subject = Literal["home_visits", "oasys_review", "other"]
Announced = Literal["phase_one", "april_2022", "version_3", "phase_3_version_8"]


@frozen(kw_only=True)
class ActivityDecision:
    """A decision to deliver, reduce or pause an activity, as far as known. ``None`` is *not known*.

    Unit, status, activity and list version are the region's own words. They are looked up in the
    region's list that was in force on the day of the decision; without a list nothing is known of
    them.

    Attributes:
        reference: The caller's own label; shown, never judged.
        unit: The delivery unit; shown, never judged.
        status: The unit's status on that day, as the list names it.
        activity: The code of the activity, as the list has it.
        subject: What the activity is, if a public source has a rule about it.
        treatment: What was decided.
        director_decision: Whether the regional probation director decided it.
        decided_on: The day of the decision.
        kept_to: The level to which the activity was kept, in the measure that the list names.
        criteria_met: Whether the framework's criteria for reviews in OASys are met.
        list_version: The version of the region's list that the decision went by.
        announced_version: The national version that it went by.
    """

    reference: str | None = None
    unit: str | None = None
    status: str | None = None
    activity: str | None = None
    subject: Subject | None = None
    treatment: Treatment | None = None
    director_decision: bool | None = None
    decided_on: date | None = None
    kept_to: int | None = None
    criteria_met: bool | None = None
    list_version: str | None = None
    announced_version: Announced | None = None
