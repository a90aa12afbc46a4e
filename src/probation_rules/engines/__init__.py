"""Engines: each turns an area's checked rules into outcomes, and all must give the same ones.

An engine is a module with `compile_area(area) -> Decide`. `Decide` takes the facts of a case (see
`Area.facts_of`) and the day asked about, and refuses a bad case with `CaseError`. It returns a code
for each wording in `area.rules` and, last, the place of the stage in `area.stages`, or `NO_STAGE`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

NOT_APPLICABLE, MET, NOT_MET, CANNOT_TELL = range(4)
NO_STAGE = -1

Codes = tuple[int, ...]
Decide = Callable[[object, date], Codes]
# Of a table, up to which `python` is as fast as the statement: measured, about 6,000 orders and 1,700 PODs.
FEW_ROWS = 2_000
INVALID_ROW = "invalid"  # what is said of a row of a table that cannot be judged
SEPARATOR = "; "  # between the reasons why a row of a table is invalid


def one_reason(text: str) -> str:
    """Return a reason as it stands between others: with nothing in it that parts them."""
    return text.replace(SEPARATOR, ", ")
