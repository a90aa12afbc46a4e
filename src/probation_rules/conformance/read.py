"""Read conformance cases: questions with answers that were found by hand from the policy.

`tests/conformance/README.md` describes the format. Reading is strict: unknown keys, wrong types and
empty expectations are refused, and all problems of a folder are listed together. This module does
not depend on rules or engines.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from attrs import field, frozen

from probation_rules.engines import OUTCOMES, Outcome
from probation_rules.errors import CaseError, Problem

DUE = {True: "due", False: "not_due", None: Outcome.CANNOT_TELL.value}
UNKNOWN = "unknown"  # in `facts`: the fact is unknown
ABSENT = "absent"  # in `facts`: the fact does not exist for this case
EXAMPLE = "example"  # in `rulebook`: the made-up region that comes with the library

_INSTALLED = Path(__file__).parent / "cases"
_IN_A_CHECKOUT = Path(__file__).parents[3] / "tests" / "conformance"
FOLDER = _INSTALLED if _INSTALLED.is_dir() else _IN_A_CHECKOUT
"""The folder of the cases that come with the library. In a wheel it is next to this file."""

_ENDING = ".cases.toml"
_SENTENCE = re.compile(r"[A-Z0-9].*[^.]\.")


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value.strip() == value != ""


def _is_sentence(value: Any) -> bool:
    return _is_text(value) and bool(_SENTENCE.fullmatch(value))


def _are_names_of_files(value: Any) -> bool:
    """Return whether a value is a list of file names: a case must not use other folders."""
    return _is_texts(value) and all(Path(one).name == one for one in value)


def _is_table(value: Any) -> bool:
    return isinstance(value, dict)


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_text, value))


def _is_outcomes(value: Any) -> bool:
    return _is_table(value) and all(one in OUTCOMES for one in value.values())


def _is_due(value: Any) -> bool:
    return _is_table(value) and all(one in DUE.values() for one in value.values())


def _is_needs(value: Any) -> bool:
    return _is_table(value) and all(map(_is_texts, value.values()))


@frozen(kw_only=True)
class Case:
    """One question, with the answer that policy gives.

    Attributes:
        place: Folder, file and position, for messages and test ids.
        folder: The folder of its file.
        area: The area.
        name: A sentence about what the case shows.
        on: The day asked about.
        rulebook: The local rulebooks to add, as files in the same folder; `example` is the one that
            comes with the library.
        settings: The values of open parameters.
        assuming: The values to assume for unknown facts.
        case: The known facts. All other facts are unknown.
        stage: The stage, or `cannot_tell`; ``None`` is not checked.
        outcomes: Outcomes by rule id. Other rules are not checked.
        due: Whether days are due, by derived fact: `due`, `not_due` or `cannot_tell`.
        needs: The exact needs of each `cannot_tell`, by rule id, derived fact or `stage`.
        facts: The values of facts; `unknown` for an unknown fact.
        problems: For bad input: texts that must each occur in a problem.
        because: The reason, in our own words.
        source: The source of the expected answer.
    """

    place: str
    folder: Path
    area: str
    name: str
    on: date
    rulebook: list[str] = field(factory=list)
    settings: Mapping[str, Any] = field(factory=dict)
    assuming: Mapping[str, Any] = field(factory=dict)
    case: Mapping[str, Any]
    stage: str | None = None
    outcomes: Mapping[str, str] = field(factory=dict)
    due: Mapping[str, str] = field(factory=dict)
    needs: Mapping[str, list[str]] = field(factory=dict)
    facts: Mapping[str, Any] = field(factory=dict)
    problems: list[str] = field(factory=list)
    because: str
    source: str

    @property
    def id(self) -> str:
        """The test id: folder, file and name."""
        return f"{self.place.split(':')[0]}: {self.name.removesuffix('.')}"


# Every key of a case, with a check of its TOML value and a description for messages.
_SHAPES: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "name": (_is_sentence, "a sentence with a full stop"),
    "on": (lambda value: type(value) is date, "a date"),
    "rulebook": (_are_names_of_files, "a list of names of files in the folder of the case"),
    "settings": (_is_table, "a table"),
    "assuming": (_is_table, "a table"),
    "case": (_is_table, "a table"),
    "stage": (_is_text, "a text"),
    "outcomes": (_is_outcomes, f"a table of {', '.join(OUTCOMES)}"),
    "due": (_is_due, f"a table of {', '.join(DUE.values())}"),
    "needs": (_is_needs, "a table of lists of texts"),
    "facts": (_is_table, "a table"),
    "problems": (_is_texts, "a list of texts"),
    "because": (_is_sentence, "a sentence with a full stop"),
    "source": (_is_text, "a text"),
}


def load_cases(folder: Path = FOLDER) -> tuple[Case, ...]:
    """Return every case of a folder, in the order of files and cases.

    Args:
        folder: A folder with a folder for each area; by default the one of the library.

    Raises:
        CaseError: There are no cases, or a file has mistakes; the error lists all problems.
    """
    problems: list[Problem] = []
    cases: list[Case] = []
    for path in sorted(folder.rglob(f"*{_ENDING}")):
        cases.extend(_read(path, problems))
    seen: dict[str, str] = {}
    problems.extend(
        Problem(f"{first} has the same name; give this case another name", case.place)
        for case in cases
        if (first := seen.setdefault(case.name, case.place)) != case.place
    )
    if not cases and not problems:
        problems.append(Problem(f"no file <area>/*{_ENDING} has a case in it", str(folder)))
    if problems:
        raise CaseError(problems)
    return tuple(cases)


def _read(path: Path, problems: list[Problem]) -> Iterator[Case]:
    """Yield the good cases of a file; add the problems of the others to `problems`."""
    stem = f"{path.parent.name}/{path.name.removesuffix(_ENDING)}"
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        problems.append(Problem(f"the file is not valid TOML: {error}", stem))
        return
    tables = document.get("cases", ())
    whole = document.keys() == {"area", "cases"} and isinstance(tables, list)
    if not whole or document["area"] != path.parent.name or not all(map(_is_table, tables)):
        text = "a file must contain only `area`, which is the name of its folder, and `[[cases]]`"
        problems.append(Problem(text, stem))
        return
    for number, table in enumerate(tables, 1):
        place = f"{stem}:{number}"
        if faults := tuple(_faults(table)):
            problems.extend(Problem(fault, place) for fault in faults)
        else:
            yield Case(place=place, folder=path.parent, area=document["area"], **table)


def _faults(table: Mapping[str, Any]) -> Iterator[str]:
    """Yield the problems of one case."""
    for key in table.keys() - _SHAPES.keys():
        yield f"unknown key `{key}`; the keys are {', '.join(_SHAPES)}"
    sound = True
    for key, (holds, words) in _SHAPES.items():
        if key not in table:
            if key in ("name", "on", "case", "because", "source"):
                yield f"`{key}` is missing"
        elif not holds(table[key]):
            sound = False
            yield f"`{key}` must be {words}"
    if not sound:
        return
    answers = table.keys() & {"stage", "outcomes", "due", "needs", "facts"}
    if ("problems" in table) == bool(answers):
        yield "give either `problems`, or one or more of `stage`, `outcomes`, `due`, `needs`, `facts`"
    answered = {**table.get("outcomes", {}), **table.get("due", {})}
    open_ones = {name for name, word in answered.items() if word == Outcome.CANNOT_TELL}
    if table.get("stage") == Outcome.CANNOT_TELL:
        open_ones.add("stage")
    for key in sorted(open_ones ^ table.get("needs", {}).keys()):
        yield f"`{key}` must have both `needs` and `{Outcome.CANNOT_TELL}`, or neither"
