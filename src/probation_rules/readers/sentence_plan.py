"""Read case details from the sentence plan's service: a person with `sentences` from nDelius.

This shape has two units: ordered time is in hours, completed time is in minutes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from probation_rules.errors import CaseError, Problem
from probation_rules.readers.feed import (
    OTHER_SHAPE,
    Notes,
    Order,
    Sentence,
    Shape,
    as_object,
    payloads,
)

_WITHOUT_WORK: Sentence = (
    "sentence without unpaid work was left out",
    "sentences without unpaid work were left out",
)
_MARKS = {"unpaidWorkHoursOrdered", "unpaidWorkMinutesCompleted"}


def orders(
    value: object,
    path: str,
    on: date | None,  # noqa: ARG001  # all shapes have this argument; this one does not contain ended sentences
    notes: Notes,
) -> Iterator[Order | Problem]:
    """Yield each sentence with unpaid work. Sentences do not have a reference in this shape."""
    for where, payload in payloads(value, path):
        try:
            details = as_object(payload, where)
            listed = details.get("sentences")
            if not isinstance(listed, list):
                notes.add(*OTHER_SHAPE)
                continue
            for place, item in enumerate(listed):
                below = f"{where}.sentences[{place}]"
                if order := _order(as_object(item, below), below, notes):
                    yield order
        except CaseError as error:
            yield from error.problems


def _order(sentence: Mapping[str, object], path: str, notes: Notes) -> Order | None:
    if not _MARKS.intersection(sentence):
        notes.add(*OTHER_SHAPE)
        return None
    hours = sentence.get("unpaidWorkHoursOrdered")
    if hours == 0 and not isinstance(hours, bool):
        notes.add(*_WITHOUT_WORK)
        return None
    # A value that is not a number is refused later, with the case.
    minutes = hours * 60 if isinstance(hours, int) and not isinstance(hours, bool) else hours
    return Order(
        path,
        {
            "sentence_date": (".startDate", sentence.get("startDate")),
            "required_minutes": (".unpaidWorkHoursOrdered", minutes),
            "completed_minutes": (
                ".unpaidWorkMinutesCompleted",
                sentence.get("unpaidWorkMinutesCompleted"),
            ),
        },
    )


SHAPE = Shape(
    area="unpaid-work",
    carries=frozenset({"sentence_date", "required_minutes", "completed_minutes"}),
    orders=orders,
)
