"""The days that a caseload comes to, and the iCalendar file of them, read back by two parsers."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import icalendar
import pytest
import vobject
from attrs import evolve

import probation_rules as pr
from probation_rules import diary as module

ON = date(2025, 1, 15)  # long before the limit may have ended
ORDER = pr.UnpaidWorkOrder(
    reference="UPW-0007",
    order_type="community_order",
    sentence_date=date(2025, 1, 6),
    required_minutes=6000,
    completed_minutes=60,
    extended=False,
)
SIX, NINE, LAST = "six-month review point", "nine-month review point", "last day in force"


def days(*changes: dict[str, Any], on: date = ON, weeks: int | None = None, **question: Any) -> Any:
    orders = [evolve(ORDER, **change) for change in changes or ({},)]
    return pr.due_dates([pr.check(one, on=on, **question) for one in orders], weeks=weeks)


def told(found: pr.Diary) -> list[tuple[str, date]]:
    return [(one.says, one.on) for one in found.dates]


def test_an_order_s_coming_days() -> None:
    found = days()
    assert told(found) == [
        (SIX, date(2025, 7, 6)),
        (NINE, date(2025, 10, 6)),
        (LAST, date(2026, 1, 5)),
    ]
    assert found.notes == ()
    assert found.dates[0].about == "The six-month point."
    assert {one.asked_on for one in found.dates} == {ON}


def test_a_day_counts_on_the_day_itself_and_not_the_day_after() -> None:
    assert told(days(on=date(2025, 7, 6)))[0] == (SIX, date(2025, 7, 6))
    assert told(days(on=date(2025, 7, 7)))[0] == (NINE, date(2025, 10, 6))
    assert told(days(on=date(2026, 1, 5))) == [(LAST, date(2026, 1, 5))]
    assert told(days(on=date(2026, 1, 6))) == []


def test_the_last_day_of_the_last_week_counts() -> None:
    assert told(days(weeks=1, on=date(2025, 6, 29))) == [(SIX, date(2025, 7, 6))]
    assert told(days(weeks=1, on=date(2025, 6, 28))) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"completed_minutes": 6000}, []),  # nothing is left to be done
        ({"six_month_review_done": True}, [NINE, LAST]),
        ({"six_month_review_done": False}, [SIX, NINE, LAST]),
        ({"nine_month_review_done": True}, [SIX, LAST]),
        # No source shows a twelve-month rule for it; the reviews are practice for every order.
        ({"order_type": "youth_rehabilitation_order"}, [SIX, NINE]),
    ],
)
def test_what_is_over_or_does_not_apply_is_left_out(
    change: dict[str, Any], expected: list[str]
) -> None:
    found = days(change)
    assert [one.says for one in found.dates] == expected
    assert found.notes == ()


def test_a_suspended_sentence_ends_with_its_operational_period() -> None:
    change = {
        "order_type": "suspended_sentence_order",
        "operational_period_end": date(2025, 9, 1),
    }
    # The nine-month point comes after it, when nothing can be done any more.
    assert told(days(change)) == [(SIX, date(2025, 7, 6)), (LAST, date(2025, 9, 1))]


def test_an_extension_moves_the_last_day_and_not_its_name() -> None:
    extended = days({"extended": True, "extended_to": date(2026, 4, 1)})
    assert told(extended)[-1] == (LAST, date(2026, 4, 1))
    assert extended.dates[-1].uid == days().dates[-1].uid


def test_what_cannot_be_told_is_noted_and_never_guessed() -> None:
    found = days(
        {"extended": None}, {"extended": None, "reference": "UPW-0008"}, {"completed_minutes": None}
    )
    assert [one.says for one in found.dates] == [SIX, SIX, NINE, NINE]
    assert found.notes == (
        f"{LAST} cannot be told (needs extended): UPW-0007, UPW-0008",
        f"{SIX} cannot be told (needs completed_minutes): UPW-0007",
        f"{NINE} cannot be told (needs completed_minutes): UPW-0007",
        f"{LAST} cannot be told (needs completed_minutes): UPW-0007",
    )
    (note, *_) = days({"sentence_date": None}).notes
    assert note == f"{SIX} cannot be told (needs sentence_date): UPW-0007"
    assert days({"extended": None}, assuming={"extended": False}).notes == ()


def test_the_limit_has_to_stand_on_the_last_day_itself() -> None:
    """Asked before the first day on which the limit may have ended, about a day after it."""
    change = {"sentence_date": date(2025, 6, 9)}
    on = date(2025, 6, 10)
    found = days(change, on=on)
    assert [one.says for one in found.dates] == [SIX, NINE]
    assert found.notes == (f"{LAST} cannot be told (needs twelve_month_limit_ends_on): UPW-0007",)
    ends = "twelve_month_limit_ends_on"
    stands = days(change, on=on, settings={ends: date(2026, 6, 9)})
    assert told(stands)[-1] == (LAST, date(2026, 6, 8))
    ended = days(change, on=on, settings={ends: date(2026, 6, 8)})
    assert [one.says for one in ended.dates] == [SIX, NINE]
    assert ended.notes == ()


def test_a_review_point_before_the_practice_began_is_none() -> None:
    change = {"sentence_date": date(2021, 8, 31)}  # its nine months end on the eve of June 2022
    assert told(days(change, on=date(2021, 9, 1))) == [(LAST, date(2022, 8, 30))]
    change = {"sentence_date": date(2021, 9, 1)}
    assert told(days(change, on=date(2021, 9, 2)))[0] == (NINE, date(2022, 6, 1))


def test_days_stand_in_their_order_then_by_reference() -> None:
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


def test_two_cases_of_one_reference_are_refused_without_naming_it() -> None:
    with pytest.raises(pr.CaseError, match="two cases have the same reference") as caught:
        days({}, {})
    assert "UPW-0007" not in str(caught.value)


def test_other_areas_have_no_days() -> None:
    assert pr.due_dates([pr.check(pr.Pod(reference="P"), on=ON)]) == pr.Diary((), ())
    assert set(module.ENTRIES) <= set(pr.rulebook().areas)


def test_a_rule_that_a_region_replaced_gives_no_day() -> None:
    report = pr.check(ORDER, on=ON)
    area = evolve(report.area, rules=tuple(r for r in report.area.rules if r.id != "upw.review-6"))
    report.area = area
    assert [one.says for one in pr.due_dates([report]).dates] == [NINE, LAST]


# --- The file -----------------------------------------------------------------------------------


def test_the_file_is_read_back_as_it_was_by_the_library_and_by_another() -> None:
    found = days()
    data = found.to_ical()
    events: list[Any] = icalendar.Calendar.from_ical(data).walk("VEVENT")
    assert [(str(e["summary"]), e["dtstart"].dt, str(e["uid"])) for e in events] == [
        (f"UPW-0007: {one.says}", one.on, one.uid) for one in found.dates
    ]
    assert {event["dtstamp"].dt for event in events} == {datetime(2025, 1, 15, tzinfo=UTC)}
    assert {type(event["dtstart"].dt) for event in events} == {date}

    other = vobject.readOne(data.decode())
    assert [(e.summary.value, e.dtstart.value, e.uid.value) for e in other.vevent_list] == [
        (f"UPW-0007: {one.says}", one.on, one.uid) for one in found.dates
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
def test_a_reference_cannot_become_anything_but_text(reference: str) -> None:
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


def test_a_reference_of_nothing_visible_is_none() -> None:
    assert "not in the calendar" in days({"reference": "\u200b"}).notes[0]


def test_without_the_extra_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_: str) -> None:
        raise ModuleNotFoundError(name="icalendar")

    monkeypatch.setattr(module, "import_module", missing)
    with pytest.raises(pr.EngineUnavailable, match=r"probation-rules\[ics\]"):
        days().to_ical()
