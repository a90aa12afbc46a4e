"""Values and conditions in plain English, for messages, `rules show` and the catalogue."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import cast

from attrs import evolve

from probation_rules.language.tree import (
    And,
    Call,
    Compare,
    Constant,
    Count,
    If,
    Name,
    Node,
    Not,
    Or,
    Type,
)
from probation_rules.language.units import unit_text

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_HOUR = 60
_COMPARED = {
    "<": "is less than", "<=": "is at most", ">": "is more than", ">=": "is at least",
    "==": "is", "!=": "is not",
}  # fmt: skip
_COMPARED_DATES = {
    **_COMPARED,
    "<": "is before",
    "<=": "is on or before",
    ">": "is after",
    ">=": "is on or after",
}
_ARITHMETIC = {"+": "plus", "-": "less", "*": "times"}
_CALLED = {
    "add_months": "the day {1} after {0}",
    "add_years": "the day {1} after {0}",
    "last_day": "the last day of the {1} that begin with {0}",
    "add_days": "the day {1} after {0}",
    "days_between": "the days from {0} to {1}",
    "divide_down": "{0} divided by {1}, rounded down",
    "divide_up": "{0} divided by {1}, rounded up",
    "round_half_up": "{0} divided by {1}, rounded to the nearest whole number, halves up",
}


def say(value: object, kind: Type) -> str:
    """Return a value as text for a reader: `12 h 30 min`, `14 Feb 2018`, `not known`."""
    match value:
        case None:
            return "not known"
        case bool():
            return "yes" if value else "no"
        case date():
            return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"
        case str():
            return value.replace("_", " ")
        case int() | Decimal():
            return _number(value, kind)
    return str(value)


def _number(value: int | Decimal, kind: Type) -> str:
    unit = unit_text(kind.unit or ()) if kind.unit else ""
    if kind.places and isinstance(value, int):
        value = unscaled(value, kind.places)
    match unit:
        case "minute" | "minute / week":
            sign, minutes = ("-" if value < 0 else ""), abs(int(value))
            hours, rest = divmod(minutes, _HOUR)
            parts = [f"{hours:,} h"] * bool(hours) + [f"{rest} min"] * bool(rest or not hours)
            return sign + " ".join(parts) + (" a week" if unit.endswith("week") else "")
        case "per cent":
            return f"{value} %"
        case "" | "person" | "part":  # the surrounding sentence names what is counted
            return f"{value:,}"
    many, _, each = unit.partition(" / ")
    return f"{value:,} {many}" + ("" if value == 1 else "s") + (f" per {each}" if each else "")


def unscaled(value: int, places: int) -> Decimal:
    """Return the exact decimal for a scaled whole number: 125 with two places is 1.25."""
    return Decimal(value).scaleb(-places)


def read_aloud(node: Node) -> str:
    """Return a condition in plain English, as the rules file gives it."""
    match node:
        case Constant(value=value):
            return say(value, evolve(node.type, unit=None))
        case Name(name=name):
            return "the day asked about" if name == "on" else name.replace("_", " ")
        case Not(item=item):
            return (
                f"not {_inner(item)}"
                if isinstance(item, Name)
                else f"it is not the case that {_inner(item)}"
            )
        case And(items=items):
            return " and ".join(map(_inner, items))
        case Or(items=items):
            return " or ".join(map(_inner, items))
        case Compare(operator=operator, left=left, right=right):
            words = _COMPARED_DATES if left.type.kind == "date" else _COMPARED
            return f"{read_aloud(left)} {words[operator]} {read_aloud(right)}"
        case Call(function="in", arguments=(item, *_)):
            listed = " or ".join(word.replace("_", " ") for word in node.words)
            return f"{read_aloud(item)} is {listed}"
        case Call(function="+" | "-" | "*", arguments=(left, right)):
            return f"{_inner(left)} {_ARITHMETIC[node.function]} {_inner(right)}"
        case Call(function=function, arguments=arguments):
            texts = [read_aloud(argument) for argument in arguments]
            if function in ("min", "max"):
                which = "least" if function == "min" else "greatest"
                return f"the {which} of {' and '.join(texts)}"
            return _CALLED[function].format(*texts)
        case If(test=test, then=then, otherwise=otherwise):
            return f"{_inner(then)} if {_inner(test)}, otherwise {_inner(otherwise)}"
    count = cast("Count", node)
    what = f"the total {count.field.name.replace('_', ' ')} of" if count.field else "the number of"
    return f"{what} {count.members} for whom {read_aloud(count.predicate)}"


def _inner(node: Node) -> str:
    """Return the text of an inner part, in brackets if it could be read in two ways."""
    text = read_aloud(node)
    sum_ = isinstance(node, Call) and node.function in _ARITHMETIC
    return f"({text})" if sum_ or isinstance(node, And | Or | If) else text
