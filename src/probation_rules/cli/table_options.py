"""Whether a file is answered as one table, and what may be asked of a table as such.

Up to a size a file is answered case by case, and each case is on the page. Beyond it, or where an
option for tables is given, it is answered as a whole, by `caseload.by_table`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from pathlib import Path
from typing import Any

import click
from attrs import frozen

from probation_rules.caseload.question import Question
from probation_rules.engines import FEW_ROWS
from probation_rules.intake.paths import FileSet
from probation_rules.readers import compressed, parquet

# A file of text with more bytes is a table: some 50,000 orders, which case by case take half a minute
# and make a page that nobody reads.
LARGE_BYTES = 8 * 1024 * 1024
COMPRESSED = 8  # times smaller, as text usually is when it is compressed
LARGE_WORKBOOK = 2 * 1024 * 1024  # the same of a workbook, whose text is packed
_LINES = (".jsonl", ".ndjson")
_MIB = 1024 * 1024
_AS_TABLE = (
    f"this is answered as one table (text over {LARGE_BYTES // _MIB} MiB, a workbook over "
    f"{LARGE_WORKBOOK // _MIB} MiB, over {FEW_ROWS:,} rows of Parquet, or an option for tables)"
)
_WORKBOOKS = (".xlsx", ".xls", ".ods")


@frozen
class TableOptions:
    """The options about a table.

    Attributes:
        columns: For facts whose column has another name, that name.
        members: The file of members, a row each.
        mapping: The file of a mapping.
        memory_limit: Most memory, such as `512MB`.
        threads: Most threads.
        strict: Whether to refuse the file where a case cannot be judged.
        sheet: The sheet of a workbook, by its name or number.
        keep: The columns that go with each case and are not judged.
    """

    columns: Mapping[str, str]
    members: Path | None
    mapping: Path | None
    memory_limit: str | None
    threads: int | None
    strict: bool = False
    sheet: str | None = None
    keep: tuple[str, ...] = ()

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that are read as well as the cases."""
        return tuple(one for one in (self.mapping, self.members) if one)

    @property
    def asked(self) -> dict[str, Any]:
        """What to pass on to `answer_table`."""
        return {**self.of_tables, "strict": self.strict}

    @property
    def of_tables(self) -> dict[str, Any]:
        """What to pass on to `check_table`."""
        names = ("columns", "keep", "mapping", "members", "memory_limit", "sheet", "threads")
        return {name: getattr(self, name) for name in names}

    @property
    def of_cases(self) -> dict[str, Any]:
        """What to pass on to `answer`."""
        names = ("columns", "keep", "mapping", "sheet", "strict")
        return {name: getattr(self, name) for name in names}

    @property
    def needs_table(self) -> bool:
        """Whether something was asked that only a table has."""
        return bool(self.members or self.memory_limit or self.threads)


def table_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options for tables, as one argument `table`."""

    @click.option(
        "--map",
        "maps",
        multiple=True,
        metavar="FACT=COLUMN|FILE",
        help="A mapping, as `map` writes it; or a fact's column by its name, which may be given again.",
    )
    @click.option("--members", type=click.Path(path_type=Path), metavar="FILE", help="The members.")
    @click.option("--memory-limit", metavar="SIZE", help="Most memory, such as 512MB.")
    @click.option("--threads", type=click.IntRange(min=1), help="Most threads.")
    @click.option("--strict", is_flag=True, help="Refuse the file if a case cannot be judged.")
    @click.option("--sheet", metavar="NAME|NUMBER", help="The sheet of a workbook.")
    @click.option(
        "--keep",
        multiple=True,
        metavar="COLUMN",
        help="A column to show with each case, such as a team; may be given again.",
    )
    @wraps(command)
    def with_table(
        *,
        maps: Sequence[str],
        members: Path | None,
        memory_limit: str | None,
        threads: int | None,
        strict: bool,
        sheet: str | None,
        keep: Sequence[str],
        **others: Any,
    ) -> Any:
        files = [Path(one) for one in maps if "=" not in one]
        if files[1:] or (files and maps[1:]):
            raise click.UsageError("give one mapping with --map, or columns as FACT=COLUMN")
        columns = dict(_column(one) for one in maps) if not files else {}
        mapping = files[0] if files else None
        table = TableOptions(
            columns,
            members,
            mapping,
            memory_limit,
            threads,
            strict,
            sheet,
            tuple(dict.fromkeys(keep)),
        )
        return command(table=table, **others)

    return with_table


def _column(pair: str) -> tuple[str, str]:
    """Return a fact and its column."""
    name, _, column = pair.partition("=")
    return name, column


def is_table(
    question: Question,
    file: str,
    shape: str | None,
    output: Path | None,
    form: str,
    options: TableOptions,
) -> bool:
    """Whether a file is answered as one table, and not case by case.

    Raises:
        click.UsageError: Something was asked that goes with neither.
    """
    wanted = options.needs_table or (output is not None and output.suffix == ".parquet")
    own = shape is None and file != "-"
    if not own:
        if wanted or options.columns or ((options.mapping or options.keep) and shape):
            text = "--map, --keep, --members, --memory-limit, --threads and Parquet are for a file in this library's own columns"
            raise click.UsageError(text)
        return False
    many = wanted or _is_large(question, Path(file))
    if many and (option := question.case_by_case):
        text = (
            f"{option} answers one case at a time, and this is answered as one table "
            f"(over {FEW_ROWS:,} rows of Parquet, or an option for tables): leave {option} out, "
            "or give fewer cases as CSV or JSON lines"
        )
        raise click.UsageError(text)
    if many and form == "html":
        text = f"--format html shows every case, and {_AS_TABLE}; split the file, or give table, json or csv"
        raise click.UsageError(text)
    if many and is_workbook(output, form):
        text = f"a workbook lists every case, and {_AS_TABLE}; split the file, or give a name that ends in .csv or .parquet"
        raise click.UsageError(text)
    return many


def is_workbook(output: Path | None, form: str) -> bool:
    """Whether the answers are written as a workbook.

    Raises:
        click.UsageError: A workbook is asked for in a format that is not written.
    """
    suffix = "" if output is None else output.suffix.lower()
    if suffix in (".xls", ".xlsm", ".xlsb", ".ods"):
        raise click.UsageError(f"a workbook is written as .xlsx, not as {suffix}")
    if suffix == ".xlsx" and form != "table":
        raise click.UsageError(
            f"a file .xlsx is a workbook; leave --format {form} out, or give another name"
        )
    return suffix == ".xlsx"


def _is_large(question: Question, path: Path) -> bool:
    if FileSet.at(path) is not None:
        return True
    if parquet.is_parquet(path):
        return parquet.count(path) > FEW_ROWS
    limits = dict.fromkeys((".csv", *_LINES), LARGE_BYTES) | dict.fromkeys(
        _WORKBOOKS, LARGE_WORKBOOK
    )
    limit = limits.get(compressed.suffix_of(path))
    if limit is None or question.case_by_case:
        return False
    limit //= COMPRESSED if compressed.is_compressed(path) else 1
    return path.is_file() and path.stat().st_size > limit
