"""Two sets of answers compared: which cases are new, gone and changed, and how many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import attrs
from attrs import frozen

from probation_rules import change_document as shapes
from probation_rules import document
from probation_rules.change_document import STATES
from probation_rules.comparison.books import Books
from probation_rules.comparison.cases import Answered, CaseChange, Change, Invalid
from probation_rules.errors import InputError, Problem, did_you_mean


@frozen
class Group:
    """The counts of the cases with the same cell in a kept column.

    Attributes:
        counts: How many are new, gone, changed, unchanged or invalid.
        changes: How many changed cases have each most serious change.
    """

    counts: Mapping[str, int]
    changes: Mapping[Change, int]


@frozen(eq=False)
class Comparison:
    """Two sets of answers compared, the most serious cases first.

    Attributes:
        new: Cases that are only in after.
        gone: Cases that are only in before.
        changed: Cases with another outcome, another stage, or a due day that is newly near.
        unchanged: Cases with the same answers.
        invalid: Cases that could not be judged before, after or both times. They are in no other
            list.
    """

    new: tuple[Answered, ...]
    gone: tuple[Answered, ...]
    changed: tuple[CaseChange, ...]
    unchanged: tuple[Answered, ...]
    invalid: tuple[Invalid, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many cases are in each list."""
        return {name: len(getattr(self, name)) for name in STATES}

    @property
    def changes(self) -> dict[Change, int]:
        """How many changed cases have each most serious change."""
        found = Counter(one.change for one in self.changed)
        return {change: found[change] for change in Change if found[change]}

    def groups(self, by: str) -> dict[str, Group]:
        """Return the counts by the cell of each case in a kept column, in the order of the cells.

        A case that changed counts with its later cell.

        Raises:
            InputError: No case has this kept column.
        """
        found: dict[str, Comparison] = {}
        every = [(name, one) for name in STATES for one in getattr(self, name)]
        known = dict.fromkeys(header for _, one in every for header in one.kept)
        if every and by not in known:
            kept = f"kept are {', '.join(known)}" if known else "no column is kept"
            text = f"this column is not kept, so cases cannot be grouped by it; {kept}"
            raise InputError([Problem(f"{text}{did_you_mean(by, known)}", f"--by {by}")])
        cells = sorted(
            {one.kept.get(by, "") for _, one in every}, key=lambda cell: (not cell, cell)
        )
        for cell in cells:
            lists = {
                name: tuple(one for one in getattr(self, name) if one.kept.get(by, "") == cell)
                for name in STATES
            }
            found[cell] = Comparison(**lists)
        return {cell: Group(some.counts, some.changes) for cell, some in found.items()}

    def __str__(self) -> str:
        lines = [", ".join(f"{number:,} {name}" for name, number in self.counts.items())]
        lines += map(str, self.changed)
        for name in ("new", "gone"):
            lines += [f"{name}: {one}" for one in getattr(self, name)]
        return "\n".join([*lines, *map(str, self.invalid)])

    def to_dict(self, *, by: str | None = None) -> dict[str, Any]:
        """Return the comparison as one JSON document. Unchanged cases are only counted.

        Args:
            by: A kept column, by which the cases are counted too.
        """
        groups = self.groups(by) if by is not None else {}
        return document.plain(
            shapes.Comparison(
                counts=self.counts,
                changes=_plain(self.changes),
                changed=tuple(one.entry() for one in self.changed),
                new=tuple(one.entry() for one in self.new),
                gone=tuple(one.entry() for one in self.gone),
                invalid=tuple(shapes.CaseInvalid(**attrs.asdict(one)) for one in self.invalid),
                by=by,
                groups={
                    cell: shapes.ChangesInGroup(_some(one.counts), _plain(one.changes))
                    for cell, one in groups.items()
                },
            )
        )


def _plain(changes: Mapping[Change, int]) -> dict[str, int]:
    return {change.value: number for change, number in changes.items()}


def _some(counts: Mapping[str, int]) -> dict[str, int]:
    return {name: number for name, number in counts.items() if number}


def compared(
    before: Iterable[Answered],
    after: Iterable[Answered],
    invalid: Iterable[Invalid],
    days: int | None = None,
) -> Comparison:
    """Compare answers, each case by its area and reference.

    Args:
        before: The answers before; no two have the same area and reference.
        after: The answers after.
        invalid: The cases that could not be judged.
        days: How many days ahead a due day is near.
    """
    invalid = tuple(invalid)
    unjudged = {one.reference for one in invalid}
    was, now = (
        {(one.area, one.reference): one for one in side if one.reference not in unjudged}
        for side in (before, after)
    )
    books = Books()
    both = [(was[key], now[key]) for key in now if key in was]
    same = [one.answers.is_same(other.answers, one.answers) for one, other in both]
    pairs = list(zip(both, same, strict=True))
    return Comparison(
        new=_sorted(now[key] for key in now if key not in was),
        gone=_sorted(was[key] for key in was if key not in now),
        changed=_sorted(CaseChange(*pair, books, days) for pair, is_same in pairs if not is_same),
        unchanged=_sorted(later for (_, later), is_same in pairs if is_same),
        invalid=invalid,
    )


_Sorted = TypeVar("_Sorted", Answered, CaseChange)


def _sorted(found: Iterable[_Sorted]) -> tuple[_Sorted, ...]:
    return tuple(sorted(found, key=lambda one: (one.rank, one.reference)))
