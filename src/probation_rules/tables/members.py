"""Tables of cases that have members, in each of the forms in which these may be given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import groupby
from typing import Any

from attrs import define, field

from probation_rules.cases import field_names
from probation_rules.engines.sql.input import MEMBERS_KNOWN
from probation_rules.engines.sql.statement import Statement, case_column
from probation_rules.errors import CaseError, Problem
from probation_rules.rulebook.model import Members
from probation_rules.tables.columns import SPACE, Columns, match, quoted
from probation_rules.tables.forms import register
from probation_rules.tables.rows import Row
from probation_rules.tables.source import Source, clamped, each_row


@define
class MemberSource(Source):
    """A table of cases with members: a list in each row, rows of another table, or rows of this one.

    The view `people` holds a row a member: `_key` says whose, `_place` in which order.

    Attributes:
        members: The table of members, if there is one.
        key: The column of `cases` that `_key` refers to.
        clashing: Facts that the rows of one case may not agree on, each with a column `_clash_...`.
    """

    members: object = None
    of_members: Columns = field(init=False)
    key: str = field(default="reference", init=False)
    clashing: tuple[str, ...] = field(default=(), init=False)
    _tied: bool = field(default=True, init=False)
    _tallied: bool = field(default=False, init=False)

    def read(self, data: object) -> None:
        """Make the views."""
        found = self.registered(data)
        if self._list.name in found:
            self._from_lists(found)
        elif self.members is None and self._column(self._tie) in found:
            self._from_flat(found)
        else:
            self._from_rows(found, self.members)

    def require_sound(self, on: date, *, small: bool) -> None:
        """Count the members of a large table once; refuse those that belong to no case, or to two."""
        sizes = "SELECT _key, count(*) AS n FROM people GROUP BY 1"
        if not small:
            tally = self.statement(on).tally().sql(dialect="duckdb")
            self.connection.execute(f"CREATE TEMP TABLE tally AS {tally}")
            self._tallied, sizes = True, "SELECT _case AS _key, _size AS n FROM tally"
        if self._tied:
            self._require_tied(sizes)

    def statement(self, on: date, cases: str = "cases", **more: Any) -> Statement:
        """Return the statement over one of the views of cases and that of members."""
        return super().statement(
            on,
            cases,
            clashing=self.clashing,
            of_members_unread=tuple(self.of_members.unread),
            key=(self.key, "_key"),
            tallied="tally" if self._tallied else None,
            **more,
        )

    def rows(self, which: str = "") -> Iterator[Row]:
        """Yield rows as read, with their members."""
        people = self._people(which)
        clashes = [quoted(f"_clash_{name}") for name in self.clashing]
        for one in self.read_rows(which, [MEMBERS_KNOWN, *clashes]):
            members, unread = people.get(one[self.key], (None, []))
            told = one[MEMBERS_KNOWN]
            if told is False:
                members = None
            elif told and members is None:
                members = []
            clashing = [name for name in self.clashing if one[f"_clash_{name}"]]
            yield Row(
                one["_row"], one["reference"], self.said(one), self.unread_in(one), clashing,
                members, unread,
            )  # fmt: skip

    # --- the three forms -------------------------------------------------------------------

    def _from_lists(self, found: Mapping[str, str]) -> None:
        """Take the members from a column that holds a list of them."""
        name = self._list.name
        others = [one for one in field_names(self.area.name) if one not in self.area.said]
        self.own = self.matched(self.area.said, found, others)
        if not (found[name].startswith("STRUCT(") and found[name].endswith("[]")):
            text = "this column must hold lists of members, each with named fields"
            raise CaseError([Problem(text, f"column {name}")])
        list_ = quoted(name)
        self.connection.execute(
            "CREATE TEMP TABLE source_rows AS SELECT row_number() OVER () AS _row, * FROM source"
        )
        known = f"({list_} IS NOT NULL) AS {MEMBERS_KNOWN}"
        self.views(self.own.select(["_row", self.reference(found), known]), "source_rows")
        self.connection.execute(
            f"CREATE VIEW unnested AS SELECT _row AS _key, _place, unnest(_one) FROM (SELECT _row, "
            f"unnest({list_}) AS _one, generate_subscripts({list_}, 1) AS _place FROM source_rows)"
        )
        self.key, self._tied = "_row", False
        self._view_people("unnested", "_key, _place", ["reference", "_key", "_place"])

    def _from_rows(self, found: Mapping[str, str], data: object) -> None:
        """Take the members from a table of their own."""
        others = [one for one in field_names(self.area.name) if one not in self.area.said]
        others = [MEMBERS_KNOWN, *(one for one in others if one != self._list.name)]
        self.own = self.matched(self.area.said, found, others)
        known = MEMBERS_KNOWN if MEMBERS_KNOWN in found else "NULL"
        told = f"CAST({known} AS BOOLEAN) AS {MEMBERS_KNOWN}"
        self.views(self.own.select([self.reference(found), told]), "source")
        if data is None:
            columns = f"_place BIGINT, {self._tie} VARCHAR, reference VARCHAR"
            self.connection.execute(f"CREATE TEMP TABLE member_rows ({columns})")
        elif self._tie not in register(self.connection, "member_source", data):
            text = f"a column `{self._tie}` must hold the reference of each member's case"
            raise CaseError([Problem(text, "members")])
        else:
            numbered = "SELECT row_number() OVER () AS _place, * FROM member_source"
            self.connection.execute(f"CREATE VIEW member_rows AS {numbered}")
        keys = f"CAST({self._tie} AS VARCHAR) AS _key, _place"
        self._view_people(
            "member_rows", keys, ["reference", "_place", self._tie], given=data is not None
        )

    def _from_flat(self, found: Mapping[str, str]) -> None:
        """Take the cases from a table with a row a member, where a column says whose each is.

        What is said of a case may stand in any of its rows. A single row that says nothing of a
        member says that the members are not known.
        """
        case_fields = [name for name in field_names(self.area.name) if name != self._list.name]
        others = [self._tie, MEMBERS_KNOWN, *case_fields, *self._list.facts]
        own_others = [name for name in others if name not in self.area.said]
        self.own = self.matched(self.area.said, found, own_others)
        tie = quoted(self._column(self._tie))
        if blank := self._blank(tie):
            text = f"{blank} rows do not say whose member they are"
            raise CaseError([Problem(text, f"column {self._tie}")])
        of_member = [self._column(name) for name in ("reference", *self._list.facts)]
        says = " OR ".join(
            [*(_filled(quoted(name)) for name in of_member if name in found), "FALSE"]
        )
        key = f"trim(CAST({tie} AS VARCHAR), {SPACE}) AS _key"
        self.connection.execute(
            f"CREATE VIEW flat AS SELECT row_number() OVER () AS _place, {key}, {says} AS _says, * "
            "FROM source"
        )
        known = f"bool_or(CAST({MEMBERS_KNOWN if MEMBERS_KNOWN in found else 'NULL'} AS BOOLEAN))"
        columns = [f"min({term}) AS {quoted(name)}" for name, term in self.own.terms.items()]
        columns += [
            f"bool_or({term}) AS {quoted(f'_unread_{name}')}"
            for name, term in self.own.unread.items()
        ]
        self.clashing = tuple(name for name in self.own.terms if name not in self.own.missing)
        columns += [
            f"min({self.own.terms[name]}) <> max({self.own.terms[name]}) AS {quoted(f'_clash_{name}')}"
            for name in self.clashing
        ]
        self.connection.execute(
            "CREATE TEMP TABLE flat_cases AS SELECT row_number() OVER (ORDER BY _first) AS _row, * "
            "FROM (SELECT _key AS reference, min(_place) AS _first, count(*) > 1 OR bool_or(_says) "
            f"AS _has_members, {known} AS {MEMBERS_KNOWN}, {', '.join(columns)} FROM flat GROUP BY _key)"
        )
        self.views("*", "flat_cases")
        self.connection.execute(
            "CREATE VIEW flat_members AS SELECT * FROM flat WHERE _key IN "
            "(SELECT reference FROM flat_cases WHERE _has_members)"
        )
        self._tied = False
        inner = ["_place", "_key", "_says", *others]
        self._view_people("flat_members", "_key, _place", inner, self.columns)

    # --- how -------------------------------------------------------------------------------

    @property
    def _list(self) -> Members:
        members = self.area.members
        assert members is not None  # noqa: S101 (made for areas with members only)
        return members

    @property
    def _tie(self) -> str:
        return case_column(self.area)

    def _column(self, name: str) -> str:
        return self.columns.get(name, name)

    def _view_people(
        self,
        table: str,
        keys: str,
        others: list[str],
        renamed: Mapping[str, str] | None = None,
        *,
        given: bool = True,
    ) -> None:
        """Make the view of members over a table of them."""
        relation = self.connection.table(table)
        types = dict(zip(relation.columns, map(str, relation.types), strict=True))
        name = self._list.name
        self.of_members = match(self._list.facts, types, renamed or {}, others, name)
        self.notes += tuple(
            f"no column `{one}` of {name}: unknown of every member"
            for one in self.of_members.missing
            if given
        )
        if not given:
            self.notes += (f"no {name} are given: every list is unknown",)
        chosen = self.of_members.select([keys])
        self.connection.execute(f"CREATE VIEW people AS SELECT {chosen} FROM {table}")

    def _blank(self, name: str) -> int:
        ((number,),) = self.connection.execute(
            f"SELECT count(*) FROM source WHERE NOT ({_filled(name)})"
        ).fetchall()
        return int(number)

    def _people(self, which: str) -> dict[Any, tuple[list[dict[str, Any]], list[str]]]:
        """Return the members of cases, and which of their facts could not be read of one of them."""
        columns = [clamped(fact, name) for name, fact in self._list.facts.items()]
        unread = [quoted(f"_unread_{name}") for name in self.of_members.unread]
        query = (
            f"SELECT {', '.join(['_key', *columns, *unread])} FROM people "
            f"WHERE _key IN (SELECT {self.key} FROM numbered_cases {which}) ORDER BY _key, _place"
        )
        found = {}
        rows = each_row(self.connection.sql(query).to_arrow_table())
        for key, group in groupby(rows, lambda one: one["_key"]):
            listed = list(group)
            bad = [
                name
                for name in self.of_members.unread
                if any(one[f"_unread_{name}"] for one in listed)
            ]
            found[key] = ([{name: one[name] for name in self._list.facts} for one in listed], bad)
        return found

    def _require_tied(self, sizes: str) -> None:
        """Refuse members whose case is not in the table, or stands in it twice."""
        twice = "SELECT count(*) FROM (SELECT reference FROM cases GROUP BY 1 HAVING count(*) > 1 AND reference IS NOT NULL)"
        lost = f"SELECT coalesce(sum(n), 0) FROM ({sizes}) ANTI JOIN cases ON _key = reference"
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


def _filled(name: str) -> str:
    """Return whether something stands in a column."""
    return f"coalesce(trim(CAST({name} AS VARCHAR), {SPACE}) <> '', FALSE)"
