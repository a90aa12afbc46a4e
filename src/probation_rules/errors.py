"""Every error this library raises, written for the person who has to act on it.

A message says what is wrong, where, what is allowed and what to do. It repeats a value only where
`quoting` allows it, so that a name cannot reach a log through an error.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from attrs import frozen

LONGEST_WORD = 60  # characters; to compare longer ones with others takes long


@frozen
class Problem:
    """One thing that is wrong, and where it stands.

    Attributes:
        text: What is wrong and what to do, without a full stop.
        path: Where: a JSON path (`$.members[2].grade`) or a place in a file
            (`row 7, column sentence_date`).
    """

    text: str
    path: str = "$"

    def __str__(self) -> str:
        first, *rest = self.text.split("\n")
        return "\n".join([f"{first} @ {self.path}", *rest])

    def under(self, prefix: str) -> Problem:
        """The same problem seen from further out: `$.grade` under `$[3]` is `$[3].grade`."""
        return Problem(self.text, prefix + self.path.removeprefix("$"))


class ProbationRulesError(Exception):
    """The base of every error raised on purpose by this library."""


class _ListOfProblems(ProbationRulesError):
    """An error that reports everything wrong at once.

    Attributes:
        problems: All of them, in the order found; never empty.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        # What an exception is made from again, where it is pickled or copied.
        super().__init__(self.problems)

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class CaseError(_ListOfProblems):
    """The case, or the file of cases, cannot be judged as given: correct it and ask again."""


class RulebookError(_ListOfProblems):
    """A rules file cannot be loaded: correct the places named."""


class NotInForce(ProbationRulesError):
    """The question is about a day before the first one that the rulebook covers."""


class EngineUnavailable(ProbationRulesError):
    """The engine asked for is unknown, or cannot run on this machine; the message says why."""


class EngineDisagreement(ProbationRulesError):
    """Two engines gave different answers to one case, so no answer is given. Please report it."""


def did_you_mean(word: str, allowed: Iterable[str]) -> str:
    """Return ``; did you mean `x`?`` for the allowed word nearest to this one, or nothing."""
    if len(word) > LONGEST_WORD:
        return ""
    words = {one.lower(): one for one in allowed}
    near = get_close_matches(word.lower(), words, n=1, cutoff=0.6)
    return f"; did you mean `{words[near[0]]}`?" if near else ""
