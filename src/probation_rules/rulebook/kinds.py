"""The values that a fact or a figure may have: kind, unit, range and words."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import cast

from probation_rules.language.ranges import LARGEST
from probation_rules.language.tree import Kind, Type
from probation_rules.language.units import Unit, parse_unit
from probation_rules.rulebook.toml_schema import (
    FactDocument,
    FactKind,
    ParameterDocument,
    Scalar,
)

LONGEST_CODE = 60  # characters
WORD = re.compile(rf"[A-Za-z0-9_-]{{1,{LONGEST_CODE}}}")
BOOL = Type("bool")
DATE = Type("date", low=date.min, high=date.max)
# Records a problem: the place in the file, and the message.
Refuse = Callable[[str, str], None]
Declared = FactDocument | ParameterDocument


def type_of(
    refuse: Refuse, path: str, found: Declared, least: Scalar | None, most: Scalar | None
) -> Type:
    """Return the type of the values of a fact or a figure with this range."""
    kind = found.kind
    number = kind in ("int", "decimal")
    low, high = scaled_value(least, found.places), scaled_value(most, found.places)
    if low is not None and high is not None and low > high:  # type: ignore[operator]
        refuse(path, "`min` is above `max`")
    for word in found.codes:
        if not WORD.fullmatch(word):
            refuse(
                path,
                f"`{word}` is not allowed: a code word has only letters, digits, _ and -, and at "
                f"most {LONGEST_CODE} characters",
            )
    return Type(
        # Conditions cannot use times and texts. If one is refused here, any type will do.
        "int" if number else "code" if kind in ("time", "text") else cast("Kind", kind),
        unit=unit_of(refuse, path, found.unit) if number else (),
        codes=found.codes,
        places=found.places,
        low=cast("int | date", low) if low is not None else _widest(kind)[0],
        high=cast("int | date", high) if high is not None else _widest(kind)[1],
    )


def ends_of(refuse: Refuse, path: str, found: Declared) -> tuple[Scalar | None, Scalar | None]:
    """Return the declared range of a fact or a figure, or no range if an end is not a valid value."""
    ends = found.min, found.max
    for end in ends:
        if end is not None and not fits(found, end):
            refuse(path, f"`{end}` is not an allowed {found.kind} here")
            return None, None
    return ends


def unit_of(refuse: Refuse, path: str, text: str | None) -> Unit:
    """Return the unit of a number; report a problem if it is missing or unknown."""
    if text is None:
        refuse(path, "`unit` is missing; every number needs one, so that sums can be checked")
        return ()
    try:
        return parse_unit(text)
    except ValueError as error:
        refuse(path, str(error))
        return ()


def fits(found: Declared, value: Scalar) -> bool:
    """Return whether a TOML value has the right kind for this fact or figure."""
    match found.kind:
        case "bool":
            return type(value) is bool
        case "int":
            return type(value) is int
        case "decimal":
            scaled = scaled_value(value, found.places) if type(value) in (int, Decimal) else None
            return type(scaled) is int and abs(scaled) <= LARGEST
        case "date":
            return type(value) is date
        case _:  # a code word
            return value in found.codes


def within(value: Scalar, least: Scalar | None, most: Scalar | None) -> bool:
    """Return whether a value is within a range, including both ends."""
    above = least is None or value >= least  # type: ignore[operator]
    return above and (most is None or value <= most)  # type: ignore[operator]


def scaled_value(value: Scalar | None, places: int) -> Scalar | None:
    """Return a decimal as the whole number that engines use; return any other value unchanged."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return value
    scaled = value * 10**places
    return int(scaled) if scaled == int(scaled) else None


def _widest(kind: FactKind) -> tuple[int | date | None, int | date | None]:
    """Return the range to continue with after a missing range has been reported."""
    if kind in ("int", "decimal"):
        return 0, 1
    return (date(1900, 1, 1), date(2100, 12, 31)) if kind == "date" else (None, None)
