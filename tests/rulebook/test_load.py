"""What a rules file is refused for, each with a message that a policy owner can act on."""

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
    """Return the problems of a rules file, or none if it can be read."""
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
    usual = {"title": "A sentence", "says": "asked elsewhere", "cites": [CITE]}
    return lambda toy: toy.update(remarks={"toy.2": {**usual, **changes}})


def due(name: str = "due_on", **changes: Any) -> Change:
    usual = {"says": "due day", "rule": "toy.visits", "while": "not ended"}
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
    (rule(remedy=5), "text is needed", "remedy"),
    (fact("kind", type="word"), "allowed are bool, int, decimal", "facts['kind'].type"),
    (rule(basis="law"), "allowed are statute, national-policy", "basis"),
    (rule(cites=[{"source": "paper"}]), "`checked` is missing", "cites[0].checked"),
    (lambda toy: toy.update(sources=3), "not the kind of thing", "sources"),
    (lambda toy: toy.update(rules=3), "not the kind of thing", "rules"),
    (lambda toy: toy.update(month_end="roll"), "`roll` is not known; say `clamp`", "month_end"),
    (parameter("slack", values=[value("2020-01-01", [1])]), "a word is needed", "value"),
    (without("month_end"), "it is missing; say `clamp`", "month_end"),
    (without("title"), "`title` is missing", "title"),
    (without("prefix"), "`prefix` is missing", "prefix"),
    # names
    (fact("Ended", type="bool", about="A."), "small letters, digits and _", "facts.Ended"),
    (fact("class", type="bool", about="A."), "a meaning of its own", "facts.class"),
    (fact("t_x", type="bool", about="A."), "a meaning of its own", "facts.t_x"),
    (fact("visits_lo", type="bool", about="A."), "a meaning of its own", "visits_lo"),
    (fact("slack", type="bool", about="A."), "already a name in [facts]", "parameters.slack"),
    (fact("members", type="bool", about="A."), "already a name in [facts]", "members.members"),
    (without("facts", "on"), "the fact `on`, the day asked about, is missing", "facts"),
    # facts
    (fact("visits", min=None), "`min` and `max` are missing", "facts.visits"),
    (fact("visits", min=Decimal("1.5")), "`1.5` is no int", "facts.visits"),
    (fact("ended", min=1), "`1` is no bool", "facts.ended"),
    (fact("visits", min=60), "`min` is above `max`", "facts.visits"),
    (fact("visits", unit=None), "`unit` is missing", "facts.visits"),
    (fact("visits", unit="visit"), "unknown unit `visit`", "facts.visits"),
    (fact("kind", values=["light"]), "two or more words", "facts.kind"),
    (fact("ended_on", only_if=None), "needs `only_if`", "facts.ended_on"),
    (fact("ended_on", only_if="visits"), "must name a true-or-false fact", "facts.ended_on"),
    (fact("ended_on", only_if="finished"), "must name a true-or-false fact", "facts.ended_on"),
    (fact("spare", type="bool", about="A."), "nothing uses `spare`", "facts.spare"),
    (
        lambda toy: toy["members"]["facts"].update(spare={"type": "bool", "about": "A."}),
        "nothing uses `spare`",
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
    (fact("kind", computed_from=["visits"], default="light"), "has no `default`", "facts.kind"),
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
    (remark(cites=[]), "no source: a remark needs at least one citation", 'remarks."toy.2"'),
    (
        remark(cites=[{**CITE, "source": "papr"}]),
        "unknown source `papr`; did you mean `paper`?",
        'remarks."toy.2"',
    ),
    (remark(says=7), "text is needed", "says"),
    # due days
    (due(whil="ended"), "unknown key `whil`; did you mean `while`?", "due['due_on']"),
    (lambda toy: toy.update(due={"due_on": {"says": "A day"}}), "`while` is missing", "while"),
    (due(says=7), "text is needed", "says"),
    (due("due_no"), "`due_no` is no derived fact that is a day; did you mean `due_on`?", "due_no"),
    (due("learners"), "`learners` is no derived fact that is a day", "due.learners"),
    (due("started_on"), "`started_on` is no derived fact that is a day", "due.started_on"),
    (
        due("closing_day"),
        "is no derived fact that is a day; name one of [derived]",
        "due.closing_day",
    ),
    (due(says=""), "text on one line", "due.due_on.says"),
    (
        due(says="two\nlines"),
        "text on one line is needed, of 1 to 200 characters",
        "due.due_on.says",
    ),
    (due(says="x" * 201), "text on one line is needed, of 1 to 200 characters", "due.due_on.says"),
    (due(rule="toy.vists"), "`rule` names no rule; did you mean `toy.visits`?", "due_on.rule"),
    (due(**{"while": "not endd"}), "did you mean `ended`?", "due.due_on.while"),
    (due(**{"while": "visits"}), "a true-or-false condition is needed here", "due.due_on.while"),
    (due(**{"while": "visits > 3"}), "a figure needs a source", "due.due_on.while"),
    (
        due(**{"while": "slack + slack > slack"}),
        "this looks at no fact of the case",
        "due.due_on.while",
    ),
    (
        due(**{"while": "not ended and " * 40 + "ended"}),
        "longer than 500 characters",
        "due.due_on.while",
    ),
    # parameters
    (parameter("slack", min=None), "may set needs `min` and `max`", "parameters.slack"),
    (parameter("reading", type="time"), "a time is no figure", "parameters.reading"),
    (parameter("reading", cites=[]), "what leaves it open?", "parameters.reading"),
    (parameter("reading", words=["one"]), "two or more words", "parameters.reading"),
    (parameter("reading", values=[value("2020-01-01", "x")]), "is no code", "reading"),
    (parameter("slack", values=[]), "an open parameter needs `cites`", "parameters.slack"),
    (
        parameter("months_allowed", values=[], cites=[CITE]),
        "an open parameter needs `min` and `max`",
        "parameters.months_allowed",
    ),
    (
        parameter("slack", values=[{**value("2020-01-01", Decimal("0.5")), "cites": []}]),
        "no source: a value needs at least one citation",
        "parameters.slack, value from 2020-01-01",
    ),
    (
        parameter("slack", values=[value("2020-01-01", Decimal("0.55"))]),
        "the value from 2020-01-01 is no decimal",
        "parameters.slack",
    ),
    (
        parameter("slack", values=[value("2020-01-01", Decimal("2.5"))]),
        "outside `min` and `max`",
        "parameters.slack",
    ),
    (
        parameter("slack", values=[value("2020-01-01", 1), value("2020-01-01", 2)]),
        "two values from 2020-01-01",
        "parameters.slack",
    ),
    (
        parameter(
            "slack",
            values=[value("2020-01-01", 1, to=date(2021, 1, 1)), value("2021-01-01", 2)],
        ),
        "the value from 2020-01-01 overlaps the one from 2021-01-01",
        "parameters.slack",
    ),
    (
        parameter(
            "slack",
            values=[value("2020-01-01", 1, to=date(2020, 12, 30)), value("2021-01-01", 2)],
        ),
        "no value between 2020-12-30 and 2021-01-01",
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
        "nothing uses `spare`",
        "parameters.spare",
    ),
    # derived facts, assumptions, stages
    (derived("more", "visits + 1"), "`unit` is missing", "derived.more"),
    (derived("more", "visits", unit="day"), "works out as `appointment`", "derived.more"),
    (derived("more", "on", unit="day"), "only a number has a unit", "derived.more"),
    (
        derived("more", "visits", unit="appointment", cites=[{**CITE, "source": "papr"}]),
        "unknown source `papr`; did you mean `paper`?",
        "derived.more",
    ),
    (derived("more", "vists", unit="day"), "did you mean `visits`?", "derived.more"),
    (
        derived("more", " + ".join(["(visits if ended else visits + 1)"] * 12) + " > 1"),
        "too large to run",
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
        "only the last stage has `otherwise = true`, and it has to",
        "stages.over",
    ),
    (
        lambda toy: toy["stages"].update(later={"when": "ended", "about": "Later."}),
        "only the last stage has `otherwise = true`, and it has to",
        "stages.running",
    ),
    (
        lambda toy: toy["stages"]["running"].update(otherwise=False, when="on <= last"),
        "only the last stage has `otherwise = true`, and it has to",
        "stages.running",
    ),
    (choice(), "give either `is` or `first`", "derived.pace"),
    (
        lambda toy: toy["derived"]["pace"].update({"is": "kind"}),
        "give either `is` or `first`",
        "derived.pace",
    ),
    (choice({"otherwise": "kind"}), "a choice ends with a line", "derived.pace.first[0]"),
    (choice(WHEN_ENDED), "a choice ends with a line", "derived.pace.first[0]"),
    (
        choice(WHEN_ENDED, {"otherwise": "'a'", "when": "ended"}),
        "a choice ends with a line",
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
        f"more than {MOST_CHOICES} choices",
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
        "a rule of this area is called `toy.`",
        'rules."pod.8"',
    ),
    (rule(cites=[]), "no source: a rule needs at least one citation", 'rules."toy.visits"'),
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
        "this looks at no fact of the case",
        'rules."toy.visits".must',
    ),
    (rule(should="ended"), "give either `must` or `should`", 'rules."toy.visits"'),
    (without("rules", "toy.visits", "must"), "give either `must` or `should`", "toy.visits"),
    (rule(not_met="{kind}"), "names `kind`, which the rule does not use", "not_met"),
    (rule(not_met="{vists}"), "did you mean `visits`?", "not_met"),
    (rule(not_met="{visits.real}"), "plain names in braces", "not_met"),
    (rule(not_met="{visits!r}"), "plain names in braces", "not_met"),
    (rule(not_met="{visits:>9}"), "plain names in braces", "not_met"),
    (rule(not_met="{visits"), "the message cannot be filled in", "not_met"),
    (
        rule(in_force={"from": date(2021, 1, 1), "by": "startd_on"}),
        "`by` must name a date; did you mean `started_on`?",
        "in_force",
    ),
    (rule(in_force={"from": date(2021, 1, 1), "by": "visits"}), "must name a date", "in_force"),
    (
        rule(in_force={"from": date(2021, 1, 1), "to": date(2020, 1, 1)}),
        "ends before it begins",
        "in_force",
    ),
    (
        lambda toy: toy["rules"]["toy.reading"][0]["in_force"].pop("to"),
        "the wording from 2020-01-01 overlaps the one from 2022-01-01",
        'rules."toy.reading"',
    ),
    (
        lambda toy: toy["rules"]["toy.reading"][0]["in_force"].pop("by"),
        "all wordings must go by the same date",
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
        "has one wording and goes by the day asked about",
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
            for name, said in content.get(section, {}).items():
                content[section][name] = {key: one for key, one in said.items() if one is not None}
        found = problems(content)
        if not any(message in one and place in one for one in found):
            wrong.append((message, place, found))
    assert wrong == []


def test_everything_wrong_is_said_at_once() -> None:
    content = raw()
    for change in (
        rule(must="vists > 0"),
        fact("kind", values=["a"]),
        parameter("slack", unit="x"),
    ):
        change(content)

    assert len(problems(content)) >= 3


def test_everything_wrong_with_a_due_day_is_said_at_once_and_once() -> None:
    content = raw()
    due(says="", rule="toy.vists", **{"while": "endd"})(content)
    content["derived"]["due_on"]["is"] = "add_months(startd_on, months_allowed)"

    found = [one for one in problems(content) if "due.due_on" in one]

    assert [one.partition("\n")[0].rpartition(" @ ")[2] for one in found] == [
        "toy.toml: due.due_on.says",
        "toy.toml: due.due_on.rule",
        "toy.toml: due.due_on.while",
    ]


def test_a_due_day_of_a_rule_that_is_refused_adds_no_problem() -> None:
    content = raw()
    rule(must="vists > 0")(content)
    due()(content)

    found = problems(content)
    assert 'rules."toy.visits".must' in found[0]
    assert [one for one in found if "due.due_on" in one] == []


def test_a_caret_stands_under_the_fault() -> None:
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


def test_a_name_given_twice_or_text_that_is_no_toml_is_refused() -> None:
    for text in ('area = "a"\narea = "b"', "[", "a = " + "[" * 5000):
        with pytest.raises(RulebookError, match="cannot be read as TOML"):
            parse_toml(text, "x.toml")


def test_a_huge_file_is_refused_unread() -> None:
    with pytest.raises(RulebookError, match="larger than 250000 characters"):
        parse_toml(" " * (LARGEST_FILE + 1), "x.toml")


def test_the_toy_area_has_what_its_text_says() -> None:
    area = toy_area()

    assert area.wordings["toy.reading"] == (7, 8)
    assert area.parameters["slack"].values[0].value == 5  # 0.5, held as tenths
    assert area.parameters["reading"].open
    assert area.facts["ended_on"].only_if == "ended"
    assert TEXT.count("[rules.") == len(area.rules)


def test_a_due_day_is_held_and_rests_on_every_wording_of_its_rule() -> None:
    (day,) = toy_area().due["due_on"]

    assert (day.fact, day.says, day.rule) == ("due_on", "due day", "toy.reading")
    first, second = walk_days(day.lowered)
    assert (first.operator, first.right.value) == ("<=", date(2021, 12, 31))
    assert (second.operator, second.right.value) == (">=", date(2022, 1, 1))


def walk_days(node: Node) -> list[Any]:
    return [one for one in walk(node) if isinstance(one, Compare) and one.right.type.kind == "date"]


def test_what_only_a_due_day_looks_at_is_used() -> None:
    content = raw()
    fact("spare", type="bool", about="Of a due day alone.")(content)
    due(**{"while": "not spare"})(content)

    assert "spare" in toy_area(content).said


def test_a_remark_a_kind_and_a_source_of_a_derived_fact_are_held() -> None:
    content = raw()
    remark()(content)
    derived("more", "visits", unit="appointment", cites=[CITE])(content)
    area = toy_area(content)

    (held,) = area.remarks
    assert (held.id, held.title, held.says) == ("toy.2", "A sentence", "asked elsewhere")
    assert held.citations[0].source is area.sources["paper"]
    assert area.derived["more"].citations == held.citations
    assert area.derived["last"].citations == ()
    assert area.members is not None
    # As the engines see it: 1.0, held as tenths.
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


def test_a_value_that_does_not_exist_is_asked_for_by_nobody() -> None:
    area = toy_area()
    assert area.optional == {"ended_on": "ended", "overrun": "ended"}
    known: dict[str, Any] = {"ended": False, "ended_on": None, "started_on": None}
    lowered = area.derived["overrun"].lowered

    absent = Interpreter(known, area.definitions)
    assert (absent.value(lowered), absent.needs(lowered)) == (None, ())
    unknown = Interpreter({**known, "ended": True}, area.definitions)
    assert unknown.needs(lowered) == ("started_on", "ended_on")


def test_a_computed_fact_is_no_fact_that_a_caller_says() -> None:
    content = raw()
    fact("kind", computed_from=["visits"])(content)
    area = toy_area(content)

    assert "kind" in area.facts
    assert "kind" not in area.said
    assert "visits" in area.said
    assert "on" not in area.said


def test_what_is_computed_from_is_used() -> None:
    content = raw()
    fact("spare", type="bool", about="Only computed from.")(content)
    fact("kind", computed_from=["spare"])(content)

    assert "spare" in toy_area(content).said
