"""The findings of a large table, with texts that are made once for each pattern of rows.

`looks` returns the expressions that the needs of a rule depend on. The statement adds them as columns.
Rows with the same values in these columns have the same needs. A message with figures of a case is
made for each row.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]
from attrs import define, field

from probation_rules.engines import (
    CANNOT_TELL,
    INVALID,
    NOT_APPLICABLE,
    NOT_MET,
    OUTCOMES,
    ROW_OUTCOMES,
)
from probation_rules.language.tree import Compare, If, Name, Node, walk
from probation_rules.report import Finding, Report
from probation_rules.rulebook.model import Area, Rule
from probation_rules.tables.arrow import FINDING, TEXTS


def has_patterns(area: Area) -> bool:
    """Return whether the needs of the area's rules depend only on what `looks` returns."""
    return area.members is None and not area.prepared_paths


def looks(area: Area, rule: Rule) -> list[Node]:
    """Return the expressions that the needs of a wording depend on: facts, comparisons, choices.

    The values of all other expressions in the wording follow from these.
    """
    found: dict[Node, None] = {}
    todo, seen = [rule.gate, rule.lowered_condition], set()
    while todo:
        for node in walk(todo.pop()):
            if not isinstance(node, Name):
                if isinstance(node, Compare | If):
                    found[node] = None
            elif node.name not in area.definitions:
                found[node] = None
            elif node.name not in seen:
                seen.add(node.name)
                todo.append(area.definitions[node.name])
    return list(found)


@define(eq=False)
class _Part:
    """The findings of one outcome of a wording.

    Attributes:
        number: The place of its rule among the area's.
        wording: The wording.
        code: The outcome.
        rows: The rows, with all columns of the statement.
        pattern: Which of the patterns each row has.
        firsts: The number of a row with each pattern.
        needs: The needs of each pattern.
        messages: The message of each pattern.
    """

    number: int
    wording: Rule
    code: int
    rows: pa.Table
    pattern: pa.Array
    firsts: list[int]
    needs: list[list[str]] = field(init=False)
    messages: list[str | None] = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Make room for the texts of each pattern; an invalid row has none."""
        size = len(self.firsts) or 1
        self.needs, self.messages = [[] for _ in range(size)], [None] * size

    def table(self) -> pa.Table:
        """Return the findings, with the place of the rule."""
        size, wording, is_broken = self.rows.num_rows, self.wording, self.code == NOT_MET
        severity = pa.scalar(wording.severity.value if is_broken else None, pa.string())
        remedy = pa.scalar(wording.remedy if is_broken else None, pa.string())
        columns = {
            "row": self.rows["_row"],
            "reference": self.rows["reference"],
            "rule": pa.repeat(wording.id, size),
            "outcome": pa.repeat(ROW_OUTCOMES[self.code], size),
            "severity": pa.repeat(severity, size),
            "basis": pa.repeat(wording.basis.value, size),
            "needs": pa.array(self.needs, TEXTS).take(self.pattern),
            "message": pa.array(self.messages, pa.string()).take(self.pattern),
            "remedy": pa.repeat(remedy, size),
            "_number": pa.repeat(self.number, size),
        }
        return pa.table(columns, FINDING.append(pa.field("_number", pa.int64())))


def findings(
    area: Area,
    judged: pa.Table,
    seen: Mapping[int, Collection[str]],
    wanted: Collection[str],
    reports: Callable[[Collection[int]], Iterable[tuple[int, Report]]],
) -> pa.Table:
    """Return the findings whose outcome is wanted, one row each.

    Args:
        area: The area.
        judged: The rows: their number, reference, code of each wording, and columns of `looks`.
        seen: The names of the columns of `looks` for each wording, by the wording's place.
        wanted: The outcomes.
        reports: Yields reports on some rows, each with the number of its row.
    """
    parts = list(_parts(area, judged, seen, [ROW_OUTCOMES.index(word) for word in wanted]))
    asked: dict[int, list[tuple[_Part, int]]] = {}
    for part in parts:
        for place, row in enumerate(part.firsts):
            asked.setdefault(row, []).append((part, place))
    for row, report in reports(asked):
        for part, place in asked[row]:
            one = Finding(part.wording.id, OUTCOMES[part.code], part.wording, report)
            part.needs[place], part.messages[place] = list(one.needs), one.message
    if not parts:
        return FINDING.empty_table()
    order = [("row", "ascending"), ("_number", "ascending")]
    found = pa.concat_tables([part.table() for part in parts])
    return found.sort_by(order).drop_columns(["_number"])


def _parts(
    area: Area, judged: pa.Table, seen: Mapping[int, Collection[str]], codes: Iterable[int]
) -> Iterator[_Part]:
    for number, places in enumerate(area.wordings.values()):
        left = judged
        for place in places:
            name, rows = f"_rule_{place}", left
            silent = pc.equal(left[name], NOT_APPLICABLE)
            if place != places[-1]:
                rows, left = left.filter(pc.invert(silent)), left.filter(silent)
            for code in codes:
                some = rows.filter(pc.equal(rows[name], code))
                if not some.num_rows:
                    continue
                wording, pattern = area.rules[place], pa.repeat(0, some.num_rows)
                firsts: list[int] = []
                if code == CANNOT_TELL:
                    pattern, firsts = _patterns(some, [name, *seen[place]])
                elif code == NOT_MET and "{" in wording.not_met:
                    pattern = pa.array(range(some.num_rows))
                    firsts = some["_row"].to_pylist()
                elif code != INVALID:
                    firsts = [some["_row"][0].as_py()]
                yield _Part(number, wording, code, some, pattern, firsts)


def _patterns(rows: pa.Table, names: list[str]) -> tuple[pa.Array, list[int]]:
    """Return which pattern of some columns each row has, and the number of a row with each."""
    places = pa.array(range(rows.num_rows))
    grouped = rows.select(["_row", *names]).append_column("_place", places)
    found = grouped.group_by(names).aggregate([("_row", "min"), ("_place", "list")])
    lists = found["_place_list"].combine_chunks()
    pattern = pc.list_parent_indices(lists).take(pc.sort_indices(lists.flatten()))
    return pattern, found["_row_min"].to_pylist()
