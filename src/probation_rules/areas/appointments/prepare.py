"""Facts about an appointment: the business days between two of its dates."""

from __future__ import annotations

from typing import Any

from probation_rules.areas.appointments.business_days import between
from probation_rules.areas.appointments.case import Appointments

PAIRS = {
    "arranged_business_days": ("sentence_date", "first_appointment_arranged_for"),
    "sentence_business_days": ("sentence_date", "recorded_to"),
    "in_person_business_days": ("supervision_start", "in_person_on"),
    "home_visit_business_days": ("supervision_start", "home_visit_on"),
    "supervision_business_days": ("supervision_start", "recorded_to"),
    "plan_business_days": ("first_appointment_on", "plan_completed_on"),
    "attended_business_days": ("first_appointment_on", "recorded_to"),
}
"""The dates that each fact counts the business days between."""


def prepare(case: Appointments, _: object) -> dict[str, Any]:
    """Return how many business days lie between the dates that rules compare."""
    return {
        name: between(getattr(case, start), getattr(case, end))
        for name, (start, end) in PAIRS.items()
    }
