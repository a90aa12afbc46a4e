"""What the page of any area says: counts, what is open or missing, the list, the rules, the basis."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from attrs import Factory, define, frozen

from probation_rules.cli.answer import Answer, Answered, Invalid
from probation_rules.cli.page import COUNTED, WORST, count, given, layout_of, waiting
from probation_rules.cli.table import Layout, day, fact
from probation_rules.report import Finding, summary
from probation_rules.rulebook.book import Rulebook
from probation_rules.rulebook.model import Area, Citation, Rule, Severity

BLOCK = 100  # cases in one table of the list: a browser lays out those that are looked at

_OF_MEMBER = re.compile(r"^\w+\[\d+\]\.")


@define
class Sources:
    """The sources that a page cites, numbered in the order in which they are first cited."""

    cited: dict[Citation, int] = Factory(dict)

    def __iter__(self) -> Iterator[tuple[int, Citation, str | None]]:
        """Yield each with its number, and its address where a reader may follow it."""
        for one, number in self.cited.items():
            address = one.source.address or ""
            yield number, one, address if address.startswith(("https://", "http://")) else None

    def numbers(self, citations: Sequence[Citation]) -> tuple[int, ...]:
        """Return the numbers of some citations."""
        return tuple(self.cited.setdefault(one, len(self.cited) + 1) for one in citations)


@frozen
class Open:
    """A figure of the policy that has no value and that cases wait for.

    Attributes:
        number: By which the list refers to it.
        what: Which it is, and how many cases wait.
        told: What it is about, where it stands and what settles it.
    """

    number: int
    what: str
    told: tuple[str, ...]


@frozen
class Missing:
    """A fact that cases leave unknown and that an answer waits for."""

    name: str
    about: str
    cases: int


@frozen
class Stage:
    """How many cases of a stage there are, by the gravest thing to say of each.

    Attributes:
        name: The stage, or `cannot tell`.
        about: What it means.
        counts: The cases `with a breach` and so on, in the order of `WORST`.
    """

    name: str
    about: str
    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        """How many cases there are in all."""
        return sum(self.counts)


@frozen
class Asked:
    """A rule, with how many cases have each outcome, in the order of `COUNTED`."""

    rule: Rule
    counts: tuple[int, ...]
    sources: tuple[int, ...]

    @property
    def strength(self) -> str:
        """Whether the rule must or should be met."""
        return "must" if self.rule.severity is Severity.BREACH else "should"


@frozen
class Reason:
    """Why a case is on the list: a rule that is not met.

    Attributes:
        finding: The finding; its message says what is so.
        sources: The numbers of its sources.
    """

    finding: Finding
    sources: tuple[int, ...]


@frozen
class Row:
    """One case of the list.

    Attributes:
        label: The case's reference, or its place in the file.
        stage: Its stage in words; empty in an area without stages.
        worst: The gravest thing to say of it, a key of `WORST`.
        cells: The area's own columns, in pairs, each a title and what the case shows there.
        reasons: Rules that are not met, breaches first.
        open: The numbers of the open figures that it waits for.
        missing: The facts that it waits for.
    """

    label: str
    stage: str
    worst: str | None
    cells: tuple[tuple[tuple[str, str], ...], ...]
    reasons: tuple[Reason, ...]
    open: tuple[int, ...]
    missing: tuple[str, ...]


@frozen
class Content:
    """What a page says, whatever its area.

    Attributes:
        area: The area.
        book: The rules, settings included.
        engine: The engine that decided.
        file: What the file is called.
        day: The day asked about, in words.
        count: How many cases there are, in the area's word.
        layout: What the cases are called.
        worst: What there is to say of a case, gravest first, with how many cases there are.
        stages: The stages with any case, the most urgent first; one without a name if the area
            has none.
        open: Figures of the policy without a value.
        missing: Facts that cases lack.
        blocks: The list, most urgent first, in parts of at most `BLOCK` cases.
        rules: Every rule.
        counted: The outcomes in words, in the order of a rule's counts.
        sources: Every source cited.
        given: Local rulebooks, settings and assumptions, a sentence each.
        notes: What the file lacks and what was left out, a sentence each.
        invalid: The cases that cannot be judged as given.
    """

    area: Area
    book: Rulebook
    engine: str
    file: str
    day: str
    count: str
    layout: Layout
    worst: Mapping[str, int]
    stages: tuple[Stage, ...]
    open: tuple[Open, ...]
    missing: tuple[Missing, ...]
    blocks: tuple[tuple[Row, ...], ...]
    rules: tuple[Asked, ...]
    counted: tuple[str, ...]
    sources: Sources
    given: tuple[str, ...]
    notes: tuple[str, ...]
    invalid: tuple[Invalid, ...]


def content(found: Answer, file: str) -> Content:
    """Return what the page about the cases of a file says."""
    question, layout = found.question, layout_of(found)
    sources = Sources()
    rules = tuple(_rules(found, sources))
    rows = [_row(one, found, layout, sources) for one in layout.sorted(found.cases)]
    worst = Counter(one.worst for one in found.cases)
    return Content(
        area=question.area,
        book=question.book,
        engine=question.engine,
        file=file,
        day=day(question.on),
        count=count(found),
        layout=layout,
        worst={said: worst[level] for level, said in WORST.items()},
        stages=tuple(_stages(found, layout)),
        open=tuple(
            Open(number, what, tuple(told))
            for number, (what, *told) in enumerate(waiting(found), 1)
        ),
        missing=tuple(_missing(found)),
        blocks=tuple(tuple(rows[at : at + BLOCK]) for at in range(0, len(rows), BLOCK)),
        rules=rules,
        counted=tuple(map(words, COUNTED)),
        sources=sources,
        given=tuple(given(found)),
        notes=found.notes,
        invalid=found.invalid,
    )


def words(name: str) -> str:
    """Return a name of the rulebook as words."""
    return name.replace("_", " ")


def stage_of(one: Answered) -> str:
    """Return the stage of a case in words; empty in an area without stages."""
    if not one.report.area.stages:
        return ""
    return words(one.report.stage or "cannot tell")


def _stages(found: Answer, layout: Layout) -> Iterator[Stage]:
    """Yield the stages that any case is in, the most urgent first."""
    area = found.question.area
    for name in (*sorted(area.stages, key=layout.ranked), None):
        counts = Counter(one.worst for one in found.cases if one.report.stage == name)
        if counts:
            about = area.stages[name].about if name else "Something that decides it is not known."
            told = words(name or "cannot tell") if area.stages else ""
            yield Stage(told, about, tuple(counts[level] for level in WORST))


def _missing(found: Answer) -> Iterator[Missing]:
    """Yield the facts that cases wait for, the most often missing first."""
    area = found.question.area
    about = dict(_about(area))
    counts = Counter(
        name
        for one in found.cases
        for name in dict.fromkeys(_OF_MEMBER.sub("", path) for path in one.needs)
        if name not in area.parameters
    )
    for name, cases in counts.most_common():
        yield Missing(name, about.get(name, ""), cases)


def _about(area: Area) -> Iterator[tuple[str, str]]:
    """Yield what each thing is that a case may say, by the name that an answer asks for it."""
    for name, fact_ in area.facts.items():
        yield name, fact_.about
        for path in fact_.computed_from or ():
            yield path, fact_.about
    for name, record in area.records.items():
        yield name, record.about
    if area.members:
        yield area.members.name, area.members.about
        yield from ((name, one.about) for name, one in area.members.facts.items())


def _rules(found: Answer, sources: Sources) -> Iterator[Asked]:
    area = found.question.area
    counts = summary(one.report for one in found.cases)
    for name, places in area.wordings.items():
        rule = area.rules[places[-1]]
        numbers = counts.get(name, {})
        yield Asked(
            rule,
            tuple(numbers.get(outcome, 0) for outcome in COUNTED),
            sources.numbers(rule.citations),
        )


def _row(one: Answered, found: Answer, layout: Layout, sources: Sources) -> Row:
    marks = {name: number for number, name in enumerate(found.waiting, 1)}
    return Row(
        label=one.label,
        stage=stage_of(one),
        worst=one.worst,
        cells=tuple(
            tuple((column.title, str(column.cell(one))) for column in pair) for pair in layout.pairs
        ),
        reasons=tuple(
            Reason(finding, sources.numbers(finding.citations)) for finding in one.not_met
        ),
        open=tuple(marks[name] for name in one.needs if name in marks),
        missing=tuple(fact(one, name) for name in one.needs if name not in marks),
    )
