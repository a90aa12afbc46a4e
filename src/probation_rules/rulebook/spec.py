"""The declaration of an area: its case class, and the Python code that only this area needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from importlib import import_module
from operator import attrgetter
from types import SimpleNamespace
from typing import Any

import attrs
from attrs import field, frozen

from probation_rules.rulebook.toml_schema import Source, ValueDocument

Fault = tuple[str, str]
"""A mistake, and its place."""


@frozen(eq=False)
class Section:
    """A special section of local rulebooks that one area defines, such as a region's list.

    The section gives the values of one parameter of the area: the days on which it is in force.

    Attributes:
        name: Its name in the file.
        document: The attrs class of its content.
        parameter: The parameter that gets its values from the section.
        made: `made(local, content)` returns the object that engines and pages use. The object has
            `warnings`, a list of texts.
        faults: `faults(before, new)` yields the problems of a new section, and their places in the
            file. `before` are the sections of earlier local rulebooks.
        sources: `sources(every)` returns the sources to cite, by id.
        values: `values(every)` returns the values of the parameter.
    """

    name: str
    document: type[Any]
    parameter: str
    made: Callable[[Any, Any], Any]
    faults: Callable[[Sequence[Any], Any], Iterator[Fault]]
    sources: Callable[[Sequence[Any]], Mapping[str, Source]]
    values: Callable[[Sequence[Any]], tuple[ValueDocument, ...]]


@frozen(eq=False, slots=False)
class AreaSpec:
    """One area's classes and code. Its facts, figures and rules are in its rules file.

    Attributes:
        name: The area's name, as in its rules file.
        case: The class of its cases: fields only.
        items: The class of a case's members, if cases have members.
        records: The class of each shape of record, if cases have records.
        prepare: `prepare(case, area)` returns the prepared facts of a case. `area` is the checked
            rules. The case may not have been checked yet. The function returns ``None`` for a fact
            that it cannot compute. It may also return texts to show with the report.
        columns: `columns(given, area)` returns the prepared facts of many cases at once. `given` and
            the result are Arrow arrays by name. It also returns which cases they are right for, or
            ``None`` for all. Its value is `module:name` in the area's folder. `prepare` is called for
            each other case, and for every case if there is no such function.
        contradictions: Yields the contradictions in a case's records.
        extra: The extra that `prepare` needs, and the package that this extra installs.
        section: The special section that local rulebooks of the area may have.
        listing: The columns and order of a list of cases (`caseload.layout.Layout`), as `module:name` in
            the area's folder; the next two have the same form.
        page: A function from all answers to the values of the area's own part of the HTML page. The
            template is `page.html` in the folder.
        command: The area's own command: its name, what it does, and where it is as `module:name`.
    """

    name: str
    case: type[Any]
    items: type[Any] = SimpleNamespace
    records: Mapping[str, type[Any]] = field(factory=dict)
    prepare: Callable[[Any, Any], Mapping[str, Any]] | None = None
    columns: str | None = None
    contradictions: Callable[[Any], Iterator[Fault]] | None = None
    extra: tuple[str, str] | None = None
    section: Section | None = None
    listing: str | None = None
    page: str | None = None
    command: tuple[str, str, str] | None = None

    def load(self, name: str) -> Any:
        """Import and return the object `module:name` of the area's folder. Few callers need it."""
        module, _, attribute = name.partition(":")
        return getattr(import_module(f"probation_rules.areas.{self.folder}.{module}"), attribute)

    @property
    def folder(self) -> str:
        """The name of the area's folder."""
        return self.name.replace("-", "_")

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """The names of the fields of a case."""
        return tuple(one.name for one in attrs.fields(self.case))

    @cached_property
    def values_of(self) -> Callable[[Any], tuple[Any, ...]]:
        """A function that returns the values of a case's fields, in order."""
        return attrgetter(*self.fields)


# For rules without a folder, such as the rules of a test. A case can be any object.
NO_SPEC = AreaSpec("", SimpleNamespace)
