"""The truth tables of the three-valued logic, and the needs when a value is unknown."""

from __future__ import annotations

from datetime import date
from operator import eq, ge, gt, le, lt, ne
from typing import Any

import pytest

from probation_rules.language.interpret import Bounds, Interpreter
from probation_rules.language.lower import Lowering, ParameterValues
from probation_rules.language.parse import parse
from probation_rules.language.tree import BOOL, And, Compare, Constant, If, Name, Node, Not, Or
from support.scope import DATE, SCOPE

UNKNOWN = dict.fromkeys(SCOPE.names)


def lowered(text: str) -> Node:
    return Lowering({}, {}).lower(parse(text, SCOPE))


def value(text: str, members: list[dict[str, Any]] | None = None, **facts: Any) -> Any:
    return Interpreter({**UNKNOWN, **facts}, {}, members).value(lowered(text))


def needs(text: str, members: list[dict[str, Any]] | None = None, **facts: Any) -> tuple[str, ...]:
    return Interpreter({**UNKNOWN, **facts}, {}, members).needs(lowered(text))


@pytest.mark.parametrize(
    ("left", "right", "both", "either"),
    [
        (True, True, True, True),
        (True, False, False, True),
        (False, True, False, True),
        (False, False, False, False),
        (True, None, None, True),
        (None, True, None, True),
        (False, None, False, None),
        (None, False, False, None),
        (None, None, None, None),
    ],
)
def test_and_or_follow_kleene(
    left: bool | None, right: bool | None, both: bool | None, either: bool | None
) -> None:
    assert value("done and opened", done=left, opened=right) is both
    assert value("done or opened", done=left, opened=right) is either


def test_not_of_an_unknown_is_unknown() -> None:
    assert [value("not done", done=one) for one in (True, False, None)] == [False, True, None]


def test_a_choice_by_an_unknown_is_known_only_if_both_branches_agree() -> None:
    text = "minutes > (huge if done else change)"

    assert value(text, minutes=9, huge=1, change=2) is True
    assert value(text, minutes=2, huge=1, change=2) is None
    assert value(text, minutes=2, huge=1, change=2, done=True) is True
    assert value("(huge if done else change) > minutes", minutes=0, huge=3, change=3) is True


def test_one_known_part_can_decide_a_comparison_with_min_or_max() -> None:
    assert value("minutes > min(huge, change)", minutes=5, huge=4) is True
    assert value("minutes > max(huge, change)", minutes=5, huge=6) is False
    assert value("min(huge, change) < minutes", minutes=5, change=4) is True
    assert value("minutes == min(huge, change)", minutes=5, huge=4) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("minutes + huge", 9),
        ("minutes - huge", 5),
        ("minutes * share", 14),
        ("divide_down(minutes, max(1, share))", 3),
        ("divide_up(minutes, max(1, share))", 4),
        ("round_half_up(minutes, max(1, share))", 4),
        ("round_half_up(huge, minutes + 1)", 0),
        ("round_half_up(minutes, 7)", 1),
        ("round_half_up(minutes + huge, max(1, huge + 1))", 3),
        ("min(minutes, huge)", 2),
        ("max(minutes, huge)", 7),
        ("add_days(started_on, grace)", date(2024, 3, 2)),
        ("add_months(started_on, limit)", date(2024, 7, 31)),
        ("last_day(started_on, limit)", date(2024, 7, 30)),
        ("days_between(started_on, on)", 29),
    ],
)
def test_known_values_are_computed_as_written(text: str, expected: Any) -> None:
    facts: dict[str, Any] = {"minutes": 7, "huge": 2, "share": 2, "grace": 31, "limit": 6}
    days: dict[str, Any] = {"started_on": date(2024, 1, 31), "on": date(2024, 2, 29)}

    found = value(text, None, **facts, **days)

    assert (found, type(found)) == (expected, type(expected))


def test_a_name_has_the_value_of_its_definition() -> None:
    meant = {"total_minutes": lowered("minutes + huge")}
    node = Compare(BOOL, ">", Name(SCOPE.names["huge"], "total_minutes"), lowered("change"))

    known = Interpreter({"minutes": 7, "huge": 2, "change": 5}, meant)
    assert [known.value(node), known.value(node)] == [True, True]
    assert Interpreter({"minutes": 7, "huge": None, "change": 5}, meant).needs(node) == ("huge",)


TEAM: list[dict[str, Any]] = [
    {"role": "PO", "settled": True, "part": 100},
    {"role": "PO", "settled": None, "part": None},
    {"role": "CA", "settled": None, "part": 50},
]
FOUR_TO_SIX = "max(1, count(members, settled) + count(members, role == 'PO') + 1)"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("count(members, role == 'PO')", 2),
        ("count(members, settled)", Bounds(1, 3)),
        ("count(members, role == 'PO' and settled)", Bounds(1, 2)),
        ("total(members, part, role == 'CA')", 50),
        ("total(members, part, role == 'PO')", Bounds(100, 200)),
        ("total(members, part, settled)", Bounds(100, 250)),
        ("count(members, settled) + count(members, role == 'PO')", Bounds(3, 5)),
        ("count(members, role == 'PO') - count(members, settled)", Bounds(-1, 1)),
        ("count(members, settled) * count(members, settled)", Bounds(1, 9)),
        ("count(members, settled) * 0", 0),
        ("divide_up(count(members, settled), max(1, count(members, settled)))", Bounds(1, 3)),
        ("divide_down(count(members, settled), max(1, count(members, settled)))", Bounds(0, 3)),
        (f"round_half_up(total(members, part, settled), {FOUR_TO_SIX})", Bounds(17, 63)),
        (f"divide_down(total(members, part, settled), {FOUR_TO_SIX})", Bounds(16, 62)),
        (f"divide_up(total(members, part, settled), {FOUR_TO_SIX})", Bounds(17, 63)),
        ("max(1, count(members, settled))", Bounds(1, 3)),
        ("min(1, count(members, settled))", 1),
    ],
)
def test_counts_with_unknowns_are_bounds(text: str, expected: Any) -> None:
    assert value(text, TEAM) == expected


OPERATORS = {"<": lt, "<=": le, ">": gt, ">=": ge, "==": eq, "!=": ne}


@pytest.mark.parametrize("operator", OPERATORS)
def test_a_comparison_with_bounds_is_known_if_every_number_within_them_agrees(
    operator: str,
) -> None:
    compare = OPERATORS[operator]
    for people in range(5):
        for text, answers in (
            (f"count(members, settled) {operator} people", {compare(one, people) for one in (1, 2, 3)}),
            (f"people {operator} count(members, settled)", {compare(people, one) for one in (1, 2, 3)}),
        ):  # fmt: skip
            expected = answers.pop() if len(answers) == 1 else None

            assert value(text, TEAM, people=people) is expected, (text, people)


@pytest.mark.parametrize("operator", OPERATORS)
def test_a_comparison_of_two_bounds_is_known_if_every_pair_agrees(operator: str) -> None:
    compare, few = OPERATORS[operator], "count(members, role == 'PO' and settled)"
    for more, ends in {
        "0": (0, 0), "1": (1, 1), "count(members, role == 'PO')": (2, 2), "count(members, settled)": (1, 3),
    }.items():  # fmt: skip
        answers = {
            compare(one, other) for one in (1, 2) for other in range(1 + ends[0], 2 + ends[1] + 1)
        }

        found = value(f"{few} {operator} {few} + {more}", TEAM)

        assert found is (answers.pop() if len(answers) == 1 else None), more


@pytest.mark.parametrize(
    ("owed", "settled", "expected"),
    [
        (-5, True, -5),
        (-5, None, Bounds(-5, 0)),
        (-5, False, 0),
        (0, None, 0),
        (5, None, Bounds(0, 5)),
        (None, True, Bounds(-60, 60)),
        (None, None, Bounds(-60, 60)),
    ],
)
def test_the_bounds_of_a_total_include_every_member_that_may_count(
    owed: int | None, settled: bool | None, expected: Any
) -> None:
    team = [{"role": "PO", "settled": settled, "owed": owed}]

    assert value("total(members, owed, settled)", team) == expected


def test_the_bounds_of_a_count_can_decide_a_condition() -> None:
    text = "count(members, settled) == 0 and count(members, settled) == 1"

    assert value(text, TEAM) is False


def test_an_unknown_list_is_needed() -> None:
    assert value("count(members, settled) > 1") is None
    assert needs("count(members, settled) > 1") == ("members",)


def test_needs_name_the_members_that_matter_by_index() -> None:
    assert needs("count(members, role == 'PO' and settled) > 1", TEAM) == ("members[1].settled",)
    assert needs("total(members, part, role == 'PO') > fte", TEAM, fte=150) == ("members[1].part",)


@pytest.mark.parametrize(
    ("text", "facts", "expected"),
    [
        ("done and opened", {"done": True}, ("opened",)),
        ("done and opened", {}, ("done", "opened")),
        ("done or opened", {"done": False}, ("opened",)),
        ("not done", {}, ("done",)),
        ("grade in ('PO', 'CA')", {}, ("grade",)),
        ("minutes + huge > change", {"huge": 1}, ("minutes", "change")),
        ("days_between(started_on, on) > grace", {"on": None}, ("started_on", "on", "grace")),
        ("minutes > (huge if done else change)", {"minutes": 1}, ("done", "huge", "change")),
        ("minutes > (huge if done else change)", {"minutes": 1, "done": True}, ("huge",)),
        ("minutes > (huge if done else change)", {"minutes": 1, "huge": 0, "change": 2}, ("done",)),
    ],
)
def test_needs_name_the_unknowns_that_an_answer_depends_on(
    text: str, facts: dict[str, Any], expected: tuple[str, ...]
) -> None:
    assert needs(text, **facts) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(done and opened) or (not done and opened)", ("opened",)),
        ("(grade == 'PO' and done) or (grade in ('PSO', 'CA') and done)", ("done",)),
        ("(grade != 'PO' or grade == 'PO') and done", ("done",)),
        # Comparisons with a number or a date: here each value gives the same result.
        ("minutes > (huge if done else huge)", ("huge", "minutes")),
        ("(minutes > huge and done) or (minutes <= huge and done)", ("done",)),
        ("(minutes != huge and done) or (minutes == huge and done)", ("done",)),
        ("minutes > huge and (done or minutes > huge)", ("minutes", "huge")),
    ],
)
def test_needs_leave_out_unknowns_that_cannot_change_the_answer(
    text: str, expected: tuple[str, ...]
) -> None:
    assert needs(text) == expected


def test_needs_may_name_too_much_if_two_comparisons_share_an_unknown_number() -> None:
    # The two comparisons cannot both be true, so `done` does not matter. Needs do not go that far.
    assert needs("minutes > 1 and minutes < 1 and done") == ("minutes", "done")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("done or not done", ("done",)),
        ("(done and opened) or not done or not opened", ("done", "opened")),
        ("minutes > 1 or minutes <= 1 or done", ("minutes", "done")),
    ],
)
def test_needs_name_every_unknown_if_none_can_change_the_answer(
    text: str, expected: tuple[str, ...]
) -> None:
    assert value(text) is None
    assert needs(text) == expected


def test_needs_of_several_answers_are_found_together() -> None:
    settled, open_one = lowered("done or not done"), lowered("opened")
    interpreter = Interpreter(UNKNOWN, {})

    assert interpreter.needs(settled, open_one) == ("opened",)
    assert interpreter.needs(settled) == ("done",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("count(members, settled) >= 1 and (done or opened)", ("done", "opened")),
        ("count(members, settled) > 1 and done", ("members[1].settled", "members[2].settled", "done")),
        ("count(members, role == 'PO' and settled) > count(members, role == 'CA' and settled)",
         ("members[1].settled", "members[2].settled")),
        # Both sides count the second officer in the same way.
        ("count(members, role == 'PO' and settled) > count(members, settled) - 1 and done",
         ("members[2].settled", "done")),
        ("total(members, part, settled) >= fte and done", ("done",)),
        ("total(members, part, settled) > fte and done",
         ("members[1].settled", "members[1].part", "members[2].settled", "done")),
    ],
)  # fmt: skip
def test_needs_leave_out_members_that_cannot_change_the_answer(
    text: str, expected: tuple[str, ...]
) -> None:
    assert needs(text, TEAM, fte=100) == expected


def test_a_known_choice_needs_only_the_chosen_branch() -> None:
    text = "minutes > (huge if done else change) and (opened or minutes > change)"

    assert needs(text, done=True, minutes=1, change=1) == ("huge", "opened")


def test_a_derived_fact_is_the_same_unknown_in_every_place() -> None:
    derived = {"either": lowered("done or opened")}
    either = Name(BOOL, "either")
    with_either, without = lowered("minutes > 1"), lowered("minutes > huge and minutes > 1")
    both = And(BOOL, (Or(BOOL, (Not(BOOL, either), with_either)), Or(BOOL, (either, without))))
    same = And(BOOL, (Or(BOOL, (Not(BOOL, either), without)), Or(BOOL, (either, without))))

    assert Interpreter(UNKNOWN, derived).needs(both) == ("done", "opened", "minutes", "huge")
    assert Interpreter(UNKNOWN, derived).needs(same) == ("minutes", "huge")


def test_an_unknown_list_is_needed_together_with_other_unknowns() -> None:
    assert needs("count(members, settled) > 1 and done") == ("members", "done")


def only_first(count: int) -> Node:
    """Return a condition on some facts that always equals the first fact."""
    first, *others, last = [Name(BOOL, f"fact_{number}") for number in range(count)]
    whichever = And(BOOL, (Or(BOOL, (first, last)), Or(BOOL, (first, Not(BOOL, last)))))
    return And(BOOL, (whichever, *others))


@pytest.mark.parametrize(("count", "named"), [(100, 99), (101, 101)])
def test_all_are_named_if_there_are_more_than_a_hundred_unknowns(count: int, named: int) -> None:
    facts = {f"fact_{number}": None for number in range(count)}

    assert len(Interpreter(facts, {}).needs(only_first(count))) == named


@pytest.mark.parametrize(("repeated", "named"), [(700, 1), (800, 2)])
def test_all_unknowns_are_named_if_a_condition_is_too_long(repeated: int, named: int) -> None:
    facts = {"fact_0": None, "fact_1": None}
    long = And(BOOL, (only_first(2), *[Name(BOOL, "fact_0")] * repeated))

    assert len(Interpreter(facts, {}).needs(long)) == named


@pytest.mark.parametrize(("people", "named"), [(4, 5), (13, 15)])
def test_all_unknowns_are_named_if_a_total_has_too_many_values(people: int, named: int) -> None:
    team = [{"role": "PO", "settled": None, "part": 2**number} for number in range(people)]
    text = "(done or opened) and (done or not opened) and total(members, part, settled) > fte"

    assert len(needs(text, team, fte=4)) == named


@pytest.mark.parametrize(
    ("started_on", "expected"),
    [
        (None, ("started_on",)),  # the figure may have a value on the unknown day
        (date(2021, 12, 31), ("grace",)),
        (date(2022, 1, 1), ()),
    ],
)
def test_a_figure_is_needed_only_on_a_known_day_without_a_value(
    started_on: date | None, expected: tuple[str, ...]
) -> None:
    days = SCOPE.names["grace"]
    first, value = Constant(DATE, date(2022, 1, 1)), Constant(days, 3, "grace")
    grace = ParameterValues("grace", days, ((first, None, value),))
    lifter = Lowering({"grace": grace.on(Name(DATE, "started_on"))}, ())
    node = lifter.lower(parse("days_between(started_on, on) > grace", SCOPE))
    facts = {**UNKNOWN, "on": date(2022, 6, 1), "started_on": started_on}

    assert Interpreter(facts, {}).needs(node) == expected


def test_an_open_figure_is_needed_even_if_it_may_not_be_chosen() -> None:
    days = SCOPE.names["grace"]
    node = If(days, lowered("done"), Constant(days, None, "grace"), Constant(days, 3, "limit"))

    assert Interpreter(UNKNOWN, {}).needs(node) == ("done", "grace")
    assert Interpreter({**UNKNOWN, "done": False}, {}).needs(node) == ()


def test_a_date_is_not_needed_together_with_the_fact_that_it_exists() -> None:
    node = lowered("started_on < on or done")
    optional = {"started_on": "done"}

    assert Interpreter(UNKNOWN, {}, None, optional).needs(node) == ("on", "done")
    assert Interpreter({**UNKNOWN, "done": False}, {}, None, optional).needs(node) == (
        "started_on",
        "on",
    )
