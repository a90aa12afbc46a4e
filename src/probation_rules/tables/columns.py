"""Columns of a table -> facts of the right types, in DuckDB, or every reason why that fails.

Nothing is converted by guess. A typed column must hold its fact's own type; a column of text (all
of a CSV) is read by the grammar of a cell, and a cell that cannot be read makes its row invalid, not
the table. Messages name columns, never what is in them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from attrs import frozen

from probation_rules.cases import LABEL
from probation_rules.errors import CaseError, Problem, did_you_mean
from probation_rules.intake.cells import (
    DATE,
    SQL_BLANK,
    SQL_HIDDEN,
    SQL_PLAIN_LABEL,
    SQL_SPACE,
    SQL_TRIMMED,
    WHOLE_NUMBER,
    number,
)
from probation_rules.quoting import is_name, named
from probation_rules.rulebook.model import BOOLS, LONGEST_TEXT, Fact
from probation_rules.tables.given import unread

MOST_NAMED = 10
_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER")
_WIDE = ("HUGEINT", "UBIGINT", "UHUGEINT")
NOTHING = ('"NULL"', "NULL")
_MOMENTS = ("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS")
_NEEDED = {
    "bool": "true or false (boolean)",
    "int": "a whole number (integer; in pandas `Int64`)",
    "date": "a date without a time (date)",
    "code": "text",
    "decimal": "an exact number (decimal)",
}


@frozen
class Columns:
    """How the columns of a table become facts.

    Attributes:
        terms: The SQL of each fact that the table has, or NULL for one that it has not.
        unread: For facts whose values may be unreadable, the SQL of whether one is.
        missing: The facts that the table has no column for.
    """

    terms: Mapping[str, str]
    unread: Mapping[str, str]
    missing: tuple[str, ...]

    def select(self, others: Sequence[str] = ()) -> str:
        """Return the list of columns of a SELECT."""
        found = [*others, *(f"{term} AS {quoted(name)}" for name, term in self.terms.items())]
        found += [f"{term} AS {quoted(unread(name))}" for name, term in self.unread.items()]
        return ", ".join(found)


def quoted(name: str) -> str:
    """Return a name as SQL has it."""
    return '"' + name.replace('"', '""') + '"'


def match(
    facts: Mapping[str, Fact],
    found: Mapping[str, str],
    columns: Mapping[str, str],
    others: Sequence[str],
    path: str,
    *,
    labels: Collection[str] = (),
    marked: Collection[str] = (),
) -> Columns:
    """Match the columns of a table to the facts.

    Args:
        facts: The facts.
        found: The table's columns and their types.
        columns: For facts whose column has another name, that name.
        others: Names that stand in the table and are no facts: the reference, notes.
        path: What the problems are about: `the table`.
        labels: Those of the other names that must hold text or whole numbers.
        marked: Facts that have a column telling whether a value could not be read.

    Raises:
        CaseError: A column is unknown or of a wrong type; all of them.
    """
    known = [*facts, *others]
    problems = list(_wrong_mapping(known, found, columns))
    sources = {name: columns.get(name, name) for name in known}
    strangers = [name for name in found if name not in sources.values()]
    if found and not any(name in found for name in sources.values()):
        text = f"no column has a known name; known are {', '.join(known)}"
        problems.append(Problem(text, path))
    else:
        problems += _unknown(strangers, known, path)
    terms: dict[str, str] = {}
    bad: dict[str, str] = {}
    for name, fact in facts.items():
        source = sources[name]
        if source not in found:
            terms[name] = f"CAST(NULL AS {_sql_type(fact)})"
        elif typed := _typed(fact, quoted(source), found[source]):
            terms[name], test = typed
            if name in marked:
                bad[name] = quoted(unread(name))
            elif test:
                bad[name] = test
        else:
            problems.append(_wrong_type(found[source], _NEEDED[fact.kind], source))
    for name in labels:
        held = found.get(sources[name], "VARCHAR")
        if not (is_text(held) or held in (*_WHOLE, *_WIDE, "UUID", *NOTHING)):
            problems.append(_wrong_type(held, _NEEDED["code"], sources[name]))
    if problems:
        raise CaseError(problems)
    missing = tuple(name for name in facts if sources[name] not in found)
    return Columns(terms, bad, missing)


# --- Names --------------------------------------------------------------------------------------


def _wrong_mapping(
    known: Sequence[str], found: Mapping[str, str], columns: Mapping[str, str]
) -> Iterator[Problem]:
    for name, source in columns.items():
        if name not in known:
            hint = did_you_mean(str(name), known)
            yield Problem(f"{named(name, known)} is not a fact{hint}", "columns")
        elif source not in found:
            yield Problem(
                f"the table has no column `{source}`{did_you_mean(str(source), found)}",
                f"columns {name}",
            )


def _unknown(strangers: Sequence[str], known: Sequence[str], path: str) -> Iterator[Problem]:
    for name in strangers[:MOST_NAMED]:
        hint = did_you_mean(name, known)
        yield Problem(
            f"unknown column{hint or '; leave it out, or name the fact that it holds in `columns`'}",
            f"column {name}" if is_name(name, known) else path,
        )
    if strangers[MOST_NAMED:]:
        yield Problem(f"{len(strangers) - MOST_NAMED} more unknown columns", path)


# --- Labels and blank cells ---------------------------------------------------------------------


def label(name: str, held: str) -> str:
    """Return the SQL of a reference or a note: trimmed text, or NULL if it is empty."""
    text = quoted(name) if held == "VARCHAR" else f"CAST({quoted(name)} AS VARCHAR)"
    # Nearly every label is right as it is; only others are trimmed, which takes longer.
    trimmed = f"nullif(trim({text}, {SQL_SPACE}), '')"
    return f"CASE WHEN regexp_full_match({text}, '{SQL_TRIMMED}') THEN {text} ELSE {trimmed} END"


def bad_label(term: str) -> str:
    """Return the SQL of whether a label may not be shown."""
    hidden = f"length({term}) > {LONGEST_TEXT} OR regexp_matches({term}, '{SQL_HIDDEN}')"
    return f"(NOT regexp_full_match({term}, '{SQL_PLAIN_LABEL}') AND ({hidden}))"


def label_fault(name: str) -> str:
    """Return the reason of a label that may not be shown."""
    return f"{LABEL} @ {name}"


def filled(types: Mapping[str, str]) -> str:
    """Return the SQL of whether a row has something in a cell."""
    tests = [
        f"NOT regexp_full_match(CAST({quoted(name)} AS VARCHAR), '{SQL_BLANK}')"
        if is_text(held)
        else f"{quoted(name)} IS NOT NULL"
        for name, held in types.items()
    ]
    return f"coalesce({' OR '.join([*tests, 'FALSE'])}, FALSE)"


# --- Types --------------------------------------------------------------------------------------


def is_text(held: str) -> bool:
    """Whether a type is text."""
    return held == "VARCHAR" or held.startswith("ENUM(")


def _wrong_type(held: str, needed: str, column: str) -> Problem:
    text = f"the type of this column is {held.partition('(')[0].lower()}; {needed} is needed"
    return Problem(text, f"column {column}")


def _typed(fact: Fact, name: str, held: str) -> tuple[str, str | None] | None:
    """Return the SQL of a fact and of whether it is unreadable, or ``None`` for a wrong type."""
    if is_text(held):
        return _from_text(fact, name if held == "VARCHAR" else f"CAST({name} AS VARCHAR)")
    if held in NOTHING:
        return f"CAST(NULL AS {_sql_type(fact)})", None
    whole, exact = held in _WHOLE, held in _WIDE or held.startswith("DECIMAL(")
    match fact.kind:
        case "bool":
            return (name, None) if held == "BOOLEAN" else None
        case "code":
            return None
        case "date":
            return _converted(name, held, "DATE") if held in _MOMENTS else _if(name, held == "DATE")
        case "int":
            if exact:
                return _converted(name, held, "BIGINT")
            return _if(f"CAST({name} AS BIGINT)", whole)
        case _:  # an exact decimal
            return _if(name, whole or exact)


def _if(term: str, good: bool) -> tuple[str, None] | None:  # noqa: FBT001 (a test, in words)
    return (term, None) if good else None


def _converted(name: str, held: str, kind: str) -> tuple[str, str]:
    """Return a value as another type, where that changes nothing: a moment at midnight as a date."""
    other = f"TRY_CAST({name} AS {kind})"
    read = f"CASE WHEN TRY_CAST({other} AS {held}) = {name} THEN {other} END"
    return read, f"({name} IS NOT NULL AND {read} IS NULL)"


def _from_text(fact: Fact, given: str) -> tuple[str, str]:
    # Nearly every cell is right as it is; only others are trimmed and looked at further.
    read = f"coalesce({_read(fact, given)}, {_read(fact, f'trim({given}, {SQL_SPACE})')})"
    blank = f"regexp_full_match({given}, '{SQL_BLANK}')"
    return read, f"CASE WHEN {read} IS NULL THEN NOT {blank} ELSE FALSE END"


def _read(fact: Fact, text: str) -> str:
    """Return the SQL that reads a cell by the grammar of its kind, or gives NULL."""
    match fact.kind:
        case "code":
            return f"TRY_CAST({text} AS {quoted(enum_of(fact))})"
        case "bool":
            words = " ".join(f"WHEN '{word}' THEN {value}" for word, value in BOOLS.items())
            return f"CASE lower({text}) {words} END"
        case "int":
            pattern = WHOLE_NUMBER
        case "date":
            pattern = DATE
        case _:  # an exact decimal
            pattern = number(fact.type.places)
    cast = f"TRY_CAST({text} AS {_sql_type(fact)})"
    return f"CASE WHEN regexp_full_match({text}, '{pattern}') THEN {cast} END"


def enum_of(fact: Fact) -> str:
    """Return the name of the enum with a code's words. DuckDB compares its values as numbers."""
    return f"code {fact.name}"


def _sql_type(fact: Fact) -> str:
    if fact.kind == "code":
        return quoted(enum_of(fact))
    kinds = {"bool": "BOOLEAN", "int": "BIGINT", "date": "DATE"}
    return kinds.get(fact.kind, f"DECIMAL(38, {fact.type.places})")
