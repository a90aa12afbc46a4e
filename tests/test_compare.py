from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from itertools import combinations, islice
from random import Random
from typing import Any

import pytest
from attrs import evolve, frozen

import probation_rules as pr
from probation_rules import compare
from probation_rules.comparison import causes
from probation_rules.comparison.books import changes_between, changes_text
from probation_rules.comparison.cases import CaseChange, Change
from probation_rules.comparison.causes import STAGE, answers_of
from probation_rules.comparison.differences import Cause, Difference, Kind
from probation_rules.report import document
from support.generate import case_of, fill, question_day, value_of
from support.rulebooks import content_of, shipped_with

DAY = date(2024, 3, 1)
ORDER = pr.UnpaidWorkOrder(
    reference="EX-1",
    order_type="community_order",
    sentence_date=date(2023, 6, 5),
    required_minutes=6000,
    completed_minutes=5400,
    ete_minutes=0,
    six_month_review_done=False,
)


def stored(*reports: pr.Report) -> Any:
    """The document of some reports, as it comes back from a file."""
    return json.loads(json.dumps(document(reports)))


def asked(case: Any = ORDER, *, on: date = DAY, **question: Any) -> pr.Report:
    return pr.check(case, on=on, **question)


def only(before: Any, after: Any, **options: Any) -> CaseChange:
    """The one case that changed."""
    comparison: pr.Comparison = compare(before, after, **options)
    (found,) = comparison.changed
    return found


def regional(**parameters: dict[str, Any]) -> Any:
    """The shipped book with some keys of unpaid work's parameters changed."""
    content = content_of("unpaid-work")
    for name, keys in parameters.items():
        content["parameters"][name].update(keys)
    return shipped_with(content)


GRACE = content_of("unpaid-work")["parameters"]["review_grace"]["values"][0]
LONGER = regional(review_grace={"values": [{**GRACE, "value": 31}]})

EARLY = date(2023, 12, 10)  # within the longer grace


# --- Matching -----------------------------------------------------------------------------------


def test_cases_are_matched_by_reference_in_any_order() -> None:
    def order(reference: str, **facts: Any) -> pr.Report:
        return asked(evolve(ORDER, reference=reference, **facts))

    before = [order("A"), order("B"), order("C"), order("D")]
    after = [order("E"), order("D", completed_minutes=6000), order("C"), order("B")]

    found = compare(before, after)

    assert [one.reference for one in found.new] == ["E"]
    assert [one.reference for one in found.gone] == ["A"]
    assert [one.reference for one in found.changed] == ["D"]
    assert [one.reference for one in found.unchanged] == ["B", "C"]
    assert found.counts == {"new": 1, "gone": 1, "changed": 1, "unchanged": 2, "invalid": 0}
    assert str(found).splitlines()[0] == "1 new, 1 gone, 1 changed, 2 unchanged, 0 invalid"
    assert "new: E (unpaid-work): upw.review-6 not met" in str(found)
    assert found.to_dict()["new"][0]["rules"]["upw.review-6"] == "not_met"


def test_one_reference_in_two_areas_is_two_cases() -> None:
    capacity = asked(pr.Workload(reference="EX-1"))
    found = compare([asked(), capacity], [capacity, asked()])
    assert found.counts["unchanged"] == 2


@pytest.mark.parametrize(
    ("form", "places"),
    [
        (list, ("case 1", "case 2")),
        (lambda reports: stored(*reports), ("$.reports[0]", "$.reports[1]")),
    ],
)
def test_references_that_are_missing_or_repeat_are_listed_by_place(
    form: Any, places: tuple[str, str]
) -> None:
    unnamed = asked(evolve(ORDER, reference=None))
    with pytest.raises(pr.CaseError) as error:
        compare(form([asked(), asked()]), form([asked(), unnamed]))
    assert str(error.value).splitlines() == [
        f"this case has the same reference as {places[0]}; each needs its own @ before: {places[1]}",
        f"this case has no reference; cases are matched by it @ after: {places[1]}",
    ]


def test_a_document_of_another_shape_is_refused_with_the_side_and_the_place() -> None:
    report = stored(asked())
    del report["reports"][0]["case"]
    with pytest.raises(pr.CaseError, match=r"is missing.* @ after: \$\.reports\[0\]\.case"):
        compare(asked(), report)


def test_a_case_that_was_invalid_on_one_side_is_neither_new_nor_gone() -> None:
    other = asked(evolve(ORDER, reference="EX-2"))
    later = stored(other)
    invalid = {"place": "row 2", "reference": "EX-1", "reasons": ["bad sentence_date"], "kept": {}}
    later["invalid"] = [invalid]
    found = compare([asked(), other], later)
    assert found.counts == {"new": 0, "gone": 0, "changed": 0, "unchanged": 1, "invalid": 1}
    assert str(found).splitlines()[-1] == "invalid after: EX-1: bad sentence_date"
    assert found.to_dict()["invalid"][0]["place"] == "row 2"


def test_the_most_serious_changes_come_first() -> None:
    reviewed = evolve(ORDER, six_month_review_done=True)
    cases = {
        "put right": (ORDER, reviewed),
        "unknown": (reviewed, evolve(ORDER, six_month_review_done=None)),
        "advisory": (reviewed, ORDER),
        "stage": (reviewed, evolve(reviewed, completed_minutes=6000)),
    }
    before, after = (
        [asked(evolve(pair[side], reference=name)) for name, pair in cases.items()]
        for side in (0, 1)
    )
    found = compare(before, after)
    assert [one.rank for one in found.changed] == sorted(one.rank for one in found.changed)
    assert [one.reference for one in found.changed] == ["advisory", "unknown", "stage", "put right"]


def test_a_case_that_is_invalid_both_times_is_counted_once_with_its_later_reasons() -> None:
    def side(reason: str) -> Any:
        document_ = stored(asked(evolve(ORDER, reference="EX-2")))
        bad = {
            "place": "row 2",
            "reference": "EX-1",
            "reasons": [reason],
            "kept": {"Team": "North"},
        }
        return {**document_, "invalid": [bad, {**bad, "place": "row 3", "reference": None}]}

    found = compare(side("early"), side("late"))
    assert [str(one) for one in found.invalid] == [
        "invalid before: row 3: early",
        "invalid both: EX-1: late",
        "invalid after: row 3: late",
    ]
    assert found.groups("Team")["North"].counts["invalid"] == 3


def test_cases_are_counted_by_a_kept_column() -> None:
    def order(reference: str, team: str, **facts: Any) -> pr.Report:
        report = asked(evolve(ORDER, reference=reference, **facts))
        report.kept = {"Team": team}
        return report

    before = [order("A", "North"), order("B", "South"), order("C", "")]
    after = [
        order("A", "South", six_month_review_done=True),
        order("B", "South"),
        order("D", "North"),
    ]
    found = compare(before, after)
    groups = found.groups("Team")
    assert list(groups) == ["North", "South", ""]
    assert groups["South"].counts == {
        "new": 0, "gone": 0, "changed": 1, "unchanged": 1, "invalid": 0,
    }  # fmt: skip
    assert groups["South"].changes == {Change.PUT_RIGHT: 1}
    assert groups[""].counts["gone"] == 1
    document_ = found.to_dict(by="Team")
    assert document_["by"] == "Team"
    assert document_["groups"]["South"] == {
        "counts": {"changed": 1, "unchanged": 1},
        "changes": {"put_right": 1},
    }
    assert document_["changed"][0]["kept"] == {"Team": "South"}
    with pytest.raises(pr.InputError, match=r"kept are Team; did you mean `Team`\? @ --by Teams"):
        found.groups("Teams")
    with pytest.raises(pr.InputError, match="no column is kept @ --by Team"):
        compare([asked()], [asked()]).groups("Team")
    assert compare([], []).groups("Team") == {}


# --- Days that are newly near -------------------------------------------------------------------

REVIEW = date(2023, 12, 4)  # the last day before the review is due


def test_a_due_day_that_is_newly_near_is_a_change_with_its_cause() -> None:
    week = timedelta(days=7)
    before, after = asked(on=REVIEW - 4 * week), asked(on=REVIEW - 3 * week)
    assert compare(before, after).counts["unchanged"] == 1
    found = only(before, after, days=26)
    assert found.change is Change.NEAR
    assert str(found) == (
        "EX-1 (unpaid-work)\n"
        "  six-month review point: 2023-12-05, newly near\n"
        "  all because the day changed from 2023-11-06 to 2023-11-13"
    )
    assert found.to_dict()["near"]["review_6_on"]["day"] == "2023-12-05"
    assert compare(before, after, days=20).counts["unchanged"] == 1
    assert compare(before, after, days=29).counts["unchanged"] == 1
    moved = asked(evolve(ORDER, sentence_date=date(2023, 7, 5)), on=REVIEW)
    cause = only(moved, asked(on=REVIEW), days=7).near[0].cause
    assert str(cause) == "sentence_date changed from 2023-07-05 to 2023-06-05"


def test_a_due_day_of_stored_answers_goes_by_the_rules_at_hand() -> None:
    before, after = asked(on=date(2023, 11, 6)), asked(on=date(2023, 11, 13))
    found = only(stored(before), stored(after), days=26)
    assert [one.fact for one in found.near] == ["review_6_on"]
    other = stored(before)
    other["rulebook"]["digest"] = "sha256:0"
    assert [one.fact for one in only(other, stored(after), days=26).near] == ["review_6_on"]
    other["reports"][0]["case"]["sentence_date"] = "2024-01-01"  # not valid on that day
    assert [one.fact for one in only(other, stored(after), days=26).near] == ["review_6_on"]


# --- Two rulebooks ------------------------------------------------------------------------------


def test_cases_are_compared_by_two_rulebooks() -> None:
    found = compare(pr.rulebook(), LONGER, data=[ORDER], on=EARLY)
    assert "figure review_grace changed" in str(found.changed[0].cause)
    compare_: Any = compare
    with pytest.raises(pr.InputError, match="give two of them, the cases as `data`, and the day"):
        compare_(LONGER, LONGER)
    with pytest.raises(pr.InputError, match="to compare two rulebooks"):
        compare_(LONGER, [asked()], data=[], on=EARLY)


def test_the_parts_that_differ_between_two_rulebooks_are_listed_with_their_sources() -> None:
    content = content_of("unpaid-work")
    content["parameters"]["review_grace"]["values"] = [{**GRACE, "value": 31}]
    content["rules"]["upw.review-6"]["title"] = "Another title"
    content["rules"]["upw.extra"] = content["rules"].pop("upw.review-9")
    content["parameters"]["review_grace"]["values"][0]["cites"][0]["checked"] = date(2026, 11, 22)
    content["due"]["review_9_on"]["rule"] = "upw.extra"
    content["derived"]["pointless"] = {"is": "some_outstanding", "about": "Made up."}
    content["assume"]["made_up"] = {
        "that": "not (extended and extension_presented)",
        "message": "made up",
        "at": "completed_minutes",
    }
    book = shipped_with(content).with_settings({"pace_slack": 10})
    found = {one.name: one for one in changes_between(pr.rulebook(), book)}
    assert {name: one.happened for name, one in found.items()} == {
        "rule upw.review-6": "changes",
        "rule upw.review-9": "is gone",
        "rule upw.extra": "is new",
        "figure review_grace": "changes",
        "figure pace_slack": "changes",
        "computed fact pointless": "is new",
        "section assume made_up": "changes",
        "section due": "changes",
    }
    grace = found["figure review_grace"]
    assert (grace.area, grace.after) == ("unpaid-work", "31 days from 2017-02-15")
    assert grace.sources
    assert grace.to_dict()["title"].startswith("Days after a review point")
    assert found["rule upw.review-6"].after == "title Another title"
    assert "rule upw.review-6 changes: Another title" in changes_text([*found.values()])
    assert changes_between(book, book, "unpaid-work") == ()
    assert changes_text(()) == "the two rulebooks are the same"


def test_a_part_whose_sources_alone_differ_is_listed_as_such() -> None:
    content = content_of("unpaid-work")
    content["parameters"]["review_grace"]["values"][0]["cites"][0]["checked"] = date(2026, 11, 22)
    (one,) = changes_between(pr.rulebook(), shipped_with(content))
    assert "changed: only texts or sources, which do not decide an answer" in str(one)


# --- Causes -------------------------------------------------------------------------------------


def test_a_fact_is_named_with_its_values() -> None:
    found = only(asked(), asked(evolve(ORDER, six_month_review_done=True)))
    assert str(found) == (
        "EX-1 (unpaid-work)\n"
        "  upw.review-6: not met before, met after\n"
        "  all because six_month_review_done changed from no to yes"
    )


def test_the_day_alone_is_the_cause_though_a_fact_changed_too() -> None:
    before = asked(on=date(2023, 12, 4))
    found = only(before, asked(evolve(ORDER, completed_minutes=5460)))
    assert [one.name for one in found.differences] == ["completed_minutes", "on"]
    assert [[one.kind for one in some] for some in found.cause.sets] == [[Kind.DAY]]
    assert str(found.cause) == "the day changed from 2023-12-04 to 2024-03-01"
    assert found.cause.smallest
    assert not found.cause.together


def test_each_rule_and_the_stage_have_a_cause_of_their_own() -> None:
    done = evolve(ORDER, completed_minutes=6000, six_month_review_done=True)
    found = only(asked(), asked(done, on=DAY + timedelta(days=7)))
    causes_ = {one.rule: str(one.cause) for one in found.rules}
    day = "the day changed from 2024-03-01 to 2024-03-08"
    minutes = "completed_minutes changed from 5400 to 6000"
    assert causes_["upw.review-6"] == minutes
    assert causes_["upw.pace-9"] == day
    assert str(found.stage_cause) == minutes
    assert str(found.cause) == f"{minutes} and {day}"
    assert "  stage: third quarter before, complete after\n" in str(found)
    assert f"  upw.pace-9: not applicable before, met after\n    because {day}\n" in str(found)


def test_a_mix_of_facts_that_is_not_valid_gives_no_answer() -> None:
    later = evolve(ORDER, sentence_date=DAY + timedelta(days=7), six_month_review_done=None)
    found = only(asked(), asked(later, on=DAY + timedelta(days=200)))
    day, sentenced = (
        one for one in reversed(found.differences) if one.name != "six_month_review_done"
    )
    assert (day.name, sentenced.name) == ("on", "sentence_date")
    assert all((sentenced in some) <= (day in some) for some in found.cause.sets)


def test_only_all_changes_together_is_told() -> None:
    first = asked(evolve(ORDER, required_minutes=None, completed_minutes=None))
    found = only(first, asked())
    assert found.cause.together
    assert str(found.cause) == (
        "required_minutes changed from not known to 6000 and completed_minutes changed from not "
        "known to 5400 (only all changes together give this answer)"
    )


def test_sets_of_one_size_are_all_named() -> None:
    before = asked(on=date(2023, 12, 1))
    reviewed = evolve(ORDER, six_month_review_done=True)
    done = evolve(reviewed, completed_minutes=6000)
    found = only(asked(), asked(done))
    review = next(one for one in found.rules if one.rule == "upw.review-6")
    assert review.after == "not_applicable"
    assert str(review.cause) == "completed_minutes changed from 5400 to 6000"
    later = only(before, asked(evolve(ORDER, sentence_date=date(2023, 3, 1)), on=DAY))
    sets = next(one for one in later.rules if one.rule == "upw.review-6").cause.sets
    assert [[one.name for one in some] for some in sets] == [["sentence_date"], ["on"]]
    texts = str(next(one for one in later.rules if one.rule == "upw.review-6").cause)
    assert texts == (
        "sentence_date changed from 2023-06-05 to 2023-03-01; or: "
        "the day changed from 2023-12-01 to 2024-03-01"
    )


def test_members_are_named_by_their_reference() -> None:
    members = [
        pr.PodMember(reference=f"M-{n}", grade="PQiP" if n == 1 else "PSO", fte=Decimal(1))
        for n in (1, 2)
    ]
    before = pr.check(pr.Pod(reference="P", members=tuple(members)), on=date(2026, 9, 1))
    changed = (evolve(members[0], grade="PSO"), *members[1:])
    after = pr.check(pr.Pod(reference="P", members=changed), on=date(2026, 9, 1))
    found = only(before, after)
    (difference,) = found.differences
    assert difference.name == "members"
    assert "members[M-1].grade changed from PQiP to PSO" in str(found.cause)
    assert found.to_dict()["cause"]["sets"][0][0]["details"][0]["name"] == "members[M-1].grade"


def test_a_setting_is_named() -> None:
    day, setting = date(2026, 9, 2), {"earned_reduction_from": date(2026, 9, 1)}
    case = evolve(ORDER, sentence_date=date(2026, 6, 1))
    found = only(asked(case, on=day), asked(case, on=day, settings=setting))
    text = "the setting earned_reduction_from changed from not set to 2026-09-01"
    assert str(found.cause) == text
    assert (
        only(stored(asked(case, on=day)), stored(asked(case, on=day, settings=setting))).cause
        == found.cause
    )


def test_an_assumption_is_named() -> None:
    unknown, given = evolve(ORDER, six_month_review_done=None), {"extended": False}
    later = asked(unknown, assuming={**given, "six_month_review_done": True})
    found = only(asked(unknown, assuming=given), later)
    text = "the assumption six_month_review_done changed from not assumed to yes"
    assert str(found.cause) == text
    assert found.to_dict()["cause"]["sets"][0][0]["kind"] == "assumption"


def test_an_assumption_that_proved_true_changes_no_answer() -> None:
    unknown = evolve(ORDER, six_month_review_done=None)
    assumed = asked(unknown, assuming={"six_month_review_done": False})
    assert compare(assumed, asked()).counts["unchanged"] == 1


def test_a_figure_of_another_rulebook_is_named_with_its_source() -> None:
    found = only(
        asked(on=EARLY), asked(evolve(ORDER, completed_minutes=5460), on=EARLY, rulebook=LONGER)
    )
    ((difference,),) = found.cause.sets
    assert difference.kind is Kind.RULEBOOK
    (detail,) = difference.details
    assert (detail.name, detail.after) == ("figure review_grace", "31 days from 2017-02-15")
    assert str(found.cause).startswith(
        "the rulebook changed: figure review_grace changed from 0 days from 2017-02-15 to 31 days from "
    )
    assert detail.citations
    assert found.to_dict()["cause"]["sets"][0][0]["details"][0]["sources"]


def changed_book(section: str, name: str, **keys: Any) -> Any:
    """The shipped book with some keys of an entry of unpaid work's rules changed."""
    content = content_of("unpaid-work")
    content[section][name].update(keys)
    return shipped_with(content)


@pytest.mark.parametrize(
    ("section", "name", "keys", "text"),
    [
        (
            "rules",
            "upw.review-6",
            {"must": "six_month_review_done or completed_minutes > 0"},
            "rule upw.review-6 changed from must six_month_review_done to must six_month_review_done or completed_minutes > 0 (",
        ),
        (
            "derived",
            "outstanding_minutes",
            {"is": "max(0, due_minutes - completed_minutes - completed_minutes)"},
            "computed fact outstanding_minutes changed from max(0, due_minutes - completed_minutes) to max(0, due_minutes - completed_minutes - completed_minutes)",
        ),
        (
            "stages",
            "third_quarter",
            {"when": "on >= review_9_on"},
            "section stages changed from that of before to that of after",
        ),
    ],
)
def test_the_part_of_a_rulebook_that_differs_is_named(
    section: str, name: str, keys: Any, text: str
) -> None:
    found = only(asked(), asked(rulebook=changed_book(section, name, **keys)))
    assert str(found.cause).startswith(f"the rulebook changed: {text}")


def test_only_the_parts_of_a_rulebook_that_matter_to_the_case_are_named() -> None:
    content = content_of("unpaid-work")
    content["parameters"]["review_grace"]["values"] = [{**GRACE, "value": 31}]
    content["parameters"]["quiet_days"] = {**content["parameters"]["review_grace"], "about": "New."}
    content["rules"]["upw.review-6"]["applies"] += " and days_between(review_6_on, on) > quiet_days"
    content["rules"]["upw.review-9"]["title"] = "Another title"
    book = shipped_with(content)
    ((difference,),) = only(asked(on=EARLY), asked(on=EARLY, rulebook=book)).cause.sets
    assert [one.name for one in difference.details] == ["figure review_grace"]
    del content["parameters"]["review_grace"]
    for rule in ("upw.review-6", "upw.review-9"):
        asks = content["rules"][rule]["applies"]
        content["rules"][rule]["applies"] = asks.replace("review_grace", "quiet_days")
    book = shipped_with(content)
    ((difference,),) = only(asked(on=EARLY), asked(on=EARLY, rulebook=book)).cause.sets
    # The new wording alone is not a rulebook: its figure is missing.
    names = {one.name for one in difference.details}
    assert names == {"figure quiet_days", "rule upw.review-6"}


def test_a_section_counts_as_one_part_and_a_new_computed_fact_as_another() -> None:
    content = content_of("unpaid-work")
    content["parameters"]["review_grace"]["values"] = [{**GRACE, "value": 31}]
    content["stages"]["third_quarter"]["when"] = "any_left and on >= review_9_on"
    content["derived"]["any_left"] = {"is": "some_outstanding", "about": "Made up."}
    found = only(asked(on=EARLY), asked(on=EARLY, rulebook=shipped_with(content)))
    ((difference,),) = found.cause.sets
    assert [one.name for one in difference.details] == [
        "figure review_grace",
        "computed fact any_left",
        "section stages",
    ]
    assert difference.details[1].before is None


def test_an_ordered_choice_is_shown_line_by_line() -> None:
    content = content_of("unpaid-work")
    choice = [
        {"when": "completed_minutes > 0", "value": "outstanding_minutes > due_minutes"},
        {"otherwise": "outstanding_minutes > 0"},
    ]
    about = {"about": "Made up."}
    content["derived"]["some_outstanding"] = {"first": choice, **about}
    found = only(asked(), asked(rulebook=shipped_with(content)))
    assert (
        "to first of: outstanding_minutes > due_minutes when completed_minutes > 0, "
        "outstanding_minutes > 0"
    ) in str(found.cause)


def test_a_rule_that_a_region_adds_is_named_with_its_source() -> None:
    content = content_of("unpaid-work")
    new = {**content["rules"]["upw.review-6"], "must": "not six_month_review_done"}
    content["rules"]["upw.local"] = new
    before, after = asked(), asked(rulebook=shipped_with(content))
    found = only(before, after)
    assert [str(one) for one in found.rules] == ["upw.local: not applicable before, met after"]
    assert "rule upw.local changed from nothing to applies " in str(found.cause)
    back = only(after, before)
    assert [str(one) for one in back.rules] == ["upw.local: met before, not applicable after"]
    assert back.change is Change.OTHER


def test_a_document_of_other_rules_is_compared_though_not_all_can_be_asked() -> None:
    done = evolve(ORDER, completed_minutes=6000)
    old = stored(asked(on=EARLY, rulebook=LONGER))
    found = only(old, asked(on=DAY))
    assert not found.cause.smallest
    assert [one.kind for one in found.cause.sets[0]] == [Kind.RULEBOOK]
    assert str(found.cause).endswith(" (a smaller set may give this answer too)")
    known = only(old, asked(on=DAY), rulebook=LONGER)
    assert [[one.kind for one in some] for some in known.cause.sets] == [
        [Kind.DAY],
        [Kind.RULEBOOK],
    ]
    assert known.cause.smallest
    both = only(old, stored(asked(done, on=DAY, rulebook=LONGER)))
    assert [one.kind for one in both.differences] == [Kind.FACT, Kind.DAY]
    assert (both.cause.smallest, both.cause.together) == (False, False)


def test_settings_that_are_not_allowed_any_more_do_not_prevent_a_comparison() -> None:
    old = stored(asked())
    old["rulebook"] = {
        **old["rulebook"],
        "digest": "sha256:0",
        "settings": {"order_hours_least": 40},
    }
    assert compare(old, asked()).counts["unchanged"] == 1


def test_an_answer_that_was_altered_is_told() -> None:
    old = stored(asked())
    old["reports"][0]["stage"] = "complete"
    assert str(only(old, asked())).endswith(
        "all because nothing in the two questions differs; the stored answers were made by other code"
    )


def test_where_there_are_too_many_sets_none_of_the_changes_named_can_be_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(causes, "MOST_CROSSINGS", 2)
    reviewed = evolve(ORDER, six_month_review_done=True, completed_minutes=5460)
    found = only(asked(), asked(reviewed, on=DAY + timedelta(days=1)))
    assert [[one.name for one in some] for some in found.cause.sets] == [["six_month_review_done"]]
    assert not found.cause.smallest


# --- Random pairs -------------------------------------------------------------------------------


@frozen
class Asked:
    """A question, as a program would put it.

    Attributes:
        turned: The rules whose condition is the opposite of the shipped one.
    """

    case: Any
    on: date
    settings: dict[str, Any]
    assuming: dict[str, Any]
    area: str
    turned: frozenset[str] = frozenset()

    def report(self) -> pr.Report | None:
        book = turned(self.area, self.turned)
        question: dict[str, Any] = {"settings": self.settings, "assuming": self.assuming}
        try:
            return pr.check(self.case, on=self.on, rulebook=book, **question)
        except (pr.CaseError, pr.NotInForce):
            return None


@cache
def turned(name: str, rules: frozenset[str]) -> pr.Rulebook:
    """The shipped rulebook with the opposite condition in some rules of an area."""
    if not rules:
        return pr.rulebook()
    content = content_of(name)
    for id_ in rules:
        wordings = content["rules"][id_]
        for one in wordings if isinstance(wordings, list) else [wordings]:
            key = "must" if "must" in one else "should"
            one[key] = f"not ({one[key]})"
    return shipped_with(content)


def changed_at_random(random: Random, name: str, before: Asked) -> Asked:
    """A question that differs in a few facts, perhaps the day, rules, a setting and an assumption."""
    area = pr.rulebook().area(name)
    other = proper(name, case_of(random, area, on=before.on))
    fields = [one for one in vars_of(before.case) if one != "reference"]
    facts = {one: getattr(other, one) for one in random.sample(fields, min(3, len(fields)))}
    on = before.on + timedelta(days=random.choice((0, 0, 7, 31, 200)))
    case, open_ = (
        evolve(before.case, **facts),
        [x for x in area.parameters.values() if x.may_be_set],
    )
    settings = {one.name: value_of(random, one.as_fact) for one in open_ if random.random() < 0.4}
    bools = [
        one
        for one, fact in area.input_facts.items()
        if fact.kind == "bool" and fact.default is None
    ]
    assuming = dict.fromkeys(random.sample(bools, min(1, len(bools))), True)
    rules = random.sample([*area.wordings], min(3, len(area.wordings)))
    others = frozenset(rules if random.random() < 0.6 else ())
    return Asked(case, on, settings, random.choice(({}, assuming)), name, others)


def proper(name: str, case: Any) -> Any:
    """The case with members of the area's own class."""
    area = pr.rulebook().area(name)
    if area.members is not None and (members := getattr(case, area.members.name)) is not None:
        fill(case, area.members.name, tuple(area.spec.items(**vars(one)) for one in members))
    return evolve(case, reference="R")


def vars_of(case: Any) -> list[str]:
    return [one.name for one in type(case).__attrs_attrs__]


def mixed(before: Asked, after: Asked, taken: Any) -> Asked:
    """The question of before with some differences from after, made without the library's code."""
    parts = {kind: {one.name for one in taken if one.kind is kind} for kind in Kind}

    def pick(was: dict[str, Any], is_: dict[str, Any], names: set[str]) -> dict[str, Any]:
        every = {name: (is_ if name in names else was).get(name) for name in {*was, *is_}}
        return {name: value for name, value in every.items() if value is not None}

    return Asked(
        evolve(before.case, **{name: getattr(after.case, name) for name in parts[Kind.FACT]}),
        after.on if parts[Kind.DAY] else before.on,
        pick(before.settings, after.settings, parts[Kind.SETTING]),
        pick(before.assuming, after.assuming, parts[Kind.ASSUMPTION]),
        before.area,
        after.turned if parts[Kind.RULEBOOK] else before.turned,
    )


def pairs(random: Random, name: str) -> Iterator[tuple[Asked, Asked]]:
    area = pr.rulebook().area(name)
    while True:
        on = question_day(random, area)
        before = Asked(proper(name, case_of(random, area, on=on)), on, {}, {}, name)
        after = changed_at_random(random, name, before)
        first, second = before.report(), after.report()
        if first is None or second is None:
            continue
        if answers_of(first, NEAR) != answers_of(second, NEAR):
            used = {one: second.assuming[one] for one in second.assuming}
            yield before, evolve(after, assuming=used)


NEAR = 28  # days
PAIRS = 6  # for each area, and more until both kinds of cause occur


@pytest.mark.parametrize("name", pr.rulebook().areas)
def test_the_cause_gives_the_later_answer_and_no_smaller_set_does(name: str) -> None:
    found = pairs(Random(20261129), name)
    wanted, kinds = {Kind.FACT, Kind.RULEBOOK}, set[Kind]()
    for number, (before, after) in enumerate(islice(found, 5 * PAIRS)):
        if number >= PAIRS and wanted <= kinds:
            break
        first, second = before.report(), after.report()
        assert first is not None
        assert second is not None
        comparison = compare([first], [second], days=NEAR)
        if not comparison.changed:  # only a due day is no longer near
            continue
        (change,) = comparison.changed
        answers: list[tuple[str | None, Cause]] = [(None, change.cause)]
        answers += [(one.rule, one.cause) for one in change.rules]
        answers += [(one.fact, one.cause) for one in change.near]
        answers += [(STAGE, change.stage_cause)] if change.stage_cause else []
        for answer, cause in answers:
            assert cause.smallest
            size = len(cause.sets[0])
            given = [
                [
                    some
                    for some in combinations(change.differences, number)
                    if gives(mixed(before, after, some), first, second, answer)
                ]
                for number in range(size + 1)
            ]
            assert given == [*[[]] * size, [tuple(one) for one in cause.sets]]
            assert cause.together == (size > 1 and size == len(change.differences))
            for some in cause.sets:
                kinds |= {one.kind for one in some}
                check_rules_named(before, after, some, (first, second, answer))
    assert wanted <= kinds


def check_rules_named(
    before: Asked, after: Asked, some: Sequence[Difference], wanted: tuple[Any, Any, Any]
) -> None:
    """Check that the rules named in a cause give the answer, and that no fewer do."""
    for one in some:
        if one.kind is not Kind.RULEBOOK:
            continue
        named = [part.name.removeprefix("rule ") for part in one.details]
        question = mixed(before, after, some)
        for number in range(len(named) + 1):
            enough = [
                rules
                for rules in combinations(sorted(after.turned), number)
                if gives(evolve(question, turned=frozenset(rules)), *wanted)
            ]
            assert bool(enough) == (number == len(named))
        assert set(named) in [set(rules) for rules in enough]


def gives(question: Asked, first: pr.Report, later: pr.Report, answer: str | None) -> bool:
    """Whether a question has the later answers, or one of them."""
    report = question.report()
    if report is None:
        return False
    found, wanted = answers_of(report, NEAR), answers_of(later, NEAR)
    if answer is None:
        return found.is_same(wanted, answers_of(first, NEAR))
    return found.of(answer) == wanted.of(answer)
