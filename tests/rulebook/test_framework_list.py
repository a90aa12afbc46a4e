"""A region's framework list: what is allowed, what is refused, and that its text is never run."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Callable
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path
from random import Random
from typing import Any

import pytest

import probation_rules as pr
from probation_rules import framework
from probation_rules.areas.framework.lists import TREATMENTS
from probation_rules.areas.framework.prepare import prepare
from support.generate import case_of, fill, question_day, unknowns_of, value_of

EXAMPLE = files("probation_rules") / "demo" / "example-region.toml"
RAW: dict[str, Any] = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))
EARLIER = Path(__file__).parent.parent / "conformance" / "framework" / "earlier.toml"
BOOK = pr.rulebook().extended_by(RAW, "example-region.toml").extended_with(EARLIER)
LISTS = sorted(BOOK.area("framework").sections, key=lambda one: one.effective_from)
Change = Callable[[dict[str, Any]], None]


def put(value: Any, *path: str) -> Change:
    """Put a value into the example's content."""

    def change(raw: dict[str, Any]) -> None:
        for key in path[:-1]:
            raw = raw.setdefault(key, {})
        raw[path[-1]] = value

    return change


def drop(*path: str) -> Change:
    def change(raw: dict[str, Any]) -> None:
        for key in path[:-1]:
            raw = raw[key]
        del raw[path[-1]]

    return change


def activity(*path: str) -> tuple[str, ...]:
    return ("framework", "activities", *path)


def problems(*changes: Change, book: pr.Rulebook | None = None) -> list[str]:
    """Return the problems of a list. A good list does not have any."""
    raw = copy.deepcopy(RAW)
    for change in changes:
        change(raw)
    try:
        (book or pr.rulebook()).extended_by(raw, "north.toml")
    except pr.RulebookError as refused:
        return [str(one) for one in refused.problems]
    return []


REFUSED = [
    (drop("local", "approved_by"), "`approved_by` is missing"),
    (put(" ", "local", "approved_by"), "north.toml: local.approved_by"),
    (put("a\nb", "local", "region"), "north.toml: local.region"),
    (drop("local"), "`[local]` is missing"),
    (put(date(2022, 8, 14), "local", "effective_to"), "it ends before it begins"),
    (put([], "framework", "statuses"), "a list names its statuses"),
    (put(["green", "Green", "amber", "red"], "framework", "statuses"), "`Green` is there already"),
    (put(["green", "amber", "red", " "], "framework", "statuses"), "1 to 60 characters"),
    (put({}, "framework", "activities"), "a list names its activities"),
    (put({"title": "Twice"}, *activity("ex-visit")), "`ex-visit` is there already"),
    (put("x" * 301, *activity("EX-VISIT", "title")), "text of 1 to 300 characters"),
    (put("a\x1b[2Jb", *activity("EX-VISIT", "title")), "text of 1 to 300 characters"),
    (put("\x00", *activity("EX-VISIT", "at", "red", "condition")), "text of 1 to 300 characters"),
    (drop(*activity("EX-PROTECT", "basis")), "which law or policy makes it mandatory?"),
    (put(-1, *activity("EX-VISIT", "floor")), "a floor is from 0 to 100000"),
    (
        put({"treatment": "deliver"}, *activity("EX-VISIT", "at", "redd")),
        "`redd` is not a status; did you mean `red`?",
    ),
    (
        put("stop", *activity("EX-VISIT", "at", "red", "treatment")),
        "must be one of deliver, reduce",
    ),
    (
        put({"treatment": "pause", "decided_by": "unit"}, *activity("EX-PROTECT", "at", "red")),
        "a mandatory activity is neither reduced nor paused",
    ),
    (drop(*activity("EX-VISIT", "at", "red", "decided_by")), "`decided_by` is missing"),
    (put("head", *activity("EX-VISIT", "at", "red", "decided_by")), "this has the wrong structure"),
    (drop(*activity("EX-VISIT", "at", "red", "keep")), "what is reduced says what to `keep`"),
    (drop(*activity("EX-VISIT", "measure")), "what is reduced says what to `keep`"),
    (put(1, *activity("EX-GROUP", "at", "red", "keep")), "`keep` is for what is reduced"),
    (put(0, *activity("EX-VISIT", "at", "red", "keep")), "below the floor of the activity, 1"),
    (put(100_001, *activity("EX-VISIT", "at", "red", "keep")), "or too much"),
    (put(1, *activity("EX-REVIEW", "floor")), "below the floor of the activity, 1"),
    (put("\n", "framework", "triggers", "measure"), "text of 1 to 300 characters"),
    (put(200, "framework", "triggers", "begins_at", "rde"), "`rde` is not a status"),
    (put(1001, "framework", "triggers", "begins_at", "red"), "from 0 to 1000 per cent"),
    (put(105, "framework", "triggers", "begins_at", "red"), "begins at a higher percentage"),
    (put("110", "framework", "triggers", "begins_at", "red"), "must be a whole number from -"),
    (put("pod", "area"), "unknown key `framework`"),
    (
        put([{"local": RAW["local"], "content": RAW["framework"]}], "sections"),
        "`sections` is not allowed in a local book",
    ),
    (
        put({"values": []}, "parameters", "framework_list"),
        "do not give this parameter: its values come from the section",
    ),
    (put(7, "framework"), "this has the wrong structure"),
    (put(1, "framework", "run"), "unknown key `run`"),
]


def test_a_mistake_in_a_list_is_refused() -> None:
    shown = [(message, problems(change)) for change, message in REFUSED]
    assert [(message, found) for message, found in shown if message not in "\n".join(found)] == []


def test_all_mistakes_are_listed_together() -> None:
    found = problems(
        drop(*activity("EX-PROTECT", "basis")),
        put(0, *activity("EX-VISIT", "at", "red", "keep")),
        put(105, "framework", "triggers", "begins_at", "red"),
        put(date(2022, 8, 1), "local", "effective_to"),
    )
    assert len(found) == 4
    assert all(line.rpartition(" @ ")[2].startswith("north.toml: ") for line in found)


@pytest.mark.parametrize(("first", "last"), [("2022-07-31", None), ("2022-01-31", "2022-05-01")])
def test_lists_may_not_overlap(first: str, last: str | None) -> None:
    changes = [put(date.fromisoformat(first), "local", "effective_from")]
    changes += [put(date.fromisoformat(last), "local", "effective_to")] if last else []
    (line,) = problems(*changes, book=pr.rulebook().extended_with(EARLIER))
    assert "its days overlap those of Activities by status (made up), version example 7" in line


def test_a_code_given_twice_is_refused_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "twice.toml"
    text = EXAMPLE.read_text(encoding="utf-8")
    path.write_text(f"{text}\n[framework.activities.EX-GROUP]\n", encoding="utf-8")
    with pytest.raises(pr.RulebookError, match="the file is not valid TOML"):
        pr.rulebook().extended_with(path)


def test_text_that_looks_like_a_script_is_text() -> None:
    script = "__import__('os').system('exit 1') {on} {0.__class__} ${HOME} =1+1"
    raw = copy.deepcopy(RAW)
    put(script, *activity("EX-GROUP", "title"))(raw)
    put(script, *activity("EX-GROUP", "at", "red", "condition"))(raw)
    book = pr.rulebook().extended_by(raw, "north.toml")
    table = framework.activities(status="red", on=date(2026, 3, 2), rulebook=book)
    assert table.lines[-1].title == script
    decision = pr.ActivityDecision(
        decided_on=date(2026, 3, 2), status="red", activity="EX-GROUP", treatment="pause"
    )
    report = pr.check(decision, on=date(2026, 3, 9), rulebook=book)
    assert report.notes["activity_title"] == report.notes["condition"] == script
    assert script in str(report)


def test_a_report_names_the_list_and_that_it_is_an_example() -> None:
    decision = pr.ActivityDecision(
        decided_on=date(2026, 3, 2), status="red", activity="EX-PROTECT", treatment="pause"
    )
    report = pr.check(decision, on=date(2026, 3, 9), rulebook=BOOK)
    text = str(report)
    assert "EXAMPLE, made up: Example region (made up): Activities by status (made up)" in text
    assert "version example 2, from 2022-08-15" in text
    assert "approved by A regional probation director (made up)" in text
    assert "An Act and a policy framework (made up)" in text
    document = report.to_dict()
    assert [one["region"] for one in document["rulebook"]["local"]] == [RAW["local"]["region"]] * 2
    (source, _) = BOOK.area("framework").parameters["framework_list"].values[-1].citations * 2
    assert source.source.title.startswith("EXAMPLE, made up: ")


def test_a_list_is_in_the_digest() -> None:
    raw = copy.deepcopy(RAW)
    put("Other words", *activity("EX-GROUP", "title"))(raw)
    one = pr.rulebook().extended_by(RAW, "a.toml").digest
    assert one != pr.rulebook().extended_by(raw, "a.toml").digest
    assert one != pr.rulebook().digest


def test_a_list_that_allows_less_at_higher_pressure_gives_a_warning() -> None:
    assert not any(one.warnings for one in LISTS)
    raw = copy.deepcopy(RAW)
    put({"treatment": "deliver"}, *activity("EX-GROUP", "at", "red"))(raw)
    put(3, *activity("EX-VISIT", "at", "red", "keep"))(raw)
    (found,) = pr.rulebook().extended_by(raw, "a.toml").area("framework").sections
    assert found.warnings == (
        "`EX-VISIT`: `red` allows less than `amber` does",
        "`EX-GROUP`: `red` allows less than `amber` does",
    )


def test_raising_a_status_never_allows_less() -> None:
    statuses = LISTS[-1].content.statuses
    for code in LISTS[-1].content.activities:
        for treatment in TREATMENTS[1:]:
            met = []
            for status in statuses:
                case = pr.ActivityDecision(
                    decided_on=date(2026, 3, 2), status=status, activity=code, treatment=treatment
                )
                report = pr.check(case, on=date(2026, 3, 9), rulebook=BOOK)
                met.append(report.outcome("pf.listed") is pr.Outcome.MET)
            assert met == sorted(met), (code, treatment)


# --- Engines and unknowns, with lists loaded ------------------------------------------------------


def decision(random: Random) -> pr.ActivityDecision:
    """Return decisions near the days of the lists, with words of the lists and other words."""
    case: pr.ActivityDecision = case_of(random, BOOK.area("framework"))
    words = {
        "status": ("green", "amber", "red", "usual", "purple", None),
        "activity": ("EX-PROTECT", "EX-VISIT", "EX-REVIEW", "EX-GROUP", "EX-OTHER", None),
        "list_version": ("example 2", "example 7", None),
    }
    for name, known in words.items():
        fill(case, name, random.choice(known))
    if case.decided_on is not None:
        day = random.choice((date(2022, 5, 1), date(2022, 7, 31), date(2022, 8, 15)))
        fill(case, "decided_on", day + timedelta(days=random.randint(-2, 2)))
    if case.kept_to is not None:
        fill(case, "kept_to", random.randint(0, 3))
    return case


def outcomes(case: pr.ActivityDecision, engine: str = "python") -> list[str]:
    report = pr.check(case, on=date(2026, 11, 23), rulebook=BOOK, engine=engine)
    return [one.outcome.value for one in report.findings]


@pytest.mark.parametrize("other", ["reference", "durable"])
def test_engines_agree_on_decisions_with_lists(other: str) -> None:
    random = Random(20261122)
    for _ in range(300):
        case = decision(random)
        assert outcomes(case) == outcomes(case, other), case


def test_more_facts_never_reverse_a_decision_with_lists() -> None:
    random = Random(20261123)
    area = BOOK.area("framework")
    texts = {
        "status": ("green", "amber", "red", "usual", "purple"),
        "activity": ("EX-PROTECT", "EX-VISIT", "EX-REVIEW", "EX-GROUP", "EX-OTHER"),
        "list_version": ("example 2", "example 7"),
    }
    definite = 0
    for _ in range(600):
        case = decision(random)
        before = outcomes(case)
        unknown = [name for name in texts if getattr(case, name) is None]
        for name in [*unknowns_of(area, case), *unknown]:
            filled = copy.deepcopy(case)
            value = (
                random.choice(texts[name]) if name in texts else value_of(random, area.facts[name])
            )
            if name == "decided_on":
                value = question_day(random, area)
                value = min(value, date(2026, 11, 23))
            fill(filled, name, value)
            after = outcomes(filled)
            for old, new in zip(before, after, strict=True):
                assert old in ("cannot_tell", new), (name, case)
                definite += old != "cannot_tell"
    assert definite > 1000


def test_a_bad_case_is_refused_with_and_without_a_list() -> None:
    bad: Any = {"status": 5, "activity": ["EX-GROUP"], "treatment": "pause"}
    case = pr.ActivityDecision(**bad, decided_on=date(2026, 3, 2))
    report = pr.check(case, on=date(2026, 3, 9), rulebook=BOOK)
    assert report.outcome("pf.listed") is pr.Outcome.NOT_MET
    worse: Any = {"decided_on": "2026-03-02", "treatment": "pause"}
    with pytest.raises(pr.CaseError, match="decided_on"):
        pr.check(pr.ActivityDecision(**worse), on=date(2026, 3, 9), rulebook=BOOK)


def test_a_decision_before_the_first_list_is_unknown() -> None:
    case = pr.ActivityDecision(decided_on=date(2022, 4, 30))
    assert set(prepare(case, BOOK.area("framework")).values()) == {None}


def two_lists() -> pr.Rulebook:
    """Return lists from January to March and from June to August 2026."""
    book = pr.rulebook()
    for first, last in (
        (date(2026, 6, 1), date(2026, 8, 31)),
        (date(2026, 1, 1), date(2026, 3, 31)),
    ):
        raw = copy.deepcopy(RAW)
        put(first, "local", "effective_from")(raw)
        put(last, "local", "effective_to")(raw)
        book = book.extended_by(raw, f"{first}.toml")
    return book


IN_GAP = {
    "pf.in-operation": "not_met", "pf.mandatory-protected": "met", "pf.listed": "not_met",
    "pf.director-decision": "not_applicable", "pf.floor-kept": "not_applicable",
    "pf.version": "not_met",
}  # fmt: skip


@pytest.mark.parametrize("engine", ["python", "reference", "durable"])
def test_a_list_is_unknown_after_the_last_one_and_missing_in_a_gap(engine: str) -> None:
    book = two_lists()
    for day, where in {
        date(2025, 12, 31): "outside", date(2026, 1, 1): "list", date(2026, 3, 31): "list",
        date(2026, 4, 1): "gap", date(2026, 5, 31): "gap", date(2026, 6, 1): "list",
        date(2026, 8, 31): "list", date(2026, 9, 1): "outside",
    }.items():  # fmt: skip
        case = pr.ActivityDecision(
            status="red", activity="EX-GROUP", treatment="pause", decided_on=day,
            subject="other", list_version="example 7",
        )  # fmt: skip
        report = pr.check(case, on=date(2026, 9, 1), engine=engine, rulebook=book)
        found = report.finding("pf.in-operation")
        needs = {need for finding in report.findings for need in finding.needs}
        assert ("framework_list" in needs) is (where == "outside"), day
        if where == "outside":
            assert (found.outcome, found.needs) == ("cannot_tell", ("framework_list",)), day
            assert report.outcome("pf.listed") == "cannot_tell", day
        elif where == "gap":
            assert {rule: report.outcome(rule).value for rule in IN_GAP} == IN_GAP, day
            note = "no list was in force from 2026-04-01 to 2026-05-31"
            assert report.notes["framework_list"] == note, day
            assert "or no list, was in force on" in report.finding("pf.version").message, day
        else:
            assert found.outcome == "met", day


def test_lists_that_follow_each_other_leave_no_gap() -> None:
    raw = copy.deepcopy(RAW)
    put(date(2022, 8, 1), "local", "effective_from")(raw)
    book = pr.rulebook().extended_with(EARLIER).extended_by(raw, "north.toml")
    values = book.area("framework").parameters["framework_list"].values
    assert [(one.from_, one.to, one.value) for one in values] == [
        (date(2022, 5, 1), date(2022, 7, 31), "in_force"),
        (date(2022, 8, 1), None, "in_force"),
    ]


def test_the_last_day_of_the_calendar_ends_a_list() -> None:
    raw = copy.deepcopy(RAW)
    put(date.max, "local", "effective_to")(raw)
    book = pr.rulebook().extended_by(raw, "first.toml")
    (line,) = problems(put(date(2050, 1, 1), "local", "effective_from"), book=book)
    assert "its days overlap" in line
