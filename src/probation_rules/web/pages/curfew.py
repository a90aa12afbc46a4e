"""The page about one curfew variation: may the officer make it, what is missing and who acts next.

Questions come in the order in which an officer has the facts, a few at a time. A question is asked only
while its answer can change the result: the page asks what the report needs, and keeps what was given.
All answers travel in the form.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import evolve, fields_dict, frozen

from probation_rules import CurfewSteps, CurfewVariation, Step
from probation_rules._check import check
from probation_rules.caseload.answered import Answered
from probation_rules.errors import CaseError, Problem
from probation_rules.language.tree import names as names_in
from probation_rules.report import Finding, Report
from probation_rules.rulebook.model import Area
from probation_rules.web.pages.answer import Answer, fact_of
from probation_rules.web.pages.curfew_week import TITLES, Row, Weeks
from probation_rules.web.pages.forms import Field, Form
from probation_rules.web.pages.site import Asked, Page

AREA = "curfew-variation"
STEPS = tuple(fields_dict(CurfewSteps))
# The questions, in the order in which an officer has the facts. Every fact of the area is in one group.
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("The order and the conviction", (
        "order_type", "adult", "convicted_on", "order_made_on", "order_in_force",
        "has_curfew_requirement", "first_effect_on", "curfew_ends_on", "has_monitoring_requirement",
    )),
    ("The change of circumstances and consent", ("circumstances_changed", "person_consents")),
    ("The week as it is and as proposed", (*TITLES, "boundary_changes", "monitoring_would_differ")),
    ("The new place", (
        "residence_requirement_conflicts", "place_information_considered", "safeguarding_checked",
        "domestic_abuse_checked", "householder_consents",
    )),
    ("The steps done so far", tuple(
        name
        for step in STEPS
        for name in (
            f"{step}_done", f"{step}_on", *(["consent_evidence_sent"] if step == "court_notice" else [])
        )
    )),
)  # fmt: skip
DO, REACHED = "do", "reached"  # the fields of the buttons, and of the last group that was asked
ALL, ROWS = "all", "rows"  # what a button does, besides going on
MORE_ROWS = 2
ROUTE = "route"  # the fact that gives who may make the change
PROCESS = "curfew.steps-in-order"  # the rule with the sources of the steps


@frozen
class Group:
    """Some questions that are asked together.

    Attributes:
        title: What they are about.
        fields: The questions.
        rows: The rows of both weeks, if they are asked here.
        is_new: Whether they are asked for the first time.
    """

    title: str
    fields: Sequence[Field]
    rows: Sequence[Row]
    is_new: bool

    @property
    def names(self) -> Iterator[str]:
        """The names of the facts that are asked."""
        yield from (one.name for one in self.fields)
        yield from TITLES if self.rows else ()


@frozen
class Questions:
    """What to ask about a case, given what is known.

    Attributes:
        form: The form.
        weeks: The rows of the two weeks.
        area: The area.
        needs: The facts that can change the result; ``None`` if the case cannot be judged.
        reached: The last group to ask.
        is_new: Whether something is asked for the first time.
    """

    form: Form
    weeks: Weeks
    area: Area
    needs: frozenset[str] | None
    reached: int = 0
    is_new: bool = True

    def moved_on(self) -> Questions:
        """Return the questions after a button was pressed: with the next group, if one is waiting."""
        typed, wanted = self.form.text(REACHED), self.form.text(DO)
        before = int(typed) if typed in map(str, range(len(GROUPS))) else 0
        later = [number for number in self.waiting if number > before]
        if wanted == ROWS or not later:
            return evolve(self, reached=before, is_new=wanted == ROWS)
        return evolve(self, reached=later[-1] if wanted == ALL else later[0])

    @property
    def waiting(self) -> list[int]:
        """The groups with a question that has no answer yet and can change the result."""
        needs = self.needs or frozenset()
        return [
            number
            for number, (_, names) in enumerate(GROUPS)
            if any(name in needs and not self._is_given(name) for name in names)
        ]

    def groups(self) -> Iterator[Group]:
        """Yield the groups with the questions to ask in each."""
        facts, more = self.area.facts, MORE_ROWS if self.form.text(DO) == ROWS else 0
        for number, (title, names) in enumerate(GROUPS):
            asked = [name for name in names if self._is_asked(name, number)]
            if asked:
                fields = [self.form.field(facts[name]) for name in asked if name not in TITLES]
                rows = [*self.weeks.rows(more)] if any(name in TITLES for name in asked) else []
                yield Group(title, fields, rows, self.is_new and number == self.reached)

    def _is_given(self, name: str) -> bool:
        return self.weeks.has(name) if name in TITLES else bool(self.form.text(name))

    def _is_asked(self, name: str, group: int) -> bool:
        if self._is_given(name):
            return True
        if self.needs is None:  # as before, so that nothing comes or goes while something is wrong
            return self.weeks.is_on_page if name in TITLES else name in self.form.typed
        return name in self.needs and group <= self.reached


def view(asked: Asked) -> str:
    """Answer a request for the page."""
    area = asked.book.area(AREA)
    form = asked.form()
    weeks = Weeks(form, area)
    report = _report(asked, form, weeks)
    questions = Questions(form, weeks, area, None if report is None else needs(report))
    if asked.is_sent:
        questions = questions.moved_on()
    groups, answer = [*questions.groups()], None
    if report is not None and asked.is_sent and not questions.is_new:
        answer = Answer(Answered(report), [name for group in groups for name in group.names])
    return asked.render(
        "curfew.html",
        form=form,
        day_field=form.day_field(),
        reference=form.reference_field(area),
        groups=groups,
        reached=questions.reached,
        has_more=questions.reached < max(questions.waiting, default=-1),
        place_hint=area.records["current"].facts["place"].about,
        answer=answer,
        own=area.spec.load("page:variation")(answer.one) if answer else None,
        deciding=deciding(answer.report) if answer else (),
        way=[*answer.lacking(answer.report.stage_needs)] if answer else (),
        process=answer.report.finding(PROCESS) if answer else None,
    )


def needs(report: Report) -> frozenset[str]:
    """Return the facts that can change the result.

    If the officer surely may not make the change, only the way that it goes is still of interest.
    """
    is_elsewhere = report.facts["next_step"] == "none"
    paths = report.stage_needs if is_elsewhere else Answered(report).needs
    return frozenset(fact.name if (fact := fact_of(report.area, path)) else path for path in paths)


def deciding(report: Report) -> tuple[Finding, ...]:
    """Return the findings that decide who may make the change, those not met first.

    They use only facts that the route uses. Once the route is known, findings that cannot tell are left out.
    """
    uses = _uses(report.area, ROUTE)
    order = ("not_met", *(["cannot_tell"] if report.stage is None else []), "met")
    found = [
        one
        for one in report.findings
        if one.outcome in order and uses.issuperset({*one.wording.facts} - {"on"})
    ]
    return tuple(sorted(found, key=lambda one: order.index(one.outcome)))


def _uses(area: Area, name: str) -> frozenset[str]:
    """Return the names that the definition of a fact uses, and those that these use."""
    found, left = {name}, [name]
    while left:
        one = left.pop()
        more = {*names_in(area.derived[one].node)} - found if one in area.derived else set()
        found |= more
        left += more
    return frozenset(found)


def _report(asked: Asked, form: Form, weeks: Weeks) -> Report | None:
    """Return the report on what was typed; ``None`` if something is wrong with it."""
    area = asked.book.area(AREA)
    if not (asked.is_sent or form.text("on")):
        return None
    on, reference = form.day(area), form.reference()
    values = form.facts(area.input_facts)
    steps = form.facts({name: fact for name, fact in area.facts.items() if name in GROUPS[-1][1]})
    weeks.read()
    if form.errors or on is None:
        return None
    case = CurfewVariation(
        reference=reference,
        current=weeks.current,
        proposed=weeks.proposed,
        steps=_steps(steps),
        **values,
    )
    try:
        return check(case, on=on, rulebook=asked.book)
    except CaseError as error:
        placed = [_placed(area, weeks, one) for one in error.problems]
        form.add(placed, [*area.facts, *TITLES, *form.typed])
        return None


def _steps(values: Mapping[str, Any]) -> CurfewSteps | None:
    """Return the steps that are known, each in part at least; ``None`` without such a step."""
    found = {name: Step(done=values[f"{name}_done"], on=values[f"{name}_on"]) for name in STEPS}
    known = {name: step for name, step in found.items() if step != Step()}
    return CurfewSteps(**known) if known else None


def _placed(area: Area, weeks: Weeks, problem: Problem) -> Problem:
    """Return a problem with the name of its field as its place."""
    found = weeks.place(problem)
    fact = fact_of(area, found.path.removeprefix("$."))
    return found if fact is None else Problem(found.text, fact.name)


PAGE = Page(
    "/curfew-variation",
    view,
    title="One curfew variation",
    about="Give the order, the change and both weeks. See who may make the change, what is missing and who acts next.",
    sends=True,
)
