"""The answers to a table, each computed on request."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from copy import copy
from datetime import date
from functools import cached_property, wraps
from itertools import islice
from pathlib import Path
from threading import RLock
from typing import Any, Concatenate, ParamSpec, TypeVar

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]
from attrs import define, field
from sqlglot import exp

from probation_rules import notebook
from probation_rules.engines import FEW_ROWS, ROW_OUTCOMES, Outcome
from probation_rules.engines.sql.nodes import column, literal
from probation_rules.errors import CaseError, InputError, Problem
from probation_rules.intake.cells import ZEROS
from probation_rules.intake.mapping import titles_beside
from probation_rules.judge import Judge
from probation_rules.language.tree import Node
from probation_rules.report import BETWEEN_REASONS, LIKE_A_FORMULA, Report
from probation_rules.rulebook.book import Rulebook
from probation_rules.rulebook.model import Area
from probation_rules.tables import patterns
from probation_rules.tables.arrow import FINDING, as_table
from probation_rules.tables.columns import quoted
from probation_rules.tables.rows import Answer, answers, findings
from probation_rules.tables.running import Progress, readable, watched
from probation_rules.tables.select import require_select
from probation_rules.tables.source import BATCH, Source
from probation_rules.writing import Inputs, Output

WANTED = (Outcome.NOT_MET.value, Outcome.CANNOT_TELL.value)
_FORMATS = {
    ".parquet": "FORMAT parquet, COMPRESSION zstd",
    ".csv": "FORMAT csv, HEADER",
    ".jsonl": "FORMAT json",
}
One = TypeVar("One")
Given = ParamSpec("Given")


def _one_at_a_time(
    ask: Callable[Concatenate[Table, Given], One],
) -> Callable[Concatenate[Table, Given], One]:
    """Let one thread at a time ask a table: DuckDB refuses a connection that is in use."""

    @wraps(ask)
    def alone(table: Table, /, *given: Given.args, **named: Given.kwargs) -> One:
        with table._lock:  # noqa: SLF001 (this is a method of the table)
            return ask(table, *given, **named)

    return alone


@define(eq=False, slots=False)
class Table:
    """The answers to a table. Made by `check_table`.

    Several threads may ask the same table: each waits for the one before it.

    Attributes:
        on: The day asked about.
        facts: The derived facts that `outcomes` contains.
    """

    _judge: Judge
    on: date
    facts: tuple[str, ...]
    _source: Source = field(repr=False)
    _inputs: Inputs = field(repr=False)
    _progress: Progress | None = field(default=None, repr=False)
    _few: list[Answer] | None = field(default=None, init=False, repr=False)
    _is_kept: bool = field(default=False, init=False, repr=False)
    _like: Table | None = field(default=None, init=False, repr=False)
    _lock: Any = field(factory=RLock, init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        """Answer a small table at once, or prepare the statement for a large one."""
        source = self._source
        small = source.is_small(FEW_ROWS)
        source.require_sound(self.on, small=small)
        if small:
            self._few = list(answers(self.area, self._judge.decide, source.rows(), self.on))
            if self._progress is not None:
                self._progress(1.0)
        else:
            self._view(source)

    def __reduce__(self) -> tuple[object, ...]:
        """Refuse to be pickled or copied: the table has an open database."""
        text = "a Table has an open database and cannot be pickled or copied; use its `outcomes`"
        raise TypeError(text)

    @property
    def area(self) -> Area:
        """The area's rules."""
        return self._judge.area

    @property
    def book(self) -> Rulebook:
        """The rulebook, with settings."""
        return self._judge.book

    @property
    def assumed(self) -> Mapping[str, Any]:
        """The values that the caller gave for unknown facts."""
        return self._source.assumed

    @property
    def engine(self) -> str:
        """The engine that decides, `sql`, or `python` for few rows."""
        return "python" if self._is_by_row else "sql"

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes on the table as a whole, such as columns that it does not have."""
        return self._source.notes

    @cached_property
    def kept(self) -> dict[str, str]:
        """The columns of `outcomes` with cells that a mapping keeps, by the header in the file."""
        stage = ["stage"] if self.area.stages else []
        others = ["_row", "reference", *stage, *self.area.wordings, "reasons", *self.facts]
        return titles_beside(self._source.kept, others)

    @cached_property
    @_one_at_a_time
    def outcomes(self) -> pa.Table:
        """One row a case, in the order of the table, with reference, stage, each rule, reasons, facts."""
        if self._is_by_row:
            return self._table_by_row
        if self._like is not None:
            return self._outcomes_like(self._like)
        return self._read("*")

    @cached_property
    @_one_at_a_time
    def findings(self) -> pa.Table:
        """One row for each finding with the outcome `not_met` or `cannot_tell`."""
        return self.findings_of(*WANTED)

    @_one_at_a_time
    def findings_of(self, *wanted: str) -> pa.Table:
        """Return the findings with these outcomes, one row each.

        Its `row` counts the rows of the table from 1. `message` is the finding in words, and
        `remedy` what to do about one that is not met. A row that is `invalid` is in `outcomes`.
        """
        with readable():
            if self._few is None and patterns.has_patterns(self.area):
                return self._findings_by_pattern(wanted)
            found = iter(
                finding
                for answer in self._answered(wanted)
                for finding in findings(self._judge, answer, self.on, wanted)
            )
            batches = [pa.RecordBatch.from_pylist(some, FINDING) for some in _batched(found)]
        return pa.Table.from_batches(batches, FINDING)

    @cached_property
    @_one_at_a_time
    def summary(self) -> pa.Table:
        """How many cases have each outcome, by rule."""
        pairs = [(rule, word) for rule in self.area.wordings for word in ROW_OUTCOMES]
        counts = [f"count(*) FILTER (WHERE {quoted(rule)} = '{word}')" for rule, word in pairs]
        (found,) = self._ask(f"SELECT {', '.join(counts)} FROM outcomes")
        return pa.table(
            {
                "rule": [rule for rule, _ in pairs],
                "outcome": [word for _, word in pairs],
                "cases": pa.array(found, pa.int64()),
            }
        )

    @cached_property
    @_one_at_a_time
    def duplicates(self) -> pa.Table:
        """The references that occur on more than one row, each with its rows."""
        query = (
            'SELECT reference, list(_row ORDER BY _row) AS "rows" FROM numbered_cases '
            "WHERE reference IS NOT NULL GROUP BY reference HAVING count(*) > 1 ORDER BY min(_row)"
        )
        with readable():
            return self._source.connection.sql(query).to_arrow_table()

    @cached_property
    @_one_at_a_time
    def zeros(self) -> pa.Table:
        """The references that differ from another only by zeros at the start, each with its rows."""
        shorter = f"regexp_replace(reference, '{ZEROS}', '\\1', 'g')"
        query = (
            f'SELECT {shorter} AS reference, list(_row ORDER BY _row) AS "rows" FROM numbered_cases '
            f"WHERE {shorter} IN (SELECT {shorter} FROM numbered_cases WHERE {shorter} <> reference) "
            "GROUP BY 1 HAVING count(DISTINCT numbered_cases.reference) > 1 ORDER BY min(_row)"
        )
        with readable():
            return self._source.connection.sql(query).to_arrow_table()

    @_one_at_a_time
    def keep(self) -> None:
        """Compute every answer now, and keep the answers for later questions.

        Use it before you ask a large table more than one thing: a summary, a query, a file.
        """
        if self._is_kept:
            return
        self._ask("CREATE TABLE kept AS SELECT row_number() OVER () AS _row, * FROM outcomes")
        self._is_kept = True
        if not self._is_by_row:
            view = "CREATE OR REPLACE VIEW outcomes AS SELECT * EXCLUDE (_row) FROM kept"
            self._source.connection.execute(view)

    @_one_at_a_time
    def query(self, text: str) -> pa.Table:
        """Run one SELECT of DuckDB, and return its rows.

        Args:
            text: It may read `outcomes` and, once the answers are kept, `kept`: the same with the
                number of the row in front, as `_row`. It may read nothing else and write nothing.

        Raises:
            InputError: It is not one such SELECT, or DuckDB cannot run it.
        """
        connection = self._source.connection
        require_select(text, connection)
        if self._is_by_row:
            connection.register("outcomes", self._table_by_row)
        try:
            with readable():
                return connection.sql(text).to_arrow_table()
        except duckdb.ProgrammingError as error:
            why = "DuckDB cannot run this SELECT; check its syntax and the names of columns"
            raise InputError([Problem(why, "query")]) from error

    @_one_at_a_time
    def cases(self, rows: Collection[int]) -> dict[int, Any]:
        """Return the cases of some rows, by number of row, without assumptions.

        Args:
            rows: Their numbers, counted from 1; of rows that are not invalid.
        """
        chosen = ", ".join(str(int(row)) for row in rows)
        source = copy(self._source)
        source.assumed = {}
        with readable():
            found = source.rows(f"WHERE _row IN ({chosen or 'NULL'})")
            return {one.number: one.case(self.area) for one in found}

    @_one_at_a_time
    def places(self, rows: Collection[int]) -> dict[int, str]:
        """Return where rows are in their file, by number of row: `row 7`, `line 2`.

        In a file the header and blank rows count; in a table in memory, blank rows do.

        Args:
            rows: Their numbers among the cases, counted from 1.
        """
        with readable():
            return self._source.places(rows)

    @_one_at_a_time
    def write(self, path: str | Path) -> None:
        """Write the outcomes to a Parquet, CSV or JSON lines file, whole or not at all.

        A large table goes from file to file without passing through Python. In CSV, the
        reasons of a row are one text, and what a spreadsheet would take for a formula gets an
        apostrophe in front.

        Raises:
            InputError: The name does not end in `.parquet`, `.csv` or `.jsonl`, or the file is one that the
                cases or members were read from.
        """
        path, columns = Path(path), "*"
        if path.suffix == ".csv":
            reasons = _inert(f"array_to_string(reasons, '{BETWEEN_REASONS}')")
            texts = [("reference", _inert("reference")), ("reasons", reasons)]
            texts += [(quoted(name), _inert(quoted(name))) for name in self.kept.values()]
            columns = f"* REPLACE ({', '.join(f'{term} AS {name}' for name, term in texts)})"
        self._write(path, f"SELECT {columns} FROM outcomes", tuple(_FORMATS))

    @_one_at_a_time
    def write_prepared(self, path: str | Path) -> None:
        """Write the table `cases` that the statement of `sql` reads, as Parquet: all facts of a case.

        Raises:
            InputError: The area prepares no facts by code, or the file cannot be written.
        """
        area, terms = self.area, self._source.prepared_terms()
        if not terms:
            text = f"the statement of {area.name} needs no prepared facts: give it your own table"
            raise InputError([Problem(text, "write_prepared")])
        query = f"SELECT {', '.join(terms)} FROM cases"
        self._write(Path(path), query, (".parquet",))

    def _write(self, path: Path, query: str, endings: tuple[str, ...]) -> None:
        """Write the rows of a query to a file, whose ending decides its format."""
        if path.suffix not in endings or "\0" in str(path):
            text = f"give a name that ends in {' or '.join(endings)}"
            raise InputError([Problem(text, path.name or str(path))])
        output = Output(path, self._inputs)
        try:
            with output.replaced() as part:
                name = str(part).replace("'", "''")
                # DuckDB would put a file of its own in the place of this one, and lose its mode.
                options = f"{_FORMATS[path.suffix]}, USE_TMP_FILE false"
                self._ask(f"COPY ({query}) TO '{name}' ({options})")
        except OSError:
            text = "this file cannot be written; check its folder, name and permissions"
            raise InputError([Problem(text, path.name)]) from None

    def _repr_html_(self) -> str:
        """Return HTML for a notebook: how many cases have each outcome, by rule."""
        area, book = self.area, self._judge.book
        counts: dict[str, tuple[int, ...]] = dict.fromkeys(area.wordings, ())
        for one in self.summary.to_pylist():
            counts[one["rule"]] += (one["cases"],)
        cases = sum(next(iter(counts.values())))
        title = f"{notebook.text(area.title)}: {cases:,} {'case' if cases == 1 else 'cases'}"
        heads = ("rule", *(word.replace("_", " ") for word in ROW_OUTCOMES))
        rows = [
            (f"<code>{notebook.text(rule)}</code>", *(f"{number:,}" for number in numbers))
            for rule, numbers in counts.items()
        ]
        return notebook.joined(
            [
                f"<p><b>{title}</b>, on {notebook.day(self.on)}</p>",
                notebook.table(heads, rows),
                notebook.bullets(self.notes),
                notebook.basis(book, area, book.on(self.on).replaced),
            ]
        )

    def share(self, other: Table) -> None:
        """Take from another table of the same rows the outcomes that are the same under both rulebooks.

        Args:
            other: The answers to the same rows, on another day or by another rulebook.
        """
        is_free = self.area.members is None and not self.area.by_code
        if is_free and not self._is_by_row and self._source.kept == other._source.kept:
            self._like = other

    def _outcomes_like(self, other: Table) -> pa.Table:
        """Return the outcomes; compute only those that may differ from another table."""
        traces, others = (one._source.statement(one.on).traces() for one in (self, other))  # noqa: SLF001
        same = {name for name, trace in traces.items() if trace == others.get(name)}
        same |= {"reference", *self.kept.values()}
        names = self._source.connection.table("outcomes").columns
        own = [name for name in names if name not in same]
        known, found = other.outcomes, self._read(", ".join(map(quoted, own)) or "1")
        if known.num_rows != found.num_rows:
            text = "the rows of this file changed while they were read; read it again"
            raise CaseError([Problem(text, "the table")])
        return pa.table({name: known[name] if name in same else found[name] for name in names})

    def _read(self, columns: str) -> pa.Table:
        connection = self._source.connection
        with readable(), watched(connection, self._progress):
            return connection.sql(f"SELECT {columns} FROM outcomes").to_arrow_table()

    # --- by a statement ----------------------------------------------------------------------

    def _view(self, source: Source) -> None:
        source.connection.execute(f"CREATE TYPE outcome AS ENUM {ROW_OUTCOMES}")
        ids = {rule: rule for rule in self.area.wordings}
        names = dict(zip(source.kept_columns, self.kept.values(), strict=True))
        if self.area.members is None:
            statement = source.statement(self.on).by_rule(
                ids, _as_enum, facts=self.facts, carried=names
            )
        else:  # a join keeps no order
            numbered = source.statement(self.on, "numbered_cases")
            statement = numbered.by_rule(ids, _as_enum, facts=self.facts, carried=names).order_by(
                column("_row")
            )
        source.connection.execute(f"CREATE VIEW outcomes AS {statement.sql(dialect='duckdb')}")

    def _ask(self, query: str) -> list[tuple[object, ...]]:
        """Run a query on the outcomes, and return its rows."""
        connection = self._source.connection
        if self._is_by_row:
            connection.register("outcomes", self._table_by_row)
        with readable(), watched(connection, self._progress):
            found: list[tuple[object, ...]] = connection.execute(query).fetchall()
            return found

    def _answered(self, wanted: Collection[str]) -> Iterable[Answer]:
        """Yield the answers to rows with a wanted outcome, and perhaps to others."""
        source, area = self._source, self.area
        if self._few is not None:
            yield from self._few
            return
        found = self._judged(wanted)
        source.connection.register("found", found)
        rows = source.rows("WHERE _row IN (SELECT _row FROM found)")
        coded = (
            one for batch in found.sort_by("_row").to_batches(BATCH) for one in batch.to_pylist()
        )
        for row, one in zip(rows, coded, strict=True):
            codes = [one[f"_rule_{place}"] for place in range(len(area.rules))]
            yield Answer(row, codes, facts=area.facts_of(row.as_read(area)))

    def _judged(self, wanted: Collection[str], looks: Sequence[Node] = ()) -> pa.Table:
        """Return the numbers, references and codes of rows that have a wanted outcome."""
        source = self._source
        numbers = ", ".join(str(ROW_OUTCOMES.index(word)) for word in wanted)
        any_wanted = " OR ".join(
            f"_rule_{place} IN ({numbers})" for place in range(len(self.area.rules))
        )
        statement = source.statement(self.on, "numbered_cases", looks=looks)
        judged = statement.by_wording(["_row", "reference"]).sql(dialect="duckdb")
        with watched(source.connection, self._progress):
            query = f"SELECT * FROM ({judged}) WHERE {any_wanted}"
            return source.connection.sql(query).to_arrow_table()

    def _findings_by_pattern(self, wanted: Collection[str]) -> pa.Table:
        each = [patterns.looks(self.area, rule) for rule in self.area.rules]
        every = list(dict.fromkeys(node for nodes in each for node in nodes))
        names = {node: f"_look_{at}" for at, node in enumerate(every)}
        seen = {place: [names[node] for node in nodes] for place, nodes in enumerate(each)}
        judged = self._judged(wanted, every)
        return patterns.findings(self.area, judged, seen, wanted, self._reports)

    def _reports(self, rows: Collection[int]) -> Iterator[tuple[int, Report]]:
        """Yield reports on some rows, without outcomes, each with the number of its row."""
        source, area, judge = self._source, self.area, self._judge
        source.connection.register("found", pa.table({"_row": pa.array(list(rows), pa.int64())}))
        for row in source.rows("WHERE _row IN (SELECT _row FROM found)"):
            facts = area.facts_of(row.as_read(area))
            made = Report(facts, self.on, judge.engine, {}, area, judge.book, (), facts)
            yield row.number, made

    # --- row by row --------------------------------------------------------------------------

    @property
    def _is_by_row(self) -> bool:
        return self._few is not None

    @cached_property
    def _table_by_row(self) -> pa.Table:
        found = self._few or []
        with readable():
            return as_table(self.area, found, self.on, self._judge.values, self.facts, self.kept)


def _inert(term: str) -> str:
    """Return the SQL of a text that a spreadsheet never reads as a formula."""
    text = f"regexp_replace({term}, '{LIKE_A_FORMULA}', '\\1''\\2', 'g')"
    return f"regexp_replace({text}, '^([\\t\\r\\n])', '''\\1')"


def _as_enum(word: str) -> exp.Expression:
    return exp.cast(literal(word), exp.DataType.build("outcome", udt=True))


def _batched(found: Iterator[One]) -> Iterator[list[One]]:
    while some := list(islice(found, BATCH)):
        yield some
