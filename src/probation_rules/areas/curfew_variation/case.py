"""What a caller says about one electronically monitored curfew and the change wanted to it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time
from functools import cached_property
from typing import Literal

from attrs import frozen

from probation_rules.areas.curfew_variation import timetable
from probation_rules.areas.curfew_variation.timetable import Span

OrderType = Literal[
    "community_order",
    "suspended_sentence_order",
    "youth_rehabilitation_order",
    "supervision_default_order",
    "licence",
    "home_detention_curfew",
    "bail",
]
Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


@frozen(kw_only=True)
class CurfewPeriod:
    """One curfew period of the week that repeats. All of it must be known.

    Attributes:
        day: The weekday on which it starts.
        start: When it starts, by the clock on the wall, in whole minutes.
        minutes: How long it lasts, by the same clock; it may run past midnight.
        place: A label for the place, never an address: periods at one place have the same label.
    """

    day: Day
    start: time
    minutes: int
    place: str


@frozen(kw_only=True)
class Step:
    """One step of the process: whether it is done, and the day it was."""

    done: bool | None = None
    on: date | None = None


@frozen(kw_only=True)
class CurfewSteps:
    """What has been done so far to vary a curfew. ``None`` is *not known*.

    Attributes:
        form: The application form is complete.
        spo_triage: The SPO has triaged it.
        pdu_head_approval: The head of the PDU has approved it.
        court_notice: The court has been given notice.
        ems_notice: EMS has been given notice.
        police_notice: The police have been given notice.
        ems_confirmation: EMS has confirmed.
        ems_attendance: EMS has attended the new place.
        person_told: The person on probation has been told.
        recorded: The contact is recorded in nDelius.
    """

    form: Step | None = None
    spo_triage: Step | None = None
    pdu_head_approval: Step | None = None
    court_notice: Step | None = None
    ems_notice: Step | None = None
    police_notice: Step | None = None
    ems_confirmation: Step | None = None
    ems_attendance: Step | None = None
    person_told: Step | None = None
    recorded: Step | None = None


def _of_step(step: str, field: str) -> property:
    """A property that reads one field of one step; ``None`` where the step is not known."""
    return property(lambda case: getattr(getattr(case.steps, step, None), field, None))


@frozen(kw_only=True)
class CurfewVariation:
    """One curfew and the change wanted, as far as known. ``None`` is *not known*.

    Two timetables are compared one to one: `proposed[i]` takes the place of `current[i]`. What is
    worked out from them stands below as properties and is ``None`` while a timetable is not known.

    Attributes:
        reference: The caller's own label; shown, never judged.
        order_type: What the curfew is part of.
        adult: Whether the order was made on an adult.
        convicted_on: The day of conviction. It decides which limits and which process hold.
        order_made_on: The day the order was made.
        order_in_force: Whether the order is in force.
        has_curfew_requirement: Whether the order holds a curfew requirement.
        first_effect_on: The day on which the curfew requirement first takes effect.
        curfew_ends_on: The last day of the curfew, that day included.
        circumstances_changed: Whether the person's own circumstances have changed since the order
            was made.
        person_consents: Whether the person on probation consents.
        has_monitoring_requirement: Whether the order has an electronic compliance monitoring
            requirement under paragraph 10(3).
        monitoring_would_differ: Whether the officer considers that the court, making the order as
            varied, would not have imposed that requirement or would have imposed another.
        boundary_changes: Whether the boundary set at an address would change.
        current: The timetable as it is.
        proposed: The timetable wanted.
        place_information_considered: Whether information on the new place was obtained and
            considered, with the attitude of those whom it would affect.
        safeguarding_checked: Whether the safeguarding check of the new place is done.
        domestic_abuse_checked: Whether the domestic abuse check of the new place is done.
        householder_consents: Whether the holder of a new address consents.
        residence_requirement_conflicts: Whether the new place would not be consistent with a
            residence requirement of the order.
        consent_evidence_sent: Whether evidence of the person's consent is sent to the court with
            the copy of the variation notice.
        steps: What has been done so far.
    """

    reference: str | None = None
    order_type: OrderType | None = None
    adult: bool | None = None
    convicted_on: date | None = None
    order_made_on: date | None = None
    order_in_force: bool | None = None
    has_curfew_requirement: bool | None = None
    first_effect_on: date | None = None
    curfew_ends_on: date | None = None
    circumstances_changed: bool | None = None
    person_consents: bool | None = None
    has_monitoring_requirement: bool | None = None
    monitoring_would_differ: bool | None = None
    boundary_changes: bool | None = None
    current: tuple[CurfewPeriod, ...] | None = None
    proposed: tuple[CurfewPeriod, ...] | None = None
    place_information_considered: bool | None = None
    safeguarding_checked: bool | None = None
    domestic_abuse_checked: bool | None = None
    householder_consents: bool | None = None
    residence_requirement_conflicts: bool | None = None
    consent_evidence_sent: bool | None = None
    steps: CurfewSteps | None = None

    def contradictions(self) -> Iterator[tuple[str, str]]:
        """Yield what cannot be so of the timetables, and where: periods that share a minute."""
        for name, week in (("current", self._current_week), ("proposed", self._proposed_week)):
            for first, second in timetable.overlaps(week or ()):
                yield f"this period overlaps {name}[{first}]", f"{name}[{second}]"

    # --- the result: the timetable wanted ----------------------------------------------------

    @property
    def week_minutes(self) -> int | None:
        """Minutes of curfew in the week that repeats, on whatever weekday it is begun."""
        week = self._proposed_week
        return None if week is None else sum(one.minutes for one in week)

    @property
    def shortest_calendar_day(self) -> int | None:
        """Fewest minutes on a day with any; those after midnight on the day they fall in."""
        return min(self._calendar_days, default=None)

    @property
    def longest_calendar_day(self) -> int | None:
        """Most minutes on a day; those after midnight on the day they fall in."""
        return max(self._calendar_days, default=None)

    @property
    def shortest_start_day(self) -> int | None:
        """Fewest minutes on a day with any; a period's all on the day that it starts."""
        return min(self._start_days, default=None)

    @property
    def longest_start_day(self) -> int | None:
        """Most minutes on a day; a period's all on the day that it starts."""
        return max(self._start_days, default=None)

    @cached_property
    def _calendar_days(self) -> list[int]:
        week = self._proposed_week or ()
        return [minutes for minutes in timetable.calendar_minutes(week) if minutes]

    @cached_property
    def _start_days(self) -> list[int]:
        week = self._proposed_week or ()
        return [minutes for minutes in timetable.started_minutes(week) if minutes]

    # --- the steps -----------------------------------------------------------------------------

    form_done = _of_step("form", "done")
    form_on = _of_step("form", "on")
    spo_triage_done = _of_step("spo_triage", "done")
    spo_triage_on = _of_step("spo_triage", "on")
    pdu_head_approval_done = _of_step("pdu_head_approval", "done")
    pdu_head_approval_on = _of_step("pdu_head_approval", "on")
    court_notice_done = _of_step("court_notice", "done")
    court_notice_on = _of_step("court_notice", "on")
    ems_notice_done = _of_step("ems_notice", "done")
    ems_notice_on = _of_step("ems_notice", "on")
    police_notice_done = _of_step("police_notice", "done")
    police_notice_on = _of_step("police_notice", "on")
    ems_confirmation_done = _of_step("ems_confirmation", "done")
    ems_confirmation_on = _of_step("ems_confirmation", "on")
    ems_attendance_done = _of_step("ems_attendance", "done")
    ems_attendance_on = _of_step("ems_attendance", "on")
    person_told_done = _of_step("person_told", "done")
    person_told_on = _of_step("person_told", "on")
    recorded_done = _of_step("recorded", "done")
    recorded_on = _of_step("recorded", "on")

    # --- the change, one to one --------------------------------------------------------------

    @property
    def timetable_unchanged(self) -> bool | None:
        """Whether the same periods are wanted as there are, in whatever order they are given."""
        weeks = self._weeks
        return weeks and set(weeks[0]) == set(weeks[1])

    @property
    def same_number_of_periods(self) -> bool | None:
        """Whether as many periods are wanted as there are."""
        weeks = self._weeks
        return weeks and len(weeks[0]) == len(weeks[1])

    @property
    def lengths_unchanged(self) -> bool | None:
        """Whether each period keeps its length."""
        weeks = self._weeks
        return weeks and [one.minutes for one in weeks[0]] == [one.minutes for one in weeks[1]]

    @property
    def largest_shift_minutes(self) -> int | None:
        """How far the start that moves most moves, the shorter way round the week."""
        weeks = self._weeks
        return weeks and max(map(timetable.shift, *weeks), default=0)

    @property
    def place_changes(self) -> bool | None:
        """Whether some period is wanted at another place.

        Where the numbers of periods differ nothing stands against them one to one: then whether a
        place is wanted that is not in the timetable as it is.
        """
        weeks = self._weeks
        if weeks is None or len(weeks[0]) != len(weeks[1]):
            return self.new_place
        return any(old.place != new.place for old, new in zip(*weeks, strict=True))

    @property
    def new_place(self) -> bool | None:
        """Whether a place is wanted that is not in the timetable as it is."""
        weeks = self._weeks
        return weeks and not {one.place for one in weeks[1]} <= {one.place for one in weeks[0]}

    @property
    def _weeks(self) -> tuple[tuple[Span, ...], tuple[Span, ...]] | None:
        current, proposed = self._current_week, self._proposed_week
        return None if current is None or proposed is None else (current, proposed)

    # --- the timetables, worked out once -------------------------------------------------------

    @cached_property
    def _current_week(self) -> tuple[Span, ...] | None:
        return timetable.spans(self.current)

    @cached_property
    def _proposed_week(self) -> tuple[Span, ...] | None:
        return timetable.spans(self.proposed)
