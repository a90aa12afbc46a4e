"""The `durable` engine: durable_rules, a Rete engine, decides every rule and stage by itself.

**Python's part.** Python refuses a bad case. It computes *numbers* with the reference interpreter:
input figures, day numbers, counts of members (and so which members count), sums, months and the
figures in force on a day. The engine gets them as one flat record of whole numbers:

* A number, or the day number of a date, has two fields: its lowest and its highest value. They are
  equal if the number is known. If not, they are wider apart than any number.
* A code word is its number in one list for the area, or 0 if it is unknown.
* A boolean is 2 for true, 1 for false, or 0 if it is unknown.

**The engine's part.** The engine decides every comparison, `and`, `or`, `not` and choice: those of
derived facts that are true or false, of gates, conditions and stages. A condition becomes two sets
of network rules (two *rails*): one for definitely true, one for definitely false. Each network rule
is a conjunction of comparisons; an `or` is several network rules with one conclusion. Later rounds
get the conclusions of earlier rounds as fields. If nothing fires for a rule, so that it is neither
not applicable, nor met, nor not met, its outcome is `cannot_tell`.

Only `network.py` uses durable_rules directly.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import product
from typing import cast

from attrs import define, field

from probation_rules.engines import (
    CANNOT_TELL,
    MET,
    NO_STAGE,
    NOT_APPLICABLE,
    NOT_MET,
    Codes,
    Decide,
)
from probation_rules.engines.network import (
    FAR,
    MOST_COMPARISONS,
    MOST_FIELDS,
    MOST_RULES,
    Clause,
    Comparison,
    Network,
    extension,
    fields_of,
)
from probation_rules.errors import EngineDisagreement, InputError, Problem
from probation_rules.language import intervals
from probation_rules.language.interpret import Bounds, Interpreter
from probation_rules.language.tree import (
    OPPOSITE,
    TURNED,
    And,
    Call,
    Compare,
    Constant,
    If,
    Name,
    Node,
    Not,
    Or,
)
from probation_rules.rulebook.model import Area, Rule
from probation_rules.rulebook.validity import interpreter_for, require_valid

UNKNOWN, NO, YES = range(3)
# A part of a condition with more comparisons, or more ways to be true, gets its own network rules.
MOST_COMPARISONS_IN_PLACE = 8
MOST_WAYS_IN_PLACE = 4


def compile_area(area: Area) -> Decide:
    """Return the function that decides cases of an area.

    Raises:
        MissingExtra: durable_rules cannot be imported.
        InputError: durable_rules cannot run this area's rules.
    """
    extension()
    if "durable" not in area.compiled:
        area.compiled["durable"] = _networks(area)
    compiler, rounds = area.compiled["durable"]

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


def _networks(area: Area) -> tuple[_Compiler, list[list[Network]]]:
    """Return the compiler of an area, which writes records, and the networks of each round."""
    compiler = _Compiler(area)
    for place, rule in enumerate(area.rules):
        compiler.add_rule(place, rule)
    for place, (name, stage) in enumerate(area.stages.items()):
        compiler.at = f"stage `{name}`"
        compiler.conclude(f"s{place}", compiler.ways(stage.lowered, wanted=True))
    rounds = [[Network(rules) for rules in _split(clauses)] for clauses in compiler.rounds]
    return compiler, rounds


def _outcome(place: int, rule: Rule, concluded: set[str]) -> int:
    """Return the code that the engine concluded for a rule."""
    found = [code for code in (NOT_APPLICABLE, MET, NOT_MET) if f"o{place}_{code}" in concluded]
    if len(found) > 1:
        raise EngineDisagreement(f"the engine `durable` gives more than one outcome for {rule.id}")
    return found[0] if found else CANNOT_TELL


def _split(clauses: Iterable[tuple[str, Clause]]) -> Iterator[list[tuple[str, Clause]]]:
    """Yield the clauses of a round in groups that are small enough for one network."""
    lot: list[tuple[str, Clause]] = []
    for clause in clauses:
        if lot and (len(lot) == MOST_RULES or len(fields_of([*lot, clause])) > MOST_FIELDS):
            yield lot
            lot = []
        lot.append(clause)
    yield lot


# --- From conditions to clauses -----------------------------------------------------------------


@define
class _Compiler:
    """Writes the conditions of an area as clauses, and a case as the record for these clauses.

    Attributes:
        area: The area.
        at: The rule or stage that is being written, for messages.
        rounds: The clauses with their conclusions, by the round in which they run.
        numbers: The field of each number; the record has it twice, with `_lo` and `_hi`.
        words: The field of each code word.
        truths: The field of each boolean of the case or of a parameter.
        rails: The field of each condition with its own clauses, once for true and once for false.
        ready: The first round that can use the field of each rail.
        codes: The number of each code word, in one list for the area.
        found: The clauses of each condition so far, for true or for false.
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
        """Write clauses for when a rule is definitely not applicable, met and not met."""
        self.at, gate, condition = f"rule {rule.id}", rule.gate, rule.lowered_condition
        self.conclude(f"o{place}_{NOT_APPLICABLE}", self.ways(gate, wanted=False))
        self.conclude(f"o{place}_{MET}", self.every([(gate, True), (condition, True)]))
        self.conclude(f"o{place}_{NOT_MET}", self.every([(gate, True), (condition, False)]))

    def conclude(self, name: str, ways: Sequence[Clause]) -> None:
        """Add clauses that each lead to a conclusion."""
        self.ready[name] = 0
        for clause in ways:
            if len(clause) > MOST_COMPARISONS:
                text = (
                    f"the engine `durable` cannot run {self.at}: {len(clause)} comparisons must be"
                    f" true at once, and at most {MOST_COMPARISONS} are possible; move parts of the"
                    " condition to derived facts, or use the engine `python`"
                )
                raise InputError([Problem(text, "engine")])
            round_ = max((self.ready.get(one, 0) for one in fields_of([(name, clause)])), default=0)
            self.rounds += [[] for _ in range(round_ + 1 - len(self.rounds))]
            self.rounds[round_].append((name, clause))
            self.ready[name] = max(self.ready[name], round_ + 1)

    def ways(self, node: Node, *, wanted: bool) -> list[Clause]:
        """Return clauses; each of them alone makes a condition definitely `wanted`."""
        if (node, wanted) not in self.found:
            self.found[node, wanted] = list(dict.fromkeys(self.written(node, wanted=wanted)))
        return self.found[node, wanted]

    def written(self, node: Node, *, wanted: bool) -> list[Clause]:
        """Write the clauses that `ways` returns."""
        match node:
            case Constant() if self.is_fixed(node):
                return [()] if node.value is wanted else []
            case Name(name=name) if name in self.area.derived:
                return self.ways(self.area.definitions[name], wanted=wanted)
            case Name() | Constant():
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
            case Call(function="in", arguments=(item, *_)):
                return self.among(item, node.words, wanted=wanted)
            case Compare(operator=operator):
                operator = operator if wanted else OPPOSITE[operator]
                return self.compared(operator, node.left, node.right)
        raise AssertionError(node)

    def is_fixed(self, node: Node) -> bool:
        """Return whether a value does not depend on settings."""
        return isinstance(node, Constant) and node.parameter not in self.area.settable

    def every(self, conditions: Iterable[tuple[Node, bool]]) -> list[Clause]:
        """Return clauses; each of them alone makes every condition what is wanted for it."""
        found: list[Clause] = [()]
        for node, wanted in conditions:
            ways = self.ways(node, wanted=wanted)
            long = any(len(way) > MOST_COMPARISONS_IN_PLACE for way in ways)
            if long or len(found) * len(ways) > MOST_WAYS_IN_PLACE:
                ways = [(Comparison(self.rail(node, wanted, ways), "==", YES),)]
            found = [tuple(dict.fromkeys(one + other)) for one, other in product(found, ways)]
        return found

    def rail(self, node: Node, wanted: bool, ways: Sequence[Clause]) -> str:  # noqa: FBT001
        """Return the field that is `YES` if the engine concluded that a condition is `wanted`."""
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
        """Return the clauses for a comparison that is true for all possible values of both sides."""
        if self.is_fixed(left):
            operator, left, right = TURNED[operator], right, left
        figure = cast("Constant", right).value if self.is_fixed(right) else None
        if left.type.kind == "code":
            return self.compared_words(left, right, figure, wanted=operator == "==")
        left_ends: tuple[str | int, str | int] = self.ends(left)
        ends = (_whole(figure), _whole(figure)) if figure is not None else self.ends(right)
        return [
            tuple(Comparison(cast("str", one), sign, other) for one, sign, other in way)
            for way in intervals.ways(operator, left_ends, ends)
        ]

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
            text = (
                f"the engine `durable` cannot run {self.at}: a number in it can exceed 2**53, above"
                " which the engine is not exact; give the facts narrower ranges, or use the engine"
                " `python`"
            )
            raise InputError([Problem(text, "engine")])
        name = self.numbers.setdefault(node, f"n{len(self.numbers)}")
        return f"{name}_lo", f"{name}_hi"

    def word(self, node: Node) -> str:
        """Return the field of a code word, and number the words of its list."""
        for word in node.type.codes:
            self.number_of(word)
        return self.words.setdefault(node, f"c{len(self.words)}")

    def number_of(self, word: str) -> int:
        """Return the number of a code word. One list for the area gives equal words one number."""
        return self.codes.setdefault(word, len(self.codes) + 1)

    def record(self, interpreter: Interpreter) -> dict[str, int]:
        """Return the record of one case for the clauses."""
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
    """Return the lowest and the highest value that a number can have."""
    if value is None:
        return -FAR, FAR
    if isinstance(value, Bounds):
        return value.low, value.high
    return _whole(value), _whole(value)
