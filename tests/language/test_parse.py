import ast
from datetime import date
from itertools import product
from operator import eq, ge, gt, le, lt, ne

import pytest

from probation_rules.language.interpret import Interpreter
from probation_rules.language.parse import (
    DEEPEST,
    LONGEST_TEXT,
    ConditionError,
    parse,
)
from probation_rules.language.ranges import LARGEST
from probation_rules.language.scope import Scope
from probation_rules.language.tree import And, Compare, Constant, Type, walk
from probation_rules.language.units import unit_text
from support.scope import DATE, SCOPE, number


@pytest.mark.parametrize(
    "text",
    [
        "minutes <= hours_most * 60",
        "minutes * 100 <= huge * share",
        "minutes <= grace * 24 * 60",
        "started_on <= on < add_months(started_on, limit)",
        "on > last_day(started_on, limit) and not done",
        "grade in ('PO', 'PSO') or (grade == 'CA' and done)",
        "grade != 'PO'",
        "minutes > (0 if done else hours_most * 60)",
        "count(members, role == 'PO' and settled) >= 1",
        "total(members, part, role == 'PO') > fte",
        "divide_up(minutes, max(1, days_between(started_on, on))) > 1",
        "add_days(on, grace) >= started_on",
        "min(on, started_on) == on",
        "fte > 1 and minutes > 0",
        "max(0, change) > 1",
        "done and (minutes if opened else huge) > 0",
        "(done and opened) if done else opened",
        "done if opened else opened if done else done",
        "done and (opened or done)",
    ],
)
def test_a_good_condition_is_read(text: str) -> None:
    assert parse(text, SCOPE).type.kind == "bool"


def test_a_chain_is_an_and_of_comparisons() -> None:
    node = parse("started_on <= on < add_days(started_on, grace)", SCOPE)

    assert isinstance(node, And)
    assert [one.operator for one in node.items if isinstance(one, Compare)] == ["<=", "<"]


@pytest.mark.parametrize(
    ("minutes", "met"), [(79, False), (80, True), (100, True), (120, True), (121, False)]
)
def test_within_includes_both_ends(minutes: int, met: bool) -> None:
    node = parse("within(minutes, huge, share)", SCOPE)

    assert node == parse("huge * (100 - share) <= minutes * 100 <= huge * (100 + share)", SCOPE)
    facts = {"minutes": minutes, "huge": 100, "share": 20}
    assert Interpreter(facts, {}).value(node) is met


def test_a_bare_one_takes_the_decimal_places_of_the_other_side() -> None:
    node = parse("fte > 1", SCOPE)

    assert [one.value for one in walk(node) if isinstance(one, Constant)] == [100]


BAD = [
    ("minuts > 0", "unknown name `minuts`; did you mean `minutes`?"),
    ("minutes >", "this cannot be read as a condition"),
    ("minutes > 0\x00", "this cannot be read as a condition"),
    ("minutes > 0; done", "this cannot be read as a condition"),
    ("", "this cannot be read as a condition"),
    ("döne", "only plain ASCII characters are allowed"),
    ("done and " * 80 + "done", f"longer than {LONGEST_TEXT} characters"),
    ("not " * 100 + "done", "more than 20 levels of nesting"),
    ("minutes > 40", "a figure needs a source: add it to [parameters]"),
    ("minutes > 0.5", "only whole numbers and code words"),
    ("minutes > b'x'", "only whole numbers and code words"),
    ("done == True", "do not write True, False or None: write the fact, or `not` before it"),
    ("done is None", "use < <= > >= == != or `in`"),
    ("opened == done", "do not compare true-or-false facts"),
    ("opened is done", "use < <= > >= == != or `in`"),
    ("not minutes", "this is a number; a true-or-false condition is needed"),
    ("minutes and done", "this is a number; a true-or-false condition is needed"),
    ("done + 1 > 0", "this is true or false; a number is needed"),
    ("minutes > on", "a number and a date cannot be used together"),
    ("minutes > hours_most", "`minute` and `hour` are different units"),
    ("fte > tenth", "the two numbers have different decimal places"),
    ("minutes / 2 > 0", "only + - * are allowed"),
    ("minutes ** 2 > 0", "only + - * are allowed"),
    ("on - started_on > 0", "use add_days, add_months or days_between with dates"),
    ("on + 1 > started_on", "use add_days, add_months or days_between with dates"),
    ("-minutes < 0", "the rule language does not have this kind of expression"),
    ("[done]", "the rule language does not have this kind of expression"),
    ("(lambda: done)()", "unknown function; known are"),
    ("done.real", "the rule language does not have this kind of expression"),
    ("f'{done}'", "the rule language does not have this kind of expression"),
    ("[x for x in members]", "the rule language does not have this kind of expression"),
    ("(x := done)", "the rule language does not have this kind of expression"),
    ("__import__('os')", "unknown function"),
    ("cuont(members, settled) > 0", "unknown function; did you mean `count`?"),
    ("count(members, settled, key=1) > 0", "arguments cannot be given by name"),
    ("count(members) > 0", "write it as `count(members, predicate)`"),
    ("count(team, settled) > 0", "the list is called `members`"),
    ("count(members, count(members, settled) > 0) > 0", "this area does not have a list to count"),
    ("count(members, setled) > 0", "unknown name `setled`; did you mean `settled`?"),
    ("total(members, fte, settled) > 0", "must be a field of a member"),
    ("members > 0", "`members` is a list: use it in `count` or `total`"),
    ("settled", "unknown name `settled`"),
    ("grade < 'PO'", "code words have no order"),
    ("grade == 'PQ'", "`PQ` is not in this list of words"),
    ("grade == tier", "these code words come from different lists"),
    ("grade in ('PO')", "a single word needs a comma"),
    ("grade in ()", "a single word needs a comma"),
    ("grade in ('PO',) in ('CA',)", "or `not (x in (...))`"),
    ("grade == grade in ('PO',)", "all comparisons in a chain must have the same direction"),
    ("done == minutes", "do not compare true-or-false facts"),
    ("grade == minutes", "a code word and a number cannot be used together"),
    (
        "divide_down(minutes - 1, 7) > 0",
        "the declared ranges allow a negative number; use max(0, ...)",
    ),
    ("grade in (tier,)", "only code words in quotes"),
    ("grade in ('PO', 'pso')", "did you mean"),
    ("grade in ('PO', 'PSO', 'CA')", "this contains every allowed word"),
    ("grade not in ('PO',)", "or `not (x in (...))`"),
    ("minutes in ('PO',)", "`in` is for code words"),
    ("1 > 0", "both sides are constants"),
    ("minutes >= 0", "the declared ranges make the result always the same"),
    ("minutes < 0", "the declared ranges make the result always the same"),
    ("on > past", "the declared ranges make the result always the same"),
    ("on == past", "the declared ranges make the result always the same"),
    ("done or opened and done", "put brackets round this"),
    ("done and opened if done else opened", "put brackets round this"),
    ("done if opened else opened or done", "put brackets round this"),
    ("done and opened or done", "put brackets round this"),
    ("started_on < on > started_on", "all comparisons in a chain must have the same direction"),
    ("on == started_on == on", "all comparisons in a chain must have the same direction"),
    ("minutes if done else on", "a number and a date cannot be used together"),
    ("(0 if done else 1 if opened else 0 if done else 1) > 0", "more than two nested `if`"),
    ("add_months(started_on, 1) > on", "must be a parameter"),
    ("add_months(started_on, grace) > on", "this is in `day`; `month` is needed"),
    ("add_months(started_on, no_months) > on", "must be at least 1"),
    ("add_years(started_on, limit) > on", "this is in `month`; `year` is needed"),
    ("add_years(started_on, 1) > on", "the number of years must be a parameter"),
    ("add_months(started_on) > on", "write it as `add_months(date, months)`"),
    ("add_months(minutes, limit) > on", "this is a number; a date is needed"),
    ("add_days(started_on, on) > on", "this is a date; a number is needed"),
    ("add_days(started_on, ages) > on", "allow a date before the year 1 or after 9999"),
    ("min(on) == on", "write it as `min(a, b)`"),
    ("max(0, minutes, grace) > 1", "`minute` and `day` are different units"),
    ("fte > (1 if done else 0)", "the two numbers have different decimal places"),
    ("min(grade, grade) == grade", "this is a code word; a number or a date is needed"),
    ("divide_down(change, 7) > 0", "the declared ranges allow a negative number; use max(0, ...)"),
    (
        "round_half_up(change, 7) > 0",
        "the declared ranges allow a negative number; use max(0, ...)",
    ),
    (
        "round_half_up(huge * 100 * 60, 7) > 1",
        "the declared ranges allow a number that is too large",
    ),
    (
        "within(minutes, change, share)",
        "the declared ranges allow a negative number; use max(0, ...)",
    ),
    ("within(minutes, people, share)", "`minute` and `person` are different units"),
    ("within(minutes, huge, grace)", "this is in `day`; `per cent` is needed"),
    ("within(minutes, huge)", "write it as `within(number, target, per_cent)`"),
    ("divide_down(minutes, minutes) > 1", "the declared ranges allow 0 or less; use max(1, ...)"),
    ("divide_down(minutes, max(1, fte)) > 1", "the divisor has more decimal places"),
    ("huge * huge > 0", "the declared ranges allow a number that is too large"),
]


def refusal(text: str, scope: Scope = SCOPE) -> str:
    """Return why a condition is refused, or an empty text if it is accepted."""
    try:
        parse(text, scope)
    except ConditionError as error:
        return str(error)
    return ""


def test_a_bad_condition_is_refused_with_a_message() -> None:
    found = {text: refusal(text) for text, _ in BAD}
    assert [(text, found[text]) for text, message in BAD if message not in found[text]] == []


def test_the_caret_marks_the_fault() -> None:
    with pytest.raises(ConditionError) as refused:
        parse("done and   minuts > 0", SCOPE)

    assert str(refused.value).splitlines()[1:] == [
        "    done and minuts > 0",
        "             ^^^^^^",
    ]


@pytest.mark.parametrize("error", [RecursionError, MemoryError, ValueError])
def test_a_text_that_overwhelms_the_parser_is_refused(
    error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def overwhelmed(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(ast, "parse", overwhelmed)
    with pytest.raises(ConditionError, match="this cannot be read as a condition") as refused:
        parse("done", SCOPE)
    assert str(refused.value).splitlines()[-1] == "    ^^^^"


def test_count_is_refused_without_a_list() -> None:
    scope = Scope({"on": DATE}, frozenset(), {})
    with pytest.raises(ConditionError, match="this area does not have a list to count"):
        parse("count(members, settled) > 0", scope)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("minutes + huge", 0, 400_000 + 2**40),
        ("change - minutes", -400_005, 5),
        ("change * share", -500, 500),
        ("1 + minutes", 1, 400_001),
        ("divide_down(hours_most, 7)", 42, 43),
        ("divide_up(minutes, limit)", 0, 66_667),
        ("round_half_up(minutes, limit)", 0, 66_667),
        ("min(minutes, change)", -5, 5),
        ("max(minutes, change)", 0, 400_000),
        ("change if done else minutes", -5, 400_000),
        ("minutes if done else change", -5, 400_000),
        ("days_between(past, on)", 7306, 40_541),
        ("count(members, settled)", 0, 20),
        ("total(members, owed, settled)", -1200, 1200),
        ("total(members, part, settled)", 0, 2000),
        ("fte + 1", 100, 1100),
        ("fte * 1", 0, 1000),
        ("fte - 1", -100, 900),
        ("max(1, fte)", 100, 1000),
        ("0 if done else fte", 0, 1000),
        ("add_days(on, grace)", date(2020, 1, 1), date(2101, 1, 31)),
        ("add_months(on, limit)", date(2020, 7, 1), date(2101, 12, 31)),
        ("add_years(on, age)", date(2021, 1, 1), date(2103, 12, 31)),
        ("last_day(on, limit)", date(2020, 6, 30), date(2101, 12, 30)),
        ("min(on, past)", date(1990, 1, 1), date(1999, 12, 31)),
    ],
)
def test_a_value_has_the_range_that_its_parts_allow(text: str, low: object, high: object) -> None:
    found = parse(text, SCOPE).type

    assert (found.low, found.high) == (low, high)


@pytest.mark.parametrize(
    ("text", "unit", "places"),
    [
        ("1 + minutes", "minute", 0),
        ("minutes - 1", "minute", 0),
        ("max(1, minutes)", "minute", 0),
        ("1 if done else minutes", "minute", 0),
        ("minutes * limit", "minute month", 0),
        ("divide_up(minutes, limit)", "minute / month", 0),
        ("fte * tenth", "full-time equivalent full-time equivalent", 3),
        ("divide_down(fte, max(1, tenth))", "no unit", 1),
        ("1 - fte", "full-time equivalent", 2),
        ("count(members, settled)", "person", 0),
        ("total(members, part, settled)", "full-time equivalent", 2),
    ],
)
def test_a_number_has_the_unit_and_places_that_its_parts_give(
    text: str, unit: str, places: int
) -> None:
    found = parse(text, SCOPE).type

    assert (unit_text(found.unit or ()), found.places) == (unit, places)


RANGES = {"low": (1, 4), "middle": (5, 10), "across": (3, 7), "above": (10, 20)}
OPERATORS = {"<": lt, "<=": le, ">": gt, ">=": ge, "==": eq, "!=": ne}


@pytest.mark.parametrize("operator", OPERATORS)
def test_only_comparisons_that_are_always_the_same_are_refused(operator: str) -> None:
    names = {name: number("person", *ends) for name, ends in RANGES.items()}
    scope = Scope(names, frozenset(), {})
    for left, right in product(RANGES, repeat=2):
        (a, b), (c, d) = RANGES[left], RANGES[right]
        answers = {
            OPERATORS[operator](one, other) for one in range(a, b + 1) for other in range(c, d + 1)
        }
        refused = refusal(f"{left} {operator} {right}", scope)
        settled = "the declared ranges make the result always the same" in refused
        assert (settled, bool(refused)) == (len(answers) == 1,) * 2, (left, right, refused)


def test_a_text_may_be_as_long_as_the_limit() -> None:
    longest = "done and " * 54 + "(done or done)"
    assert len(longest) == LONGEST_TEXT

    assert parse(longest, SCOPE).type.kind == "bool"
    with pytest.raises(ConditionError) as refused:
        parse(longest.replace("or", "and"), SCOPE)
    message, shown, caret = str(refused.value).splitlines()
    assert message == "longer than 500 characters"
    assert (shown, caret) == (f"    {longest[:60]} ...", "    " + "^" * 60)


def test_a_condition_may_have_as_many_levels_as_the_limit() -> None:
    assert parse("not " * (DEEPEST - 1) + "done", SCOPE).type.kind == "bool"
    with pytest.raises(ConditionError, match=f"more than {DEEPEST} levels of nesting"):
        parse("not " * DEEPEST + "done", SCOPE)


def test_each_kind_of_expression_is_one_level() -> None:
    five = "(done and minutes > max(1, (minutes if opened else change)))"

    assert parse("not " * (DEEPEST - 5) + five, SCOPE).type.kind == "bool"
    with pytest.raises(ConditionError, match=f"more than {DEEPEST} levels of nesting"):
        parse("not " * (DEEPEST - 4) + five, SCOPE)


@pytest.mark.parametrize(
    "around",
    [
        "not ({})",
        "done and ({})",
        "({}) > minutes",
        "minutes > ({})",
        "1 + ({})",
        "({}) + 1",
        "max({}, 1)",
        "1 if done else ({})",
        "({}) if done else 1",
    ],
)
def test_every_kind_of_expression_has_the_limit_of_levels(around: str) -> None:
    text = "done"
    for _ in range(DEEPEST):
        text = around.format(text)

    with pytest.raises(ConditionError, match=f"more than {DEEPEST} levels of nesting"):
        parse(text, SCOPE)


@pytest.mark.parametrize(
    ("text", "caret"),
    [
        ("done and döne", "          ^"),
        ("done and )", "         ^"),
        ("(done", "^"),
        ("", "^"),
        ("minutes > 40", "          ^^"),
    ],
)
def test_the_caret_marks_where_reading_stopped(text: str, caret: str) -> None:
    with pytest.raises(ConditionError) as refused:
        parse(text, SCOPE)

    assert str(refused.value).splitlines()[-1] == "    " + caret


def test_the_largest_number_is_still_exact_as_a_float() -> None:
    ends = (0, LARGEST - 1)
    scope = Scope({"most": number("person", *ends), "on": DATE}, frozenset(), {})

    assert parse("most + 1", scope).type.high == LARGEST
    with pytest.raises(
        ConditionError, match="the declared ranges allow a number that is too large"
    ):
        parse("most + 1 + 1", scope)
    assert float(LARGEST) - 1 == LARGEST - 1
    assert float(LARGEST) == float(LARGEST + 1)


def test_at_least_one_month_must_be_added() -> None:
    names = {"on": DATE, "months": number("month", 1, 6)}

    found = parse("add_months(on, months)", Scope(names, frozenset({"months"}), {})).type

    assert found.low == date(2020, 2, 1)


@pytest.mark.parametrize(("least", "most"), [((5, 9), (0, 180)), ((-9, -2), (-180, 0))])
def test_the_range_of_a_total_includes_zero(least: tuple[int, int], most: tuple[int, int]) -> None:
    members = {"settled": Type("bool"), "owed": number("minute", *least)}
    names = {"members": Type("int", low=0, high=20)}

    found = parse("total(members, owed, settled)", Scope(names, frozenset(), members, "members"))

    assert (found.type.low, found.type.high) == most
