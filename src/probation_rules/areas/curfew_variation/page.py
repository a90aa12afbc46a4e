"""The page of curfew variations: for each its route, its two weeks and its steps."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import fields_dict, frozen

from probation_rules.areas.curfew_variation.case import CurfewSteps
from probation_rules.areas.curfew_variation.picture import week_picture
from probation_rules.caseload.answered import Answered
from probation_rules.caseload.layout import day, words
from probation_rules.caseload.model import Caseload

_ABBREVIATIONS = ("ems", "pdu", "spo")
_CHECKS = ("safeguarding_checked", "domestic_abuse_checked")
# The facts that show that a step is done or not needed.
_SETTLED_BY = {
    **dict.fromkeys(_CHECKS, "checks_done"),
    "police_notice_done": "notices_done",
    "ems_attendance_done": "attendance_done",
}


@frozen
class Done:
    """One step: what it is, whether it is done in words, and the day if known."""

    about: str
    state: str
    on: str


@frozen
class Variation:
    """One variation wanted.

    Attributes:
        label: Its reference, or its place in the file.
        route: Which way it goes, in words.
        about: What that means.
        next: The officer's next step in words, and whose it is; ``None`` where the change surely
            goes another way.
        picture: The week before and after, as HTML of this library's own.
        steps: The officer's steps in order; none where the change surely goes another way.
    """

    label: str
    route: str
    about: str
    next: tuple[str, str] | None
    picture: str
    steps: tuple[Done, ...]


def variations(found: Caseload) -> tuple[Variation, ...]:
    """Return what there is to show of each variation, the most urgent first."""
    return tuple(variation(one) for one in found.cases)


def variation(one: Answered) -> Variation:
    """Return what there is to show of one variation."""
    report = one.report
    stage, facts = report.stage, report.facts
    on_route = facts["next_step"] != "none"
    return Variation(
        label=one.label,
        route=one.stage,
        about=report.area.stages[stage].about if stage else "Something that decides it is missing.",
        next=(_named(facts["next_step"]), _named(facts["next_step_by"])) if on_route else None,
        picture=week_picture(report.case),
        steps=tuple(_steps(one)) if on_route else (),
    )


def _named(name: str | None) -> str:
    """Return a name of the rules file as words, with its abbreviations in capitals."""
    return " ".join(one.upper() if one in _ABBREVIATIONS else one for one in words(name).split())


def _steps(one: Answered) -> Iterator[Done]:
    area, facts = one.report.area, one.report.facts
    for name in _shown():
        done = facts[name]
        settled = name in _SETTLED_BY and facts[_SETTLED_BY[name]]
        state = {True: "done", False: "not done", None: "not known"}[done]
        on = facts.get(f"{name.removesuffix('_done')}_on")
        yield Done(
            about=area.facts[name].about,
            state="not needed" if settled and not done else state,
            on=day(on) if on else "",
        )


def _shown() -> Iterator[str]:
    """Yield the facts that are shown as done or not done, in the order of the process."""
    yield from _CHECKS
    for step in fields_dict(CurfewSteps):
        yield f"{step}_done"
        if step == "court_notice":
            yield "consent_evidence_sent"
