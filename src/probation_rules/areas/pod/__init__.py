"""PODs: how a team of probation officers, services officers and case administrators is composed."""

from __future__ import annotations

from probation_rules.areas.pod.case import Pod, PodMember
from probation_rules.rulebook.spec import AreaSpec

AREA = AreaSpec(
    "pod",
    case=Pod,
    items=PodMember,
    listing="listing:LAYOUT",
    page="page:grid",
)
