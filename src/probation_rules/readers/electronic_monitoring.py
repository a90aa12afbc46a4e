"""Curfews as the electronic monitoring service and its supplier give them.

The service holds an order with `curfewTimeTable` and `curfewConditions`; what it sends to the
supplier has `curfew_duration`, `curfew_start` and `curfew_end`. A variation holds the week wanted
and not the week before it, a new order the other way round. Places are read as labels only;
names, addresses and what somebody wrote about a variation are never read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta

from probation_rules.errors import CaseError, Problem
from probation_rules.readers.feed import (
    OTHER_SHAPE,
    Notes,
    Order,
    Sentence,
    Shape,
    as_object,
    part,
    payloads,
)

_Reader = Callable[[Mapping[str, object], str, Notes], Order]

_NO_TYPE: Sentence = (
    "order does not say which of several kinds it is: its type is unknown",
    "orders do not say which of several kinds they are: their type is unknown",
)
_VARIATION: Sentence = (
    "order is a variation: its timetable is the one wanted, and the one before is not in it",
    "orders are variations: their timetable is the one wanted, and the one before is not in them",
)
_NO_TIMETABLE: Sentence = ("order has no timetable", "orders have no timetable")
_TEMPLATE: Sentence = (
    "reference is a template of test data and was taken as unknown",
    "references are templates of test data and were taken as unknown",
)

# A requirement of a community order may be of any of these, and only some say which.
_SENTENCES = {
    "COMMUNITY_SUSPENDED_SENTENCE": "suspended_sentence_order",
    "Suspended Sentence": "suspended_sentence_order",
    "COMMUNITY_YRO": "youth_rehabilitation_order",
    "Youth Rehabilitation Order (YRO)": "youth_rehabilitation_order",
    "COMMUNITY_SDO": "supervision_default_order",
    "Supervision Default Order": "supervision_default_order",
}
_CONDITIONS = {
    "LICENSE_CONDITION_OF_A_CUSTODIAL_ORDER": "licence",
    "License Condition of a Custodial Order": "licence",
    "BAIL_ORDER": "bail",
    "Bail Order": "bail",
}
_DAYS = {
    day[:2]: day
    for day in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
}
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])(:00)?")
# Hour 24 is refused: Python 3.14 takes it for the next day, others for no hour.
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ]([01][0-9]|2[0-3]):.*)?")
_LABEL = re.compile(r"[A-Za-z]+(_[A-Za-z]+)*(,[A-Za-z]+(_[A-Za-z]+)*)*")
_DAY_MINUTES = 24 * 60


def service_orders(
    value: object,
    path: str,
    on: date | None,  # noqa: ARG001  # every shape is given it; a curfew past its end is kept
    notes: Notes,
) -> Iterator[Order | Problem]:
    """Yield each order of the service."""
    yield from _orders(value, path, notes, "curfewTimeTable", _service_order)


def supplier_orders(
    value: object,
    path: str,
    on: date | None,  # noqa: ARG001  # as above
    notes: Notes,
) -> Iterator[Order | Problem]:
    """Yield each order as it is sent to the supplier."""
    yield from _orders(value, path, notes, "order_request_type", _supplier_order)


def _orders(
    value: object, path: str, notes: Notes, mark: str, read: _Reader
) -> Iterator[Order | Problem]:
    for where, payload in payloads(value, path):
        try:
            order = as_object(payload, where)
            if mark in order:
                yield read(order, where, notes)
            else:
                notes.add(*OTHER_SHAPE)
        except CaseError as error:
            yield from error.problems


# --- The service's own order --------------------------------------------------------------------


def _service_order(order: Mapping[str, object], path: str, notes: Notes) -> Order:
    monitoring = part(order, "monitoringConditions", path) or {}
    conditions = part(order, "curfewConditions", path) or {}
    kind = _version_type(order, path)
    rows = _objects(order["curfewTimeTable"], f"{path}.curfewTimeTable")
    periods = [
        _period(
            str(row.get("dayOfWeek")).lower(),
            row.get("startTime"),
            row.get("endTime"),
            _label(row.get("curfewAddress"), f"{path}.curfewTimeTable[{place}].curfewAddress"),
        )
        for place, row in enumerate(rows)
    ]
    starts = kind in ("REQUEST", "AMEND_ORIGINAL_REQUEST")
    return Order(
        path,
        {
            "reference": (".id", order.get("id")),
            "order_type": (
                ".monitoringConditions",
                _order_type(monitoring, "conditionType", "sentenceType", notes),
            ),
            "has_curfew_requirement": (".monitoringConditions.curfew", monitoring.get("curfew")),
            "first_effect_on": (
                ".curfewConditions.startDate",
                _day(conditions.get("startDate")) if starts else None,
            ),
            "curfew_ends_on": (".curfewConditions.endDate", _day(conditions.get("endDate"))),
            **_timetable(".curfewTimeTable", periods, wanted=kind == "VARIATION", notes=notes),
        },
    )


def _version_type(order: Mapping[str, object], path: str) -> object:
    """Return what kind of request the last version of an order is."""
    versions = _objects(order.get("versions"), f"{path}.versions")
    return versions[-1].get("type") if versions else order.get("type")


# --- What is sent to the supplier ---------------------------------------------------------------


def _supplier_order(order: Mapping[str, object], path: str, notes: Notes) -> Order:
    kind = order["order_request_type"]
    conditions = _objects(order.get("enforceable_condition"), f"{path}.enforceable_condition")
    has_curfew = any(one.get("condition") == "Curfew with EM" for one in conditions)
    reference = order.get("order_id") or None
    if isinstance(reference, str) and reference.startswith("{"):
        notes.add(*_TEMPLATE)
        reference = None
    return Order(
        path,
        {
            "reference": (".order_id", reference),
            "order_type": (
                ".condition_type",
                _order_type(order, "condition_type", "sentence_type", notes),
            ),
            "order_made_on": (".sentence_date", _day(order.get("sentence_date"))),
            "has_curfew_requirement": (".enforceable_condition", has_curfew or None),
            "first_effect_on": (
                ".curfew_start",
                _day(order.get("curfew_start")) if kind == "New Order" else None,
            ),
            "curfew_ends_on": (".curfew_end", _day(order.get("curfew_end"))),
            **_timetable(
                ".curfew_duration",
                _scheduled(order.get("curfew_duration"), f"{path}.curfew_duration"),
                wanted=kind == "Variation",
                notes=notes,
            ),
        },
    )


def _scheduled(durations: object, path: str) -> list[dict[str, object]]:
    """Return the periods of all locations; one at several locations is one period."""
    places: dict[tuple[object, object, object], list[str]] = {}
    for place, duration in enumerate(_objects(durations, path)):
        where = f"{path}[{place}]"
        label = _label(duration.get("location"), f"{where}.location")
        for row in _objects(duration.get("schedule"), f"{where}.schedule"):
            day = str(row.get("day")).lower()
            key = (_DAYS.get(day[:2], day), str(row.get("start")), str(row.get("end")))
            places.setdefault(key, []).append(label)
    return [_period(*times, ",".join(labels)) for times, labels in places.items()]


# --- What both share ----------------------------------------------------------------------------


def _objects(value: object, path: str) -> list[Mapping[str, object]]:
    if value in (None, ""):
        return []
    if not isinstance(value, list):
        raise CaseError([Problem("must be a list", path)])
    return [as_object(one, f"{path}[{place}]") for place, one in enumerate(value)]


def _order_type(
    said: Mapping[str, object], condition: str, sentence: str, notes: Notes
) -> str | None:
    if str(said.get("hdc")).upper() == "YES":
        return "home_detention_curfew"
    found = _CONDITIONS.get(str(said.get(condition))) or _SENTENCES.get(str(said.get(sentence)))
    if found is None:
        notes.add(*_NO_TYPE)
    return found


def _timetable(
    path: str, periods: list[dict[str, object]], *, wanted: bool, notes: Notes
) -> dict[str, tuple[str, object]]:
    if wanted:
        notes.add(*_VARIATION)
    if not periods:
        notes.add(*_NO_TIMETABLE)
    return {"proposed" if wanted else "current": (path, periods or None)}


def _period(day: object, start: object, end: object, place: str) -> dict[str, object]:
    """Return a period; what is not good in it is left for the case to refuse."""
    first, last = _minute(start), _minute(end)
    minutes = None if first is None or last is None else (last - first) % _DAY_MINUTES
    return {"day": day, "start": start, "minutes": minutes, "place": place}


def _minute(said: object) -> int | None:
    found = _TIME.fullmatch(said) if isinstance(said, str) else None
    return int(found[1]) * 60 + int(found[2]) if found else None


def _label(said: object, path: str) -> str:
    """Return the label of a place, which is words without blanks and so no address."""
    if isinstance(said, str) and _LABEL.fullmatch(said):
        return said
    raise CaseError([Problem("must be a label of a place, such as PRIMARY_ADDRESS", path)])


def _day(said: object) -> object:
    """Return the day in Britain that a date and time name; what names none is left as it is."""
    if not isinstance(said, str) or not _MOMENT.fullmatch(said):
        return said or None
    try:
        moment = datetime.fromisoformat(said)
        if moment.tzinfo is not None:
            moment = moment.astimezone(UTC)
            moment += timedelta(hours=_is_summer(moment))
    except (OverflowError, ValueError):  # no moment, or one beyond the ends of the calendar
        return said
    return moment.date()


def _is_summer(moment: datetime) -> bool:
    """Whether the clocks in Britain are an hour ahead: last Sundays of March to October, 01:00."""
    begins, ends = (
        last - timedelta(days=(last.weekday() + 1) % 7)
        for last in (datetime(moment.year, month, 31, 1, tzinfo=UTC) for month in (3, 10))
    )
    return begins <= moment < ends


SERVICE = Shape(
    area="curfew-variation",
    carries=frozenset(
        {
            "reference", "order_type", "has_curfew_requirement", "first_effect_on",
            "curfew_ends_on", "current", "proposed",
        }
    ),
    orders=service_orders,
)  # fmt: skip
SUPPLIER = Shape(
    area="curfew-variation",
    carries=SERVICE.carries | {"order_made_on"},
    orders=supplier_orders,
)
