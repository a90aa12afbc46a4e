"""The page of curfew variations: the week before and after, steps done and next."""

from __future__ import annotations

import json
from typing import Any

import pytest

from support.command_line import Run
from support.html_page import Element, parsed, require_inert, require_navigable, require_sealed

ON = ("--on", "2026-11-21")


def periods(start: str, place: str) -> list[dict[str, Any]]:
    return [
        {"day": day, "start": start, "minutes": 600, "place": place} for day in ("monday", "friday")
    ]


OFFICER: dict[str, Any] = {
    "reference": "EX-C1", "order_type": "community_order", "adult": True,
    "convicted_on": "2026-03-02", "order_made_on": "2026-03-20", "order_in_force": True,
    "has_curfew_requirement": True, "first_effect_on": "2026-03-23",
    "curfew_ends_on": "2027-01-20", "circumstances_changed": True, "person_consents": True,
    "boundary_changes": False, "residence_requirement_conflicts": False,
    "has_monitoring_requirement": True, "monitoring_would_differ": False,
    "current": periods("19:00", "address A"), "proposed": periods("21:00", "address A"),
    "steps": {
        "form": {"done": True, "on": "2026-11-02"},
        "spo_triage": {"done": False},
    },
}  # fmt: skip

COURT_NOTICE = (
    "The court has been given notice: a copy of the variation notice. The court must then amend the "
    "order (Schedule 10, paragraph 17A; Schedule 16, paragraph 24A)."
)
CONSENT_EVIDENCE = (
    "Evidence of the person's consent was sent to the court with the copy of the variation notice."
)


def variation(run: Run, case: dict[str, Any], *options: str) -> Element:
    result = run(
        *("check", "curfew-variation", "-", *ON, *options, "--format", "html"),
        stdin=json.dumps(case),
    )
    found = parsed(result.stdout)
    require_inert(found)
    require_sealed(found)
    require_navigable(found)
    return found.one("article")


def steps(found: Element) -> dict[str, tuple[str, str]]:
    (table,) = found.all("table", class_="steps")
    return {about: (state, day) for about, state, day in table.rows()}


def test_a_variation_says_its_route_and_whose_the_next_step_is(run: Run) -> None:
    found = variation(run, OFFICER)
    assert found.one("h3").text == "EX-C1 : officer"
    assert "Next step: SPO triage. Who: SPO." in found.text.replace("  ", " ").replace(" :", ":")
    assert "The officer may make the change, following the steps of the process." in found.text


def test_the_two_weeks_are_drawn_with_a_table_of_the_same_times(run: Run) -> None:
    found = variation(run, OFFICER)
    drawing = found.one("figure").one("svg")
    assert len(drawing.all("rect")) == 8  # two periods a week, each past midnight
    table = found.one("figure").one("table")
    assert table.rows()[0] == [
        *("Monday", "19:00 to 24:00, address A", "5 h", "21:00 to 24:00, address A", "3 h")
    ]
    scrolled = [one for one in found.all("div", class_="scroll") if one.all("figure")]
    assert len(scrolled) == 1


def test_steps_are_done_not_done_not_known_or_not_needed(run: Run) -> None:
    found = steps(variation(run, OFFICER))
    assert found["The application form is complete."] == ("done", "2 Nov 2026")
    assert found["The SPO's triage is done."] == ("not done", "")
    assert found[COURT_NOTICE] == ("not known", "")
    assert found[CONSENT_EVIDENCE] == ("not known", "")
    # The place stays: nothing of a new place is needed.
    assert found["EMS has attended the new place."] == ("not needed", "")
    assert found["The safeguarding check of the new place is done."] == ("not needed", "")
    assert list(found)[-1] == "The record in nDelius is made."


def test_at_a_new_place_its_checks_are_asked_for(run: Run) -> None:
    moved = {
        **OFFICER, "proposed": periods("19:00", "address B"), "safeguarding_checked": True,
        "domestic_abuse_checked": False,
    }  # fmt: skip
    found = variation(run, moved)
    assert "Next step: checks." in found.text.replace(" :", ":")
    shown = steps(found)
    assert shown["The safeguarding check of the new place is done."][0] == "done"
    assert shown["The domestic abuse check of the new place is done."][0] == "not done"
    assert shown["EMS has attended the new place."][0] == "not known"


def test_the_evidence_of_consent_follows_the_notice_to_the_court(run: Run) -> None:
    done = {"done": True, "on": "2026-11-10"}
    given = {
        **OFFICER["steps"],
        "spo_triage": done,
        "pdu_head_approval": done,
        "court_notice": done,
    }
    found = steps(variation(run, {**OFFICER, "steps": given, "consent_evidence_sent": False}))
    assert found[COURT_NOTICE] == ("done", "10 Nov 2026")
    assert found[CONSENT_EVIDENCE] == ("not done", "")
    order = list(found)
    assert order.index(CONSENT_EVIDENCE) == order.index(COURT_NOTICE) + 1


@pytest.mark.parametrize(
    ("setting", "police"),
    [((), "not done"), (("--set", "notice_recipients=court_ems"), "not needed")],
)
def test_the_police_s_notice_is_not_needed_where_a_region_says_so(
    run: Run, setting: tuple[str, ...], police: str
) -> None:
    done = {"done": True, "on": "2026-11-10"}
    given = {
        **OFFICER["steps"], "spo_triage": done, "pdu_head_approval": done,
        "court_notice": done, "ems_notice": done, "police_notice": {"done": False},
    }  # fmt: skip
    case = {**OFFICER, "steps": given, "consent_evidence_sent": True}
    found = steps(variation(run, case, *setting))
    assert found["The police have been given notice."][0] == police


def test_a_change_that_goes_to_court_has_no_steps_here(run: Run) -> None:
    found = variation(run, {**OFFICER, "person_consents": False})
    assert found.one("h3").text == "EX-C1 : court"
    assert "Next step" not in found.text
    assert found.all("table", class_="steps") == []


def test_of_a_variation_without_facts_nothing_is_made_up(run: Run) -> None:
    found = variation(run, {"reference": "EX-C3"})
    assert found.one("h3").text == "EX-C3 : cannot tell"
    assert "Next step: cannot tell. Who: cannot tell." in found.text.replace(" :", ":")
    assert {state for state, _ in steps(found).values()} == {"not known"}
    assert "not known" in found.one("figure").one("table").text


@pytest.mark.parametrize("text", ["<script>1</script>", '"><img onerror=x>', "אבג"])
def test_a_hostile_place_is_shown_as_it_is(run: Run, text: str) -> None:
    found = variation(run, {**OFFICER, "current": periods("19:00", text)})
    assert found.one("figure").one("table").rows()[0][1] == f"19:00 to 24:00, {text}"
