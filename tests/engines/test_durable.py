"""The second opinion: durable_rules decides by itself, is fenced in, and is compared with python.

That it gives the other engines' answers on random cases is held in `test_agreement.py`.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, time
from importlib import import_module
from pathlib import Path
from random import Random
from typing import Any

import attrs
import pytest
from click.testing import CliRunner

import probation_rules as pr
from generate import case_of, question_day
from probation_rules.cli.program import root
from probation_rules.engines import (
    CANNOT_TELL,
    MET,
    NO_STAGE,
    NOT_APPLICABLE,
    Codes,
    Decide,
    both,
    durable,
    python,
)
from probation_rules.engines import (
    network as fence,
)
from probation_rules.engines.network import FAR, Comparison, Network
from probation_rules.errors import CaseError
from probation_rules.rulebook import shipped
from probation_rules.rulebook.model import Area
from second_opinion import needs_durable
from toy import raw, toy_area

EXTENSION = "durable_rules_engine"
SEED = 20261122
ON = date(2026, 1, 20)
ORDER = pr.UnpaidWorkOrder(
    reference="a secret reference",
    order_type="community_order",
    sentence_date=date(2025, 1, 15),
    required_minutes=6000,
    completed_minutes=3000,
    extended=False,
)


def decided(decide: Decide, case: Any, on: date) -> Codes | str:
    """The codes, or the problems in words."""
    try:
        return decide(case, on)
    except CaseError as error:
        return str(error)


def questions(area: Area, number: int, seed: int = SEED) -> list[tuple[Any, date]]:
    random = Random(seed)
    return [(case_of(random, area), question_day(random, area)) for _ in range(number)]


def decided_all(decide: Decide, area: Area) -> None:
    for case, on in questions(area, 2000):
        decided(decide, case, on)


def add_flags(content: dict[str, Any], number: int) -> list[str]:
    """Give the toy area so many more facts that are true or false."""
    flags = [f"f{place}" for place in range(number)]
    content["facts"] |= {name: {"type": "bool", "about": "A flag."} for name in flags}
    return flags


# --- One meaning ----------------------------------------------------------------------------------


@needs_durable
def test_a_condition_of_every_form_and_size() -> None:
    """Choices of choices, long lists, long sums of `or`, words against words, figures left over."""
    content = raw()
    flags = add_flags(content, 70)
    content["facts"]["other_kind"] = content["facts"]["kind"]
    dated = content["parameters"]["most_visits"]["values"]
    content["parameters"]["strict"] = {
        "type": "bool", "about": "Whether it is strict.", "basis": "local",
        "values": [{**one, "value": value} for one, value in zip(dated, (True, False), strict=True)],
    }  # fmt: skip
    rule = content["rules"]["toy.learners"]
    for part in range(4):  # a text may be no longer than 500 characters
        pairs = zip(flags[part * 17 :], flags[part * 17 + 1 : part * 17 + 18], strict=False)
        ways = " or ".join(f"({a} and not {b})" for a, b in pairs)
        content["derived"][f"part_{part}"] = {"is": ways, "about": "Some of the flags."}
    ways = "part_0 or part_1 or part_2 or part_3"
    for place, condition in enumerate(
        [
            ways,
            f"not ({ways})",
            "(f1 if f2 else f3) if (f4 or f5) else not (f6 and f69)",
            "kind == other_kind",
            "kind != other_kind and not (kind in ('light', 'heavy'))",
            "reading == 'calendar' or learners == helpers",
            "at(most_visits, started_on) < at(most_visits, on) and not (helpers != learners)",
            "(reading if f8 else reading) == 'business'",
            "at(strict, started_on) or learners == 1",
        ]
    ):
        content["rules"][f"toy.form-{place}"] = {**rule, "must": condition, "not_met": "no"}
    area = toy_area(content)
    second, first = durable.compile_area(area), python.compile_area(area)
    for case, on in questions(area, 1000):
        assert decided(second, case, on) == decided(first, case, on), (case, on)


@needs_durable
@pytest.mark.parametrize("engine", ["durable", "both"])
def test_check_answers_by_the_second_opinion_and_says_so(engine: str) -> None:
    report = pr.check(ORDER, on=ON, engine=engine)

    assert report.engine == engine
    assert report.stage == "backlog"
    assert report.to_dict()["reports"] == pr.check(ORDER, on=ON).to_dict()["reports"]


@needs_durable
@pytest.mark.parametrize("engine", ["durable", "both"])
def test_a_bad_case_is_refused_in_the_same_words(engine: str) -> None:
    bad = pr.UnpaidWorkOrder(completed_minutes=-1, required_minutes=-1, extended_to=ON)
    refused = []
    for name in ("python", engine):
        with pytest.raises(pr.CaseError) as error:
            pr.check(bad, on=ON, engine=name)
        refused.append(error.value.problems)
    assert refused[0] == refused[1]
    with pytest.raises(pr.NotInForce):
        pr.check(ORDER, on=date(2000, 1, 1), engine=engine)


@needs_durable
def test_the_command_line_asks_both(tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("reference,sentence_date\nEX-1,2025-01-15\n", encoding="utf-8")
    asked = ["check", "unpaid-work", str(file), "--on", "2026-01-20", "--format", "json"]

    first, second = (
        CliRunner().invoke(root, [*asked, "--engine", engine]) for engine in ("python", "both")
    )

    assert second.exit_code == 0
    assert json.loads(second.stdout)["engine"] == "both"
    assert json.loads(second.stdout)["reports"] == json.loads(first.stdout)["reports"]


# --- Both -----------------------------------------------------------------------------------------


def wrong(monkeypatch: pytest.MonkeyPatch, change: Callable[[set[str]], set[str]]) -> None:
    """Make every network conclude something else."""
    right = Network.decide
    monkeypatch.setattr(Network, "decide", lambda self, record: change(right(self, record)))


@needs_durable
def test_both_gives_no_answer_where_a_network_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    decide = both.compile_area(shipped().area("unpaid-work"))
    right = decide(ORDER, ON)
    assert right == python.compile_area(shipped().area("unpaid-work"))(ORDER, ON)
    place = [rule.id for rule in shipped().area("unpaid-work").rules].index("upw.hours-range")
    met = f"o{place}_{MET}"

    wrong(monkeypatch, lambda found: {*(found - {met, "s4"}), *(["s5"] if "s4" in found else [])})

    with pytest.raises(pr.EngineDisagreement) as error:
        decide(ORDER, ON)
    message = str(error.value)
    assert (
        "upw.hours-range is met and cannot_tell; the stage is backlog and final_quarter" in message
    )
    assert '"sentence_date": "2025-01-15"' in message
    assert "on 2026-01-20" in message
    assert "secret" not in message
    said = json.loads(message.partition("the case is ")[2])
    assert pr.case_from("unpaid-work", said) == attrs.evolve(ORDER, reference=None)


@needs_durable
@pytest.mark.parametrize(
    ("operator", "planted"),
    [("<", "$lte"), ("<=", "$lt"), (">", "$gte"), (">=", "$gt"), ("==", "$neq"), ("!=", None)],
)
def test_a_comparison_planted_wrong_in_the_networks_is_found(
    operator: str, planted: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(fence._OPERATORS, operator, planted)  # noqa: SLF001
    area = toy_area()
    decide = both.compile_area(area)

    with pytest.raises(
        pr.EngineDisagreement, match=r"^the engines `python` and `durable` disagree"
    ):
        decided_all(decide, area)


@needs_durable
def test_an_unknown_taken_for_a_number_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    right = durable._ends  # noqa: SLF001
    monkeypatch.setattr(durable, "_ends", lambda value: right(0 if value is None else value))
    area = toy_area()
    decide = both.compile_area(area)

    with pytest.raises(pr.EngineDisagreement, match="is cannot_tell and"):
        decided_all(decide, area)


@needs_durable
def test_a_disagreement_about_a_stage_alone_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    decide = both.compile_area(shipped().area("unpaid-work"))
    wrong(monkeypatch, lambda found: {one for one in found if one[0] != "s"})

    with pytest.raises(
        pr.EngineDisagreement, match="work, on 2026-01-20: the stage is backlog and cannot_tell;"
    ):
        decide(ORDER, ON)


@needs_durable
def test_a_disagreement_about_a_rule_alone_says_nothing_of_the_stage(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    decide = both.compile_area(shipped().area("unpaid-work"))
    wrong(monkeypatch, lambda found: {one for one in found if not one.startswith("o0_")})

    with pytest.raises(
        pr.EngineDisagreement, match=r"on 2026-01-20: upw\.\S+ is \w+ and cannot_tell; the case is"
    ):
        decide(ORDER, ON)


@needs_durable
def test_a_disagreement_about_a_list_that_is_not_known_says_nothing_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    decide = both.compile_area(shipped().area("pod"))
    wrong(monkeypatch, lambda found: {*found, f"o0_{MET}"})

    with pytest.raises(pr.EngineDisagreement, match=r"is cannot_tell and met; the case is \{\}$"):
        decide(pr.Pod(), ON)


@needs_durable
def test_a_disagreement_lists_members_without_their_references(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    decide = both.compile_area(shipped().area("pod"))
    wrong(monkeypatch, lambda found: {one for one in found if not one.startswith("o0")})
    pod = pr.Pod(
        reference="secret",
        members=(pr.PodMember(reference="secret", grade="PQiP"), pr.PodMember(grade="PO")),
    )

    with pytest.raises(pr.EngineDisagreement) as error:
        decide(pod, ON)
    assert 'the case is {"members": [{"grade": "PQiP"}, {"grade": "PO"}]}' in str(error.value)
    assert "secret" not in str(error.value)


@needs_durable
def test_a_disagreement_about_a_case_with_records_lists_what_rules_see_of_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    decide = both.compile_area(shipped().area("curfew-variation"))
    wrong(monkeypatch, lambda _: {f"o0_{MET}"})
    period = pr.CurfewPeriod(day="monday", start=time(19), minutes=720, place="secret")
    case = pr.CurfewVariation(
        reference="secret", current=(period,), steps=pr.CurfewSteps(form=pr.Step(done=True))
    )

    with pytest.raises(pr.EngineDisagreement) as error:
        decide(case, ON)
    assert '"form_done": true' in str(error.value)
    assert "secret" not in str(error.value)


@needs_durable
def test_a_case_that_one_engine_alone_refuses_is_not_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def accept(*_: object) -> None:
        """Find nothing wrong."""

    monkeypatch.setattr(durable, "require_valid", accept)
    decide = both.compile_area(shipped().area("unpaid-work"))
    bad = pr.UnpaidWorkOrder(reference="secret", required_minutes=-5, extended=False)

    with pytest.raises(pr.EngineDisagreement) as error:
        decide(bad, ON)
    message = str(error.value)
    assert "the case is refused (`-5` is not allowed" in message
    assert 'and answered; the case is {"extended": false}' in message
    assert "secret" not in message


@needs_durable
def test_a_rule_with_two_outcomes_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong(monkeypatch, lambda found: {*found, f"o0_{MET}", f"o0_{NOT_APPLICABLE}"})
    decide = durable.compile_area(shipped().area("unpaid-work"))

    with pytest.raises(
        pr.EngineDisagreement, match=r"gives upw\.hours-range more than one outcome"
    ):
        decide(ORDER, ON)


@needs_durable
def test_the_engine_decides_and_nothing_else_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """With networks that conclude nothing, nothing can be told."""
    wrong(monkeypatch, lambda _: set())
    for area in [*shipped().areas.values(), toy_area()]:
        decide = durable.compile_area(area)
        for case, on in questions(area, 50):
            if not isinstance(codes := decided(decide, case, on), str):
                assert codes == (*[CANNOT_TELL] * len(area.rules), NO_STAGE)


# --- What is refused before it reaches the engine -------------------------------------------------

A_IS_1 = ("yes", (Comparison("a", "==", 1),))


def one_rule(field: str, operator: str = "==", other: Any = 1) -> list[Any]:
    return [("yes", (Comparison(field, operator, other),))]


UNSAFE_RULES: dict[str, tuple[list[Any], str]] = {
    "text compared by its escaped form, and text ordered by it": (
        one_rule("a", "<", "a text"), "the field name `a text`"),
    "a null as a constant": (one_rule("a", "==", None), "a NoneType as a figure"),
    "a decimal, with or without an exponent": (one_rule("a", "==", 1e-05), "a float as a figure"),
    "a truth value beside whole numbers": (one_rule("a", "==", True), "a bool as a figure"),
    "a whole number that is clamped": (one_rule("a", "==", 2**64), "a figure beyond 2**53"),
    "equality with a list": (one_rule("a", "==", [1]), "a list as a figure"),
    "arithmetic, and so truncating division and division by zero": (
        one_rule("a", "==", {"$div": {"$l": 1, "$r": 0}}), "a dict as a figure"),
    "a regular expression": (one_rule("a", "$mt", 1), "the operator `$mt`"),
    "a negated fact, which never ends": (one_rule("a", "$not", 1), "the operator `$not`"),
    "an `or`, which fires twice": (one_rule("a", "$or", 1), "the operator `$or`"),
    "a dotted name, which is also a nested one": (one_rule("a.b"), "the field name `a.b`"),
    "a name with a quote": (one_rule('a"'), 'the field name `a"`'),
    "an operator as a name": (one_rule("$m"), "the field name `$m`"),
    "the engine's session": (one_rule("sid", "!=", 1), "the engine's own name `sid`"),
    "the engine's message id, which never ends": (one_rule("id", "!=", 1), "the engine's own name `id`"),
    "the mark of a record": (one_rule("a", "<", "k"), "the engine's own name `k`"),
    "two names with one hash": (
        [*one_rule("field_1262382"), *one_rule("field_1079599")],
        "the field names `field_1262382` and `field_1079599`"),
    "more rules than may match at once": ([A_IS_1] * 61, "61 rules in one network"),
    "a rule that is too wide": (
        [("yes", tuple(Comparison("a", "!=", n) for n in range(61)))],
        "a rule of more than 60 comparisons"),
    "a record that is too wide": (
        [("yes", tuple(Comparison(f"a{n}_{m}", "==", 1) for n in range(51))) for m in range(5)],
        "255 fields in one record"),
}  # fmt: skip


@pytest.mark.parametrize("what", UNSAFE_RULES)
def test_unsafe_rules_never_reach_the_engine(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rules, message = UNSAFE_RULES[what]
    monkeypatch.setattr(fence, "extension", lambda: pytest.fail("the engine was asked"))

    with pytest.raises(pr.EngineUnavailable) as error:
        Network(rules)

    assert message in str(error.value)


UNSAFE_RECORDS: dict[str, dict[str, Any]] = {
    "a missing field, which makes rules fire": {},
    "a field too many": {"a": 1, "b": 2},
    "a session of the caller's": {"a": 1, "sid": 1},
    "a null": {"a": None},
    "text": {"a": "1"},
    "a truth value": {"a": True},
    "a decimal": {"a": 1.0},
    "not a number, which reads as null": {"a": float("nan")},
    "a list": {"a": [1]},
    "a nested record": {"a": {"b": 1}},
    "a whole number that is not exact": {"a": FAR + 1},
}


@needs_durable
@pytest.mark.parametrize("what", UNSAFE_RECORDS)
def test_unsafe_records_never_reach_the_engine(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    network = Network([A_IS_1])
    monkeypatch.setattr(fence, "_run", lambda *_: pytest.fail("the engine was asked"))

    with pytest.raises(pr.EngineUnavailable, match="durable_rules is"):
        network.decide(UNSAFE_RECORDS[what])


@needs_durable
def test_a_condition_that_is_too_wide_is_refused_by_its_rule() -> None:
    content = raw()
    rule = content["rules"]["toy.learners"]
    words = [f"w{number}" for number in range(62)]
    content["facts"]["shade"] = {"type": "code", "values": words, "about": "One of many words."}
    listed = ", ".join(f"'{word}'" for word in words[:60])
    rule |= {"must": f"not (shade in ({listed}))", "not_met": "no"}
    rule["applies"] = "learners <= helpers"

    with pytest.raises(
        pr.EngineUnavailable, match=r"rule toy.learners: 61 comparisons.*derived facts"
    ):
        durable.compile_area(toy_area(content))


@needs_durable
def test_numbers_beyond_what_is_exact_are_refused_by_their_rule() -> None:
    content = raw()
    content["facts"]["visits"]["max"] = 2**53
    rule = content["rules"]["toy.visits"]
    rule["must"] = "visits <= most_visits"

    with pytest.raises(pr.EngineUnavailable, match=r"rule toy\.visits: a number in it can pass"):
        durable.compile_area(toy_area(content))


# --- The engine's own faults ----------------------------------------------------------------------


def test_where_it_cannot_be_imported_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, EXTENSION, None)
    book = shipped().on(ON)  # no engine has been made ready for it

    with pytest.raises(pr.EngineUnavailable) as error:
        pr.check(ORDER, on=ON, engine="both", rulebook=book)
    assert "pip install 'probation-rules[durable]'" in str(error.value)
    assert "Python 3.11 or 3.12" in str(error.value)


@needs_durable
def test_after_a_failure_the_network_is_built_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = import_module(EXTENSION)
    network = Network([A_IS_1])
    assert network.decide({"a": 1}) == {"yes"}
    built: list[Any] = []
    dropped: list[Any] = []
    build, drop = engine.create_ruleset, engine.delete_ruleset
    with monkeypatch.context() as patch:
        patch.setattr(engine, "delete_state", lambda *_: pytest.fail("a state was deleted"))
        patch.setattr(engine, "complete_and_start_action", fail(RuntimeError("error code: 303")))
        with pytest.raises(pr.EngineUnavailable, match="durable_rules failed: error code: 303"):
            network.decide({"a": 1})
        patch.setattr(engine, "start_action_for_state", fail(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            network.decide({"a": 1})
    monkeypatch.setattr(engine, "create_ruleset", noting(built, build))
    monkeypatch.setattr(engine, "delete_ruleset", noting(dropped, drop))

    assert [network.decide({"a": value}) for value in (1, 2)] == [{"yes"}, set()]
    assert (len(built), dropped) == (1, [])
    del network
    gc.collect()
    assert len(dropped) == 1, "a network that nobody holds is let go"


def noting(calls: list[Any], function: Callable[..., Any]) -> Callable[..., Any]:
    def noted(*given: Any) -> Any:
        calls.append(given)
        return function(*given)

    return noted


def fail(error: BaseException) -> Callable[..., Any]:
    def failing(*_: object) -> Any:
        raise error

    return failing


@needs_durable
@pytest.mark.parametrize("status", [0, 1])
def test_an_engine_that_did_not_run_gives_no_answer(
    status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = import_module(EXTENSION)
    network = Network([A_IS_1])
    monkeypatch.setattr(engine, "assert_fact", lambda *_: (status, 0))
    monkeypatch.setattr(engine, "start_action_for_state", lambda *_: (None, None))

    with pytest.raises(pr.EngineUnavailable, match="the rule that always fires did not fire"):
        network.decide({"a": 1})


@needs_durable
def test_a_network_that_the_engine_refuses_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = import_module(EXTENSION)
    monkeypatch.setattr(engine, "create_ruleset", fail(RuntimeError("error code: 113")))

    with pytest.raises(pr.EngineUnavailable, match="error code: 113; ask again, or use the engine"):
        Network([A_IS_1])


# --- Memory, threads, processes -------------------------------------------------------------------


def resident() -> int:
    """The process's memory, in KiB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 1024


@needs_durable
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="no such measure of memory here")
def test_memory_stays_flat() -> None:
    decide = durable.compile_area(shipped().area("allocation"))
    asked = questions(shipped().area("allocation"), 100)
    for case, on in asked * 10:
        decided(decide, case, on)
    gc.collect()
    before = resident()
    for case, on in asked * 50:
        decided(decide, case, on)
    gc.collect()

    assert resident() - before < 4096


@needs_durable
def test_eight_threads_get_right_answers() -> None:
    area = shipped().area("allocation")
    second, first = durable.compile_area(area), python.compile_area(area)
    asked = questions(area, 200)
    expected = [decided(first, case, on) for case, on in asked]

    def ask(seed: int) -> bool:
        order = list(range(len(asked)))
        Random(seed).shuffle(order)
        return all(decided(second, *asked[place]) == expected[place] for place in order)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(8) as pool:
            assert all(pool.map(ask, range(16)))
    finally:
        sys.setswitchinterval(interval)


@needs_durable
@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes do not fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_gets_right_answers_even_if_the_lock_was_held() -> None:
    area = shipped().area("allocation")
    second = durable.compile_area(area)
    asked = questions(area, 50)
    expected = [decided(second, case, on) for case, on in asked]
    network = Network([A_IS_1])
    network._running._lock = HeldForEver()  # type: ignore[assignment]  # noqa: SLF001

    child = os.fork()
    if child == 0:  # pragma: no cover (measured in the parent alone)
        good = [decided(second, case, on) for case, on in asked] == expected
        good = good and network.decide({"a": 1}) == {"yes"}
        os._exit(0 if good else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert [decided(second, case, on) for case, on in asked] == expected


class HeldForEver:
    def __enter__(self) -> None:
        os._exit(3)

    def __exit__(self, *_: object) -> None:
        """Never reached."""


@needs_durable
def test_another_process_gets_a_network_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    network = Network([A_IS_1])
    before = network._running  # noqa: SLF001
    monkeypatch.setattr(before, "process", -1)

    assert network.decide({"a": 1}) == {"yes"}
    assert network._running is not before  # noqa: SLF001
