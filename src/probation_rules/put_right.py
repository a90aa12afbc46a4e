"""The smallest change of membership that would put a rule right, found by trying.

Nothing is written by hand for a rule: kinds of member are added and taken away, fewest first, and
the rule's own condition is asked each time.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import combinations_with_replacement

from probation_rules.language.interpret import Interpreter, Record
from probation_rules.language.tree import Count, Value, walk
from probation_rules.rulebook.model import Area, Members, Rule

# More than this is no small change; a person has to look at the whole team.
MOST_CHANGES = 3
_WORDS = ("no", "one", "two", "three")
_NOUN = re.compile(r"^(.+?)(?= (?:in|of|past|with|without) |$)")

Step = tuple[str, int]
"""A kind of member, and 1 for one more or -1 for one fewer."""
Change = Counter[Step]


def smallest_changes(area: Area, rule: Rule, before: Interpreter) -> tuple[str, ...]:
    """Return the smallest changes of membership after which a rule is met, in words.

    Args:
        area: The area.
        rule: A rule that is not met.
        before: The interpreter over the case as it is.

    Returns:
        Every change of the smallest size that works, such as `one learner fewer`; none if the rule
        does not count members or no change of up to `MOST_CHANGES` members works.
    """
    return tuple(map(in_words, smallest(area, rule, before)))


def smallest(area: Area, rule: Rule, before: Interpreter) -> tuple[Change, ...]:
    """Return the same changes as kinds of member, each with how often it is added or taken away."""
    members = area.members
    if members is None or before.members is None or not _counts(area, rule):
        return ()
    for size in range(1, MOST_CHANGES + 1):
        found = [
            change
            for change in _changes(members, size)
            if (after := _changed(members, list(before.members), change)) is not None
            and _met(rule, before, after)
        ]
        if found:
            return tuple(found)
    return ()


def _counts(area: Area, rule: Rule) -> bool:
    nodes = [
        rule.condition,
        *(area.derived[name].node for name in rule.facts if name in area.derived),
    ]
    return any(isinstance(inner, Count) for node in nodes for inner in walk(node))


def _changes(members: Members, size: int) -> Iterator[Change]:
    """Yield every way to add and take away so many members; never both of one kind."""
    single = [(kind, step) for kind in members.kinds for step in (-1, 1)]
    for steps in combinations_with_replacement(single, size):
        if not any((kind, -step) in steps for kind, step in steps):
            yield Counter(steps)


def _changed(members: Members, team: list[Record], change: Change) -> list[Record] | None:
    """Return the members after a change; ``None`` if somebody to take away is not there."""
    for (kind, step), times in change.items():
        facts = members.kinds[kind]
        for _ in range(times):
            if step > 0:
                team.append({**dict.fromkeys(members.facts), **facts})
                continue
            leaver = next((one for one in team if _is(one, facts)), None)
            if leaver is None:
                return None
            team.remove(leaver)
    return team if members.least <= len(team) <= members.most else None


def _is(member: Record, facts: Mapping[str, Value]) -> bool:
    return all(member[name] == value for name, value in facts.items())


def _met(rule: Rule, before: Interpreter, team: list[Record]) -> bool:
    after = Interpreter(before.facts, before.definitions, team, settings=before.settings)
    return after.value(rule.gate) is True and after.value(rule.lowered_condition) is True


def in_words(change: Change) -> str:
    """Return a change in words, such as `one learner fewer`."""
    parts = [
        f"{_WORDS[times]} {kind if times == 1 else _many(kind)} {'more' if step > 0 else 'fewer'}"
        for (kind, step), times in change.items()
    ]
    return " and ".join(parts)


def _many(kind: str) -> str:
    """A kind in the plural: `learners`, `POs past the NQO period`."""
    return _NOUN.sub(r"\1s", kind, count=1)
