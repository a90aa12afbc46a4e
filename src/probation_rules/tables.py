"""Whole caseloads: the rules of an area asked about every row of a table.

DuckDB reads the table and runs the statement of `engines/sql.py`; nothing passes through Python
until it is asked for. A small table is answered row by row, since planning would cost more.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]
from attrs import define, field
from sqlglot import exp

from probation_rules.areas import CASE_TYPES
from probation_rules.caseload import Columns, enum_of, match, quoted, register
from probation_rules.cases import field_names
from probation_rules.engines.python import compile_area
from probation_rules.engines.sql import WORDS, Statement, case_column
from probation_rules.engines.sql_input import MEMBERS_KNOWN, require_table
from probation_rules.engines.terms import column, literal
from probation_rules.errors import CaseError, Problem
from probation_rules.judge import Judge
from probation_rules.row_by_row import Answer, Row, answers, findings, outcome
from probation_rules.rulebook import shipped
from probation_rules.rulebook.model import Area, Fact
from probation_rules.rulebook.validity import require_day

if TYPE_CHECKING:
    from probation_rules.rulebook.book import Rulebook

# Rows up to which the python engine is as fast: measured, about 6,000 orders and 1,700 PODs.
SMALL = 2_000
WANTED = ("not_met", "cannot_tell")
_OUTCOME = pa.dictionary(pa.uint8(), pa.string())
_FINDING = pa.schema(
    [
        ("row", pa.int64()), ("reference", pa.string()), ("rule", pa.string()),
        ("outcome", pa.string()), ("level", pa.string()), ("basis", pa.string()),
        ("needs", pa.list_(pa.string())),
    ]
)  # fmt: skip
_FORMATS = {
    ".parquet": "FORMAT parquet, COMPRESSION zstd",
    ".csv": "FORMAT csv, HEADER",
}
_LINE = re.compile(r"\bLine: (\d+)")
_LIKE_A_FORMULA = r"^[=+\-@\t\r\n]"


def check_table(  # noqa: PLR0913 (each is named by the caller)
    area: str,
    data: object,
    *,
    on: date,
    members: object = None,
    rulebook: Rulebook | None = None,
    assuming: Mapping[str, Any] | None = None,
    settings: Mapping[str, Any] | None = None,
    columns: Mapping[str, str] | None = None,
    memory_limit: str | None = None,
    threads: int | None = None,
) -> Table:
    """Ask every rule of an area about every row of a table.

    Args:
        area: The area's name, such as `unpaid-work`.
        data: One row a case: a file's path (CSV, Parquet, JSON lines), or a table of pyarrow,
            polars, pandas or DuckDB. A column that is missing is unknown for every case.
        on: The day the question is asked about.
        members: For an area with members, one row a member, in any of these forms, with the
            reference of its case in a column with the area's name. Not needed where `data` has
            a column with a list of them.
        rulebook: The rules to go by; the shipped ones if not given.
        assuming: Values for facts that rows leave unknown.
        settings: Values for open parameters, for this call.
        columns: For facts whose column has another name, that name.
        memory_limit: Most memory that DuckDB may take, such as `512MB`; more goes to disk.
        threads: Most threads; all cores if not given.

    Returns:
        The answers, worked out when they are asked for.

    Raises:
        CaseError: The table cannot be read, or a column is unknown or of a wrong type.
        NotInForce: The day is before the first one that the area's rules cover.
        RulebookError: There is no such area, or a setting is not allowed.
        EngineUnavailable: A table cannot hold the area's cases.
    """
    book = shipped() if rulebook is None else rulebook
    if settings:
        book = book.with_settings(settings)
    require_table(book.area(area))
    require_day(book.area(area), on)
    key = (area, "python")
    judge = book.judges.get(key) or book.judges.setdefault(key, Judge(book, *key, compile_area))
    assumed = judge.assumed(CASE_TYPES[area](), assuming or {})
    source = _Source(judge.area, _connection(memory_limit, threads), columns or {}, assumed)
    with _readable():
        source.read(data, members)
        return Table(judge, on, source)


@define(eq=False)
class Table:
    """The answers to a table. Made by `check_table`.

    Attributes:
        on: The day asked about.
        notes: What to know about the table as a whole: columns that it does not have.
    """

    _judge: Judge
    on: date
    _source: _Source = field(repr=False)
    _answers: list[Answer] | None = field(default=None, init=False, repr=False)
    _small: pa.Table | None = field(default=None, init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        """Answer a small table at once; for a large one, make the statement."""
        connection = self._source.connection
        few = f"SELECT count(*) FROM (SELECT 1 FROM source LIMIT {SMALL + 1})"
        ((number,),) = connection.execute(few).fetchall()
        if number <= SMALL:
            rows = self._source.rows("")
            self._answers = list(answers(self._area, self._judge.decide, rows, self.on))
            self._small = self._as_arrow(self._answers)
            connection.register("outcomes", self._small)
            return
        connection.execute(f"CREATE TYPE outcome AS ENUM {WORDS}")
        ids = {rule: rule for rule in self._area.wordings}
        if self._area.members is None:
            statement = self._statement("cases").by_rule(ids, _as_enum)
        else:  # a join keeps no order
            statement = self._statement("numbered_cases").by_rule(ids, _as_enum)
            statement = statement.order_by(column("_row"))
        connection.execute(f"CREATE VIEW outcomes AS {statement.sql(dialect='duckdb')}")

    @property
    def _area(self) -> Area:
        return self._judge.area

    @property
    def notes(self) -> tuple[str, ...]:
        """What to know about the table as a whole, in sentences."""
        return self._source.notes

    @cached_property
    def outcomes(self) -> pa.Table:
        """One row a case, in the order of the table: reference, stage, each rule, reasons."""
        if self._small is not None:
            return self._small
        with _readable():
            return self._source.connection.table("outcomes").to_arrow_table()

    @cached_property
    def findings(self) -> pa.Table:
        """One row a finding, of those that are not met or cannot be told."""
        return self.findings_of(*WANTED)

    def findings_of(self, *wanted: str) -> pa.Table:
        """Return the findings whose outcome is one of these, one row each.

        Its `row` counts the rows of the table from 1. A row that is `invalid` is in `outcomes`.
        """
        with _readable():
            found = [
                finding
                for answer in self._answered(wanted)
                for finding in findings(self._area, answer, self.on, wanted)
            ]
        return pa.Table.from_pylist(found, _FINDING)

    @cached_property
    def summary(self) -> pa.Table:
        """How many cases have each outcome, by rule."""
        counts = ", ".join(
            f"count(*) FILTER (WHERE {quoted(rule)} = '{word}')"
            for rule in self._area.wordings
            for word in WORDS
        )
        with _readable():
            (found,) = self._source.connection.execute(f"SELECT {counts} FROM outcomes").fetchall()
        pairs = [(rule, word) for rule in self._area.wordings for word in WORDS]
        return pa.table(
            {
                "rule": [rule for rule, _ in pairs],
                "outcome": [word for _, word in pairs],
                "cases": pa.array(found, pa.int64()),
            }
        )

    @cached_property
    def duplicates(self) -> pa.Table:
        """The references that stand on more than one row, each with its rows."""
        query = (
            'SELECT reference, list(_row ORDER BY _row) AS "rows" FROM numbered_cases '
            "WHERE reference IS NOT NULL GROUP BY reference HAVING count(*) > 1 ORDER BY min(_row)"
        )
        with _readable():
            return self._source.connection.sql(query).to_arrow_table()

    def write(self, path: str | Path) -> None:
        """Write the outcomes to a Parquet or CSV file, which is there whole or not at all.

        A large table goes from file to file without passing through Python. In CSV, a reference
        that a spreadsheet would take for a formula gets an apostrophe in front.

        Raises:
            CaseError: The name ends in neither `.parquet` nor `.csv`.
        """
        path = Path(path)
        if path.suffix not in _FORMATS:
            text = "give a name that ends in .parquet or .csv"
            raise CaseError([Problem(text, path.name or str(path))])
        columns = "*"
        if path.suffix == ".csv":
            inert = f"regexp_replace(reference, '({_LIKE_A_FORMULA})', '''\\1') AS reference"
            columns = f"* REPLACE ({inert})"
        part = path.with_name(f".{path.name}.{uuid4().hex}.part")
        name = str(part).replace("'", "''")
        copy = f"COPY (SELECT {columns} FROM outcomes) TO '{name}' ({_FORMATS[path.suffix]})"
        try:
            with _readable():
                self._source.connection.execute(copy)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)

    # --- how ---------------------------------------------------------------------------------

    def _statement(self, cases: str) -> Statement:
        return self._source.statement(self.on, cases)

    def _as_arrow(self, found: list[Answer]) -> pa.Table:
        area = self._area
        columns = {"reference": pa.array([one.row.reference for one in found], pa.string())}
        if area.stages:
            columns["stage"] = pa.array([one.stage for one in found], pa.string())
        words = pa.array(WORDS)
        for rule in area.wordings:
            codes = [outcome(area, rule, one.codes)[0] for one in found]
            columns[rule] = pa.DictionaryArray.from_arrays(pa.array(codes, pa.uint8()), words)
        columns["reasons"] = pa.array([one.reasons for one in found], pa.string())
        return pa.table(columns)

    def _answered(self, wanted: Collection[str]) -> Iterator[Answer]:
        """Yield the answers to rows that hold a wanted outcome, and perhaps to others."""
        if self._answers is not None:
            yield from self._answers
            return
        connection, area = self._source.connection, self._area
        numbers = ", ".join(str(WORDS.index(word)) for word in wanted)
        any_wanted = " OR ".join(
            f"_rule_{place} IN ({numbers})" for place in range(len(area.rules))
        )
        judged = self._statement("numbered_cases").by_wording(["_row"]).sql(dialect="duckdb")
        found = connection.sql(f"SELECT * FROM ({judged}) WHERE {any_wanted}").to_arrow_table()
        connection.register("found", found)
        rows = self._source.rows("WHERE _row IN (SELECT _row FROM found)")
        for row, one in zip(rows, found.sort_by("_row").to_pylist(), strict=True):
            codes = [one[f"_rule_{place}"] for place in range(len(area.rules))]
            yield Answer(row, codes, case=row.case(area))


def _as_enum(word: str) -> exp.Expression:
    return exp.cast(literal(word), exp.DataType.build("outcome", udt=True))


def _connection(memory_limit: str | None, threads: int | None) -> duckdb.DuckDBPyConnection:
    config: dict[str, Any] = {
        "temp_directory": str(Path(tempfile.gettempdir()) / f"probation-rules-{uuid4().hex}"),
        "autoinstall_known_extensions": False,
    }
    config |= {} if memory_limit is None else {"memory_limit": memory_limit}
    config |= {} if threads is None else {"threads": threads}
    try:
        return duckdb.connect(":memory:", config=config)
    except duckdb.Error:
        text = "`memory_limit` must be a size such as `512MB`, and `threads` a whole number from 1"
        raise CaseError([Problem(text, "check_table")]) from None


@contextmanager
def _readable() -> Iterator[None]:
    """Turn what DuckDB says of a bad table into a problem that repeats nothing of it."""
    try:
        yield
    except duckdb.OutOfMemoryException:
        text = "the memory limit is too low for this table; raise `memory_limit`"
        raise CaseError([Problem(text, "check_table")]) from None
    except duckdb.IOException as error:
        # Writing: the folder is missing or full. Reading: the file is cut short.
        text = "a file cannot be read to its end, or not written; it may be cut short, or the disk full"
        raise CaseError([Problem(text, "check_table")]) from error.__cause__
    except (duckdb.InvalidInputException, duckdb.ConversionException) as error:
        line = _LINE.search(str(error))
        where = f"row {line[1]}" if line else "the table"
        text = (
            "this cannot be read: cells or quotes do not fit, it is not UTF-8, or it is cut short"
        )
        raise CaseError([Problem(text, where)]) from None


@define
class _Source:
    """The table that was given, as views of a DuckDB connection with columns of the right types.

    `cases` and `numbered_cases` hold a row a case; `people` a row a member.
    """

    area: Area
    connection: duckdb.DuckDBPyConnection
    columns: Mapping[str, str]
    assumed: Mapping[str, Any]
    notes: tuple[str, ...] = ()
    own: Columns = field(init=False)
    of_members: Columns | None = None
    key: str = "reference"

    def read(self, data: object, members: object) -> None:
        """Make the views."""
        self._make_enums()
        found = register(self.connection, "source", data)
        area_members = self.area.members
        listed = area_members is not None and area_members.name in found
        facts = self.area.said
        others = [name for name in field_names(self.area.name) if name not in facts]
        if area_members is not None and not listed:
            others = [MEMBERS_KNOWN, *(name for name in others if name != area_members.name)]
        self.own = match(facts, found, self.columns, others, "the table")
        self.notes = tuple(f"no column `{name}`: unknown in every row" for name in self.own.missing)
        reference = self.columns.get("reference", "reference")
        held = (
            f"CAST({quoted(reference)} AS VARCHAR)"
            if reference in found
            else "CAST(NULL AS VARCHAR)"
        )
        columns = [f"{held} AS reference"]
        if area_members is None:
            self._views(self.own.select(columns), "source")
            return
        if listed:
            self._from_lists(area_members.name, found[area_members.name], columns)
        else:
            told = (
                f'CAST("{MEMBERS_KNOWN}" AS BOOLEAN)'
                if MEMBERS_KNOWN in found
                else "CAST(NULL AS BOOLEAN)"
            )
            self._views(self.own.select([*columns, f"{told} AS {MEMBERS_KNOWN}"]), "source")
            self._from_rows(members)

    def _make_enums(self) -> None:
        members = self.area.members
        for fact in (*self.area.said.values(), *(members.facts.values() if members else ())):
            if fact.kind == "code":
                words = ", ".join(f"'{word}'" for word in fact.type.codes)
                self.connection.execute(f"CREATE TYPE {quoted(enum_of(fact))} AS ENUM ({words})")

    def statement(self, on: date, cases: str) -> Statement:
        """Return the statement over one of the views."""
        return Statement(
            self.area,
            on,
            assumed=self.assumed,
            unread=tuple(self.own.unread),
            of_members_unread=tuple(self.of_members.unread) if self.of_members else (),
            key=(self.key, "_key"),
            tables=(cases, "people"),
            kept=("_row",) if cases == "numbered_cases" else (),
            typed=True,
        )

    def rows(self, which: str) -> Iterator[Row]:
        """Yield rows as read, with their members."""
        facts = self.area.said
        columns = [_clamped(fact, quoted(name)) for name, fact in facts.items()]
        unread = [quoted(f"_unread_{name}") for name in self.own.unread]
        known = [MEMBERS_KNOWN] if self.area.members is not None else []
        chosen = ", ".join(["_row", "reference", *known, *columns, *unread])
        inner = f"SELECT * FROM numbered_cases {which}"
        table = self.connection.sql(
            f"SELECT {chosen} FROM ({inner}) ORDER BY _row"
        ).to_arrow_table()
        people = self._people(inner)
        for one in table.to_pylist():
            members, of_members_unread = people.get(one[self.key], (None, ()))
            told = one.get(MEMBERS_KNOWN)
            if told is False:
                members = None
            elif told and members is None:
                members = []
            said = {
                name: self.assumed[name]
                if one[name] is None and name in self.assumed
                else one[name]
                for name in facts
            }
            bad = [name for name in self.own.unread if one[f"_unread_{name}"]]
            yield Row(one["_row"], one["reference"], said, bad, members, of_members_unread)

    def _people(self, cases: str) -> dict[Any, tuple[list[dict[str, Any]], list[str]]]:
        members = self.area.members
        if members is None or self.of_members is None:
            return {}
        columns = [_clamped(fact, quoted(name)) for name, fact in members.facts.items()]
        unread = [quoted(f"_unread_{name}") for name in self.of_members.unread]
        query = (
            f"SELECT {', '.join(['_key', *columns, *unread])} FROM people "
            f"WHERE _key IN (SELECT {self.key} FROM ({cases})) ORDER BY _key, _place"
        )
        rows = self.connection.sql(query).to_arrow_table().to_pylist()
        found = {}
        for key, group in groupby(rows, lambda one: one["_key"]):
            listed = list(group)
            bad = [
                name
                for name in self.of_members.unread
                if any(one[f"_unread_{name}"] for one in listed)
            ]
            found[key] = ([{name: one[name] for name in members.facts} for one in listed], bad)
        return found

    def _views(self, columns: str, table: str) -> None:
        self.connection.execute(f"CREATE VIEW cases AS SELECT {columns} FROM {table}")
        numbered = columns if table != "source" else f"row_number() OVER () AS _row, {columns}"
        self.connection.execute(f"CREATE VIEW numbered_cases AS SELECT {numbered} FROM {table}")

    def _from_lists(self, name: str, held: str, columns: list[str]) -> None:
        """Take the members from a column that holds a list of them."""
        if not (held.startswith("STRUCT(") and held.endswith("[]")):
            text = "this column must hold lists of members, each with named fields"
            raise CaseError([Problem(text, f"column {name}")])
        list_ = quoted(name)
        self.connection.execute(
            "CREATE TEMP TABLE source_rows AS SELECT row_number() OVER () AS _row, * FROM source"
        )
        known = f"({list_} IS NOT NULL) AS {MEMBERS_KNOWN}"
        self._views(self.own.select(["_row", *columns, known]), "source_rows")
        self.connection.execute(
            f"CREATE VIEW unnested AS SELECT _row AS _key, _place, unnest(_one) FROM (SELECT _row, "
            f"unnest({list_}) AS _one, generate_subscripts({list_}, 1) AS _place FROM source_rows)"
        )
        self.key = "_row"
        self._view_of_people("unnested", ["_key", "_place"])

    def _from_rows(self, data: object) -> None:
        """Take the members from a table of their own."""
        tie = case_column(self.area)
        if data is None:
            self.connection.execute(
                f"CREATE TEMP TABLE member_rows (_place BIGINT, {tie} VARCHAR, reference VARCHAR)"
            )
            self.notes += ("no members are given: every list is unknown",)
            self._view_of_people("member_rows", [f"{tie} AS _key", "_place"], given=False)
            return
        if tie not in register(self.connection, "member_source", data):
            text = f"a column `{tie}` must hold the reference of each member's case"
            raise CaseError([Problem(text, "members")])
        self.connection.execute(
            "CREATE VIEW member_rows AS SELECT row_number() OVER () AS _place, * FROM member_source"
        )
        self._view_of_people("member_rows", [f"CAST({tie} AS VARCHAR) AS _key", "_place"])
        self._require_tied()

    def _view_of_people(self, table: str, columns: list[str], *, given: bool = True) -> None:
        members = self.area.members
        assert members is not None  # noqa: S101 (called for areas with members only)
        relation = self.connection.table(table)
        types = dict(zip(relation.columns, map(str, relation.types), strict=True))
        others = ["reference", "_key", "_place", case_column(self.area)]
        self.of_members = match(members.facts, types, {}, others, members.name)
        if given:
            self.notes += tuple(
                f"no column `{name}` of {members.name}: unknown of every member"
                for name in self.of_members.missing
            )
        self.connection.execute(
            f"CREATE VIEW people AS SELECT {self.of_members.select(columns)} FROM {table}"
        )

    def _require_tied(self) -> None:
        """Refuse members whose case is not in the table, or stands in it twice."""
        twice = "SELECT count(*) FROM (SELECT reference FROM cases GROUP BY 1 HAVING count(*) > 1 AND reference IS NOT NULL)"
        lost = "SELECT count(*) FROM people WHERE _key IS NULL OR _key NOT IN (SELECT reference FROM cases WHERE reference IS NOT NULL)"
        problems = []
        for query, text in (
            (twice, "references stand on more than one row, so their members cannot be told apart"),
            (lost, "members name no case of the table"),
        ):
            ((number,),) = self.connection.execute(query).fetchall()
            if number:
                problems.append(Problem(f"{number} {text}", "members"))
        if problems:
            raise CaseError(problems)


def _clamped(fact: Fact, name: str) -> str:
    """Return a date as it is where Python can hold it; any other is as bad as the next beside the range."""
    if fact.kind != "date":
        return name
    low, high = f"DATE '{fact.least}'", f"DATE '{fact.most}'"
    return (
        f"CAST(CASE WHEN {name} < {low} THEN {low} - 1 WHEN {name} > {high} THEN {high} + 1 "
        f"ELSE {name} END AS DATE) AS {name}"
    )
