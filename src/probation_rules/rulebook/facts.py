"""Load the facts, the members and the records of a case, and check them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import cast

from attrs import frozen

from probation_rules.errors import did_you_mean
from probation_rules.language.tree import Type, Value
from probation_rules.rulebook.kinds import Refuse, ends_of, fits, scaled_value, type_of, within
from probation_rules.rulebook.model import Fact, Members, Records, checked
from probation_rules.rulebook.toml_schema import (
    AreaDocument,
    FactDocument,
    RecordsDocument,
    Scalar,
)
from probation_rules.rulebook.validity import fault


@frozen
class FactLoader:
    """Reads the sections `facts`, `members`, `shapes` and `records` of a document."""

    document: AreaDocument
    refuse: Refuse

    def facts(self) -> dict[str, Fact]:
        """Return the facts of a case, including the day asked about."""
        found = self.document.facts
        facts = {name: self._fact(name, one, "facts") for name, one in found.items()}
        if "on" not in facts:
            self.refuse("facts", "the fact `on`, the day asked about, is missing")
            facts["on"] = _day_asked_about()
        return facts

    def _fact(self, name: str, found: FactDocument, section: str) -> Fact:
        path = f"{section}.{name}"
        least, most = ends_of(self.refuse, path, found)
        kind = type_of(self.refuse, path, found, least, most)
        if found.kind in ("int", "decimal", "date") and None in (found.min, found.max):
            self.refuse(path, "`min` and `max` are missing; give the range of allowed values")
        if found.kind == "code" and len(set(found.values)) < 2:  # noqa: PLR2004 (a choice needs two)
            self.refuse(path, "`values` must list two or more words")
        if found.kind == "date" and not found.always and found.only_if is None:
            self.refuse(
                path,
                "give `only_if`, the true-or-false fact that records whether the date exists; or "
                "`always = true` if every case has this date",
            )
        if found.kind in ("time", "text") and not section.startswith("shapes."):
            self.refuse(path, f"only a record can contain a {found.kind}: rules cannot use it")
        if found.required and not section.startswith("shapes."):
            self.refuse(
                path, "only a fact of a record can be `required`: every fact of a case is optional"
            )
        if found.computed_from and found.default is not None:
            self.refuse(
                path, "a computed fact cannot have a `default`; give it to the fields it comes from"
            )
        if found.default is not None and not (
            found.kind != "decimal"
            and fits(found, found.default)
            and within(found.default, least, most)
        ):
            self.refuse(path, f"`default` is not an allowed {found.kind} for this fact")
        if found.only_if is not None and self._only_if_kind(section, found.only_if) != "bool":
            self.refuse(path, f"`only_if` must name a true-or-false fact, not `{found.only_if}`")
        # A missing end has been reported by now. Continue with any value.
        return checked(
            Fact, found, name=name, type=kind, computed_from=found.computed_from or None,
            min=kind.low if least is None else least, max=kind.high if most is None else most,
        )  # fmt: skip

    def _only_if_kind(self, section: str, name: str) -> str | None:
        members = self.document.members
        facts = members.facts if members and section != "facts" else self.document.facts
        if section.startswith("shapes."):
            facts = self.document.shapes[section.split(".")[1]].facts
        return facts[name].kind if name in facts else None

    def records(self) -> dict[str, Records]:
        """Return the fields with records. A shape may contain records of the shapes above it."""
        above: dict[str, tuple[dict[str, Fact], dict[str, Records]]] = {}
        for shape, found in self.document.shapes.items():
            section = f"shapes.{shape}.facts"
            facts = {name: self._fact(name, fact, section) for name, fact in found.facts.items()}
            above[shape] = facts, self._held(f"shapes.{shape}.records", found.records, above)
        return self._held("records", self.document.records, above)

    def _held(
        self,
        section: str,
        found: Mapping[str, RecordsDocument],
        above: Mapping[str, tuple[dict[str, Fact], dict[str, Records]]],
    ) -> dict[str, Records]:
        made = {}
        for name, one in found.items():
            if one.most is not None and not 0 <= one.least <= one.most:
                self.refuse(f"{section}.{name}", "`least` must be from 0 to `most`")
            if one.shape not in above:
                hint = did_you_mean(one.shape, above)
                self.refuse(
                    f"{section}.{name}", f"`{one.shape}` is not a shape above this line{hint}"
                )
                continue
            facts, records = above[one.shape]
            made[name] = checked(Records, one, name=name, facts=facts, records=records)
        return made

    def members(self) -> Members | None:
        """Return the description of the members, or ``None`` if the area does not have any."""
        found = self.document.members
        if found is None:
            return None
        facts = {
            name: self._fact(name, fact, "members.facts") for name, fact in found.facts.items()
        }
        if not 0 <= found.least <= found.most:
            self.refuse("members", "`least` must be from 0 to `most`")
        kinds = {kind: self._kind(kind, said, facts) for kind, said in found.kinds.items()}
        return checked(Members, found, facts=facts, kinds=kinds)

    def _kind(
        self, name: str, said: Mapping[str, Scalar], facts: Mapping[str, Fact]
    ) -> dict[str, Value]:
        """Return the facts of a named kind of member, in the form that engines use."""
        path, seen = f'members.kinds."{name}"', dict[str, Value]()
        for key, value in said.items():
            if key not in facts:
                self.refuse(path, f"unknown fact `{key}`{did_you_mean(key, facts)}")
            elif wrong := fault(facts[key], value):
                self.refuse(path, wrong)
            else:
                seen[key] = cast("Value", scaled_value(value, facts[key].type.places))
        return seen


def _day_asked_about() -> Fact:
    kind = Type("date", low=date(1900, 1, 1), high=date(2100, 12, 31))
    return Fact(name="on", kind="date", type=kind, about="The day asked about.")
