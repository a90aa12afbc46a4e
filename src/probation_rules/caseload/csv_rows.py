"""The answers about a file as CSV: one row a case, by group and then in the order of the file."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

from probation_rules.caseload.answered import Answered, Invalid
from probation_rules.caseload.model import Caseload
from probation_rules.engines import INVALID_ROW, Outcome
from probation_rules.intake.mapping import titles_beside
from probation_rules.report import BETWEEN_REASONS, LIKE_A_FORMULA, plain

_PLAIN_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_FORMULA = re.compile(LIKE_A_FORMULA)
_BLANK = ("\t", "\r", "\n")


def as_csv(found: Caseload) -> str:
    """Return a row a case, with its outcomes, needs and facts; the file must be whole."""
    area = found.question.area
    facts = [name for name in (*area.facts, *area.derived) if name != "on"]
    stage = ["stage"] if area.stages else []
    outcomes = [*stage, *area.wordings]
    more = ["reasons", Outcome.NOT_MET.value, "needs", "assumed"]
    header = ["on", "reference", *outcomes, *more, *facts]
    kept = titles_beside(found.kept, header)
    header[2:2] = kept.values()

    def cells(one: Answered | Invalid) -> Iterator[object]:
        yield from (found.question.on, one.label, *(one.kept[name] for name in kept))
        if isinstance(one, Invalid):
            yield from [*("" for _ in stage), *(INVALID_ROW for _ in area.wordings)]
            yield BETWEEN_REASONS.join(one.reasons)
            yield from ("" for _ in (Outcome.NOT_MET, "needs", "assumed", *facts))
            return
        report, values = one.report, plain(one.report.facts)
        yield from (report.stage or Outcome.CANNOT_TELL.value for _ in stage)
        yield from map(report.outcome, area.wordings)
        rules = (finding.rule for finding in one.not_met)
        yield from ("", *map(" ".join, (rules, one.needs, report.assuming)))
        yield from (values[name] for name in facts)

    rows = (one for _, some in found.in_groups(found.rows) for one in some)
    return csv_text(header, ([*cells(one)] for one in rows))


def csv_text(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return rows as CSV. No cell can become a formula, and ``None`` is an empty cell."""
    cells = ([_cell(value) for value in row] for row in rows)
    return "".join(map(_line, [header, *cells]))


def _line(cells: Sequence[str]) -> str:
    """Return a line of CSV; a cell with any end of a line in it is quoted on every Python.

    Before 3.13 a cell was quoted only if it held a character of `lineterminator`.
    """
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(cells)
    return f"{out.getvalue()[:-2]}\n"


def _cell(value: object) -> str:
    if value is None:
        return ""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if _PLAIN_NUMBER.fullmatch(text):
        return text
    text = _FORMULA.sub(r"\1'\2", text)
    return f"'{text}" if text.startswith(_BLANK) else text
