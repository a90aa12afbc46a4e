"""Curfew variation: properties that the policy sentences demand of every change, and the picture."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from html.parser import HTMLParser
from itertools import permutations, product
from random import Random
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import probation_rules as pr
from probation_rules import curfew
from probation_rules.areas.curfew_variation import picture
from probation_rules.areas.curfew_variation.prepare import contradictions, prepare
from probation_rules.areas.curfew_variation.timetable import DAY, DAYS
from probation_rules.rulebook import shipped
from support.generate import case_of, question_day
from support.timetables import period, start_of, week

AREA = shipped().area("curfew-variation")
ON = date(2024, 3, 31)
FIRST = date(2024, 2, 10)
NIGHTS = tuple(period(day * DAY + 19 * 60, 720) for day in range(7))
LATER = tuple(period(day * DAY + 20 * 60, 720) for day in range(7))
ELSEWHERE = tuple(attrs.evolve(one, place="aunt") for one in NIGHTS)
ORDER = ("form", "spo_triage", "pdu_head_approval", "notices", "ems_confirmation",
         "ems_attendance", "person_told", "recorded")  # fmt: skip
NOTICES = ("court_notice", "ems_notice", "police_notice")
NEXT = ("form", "spo_triage", "pdu_head_approval", "notices", "ems_confirmation",
        "ems_attendance", "tell_person", "record", "done")  # fmt: skip
BY = ("practitioner", "spo", "pdu_head", "practitioner", "ems", "ems", "practitioner",
      "practitioner", "none")  # fmt: skip
CASE = pr.CurfewVariation(
    order_type="community_order", adult=True, convicted_on=date(2024, 1, 10),
    order_made_on=date(2024, 2, 1), order_in_force=True, has_curfew_requirement=True,
    first_effect_on=date(2024, 2, 1), curfew_ends_on=date(2024, 8, 1), circumstances_changed=True,
    person_consents=True, boundary_changes=False, current=NIGHTS, proposed=LATER,
    safeguarding_checked=True, domestic_abuse_checked=True, householder_consents=True,
    place_information_considered=True, residence_requirement_conflicts=False,
    has_monitoring_requirement=True, monitoring_would_differ=False, consent_evidence_sent=True,
)  # fmt: skip


def steps(days: Mapping[str, int]) -> pr.CurfewSteps:
    """Steps with the day each was done, counted from the first; the others are not done."""
    made = {name: pr.Step(done=False) for name in attrs.fields_dict(pr.CurfewSteps)}
    for name, day in days.items():
        for one in NOTICES if name == "notices" else (name,):
            made[one] = pr.Step(done=True, on=FIRST + timedelta(days=day))
    return pr.CurfewSteps(**made)


def ask(**facts: Any) -> pr.Report:
    return pr.check(attrs.evolve(CASE, **facts), on=ON)


def test_the_case_class_has_the_facts_and_records_of_the_rulebook_and_a_reference() -> None:
    fields = {field.name for field in attrs.fields(pr.CurfewVariation)}

    assert fields == {"reference", *AREA.input_facts, *AREA.records}
    for name, held in AREA.records["steps"].records.items():
        assert set(held.facts) == {"done", "on"}
        assert {f"{name}_done", f"{name}_on"} <= AREA.facts.keys()


# --- The timetable ------------------------------------------------------------------------------


@given(random=st.randoms(use_true_random=False), days=st.integers(0, 6))
def test_rotating_all_days_together_changes_nothing(random: Random, days: int) -> None:
    case, on = case_of(random, AREA), question_day(random, AREA)

    def turned(periods: tuple[pr.CurfewPeriod, ...] | None) -> tuple[pr.CurfewPeriod, ...] | None:
        return periods and tuple(
            period(start_of(one) + days * DAY, one.minutes, one.place) for one in periods
        )

    other = attrs.evolve(case, current=turned(case.current), proposed=turned(case.proposed))
    try:
        before, after = pr.check(case, on=on), pr.check(other, on=on)
    except pr.CaseError:
        return
    assert before.facts == after.facts
    assert before.stage == after.stage


def test_a_clock_change_is_a_night_like_any_other() -> None:
    spring = period(6 * DAY + 19 * 60, 720)  # the last Sunday of March is such a night

    assert ask(current=(spring,), proposed=(spring,)).facts["week_minutes"] == 720


@pytest.mark.parametrize("wrong", [7, "text", ["q"], [None]])
def test_a_malformed_case_gives_no_prepared_fact_and_no_contradiction(wrong: Any) -> None:
    case = pr.CurfewVariation(current=wrong, proposed=wrong, steps=wrong)

    assert set(prepare(case, AREA).values()) == {None}
    assert list(contradictions(case)) == []


def test_every_overlap_is_told_with_the_place_of_the_second() -> None:
    case = pr.CurfewVariation(current=(*NIGHTS, NIGHTS[0]), proposed=(*LATER, *LATER[:2]))

    assert list(contradictions(case)) == [
        ("this period overlaps current[0]", "current[7]"),
        ("this period overlaps proposed[0]", "proposed[7]"),
        ("this period overlaps proposed[1]", "proposed[8]"),
    ]


# --- The steps ----------------------------------------------------------------------------------


def test_every_set_of_steps_done_gives_the_next_step_and_whether_it_is_in_order() -> None:
    for done in product((False, True), repeat=len(ORDER)):
        days = {name: 0 for name, is_ in zip(ORDER, done, strict=True) if is_}
        report = ask(proposed=ELSEWHERE, steps=steps(days))

        in_order = list(done) == sorted(done, reverse=True)
        first = [*done, False].index(False)
        assert (report.outcome("curfew.steps-in-order") == "met") is in_order, days
        assert report.facts["next_step"] == NEXT[first], days
        assert report.facts["next_step_by"] == BY[first], days


def test_every_permutation_of_days_out_of_order_is_caught() -> None:
    places = range(len(ORDER))
    random = Random(20220628)
    chosen = [tuple(places), *random.sample(list(permutations(places)), 1500)]
    for days in chosen:
        report = ask(proposed=ELSEWHERE, steps=steps(dict(zip(ORDER, days, strict=True))))
        met = report.outcome("curfew.steps-in-order") == "met"
        assert met is (list(days) == sorted(days)), days


def test_every_swap_of_two_neighbours_is_caught_and_the_same_day_is_not() -> None:
    for place in range(len(ORDER) - 1):
        days = list(range(len(ORDER)))
        days[place], days[place + 1] = days[place + 1], days[place]
        swapped = ask(proposed=ELSEWHERE, steps=steps(dict(zip(ORDER, days, strict=True))))
        assert swapped.outcome("curfew.steps-in-order") == "not_met"
        days[place] = days[place + 1]
        same = ask(proposed=ELSEWHERE, steps=steps(dict(zip(ORDER, days, strict=True))))
        assert same.outcome("curfew.steps-in-order") == "met"


def test_notices_are_in_order_in_any_order() -> None:
    for notices in permutations(range(3)):
        made = steps(dict.fromkeys(ORDER[:3], 0))
        for name, day in zip(NOTICES, notices, strict=True):
            step = pr.Step(done=True, on=FIRST + timedelta(days=day))
            made = attrs.evolve(made, **{name: step})

        assert ask(steps=made).outcome("curfew.steps-in-order") == "met", notices


@given(random=st.randoms(use_true_random=False), unknown=st.sampled_from((0.0, 0.1, 0.5)))
def test_nothing_says_tell_the_person_before_ems_attended_a_new_place(
    random: Random, unknown: float
) -> None:
    case = case_of(random, AREA, unknown=unknown)
    good = {
        field.name: getattr(CASE, field.name)
        for field in attrs.fields(pr.CurfewVariation)
        if field.name not in ("steps", "reference")
    }
    case = attrs.evolve(case, **{**good, "proposed": ELSEWHERE, "steps": case.steps})
    case = attrs.evolve(case, convicted_on=date(2022, 6, 28), order_made_on=date(2022, 6, 28),
                        first_effect_on=date(2022, 6, 28), curfew_ends_on=date(2024, 6, 27))  # fmt: skip
    try:
        report = pr.check(case, on=ON)
    except pr.CaseError:
        return
    assert case.steps is not None
    if report.facts["next_step"] in ("tell_person", "record", "done"):
        assert case.steps.ems_attendance is not None
        assert case.steps.ems_attendance.done is True
        assert case.steps.ems_confirmation is not None
        assert case.steps.ems_confirmation.done is True


# --- The picture --------------------------------------------------------------------------------


class Page(HTMLParser):
    """The table's cells, the texts of the drawing, and whether every element is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.rows: list[list[str]] = []
        self.widths: dict[str, float] = {}
        self.labels: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        stated = dict(attrs)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        if tag == "rect":
            fill = str(stated["fill"])
            self.widths[fill] = self.widths.get(fill, 0) + float(str(stated["width"]))
        if tag not in ("path", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag != "path":
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("td", "th"):
            self.rows[-1][-1] += data
        if self.open and self.open[-1] == "text":
            self.labels.append(data)


def page(case: pr.CurfewVariation) -> Page:
    found = Page()
    found.feed(curfew.week_picture(case))
    assert not found.open
    return found


def minutes_in(text: str) -> int:
    """Return the minutes in a text such as `7 h 30 min`."""
    hours, rest = re.search(r"(\d+) h", text), re.search(r"(\d+) min", text)
    return (int(hours[1]) * 60 if hours else 0) + (int(rest[1]) if rest else 0)


@given(random=st.randoms(use_true_random=False))
def test_the_totals_of_the_picture_are_those_of_a_count_minute_by_minute(random: Random) -> None:
    current, proposed = week(random), week(random)
    found = page(pr.CurfewVariation(current=current, proposed=proposed))

    for place, periods in ((2, current), (4, proposed)):
        counted = [
            (start_of(one) + minute) // DAY % 7 for one in periods for minute in range(one.minutes)
        ]
        shown = [minutes_in(row[place]) for row in found.rows[1:]]
        assert shown == [*(counted.count(day) for day in range(7)), len(counted)]
        width = list(found.widths.values())[place // 2 - 1]
        assert width == pytest.approx(len(counted) / 5, abs=0.01)  # 288 units a day


def test_the_picture_shows_both_weeks_with_the_same_facts_in_the_table() -> None:
    found = page(attrs.evolve(CASE, proposed=ELSEWHERE))

    assert found.rows[0] == ["Day", "As it is", "Total", "As proposed", "Total"]
    assert [row[0] for row in found.rows[1:]] == [*(day.capitalize() for day in DAYS), "Week"]
    assert found.rows[1][1] == "00:00 to 07:00, home19:00 to 24:00, home"
    assert found.rows[1][3] == "00:00 to 07:00, aunt19:00 to 24:00, aunt"
    assert found.rows[8][1:] == ["", "84 h", "", "84 h"]
    assert {"As it is: 84 h", "As proposed: 84 h"} <= set(found.labels)


def test_the_picture_escapes_what_a_case_says() -> None:
    danger = "<script>\"&'</script>"
    text = curfew.week_picture(
        pr.CurfewVariation(reference=danger, current=(period(0, 60, danger),), proposed=())
    )

    assert "<script" not in text
    assert text.count("&lt;script&gt;") == 3  # the heading, the drawing, the table
    assert "https:" not in text.replace("http://www.w3.org/2000/svg", "")


def test_a_timetable_that_is_not_known_is_shown_as_not_known() -> None:
    found = page(pr.CurfewVariation(proposed=(period(0, 45),)))

    assert found.rows[1][1:] == ["not known", "not known", "00:00 to 00:45, home", "45 min"]
    assert found.rows[2][3:] == ["none", "0 min"]
    assert "As it is: not known" in found.labels


def test_hours_are_said_in_words() -> None:
    assert [picture.hours(one) for one in (0, 45, 60, 450)] == [
        "0 min",
        "45 min",
        "1 h",
        "7 h 30 min",
    ]
