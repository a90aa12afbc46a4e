"""The columns and order of a list of PODs."""

from __future__ import annotations

from probation_rules.caseload.layout import Cell, Column, Layout
from probation_rules.engines import Outcome
from probation_rules.report import Finding, Report
from probation_rules.rulebook.model import Severity

PRINCIPLES = (("1", "3"), ("4", "5"), ("6", "7"), ("8", "10"))
# Worst first: a principle shows the worst of its rules.
_MARKS = {"no": "breach", "(no)": "advisory", "?": "unknown", "met": "", "-": ""}
_OUTCOME_MARKS = {
    Outcome.CANNOT_TELL: "?",
    Outcome.MET: "met",
    Outcome.NOT_APPLICABLE: "-",
}


def _principle(number: str) -> Column:
    """The column of one of the national principles, which a rule or a few ask about."""

    def cell(report: Report) -> Cell:
        marks = {
            _mark(finding)
            for finding in report.findings
            if finding.rule.partition(".")[2].partition("-")[0] == number
        }
        worst = next((mark for mark in _MARKS if mark in marks), "")
        return Cell(worst, _MARKS.get(worst, ""))

    about = f"The outcome for national principle {number}, by the marks below."
    return Column(number, cell, about, heading=f"principle {number}")


def _mark(finding: Finding) -> str:
    if finding.outcome is Outcome.NOT_MET:
        return "no" if finding.severity is Severity.BREACH else "(no)"
    return _OUTCOME_MARKS[finding.outcome]


LAYOUT = Layout(
    one="POD",
    many="PODs",
    pairs=tuple((_principle(one), _principle(other)) for one, other in PRINCIPLES),
    marks=tuple(_MARKS),
    legend=(
        "by national principle: met; no: requirement not met; (no): advice not met; "
        "?: cannot tell; -: does not apply\n"
        "2 is asked case by case (area allocation); 9 is always met: no learner is in the mix"
    ),
)
