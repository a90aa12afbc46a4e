"""The sheet of a workbook about the answers: their day, rules, settings and sources, and the meaning of columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from probation_rules.caseload.change_sheets import about_changes
from probation_rules.caseload.layout import Cell, capital, day, words
from probation_rules.caseload.model import Caseload
from probation_rules.caseload.sheets import Listed

# The columns of every area, besides reference, stage and kept columns.
_COLUMNS = {
    "Most serious finding": "Invalid, requirement not met, advice not met, something missing, or nothing to report.",
    "Reasons": "Each requirement and each piece of advice that is not met, with the id of its rule; or why the {one} is invalid.",
    "What to do": "The next action for each reason, as the rule gives it.",
    "Not known": "The facts and figures without a value that answers about the {one} wait for.",
    "Place in the file": "The row, line or item of the {one} in the file.",
    "Day": "A day to come that the rules name, such as a review point.",
    "Days away": "Days from the day asked about to that day.",
    "What": "What the day is.",
    "Still due": "Whether the day still matters, or the facts that would show it.",
    "Rule": "The rule that the day is for.",
    "Problem": "Whether the value is not known, or why it cannot be read.",
    "Fact": "The missing or wrong fact, by its label or its header.",
    "What it is": "The meaning of the fact.",
    "Needed for": "The rules, and perhaps the {stage}, that wait for the fact.",
}


def about_sheet(found: Caseload, days: int, own: Sequence[str]) -> Listed:
    """Return the day, rules, settings and sources, and what each sheet and column is.

    Args:
        found: The answers.
        days: How many days ahead the sheet of coming days looks.
        own: The titles of the area's own columns.
    """
    question = found.question
    area, book, layout = question.area, question.book, question.layout
    pairs: list[tuple[str, str | Cell]] = [
        ("Area", area.title),
        ("File", found.file),
        ("Day asked about", Cell(day(question.on), value=question.on)),
        (capital(layout.many), Cell("", value=found.counts.cases)),
        ("Rules version", book.version),
        ("Rules digest", book.digest),
        ("Engine", found.engine),
        *([("Mapping", found.mapping)] if found.mapping else []),
        *([("Kept columns", ", ".join(found.kept))] if found.kept else []),
        *([("Grouped by", question.by)] if question.by else []),
        *(("Given", text) for text in found.given or ["Shipped rules only."]),
        *(("Note", text) for text in found.notes),
        *(("Open figure", str(one)) for one in found.open),
        *about_changes(found.since),
        (
            "Sheet At risk",
            f"The {layout.many} that do not meet a requirement or advice, the most urgent first.",
        ),
        ("Sheet Coming", f"The days of the next {days:,} days, and days that are not known."),
        (
            "Sheet Missing data",
            f"What is not known of {layout.many} that wait for it, and what could not be read.",
        ),
        (
            "Sheet All",
            f"Every {layout.one}, with the outcome of each rule and all facts. An empty fact is not known.",
        ),
        *_columns(found, own),
        *(("Mark", text) for text in layout.legend.splitlines()),
        *((f"Stage {words(name)}", one.about) for name, one in area.stages.items()),
    ]
    for places in area.wordings.values():
        rule = area.rules[places[-1]]
        pairs.append(
            (
                f"Rule {rule.id}",
                f"{rule.title} ({rule.severity.kind}). If not met: {rule.remedy}",
            )
        )
    cited = dict.fromkeys(one for rule in area.rules for one in rule.citations)
    for one in cited:
        parts = [
            f"{one}. {one.source.publisher}",
            one.source.address,
            f"checked on {day(one.checked)}",
        ]
        pairs.append(("Source", ". ".join(filter(None, parts))))
    rows = ([Cell(name), text if isinstance(text, Cell) else Cell(text)] for name, text in pairs)
    return Listed(["What", "Value"], rows, widest=100)


def _columns(found: Caseload, own: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the meaning of each column: of every area, of this area, and of its facts."""
    area, layout = found.question.area, found.question.layout
    yield "Column Reference", f"The reference of the {layout.one}, or its place in the file."
    if area.stages:
        yield (
            f"Column {capital(layout.stage)}",
            f"The {layout.stage} of the {layout.one}; each is explained below.",
        )
    for title, column in zip(own, chain.from_iterable(layout.pairs), strict=True):
        yield f"Column {title}", column.about
    for title, text in _COLUMNS.items():
        yield f"Column {title}", text.format(one=layout.one, stage=layout.stage)
    for name in area.values:
        if name != "on":
            one = area.facts.get(name) or area.derived[name]
            yield f"Column {name}", one.about
