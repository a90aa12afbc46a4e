"""The `python` engine: one plain function an area, written from the expression tree.

The function reads the case's facts into local variables, checks them, works out the derived facts
the rules need, and then each rule. A local variable is ``None`` where the fact is unknown.
Numbers that come from counting members are held as two variables, their lowest and highest value.
"""

from __future__ import annotations

import linecache
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from datetime import date
from functools import lru_cache
from typing import Any, cast

from attrs import define, field

from probation_rules.engines import CANNOT_TELL, MET, NO_STAGE, NOT_APPLICABLE, NOT_MET, Decide
from probation_rules.language import dates
from probation_rules.language.tree import (
    And,
    Arithmetic,
    Call,
    Compare,
    Constant,
    Count,
    If,
    In,
    Name,
    Node,
    Not,
    Or,
    names,
    walk,
)
from probation_rules.rulebook import validity
from probation_rules.rulebook.model import Area, Fact

Values = Callable[[object, date], dict[str, Any]]

_DAYS_REMEMBERED = 64
_CALLS = {
    "add_months": "add_months({}, {})",
    "last_day": "last_day({}, {})",
    "add_days": "add_days({}, {})",
    "days_between": "({1} - {0}).days",
    "divide_down": "({} // {})",
    "divide_up": "-(-{} // {})",
}


def compile_area(area: Area) -> Decide:
    """Return the function that decides cases of an area."""
    writer = _Writer(area)
    writer.read_case()
    writer.derive(_needed(area))
    writer.check_assumptions()
    codes = [writer.outcome(rule.gate, rule.lowered_condition) for rule in area.rules]
    codes.append(writer.stage())
    writer.line(f"return ({', '.join(codes)},)")
    return cast("Decide", writer.function("decide"))


def compile_values(area: Area) -> Values:
    """Return the function that gives every input and derived fact of a valid case, by name."""
    writer = _Writer(area)
    writer.read_case(check=False)
    writer.derive(area.definitions)
    shown = [*area.facts, *area.definitions]
    writer.line("return {" + ", ".join(f"{name!r}: {writer.single(name)}" for name in shown) + "}")
    return cast("Values", writer.function("values"))


def _needed(area: Area) -> set[str]:
    """Return the derived facts and parameters that rules, stages and assumptions rest on."""
    conditions = [rule.gate for rule in area.rules]
    conditions += [rule.lowered_condition for rule in area.rules]
    conditions += [stage.lowered for stage in area.stages.values()]
    conditions += [assumption.lowered for assumption in area.assumptions]
    found: set[str] = set()
    todo = [name for condition in conditions for name in names(condition)]
    while todo:
        name = todo.pop()
        if name in area.definitions and name not in found:
            found.add(name)
            todo += names(area.definitions[name])
    return found


@define
class _Writer:
    """Writes one function. Every method that returns text returns a Python expression."""

    area: Area
    lines: list[str] = field(factory=list)
    indent: int = 1
    used: int = 0
    known: set[str] = field(factory=set)  # variables that are never None
    constants: dict[str, str] = field(factory=dict)  # names that stand for one literal
    bounded: set[str] = field(factory=set)  # names held as two variables
    space: dict[str, Any] = field(factory=dict)

    def line(self, text: str) -> None:
        self.lines.append("    " * self.indent + text)

    @contextmanager
    def block(self, head: str) -> Any:
        self.line(head)
        self.indent += 1
        yield
        self.indent -= 1

    def fresh(self) -> str:
        self.used += 1
        return f"x{self.used}"

    def literal(self, value: object) -> str:
        if isinstance(value, bool | int | str) or value is None:
            return repr(value)
        if isinstance(value, date):
            name = f"date_{value.year}_{value.month}_{value.day}"
        else:
            name = f"c{len(self.space)}"
        self.space[name] = value
        return name

    def function(self, name: str) -> Callable[..., Any]:
        """Compile what was written."""
        source = "\n".join([f"def {name}(case, v_on):", *self.lines, ""])
        place = f"<{name} {self.area.name} {id(self):x}>"
        linecache.cache[place] = (len(source), None, source.splitlines(keepends=True), place)
        space = {
            "date": date, "add_months": dates.add_months, "last_day": dates.last_day,
            "add_days": dates.add_days, "refuse": validity.require_valid, "area": self.area,
            "scaled": validity.scaled, **self.space,
        }  # fmt: skip
        # The text is written by this module from a checked tree; no word of a rules file is in it
        # but names of the form [a-z][a-z0-9_]* and code words as quoted literals.
        exec(compile(source, place, "exec"), space)  # noqa: S102
        return cast("Callable[..., Any]", space[name])

    # --- the case ----------------------------------------------------------------------------

    def read_case(self, *, check: bool = True) -> None:
        tests = [self.test("on", self.area.facts["on"])]
        self.known.add("v_on")
        for name, fact in self.area.facts.items():
            if name != "on":
                self.line(f"v_{name} = case.{name}")
                tests.append(self.test(name, fact))
        if check:
            # A value that cannot even be compared is as bad as one out of range.
            with self.block("try:"):
                self.line("good = (" + "\n        and ".join(tests) + ")")
            with self.block("except TypeError:"):
                self.line("good = False")
            # Records are the case class's own affair, and are looked into at leisure only.
            refuse = "refuse(area, case, v_on)"
            self.line(refuse if self.area.records else f"if not good: {refuse}")
        for name, fact in self.area.facts.items():
            self.convert(f"v_{name}", fact)
        self.read_members(check=check)

    def test(self, name: str, fact: Fact) -> str:
        variable = f"v_{name}"
        low, high = self.literal(fact.type.low), self.literal(fact.type.high)
        match fact.kind:
            case "bool":
                test = f"{variable} is True or {variable} is False"
            case "int":
                test = f"type({variable}) is int and {low} <= {variable} <= {high}"
            case "date":
                test = f"type({variable}) is date and {low} <= {variable} <= {high}"
            case "code":
                test = f"{variable} in {self.literal(frozenset(fact.type.codes))}"
            case _:  # an exact decimal
                test = f"scaled({self.literal(fact)}, {variable}) is not None"
        if fact.only_if is not None:
            test = f"v_{fact.only_if} is True and {test}"
        return f"({test})" if name == "on" else f"({variable} is None or {test})"

    def convert(self, variable: str, fact: Fact) -> None:
        if fact.kind == "decimal":
            self.line(
                f"if {variable} is not None: {variable} = scaled({self.literal(fact)}, {variable})"
            )
        if fact.default is not None:
            self.line(f"if {variable} is None: {variable} = {self.literal(fact.default)}")
            self.known.add(variable)

    def read_members(self, *, check: bool) -> None:
        members = self.area.members
        if members is None:
            return
        self.line(f"v_{members.name} = case.{members.name}")
        with self.block(f"if v_{members.name} is not None:"):
            if check:
                many = f"{members.least} <= len(v_{members.name}) <= {members.most}"
                with self.block(f"if not (type(v_{members.name}) in (list, tuple) and {many}):"):
                    self.line("refuse(area, case, v_on)")
            self.line("rows = []")
            with self.block(f"for member in v_{members.name}:"):
                tests = []
                for name, fact in members.facts.items():
                    self.line(f"v_{name} = getattr(member, {name!r}, None)")
                    tests.append(self.test(name, fact))
                if check:
                    with self.block("try:"):
                        self.line(f"good = {' and '.join(tests)}")
                    with self.block("except TypeError:"):
                        self.line("good = False")
                    with self.block("if not good:"):
                        self.line("refuse(area, case, v_on)")
                for name, fact in members.facts.items():
                    self.convert(f"v_{name}", fact)
                self.line(f"rows.append(({', '.join(f'v_{name}' for name in members.facts)},))")
            self.line(f"v_{members.name} = rows")

    def check_assumptions(self) -> None:
        for assumption in self.area.assumptions:
            value, _ = self.value(assumption.lowered)
            with self.block(f"if ({value}) is False:"):
                self.line("refuse(area, case, v_on)")

    # --- derived facts, rules, stages --------------------------------------------------------

    def derive(self, wanted: Iterable[str]) -> None:
        self.look_up(name for name in self.area.parameters if name in wanted)
        for name, node in self.area.definitions.items():
            if name not in wanted or name in self.area.parameters:
                continue
            if node.type.kind == "int" and self.is_bounded(node):
                low, high, _ = self.ends(node)
                self.line(f"v_{name}_lo, v_{name}_hi = {low}, {high}")
                self.bounded.add(name)
            else:
                value, nullable = self.value(node)
                self.line(f"v_{name} = {value}")
                if not nullable:
                    self.known.add(f"v_{name}")

    def look_up(self, wanted: Iterable[str]) -> None:
        """Read the parameters' values on the day, which a caseload asks for again and again."""
        dated = []
        for name in wanted:
            node = self.area.definitions[name]
            if isinstance(node, Constant):
                self.constants[name] = self.literal(node.value)
            else:
                dated.append(name)
        if not dated:
            return
        parameters = [self.area.parameters[name] for name in dated]

        @lru_cache(_DAYS_REMEMBERED)
        def figures(on: date) -> tuple[Any, ...]:
            found = (parameter.on(on) for parameter in parameters)
            return tuple(value and value.value for value in found)

        self.space["figures"] = figures
        self.line("".join(f"v_{name}, " for name in dated) + "= figures(v_on)")

    def single(self, name: str) -> str:
        if name in self.bounded:
            return f"v_{name}_lo if v_{name}_lo == v_{name}_hi else None"
        return self.constants.get(name, f"v_{name}")

    def outcome(self, gate: Node, condition: Node) -> str:
        """Write one rule; return the variable that holds its code."""
        code, applies = self.fresh(), self.bound(gate)
        with self.block(f"if {applies} is True:"):
            holds = self.bound(condition)
            self.line(
                f"{code} = {MET} if {holds} else {CANNOT_TELL} if {holds} is None else {NOT_MET}"
            )
        self.line(f"else: {code} = {CANNOT_TELL} if {applies} is None else {NOT_APPLICABLE}")
        return code

    def stage(self) -> str:
        """Write the stages, nested: the first that holds is the only one."""
        code, depth = self.fresh(), self.indent
        self.line(f"{code} = {NO_STAGE}")
        for place, stage in enumerate(self.area.stages.values()):
            holds = self.bound(stage.lowered)
            self.line(f"if {holds} is True: {code} = {place}")
            self.line("else:")
            self.indent += 1
        self.line("pass")
        self.indent = depth
        return code

    # --- expressions -------------------------------------------------------------------------

    def value(self, node: Node) -> tuple[str, bool]:
        """Return an expression for a value, and whether it can be None."""
        match node:
            case And() | Or():
                return self.joined(node)
            case If():
                return self.choice(node)
            case Compare() if self.is_bounded(node):
                return self.compare_bounds(node), True
        text, unknowns = self.strict(node)
        if not unknowns:
            return text, False
        if text in unknowns or "None" in unknowns:
            return ("None" if "None" in unknowns else text), True
        return f"(None if {' or '.join(f'{one} is None' for one in unknowns)} else {text})", True

    def bound(self, node: Node) -> str:
        """Return a variable that holds a value."""
        text, nullable = self.value(node)
        if text.isidentifier() and text not in ("True", "False", "None"):
            return text
        name = self.fresh()
        self.line(f"{name} = {text}")
        if not nullable:
            self.known.add(name)
        return name

    def strict(self, node: Node) -> tuple[str, list[str]]:
        """Return an expression good where all is known, and the variables that may not be.

        Everything but `and`, `or`, `if` and counts is unknown as soon as a part is.
        """
        match node:
            case Constant(value=None):
                return "None", ["None"]
            case Constant():
                return self.literal(node.value), []
            case Name(of_member=True):
                return f"m_{node.name}", [f"m_{node.name}"]
            case Name():
                if node.name in self.constants:
                    text = self.constants[node.name]
                    return text, ["None"] if text == "None" else []
                variable = f"v_{node.name}"
                return variable, [] if variable in self.known else [variable]
            case Not():
                text, unknowns = self.strict(node.item)
                return f"(not {text})", unknowns
            case In():
                text, unknowns = self.strict(node.item)
                return f"({text} in {self.literal(node.words)})", unknowns
            case Compare(operator=operator) if not self.is_bounded(node):
                return self.combined(f"({{}} {operator} {{}})", (node.left, node.right))
            case Arithmetic(operator=operator):
                return self.combined(f"({{}} {operator} {{}})", (node.left, node.right))
            case Call(function=function, arguments=arguments):
                if function in ("min", "max"):
                    return self.least_or_most(function, arguments)
                return self.combined(_CALLS[function], arguments)
        variable = self.bound(node)
        return variable, [] if variable in self.known else [variable]

    def least_or_most(self, function: str, parts: tuple[Node, ...]) -> tuple[str, list[str]]:
        if len(parts) == 2 and isinstance(parts[0], Constant):  # noqa: PLR2004 (a floor or a ceiling)
            # Several times faster than a call, and nearly every minimum or maximum is of this kind.
            name, sign = self.fresh(), "<" if function == "min" else ">"
            bound, (text, unknowns) = self.literal(parts[0].value), self.strict(parts[1])
            return f"({name} if ({name} := {text}) {sign} {bound} else {bound})", unknowns
        return self.combined(f"{function}({', '.join('{}' for _ in parts)})", parts)

    def combined(self, form: str, parts: Iterable[Node]) -> tuple[str, list[str]]:
        found = [self.strict(part) for part in parts]
        unknowns = dict.fromkeys(name for _, names_ in found for name in names_)
        return form.format(*(text for text, _ in found)), list(unknowns)

    def joined(self, node: And | Or) -> tuple[str, bool]:
        """Write `and` or `or`: later items are looked at only while they can matter."""
        settled = isinstance(node, Or)
        if not node.items:
            return repr(not settled), False
        name, depth, nullable = self.fresh(), self.indent, False
        for place, item in enumerate(node.items):
            text, item_nullable = self.value(item)
            nullable = nullable or item_nullable
            if place == 0:
                self.line(f"{name} = {text}")
            else:
                other = text if text.isidentifier() else self.fresh()
                if other != text:
                    self.line(f"{other} = {text}")
                self.line(f"if {other} is not {not settled}: {name} = {other}")
            if place < len(node.items) - 1:
                self.line(f"if {name} is not {settled}:")
                self.indent += 1
        self.indent = depth
        if not nullable:
            self.known.add(name)
        return name, nullable

    def choice(self, node: If) -> tuple[str, bool]:
        """Write a choice: only the branch taken is worked out, or both where the test is unknown."""
        name, other, test = self.fresh(), self.fresh(), self.bound(node.test)
        with self.block(f"if {test} is not False:"):
            then, then_nullable = self.value(node.then)
            self.line(f"{name} = {then}")
        with self.block(f"if {test} is not True:"):
            otherwise, otherwise_nullable = self.value(node.otherwise)
            self.line(f"{other} = {otherwise}")
            self.line(f"if {test} is False: {name} = {other}")
            self.line(f"elif {name} != {other}: {name} = None")
        if test in self.known and not then_nullable and not otherwise_nullable:
            self.known.add(name)
            return name, False
        return name, True

    # --- counts ------------------------------------------------------------------------------

    def is_bounded(self, node: Node) -> bool:
        """Whether a value rests on a count, so that it is known by its bounds."""
        for one in walk(node):
            if isinstance(one, Count) or (isinstance(one, Name) and one.name in self.bounded):
                return True
        return False

    def ends(self, node: Node) -> tuple[str, str, list[str]]:
        """Return the lowest and highest value of a number, and what must be known for either."""
        if not self.is_bounded(node):
            value = self.bound(node)
            return value, value, [] if value in self.known else [value]
        match node:
            case Count():
                low, high = self.count(node)
                return low, high, [low]
            case Name():
                return f"v_{node.name}_lo", f"v_{node.name}_hi", [f"v_{node.name}_lo"]
            case Arithmetic(operator=operator):
                return self.calculated(operator, (node.left, node.right))
            case Call(function=function, arguments=arguments):
                return self.calculated(function, arguments)
            case If():
                return self.choice_of_ends(node)
        raise AssertionError(node)

    def calculated(self, function: str, parts: Iterable[Node]) -> tuple[str, str, list[str]]:
        found = [self.ends(part) for part in parts]
        unknowns = list(dict.fromkeys(name for *_, names_ in found for name in names_))
        (a, b, _), (c, d, _) = found[0], found[1]
        match function:
            case "+":
                low, high = f"{a} + {c}", f"{b} + {d}"
            case "-":
                low, high = f"{a} - {d}", f"{b} - {c}"
            case "*":
                products = ", ".join(f"{x} * {y}" for x in (a, b) for y in (c, d))
                low, high = f"min({products})", f"max({products})"
            case "divide_down":
                low, high = f"{a} // {d}", f"{b} // {c}"
            case "divide_up":
                low, high = f"-(-{a} // {d})", f"-(-{b} // {c})"
            case _:
                low = f"{function}({', '.join(low for low, *_ in found)})"
                high = f"{function}({', '.join(high for _, high, _ in found)})"
        return self.bound_ends(low, high, unknowns)

    def bound_ends(self, low: str, high: str, unknowns: list[str]) -> tuple[str, str, list[str]]:
        """Hold both ends; a number that rests on a count is unknown while the list is."""
        first, last = self.fresh(), self.fresh()
        with self.block(f"if {' or '.join(f'{one} is None' for one in unknowns)}:"):
            self.line(f"{first} = {last} = None")
        self.line(f"else: {first}, {last} = {low}, {high}")
        return first, last, [first]

    def choice_of_ends(self, node: If) -> tuple[str, str, list[str]]:
        first, last, test = self.fresh(), self.fresh(), self.bound(node.test)
        with self.block(f"if {test} is not False:"):
            low, high, _ = self.ends(node.then)
            self.line(f"{first}, {last} = {low}, {high}")
        with self.block(f"if {test} is not True:"):
            low, high, _ = self.ends(node.otherwise)
            self.line(f"if {test} is False: {first}, {last} = {low}, {high}")
            self.line(f"elif ({first}, {last}) != ({low}, {high}): {first} = {last} = None")
        return first, last, [first]

    def compare_bounds(self, node: Compare) -> str:
        a, b, unknown = self.ends(node.left)
        c, d, also = self.ends(node.right)
        result = self.fresh()
        yes, no = {
            "<": (f"{b} < {c}", f"{a} >= {d}"),
            "<=": (f"{b} <= {c}", f"{a} > {d}"),
            ">": (f"{a} > {d}", f"{b} <= {c}"),
            ">=": (f"{a} >= {d}", f"{b} < {c}"),
            "==": (f"{a} == {b} == {c} == {d}", f"{b} < {c} or {a} > {d}"),
            "!=": (f"{b} < {c} or {a} > {d}", f"{a} == {b} == {c} == {d}"),
        }[node.operator]
        known = f"True if {yes} else False if {no} else None"
        unknowns = list(dict.fromkeys([*unknown, *also]))
        guard = (
            f"None if {' or '.join(f'{one} is None' for one in unknowns)} else " if unknowns else ""
        )
        self.line(f"{result} = {guard}{known}")
        return result

    def count(self, node: Count) -> tuple[str, str]:
        members = self.area.members
        assert members is not None  # noqa: S101 (the checker lets `count` stand only with members)
        low, high = self.fresh(), self.fresh()
        with self.block(f"if v_{members.name} is None:"):
            self.line(f"{low} = {high} = None")
        with self.block("else:"):
            self.line(f"{low} = {high} = 0")
            fields = "".join(f"m_{name}, " for name in members.facts)
            with self.block(f"for {fields}in v_{members.name}:"):
                counts = self.bound(node.predicate)
                if node.field is None:
                    self.line(f"if {counts} is True: {low} += 1; {high} += 1")
                    self.line(f"elif {counts} is None: {high} += 1")
                else:
                    self.add_field(node.field, counts, low, high)
        return low, high

    def add_field(self, amount: Name, counts: str, low: str, high: str) -> None:
        least, most = amount.type.low, amount.type.high
        value = f"m_{amount.name}"
        self.line(f"a, b = ({least}, {most}) if {value} is None else ({value}, {value})")
        self.line(f"if {counts} is True: {low} += a; {high} += b")
        self.line(f"elif {counts} is None: {low} += min(0, a); {high} += max(0, b)")
