"""Unknown values: policy figures without a value, and missing facts of cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from attrs import frozen

from probation_rules.caseload.answered import Answered, fact_label
from probation_rules.caseload.question import Question
from probation_rules.rulebook.model import Area, Parameter


@frozen
class Open:
    """A figure of the policy that has no value and that cases wait for.

    Attributes:
        number: Its number, by which lists refer to it.
        name: Its name.
        what: That it is open, and how many cases wait.
        told: What it is about, its source and who may settle it.
        command: The options that settle it; ``None`` if no option can.
    """

    number: int
    name: str
    what: str
    told: tuple[str, ...]
    command: str | None

    @property
    def text(self) -> str:
        """The text for a reader of a page, as one line."""
        return " ".join([f"{self.what}.", *self.told])

    def __str__(self) -> str:
        """Return all of it as one line, with its name and the options that settle it."""
        settle = [f"To settle it: {self.command}"] if self.command else []
        return " ".join([f"{self.what} ({self.name}).", *self.told, *settle])


@frozen
class Missing:
    """A fact that cases leave unknown and that an answer waits for."""

    name: str
    label: str
    about: str
    cases: int


def open_figures(question: Question, waiting: Mapping[str, str]) -> tuple[Open, ...]:
    """Return the figures of the policy without a value that cases wait for.

    Args:
        question: The question.
        waiting: By the name of a figure, how many cases wait for it, in words.
    """
    figures = question.area.parameters
    return tuple(
        Open(
            number,
            name,
            f"Not settled by policy: {waits}",
            tuple(_about_figure(figures[name])),
            _command(figures[name]),
        )
        for number, (name, waits) in enumerate(waiting.items(), 1)
    )


def missing_facts(area: Area, cases: Iterable[Answered]) -> tuple[Missing, ...]:
    """Return the facts that cases wait for, the most often missing first."""
    about = dict(about_facts(area))
    counts = Counter(
        name
        for one in cases
        for name in dict.fromkeys(path.rpartition("].")[2] for path in one.needs)
        if name not in area.parameters
    )
    found = counts.most_common()
    return tuple(
        Missing(name, fact_label(area, name), about.get(name, ""), number) for name, number in found
    )


def about_facts(area: Area) -> Iterator[tuple[str, str]]:
    """Yield what each fact of a case is, by the name that an answer asks for it."""
    for name, fact in area.facts.items():
        yield name, fact.about
        for path in fact.computed_from or ():
            yield path, fact.about
    for name, record in area.records.items():
        yield name, record.about
    if area.members:
        yield area.members.name, area.members.about
        yield from ((name, one.about) for name, one in area.members.facts.items())


def _about_figure(parameter: Parameter) -> Iterator[str]:
    """Yield what a figure is, its source and who may settle it, a line each."""
    yield parameter.about
    if parameter.citations:
        sources = dict.fromkeys(str(one) for one in parameter.citations)
        yield f"Source: {'; '.join(sources)}."
    if not parameter.may_be_replaced:
        yield "The rules have no value for this day."
    elif not parameter.may_be_set:
        yield "A region can settle it with a rule of its own."
    else:
        yield "A region, or the person who asks, can settle it."


def _command(parameter: Parameter) -> str | None:
    """Return the options that settle a figure; ``None`` if no option can."""
    if not parameter.may_be_replaced:
        return None
    if not parameter.may_be_set:
        return "--rulebook FILE, with the region's own rule"
    kinds = {"date": "YYYY-MM-DD", "bool": "true|false", "int": "NUMBER"}
    value = kinds.get(parameter.type.kind) or "|".join(parameter.type.codes)
    return f"--set {parameter.name}={value}"
