"""The functions of the language: their arguments and the types of their results."""

from __future__ import annotations

import ast
from collections.abc import Callable
from datetime import date
from typing import cast

from attrs import evolve

from probation_rules.language import dates
from probation_rules.language.ranges import LARGEST, TOO_LARGE, days, ends, with_places
from probation_rules.language.scope import Checker
from probation_rules.language.tree import Call, Count, Name, Node, Type
from probation_rules.language.units import combine, parse_unit, unit_text

DateFunction = Callable[[date, int], date]


def _arguments(checker: Checker, node: ast.Call, number: int, example: str) -> list[ast.expr]:
    if len(node.args) != number:
        checker.refuse(node, f"write it as `{example}`")
    return node.args


def _add_months(checker: Checker, node: ast.Call, function: str, depth: int) -> Node:
    unit = "year" if function == "add_years" else "month"
    start, number = _arguments(checker, node, 2, f"{function}(date, {unit}s)")
    day, count = checker.day(start, depth), checker.number(number, depth)
    if not _is_parameter(checker, count):
        checker.refuse(number, f"the number of {unit}s must be a parameter")
    _in_unit(checker, number, count, unit)
    if ends(count.type)[0] < 1:
        checker.refuse(number, f"the number of {unit}s must be at least 1")
    low, high = _moved(checker, node, day.type, count.type, getattr(dates, function))
    return Call(Type("date", low=low, high=high), function, (day, count))


def _add_days(checker: Checker, node: ast.Call, function: str, depth: int) -> Node:
    start, number = _arguments(checker, node, 2, "add_days(date, days)")
    day, count = checker.day(start, depth), checker.number(number, depth)
    _in_unit(checker, number, count, "day")
    low, high = _moved(checker, node, day.type, count.type, dates.add_days)
    return Call(Type("date", low=low, high=high), function, (day, count))


def _moved(
    checker: Checker, node: ast.Call, day: Type, count: Type, function: DateFunction
) -> tuple[date, date]:
    (low, high), (least, most) = days(day), ends(count)
    try:
        return function(low, least), function(high, most)
    except (OverflowError, ValueError):
        checker.refuse(
            node, "the declared ranges allow a date before the year 1 or after 9999; narrow them"
        )


def _days_between(checker: Checker, node: ast.Call, function: str, depth: int) -> Node:
    first, second = _arguments(checker, node, 2, "days_between(earlier, later)")
    a, b = checker.day(first, depth), checker.day(second, depth)
    (a_low, a_high), (b_low, b_high) = days(a.type), days(b.type)
    day = Type("int", parse_unit("day"), low=(b_low - a_high).days, high=(b_high - a_low).days)
    return Call(day, function, (a, b))


def _least_or_most(checker: Checker, node: ast.Call, function: str, depth: int) -> Node:
    if len(node.args) < 2:  # noqa: PLR2004 (one value cannot be compared)
        checker.refuse(node, f"write it as `{function}(a, b)`")
    values = [checker.visit(argument, depth) for argument in node.args]
    first = next((value for value in values if value.type.unit is not None), values[0])
    for value, argument in zip(values, node.args, strict=True):
        if value.type.kind not in ("int", "date"):
            checker.refuse(argument, f"this is {value.type.noun}; a number or a date is needed")
        checker.same(node, first, value)
    places = max(value.type.places for value in values)
    values = [with_places(value, places) for value in values]
    pick = min if function == "min" else max
    unit = next((value.type.unit for value in values if value.type.unit is not None), None)
    low = pick(value.type.low for value in values)  # type: ignore[type-var]
    high = pick(value.type.high for value in values)  # type: ignore[type-var]
    kind = evolve(values[0].type, unit=unit, low=low, high=high)
    return Call(kind, function, tuple(values))


def _divide(checker: Checker, node: ast.Call, function: str, depth: int) -> Node:
    top, below = _arguments(checker, node, 2, f"{function}(whole, part)")
    a, b = checker.number(top, depth), checker.number(below, depth)
    if ends(a.type)[0] < 0:
        checker.refuse(top, "the declared ranges allow a negative number; use max(0, ...)")
    if ends(b.type)[0] < 1:
        checker.refuse(below, "the declared ranges allow 0 or less; use max(1, ...)")
    if a.type.places < b.type.places:
        checker.refuse(node, "the divisor has more decimal places than the number it divides")
    (least, most), (fewest, greatest) = ends(a.type), ends(b.type)
    if function == "round_half_up" and 2 * most + greatest > LARGEST:
        checker.refuse(node, TOO_LARGE)
    kind = Type(
        "int",
        unit=combine(a.type.unit or (), b.type.unit or (), -1),
        places=a.type.places - b.type.places,
        low=least // greatest,
        high=-(-most // fewest),
    )
    return Call(kind, function, (a, b))


def _within(checker: Checker, node: ast.Call, function: str, depth: int) -> Node:
    """Return the equivalent chain of comparisons: the number lies between two limits."""
    number, target, share = _arguments(checker, node, 3, f"{function}(number, target, per_cent)")
    value, goal, part = (checker.number(one, depth) for one in (number, target, share))
    checker.same(node, value, goal)
    _in_unit(checker, share, part, "per cent")
    if ends(goal.type)[0] < 0:
        checker.refuse(target, "the declared ranges allow a negative number; use max(0, ...)")
    hundred = ast.Constant(100)
    least, most = (ast.BinOp(hundred, sign, share) for sign in (ast.Sub(), ast.Add()))
    low, middle, high = (
        ast.BinOp(one, ast.Mult(), times)
        for one, times in ((target, least), (number, hundred), (target, most))
    )
    chain = ast.Compare(low, [ast.LtE(), ast.LtE()], [middle, high])
    for new in (hundred, least, most, low, middle, high, chain):
        ast.copy_location(new, node)
    return checker.visit(chain, depth)


def _count(checker: Checker, node: ast.Call, function: str, depth: int) -> Node:
    example = (
        "total(members, field, predicate)" if function == "total" else "count(members, predicate)"
    )
    first, *middle, last = _arguments(checker, node, 2 + (function == "total"), example)
    if checker.in_members or checker.scope.list_name is None:
        checker.refuse(
            node,
            "this area does not have a list to count, or this is already inside `count` or `total`",
        )
    if not (isinstance(first, ast.Name) and first.id == checker.scope.list_name):
        checker.refuse(first, f"the list is called `{checker.scope.list_name}`")
    checker.in_members = True
    predicate = checker.boolean(last, depth)
    value = checker.number(middle[0], depth) if middle else None
    checker.in_members = False
    if middle and not (isinstance(value, Name) and value.of_member):
        checker.refuse(middle[0], "the second argument must be a field of a member")
    return _counted(checker, first.id, predicate, cast("Name | None", value))


def _counted(checker: Checker, members: str, predicate: Node, value: Name | None) -> Node:
    most = cast("int", checker.scope.names[members].high)
    if value is None:
        kind = Type("int", parse_unit("person"), low=0, high=most)
    else:
        low, high = ends(value.type)
        kind = evolve(value.type, low=min(0, low * most), high=max(0, high * most))
    return Count(kind, members, predicate, value)


def _is_parameter(checker: Checker, node: Node) -> bool:
    return isinstance(node, Name) and node.name in checker.scope.parameters


def _in_unit(checker: Checker, part: ast.expr, value: Node, unit: str) -> None:
    if value.type.unit is not None and value.type.unit != parse_unit(unit):
        checker.refuse(part, f"this is in `{unit_text(value.type.unit)}`; `{unit}` is needed")


CALLS: dict[str, Callable[[Checker, ast.Call, str, int], Node]] = {
    "add_months": _add_months,
    "add_years": _add_months,
    "last_day": _add_months,
    "add_days": _add_days,
    "days_between": _days_between,
    "min": _least_or_most,
    "max": _least_or_most,
    "count": _count,
    "total": _count,
    "divide_down": _divide,
    "divide_up": _divide,
    "round_half_up": _divide,
    "within": _within,
}
