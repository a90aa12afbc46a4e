"""The answers about a file as one page of HTML: what a manager opens in the morning meeting.

The page is one file that needs nothing else: no network, no script, no font. Its words are in
`templates/`. An area's `page` adds a section of its own. Jinja2 is imported here only; it comes with
the extra `cli`.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence
from functools import cache
from hashlib import sha256

from attrs import Factory, define, frozen
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from probation_rules.caseload.answered import IN_WORDS, WORST, Answered
from probation_rules.caseload.changes import Changes
from probation_rules.caseload.counts import COUNTED, NO_CELL
from probation_rules.caseload.layout import capital, day, words
from probation_rules.caseload.model import Caseload
from probation_rules.notebook import visible
from probation_rules.rulebook.model import Citation

BLOCK = 100  # cases in one table of the list: a browser lays out those that are looked at


@define
class Sources:
    """The sources that a page cites, numbered in the order of their first citation."""

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
class Block:
    """Some cases of the list, in one table.

    Attributes:
        group: The group; ``None`` where none is asked for.
        first: The number of the first case, within its group.
        cases: The cases.
    """

    group: str | None
    first: int
    cases: Sequence[Answered]


def _blocks(found: Caseload) -> Iterator[Block]:
    for name, some in found.in_groups(found.cases):
        group = None if name is None else f"{found.question.by}: {name or NO_CELL}"
        for place in range(0, len(some), BLOCK):
            yield Block(group, place + 1, some[place : place + BLOCK])


def html_page(found: Caseload) -> str:
    """Return the page about a whole file, every case of it on the list."""
    question, sources = found.question, Sources()
    area, spec = question.area, question.area.spec
    rules = [area.rules[places[-1]] for places in area.wordings.values()]
    for rule in rules:  # their sources come first
        sources.numbers(rule.citations)
    templates = environment()
    return templates.get_template(f"{spec.folder}/page.html" if spec.page else "page.html").render(
        found=found,
        own=spec.load(spec.page)(found) if spec.page else None,
        area=area,
        book=question.book,
        layout=question.layout,
        rules=rules,
        sources=sources,
        day=day(question.on),
        blocks=[*_blocks(found)],
        worst=WORST,
        no_cell=NO_CELL,
        counted=COUNTED,
        block_size=BLOCK,
        changes=found.since,
        policy=page_policy(),
    )


def changes_page(changes: Changes) -> str:
    """Return the page about what changed between two files."""
    templates = environment()
    return templates.get_template("changes_page.html").render(
        changes=changes, sources=Sources(), no_cell=NO_CELL, policy=page_policy()
    )


def page_policy() -> str:
    """Return the policy of a page: it may show itself and do nothing else."""
    style = environment().get_template("page.css").render().encode()
    digest = b64encode(sha256(style).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def _shown(value: object) -> object:
    """Return a value as a template may show it; what is HTML already stays as it is."""
    if not isinstance(value, str) or hasattr(value, "__html__"):
        return value
    return visible(value)


@cache
def environment(*more: str) -> Environment:
    """Return the templates of pages, and the words that they share.

    Args:
        more: Packages with a folder `templates` of their own.
    """
    packages = ("probation_rules.caseload", *more)
    found = Environment(
        loader=ChoiceLoader(
            [*map(PackageLoader, packages), PackageLoader("probation_rules.areas", ".")]
        ),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["words"] = words
    found.filters["capital"] = capital
    found.filters["day"] = day
    found.globals["in_words"] = IN_WORDS
    return found
