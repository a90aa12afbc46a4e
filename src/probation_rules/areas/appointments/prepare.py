"""Facts about an appointment: the business days between two of its dates."""

from __future__ import annotations

from typing import Any

from probation_rules.areas.appointments.business_days import between
from probation_rules.areas.appointments.case import Appointments


def prepare(case: Appointments, _: object) -> dict[str, Any]:
    """Return how many business days lie between the dates that rules compare."""
    sentence, supervision = case.sentence_date, case.supervision_start
    first, recorded = case.first_appointment_on, case.recorded_to
    return {
        "arranged_business_days": between(sentence, case.first_appointment_arranged_for),
        "sentence_business_days": between(sentence, recorded),
        "in_person_business_days": between(supervision, case.in_person_on),
        "home_visit_business_days": between(supervision, case.home_visit_on),
        "supervision_business_days": between(supervision, recorded),
        "plan_business_days": between(first, case.plan_completed_on),
        "attended_business_days": between(first, recorded),
    }
