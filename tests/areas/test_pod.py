"""PODs: properties that the ten principles demand of every POD."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import product
from random import Random
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import probation_rules as pr
from probation_rules.rulebook import shipped
from probation_rules.rulebook.model import Members
from support.generate import MOST_MEMBERS, record

AREA = shipped().area("pod")
ON = date(2026, 11, 23)
RULES = [rule.id for rule in AREA.rules]
FIRM = [rule for rule in RULES if rule not in ("pod.1-ratio", "pod.10-experienced")]
SEEDED = st.randoms(use_true_random=False)
UNKNOWN = st.sampled_from([0, 0.1, 0.4])
MEASURES = (None, "headcount", "full_time_equivalent")
MEASURE = st.sampled_from(MEASURES)
LABELS = st.sampled_from(["PO", "PSO", "a PSO in the workload tool", "SPO", "not a learner", "0.5"])
PARTS = {"PO": Fraction(2, 6), "PSO": Fraction(3, 6), "CA": Fraction(1, 6)}


def member(random: Random, unknown: float = 0, **facts: Any) -> pr.PodMember:
    assert isinstance(AREA.members, Members)
    return pr.PodMember(**{**record(random, AREA.members.facts, unknown), **facts})


def pod(random: Random, unknown: float = 0) -> pr.Pod:
    members = tuple(member(random, unknown) for _ in range(random.randint(1, MOST_MEMBERS)))
    return pr.Pod(**record(random, AREA.facts, unknown), members=members)


def with_members(case: pr.Pod, *members: pr.PodMember) -> pr.Pod:
    return attrs.evolve(case, members=members)


def ask(case: pr.Pod, measure: str | None = None) -> pr.Report:
    return pr.check(case, on=ON, settings={"ratio_measure": measure} if measure else None)


def outcomes(case: pr.Pod, measure: str | None = None) -> dict[str, str]:
    report = ask(case, measure)
    return {rule: report.outcome(rule).value for rule in RULES}


def answers(case: pr.Pod, measure: str | None = None) -> dict[str, tuple[str, tuple[str, ...]]]:
    report = ask(case, measure)
    return {one.rule: (one.outcome.value, one.needs) for one in report.findings}


def test_the_case_classes_have_the_facts_of_the_rulebook_beside_labels_and_notes() -> None:
    assert AREA.members is not None
    of_pod = {field.name for field in attrs.fields(pr.Pod)}
    of_member = [field.name for field in attrs.fields(pr.PodMember)]

    attested = {name for name, fact in AREA.facts.items() if fact.kind == "bool"}
    notes = {f"{name}_note" for name in attested}
    assert of_pod == {"reference", "members"} | (AREA.facts.keys() - {"on"}) | notes
    assert of_member == ["reference", *AREA.members.facts]


@given(random=SEEDED, unknown=UNKNOWN, measure=MEASURE)
def test_the_order_of_members_never_matters(
    random: Random, unknown: float, measure: str | None
) -> None:
    case = pod(random, unknown)
    members = case.members or ()
    order = random.sample(range(len(members)), len(members))
    moved = with_members(case, *(members[place] for place in order))

    now_at = {f"members[{old}]": f"members[{new}]" for new, old in enumerate(order)}
    before, after = answers(case, measure), answers(moved, measure)
    for rule in RULES:
        heads = [need.partition(".") for need in before[rule][1]]
        assert after[rule][0] == before[rule][0]
        assert {now_at.get(head, head) + dot + tail for head, dot, tail in heads} == {
            *after[rule][1]
        }


@given(random=SEEDED, unknown=UNKNOWN)
def test_removing_a_learner_never_makes_too_many_learners(random: Random, unknown: float) -> None:
    case = pod(random, unknown)
    members = (*(case.members or ()), member(random, unknown, grade="PQiP"))
    before, after = outcomes(with_members(case, *members)), outcomes(case)

    if before["pod.8"] == "met":
        assert after["pod.8"] == "met"


@given(random=SEEDED, unknown=UNKNOWN, measure=MEASURE)
def test_an_officer_past_the_newly_qualified_period_makes_nothing_worse_but_the_ratio(
    random: Random, unknown: float, measure: str | None
) -> None:
    case = pod(random, unknown)
    officer = member(random, unknown, grade="PO", nqo_completed=True)
    before = outcomes(case, measure)
    after = outcomes(with_members(case, *(case.members or ()), officer), measure)

    for rule in RULES:
        if rule != "pod.1-ratio":
            assert before[rule] != "met" or after[rule] == "met"
            assert after[rule] != "not_met" or before[rule] == "not_met"


@given(random=SEEDED)
def test_a_plain_count_gives_the_same_answers(random: Random) -> None:
    case = pod(random)
    members = case.members or ()
    grades = Counter(one.grade for one in members)
    past = len([one for one in members if one.grade == "PO" and one.nqo_completed])
    found = outcomes(case)

    def stated(*, holds: bool, applies: bool = True) -> str:
        return "not_applicable" if not applies else "met" if holds else "not_met"

    excused = past == 0 and bool(case.no_experienced_officer_recorded)
    assert found["pod.8"] == stated(holds=grades["PQiP"] <= past)
    assert found["pod.1-mix"] == stated(holds={"PO", "PSO", "CA"} <= grades.keys())
    assert found["pod.10-experienced"] == stated(holds=past > 0, applies=not excused)
    assert found["pod.10-not-only-new"] == stated(holds=past > 0, applies=grades["PO"] > 0)


@given(random=SEEDED, near=st.booleans(), recorded=st.booleans())
def test_plain_fractions_give_the_same_ratio(random: Random, near: bool, recorded: bool) -> None:
    size = random.randint(1, 4)
    ideal = {"PO": 2 * size, "PSO": 3 * size, "CA": size}
    members = [
        member(random, grade=grade, fte=Decimal(random.randint(70, 100)) / 100)
        for grade, most in ideal.items()
        for _ in range(most + random.randint(-1, 1) if near else random.randint(0, 2 * most))
    ] or [member(random, grade="PQiP")]
    case = pr.Pod(members=tuple(members), local_variation_recorded=recorded)

    expected = {}
    for measure in ("headcount", "full_time_equivalent"):
        amounts = dict.fromkeys(PARTS, Fraction(0))
        for one in members:
            if one.grade in PARTS:  # which no learner is
                amounts[one.grade] += 1 if measure == "headcount" else Fraction(one.fte or 0)
        shares = {grade: part * sum(amounts.values()) for grade, part in PARTS.items()}
        is_near = any(amounts.values()) and all(
            abs(amounts[grade] - shares[grade]) * 4 <= shares[grade] for grade in PARTS
        )
        expected[measure] = "met" if is_near else "not_applicable" if recorded else "not_met"
        assert outcomes(case, measure)["pod.1-ratio"] == expected[measure]

    agreed = len(set(expected.values())) == 1
    unset = expected["headcount"] if agreed else "cannot_tell"
    assert answers(case)["pod.1-ratio"] == (unset, () if agreed else ("ratio_measure",))


@given(random=SEEDED)
def test_with_every_grade_known_learners_are_told_exactly_as_far_as_can_be(random: Random) -> None:
    case = pod(random)
    members = [
        attrs.evolve(one, nqo_completed=random.choice((True, False, None)))
        for one in case.members or ()
    ]
    learners = sum(one.grade == "PQiP" for one in members)
    open_to = [
        (True, False) if one.nqo_completed is None else (one.nqo_completed,)
        for one in members
        if one.grade == "PO"
    ]
    possible = {learners <= sum(periods) for periods in product(*open_to)}
    found = outcomes(with_members(case, *members))["pod.8"]

    expected = {(True,): "met", (False,): "not_met", (False, True): "cannot_tell"}
    assert found == expected[tuple(sorted(possible))]


@given(random=SEEDED, unknown=UNKNOWN, measure=MEASURE, learners=st.integers(1, 6))
def test_learners_cannot_enter_the_ratio(
    random: Random, unknown: float, measure: str | None, learners: int
) -> None:
    case = pod(random, unknown)
    added = [member(random, unknown, grade="PQiP") for _ in range(learners)]
    with_them = with_members(case, *(case.members or ()), *added)

    assert answers(with_them, measure)["pod.1-ratio"] == answers(case, measure)["pod.1-ratio"]


@given(random=SEEDED, unknown=UNKNOWN, measure=MEASURE)
def test_neither_hours_nor_period_of_a_learner_changes_anything(
    random: Random, unknown: float, measure: str | None
) -> None:
    case = pod(random, unknown)
    others = [
        member(random, 0.5, grade="PQiP") if one.grade == "PQiP" else one
        for one in case.members or ()
    ]

    assert answers(with_members(case, *others), measure) == answers(case, measure)


@given(random=SEEDED, unknown=UNKNOWN, measure=MEASURE)
def test_the_newly_qualified_period_is_read_for_officers_alone(
    random: Random, unknown: float, measure: str | None
) -> None:
    case = pod(random, unknown)
    others = [
        attrs.evolve(one, nqo_completed=random.choice((True, False, None)))
        if one.grade in ("PSO", "CA", "PQiP")
        else one
        for one in case.members or ()
    ]

    assert answers(with_members(case, *others), measure) == answers(case, measure)


@given(random=SEEDED, unknown=UNKNOWN, measure=MEASURE, label=LABELS)
def test_whatever_a_member_is_called_changes_nothing(
    random: Random, unknown: float, measure: str | None, label: str
) -> None:
    case = pod(random, unknown)
    members = [attrs.evolve(one, reference=label) for one in case.members or ()]
    notes: dict[str, Any] = {
        field.name: label for field in attrs.fields(pr.Pod) if field.name.endswith("_note")
    }
    called = attrs.evolve(case, reference=label, members=tuple(members), **notes)

    assert answers(called, measure) == answers(case, measure)


def test_what_is_ideal_or_where_possible_is_advised_and_all_else_is_firm() -> None:
    denied: dict[str, Any] = {
        name: False for name, fact in AREA.facts.items() if fact.kind == "bool"
    }
    case = pr.Pod(
        manager_grade="PO",
        members=(pr.PodMember(grade="PO", nqo_completed=False), pr.PodMember(grade="PQiP")),
        work_allocated_by_grade="PO",
        **denied,
    )
    report = ask(case, "headcount")

    assert [finding.rule for finding in report.breaches] == FIRM
    assert [finding.rule for finding in report.advisories] == ["pod.1-ratio", "pod.10-experienced"]


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"grade": "PO "}, "grade"),
        ({"grade": "pso"}, "grade"),
        ({"grade": "SPO"}, "grade"),
        ({"grade": "PO", "fte": 0.6}, "fte"),
        ({"grade": "PO", "fte": "0.6"}, "fte"),
        ({"grade": "PO", "fte": Decimal(0)}, "fte"),
        ({"grade": "PO", "fte": Decimal("0.605")}, "fte"),
        ({"grade": "PO", "fte": Decimal("NaN")}, "fte"),
        ({"grade": "PO", "nqo_completed": 1}, "nqo_completed"),
    ],
)
def test_a_member_made_by_hand_is_checked_as_one_that_was_read(
    wrong: dict[str, Any], path: str
) -> None:
    case = pr.Pod(members=(pr.PodMember(grade="CA"), pr.PodMember(**wrong)))

    with pytest.raises(pr.CaseError) as refused:
        ask(case)
    assert [problem.path for problem in refused.value.problems] == [f"$.members[1].{path}"]


@pytest.mark.parametrize("count", [0, 61])
def test_a_pod_made_by_hand_has_one_to_sixty_members(count: int) -> None:
    with pytest.raises(pr.CaseError) as refused:
        ask(pr.Pod(members=(pr.PodMember(grade="CA"),) * count))
    assert [problem.path for problem in refused.value.problems] == ["$.members"]


@pytest.mark.parametrize("measure", ["hours", "fte", "Headcount", 1])
def test_the_measure_of_the_ratio_is_one_of_two_words(measure: object) -> None:
    with pytest.raises(pr.InputError, match="ratio_measure"):
        pr.check(pr.Pod(), on=ON, settings={"ratio_measure": measure})
