"""Running DuckDB: a separate connection, the progress of a query, and the problems of a bad table."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any
from uuid import uuid4

import duckdb

from probation_rules.errors import CaseError, InputError, ProbationRulesError, Problem

Progress = Callable[[float], object]
"""A function that is called with the share of the work that is done, from 0 to 1.

It stops the work if it raises a `ProbationRulesError`.
"""

TOLD_EVERY = 0.1  # seconds
_INTERRUPTED = "Query interrupted"


def connection(memory_limit: str | None, threads: int | None) -> duckdb.DuckDBPyConnection:
    """Return a database in memory with limits.

    Raises:
        InputError: `memory_limit` or `threads` is not valid.
    """
    config: dict[str, Any] = {
        "temp_directory": str(Path(tempfile.gettempdir()) / f"probation-rules-{uuid4().hex}"),
        "autoinstall_known_extensions": False,
        "python_enable_replacements": False,  # a name in SQL is never that of a variable in Python
        # With threads that write beside it, DuckDB 2.0 hangs for ever, once in some twenty times, where
        # writing a file is broken off.
        "async_threads": 0,
    }
    config |= {} if memory_limit is None else {"memory_limit": memory_limit}
    config |= {} if threads is None else {"threads": threads}
    try:
        made = duckdb.connect(":memory:", config=config)
    except duckdb.Error:
        text = "`memory_limit` must be a size such as `512MB`, and `threads` a whole number from 1"
        raise InputError([Problem(text, "check_table")]) from None
    # Where Python runs no file, DuckDB would draw a bar on standard output.
    made.execute("SET enable_progress_bar_print = false")
    return made


@contextmanager
def watched(connection: duckdb.DuckDBPyConnection, progress: Progress | None) -> Iterator[None]:
    """Tell, from a thread of its own, how far the query is that runs meanwhile.

    Raises:
        ProbationRulesError: `progress` raised it, which stops the query.
    """
    if progress is None:
        yield
        return
    connection.execute("SET enable_progress_bar = true")  # without it nothing is counted
    ended = Event()
    stopped: list[ProbationRulesError] = []

    def tell() -> None:
        while not ended.wait(TOLD_EVERY):
            try:
                progress(min(1.0, max(0.0, connection.query_progress() / 100)))
            except ProbationRulesError as error:
                stopped.append(error)
                connection.interrupt()
                return

    thread = Thread(target=tell, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        if stopped:
            raise stopped[0] from None
    progress(1.0)


@contextmanager
def readable() -> Iterator[None]:
    """Turn an error of DuckDB about a bad table into a problem that does not repeat its text.

    An interruption by Ctrl-C is raised as Python raises it.
    """
    try:
        yield
    except RuntimeError as error:
        if str(error) == _INTERRUPTED:
            raise KeyboardInterrupt from None
        raise
    except duckdb.OutOfMemoryException:
        text = "the memory limit is too low for this table; raise `memory_limit`"
        raise InputError([Problem(text, "check_table")]) from None
    except duckdb.IOException as error:
        # Writing: the folder is missing or full. Reading: the file is cut short.
        text = "a file cannot be read to its end, or not written; it may be cut short, or the disk full"
        raise CaseError([Problem(text, "check_table")]) from error.__cause__
    except (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException):
        raise  # of the statement, and so a fault of this library
    except duckdb.Error as error:
        text = (
            f"DuckDB cannot read this to its end ({type(error).__name__}): the file may be damaged, or "
            "may have changed meanwhile; make the table again"
        )
        raise CaseError([Problem(text, "the table")]) from None
