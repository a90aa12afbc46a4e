"""Two tables of answers compared by one statement: counts, lists, and the cause of a case on request."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import cached_property

import attrs
import duckdb
import pyarrow as pa  # type: ignore[import-untyped]
from attrs import define, field

from probation_rules._check import check
from probation_rules.comparison import CaseChange, compare
from probation_rules.engines import CANNOT_TELL, NOT_APPLICABLE, NOT_MET, OUTCOMES
from probation_rules.errors import CaseError, InputError, Problem
from probation_rules.report import Report
from probation_rules.rulebook.model import Severity
from probation_rules.tables.columns import quoted
from probation_rules.tables.table import Table

MOST_PROBLEMS = 20  # of references that are listed
_STATES = ("new", "gone", "changed", "unchanged", "invalid")


@define(eq=False, slots=False)
class TableComparison:
    """Two tables of answers compared. Made by `compare_tables`.

    Attributes:
        before: The answers before.
        after: The answers after.
    """

    before: Table
    after: Table
    _rules: Sequence[str] = field(repr=False)
    _connection: duckdb.DuckDBPyConnection = field(repr=False)

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many cases are new, gone, changed, unchanged or invalid."""
        found = dict(self._ask("SELECT state, count(*) FROM pairs GROUP BY state"))
        return {state: found.get(state, 0) for state in _STATES}

    @cached_property
    def rules(self) -> pa.Table:
        """How many cases changed, by rule, outcome before and outcome after; most often first."""
        return self._table(" UNION ALL ".join(self._changes(self._rules)))

    @cached_property
    def stages(self) -> pa.Table:
        """How many cases changed, by stage before and stage after; most often first."""
        if not self._has_stages:
            return self.rules.slice(0, 0)
        return self._table(*self._changes(["stage"]))

    @cached_property
    def changed(self) -> pa.Table:
        """The cases that changed, most serious first, each with its rows and the rules that changed."""
        newly = ", ".join(
            f"{' + '.join(terms) or '0'} DESC"
            for terms in (
                self._newly(NOT_MET, Severity.BREACH),
                self._newly(NOT_MET, Severity.ADVISORY),
                self._newly(CANNOT_TELL, *Severity),
            )
        )
        rules = ", ".join(
            f"CASE WHEN {_after(rule)} IS DISTINCT FROM {_before(rule)} THEN '{rule}' END"
            for rule in self._rules
        )
        query = (
            "SELECT reference, row_before, row_after, "
            f"coalesce(string_split(nullif(concat_ws(',', {rules}), ''), ','), []) AS rules FROM changed "
            f"ORDER BY {newly}, reference, row_after"
        )
        return self._connection.sql(query).to_arrow_table()

    def case(self, row: int) -> CaseChange:
        """Return one changed case with its causes, which are found now.

        Args:
            row: The case's row in `changed`, counted from 0.
        """
        (one,) = self.changed.slice(row, 1).to_pylist()
        label = one["reference"] or self.after.places([one["row_after"]])[one["row_after"]]
        reports = (
            _report(self.before, one["row_before"], label),
            _report(self.after, one["row_after"], label),
        )
        (found,) = compare(*reports).changed
        return found

    @property
    def _has_stages(self) -> bool:
        return "stage" in self.before.outcomes.column_names

    def _newly(self, code: int, *severities: Severity) -> list[str]:
        """Return terms that are 1 where a rule of some severity newly has an outcome."""
        area, word = self.after.area, OUTCOMES[code].value
        weighing = [
            rule
            for rule, places in area.wordings.items()
            if area.rules[places[-1]].severity in severities
        ]
        return [
            f"({_after(one)} = '{word}' AND {_before(one)} <> '{word}')::INT" for one in weighing
        ]

    def _changes(self, names: Collection[str]) -> Iterator[str]:
        for name in names:
            one, other = _before(name), _after(name)
            yield (
                f"SELECT '{name}' AS rule, {one} AS before, {other} AS after, count(*) AS cases "
                f"FROM changed WHERE {one} IS DISTINCT FROM {other} GROUP BY ALL"
            )

    def _table(self, query: str) -> pa.Table:
        text = f"SELECT * FROM ({query}) ORDER BY cases DESC, rule, before, after"
        return self._connection.sql(text).to_arrow_table()

    def _ask(self, query: str) -> list[tuple[str, int]]:
        found: list[tuple[str, int]] = self._connection.execute(query).fetchall()
        return found


def compare_tables(before: Table, after: Table, *, by_row: bool = False) -> TableComparison:
    """Compare two tables of answers.

    Args:
        before: The answers before, made by `check_table`.
        after: The answers after, about the same area.
        by_row: Whether the rows of both are the same cases in the same order. Otherwise cases are
            matched by their reference.

    Raises:
        CaseError: A case has no reference, or two cases of a table have the same one.
        InputError: The tables are about two areas or, by row, have different numbers of rows.
    """
    if before.area.name != after.area.name:
        text = f"these are about {before.area.name} and {after.area.name}; compare one area"
        raise InputError([Problem(text, "compare_tables")])
    if by_row and before.outcomes.num_rows != after.outcomes.num_rows:
        text = "the tables have different numbers of rows; compare them by reference"
        raise InputError([Problem(text, "compare_tables")])
    connection = duckdb.connect()
    rules = list(dict.fromkeys([*before.area.wordings, *after.area.wordings]))
    for name, table in (("before", before), ("after", after)):
        rows = pa.array(range(1, table.outcomes.num_rows + 1), pa.int64())
        connection.register(f"{name}_rows", table.outcomes.append_column("_row", rows))
        connection.execute(f"CREATE VIEW {name} AS {_side(table, rules, name)}")
    if not by_row:
        problems = [
            problem
            for name, table in (("before", before), ("after", after))
            for problem in _problems(connection, table, name)
        ]
        if problems:
            raise CaseError(problems)
    key = "row_before = row_after" if by_row else "before.reference = after.reference"
    names = ["stage", *rules] if "stage" in before.outcomes.column_names else rules
    differ = " OR ".join(f"{_after(one)} IS DISTINCT FROM {_before(one)}" for one in names)
    joined = f"FROM before FULL JOIN after ON {key}"
    connection.execute(
        "CREATE TABLE pairs AS SELECT row_before, row_after, "
        "CASE WHEN invalid_before OR invalid_after THEN 'invalid' "
        "WHEN row_before IS NULL THEN 'new' WHEN row_after IS NULL THEN 'gone' "
        f"WHEN {differ} THEN 'changed' ELSE 'unchanged' END AS state {joined}"
    )
    connection.execute(
        "CREATE TABLE changed AS SELECT after.reference, before.* EXCLUDE (reference), "
        "after.* EXCLUDE (reference) FROM (SELECT row_before AS one, row_after AS other FROM pairs "
        "WHERE state = 'changed') JOIN before ON row_before = one JOIN after ON row_after = other"
    )
    return TableComparison(before, after, rules, connection)


def _side(table: Table, rules: Collection[str], name: str) -> str:
    """Return the statement of one side, whose columns are named for it."""
    known, absent = table.outcomes.column_names, OUTCOMES[NOT_APPLICABLE].value
    terms = [f"_row AS row_{name}", "reference", f"len(reasons) > 0 AS invalid_{name}"]
    named = _before if name == "before" else _after
    for rule in [*(["stage"] if "stage" in known else []), *rules]:
        term = f"{quoted(rule)}::VARCHAR" if rule in known else f"'{absent}'"
        terms.append(f"{term} AS {named(rule)}")
    return f"SELECT {', '.join(terms)} FROM {name}_rows"


def _before(name: str) -> str:
    return quoted(f"{name} before")


def _after(name: str) -> str:
    return quoted(f"{name} after")


def _problems(connection: duckdb.DuckDBPyConnection, table: Table, side: str) -> Iterator[Problem]:
    """Yield the first rows without a reference, and with one that another row has."""
    query = (
        f"SELECT row_{side}, reference IS NULL FROM {side} WHERE reference IS NULL OR reference IN "
        f"(SELECT reference FROM {side} GROUP BY reference HAVING count(*) > 1) "
        f"ORDER BY row_{side} LIMIT {MOST_PROBLEMS}"
    )
    found = connection.execute(query).fetchall()
    places = table.places([row for row, _ in found]) if found else {}
    for row, missing in found:
        text = "this case has no reference; cases are matched by it"
        if not missing:
            text = "another case has the same reference; each needs its own"
        yield Problem(text, f"{side}: {places[row]}")


def _report(table: Table, row: int, label: str) -> Report:
    """Return the report on one row, with a reference even if the table has none."""
    (case,) = table.cases([row]).values()
    return check(
        attrs.evolve(case, reference=label),
        on=table.on,
        rulebook=table.book,
        assuming=table.assumed,
    )
