from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from types import SimpleNamespace
from typing import Literal

import pytest
from attrs import asdict, frozen
from hypothesis import given
from hypothesis import strategies as st

from probation_rules import cases
from probation_rules.areas import AREAS, Case, area_of
from probation_rules.areas.curfew_variation.case import (
    CurfewPeriod,
    CurfewSteps,
    CurfewVariation,
    Step,
)
from probation_rules.areas.unpaid_work.case import UnpaidWorkOrder
from probation_rules.errors import CaseError, InputError
from probation_rules.language.tree import Type
from probation_rules.rulebook import shipped
from probation_rules.rulebook.model import Area, Fact, Members
from probation_rules.rulebook.spec import AreaSpec
from probation_rules.rulebook.toml_schema import AreaDocument


def problems(stated: object, area: str = "unpaid-work") -> list[str]:
    with pytest.raises(CaseError) as caught:
        cases.case_from(area, stated)  # type: ignore[arg-type]
    return [str(problem) for problem in caught.value.problems]


def cell_problems(**cells: str) -> list[str]:
    with pytest.raises(CaseError) as caught:
        cases.attempt_row("unpaid-work", cells, "row 7").sound()
    return [str(problem) for problem in caught.value.problems]


# --- A small made-up area, with a list and an exact decimal ----------------------------------


@frozen(kw_only=True)
class Worker:
    reference: str | None = None
    grade: Literal["PO", "PSO"] | None = None
    fte: Decimal | None = None


@frozen(kw_only=True)
class Crew:
    reference: str | None = None
    lead_note: str | None = None
    members: tuple[Worker, ...] | None = None


@pytest.fixture
def crew(monkeypatch: pytest.MonkeyPatch) -> str:
    grades = Type("code", codes=("PO", "PSO"))
    grade = Fact(name="grade", kind="code", type=grades, about="The grade.")
    fte = Fact(
        name="fte", kind="decimal", type=Type("int", places=2), about="Share.",
        min=Decimal(0), max=Decimal("1.5"),
    )  # fmt: skip
    workers = Members(
        name="members", about="The workers.", facts={"grade": grade, "fte": fte}, least=0, most=3
    )
    area = Area(
        document=AreaDocument("crew", "Crews"), parameters={}, facts={}, members=workers,
        records={}, derived={}, assumptions=(), stages={}, rules=(), due={}, remarks=(),
        sections=(), spec=AreaSpec("crew", Crew, items=Worker), definitions={},
        settable=frozenset(),
    )  # fmt: skip
    monkeypatch.setitem(AREAS, "crew", area.spec)
    monkeypatch.setattr(cases, "shipped", lambda: SimpleNamespace(area=lambda _: area))
    return "crew"


# --- Good cases ---------------------------------------------------------------------------------


def test_given_fields_are_known_and_missing_fields_are_unknown() -> None:
    stated = {
        "reference": "order 17",
        "order_type": "community_order",
        "sentence_date": "2024-02-29",
        "extended_to": date(2025, 6, 30),
        "required_minutes": 6000,
        "adjustment_minutes": -60,
        "extended": True,
        "completed_minutes": None,
    }
    assert cases.case_from("unpaid-work", stated) == UnpaidWorkOrder(
        reference="order 17",
        order_type="community_order",
        sentence_date=date(2024, 2, 29),
        extended_to=date(2025, 6, 30),
        required_minutes=6000,
        adjustment_minutes=-60,
        extended=True,
    )


def test_a_case_survives_the_round_trip_through_a_mapping() -> None:
    case = cases.case_from("unpaid-work", {"sentence_date": "2024-01-05", "ete_minutes": 0})
    assert cases.case_from("unpaid-work", asdict(case)) == case


def test_cells_are_read_as_people_write_them() -> None:
    cells = {
        "sentence_date": " 2024-01-05 ",
        "required_minutes": "6000",
        "adjustment_minutes": "-60",
        "extended": "No",
        "six_month_review_done": "TRUE",
        "nine_month_review_done": "yes",
        "imposed_on_breach": "false",
        "order_type": "community_order",
        "reference": "0017",
        "completed_minutes": "  ",
        "ete_minutes": "",
    }
    assert cases.attempt_row("unpaid-work", cells, "row 7").sound() == UnpaidWorkOrder(
        sentence_date=date(2024, 1, 5),
        required_minutes=6000,
        adjustment_minutes=-60,
        extended=False,
        six_month_review_done=True,
        nine_month_review_done=True,
        imposed_on_breach=False,
        order_type="community_order",
        reference="0017",
    )


@pytest.mark.parametrize("fte", ["0.6", Decimal("0.6"), Decimal("0.60")])
def test_a_decimal_is_exact(crew: str, fte: object) -> None:
    case = cases.case_from(crew, {"members": [{"fte": fte}]})
    assert case == Crew(members=(Worker(fte=Decimal("0.6")),))


def test_a_whole_number_is_a_decimal_too(crew: str) -> None:
    case = cases.case_from(crew, {"members": ({"fte": 1},)})
    assert isinstance(case, Crew)
    assert case.members is not None
    assert repr(case.members[0].fte) == "Decimal('1')"


def test_records_inside_a_case_become_objects(crew: str) -> None:
    stated = {
        "reference": "A",
        "lead_note": "new",
        "members": [{"grade": "PO"}, {"reference": "x"}],
    }
    assert cases.case_from(crew, stated) == Crew(
        reference="A", lead_note="new", members=(Worker(grade="PO"), Worker(reference="x"))
    )


# --- Bad cases ----------------------------------------------------------------------------------


def test_every_problem_is_listed() -> None:
    stated = {"sentnce_date": "2024-01-05", "required_minutes": -5, "extended": 1, "reference": 7}
    found = problems(stated)
    assert len(found) == 4
    assert (
        found[0] == "unknown field `sentnce_date`; did you mean `sentence_date`? @ $.sentnce_date"
    )
    assert {text.rpartition(" @ ")[2] for text in found[1:]} == {
        "$.required_minutes",
        "$.extended",
        "$.reference",
    }


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("extended", 1),
        ("extended", "true"),
        ("required_minutes", True),
        ("required_minutes", Decimal("30.0")),
        ("required_minutes", 30.0),
        ("required_minutes", "30"),
        ("required_minutes", -1),
        ("required_minutes", 200_001),
        pytest.param("required_minutes", 10**5000, id="huge"),
        ("order_type", "community"),
        ("order_type", "Community Order"),
        ("order_type", 201),
        ("sentence_date", "31/02/2024"),
        ("sentence_date", "2024-02-31"),
        ("sentence_date", "20240201"),
        ("sentence_date", "2024-02-01T00:00:00"),
        ("sentence_date", "\u0662024-02-01"),
        ("sentence_date", datetime(2024, 2, 1)),  # noqa: DTZ001  # a time of day is the point
        ("sentence_date", date(1066, 10, 14)),
        ("sentence_date", ""),
    ],
)
def test_a_wrong_value_is_refused_with_what_is_allowed(field: str, wrong: object) -> None:
    (problem,) = problems({field: wrong})
    assert problem.endswith(f" @ $.{field}")
    assert "must be" in problem or "did you mean" in problem


def test_the_message_for_a_wrong_date_quotes_it_and_gives_the_form() -> None:
    (problem,) = problems({"sentence_date": "31/02/2024"})
    assert "`31/02/2024`" in problem
    assert "YYYY-MM-DD" in problem


def test_the_nearest_code_word_is_suggested() -> None:
    (problem,) = problems({"order_type": "comunity_order"})
    assert "did you mean `community_order`?" in problem


@pytest.mark.parametrize("wrong", [[], {}, ["community_order"], ("a",), {"code": "201"}])
def test_a_list_or_an_object_is_not_a_value(wrong: object) -> None:
    (problem,) = problems({"order_type": wrong})
    assert problem.startswith("a list or an object is not allowed: it must be one of")


@pytest.mark.parametrize("wrong", [None, [], "text", 7])
def test_a_case_must_be_an_object(wrong: object) -> None:
    assert problems(wrong) == ["must be an object with named fields @ $"]


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "x" * 201,
        "two\nlines",
        "bell\x07",
        "\u202eturned",
        7,
        ["x"],
        pytest.param("lone \ud800", id="surrogate"),
    ],
)
def test_free_text_is_bounded_and_never_repeated(wrong: object) -> None:
    (problem,) = problems({"reference": wrong})
    assert problem == (
        "must be text of 1 to 200 characters on one line, "
        "without control or other invisible characters @ $.reference"
    )


def test_a_long_or_odd_wrong_value_is_not_repeated() -> None:
    for wrong in ("x" * 41, "line\nbreak"):
        (problem,) = problems({"sentence_date": wrong})
        assert wrong not in problem


def test_unknown_fields_without_a_suggestion_are_listed_together() -> None:
    (problem,) = problems({"colour": 1, "shoeSize": 2, "Ann Example": 3, 7: 4, "\x1b[2J": 5})
    assert problem.startswith(
        "unknown fields: `colour`, `shoeSize`, 3 not shown here; known are reference, order_type,"
    )
    assert problem.endswith(" @ $")


def test_only_some_unknown_fields_are_named() -> None:
    (problem,) = problems({f"zz{number}": 1 for number in range(1000)})
    assert "`zz9`, 990 not shown here" in problem


def test_cells_are_refused_with_their_column() -> None:
    found = cell_problems(
        sentence_date="05/01/2024",
        required_minutes="1,200",
        completed_minutes="30.0",
        ete_minutes="9" * 21,
        extended="maybe",
        reference="x" * 201,
    )
    assert [text.rpartition(" @ ")[2] for text in found] == [
        "row 7, column reference",
        "row 7, column sentence_date",
        "row 7, column required_minutes",
        "row 7, column completed_minutes",
        "row 7, column ete_minutes",
        "row 7, column extended",
    ]
    assert "`1,200`" in found[2]
    assert "true or false" in found[5]


def test_problems_inside_a_list_have_its_path(crew: str) -> None:
    stated = {
        "members": [{"grade": "PS", "fte": 0.5, "grad": "PO"}, "PO", {"reference": 1}],
    }
    assert problems(stated, crew) == [
        "unknown field `grad`; did you mean `grade`? @ $.members[0].grad",
        "this word is not allowed; did you mean `PSO`? @ $.members[0].grade",
        (
            "`0.5` is not allowed: it must be a number from 0 to 1.5, at most 2 decimal places"
            "; give it as text or as a Decimal @ $.members[0].fte"
        ),
        "must be an object with named fields @ $.members[1]",
        (
            "must be text of 1 to 200 characters on one line, "
            "without control or other invisible characters @ $.members[2].reference"
        ),
    ]


@pytest.mark.parametrize("wrong", [[{}] * 4, {}, "PO", 3])
def test_a_list_is_a_list_and_not_too_long(crew: str, wrong: object) -> None:
    assert problems({"members": wrong}, crew) == ["must be a list of 0 to 3 @ $.members"]


@pytest.mark.parametrize(
    "wrong",
    [
        "0.655",
        "1e-1",
        "0_5",
        "\uff11",
        "2",
        "-0.5",
        "half",
        "",
        Decimal("NaN"),
        Decimal("sNaN"),
        Decimal("Infinity"),
        Decimal("1E+999999"),
        Decimal("1E-999999"),
        3,
        True,
        float("nan"),
    ],
)
def test_a_decimal_that_is_not_allowed(crew: str, wrong: object) -> None:
    (problem,) = problems({"members": [{"fte": wrong}]}, crew)
    assert "it must be a number from 0 to 1.5, at most 2 decimal places" in problem


def test_an_unknown_area_is_named_with_a_suggestion() -> None:
    with pytest.raises(InputError) as caught:
        cases.case_from("unpaid-wrok", {})
    assert str(caught.value) == "`unpaid-wrok` is not an area; did you mean `unpaid-work`? @ area"


# --- One value, names, areas --------------------------------------------------------------------


def test_one_value_from_a_cell() -> None:
    facts = shipped().area("unpaid-work").facts
    assert cases.value_from_cell(facts["extended"], "FALSE") is False
    assert cases.value_from_cell(facts["required_minutes"], " 60 ") == 60
    assert cases.value_from_cell(facts["sentence_date"], "2024-01-05") == date(2024, 1, 5)
    with pytest.raises(ValueError, match="true or false"):
        cases.value_from_cell(facts["extended"], "perhaps")


def test_field_names_and_unknown_columns() -> None:
    assert cases.field_names("unpaid-work")[:2] == ("reference", "order_type")
    assert cases.unknown_columns(("reference",), ["reference"], "row 1") == []
    (problem,) = cases.unknown_columns(("sentence_date",), ["Sentence Date"], "row 1")
    assert str(problem) == (
        "unknown field `Sentence Date`; did you mean `sentence_date`? @ row 1, column Sentence Date"
    )


def test_the_area_of_a_case() -> None:
    assert area_of(UnpaidWorkOrder()) == "unpaid-work"
    with pytest.raises(CaseError, match=r"make one of .*UnpaidWorkOrder, or use `case_from`"):
        area_of({"reference": "x"})


# --- Random input ----------------------------------------------------------------------------

JSON_LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.decimals()
    | st.text(max_size=50)
    | st.dates().map(str)
    | st.sampled_from(["community_order", "2024-01-05", "31/02/2024", "A"])
)
JSON = st.recursive(
    JSON_LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
FIELDS = st.sampled_from(cases.field_names("unpaid-work")) | st.text(max_size=20)


def gives_a_case_or_a_case_error(make: Callable[[], Case]) -> bool:
    try:
        return isinstance(make(), UnpaidWorkOrder)
    except CaseError as error:
        return len(error.problems) > 0


@given(JSON | st.dictionaries(FIELDS, JSON, max_size=8))
def test_any_json_value(stated: object) -> None:
    assert gives_a_case_or_a_case_error(lambda: cases.case_from("unpaid-work", stated))  # type: ignore[arg-type]


@given(st.dictionaries(FIELDS, st.text(max_size=50), max_size=8))
def test_any_cells(cells: dict[str, str]) -> None:
    assert gives_a_case_or_a_case_error(
        lambda: cases.attempt_row("unpaid-work", cells, "row 7").sound()
    )


@given(st.text(alphabet="SECRET ", min_size=12, max_size=300), st.text(max_size=5))
def test_free_text_never_reaches_an_error(secret: str, other: str) -> None:
    stated = {"reference": "\x07" + secret, "required_minutes": other, "extended": 1}
    assert secret not in "\n".join(problems(stated))


# --- Records ------------------------------------------------------------------------------------


def test_records_become_objects_of_their_classes() -> None:
    stated = {
        "current": [{"day": "monday", "start": "19:00", "minutes": 720, "place": "home"}],
        "proposed": [{"day": "monday", "start": "20:00:00", "minutes": 720, "place": "home"}],
        "steps": {"form": {"done": True, "on": "2024-02-20"}, "recorded": {"done": None}},
    }
    case = cases.case_from("curfew-variation", stated)

    assert case == CurfewVariation(
        current=(CurfewPeriod(day="monday", start=time(19), minutes=720, place="home"),),
        proposed=(CurfewPeriod(day="monday", start=time(20), minutes=720, place="home"),),
        steps=CurfewSteps(form=Step(done=True, on=date(2024, 2, 20)), recorded=Step()),
    )
    assert cases.case_from("curfew-variation", asdict(case)) == case


class Python314Time(time):
    """Reads `24:00` as the first minute of the same day, like Python 3.14."""

    @classmethod
    def fromisoformat(cls, text: str) -> time:  # type: ignore[override]
        return time.fromisoformat("00" + text[2:] if text.startswith("24:00") else text)


@pytest.mark.parametrize("python", [time, Python314Time])
@pytest.mark.parametrize("start", ["24:00", "24:00:00", "25:00", "19:60", "7:00"])
def test_hours_go_from_0_to_23_on_every_python(
    monkeypatch: pytest.MonkeyPatch, python: type[time], start: str
) -> None:
    monkeypatch.setattr(cases, "time", python)
    period = {"day": "monday", "start": start, "minutes": 60, "place": "home"}
    (found,) = problems({"current": [period]}, "curfew-variation")
    assert found == (
        f"`{start}` is not allowed: it must be a time of day from 00:00 to 23:59, as HH:MM "
        "@ $.current[0].start"
    )


def test_problems_inside_records_have_their_path() -> None:
    stated = {
        "current": [],
        "proposed": [{"day": "munday", "start": "19:00:30", "minutes": 0, "place": "\x07"}, {}],
        "steps": {"form": 1, "spo_triage": {"done": "yes", "onn": 1}},
    }
    assert [one.rpartition(" @ ")[2] for one in problems(stated, "curfew-variation")] == [
        "$.current",
        *(f"$.proposed[0].{name}" for name in ("day", "start", "minutes", "place")),
        *(f"$.proposed[1].{name}" for name in ("day", "start", "minutes", "place")),
        "$.steps.form",
        "$.steps.spo_triage.onn",
        "$.steps.spo_triage.done",
    ]
    assert problems({"steps": [1]}, "curfew-variation") == [
        "must be an object with named fields @ $.steps"
    ]
