"""The smallest change of members that puts a rule right, found by trying."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from random import Random
from types import SimpleNamespace
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import probation_rules as pr
from probation_rules.put_right import MOST_CHANGES, smallest_changes
from probation_rules.rulebook import shipped
from probation_rules.rulebook.model import Area
from probation_rules.rulebook.validity import interpreter_for
from support.generate import record
from support.toy import raw, toy_area

ON = date(2026, 11, 21)
OFFICER, NEW, LEARNER = ("PO", True), ("PO", False), ("PQiP", None)


def pod(*members: tuple[str | None, bool | None], **facts: Any) -> pr.Pod:
    people = [
        pr.PodMember(grade=grade, nqo_completed=done, fte=Decimal(1))  # type: ignore[arg-type]
        for grade, done in members
    ]
    return pr.Pod(members=tuple(people), **facts)


def changes(case: Any, rule: str, **settings: str) -> tuple[str, ...]:
    return pr.check(case, on=ON, settings=settings or None).finding(rule).changes


def toy_changes(rule: str, area: Area | None = None, **facts: Any) -> tuple[str, ...]:
    found = area or toy_area()
    names = [name for name in found.facts if name != "on"]
    listed = [found.members.name] if found.members else []
    case = SimpleNamespace(**{**dict.fromkeys([*names, *listed]), **facts})
    wording = next(one for one in found.rules if one.id == rule)
    return smallest_changes(found, wording, interpreter_for(found, case, ON))


def test_one_learner_too_many() -> None:
    case = pod(OFFICER, LEARNER, LEARNER)
    assert changes(case, "pod.8") == ("one learner fewer", "one PO past the NQO period more")


def test_two_learners_too_many() -> None:
    case = pod(OFFICER, LEARNER, LEARNER, LEARNER)
    assert changes(case, "pod.8") == (
        "two learners fewer",
        "one learner fewer and one PO past the NQO period more",
        "two POs past the NQO period more",
    )


def test_who_is_not_there_cannot_be_taken_away() -> None:
    # No learner but the one; no PSO, whose leaving would be no help anyway.
    assert changes(pod(NEW, LEARNER), "pod.8") == (
        "one learner fewer",
        "one PO past the NQO period more",
    )
    assert changes(pod(NEW), "pod.10-not-only-new") == ("one PO past the NQO period more",)


def test_more_than_a_few_changes_are_no_small_change() -> None:
    assert MOST_CHANGES == 3
    assert len(changes(pod(*[LEARNER] * 3, OFFICER), "pod.8")) == 3
    assert changes(pod(*[LEARNER] * 5, OFFICER), "pod.8") == ()


def test_a_rule_made_not_applicable_is_not_put_right() -> None:
    # Without any PO the rule would not apply, but that does not meet it.
    assert "one PO in the NQO period fewer" not in changes(pod(NEW), "pod.10-not-only-new")


def test_a_full_team_grows_no_further() -> None:
    others: list[tuple[str | None, bool | None]] = [("PSO", None)] * 59
    rule = "pod.10-not-only-new"
    assert changes(pod(*others[:58], NEW), rule) == ("one PO past the NQO period more",)
    # In a full POD another person has to leave first.
    assert changes(pod(*others, NEW), rule) == (
        "one PO past the NQO period more and one PO in the NQO period fewer",
        "one PO past the NQO period more and one PSO fewer",
    )


def test_members_of_whom_little_is_known_may_stay() -> None:
    # The unknown person may be a learner or not; only a change that is right in both cases is offered.
    case = pod(OFFICER, LEARNER, LEARNER, LEARNER, (None, None))
    assert changes(case, "pod.8") == (
        "three learners fewer",
        "two learners fewer and one PO past the NQO period more",
        "one learner fewer and two POs past the NQO period more",
        "three POs past the NQO period more",
    )


def test_the_ratio_is_put_right_in_the_measure_asked_about() -> None:
    case = pod(OFFICER, OFFICER, ("PSO", None), ("PSO", None), ("PSO", None))
    facts = attrs.evolve(case, local_variation_recorded=False)
    assert changes(facts, "pod.1-ratio", ratio_measure="headcount") == (
        "one case administrator more",
    )


def test_a_rule_that_counts_nobody_has_no_change_of_members() -> None:
    case = pod(OFFICER, case_knowledge_shared=False, manager_grade="PO")
    assert changes(case, "pod.3") == ()
    assert changes(case, "pod.5-managed") == ()


def test_what_is_met_or_not_known_has_no_change() -> None:
    assert changes(pod(OFFICER, LEARNER), "pod.8") == ()
    assert changes(pr.Pod(), "pod.8") == ()


def test_an_area_without_members_has_no_change() -> None:
    order = pr.UnpaidWorkOrder(required_minutes=60, sentence_date=date(2025, 1, 1))
    assert changes(order, "upw.hours-range") == ()
    area = shipped().area("unpaid-work")
    interpreter = interpreter_for(area, order, ON)
    assert smallest_changes(area, area.rules[0], interpreter) == ()


def test_members_that_are_not_known_cannot_be_changed() -> None:
    assert toy_changes("toy.learners") == ()


def test_members_without_kinds_cannot_be_changed() -> None:
    content = raw()
    del content["members"]["kinds"]
    learner = SimpleNamespace(grade="learner", share=None, settled=None)
    assert toy_changes("toy.learners", toy_area(content), members=[learner]) == ()
    assert toy_changes("toy.learners", members=[learner]) == (
        "one learner fewer",
        "one settled worker more",
    )


def test_a_count_in_a_derived_fact_is_found_as_one_in_the_condition() -> None:
    content = raw()
    content["rules"]["toy.learners"]["must"] = "count(members, grade == 'learner') <= 0"
    content["rules"]["toy.learners"]["not_met"] = "too many"
    learner = SimpleNamespace(grade="learner", share=None, settled=None)
    assert toy_changes("toy.learners", toy_area(content), members=[learner]) == (
        "one learner fewer",
    )


WORDS = {"one": 1, "two": 2, "three": 3}
KINDS: dict[str, dict[str, Any]] = {
    "learner": {"grade": "PQiP"},
    "PO past the NQO period": {"grade": "PO", "nqo_completed": True},
    "PO in the NQO period": {"grade": "PO", "nqo_completed": False},
    "PSO": {"grade": "PSO"},
    "case administrator": {"grade": "CA"},
}
PLURALS = {
    "learners": "learner",
    "POs past the NQO period": "PO past the NQO period",
    "POs in the NQO period": "PO in the NQO period",
    "PSOs": "PSO",
    "case administrators": "case administrator",
}


def carried_out(case: pr.Pod, change: str) -> pr.Pod:
    """The POD after a change, made by hand from its words."""
    members = list(case.members or ())
    for part in change.split(" and "):
        number, rest = part.split(" ", 1)
        kind, direction = rest.rsplit(" ", 1)
        facts = KINDS[PLURALS.get(kind, kind)]
        for _ in range(WORDS[number]):
            if direction == "more":
                members.append(pr.PodMember(fte=Decimal(1), **facts))
            else:
                leaver = next(
                    one for one in members if all(getattr(one, k) == v for k, v in facts.items())
                )
                members.remove(leaver)
    return attrs.evolve(case, members=tuple(members))


@pytest.mark.parametrize(
    "rule", ["pod.1-mix", "pod.8", "pod.10-experienced", "pod.10-not-only-new"]
)
@given(random=st.randoms(use_true_random=False), unknown=st.sampled_from([0, 0.1]))
def test_a_change_that_is_offered_puts_the_rule_right(
    rule: str, random: Random, unknown: float
) -> None:
    area = shipped().area("pod")
    assert area.members is not None
    people = [
        pr.PodMember(**record(random, area.members.facts, unknown))
        for _ in range(random.randint(1, 8))
    ]
    case = pr.Pod(members=tuple(people), no_experienced_officer_recorded=False)
    for change in changes(case, rule):
        assert pr.check(carried_out(case, change), on=ON).outcome(rule) == "met", change
