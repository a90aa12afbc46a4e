"""What changed in a caseload as sheets of a workbook: *Changed*, *New*, *Gone* and *Not compared*."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from probation_rules.caseload.changes import CHANGES, Changes, Line
from probation_rules.caseload.counts import NO_CELL
from probation_rules.caseload.layout import Cell, capital, words
from probation_rules.caseload.sheets import MARGIN, Listed, Page, Row, Writer, counted, numbered
from probation_rules.comparison.cases import Answered, CaseChange, Invalid
from probation_rules.intake.mapping import titles_beside

_FIRST, _OTHER, _FEWEST = 50, 13, 13  # the width and number of columns of the summary
_WHEN = {"before": "before", "after": "now", "both": "both times"}
_TITLES = ("Reference", "Stage", "Stage before")


def changes_workbook(found: Changes, made: date) -> bytes:
    """Return the workbook about what changed between two files.

    Args:
        found: The changes.
        made: The day on which it counts as made.

    Raises:
        InputError: A list has more rows than a sheet may have.
        MissingExtra: The package XlsxWriter, of the extra `excel`, is not installed.
    """
    title = f"{found.area.title}: what changed {found.title}"
    writer = Writer.begun(found.area.title, title, made)
    page = Page(writer, writer.sheet("Summary"), [_FIRST, *[_OTHER] * (_FEWEST - 1)])
    for column, width in enumerate(page.widths):
        page.sheet.set_column(column, column, width + MARGIN)
    page.text(title, bold=True, font_size=14)
    change_counts(page, found)
    change_sheets(writer, found)
    rules = [("Rules version", found.book.version), ("Rules digest", found.book.digest)]
    rows = [[Cell(name), Cell(text)] for name, text in (*rules, *about_changes(found))]
    writer.table("About", Listed(["What", "Value"], rows))
    return writer.ended()


def change_counts(page: Page, found: Changes) -> None:
    """Write the counts of all cases, and of each group."""
    many = capital(found.layout.many)
    page.block(
        f"{many} {found.title}",
        ["Change", many],
        [
            [Cell(name), counted(number)]
            for name, number in [*found.counts.items(), ("all", found.cases)]
        ],
    )
    if found.groups:
        used = [name for name, number in found.counts.items() if number]
        page.block(
            f"{many} {found.title}, by {found.by}",
            [str(found.by), *map(capital, used), "All"],
            [
                [
                    Cell(cell or NO_CELL),
                    *(counted(one[name]) for name in used),
                    counted(sum(one.values())),
                ]
                for cell, one in found.groups.items()
            ],
        )


def change_sheets(writer: Writer, found: Changes) -> None:
    """Write the sheets of cases that changed, are new or gone, and were not compared."""
    writer.table("Changed", _changed(found))
    writer.table("New", _only(found, found.comparison.new))
    writer.table("Gone", _only(found, found.comparison.gone))
    if found.comparison.invalid:
        writer.table("Not compared", _invalid(found))


def about_changes(found: Changes | None) -> Iterator[tuple[str, str]]:
    """Yield what the sheet About gives about changes."""
    if found is None:
        return
    many = found.layout.many
    yield "Before", str(found.before)
    yield "After", str(found.after)
    yield (
        "Sheet Changed",
        f"The {many} with other answers, the most serious change first, each with its reason.",
    )
    yield "Sheet New", f"The {many} that are only in the later file."
    yield "Sheet Gone", f"The {many} that are only in the earlier file."
    yield "Due day newly near", f"The day is now within {found.days:,} days, and was not before."


def _titles(found: Changes, stages: Sequence[str]) -> list[str]:
    kept = titles_beside(found.kept, _TITLES)
    return ["Reference", *kept.values(), *(stages if found.area.stages else ())]


def _start(
    found: Changes, one: CaseChange | Answered | Invalid, stages: Sequence[str | None]
) -> list[Cell]:
    """Return the cells that every list begins with: reference, kept columns and stages."""
    kept = [Cell(one.kept.get(name, "")) for name in found.kept]
    shown = stages if found.area.stages else ()
    colours = [Cell(words(stage), "" if stage else "unknown") for stage in shown]
    return [Cell(one.reference or ""), *kept, *colours]


def _changed(found: Changes) -> Listed:
    def row(one: CaseChange) -> Row:
        reasons = found.reasons(one)
        lines = [line for reason in reasons for line in reason.lines]
        kind = next((line.kind for line in lines if line.kind), "")
        several = len(reasons) > 1
        why = [
            f"{_places(lines, reason.lines)}: {reason.why}" if several else reason.why
            for reason in reasons
        ]
        remedies = [line.remedy for line in lines if line.remedy]
        return [
            *_start(found, one, (one.before.stage, one.after.stage)),
            Cell(CHANGES[one.change], kind),
            Cell(numbered([capital(str(line)) for line in lines])),
            Cell("\n".join(why)),
            Cell(numbered(remedies) if remedies else ""),
        ]

    titles = [
        *_titles(found, ("Stage before", "Stage")),
        "Most serious change",
        "What changed",
        "Why",
        "What to do",
    ]
    rows = [row(one) for _, some in found.in_groups(found.comparison.changed) for one in some]
    return Listed(titles, rows)


def _places(lines: Sequence[Line], some: Sequence[Line]) -> str:
    """Return the numbers of some lines: `1, 3`."""
    return ", ".join(str(lines.index(line) + 1) for line in some)


def _only(found: Changes, cases: Sequence[Answered]) -> Listed:
    """Return the cases that are in one file only, each with what is not met or unknown."""
    rows: list[Row] = []
    for _, some in found.in_groups(cases):
        for one in some:
            lines = found.findings(one)
            kind = next((line.kind for line in lines), "")
            text = (
                numbered([capital(str(line)) for line in lines]) if lines else "nothing to report"
            )
            rows.append([*_start(found, one, (one.stage,)), Cell(text, kind)])
    return Listed([*_titles(found, ("Stage",)), "Not met or unknown"], rows)


def _invalid(found: Changes) -> Listed:
    rows: list[Row] = [
        [
            *_start(found, one, (None,))[: 1 + len(found.kept)],
            Cell(one.place),
            Cell(_WHEN[one.side]),
            Cell(numbered(one.reasons)),
        ]
        for _, some in found.in_groups(found.comparison.invalid)
        for one in some
    ]
    return Listed([*_titles(found, ()), "Place in the file", "When", "Reasons"], rows)
