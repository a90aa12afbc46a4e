"""Values and conditions in plain English, for messages, `rules show` and the catalogue."""

from __future__ import annotations

import re
from collections.abc import Callable
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
_VERBS = frozenset(("is", "are", "was", "were", "has", "have", "had"))
_DEFINITE = frozenset(("the", "this", "it"))  # what a simple clause may begin with
# Words with which a clause is not simple.
_SEVERAL = frozenset((
    "all", "and", "any", "at", "before", "both", "each", "every", "if", "neither", "no", "not",
    "only", "or", "than", "that", "when", "which", "while", "whether", "with",
))  # fmt: skip
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


def named(name: Name) -> str:
    """Return a name of the rules file as words; the day asked about by what it is."""
    return "the day asked about" if name.name == "on" else name.name.replace("_", " ")


def clause(about: str) -> str:
    """Return what a description says, to go inside a sentence: its first sentence, up to a colon."""
    text = re.split(r"[.;:](?:\s|$)", about, maxsplit=1)[0]
    return text.removeprefix("Whether ") if text.startswith("Whether ") else inside(text)


def inside(text: str) -> str:
    """Return a text to go inside a sentence: an abbreviation keeps its capitals."""
    first = text.partition(" ")[0]
    return text if first[1:] != first[1:].lower() else text[:1].lower() + text[1:]


def negated(text: str) -> str:
    """Return the opposite of a clause, with `not` in it only where that cannot be misread."""
    if text.startswith("any "):
        return f"no {text[4:]}"
    words = text.split(" ")
    verbs = [place for place, word in enumerate(words) if word in _VERBS]
    if words[0] in _DEFINITE and len(verbs) == 1 and not _SEVERAL.intersection(words):
        words.insert(verbs[0] + 1, "not")
        return " ".join(words)
    return f"it is not the case that {text}"


def read_aloud(node: Node, called: Callable[[Name], str] = named) -> str:
    """Return a condition in plain English.

    Args:
        node: The condition, as the rules file gives it.
        called: What a name is called. A true-or-false fact may be a clause, such as `the last day
            has passed`.
    """

    def read(node: Node) -> str:
        match node:
            case Constant(value=value):
                return say(value, evolve(node.type, unit=None))
            case Name():
                return called(node)
            case Not(item=item):
                text = inner(item)
                plain = isinstance(item, Name) and text == named(item)
                return f"not {text}" if plain else negated(text)
            case And(items=items):
                return ", and ".join(map(inner, items))
            case Or(items=items):
                return ", or ".join(map(inner, items))
            case Compare(operator=operator, left=left, right=right):
                words = _COMPARED_DATES if left.type.kind == "date" else _COMPARED
                return f"{read(left)} {words[operator]} {read(right)}"
            case Call(function="in", arguments=(item, *_)):
                listed = " or ".join(word.replace("_", " ") for word in node.words)
                return f"{read(item)} is {listed}"
            case Call(function="+" | "-" | "*", arguments=(left, right)):
                return f"{inner(left)} {_ARITHMETIC[node.function]} {inner(right)}"
            case Call(function=function, arguments=arguments):
                texts = [read(argument) for argument in arguments]
                if function in ("min", "max"):
                    which = "least" if function == "min" else "greatest"
                    return f"the {which} of {' and '.join(texts)}"
                return _CALLED[function].format(*texts)
            case If(test=test, then=then, otherwise=otherwise):
                return f"{inner(then)} if {inner(test)}, otherwise {inner(otherwise)}"
        count = cast("Count", node)
        what = f"the total {called(count.field)} of" if count.field else "the number of"
        return f"{what} {count.members} for whom {read(count.predicate)}"

    def inner(node: Node) -> str:
        """Return the text of an inner part, in brackets if it could be read in two ways."""
        text = read(node)
        sum_ = isinstance(node, Call) and node.function in _ARITHMETIC
        return f"({text})" if sum_ or isinstance(node, And | Or | If) else text

    return read(node)
