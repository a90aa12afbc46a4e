"""The answers about a file as one JSON document, in the shapes of `document`."""

from __future__ import annotations

import json

from attrs import evolve

from probation_rules import document
from probation_rules.caseload.counts import Counts
from probation_rules.caseload.model import Caseload
from probation_rules.engines import Outcome
from probation_rules.report import plain, remarks_of, rulebook_used, rules_of, shaped


def as_json(found: Caseload) -> str:
    """Return every report of a whole file; of a large file, the counts and the most urgent."""
    content = document.plain(_reports(found) if found.is_whole else _counts(found))
    since = {"since": found.since.to_dict()} if found.since else {}
    return json.dumps({**content, **since}) + "\n"


def _notes(found: Caseload) -> tuple[str, ...]:
    return (*found.notes, *map(str, found.open))


def _reports(found: Caseload) -> document.Report:
    question = found.question
    reports = [one.report for one in found.judged]
    invalid = [
        document.Invalid(one.place, one.reference, one.reasons, one.kept) for one in found.invalid
    ]
    document_ = shaped(question.on, found.engine, question.book, reports, _notes(found), invalid)
    return evolve(document_, by=question.by, groups=_groups(found))


def _groups(found: Caseload) -> dict[str, document.Group]:
    return {name: _group(found, counts) for name, counts in found.groups.items()}


def _group(found: Caseload, counts: Counts) -> document.Group:
    stages = counts.stages if found.question.area.stages else {}
    return document.Group(
        cases=counts.cases,
        summary=counts.by_rule,
        stages={name or Outcome.CANNOT_TELL.value: number for name, number in stages.items()},
        most_serious={word or "nothing": number for word, number in counts.worst.items() if number},
    )


def _counts(found: Caseload) -> document.Caseload:
    question, every = found.question, _group(found, found.counts)
    reports = [one.report for one in found.cases]
    return document.Caseload(
        on=question.on,
        engine=found.engine,
        rulebook=rulebook_used(question.book, question.book.on(question.on).replaced),
        area=question.area.name,
        cases=every.cases,
        summary=every.summary,
        stages=every.stages,
        most_serious=every.most_serious,
        reasons=found.counts.reasons,
        rules=rules_of(reports),
        remarks=remarks_of([question.area]),
        notes=_notes(found),
        assumed=plain(question.assuming),
        most_urgent=tuple(one.entry() for one in reports),
        by=question.by,
        groups=_groups(found),
    )
