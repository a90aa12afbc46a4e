"""Case details as the sentence plan's service has them from nDelius: a person with `sentences`.

Two units stand side by side here: what was ordered is in hours, what was completed in minutes.
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
    on: date | None,  # noqa: ARG001  # every shape is given it; ended sentences are not in this one
    notes: Notes,
) -> Iterator[Order | Problem]:
    """Yield each sentence with unpaid work. None has a name of its own."""
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
    # What is no number is left for the case to refuse.
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
