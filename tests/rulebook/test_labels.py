"""Each fact has a label, and no header can be the column of two facts."""

from __future__ import annotations

import pytest

import probation_rules as pr
from probation_rules.areas import AREAS
from probation_rules.errors import RulebookError
from probation_rules.intake.draft import labels_of
from support.rulebooks import content_of, shipped_with


@pytest.mark.parametrize("area", list(AREAS))
def test_every_field_of_a_case_has_a_label(area: str) -> None:
    found = pr.rulebook().area(area)
    facts = [*found.facts.values(), *(found.members.facts.values() if found.members else [])]
    assert [
        one.name for one in facts if not (one.label or one.computed_from or one.name == "on")
    ] == []
    assert found.document.reference is not None
    assert labels_of(area)


def test_a_label_of_two_facts_is_refused() -> None:
    content = content_of("pod")
    content["facts"]["manager_grade"]["also"] = ["Staff - Grade", "fte", "?"]
    content["members"]["facts"]["fte"]["label"] = "pod"
    with pytest.raises(RulebookError) as caught:
        shipped_with(content).area("pod")
    assert str(caught.value).splitlines() == [
        "a label needs at least one letter or digit @ pod/rules.toml: facts.manager_grade",
        "`Staff grade` is also a label of `facts.manager_grade`; choose another @ pod/rules.toml: members.facts.grade",
        "`fte` is also a label of `facts.manager_grade`; choose another @ pod/rules.toml: members.facts.fte",
        "`pod` is also a label of `reference`; choose another @ pod/rules.toml: members.facts.fte",
    ]
