"""Rows of a table, one at a time, and the answers to them.

Small tables are answered here, and the needs of a `cannot_tell` are computed here for every table.
The answers and reasons are those of the SQL, in the same words.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from attrs import field, frozen

from probation_rules.engines import (
    INVALID,
    NO_STAGE,
    NOT_APPLICABLE,
    ROW_OUTCOMES,
    Decide,
)
from probation_rules.errors import CaseError
from probation_rules.intake.rows import Row
from probation_rules.judge import Judge
from probation_rules.report import Report
from probation_rules.rulebook.model import Area, Rule


@frozen
class Answer:
    """The answer to one row: a code for each wording, the stage, and why it is invalid.

    Attributes:
        facts: The facts of a row that is not invalid, as engines take them.
    """

    row: Row
    codes: Sequence[int]
    stage: str | None = None
    reasons: Sequence[str] | None = None
    facts: Any = field(default=None, repr=False)


def answers(area: Area, decide: Decide, rows: Iterable[Row], on: date) -> Iterator[Answer]:
    """Yield the answer to each row, by the python engine."""
    for row in rows:
        try:
            facts = area.facts_of(row.case(area))
            *codes, stage = decide(facts, on)
        except CaseError:
            why = row.reasons(area, on)
            yield Answer(row, [INVALID] * len(area.rules), reasons=why)
        else:
            name = None if stage == NO_STAGE else tuple(area.stages)[stage]
            yield Answer(row, codes, name, facts=facts)


def outcome(area: Area, rule: str, codes: Sequence[int]) -> tuple[int, Rule]:
    """Return a rule's code, and its wording that counts: of several, the one in force."""
    places = area.wordings[rule]
    place = next((one for one in places if codes[one] != NOT_APPLICABLE), places[-1])
    return codes[place], area.rules[place]


def findings(
    judge: Judge, found: Answer, on: date, wanted: Collection[str]
) -> Iterator[dict[str, Any]]:
    """Yield the findings on a row whose outcome is wanted, each as a report has it."""
    area = judge.area
    codes = (*found.codes, NO_STAGE)
    report = Report(found.facts, on, judge.engine, {}, area, judge.book, codes, found.facts)
    for rule in area.wordings:
        code, wording = outcome(area, rule, found.codes)
        if ROW_OUTCOMES[code] not in wanted:
            continue
        one = None if code == INVALID else report.finding(rule)
        yield {
            "row": found.row.number,
            "reference": found.row.reference,
            "rule": rule,
            "outcome": ROW_OUTCOMES[code],
            "severity": one.severity.value if one and one.severity else None,
            "basis": wording.basis.value,
            "needs": list(one.needs) if one else [],
            "message": one and one.message,
            "remedy": one and one.remedy,
        }
