"""Build a checked `Area` from a document, or report every problem.

The order is: names, facts, parameters, derived facts, assumptions, stages, rules, due days, then
unused names. A problem in one place does not hide problems in other places.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Mapping
from datetime import date
from itertools import pairwise
from string import Formatter
from typing import Any, cast

from attrs import evolve

from probation_rules.errors import Problem, RulebookError, did_you_mean
from probation_rules.language.choice import ordered_choice
from probation_rules.language.lower import Lowering, TooLarge
from probation_rules.language.parse import NAME, ConditionError, parse
from probation_rules.language.scope import Scope
from probation_rules.language.tree import (
    And,
    Compare,
    Constant,
    If,
    Name,
    Node,
    Not,
    Or,
    Type,
    names,
    walk,
)
from probation_rules.language.units import unit_text
from probation_rules.quoting import plain
from probation_rules.rulebook.facts import FactLoader
from probation_rules.rulebook.figures import FigureLoader, values_by_day
from probation_rules.rulebook.kinds import BOOL, DATE, unit_of
from probation_rules.rulebook.model import (
    LONGEST_TEXT,
    Area,
    Assumption,
    Derived,
    DueDay,
    Fact,
    Parameter,
    Remark,
    Rule,
    Stage,
    checked,
)
from probation_rules.rulebook.spec import NO_SPEC, AreaSpec
from probation_rules.rulebook.toml_schema import (
    NEVER,
    AreaDocument,
    DerivedDocument,
    DueDocument,
    FactDocument,
    LabelsDocument,
    RuleDocument,
)
from probation_rules.rulebook.validity import is_text

MOST_STAGES = 20
MOST_CHOICES = 20  # choices in one derived fact
_AREA = re.compile(r"[a-z][a-z0-9-]*")
_NO_NAME = "`{}` is not allowed: a name has only small letters, digits and _, and a letter first"
# Names that engines use themselves.
_ENGINES_OWN = re.compile(r"(k|t|f)_.*|h\d+|sid|id|.*_(lo|hi)|stage|case|reference")


def build(document: AreaDocument, where: str, spec: AreaSpec = NO_SPEC) -> Area:
    """Return the checked area of a document.

    Args:
        document: The document of a whole area, with local additions.
        where: The name of the file, for messages.
        spec: The area's classes and code.

    Raises:
        RulebookError: The document has problems; the error lists all of them.
    """
    builder = _Builder(document, where, spec)
    area = builder.area()
    if builder.problems:
        raise RulebookError(builder.problems)
    return area


class _Builder:
    def __init__(self, document: AreaDocument, where: str, spec: AreaSpec) -> None:
        self.document = document
        self.where = where
        self.spec = spec
        self.problems: list[Problem] = []
        self.types: dict[str, Type] = {}
        self.definitions: dict[str, Node] = {}
        self.mentioned: set[str] = set()
        self.uses: dict[str, tuple[str, ...]] = {}

    def refuse(self, path: str, text: str) -> None:
        self.problems.append(Problem(text, f"{self.where}: {path}"))

    # --- the area ----------------------------------------------------------------------------

    def area(self) -> Area:
        document = self.document
        for key in ("title", "prefix"):
            if getattr(document, key) is None:
                self.refuse(key, f"`{key}` is missing")
        if not _AREA.fullmatch(document.area):
            self.refuse(
                "area", "an area's name has only small letters, digits and -, and a letter first"
            )
        if document.month_end != "clamp":
            fault = f"`{document.month_end}` is unknown" if document.month_end else "it is missing"
            text = "write `clamp`: a month without the corresponding day gives its last day"
            self.refuse("month_end", f"{fault}; {text}")
        self.check_names()
        said = FactLoader(document, self.refuse)
        self.figures = FigureLoader(document.sources, self.refuse)
        facts, members, records = said.facts(), said.members(), said.records()
        parameters = self.parameters = {
            name: self.figures.parameter(name, found) for name, found in document.parameters.items()
        }
        self.types |= {name: fact.type for name, fact in facts.items()}
        if members:
            self.types[members.name] = Type("int", low=0, high=members.most)
        self.types |= {name: parameter.type for name, parameter in parameters.items()}
        self.scope = Scope(
            self.types,
            frozenset(parameters),
            {name: fact.type for name, fact in members.facts.items()} if members else {},
            members.name if members else None,
        )
        settled = {name for name, parameter in parameters.items() if parameter.by == "on"}
        self.lowering = Lowering(self.definitions, settled)
        for name, parameter in parameters.items():
            day = self.date_of(parameter, facts)
            self.definitions[name] = values_by_day(parameter).on(day)
        derived = self.derived()
        assumptions = self.assumptions(facts)
        stages = self.stages()
        self.periods = self.wording_periods()
        rules = tuple(
            rule
            for id_, wordings in document.rules.items()
            for place, wording in enumerate(wordings)
            if (rule := self.rule(id_, wording, place)) is not None
        )
        self.check_wordings(rules)
        self.check_replacements(rules)
        due = self.due(derived, rules)
        self.check_unused()
        self.check_labels()
        return Area(
            document=document, spec=self.spec, parameters=parameters, facts=facts,
            members=members, records=records, derived=derived, assumptions=assumptions,
            stages=stages, rules=rules, due=due, remarks=self.remarks(), sections=self.sections(),
            definitions=self.definitions,
            settable=frozenset(name for name, one in parameters.items() if one.may_be_set),
        )  # fmt: skip

    def sections(self) -> tuple[Any, ...]:
        """Return the special sections of local rulebooks of this area, in the order of adding."""
        section = self.spec.section
        if section is None:
            return ()
        return tuple(section.made(one.local, one.content) for one in self.document.sections)

    def date_of(self, parameter: Parameter, facts: Mapping[str, Fact]) -> Node:
        """Return the date that decides which of a parameter's values is in force."""
        dates = [name for name, fact in facts.items() if fact.kind == "date"]
        if parameter.by not in dates:
            hint = did_you_mean(parameter.by, dates) or f"; dates are {', '.join(dates)}"
            self.refuse(f"parameters.{parameter.name}", f"`by` must name a date in [facts]{hint}")
            return Name(facts["on"].type, "on")
        self.mentioned.add(parameter.by)
        self.uses[parameter.name] = (parameter.by,) if parameter.by != "on" else ()
        return Name(facts[parameter.by].type, parameter.by)

    @property
    def values(self) -> set[str]:
        """Return the names of input and derived facts, without parameters and the list of members."""
        return {*self.document.facts, *self.document.derived}

    def check_names(self) -> None:
        document, seen = self.document, dict[str, str]()
        sections: list[tuple[str, Iterable[str]]] = [
            ("facts", document.facts),
            ("parameters", document.parameters),
            ("derived", document.derived),
            ("records", document.records),
        ]
        if document.members:
            sections += [
                ("members", [document.members.name]),
                ("members.facts", document.members.facts),
            ]
        for section, found in sections:
            for name in found:
                path = f"{section}.{name}"
                if not NAME.fullmatch(name):
                    self.refuse(path, _NO_NAME.format(name))
                elif keyword.iskeyword(name) or _ENGINES_OWN.fullmatch(name):
                    self.refuse(path, f"`{name}` is a reserved word; choose another name")
                elif name.lower() in seen:
                    self.refuse(
                        path, f"`{name}` is already in [{seen[name.lower()]}]; choose another name"
                    )
                seen[name.lower()] = section

    # --- expressions -------------------------------------------------------------------------

    def expression(self, path: str, text: str, kind: str | None = None) -> tuple[Node, Node] | None:
        """Return an expression as written and as engines run it, or report the fault."""
        node = self.parsed(path, text, kind)
        return None if node is None else self.lowered(path, node)

    def parsed(self, path: str, text: str, kind: str | None = None) -> Node | None:
        """Return an expression as written, or report the fault."""
        try:
            node = parse(text, self.scope)
        except ConditionError as error:
            self.refuse(path, str(error))
            return None
        if kind is not None and node.type.kind != kind:
            self.refuse(path, "a true-or-false condition is needed here")
            return None
        return node

    def lowered(self, path: str, node: Node) -> tuple[Node, Node] | None:
        """Return an expression as written and as engines run it, or report that it is too large."""
        self.mentioned |= set(names(node)) | _member_fields(node)
        try:
            return node, self.lowering.lower(node)
        except TooLarge:
            text = "too large: it has too many choices or levels; move a part of it to [derived]"
            self.refuse(path, text)
            return None

    def condition(self, path: str, text: str) -> tuple[Node, Node] | None:
        found = self.expression(path, text, "bool")
        if found and not self.can_vary(found[0]):
            self.refuse(path, "this does not use a fact of the case, so it is always the same")
            return None
        return found

    def can_vary(self, node: Node) -> bool:
        """Return whether a condition uses a fact or an open parameter."""
        members, parameters = self.document.members, self.document.parameters
        facts = {*self.document.facts, *([members.name] if members else [])}
        return any(
            name in facts or (name in parameters and not parameters[name].values)
            for name in self.reached(names(node))
        )

    def reached(self, found: Iterable[str]) -> tuple[str, ...]:
        """Return these names and all names that their definitions use, in order."""
        reached: dict[str, None] = {}
        for name in found:
            reached |= dict.fromkeys(self.uses.get(name, ()))
            reached[name] = None
        return tuple(reached)

    def derived(self) -> dict[str, Derived]:
        derived = {}
        for name, found in self.document.derived.items():
            path = f"derived.{name}"
            expression = self.value_of(path, found)
            if expression is None:
                # Later expressions may use the name. They must not report the same fault again.
                self.types[name] = BOOL
                self.definitions[name] = Constant(BOOL, None, name)
                continue
            node, lowered = expression
            self.check_unit(path, found.unit, node.type)
            if found.only_if is not None:
                lowered = self.existing(path, found.only_if, lowered)
            self.uses[name] = self.reached(
                [*names(node), *([found.only_if] if found.only_if else [])]
            )
            self.types[name] = node.type
            self.definitions[name] = lowered
            cites = self.figures.citations(path, found.cites)
            derived[name] = checked(
                Derived, found, name=name, node=node, lowered=lowered, citations=cites
            )
        return derived

    def existing(self, path: str, condition: str, lowered: Node) -> Node:
        """Return a value that exists only if a fact is true."""
        kind = self.types.get(condition)
        if kind is None or kind.kind != "bool" or condition in self.scope.parameters:
            text = "`only_if` must name a true-or-false fact above it"
            self.refuse(path, f"{text}, not `{condition}`")
            return lowered
        self.mentioned.add(condition)
        return If(lowered.type, Name(kind, condition), lowered, Constant(lowered.type, None))

    def value_of(self, path: str, found: DerivedDocument) -> tuple[Node, Node] | None:
        """Return the expression of a derived fact, as written and as engines run it."""
        if (found.is_ is None) == (not found.first):
            self.refuse(path, "give either `is` or `first`")
            return None
        if found.is_ is not None:
            return self.expression(path, found.is_)
        *cases, last = found.first
        if len(cases) > MOST_CHOICES:
            self.refuse(path, f"a derived fact can have at most {MOST_CHOICES} choices")
            return None
        parsed: list[Node | None] = []
        for place, case in enumerate(cases):
            if case.when is None or case.value is None or case.otherwise is not None:
                self.refuse(f"{path}.first[{place}]", "give `when` and `value`")
                return None
            parsed.append(self.parsed(f"{path}.first[{place}].when", case.when, "bool"))
            parsed.append(self.parsed(f"{path}.first[{place}].value", case.value))
        if last.otherwise is None or last.when is not None or last.value is not None or not cases:
            text = "`first` needs one or more lines with `when`, and then a line with `otherwise`"
            self.refuse(f"{path}.first[{len(cases)}]", text)
            return None
        otherwise = self.parsed(f"{path}.first[{len(cases)}].otherwise", last.otherwise)
        if otherwise is None or None in parsed:
            return None
        known = cast("list[Node]", parsed)
        try:
            node = ordered_choice(list(zip(known[::2], known[1::2], strict=True)), otherwise)
        except ValueError as error:
            self.refuse(path, str(error))
            return None
        return self.lowered(path, node)

    def check_unit(self, path: str, given: str | None, kind: Type) -> None:
        if kind.kind != "int":
            if given is not None:
                self.refuse(path, "only a number can have a `unit`; remove it")
        elif unit_of(self.refuse, path, given) != (kind.unit or ()) and given is not None:
            self.refuse(
                path,
                f"`unit` is `{given}`, but the formula gives `{unit_text(kind.unit or ())}`",
            )

    def assumptions(self, facts: Mapping[str, Fact]) -> tuple[Assumption, ...]:
        made = []
        for name, found in self.document.assume.items():
            path = f"assume.{name}"
            known = {*facts, *self.document.records}
            if found.at.split(".")[0] not in known:
                self.refuse(path, f"`at` must name a fact{did_you_mean(found.at, known)}")
            if expression := self.condition(path, found.that):
                made.append(checked(Assumption, found, name=name, lowered=expression[1]))
        return tuple(made)

    def stages(self) -> dict[str, Stage]:
        stages = {}
        if len(self.document.stages) > MOST_STAGES:
            self.refuse("stages", f"an area can have at most {MOST_STAGES} stages")
        earlier: list[Node] = []
        last = next(reversed(list(self.document.stages)), None)
        for name, found in self.document.stages.items():
            path = f"stages.{name}"
            if not NAME.fullmatch(name):
                self.refuse(path, _NO_NAME.format(name))
            if (found.when is None) == (not found.otherwise) or found.otherwise != (name == last):
                text = "the last stage needs `otherwise = true`, and every other stage needs `when`"
                self.refuse(path, text)
                continue
            condition: Node = And(BOOL, ())
            if found.when is not None:
                expression = self.condition(f"{path}.when", found.when)
                if expression is None:
                    continue
                condition = expression[1]
            lowered = And(BOOL, (*earlier, condition))
            stages[name] = checked(Stage, found, name=name, condition=condition, lowered=lowered)
            earlier.append(Not(BOOL, condition))
        return stages

    # --- rules -------------------------------------------------------------------------------

    def rule_path(self, id_: str, place: int) -> str:
        return f'rules."{id_}"' + (f"[{place}]" if len(self.document.rules[id_]) > 1 else "")

    def rule(self, id_: str, found: RuleDocument, place: int) -> Rule | None:
        path = self.rule_path(id_, place)
        prefix = f"{self.document.prefix}."
        if not id_.startswith(prefix) or not re.fullmatch(r"[a-z0-9.-]+", id_):
            self.refuse(
                path,
                f"the id of a rule of this area is `{prefix}`, then small letters, digits and -",
            )
        cites = self.figures.citations(path, found.cites)
        if not cites:
            self.refuse(path, "a rule needs a source: add at least one citation in `cites`")
        if (found.must is None) == (found.should is None):
            self.refuse(path, "give either `must` or `should`")
            return None
        text = cast("str", found.must if found.should is None else found.should)
        condition = self.condition(f"{path}.{'must' if found.should is None else 'should'}", text)
        applies = self.condition(f"{path}.applies", found.applies) if found.applies else None
        in_force = self.periods.get((id_, place))
        if condition is None or in_force is None or (found.applies and applies is None):
            return None
        node, lowered = condition
        replaced = self.not_replaced(id_)
        gate = And(BOOL, (*in_force.items, *replaced, *((applies[1],) if applies else ())))
        texts = [*names(node), *(names(applies[0]) if applies else ()), found.in_force.by]
        texts += [name for one in replaced for name in names(one)]
        texts += [found.in_force.from_parameter] if found.in_force.from_parameter else []
        uses = self.reached(dict.fromkeys(texts))
        self.check_message(f"{path}.not_met", found.not_met, uses)
        return checked(
            Rule, found, id=id_, gate=gate, in_force_condition=in_force,
            applies_condition=applies[0] if applies else None, condition=node,
            lowered_condition=lowered, from_=self.shown_first_day(found), citations=cites,
            facts=tuple(name for name in uses if name in self.values),
            figures=tuple(name for name in uses if name in self.document.parameters),
        )  # fmt: skip

    def wording_periods(self) -> dict[tuple[str, int], And]:
        """Return when each wording is in force, by the rule's id and the wording's index."""
        return {
            (id_, place): And(BOOL, tests)
            for id_, wordings in self.document.rules.items()
            for place, wording in enumerate(wordings)
            if (tests := self.in_force(self.rule_path(id_, place), wording, len(wordings)))
            is not None
        }

    def not_replaced(self, id_: str) -> tuple[Node, ...]:
        """Return conditions that are false while another rule replaces this one."""
        return tuple(
            Not(BOOL, period)
            for (other, place), period in self.periods.items()
            if self.document.rules[other][place].replaces == id_
        )

    def first_day(self, path: str, found: RuleDocument, wordings: int) -> Node | None:
        """Return the first day in force: `NEVER` if a parameter without a value gives it."""
        first, name = found.in_force.from_, found.in_force.from_parameter
        if (first == NEVER) == (name is None):
            self.refuse(path, "give either `from` or `from_parameter`")
            return None
        if name is None:
            return Constant(DATE, first)
        if name not in self.scope.parameters or self.types[name].kind != "date":
            dates = [one for one in self.scope.parameters if self.types[one].kind == "date"]
            hint = did_you_mean(name, dates)
            self.refuse(path, f"`from_parameter` must name a parameter that is a date{hint}")
            return None
        if wordings > 1 or found.in_force.by != "on":
            self.refuse(
                path, "a rule with `from_parameter` can have only one wording, and not `by`"
            )
            return None
        self.mentioned.add(name)
        return _or_never(self.definitions[name])

    def shown_first_day(self, found: RuleDocument) -> date:
        """Return the first day in force according to the rules files."""
        if found.in_force.from_parameter is None:
            return found.in_force.from_
        values = self.parameters[found.in_force.from_parameter].values
        return cast("date", values[-1].value) if values else NEVER

    def in_force(self, path: str, found: RuleDocument, wordings: int) -> tuple[Node, ...] | None:
        first = self.first_day(f"{path}.in_force", found, wordings)
        if first is None:
            return None
        last, by = found.in_force.to, found.in_force.by
        if by not in self.types or self.types[by].kind != "date" or by in self.scope.parameters:
            dates = [name for name, kind in self.types.items() if kind.kind == "date"]
            self.refuse(f"{path}.in_force", f"`by` must name a date{did_you_mean(by, dates)}")
            return None
        self.mentioned.add(by)
        begins = cast("date", first.value) if isinstance(first, Constant) else NEVER
        if last is not None and last < begins != NEVER:
            self.refuse(f"{path}.in_force", "`to` is before `from`")
        day = Name(self.types[by], by)
        tests: list[Node] = []
        if begins > cast("date", day.type.low):
            tests.append(Compare(BOOL, ">=", day, first))
        if last is not None:
            tests.append(Compare(BOOL, "<=", day, Constant(DATE, last)))
        return tuple(self.lowering.lower(test) for test in tests)

    def check_message(self, path: str, text: str, uses: tuple[str, ...]) -> None:
        try:
            parts = list(Formatter().parse(text))
        except ValueError as error:
            self.refuse(path, f"the message cannot be filled in: {error}")
            return
        for _, name, form, conversion in parts:
            if name is None:
                continue
            if not NAME.fullmatch(name) or form or conversion:
                self.refuse(path, "only plain names are allowed in braces, as in `{last_day}`")
            elif name not in uses:
                hint = did_you_mean(name, uses)
                self.refuse(path, f"the message uses `{name}`, but the rule does not{hint}")

    def due(
        self, derived: Mapping[str, Derived], rules: tuple[Rule, ...]
    ) -> dict[str, tuple[DueDay, ...]]:
        return {
            name: tuple(
                day
                for found in entries
                if (day := self.due_day(name, found, derived, rules)) is not None
            )
            for name, entries in self.document.due.items()
        }

    def due_day(
        self, name: str, found: DueDocument, derived: Mapping[str, Derived], rules: tuple[Rule, ...]
    ) -> DueDay | None:
        path = f"due.{name}"
        said = self.document.derived
        days = [name for name in said if self.types[name].kind == "date"]
        # The kind of a derived fact that was refused is unknown.
        if name not in days and (name in derived or name not in said):
            hint = did_you_mean(name, days) or "; use the name of a date in [derived]"
            self.refuse(path, f"`{name}` is not a derived fact with a date{hint}")
        if not is_text(found.label):
            text = f"must be one line of text, with 1 to {LONGEST_TEXT} characters"
            self.refuse(f"{path}.label", text)
        if found.rule not in self.document.rules:
            hint = did_you_mean(found.rule, self.document.rules)
            self.refuse(f"{path}.rule", f"`{found.rule}` is not a rule in this area{hint}")
        expression = self.condition(f"{path}.while", found.while_)
        if expression is None:
            return None
        node, lowered = expression
        wordings = tuple(rule.in_force_condition for rule in rules if rule.id == found.rule)
        stands = And(BOOL, (Or(BOOL, wordings), *self.not_replaced(found.rule), lowered))
        return checked(DueDay, found, fact=name, node=node, lowered=stands)

    def remarks(self) -> tuple[Remark, ...]:
        made = []
        for id_, found in self.document.remarks.items():
            path = f'remarks."{id_}"'
            cites = self.figures.citations(path, found.cites)
            if not cites:
                self.refuse(path, "a remark needs a source: add at least one citation in `cites`")
            made.append(checked(Remark, found, id=id_, citations=cites))
        return tuple(made)

    def check_wordings(self, rules: tuple[Rule, ...]) -> None:
        wordings: dict[str, list[Rule]] = {}
        for rule in rules:
            wordings.setdefault(rule.id, []).append(rule)
        for id_, found in wordings.items():
            found.sort(key=lambda rule: rule.from_)
            for one, following in pairwise(found):
                if one.by != following.by:
                    self.refuse(
                        f'rules."{id_}"', "all wordings of a rule need the same date in `by`"
                    )
                if one.to is None or one.to >= following.from_:
                    self.refuse(
                        f'rules."{id_}"',
                        f"the wording from {one.from_} overlaps the wording from {following.from_}",
                    )

    def check_replacements(self, rules: tuple[Rule, ...]) -> None:
        """Refuse two replacements of one rule at the same time."""
        replacements: dict[str, list[Rule]] = {}
        for rule in sorted(rules, key=lambda rule: rule.from_):
            if rule.replaces is not None:
                replacements.setdefault(rule.replaces, []).append(rule)
        for id_, found in replacements.items():
            for one, following in pairwise(found):
                path = f'rules."{following.id}"'
                if one.by != following.by:
                    text = f"all replacements of `{id_}` need the same date in `by`"
                    self.refuse(path, f"{text}; `{one.id}` has `{one.by}`")
                elif one.to is None or one.to >= following.from_:
                    text = f"`{one.id}` already replaces `{id_}` on some of these days"
                    self.refuse(path, f"{text}; give one of them other days")

    def check_labels(self) -> None:
        """Refuse a label that two facts share."""
        document = self.document
        found: list[tuple[str, LabelsDocument | FactDocument | None]] = [
            ("reference", document.reference),
            *((f"facts.{name}", fact) for name, fact in document.facts.items()),
        ]
        if members := document.members:
            found.append(("members.reference", members.reference))
            found += ((f"members.facts.{name}", fact) for name, fact in members.facts.items())
        owners: dict[str, str] = {}
        for path, one in found:
            name = path.rpartition(".")[2]
            # The name of a fact is also a header of its column.
            own = [] if name == "reference" else [name]
            for label in (
                *own,
                *([one.label] if one and one.label else []),
                *(one.also if one else ()),
            ):
                header = plain(label)
                if not header:
                    self.refuse(path, "a label needs at least one letter or digit")
                elif owners.setdefault(header, path) != path:
                    text = f"`{label}` is also a label of `{owners[header]}`; choose another"
                    self.refuse(path, text)

    def check_unused(self) -> None:
        needed = self.mentioned | {"on"}
        for fact in self.document.facts.values():
            needed |= {
                fact.only_if or "on",
                *(one.split(".")[0] for one in fact.computed_from or ()),
            }
        for section, found in (
            ("facts", self.document.facts),
            ("parameters", self.document.parameters),
            ("records", self.document.records),
        ):
            for name in found:
                if name not in needed:
                    self.refuse(f"{section}.{name}", f"`{name}` is not used; remove it")
        if self.document.members:
            for name in self.document.members.facts:
                if name not in needed:
                    self.refuse(f"members.facts.{name}", f"`{name}` is not used; remove it")


def _or_never(first: Node) -> Node:
    """Return the value of a parameter, or `NEVER` if neither the rules nor a setting give it."""
    match first:
        case Constant(value=None):
            return evolve(first, value=NEVER)
        case If():
            return evolve(first, then=_or_never(first.then), otherwise=_or_never(first.otherwise))
    return first


def _member_fields(node: Node) -> set[str]:
    return {one.name for one in walk(node) if isinstance(one, Name) and one.of_member}
