"""A safe interface to durable_rules: networks of simple rules, run on one record at a time.

durable_rules accepts much input on which it answers wrongly, hangs or ends the process. Only this
module uses it, and it passes on only input that was found to be safe: simple names without hash
collisions; only whole numbers within 2**53 in a record; no arithmetic, `or` or negation in a rule.
`tests/engines/test_network.py` shows what goes wrong otherwise.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import weakref
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from itertools import count
from re import compile as pattern
from typing import Any

from attrs import frozen

from probation_rules.errors import InputError, MissingExtra, Problem

FAR = 2**53  # wider than any number of a case; the engine is exact up to here
MOST_RULES = 60  # in one network: the engine fails if more than 64 match one record
MOST_FIELDS = 250  # in one record: the engine fails on more than 252
MOST_COMPARISONS = 60  # in one network rule

_MARK, _RAN = "k", "ran"
_RESERVED = (_MARK, "sid", "id", "s")  # names of the engine itself, and the mark of a record
_NAME = pattern("[a-z][a-z0-9_]{0,99}")
_OPERATORS = {"<": "$lt", "<=": "$lte", ">": "$gt", ">=": "$gte", "!=": "$neq", "==": None}
_EXTENSION = "durable_rules_engine"
_LOADING = threading.Lock()
_SERIAL = (
    count()
)  # numbers for networks and records, so that every name is used only once in a process


@frozen
class Comparison:
    """A comparison of a field with a number or with another field."""

    field: str
    operator: str
    other: str | int


Clause = tuple[Comparison, ...]
"""Comparisons that must all be true."""


class Network:
    """Network rules that durable_rules runs on one record at a time. It keeps no state in between.

    Only one thread at a time uses a network. A forked child process builds its own network.

    Args:
        rules: The conclusion and the clause of each network rule.

    Raises:
        InputError: The rules contain something that is not safe for the engine.
    """

    def __init__(self, rules: Sequence[tuple[str, Clause]]) -> None:
        self.fields = fields_of(rules)
        _require_safe_rules(rules, self.fields)
        # The rules get names from here, so that a conclusion can be any text.
        self._conclusions = {f"w{place}": name for place, (name, _) in enumerate(rules)}
        written = {f"w{place}": _written(clause) for place, (_, clause) in enumerate(rules)}
        # This rule fires on every record. So it shows that the engine ran. Also, the state of a
        # record is safe to delete only after a rule has fired.
        self._text = json.dumps({**written, _RAN: _written(())})
        self._running = _Running(self._text)

    def decide(self, record: Mapping[str, int]) -> set[str]:
        """Return the conclusions for a record.

        Raises:
            InputError: The record is not safe for the engine, or the engine failed. After a failure
                the network is built again for the next record.
        """
        _require_safe_record(record, self.fields)
        running = self._running
        if running.process != os.getpid():  # in a forked child the lock may stay locked for ever
            running = self._running = _Running(self._text)
        fired = running.fired(record)
        return {self._conclusions[name] for name in fired if name != _RAN}


class _Running:
    """A network that is loaded in the engine in this process."""

    def __init__(self, text: str) -> None:
        self.process = os.getpid()
        self._lock = threading.RLock()
        self._text = text
        self._handle: int | None = None
        self._build()

    def _build(self) -> int:
        engine = extension()
        try:
            handle: int = engine.create_ruleset(f"n{next(_SERIAL)}", self._text)
        except Exception as error:
            raise _failed(error) from error
        self._free = weakref.finalize(self, engine.delete_ruleset, handle)
        self._free.atexit = False  # the end of the process frees everything
        self._handle = handle
        return handle

    def fired(self, record: Mapping[str, int]) -> set[str]:
        """Return the names of the network rules that fire on a record."""
        with self._lock:
            handle = self._build() if self._handle is None else self._handle
            try:
                return _run(handle, record)
            except BaseException as error:
                # The state of the record may be incomplete; deleting it could end the process.
                self._handle = None
                self._free()
                if isinstance(error, Exception):
                    raise _failed(error) from error
                raise


def _run(handle: int, record: Mapping[str, int]) -> set[str]:
    engine, sid, fired = extension(), f"s{next(_SERIAL)}", set[str]()
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


def fields_of(clauses: Iterable[tuple[str, Clause]]) -> list[str]:
    """Return the fields that clauses use."""
    comparisons = [one for _, clause in clauses for one in clause]
    others = [one.other for one in comparisons if isinstance(one.other, str)]
    return list(dict.fromkeys([*(one.field for one in comparisons), *others]))


def _written(clause: Clause) -> dict[str, Any]:
    """Return a clause in the engine's form. The mark excludes the engine's own messages."""
    comparisons: list[dict[str, Any]] = [{_MARK: 1}]
    for one in clause:
        other = {"$m": one.other} if isinstance(one.other, str) else one.other
        operator, compared = _OPERATORS[one.operator], {one.field: other}
        comparisons.append(compared if operator is None else {operator: compared})
    return {"all": [{"m": {"$and": comparisons}}]}


def _require_safe_rules(rules: Sequence[tuple[str, Clause]], fields: Sequence[str]) -> None:
    """Refuse network rules that could make the engine answer wrongly, hang or end the process."""
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
            refused.append(f"the field names `{same}` and `{name}`, which have the same hash")
    refused += [
        f"the operator `{one.operator}`" for one in comparisons if one.operator not in _OPERATORS
    ]
    figures = [one.other for one in comparisons if not isinstance(one.other, str)]
    refused += [f"a {type(one).__name__} as a figure" for one in figures if type(one) is not int]
    refused += ["a figure beyond 2**53" for one in figures if type(one) is int and abs(one) > FAR]
    if refused:
        raise _refused(f"not safe for durable_rules: {'; '.join(refused)}")


def _require_safe_record(record: Mapping[str, int], fields: Sequence[str]) -> None:
    """Refuse a record that could make the engine answer wrongly: a missing field makes rules fire."""
    if record.keys() != set(fields):
        raise _refused("not safe for durable_rules: the record has other fields than its")
    for name, value in record.items():
        if type(value) is not int or abs(value) > FAR:
            raise _refused(
                f"not safe for durable_rules: `{name}` must be a whole number within 2**53"
            )


def _hash(name: str) -> int:
    """Return the 32-bit hash (FNV-1a) of a name. The engine compares names only by this hash."""
    found = 2166136261
    for byte in name.encode():
        found = (found ^ byte) * 16777619 % 2**32
    return found


def _refused(text: str) -> InputError:
    return InputError([Problem(text, "engine")])


def _failed(error: Exception) -> InputError:
    return _refused(f"durable_rules failed: {error}; ask again, or use the engine `python`")


def extension() -> Any:
    """Return the engine's extension module.

    Raises:
        MissingExtra: It cannot be imported here.
    """
    try:
        return sys.modules.get(_EXTENSION) or _loaded()
    except ImportError as error:
        text = f"the engine `durable` cannot be loaded ({error}), or needs a C compiler to install"
        raise MissingExtra(text, "durable") from error


def _loaded() -> Any:
    """Import the extension, and let it name functions that this Python does not have.

    It names one that Python 3.13 removed, and calls it only for messages of its own, which it
    never gets here. Bound lazily, a function is looked for when it is called.
    """
    with _LOADING:  # the flags for loading extensions apply to the whole process
        bind = getattr(sys, "setdlopenflags", None)
        if bind is None:  # Windows looks up every function when it loads an extension
            return import_module(_EXTENSION)
        before = sys.getdlopenflags()
        bind(os.RTLD_LAZY)
        try:
            return import_module(_EXTENSION)
        finally:
            bind(before)
