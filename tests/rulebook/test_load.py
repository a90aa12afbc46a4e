"""Faults in a rules file: each is refused with a message for a policy owner."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from probation_rules.errors import RulebookError
from probation_rules.language.interpret import Interpreter
from probation_rules.language.tree import Compare, Node, walk
from probation_rules.rulebook.load import MOST_CHOICES
from probation_rules.rulebook.read import LARGEST_FILE, parse_toml
from probation_rules.rulebook.toml_schema import NEVER
from support.toy import TEXT, raw, toy_area

Change = Callable[[dict[str, Any]], object]
CITE = {"source": "paper", "checked": date(2026, 1, 1)}


def problems(content: dict[str, Any]) -> list[str]:
    """Return the problems of a rules file. A good file does not have any."""
    try:
        toy_area(content)
    except RulebookError as refused:
        return [str(problem) for problem in refused.problems]
    return []


def rule(**changes: Any) -> Change:
    return lambda toy: toy["rules"]["toy.visits"].update(changes)


def fact(name: str, **changes: Any) -> Change:
    return lambda toy: toy["facts"].setdefault(name, {}).update(changes)


def parameter(name: str, **changes: Any) -> Change:
    return lambda toy: toy["parameters"].setdefault(name, {}).update(changes)


def derived(name: str, text: str, **more: Any) -> Change:
    return lambda toy: toy["derived"].update({name: {"is": text, "about": "New.", **more}})


def choice(*lines: dict[str, str]) -> Change:
    return lambda toy: toy["derived"].update(pace={"first": list(lines), "about": "Pace."})


WHEN_ENDED = {"when": "ended", "value": "kind"}


def members(**changes: Any) -> Change:
    return lambda toy: toy["members"].update(changes)


def remark(**changes: Any) -> Change:
    usual = {"title": "A sentence", "text": "asked elsewhere", "cites": [CITE]}
    return lambda toy: toy.update(remarks={"toy.2": {**usual, **changes}})


def due(name: str = "due_on", **changes: Any) -> Change:
    usual = {"label": "due day", "rule": "toy.visits", "while": "not ended"}
    return lambda toy: toy.update(due={name: {**usual, **changes}})


def without(*path: str) -> Change:
    def change(toy: dict[str, Any]) -> None:
        *outer, last = path
        for key in outer:
            toy = toy[key]
        del toy[last]

    return change


def value(day: str, number: Any, **more: Any) -> dict[str, Any]:
    return {"from": date.fromisoformat(day), "value": number, "cites": [CITE], **more}


BAD: list[tuple[Change, str, str]] = [
    # form
    (lambda toy: toy.update(rulez={}), "unknown key `rulez`; did you mean `rules`?", "$"),
    (rule(remedy=5), "must be text", "remedy"),
    (fact("kind", type="word"), "must be one of bool, int, decimal", "facts['kind'].type"),
    (rule(basis="law"), "must be one of statute, national-policy", "basis"),
    (rule(cites=[{"source": "paper"}]), "`checked` is missing", "cites[0].checked"),
    (lambda toy: toy.update(sources=3), "this has the wrong structure", "sources"),
    (lambda toy: toy.update(rules=3), "this has the wrong structure", "rules"),
    (lambda toy: toy.update(month_end="roll"), "`roll` is unknown; write `clamp`", "month_end"),
    (
        parameter("slack", values=[value("2020-01-01", [1])]),
        "must be a number, a date, true or false, or a word",
        "value",
    ),
    (without("month_end"), "it is missing; write `clamp`", "month_end"),
    (without("title"), "`title` is missing", "title"),
    (without("prefix"), "`prefix` is missing", "prefix"),
    # names
    (fact("Ended", type="bool", about="A."), "small letters, digits and _", "facts.Ended"),
    (fact("class", type="bool", about="A."), "is a reserved word", "facts.class"),
    (fact("t_x", type="bool", about="A."), "is a reserved word", "facts.t_x"),
    (fact("visits_lo", type="bool", about="A."), "is a reserved word", "visits_lo"),
    (fact("slack", type="bool", about="A."), "is already in [facts]", "parameters.slack"),
    (fact("members", type="bool", about="A."), "is already in [facts]", "members.members"),
    (without("facts", "on"), "the fact `on`, the day asked about, is missing", "facts"),
    # facts
    (fact("visits", min=None), "`min` and `max` are missing", "facts.visits"),
    (fact("visits", min=Decimal("1.5")), "`1.5` is not an allowed int", "facts.visits"),
    (fact("ended", min=1), "`1` is not an allowed bool", "facts.ended"),
    (fact("visits", min=60), "`min` is above `max`", "facts.visits"),
    (fact("visits", unit=None), "`unit` is missing", "facts.visits"),
    (fact("visits", unit="visit"), "unknown unit `visit`", "facts.visits"),
    (fact("kind", values=["light"]), "two or more words", "facts.kind"),
    (fact("ended_on", only_if=None), "give `only_if`", "facts.ended_on"),
    (fact("ended_on", only_if="visits"), "must name a true-or-false fact", "facts.ended_on"),
    (fact("ended_on", only_if="finished"), "must name a true-or-false fact", "facts.ended_on"),
    (fact("spare", type="bool", about="A."), "`spare` is not used", "facts.spare"),
    (
        lambda toy: toy["members"]["facts"].update(spare={"type": "bool", "about": "A."}),
        "`spare` is not used",
        "members.facts.spare",
    ),
    (
        lambda toy: toy["members"]["facts"].update(
            left_on={
                "type": "date",
                "about": "A.",
                "only_if": "settld",
                "min": date(2020, 1, 1),
                "max": date(2100, 1, 1),
            }
        ),
        "must name a true-or-false fact",
        "members.facts.left_on",
    ),
    (
        fact("kind", computed_from=["visits"], default="light"),
        "cannot have a `default`",
        "facts.kind",
    ),
    # members
    (members(least=21), "`least` must be from 0 to `most`", "members"),
    (members(least=-1), "`least` must be from 0 to `most`", "members"),
    (without("members", "least"), "`least` is missing", "members"),
    (
        members(kinds={"helper": {"grad": "lead"}}),
        "unknown fact `grad`; did you mean `grade`?",
        'members.kinds."helper"',
    ),
    (
        members(kinds={"helper": {"grade": "led"}}),
        "this word is not allowed; did you mean `lead`?",
        'members.kinds."helper"',
    ),
    (
        members(kinds={"helper": {"share": Decimal("0.55")}}),
        "it must be a number from 0.1 to 1.0",
        'members.kinds."helper"',
    ),
    # remarks
    (remark(cites=[]), "a remark needs a source: add at least one citation", 'remarks."toy.2"'),
    (
        remark(cites=[{**CITE, "source": "papr"}]),
        "unknown source `papr`; did you mean `paper`?",
        'remarks."toy.2"',
    ),
    (remark(text=7), "must be text", "text"),
    # due days
    (due(whil="ended"), "unknown key `whil`; did you mean `while`?", "due['due_on']"),
    (lambda toy: toy.update(due={"due_on": {"label": "A day"}}), "`while` is missing", "while"),
    (due(label=7), "must be text", "label"),
    (due("due_no"), "`due_no` is not a derived fact with a date; did you mean `due_on`?", "due_no"),
    (due("learners"), "`learners` is not a derived fact with a date", "due.learners"),
    (due("started_on"), "`started_on` is not a derived fact with a date", "due.started_on"),
    (
        due("closing_day"),
        "is not a derived fact with a date; use the name of a date in [derived]",
        "due.closing_day",
    ),
    (due(label=""), "must be one line of text", "due.due_on.label"),
    (
        due(label="two\nlines"),
        "must be one line of text, with 1 to 200 characters",
        "due.due_on.label",
    ),
    (
        due(label="x" * 201),
        "must be one line of text, with 1 to 200 characters",
        "due.due_on.label",
    ),
    (
        due(rule="toy.vists"),
        "`toy.vists` is not a rule in this area; did you mean `toy.visits`?",
        "due_on.rule",
    ),
    (due(**{"while": "not endd"}), "did you mean `ended`?", "due.due_on.while"),
    (due(**{"while": "visits"}), "a true-or-false condition is needed here", "due.due_on.while"),
    (due(**{"while": "visits > 3"}), "a figure needs a source", "due.due_on.while"),
    (
        due(**{"while": "slack + slack > slack"}),
        "this does not use a fact of the case",
        "due.due_on.while",
    ),
    (
        due(**{"while": "not ended and " * 40 + "ended"}),
        "longer than 500 characters",
        "due.due_on.while",
    ),
    # parameters
    (parameter("slack", min=None), "may set needs `min` and `max`", "parameters.slack"),
    (parameter("reading", type="time"), "a figure cannot be a time", "parameters.reading"),
    (parameter("reading", cites=[]), "cite the source that leaves it open", "parameters.reading"),
    (parameter("reading", words=["one"]), "two or more words", "parameters.reading"),
    (parameter("reading", values=[value("2020-01-01", "x")]), "is not an allowed code", "reading"),
    (parameter("slack", values=[]), "an open parameter needs `cites`", "parameters.slack"),
    (
        parameter("months_allowed", values=[], cites=[CITE]),
        "an open parameter needs `min` and `max`",
        "parameters.months_allowed",
    ),
    (
        parameter("slack", values=[{**value("2020-01-01", Decimal("0.5")), "cites": []}]),
        "a value needs a source: add at least one citation",
        "parameters.slack, value from 2020-01-01",
    ),
    (
        parameter("slack", values=[value("2020-01-01", Decimal("0.55"))]),
        "the value from 2020-01-01 is not an allowed decimal",
        "parameters.slack",
    ),
    (
        parameter("slack", values=[value("2020-01-01", Decimal("2.5"))]),
        "outside `min` and `max`",
        "parameters.slack",
    ),
    (
        parameter("slack", values=[value("2020-01-01", 1), value("2020-01-01", 2)]),
        "two values begin on 2020-01-01",
        "parameters.slack",
    ),
    (
        parameter(
            "slack",
            values=[value("2020-01-01", 1, to=date(2021, 1, 1)), value("2021-01-01", 2)],
        ),
        "the value from 2020-01-01 overlaps the value from 2021-01-01",
        "parameters.slack",
    ),
    (
        parameter(
            "slack",
            values=[value("2020-01-01", 1, to=date(2020, 12, 30)), value("2021-01-01", 2)],
        ),
        "the days between 2020-12-30 and 2021-01-01 have no value",
        "parameters.slack",
    ),
    (
        parameter("slack", values=[value("2020-01-01", 1, to=date(2019, 1, 1))]),
        "ends before it begins",
        "parameters.slack",
    ),
    (
        parameter(
            "spare",
            type="int",
            unit="day",
            about="A.",
            basis="local",
            values=[value("2020-01-01", 1)],
        ),
        "`spare` is not used",
        "parameters.spare",
    ),
    # derived facts, assumptions, stages
    (derived("more", "visits + 1"), "`unit` is missing", "derived.more"),
    (derived("more", "visits", unit="day"), "but the formula gives `appointment`", "derived.more"),
    (derived("more", "on", unit="day"), "only a number can have a `unit`", "derived.more"),
    (
        derived("more", "visits", unit="appointment", cites=[{**CITE, "source": "papr"}]),
        "unknown source `papr`; did you mean `paper`?",
        "derived.more",
    ),
    (derived("more", "vists", unit="day"), "did you mean `visits`?", "derived.more"),
    (
        derived("more", " + ".join(["(visits if ended else visits + 1)"] * 12) + " > 1"),
        "too large: it has too many choices or levels",
        "derived.more",
    ),
    (
        lambda toy: toy["assume"]["ends_after_start"].update(at="endd_on"),
        "`at` must name a fact; did you mean `ended_on`?",
        "assume.ends_after_start",
    ),
    (
        lambda toy: toy["stages"]["over"].update(when="visits"),
        "a true-or-false condition is needed here",
        "stages.over",
    ),
    (
        lambda toy: toy["stages"]["over"].update(otherwise=True),
        "the last stage needs `otherwise = true`, and every other stage needs `when`",
        "stages.over",
    ),
    (
        lambda toy: toy["stages"].update(later={"when": "ended", "about": "Later."}),
        "the last stage needs `otherwise = true`, and every other stage needs `when`",
        "stages.running",
    ),
    (
        lambda toy: toy["stages"]["running"].update(otherwise=False, when="on <= last"),
        "the last stage needs `otherwise = true`, and every other stage needs `when`",
        "stages.running",
    ),
    (choice(), "give either `is` or `first`", "derived.pace"),
    (
        lambda toy: toy["derived"]["pace"].update({"is": "kind"}),
        "give either `is` or `first`",
        "derived.pace",
    ),
    (
        choice({"otherwise": "kind"}),
        "`first` needs one or more lines with `when`",
        "derived.pace.first[0]",
    ),
    (choice(WHEN_ENDED), "`first` needs one or more lines with `when`", "derived.pace.first[0]"),
    (
        choice(WHEN_ENDED, {"otherwise": "'a'", "when": "ended"}),
        "`first` needs one or more lines with `when`",
        "derived.pace.first[1]",
    ),
    (
        choice({"when": "ended"}, {"otherwise": "'a'"}),
        "give `when` and `value`",
        "derived.pace.first[0]",
    ),
    (
        choice({**WHEN_ENDED, "otherwise": "'a'"}, {"otherwise": "'a'"}),
        "give `when` and `value`",
        "derived.pace.first[0]",
    ),
    (
        choice({**WHEN_ENDED, "when": "visits"}, {"otherwise": "'a'"}),
        "a true-or-false condition is needed here",
        "derived.pace.first[0].when",
    ),
    (
        choice({**WHEN_ENDED, "value": "knd"}, {"otherwise": "'a'"}),
        "did you mean `kind`?",
        "derived.pace.first[0].value",
    ),
    (
        choice(WHEN_ENDED, {"otherwise": "knd"}),
        "did you mean `kind`?",
        "derived.pace.first[1].otherwise",
    ),
    (
        choice(WHEN_ENDED, {"otherwise": "visits"}),
        "a code word and a number cannot be used together",
        "derived.pace",
    ),
    (
        choice(*[WHEN_ENDED] * (MOST_CHOICES + 1), {"otherwise": "'a'"}),
        f"at most {MOST_CHOICES} choices",
        "derived.pace",
    ),
    (
        lambda toy: toy["parameters"]["slack"].update(by="startd_on"),
        "`by` must name a date in [facts]; did you mean `started_on`?",
        "parameters.slack",
    ),
    (
        lambda toy: toy["parameters"]["slack"].update(by="due_on"),
        "`by` must name a date in [facts]; dates are on, started_on, ended_on",
        "parameters.slack",
    ),
    (
        lambda toy: toy["assume"]["ends_after_start"].update(that="ended_on > startd_on"),
        "did you mean `started_on`?",
        "assume.ends_after_start",
    ),
    # rules
    (
        lambda toy: toy["rules"].update({"pod.8": toy["rules"].pop("toy.visits")}),
        "the id of a rule of this area is `toy.`",
        'rules."pod.8"',
    ),
    (rule(cites=[]), "a rule needs a source: add at least one citation", 'rules."toy.visits"'),
    (
        rule(cites=[{**CITE, "source": "papr"}]),
        "unknown source `papr`; did you mean `paper`?",
        'rules."toy.visits"',
    ),
    (rule(must="visits <= 3"), "a figure needs a source", 'rules."toy.visits".must'),
    (rule(must="vists <= 1"), "did you mean `visits`?", 'rules."toy.visits".must'),
    (
        lambda toy: (
            derived("twice", "slack + slack", unit="full-time equivalent")(toy),
            rule(must="twice > slack", not_met="No.")(toy),
        ),
        "this does not use a fact of the case",
        'rules."toy.visits".must',
    ),
    (rule(should="ended"), "give either `must` or `should`", 'rules."toy.visits"'),
    (without("rules", "toy.visits", "must"), "give either `must` or `should`", "toy.visits"),
    (rule(not_met="{kind}"), "uses `kind`, but the rule does not", "not_met"),
    (rule(not_met="{vists}"), "did you mean `visits`?", "not_met"),
    (rule(not_met="{visits.real}"), "only plain names are allowed in braces", "not_met"),
    (rule(not_met="{visits!r}"), "only plain names are allowed in braces", "not_met"),
    (rule(not_met="{visits:>9}"), "only plain names are allowed in braces", "not_met"),
    (rule(not_met="{visits"), "the message cannot be filled in", "not_met"),
    (
        rule(in_force={"from": date(2021, 1, 1), "by": "startd_on"}),
        "`by` must name a date; did you mean `started_on`?",
        "in_force",
    ),
    (rule(in_force={"from": date(2021, 1, 1), "by": "visits"}), "must name a date", "in_force"),
    (
        rule(in_force={"from": date(2021, 1, 1), "to": date(2020, 1, 1)}),
        "`to` is before `from`",
        "in_force",
    ),
    (
        lambda toy: toy["rules"]["toy.reading"][0]["in_force"].pop("to"),
        "the wording from 2020-01-01 overlaps the wording from 2022-01-01",
        'rules."toy.reading"',
    ),
    (
        lambda toy: toy["rules"]["toy.reading"][0]["in_force"].pop("by"),
        "all wordings of a rule need the same date",
        'rules."toy.reading"',
    ),
    (rule(in_force={}), "give either `from` or `from_parameter`", "in_force"),
    (
        rule(in_force={"from": date(2021, 1, 1), "from_parameter": "some_day"}),
        "give either `from` or `from_parameter`",
        "in_force",
    ),
    (
        rule(in_force={"from_parameter": "som_day"}),
        "`from_parameter` must name a parameter that is a date; did you mean `some_day`?",
        "in_force",
    ),
    (
        rule(in_force={"from_parameter": "slack"}),
        "`from_parameter` must name a parameter that is a date",
        "in_force",
    ),
    (
        rule(in_force={"from_parameter": "some_day", "by": "started_on"}),
        "can have only one wording, and not `by`",
        "in_force",
    ),
    *(
        (
            derived("gap", "days_between(due_on, ended_on)", unit="day", only_if=name),
            f"`only_if` must name a true-or-false fact above it, not `{name}`",
            "derived.gap",
        )
        for name in ("endd", "visits", "asked_later")
    ),
]


def test_a_bad_rules_file_is_refused() -> None:
    wrong = []
    for change, message, place in BAD:
        content = raw()
        change(content)
        for section in ("facts", "parameters"):
            for name, stated in content.get(section, {}).items():
                content[section][name] = {
                    key: one for key, one in stated.items() if one is not None
                }
        found = problems(content)
        if not any(message in one and place in one for one in found):
            wrong.append((message, place, found))
    assert wrong == []


def test_all_problems_are_listed_together() -> None:
    content = raw()
    for change in (
        rule(must="vists > 0"),
        fact("kind", values=["a"]),
        parameter("slack", unit="x"),
    ):
        change(content)

    assert len(problems(content)) >= 3


def test_all_problems_of_a_due_day_are_listed_once() -> None:
    content = raw()
    due(label="", rule="toy.vists", **{"while": "endd"})(content)
    content["derived"]["due_on"]["is"] = "add_months(startd_on, months_allowed)"

    found = [one for one in problems(content) if "due.due_on" in one]

    assert [one.partition("\n")[0].rpartition(" @ ")[2] for one in found] == [
        "toy.toml: due.due_on.label",
        "toy.toml: due.due_on.rule",
        "toy.toml: due.due_on.while",
    ]


def test_a_due_day_of_a_refused_rule_does_not_add_a_problem() -> None:
    content = raw()
    rule(must="vists > 0")(content)
    due()(content)

    found = problems(content)
    assert 'rules."toy.visits".must' in found[0]
    assert [one for one in found if "due.due_on" in one] == []


def test_a_caret_marks_the_fault() -> None:
    content = raw()
    rule(must="ended and vists > 0")(content)

    assert any("    ended and vists > 0\n              ^^^^^" in one for one in problems(content))


def test_a_fault_in_a_derived_fact_is_reported_once() -> None:
    content = raw()
    derived("learners", "count(members, grad == 'learner')", unit="person")(content)
    content["derived"] = {"learners": content["derived"].pop("learners"), **content["derived"]}

    found = problems(content)

    assert [one for one in found if "grad`" in one and "derived.learners" in one]
    assert not [one for one in found if "unknown name `learners`" in one]


def test_a_repeated_name_or_text_that_is_not_toml_is_refused() -> None:
    for text in ('area = "a"\narea = "b"', "[", "a = " + "[" * 5000):
        with pytest.raises(RulebookError, match="the file is not valid TOML"):
            parse_toml(text, "x.toml")


def test_a_file_that_is_too_large_is_refused() -> None:
    with pytest.raises(RulebookError, match="at most 250,000 characters are allowed"):
        parse_toml(" " * (LARGEST_FILE + 1), "x.toml")


def test_the_toy_area_has_the_content_of_its_file() -> None:
    area = toy_area()

    assert area.wordings["toy.reading"] == (7, 8)
    assert area.parameters["slack"].values[0].value == 5  # 0.5 is 5 tenths
    assert area.parameters["reading"].open
    assert area.facts["ended_on"].only_if == "ended"
    assert TEXT.count("[rules.") == len(area.rules)


def test_a_due_day_depends_on_every_wording_of_its_rule() -> None:
    (day,) = toy_area().due["due_on"]

    assert (day.fact, day.label, day.rule) == ("due_on", "due day", "toy.reading")
    first, second = walk_days(day.lowered)
    assert (first.operator, first.right.value) == ("<=", date(2021, 12, 31))
    assert (second.operator, second.right.value) == (">=", date(2022, 1, 1))


def walk_days(node: Node) -> list[Any]:
    return [one for one in walk(node) if isinstance(one, Compare) and one.right.type.kind == "date"]


def test_a_fact_that_only_a_due_day_uses_counts_as_used() -> None:
    content = raw()
    fact("spare", type="bool", about="Of a due day alone.")(content)
    due(**{"while": "not spare"})(content)

    assert "spare" in toy_area(content).input_facts


def test_a_remark_a_kind_and_a_source_of_a_derived_fact_are_loaded() -> None:
    content = raw()
    remark()(content)
    derived("more", "visits", unit="appointment", cites=[CITE])(content)
    area = toy_area(content)

    (held,) = area.remarks
    assert (held.id, held.title, held.text) == ("toy.2", "A sentence", "asked elsewhere")
    assert held.citations[0].source is area.sources["paper"]
    assert area.derived["more"].citations == held.citations
    assert area.derived["last"].citations == ()
    assert area.members is not None
    # In the form of the engines: 1.0 is 10 tenths.
    assert area.members.kinds["settled worker"] == {"grade": "worker", "settled": True, "share": 10}


def test_a_rule_begins_on_the_day_that_its_parameter_gives() -> None:
    content = raw()
    unset = next(one for one in toy_area(content).rules if one.id == "toy.some-day")
    assert (unset.from_, unset.in_force.from_parameter) == (NEVER, "some_day")
    assert "some_day" in unset.figures

    value = {"from": date(2020, 1, 1), "value": date(2024, 5, 6), "cites": [CITE]}
    content["parameters"]["some_day"]["values"] = [value]
    begun = next(one for one in toy_area(content).rules if one.id == "toy.some-day")
    assert begun.from_ == date(2024, 5, 6)


def test_a_value_that_does_not_exist_is_not_needed() -> None:
    area = toy_area()
    assert area.optional == {"ended_on": "ended", "overrun": "ended"}
    known: dict[str, Any] = {"ended": False, "ended_on": None, "started_on": None}
    lowered = area.derived["overrun"].lowered

    absent = Interpreter(known, area.definitions)
    assert (absent.value(lowered), absent.needs(lowered)) == (None, ())
    unknown = Interpreter({**known, "ended": True}, area.definitions)
    assert unknown.needs(lowered) == ("started_on", "ended_on")


def test_a_caller_cannot_give_a_computed_fact() -> None:
    content = raw()
    fact("kind", computed_from=["visits"])(content)
    area = toy_area(content)

    assert "kind" in area.facts
    assert "kind" not in area.input_facts
    assert "visits" in area.input_facts
    assert "on" not in area.input_facts


def test_the_fields_of_a_computed_fact_count_as_used() -> None:
    content = raw()
    fact("spare", type="bool", about="Only computed from.")(content)
    fact("kind", computed_from=["spare"])(content)

    assert "spare" in toy_area(content).input_facts
