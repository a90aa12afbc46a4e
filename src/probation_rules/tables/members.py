"""Tables of cases with members, in each form that members can have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import groupby
from typing import Any

from attrs import define, evolve, field

from probation_rules.cases import MEMBERS_KNOWN, REFERENCE, TWICE
from probation_rules.engines.sql.statement import Statement, case_column
from probation_rules.errors import CaseError, Problem
from probation_rules.intake.rows import Row
from probation_rules.language.tree import Type
from probation_rules.readers import files
from probation_rules.rulebook.model import Fact, Members
from probation_rules.rulebook.validity import SAME
from probation_rules.tables.columns import (
    NOTHING,
    Columns,
    bad_label,
    filled,
    label,
    label_fault,
    match,
    quoted,
)
from probation_rules.tables.forms import register
from probation_rules.tables.given import AT, PROBLEM, WRONG, Given, unread
from probation_rules.tables.source import Source, columns_of, each_row, joined
from probation_rules.tables.text import Asked

# Whether the members of a case are known is read like any fact that is true or false.
_KNOWN = {
    MEMBERS_KNOWN: Fact(
        name=MEMBERS_KNOWN,
        kind="bool",
        type=Type("bool"),
        about="Whether all members are given.",
    )
}


@define
class MemberSource(Source):
    """A table of cases with members: a list in each row, rows of another table, or rows of this one.

    The view `people` has a row for each member: `_key` identifies the case, `_place` gives the order.

    Attributes:
        members: The table of members, if there is one.
        key: The column of `cases` that `_key` refers to.
        clashing: Facts that the rows of one case may not agree on, each with a column `_clash_...`.
        tallied: The table with the counts of members, if they are counted once.
    """

    members: object = None
    of_members: Columns = field(init=False)
    key: str = field(default="reference", init=False)
    clashing: tuple[str, ...] = field(default=(), init=False)
    tallied: str | None = field(default=None, init=False)
    _tied: bool = field(default=True, init=False)

    def read(self, data: object) -> None:
        """Make the views."""
        given = self.registered(data)
        if given.types.get(self.listed.name) in NOTHING:  # every list is unknown
            types = {name: held for name, held in given.types.items() if name != self.listed.name}
            given = evolve(given, types=types)
        if self.listed.name in given.types:
            self._from_lists(given)
        elif self.members is None and self._column(self._tie) in given.types:
            self._from_flat(given)
        else:
            self._from_rows(given, self.members)

    def require_sound(self, on: date, *, small: bool) -> None:
        """Count the members of a large table once; refuse those that belong to no case, or to two."""
        sizes = "SELECT _key, count(*) AS n FROM people GROUP BY 1"
        if not small:
            tally = self.statement(on).tally().sql(dialect="duckdb")
            self.connection.execute(f"CREATE TEMP TABLE tally AS {tally}")
            self.tallied, sizes = "tally", "SELECT _case AS _key, _size AS n FROM tally"
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
            tallied=self.tallied,
            **more,
        )

    def rows(self, which: str = "") -> Iterator[Row]:
        """Yield rows as read, with their members."""
        people = self._people(which)
        clashes = [quoted(f"_clash_{name}") for name in self.clashing]
        key = [] if self.key in ("_row", REFERENCE) else [self.key]
        for one in self.read_rows(which, [*key, MEMBERS_KNOWN, *clashes]):
            members, bad = people.get(one[self.key], (None, []))
            told = one[MEMBERS_KNOWN]
            if told is False:
                members = None
            elif told and members is None:
                members = []
            clashing = [name for name in self.clashing if one[f"_clash_{name}"]]
            yield Row(
                one["_row"], one[REFERENCE], self.said(one), self.unread_in(one), clashing,
                members, bad, one[PROBLEM] or [], notes=self.notes_in(one), kept=self.kept_in(one),
            )  # fmt: skip

    # --- the three forms -------------------------------------------------------------------

    def _from_lists(self, given: Given) -> None:
        """Take the members from a column of lists."""
        name = self.listed.name
        self.own = self.matched(given, [*self.labels, name])
        held, list_ = given.types[name], quoted(name)
        if not (held.endswith("[]") and (held.startswith("STRUCT(") or held[:-2] in NOTHING)):
            text = "this column must hold lists of members, each with named fields"
            raise CaseError([Problem(text, f"column {name}")])
        self.connection.execute(
            "CREATE TEMP TABLE source_rows AS SELECT row_number() OVER () AS _row, * FROM given"
        )
        fields = ", unnest(_one)" if held.startswith("STRUCT(") else ""
        self.connection.execute(
            f"CREATE VIEW unnested AS SELECT _row AS _key, _place{fields} FROM (SELECT _row, "
            f"unnest({list_}) AS _one, generate_subscripts({list_}, 1) AS _place FROM source_rows)"
        )
        self.key, self._tied = "_row", False
        marked = tuple(self.listed.facts) if given.is_text else ()
        others = ["_key", "_place", *map(unread, marked)]
        found = Given(self._types_of("unnested"), exact=given.exact, marked=marked)
        self._view_people("unnested", "_key, _place", found, others)
        known = f"({list_} IS NOT NULL) AS {MEMBERS_KNOWN}"
        beside = self.beside(given, after=self._of_people("_row"))
        self.views(self.own.select(["_row", *beside, known]), "source_rows", number="")

    def _from_rows(self, given: Given, data: object) -> None:
        """Take the members from a table of their own."""
        self.own = self.matched(given, [MEMBERS_KNOWN, *self.labels])
        told, problem = self._told(given)
        self._tied = data is not None
        if data is None:
            columns = f"_place BIGINT, {self._tie} VARCHAR, {REFERENCE} VARCHAR"
            self.connection.execute(f"CREATE TEMP TABLE member_rows ({columns})")
            found = Given(self._types_of("member_rows"))
        else:
            asked = Asked(self.area, {}, of_members=True)
            found = register(self.connection, "member_source", data, asked)
            if self._tie not in found.types:
                text = f"a column `{self._tie}` must hold the reference of each member's case"
                raise CaseError([Problem(text, "members")])
            self.view_given("given_members", "member_source", found)
            numbered = "SELECT row_number() OVER () AS _place, * FROM given_members"
            self.connection.execute(f"CREATE VIEW member_rows AS {numbered}")
        key = label(self._tie, found.types[self._tie])
        others = ["_place", self._tie]
        self._view_people("member_rows", f"{key} AS _key, _place", found, others, data=data)
        people = self._of_people(self.label_of(given, REFERENCE) or "NULL")
        beside = self.beside(given, problem, people)
        self.views(self.own.select([*beside, f"{told} AS {MEMBERS_KNOWN}"]), "given")

    def _from_flat(self, given: Given) -> None:
        """Take the cases from a table with a row for each member and a column with the case of each.

        The facts of a case may be in any of its rows. A single row without a fact of a member says
        that the members are not known.
        """
        notes = [name for name in self.labels if name != REFERENCE]
        others = [self._tie, MEMBERS_KNOWN, REFERENCE, *notes, *self.listed.facts]
        own = [name for name in others if name not in self.area.input_facts]
        self.own = self.matched(given, own)
        key = str(self.label_of(given, self._tie))
        self._require_told(key)
        told, unreadable = self._told(given)
        of_member = [self._column(name) for name in (REFERENCE, *self.listed.facts)]
        says = filled({name: held for name, held in given.types.items() if name in of_member})
        self.connection.execute(
            f"CREATE VIEW flat AS SELECT row_number() OVER () AS _place, {key} AS _key, "
            f"{says} AS _says, * FROM given"
        )
        terms = self.own.terms
        columns = [f"min({term}) AS {quoted(name)}" for name, term in terms.items()]
        columns += [
            f"bool_or({term}) AS {quoted(unread(name))}" for name, term in self.own.unread.items()
        ]
        self.clashing = tuple(name for name in terms if name not in self.own.missing)
        columns += [
            f"{_differ(terms[name])} AS {quoted(f'_clash_{name}')}" for name in self.clashing
        ]
        differ = f"CASE WHEN {_differ(told)} THEN ['{SAME} @ {MEMBERS_KNOWN}'] END"
        self.remarks(given)
        columns += [
            f"arg_min({self.shown(given, name)}, _place) AS {quoted(name)}" for name in self.noted
        ]
        wrong = [f"flatten(list({WRONG} ORDER BY _place))"] if given.is_text else []
        columns += [f"arg_min({one}, _place) AS {one}" for one in self.kept_columns]
        faults = [*wrong, *(f"max({one})" for one in unreadable), differ]
        faults += [f"max({one})" for one in self.label_faults(given, [self._tie, *notes])]
        self.connection.execute(
            "CREATE TEMP TABLE flat_cases AS SELECT row_number() OVER (ORDER BY _first) AS _row, * "
            f"FROM (SELECT _key, min(_place) AS _first, arg_min({AT}, _place) AS {AT}, "
            f"count(*) > 1 OR bool_or(_says) AS _has_members, bool_or({told}) AS {MEMBERS_KNOWN}, "
            f"{joined(faults)} AS _faults, {', '.join(columns)} FROM flat GROUP BY _key)"
        )
        self.connection.execute(
            "CREATE VIEW flat_members AS SELECT * FROM flat WHERE _key IN (SELECT _key FROM "
            f"flat_cases WHERE _has_members AND {MEMBERS_KNOWN} IS DISTINCT FROM FALSE)"
        )
        self.key, self._tied = "_key", False
        inner = [
            self._column(name)
            for name in (self._tie, MEMBERS_KNOWN, *notes, *self.area.input_facts)
        ]
        self._view_people("flat_members", "_key, _place", given, inner, self.columns)
        problem = joined(["_faults", *self._of_people("_key")])
        shown = f"CASE WHEN NOT {bad_label('_key')} THEN _key END AS {REFERENCE}"
        marks = [quoted(f"_clash_{name}") for name in self.clashing]
        marks += [quoted(unread(name)) for name in self.own.unread]
        chosen = ["_key", shown, MEMBERS_KNOWN, f"{problem} AS {PROBLEM}"]
        chosen += map(quoted, (*self.noted, *terms, *self.kept_columns))
        self.views(", ".join([*chosen, *marks]), "flat_cases", number="_row, ")

    # --- how -------------------------------------------------------------------------------

    @property
    def listed(self) -> Members:
        """The area's declaration of its members."""
        members = self.area.members
        assert members is not None  # noqa: S101 (made for areas with members only)
        return members

    @property
    def _tie(self) -> str:
        return case_column(self.area)

    def _column(self, name: str) -> str:
        return self.columns.get(name, name)

    def _types_of(self, table: str) -> dict[str, str]:
        relation = self.connection.table(table)
        return dict(zip(relation.columns, map(str, relation.types), strict=True))

    def _told(self, given: Given) -> tuple[str, list[str]]:
        """Return the SQL of whether the members are known, and of a list with why it cannot be read."""
        column = self._column(MEMBERS_KNOWN)
        if column not in given.types:
            return "CAST(NULL AS BOOLEAN)", []
        found = match(
            _KNOWN, {column: given.types[column]}, {MEMBERS_KNOWN: column}, (), "the table"
        )
        bad = found.unread.get(MEMBERS_KNOWN, "FALSE")
        text = f"must be true or false @ {MEMBERS_KNOWN}"
        return found.terms[MEMBERS_KNOWN], [f"CASE WHEN {bad} THEN ['{text}'] END"]

    def _view_people(
        self,
        table: str,
        keys: str,
        given: Given,
        others: list[str],
        renamed: Mapping[str, str] | None = None,
        *,
        data: object = True,
    ) -> None:
        """Make the view of members over a table of them."""
        name, facts = self.listed.name, self.listed.facts
        columns = {
            one: column
            for one, column in (renamed or {}).items()
            if one in facts or one == REFERENCE
        }
        types = {one: held for one, held in given.types.items() if one not in others}
        self.of_members = match(
            facts, types, columns, [REFERENCE], name, labels=[REFERENCE], marked=given.marked
        )
        if data is None:
            self.notes += (f"no {name} are given: every list is unknown",)
        else:
            self.notes += tuple(
                f"no column `{one}` of {name}: unknown of every member"
                for one in self.of_members.missing
            )
        column = columns.get(REFERENCE, REFERENCE)
        term = "NULL"
        if column in given.types:
            term = quoted(column) if given.exact else label(column, given.types[column])
        chosen = self.of_members.select([keys, f"CAST({term} AS VARCHAR) AS _member"])
        self.connection.execute(f"CREATE VIEW people AS SELECT {chosen} FROM {table}")

    def _of_people(self, key: str) -> list[str]:
        """Return the SQL of lists: each reason that the members of a case cannot be judged, or NULL."""
        bad = bad_label("_member")
        twice = f"_member IN (SELECT _member FROM people WHERE NOT {bad} GROUP BY 1 HAVING count(*) > 1)"
        reasons = {
            "bad_people": (bad, f"{label_fault(REFERENCE)} of a member"),
            "twice_people": (twice, f"{TWICE} @ {self.listed.name}"),
        }
        found = []
        for table, (test, text) in reasons.items():
            query = f"SELECT DISTINCT _key FROM people WHERE {test}"
            self.connection.execute(f"CREATE TEMP TABLE {table} AS {query}")
            found.append(f"CASE WHEN {key} IN (SELECT _key FROM {table}) THEN ['{text}'] END")
        return found

    def _require_told(self, key: str) -> None:
        """Refuse rows of members without a case."""
        problems = files.Problems()
        query = f"SELECT {AT} FROM given WHERE {key} IS NULL LIMIT {files.MOST_COUNTED}"
        for (place,) in self.connection.execute(query).fetchall():
            problems.add(files.whose(self._tie, place))
        problems.refuse(self.columns)

    def _people(self, which: str) -> dict[Any, tuple[list[dict[str, Any]], list[str]]]:
        """Return the members of cases, and which of their facts could not be read of one of them."""
        columns = columns_of(self.listed.facts)
        marks = [quoted(unread(name)) for name in self.of_members.unread]
        shown = f"CASE WHEN NOT {bad_label('_member')} THEN _member END AS {REFERENCE}"
        query = (
            f"SELECT {', '.join(['_key', shown, *columns, *marks])} FROM people "
            f"WHERE _key IN (SELECT {self.key} FROM numbered_cases {which}) ORDER BY _key, _place"
        )
        found = {}
        rows = each_row(self.connection.sql(query).to_arrow_table())
        for key, group in groupby(rows, lambda one: one["_key"]):
            listed = list(group)
            bad = [
                name for name in self.of_members.unread if any(one[unread(name)] for one in listed)
            ]
            names = (REFERENCE, *self.listed.facts)
            found[key] = ([{name: one[name] for name in names} for one in listed], bad)
        return found

    def _require_tied(self, sizes: str) -> None:
        """Refuse members whose case is not in the table, or is in it twice."""
        twice = "SELECT count(*) FROM (SELECT reference FROM cases GROUP BY 1 HAVING count(*) > 1 AND reference IS NOT NULL)"
        lost = f"SELECT coalesce(sum(n), 0) FROM ({sizes}) ANTI JOIN cases ON _key = reference"
        problems = []
        for query, text in (
            (twice, "references are on more than one row, so it is not known whose each member is"),
            (lost, "members name no case of the table"),
        ):
            ((number,),) = self.connection.execute(query).fetchall()
            if number:
                problems.append(Problem(f"{number} {text}", "members"))
        if problems:
            raise CaseError(problems)


def _differ(term: str) -> str:
    """Return the SQL of whether the rows of one case have more than one value."""
    return f"min({term}) <> max({term})"
