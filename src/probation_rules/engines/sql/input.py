"""The first parts of the statement: they read the tables, convert the facts and find bad rows.

Each row is checked once. After that, all facts of an invalid row are unknown, so that nothing is
computed from them. Members are counted for each case, and so are invalid members.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from attrs import frozen
from sqlglot import exp

from probation_rules.engines.sql.expressions import Expressions, count_ends
from probation_rules.engines.sql.nodes import (
    SQL_TYPES,
    Term,
    between,
    both,
    column,
    counted,
    every,
    is_null,
    literal,
    named,
    negated,
    no_texts,
    none_of,
    one_of,
    or_else,
    select,
    some,
    table,
    texts_of,
    when,
)
from probation_rules.rulebook.model import Area, Fact, Members
from probation_rules.rulebook.validity import fault_texts, list_text

MEMBERS_KNOWN = "members_known"


@frozen
class Input:
    """The first parts of the statement: from the tables to facts and counts.

    Attributes:
        assumed: Values that replace unknown facts.
        unread: Columns with a second column `_unread_...`: whether a value could not be read.
        of_members_unread: The same for columns of members.
        clashing: Columns with a second column `_clash_...`: whether rows of a case differ.
        key: The columns that connect the two tables.
        tables: The names of the two tables.
        carried: Columns of the table of cases that are passed through.
        typed: Whether columns already have the right types, and codes contain only known words.
        tallied: The name of a table that already contains the counts of members. If it is the table
            of cases, each row contains the counts of its own members.
        problem: A column with further reasons why a row is invalid; null for other rows.
        of_records: A column with the problems of the records of a case.
    """

    area: Area
    expressions: Expressions
    assumed: Mapping[str, Any]
    unread: Collection[str]
    of_members_unread: Collection[str]
    clashing: Collection[str]
    key: tuple[str, str]
    tables: tuple[str, str]
    carried: tuple[str, ...]
    typed: bool
    tallied: str | None
    problem: str | None
    of_records: str | None

    def parts(self) -> list[tuple[str, exp.Select]]:
        """Return the parts in order, each with its name. The last part has all facts."""
        found = [("_read", self._read()), ("_checked", self._checked()), ("_facts", self._facts())]
        if self.area.members is not None:
            found += [] if self.tallied else self.tally()
            found.append(("_counted", self._counted()))
        return found

    @property
    def _counts(self) -> list[str]:
        """The columns of the table of cases with counts of members."""
        if self.area.members is None or self.tallied != self.tables[0]:
            return []
        counts: list[str] = self._tally().named_selects[1:]
        return counts

    def tally(self) -> list[tuple[str, exp.Select]]:
        """Return the parts that count members. They do not need the table of cases."""
        return [("_people", self._people()), ("_tally", self._tally())]

    def _read(self) -> exp.Select:
        """Return every column with its type and with assumed values filled in."""
        columns: list[Term] = [named(exp.cast(column("reference"), "VARCHAR"), "reference")]
        columns += [column(name) for name in self.carried if name != "reference"]
        columns += map(column, self._counts)
        columns += [column(f"_unread_{name}") for name in self.unread]
        columns += [column(f"_clash_{name}") for name in self.clashing]
        columns += [column(name) for name in (self.problem, self.of_records) if name]
        for name, fact in self.area.columns.items():
            term = self._typed(fact)
            if name in self.assumed:
                term = or_else(term, literal(self.assumed[name], fact.type.kind))
            columns.append(named(term, name))
        if self.area.members is not None:
            columns.append(named(exp.cast(column(MEMBERS_KNOWN), "BOOLEAN"), MEMBERS_KNOWN))
        return select(columns, self.tables[0])

    def _checked(self) -> exp.Select:
        """Return whether each row is valid, by the tests of single facts."""
        tests = [test for test, _ in self._bad]
        if self.problem:
            tests.insert(0, negated(is_null(column(self.problem))))
        return select([exp.Star(), named(none_of(tests), "_good")], "_read")

    def _facts(self) -> exp.Select:
        """Return every fact in the form for the rules. Facts of an invalid row are unknown."""
        good = column("_good")
        columns: list[Term] = [column(name) for name in (*self.carried, *self._counts)]
        columns += [column(self.of_records)] if self.of_records else []
        for name, fact in self.area.columns.items():
            value = column(name)
            # A wrong number or date could make a computation fail; a wrong word cannot.
            if fact.kind not in ("bool", "code"):
                value = when((good, _scaled(fact, value)))
            columns.append(named(_present(fact, value), name))
        columns += [
            named(self._by_word(name, word), name) for name, word in self.area.by_word.items()
        ]
        if self.area.members is not None:
            columns.append(column(MEMBERS_KNOWN))
        wrong = texts_of(self._bad)
        for texts in (self.of_records, self.problem):
            wrong = both(exp.DPipe, or_else(column(texts), no_texts()), wrong) if texts else wrong
        why = when((good, no_texts()), otherwise=wrong)
        return select([*columns, good, named(why, "_why")], "_checked")

    @property
    def _bad(self) -> list[tuple[Term, str]]:
        return self._faults(self.area.columns, self.unread, self.clashing)

    def _by_word(self, name: str, word: str) -> Term:
        """Return a prepared fact that depends on one code word, as a table of its values."""
        area, found = self.area, dict[str, list[str]]()
        for one in area.facts[word].type.codes:
            facts = area.facts_of(area.spec.case(**{word: one}))
            found.setdefault(getattr(facts, name), []).append(one)
        tests = ((one_of(column(word), words), literal(value)) for value, words in found.items())
        return when(*tests)

    def _typed(self, fact: Fact) -> Term:
        # A decimal keeps its type: fewer decimal places would round it before the check.
        value = column(fact.name)
        return (
            value if self.typed or fact.kind == "decimal" else exp.cast(value, SQL_TYPES[fact.kind])
        )

    def _faults(
        self,
        facts: Mapping[str, Fact],
        unread: Collection[str],
        clashing: Collection[str] = (),
    ) -> list[tuple[Term, str]]:
        """Return tests with their texts. A test is true for bad input, but not for unknown values."""
        texts, found = fault_texts(facts), []
        for name, fact in facts.items():
            value, (not_allowed, homeless, clash) = column(name), texts[name]
            tests = [column(f"_unread_{name}")] if name in unread else []
            known_word = fact.kind == "code" and self.typed
            allowed = [] if fact.kind == "bool" or known_word else [_allowed(fact, value)]
            tests += [negated(test) for test in allowed]
            if tests:
                found.append((some(tests), not_allowed))
            if fact.only_if is not None:
                holder = or_else(column(fact.only_if), literal(value=False))
                given = every([negated(is_null(value)), negated(holder), *allowed])
                found.append((given, homeless))
            if name in clashing:
                found.append((column(f"_clash_{name}"), clash))
        return found

    # --- the members -------------------------------------------------------------------------

    @property
    def _members(self) -> Members:
        assert self.area.members is not None  # noqa: S101 (asked for areas with members only)
        return self.area.members

    def _people(self) -> exp.Select:
        facts = self._members.facts
        columns: list[Term] = [named(column(self.key[1]), "_case")]
        columns += [named(self._typed(fact), name) for name, fact in facts.items()]
        columns += [column(f"_unread_{name}") for name in self.of_members_unread]
        return select(columns, self.tables[1])

    def _tally(self) -> exp.Select:
        """Return for each case the numbers of members, of members that count and of invalid ones."""
        facts = self._members.facts
        inner: list[Term] = [column("_case")]
        for name, fact in facts.items():
            value = column(name)
            if fact.kind not in ("bool", "code"):
                value = when((_allowed(fact, value), _scaled(fact, value)))
            inner.append(named(_present(fact, value), name))
        bad = self._faults(facts, self.of_members_unread)
        inner += [named(test, f"_bad_{place}") for place, (test, _) in enumerate(bad)]
        people = select(inner, "_people").subquery(exp.to_identifier("_seen", quoted=True))
        columns: list[Term] = [column("_case"), named(exp.Count(this=exp.Star()), "_size")]
        columns += [
            named(counted(column(f"_bad_{place}")), f"_bad_{place}") for place in range(len(bad))
        ]
        for node, name in self.expressions.specialiser.counts.items():
            low, high = count_ends(self.expressions, node)
            columns += [named(low, f"_low_{name}"), named(high, f"_high_{name}")]
        return (
            exp.select(*columns, copy=False)
            .from_(people, copy=False)
            .group_by(column("_case"), copy=False)
        )

    def _counted(self) -> exp.Select:
        members, counts = self._members, self._counts
        of = "c" if counts else "t"
        told, size = column(MEMBERS_KNOWN), or_else(column("_size", of), literal(0))
        known = or_else(told, negated(is_null(column("_size", of))))
        fits = between(size, literal(members.least), literal(members.most))
        bad = [(every([known, negated(fits)]), f"{list_text(members)} @ {members.name}")]
        for place, (_, text) in enumerate(self._faults(members.facts, self.of_members_unread)):
            some_bad = both(exp.GT, column(f"_bad_{place}", of), literal(0))
            bad.append((every([known, fits, some_bad]), f"{text} of a member"))
        facts = self._facts().named_selects[:-2]
        columns: list[Term] = [column(name, "c") for name in facts if name not in counts]
        for name in self.expressions.specialiser.counts.values():
            columns += [
                named(when((known, or_else(column(end, of), literal(0)))), end)
                for end in (f"_low_{name}", f"_high_{name}")
            ]
        fine, why = none_of([test for test, _ in bad]), column("_why", "c")
        columns.append(named(every([column("_good", "c"), fine]), "_good"))
        every_text = both(exp.DPipe, why, texts_of(bad))
        columns.append(named(when((fine, why), otherwise=every_text), "_why"))
        found = exp.select(*columns).from_(table("_facts", "c"))
        if counts:
            return found
        on = both(exp.EQ, column(self.key[0], "c"), column("_case", "t"))
        return found.join(table(self.tallied or "_tally", "t"), on=on, join_type="left")


# --- Tests for bad input ------------------------------------------------------------------------


def _allowed(fact: Fact, term: Term) -> Term:
    if fact.kind == "code":
        return one_of(term, fact.type.codes)
    if fact.kind != "decimal":
        return between(term, literal(fact.type.low), literal(fact.type.high))
    least, most = (
        exp.cast(exp.Literal.string(str(end)), _decimal(fact)) for end in (fact.min, fact.max)
    )
    exact = both(exp.EQ, exp.cast(term, _decimal(fact)), term)
    # A value out of range may not fit the type. So only a value in range is checked further.
    in_range = between(term, least, most)
    return when((in_range, exact), otherwise=in_range)


# --- Values -------------------------------------------------------------------------------------


def _present(fact: Fact, term: Term) -> Term:
    """Return a value, or the default if it is missing."""
    return term if fact.default is None else or_else(term, literal(fact.default))


def _scaled(fact: Fact, term: Term) -> Term:
    """Return an exact decimal as the whole number for the rules; return other values unchanged."""
    if fact.kind != "decimal":
        return term
    exact = exp.cast(term, _decimal(fact))
    return exp.cast(both(exp.Mul, exact, literal(10**fact.type.places)), "BIGINT")


def _decimal(fact: Fact) -> str:
    return f"DECIMAL(18, {fact.type.places})"
