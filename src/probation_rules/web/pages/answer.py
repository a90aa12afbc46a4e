"""The answer about one case, as a page shows it. The words are those of the page about a file."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from typing import Any

from attrs import field, frozen

from probation_rules.caseload.answered import Answered
from probation_rules.caseload.html import Sources
from probation_rules.caseload.layout import capital, layout_for
from probation_rules.caseload.question import Question
from probation_rules.caseload.unknown import Open, about_facts, open_figures
from probation_rules.engines import Outcome
from probation_rules.report import Finding, Report
from probation_rules.rulebook.model import Area, Fact
from probation_rules.web.pages.forms import PLACE, label


@frozen
class Lacking:
    """A fact that an answer waits for.

    Attributes:
        label: What people call it.
        about: What it means.
        field: The field of the form that asks for it; ``None`` if the form does not.
    """

    label: str
    about: str
    field: str | None


@frozen(slots=False)
class Answer:
    """The answer about one case.

    Attributes:
        one: The case with its answer.
        fields: The names of the fields of the form.
        prefix: What the names of the case's fields begin with.
        sources: The sources cited so far, which several answers of a page may share.
    """

    one: Answered
    fields: Collection[str]
    prefix: str = ""
    sources: Sources = field(factory=Sources)

    @property
    def report(self) -> Report:
        """The report on the case."""
        return self.one.report

    @property
    def name(self) -> str:
        """The reference of the case, or what such a case is called."""
        return self.report.reference or f"This {layout_for(self.report.area).one}"

    def findings(self, outcome: str) -> tuple[Finding, ...]:
        """Return the findings with an outcome; those not met with requirements before advice."""
        if outcome == Outcome.NOT_MET:
            return self.one.not_met
        return tuple(one for one in self.report.findings if one.outcome == outcome)

    @cached_property
    def open(self) -> tuple[Open, ...]:
        """The figures of the policy without a value that the case waits for."""
        area = self.report.area
        waiting = {name: "needed here" for name in self.one.needs if name in area.parameters}
        return open_figures(self._question, waiting)

    @property
    def missing(self) -> tuple[Lacking, ...]:
        """The facts that the answers wait for."""
        return tuple(self.lacking(self.one.needs))

    def lacking(self, needs: Collection[str]) -> Iterator[Lacking]:
        """Yield the facts among some needs, each with the field that asks for it."""
        area = self.report.area
        about: Mapping[str, str] = dict(about_facts(area))
        for path in needs:
            if path in area.parameters:
                continue
            fact = fact_of(area, path)
            name = self.prefix + (fact.name if fact else PLACE.sub(r".\1", path))
            yield Lacking(
                label=label(fact) if fact else capital(self.one.fact(path)),
                about=about.get(path.rpartition("].")[2], ""),
                field=name if name in self.fields else None,
            )

    @property
    def given(self) -> tuple[str, ...]:
        """The local rulebooks and settings, a line for each."""
        return tuple(self._question.given(()))

    @property
    def _question(self) -> Question:
        report = self.report
        nothing: Mapping[str, Any] = {}
        return Question(report.on, report.engine, report.book, report.area, nothing)


def fact_of(area: Area, path: str) -> Fact | None:
    """Return the fact that an answer asks for by a path, or ``None`` if the path is not for one fact.

    A prepared fact is asked for by the field that it is computed from.
    """
    if path in area.facts:
        return area.facts[path]
    found = [name for name, paths in area.prepared_paths.items() if paths == (path,)]
    return area.facts[found[0]] if len(found) == 1 else None
