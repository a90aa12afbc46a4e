"""One area's rules, made ready on one engine to answer case after case."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import attrs

from probation_rules.engines import Decide
from probation_rules.engines.python import compile_values
from probation_rules.errors import InputError, Problem, did_you_mean
from probation_rules.quoting import named
from probation_rules.report import Report
from probation_rules.rulebook.book import Rulebook
from probation_rules.rulebook.model import Area
from probation_rules.rulebook.validity import fault

_NOTHING: Mapping[str, Any] = {}


class Judge:
    """Answers cases of an area.

    Args:
        book: The rulebook.
        area: The area's name.
        engine: The engine's name, for the report.
        compile_area: The engine's compiler.
    """

    def __init__(
        self, book: Rulebook, area: str, engine: str, compile_area: Callable[[Area], Decide]
    ) -> None:
        self.book = book
        self.area = book.area(area)
        self.engine = engine
        self.decide = compile_area(self.area)
        self.facts_of = self.area.facts_of if self.area.spec.prepare else None
        self.values = compile_values(self.area)

    def __call__(self, case: Any, on: date, assuming: Mapping[str, Any] | None) -> Report:
        """Return the report on a case; see `check` for what is refused."""
        filled = _NOTHING
        if assuming:
            filled = self.assumed(case, assuming)
            case = attrs.evolve(case, **filled)
        facts = self.facts_of(case) if self.facts_of else case
        codes = self.decide(facts, on)
        return Report(case, on, self.engine, filled, self.area, self.book, codes, facts)

    def assumed(self, case: Any, assuming: Mapping[str, Any]) -> dict[str, Any]:
        """Return the assumptions that fill an unknown of this case.

        Raises:
            InputError: An assumption is about no fact, or its value is not allowed.
        """
        facts, problems = self.area.input_facts, []
        for name, value in assuming.items():
            fact = facts.get(name)
            if fact is None:
                hint = did_you_mean(name, facts)
                problems.append(
                    Problem(f"{named(name, facts)} is not a fact to assume{hint}", "assuming")
                )
            elif value is None:
                text = f"an assumption must be {fact.allowed}"
                problems.append(Problem(text, f"assuming {name}"))
            elif text := fault(fact, value) or "":
                problems.append(Problem(text, f"assuming {name}"))
        if problems:
            raise InputError(problems)
        # A fact whose absence means something is not unknown.
        return {
            name: value
            for name, value in assuming.items()
            if getattr(case, name) is None and facts[name].default is None
        }
