"""Read case summaries from community-payback: one person with `unpaidWorkDetails`.

The service behind its screens gives the same, but without the outcome code, and with `offender`
instead of `case`. Neither gives an end date.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from probation_rules.errors import CaseError, Problem
from probation_rules.readers.feed import (
    OTHER_SHAPE,
    TERMINATED,
    Notes,
    Order,
    Sentence,
    Shape,
    as_object,
    is_terminated,
    order_type,
    ordered_minutes,
    part,
    payloads,
)

_WITHOUT_WORK: Sentence = (
    "person without unpaid work was left out",
    "persons without unpaid work were left out",
)


def orders(
    value: object,
    path: str,
    on: date | None,  # noqa: ARG001  # all shapes have this argument; this one does not have end dates
    notes: Notes,
) -> Iterator[Order | Problem]:
    """Yield each order with unpaid work."""
    for where, payload in payloads(value, path):
        try:
            yield from _orders_of(as_object(payload, where), where, notes)
        except CaseError as error:
            yield from error.problems


def _orders_of(summary: Mapping[str, object], path: str, notes: Notes) -> Iterator[Order | Problem]:
    if "unpaidWorkDetails" not in summary:
        notes.add(*OTHER_SHAPE)
        return
    details = summary["unpaidWorkDetails"] or []
    if not isinstance(details, list):
        yield Problem("must be a list", f"{path}.unpaidWorkDetails")
        return
    if not details:
        notes.add(*_WITHOUT_WORK)
    person = part(summary, "case", path) or part(summary, "offender", path) or {}
    for place, detail in enumerate(details):
        where = f"{path}.unpaidWorkDetails[{place}]"
        if isinstance(detail, dict):
            yield _order(person.get("crn"), detail, where, notes)
        else:
            yield Problem("must be an object", where)


def _order(crn: object, detail: Mapping[str, object], path: str, notes: Notes) -> Order:
    if is_terminated(detail.get("upwStatus")):
        notes.add(*TERMINATED)
    values = {key: detail.get(key) for key in _FACTS}
    values["requiredMinutes"] = ordered_minutes(values["requiredMinutes"], notes)
    values["eventOutcomeCode"] = order_type(values["eventOutcomeCode"], notes)
    facts = {fact: (f".{key}", values[key]) for key, fact in _FACTS.items()}
    reference = _reference(crn, detail.get("eventNumber"))
    return Order(path, {"reference": (".eventNumber", reference), **facts})


def _reference(crn: object, event: object) -> str | None:
    """Return the reference of an order: the person and the event together, never only one."""
    return f"{crn}/{event}" if isinstance(crn, str) and type(event) is int else None


_FACTS = {
    "eventOutcomeCode": "order_type",
    "sentenceDate": "sentence_date",
    "requiredMinutes": "required_minutes",
    "completedMinutes": "completed_minutes",
    "adjustments": "adjustment_minutes",
    "completedEteMinutes": "ete_minutes",
}

SHAPE = Shape(
    area="unpaid-work",
    carries=frozenset({"reference", *_FACTS.values()}),
    orders=orders,
)
