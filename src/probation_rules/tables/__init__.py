"""Whole caseloads: the rules of an area asked about every row of a table.

DuckDB reads the table and runs the statement of `engines/sql/statement.py`. Where an area prepares
facts by code, they are first added as columns, a batch at a time (`prepared`). A small table is
answered row by row, since planning would cost more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from probation_rules.engines.python import compile_area
from probation_rules.engines.sql.statement import worked_out
from probation_rules.errors import InputError, Problem, did_you_mean
from probation_rules.intake.mapping import TableMapping, mapping_from
from probation_rules.judge import Judge
from probation_rules.quoting import named
from probation_rules.rulebook import shipped
from probation_rules.rulebook.validity import require_day
from probation_rules.tables.forms import paths
from probation_rules.tables.members import MemberSource
from probation_rules.tables.running import Progress, connection, readable
from probation_rules.tables.source import Source
from probation_rules.tables.table import Table
from probation_rules.writing import Inputs

if TYPE_CHECKING:
    import duckdb

    from probation_rules.cases import Attempt
    from probation_rules.rulebook.book import Rulebook
    from probation_rules.rulebook.model import Area

__all__ = ["Table", "check_table"]


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
    sheet: str | None = None,
    mapping: object = None,
    keep: Sequence[str] = (),
    facts: bool | Collection[str] = False,
    memory_limit: str | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Table:
    """Ask every rule of an area about every row of a table.

    Args:
        area: The area's name, such as `unpaid-work`.
        data: One row a case: a file's path (a workbook, CSV, Parquet, JSON lines), a folder or pattern
            of Parquet files, or a table of pyarrow, polars, pandas or DuckDB. A column that is missing is unknown for every case. Cases
            with members may have one row a member instead, if a column with the area's name
            holds the reference of the member's case.
        on: The day the question is asked about.
        members: For an area with members, one row a member, in any of these forms, with the
            reference of its case in a column with the area's name. Not needed where `data` has
            a column with a list of them.
        rulebook: The rules to go by; the shipped ones if not given.
        assuming: Values for facts that rows leave unknown.
        settings: Values for open parameters, for this call.
        columns: For facts whose column has another name, that name.
        sheet: The sheet of a workbook, by its name or number; the one with a table if not given.
        mapping: How the columns are read: the path of a mapping, or its content.
        keep: Columns that go with each row and are not judged, such as a team: `outcomes` has them.
        facts: Whether `outcomes`, and what is written, has a column for each derived fact too; or
            the names of those that get one.
        memory_limit: Most memory that DuckDB may take, such as `512MB`; more goes to disk.
        threads: Most threads; all cores if not given.
        progress: Told how far a piece of work is, from 0 to 1, a few times a second: reading here,
            then each answer as it is computed. It may be called from another thread, and must not
            ask the table. A `ProbationRulesError` that it raises stops the work.

    Returns:
        The answers, which are computed on request.

    Raises:
        CaseError: The table cannot be read, or a column is unknown or of a wrong type.
        NotInForce: The day is before the first one that the area's rules cover.
        InputError: The area is not known, or another argument is not allowed.
    """
    judge, assumed = judge_for(area, on, rulebook, settings, assuming)
    database = connection(memory_limit, threads)
    mapped = None if mapping is None else mapping_from(area, mapping, keep)
    source = source_for(judge.area, database, columns or {}, assumed, progress, members)
    source.sheet = sheet or (mapped.sheet if mapped else None)
    source.mapping, source.keep = mapped, keep
    inputs = Inputs.of(*paths(data), *paths(members))
    with readable():
        source.read(data)
        return Table(judge, on, facts_named(judge.area, facts), source, inputs, progress)


def attempts(
    area: str,
    data: object,
    columns: Mapping[str, str],
    mapping: TableMapping | None = None,
    keep: Sequence[str] = (),
) -> Iterator[tuple[str, Attempt, Mapping[str, str]]]:
    """Yield what could be read of each case of a small table: its place, the case and kept cells."""
    source = source_for(shipped().area(area), connection(None, None), columns, {})
    source.mapping, source.keep = mapping, keep
    with readable():
        source.read(data)
        rows = list(source.rows())
        places = source.places([row.number for row in rows])
        for row in rows:
            place = places[row.number]
            yield place, row.attempt(source.area, place), row.kept


def judge_for(
    area: str,
    on: date,
    rulebook: Rulebook | None,
    settings: Mapping[str, Any] | None,
    assuming: Mapping[str, Any] | None,
) -> tuple[Judge, dict[str, Any]]:
    """Return the rules for a table, and the values that fill an unknown fact.

    Raises:
        NotInForce: The day is before the first one that the area's rules cover.
        InputError: The area does not exist, or a setting or an assumption is not allowed.
    """
    book = shipped() if rulebook is None else rulebook
    if settings:
        book = book.with_settings(settings)
    require_day(book.area(area), on)
    key = (area, "python")
    judge = book.judges.get(key) or book.judges.setdefault(key, Judge(book, *key, compile_area))
    return judge, judge.assumed(judge.area.spec.case(), assuming or {})


def source_for(
    area: Area,
    database: duckdb.DuckDBPyConnection,
    columns: Mapping[str, str],
    assumed: Mapping[str, Any],
    progress: Progress | None = None,
    members: object = None,
) -> Source:
    """Return the source of an area's tables, which has not read anything yet."""
    said = area, database, columns, assumed, progress
    if area.members is not None:
        return MemberSource(*said, members=members)
    return Source(*said)


def facts_named(area: Area, wanted: bool | Collection[str]) -> tuple[str, ...]:  # noqa: FBT001 (as given)
    """Return the names of the derived facts that get a column.

    Raises:
        InputError: A name is not that of a derived fact.
    """
    known = worked_out(area)
    if isinstance(wanted, bool):
        return tuple(known) if wanted else ()
    strangers = [name for name in wanted if name not in known]
    if strangers:
        problems = (
            Problem(
                f"{named(name, known)} is not a derived fact{did_you_mean(name, known)}", "facts"
            )
            for name in strangers
        )
        raise InputError(problems)
    return tuple(wanted)
