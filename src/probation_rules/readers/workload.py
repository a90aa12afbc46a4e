"""Read an officer's overview from the workload tool as a workload.

The overview also gives the available points as computed by the tool. They are not read, because the
rules compute them. The overview does not give the target for these points and its hours.

The tool sums hours as binary floats. An officer with hours that are not valid is invalid.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from probation_rules.errors import CaseError, Problem
from probation_rules.readers.feed import (
    OTHER_SHAPE,
    Notes,
    Order,
    Shape,
    as_object,
    payloads,
    without_float_noise,
)

_FACTS = {
    "code": "reference",
    "pointsUsed": "points",
    "weeklyHours": "contracted_hours",
    "totalReductionHours": "reduction_hours",
}


def officers(
    value: object,
    path: str,
    on: date | None,  # noqa: ARG001  # all shapes have this argument; an overview is always current
    notes: Notes,
) -> Iterator[Order | Problem]:
    """Yield each officer's workload."""
    for where, payload in payloads(value, path):
        try:
            overview = as_object(payload, where)
        except CaseError as error:
            yield from error.problems
            continue
        if "pointsUsed" in overview:
            yield _order(overview, where)
        else:
            notes.add(*OTHER_SHAPE)


def _order(overview: Mapping[str, object], path: str) -> Order:
    facts = {
        name: (f".{theirs}", without_float_noise(overview.get(theirs)))
        for theirs, name in _FACTS.items()
    }
    return Order(path, facts)


SHAPE = Shape(area="capacity", carries=frozenset(_FACTS.values()), orders=officers)
