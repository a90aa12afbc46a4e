"""Two tables of answers compared by one statement: counts, lists, and the causes of cases on request."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]
from attrs import define, field

from probation_rules.change_document import STATES
from probation_rules.comparison.cases import CaseChange
from probation_rules.comparison.sides import compare_sides, side_of_reports
from probation_rules.comparison.stored import AnyTable, reports_of
from probation_rules.engines import CANNOT_TELL, NOT_APPLICABLE, NOT_MET, OUTCOMES
from probation_rules.errors import CaseError, InputError, Problem, did_you_mean
from probation_rules.rulebook.model import Severity
from probation_rules.tables.columns import quoted

MOST_PROBLEMS = 20  # of references that are listed


_NO_TEXTS = "'' AS rule, '' AS before, '' AS after"


@define(eq=False, slots=False)
class TableComparison:
    """Two tables of answers compared. Made by `compare_tables`.

    Attributes:
        before: The answers before.
        after: The answers after.
    """

    before: AnyTable
    after: AnyTable
    _names: Sequence[str] = field(repr=False)
    _connection: duckdb.DuckDBPyConnection = field(repr=False)

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many cases are new, gone, changed, unchanged or invalid."""
        found = dict(self._ask("SELECT state, count(*) FROM pairs GROUP BY state"))
        return {state: found.get(state, 0) for state in STATES}

    def groups(self, by: str) -> dict[str, dict[str, int]]:
        """Return the counts by the cell of each case in a kept column, in the order of the cells.

        A case counts with its later cell, and one that is gone with its earlier cell.

        Args:
            by: The header of the column in the file.

        Raises:
            InputError: The column is not kept.
        """
        known = dict.fromkeys([*self.after.kept, *self.before.kept])
        if by not in known:
            kept = f"kept are {', '.join(known)}" if known else "no column is kept"
            text = f"this column is not kept, so cases cannot be grouped by it; {kept}"
            raise InputError([Problem(f"{text}{did_you_mean(by, known)}", f"--by {by}")])
        one, other = (
            f"{name}_rows.{quoted(table.kept[by])}" if by in table.kept else "NULL"
            for name, table in (("before", self.before), ("after", self.after))
        )
        query = (
            f"SELECT cell, state, count(*) FROM (SELECT coalesce(if(row_after IS NULL, {one}, {other}), '') AS cell, state "
            "FROM pairs LEFT JOIN before_rows ON row_before = before_rows._row "
            "LEFT JOIN after_rows ON row_after = after_rows._row) GROUP BY ALL"
        )
        found: dict[str, dict[str, int]] = {}
        for cell, state, number in self._ask(query):
            found.setdefault(cell, dict.fromkeys(STATES, 0))[state] = number
        return {cell: found[cell] for cell in sorted(found, key=lambda cell: (not cell, cell))}

    @cached_property
    def rules(self) -> pa.Table:
        """How many cases changed, by rule, outcome before and outcome after; most often first."""
        return self._changes([name for name in self._names if name != "stage"])

    @cached_property
    def stages(self) -> pa.Table:
        """How many cases changed, by stage before and stage after; most often first."""
        return self._changes([name for name in self._names if name == "stage"])

    @cached_property
    def changed(self) -> pa.Table:
        """The cases that changed, most serious first, each with its rows and the rules that changed."""
        newly = "".join(
            f"{' + '.join(terms)} DESC, "
            for terms in (
                self._newly(NOT_MET, Severity.BREACH),
                self._newly(NOT_MET, Severity.ADVISORY),
                self._newly(CANNOT_TELL, *Severity),
            )
            if terms
        )
        rules = ", ".join(
            f"CASE WHEN {_after(rule)} IS DISTINCT FROM {_before(rule)} THEN '{rule}' END"
            for rule in self._names
            if rule != "stage"
        )
        query = (
            "SELECT reference, row_before, row_after, "
            f"coalesce(string_split(nullif(concat_ws(',', {rules or 'NULL'}), ''), ','), []) AS rules FROM changed "
            f"ORDER BY {newly}reference, row_after"
        )
        return self._connection.sql(query).to_arrow_table()

    @cached_property
    def outcomes(self) -> pa.Table:
        """Each rule whose outcome changed on a case, and each stage, with the row and the case's kept cells.

        The columns are `reference`, the kept columns of the answers after, `row`, `rule`, `before`
        and `after`, in the order of the rows.
        """
        each = " UNION ALL ".join(
            f"SELECT row_after AS row, {place} AS place, '{name}' AS rule, {_before(name)} AS before, "
            f"{_after(name)} AS after FROM changed WHERE {_before(name)} IS DISTINCT FROM {_after(name)}"
            for place, name in enumerate(self._names)
        )
        each = each or f"SELECT 0 AS row, 0 AS place, {_NO_TEXTS} WHERE false"
        kept = "".join(f"after_rows.{quoted(name)}, " for name in self.after.kept.values())
        query = (
            f"SELECT after_rows.reference, {kept}row, rule, before, after FROM ({each}) "
            "JOIN after_rows ON row = _row ORDER BY row, place"
        )
        return self._connection.sql(query).to_arrow_table()

    def case(self, row: int) -> CaseChange:
        """Return one changed case with its causes, which are found now.

        Args:
            row: The case's row in `changed`, counted from 0.

        Raises:
            InputError: The answers before or after were stored without the cases.
        """
        return self.cases(row, 1)[0]

    def cases(self, first: int, number: int) -> list[CaseChange]:
        """Return some changed cases in the order of `changed`, with causes that are found on request.

        Args:
            first: The first row in `changed`, counted from 0.
            number: How many to return at most.

        Raises:
            InputError: The answers before or after were stored without the cases.
        """
        rows = self.changed.slice(first, number).to_pylist()
        names = {one["row_after"]: one["reference"] for one in rows}
        places = self.after.places([row for row, name in names.items() if name is None])
        labels = {row: name or places[row] for row, name in names.items()}
        befores = {one["row_before"]: labels[one["row_after"]] for one in rows}
        was = reports_of(self.before, [*befores], befores)
        now = reports_of(self.after, [*labels], labels)
        one, other = (
            side_of_reports(name, list(reports.values()))
            for name, reports in (("before", was), ("after", now))
        )
        found = compare_sides(one, other).changed
        by_label = {one.reference: one for one in found}
        return [by_label[labels[one["row_after"]]] for one in rows]

    def _newly(self, code: int, *severities: Severity) -> list[str]:
        """Return terms that are 1 where a rule of some severity newly has an outcome."""
        area, word = self.after.area, OUTCOMES[code].value
        weighing = [
            rule
            for rule, places in area.wordings.items()
            if rule in self._names and area.rules[places[-1]].severity in severities
        ]
        return [
            f"({_after(one)} = '{word}' AND {_before(one)} <> '{word}')::INT" for one in weighing
        ]

    def _changes(self, names: Collection[str]) -> pa.Table:
        each = " UNION ALL ".join(
            f"SELECT '{name}' AS rule, {_before(name)} AS before, {_after(name)} AS after, "
            f"count(*) AS cases FROM changed WHERE {_before(name)} IS DISTINCT FROM {_after(name)} "
            "GROUP BY ALL"
            for name in names
        )
        each = each or f"SELECT {_NO_TEXTS}, 0 AS cases WHERE false"
        text = f"SELECT * FROM ({each}) ORDER BY cases DESC, rule, before, after"
        return self._connection.sql(text).to_arrow_table()

    def _ask(self, query: str) -> list[Any]:
        return self._connection.execute(query).fetchall()


def compare_tables(before: AnyTable, after: AnyTable, *, by_row: bool = False) -> TableComparison:
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
    connection.execute("SET enable_progress_bar_print = false")
    names = _compared(before, after, by_row=by_row)
    sides = {"before": before, "after": after}
    for name, table in sides.items():
        numbers = f"SELECT unnest(range(1, {table.outcomes.num_rows + 1})) AS _row"
        rows = connection.sql(numbers).to_arrow_table()["_row"]
        connection.register(f"{name}_rows", table.outcomes.append_column("_row", rows))
        connection.execute(f"CREATE VIEW {name} AS {_side(table, names, name)}")
    if not by_row and (problems := list(_problems(connection, sides))):
        raise CaseError(problems)
    # The rows of one file need no key: the nth row of each is the same case.
    joined = (
        "POSITIONAL JOIN after"
        if by_row
        else "FULL JOIN after ON before.reference = after.reference"
    )
    differ = (
        " OR ".join(f"{_after(one)} IS DISTINCT FROM {_before(one)}" for one in names) or "false"
    )
    connection.execute(
        "CREATE TABLE pairs AS SELECT row_before, row_after, "
        "CASE WHEN invalid_before OR invalid_after THEN 'invalid' "
        "WHEN row_before IS NULL THEN 'new' WHEN row_after IS NULL THEN 'gone' "
        f"WHEN {differ} THEN 'changed' ELSE 'unchanged' END AS state FROM before {joined}"
    )
    texts = "".join(
        f", {named(one)}::VARCHAR AS {named(one)}" for one in names for named in (_before, _after)
    )
    paired = "pairs JOIN before USING (row_before) JOIN after USING (row_after)"
    if by_row:
        paired = "pairs POSITIONAL JOIN before POSITIONAL JOIN after"
    connection.execute(
        f"CREATE TABLE changed AS SELECT after.reference, pairs.row_before, pairs.row_after{texts} "
        f"FROM {paired} WHERE state = 'changed'"
    )
    return TableComparison(before, after, names, connection)


def _compared(before: AnyTable, after: AnyTable, *, by_row: bool) -> list[str]:
    """Return the columns to compare: the rules and the stage, but not those known to be the same."""
    one, other = before.outcomes, after.outcomes
    both = {*one.column_names} & {*other.column_names}
    names = [*(["stage"] if "stage" in both else []), *before.area.wordings, *after.area.wordings]
    return [
        name
        for name in dict.fromkeys(names)
        if not (by_row and name in both and one[name].equals(other[name]))
    ]


def _side(table: AnyTable, names: Collection[str], name: str) -> str:
    """Return the statement of one side, whose columns are named for it."""
    known, absent = table.outcomes.column_names, OUTCOMES[NOT_APPLICABLE].value
    terms = [f"_row AS row_{name}", "reference", f"len(reasons) > 0 AS invalid_{name}"]
    named = _before if name == "before" else _after
    for rule in names:
        term = quoted(rule) if rule in known else f"'{absent}'"
        terms.append(f"{term} AS {named(rule)}")
    return f"SELECT {', '.join(terms)} FROM {name}_rows"


def _before(name: str) -> str:
    return quoted(f"{name} before")


def _after(name: str) -> str:
    return quoted(f"{name} after")


def _problems(
    connection: duckdb.DuckDBPyConnection, sides: Mapping[str, AnyTable]
) -> Iterator[Problem]:
    """Yield the first rows without a reference, and with one that another row has."""
    for side, table in sides.items():
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
