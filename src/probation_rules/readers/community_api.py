"""Read convictions and sentences from community-api and court-case-service.

The unpaid work is in `sentence.unpaidWork`. A sentence without its conviction, as prepare-a-case
gives it, is also read.
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
    day,
    is_terminated,
    order_type,
    ordered_minutes,
    part,
    payloads,
)

_WITHOUT_WORK: Sentence = (
    "conviction without unpaid work was left out",
    "convictions without unpaid work were left out",
)
_ENDED: Sentence = (
    "ended requirement was left out",
    "ended requirements were left out",
)
_OFFERED: Sentence = (
    "order gives minutes offered, which are not minutes ordered: those are unknown",
    "orders give minutes offered, which are not minutes ordered: those are unknown",
)


def orders(value: object, path: str, on: date | None, notes: Notes) -> Iterator[Order | Problem]:
    """Yield each order with unpaid work, unless the order ended before the day asked about."""
    for where, payload in payloads(value, path):
        try:
            order = _order(as_object(payload, where), where, on, notes)
        except CaseError as error:
            yield from error.problems
        else:
            if order:
                yield order


def _order(record: Mapping[str, object], path: str, on: date | None, notes: Notes) -> Order | None:
    # Records of other systems also have a `sentence`, but without figures for the work.
    inside = part(record, "sentence", path) or {}
    marks = {"convictionId", "sentenceId", "unpaidWork"}
    if not marks.intersection(record) and "unpaidWork" not in inside:
        notes.add(*OTHER_SHAPE)
        return None
    alone = "unpaidWork" in record  # a sentence without its conviction
    below = "" if alone else ".sentence"
    sentence = record if alone else inside
    work = part(sentence, "unpaidWork", path + below)
    if work is None:
        notes.add(*_WITHOUT_WORK)
        return None
    ended = sentence.get("terminationDate")
    if _is_over(day(ended, f"{path}{below}.terminationDate"), on):
        notes.add(*_ENDED)
        return None
    if ended is None and is_terminated(work.get("status")):
        notes.add(*TERMINATED)
    if "minutesOffered" in work:
        notes.add(*_OFFERED)
    outcome = part(record, "latestCourtAppearanceOutcome", path) or {}
    code = order_type(outcome.get("code"), notes)
    ordered = ordered_minutes(work.get("minutesOrdered"), notes)
    return Order(
        path,
        {
            "reference": (".convictionId", _reference(record.get("convictionId"))),
            "order_type": (".latestCourtAppearanceOutcome.code", code),
            "sentence_date": (f"{below}.startDate", sentence.get("startDate")),
            "required_minutes": (f"{below}.unpaidWork.minutesOrdered", ordered),
            "completed_minutes": (
                f"{below}.unpaidWork.minutesCompleted",
                work.get("minutesCompleted"),
            ),
        },
    )


def _is_over(ended: date | None, on: date | None) -> bool:
    """Return whether it ended before the day asked about or, without a day, whether it has an end."""
    return ended is not None and (on is None or ended < on)


def _reference(conviction: object) -> object:
    return str(conviction) if type(conviction) is int else conviction


SHAPE = Shape(
    area="unpaid-work",
    carries=frozenset(
        {"reference", "order_type", "sentence_date", "required_minutes", "completed_minutes"}
    ),
    orders=orders,
)
