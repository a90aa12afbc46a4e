"""The `sql` engine: an area on a day -> one SELECT, for DuckDB, Spark, Trino or Athena.

The statement reads a table `cases`, one row a case, with a column for each fact that the area's
cases may say, and `reference`. An area with members reads a table `members` too, one row a member,
which a column with the area's name ties to the `reference` of its case. There, a case without rows in `members` has a list that is
not known, unless `members_known` in `cases` is true: then the list is known, and empty.

Like every engine it refuses what cannot be judged: such a row has the outcome `invalid`, and the
reasons beside it. A fact that the case class computes from a closed list of words is tabulated.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from attrs import define, field
from sqlglot import exp

from probation_rules.areas import CASE_TYPES
from probation_rules.engines import CANNOT_TELL, MET, NOT_APPLICABLE, NOT_MET
from probation_rules.engines.fold import Fold
from probation_rules.engines.terms import (
    SQL_TYPES,
    Term,
    Terms,
    between,
    both,
    column,
    count_ends,
    every,
    is_null,
    literal,
    named,
    negated,
    some,
    when,
)
from probation_rules.errors import EngineUnavailable, did_you_mean
from probation_rules.language.tree import Node
from probation_rules.rulebook import shipped
from probation_rules.rulebook.model import Area, Assumption, Fact, Members
from probation_rules.rulebook.validity import require_day

if TYPE_CHECKING:
    from probation_rules.rulebook.book import Rulebook

INVALID = 4
WORDS = ("not_applicable", "met", "not_met", "cannot_tell", "invalid")  # in the order of the codes
DIALECTS = ("duckdb", "spark", "trino", "athena")
MEMBERS_KNOWN = "members_known"
_TRUNCATING = ("trino", "athena")
SEPARATOR = "; "


def sql(
    area: str,
    *,
    on: date,
    dialect: str,
    rulebook: Rulebook | None = None,
    settings: Mapping[str, Any] | None = None,
) -> str:
    """Return the statement that answers an area's rules for a whole table.

    It reads `cases` (and, for an area with members, `members`) and gives a row a case: `reference`,
    `stage` where the area has stages, a column for each rule with its outcome as a word, and
    `reasons`, which says why an `invalid` row is. The names of rules have `_` for `.` and `-`.

    Args:
        area: The area's name, such as `unpaid-work`.
        on: The day the question is asked about. The statement holds for that day only.
        dialect: `duckdb`, `spark`, `trino` or `athena`.
        rulebook: The rules to go by; the shipped ones if not given.
        settings: Values for open parameters.

    Raises:
        EngineUnavailable: The dialect is none of these, or a table cannot hold the area's cases.
        CaseError: The day is no date.
        NotInForce: The day is before the first one that the area's rules cover.
        RulebookError: There is no such area, or a setting is not allowed.
    """
    book = shipped() if rulebook is None else rulebook
    if settings:
        book = book.with_settings(settings)
    statement = Statement(book.area(area), on, dialect)
    return statement.by_rule(sql_names(statement.area)).sql(dialect=dialect, pretty=True)


def sql_names(area: Area) -> dict[str, str]:
    """Return each rule's id with the name of its column, which every catalogue takes."""
    return {rule: rule.replace(".", "_").replace("-", "_") for rule in area.wordings}


def case_column(area: Area) -> str:
    """Return the column of `members` that holds the reference of the member's case."""
    return area.name.replace("-", "_")


def require_table(area: Area) -> None:
    """Refuse an area whose cases a table cannot hold.

    Raises:
        EngineUnavailable: Naming a fact that is worked out from more than one word.
    """
    for name, fact in area.facts.items():
        if fact.computed_from is not None and _words_of(area, fact) is None:
            said = " and ".join(f"`{path}`" for path in fact.computed_from)
            raise EngineUnavailable(
                f"`{name}` of {area.name} is worked out from {said}, which a table does not hold; "
                "answer these cases one at a time with `check`"
            )


@define
class Statement:
    """The statement for an area on a day, as nodes.

    Attributes:
        dialect: Where it will run.
        assumed: Values that fill an unknown.
        unread: Columns with a companion `_unread_...` that says whether a value could not be read.
        of_members_unread: The same of the members' columns.
        key: The columns of the two tables that tie them together.
        tables: The names of the two tables.
        kept: Further columns of the table of cases that are carried along.
    """

    area: Area
    on: date
    dialect: str = "duckdb"
    assumed: Mapping[str, Any] = field(factory=dict)
    unread: Collection[str] = ()
    of_members_unread: Collection[str] = ()
    key: tuple[str, str] = ("reference", "")
    tables: tuple[str, str] = ("cases", "members")
    kept: tuple[str, ...] = ()
    _fold: Fold = field(init=False)
    _terms: Terms = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Refuse what cannot be asked, and fold the rules for the day."""
        if self.dialect not in DIALECTS:
            hint = did_you_mean(str(self.dialect), DIALECTS) or f"; known are {', '.join(DIALECTS)}"
            raise EngineUnavailable(f"the SQL of `{self.dialect}` is not supported{hint}")
        require_table(self.area)
        require_day(self.area, self.on)
        self.key = (self.key[0], self.key[1] or case_column(self.area))
        self._fold = Fold(self.area, self.on)
        self._terms = Terms(self._fold, self.dialect in _TRUNCATING)

    def by_rule(
        self, names: Mapping[str, str], word: Callable[[str], Term] = literal
    ) -> exp.Select:
        """Return the SELECT with a column for each rule's outcome, as a word, under these names."""
        columns = [column("reference")]
        if self.area.stages:
            columns.append(column("stage"))
        for rule, places in self.area.wordings.items():
            columns.append(named(_outcome(places, lambda code: word(WORDS[code])), names[rule]))
        return self._from_last([*columns, column("reasons")])

    def by_wording(self, extra: Iterable[str] = ()) -> exp.Select:
        """Return the SELECT with a column `_rule_...` for each wording's code.

        Args:
            extra: Further columns of `cases` or facts that it should give.
        """
        names = [f"_rule_{place}" for place in range(len(self.area.rules))]
        stage = ["stage"] if self.area.stages else []
        return self._from_last([column(one) for one in (*extra, *stage, *names, "reasons")])

    @property
    def _carried(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(("reference", self.key[0], *self.kept)))

    # --- the levels --------------------------------------------------------------------------

    def _from_last(self, columns: Sequence[Term]) -> exp.Select:
        # Conditions are folded first, since that is what finds the definitions they need.
        rules = [
            (self._fold(one.gate), self._fold(one.lowered_condition)) for one in self.area.rules
        ]
        stages = {name: self._fold(one.lowered) for name, one in self.area.stages.items()}
        assumptions = [(self._fold(one.lowered), one) for one in self.area.assumptions]
        parts: list[tuple[str, exp.Select]] = [
            ("_read", self._read()),
            ("_checked", self._checked()),
        ]
        if self.area.members is not None:
            parts += [("_people", self._people()), ("_tally", self._tally())]
            parts.append(("_counted", self._counted()))
        for number, level in enumerate(self._fold.levels(), 1):
            found = [
                one
                for name in level
                for one in self._terms.defined(name, self._fold.definitions[name])
            ]
            parts.append((f"_level_{number}", _select([exp.Star(), *found], parts[-1][0])))
        parts.append(("_judged", self._judged(rules, assumptions, parts[-1][0])))
        parts.append(("_decided", self._decided(stages)))
        statement = _select(columns, "_decided")
        for name, part in parts:
            statement = statement.with_(exp.to_identifier(name, quoted=True), part, copy=False)
        return statement

    def _judged(
        self,
        rules: Sequence[tuple[Node, Node]],
        assumptions: Sequence[tuple[Node, Assumption]],
        table: str,
    ) -> exp.Select:
        """Gates and conditions, and whether the row may be judged after all."""
        columns: list[Term] = [exp.Star()]
        for place, (gate, condition) in enumerate(rules):
            columns.append(named(self._terms.value(gate), f"_gate_{place}"))
            columns.append(named(self._terms.value(condition), f"_test_{place}"))
        holding: list[Term] = [column("_good")]
        for place, (node, _) in enumerate(assumptions):
            holds = self._terms.value(node)
            columns.append(named(holds, f"_holds_{place}"))
            holding.append(exp.Coalesce(this=holds, expressions=[literal(value=True)]))
        columns.append(named(every(holding), "_valid"))
        return _select(columns, table)

    def _decided(self, stages: Mapping[str, Node]) -> exp.Select:
        """The code of every wording, the stage, and why a row is invalid."""
        columns: list[Term] = [exp.Star()]
        valid = column("_valid")
        columns += [
            named(_outcome([place], literal), f"_rule_{place}")
            for place in range(len(self.area.rules))
        ]
        if stages:
            tests = [
                (every([valid, self._terms.value(node)]), literal(name))
                for name, node in stages.items()
            ]
            columns.append(named(when(*tests), "stage"))
        broken = [
            (negated(column(f"_holds_{place}")), f"{one.say} @ {one.at}")
            for place, one in enumerate(self.area.assumptions)
        ]
        why = when((column("_good"), _said(broken)), otherwise=column("_why"))
        columns.append(named(when((negated(valid), _without_first_separator(why))), "reasons"))
        return _select(columns, "_judged")

    # --- the input ---------------------------------------------------------------------------

    def _read(self) -> exp.Select:
        """Every column by its type, assumptions filled in."""
        columns: list[Term] = [named(exp.cast(column("reference"), "VARCHAR"), "reference")]
        columns += [column(name) for name in self._carried[1:]]
        columns += [column(f"_unread_{name}") for name in self.unread]
        for name, fact in self.area.said.items():
            term = _typed(fact, column(name))
            if name in self.assumed:
                value = literal(self.assumed[name], fact.type.kind)
                term = exp.Coalesce(this=term, expressions=[value])
            columns.append(named(term, name))
        if self.area.members is not None:
            columns.append(named(exp.cast(column(MEMBERS_KNOWN), "BOOLEAN"), MEMBERS_KNOWN))
        return _select(columns, self.tables[0])

    def _checked(self) -> exp.Select:
        """Every fact as the rules see it, and whether the row may be judged."""
        facts = self.area.said
        kept: list[Term] = [column(name) for name in self._carried]
        kept += [column(MEMBERS_KNOWN)] if self.area.members is not None else []
        kept += [named(seen(fact, column(name)), name) for name, fact in facts.items()]
        for name, fact in self.area.facts.items():
            if fact.computed_from is not None:
                kept.append(named(_tabulated(self.area, name, fact), name))
        bad = list(_faults(facts, self.unread))
        good = negated(some([test for test, _ in bad]))
        kept += [
            named(good, "_good"),
            named(when((good, literal("")), otherwise=_said(bad)), "_why"),
        ]
        return _select(kept, "_read")

    # --- the members -------------------------------------------------------------------------

    @property
    def _of_members(self) -> Mapping[str, Fact]:
        assert self.area.members is not None  # noqa: S101 (called for areas with members only)
        return self.area.members.facts

    def _people(self) -> exp.Select:
        facts = self._of_members
        columns: list[Term] = [named(column(self.key[1]), "_case")]
        columns += [named(_typed(fact, column(name)), name) for name, fact in facts.items()]
        columns += [column(f"_unread_{name}") for name in self.of_members_unread]
        return _select(columns, self.tables[1])

    def _tally(self) -> exp.Select:
        """For each case how many members it has, how many count, and how many are bad input."""
        facts = self._of_members
        inner: list[Term] = [column("_case")]
        inner += [named(seen(fact, column(name)), name) for name, fact in facts.items()]
        bad = list(_faults(facts, self.of_members_unread))
        inner += [named(test, f"_bad_{place}") for place, (test, _) in enumerate(bad)]
        seen_people = _select(inner, "_people").subquery("_seen")
        columns: list[Term] = [column("_case"), named(exp.Count(this=exp.Star()), "_size")]
        for place in range(len(bad)):
            found = exp.Count(this=when((column(f"_bad_{place}"), literal(1))))
            columns.append(named(found, f"_bad_{place}"))
        for node, name in self._fold.counts.items():
            low, high = count_ends(self._terms, node)
            columns += [named(low, f"_low_{name}"), named(high, f"_high_{name}")]
        return exp.select(*columns).from_(seen_people).group_by(column("_case"))

    def _counted(self) -> exp.Select:
        members = self.area.members
        assert members is not None  # noqa: S101 (called for areas with members only)
        told = column(MEMBERS_KNOWN)
        known = when(
            (told, literal(value=True)),
            (negated(told), literal(value=False)),
            otherwise=negated(is_null(column("_size", "t"))),
        )
        size = _or_zero(column("_size", "t"))
        wrong_size = negated(between(size, literal(members.least), literal(members.most)))
        bad = [(every([known, wrong_size]), size_text(members))]
        for place, (_, text) in enumerate(_faults(members.facts, self.of_members_unread)):
            some_bad = both(exp.GT, _or_zero(column(f"_bad_{place}", "t")), literal(0))
            bad.append((every([known, negated(wrong_size), some_bad]), f"{text} of a member"))
        columns: list[Term] = [column(name, "c") for name in self._checked().named_selects[:-2]]
        ends = [f"_{end}_{name}" for name in self._fold.counts.values() for end in ("low", "high")]
        columns += [named(when((known, _or_zero(column(end, "t")))), end) for end in ends]
        good = every([column("_good", "c"), negated(some([test for test, _ in bad]))])
        why = both(exp.DPipe, column("_why", "c"), _said(bad))
        joined = both(exp.EQ, column(self.key[0], "c"), column("_case", "t"))
        return (
            exp.select(*columns, named(good, "_good"), named(why, "_why"))
            .from_(exp.alias_(_table("_checked"), "c", table=True, quoted=True))
            .join(
                exp.alias_(_table("_tally"), "t", table=True, quoted=True),
                on=joined,
                join_type="left",
            )
        )


def seen(fact: Fact, term: Term) -> Term:
    """Return a fact as the rules see it: unknown where it is not allowed, absence filled."""
    value = _scaled(fact, term) if fact.kind == "decimal" else term
    # A wrong number or date could break what is worked out from it; a wrong word only makes it idle.
    kept = value if fact.kind in ("bool", "code") else when((_allowed(fact, term), value))
    if fact.default is None:
        return kept
    return exp.Coalesce(this=kept, expressions=[literal(fact.default)])


def fault_texts(facts: Mapping[str, Fact]) -> dict[str, tuple[str, str]]:
    """Return for each fact what is said of a value not allowed, and of one that may not exist."""
    return {
        name: (
            f"must be {fact.allowed} @ {name}",
            f"is given, so {fact.only_if} must be true @ {name}",
        )
        for name, fact in facts.items()
    }


def size_text(members: Members) -> str:
    """Return what is said of a list with too few or too many members."""
    return f"a list of {members.least} to {members.most} is needed @ {members.name}"


def _faults(facts: Mapping[str, Fact], unread: Collection[str]) -> Iterable[tuple[Term, str]]:
    """Yield tests that are true of bad input, never unknown, each with what it means."""
    texts = fault_texts(facts)
    for name, fact in facts.items():
        value, (not_allowed, homeless) = column(name), texts[name]
        tests = [column(f"_unread_{name}")] if name in unread else []
        fine = some([is_null(value), _allowed(fact, value)]) if fact.kind != "bool" else None
        tests += [negated(fine)] if fine is not None else []
        if tests:
            yield some(tests), not_allowed
        if fact.only_if is not None:
            holder = exp.Coalesce(this=column(fact.only_if), expressions=[literal(value=False)])
            given = every([negated(is_null(value)), negated(holder)])
            yield (every([given, fine]) if fine is not None else given), homeless


def _allowed(fact: Fact, term: Term) -> Term:
    if fact.kind == "code":
        words = [exp.Literal.string(word) for word in fact.type.codes]
        return exp.Paren(this=exp.In(this=term, expressions=words))
    if fact.kind != "decimal":
        return between(term, literal(fact.type.low), literal(fact.type.high))
    least, most = (
        exp.cast(exp.Literal.string(str(end)), _decimal(fact)) for end in (fact.least, fact.most)
    )
    exact = both(exp.EQ, exp.cast(term, _decimal(fact)), term)
    # A value out of range may not fit: only one in range is looked at further.
    in_range = between(term, least, most)
    return when((in_range, exact), otherwise=in_range)


def _scaled(fact: Fact, term: Term) -> Term:
    exact = exp.cast(term, _decimal(fact))
    return exp.cast(both(exp.Mul, exact, literal(10**fact.type.places)), "BIGINT")


def _decimal(fact: Fact) -> str:
    return f"DECIMAL(18, {fact.type.places})"


def _typed(fact: Fact, term: Term) -> Term:
    # A decimal keeps its own type: another number of places would round it before it is checked.
    return term if fact.kind == "decimal" else exp.cast(term, SQL_TYPES[fact.kind])


def _words_of(area: Area, fact: Fact) -> tuple[str, tuple[str, ...]] | None:
    """Return the one code that a computed fact is worked out from, with its words."""
    said, *others = fact.computed_from or ("",)
    source = area.facts.get(said)
    if others or source is None or source.kind != "code":
        return None
    return said, source.type.codes


def _tabulated(area: Area, name: str, fact: Fact) -> Term:
    """Return a computed fact as a table of what its class computes from each word."""
    said, words = cast("tuple[str, tuple[str, ...]]", _words_of(area, fact))
    make: Any = CASE_TYPES.get(area.name, SimpleNamespace)
    found: dict[str, list[str]] = {}
    for word in words:
        found.setdefault(getattr(make(**{said: word}), name), []).append(word)
    return when(
        *(
            (
                exp.Paren(
                    this=exp.In(
                        this=column(said), expressions=[exp.Literal.string(word) for word in words]
                    )
                ),
                literal(value),
            )
            for value, words in found.items()
        )
    )


def _said(tests: Sequence[tuple[Term, str]]) -> Term:
    """Return what is said of the tests that are true, each after a separator."""
    nothing: Term = literal("")
    found = nothing
    for test, text in tests:
        each = when((test, literal(f"{SEPARATOR}{text}")), otherwise=nothing)
        found = both(exp.DPipe, found, each)
    return found


def _without_first_separator(term: Term) -> Term:
    return exp.Substring(this=term, start=literal(len(SEPARATOR) + 1))


def _or_zero(term: Term) -> Term:
    return exp.Coalesce(this=term, expressions=[literal(0)])


def _outcome(places: Sequence[int], say: Callable[[int], Term]) -> Term:
    """Return the outcome of a rule: of several wordings, of the first that is not inapplicable."""
    tests = [(negated(column("_valid")), say(INVALID))]
    for place in places:
        gate, holds = column(f"_gate_{place}"), column(f"_test_{place}")
        tests.append((every([gate, holds]), say(MET)))
        tests.append((every([gate, negated(holds)]), say(NOT_MET)))
        maybe = exp.Coalesce(this=gate, expressions=[literal(value=True)])
        tests.append((maybe, say(CANNOT_TELL)))
    return when(*tests, otherwise=say(NOT_APPLICABLE))


def _table(name: str) -> exp.Table:
    return exp.table_(name, quoted=True)


def _select(columns: Sequence[Term], table: str) -> exp.Select:
    return exp.select(*columns).from_(_table(table))
