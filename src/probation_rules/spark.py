"""Whole caseloads on more than one machine: the rules of an area asked about a Spark DataFrame.

Each task of Spark reads, checks and prepares its own rows (`tables.row_check`), and the statement of
`engines.sql` answers them. Nothing runs until the answers are used, and no rows go to the driver.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from importlib import import_module
from typing import TYPE_CHECKING, Any

from attrs import evolve

from probation_rules.cases import REFERENCE, TWICE
from probation_rules.engines.sql.nodes import literal
from probation_rules.engines.sql.statement import case_column, sql_names
from probation_rules.errors import CaseError, InputError, MissingExtra, Problem
from probation_rules.intake.mapping import titles_beside
from probation_rules.tables import facts_named, judge_for
from probation_rules.tables.columns import label_fault
from probation_rules.tables.given import PROBLEM
from probation_rules.tables.members import MemberSource
from probation_rules.tables.row_check import BAD_NAME, KEY, NAMES, RowCheck, cases, counts, names

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from probation_rules.rulebook.book import Rulebook
    from probation_rules.tables.source import Source

__all__ = ["check_table"]

_CASES = "_checked_cases"  # the name that the statement has for them
_NO_TEXTS = "CAST(array() AS ARRAY<STRING>)"
_TWICE = (
    "a reference is on more than one row of the cases, so it is not clear whose its members are"
)
_LOST = "a member has the reference of a case that is not in the table of cases"


def check_table(  # noqa: PLR0913 (each is named by the caller)
    df: DataFrame,
    area: str,
    *,
    on: date,
    members: DataFrame | None = None,
    rulebook: Rulebook | None = None,
    settings: Mapping[str, Any] | None = None,
    assuming: Mapping[str, Any] | None = None,
    columns: Mapping[str, str] | None = None,
    keep: Sequence[str] = (),
    facts: bool | Collection[str] = False,
) -> DataFrame:
    """Ask every rule of an area about every row of a Spark DataFrame.

    The answers are those of `probation_rules.check_table`. Spark computes them when they are used.

    Args:
        df: One row a case. A column that is missing is unknown for every case.
        area: The area's name, such as `unpaid-work`.
        on: The day the question is asked about.
        members: For an area with members, one row a member, with the reference of its case in a
            column with the area's name. Not allowed if `df` has a column with lists of members.
        rulebook: The rules to go by; the shipped ones if not given.
        settings: Values for open parameters, for this call.
        assuming: Values for facts that rows leave unknown.
        columns: For facts whose column has another name, that name.
        keep: Columns that go with each row and are not judged, such as a team.
        facts: Whether to add a column for each derived fact, or the names of those to add.

    Returns:
        One row a case, in any order: `reference`, the kept columns, `stage` if the area has stages,
        a column for each rule, `reasons`, and facts. In a rule's column, `.` and `-` become `_`.

    Raises:
        CaseError: A column is unknown or of a wrong type.
        NotInForce: The day is before the first one that the area's rules cover.
        InputError: The area does not exist, or another argument is not allowed.
        MissingExtra: PySpark is not installed.
    """
    judge, assumed = judge_for(area, on, rulebook, settings, assuming)
    wanted = facts_named(judge.area, facts)
    check = RowCheck(
        judge.book, area, on, _schema(df), cases,
        assumed=assumed, columns=columns or {}, keep=tuple(keep),
    )  # fmt: skip
    if judge.area.members is None and members is not None:
        raise InputError([Problem(f"cases of {area} have no members; leave this out", "members")])
    source = check.source()
    checked = _mapped(df, check, source)
    if isinstance(source, MemberSource):
        checked = _with_members(df, checked, check, source, members)
        source.key, source.tallied = REFERENCE, _CASES
    rules = sql_names(judge.area)
    others = [REFERENCE, *(["stage"] if judge.area.stages else []), *rules.values(), "reasons"]
    titles = titles_beside(source.kept, [*others, *wanted]).values()
    carried = dict(zip(source.kept_columns, titles, strict=True))
    statement = source.statement(on, _CASES, dialect="spark")
    text = statement.by_rule(rules, facts=wanted, carried=carried).sql(dialect="spark")
    return _asked(text, **{_CASES: checked})


# --- Members ------------------------------------------------------------------------------------


def _with_members(
    df: DataFrame,
    checked: DataFrame,
    check: RowCheck,
    source: MemberSource,
    members: DataFrame | None,
) -> DataFrame:
    """Return cases with the counts of their members, in whichever form the members are given.

    Raises:
        CaseError: A table has a row for each member, and not for each case.
        InputError: Members are given in two forms.
    """
    listed, tie = source.listed.name, case_column(source.area)
    lists = listed in check.schema.names
    if members is not None and lists:
        text = f"the cases have a column `{listed}`; give members there or here, not both"
        raise InputError([Problem(text, "members")])
    if members is not None:
        return _with_rows(checked, check, source, members)
    if lists:
        return _with_lists(df, checked, check, source)
    if tie in check.schema.names:
        text = (
            "this table has a row for each member; give a row for each case, and its members in a "
            f"column `{listed}` or as another table in `members`"
        )
        raise CaseError([Problem(text, f"column {tie}")])
    return checked


def _with_lists(
    df: DataFrame, checked: DataFrame, check: RowCheck, source: MemberSource
) -> DataFrame:
    """Return cases that have lists of members, and mark those whose members are on other rows too.

    The key of a list is the references in it, because a row has no other key that is sure to be
    the same when Spark computes it again.
    """
    fields = source.connection.table("unnested").columns if source.key != REFERENCE else []
    if REFERENCE not in fields:
        return checked
    twice = _twice(_mapped(df, evolve(check, wanted=names), source), NAMES)
    columns = ", ".join(f"c.`{name}`" for name in check.types(source) if name != PROBLEM)
    problem = _problem(source, twice=f"t.`{NAMES}` IS NOT NULL")
    return _asked(
        f"SELECT {columns}, {problem} AS `{PROBLEM}` "
        f"FROM `_cases` c LEFT JOIN `_twice` t ON c.`{NAMES}` = t.`{NAMES}`",
        _cases=checked, _twice=twice,
    )  # fmt: skip


def _with_rows(
    checked: DataFrame, check: RowCheck, source: MemberSource, members: DataFrame
) -> DataFrame:
    """Return cases with the counts of their members, which are the rows of another table.

    If `probation_rules.check_table` would refuse both tables, the job of Spark ends with an error.
    """
    of_members = RowCheck(
        check.book, check.area, check.on, _schema(members), counts, of_members=True
    )
    people = of_members.source()
    assert isinstance(people, MemberSource)  # noqa: S101 (the area has members)
    none = evolve(check, wanted=counts).types(source)
    sums = [name for name in of_members.types(people) if name not in (KEY, BAD_NAME)]
    terms = [f"sum(`{name}`) AS `{name}`" for name in sums]
    counted = _asked(
        f"SELECT `{KEY}`, {', '.join(terms)}, bool_or(`{BAD_NAME}`) AS `{BAD_NAME}` "
        f"FROM `_counts` GROUP BY `{KEY}`",
        _counts=_mapped(members, of_members, people),
    )
    frames, twice, join = {"_cases": checked, "_counts": counted}, "FALSE", ""
    if REFERENCE in of_members.schema.names:
        seen = _mapped(members, evolve(of_members, wanted=names), people)
        frames["_twice"] = _twice(seen, KEY)
        twice, join = f"t.`{KEY}` IS NOT NULL", f"LEFT JOIN `_twice` t ON m.`{KEY}` = t.`{KEY}`"
    columns = [f"c.`{name}`" for name in check.types(source) if name not in (PROBLEM, *none)]
    columns += [f"m.`{name}`" for name in sums]
    problem = (
        f"CASE WHEN c.`{REFERENCE}` IS NULL AND m.`{sums[0]}` IS NOT NULL THEN raise_error({_text(_LOST)}) "
        f"WHEN c.`{REFERENCE}` IS NOT NULL AND c.`_rows` > 1 THEN raise_error({_text(_TWICE)}) "
        f"ELSE {_problem(source, twice=twice, bad=f'm.`{BAD_NAME}`')} END"
    )
    source.of_members = people.of_members  # the statement reads the counts of these columns
    return _asked(
        f"SELECT {', '.join(columns)}, {problem} AS `{PROBLEM}` "
        f"FROM (SELECT *, count(*) OVER (PARTITION BY `{REFERENCE}`) AS `_rows` FROM `_cases`) c "
        f"FULL OUTER JOIN `_counts` m ON c.`{REFERENCE}` = m.`{KEY}` {join}",
        **frames,
    )


def _twice(given: DataFrame, key: str) -> DataFrame:
    """Return the keys of lists with a reference of a member that is on more than one row."""
    each = f"SELECT `{key}`, explode(`{NAMES}`) AS `_one` FROM `_names_of`"
    rows = f"SELECT `{key}`, count(*) OVER (PARTITION BY `_one`) AS `_rows` FROM ({each})"
    return _asked(f"SELECT DISTINCT `{key}` FROM ({rows}) WHERE `_rows` > 1", _names_of=given)


def _problem(source: MemberSource, *, twice: str, bad: str = "FALSE") -> str:
    """Return the SQL of the reasons of a case, with those about all of its members.

    Args:
        source: The source of the cases.
        twice: Whether a member is on another row too. A task may have seen that already.
        bad: Whether the reference of a member may not be shown.
    """
    known = f"coalesce(c.`{PROBLEM}`, {_NO_TEXTS})"
    on_rows = _text(f"{TWICE} @ {source.listed.name}")
    reasons = {
        _text(f"{label_fault(REFERENCE)} of a member"): bad,
        on_rows: f"{twice} AND NOT array_contains({known}, {on_rows})",
    }
    found = [
        f"CASE WHEN {test} THEN array({text}) ELSE {_NO_TEXTS} END"
        for text, test in reasons.items()
    ]
    return f"nullif({' || '.join([known, *found])}, {_NO_TEXTS})"


# --- Spark --------------------------------------------------------------------------------------


def _schema(df: DataFrame) -> Any:
    """Return the columns of a DataFrame as Arrow has them.

    Raises:
        MissingExtra: PySpark is not installed.
    """
    try:
        types = import_module("pyspark.sql.pandas.types")
    except ModuleNotFoundError as missing:
        text = f"a Spark DataFrame needs {missing.name}, which is not installed here"
        raise MissingExtra(text, "spark") from None
    return types.to_arrow_schema(df.schema)


def _mapped(df: DataFrame, check: RowCheck, source: Source) -> DataFrame:
    """Return the rows of a DataFrame as each task of Spark checks and prepares them."""
    types = ", ".join(f"`{name}` {kind}" for name, kind in check.types(source).items())
    return df.mapInArrow(check.batches, types)


def _asked(text: str, **frames: DataFrame) -> DataFrame:
    """Return what a statement gives, which reads some DataFrames by their names."""
    text = text.replace("{", "{{").replace("}", "}}")
    for name in frames:
        text = text.replace(f"`{name}`", f"{{{name}}}")
    (session, *_) = (one.sparkSession for one in frames.values())
    return session.sql(text, **frames)


def _text(text: str) -> str:
    return literal(text).sql(dialect="spark")
