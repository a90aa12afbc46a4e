"""The engine `durable`: it decides by itself, refuses unsafe input, and is compared with `python`.

`test_agreement.py` checks that it gives the same answers as the other engines on random cases.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, time
from pathlib import Path
from random import Random
from typing import Any

import attrs
import pytest
from click.testing import CliRunner

import probation_rules as pr
from probation_rules.cli.program import root
from probation_rules.engines import (
    CANNOT_TELL,
    MET,
    NO_STAGE,
    NOT_APPLICABLE,
    NOT_MET,
    Codes,
    Decide,
    cross_check,
    durable,
    python,
)
from probation_rules.engines import (
    network as fence,
)
from probation_rules.engines.network import Comparison, Network
from probation_rules.errors import CaseError
from probation_rules.language.tree import And, Compare, Constant, Name, Or, Type
from probation_rules.rulebook import shipped
from probation_rules.rulebook.model import Area
from support.generate import case_of, question_day
from support.toy import raw, toy_area

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
    """Return the codes, or the problems as texts."""
    try:
        return decide(case, on)
    except CaseError as error:
        return str(error)


def questions(area: Area, number: int, seed: int = SEED) -> list[tuple[Any, date]]:
    random = Random(seed)
    cases = ((case_of(random, area), question_day(random, area)) for _ in range(number))
    return [(area.facts_of(case), on) for case, on in cases]


def decided_all(decide: Decide, area: Area) -> None:
    for case, on in questions(area, 2000):
        decided(decide, case, on)


def add_flags(content: dict[str, Any], number: int) -> list[str]:
    """Return the toy area with this number of additional true-or-false facts."""
    flags = [f"f{place}" for place in range(number)]
    content["facts"] |= {name: {"type": "bool", "about": "A flag."} for name in flags}
    return flags


# --- One meaning ----------------------------------------------------------------------------------


def test_a_condition_of_every_form_and_size() -> None:
    """Nested choices, long lists, long `or`, comparisons of words, and figures."""
    content = raw()
    flags = add_flags(content, 70)
    content["facts"]["other_kind"] = content["facts"]["kind"]
    dated = content["parameters"]["most_visits"]["values"]
    content["parameters"]["strict"] = {
        "type": "bool", "about": "Whether it is strict.", "basis": "local", "by": "started_on",
        "values": [{**one, "value": value} for one, value in zip(dated, (True, False), strict=True)],
    }  # fmt: skip
    now = {**content["parameters"]["most_visits"], "by": "on"}
    content["parameters"]["most_visits_now"] = now
    rule = content["rules"]["toy.learners"]
    for part in range(4):  # a text may have at most 500 characters
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
            "most_visits < most_visits_now and not (helpers != learners)",
            "(reading if f8 else reading) == 'business'",
            "strict or learners == 1",
        ]
    ):
        content["rules"][f"toy.form-{place}"] = {**rule, "must": condition, "not_met": "no"}
    area = toy_area(content)
    second, first = durable.compile_area(area), python.compile_area(area)
    for case, on in questions(area, 1000):
        assert decided(second, case, on) == decided(first, case, on), (case, on)


@pytest.mark.parametrize("asked", [{"engine": "durable"}, {"cross_check": True}])
def test_check_answers_with_the_second_engine_and_names_it(asked: dict[str, Any]) -> None:
    report = pr.check(ORDER, on=ON, **asked)

    assert report.engine == asked.get("engine", "python")
    assert pr.checker("unpaid-work", on=ON, **asked)(ORDER) == report
    assert report.stage == "backlog"
    assert report.to_dict()["reports"] == pr.check(ORDER, on=ON).to_dict()["reports"]


@pytest.mark.parametrize("asked", [{"engine": "durable"}, {"cross_check": True}])
def test_a_bad_case_is_refused_with_the_same_message(asked: dict[str, Any]) -> None:
    bad = pr.UnpaidWorkOrder(completed_minutes=-1, required_minutes=-1, extended_to=ON)
    refused = []
    for options in ({}, asked):
        with pytest.raises(pr.CaseError) as error:
            pr.check(bad, on=ON, **options)
        refused.append(error.value.problems)
    assert refused[0] == refused[1]
    with pytest.raises(pr.NotInForce):
        pr.check(ORDER, on=date(2000, 1, 1), **asked)


def test_a_cross_check_is_of_the_default_engine() -> None:
    with pytest.raises(pr.InputError, match="`durable`; leave `engine` out @ cross_check"):
        pr.check(ORDER, on=ON, engine="reference", cross_check=True)


def test_check_raises_an_error_if_the_engines_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong(monkeypatch, lambda found: {one for one in found if one[0] != "s"})
    settings: Any
    for settings in (None, {"pace_slack": 1}):
        with pytest.raises(pr.EngineDisagreement, match="the stage is backlog and cannot_tell"):
            pr.check(ORDER, on=ON, cross_check=True, settings=settings)
    answer = pr.checker("unpaid-work", on=ON, cross_check=True)
    with pytest.raises(pr.EngineDisagreement, match="the stage is backlog and cannot_tell"):
        answer(ORDER)


def test_the_command_line_can_cross_check(tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("reference,sentence_date\nEX-1,2025-01-15\n", encoding="utf-8")
    asked = ["check", "unpaid-work", str(file), "--on", "2026-01-20", "--format", "json"]

    first, second = (CliRunner().invoke(root, [*asked, *more]) for more in ([], ["--cross-check"]))

    assert second.exit_code == 0
    assert json.loads(second.stdout)["engine"] == "python"
    assert json.loads(second.stdout)["reports"] == json.loads(first.stdout)["reports"]


# --- Cross-check ----------------------------------------------------------------------------------


def wrong(monkeypatch: pytest.MonkeyPatch, change: Callable[[set[str]], set[str]]) -> None:
    """Make every network give another conclusion."""
    right = Network.decide
    monkeypatch.setattr(Network, "decide", lambda self, record: change(right(self, record)))


def test_a_cross_check_raises_an_error_if_a_network_is_wrong(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    decide = cross_check.compile_area(shipped().area("unpaid-work"))
    right = decide(ORDER, ON)
    assert right == python.compile_area(shipped().area("unpaid-work"))(ORDER, ON)
    place = [rule.id for rule in shipped().area("unpaid-work").rules].index("upw.hours-range")
    met = f"o{place}_{MET}"

    wrong(monkeypatch, lambda found: {*(found - {met, "s3"}), *(["s5"] if "s3" in found else [])})

    with pytest.raises(pr.EngineDisagreement) as error:
        decide(ORDER, ON)
    message = str(error.value)
    assert (
        "upw.hours-range is met and cannot_tell; the stage is backlog and final_quarter" in message
    )
    assert '"sentence_date": "2025-01-15"' in message
    assert "on 2026-01-20" in message
    assert "secret" not in message
    stated = json.loads(message.partition("the case is ")[2])
    assert pr.case_from("unpaid-work", stated) == attrs.evolve(ORDER, reference=None)


@pytest.mark.parametrize(
    ("operator", "planted"),
    [("<", "$lte"), ("<=", "$lt"), (">", "$gte"), (">=", "$gt"), ("==", "$neq"), ("!=", None)],
)
def test_a_cross_check_finds_a_wrong_comparison_in_the_networks(
    operator: str, planted: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(fence._OPERATORS, operator, planted)  # noqa: SLF001
    area = toy_area()
    decide = cross_check.compile_area(area)

    with pytest.raises(
        pr.EngineDisagreement, match=r"^the engines `python` and `durable` disagree"
    ):
        decided_all(decide, area)


def test_a_cross_check_finds_an_unknown_treated_as_a_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    right = durable._ends  # noqa: SLF001
    monkeypatch.setattr(durable, "_ends", lambda value: right(0 if value is None else value))
    area = toy_area()
    decide = cross_check.compile_area(area)

    with pytest.raises(pr.EngineDisagreement, match="is cannot_tell and"):
        decided_all(decide, area)


def test_a_disagreement_about_a_stage_alone_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    decide = cross_check.compile_area(shipped().area("unpaid-work"))
    wrong(monkeypatch, lambda found: {one for one in found if one[0] != "s"})

    with pytest.raises(
        pr.EngineDisagreement, match="work, on 2026-01-20: the stage is backlog and cannot_tell;"
    ):
        decide(ORDER, ON)


def test_a_disagreement_about_a_rule_alone_does_not_mention_the_stage(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    decide = cross_check.compile_area(shipped().area("unpaid-work"))
    wrong(monkeypatch, lambda found: {one for one in found if not one.startswith("o0_")})

    with pytest.raises(
        pr.EngineDisagreement, match=r"on 2026-01-20: upw\.\S+ is \w+ and cannot_tell; the case is"
    ):
        decide(ORDER, ON)


def test_a_disagreement_about_an_unknown_list_does_not_mention_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    decide = cross_check.compile_area(shipped().area("pod"))
    wrong(monkeypatch, lambda found: {*found, f"o0_{MET}"})

    with pytest.raises(pr.EngineDisagreement, match=r"is cannot_tell and met; the case is \{\}$"):
        decide(pr.Pod(), ON)


def test_a_disagreement_lists_members_without_their_references(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    decide = cross_check.compile_area(shipped().area("pod"))
    wrong(monkeypatch, lambda found: {one for one in found if not one.startswith("o0")})
    pod = pr.Pod(
        reference="secret",
        members=(pr.PodMember(reference="secret", grade="PQiP"), pr.PodMember(grade="PO")),
    )

    with pytest.raises(pr.EngineDisagreement) as error:
        decide(pod, ON)
    assert 'the case is {"members": [{"grade": "PQiP"}, {"grade": "PO"}]}' in str(error.value)
    assert "secret" not in str(error.value)


def test_a_disagreement_about_a_case_with_records_lists_their_computed_facts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    area = shipped().area("curfew-variation")
    decide = cross_check.compile_area(area)
    wrong(monkeypatch, lambda _: {f"o0_{MET}"})
    period = pr.CurfewPeriod(day="monday", start=time(19), minutes=720, place="secret")
    case = pr.CurfewVariation(
        reference="secret", current=(period,), steps=pr.CurfewSteps(form=pr.Step(done=True))
    )

    with pytest.raises(pr.EngineDisagreement) as error:
        decide(area.facts_of(case), ON)
    assert '"form_done": true' in str(error.value)
    assert "secret" not in str(error.value)


def test_a_case_that_one_engine_alone_refuses_raises_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def accept(*_: object) -> None:
        """Find no problems."""

    monkeypatch.setattr(durable, "require_valid", accept)
    decide = cross_check.compile_area(shipped().area("unpaid-work"))
    bad = pr.UnpaidWorkOrder(reference="secret", required_minutes=-5, extended=False)

    with pytest.raises(pr.EngineDisagreement) as error:
        decide(bad, ON)
    message = str(error.value)
    assert "the case is refused (`-5` is not allowed" in message
    assert 'and answered; the case is {"extended": false}' in message
    assert "secret" not in message


def test_a_rule_with_two_outcomes_raises_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong(monkeypatch, lambda found: {*found, f"o0_{MET}", f"o0_{NOT_APPLICABLE}"})
    decide = durable.compile_area(shipped().area("unpaid-work"))

    with pytest.raises(
        pr.EngineDisagreement, match=r"gives more than one outcome for upw\.hours-range"
    ):
        decide(ORDER, ON)


def test_only_the_engine_decides_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the networks do not conclude anything, every outcome is `cannot_tell`."""
    wrong(monkeypatch, lambda _: set())
    for area in [*shipped().areas.values(), toy_area()]:
        decide = durable.compile_area(area)
        for case, on in questions(area, 50):
            if not isinstance(codes := decided(decide, case, on), str):
                assert codes == (*[CANNOT_TELL] * len(area.rules), NO_STAGE)


# --- Rules that the engine cannot run --------------------------------------------------------------


def with_shades(number: int) -> Area:
    """Return the toy area with a rule about this number of code words."""
    content = raw()
    words = [f"w{place}" for place in range(62)]
    content["facts"]["shade"] = {"type": "code", "values": words, "about": "One of many words."}
    listed = ", ".join(f"'{word}'" for word in words[:number])
    rule = content["rules"]["toy.learners"]
    rule |= {"must": f"not (shade in ({listed}))", "not_met": "no"}
    rule["applies"] = "learners <= helpers"
    return toy_area(content)


def test_a_condition_that_is_too_wide_is_refused_by_its_rule() -> None:
    with pytest.raises(pr.InputError, match=r"rule toy.learners: 61 comparisons.*derived facts"):
        durable.compile_area(with_shades(60))


def test_a_condition_that_is_just_not_too_wide_is_answered() -> None:
    area = with_shades(59)
    second, first = durable.compile_area(area), python.compile_area(area)

    for case, on in questions(area, 100):
        assert decided(second, case, on) == decided(first, case, on), (case, on)


def with_visits(least: int, most: int) -> Area:
    """Return the toy area with a rule that compares a number with this range."""
    content = raw()
    content["facts"]["visits"] |= {"min": least, "max": most}
    content["derived"].pop("half")
    content["rules"].pop("toy.equal")
    content["rules"]["toy.visits"]["must"] = "visits <= most_visits"
    return toy_area(content)


@pytest.mark.parametrize(("least", "most"), [(0, 2**53), (-(2**53), 50)])
def test_numbers_too_large_to_be_exact_are_refused_by_their_rule(least: int, most: int) -> None:
    with pytest.raises(pr.InputError, match=r"rule toy\.visits: a number in it can exceed"):
        durable.compile_area(with_visits(least, most))


def test_the_farthest_exact_numbers_differ_from_an_unknown() -> None:
    area = with_visits(1 - 2**53, 2**53 - 1)
    decide = durable.compile_area(area)
    case = case_of(Random(SEED), area)
    outcomes = []
    for case.visits in (1 - 2**53, 2**53 - 1, None):
        outcomes.append(decide(case, ON)[0])

    assert outcomes == [MET, NOT_MET, CANNOT_TELL]


# --- How conditions are split ---------------------------------------------------------------------


def test_a_network_is_as_large_as_is_safe() -> None:
    def lots(number: int, fields: int) -> list[int]:
        each = [("yes", tuple(Comparison(f"a{n}", "==", 1) for n in range(fields)))]
        others = [("no", (Comparison(f"b{n}", "==", 1),)) for n in range(number - 1)]
        return [len(lot) for lot in durable._split([*each, *others])]  # noqa: SLF001

    assert (lots(60, 1), lots(61, 1), lots(121, 1)) == ([60], [60, 1], [60, 60, 1])
    assert (lots(11, 240), lots(12, 240)) == ([11], [11, 1])


VISITS = Name(Type("int", low=0, high=50), "visits")


def visits(operator: str, figure: int) -> Compare:
    return Compare(Type("bool"), operator, VISITS, Constant(VISITS.type, figure))


@pytest.mark.parametrize(
    ("ways", "comparisons", "of_its_own"),
    [
        ((1, 1), 1, 0),
        ((2, 2), 1, 0),
        ((4,), 1, 0),
        ((5,), 1, 1),
        ((2, 3), 1, 1),
        ((3, 3, 3), 1, 2),
        ((1,), 7, 0),
        ((1,), 8, 0),
        ((1,), 9, 1),
    ],
)
def test_a_part_with_many_ways_or_comparisons_gets_rules_of_its_own(
    ways: tuple[int, ...], comparisons: int, of_its_own: int
) -> None:
    """Without their own rules, the ways to be true would multiply with every part of a condition."""
    compiler = durable._Compiler(toy_area())  # noqa: SLF001
    figures = iter(range(100))
    parts = [
        Or(
            Type("bool"),
            tuple(
                And(Type("bool"), tuple(visits("<", next(figures)) for _ in range(comparisons)))
                for _ in range(number)
            ),
        )
        for number in ways
    ]

    compiler.every([(part, True) for part in parts])

    assert len(compiler.rails) == of_its_own


def test_a_figure_is_in_the_rule_on_whichever_side_it_is_written() -> None:
    compiler = durable._Compiler(toy_area())  # noqa: SLF001
    figure = Constant(VISITS.type, 7)

    assert compiler.compared(">", VISITS, figure) == [(Comparison("n0_lo", ">", 7),)]
    assert compiler.compared("<", figure, VISITS) == [(Comparison("n0_lo", ">", 7),)]
    assert compiler.numbers == {VISITS: "n0"}


def test_a_condition_that_uses_a_conclusion_runs_one_round_later() -> None:
    compiler = durable._Compiler(toy_area())  # noqa: SLF001
    for name, *ways in [("r0", "a"), ("r1", "a", "r0"), ("r2", "b"), ("last", "r0", "r1"), ("r3",)]:
        compiler.conclude(
            name, [(Comparison(one, "==", 2), Comparison("c", "<", 1)) for one in ways]
        )
    compiler.conclude("always", [()])

    found = [[name for name, _ in clauses] for clauses in compiler.rounds]
    assert found == [["r0", "r1", "r2", "always"], ["r1", "last"], ["last"]]


# --- Memory, threads, processes -------------------------------------------------------------------


def resident() -> int:
    """Return the memory of the process, in KiB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 1024


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


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes do not fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_gets_right_answers() -> None:
    area = shipped().area("allocation")
    second = durable.compile_area(area)
    asked = questions(area, 50)
    expected = [decided(second, case, on) for case, on in asked]

    child = os.fork()
    if child == 0:  # pragma: no cover (measured in the parent alone)
        good = [decided(second, case, on) for case, on in asked] == expected
        os._exit(0 if good else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert [decided(second, case, on) for case, on in asked] == expected


def test_a_condition_that_may_not_exist_is_concluded_only_where_it_exists() -> None:
    content = raw()
    content["derived"]["early"] = {
        "is": "ended_on < due_on", "only_if": "ended", "about": "Whether it ended early.",
    }  # fmt: skip
    rule = content["rules"]["toy.learners"]
    content["rules"]["toy.early"] = {**rule, "must": "early", "not_met": "no"}
    area = toy_area(content)
    second, first = durable.compile_area(area), python.compile_area(area)
    for case, on in questions(area, 200):
        assert decided(second, case, on) == decided(first, case, on), (case, on)
