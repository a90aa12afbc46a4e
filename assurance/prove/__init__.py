"""Proofs over every complete case of an area, with the solver z3.

`claims` says what is to be so, `terms` translates conditions for the solver, and here each claim is
proved, or refuted with a case. A case that the solver finds is always judged by the reference
interpreter before it counts: that something *can* be so never rests on the translation.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from enum import StrEnum
from time import perf_counter
from typing import Any

import z3
from attrs import define, field, frozen

from probation_rules.language.english import say
from probation_rules.language.tree import Node, names
from probation_rules.rulebook.model import Area
from prove.claims import CannotProve, Claim, Kind, all_met, claims
from prove.terms import Case, Terms

SECONDS = 40  # for one question to the solver, at most
MOST_TRIED = 20  # cases whose days are tried
_INTERRUPTED = "interrupted from keyboard"  # z3 takes Ctrl-C for itself, and only ends a question


class Verdict(StrEnum):
    """What became of a claim."""

    HOLDS = "holds"
    FAILS = "fails"
    UNDECIDED = "undecided"


@frozen
class Proof:
    """A claim, what became of it, and how long that took.

    Attributes:
        shown: In words, the case that refutes the claim or shows what can be; or why it is
            undecided. None where the claim is about all cases, or fails because no case is such.
    """

    claim: Claim
    verdict: Verdict
    seconds: float
    shown: str | None = None

    def __str__(self) -> str:
        """Return one line, and a second with the case that refutes the claim."""
        line = f"{self.verdict:9} {self.seconds:7.2f} s  {self.claim.text}"
        if self.verdict is not Verdict.HOLDS:
            line += f"\n{'':21}{self.shown or 'no case does'}"
        return line


def prove(area: Area, seconds: float = SECONDS) -> Iterator[Proof]:
    """Yield a proof of each claim about an area, as each is done.

    Args:
        area: The rules.
        seconds: How long the solver may take over one question.

    Raises:
        CannotProve: The area has more kinds of member than can be distinguished.
    """
    prover = Prover(area, Terms(area), seconds)
    for claim in claims(area):
        began = perf_counter()
        try:
            verdict, case = prover.verdict(claim)
            shown = None if case is None else described(area, claim.node, case)
        except CannotProve as why:
            verdict, shown = Verdict.UNDECIDED, str(why)
        yield Proof(claim, verdict, perf_counter() - began, shown)


@define
class Prover:
    """Decides claims about one area, and keeps the cases that it finds."""

    area: Area
    terms: Terms
    seconds: float
    found: list[Case] = field(factory=list)  # complete cases, which may show later claims too
    seeded: bool = False

    def verdict(self, claim: Claim) -> tuple[Verdict, Case | None]:
        """Return what becomes of a claim, and the case that shows it."""
        if claim.unless is not None and not self.seeded:
            self.seeded = True
            with suppress(CannotProve):
                self.case(all_met(self.area), holds=True)  # if there is one, it shows every pair
        if claim.kind is not Kind.SOME:
            broken = self.case(claim.node, holds=claim.kind is Kind.NONE)
            return (Verdict.FAILS if broken else Verdict.HOLDS), broken
        shown = self.case(claim.node, holds=True, assuming=claim.assuming)
        if shown or claim.unless is None:
            return (Verdict.HOLDS if shown else Verdict.FAILS), shown
        both = self.case(claim.unless, holds=True)
        return (Verdict.FAILS if both else Verdict.HOLDS), both

    def case(self, node: Node, *, holds: bool, assuming: bool = True) -> Case | None:
        """Return a complete case that makes a condition true (or not true), if one exists."""
        for case in self.found:
            if self.agrees(node, case, holds=holds):
                return case
        solved = self.solved(node, holds=holds, assuming=assuming)
        if solved is not None:
            if not self.agrees(node, solved, holds=holds):
                raise AssertionError(solved)
            if assuming:
                self.found.append(solved)
        return solved

    def agrees(self, node: Node, case: Case, *, holds: bool) -> bool:
        """Whether the interpreter finds that a condition is true of a case (or is not)."""
        return (self.terms.interpreter(case).value(node) is True) is holds

    def solved(self, node: Node, *, holds: bool, assuming: bool) -> Case | None:
        """Return a case that the solver finds."""
        wanted = self.terms.held(node)
        conditions = [*self.terms.given, *(self.terms.assumed if assuming else ())]
        for narrowed, seconds in self.tries():
            solver: Any = z3.Solver()
            solver.set("timeout", max(1, int(seconds * 1000)))  # 0 would be no limit
            solver.add(*conditions, *narrowed, wanted if holds else z3.Not(wanted))
            answer = solver.check()
            if answer == z3.sat:
                return self.terms.case(solver.model())
            if answer == z3.unsat and not narrowed:
                return None
            if solver.reason_unknown() == _INTERRUPTED:
                raise KeyboardInterrupt
        raise CannotProve(f"the solver has no answer within {self.seconds:g} s")

    def tries(self) -> Iterator[tuple[list[Any], float]]:
        """Yield what to narrow the question to, and for how long to ask it.

        Where days multiply figures a solver can search for long. With the days of a case found
        before, the rest is easy; that there is no such case needs the question in full.
        """
        yield [], self.seconds / 4
        for case in self.found[:MOST_TRIED]:
            yield self.terms.days(case), self.seconds / (4 * MOST_TRIED)
        yield [], self.seconds / 2


def described(area: Area, node: Node, case: Case) -> str:
    """Return a case in words: what a condition looks at, and the members by kind."""
    looked, todo = set[str](), [node]
    while todo:
        for name in names(todo.pop()):
            if name not in looked:
                looked.add(name)
                todo += [area.definitions[name]] if name in area.definitions else []
    types = {name: one.type for name, one in area.facts.items()}
    types |= {name: one.type for name, one in area.parameters.items()}
    parts = [
        f"{name} {say(value, types[name])}"
        for name, value in case.facts.items()
        if name in looked and value is not None
    ]
    if area.members is not None and area.members.name in looked:
        alike: dict[str, int] = {}
        for member in case.members or ():
            words = ", ".join(
                f"{name} {say(value, area.members.facts[name].type)}"
                for name, value in member.items()
            )
            alike[words] = alike.get(words, 0) + 1
        parts += [f"{many} x ({words})" for words, many in alike.items()] or ["no members"]
    return "; ".join(parts) or "any case"
