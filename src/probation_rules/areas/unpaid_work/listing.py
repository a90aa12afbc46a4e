"""The columns and order of a list of unpaid work orders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from probation_rules.caseload.layout import HOUR, Cell, Column, Layout, day, hours
from probation_rules.report import Report

Facts = Mapping[str, Any]


NOT_COVERED = "not_covered"


def days_to_last(facts: Facts) -> int | None:
    """Days to the last day in force.

    If it is not known or does not exist: days to the last of the twelve months.
    """
    left: int | None = facts["days_left"]
    return facts["days_to_twelve_months"] if left is None else left


def no_last_day(facts: Facts) -> bool:
    """Whether the law gives an order no last day, which is not the same as one that is not known."""
    return bool(facts["last_day_goes_by"] == "no_last_day")


def _last_day(report: Report) -> Cell:
    facts = report.facts
    last, twelve = facts["last_day"], facts["twelve_month_last_day"]
    if report.stage == NOT_COVERED:
        return Cell("")
    if no_last_day(facts):
        return Cell("none")
    if last is None and twelve is None:
        return Cell("not known")
    mark = "" if last else "~"
    return Cell(f"{mark}{day(last or twelve)}", value=last or twelve, mark=mark)


def _days_left(report: Report) -> Cell:
    facts = report.facts
    days = days_to_last(facts)
    if days is None or report.stage == NOT_COVERED:
        return Cell("")
    mark = "*" if no_last_day(facts) else "~" if facts["days_left"] is None else ""
    return Cell(f"{mark}{days:,}", value=days, mark=mark)


def _hours_left(report: Report) -> Cell:
    return _hours(report.facts["outstanding_minutes"])


def _a_week(report: Report) -> Cell:
    """Hours a week needed; empty if no hours are left, or if there is no day to work towards."""
    facts = report.facts
    goes_by, minutes = facts["rate_goes_by"], facts["minutes_a_week_needed"]
    if goes_by in (None, "no_day") or minutes == 0:
        return Cell("")
    return _hours(minutes, "*" if goes_by == "twelve_month_measure" else "")


def _hours(minutes: int | None, mark: str = "") -> Cell:
    value = None if minutes is None else minutes / HOUR
    return Cell(mark + hours(minutes), value=value, mark=mark)


_ABOUT = {
    "last day": "The last day on which the work may be done.",
    "days left": "Days from the day asked about to the last day; below 0 after it.",
    "hours left": "Hours ordered, with adjustments, less the hours completed.",
    "a week": "Hours a week that would finish the work in time.",
}
LAYOUT = Layout(
    one="order",
    many="orders",
    first=("backlog", "past_twelve_months", "lapsed"),
    last=(NOT_COVERED, "complete"),
    soonest=("days_left", "days_to_twelve_months"),
    most=("minutes_a_week_needed", "outstanding_minutes"),
    pairs=(
        (
            Column("last day", _last_day, _ABOUT["last day"], right=True),
            Column("days left", _days_left, _ABOUT["days left"], right=True),
        ),
        (
            Column("hours left", _hours_left, _ABOUT["hours left"], right=True),
            Column("a week", _a_week, _ABOUT["a week"], right=True, heading="hours a week needed"),
        ),
    ),
    marks=("~", "*"),
    legend=(
        "~ the last day is not known, so this is by the last day of the twelve months\n"
        "* the law gives the order no last day, so this is by the last day of the twelve months "
        "that the performance measure counts"
    ),
)
