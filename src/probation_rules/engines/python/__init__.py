"""The `python` engine: it writes one Python function for each area from the expression trees.

The function reads the facts of a case into local variables and checks them. It computes the derived
facts that the rules need, and then the outcome of each rule.
"""

from __future__ import annotations

import linecache
from collections.abc import Callable, Iterable
from datetime import date
from functools import lru_cache, partial
from itertools import count
from typing import Any, cast
from weakref import finalize

from probation_rules.engines import CANNOT_TELL, MET, NO_STAGE, NOT_APPLICABLE, NOT_MET, Decide
from probation_rules.engines.python.expressions import Expressions
from probation_rules.language import dates
from probation_rules.language.interpret import Interpreter
from probation_rules.language.tree import Constant, Node, names
from probation_rules.rulebook import validity
from probation_rules.rulebook.model import Area, Fact

Values = Callable[[object, date], dict[str, Any]]

_DAYS_REMEMBERED = 64
_NUMBERS = count()  # numbers for functions, so that every function has its own name


def compile_area(area: Area) -> Decide:
    """Return the function that decides cases of an area."""
    return cast("Decide", _compiled(area, "decide", _write_decide))


def compile_values(area: Area) -> Values:
    """Return the function that returns every input and derived fact of a valid case, by name."""
    return cast("Values", _compiled(area, "values", _write_values))


def _compiled(area: Area, name: str, write: Callable[[_Function], None]) -> Callable[..., Any]:
    """Return a function of an area. It is compiled once for all days and all settings.

    Without settings, the figures are constants in the function, which is faster. With settings, the
    function reads the parameters that may be set at each call.
    """
    key = f"{name} with settings" if area.settings else name
    if key not in area.compiled:
        writer = _Function(area, area.settable if area.settings else frozenset())
        write(writer)
        area.compiled[key] = writer.function(name)
    function: Callable[..., Any] = area.compiled[key]
    return partial(function, area=area) if area.settings else function


def _write_decide(writer: _Function) -> None:
    area = writer.area
    writer.read_settings()
    writer.read_case()
    writer.derive(_needed(area))
    writer.check_assumptions()
    codes = [writer.outcome(rule.gate, rule.lowered_condition) for rule in area.rules]
    codes.append(writer.stage())
    writer.line(f"return ({', '.join(codes)},)")


def _write_values(writer: _Function) -> None:
    writer.read_settings()
    writer.read_case(check=False)
    writer.derive(writer.area.definitions)
    shown = [*writer.area.facts, *writer.area.definitions]
    writer.line("return {" + ", ".join(f"{name!r}: {writer.single(name)}" for name in shown) + "}")


def _needed(area: Area) -> set[str]:
    """Return the derived facts and parameters that rules, stages and assumptions use."""
    conditions = [rule.gate for rule in area.rules]
    conditions += [rule.lowered_condition for rule in area.rules]
    conditions += [stage.condition for stage in area.stages.values()]
    conditions += [assumption.lowered for assumption in area.assumptions]
    found: set[str] = set()
    todo = [name for condition in conditions for name in names(condition)]
    while todo:
        name = todo.pop()
        if name in area.definitions and name not in found:
            found.add(name)
            todo += names(area.definitions[name])
    return found


class _Function(Expressions):
    """Writes one function."""

    def function(self, name: str) -> Callable[..., Any]:
        """Compile the written lines and return the function. Tracebacks can show its text."""
        arguments = "case, v_on, area" if self.settable else "case, v_on"
        source = "\n".join([f"def {name}({arguments}):", *self.lines, ""])
        place = f"<{name} {self.area.name} {next(_NUMBERS)}>"
        linecache.cache[place] = (len(source), None, source.splitlines(keepends=True), place)
        space = {
            "date": date, "add_months": dates.add_months, "last_day": dates.last_day,
            "add_days": dates.add_days, "refuse": validity.require_valid, "area": self.area,
            "problems_of_records": validity.problems_of_records, "scaled": validity.scaled,
            **self.space,
        }  # fmt: skip
        # This module writes the text from a checked tree. The only words from a rules file in it are
        # names of the form [a-z][a-z0-9_]* and code words as quoted literals.
        exec(compile(source, place, "exec"), space)  # noqa: S102
        function = cast("Callable[..., Any]", space[name])
        finalize(function, linecache.cache.pop, place, None).atexit = False
        return function

    # --- the case ----------------------------------------------------------------------------

    def read_settings(self) -> None:
        for name in sorted(self.settable):
            self.line(f"s_{name} = area.settings.get({name!r})")

    def read_case(self, *, check: bool = True) -> None:
        tests = [self.test("on", self.area.facts["on"])]
        self.known.add("v_on")
        prepares = self.area.spec.prepare is not None
        if prepares:
            self.line("said, prepared = case.case, case.prepared")
        for name, fact in self.area.facts.items():
            if name == "on":
                continue
            if prepares:
                value = f"prepared[{name!r}]" if fact.computed_from else f"said.{name}"
            else:
                value = f"case.{name}"
            self.line(f"v_{name} = {value}")
            tests.append(self.test(name, fact))
        if check:
            # A value that cannot be compared is treated as out of range.
            with self.block("try:"):
                self.line("good = (" + "\n        and ".join(tests) + ")")
            with self.block("except TypeError:"):
                self.line("good = False")
            wrong = (
                "not good or any(problems_of_records(area, case))"
                if self.area.records
                else "not good"
            )
            self.line(f"if {wrong}: refuse(area, case, v_on)")
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
        settled = [name for name, one in self.area.parameters.items() if one.by == "on"]
        self.look_up(name for name in settled if name in wanted)
        for name, node in self.area.definitions.items():
            if name not in wanted or name in settled:
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
        """Look up the values of parameters on the day, with a cache: a caseload repeats its dates."""
        dated = []
        for name in wanted:
            node = self.area.definitions[name]
            if not isinstance(node, Constant):
                dated.append(name)
            elif name in self.settable:
                self.constants[name] = self.bound(node)
            else:
                self.constants[name] = self.literal(node.value)
        if not dated:
            return
        nodes = [self.area.definitions[name] for name in dated]

        @lru_cache(_DAYS_REMEMBERED)
        def figures(on: date) -> tuple[Any, ...]:
            return tuple(map(Interpreter({"on": on}, {}).value, nodes))

        self.space["figures"] = figures
        self.line("".join(f"v_{name}, " for name in dated) + "= figures(v_on)")
        for name in dated:
            if name in self.settable:
                self.line(f"if s_{name} is not None: v_{name} = s_{name}")

    def single(self, name: str) -> str:
        if name in self.bounded:
            return f"v_{name}_lo if v_{name}_lo == v_{name}_hi else None"
        return self.constants.get(name, f"v_{name}")

    def outcome(self, gate: Node, condition: Node) -> str:
        """Write one rule; return the variable with its code."""
        code, applies = self.fresh(), self.bound(gate)
        with self.block(f"if {applies} is True:"):
            holds = self.bound(condition)
            self.line(
                f"{code} = {MET} if {holds} else {CANNOT_TELL} if {holds} is None else {NOT_MET}"
            )
        self.line(f"else: {code} = {CANNOT_TELL} if {applies} is None else {NOT_APPLICABLE}")
        return code

    def stage(self) -> str:
        """Write the stages, each inside the one before: it is checked only if that one is false."""
        code, depth = self.fresh(), self.indent
        self.line(f"{code} = {NO_STAGE}")
        for place, stage in enumerate(self.area.stages.values()):
            holds = self.bound(stage.condition)
            self.line(f"if {holds} is True: {code} = {place}")
            self.line(f"elif {holds} is False:")
            self.indent += 1
        self.line("pass")
        self.indent = depth
        return code
