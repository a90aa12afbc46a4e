"""Appointments: the first ones of a sentence, home visits, contact after Reset, young adults."""

from __future__ import annotations

from probation_rules.areas.appointments.case import Appointments
from probation_rules.areas.appointments.prepare import prepare
from probation_rules.rulebook.spec import AreaSpec

AREA = AreaSpec(
    "appointments",
    case=Appointments,
    prepare=prepare,
    columns="columns:columns",
    extra=("calendar", "holidays"),
)
