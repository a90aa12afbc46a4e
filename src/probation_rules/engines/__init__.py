"""Engines: each computes outcomes from an area's checked rules. All must give the same outcomes.

An engine is a module with `compile_area(area) -> Decide`. `Decide` takes the facts of a case (see
`Area.facts_of`) and the day asked about, and refuses a bad case with `CaseError`. It returns a code
for each wording in `area.rules` and then the index of the stage in `area.stages`, or `NO_STAGE`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from enum import StrEnum

ENGINES = {name: f"probation_rules.engines.{name}" for name in ("python", "reference", "durable")}
"""The module of each engine that a caller may ask for."""


class Outcome(StrEnum):
    """The outcome of a rule for a case."""

    NOT_APPLICABLE = "not_applicable"
    MET = "met"
    NOT_MET = "not_met"
    CANNOT_TELL = "cannot_tell"


OUTCOMES = tuple(Outcome)  # an engine's code is an index of this
NOT_APPLICABLE, MET, NOT_MET, CANNOT_TELL = range(len(OUTCOMES))
NO_STAGE = -1
INVALID_ROW = "invalid"  # instead of an outcome, in a row of a table that is not a valid case
ROW_OUTCOMES = (*(one.value for one in OUTCOMES), INVALID_ROW)
INVALID = ROW_OUTCOMES.index(INVALID_ROW)

Codes = tuple[int, ...]
Decide = Callable[[object, date], Codes]
# Tables up to this many rows are checked row by row. Measured: `python` is as fast as the statement
# for about 6,000 orders and 1,700 PODs.
FEW_ROWS = 2_000
