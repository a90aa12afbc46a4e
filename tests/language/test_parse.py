import ast

import pytest

from probation_rules.language.parse import LONGEST_TEXT, ConditionError, Scope, parse
from probation_rules.language.tree import And, Compare, Constant, walk
from scope import DATE, SCOPE


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
        "at(limit, started_on) < limit",
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


def test_a_chain_is_the_comparisons_it_stands_for() -> None:
    node = parse("started_on <= on < add_days(started_on, grace)", SCOPE)

    assert isinstance(node, And)
    assert [one.operator for one in node.items if isinstance(one, Compare)] == ["<=", "<"]


def test_a_bare_one_takes_the_decimal_places_of_its_neighbour() -> None:
    node = parse("fte > 1", SCOPE)

    assert [one.value for one in walk(node) if isinstance(one, Constant)] == [100]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("minuts > 0", "unknown name `minuts`; did you mean `minutes`?"),
        ("minutes >", "this cannot be read as a condition"),
        ("minutes > 0\x00", "this cannot be read as a condition"),
        ("minutes > 0; done", "this cannot be read as a condition"),
        ("", "this cannot be read as a condition"),
        ("döne", "only plain ASCII"),
        ("done and " * 80 + "done", f"longer than {LONGEST_TEXT} characters"),
        ("not " * 100 + "done", "nested more than 20 deep"),
        ("minutes > 40", "a bare figure: give it a name under [parameters]"),
        ("minutes > 0.5", "only whole numbers and code words"),
        ("minutes > b'x'", "only whole numbers and code words"),
        ("done == True", "write the fact itself"),
        ("done is None", "compare with < <= > >= == != or `in`"),
        ("opened == done", "do not compare true-or-false facts"),
        ("opened is done", "compare with < <= > >= == != or `in`"),
        ("not minutes", "this is a number; a true-or-false condition is needed"),
        ("minutes and done", "this is a number; a true-or-false condition is needed"),
        ("done + 1 > 0", "this is true or false; a number is needed"),
        ("minutes > on", "a number and a date do not go together"),
        ("minutes > hours_most", "`minute` and `hour` are different units"),
        ("fte > tenth", "the two numbers have different decimal places"),
        ("minutes / 2 > 0", "only + - * are known"),
        ("minutes ** 2 > 0", "only + - * are known"),
        ("on - started_on > 0", "use add_days, add_months or days_between with dates"),
        ("on + 1 > started_on", "use add_days, add_months or days_between with dates"),
        ("-minutes < 0", "the language has no such expression"),
        ("[done]", "the language has no such expression"),
        ("(lambda: done)()", "unknown function; known are"),
        ("done.real", "the language has no such expression"),
        ("f'{done}'", "the language has no such expression"),
        ("[x for x in members]", "the language has no such expression"),
        ("(x := done)", "the language has no such expression"),
        ("__import__('os')", "unknown function"),
        ("cuont(members, settled) > 0", "unknown function; did you mean `count`?"),
        ("count(members, settled, key=1) > 0", "arguments have no names here"),
        ("count(members) > 0", "write it as `count(members, predicate)`"),
        ("count(team, settled) > 0", "the list is called `members`"),
        ("count(members, count(members, settled) > 0) > 0", "there is no list to count here"),
        ("count(members, setled) > 0", "unknown name `setled`; did you mean `settled`?"),
        ("total(members, fte, settled) > 0", "a field of a member is needed"),
        ("members > 0", "`members` is a list: use it in `count` or `total`"),
        ("settled", "unknown name `settled`"),
        ("grade < 'PO'", "code words have no order"),
        ("grade == 'PQ'", "`PQ` is no word of this list"),
        ("grade == tier", "these code words come from different lists"),
        ("grade in ('PO')", "one word wants a comma"),
        ("grade in ()", "one word wants a comma"),
        ("grade in (tier,)", "only code words in quotes"),
        ("grade in ('PO', 'pso')", "did you mean"),
        ("grade in ('PO', 'PSO', 'CA')", "every word of the list is named"),
        ("grade not in ('PO',)", "write `not (x in (...))`"),
        ("minutes in ('PO',)", "`in` is for code words"),
        ("1 > 0", "two constants compared"),
        ("minutes >= 0", "by the declared ranges this is always the same"),
        ("minutes < 0", "by the declared ranges this is always the same"),
        ("on > past", "by the declared ranges this is always the same"),
        ("on == past", "by the declared ranges this is always the same"),
        ("done or opened and done", "put brackets round this"),
        ("done and opened if done else opened", "put brackets round this"),
        ("done if opened else opened or done", "put brackets round this"),
        ("done and opened or done", "put brackets round this"),
        ("started_on < on > started_on", "a chain must run in one direction"),
        ("on == started_on == on", "a chain must run in one direction"),
        ("minutes if done else on", "a number and a date do not go together"),
        ("(0 if done else 1 if opened else 0 if done else 1) > 0", "more than two `if`"),
        ("add_months(started_on, 1) > on", "must be a parameter"),
        ("add_months(started_on, grace) > on", "this is in `day`; `month` is needed"),
        ("add_months(started_on, no_months) > on", "must be at least 1"),
        ("add_months(started_on) > on", "write it as `add_months(date, months)`"),
        ("add_months(minutes, limit) > on", "this is a number; a date is needed"),
        ("add_days(started_on, on) > on", "this is a date; a number is needed"),
        ("add_days(started_on, ages) > on", "this can leave the calendar"),
        ("min(on) == on", "write it as `min(a, b)`"),
        ("min(grade, grade) == grade", "this is a code word; a number or a date is needed"),
        ("at(minutes, on) > 0", "the name of a parameter is needed"),
        ("at(limt, on) > limit", "the name of a parameter is needed; did you mean `limit`?"),
        ("at('x', on) > limit", "the name of a parameter is needed"),
        ("divide_down(change, 7) > 0", "this can be negative; use max(0, ...)"),
        ("divide_down(minutes, minutes) > 1", "this can be 0 or less; use max(1, ...)"),
        ("divide_down(minutes, max(1, fte)) > 1", "the divisor has more decimal places"),
        ("huge * huge > 0", "this can grow too large to be exact"),
    ],
)
def test_a_bad_condition_is_refused_with_its_place(text: str, message: str) -> None:
    with pytest.raises(ConditionError) as refused:
        parse(text, SCOPE)

    assert message in str(refused.value)


def test_the_caret_stands_under_the_fault() -> None:
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
    with pytest.raises(ConditionError, match="this cannot be read as a condition"):
        parse("done", SCOPE)


def test_there_is_nothing_to_count_without_a_list() -> None:
    scope = Scope({"on": DATE}, frozenset(), {})
    with pytest.raises(ConditionError, match="there is no list to count here"):
        parse("count(members, settled) > 0", scope)
