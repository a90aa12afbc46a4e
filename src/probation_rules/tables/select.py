"""What `Table.query` may run: one SELECT over the answers, which reads and writes nothing else.

DuckDB parses the text, and the tree that it gives is checked: the tables, the functions that make
tables, and the functions of values. All that is not known to be harmless is refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import duckdb

from probation_rules.errors import InputError, Problem

_ONE_SELECT = "give one SELECT of DuckDB; no other statement is run"
_TABLES = "a query may read `outcomes` and, after `keep`, `kept`, and no other table or file"
_FUNCTIONS = (
    "this function is not allowed: a query may only use functions of the values it is given"
)
_ANSWERS = frozenset((b"outcomes", b"kept"))
_KINDS = frozenset(
    (
        *("SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE"),
        *("BASE_TABLE", "TABLE_FUNCTION", "SUBQUERY", "JOIN", "EXPRESSION_LIST", "EMPTY", "PIVOT"),
        *("ORDER_MODIFIER", "LIMIT_MODIFIER", "LIMIT_PERCENT_MODIFIER", "DISTINCT_MODIFIER"),
        *("ORDER_DEFAULT", "ASCENDING", "DESCENDING"),
    )
)  # of a SELECT; a WITH table may also be COPY or DELETE, and SHOW a table
_TABLE_FUNCTIONS = frozenset((b"unnest", b"range", b"generate_series"))
_NO_PLACE = 2**64 - 1  # what DuckDB gives for a place that it does not know

# Of the clock, of chance, of settings, of sequences: not consistent. A macro may ask a table itself.
_HARMLESS = """
SELECT function_name FROM duckdb_functions() GROUP BY 1 HAVING bool_and(
  function_type IN ('aggregate', 'window', 'table', 'table_macro', 'pragma')
  OR (function_type = 'scalar' AND stability = 'CONSISTENT')
  OR (function_type = 'macro' AND NOT contains(macro_definition, 'SELECT'))
) AND bool_or(function_type IN ('aggregate', 'window', 'scalar', 'macro'))
"""

Names = frozenset[bytes]


def require_select(text: str, connection: duckdb.DuckDBPyConnection) -> None:
    """Refuse SQL that is not one SELECT over the answers.

    Args:
        text: The SQL.
        connection: A connection, whose DuckDB parses the text and runs none of it.

    Raises:
        InputError: With what is not allowed, and where in the text.
    """
    try:
        query = "SELECT json_serialize_sql(CAST(? AS VARCHAR))"
        ((parsed,),) = connection.execute(query, [text]).fetchall()
        statements = json.loads(parsed).get("statements", ())
    except (duckdb.Error, RecursionError):  # not a text of SQL at all, or nested too deeply
        statements = ()
    if len(statements) != 1:
        raise InputError([Problem(_ONE_SELECT, "query")])
    todo: list[tuple[Any, Names]] = [(statements[0], _ANSWERS)]
    while todo:
        node, names = todo.pop()
        if isinstance(node, list):
            todo += ((one, names) for one in node)
        elif isinstance(node, dict):
            if wrong := _wrong(node, names):
                place = node.get("query_location", _NO_PLACE)
                where = "query" if place == _NO_PLACE else f"query, character {place + 1}"
                raise InputError([Problem(wrong, where)])
            todo += _inside(node, names)


def _wrong(node: Mapping[str, Any], names: Names) -> str | None:
    """Return why one node is refused, or nothing."""
    kind = node.get("type")
    if isinstance(kind, str) and kind not in _KINDS and "class" not in node:
        return _ONE_SELECT
    if kind == "BASE_TABLE":
        plain = not (node["catalog_name"] or node["schema_name"])
        return None if plain and _folded(node["table_name"]) in names else _TABLES
    if kind == "TABLE_FUNCTION":
        return None if _folded(node["function"]["function_name"]) in _TABLE_FUNCTIONS else _TABLES
    if "function_name" in node:
        name = _folded(node["function_name"])
        return None if name in _harmless() | _TABLE_FUNCTIONS else _FUNCTIONS
    return None


def _inside(node: Mapping[str, Any], names: Names) -> Iterator[tuple[Any, Names]]:
    """Yield what is inside a node, each with the tables that can be seen from there.

    A WITH table is seen by those after it and by the query, and by itself only where it repeats.
    """
    for entry in node.get("cte_map", {}).get("map", ()):
        yield entry["value"], names
        names |= {_folded(entry["key"])}
    for key, one in node.items():
        if key == "right" and node["type"] == "RECURSIVE_CTE_NODE":
            yield one, names | {_folded(node["cte_name"])}
        elif key != "cte_map":
            yield one, names


def _folded(name: str) -> bytes:
    """Return a name as DuckDB compares it, where only the letters from A to Z have two cases."""
    return name.encode("utf-8", "surrogatepass").lower()


@cache
def _harmless() -> Names:
    """Return the functions whose value depends on the values that they are given, and no more."""
    with duckdb.connect(":memory:") as known:
        return frozenset(_folded(name) for (name,) in known.execute(_HARMLESS).fetchall())
