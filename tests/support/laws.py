"""Laws on random cases of every area: all engines give one answer, and filling in never flips it.

The tests hold each on some hundreds of cases, `make assure` on as many as there is time for. A law
raises an error on the first case that breaks it, and otherwise gives how many were fit to be judged.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import wraps
from importlib import import_module
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from pyarrow import parquet  # type: ignore[import-untyped]

import probation_rules as pr
from probation_rules.engines import (
    CANNOT_TELL,
    INVALID,
    NO_STAGE,
    Codes,
    Decide,
    durable,
    python,
    reference,
)
from probation_rules.engines.sql.statement import Statement, problem_column
from probation_rules.errors import CaseError
from probation_rules.language.interpret import Bounds, Interpreter
from probation_rules.rulebook.model import Area, Rule
from probation_rules.rulebook.read import parse_toml
from probation_rules.rulebook.validity import interpreter_for
from probation_rules.tables import table as tables
from support.caseloads import arrow, relations
from support.generate import any_question, batch_of, case_of, fill, gaps, question
from support.mapped_files import mapped_file
from support.toy import toy_area
from support.tried import questions

TESTS = Path(__file__).parents[1]
SHIPPED = pr.rulebook()
EXAMPLE = Path(pr.__file__).parent / "demo" / "example-region.toml"
LIST = parse_toml(EXAMPLE.read_text(encoding="utf-8"), EXAMPLE.name)
# There is a gap between the two lists, and the later one ends.
WITH_LISTS = SHIPPED.extended_by(
    {**LIST, "local": {**LIST["local"], "effective_to": date(2026, 8, 31)}}, EXAMPLE.name
).extended_with(TESTS / "conformance" / "framework" / "earlier.toml")
BOOKS = {
    **dict.fromkeys(SHIPPED.areas, SHIPPED),
    "framework, with lists": WITH_LISTS,
    "unpaid-work, earned hours from a set day": SHIPPED.with_settings(
        {"earned_reduction_from": date(2026, 9, 1)}
    ),
}
AREAS = {name: book.area(name.split(",")[0]) for name, book in BOOKS.items()}
AREAS["toy"] = toy_area()
SPARK = {
    "spark.master": "local[2]", "spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "2",
    "spark.log.level": "ERROR", "spark.ui.showConsoleProgress": "false",
}  # fmt: skip
SEED = 20261121
Law = Callable[[str, Random, int], int]


def interpreter(area: Area, case: Any, on: date) -> Interpreter:
    return interpreter_for(area, area.facts_of(case), on)


class Compiled(dict[str, Any]):
    """An engine's function for each area, made when it is first asked for."""

    def __init__(self, compile_area: Callable[[Area], Any]) -> None:
        self.compile_area = compile_area

    def __missing__(self, name: str) -> Any:
        area = AREAS[name]
        decide = self.compile_area(area)
        return self.setdefault(name, lambda case, on: decide(area.facts_of(case), on))


DECIDE: dict[str, Decide] = Compiled(python.compile_area)
VALUES = Compiled(python.compile_values)
REFERENCE: dict[str, Decide] = Compiled(reference.compile_area)
SECOND: dict[str, Decide] = Compiled(durable.compile_area)


def decided(decide: Decide, case: Any, on: date) -> Codes | str:
    """The codes, or the problems in words."""
    try:
        return decide(case, on)
    except CaseError as error:
        return str(error)


def each(law: Callable[[str, Random], bool]) -> Law:
    """Check a law on many cases, and return the number that could be judged."""

    @wraps(law)
    def hold(name: str, random: Random, size: int) -> int:
        return sum(law(name, random) for _ in range(size))

    return hold


@each
def engines_agree(name: str, random: Random) -> bool:
    """The engine gives the interpreter's codes, and refuses what it refuses, in the same words."""
    case, on = any_question(random, AREAS[name])
    found = decided(DECIDE[name], case, on)

    assert found == decided(REFERENCE[name], case, on), (case, on)

    return not isinstance(found, str)


@each
def second_opinion_agrees(name: str, random: Random) -> bool:
    """durable_rules decides, and refuses, what python does."""
    case, on = any_question(random, AREAS[name])
    found = decided(DECIDE[name], case, on)

    assert found == decided(SECOND[name], case, on), (case, on)

    return not isinstance(found, str)


def tables_agree(name: str, random: Random, size: int) -> int:
    """Rows of a table have the answers, facts and needs that all engines give one by one.

    They are asked in SQL. Columns of some tables are missing, and so unknown in every row.
    """
    area, book = AREAS[name], BOOKS[name]
    on, cases = batch_of(random, area, size)
    share = random.choice((0, 0, 0.1, 0.9))
    missing = [fact for fact in area.input_facts if random.random() < share]
    for case in cases:
        for fact in missing:
            fill(case, fact, None)
    data = arrow(area, cases).drop_columns(missing)
    with patch.object(tables, "FEW_ROWS", -1):  # or few rows would not be asked in SQL
        table = pr.check_table(area.name, data, on=on, rulebook=book, facts=True)
    rows, judged = table.outcomes.to_pylist(), 0
    open_ones = iter(table.findings.to_pylist())
    for number, (case, row) in enumerate(zip(cases, rows, strict=True), 1):
        found = decided(DECIDE[name], case, on)
        for others in (REFERENCE, SECOND):
            assert found == decided(others[name], case, on), (case, on)
        assert row["reference"] == f"case-{number - 1}"
        if isinstance(found, str):
            assert {row[rule] for rule in area.wordings} == {"invalid"}, (case, on, row)
            assert named("\n".join(row["reasons"])) == named(found), (found, row)
            continue
        judged += 1
        report = pr.check(case, on=on, rulebook=book)
        assert row["reasons"] is None, (case, on, row)
        assert row.get("stage") == report.stage, (case, on, row)
        facts = report.facts
        assert {fact: row[fact] for fact in area.derived} == {
            fact: facts[fact] for fact in area.derived
        }, (case, on)
        for one in report.findings:
            assert row[one.rule] == one.outcome.value, (one, case, on)
            if one.outcome.value in tables.WANTED:
                shown = next(open_ones)
                assert (shown["row"], shown["rule"]) == (number, one.rule), (shown, case, on)
                assert tuple(shown["needs"]) == one.needs, (shown, case, on)
                assert shown["severity"] == (one.severity and one.severity.value), (shown, case, on)
    assert next(open_ones, None) is None, "a finding too many"
    return judged


def mapped_files_come_back(name: str, random: Random, size: int) -> int:
    """A file in random headers, units, forms and words, read by its mapping, has the same cases.

    They come back one by one and from a table; a column that is carried along comes back as it is.
    """
    area, on = AREAS[name], date(2026, 11, 21)
    cases = [
        case_of(random, area, on=on, unknown=random.choice((0, 0.2, 0.5))) for _ in range(size)
    ]
    with TemporaryDirectory() as folder:
        file = mapped_file(random, area, cases, Path(folder))
        reading = pr.read(area.name, file.path, mapping=file.mapping, strict=False)
        tried = [(one.case, one.problems) for one in reading.tried.values()]
        for one, case in zip(tried, file.cases, strict=True):
            assert one == (case, ()), file.mapping
        assert [one["Team"] for one in reading.carried.values()] == file.carried
        table = pr.check_table(area.name, file.path, mapping=file.mapping, on=on)
        assert table.outcomes["Team"].to_pylist() == file.carried
        invalid = [reasons is not None for reasons in table.outcomes["reasons"].to_pylist()]
        rows = [row for row, bad in enumerate(invalid, 1) if not bad]
        found = table.cases(rows)
        for row in rows:
            assert found[row] == file.cases[row - 1], (file.mapping, row)
    return len(reading.cases)


def spark_agrees(name: str, random: Random, size: int) -> int:
    """Rows asked in Spark have the outcomes that python gives one by one. It needs pyspark."""
    spark_sql: Any = import_module("pyspark.sql")
    spark = spark_sql.SparkSession.builder.config(map=SPARK).getOrCreate()
    area = AREAS[name]
    on, cases = batch_of(random, area, size)
    with TemporaryDirectory() as folder:
        for table, data in relations(area, cases).items():
            parquet.write_table(data, f"{folder}/{table}")
            spark.read.parquet(f"{folder}/{table}").createOrReplaceTempView(table)
        asked = Statement(area, on, "spark", problem=problem_column(area))
        statement = asked.by_wording(["reference"]).sql(dialect="spark")
        found = spark.sql(statement).collect()
    rows, judged = {int(row["reference"]): row.asDict() for row in found}, 0
    for number, case in enumerate(cases):
        codes, row = decided(DECIDE[name], case, on), rows[number]
        stage = None
        if isinstance(codes, str):
            codes = (*[INVALID] * len(area.rules), NO_STAGE)
        else:
            judged += 1
            stage = None if codes[-1] == NO_STAGE else tuple(area.stages)[codes[-1]]
        given = tuple(row[f"_rule_{place}"] for place in range(len(area.rules)))
        assert given == codes[:-1], (case, on, row)
        assert row.get("stage") == stage, (case, on, row)
        assert (row["reasons"] is None) == (INVALID not in codes[:-1]), (case, on, row)
    return judged


def named(problems: str) -> set[str]:
    """The facts that problems are about, each by the last part of its path."""
    return set(re.findall(r"@ (?:\S*\.)?(\w+)", problems))


@each
def values_agree(name: str, random: Random) -> bool:
    """The engine works out the interpreter's derived facts and parameters."""
    area = AREAS[name]
    case, on = question(random, area)
    if isinstance(decided(REFERENCE[name], case, on), str):
        return False
    means = interpreter(area, case, on)

    found = VALUES[name](case, on)

    for definition, node in area.definitions.items():
        value = means.value(node)
        wanted = None if isinstance(value, Bounds) else value
        assert found[definition] == wanted, (definition, case, on)
    return True


@each
def filling_in_flips_nothing(name: str, random: Random) -> bool:
    """A definite outcome, or stage, stays what it is whatever an unknown turns out to be."""
    area = AREAS[name]
    case, on = question(random, area)
    before, unknowns = decided(DECIDE[name], case, on), list(gaps(random, area, case))
    if isinstance(before, str) or not unknowns:
        return False
    for path, holder, attribute, value in unknowns:
        fill(holder, attribute, value)
        after = decided(DECIDE[name], case, on)
        if not isinstance(after, str):
            for rule, old, new in zip(area.rules, before[:-1], after[:-1], strict=True):
                assert old in (CANNOT_TELL, new), (rule.id, path, case, on)
            assert before[-1] in (NO_STAGE, after[-1]), (path, case, on)
        fill(holder, attribute, None)
    return True


@each
def one_stage_holds(name: str, random: Random) -> bool:
    """A complete case is in exactly one stage, unless an open parameter leaves it open."""
    area = AREAS[name]
    case, on = question(random, area, unknown=0)
    if isinstance(decided(REFERENCE[name], case, on), str):
        return False
    means = interpreter(area, case, on)
    holding = [means.value(stage.lowered) for stage in area.stages.values()]
    if None in holding:
        needs = {one for stage in area.stages.values() for one in means.needs(stage.lowered)}
        assert all(area.parameters[one].open for one in needs), (needs, case, on)
    else:
        assert holding.count(True) == 1, (holding, case, on)
    return True


@each
def needs_lead_to_an_answer(name: str, random: Random) -> bool:
    """What `needs` names is unknown, and naming goes on until the outcome is decided."""
    area = AREAS[name]
    case, on = question(random, area, unknown=0.5)
    rule = area.rules[place := random.randrange(len(area.rules))]
    while not isinstance(codes := decided(DECIDE[name], case, on), str):
        waiting = undecided(area, rule, case, on)
        if waiting is None:
            assert codes[place] != CANNOT_TELL, (rule.id, case, on)
            return True
        assert codes[place] == CANNOT_TELL, (rule.id, case, on)
        assert waiting, "an answer that is not known must list its needs"
        unknowns = {path: gap for path, *gap in gaps(random, area, case)}
        for path in waiting:
            if path in unknowns:
                fill(*unknowns[path])
            else:
                assert path in area.parameters, path
        if set(waiting) <= set(area.parameters):
            return True
    return False


def undecided(area: Area, rule: Rule, case: Any, on: date) -> tuple[str, ...] | None:
    """Return the needs of a rule's outcome; ``None`` if it is decided."""
    means = interpreter(area, case, on)
    gate = means.value(rule.gate)
    waiting = rule.gate if gate is None else rule.lowered_condition
    if gate is False or means.value(waiting) is not None:
        return None
    return means.needs(waiting)


@each
def needs_can_matter(name: str, random: Random) -> bool:
    """Of unknowns that have few values, `needs` names those that can change the answer, and no other.

    More may be named where a number or a date is unknown too, and where nothing can change the
    answer.
    """
    area = AREAS[name]
    case, on = question(random, area, unknown=0.1)
    if isinstance(decided(REFERENCE[name], case, on), str):
        return False
    one = next(questions(random, area, interpreter(area, case, on)), None)
    if one is None:
        return False
    assert one.needs, "an answer that is not known must list its needs"
    if len(set(one.answers.values())) == 1:
        return True
    for unknown in one.few:
        turned = [pair for pair in one.pairs(unknown) if pair[0] != pair[1]]
        if unknown in one.needs:
            assert turned or not one.exact, (unknown, one, case, on)
        else:
            assert all(None in (*pair[0], *pair[1]) for pair in turned), (unknown, one, case, on)
    return True


# Each with the number of cases that are enough for every day.
LAWS: dict[Law, int] = {
    engines_agree: 800,
    second_opinion_agrees: 300,
    tables_agree: 150,
    values_agree: 300,
    filling_in_flips_nothing: 200,
    one_stage_holds: 300,
    needs_lead_to_an_answer: 300,
    needs_can_matter: 100,
    mapped_files_come_back: 400,
}


def has_few_values(area: Area) -> bool:
    """Whether a fact is true or false, or a code word: those of some areas are numbers and dates only."""
    return any(fact.kind in ("bool", "code") for fact in area.facts.values())


def areas_of(law: Law) -> tuple[str, ...]:
    """The areas that a law is about."""
    if law is tables_agree:
        return tuple(BOOKS)
    if law is needs_can_matter:
        return tuple(name for name, area in AREAS.items() if has_few_values(area))
    if law is mapped_files_come_back:
        return tuple(name for name, area in SHIPPED.areas.items() if not area.records)
    if law is one_stage_holds:
        return tuple(name for name, area in AREAS.items() if area.stages)
    return tuple(AREAS)
