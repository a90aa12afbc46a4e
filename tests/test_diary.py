"""The due days of a caseload, and the iCalendar file, which two parsers read back."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from typing import Any

import icalendar
import pytest
import vobject
from attrs import evolve

import probation_rules as pr
from probation_rules import diary as module
from support.generate import question, value_of

ON = date(2025, 1, 15)  # long before the possible end of the limit
ORDER = pr.UnpaidWorkOrder(
    reference="UPW-0007",
    order_type="community_order",
    sentence_date=date(2025, 1, 6),
    required_minutes=6000,
    completed_minutes=60,
    extended=False,
    six_month_review_done=False,
    nine_month_review_done=False,
)
SIX, NINE, LAST = "six-month review point", "nine-month review point", "last day for the work"
MEASURE = "last day of the twelve months (performance measure)"


def days(*changes: dict[str, Any], on: date = ON, weeks: int | None = None, **question: Any) -> Any:
    orders = [evolve(ORDER, **change) for change in changes or ({},)]
    return pr.due_dates([pr.check(one, on=on, **question) for one in orders], weeks=weeks)


def shown(found: module.Diary) -> list[tuple[str, date]]:
    return [(one.label, one.on) for one in found.dates]


def test_the_due_days_of_an_order() -> None:
    found = days()
    assert shown(found) == [
        (SIX, date(2025, 7, 6)),
        (NINE, date(2025, 10, 6)),
        (LAST, date(2026, 1, 5)),
    ]
    assert found.notes == ()
    assert found.dates[0].about == "The six-month point."
    assert {one.asked_on for one in found.dates} == {ON}


def test_a_day_counts_on_the_day_itself_and_not_the_day_after() -> None:
    assert shown(days(on=date(2025, 7, 6)))[0] == (SIX, date(2025, 7, 6))
    assert shown(days(on=date(2025, 7, 7)))[0] == (NINE, date(2025, 10, 6))
    assert shown(days(on=date(2026, 1, 5))) == [(LAST, date(2026, 1, 5))]
    assert shown(days(on=date(2026, 1, 6))) == []


def test_a_day_after_the_last_day_that_the_area_covers_is_left_out() -> None:
    """Its condition cannot be computed: the rules cover days to 31 December 2100."""
    change = {"sentence_date": date(2100, 3, 31)}
    on = date(2100, 4, 1)
    assert shown(days(change, on=on))[-1] == (NINE, date(2100, 12, 31))
    change = {"sentence_date": on}
    assert shown(days(change, on=on)) == [(SIX, date(2100, 10, 1))]


def test_the_last_day_of_the_last_week_counts() -> None:
    assert shown(days(weeks=1, on=date(2025, 6, 29))) == [(SIX, date(2025, 7, 6))]
    assert shown(days(weeks=1, on=date(2025, 6, 28))) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"completed_minutes": 6000}, []),  # no minutes are outstanding
        ({"six_month_review_done": True}, [NINE, LAST]),
        ({"nine_month_review_done": True}, [SIX, LAST]),
        # The sources do not give it reviews or a twelve-month rule.
        ({"order_type": "youth_rehabilitation_order"}, []),
    ],
)
def test_days_that_are_over_or_do_not_apply_are_left_out(
    change: dict[str, Any], expected: list[str]
) -> None:
    found = days(change)
    assert [one.label for one in found.dates] == expected
    assert found.notes == ()


def test_a_suspended_sentence_ends_with_its_operational_period() -> None:
    change = {
        "order_type": "suspended_sentence_order",
        "operational_period_end": date(2025, 9, 1),
    }
    # The nine-month point is after the end, when work is no longer possible.
    assert shown(days(change)) == [(SIX, date(2025, 7, 6)), (LAST, date(2025, 9, 1))]


def test_an_extension_moves_the_last_day_but_does_not_change_its_name() -> None:
    extended = days({"extended": True, "extended_to": date(2026, 4, 1)})
    assert shown(extended)[-1] == (LAST, date(2026, 4, 1))
    assert extended.dates[-1].uid == days().dates[-1].uid


def test_an_unknown_day_is_noted_and_never_guessed() -> None:
    found = days({"extended": None}, {"extended": None, "reference": "UPW-0008"})
    assert [one.label for one in found.dates] == [SIX, SIX, NINE, NINE]
    assert found.notes == (f"{LAST} is not known (needs extended): UPW-0007, UPW-0008",)
    assert days({"sentence_date": None}).notes == tuple(
        f"{says} is not known (needs sentence_date): UPW-0007"
        for says in (SIX, NINE, LAST, MEASURE)
    )
    assert days({"extended": None}, assuming={"extended": False}).notes == ()


def test_an_unknown_day_is_not_noted_if_it_would_not_be_due() -> None:
    assert days({"sentence_date": None, "completed_minutes": 6000}) == module.Diary((), ())


IN_CALENDAR = "is in the calendar, though whether it is still due is not known"


def test_a_day_that_may_be_due_is_shown_and_noted() -> None:
    untold = {"completed_minutes": None}
    found = days(untold, {**untold, "reference": "UPW-0008"}, weeks=26)
    assert shown(found) == [(SIX, date(2025, 7, 6))] * 2
    assert found.notes == (f"{SIX} {IN_CALENDAR} (needs completed_minutes): UPW-0007, UPW-0008",)
    assert {one.needs for one in found.dates} == {("completed_minutes",)}
    assert found.dates[0].description == (
        "The six-month point. Whether it is still due is not known (needs completed_minutes). "
        "As known on 2025-01-15."
    )


def test_a_suspended_sentence_that_may_have_ended_does_not_count_as_running() -> None:
    found = days({"order_type": "suspended_sentence_order"})
    assert [one.label for one in found.dates] == [SIX, NINE]
    assert {one.needs for one in found.dates} == {("operational_period_end",)}
    assert found.notes == (
        f"{SIX} {IN_CALENDAR} (needs operational_period_end): UPW-0007",
        f"{NINE} {IN_CALENDAR} (needs operational_period_end): UPW-0007",
        f"{LAST} is not known (needs operational_period_end): UPW-0007",
        "end of the operational period is not known (needs operational_period_end): UPW-0007",
    )


def test_a_review_that_may_not_be_done_is_shown_and_noted() -> None:
    found = days({"six_month_review_done": None})
    assert [(one.label, one.needs) for one in found.dates] == [
        (SIX, ("six_month_review_done",)),
        (NINE, ()),
        (LAST, ()),
    ]
    assert found.notes == (f"{SIX} {IN_CALENDAR} (needs six_month_review_done): UPW-0007",)


def test_the_limit_must_be_in_force_on_the_last_day_itself() -> None:
    """The day asked about is long before the end of the limit; the last days are on both sides of it."""
    on = date(2025, 5, 12)
    assert shown(days({"sentence_date": date(2025, 5, 11)}, on=on))[-1] == (LAST, date(2026, 5, 10))
    assert shown(days({"sentence_date": on}, on=on))[-1] == (MEASURE, date(2026, 5, 11))


def test_an_order_without_a_last_day_is_noted_as_such() -> None:
    found = days(
        {"reference": "A", "sentence_date": date(2026, 2, 10)},
        {"reference": "B", "sentence_date": date(2025, 2, 10), "order_type": "community_order"},
        {
            "reference": "C",
            "sentence_date": date(2026, 2, 10),
            "order_type": "suspended_sentence_order",
            "operational_period_end": date(2027, 12, 31),
        },
        {"reference": "D", "completed_minutes": 6000},
        {"reference": "E", "order_type": "youth_rehabilitation_order"},
        on=date(2026, 5, 11),
    )
    assert found.notes == ("no last day for the work: A, B",)
    assert [(one.reference, one.label) for one in found.dates] == [
        ("A", SIX), ("C", SIX), ("A", NINE), ("C", NINE), ("A", MEASURE), ("C", MEASURE),
        ("C", "end of the operational period"),
    ]  # fmt: skip


def test_a_review_point_before_the_practice_began_is_not_due() -> None:
    change = {"sentence_date": date(2021, 8, 31)}  # its nine months end on the last day of May 2022
    assert shown(days(change, on=date(2021, 9, 1))) == [(LAST, date(2022, 8, 30))]
    change = {"sentence_date": date(2021, 9, 1)}
    assert shown(days(change, on=date(2021, 9, 2)))[0] == (NINE, date(2022, 6, 1))


def test_days_are_in_order_and_then_by_reference() -> None:
    found = days({"reference": "B"}, {"reference": "A"}, {"reference": "C", "extended": True, "extended_to": date(2026, 4, 1)})  # fmt: skip
    assert [one.reference for one in found.dates] == ["A", "B", "C", "A", "B", "C", "A", "B", "C"]


def test_a_case_without_a_reference_is_noted() -> None:
    reports = [pr.check(evolve(ORDER, reference=None), on=ON) for _ in range(2)]
    reports[0].place = "row 2"
    found = pr.due_dates(reports)
    assert found.dates == ()
    assert found.notes == (
        "without a reference, and so not in the calendar: row 2, a case without a place",
    )


def test_two_cases_with_one_reference_are_refused_without_repeating_it() -> None:
    with pytest.raises(pr.CaseError, match="two cases have the same reference") as caught:
        days({}, {})
    assert "UPW-0007" not in str(caught.value)


def test_other_areas_do_not_have_due_days() -> None:
    assert pr.due_dates([pr.check(pr.Pod(reference="P"), on=ON)]) == module.Diary((), ())
    assert [name for name, area in pr.rulebook().areas.items() if area.due] == ["unpaid-work"]


LOCAL = """
area = "unpaid-work"

[local]
region = "North (made up)"
title = "A review at the start"
version = "1"
effective_from = 2025-01-01
approved_by = "Nobody (made up)"

[derived]
start_on = {{ is = "add_days(sentence_date, days_between(sentence_date, review_6_on))", about = "The day of{line} the start." }}

[rules."upw.north-start"]
title = "The review at the start is recorded"
basis = "local"
in_force = {{ from = 2025-01-06, by = "{by}" }}
must = "six_month_review_done"
not_met = "no review"
remedy = "Hold it."
replaces = "upw.review-6"
cites = [{{ source = "house", checked = 2026-11-21 }}]

[due]
{day} = {{ label = "north's review", rule = "upw.north-start", while = "not six_month_review_done" }}
"""


def north(folder: Path, *, day: str = "start_on", by: str = "on", line: str = "") -> pr.Rulebook:
    path = folder / "north.toml"
    path.write_text(LOCAL.format(day=day, by=by, line=line), encoding="utf-8")
    return pr.rulebook().extended_with(path)


@pytest.mark.parametrize("day", ["start_on", "review_6_on"])
def test_a_region_can_add_days_and_a_replaced_rule_does_not_have_days(
    tmp_path: Path, day: str
) -> None:
    found = days(rulebook=north(tmp_path, day=day))
    assert shown(found) == [
        ("north's review", date(2025, 7, 6)),
        (NINE, date(2025, 10, 6)),
        (LAST, date(2026, 1, 5)),
    ]
    assert found.dates[0].kind == f"unpaid-work:{day}"
    assert days(rulebook=north(tmp_path)).to_ical() != days().to_ical()


def test_the_rule_must_be_in_force_by_its_own_date(tmp_path: Path) -> None:
    book = north(tmp_path, by="sentence_date")
    assert "north's review" in dict(shown(days(rulebook=book)))
    before = days({"sentence_date": date(2025, 1, 5)}, rulebook=book)
    assert [one.label for one in before.dates] == [SIX, NINE, LAST]
    book = north(tmp_path, by="operational_period_end")
    unknown = days(rulebook=book)
    assert {one.needs for one in unknown.dates[:2]} == {("operational_period_end",)}
    assert unknown.notes == (
        f"{SIX} {IN_CALENDAR} (needs operational_period_end): UPW-0007",
        f"north's review {IN_CALENDAR} (needs operational_period_end): UPW-0007",
    )


def test_the_description_of_a_region_s_day_is_one_line(tmp_path: Path) -> None:
    book = north(tmp_path, line="\\r\\nEND:VEVENT\\u202e")
    assert days(rulebook=book).dates[0].about == "The day ofEND:VEVENT the start."


def test_known_due_days_stay_the_same_when_more_facts_are_known() -> None:
    """For any order: first check its due days, then give any value to each unknown fact."""
    random, area, flips = Random(20261122), pr.rulebook().area("unpaid-work"), 0
    for _ in range(150):
        case, on = question(random, area, unknown=0.4)
        if (before := answered(case, on)) is None:
            continue
        for fact in area.input_facts.values():
            if getattr(case, fact.name) is None and fact.default is None:
                after = answered(evolve(case, **{fact.name: value_of(random, fact)}), on)
                for old, new in zip(before, after or before, strict=True):
                    assert old in (None, new), (fact.name, case, on)
                    flips += old != new
    assert flips > 10


def answered(case: Any, on: date) -> list[bool | None] | None:
    try:
        report = pr.check(case, on=on)
    except (pr.CaseError, pr.NotInForce):
        return None
    return [module.is_due(report, fact)[0] for fact in report.area.due]


# --- The file -----------------------------------------------------------------------------------


def test_two_libraries_read_the_same_days_from_the_file() -> None:
    found = days({"nine_month_review_done": None})
    data = found.to_ical()
    events: list[Any] = icalendar.Calendar.from_ical(data).walk("VEVENT")
    assert [(str(e["summary"]), e["dtstart"].dt, str(e["uid"])) for e in events] == [
        (f"UPW-0007: {one.label}", one.on, one.uid) for one in found.dates
    ]
    assert [str(event["description"]) for event in events] == [
        one.description for one in found.dates
    ]
    assert {event["dtstamp"].dt for event in events} == {datetime(2025, 1, 15, tzinfo=UTC)}
    assert {type(event["dtstart"].dt) for event in events} == {date}

    other = vobject.readOne(data.decode())
    assert [(e.summary.value, e.dtstart.value, e.uid.value) for e in other.vevent_list] == [
        (f"UPW-0007: {one.label}", one.on, one.uid) for one in found.dates
    ]


def test_the_same_question_gives_the_same_bytes() -> None:
    assert days().to_ical() == days().to_ical()
    assert b"UPW-0007" not in b"".join(
        line for line in days().to_ical().splitlines() if line.startswith(b"UID")
    )
    assert len({one.uid for one in days({}, {"reference": "UPW-0008"}).dates}) == 6


@pytest.mark.parametrize(
    "reference",
    [
        "a\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:planted",
        "a\nATTACH:planted",
        "a;b,c\\n:d\"e'",
        "\\",
        "BEGIN:VCALENDAR",
        "é" * 200,
        "zero\u200bwidth\u2028line\u0085end",
    ],
)
def test_a_reference_is_always_text(reference: str) -> None:
    found = days({"reference": reference})
    data = found.to_ical()
    clean = "".join(letter for letter in reference if letter.isprintable())
    expected = [f"{clean}: {says}" for says in (SIX, NINE, LAST)]
    calendar: Any = icalendar.Calendar.from_ical(data)
    events = calendar.walk("VEVENT")
    assert [str(event["summary"]) for event in events] == expected
    names = {"UID", "DTSTAMP", "DTSTART", "SUMMARY", "DESCRIPTION", "TRANSP"}
    assert all(set(event) == names for event in events)
    assert len(calendar.walk()) == 4
    other = vobject.readOne(data.decode())
    assert [event.summary.value for event in other.vevent_list] == expected
    assert max(map(len, data.split(b"\r\n"))) <= 75


def test_a_reference_without_visible_characters_is_not_used() -> None:
    assert "not in the calendar" in days({"reference": "\u200b"}).notes[0]


def test_without_the_extra_the_message_names_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(_: str) -> None:
        raise ModuleNotFoundError(name="icalendar")

    monkeypatch.setattr(module, "import_module", missing)
    with pytest.raises(pr.MissingExtra, match=r"probation-rules\[ics\]"):
        days().to_ical()
