"""The safe interface to durable_rules: the input that it refuses, and failures of the engine."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from datetime import date
from importlib import import_module
from typing import Any

import pytest

import probation_rules as pr
from probation_rules.engines import network as fence
from probation_rules.engines.network import Comparison, Network
from probation_rules.rulebook import shipped

EXTENSION = "durable_rules_engine"

# --- Input that is refused before it reaches the engine -------------------------------------------

A_IS_1 = ("yes", (Comparison("a", "==", 1),))


def one_rule(field: str, operator: str = "==", other: Any = 1) -> list[Any]:
    return [("yes", (Comparison(field, operator, other),))]


UNSAFE_RULES: dict[str, tuple[list[Any], str]] = {
    "text compared by its escaped form, and text ordered by it": (
        one_rule("a", "<", "a text"), "the field name `a text`"),
    "a null as a constant": (one_rule("a", "==", None), "a NoneType as a figure"),
    "a decimal, with or without an exponent": (one_rule("a", "==", 1e-05), "a float as a figure"),
    "a truth value among whole numbers": (one_rule("a", "==", True), "a bool as a figure"),
    "a whole number that is clamped": (one_rule("a", "==", 2**64), "a figure beyond 2**53"),
    "a whole number that is not exact": (one_rule("a", "==", 2**53 + 1), "a figure beyond 2**53"),
    "one below zero": (one_rule("a", "==", -(2**53) - 1), "a figure beyond 2**53"),
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
        [("yes", tuple(Comparison(f"a{n}", "==", 1) for n in range(m, 251, 5))) for m in range(5)],
        "251 fields in one record"),
}  # fmt: skip


@pytest.mark.parametrize("what", UNSAFE_RULES)
def test_unsafe_rules_never_reach_the_engine(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rules, message = UNSAFE_RULES[what]
    monkeypatch.setattr(fence, "extension", lambda: pytest.fail("the engine was asked"))

    with pytest.raises(pr.InputError) as error:
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
    "a whole number that is not exact": {"a": 2**53 + 1},
    "one below zero": {"a": -(2**53) - 1},
}


@pytest.mark.parametrize("what", UNSAFE_RECORDS)
def test_unsafe_records_never_reach_the_engine(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    network = Network([A_IS_1])
    monkeypatch.setattr(fence, "_run", lambda *_: pytest.fail("the engine was asked"))

    with pytest.raises(pr.InputError, match="not safe for durable_rules"):
        network.decide(UNSAFE_RECORDS[what])


def test_input_at_the_limits_is_answered_correctly() -> None:
    """Run 60 rules that all fire, 60 comparisons in one rule, 250 fields, and figures of 2**53."""
    record = {f"f{place}": place for place in range(250)} | {"f0": 2**53, "f1": -(2**53)}
    each = [Comparison(name, "==", value) for name, value in record.items()]
    rules = [(f"rule {place}", tuple(each[place % 5 * 60 :][:60])) for place in range(60)]
    network = Network(rules)

    assert network.decide(record) == {f"rule {place}" for place in range(60)}
    assert network.decide(record | {"f0": 2**53 - 1}) == {
        f"rule {place}" for place in range(60) if place % 5
    }


@pytest.mark.parametrize(
    ("name", "found"), [("", 0x811C9DC5), ("a", 0xE40C292C), ("foobar", 0xBF9CF968)]
)
def test_names_are_hashed_as_the_engine_does(name: str, found: int) -> None:
    """The hash is FNV-1a with 32 bits. The authors of FNV-1a publish these figures."""
    assert fence._hash(name) == found  # noqa: SLF001


# --- The engine's own faults ----------------------------------------------------------------------


def test_the_error_of_a_failed_import_gives_the_next_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, EXTENSION, None)
    on = date(2026, 1, 20)
    book = shipped().on(on)  # no engine has been compiled for it

    with pytest.raises(pr.MissingExtra) as error:
        pr.check(pr.UnpaidWorkOrder(), on=on, cross_check=True, rulebook=book)
    assert "pip install 'probation-rules[durable]'" in str(error.value)
    assert "needs a C compiler" in str(error.value)
    assert "Python 3" not in str(error.value), "the version of Python is not the reason"


def test_the_engine_loads_if_python_lacks_a_function_that_it_never_calls() -> None:
    """Python 3.13 removed one. Only lazy binding loads the extension as its authors publish it."""
    modes = []

    class Loading:
        def find_spec(self, name: str, *_: object) -> None:
            if name == EXTENSION:
                modes.append(sys.getdlopenflags())

    before = sys.getdlopenflags()
    with pytest.MonkeyPatch.context() as patch:
        patch.delitem(sys.modules, EXTENSION, raising=False)
        patch.setattr(sys, "meta_path", [Loading(), *sys.meta_path])
        fence.extension()

    assert modes == [os.RTLD_LAZY]
    assert sys.getdlopenflags() == before


def test_the_engine_loads_if_python_has_no_dlopen_flags(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fence.extension()  # or a build that needs lazy binding would not load
    monkeypatch.delitem(sys.modules, EXTENSION)
    monkeypatch.delattr(sys, "setdlopenflags")

    assert fence.extension().__name__ == EXTENSION


def test_after_a_failure_the_network_is_built_again(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = import_module(EXTENSION)
    network = Network([A_IS_1])
    assert network.decide({"a": 1}) == {"yes"}
    built: list[Any] = []
    dropped: list[Any] = []
    build, drop = engine.create_ruleset, engine.delete_ruleset
    with monkeypatch.context() as patch:
        patch.setattr(engine, "delete_state", lambda *_: pytest.fail("a state was deleted"))
        patch.setattr(engine, "complete_and_start_action", fail(RuntimeError("error code: 303")))
        with pytest.raises(pr.InputError, match="durable_rules failed: error code: 303"):
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
    assert len(dropped) == 1, "a network without references is removed"


def noting(calls: list[Any], function: Callable[..., Any]) -> Callable[..., Any]:
    def noted(*given: Any) -> Any:
        calls.append(given)
        return function(*given)

    return noted


def fail(error: BaseException) -> Callable[..., Any]:
    def failing(*_: object) -> Any:
        raise error

    return failing


@pytest.mark.parametrize("status", [0, 1])
def test_an_engine_that_did_not_run_raises_an_error(
    status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = import_module(EXTENSION)
    network = Network([A_IS_1])
    monkeypatch.setattr(engine, "assert_fact", lambda *_: (status, 0))
    monkeypatch.setattr(engine, "start_action_for_state", lambda *_: (None, None))

    with pytest.raises(pr.InputError, match="the rule that always fires did not fire"):
        network.decide({"a": 1})


def test_a_network_that_the_engine_refuses_raises_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = import_module(EXTENSION)
    monkeypatch.setattr(engine, "create_ruleset", fail(RuntimeError("error code: 113")))

    with pytest.raises(pr.InputError, match="error code: 113; ask again, or use the engine"):
        Network([A_IS_1])


# --- Processes ------------------------------------------------------------------------------------


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes do not fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_gets_an_answer_even_if_the_lock_was_locked() -> None:
    network = Network([A_IS_1])
    network._running._lock = HeldForEver()  # type: ignore[assignment]  # noqa: SLF001

    child = os.fork()
    if child == 0:  # pragma: no cover (measured in the parent alone)
        os._exit(0 if network.decide({"a": 1}) == {"yes"} else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


class HeldForEver:
    def __enter__(self) -> None:
        os._exit(3)

    def __exit__(self, *_: object) -> None:
        """Never called."""


def test_another_process_gets_a_network_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    network = Network([A_IS_1])
    before = network._running  # noqa: SLF001
    monkeypatch.setattr(before, "process", -1)

    assert network.decide({"a": 1}) == {"yes"}
    assert network._running is not before  # noqa: SLF001
