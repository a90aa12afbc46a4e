"""Read curfews from the electronic monitoring service and from the data for its supplier.

An order of the service has `curfewTimeTable` and `curfewConditions`. The data for the supplier has
`curfew_duration`, `curfew_start` and `curfew_end`. A variation gives the requested week, but not the
week before it; a new order gives the current week. Both shapes give the same case for the same order.
Places are read only as labels. Names, addresses and free text about a variation are never read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from probation_rules.errors import CaseError, Problem
from probation_rules.intake.moments import london_day
from probation_rules.readers.curfew_week import Week
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

_KindOf = Callable[[Mapping[str, object], str, Notes], object]
_Reader = Callable[[Mapping[str, object], object, str, Notes], Order]

_NO_TYPE: Sentence = (
    "order may be of several kinds: its type is unknown",
    "orders may be of several kinds: their type is unknown",
)
_VARIATION: Sentence = (
    "order is a variation: it gives the requested timetable, but not the one before",
    "orders are variations: they give the requested timetable, but not the one before",
)
_MOVED: Sentence = (
    "order moves to another address: it gives the requested timetable, with a changed place",
    "orders move to another address: they give the requested timetable, with a changed place",
)
_REJECTED: Sentence = (
    "order is rejected: it is not in force, and was left out",
    "orders are rejected: they are not in force, and were left out",
)
_ENDED: Sentence = (
    "order only revokes the order or ends its monitoring: it was left out",
    "orders only revoke the order or end its monitoring: they were left out",
)
_NO_KIND: Sentence = (
    "order is an unknown kind of request: its timetable may be the current or the requested one",
    "orders are an unknown kind of request: their timetable may be the current or the requested one",
)
_NO_SUBCATEGORY: Sentence = (
    "variation has no subcategory: it is read as the requested week, but may be a revocation",
    "variations have no subcategory: they are read as the requested week, but may be revocations",
)
_NO_END: Sentence = (
    "order has the end 2040-01-01 23:59:00, which means that it is not set: its end is unknown",
    "orders have the end 2040-01-01 23:59:00, which means that it is not set: their end is unknown",
)
_NO_TIMETABLE: Sentence = ("order has no timetable", "orders have no timetable")

# A requirement of a community order may belong to any of these. Only some records give the kind.
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
# Kinds of order in the service's words, each with the meaning of its timetable, or the reason for
# leaving it out.
_NEW = ("REQUEST", "AMEND_ORIGINAL_REQUEST")
_CURRENT = (*_NEW, "REINSTALL_DEVICE")
_WANTED = {"VARIATION": _VARIATION, "REINSTALL_AT_DIFFERENT_ADDRESS": _MOVED}
_LEFT_OUT = {"REJECTED": _REJECTED, "REVOCATION": _ENDED, "END_MONITORING": _ENDED}
# The supplier's words for these kinds. A variation has a subcategory, which begins with a code.
_REQUESTS = {"New Order": "REQUEST", "Rejected": "REJECTED"}
_SUBCATEGORIES = {
    "SR04": "REINSTALL_DEVICE",
    "SR05": "REINSTALL_AT_DIFFERENT_ADDRESS",
    "SR08": "VARIATION",
    "SR11": "END_MONITORING",
    "SR21": "REVOCATION",
}
_CODE_LENGTH = 4
_WITHOUT_END = "2040-01-01 23:59:00"  # the service sends this for an order without an end
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Hour 24 is refused: Python 3.14 reads it as the next day, but other versions refuse it.
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ]([01][0-9]|2[0-3]):.*)?")


def service_orders(
    value: object,
    path: str,
    on: date | None,  # noqa: ARG001  # all shapes have this argument; a curfew that has ended is kept
    notes: Notes,
) -> Iterator[Order | Problem]:
    """Yield each order of the service."""
    yield from _orders(value, path, notes, "curfewTimeTable", _version_type, _service_order)


def supplier_orders(
    value: object,
    path: str,
    on: date | None,  # noqa: ARG001  # as above
    notes: Notes,
) -> Iterator[Order | Problem]:
    """Yield each order from the data for the supplier."""
    yield from _orders(value, path, notes, "order_request_type", _request_kind, _supplier_order)


def _orders(
    value: object, path: str, notes: Notes, mark: str, kind_of: _KindOf, read: _Reader
) -> Iterator[Order | Problem]:
    for where, payload in payloads(value, path):
        try:
            order = as_object(payload, where)
            if mark not in order:
                notes.add(*OTHER_SHAPE)
                continue
            kind = kind_of(order, where, notes)
            if isinstance(kind, str) and kind in _LEFT_OUT:
                notes.add(*_LEFT_OUT[kind])
            else:
                yield read(order, kind, where, notes)
        except CaseError as error:
            yield from error.problems


# --- The service's own order --------------------------------------------------------------------


def _service_order(order: Mapping[str, object], kind: object, path: str, notes: Notes) -> Order:
    monitoring = part(order, "monitoringConditions", path) or {}
    conditions = part(order, "curfewConditions", path) or {}
    week = Week(("dayOfWeek", "startTime", "endTime"))
    for where, row in _objects(order["curfewTimeTable"], f"{path}.curfewTimeTable"):
        week.add(row, where, week.places(row.get("curfewAddress"), f"{where}.curfewAddress"))
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
                _day(conditions.get("startDate")) if kind in _NEW else None,
            ),
            "curfew_ends_on": (".curfewConditions.endDate", _day(conditions.get("endDate"))),
            **_timetable(".curfewTimeTable", week, kind, notes),
        },
    )


def _version_type(order: Mapping[str, object], path: str, _: Notes) -> object:
    """Return the kind of request of the last version of an order."""
    versions = _objects(order.get("versions"), f"{path}.versions")
    return versions[-1][1].get("type") if versions else order.get("type")


# --- The data for the supplier ------------------------------------------------------------------


def _supplier_order(order: Mapping[str, object], kind: object, path: str, notes: Notes) -> Order:
    conditions = _objects(order.get("enforceable_condition"), f"{path}.enforceable_condition")
    has_curfew = any(one.get("condition") == "Curfew with EM" for _, one in conditions)
    reference = order.get("order_id") or None
    end = order.get("curfew_end")
    if end == _WITHOUT_END:
        notes.add(*_NO_END)
        end = None
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
                _day(order.get("curfew_start")) if kind in _NEW else None,
            ),
            "curfew_ends_on": (".curfew_end", _day(end)),
            **_timetable(
                ".curfew_duration",
                _scheduled(order.get("curfew_duration"), f"{path}.curfew_duration"),
                kind,
                notes,
            ),
        },
    )


def _request_kind(order: Mapping[str, object], _: str, notes: Notes) -> object:
    """Return the kind of request in the service's words, or ``None`` if it is unknown."""
    request = order["order_request_type"]
    if request != "Variation":
        return _REQUESTS.get(str(request))
    subcategory = order.get("subcategory")
    if subcategory in (None, ""):
        notes.add(*_NO_SUBCATEGORY)
        return "VARIATION"
    return _SUBCATEGORIES.get(str(subcategory)[:_CODE_LENGTH])


def _scheduled(durations: object, path: str) -> Week:
    """Return the rows of all locations."""
    week = Week(("day", "start", "end"))
    for where, duration in _objects(durations, path):
        places = week.places(duration.get("location"), f"{where}.location")
        for inner, row in _objects(duration.get("schedule"), f"{where}.schedule"):
            week.add(row, inner, places)
    return week


# --- Both shapes --------------------------------------------------------------------------------


def _objects(value: object, path: str) -> list[tuple[str, Mapping[str, object]]]:
    """Return the objects of a list, each with its path."""
    if value in (None, ""):
        return []
    if not isinstance(value, list):
        raise CaseError([Problem("must be a list", path)])
    paths = [f"{path}[{place}]" for place in range(len(value))]
    return [(where, as_object(one, where)) for where, one in zip(paths, value, strict=True)]


def _order_type(
    record: Mapping[str, object], condition: str, sentence: str, notes: Notes
) -> str | None:
    if str(record.get("hdc")).upper() == "YES":
        return "home_detention_curfew"
    found = _CONDITIONS.get(str(record.get(condition))) or _SENTENCES.get(str(record.get(sentence)))
    if found is None:
        notes.add(*_NO_TYPE)
    return found


def _timetable(path: str, week: Week, kind: object, notes: Notes) -> dict[str, tuple[str, object]]:
    """Return the current week or the requested week, by the kind of order, or neither."""
    periods = week.periods()
    if not periods:
        notes.add(*_NO_TIMETABLE)
    if kind in _CURRENT:
        return {"current": (path, periods or None)}
    if isinstance(kind, str) and kind in _WANTED:
        notes.add(*_WANTED[kind])
        return {"proposed": (path, periods or None)}
    notes.add(*_NO_KIND)
    return {}


def _day(value: object) -> object:
    """Return the day in Britain of a moment, which is a text or seconds since 1970.

    Any other value is returned unchanged.
    """
    if value in (None, ""):
        return None
    try:
        if isinstance(value, str) and _MOMENT.fullmatch(value):
            moment = datetime.fromisoformat(value)
        elif isinstance(value, int | Decimal) and not isinstance(value, bool):
            moment = _EPOCH + timedelta(seconds=int(value))
        else:
            return value
        return moment.date() if moment.tzinfo is None else london_day(moment)
    except (OverflowError, ValueError):  # not a moment, or outside the calendar
        return value


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
