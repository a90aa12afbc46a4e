"""Hostile input: a share of what `make fuzz` tries, and each fault that it or an attacker's eye found."""

from __future__ import annotations

import io
import json
import re
import sys
import warnings
from contextlib import nullcontext, suppress
from datetime import date
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]
import pytest

import probation_rules as pr
from probation_rules import readers
from probation_rules._replay import replay
from probation_rules.caseload.csv_rows import csv_text
from probation_rules.caseload.html import environment
from probation_rules.engines import python, reference
from probation_rules.errors import LONGEST_WORD, CaseError, InputError, RulebookError, did_you_mean
from probation_rules.language import lower, parse
from probation_rules.readers import files
from probation_rules.rulebook import shipped
from probation_rules.rulebook.figures import MOST_VALUES
from probation_rules.rulebook.load import MOST_CHOICES, MOST_STAGES, build
from probation_rules.rulebook.model import LONGEST_TEXT
from probation_rules.rulebook.read import (
    LARGEST_FILE,
    MOST_DOTS,
    MOST_PLACES,
    document_from,
    parse_toml,
)
from probation_rules.rulebook.validity import interpreter_for
from probation_rules.tables.running import readable
from support.fuzzed import KINDS, LOCAL, ON, harmless_csv, harmless_html, harmless_text, tried
from support.hostile import deep
from support.toy import raw

SEED = 20261121
MOST_UNNOTICED = 300  # inputs of a kind, while a guard is off
CITES = [{"source": "paper", "checked": date(2026, 1, 1)}]


@pytest.mark.parametrize("kind", KINDS)
def test_input_of_every_kind_is_answered_or_refused(kind: str) -> None:
    number = max(6, round(KINDS[kind].share * 2))

    came = {tried(kind, SEED, place) for place in range(number)}

    assert came <= {"answered", "refused"}


def test_what_is_not_harmless_is_noticed() -> None:
    for text in ("\x1b[2J", "\u202e", "\u2066", "\ud800", "\t", "\r"):
        with pytest.raises(AssertionError):
            harmless_text(text)
    for text in ("=1", "a;=1", "a\t+x", "x,\uff1d1"):
        with pytest.raises(AssertionError):
            harmless_csv(text)
    for text in (
        "<script></script>", "<b onclick='x'></b>", "<a href='javascript:x'>y</a>", "<!-- x -->", "<!x>",
        "<b>", "<b></div>", "\u202e",
    ):  # fmt: skip
        with pytest.raises(AssertionError):
            harmless_html(text)
    harmless_text("plain\n")
    harmless_csv("-1.5,'=1\n")
    harmless_html('<a href="https://example.org" rel="x">plain<br>text</a>')


def _unchanged(text: str) -> str:
    return text


def _unescaped() -> Any:
    return environment().overlay(autoescape=False)


def _unescaped_service(*packages: str) -> Any:
    return environment(*packages).overlay(autoescape=False)


NEVER = "([^\\s\\S])([^\\s\\S])"
COMMANDS = [
    name
    for name in sys.modules
    if name.startswith(("probation_rules.cli.", "probation_rules.caseload."))
]
# What keeps an output harmless: where it is, what is there when it is off, and the kind of input
# that has to notice.
GUARDS: dict[str, tuple[dict[tuple[str, str], Any], str]] = {
    "terminal": (
        {(name, "inert"): _unchanged for name in COMMANDS if hasattr(sys.modules[name], "inert")},
        "answer",
    ),
    "terminal, usage": (
        {("probation_rules.cli.program", "_clean_usage"): nullcontext},
        "command line",
    ),
    "CSV": (
        {
            ("probation_rules.caseload.csv_rows", "_FORMULA"): re.compile(NEVER),
            ("probation_rules.caseload.csv_rows", "_BLANK"): (),
        },
        "answer",
    ),
    "CSV of a table": ({("probation_rules.tables.table", "LIKE_A_FORMULA"): NEVER}, "table"),
    "page": ({("probation_rules.caseload.html", "environment"): _unescaped}, "answer"),
    "page, controls": ({("probation_rules.caseload.html", "visible"): _unchanged}, "answer"),
    "page of the service": (
        {("probation_rules.web.pages.site", "environment"): _unescaped_service},
        "form",
    ),
    "drawing": (
        {("probation_rules.areas.curfew_variation.picture", "escape"): _unchanged},
        "answer",
    ),
    "notebook": ({("probation_rules.notebook", "escape"): _unchanged}, "notebook"),
    "notebook, controls": ({("probation_rules.notebook", "visible"): _unchanged}, "notebook"),
}


@pytest.mark.parametrize("guard", GUARDS)
def test_a_guard_that_is_off_is_noticed(guard: str, monkeypatch: pytest.MonkeyPatch) -> None:
    places, kind = GUARDS[guard]
    for (module, name), off in places.items():
        monkeypatch.setattr(import_module(module), name, off)

    with pytest.raises(AssertionError):
        _try_many(kind)


def _try_many(kind: str) -> None:
    for number in range(MOST_UNNOTICED):
        tried(kind, SEED, number)


def test_the_page_on_security_gives_the_limits_that_are_kept() -> None:
    page = (Path(__file__).parent.parent / "SECURITY.md").read_text(encoding="utf-8")
    for text in (
        f"{files.MOST_BYTES:,} bytes, {files.MOST_RECORDS:,} rows or cases",
        f"{files.LONGEST_NUMBER} characters, and {files.LONGEST_NUMBER} places",
        f"{LONGEST_TEXT} characters on one line",
        f"{LARGEST_FILE:,} characters, {MOST_DOTS} dots",
        f"{parse.LONGEST_TEXT} characters, {parse.DEEPEST} deep, {lower.DEEPEST} steps",
        f"{lower.MOST_NODES:,} lifted in one, {lower.MOST_IN_ALL:,} in an area",
        f"{MOST_VALUES} dated values, {MOST_PLACES} decimal places",
        f"| the stages of an area | {MOST_STAGES} |",
        f"| the choices of a derived value | {MOST_CHOICES} |",
        f"| a line of a file of text | {files.LONGEST_LINE:,} characters |",
    ):
        assert text in page, text


# --- Rules files ----------------------------------------------------------------------------------


def refused(**changes: Any) -> str:
    """Return the problems of the made-up area with values at paths such as `parameters__slack__places`."""
    content = raw()
    for path, value in changes.items():
        *outer, last = path.split("__")
        inner = content
        for key in outer:
            inner = inner.setdefault(key, {})
        inner[last] = value
    with pytest.raises(RulebookError) as caught:
        build(document_from(content, "toy.toml"), "toy.toml")
    return str(caught.value)


def values(*given: Any) -> list[dict[str, Any]]:
    return [
        {"from": date(2020 + n, 1, 1), "value": one, "cites": CITES} for n, one in enumerate(given)
    ]


@pytest.mark.parametrize(
    "area",
    [deep(), 10**5_000, None, ["unpaid-work"]],
    ids=["deep", "large", "missing", "a list"],
)
def test_an_area_that_is_no_text_is_refused_by_a_local_rulebook(area: Any) -> None:
    with pytest.raises(RulebookError, match="must be the name of an area: allocation, ") as caught:
        shipped().extended_by({"area": area}, "local.toml")
    assert [one.path for one in caught.value.problems] == ["local.toml: area"]


def test_a_key_of_very_many_parts_is_refused_before_it_takes_minutes() -> None:
    with pytest.raises(RulebookError, match="line 2 has too many dots"):
        parse_toml("x = 1\n" + "a." * (LARGEST_FILE // 3) + "a = 1", "x.toml")
    assert parse_toml("a." * MOST_DOTS + "a = 1", "x.toml")


def test_a_number_beyond_any_exponent_is_refused() -> None:
    with pytest.raises(RulebookError, match=r"a number in the file is too large @ x\.toml"):
        parse_toml("a = 1e99999999999999999999", "x.toml")


@pytest.mark.parametrize("number", ["1e41", "1e-41", "1e99999999", "nan", "inf", "-inf"])
def test_a_figure_that_is_endless_or_no_number_is_refused(number: str) -> None:
    stated = refused(parameters__slack__values=values(Decimal(number)))
    assert (
        "this number is too large or too small, or is not a finite number"
        " @ toy.toml: parameters['slack'].values[0].value"
    ) in stated


def test_a_figure_is_within_what_every_engine_holds_exactly() -> None:
    whole = "must be a whole number from -9,007,199,254,740,992 to 9,007,199,254,740,992"
    assert f"{whole} @ toy.toml: facts['visits'].max" in refused(facts__visits__max=2**53 + 1)
    assert f"{whole} @ toy.toml: members.most" in refused(members__most=16**5_000)
    stated = refused(parameters__slack__max=Decimal(2**53))
    assert f"`{2**53}` is not an allowed decimal here @ toy.toml: parameters.slack" in stated


@pytest.mark.parametrize("places", [-1, 7, 10**9, True, "1", Decimal(1)])
def test_decimal_places_are_few(places: Any) -> None:
    stated = refused(parameters__slack__places=places)
    assert "must be a whole number from 0 to 6 @ toy.toml: parameters['slack'].places" in stated


def test_a_range_of_another_kind_than_its_values_is_refused() -> None:
    assert "`light` is not an allowed decimal here" in refused(parameters__slack__min="light")
    assert "`light` is not an allowed int here" in refused(facts__visits__max="light")


@pytest.mark.parametrize(
    ("fact", "default"), [("visits", "abc"), ("visits", 51), ("visits", True), ("kind", "dark")]
)
def test_what_absence_means_is_a_value_of_the_fact(fact: str, default: Any) -> None:
    kind = raw()["facts"][fact]["type"]
    stated = refused(**{f"facts__{fact}__default": default})
    assert f"`default` is not an allowed {kind} for this fact @ toy.toml: facts.{fact}" in stated


def test_absence_never_means_a_decimal() -> None:
    stated = refused(members__facts__share__default=Decimal("0.5"))
    assert (
        "`default` is not an allowed decimal for this fact @ toy.toml: members.facts.share"
        in stated
    )


def test_a_member_s_kind_is_not_held_against_a_range_that_is_missing() -> None:
    content = raw()
    share = dict(content["members"]["facts"]["share"])
    del share["min"]
    assert "members.facts.share" in refused(members__facts__share=share)


@pytest.mark.parametrize("name", ["po\0d", "", "Pod", "a b"])
def test_an_area_has_a_plain_name(name: str) -> None:
    assert "an area's name has only small letters, digits and -" in refused(area=name)


def test_a_rule_may_be_called_next_to_nothing() -> None:
    content = raw()
    for title in ("", "A", "a"):
        content["rules"]["toy.visits"]["title"] = title
        area = build(document_from(content, "toy.toml"), "toy.toml")
        assert area.rules[0].met == title.lower()


def test_code_words_hold_nothing_that_a_statement_could_take_for_its_own() -> None:
    for word in ("it's", 'a"b', "a b", "", "x" * 61, "é", "a\nb"):
        stated = refused(facts__kind__values=["light", "heavy", "other", word])
        assert "a code word has only letters, digits, _ and -, and at most 60 characters" in stated


@pytest.mark.parametrize("name", ["=1+1", "A", "a b", ""])
def test_a_stage_has_a_plain_name(name: str) -> None:
    stated = refused(stages={**raw()["stages"], name: {"when": "on > last", "about": "Over."}})
    assert f"`{name}` is not allowed: a name has only small letters, digits and _" in stated


def made(must: str, derived: dict[str, str], unit: str | None = None) -> Any:
    """The made-up area with one more rule, and what that rests on."""
    content = raw()
    for name, text in derived.items():
        content["derived"][name] = {
            "is": text,
            "about": "Made up.",
            **({"unit": unit} if unit else {}),
        }
    content["rules"]["toy.more"] = {**content["rules"]["toy.visits"], "must": must, "not_met": "no"}
    return build(document_from(content, "toy.toml"), "toy.toml")


TOO_LARGE = "too large: it has too many choices or levels"


def test_more_is_joined_than_python_can_nest() -> None:
    with pytest.raises(RulebookError, match=TOO_LARGE):
        made(" or ".join(["e"] * 100), {"e": "ended"})
    python.compile_area(made(" or ".join(["e"] * 50), {"e": "ended"}))


def test_more_rests_on_one_another_than_an_interpreter_can_follow() -> None:
    chain = {"d0": "visits", **{f"d{n}": f"d{n - 1} + 0" for n in range(1, 400)}}
    with pytest.raises(RulebookError, match=TOO_LARGE):
        made("d399 > 1", chain, "appointment")


def test_a_figure_has_few_values() -> None:
    days = [date(2021 + n // 12, n % 12 + 1, 1) for n in range(400)]
    many = [{"from": day, "value": n % 5, "cites": CITES} for n, day in enumerate(days)]
    stated = refused(parameters__most_visits__values=many)
    assert (
        f"a figure can have at most {MOST_VALUES} dated values @ toy.toml: parameters.most_visits"
        in stated
    )
    content = raw()
    content["parameters"]["most_visits"]["values"] = many[:MOST_VALUES]
    area = build(document_from(content, "toy.toml"), "toy.toml")
    python.compile_area(area)
    reference.compile_area(area)


def test_there_are_few_stages() -> None:
    many = {f"s{n}": {"when": "on > last", "about": "Over."} for n in range(120)}
    assert f"an area can have at most {MOST_STAGES} stages @ toy.toml: stages" in refused(
        stages=many
    )
    few = raw()
    few["stages"] = dict(list(many.items())[: MOST_STAGES - 2]) | few["stages"]
    python.compile_area(build(document_from(few, "toy.toml"), "toy.toml"))


def test_the_choices_of_all_rules_together_are_bounded() -> None:
    content = raw()
    ladder = {f"d{n}": f"(d{n - 1}) if ended else (d{n - 1} + 0)" for n in range(1, 8)}
    for name, text in {"d0": "visits", **ladder}.items():
        content["derived"][name] = {"is": text, "about": "Made up.", "unit": "appointment"}
    for n in range(40):
        one = {**content["rules"]["toy.visits"], "must": "d7 < most_visits", "not_met": "no"}
        content["rules"][f"toy.more-{n}"] = one
    with pytest.raises(RulebookError, match=TOO_LARGE):
        build(document_from(content, "toy.toml"), "toy.toml")


def test_what_an_outcome_waits_for_is_asked_once_a_fact() -> None:
    """Each of these rests twice on the one before: asked again each time, 2**27 questions."""
    area = made(
        "d27", {"d0": "ended", **{f"d{n}": f"d{n - 1} or (d{n - 1})" for n in range(1, 28)}}
    )
    case = type("Case", (), dict.fromkeys([*area.facts, "members"]))()
    interpreter = interpreter_for(area, case, date(2024, 1, 1))
    assert interpreter.needs(area.rules[-1].lowered_condition) == ("ended",)


def test_a_local_book_adds_no_fact_that_a_case_has_no_field_for() -> None:
    content = parse_toml(LOCAL, "north.toml")
    content["facts"] = {"extra": {"type": "bool", "about": "x"}}
    with pytest.raises(RulebookError, match="a local book cannot add facts"):
        shipped().extended_by(content, "north.toml")


def test_a_rulebook_that_never_ends_is_read_no_further_than_it_may_be_long(tmp_path: Path) -> None:
    (tmp_path / "long.toml").write_text("#" * (LARGEST_FILE + 2), encoding="utf-8")
    with pytest.raises(
        RulebookError, match=f"at most {LARGEST_FILE:,} characters are allowed @ long.toml"
    ):
        shipped().extended_with(tmp_path / "long.toml")


def test_a_rulebook_s_name_may_be_no_name() -> None:
    with pytest.raises(RulebookError, match="cannot be read as text"):
        shipped().extended_with("a\0b.toml")


@pytest.mark.parametrize("text", ["slack < 1 + 1", "slack < (1 if ended else 0)"])
def test_a_number_without_a_unit_is_not_taken_for_one_with_places(text: str) -> None:
    """It would be compared with the tenths that the engines see: 2 of them for 1 + 1."""
    with pytest.raises(RulebookError, match="different decimal places"):
        made(text, {})


def test_the_parts_of_a_least_are_of_one_unit_whatever_comes_first() -> None:
    with pytest.raises(RulebookError, match="different units"):
        made("min(0, visits, learners) > 1", {})


@pytest.mark.parametrize("text", ["visits > 1if ended else visits > 0", "kind == '\\d'"])
def test_a_condition_makes_python_say_nothing_by_itself(text: str) -> None:
    with warnings.catch_warnings(record=True) as stated:
        warnings.simplefilter("always")
        with suppress(RulebookError):
            made(text, {})
    assert not stated


# --- Cases, files and settings --------------------------------------------------------------------


def nested(depth: int) -> Any:
    found: Any = []
    for _ in range(depth):
        found = [found]
    return found


def test_a_long_wrong_word_is_compared_with_no_other() -> None:
    assert did_you_mean("community_ordr", ["community_order"])
    assert not did_you_mean("a" * (LONGEST_WORD + 1), ["a" * LONGEST_WORD])
    with pytest.raises(CaseError, match="this text is not allowed"):
        pr.case_from("unpaid-work", {"order_type": "community order" * 2_000_000})


def test_contracted_hours_are_a_number_that_can_be_reckoned_with() -> None:
    feed = '{"teams": {"Z01": [{"code": "Z01A", "grade": "PO", "weeklyHours": 1e999999999}]}}'
    with pytest.raises(CaseError, match="too large"):
        readers.read("pod", "-", shape="workload-team", stdin=io.BytesIO(feed.encode()))


@pytest.mark.parametrize(
    ("area", "shape", "text"),
    [
        (
            "unpaid-work",
            None,
            '[{"extended": true}, {"extended": true}, {"extended": true}, {"extended": true}]',
        ),
        ("unpaid-work", None, '{"extended": true}\n' * 4),
        ("unpaid-work", None, "reference\na\nb\nc\nd\n"),
        ("pod", None, "pod,grade\na,PO\na,PO\na,PO\nb,PO\n"),
        ("unpaid-work", "community-payback", '{"unpaidWorkDetails": [{}, {}, {}, {}]}'),
    ],
)
def test_a_file_holds_no_more_cases_than_memory_does(
    area: str, shape: str | None, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read() -> readers.Reading:
        return readers.read(area, "-", shape=shape, stdin=io.BytesIO(text.encode()))

    monkeypatch.setattr(files, "MOST_RECORDS", 4)
    assert read().cases
    monkeypatch.setattr(files, "MOST_RECORDS", 3)
    with pytest.raises(CaseError, match=r"^the file has more than 3 rows or cases; split it"):
        read()


@pytest.mark.parametrize(
    "moment", ["0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00", "9999-12-31T23:59:59Z"]
)
def test_a_moment_at_the_end_of_the_calendar_is_refused_or_a_day(moment: str) -> None:
    feed = {"id": "1", "curfewTimeTable": [], "curfewConditions": {"endDate": moment}}
    stdin = io.BytesIO(json.dumps(feed).encode())
    with pytest.raises(CaseError, match=r"curfewConditions.endDate"):
        readers.read("curfew-variation", "-", shape="em-service", stdin=stdin)


@pytest.mark.parametrize(
    "value",
    [nested(2_000), 10**5_000, b"x", {"a": 1}, Decimal("sNaN")],
    ids=["nested", "long", "bytes", "object", "no number"],
)
def test_a_setting_may_be_anything_at_all(value: Any) -> None:
    with pytest.raises(InputError):
        pr.check(pr.UnpaidWorkOrder(), on=ON, settings={"earned_reduction_from": value})


def test_a_stored_report_with_a_list_in_a_list_without_end_differs() -> None:
    stored = pr.check(pr.UnpaidWorkOrder(), on=ON).to_dict()
    stored["reports"][0]["facts"]["days_left"] = nested(2_000)
    ((_, differences),) = replay(stored).differences
    assert differences == ("days_left: no value of a fact then, not known now",)


def test_a_stored_number_that_has_no_text_differs() -> None:
    stored = pr.check(pr.UnpaidWorkOrder(), on=ON).to_dict()
    stored["reports"][0]["facts"]["days_left"] = 10**5_000
    ((_, differences),) = replay(stored).differences
    assert differences == ("days_left: no value of a fact then, not known now",)


# --- Tables ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [pa.float16(), pa.decimal256(60, 2), pa.month_day_nano_interval()])
def test_a_column_of_a_type_that_cannot_be_read_is_refused(kind: Any) -> None:
    with pytest.raises(CaseError):
        pr.check_table("unpaid-work", pa.table({"required_minutes": pa.nulls(1, kind)}), on=ON)


def test_a_fault_of_a_statement_is_not_blamed_on_the_table() -> None:
    with pytest.raises(duckdb.ParserException), readable():
        duckdb.sql("SELECT FROM FROM")


def test_a_file_is_the_one_that_was_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not one elsewhere: DuckDB reads `~`, `file:` and patterns its own way."""
    monkeypatch.chdir(tmp_path)
    for name in (
        "~/a.csv",
        "file:/a.csv",
        "[a].csv",
        "*.csv",
        "http:/a.csv",
        "s3:/a.csv",
        "it's.csv",
    ):
        path = Path(name)
        path.parent.mkdir(exist_ok=True)
        path.write_text(f'reference\n"{name}"\n', encoding="utf-8")
        table = pr.check_table("unpaid-work", name, on=ON)
        assert table.outcomes["reference"].to_pylist() == [name]


@pytest.mark.parametrize("name", ["x" * 5_000 + ".csv", "a\0b.csv", "http://example.org/a.csv"])
def test_a_name_that_no_file_can_have_is_no_file(name: str) -> None:
    with pytest.raises(CaseError, match="the file was not found"):
        pr.check_table("unpaid-work", name, on=ON)


@pytest.mark.parametrize("name", ["folder.csv", "a\0b.csv", "x" * 300 + ".csv", "none/a.csv"])
def test_what_cannot_be_written_is_told_and_nothing_is_left(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("folder.csv").mkdir()
    table = pr.check_table("unpaid-work", pa.table({"reference": ["EX-1"]}), on=ON)
    with pytest.raises(InputError):
        table.write(name)
    assert [path.name for path in tmp_path.iterdir()] == ["folder.csv"]


def test_a_csv_of_very_many_columns_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "wide.csv").write_text(",".join(f"c{n}" for n in range(2_000)), encoding="utf-8")
    with pytest.raises(CaseError, match="the first row does not contain a known column name"):
        pr.check_table("unpaid-work", tmp_path / "wide.csv", on=ON)


FORMULAS = (
    "=1+1",
    "EX;=1+1",
    'EX;"=1+1"',
    "EX; =1+1",
    " =1",
    "\uff1d1",
    "EX;\uff20x",
    "@x",
    "+x",
    "-x",
)


def test_no_cell_of_a_table_is_a_formula_in_any_spreadsheet(tmp_path: Path) -> None:
    data = pa.table({"reference": [*FORMULAS, "EX\t=1", "EX\n=1", "\t=1"]})
    pr.check_table("unpaid-work", data, on=ON).write(tmp_path / "out.csv")
    harmless_csv((tmp_path / "out.csv").read_text(encoding="utf-8"))


def test_no_reason_in_a_table_repeats_a_formula(tmp_path: Path) -> None:
    data = pa.table({"reference": ["EX-1"], "may_transfer_from_youth": ['";--']})
    table = pr.check_table("appointments", data, on=ON)
    assert '";--' not in str(table.outcomes["reasons"])
    table.write(tmp_path / "out.csv")
    harmless_csv((tmp_path / "out.csv").read_text(encoding="utf-8"))


@pytest.mark.parametrize("cell", [*FORMULAS, "EX\t=1", "EX\n=1", "\t=1", "EX;-1"])
def test_no_cell_of_an_answer_is_a_formula_in_any_spreadsheet(cell: str) -> None:
    harmless_csv(csv_text(["a", "b"], [["x", cell], [cell, "x"]]))


def test_figures_and_plain_text_stay_as_they_are_in_csv() -> None:
    row = ["-1.5", "a-b; c", "a=b", "2026-01-01", "EX-1"]
    assert csv_text(["a"] * 5, [row]).splitlines()[1] == ",".join(row)
