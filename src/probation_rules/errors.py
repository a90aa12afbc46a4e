"""All errors of this library, with messages for the person who has to act.

A message says what is wrong, where, what is allowed and what to do. It repeats a value only where
`quoting` allows it, so that a name cannot reach a log through an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher

from attrs import frozen

LONGEST_WORD = 60  # characters; comparing longer words takes long
_CLOSE = 0.75


@frozen
class Problem:
    """One thing that is wrong, and where it is.

    Attributes:
        text: The fault and what to do, without a full stop.
        path: The place: a JSON path (`$.members[2].grade`) or a place in a file
            (`row 7, column sentence_date`).
    """

    text: str
    path: str = "$"

    def __str__(self) -> str:
        first, *rest = self.text.split("\n")
        return "\n".join([f"{first} @ {self.path}", *rest])

    def under(self, prefix: str) -> Problem:
        """Return the problem with a longer path: `$.grade` under `$[3]` is `$[3].grade`."""
        return Problem(self.text, prefix + self.path.removeprefix("$"))


class ProbationRulesError(Exception):
    """The base of every error raised on purpose by this library."""


class _ListOfProblems(ProbationRulesError):
    """An error that lists all problems together.

    Attributes:
        problems: All problems, in the order in which they were found; never empty.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        # Pickling and copying make the exception again from these arguments.
        super().__init__(self.problems)

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class CaseError(_ListOfProblems):
    """A case, or a file of cases, is not valid: correct it and check it again."""


class InputError(_ListOfProblems):
    """Another argument is wrong, or cannot be used here: an area, an engine, a setting, a column."""


class RulebookError(_ListOfProblems):
    """A rules file cannot be loaded: correct the places in the list."""


class UnknownRule(ProbationRulesError, KeyError):
    """A rule with this id does not exist in the rulebook or the area."""

    def __str__(self) -> str:
        return str(self.args[0])  # `KeyError` would put quotes around the message


class NotInForce(ProbationRulesError):
    """The day asked about is before the first day that the rulebook covers."""


class MissingExtra(ProbationRulesError, ImportError):
    """A package from an extra of this library is not installed.

    Attributes:
        extra: The name of the extra to install, such as `table`.
    """

    def __init__(self, text: str, extra: str) -> None:
        super().__init__(text, extra)
        self.extra = extra

    def __str__(self) -> str:
        install = f"pip install 'probation-rules[{self.extra}]'"
        return f"{self.args[0]}; install the extra `{self.extra}`: {install}"


class EngineDisagreement(ProbationRulesError):
    """Two engines gave different answers for a case, so it is not answered. Please report it."""


def not_found(name: str) -> CaseError:
    """Return the error for a file that does not exist.

    Args:
        name: The file's name, without its folder.
    """
    return CaseError([Problem("the file was not found", name)])


def did_you_mean(word: str, allowed: Iterable[str]) -> str:
    """Return ``; did you mean `x`?`` for the allowed word that was probably meant, or nothing.

    Each part of a name must be spelt alike, and each number must be the same. So `Sentnce Date`
    suggests `sentence_date`, but `Extension` does not suggest `extension_presented`, and
    `9 Month Review` does not suggest `six_month_review_done`.
    """
    typed = _parts(word) if len(word) <= LONGEST_WORD else []
    alike = [one for one in allowed if typed and _are_alike(typed, _parts(one))]
    if not alike:
        return ""
    nearest = max(alike, key=lambda one: _likeness("".join(typed), "".join(_parts(one))))
    return f"; did you mean `{nearest}`?"


def _parts(name: str) -> list[str]:
    """Return the words and the numbers of a name: `upw.pace-6` is `upw`, `pace` and `6`."""
    return re.findall(r"\d+|[^\W\d_]+", name.lower())


def _are_alike(left: list[str], right: list[str]) -> bool:
    if len(left) != len(right):
        return "".join(left) == "".join(right)  # `sentencedate` for `sentence_date`
    return all(map(_are_spelt_alike, left, right))


def _are_spelt_alike(left: str, right: str) -> bool:
    if left == right or left.isdecimal():
        return left == right
    return sorted(left) == sorted(right) or _likeness(left, right) >= _CLOSE


def _likeness(left: str, right: str) -> float:
    return SequenceMatcher(None, left, right).ratio()
