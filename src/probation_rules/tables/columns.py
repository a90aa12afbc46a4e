"""Columns of a table -> facts of the right types, in DuckDB; or every reason why they are none.

Nothing is converted by guess. A typed column must hold its fact's own type; a column of text (all
of a CSV) is read as a cell of a CSV always is, and a cell that cannot be read makes its row
invalid, not the table. Messages name columns, never what stands in them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from attrs import frozen

from probation_rules.errors import CaseError, Problem, did_you_mean
from probation_rules.quoting import is_name, named
from probation_rules.rulebook.model import Fact

MOST_NAMED = 10
SPACE = "' ' || chr(9) || chr(10) || chr(13)"  # what is trimmed, as SQL
_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER")
_WIDE = ("HUGEINT", "UBIGINT", "UHUGEINT")
_DECIMAL = re.compile(r"DECIMAL\(\d+,(\d+)\)")
_NEEDED = {
    "bool": "true or false (boolean)",
    "int": "a whole number (integer; in pandas `Int64`)",
    "date": "a date without a time (date)",
    "code": "text",
    "decimal": "an exact number (decimal)",
}
_BOOLS = "CASE lower({}) WHEN 'true' THEN TRUE WHEN 'yes' THEN TRUE WHEN 'false' THEN FALSE WHEN 'no' THEN FALSE END"
_READ = "CASE WHEN regexp_full_match({0}, '{1}') THEN TRY_CAST({0} AS {2}) END"


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
        found += [f"{term} AS {quoted(f'_unread_{name}')}" for name, term in self.unread.items()]
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
) -> Columns:
    """Match the columns that a table has to the facts that its rows may say.

    Args:
        facts: The facts.
        found: The table's columns and their types.
        columns: For facts whose column has another name, that name.
        others: Names that stand in the table and are no facts: the reference, notes.
        path: What the problems are about: `the table`.

    Raises:
        CaseError: A column is unknown or of a wrong type; all of them.
    """
    known = [*facts, *others]
    problems = list(_wrong_mapping(known, found, columns))
    sources = {name: columns.get(name, name) for name in known}
    strangers = [name for name in found if name not in sources.values()]
    if not any(name in found for name in sources.values()):
        text = f"no column has a known name; known are {', '.join(known)}"
        problems.append(Problem(text, path))
    else:
        problems += _unknown(strangers, known, path)
    terms: dict[str, str] = {}
    unread: dict[str, str] = {}
    for name, fact in facts.items():
        source = sources[name]
        if source not in found:
            terms[name] = f"CAST(NULL AS {_sql_type(fact)})"
        elif typed := _typed(fact, quoted(source), found[source]):
            terms[name] = typed[0]
            if typed[1]:
                unread[name] = typed[1]
        else:
            held = found[source].partition("(")[0].lower()
            text = f"this column holds {held}; {_NEEDED[fact.kind]} is needed"
            problems.append(Problem(text, f"column {source}"))
    if problems:
        raise CaseError(problems)
    missing = tuple(name for name in facts if sources[name] not in found)
    return Columns(terms, unread, missing)


# --- Names --------------------------------------------------------------------------------------


def _wrong_mapping(
    known: Sequence[str], found: Mapping[str, str], columns: Mapping[str, str]
) -> Iterator[Problem]:
    for name, source in columns.items():
        if name not in known:
            hint = did_you_mean(str(name), known)
            yield Problem(f"there is no fact {named(name, known)}{hint}", "columns")
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


# --- Types --------------------------------------------------------------------------------------


def _typed(fact: Fact, name: str, held: str) -> tuple[str, str | None] | None:
    """Return the SQL of a fact and of whether it is unreadable, or ``None`` for a wrong type."""
    if held in ("VARCHAR", "JSON") or (fact.kind == "code" and held.startswith("ENUM")):
        text = f"({name} ->> '$')" if held == "JSON" else f"CAST({name} AS VARCHAR)"
        return _from_text(fact, text)
    if held in ('"NULL"', "NULL"):
        return f"CAST(NULL AS {_sql_type(fact)})", None
    exact = _DECIMAL.fullmatch(held)
    whole = held in _WHOLE
    match fact.kind:
        case "bool":
            good = held == "BOOLEAN"
        case "code":
            good = False
        case "date":
            good = held == "DATE"
        case "int":
            if held in _WIDE or (exact and exact[1] == "0"):
                read = f"TRY_CAST({name} AS BIGINT)"
                return read, f"({name} IS NOT NULL AND {read} IS NULL)"
            good, name = whole, f"CAST({name} AS BIGINT)"
        case _:  # an exact decimal
            good = whole or exact is not None
    return (name, None) if good else None


def _from_text(fact: Fact, given: str) -> tuple[str, str]:
    trimmed = f"trim({given}, {SPACE})"
    text = f"nullif({trimmed}, '')"
    match fact.kind:
        case "code":
            # Nearly every word is right as it stands; only others are looked at further.
            kind = quoted(enum_of(fact))
            read = f"coalesce(TRY_CAST({given} AS {kind}), TRY_CAST({trimmed} AS {kind}))"
            blank = f"regexp_full_match({given}, '[ \t\n\r]*')"
            return read, f"CASE WHEN {read} IS NULL THEN NOT {blank} ELSE FALSE END"
        case "bool":
            read = _BOOLS.format(text)
        case "int":
            read = _READ.format(text, "[+-]?[0-9]{1,20}", "BIGINT")
        case "date":
            read = _READ.format(text, "[0-9]{4}-[0-9]{2}-[0-9]{2}", "DATE")
        case _:  # an exact decimal
            pattern = rf"[+-]?[0-9]{{1,20}}(\.[0-9]{{1,{fact.type.places}}}0{{0,20}})?"
            read = _READ.format(text, pattern, _sql_type(fact))
    return read, f"({text} IS NOT NULL AND {read} IS NULL)"


def enum_of(fact: Fact) -> str:
    """Return the name of the enum that holds a code's words: DuckDB compares its values as numbers."""
    return f"code {fact.name}"


def _sql_type(fact: Fact) -> str:
    if fact.kind == "code":
        return quoted(enum_of(fact))
    kinds = {"bool": "BOOLEAN", "int": "BIGINT", "date": "DATE"}
    return kinds.get(fact.kind, f"DECIMAL(38, {fact.type.places})")
