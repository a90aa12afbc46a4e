"""The kinds of input that `make fuzz` tries: how each is made, and where it goes.

A kind makes an input from a `random.Random` and puts it where a stranger could. An input must be
answered or refused with a `ProbationRulesError`; what comes out must be harmless.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from copy import deepcopy
from datetime import date
from functools import cache
from html.parser import HTMLParser
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]
from attrs import frozen
from click.testing import CliRunner

import probation_rules as pr
from probation_rules import framework, readers
from probation_rules._replay import replay
from probation_rules.areas import AREAS as SPECS
from probation_rules.cli.program import root
from probation_rules.diary import is_due
from probation_rules.engines import durable, python, reference
from probation_rules.engines.sql.statement import Statement
from probation_rules.errors import CaseError, InputError, ProbationRulesError, Problem
from probation_rules.explanation import explain
from probation_rules.rulebook import shipped
from probation_rules.rulebook.book import Rulebook
from probation_rules.rulebook.load import build
from probation_rules.rulebook.model import Area
from probation_rules.rulebook.read import document_from, parse_toml
from prove import Prover, described
from prove.claims import CannotProve, claims
from prove.terms import Terms
from support import filled, requested
from support.generate import case_of, question_day
from support.hostile import (
    HARMFUL,
    TEXTS,
    as_csv,
    as_json,
    condition,
    condition_text,
    garbled,
    mutated,
    odd,
)
from support.html_page import parsed, require_inert, require_sealed
from support.toy import TEXT as TOY
from support.toy import raw as toy_raw

ON = date(2026, 11, 21)
FORMULA = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
FORMS = ("csv", "json", "html", "table")
FIGURE = re.compile(r"-[0-9]+(\.[0-9]+)?(,|$)")
EXAMPLE_LIST = Path(pr.__file__).parent / "demo" / "example-region.toml"
ADDRESSES = (
    "javascript:alert(1)",
    "data:text/html,x",
    'https://example.org/" onclick="x',
    "https://e.org",
)
_CELL = ("scope", "style")
TAGS = {
    **dict.fromkeys(("div", "p", "b", "bdi", "br", "code", "li", "pre", "small", "ul"), ()),
    **dict.fromkeys(("table", "thead", "tbody", "tr"), ()), "th": _CELL, "td": _CELL,
    "a": ("href", "rel"),
}  # fmt: skip
WORDS = re.compile(  # of a rulebook, for people
    r'\b(region|title|version|approved_by|publisher|about|not_met|remedy|label|text|message|name) = "[^"]*"'
)
PROOF_SECONDS = 0.5  # for one question to the solver
CITES = '[{ source = "example", checked = 2026-11-21 }]'
LOCAL = f"""
area = "unpaid-work"

[local]
region = "Example region"
title = "Example standards"
version = "1"
effective_from = 2026-01-01
approved_by = "Nobody"

[sources.example]
title = "Example standards"
publisher = "Example region"

[parameters.pace_slack]
basis = "local"
values = [{{ from = 2026-01-01, value = 10, cites = {CITES} }}]

[parameters.least_rate]
type = "int"
unit = "minute / week"
about = "Minutes a week."
basis = "local"
values = [{{ from = 2026-01-01, value = 420, cites = {CITES} }}]

[derived]
far_behind = {{ is = "minutes_a_week_needed > least_rate + least_rate", about = "Far behind." }}
again_on = {{ is = "add_days(review_6_on, days_between(sentence_date, review_6_on))", about = "Again." }}

[rules."upw.example-rate"]
title = "The minutes a week needed are within what the region can offer"
basis = "local"
in_force = {{ from = 2026-01-01 }}
applies = "some_outstanding and not past_last_day"
should = "minutes_a_week_needed <= least_rate and not far_behind"
not_met = "{{minutes_a_week_needed}} needed; the region offers {{least_rate}}"
remedy = "Offer more sessions."
replaces = "upw.pace-6"
cites = {CITES}

[due]
again_on = {{ label = "a look again", rule = "upw.example-rate", while = "some_outstanding and not far_behind" }}
"""
NIGHT = {"day": "Mo", "start": "17:00", "end": "09:00"}
FEEDS: dict[str, Any] = {
    "community-api": {
        "convictionId": 7000001, "latestCourtAppearanceOutcome": {"code": "340"},
        "sentence": {
            "startDate": "2024-01-09", "terminationDate": None,
            "unpaidWork": {"minutesOrdered": 4800, "minutesCompleted": 600, "status": "Being worked"},
        },
    },
    "community-payback": {
        "case": {"crn": "Z900001"},
        "unpaidWorkDetails": [{
            "eventNumber": 3, "sentenceDate": "2025-02-03", "requiredMinutes": 6000,
            "completedMinutes": 930, "adjustments": -45, "completedEteMinutes": 120,
            "eventOutcomeCode": "341", "upwStatus": "Working",
        }],
    },
    "em-service": {
        "id": "order-1", "versions": [{"type": "REQUEST"}, {"type": "VARIATION"}],
        "monitoringConditions": {
            "curfew": True, "conditionType": "BAIL_ORDER", "sentenceType": "COMMUNITY_YRO", "hdc": "NO",
        },
        "curfewConditions": {"startDate": "2025-06-30T23:00:00Z", "endDate": "2026-01-31T23:59:00Z"},
        "curfewTimeTable": [{
            "dayOfWeek": "SUNDAY", "startTime": "19:00:00", "endTime": "07:30:00",
            "curfewAddress": "PRIMARY_ADDRESS",
        }],
    },
    "em-supplier": {
        "order_id": "order-2", "order_request_type": "New Order", "condition_type": "Bail Order",
        "sentence_type": "Suspended Sentence", "sentence_date": "2025-01-05 00:00:00",
        "enforceable_condition": [{"condition": "Curfew with EM"}], "hdc": "No",
        "curfew_start": "2025-01-07 19:00:00", "curfew_end": "2025-07-06 07:00:00",
        "curfew_duration": [
            {"location": "primary", "schedule": [NIGHT]},
            {"location": "secondary", "schedule": [NIGHT]},
        ],
    },
    "practitioner": {"code": "Z01A001", "grade": "PO", "unallocated": False},
    "registrations": {"registrations": [
        {"type": {"code": "RHRH"}, "startDate": "2025-01-01", "endDate": None, "active": True},
    ]},
    "tier": {
        "tierScore": "B2",
        "data": {"provisional": False, "deliusInputs": {
            "registrations": {"rosh": "HIGH", "mappaLevel": "M2"},
        }},
    },
    "workload-team": {"teams": {"Z01": [
        {"code": "Z01A001", "grade": "PO", "weeklyHours": 37},
        {"code": "Z01A002", "grade": {"code": "PSQ"}, "weeklyHours": 18.5},
    ]}},
}  # fmt: skip


@frozen
class Kind:
    """A kind of input.

    Attributes:
        share: How many of a hundred inputs are of it.
        make: Makes one.
        put: Puts it where it is read; returns, or raises a `ProbationRulesError`.
    """

    share: float
    make: Callable[[Random], Any]
    put: Callable[[Any], None]


def tried(kind: str, seed: object, number: int) -> str:
    """Try one input: `answered` or `refused`. Anything else that it raises is a fault."""
    one = KINDS[kind]
    given = one.make(Random(f"{seed} {kind} {number}"))
    try:
        one.put(given)
    except ProbationRulesError as error:
        words = str(error)
    else:
        return "answered"
    assert words, "an error without words"
    return "refused"


def ready() -> None:
    """Load all that is loaded once, so that no single input is charged with it."""
    for area in _areas().values():
        _run(area, Random(1))
    requested.ready()


# --- Cases ----------------------------------------------------------------------------------------


@cache
def _areas() -> dict[str, Area]:
    return dict(shipped().areas)


def stated(random: Random, area: str) -> dict[str, Any]:
    """Return a case of an area as a person might give it."""
    return {"reference": "EX-1", **_plain(case_of(random, _areas()[area]))}


def _plain(held: Any) -> Any:
    """A case, a record or a list of them as dicts and lists, dates and figures as they are."""
    if isinstance(held, list | tuple):
        return [_plain(one) for one in held]
    names = [one.name for one in getattr(type(held), "__attrs_attrs__", ())] or [
        *getattr(held, "__dict__", ())
    ]
    if not names:
        return held
    return {name: _plain(value) for name in names if (value := getattr(held, name)) is not None}


def _any_area(random: Random) -> str:
    return random.choice(list(SPECS))


def _case(random: Random) -> Any:
    area = _any_area(random)
    on = question_day(random, _areas()[area]) if random.random() < 0.95 else odd(random)
    engine = random.choice(("python", "python", "python", "reference", "none", "durable"))
    return area, mutated(random, stated(random, area)), on, engine


def _put_case(given: Any) -> None:
    area, mapping, on, engine = given
    report = pr.check(pr.case_from(area, mapping), on=on, engine=engine)
    json.loads(report.to_json())
    harmless_text(str(report))


def _typed(random: Random) -> Any:
    """A case made by hand, with values of any kind in its fields, and settings as odd."""
    area = _any_area(random)
    case = case_of(random, _areas()[area])
    names = [one.name for one in type(case).__attrs_attrs__ if one.name != "reference"]
    for name in random.sample(names, min(len(names), 2)):
        object.__setattr__(case, name, odd(random))
    options: dict[str, Any] = {}
    if random.random() < 0.3:
        known = [*shipped().parameters]
        options["settings"] = {random.choice((*known, *TEXTS)): odd(random)}
    if random.random() < 0.3:
        options["assuming"] = {random.choice((*names, *TEXTS)): odd(random)}
    return case, options


def _put_typed(given: Any) -> None:
    case, options = given
    report = pr.check(case, on=ON, **options)
    report.to_dict()


# --- Files ----------------------------------------------------------------------------------------


def _records(random: Random, area: str) -> list[dict[str, Any]]:
    return [stated(random, area) for _ in range(random.choice((1, 2, 4)))]


def _json(random: Random) -> Any:
    area = _any_area(random)
    found = _records(random, area)
    if random.random() < 0.5:
        found = mutated(random, found)
    data = as_json(found)
    if random.random() < 0.3 and isinstance(found, list):
        data = b"\n".join(map(as_json, found))
    if random.random() < 0.7:
        data = garbled(random, data)
    return area, random.choice(("-", "-", "x.json", "x.jsonl")), data, None


def _csv(random: Random) -> Any:
    area = _any_area(random)
    rows = _records(random, area)
    if area == "pod":
        rows = [
            {"pod": "P1", "grade": "PO", "fte": "1.0"},
            {"pod": "P1", "grade": "CA", "fte": "0.5"},
        ]
    if random.random() < 0.5:
        changed = mutated(random, rows)
        rows = (
            [one for one in changed if isinstance(one, dict)] if isinstance(changed, list) else []
        )
        rows = rows or [{}]
        rows = [{str(name): value for name, value in one.items()} for one in rows]
    try:
        data = as_csv(rows, random.choice(",,;\t"))
    except (ValueError, RecursionError):  # a figure or a nest that has no text
        data = b"a,b\n"
    if random.random() < 0.7:
        data = garbled(random, data)
    return area, random.choice(("-", "x.csv", "x.csv")), data, None


def _feed(random: Random) -> Any:
    shape = random.choice(list(FEEDS))
    found = FEEDS[shape]
    data = as_json(mutated(random, [found, found] if random.random() < 0.5 else found))
    if random.random() < 0.25:
        data = garbled(random, data)
    area = readers.SHAPES[shape].area if random.random() < 0.98 else _any_area(random)
    return area, "-", data, shape


def _put_file(given: Any) -> None:
    area, name, data, shape = given
    if name == "-":
        found = readers.read(area, "-", stdin=io.BytesIO(data), shape=shape, on=ON)
    else:
        found = readers.read(area, _written(name, data), shape=shape, on=ON)
    for case in found.cases[:3]:
        try:
            pr.check(case, on=ON).to_json()
        except CaseError:
            continue


_NUMBERS = count()


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="fuzz-")


def _written(name: str, data: bytes) -> Path:
    path = Path(_folder().name) / f"f{next(_NUMBERS) % 50}{name}"
    path.write_bytes(data)
    return path


# --- Rules ----------------------------------------------------------------------------------------


def _run(area: Area, random: Random) -> None:
    """Use what was loaded: both engines agree on some cases, and the SQL can be written."""
    fast, slow = python.compile_area(area), reference.compile_area(area)
    for _ in range(3):
        case, on = case_of(random, area), question_day(random, area)
        facts = area.facts_of(case) if area.spec.prepare else case
        assert _decided(fast, facts, on) == _decided(slow, facts, on), (case, on)
    try:
        Statement(area, ON).by_wording().sql(dialect="duckdb")
    except InputError:
        return


def _decided(decide: Any, case: Any, on: date) -> Any:
    try:
        return decide(case, on)
    except CaseError as error:
        return str(error)


def _condition(random: Random) -> Any:
    return _with_condition(random, condition_text(random)), random.random()


def _with_condition(random: Random, text: str) -> dict[str, Any]:
    """The made-up area with a rule, `toy.probe`, that rests on a condition."""
    content = toy_raw()
    place = random.choice(("must", "applies", "is", "is"))
    if place == "is":
        content["derived"]["probe"] = {"is": text, "about": "A probe."}
        content["rules"]["toy.probe"] = {
            **content["rules"]["toy.visits"],
            "must": "probe",
            "not_met": "",
        }
    else:
        content["rules"]["toy.probe"] = {
            **content["rules"]["toy.visits"],
            place: text,
            "not_met": "",
        }
    return content


def _area(random: Random) -> Any:
    if random.random() < 0.6:
        return mutated(random, toy_raw()), random.random()
    return garbled(random, TOY.encode()), random.random()


def _put_area(given: Any) -> None:
    content, seed = given
    if (area := _built(content)) is not None:
        _run(area, Random(seed))


def _built(content: Any) -> Area | None:
    if isinstance(content, bytes):
        content = parse_toml(content.decode("utf-8", "replace"), "toy.toml")
    if not isinstance(content, dict):
        return None
    return build(document_from(content, "toy.toml"), "toy.toml")


@cache
def _local_content(text: str) -> dict[str, Any]:
    return parse_toml(text, "local.toml")


def _local(random: Random) -> Any:
    text = LOCAL if random.random() < 0.6 else EXAMPLE_LIST.read_text(encoding="utf-8")
    if random.random() < 0.3:
        return garbled(random, text.encode()), random.random()
    return mutated(random, _local_content(text)), random.random()


def _laid(content: Any) -> Rulebook:
    """Return the rules with a local rulebook on top."""
    if isinstance(content, bytes):
        return shipped().extended_with(_written(".toml", content))
    return shipped().extended_by(content, "local.toml") if isinstance(content, dict) else shipped()


def _put_local(given: Any) -> None:
    content, seed = given
    book = _laid(content)
    random, digest = Random(seed), book.digest
    assert digest.startswith("sha256:")
    for name in book.files:
        area = book.area(name)
        _run(area, random)
        _use(book, name, case_of(random, area))
        for rule in random.sample(list(area.wordings), 1):
            harmless_text(str(explain(rule, on=ON, rulebook=book)))


def _either(random: Random) -> Any:
    """A condition that most times is well formed, or a local rulebook."""
    if random.random() < 0.3:
        return "local", *_local(random)
    content = _with_condition(random, condition_text(random))
    for _ in range(random.choice((0, 10, 10))):
        with suppress(ProbationRulesError):
            _built(content)
            break
        content = _with_condition(random, condition(random))
    return "toy", content, random.random()


def _areas_of(form: str, content: Any) -> list[Area]:
    """The areas that such an input changes."""
    if form == "toy":
        return [area for area in (_built(content),) if area is not None]
    book = _laid(content)
    return [book.area(name) for name in book.files]


def _put_durable(given: Any) -> None:
    """What durable_rules can take, it decides as `python` does."""
    form, content, seed = given
    random = Random(seed)
    for area in _areas_of(form, content):
        fast, second = python.compile_area(area), durable.compile_area(area)
        for _ in range(3):
            case, on = case_of(random, area), question_day(random, area)
            assert _decided(fast, case, on) == _decided(second, case, on), (case, on)


def _put_proof(given: Any) -> None:
    """A question to the solver about the input's own rules ends, and the interpreter agrees."""
    form, content, _ = given
    for area in _areas_of(form, content):
        prover = Prover(area, Terms(area), PROOF_SECONDS)
        for claim in claims(area):
            if re.match(r"toy\.probe|probe|upw\.example-rate|far_behind|again_on", claim.text):
                with suppress(CannotProve):
                    _, shown = prover.verdict(claim)
                    if shown is not None:
                        described(area, claim.node, shown)


def _use(book: Rulebook, name: str, case: Any) -> None:
    if name == "framework":
        case = pr.ActivityDecision(status="red", activity="EX-VISIT", decided_on=ON)
        for listed in book.area(name).sections:
            for status in listed.content.statuses:
                str(framework.activities(status=status, on=ON, rulebook=book))
    try:
        report = pr.check(case, on=ON, rulebook=book)
    except CaseError:
        return
    report.to_json()
    str(report)
    for fact in report.area.due:
        is_due(report, fact)


# --- What a notebook shows ------------------------------------------------------------------------


def _shown(random: Random) -> Any:
    """A case with odd text of the caller's, and a local rulebook with odd text for people."""
    area = "unpaid-work" if random.random() < 0.6 else _any_area(random)
    case = {**stated(random, area), "reference": _planted(random)}
    content = deepcopy(_local_content(LOCAL))
    places = [
        *((content["local"], name) for name in ("region", "title", "version", "approved_by")),
        *((content["sources"]["example"], name) for name in ("title", "publisher", "address")),
        *((content["rules"]["upw.example-rate"], name) for name in ("title", "not_met", "remedy")),
        *((one, "about") for one in content["derived"].values()),
    ]
    for holder, name in random.sample(places, random.choice((0, 1, 1, 2))):
        holder[name] = random.choice((_planted(random), random.choice(ADDRESSES)))
    return area, mutated(random, case) if random.random() < 0.3 else case, content


def _put_shown(given: Any) -> None:
    area, mapping, content = given
    book = shipped().extended_by(content, "local.toml")
    case: Any = pr.case_from(area, mapping)
    report = pr.check(case, on=ON, rulebook=book)
    table = pr.check_table(area, pa.table({"reference": [case.reference]}), on=ON, rulebook=book)
    rule = explain(report.findings[-1].rule, on=ON, rulebook=book)
    pieces: tuple[Any, ...] = (report, *report.findings, table, rule)
    for shown in pieces:
        harmless_html(shown._repr_html_())


# --- Stored reports -------------------------------------------------------------------------------


def _report(random: Random) -> Any:
    _, report = _judged(random, _any_area(random))
    return mutated(random, json.loads(report.to_json()))


def _judged(random: Random, area: str) -> tuple[Any, pr.Report]:
    """A case that can be judged on the day, and the answer."""
    while True:
        case = case_of(random, _areas()[area])
        with suppress(CaseError):
            return case, pr.check(case, on=ON)


def _put_report(given: Any) -> None:
    str(replay(given))


# --- Tables ---------------------------------------------------------------------------------------


def _columns(random: Random, rows: list[dict[str, Any]]) -> dict[str, pa.Array]:
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns: dict[str, Any] = {}
    for name in names:
        values = [row.get(name) for row in rows]
        try:
            columns[name] = pa.array(values)
        except (pa.ArrowException, OverflowError, TypeError, ValueError):
            columns[name] = pa.array([None] * len(rows), pa.string())
    for name in random.sample(names, min(len(names), random.choice((0, 1, 2)))):
        columns[name] = _odd_column(random, len(rows))
    if random.random() < 0.3:
        columns[
            random.choice((*TEXTS[:-8], "_row", "_key", "_place", "Reference", "members", "rowid"))
        ] = _odd_column(random, len(rows))
    return {name: one for name, one in columns.items() if _is_text(name)}


def _is_text(name: str) -> bool:
    try:
        return bool(name.encode()) or True
    except UnicodeEncodeError:
        return False


_ODD_TYPES: tuple[tuple[Any, Any], ...] = (
    (pa.null(), None), (pa.int8(), -1), (pa.uint64(), 2**64 - 1), (pa.float16(), None), (pa.float64(), 0.5),
    (pa.float64(), float("nan")), (pa.timestamp("ns", "UTC"), 1), (pa.date64(), 10**15), (pa.date32(), 2**31 - 1),
    (pa.date32(), -(2**31) + 1), (pa.time64("ns"), 1), (pa.duration("s"), 1), (pa.month_day_nano_interval(), (1, 2, 3)),
    (pa.binary(), b"\xff\0"), (pa.large_string(), "x"), (pa.string_view(), "x"), (pa.binary(2), b"ab"),
    (pa.decimal128(38, 10), 1), (pa.decimal256(60, 2), 1), (pa.list_(pa.int8()), [1]), (pa.struct([("a", pa.int8())]), {"a": 1}),
    (pa.map_(pa.string(), pa.int8()), [("a", 1)]), (pa.dictionary(pa.int8(), pa.string()), "community_order"),
    (pa.string(), "=1+1"), (pa.string(), "\0"), (pa.string(), "x" * 100_000), (pa.bool_(), True),
    (pa.list_(pa.struct([("grade", pa.string()), ("fte", pa.float64())])), [{"grade": "PO", "fte": 1.0}]),
    (pa.list_(pa.struct([("grade", pa.string())])), [{"grade": "PO"}] * 300),
)  # fmt: skip


def _odd_column(random: Random, rows: int) -> pa.Array:
    kind, value = random.choice(_ODD_TYPES)
    if random.random() < 0.2:
        return pa.array(
            [random.choice(TEXTS).encode("utf-8", "replace").decode() for _ in range(rows)]
        )
    return pa.array([value if random.random() < 0.8 else None for _ in range(rows)], kind)


def _table(random: Random) -> Any:
    area = random.choice(("unpaid-work", "pod", "allocation", "appointments"))
    rows = [stated(random, area) for _ in range(random.choice((0, 1, 3)))] or [
        {"reference": "EX-1"}
    ]
    for row in rows if random.random() < 0.5 else ():
        row["reference"] = random.choice(TEXTS)
    table = pa.table(_columns(random, rows))
    members = None
    if area == "pod" and random.random() < 0.5:
        table = table.drop_columns([name for name in ("members",) if name in table.column_names])
        people = [{"pod": "EX-1", "grade": "PO", "fte": "1.0", "reference": "M-1"}] * 2
        members = pa.table(_columns(random, people))
    columns = {
        random.choice((*table.column_names, *TEXTS)): random.choice((*table.column_names, *TEXTS))
    }
    data: Any = table
    match random.randrange(4):
        case 0:
            data = (
                ".csv",
                garbled(
                    random,
                    as_csv([{k: v for k, v in row.items() if k != "members"} for row in rows]),
                ),
            )
        case 1:
            sink = io.BytesIO()
            try:
                pq.write_table(table, sink)
                data = (
                    ".parquet",
                    garbled(random, sink.getvalue()) if random.random() < 0.7 else sink.getvalue(),
                )
            except pa.ArrowException:
                data = table
        case 2:
            found = mutated(random, rows)
            lines = b"\n".join(map(as_json, found if isinstance(found, list) else [found]))
            data = (".jsonl", garbled(random, lines) if random.random() < 0.7 else lines)
    return area, data, members, columns if random.random() < 0.2 else {}


def _put_table(given: Any) -> None:
    area, data, members, columns = given
    if isinstance(data, tuple):
        data = _written(*data)
    table = pr.check_table(area, data, on=ON, members=members, columns=columns, threads=1)
    assert table.outcomes.num_rows >= 0
    assert table.findings.num_rows >= 0
    assert table.summary.num_rows >= 0
    assert table.duplicates.num_rows >= 0
    for suffix in (".csv", ".parquet"):
        path = Path(_folder().name) / f"out{suffix}"
        table.write(path)
        if suffix == ".csv":
            harmless_csv(path.read_text(encoding="utf-8", errors="replace"))


# --- The service --------------------------------------------------------------------------------


def _request(random: Random) -> Any:
    return requested.request(random, _any_area(random), stated)


# --- The command line -----------------------------------------------------------------------------


def _arguments(random: Random) -> Any:
    kind = random.choice((_json, _csv, _feed))
    area, name, data, shape = kind(random)
    local = random.choice((LOCAL, EXAMPLE_LIST.read_text(encoding="utf-8"))).encode()
    files = {"data": (name if name != "-" else ".json", data), "local": (".toml", garbled(random, local)),
             "report": (".json", as_json(_report(random)))}  # fmt: skip
    facts = [*shipped().area(area).facts, "x"]
    figures = [*shipped().area(area).parameters, "x"]
    lines = [
        ["check", area, "@data", "--on", "2026-11-21", "--format", random.choice(("csv", "json", "table", "html"))],
        ["check", area, "@data", "--all", *(["--from", shape] if shape else [])],
        ["check", area, "@data", "--assume", f"{random.choice(facts)}={_word(random)}"],
        ["check", area, "@data", "--set", f"{random.choice(figures)}={_word(random)}"],
        ["check", area, "@data", "--rulebook", "@local", "--format", "csv"],
        ["check", area, "-", "--output", "@out.txt"],
        ["check", _word(random), _word(random)],
        ["calendar", area, "@data", "--on", "2026-11-21"],
        ["calendar", area, "@data", "--rulebook", "@local"],
        ["rules", "check", "@local"],
        ["rules", "show", random.choice(("upw.pace-6", _word(random))), "--on", _word(random)],
        ["rules", "list", "--rulebook", "@local"],
        ["replay", "@report"], ["replay", "@data"],
        ["sql", area, "--dialect", random.choice(("duckdb", "athena", _word(random))), "--set", _word(random)],
        ["schema", area], [_word(random)],
        ["activities", "--rulebook", "@local", "--status", random.choice(("red", _word(random)))],
        ["activities", "--example", "--capacity", random.choice(("110", _word(random))), "--on", "2026-01-01"],
        ["activities", "--example", "--status", "red", "--compare", _word(random)],
    ]  # fmt: skip
    line = random.choice(lines)
    if random.random() < 0.3:
        line.insert(random.randrange(len(line) + 1), _word(random))
    if random.random() < 0.1:
        line.pop(random.randrange(len(line)))
    return files, line, data


def _word(random: Random) -> str:
    """A word that a shell can pass on: without a NUL, or half of a pair."""
    text = random.choice((*TEXTS, "--help", "--on", "-", "2026-01-01", "1", "true", "@data"))
    return os.fsdecode(text.replace("\0", "").encode("utf-8", "replace"))


def _put_arguments(given: Any) -> None:
    """Run a command in a folder of its own, and look at everything that comes out."""
    files, line, stdin = given
    folder = Path(_folder().name) / "run"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    paths = {f"@{key}": folder / f"{key}{name}" for key, (name, _) in files.items()}
    for key, (_, data) in files.items():
        paths[f"@{key}"].write_bytes(data)
    words = [
        str(paths.get(word, folder / word[1:] if word[:4] == "@out" else word)) for word in line
    ]
    result = CliRunner().invoke(root, words, input=stdin)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code in (0, 1, 2), result.exit_code
    harmless_text(result.stderr)
    form = next((word for word in line if word in FORMS), "text")
    harmless(
        result.stdout,
        form if result.exit_code < 2 and not {"--help", "--output"} & {*line} else "text",
    )
    given_ones = {paths[f"@{key}"]: content for key, (_, content) in files.items()}
    for path in folder.iterdir():
        if path in given_ones:
            assert path.read_bytes() == given_ones[path], "an input has changed"
        elif path.suffix != ".parquet":
            assert path.name.startswith("out"), path.name
            harmless(path.read_bytes().decode("utf-8"), path.suffix[1:])
    if result.exit_code == 2:
        raise CaseError([Problem("refused with exit code 2")])


# --- What a command shows of a stranger's text ----------------------------------------------------


def _answered(random: Random) -> Any:
    """Return a valid command, with hostile text in every place that takes free text."""
    area = random.choice((_any_area(random), _any_area(random), "curfew-variation"))
    cases = [_plain(_judged(random, area)[0]) for _ in range(random.choice((1, 1, 3)))]
    for case in cases:
        case["reference"] = _planted(random)
        if random.random() < 0.9:  # or most cases would be refused
            case["reference"] = "".join(filter(str.isprintable, case["reference"]))[:200] or "EX-1"
    data = b"\n".join(map(as_json, cases))
    report = json.loads(pr.check(pr.UnpaidWorkOrder(), on=ON).to_json())
    report["reports"][0] |= {"reference": _planted(random), "stage": _planted(random)}
    files = {"data": (_file_name(f"{_planted(random)}.jsonl"), data), "report": (".json", as_json(report)),
             "local": (_file_name(f"{_planted(random)}.toml"), _local_with(random, LOCAL)),
             "list": (".toml", _local_with(random, EXAMPLE_LIST.read_text(encoding="utf-8")))}  # fmt: skip
    form = random.choice((*FORMS, "csv", "html"))
    asked = ["check", area, "@data", "--on", f"{ON}", "--format", form]
    checks = [
        asked, asked, [*asked, "--output", f"@out.{form}"],
        [*asked, "--all", "--rulebook", "@local"], [*asked, "--threads", "1"],
        [*asked[:-2], "--threads", "1", "--output", "@out.csv"],
    ]  # fmt: skip
    others = [
        ["calendar", area, "@data", "--on", f"{ON}", "--rulebook", "@local", "--output", "@out.ics"],
        ["rules", "check", "@local"], ["rules", "list", "--rulebook", "@local"],
        ["rules", "show", "upw.example-rate", "--rulebook", "@local"],
        ["activities", "--rulebook", "@list", "--status", "red"], ["replay", "@report"],
    ]  # fmt: skip
    return files, random.choice(checks if random.random() < 0.7 else others), b""


def _planted(random: Random) -> str:
    return random.choice(random.choice((HARMFUL, TEXTS)))


def _file_name(text: str) -> str:
    """The text as far as a file can be called by it."""
    plain = text.translate({0: None, ord("/"): None})
    return os.fsdecode(plain.encode("utf-8", "ignore"))[-60:]


def _local_with(random: Random, text: str) -> bytes:
    """Return a rulebook with hostile text in some of its texts for people."""
    for found in random.sample(list(WORDS.finditer(text)), random.choice((0, 1, 1, 2))):
        word = random.choice((_planted(random), *ADDRESSES))
        text = text.replace(found[0], f"{found[1]} = {json.dumps(word, ensure_ascii=False)}")
    return text.encode("utf-8", "replace")


# --- What comes out is harmless -------------------------------------------------------------------


def harmless_text(text: str) -> None:
    """Nothing in it steers a terminal."""
    bad = {letter for letter in text if not letter.isprintable() and letter != "\n"}
    assert not bad, bad


def harmless(text: str, form: str) -> None:
    """Nothing in an answer of this form does anything but be read."""
    if form == "csv":  # a cell is given back as it came, but for formulas
        harmless_csv(text)
        return
    harmless_text(text.replace("\r\n", "\n"))
    match form:
        case "json":
            json.loads(text)
        case "html":
            page = parsed(text)
            require_inert(page)
            require_sealed(page)


def harmless_csv(text: str) -> None:
    """No cell is a formula, whichever sign a spreadsheet takes to part cells."""
    for separator in ",;\t":
        for row in csv.reader(io.StringIO(text), delimiter=separator):
            for cell in row:
                assert cell[:1] not in FORMULA or FIGURE.match(cell), cell[:80]


class _Tags(HTMLParser):
    """Holds that a piece of HTML has harmless tags and attributes only, each one closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS, tag
        for name, value in attrs:
            assert name in TAGS[tag], (tag, name)
            assert name != "href" or str(value).startswith(("https://", "http://")), value
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1:] == [tag], tag
        self.open.pop()

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(decl)


def harmless_html(text: str) -> None:
    """It shows text, tables and links to addresses, and nothing that a reader would not see."""
    harmless_text(text)
    tags = _Tags()
    tags.feed(text)
    tags.close()
    assert not tags.open, tags.open


KINDS = {
    "case": Kind(20, _case, _put_case),
    "typed case": Kind(8, _typed, _put_typed),
    "json": Kind(20, _json, _put_file),
    "csv": Kind(18, _csv, _put_file),
    "feed": Kind(14, _feed, _put_file),
    "condition": Kind(4, _condition, _put_area),
    "rules file": Kind(2, _area, _put_area),
    "local rulebook": Kind(1.5, _local, _put_local),
    "durable": Kind(1, _either, _put_durable),
    "proof": Kind(1, _either, _put_proof),
    "notebook": Kind(1, _shown, _put_shown),
    "stored report": Kind(2, _report, _put_report),
    "table": Kind(1, _table, _put_table),
    "command line": Kind(1.5, _arguments, _put_arguments),
    "answer": Kind(1, _answered, _put_arguments),
    "request": Kind(3, _request, requested.put),
    "form": Kind(1, filled.form, filled.put),
}
