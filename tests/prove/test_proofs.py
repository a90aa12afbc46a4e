"""Proofs: the shipped rules pass, and planted faults are refuted, each with a readable case."""

from __future__ import annotations

from datetime import date
from importlib import import_module
from itertools import islice
from runpy import run_module
from signal import SIGINT, raise_signal
from threading import Timer
from typing import Any
from unittest.mock import ANY

import pytest
import z3

from probation_rules.rulebook import shipped
from probation_rules.rulebook.model import Area
from prove import Prover, Verdict, prove
from prove.claims import claims
from prove.terms import Terms
from support.toy import raw, toy_area

AREAS = shipped().areas
# The number of claims proved here; small areas have fewer, and all are proved.
QUICK = {"allocation": None, "pod": None, "unpaid-work": 3, "curfew-variation": 3}
PATIENT = 600  # seconds for one question, so that a busy machine does not decide the result
# What takes a solver long, or contradicts another rule of the toy.
HARD = {"rules": ("toy.equal", "toy.spread"), "derived": ("spread", "double", "half", "pairs")}


def changed(**sections: dict[str, Any]) -> Area:
    """The toy area without what is hard, and with some entries replaced or added."""
    content = raw()
    for section, names in HARD.items():
        for name in names:
            del content[section][name]
    for section, entries in sections.items():
        content.setdefault(section, {}).update(entries)
    return toy_area(content)


def failed(area: Area, claims: int | None = None) -> dict[str, str | None]:
    """What fails of the first claims, with the cases that show it."""
    proofs = islice(prove(area), claims)
    return {one.claim.text: one.shown for one in proofs if one.verdict is Verdict.FAILS}


def rule(**says: str) -> dict[str, Any]:
    return {**raw()["rules"]["toy.learners"], "not_met": "no", **says}


def test_the_days_of_a_case_found_before_narrow_a_later_question() -> None:
    area = changed()
    prover = Prover(area, Terms(area), 40)
    case = prover.case(area.stages["over"].lowered, holds=True)
    assert case is not None
    (first, _), (narrowed, seconds), (last, _) = prover.tries()
    assert first == last == []
    assert len(narrowed) == sum(isinstance(value, date) for value in case.facts.values())
    assert seconds < 1


# --- what is shipped ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", QUICK)
def test_every_claim_about_a_shipped_area_holds(name: str) -> None:
    """The larger areas prove only the claims about stages; `make prove` proves all claims."""
    area = AREAS[name]
    proofs = list(islice(prove(area, PATIENT), QUICK[name]))
    assert [str(one) for one in proofs if one.verdict is not Verdict.HOLDS] == []
    if QUICK[name] is None:
        stated = {one.claim.text for one in proofs}
        assert stated >= {f"{rule} can be met" for rule in area.wordings}
        assert stated >= {f"{rule} can be not met" for rule in area.wordings}


def test_the_toy_without_what_is_hard_holds_up() -> None:
    assert failed(changed()) == {}


def test_two_rules_of_the_toy_were_never_meant_to_go_together() -> None:
    content = raw()
    del content["rules"]["toy.equal"]
    assert failed(toy_area(content)) == {
        "toy.spread and toy.reading to 2021-12-31 can be met together, if they apply together": ANY
    }


def test_the_table_of_an_area_is_printed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["prove", "allocation"])
    with pytest.raises(SystemExit) as done:
        run_module("prove", run_name="__main__")
    assert done.value.code == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "allocation"
    assert any(line.endswith("alloc.visor can be not applicable") for line in lines)
    assert " holds, " in lines[-1]


def test_an_area_that_there_is_not_is_refused_and_nothing_is_proved(
    capsys: pytest.CaptureFixture[str],
) -> None:
    main = import_module("prove.__main__").main

    with pytest.raises(SystemExit) as end:
        main(["allocation", "alocation"])

    shown = capsys.readouterr()
    assert (end.value.code, shown.out) == (2, "")
    assert shown.err.splitlines()[-1].startswith(
        "prove: error: `alocation` is not an area; did you mean `allocation`? The areas are allo"
    )


# --- planted faults ----------------------------------------------------------------------------


def test_a_stage_that_no_case_reaches_is_refuted() -> None:
    area = changed(stages={"over": {"when": "on > last or on <= last", "about": "Over."}})
    assert list(failed(area)) == ["stage running can hold"]


def test_rules_that_contradict_each_other_are_refuted_with_a_case_of_both() -> None:
    found = failed(changed(rules={"toy.reverse": rule(must="learners > helpers")}))
    ((text, case),) = found.items()
    assert text == ("toy.learners and toy.reverse can be met together, if they apply together")
    assert case == "no members"


def test_rules_that_never_apply_together_do_not_contradict_each_other() -> None:
    rules = {
        "toy.one": rule(applies="kind == 'light'", must="visits > 1"),
        "toy.other": rule(applies="kind == 'heavy'", must="visits <= 1"),
    }
    assert failed(changed(rules=rules)) == {}


@pytest.mark.parametrize(
    ("condition", "never"), [("on > due_on", "due"), ("on <= due_on", "no longer due")]
)
def test_a_due_day_that_is_always_the_same_on_the_day_itself_is_refuted(
    condition: str, never: str
) -> None:
    day = {"label": "due day", "rule": "toy.reading", "while": condition}
    assert failed(changed(due={"due_on": day})) == {f"due_on can be {never}": None}


def test_a_condition_that_is_always_the_same_is_refuted() -> None:
    derived = {"always": {"is": "visits > 0 or visits <= 1", "about": "Constant."}}
    rules = {"toy.always": rule(applies="always", must="ended")}
    assert failed(changed(derived=derived, rules=rules)) == {
        "always can be false": None,
        "toy.always: `applies` can be false": None,
        "toy.always can be not applicable": None,
    }


def test_a_rule_that_can_never_be_met_is_refuted() -> None:
    found = failed(changed(rules={"toy.never": rule(must="visits > 1 and not (visits > 0)")}))
    assert "toy.never can be met" in found


def test_a_failed_claim_without_a_case_says_so() -> None:
    area = changed(derived={"always": {"is": "visits > 0 or visits <= 1", "about": "Constant."}})
    (line,) = [str(one) for one in prove(area) if one.verdict is Verdict.FAILS]
    assert line.endswith("always can be false\n" + " " * 21 + "no case does")


def test_a_question_that_takes_too_long_is_left_undecided() -> None:
    stages = islice(prove(AREAS["unpaid-work"], 0.001), 3)
    assert "the solver has no answer within 0.001 s" in [one.shown for one in stages]


def test_ctrl_c_ends_the_proofs_and_not_only_a_question() -> None:
    area = toy_area()
    terms = Terms(area)
    x, y, z = z3.Ints("x y z")
    # It is not known whether this is possible.
    terms.given += [x * x * x + y * y * y + z * z * z == 114, x > 10**5, y > 10**4, z < 0]
    prover = Prover(area, terms, seconds=8)
    interruption = Timer(0.5, raise_signal, [SIGINT])
    interruption.start()
    with pytest.raises(KeyboardInterrupt):
        prover.case(next(claims(area)).node, holds=True)  # that there is a complete case
    assert interruption.finished.is_set()
