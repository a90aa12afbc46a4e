"""Ranges of values, as declared in a rules file, and how types combine."""

from __future__ import annotations

from datetime import date
from typing import cast

from attrs import evolve

from probation_rules.language.tree import Constant, Node, Type
from probation_rules.language.units import unit_text

# Above this, engines that use floats (durable_rules, some SQL) are no longer exact.
LARGEST = 2**53
TOO_LARGE = "the declared ranges allow a number that is too large to be exact; narrow them"


def ends(kind: Type) -> tuple[int, int]:
    """Return the lowest and the highest number of a type."""
    return cast("int", kind.low), cast("int", kind.high)


def days(kind: Type) -> tuple[date, date]:
    """Return the first and the last day of a type."""
    return cast("date", kind.low), cast("date", kind.high)


def difference(a: Node, b: Node) -> str | None:
    """Return why two values cannot be compared, added or chosen between; ``None`` if they can."""
    if a.type.kind != b.type.kind:
        return f"{a.type.noun} and {b.type.noun} cannot be used together"
    if a.type.kind != "int":
        return None
    if None not in (a.type.unit, b.type.unit) and a.type.unit != b.type.unit:
        units = f"`{unit_text(a.type.unit or ())}` and `{unit_text(b.type.unit or ())}`"
        return f"{units} are different units"
    bare = any(isinstance(one, Constant) and one.type.unit is None for one in (a, b))
    if a.type.places != b.type.places and not bare:
        return "the two numbers have different decimal places"
    return None


def union_type(a: Type, b: Type) -> Type:
    """Return the type of a value that has one of two types."""
    if a.kind in ("int", "date"):
        low, high = min(a.low, b.low), max(a.high, b.high)  # type: ignore[type-var]
        return evolve(a, unit=b.unit if a.unit is None else a.unit, low=low, high=high)
    return evolve(a, codes=tuple(dict.fromkeys(a.codes + b.codes)))


def is_always_same(operator: str, a: Type, b: Type) -> bool:
    """Return whether a comparison gives the same result for all values in the ranges."""
    a_low, a_high, b_low, b_high = a.low, a.high, b.low, b.high
    below = a_high < b_low  # type: ignore[operator]
    above = a_low > b_high  # type: ignore[operator]
    touching_below = a_high <= b_low  # type: ignore[operator]
    touching_above = a_low >= b_high  # type: ignore[operator]
    return {
        "<": below or touching_above,
        ">=": below or touching_above,
        ">": above or touching_below,
        "<=": above or touching_below,
        "==": below or above,
        "!=": below or above,
    }[operator]


def with_places(node: Node, places: int) -> Node:
    """Return a bare figure with this number of decimal places; do not change other expressions."""
    if node.type.places == places or not isinstance(node, Constant):
        return node
    value = cast("int", node.value) * 10**places
    return Constant(evolve(node.type, places=places, low=value, high=value), value)
