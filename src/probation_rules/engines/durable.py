"""The `durable` engine: durable_rules, a Rete engine, decides every rule and stage by itself.

**What Python does.** It refuses a bad case, and works out *numbers*: input figures, day numbers,
counts of members (and so which members count), sums, month sums and the figures in force on a day,
each by the reference interpreter. They go to the engine as one flat record of whole numbers:

* a number, or a date as its day number, as two fields: the least and the most that it can be. Both
  are the same where it is known; where it is not known they are farther apart than any number.
* a code word as its number in one list for the area, 0 where it is not known.
* a yes or no as 2 or 1, 0 where it is not known.

**What the engine decides.** Every comparison, `and`, `or`, `not` and choice of every condition:
those of derived facts that are true or false, of gates, conditions and stages. A condition becomes
two sets of network rules (two *rails*): when it is definitely true, and when it is definitely
false. Each network rule is a plain conjunction of comparisons; an `or` is several network rules
with one conclusion. What a conclusion of one round needs from an earlier one is handed on as a
field. A rule that is neither not applicable, nor met, nor not met has fired nothing: it cannot be
told.

durable_rules answers wrongly, hangs or ends the process on much of what it takes. `Network` is the
only place that reaches it, and lets through only what was found to be safe: plain names without
hash clashes, whole numbers within 2**53 and nothing else in a record, no arithmetic, `or` or
negation in a rule. What goes wrong otherwise is named in `tests/engines/test_durable.py`.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import count, product
from re import compile as pattern
from typing import Any, cast

from attrs import define, field, frozen

from probation_rules.engines import (
    CANNOT_TELL,
    MET,
    NO_STAGE,
    NOT_APPLICABLE,
    NOT_MET,
    Codes,
    Decide,
)
from probation_rules.errors import EngineDisagreement, EngineUnavailable
from probation_rules.language.interpret import Bounds, Interpreter
from probation_rules.language.tree import And, Compare, Constant, If, In, Name, Node, Not, Or
from probation_rules.rulebook.model import Area, Rule
from probation_rules.rulebook.validity import interpreter_for, require_valid

UNKNOWN, NO, YES = range(3)
FAR = 2**53  # farther than any number of a case; the engine is exact up to here

MOST_RULES = 60  # of one network: the engine fails where more than 64 match one record
MOST_FIELDS = 250  # of one record: the engine fails on more than 252
MOST_COMPARISONS = 60  # of one network rule
# A part of a condition with more comparisons, or more ways to hold, gets network rules of its own.
MOST_COMPARISONS_IN_PLACE = 8
MOST_WAYS_IN_PLACE = 4

_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


@frozen
class Comparison:
    """A comparison that the engine makes: a field with a number, or with another field."""

    field: str
    operator: str
    other: str | int


Clause = tuple[Comparison, ...]
"""Comparisons that must all hold."""


def compile_area(area: Area) -> Decide:
    """Return the function that decides cases of an area.

    Raises:
        EngineUnavailable: durable_rules cannot be imported, or cannot take this area's rules.
    """
    _engine()
    compiler = _Compiler(area)
    for place, rule in enumerate(area.rules):
        compiler.add_rule(place, rule)
    for place, (name, stage) in enumerate(area.stages.items()):
        compiler.at = f"stage `{name}`"
        compiler.conclude(f"s{place}", compiler.ways(stage.lowered, wanted=True))
    rounds = [[Network(rules) for rules in _split(clauses)] for clauses in compiler.rounds]

    def decide(case: object, on: date) -> Codes:
        require_valid(area, case, on)
        record = compiler.record(interpreter_for(area, case, on))
        concluded: set[str] = set()
        for networks in rounds:
            for network in networks:
                concluded |= network.decide({name: record[name] for name in network.fields})
            record.update(dict.fromkeys(concluded, YES))
        stages = (place for place in range(len(area.stages)) if f"s{place}" in concluded)
        codes = (_outcome(place, rule, concluded) for place, rule in enumerate(area.rules))
        return (*codes, next(stages, NO_STAGE))

    return decide


def _outcome(place: int, rule: Rule, concluded: set[str]) -> int:
    """Return the code that the engine concluded for a rule."""
    found = [code for code in (NOT_APPLICABLE, MET, NOT_MET) if f"o{place}_{code}" in concluded]
    if len(found) > 1:
        raise EngineDisagreement(f"the engine `durable` gives {rule.id} more than one outcome")
    return found[0] if found else CANNOT_TELL


def _split(clauses: Iterable[tuple[str, Clause]]) -> Iterator[list[tuple[str, Clause]]]:
    """Yield a round's clauses in lots that one network can hold."""
    lot: list[tuple[str, Clause]] = []
    for clause in clauses:
        if lot and (len(lot) == MOST_RULES or len(_fields([*lot, clause])) > MOST_FIELDS):
            yield lot
            lot = []
        lot.append(clause)
    yield lot


def _fields(clauses: Iterable[tuple[str, Clause]]) -> list[str]:
    """Return the fields that clauses look at."""
    comparisons = [one for _, clause in clauses for one in clause]
    others = [one.other for one in comparisons if isinstance(one.other, str)]
    return list(dict.fromkeys([*(one.field for one in comparisons), *others]))


# --- From conditions to clauses -----------------------------------------------------------------


@define
class _Compiler:
    """Writes an area's conditions as clauses, and a case as the record that they look at.

    Attributes:
        area: The area.
        at: What is being written, for messages.
        rounds: The clauses, each with its conclusion, by the round in which they can be tried.
        numbers: The field of each number, which stands in the record with `_lo` and `_hi`.
        words: The field of each code word.
        truths: The field of each yes or no that the case or a parameter says.
        rails: The field of each condition, wanted true or false, that has clauses of its own.
        ready: The first round in which each rail's field can be looked at.
        codes: Every code word's number, in one list for the area.
        found: The clauses of each condition, wanted true or false, written so far.
    """

    area: Area
    at: str = ""
    rounds: list[list[tuple[str, Clause]]] = field(factory=list)
    numbers: dict[Node, str] = field(factory=dict)
    words: dict[Node, str] = field(factory=dict)
    truths: dict[Node, str] = field(factory=dict)
    rails: dict[tuple[Node, bool], str] = field(factory=dict)
    ready: dict[str, int] = field(factory=dict)
    codes: dict[str, int] = field(factory=dict)
    found: dict[tuple[Node, bool], list[Clause]] = field(factory=dict)

    def add_rule(self, place: int, rule: Rule) -> None:
        """Write when a rule is definitely not applicable, met and not met."""
        self.at, gate, condition = f"rule {rule.id}", rule.gate, rule.lowered_condition
        self.conclude(f"o{place}_{NOT_APPLICABLE}", self.ways(gate, wanted=False))
        self.conclude(f"o{place}_{MET}", self.every([(gate, True), (condition, True)]))
        self.conclude(f"o{place}_{NOT_MET}", self.every([(gate, True), (condition, False)]))

    def conclude(self, name: str, ways: Sequence[Clause]) -> None:
        """Add clauses, any of which leads to a conclusion."""
        self.ready[name] = 0
        for clause in ways:
            if len(clause) > MOST_COMPARISONS:
                raise EngineUnavailable(
                    f"the engine `durable` cannot take {self.at}: {len(clause)} comparisons have"
                    f" to hold at once, and {MOST_COMPARISONS} are the most; name parts of the condition"
                    " as derived facts, or use the engine `python`"
                )
            round_ = max((self.ready.get(one, 0) for one in _fields([(name, clause)])), default=0)
            self.rounds += [[] for _ in range(round_ + 1 - len(self.rounds))]
            self.rounds[round_].append((name, clause))
            self.ready[name] = max(self.ready[name], round_ + 1)

    def ways(self, node: Node, *, wanted: bool) -> list[Clause]:
        """Return the clauses any of which makes a condition definitely what is wanted."""
        if (node, wanted) not in self.found:
            self.found[node, wanted] = list(dict.fromkeys(self.written(node, wanted=wanted)))
        return self.found[node, wanted]

    def written(self, node: Node, *, wanted: bool) -> list[Clause]:
        """Write the clauses that `ways` returns."""
        match node:
            case Constant():
                return [()] if node.value is wanted else []
            case Name(name=name) if name in self.area.derived:
                return self.ways(self.area.definitions[name], wanted=wanted)
            case Name():
                truth = self.truths.setdefault(node, f"t{len(self.truths)}")
                return [(Comparison(truth, "==", YES if wanted else NO),)]
            case Not():
                return self.ways(node.item, wanted=not wanted)
            case And() | Or() if isinstance(node, And) is wanted:
                return self.every([(item, wanted) for item in node.items])
            case And() | Or():
                return [way for item in node.items for way in self.ways(item, wanted=wanted)]
            case If(test=test, then=then, otherwise=otherwise):
                return [
                    *self.every([(test, True), (then, wanted)]),
                    *self.every([(test, False), (otherwise, wanted)]),
                    *self.every([(then, wanted), (otherwise, wanted)]),
                ]
            case In():
                return self.among(node.item, node.words, wanted=wanted)
            case Compare(operator=operator):
                operator = operator if wanted else _OPPOSITE[operator]
                return self.compared(operator, node.left, node.right)
        raise AssertionError(node)

    def every(self, conditions: Iterable[tuple[Node, bool]]) -> list[Clause]:
        """Return the clauses any of which makes every condition what is wanted of it."""
        found: list[Clause] = [()]
        for node, wanted in conditions:
            ways = self.ways(node, wanted=wanted)
            long = any(len(way) > MOST_COMPARISONS_IN_PLACE for way in ways)
            if long or len(found) * len(ways) > MOST_WAYS_IN_PLACE:
                ways = [(Comparison(self.rail(node, wanted, ways), "==", YES),)]
            found = [tuple(dict.fromkeys(one + other)) for one, other in product(found, ways)]
        return found

    def rail(self, node: Node, wanted: bool, ways: Sequence[Clause]) -> str:  # noqa: FBT001
        """Return the field that is `YES` where the engine found a condition to be what is wanted."""
        name = self.rails.get((node, wanted))
        if name is None:
            name = self.rails[node, wanted] = f"r{len(self.rails)}"
            self.conclude(name, ways)
        return name

    def among(self, item: Node, words: Iterable[str], *, wanted: bool) -> list[Clause]:
        """Return the clauses for a code word that is, or is not, one of several."""
        code, numbers = self.word(item), [self.number_of(word) for word in words]
        if wanted:
            return [(Comparison(code, "==", number),) for number in numbers]
        return [tuple(Comparison(code, "!=", number) for number in (UNKNOWN, *numbers))]

    def compared(self, operator: str, left: Node, right: Node) -> list[Clause]:
        """Return the clauses for a comparison that holds of all that either side can be."""
        if isinstance(left, Constant):
            operator, left, right = _TURNED[operator], right, left
        figure = right.value if isinstance(right, Constant) else None
        if left.type.kind == "code":
            return self.compared_words(left, right, figure, wanted=operator == "==")
        low, high = self.ends(left)
        ends: tuple[str | int, str | int] = (_whole(figure), _whole(figure))
        least, most = ends if figure is not None else self.ends(right)
        below, above = Comparison(high, "<", least), Comparison(low, ">", most)
        at_most, at_least = Comparison(high, "<=", least), Comparison(low, ">=", most)
        found: dict[str, list[Clause]] = {
            "<": [(below,)], "<=": [(at_most,)], ">": [(above,)], ">=": [(at_least,)],
            "==": [(at_most, at_least)], "!=": [(below,), (above,)],
        }  # fmt: skip
        return found[operator]

    def compared_words(
        self, left: Node, right: Node, figure: object, *, wanted: bool
    ) -> list[Clause]:
        """Return the clause for two code words that are, or are not, the same."""
        if figure is not None:
            return self.among(left, [cast("str", figure)], wanted=wanted)
        one, other = self.word(left), self.word(right)
        known = Comparison(one, "!=", UNKNOWN), Comparison(other, "!=", UNKNOWN)
        return [(*known, Comparison(one, "==" if wanted else "!=", other))]

    # --- the record --------------------------------------------------------------------------

    def ends(self, node: Node) -> tuple[str, str]:
        """Return the two fields of a number."""
        exact = isinstance(node, Constant) or _whole(node.type.high) < FAR > -_whole(node.type.low)
        if not exact:
            raise EngineUnavailable(
                f"the engine `durable` cannot take {self.at}: a number in it can pass 2**53, beyond"
                " which the engine is not exact; give facts narrower ranges, or use the engine"
                " `python`"
            )
        name = self.numbers.setdefault(node, f"n{len(self.numbers)}")
        return f"{name}_lo", f"{name}_hi"

    def word(self, node: Node) -> str:
        """Return the field of a code word, and give its list's words their numbers."""
        for word in node.type.codes:
            self.number_of(word)
        return self.words.setdefault(node, f"c{len(self.words)}")

    def number_of(self, word: str) -> int:
        """Return a code word's number; one list for the area, or equal words could differ."""
        return self.codes.setdefault(word, len(self.codes) + 1)

    def record(self, interpreter: Interpreter) -> dict[str, int]:
        """Return what the clauses look at, for one case."""
        record = dict.fromkeys(self.rails.values(), UNKNOWN)
        for node, name in self.numbers.items():
            record[f"{name}_lo"], record[f"{name}_hi"] = _ends(interpreter.value(node))
        for node, name in self.words.items():
            word = interpreter.value(node)
            record[name] = UNKNOWN if word is None else self.codes[cast("str", word)]
        for node, name in self.truths.items():
            record[name] = {None: UNKNOWN, False: NO, True: YES}[
                cast("bool", interpreter.value(node))
            ]
        return record


def _whole(value: object) -> int:
    return value.toordinal() if isinstance(value, date) else cast("int", value)


def _ends(value: object) -> tuple[int, int]:
    """Return the least and the most that a number can be."""
    if value is None:
        return -FAR, FAR
    if isinstance(value, Bounds):
        return value.low, value.high
    return _whole(value), _whole(value)


# --- The fence ----------------------------------------------------------------------------------

_MARK, _RAN = "k", "ran"
_RESERVED = (_MARK, "sid", "id", "s")  # the engine's own, and the mark of a record
_NAME = pattern("[a-z][a-z0-9_]{0,99}")
_OPERATORS = {"<": "$lt", "<=": "$lte", ">": "$gt", ">=": "$gte", "!=": "$neq", "==": None}
_SERIAL = count()  # of networks and of records: no name is used twice in a process


class Network:
    """Network rules that durable_rules tries on one record at a time, keeping nothing in between.

    Threads wait for one another. A child process that was forked builds its own network.

    Args:
        rules: Each network rule's conclusion and clause.

    Raises:
        EngineUnavailable: The rules hold what is not safe to give to the engine.
    """

    def __init__(self, rules: Sequence[tuple[str, Clause]]) -> None:
        self.fields = _fields(rules)
        _require_safe_rules(rules, self.fields)
        # Names of the rules are ours, so that a conclusion can be any text.
        self._conclusions = {f"w{place}": name for place, (name, _) in enumerate(rules)}
        written = {f"w{place}": _written(clause) for place, (_, clause) in enumerate(rules)}
        # This rule fires on every record. It shows that the engine ran, and a record's state is
        # safe to delete only after something has fired.
        self._text = json.dumps({**written, _RAN: _written(())})
        self._running = _Running(self._text)

    def decide(self, record: Mapping[str, int]) -> set[str]:
        """Return the conclusions that hold of a record.

        Raises:
            EngineUnavailable: The record is not safe to give to the engine, or the engine failed.
                After a failure the network is built anew for the next record.
        """
        _require_safe_record(record, self.fields)
        running = self._running
        if running.process != os.getpid():  # in a forked child the lock may be held for ever
            running = self._running = _Running(self._text)
        fired = running.fired(record)
        return {self._conclusions[name] for name in fired if name != _RAN}


class _Running:
    """A network as the engine holds it in this process."""

    def __init__(self, text: str) -> None:
        self.process = os.getpid()
        self._lock = threading.RLock()
        self._text = text
        self._handle: int | None = None
        self._build()

    def _build(self) -> int:
        engine = _engine()
        try:
            handle: int = engine.create_ruleset(f"n{next(_SERIAL)}", self._text)
        except Exception as error:
            raise _failed(error) from error
        self._free = weakref.finalize(self, engine.delete_ruleset, handle)
        self._free.atexit = False  # the end of the process frees everything
        self._handle = handle
        return handle

    def fired(self, record: Mapping[str, int]) -> set[str]:
        """Return the names of the network rules that hold of a record."""
        with self._lock:
            handle = self._build() if self._handle is None else self._handle
            try:
                return _run(handle, record)
            except BaseException as error:
                # The record's state may be half done: deleting it could end the process.
                self._handle = None
                self._free()
                if isinstance(error, Exception):
                    raise _failed(error) from error
                raise


def _run(handle: int, record: Mapping[str, int]) -> set[str]:
    engine, sid, fired = _engine(), f"s{next(_SERIAL)}", set[str]()
    text = json.dumps({**record, _MARK: 1, "sid": sid})
    status, state = engine.assert_fact(handle, text)
    step = engine.start_action_for_state(handle, state)[1] if status == 0 else None
    while step:
        fired.update(json.loads(step))
        step = engine.complete_and_start_action(handle, state)
    if _RAN not in fired:
        raise RuntimeError("the rule that always fires did not fire")
    engine.delete_state(handle, sid)
    return fired


def _written(clause: Clause) -> dict[str, Any]:
    """Return a clause as the engine reads it; the mark keeps the engine's own messages out."""
    comparisons: list[dict[str, Any]] = [{_MARK: 1}]
    for one in clause:
        other = {"$m": one.other} if isinstance(one.other, str) else one.other
        operator, compared = _OPERATORS[one.operator], {one.field: other}
        comparisons.append(compared if operator is None else {operator: compared})
    return {"all": [{"m": {"$and": comparisons}}]}


def _require_safe_rules(rules: Sequence[tuple[str, Clause]], fields: Sequence[str]) -> None:
    """Refuse network rules on which the engine could be wrong, hang or end the process."""
    comparisons = [one for _, clause in rules for one in clause]
    refused: list[str] = []
    if len(rules) > MOST_RULES:
        refused.append(f"{len(rules)} rules in one network; at most {MOST_RULES}")
    if any(len(clause) > MOST_COMPARISONS for _, clause in rules):
        refused.append(f"a rule of more than {MOST_COMPARISONS} comparisons")
    if len(fields) > MOST_FIELDS:
        refused.append(f"{len(fields)} fields in one record; at most {MOST_FIELDS}")
    refused += [f"the field name `{name}`" for name in fields if not _NAME.fullmatch(name)]
    refused += [f"the engine's own name `{name}`" for name in fields if name in _RESERVED]
    hashes: dict[int, str] = {_hash(name): name for name in _RESERVED}
    for name in fields:
        same = hashes.setdefault(_hash(name), name)
        if same != name:
            refused.append(f"the field names `{same}` and `{name}`, which are one to it")
    refused += [
        f"the operator `{one.operator}`" for one in comparisons if one.operator not in _OPERATORS
    ]
    figures = [one.other for one in comparisons if not isinstance(one.other, str)]
    refused += [f"a {type(one).__name__} as a figure" for one in figures if type(one) is not int]
    refused += ["a figure beyond 2**53" for one in figures if type(one) is int and abs(one) > FAR]
    if refused:
        raise EngineUnavailable(f"durable_rules is never given {'; nor '.join(refused)}")


def _require_safe_record(record: Mapping[str, int], fields: Sequence[str]) -> None:
    """Refuse a record on which the engine could be wrong: a missing field makes rules fire."""
    if record.keys() != set(fields):
        raise EngineUnavailable("durable_rules is never given a record with other fields than its")
    for name, value in record.items():
        if type(value) is not int or abs(value) > FAR:
            raise EngineUnavailable(
                f"durable_rules is given whole numbers within 2**53 only, and `{name}` is none"
            )


def _hash(name: str) -> int:
    """Return the 32 bits (FNV-1a) by which alone the engine tells names apart."""
    found = 2166136261
    for byte in name.encode():
        found = (found ^ byte) * 16777619 % 2**32
    return found


def _failed(error: Exception) -> EngineUnavailable:
    return EngineUnavailable(
        f"durable_rules failed: {error}; ask again, or use the engine `python`"
    )


def _engine() -> Any:
    """Return the engine's extension module.

    Raises:
        EngineUnavailable: It cannot be imported here.
    """
    try:
        import durable_rules_engine  # noqa: PLC0415 (optional, and only for who asks for it)
    except ImportError as error:
        running = ".".join(map(str, sys.version_info[:2]))
        raise EngineUnavailable(
            f"the engine `durable` cannot be loaded ({error}); it needs Python 3.11 or 3.12 (this is"
            f" {running}) and the package durable_rules: pip install 'probation-rules[durable]'"
        ) from error
    return durable_rules_engine
