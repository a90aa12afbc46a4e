"""The `sql` engine: one SELECT for an area on a day, for DuckDB, Spark, Trino or Athena.

The statement reads a table `cases` with one row for each case. It has a column for each fact of the
area's cases, and `reference`. For an area with members, the statement also reads a table `members`
with one row for each member; its column with the area's name is the `reference` of the case. If a
case does not have rows in `members`, its list is unknown, unless `members_known` in `cases` is true:
then the list is empty.

Like every engine, the statement refuses invalid cases: such a row has the outcome `invalid`, with
reasons. A fact that the area prepares from one code word is a table of values in the statement. The
other prepared facts (`Area.by_code`) are also columns of `cases`, and `problem` gives the reason if a
row does not have them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from attrs import define, field
from sqlglot import exp

from probation_rules.engines import (
    CANNOT_TELL,
    INVALID,
    MET,
    NOT_APPLICABLE,
    NOT_MET,
    ROW_OUTCOMES,
)
from probation_rules.engines.sql.expressions import Expressions
from probation_rules.engines.sql.input import Input
from probation_rules.engines.sql.nodes import (
    SQL_TYPES,
    Term,
    both,
    column,
    is_null,
    literal,
    named,
    negated,
    no_texts,
    none_of,
    or_else,
    select,
    some,
    texts_of,
    unscaled,
    when,
)
from probation_rules.errors import InputError, Problem, did_you_mean
from probation_rules.language.specialise import Specialiser
from probation_rules.language.tree import Constant, Name, Node, Type, walk
from probation_rules.rulebook import shipped
from probation_rules.rulebook.model import Area
from probation_rules.rulebook.validity import require_day

if TYPE_CHECKING:
    from probation_rules.rulebook.book import Rulebook

DIALECTS = ("duckdb", "spark", "trino", "athena")
_TRUNCATING = ("trino", "athena")
_INVALID = negated(column("_valid"))


def sql(
    area: str,
    *,
    on: date,
    dialect: str,
    rulebook: Rulebook | None = None,
    settings: Mapping[str, Any] | None = None,
    facts: bool = False,
) -> str:
    """Return the SQL statement that checks a whole table against an area's rules.

    The statement reads `cases` and, for an area with members, `members`. If the area prepares facts
    by code, `cases` needs columns for them, which `Table.write_prepared` writes. The statement
    returns one row for each case: `reference`, `stage` if the area has stages, a column for each
    rule with its outcome as a word, and `reasons`, the list of reasons for an `invalid` row. In the
    names of columns, the `.` and `-` of rules are `_`.

    Args:
        area: The area's name, such as `unpaid-work`.
        on: The day asked about. The statement is valid only for that day.
        dialect: `duckdb`, `spark`, `trino` or `athena`.
        rulebook: The rules to use; the shipped rules by default.
        settings: Values for open parameters.
        facts: Whether to add a column for each derived fact, after `reasons`.

    Raises:
        InputError: The area or dialect does not exist, or the day or a setting is not allowed.
        NotInForce: The day is before the first day that the area's rules cover.
    """
    book = shipped() if rulebook is None else rulebook
    if settings:
        book = book.with_settings(settings)
    found = book.area(area)
    statement = Statement(found, on, dialect, problem=problem_column(found))
    derived = worked_out(statement.area) if facts else ()
    asked = statement.by_rule(sql_names(statement.area), facts=derived)
    return _header(found) + asked.sql(dialect=dialect, pretty=True)


def problem_column(area: Area) -> str | None:
    """Return the column of `cases` with the reason for missing prepared facts, if there is one."""
    return "problem" if area.by_code else None


def _header(area: Area) -> str:
    """Return the comment on the columns that this library prepares, or an empty text."""
    if not area.by_code:
        return ""
    lines = [
        "This statement reads facts that probation_rules prepares. Write the table `cases` with",
        f"`check_table({area.name!r}, ...).write_prepared(path)` or `probation-rules sql --prepare`.",
        f"Prepared columns: {', '.join(area.by_code)}.",
        "The column `problem` is a list of reasons why a row is invalid, and null for other rows.",
    ]
    return "".join(f"-- {line}\n" for line in lines)


def sql_names(area: Area) -> dict[str, str]:
    """Return the column name of each rule. Every data catalogue accepts these names."""
    return {rule: rule.replace(".", "_").replace("-", "_") for rule in area.wordings}


def worked_out(area: Area) -> dict[str, Type]:
    """Return the types of computed facts: prepared facts and derived facts."""
    computed = {
        name: fact.type for name, fact in area.facts.items() if fact.computed_from is not None
    }
    return computed | {name: derived.node.type for name, derived in area.derived.items()}


def case_column(area: Area) -> str:
    """Return the column of `members` with the reference of the member's case."""
    return area.name.replace("-", "_")


@define
class Statement:
    """The statement for an area on a day, as nodes.

    Attributes:
        dialect: The SQL dialect.
        assumed: Values that replace unknown facts.
        unread: Columns with a second column `_unread_...`: whether a value could not be read.
        of_members_unread: The same for columns of members.
        clashing: Columns with a second column `_clash_...`: whether rows of a case differ.
        key: The columns that connect the two tables.
        tables: The names of the two tables.
        kept: Further columns of the table of cases that are passed through.
        typed: Whether columns already have the right types, and codes contain only known words.
        tallied: The name of a table with the result of `tally`. If it is the table of cases, each
            row contains the counts of its own members.
        problem: A column with further reasons why a row is invalid.
        of_records: A column with the problems of the records of a case. If there are problems, the
            prepared facts of the case are unknown.
        looks: Expressions that `by_wording` adds as columns `_look_...`. The column is the value of
            a true-or-false value or a code word; for others it is whether the value is unknown.
    """

    area: Area
    on: date
    dialect: str = "duckdb"
    assumed: Mapping[str, Any] = field(factory=dict)
    unread: Collection[str] = ()
    of_members_unread: Collection[str] = ()
    clashing: Collection[str] = ()
    key: tuple[str, str] = ("reference", "")
    tables: tuple[str, str] = ("cases", "members")
    kept: tuple[str, ...] = ()
    typed: bool = False
    tallied: str | None = None
    problem: str | None = None
    of_records: str | None = None
    looks: Sequence[Node] = ()
    _specialiser: Specialiser = field(init=False)
    _expressions: Expressions = field(init=False)
    _rules: list[tuple[Node, Node]] = field(init=False)
    _stages: dict[str, Node] = field(init=False)
    _assumptions: list[Node] = field(init=False)
    _looks: list[Node] = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Check the day and the dialect, and specialise the rules for the day."""
        if self.dialect not in DIALECTS:
            hint = did_you_mean(str(self.dialect), DIALECTS) or f"; known are {', '.join(DIALECTS)}"
            text = f"the SQL of `{self.dialect}` is not supported{hint}"
            raise InputError([Problem(text, "dialect")])
        require_day(self.area, self.on)
        self.key = (self.key[0], self.key[1] or case_column(self.area))
        area = self.area
        special = self._specialiser = Specialiser(
            area.definitions, area.facts, area.settings, self.on
        )
        self._expressions = Expressions(special, self.dialect in _TRUNCATING)
        # Everything is specialised first, because this finds the definitions that are needed.
        self._rules = [(special(one.gate), special(one.lowered_condition)) for one in area.rules]
        self._stages = {name: special(one.condition) for name, one in area.stages.items()}
        self._assumptions = [special(one.lowered) for one in area.assumptions]
        self._looks = [special(node) for node in self.looks]

    def by_rule(
        self,
        names: Mapping[str, str],
        word: Callable[[str], Term] = literal,
        *,
        facts: Collection[str] = (),
        carried: Mapping[str, str] | None = None,
    ) -> exp.Select:
        """Return the SELECT with a column for each rule's outcome.

        Args:
            names: The name of each rule's column.
            word: Returns the term for an outcome.
            facts: Derived facts that get a column too.
            carried: The names that kept columns get, by their names in the table of cases.
        """
        kinds = worked_out(self.area)
        derived = [self._fact(name, kinds[name]) for name in facts]
        beside = [named(column(one), name) for one, name in (carried or {}).items()]
        outcomes = [
            named(self._outcome(places, lambda code: word(ROW_OUTCOMES[code])), names[rule])
            for rule, places in self.area.wordings.items()
        ]
        return self._select(
            [column("reference"), *beside, *self._stage(), *outcomes, self._reasons(), *derived]
        )

    def by_wording(self, extra: Iterable[str] = ()) -> exp.Select:
        """Return the SELECT with a column `_rule_...` for each wording's code.

        Args:
            extra: Further columns of `cases`, or facts, to return.
        """
        codes = [
            named(self._outcome([place], literal), f"_rule_{place}")
            for place in range(len(self.area.rules))
        ]
        looks = [named(self._look(node), f"_look_{at}") for at, node in enumerate(self._looks)]
        return self._select([*map(column, extra), *self._stage(), *codes, self._reasons(), *looks])

    def tally(self) -> exp.Select:
        """Return the SELECT that counts the members of each case, to be used several times."""
        return _over(self._input().tally(), [exp.Star()])

    def traces(self) -> dict[str, Any]:
        """Return what each column is computed from: of each rule, of `stage` and of `reasons`.

        If two statements over one table have equal traces of a column, they give equal values. The
        prepared facts and the members of a case are columns of the table, and have no trace.
        """
        area = self.area
        texts = [(one.message, one.at) for one in area.assumptions]
        valid = area.facts, self.assumed, self._traced(self._assumptions), texts
        nodes = {
            rule: [node for place in places for node in self._rules[place]]
            for rule, places in area.wordings.items()
        }
        nodes |= {"stage": list(self._stages.values()), "reasons": []}
        return {
            name: (valid, self._traced(some), [*self._stages] if name == "stage" else [])
            for name, some in nodes.items()
        }

    def _traced(self, nodes: Sequence[Node]) -> tuple[Sequence[Node], dict[str, Node]]:
        """Return expressions with the definitions that they use, directly or not."""
        definitions, found, todo = self._specialiser.definitions, dict[str, Node](), [*nodes]
        while todo:
            for one in walk(todo.pop()):
                if isinstance(one, Name) and one.name in definitions and one.name not in found:
                    found[one.name] = definitions[one.name]
                    todo.append(found[one.name])
        return nodes, found

    # --- the levels --------------------------------------------------------------------------

    def _select(self, columns: Sequence[Term]) -> exp.Select:
        parts = self._input().parts()
        for number, level in enumerate(self._specialiser.levels(), 1):
            found = [
                one
                for name in level
                for one in self._expressions.defined(name, self._specialiser.definitions[name])
            ]
            parts.append((f"_level_{number}", select([exp.Star(), *found], parts[-1][0])))
        parts.append(("_judged", self._judged(parts[-1][0])))
        return _over(parts, columns)

    def _input(self) -> Input:
        carried = tuple(dict.fromkeys(("reference", self.key[0], *self.kept)))
        return Input(
            self.area, self._expressions, self.assumed, self.unread, self.of_members_unread,
            self.clashing, self.key, self.tables, carried, self.typed, self.tallied, self.problem,
            self.of_records,
        )  # fmt: skip

    def _judged(self, source: str) -> exp.Select:
        """Return gates and conditions, and whether the row is valid by all tests."""
        columns: list[Term] = [exp.Star()]
        for place, (gate, condition) in enumerate(self._rules):
            columns.append(named(self._expressions.value(gate), f"_gate_{place}"))
            columns.append(named(self._expressions.value(condition), f"_test_{place}"))
        broken = [negated(column("_good")), *self._broken]
        if self.of_records:
            broken.insert(1, negated(is_null(column(self.of_records))))
        valid = none_of(broken)
        columns.append(named(valid, "_valid"))
        return select(columns, source)

    @property
    def _broken(self) -> list[Term]:
        return [negated(self._expressions.value(node)) for node in self._assumptions]

    # --- the last level ----------------------------------------------------------------------

    def _stage(self) -> list[Term]:
        if not self.area.stages:
            return []
        nothing = literal(None, "code")
        tests = [(_INVALID, nothing)]
        for name, node in self._stages.items():
            test = self._expressions.value(node)
            tests += [(test, literal(name)), (is_null(test), nothing)]
        return [named(when(*tests), "stage")]

    def _reasons(self) -> Term:
        texts = [f"{one.message} @ {one.at}" for one in self.area.assumptions]
        broken = texts_of(list(zip(self._broken, texts, strict=True)))
        if self.of_records:
            broken = both(exp.DPipe, or_else(column(self.of_records), no_texts()), broken)
        why = when((column("_good"), broken), otherwise=column("_why"))
        return named(when((_INVALID, why)), "reasons")

    def _look(self, node: Node) -> Term:
        value = self._expressions.value(node)
        return value if node.type.kind in ("bool", "code") else is_null(value)

    def _outcome(self, places: Sequence[int], say: Callable[[int], Term]) -> Term:
        """Return the outcome of a rule: that of the first wording that is not `not_applicable`."""
        found = say(NOT_APPLICABLE)
        for place in reversed(places):
            gate, holds = column(f"_gate_{place}"), column(f"_test_{place}")
            found = when(
                (_INVALID, say(INVALID)),
                (negated(gate), found),
                (some([is_null(gate), is_null(holds)]), say(CANNOT_TELL)),
                (holds, say(MET)),
                otherwise=say(NOT_MET),
            )
        return found

    def _fact(self, name: str, kind: Type) -> Term:
        """Return a derived fact of a valid row, in the form that callers use."""
        node = self._specialiser(Name(kind, name))
        if isinstance(node, Constant):
            term = literal(node.value, kind.kind)
        elif name in self._specialiser.bounded:
            low, high = self._expressions.ends(node)
            term = when((both(exp.EQ, low, high), low))
        else:
            term = self._expressions.value(node)
        term = unscaled(term, kind.places) if kind.places else exp.cast(term, SQL_TYPES[kind.kind])
        return named(when((column("_valid"), term)), name)


def _over(parts: Sequence[tuple[str, exp.Select]], columns: Sequence[Term]) -> exp.Select:
    """Return the SELECT of columns from the last of some parts. Parts use the parts before them."""
    statement = select(columns, parts[-1][0])
    for name, part in parts:
        statement = statement.with_(exp.to_identifier(name, quoted=True), part, copy=False)
    return statement
