"""The answers about a file as one JSON document, in the shapes of `document`."""

from __future__ import annotations

import json

from probation_rules import document
from probation_rules.caseload.model import Caseload
from probation_rules.engines import Outcome
from probation_rules.report import plain, remarks_of, rulebook_used, rules_of, shaped


def as_json(found: Caseload) -> str:
    """Return every report of a whole file; of a large file, the counts and the most urgent."""
    content = _reports(found) if found.is_whole else _counts(found)
    return json.dumps(document.plain(content)) + "\n"


def _notes(found: Caseload) -> tuple[str, ...]:
    return (*found.notes, *map(str, found.open))


def _reports(found: Caseload) -> document.Report:
    question = found.question
    reports = [one.report for one in found.judged]
    invalid = [document.Invalid(one.place, one.reference, one.reasons) for one in found.invalid]
    return shaped(question.on, found.engine, question.book, reports, _notes(found), invalid)


def _counts(found: Caseload) -> document.Caseload:
    question, counts = found.question, found.counts
    reports = [one.report for one in found.cases]
    stages = counts.stages if question.area.stages else {}
    return document.Caseload(
        on=question.on,
        engine=found.engine,
        rulebook=rulebook_used(question.book, question.book.on(question.on).replaced),
        area=question.area.name,
        cases=counts.cases,
        summary=counts.by_rule,
        stages={name or Outcome.CANNOT_TELL.value: number for name, number in stages.items()},
        gravest={word or "nothing": number for word, number in counts.worst.items() if number},
        reasons=counts.reasons,
        rules=rules_of(reports),
        remarks=remarks_of([question.area]),
        notes=_notes(found),
        assumed=plain(question.assuming),
        most_urgent=tuple(one.entry() for one in reports),
    )
