"""A report of findings. Everything beyond the outcomes is computed when it is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time
from decimal import Decimal
from functools import cached_property
from operator import attrgetter
from types import NoneType
from typing import Any, cast

import attrs
from attrs import define, field

from probation_rules import document as shapes
from probation_rules import notebook
from probation_rules.areas import missing_extras
from probation_rules.engines import NO_STAGE, NOT_APPLICABLE, OUTCOMES, Codes, Outcome
from probation_rules.engines.python import compile_values
from probation_rules.errors import UnknownRule, did_you_mean
from probation_rules.json_text import json_text
from probation_rules.language.english import say, unscaled
from probation_rules.language.interpret import Bounds, Interpreter
from probation_rules.put_right import smallest_changes
from probation_rules.rulebook.book import Rulebook
from probation_rules.rulebook.model import Area, Citation, Facts, Rule, Severity
from probation_rules.rulebook.toml_schema import Basis
from probation_rules.rulebook.validity import interpreter_for

BETWEEN_REASONS = "; "  # where one cell of a CSV has all the reasons why a case is invalid
# Where a cell of a CSV begins, also in a spreadsheet that parts cells by other signs than a comma,
# and then a sign that makes a formula of it: the wide ones do too.
LIKE_A_FORMULA = '((?:^|[;\t\r\n])[\\s"]*)([=+\\-@\uff1d\uff0b\uff0d\uff20])'


# Findings with these outcomes are the same on all cases, if nothing is assumed.
_SAME_FOR_ALL = (Outcome.NOT_APPLICABLE, Outcome.MET)


# Without slots, here and elsewhere, so that cached properties keep their docstrings.
@define(slots=False)
class Finding:
    """One rule's outcome on one case. Everything but the outcome is computed on request.

    Two findings are equal if they have the same rule and their reports are equal.

    Attributes:
        rule: The rule's id.
        outcome: `met`, `not_met`, `cannot_tell` or `not_applicable`.
        wording: The wording of the rule that is in force.
    """

    rule: str
    outcome: Outcome
    wording: Rule = field(repr=False, eq=False)
    _report: Report = field(repr=False)

    def __hash__(self) -> int:
        return hash((self.rule, self.outcome))

    def __reduce__(self) -> tuple[Any, ...]:
        """Return how a copy is made: from a copy of the report."""
        return Report.finding, (self._report, self.rule)

    @property
    def title(self) -> str:
        """The title of the rule, a sentence."""
        return self.wording.title

    @property
    def basis(self) -> Basis:
        """The basis of the rule, such as statute or national policy."""
        return self.wording.basis

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The sources of the rule."""
        return self.wording.citations

    @property
    def severity(self) -> Severity | None:
        """`breach` or `advisory` if the rule is `not_met`; otherwise ``None``."""
        return self.wording.severity if self.outcome is Outcome.NOT_MET else None

    @property
    def remedy(self) -> str | None:
        """The remedy if the rule is `not_met`; otherwise ``None``."""
        return self.wording.remedy if self.outcome is Outcome.NOT_MET else None

    @cached_property
    def needs(self) -> tuple[str, ...]:
        """The unknown facts and parameters that a `cannot_tell` depends on; otherwise empty."""
        if self.outcome is not Outcome.CANNOT_TELL:
            return ()
        interpreter, wording = self._report.interpreter, self.wording
        waiting = interpreter.value(wording.gate) is None
        return interpreter.needs(wording.gate if waiting else wording.lowered_condition)

    @property
    def message(self) -> str:
        """The finding in one sentence."""
        match self.outcome:
            case Outcome.MET:
                return self.wording.met
            case Outcome.NOT_MET:
                return self.wording.not_met.format_map(_Said(self._report))
            case Outcome.CANNOT_TELL:
                return "; ".join([f"needs {', '.join(self.needs)}", *self._to_install])
        return "does not apply to this case on this day"

    @property
    def _to_install(self) -> tuple[str, ...]:
        """The missing extras that a needed fact cannot be computed without."""
        area = self._report.area
        facts = [area.facts[name] for name in self.needs if name in area.facts]
        return missing_extras(area.name) if any(fact.computed_from for fact in facts) else ()

    @property
    def facts(self) -> Mapping[str, Any]:
        """The facts that the rule uses, input and derived, with their values."""
        facts = self._report.facts
        return {name: facts[name] for name in self.wording.facts}

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The policy figures that the rule uses, each with its value on the date that decides."""
        figures = self._report.figures
        return {name: figures[name] for name in self.wording.figures}

    @property
    def assumed(self) -> tuple[str, ...]:
        """The assumed facts without which the outcome would be `cannot_tell`."""
        assuming, wording = self._report.assuming, self.wording
        if not assuming or self.outcome is Outcome.CANNOT_TELL:
            return ()
        before = self._report.unassumed
        gate = before.value(wording.gate)
        waiting = wording.gate if gate is None else wording.lowered_condition
        if gate is False or before.value(waiting) is not None:
            return ()
        return tuple(name for name in before.needs(waiting) if name in assuming)

    @cached_property
    def changes(self) -> tuple[str, ...]:
        """The smallest changes to the members after which the rule would be met.

        Empty if the rule does not count members, or if no small change is enough.
        """
        if self.outcome is not Outcome.NOT_MET or self._report.area.members is None:
            return ()
        return smallest_changes(self._report.area, self.wording, self._report.interpreter)

    def entry(self) -> shapes.Finding:
        """Return this finding's part of a JSON document."""
        if self.outcome in _SAME_FOR_ALL and not self._report.assuming:
            made = self.wording.made
            if self.outcome not in made:
                made[self.outcome] = self._entry()
            return cast("shapes.Finding", made[self.outcome])
        return self._entry()

    def _entry(self) -> shapes.Finding:
        return shapes.Finding(
            rule=self.rule,
            wording=self.wording.from_,
            outcome=self.outcome,
            severity=self.severity,
            needs=self.needs,
            message=self.message,
            assumed=self.assumed,
            changes=self.changes,
        )

    @property
    def _cells(self) -> tuple[str, ...]:
        """The finding as a row of a table in a notebook."""
        message = notebook.text(self.message)
        message += "".join(f"<br>put right by: {notebook.text(one)}" for one in self.changes)
        rule, outcome = notebook.text(self.rule), notebook.outcome(self.outcome, self.severity)
        return outcome, f"<code>{rule}</code>", message, notebook.sources(self.citations)

    def _repr_html_(self) -> str:
        """Return what a notebook shows: outcome, reason, remedy, needs and sources."""
        rule = f"{notebook.text(self.title)} (<code>{notebook.text(self.rule)}</code>)"
        return notebook.pairs(
            [
                ("rule", rule),
                ("outcome", notebook.outcome(self.outcome, self.severity)),
                ("message", notebook.text(self.message)),
                ("what to do", notebook.text(self.remedy or "")),
                ("put right by", "<br>or ".join(map(notebook.text, self.changes))),
                ("assumed", notebook.text(", ".join(self.assumed))),
                ("basis", notebook.text(self.basis.value)),
                ("source", notebook.sources(self.citations)),
            ]
        )


@define(slots=False)
class Report:
    """All findings on one case, as `check` returns them.

    Two reports are equal if their case, day, engine, assumptions, rulebook and outcomes are equal. A
    report can be pickled and copied, and so is its rulebook.

    Attributes:
        case: The case, with assumptions filled in.
        on: The day asked about.
        engine: The engine that decided.
        assuming: The assumed values that replaced unknown facts of this case.
        area: The area's rules.
        book: The rulebook.
        prepared: The facts as engines read them, including those that the area prepares.
        place: The place of the case in its file, if it was read from a file.
        kept: The cells of the file that go with the case and are not judged, by header.
    """

    case: Any
    on: date
    engine: str
    assuming: Mapping[str, Any]
    area: Area = field(repr=False, eq=attrgetter("name"))
    book: Rulebook = field(repr=False)
    _codes: Codes = field(repr=False)
    prepared: Any = field(repr=False, eq=False)
    place: str | None = None
    kept: Mapping[str, str] = field(factory=dict, repr=False)

    def __hash__(self) -> int:
        return hash((self.area.name, self.on, self._codes))

    def __reduce__(self) -> tuple[Any, ...]:
        """Return how a copy is made: from everything but the area and the cached properties."""
        question = (self.case, self.on, self.engine, self.assuming)
        return _report, (question, self.area.name, self.book, self._codes, self.place, self.kept)

    @property
    def reference(self) -> str | None:
        """The caller's label for the case."""
        return cast("str | None", self.case.reference)

    def outcome(self, rule: str) -> Outcome:
        """Return a rule's outcome.

        Raises:
            UnknownRule: The area has no rule of that id.
        """
        return OUTCOMES[self._code(rule)[0]]

    def finding(self, rule: str) -> Finding:
        """Return a rule's finding.

        Raises:
            UnknownRule: The area has no rule of that id.
        """
        code, wording = self._code(rule)
        return Finding(rule, OUTCOMES[code], wording, self)

    @property
    def notes(self) -> Mapping[str, str]:
        """Texts that the caller gave or the area prepared. They are shown, and no rule uses them."""
        judged = self.area.judged
        names = [name for name in _names(type(self.case)) if name not in judged]
        texts = {name: getattr(self.case, name) for name in names}
        if isinstance(self.prepared, Facts):
            texts |= {k: v for k, v in self.prepared.prepared.items() if k not in judged}
        return {name: text for name, text in texts.items() if text is not None}

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding, in the order of the rulebook."""
        return tuple(self.finding(rule) for rule in self.area.wordings)

    @property
    def breaches(self) -> tuple[Finding, ...]:
        """Findings of `must` rules that are not met."""
        return tuple(one for one in self.findings if one.severity is Severity.BREACH)

    @property
    def advisories(self) -> tuple[Finding, ...]:
        """Findings of `should` rules that are not met."""
        return tuple(one for one in self.findings if one.severity is Severity.ADVISORY)

    @property
    def unknown(self) -> tuple[Finding, ...]:
        """Findings with the outcome `cannot_tell`."""
        return tuple(one for one in self.findings if one.outcome is Outcome.CANNOT_TELL)

    @property
    def replaced(self) -> Mapping[str, str]:
        """The rules that local rules replace in this case, each with its replacement."""
        return {
            cast("str", rule.replaces): rule.id
            for rule in self.area.replacements
            if self.interpreter.value(rule.in_force_condition) is not False
        }

    @property
    def stage(self) -> str | None:
        """The stage of the case; ``None`` if it is unknown or the area has no stages."""
        place = self._codes[-1]
        return None if place == NO_STAGE else tuple(self.area.stages)[place]

    @property
    def stage_needs(self) -> tuple[str, ...]:
        """The unknown facts and parameters that the stage depends on; empty if it is known."""
        if self.stage is not None:
            return ()
        return self.interpreter.needs(*(stage.lowered for stage in self.area.stages.values()))

    @cached_property
    def facts(self) -> Mapping[str, Any]:
        """Input and derived facts by name, without parameters.

        ``None`` means that the value is unknown or, if `absent` names the fact, does not exist.
        """
        every = self.values
        shown = {name: every[name] for name in self.area.values}
        for name, places in self.area.decimals.items():
            if shown[name] is not None:
                shown[name] = unscaled(shown[name], places)
        return shown

    @cached_property
    def absent(self) -> tuple[str, ...]:
        """The facts that do not exist for this case, such as the last day of an order without one.

        Their value in `facts` is ``None``, like that of unknown facts.
        """
        optional = self.area.optional.items()
        return tuple(name for name, exists in optional if self.values[exists] is False)

    @cached_property
    def figures(self) -> Mapping[str, Any]:
        """The area's policy figures, each with its value on the date that decides."""
        return {
            name: value if value is None else one.shown(value)
            for name, one in self.area.parameters.items()
            for value in [self.values[name]]
        }

    def to_dict(self) -> dict[str, Any]:
        """Return the report as one JSON document; see `document` for many reports."""
        return document([self])

    def to_json(self, *, indent: int | None = 2) -> str:
        """Return the report as JSON text."""
        return json_text(shaped(self.on, self.engine, self.book, [self]), indent)

    def entry(self) -> shapes.Entry:
        """Return this case's part of a JSON document."""
        return shapes.Entry(
            area=self.area.name,
            reference=self.reference,
            place=self.place,
            kept=self.kept,
            case=self.given,
            stage=self.stage,
            stage_needs=self.stage_needs,
            assumed=plain(self.assuming),
            facts=plain(self.facts),
            absent=self.absent,
            figures=plain(self.figures),
            findings=tuple(one.entry() for one in self.findings),
            notes=self.notes,
        )

    @property
    def given(self) -> dict[str, Any]:
        """The case as the caller gave it, before assumptions, as JSON-shaped values.

        `case_from` returns the same case, so that a stored report can be replayed.
        """
        given = known_fields(self.case).items()
        return {name: value for name, value in given if name not in self.assuming}

    def __str__(self) -> str:
        """Return the report as text: the stage, and every finding that applies."""
        book = self.book
        day = say(self.on, self.area.facts["on"].type)
        lines = [f"{self.area.title}: {self.reference or 'no reference'}, on {day}"]
        if self.area.stages:
            stage = self.stage or f"cannot tell (needs {', '.join(self.stage_needs)})"
            lines.append(f"  stage: {stage.replace('_', ' ') if self.stage else stage}")
        lines += [
            f"  local rulebook: {one.region}: {one.title}, version {one.version}"
            for one in book.local
        ]
        lines += [f"  local rule: {new} replaces {old}" for old, new in self.replaced.items()]
        lines += [f"  assumed: {name} is {self._say(name)}" for name in self.assuming]
        for one in self.findings:
            if one.outcome is Outcome.NOT_MET:
                lines.append(f"  {one.wording.severity.kind} not met: {one.rule}: {one.message}")
                lines += [f"    put right by: {change}" for change in one.changes]
            elif one.outcome is not Outcome.NOT_APPLICABLE:
                lines.append(f"  {one.outcome.replace('_', ' ')}: {one.rule}: {one.message}")
        lines += [f"  note: {name}: {text}" for name, text in self.notes.items()]
        lines += [f"  not asked here: {one.id}: {one.text}" for one in self.area.remarks]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the same parts."""
        area = self.area
        title = f"{area.title}: <bdi>{notebook.text(self.reference or 'no reference')}</bdi>"
        lines = [f"<p><b>{title}</b>, on {notebook.day(self.on)}</p>"]
        if area.stages:
            needs = f"cannot tell (needs {', '.join(self.stage_needs)})"
            stage = (self.stage or "").replace("_", " ") or needs
            lines.append(f"<p>Stage: {notebook.text(stage)}</p>")
        shown = [one for one in self.findings if one.outcome is not Outcome.NOT_APPLICABLE]
        heads = ("outcome", "rule", "message", "source")
        lines.append(notebook.table(heads, (one._cells for one in shown)))  # noqa: SLF001 (same module)
        given = [f"assumed: {name} is {self._say(name)}" for name in self.assuming]
        notes = [f"note: {name}: {text}" for name, text in self.notes.items()]
        remarks = [f"not asked here: {one.id}: {one.text}" for one in area.remarks]
        lines += [
            notebook.bullets([*given, *notes, *remarks]),
            notebook.basis(self.book, area, self.replaced, self.engine),
        ]
        return notebook.joined(lines)

    # --- computed on request -----------------------------------------------------------------

    @cached_property
    def values(self) -> dict[str, Any]:
        """Every fact and parameter by name, as the engines see them."""
        return compile_values(self.area)(self.prepared, self.on)

    @cached_property
    def interpreter(self) -> Interpreter:
        """The reference interpreter over the case, which finds the needs. It uses `values`."""
        return interpreter_for(self.area, self.prepared, self.on, self.values)

    @cached_property
    def unassumed(self) -> Interpreter:
        """The reference interpreter over the case without the assumptions."""
        empty = dict.fromkeys(self.assuming)
        before = self.area.facts_of(attrs.evolve(self.case, **empty))
        return interpreter_for(self.area, before, self.on)

    def _code(self, rule: str) -> tuple[int, Rule]:
        """Return the code of a rule, and the wording in force."""
        codes, places = self._codes, self.area.wordings.get(rule)
        if places is None:
            hint = did_you_mean(rule, self.area.wordings)
            raise UnknownRule(f"{self.area.name} has no rule `{rule}`{hint}")
        for place in places:
            if codes[place] != NOT_APPLICABLE:
                break
        return codes[place], self.area.rules[place]

    def _say(self, name: str) -> str:
        area = self.area
        kind = (area.facts.get(name) or area.parameters.get(name) or area.derived[name].node).type
        value = self.values[name]
        if name in self.absent:
            return "none"
        if value is None and name in area.derived:
            found = self.interpreter.value(area.derived[name].lowered)
            if isinstance(found, Bounds):
                return f"between {say(found.low, kind)} and {say(found.high, kind)}"
        return say(value, kind)


def _report(
    question: tuple[Any, date, str, Mapping[str, Any]], area: str, book: Rulebook, codes: Codes,
    place: str | None, kept: Mapping[str, str],
) -> Report:  # fmt: skip
    """Return a report that was pickled or copied."""
    rules = book.area(area)
    return Report(*question, rules, book, codes, rules.facts_of(question[0]), place, kept)


class _Said(dict[str, str]):
    """The values for a message, each computed only if the message names it."""

    def __init__(self, report: Report) -> None:
        super().__init__()
        self.report = report

    def __missing__(self, name: str) -> str:
        return self.report._say(name)  # noqa: SLF001 (part of the same module)


def document(reports: Iterable[Report], notes: Iterable[str] = ()) -> dict[str, Any]:
    """Return many reports as one JSON document.

    Args:
        reports: Reports of one call, or of calls that share day, engine and rulebook; at least one.
        notes: What a reader said about the file, in sentences.
    """
    found = list(reports)
    first = found[0]
    return shapes.plain(shaped(first.on, first.engine, first.book, found, notes))


def shaped(
    on: date,
    engine: str,
    book: Rulebook,
    reports: Sequence[Report],
    notes: Iterable[str] = (),
    invalid: Iterable[shapes.Invalid] = (),
) -> shapes.Report:
    """Return the document of any number of reports.

    Args:
        on: The day asked about.
        engine: The engine.
        book: The rulebook.
        reports: Reports of that day, engine and rulebook.
        notes: What a reader said about the file, in sentences.
        invalid: The cases of the file that cannot be judged as given.
    """
    replaced = {old: new for one in reports for old, new in one.replaced.items()}
    return shapes.Report(
        on=on,
        engine=engine,
        rulebook=rulebook_used(book, replaced if reports else book.on(on).replaced),
        summary=summary(reports),
        rules=rules_of(reports),
        remarks=remarks_of(one.area for one in reports),
        notes=tuple(notes),
        assumed=plain({name: value for one in reports for name, value in one.assuming.items()}),
        reports=tuple(one.entry() for one in reports),
        invalid=tuple(invalid),
        by=None,
        groups={},
    )


def rulebook_used(book: Rulebook, replaced: Mapping[str, str]) -> shapes.RulebookUsed:
    """Return the part of a JSON document about the rulebook.

    Args:
        book: The rulebook.
        replaced: The rules that local rules replace, each with its replacement.
    """
    return shapes.RulebookUsed(
        version=book.version,
        digest=book.digest,
        local=tuple(shapes.LocalRulebook(**attrs.asdict(one)) for one in book.local),
        replaced=replaced,
        settings=plain(book.settings),
    )


def rules_of(reports: Iterable[Report]) -> dict[str, dict[str, shapes.Wording]]:
    """Return the rules that reports refer to: each wording by its rule's id and its first day."""
    used = {one.wording: None for report in reports for one in report.findings}
    rules: dict[str, dict[str, shapes.Wording]] = {}
    for rule in used:
        if _WORDING not in rule.made:
            rule.made[_WORDING] = _wording(rule)
        rules.setdefault(rule.id, {})[rule.from_.isoformat()] = rule.made[_WORDING]
    return rules


def remarks_of(areas: Iterable[Area]) -> tuple[shapes.Remark, ...]:
    """Return the remarks of some areas, each once."""
    found = dict.fromkeys(remark for area in areas for remark in area.remarks)
    return tuple(shapes.Remark(one.id, one.text) for one in found)


def _wording(rule: Rule) -> shapes.Wording:
    return shapes.Wording(
        title=rule.title,
        severity=rule.severity,
        remedy=rule.remedy,
        basis=rule.basis,
        notes=rule.notes,
        citations=tuple(
            shapes.Citation(
                one.source.title, one.source.publisher, one.source.address, one.at, one.checked
            )
            for one in rule.citations
        ),
        facts=rule.facts,
        figures=rule.figures,
    )


def summary(reports: Iterable[Report]) -> dict[str, dict[Outcome, int]]:
    """Return how many cases have each outcome, by rule."""
    counts: dict[str, dict[Outcome, int]] = {}
    for report in reports:
        for rule in report.area.wordings:
            found, outcome = counts.setdefault(rule, {}), report.outcome(rule)
            found[outcome] = found.get(outcome, 0) + 1
    return counts


_WORDING = "wording"  # the key in `Rule.made`
_JSON_TYPES = (str, int, bool, NoneType)


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as JSON values: dates as YYYY-MM-DD, exact decimals as text."""
    return {
        name: value if type(value) in _JSON_TYPES else _plain(value)
        for name, value in values.items()
    }


def known_fields(record: Any) -> dict[str, Any]:
    """Return the known fields of a case, a member or a record, as JSON values."""
    names = _names(type(record)) or list(
        vars(record)
    )  # members of an area without a class of its own
    values = {name: getattr(record, name) for name in names}
    return {name: _field(value) for name, value in values.items() if value is not None}


def _names(record_type: type) -> list[str]:
    return [one.name for one in getattr(record_type, "__attrs_attrs__", ())]


def _field(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [known_fields(one) for one in value]
    if hasattr(value, "__attrs_attrs__"):
        return known_fields(value)
    return value.isoformat() if isinstance(value, time) else _plain(value)


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
