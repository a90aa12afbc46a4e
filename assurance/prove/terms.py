"""Lowered conditions -> z3 terms over every complete case of an area.

In a complete case every fact is known that can be: a date that hangs on a fact (`only_if`) exists
where that fact is true. A parameter is unknown before its first value, so a term carries whether it
is known, with the three-valued meaning of `language/interpret.py`; an open parameter may have any
value in its range.

A date is a month (counted from the year 0) and a day of it, so month sums are exact, and the day
number of each is a sum of quotients. Members are counted by kind: a kind is one value for each yes
or no and each code word of a member, how many there are of it is any number, and a total over them
is any that so many could have. That is exact for any number of members, and needs conditions on
members to look at nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import product
from typing import Any, cast

import z3
from attrs import define, field, frozen

from probation_rules.language.interpret import Interpreter, Known, Record
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
    Value,
)
from probation_rules.rulebook.model import Area, Fact
from prove.claims import CannotProve

MOST_KINDS = 256
_DISCRETE = ("bool", "code")


@frozen
class Day:
    """A date: `month` is twelve times the year and the month from 0, `day` runs from 1."""

    month: Any
    day: Any

    @property
    def number(self) -> Any:
        """Days from 1 March of the year 0, in the calendar of today: years begin in March."""
        month = self.month - 2
        year = month / 12
        in_year = (153 * (month % 12) + 2) / 5
        return 365 * year + year / 4 - year / 100 + year / 400 + in_year + self.day - 1


def day_of(number: Any) -> Day:
    """Return the date with a day number; the inverse of `Day.number`."""
    era, of_era = number / 146097, number % 146097
    year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365
    of_year = of_era - (365 * year + year / 4 - year / 100)
    month = (5 * of_year + 2) / 153
    return Day(
        12 * (year + 400 * era) + month + 2,
        of_year - (153 * month + 2) / 5 + 1,
    )


def days_in(month: Any) -> Any:
    """Return the number of days of a month."""
    year, of_year = month / 12, month % 12
    leap = z3.And(year % 4 == 0, z3.Or(year % 100 != 0, year % 400 == 0))
    short = z3.Or(*(of_year == one for one in (3, 5, 8, 10)))
    return z3.If(of_year == 1, z3.If(leap, 29, 28), z3.If(short, 30, 31))


def add_months(start: Day, months: Any) -> Day:
    """Return the corresponding date this many months later, or that month's last day."""
    month = start.month + months
    last = days_in(month)
    return Day(month, z3.If(start.day < last, start.day, last))


def last_day(start: Day, months: Any) -> Day:
    """Return the last day of a period of this many months that begins with the start day."""
    end = add_months(start, months)
    month = z3.If(start.day == 1, end.month - 1, end.month)
    return Day(
        month,
        z3.If(end.day != start.day, end.day, z3.If(start.day == 1, days_in(month), start.day - 1)),
    )


@frozen
class Term:
    """A value for the solver, and whether it is known: `True`, or a condition."""

    value: Any
    known: Any = True


@frozen
class Case:
    """One complete case: its facts and open parameters, and its members."""

    facts: Record
    members: tuple[Record, ...] | None


class CaseInterpreter(Interpreter):
    """The reference interpreter over a case that also gives values to open parameters."""

    def value(self, node: Node, member: Record | None = None) -> Known | None:
        """Return the value, or ``None`` if it is unknown."""
        if isinstance(node, Constant) and node.value is None and node.parameter in self.facts:
            return self.facts[cast("str", node.parameter)]
        return super().value(node, member)


@define(eq=False)
class Terms:
    """The terms of one area, and what every complete case keeps to."""

    area: Area
    given: list[Any] = field(factory=list)
    _numbers: dict[str, int] = field(factory=dict)  # of code words, the same in the whole area
    _names: dict[str, Term] = field(factory=dict)
    _kinds: dict[tuple[Value, ...], dict[str, Any]] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        for fact in sorted(self.area.facts.values(), key=lambda one: one.computed_from is not None):
            self._names[fact.name] = self._fact(fact)
        for name, parameter in self.area.parameters.items():
            if parameter.open:
                self._names[name] = Term(self._free(name, parameter.type))
        self._count_members()

    def held(self, node: Node) -> Any:
        """Return that a condition is known to be true."""
        term = self.term(node)
        return _every([term.known, term.value])

    @property
    def assumed(self) -> list[Any]:
        """Return that no condition of `[assume]` is known to be false."""
        terms = [self.term(one.lowered) for one in self.area.assumptions]
        return [z3.Or(one.value, z3.Not(one.known)) for one in terms]

    # --- cases -------------------------------------------------------------------------------

    def case(self, model: Any) -> Case:
        """Return the case that a model of the solver stands for."""
        facts: dict[str, Value | None] = {}
        for name in [*self.area.facts, *self._open]:
            term = self._names[name]
            known = term.known is True or z3.is_true(model.eval(term.known, model_completion=True))
            facts[name] = self.read(model, term, self._type(name)) if known else None
        if self.area.members is None:
            return Case(facts, None)
        return Case(facts, tuple(self._members(model)))

    def interpreter(self, case: Case) -> Interpreter:
        """Return the reference interpreter over a case."""
        return CaseInterpreter(
            case.facts, self.area.definitions, case.members, settings=self.area.settings
        )

    def days(self, case: Case) -> list[Any]:
        """Return that every date is as in one case."""
        return [
            _equal(self._names[name].value, self._constant(value).value)
            for name, value in case.facts.items()
            if isinstance(value, date)
        ]

    def read(self, model: Any, term: Term, kind: Type) -> Value:
        """Return the value that a term has in a model of the solver."""
        if isinstance(term.value, Day):
            month = _whole(model, term.value.month)
            return date(month // 12, month % 12 + 1, _whole(model, term.value.day))
        if kind.kind == "bool":
            return bool(z3.is_true(model.eval(term.value, model_completion=True)))
        found = _whole(model, term.value)
        return list(self._numbers)[found] if kind.kind == "code" else found

    def _type(self, name: str) -> Type:
        return (self.area.facts.get(name) or self.area.parameters[name]).type

    @property
    def _open(self) -> list[str]:
        return [name for name, one in self.area.parameters.items() if one.open]

    def _members(self, model: Any) -> Iterator[Record]:
        """Yield members of each kind; a total is shared out as evenly as ranges need."""
        for key, holds in self._kinds.items():
            many = _whole(model, holds[""])
            left = {name: _whole(model, total) for name, total in holds.items() if name}
            for place in range(many, 0, -1):
                shares = {name: total // place for name, total in left.items()}
                left = {name: left[name] - shares[name] for name in left}
                yield {**dict(zip(self._discrete, key, strict=True)), **shares}

    # --- facts -------------------------------------------------------------------------------

    def _fact(self, fact: Fact) -> Term:
        sources = [self._names[name] for name in fact.computed_from or () if name in self._names]
        known = _every([one.known for one in sources])
        if fact.only_if:
            known = _every([known, self._names[fact.only_if].value])
        if fact.computed_from and (table := self._table(fact)):
            source = self._names[fact.computed_from[0]].value
            value: Any = z3.IntVal(0)
            for word, found in table.items():
                value = z3.If(source == self._number(word), self._number(found), value)
            return Term(value, known)
        return Term(self._free(fact.name, fact.type), known)

    def _table(self, fact: Fact) -> dict[str, str] | None:
        """Return the values of a code that is computed from one other code, for each word of that.

        Other computed facts are left free, so that more cases are looked at than there are.
        """
        (name, *others) = cast("tuple[str, ...]", fact.computed_from)
        source = self.area.facts.get(name)
        if others or source is None or source.kind != "code" or fact.kind != "code":
            return None
        cases = {word: self.area.spec.case(**{name: word}) for word in source.type.codes}
        return {word: getattr(self.area.facts_of(case), fact.name) for word, case in cases.items()}

    def _free(self, name: str, kind: Type) -> Any:
        """Return a value that may be any of its type."""
        match kind.kind:
            case "bool":
                return z3.Bool(name)
            case "date":
                found = Day(z3.Int(f"{name}.month"), z3.Int(f"{name}.day"))
                low, high = self._constant(kind.low).value, self._constant(kind.high).value
                self.given += [
                    found.day >= 1,
                    found.day <= days_in(found.month),
                    z3.Not(_before(found, low)),
                    z3.Not(_before(high, found)),
                ]
                return found
        value = z3.Int(name)
        if kind.kind == "code":
            self.given.append(z3.Or(*(value == self._number(word) for word in kind.codes)))
        else:
            self.given += [value >= kind.low, value <= kind.high]
        return value

    def _number(self, word: str) -> int:
        return self._numbers.setdefault(word, len(self._numbers))

    # --- members -----------------------------------------------------------------------------

    @property
    def _discrete(self) -> list[str]:
        facts = self.area.members.facts if self.area.members else {}
        return [name for name, one in facts.items() if one.kind in _DISCRETE]

    def _count_members(self) -> None:
        members = self.area.members
        if members is None:
            return
        choices: list[tuple[Value, ...]] = [
            members.facts[name].type.codes or (False, True) for name in self._discrete
        ]
        keys = list(product(*choices))
        if len(keys) > MOST_KINDS:
            raise CannotProve(
                f"there are {len(keys)} kinds of member in {self.area.name}; at most {MOST_KINDS} "
                "can be told apart"
            )
        for place, key in enumerate(keys):
            many = z3.Int(f"members.{place}")
            self.given.append(many >= 0)
            self._kinds[key] = {"": many}
            for name, fact in members.facts.items():
                if fact.type.kind == "int":
                    total = z3.Int(f"members.{place}.{name}")
                    self.given += [total >= many * fact.type.low, total <= many * fact.type.high]
                    self._kinds[key][name] = total
        everybody = z3.Sum([holds[""] for holds in self._kinds.values()])
        self.given += [everybody >= members.least, everybody <= members.most]

    def _count(self, node: Count) -> Term:
        what = node.field.name if node.field else ""
        parts = []
        for key, holds in self._kinds.items():
            counts = self.term(node.predicate, dict(zip(self._discrete, key, strict=True)))
            if counts.known is not True:
                raise CannotProve("a count rests on a figure that is unknown on some days")
            parts.append(z3.If(counts.value, holds[what], 0))
        return Term(z3.Sum(parts))

    # --- expressions -------------------------------------------------------------------------

    def term(self, node: Node, member: Mapping[str, Value] | None = None) -> Term:
        """Return the term of an expression."""
        match node:
            case Constant():
                return self._figure(node)
            case Name(of_member=True, name=name):
                if member is None or name not in member:
                    raise CannotProve(
                        f"a count looks at `{name}`, which is not a yes or no, or a word"
                    )
                return self._constant(member[name])
            case Name(name=name):
                if name not in self._names:
                    self._names[name] = self.term(self.area.definitions[name])
                return self._names[name]
            case Not():
                item = self.term(node.item, member)
                return Term(z3.Not(item.value), item.known)
            case And() | Or():
                return _joined(node, [self.term(item, member) for item in node.items])
            case If():
                return self._choice(node, member)
            case Count():
                return self._count(node)
            case Compare(operator=operator):
                parts = [self.term(node.left, member), self.term(node.right, member)]
                return _strict(_COMPARED[operator], parts)
            case Call(function=function, arguments=arguments):
                return _strict(_CALLED[function], [self.term(one, member) for one in arguments])
        raise AssertionError(node)

    def _figure(self, node: Constant) -> Term:
        """Return the term of a figure: what the caller set, else its value, else one that may be any."""
        name = node.parameter or ""
        value = self.area.settings.get(name, node.value)
        if value is None:
            return self._names.get(name) or Term(_NOTHING[node.type.kind], _FALSE)
        return self._constant(value)

    def _constant(self, value: object) -> Term:
        match value:
            case bool():
                return Term(z3.BoolVal(value))
            case int():
                return Term(z3.IntVal(value))
            case date():
                months = value.year * 12 + value.month - 1
                return Term(Day(z3.IntVal(months), z3.IntVal(value.day)))
            case _:
                return Term(z3.IntVal(self._number(str(value))))

    def _choice(self, node: If, member: Mapping[str, Value] | None) -> Term:
        test = self.term(node.test, member)
        then, otherwise = self.term(node.then, member), self.term(node.otherwise, member)
        known = _if(test.value, then.known, otherwise.known)
        if test.known is not True:
            agree = [then.known, otherwise.known, _equal(then.value, otherwise.value)]
            known = z3.Or(_every([test.known, known]), _every(agree))
        return Term(_if(test.value, then.value, otherwise.value), known)


def _whole(model: Any, value: Any) -> int:
    return cast("int", model.eval(value, model_completion=True).as_long())


def _every(conditions: Iterable[Any]) -> Any:
    """Return the conjunction of all terms, without those that are always `True`."""
    left = [one for one in conditions if one is not True]
    return z3.And(*left) if left else True


def _if(test: Any, then: Any, otherwise: Any) -> Any:
    if then is True and otherwise is True:
        return True
    if isinstance(then, Day):
        return Day(
            _if(test, then.month, otherwise.month),
            _if(test, then.day, otherwise.day),
        )
    return z3.If(test, then, otherwise)


def _joined(node: And | Or, items: list[Term]) -> Term:
    """Return `and` or `or`: known if every part is, or one that settles it."""
    settles = isinstance(node, Or)
    value = (z3.Or if settles else z3.And)(*(item.value for item in items))
    known = _every(item.known for item in items)
    if known is not True:
        settled = [
            _every([item.known, item.value if settles else z3.Not(item.value)]) for item in items
        ]
        known = z3.Or(known, *settled)
    return Term(value, known)


def _strict(make: Any, parts: list[Term]) -> Term:
    return Term(make(*(part.value for part in parts)), _every(part.known for part in parts))


def _equal(a: Any, b: Any) -> Any:
    return z3.And(a.month == b.month, a.day == b.day) if isinstance(a, Day) else a == b


def _before(a: Any, b: Any) -> Any:
    if isinstance(a, Day):
        return a.month * 31 + a.day < b.month * 31 + b.day
    return a < b


def _least(*parts: Any) -> Any:
    found = parts[0]
    for part in parts[1:]:
        found = _if(_before(part, found), part, found)
    return found


def _most(*parts: Any) -> Any:
    found = parts[0]
    for part in parts[1:]:
        found = _if(_before(found, part), part, found)
    return found


_FALSE = z3.BoolVal(val=False)
_NOTHING = {
    "bool": _FALSE,
    "int": z3.IntVal(0),
    "code": z3.IntVal(-1),
    "date": Day(z3.IntVal(0), z3.IntVal(1)),
}
_COMPARED = {
    "<": _before,
    "<=": lambda a, b: z3.Not(_before(b, a)),
    ">": lambda a, b: _before(b, a),
    ">=": lambda a, b: z3.Not(_before(a, b)),
    "==": _equal,
    "!=": lambda a, b: z3.Not(_equal(a, b)),
}
_CALLED = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "in": lambda item, *words: z3.Or(*(item == word for word in words)),
    "divide_down": lambda a, b: a / b,
    "divide_up": lambda a, b: -(-a / b),
    "round_half_up": lambda a, b: (2 * a + b) / (2 * b),
    "min": _least,
    "max": _most,
    "add_months": add_months,
    "last_day": last_day,
    "add_days": lambda start, days: day_of(start.number + days),
    "days_between": lambda earlier, later: later.number - earlier.number,
}
