"""Load figures with their dated values, and the citations of every section."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import pairwise
from typing import cast

from attrs import frozen

from probation_rules.errors import did_you_mean
from probation_rules.language.lower import ParameterValues
from probation_rules.language.tree import Constant, Value
from probation_rules.rulebook.kinds import (
    DATE,
    Refuse,
    ends_of,
    fits,
    scaled_value,
    type_of,
    within,
)
from probation_rules.rulebook.model import Citation, DatedValue, Parameter, checked
from probation_rules.rulebook.toml_schema import (
    Basis,
    CitationDocument,
    ParameterDocument,
    Scalar,
    Source,
    ValueDocument,
)

MOST_VALUES = 30  # dated values of one figure


@frozen
class FigureLoader:
    """Reads the section `parameters` of a document, and the citations of every section."""

    sources: Mapping[str, Source]
    refuse: Refuse

    def parameter(self, name: str, found: ParameterDocument) -> Parameter:
        """Return a figure with its values, the oldest first."""
        path = f"parameters.{name}"
        declared = ends_of(self.refuse, path, found)
        least, most = declared
        given = [dated.value for dated in found.values]
        good = [value for value in given if fits(found, value)]
        if found.kind in ("int", "decimal", "date"):
            if good:
                least = min(good if least is None else [*good, least])
                most = max(good if most is None else [*good, most])
            elif None in (found.min, found.max):
                self.refuse(path, "an open parameter needs `min` and `max`")
        kind = type_of(self.refuse, path, found, least, most)
        if found.kind == "code" and len(set(found.words)) < 2:  # noqa: PLR2004 (a choice needs two)
            self.refuse(path, "`words` must list two or more words")
        if found.kind in ("time", "text"):
            self.refuse(path, f"a figure cannot be a {found.kind}: only a record can contain one")
        if len(found.values) > MOST_VALUES:
            self.refuse(path, f"a figure can have at most {MOST_VALUES} dated values")
        values = self._dated_values(path, found, declared)
        cites = self.citations(path, found.cites)
        settable = found.basis is Basis.ASSUMPTION and found.kind in ("int", "decimal", "date")
        if found.values and settable and None in (found.min, found.max):
            self.refuse(path, "a figure that a region may set needs `min` and `max`")
        if not found.values and not cites:
            self.refuse(
                path, "an open parameter needs `cites`: cite the source that leaves it open"
            )
        return checked(Parameter, found, name=name, type=kind, values=values, citations=cites)

    def _dated_values(
        self, path: str, found: ParameterDocument, declared: tuple[Scalar | None, Scalar | None]
    ) -> tuple[DatedValue, ...]:
        dated = sorted(found.values, key=lambda one: one.from_)
        for one, following in pairwise(dated):
            self._check_sequence(path, one, following)
        values = []
        for one in dated:
            if one.to is not None and one.to < one.from_:
                self.refuse(path, f"the value from {one.from_} ends before it begins")
            if not fits(found, one.value):
                self.refuse(path, f"the value from {one.from_} is not an allowed {found.kind} here")
                continue
            if not within(one.value, *declared):
                self.refuse(path, f"the value from {one.from_} is outside `min` and `max`")
            place = f"{path}, value from {one.from_}"
            cites = self.citations(place, one.cites)
            if not cites:
                self.refuse(place, "a value needs a source: add at least one citation in `cites`")
            value = cast("Value", scaled_value(one.value, found.places))
            values.append(checked(DatedValue, one, value=value, citations=cites))
        return tuple(values)

    def _check_sequence(self, path: str, one: ValueDocument, following: ValueDocument) -> None:
        if one.from_ == following.from_:
            self.refuse(path, f"two values begin on {one.from_}; remove one or change its `from`")
        elif one.to is not None and one.to >= following.from_:
            self.refuse(
                path, f"the value from {one.from_} overlaps the value from {following.from_}"
            )
        elif one.to is not None and one.to + timedelta(days=1) < following.from_:
            self.refuse(path, f"the days between {one.to} and {following.from_} have no value")

    def citations(self, path: str, found: Sequence[CitationDocument]) -> tuple[Citation, ...]:
        """Return the citations together with their sources."""
        cites = []
        for cite in found:
            if cite.source in self.sources:
                cites.append(Citation(self.sources[cite.source], cite.checked, cite.at))
            else:
                hint = did_you_mean(cite.source, self.sources)
                self.refuse(path, f"unknown source `{cite.source}`{hint}")
        return tuple(cites)


def values_by_day(parameter: Parameter) -> ParameterValues:
    """Return a figure's values, the newest first, for lookup by a day."""
    name, kind = parameter.name, parameter.type
    dated = tuple(
        (
            Constant(DATE, one.from_),
            None if one.to is None else Constant(DATE, one.to),
            Constant(kind, one.value, name),
        )
        for one in parameter.values[: -MOST_VALUES - 1 : -1]
    )
    return ParameterValues(name, kind, dated)
