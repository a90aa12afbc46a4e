"""Read tiers from the tier service, and registrations of risk, as facts of an allocation.

Both schemes of tiers are read: A0 to D3, with S for unsupervised, and A to G. An earlier tier is
never taken from a history, because a history may contain both schemes. MAPPA *categories* look like
MAPPA levels, but they are in another field, which is not read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import partial

from probation_rules.errors import CaseError, Problem
from probation_rules.readers.feed import (
    OTHER_SHAPE,
    Notes,
    Order,
    Sentence,
    Shape,
    as_object,
    day,
    part,
    payloads,
)

# The codes of nDelius's register, and the words of assessments. All are read in any letter case,
# because the tier service reads codes of risk and of MAPPA levels in this way.
ROSH = {
    "RVHR": "very_high",
    "RHRH": "high",
    "RMRH": "medium",
    "RLRH": "low",
    "VERY_HIGH": "very_high",
    "HIGH": "high",
    "MEDIUM": "medium",
    "LOW": "low",
}
MAPPA_LEVELS = {"M1": "level_1", "M2": "level_2", "M3": "level_3"}
MAPPA = "MAPP"  # the register's code; without such a registration, MAPPA is still unknown
NO_TIER = ("MISSING", "NOT_SUPERVISED")

_HISTORY: Sentence = (
    "entry of a tier's history was left out",
    "entries of a tier's history were left out",
)
_NO_TIER: Sentence = (
    "case does not have a tier in the service: unknown",
    "cases do not have a tier in the service: unknown",
)
_PROVISIONAL: Sentence = ("tier is provisional", "tiers are provisional")
_OTHER_WORD: Sentence = (
    "risk or MAPPA level has a word that is not known here: unknown",
    "risks or MAPPA levels have words that are not known here: unknown",
)
_SEVERAL_LEVELS: Sentence = (
    "person has more than one newest registration of a MAPPA level: unknown",
    "persons have more than one newest registration of a MAPPA level: unknown",
)
_SEVERAL: Sentence = (
    "person has more than one newest registration of risk: unknown",
    "persons have more than one newest registration of risk: unknown",
)

_Dated = dict[date | None, set[str | None]]
"""The values of registrations, by their first day."""


def tiers(
    value: object,
    path: str,
    on: date | None,  # noqa: ARG001  # all shapes have this argument; a tier is always the current one
    notes: Notes,
) -> Iterator[Order | Problem]:
    """Yield each current tier, with the risk and MAPPA level that it was computed from."""
    yield from _each(value, path, notes, _tier)


def registrations(
    value: object, path: str, on: date | None, notes: Notes
) -> Iterator[Order | Problem]:
    """Yield each person's risk and MAPPA level, from the newest registration active on the day."""
    yield from _each(value, path, notes, partial(_registered, on=on))


def _each(
    value: object,
    path: str,
    notes: Notes,
    read: Callable[[Mapping[str, object], str, Notes], Order | None],
) -> Iterator[Order | Problem]:
    for where, payload in payloads(value, path):
        try:
            order = read(as_object(payload, where), where, notes)
        except CaseError as error:
            yield from error.problems
        else:
            if order:
                yield order


def _tier(record: Mapping[str, object], path: str, notes: Notes) -> Order | None:
    if "tierScore" not in record:
        notes.add(*OTHER_SHAPE)
        return None
    # A tier does not name its case, so a list of tiers is the history of one case.
    if "data" not in record and ("changeReason" in record or path.endswith("]")):
        notes.add(*_HISTORY)
        return None
    data = part(record, "data", path) or {}
    if True in (record.get("provisional"), data.get("provisional")):
        notes.add(*_PROVISIONAL)
    tier = record["tierScore"]
    if tier in NO_TIER:
        notes.add(*_NO_TIER)
        tier = None
    inputs = part(data, "deliusInputs", f"{path}.data") or {}
    below = ".data.deliusInputs.registrations"
    found = part(inputs, "registrations", f"{path}.data.deliusInputs") or {}
    return Order(
        path,
        {
            "tier": (".tierScore", tier),
            "rosh": (f"{below}.rosh", _word(found.get("rosh"), ROSH, notes)),
            "mappa_level": (
                f"{below}.mappaLevel",
                _word(found.get("mappaLevel"), MAPPA_LEVELS, notes),
            ),
        },
    )


def _registered(
    record: Mapping[str, object], path: str, notes: Notes, on: date | None
) -> Order | None:
    listed = record.get("registrations")
    if not isinstance(listed, list):
        notes.add(*OTHER_SHAPE)
        return None
    risks: _Dated = {}
    levels: _Dated = {}
    for place, item in enumerate(listed):
        where = f"{path}.registrations[{place}]"
        one = as_object(item, where)
        code = (part(one, "type", where) or {}).get("code")
        level = (part(one, "registerLevel", where) or {}).get("code")
        began = day(one.get("startDate"), f"{where}.startDate")
        ended = day(one.get("endDate"), f"{where}.endDate")
        if not _holds(began, ended, one.get("active"), on):
            continue
        code = code.upper() if isinstance(code, str) else None
        if code in ROSH:
            risks.setdefault(began, set()).add(ROSH[code])
        if code == MAPPA:
            levels.setdefault(began, set()).add(_word(level, MAPPA_LEVELS, notes))
    return Order(
        path,
        {
            "rosh": (".registrations", _newest(risks, _SEVERAL, notes)),
            "mappa_level": (".registrations", _newest(levels, _SEVERAL_LEVELS, notes)),
        },
    )


def _newest(found: _Dated, several: Sentence, notes: Notes) -> str | None:
    """Return the value of the newest registration. One without a first day may be the newest."""
    newest = max((began for began in found if began), default=None)
    words = found.get(newest, set()) | found.get(None, set())
    if len(words) > 1:
        notes.add(*several)
    return words.pop() if len(words) == 1 else None


def _holds(began: date | None, ended: date | None, active: object, on: date | None) -> bool:
    """Return whether a registration is active on the day asked about or, without a day, now."""
    if on is None or ended is None:
        return active is not False and ended is None and not (on and began and began > on)
    return ended >= on and not (began and began > on)


def _word(said: object, words: Mapping[str, str], notes: Notes) -> str | None:
    if isinstance(said, str) and said.upper() in words:
        return words[said.upper()]
    if said is not None:
        notes.add(*_OTHER_WORD)
    return None


TIER = Shape(area="allocation", carries=frozenset({"tier", "rosh", "mappa_level"}), orders=tiers)
REGISTRATIONS = Shape(
    area="allocation", carries=frozenset({"rosh", "mappa_level"}), orders=registrations
)
