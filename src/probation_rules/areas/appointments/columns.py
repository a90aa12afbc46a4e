"""The facts of `prepare` for many cases at once, by a table of days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import cast

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]

from probation_rules.areas.appointments.business_days import days_to
from probation_rules.areas.appointments.prepare import PAIRS
from probation_rules.rulebook.model import Area


def columns(given: Mapping[str, pa.Array], area: Area) -> tuple[dict[str, pa.Array], None]:
    """Return how many business days lie between the dates that rules compare, for every case."""
    facts = [area.facts[name] for name in given]
    first = min(cast("date", one.min) for one in facts)
    last = max(cast("date", one.max) for one in facts)
    counts = days_to(first, last)
    if counts is None:
        return {name: pa.nulls(len(given[start])) for name, (start, _) in PAIRS.items()}, None
    table, origin = pa.array(counts, pa.int64()), pa.scalar(first, pa.date32()).cast(pa.int32())
    to = {
        name: table.take(pc.subtract(column.cast(pa.int32()), origin))
        for name, column in given.items()
    }
    nothing = pa.scalar(None, pa.int64())
    return {
        name: pc.if_else(
            pc.less_equal(given[start], given[end]), pc.subtract(to[end], to[start]), nothing
        )
        for name, (start, end) in PAIRS.items()
    }, None
