"""The `sql` engine: an area on a day -> one SELECT, for DuckDB, Spark, Trino or Athena.

The statement reads a table `cases`, one row a case, with a column for each fact that the area's
cases may say, and `reference`. An area with members reads a table `members` too, one row a member,
which a column with the area's name ties to the `reference` of its case. There, a case without rows
in `members` has a list that is not known, unless `members_known` in `cases` is true: then the list
is known, and empty.

Like every engine it refuses what cannot be judged: such a row has the outcome `invalid`, and the
reasons beside it. A fact that an area prepares from one code word is tabulated. The other facts that it
prepares (`Area.by_code`) are columns of `cases` too, and `problem` tells why a row has none.
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
from probation_rules.language.tree import Constant, Name, Node, Type
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
    """Return the statement that answers an area's rules for a whole table.

    It reads `cases` (and, for an area with members, `members`). Where the area prepares facts by
    code, these are columns of `cases`, which `Table.write_prepared` writes. The statement gives a
    row a case: `reference`, `stage` where the area has stages, a column for each rule with its
    outcome as a word, and `reasons`, a list of why an `invalid` row is. The names of rules have
    `_` for `.` and `-`.

    Args:
        area: The area's name, such as `unpaid-work`.
        on: The day the question is asked about. The statement holds for that day only.
        dialect: `duckdb`, `spark`, `trino` or `athena`.
        rulebook: The rules to go by; the shipped ones if not given.
        settings: Values for open parameters.
        facts: Whether each derived fact has a column too, after `reasons`.

    Raises:
        InputError: There is no such area or dialect, or the day or a setting is not allowed.
        NotInForce: The day is before the first one that the area's rules cover.
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
    """Return the column of `cases` that tells why a case has no prepared facts, if it has one."""
    return "problem" if area.by_code else None


def _header(area: Area) -> str:
    """Return the comment on the columns that this library prepares, where there are any."""
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
    """Return each rule's id with the name of its column, which every catalogue takes."""
    return {rule: rule.replace(".", "_").replace("-", "_") for rule in area.wordings}


def worked_out(area: Area) -> dict[str, Type]:
    """Return the types of facts that nobody says: those that a class computes, and derived ones."""
    computed = {
        name: fact.type for name, fact in area.facts.items() if fact.computed_from is not None
    }
    return computed | {name: derived.node.type for name, derived in area.derived.items()}


def case_column(area: Area) -> str:
    """Return the column of `members` that holds the reference of the member's case."""
    return area.name.replace("-", "_")


@define
class Statement:
    """The statement for an area on a day, as nodes.

    Attributes:
        dialect: Where it will run.
        assumed: Values that fill an unknown.
        unread: Columns with a companion `_unread_...` that says whether a value could not be read.
        of_members_unread: The same of the members' columns.
        clashing: Columns with a companion `_clash_...` that says whether the case says two things.
        key: The columns of the two tables that tie them together.
        tables: The names of the two tables.
        kept: Further columns of the table of cases that are carried along.
        typed: Whether columns are of the right types already, and codes hold known words only.
        tallied: The name of a table that holds what `tally` gives.
        problem: A column that lists why a row cannot be judged, beside what its facts are.
        of_records: A column that lists what is wrong with the records of a case, whose prepared
            facts are then unknown.
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
    _specialiser: Specialiser = field(init=False)
    _expressions: Expressions = field(init=False)
    _rules: list[tuple[Node, Node]] = field(init=False)
    _stages: dict[str, Node] = field(init=False)
    _assumptions: list[Node] = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Refuse what cannot be asked, and specialise the rules for the day."""
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
        # Everything is specialised first, since that is what finds the definitions that it needs.
        self._rules = [(special(one.gate), special(one.lowered_condition)) for one in area.rules]
        self._stages = {name: special(one.condition) for name, one in area.stages.items()}
        self._assumptions = [special(one.lowered) for one in area.assumptions]

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
            extra: Further columns of `cases` or facts that it should give.
        """
        codes = [
            named(self._outcome([place], literal), f"_rule_{place}")
            for place in range(len(self.area.rules))
        ]
        return self._select([*map(column, extra), *self._stage(), *codes, self._reasons()])

    def tally(self) -> exp.Select:
        """Return the SELECT that counts the members of each case, for a table to ask again."""
        return _over(self._input().tally(), [exp.Star()])

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
        """Gates and conditions, and whether the row may be judged after all."""
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
        texts = [f"{one.say} @ {one.at}" for one in self.area.assumptions]
        broken = texts_of(list(zip(self._broken, texts, strict=True)))
        if self.of_records:
            broken = both(exp.DPipe, or_else(column(self.of_records), no_texts()), broken)
        why = when((column("_good"), broken), otherwise=column("_why"))
        return named(when((_INVALID, why)), "reasons")

    def _outcome(self, places: Sequence[int], say: Callable[[int], Term]) -> Term:
        """Return the outcome of a rule: of several wordings, of the first that is not inapplicable."""
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
        """Return a derived fact of a row that may be judged, as a caller would say it."""
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
    """Return the SELECT of columns of the last of some parts, each of which rests on those before it."""
    statement = select(columns, parts[-1][0])
    for name, part in parts:
        statement = statement.with_(exp.to_identifier(name, quoted=True), part, copy=False)
    return statement
