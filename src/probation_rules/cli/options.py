"""Words of the command line -> dates, rulebooks, values of the right type, the question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
from attrs import evolve

from probation_rules.areas import AREAS
from probation_rules.caseload.question import Question
from probation_rules.cases import date_from, value_from_cell
from probation_rules.errors import (
    InputError,
    ProbationRulesError,
    Problem,
    RulebookError,
    did_you_mean,
)
from probation_rules.quoting import named, shown
from probation_rules.rulebook import shipped
from probation_rules.rulebook.book import Rulebook
from probation_rules.rulebook.model import Area, Fact, Parameter
from probation_rules.rulebook.read import document_from, parse_toml
from probation_rules.rulebook.validity import setting_fault


def day_typed(text: str) -> date:
    """Return the day that was typed.

    Raises:
        click.BadParameter: It is none.
    """
    day = date_from(text)
    if isinstance(day, date):
        return day
    raise click.BadParameter(f"{shown(text, 'date')} is not a day; give it as YYYY-MM-DD")


area_argument = click.argument("area", type=click.Choice(list(AREAS)))
rulebook_option = click.option(
    "--rulebook",
    "rulebooks",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="FILE",
    help="A local rulebook to add to the shipped rules; may be given again.",
)
set_option = click.option(
    "--set",
    "set_",
    multiple=True,
    metavar="PARAMETER=VALUE",
    help="Give a value to a figure that the policy leaves open.",
)


def today() -> date:
    """Return the day on the caller's calendar. The clock is read here and nowhere else.

    Raises:
        ProbationRulesError: The computer has a time zone that cannot be.
    """
    try:
        return datetime.now().astimezone().date()
    except ValueError:
        raise ProbationRulesError(
            "today is not known: the time zone of this computer is a day or more from UTC; "
            "set TZ to a name such as Europe/London, or give the day with --on"
        ) from None


def book_of(rulebooks: Sequence[Path]) -> Rulebook:
    """Return the shipped rules with local rulebooks on top, in the order given."""
    book = shipped()
    for path in rulebooks:
        book = book.extended_with(path)
    return book


def changed_book(book: Rulebook, path: Path, area: str | None = None) -> Rulebook:
    """Return a rulebook with a local rulebook on top, or with another rules file for an area.

    Args:
        book: The rulebook.
        path: The file of the local rulebook, or the changed copy of a shipped rules file.
        area: The area that it must be about, if only one is allowed.

    Raises:
        RulebookError: The file is not a rules file, or is about another area.
    """
    try:
        raw = parse_toml(path.read_text(encoding="utf-8"), path.name)
    except (OSError, ValueError):
        raise RulebookError([Problem("this file cannot be read as text", path.name)]) from None
    about, known = raw.get("area"), [area] if area else list(book.documents)
    if about not in known:
        raise RulebookError([Problem(f"must be about {' or '.join(known)}", f"{path.name}: area")])
    if "local" in raw:
        return book.extended_by(raw, path.name)
    return evolve(book, documents={**book.documents, about: document_from(raw, path.name)})


def ask(
    area: str,
    on: date,
    engine: str = "python",
    rulebooks: Sequence[Path] = (),
    assumed: Sequence[str] = (),
    set_: Sequence[str] = (),
    by: str | None = None,
) -> Question:
    """Return the question that options put, checked before any file of cases is read."""
    book = book_of(rulebooks)
    assuming, settings = values_of(book.area(area), assumed, set_)
    book = book.with_settings(settings) if settings else book
    return Question(on, engine, book, book.area(area), assuming, by)


def values_of(
    area: Area, assumed: Sequence[str], set_: Sequence[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the values of `--assume` and of `--set`, each of its fact's or parameter's kind.

    Raises:
        InputError: With everything that is wrong with any of them.
    """
    problems: list[Problem] = []
    assuming = _typed(assumed, area.input_facts, "fact", "--assume", problems)
    settings = _settings(set_, area.parameters, problems)
    if problems:
        raise InputError(problems)
    return assuming, settings


def settings_of(parameters: Mapping[str, Parameter], set_: Sequence[str]) -> dict[str, Any]:
    """Return the values of `--set`, each of its parameter's kind.

    Raises:
        InputError: With everything that is wrong with any of them.
    """
    problems: list[Problem] = []
    settings = _settings(set_, parameters, problems)
    if problems:
        raise InputError(problems)
    return settings


def _settings(
    set_: Sequence[str], parameters: Mapping[str, Parameter], problems: list[Problem]
) -> dict[str, Any]:
    """Return the value of each setting that was typed by its name, and add to the problems."""
    open_ = {name: one.as_fact for name, one in parameters.items() if one.may_be_set}
    pairs = []
    for pair in set_:
        name = pair.partition("=")[0]
        if name in parameters and name not in open_:
            text = setting_fault(parameters[name], None) or ""
            problems.append(Problem(text, f"--set {name}"))
        else:
            pairs.append(pair)
    return _typed(pairs, open_, "parameter to set", "--set", problems)


def _typed(
    pairs: Sequence[str], known: Mapping[str, Fact], what: str, option: str, problems: list[Problem]
) -> dict[str, Any]:
    """Return each value that was typed by its name, and add to the problems."""
    values: dict[str, Any] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals:
            problems.append(Problem("must be NAME=VALUE", option))
        elif name not in known:
            hint = did_you_mean(name, known) or f"; known are {', '.join(known)}"
            problems.append(Problem(f"{named(name, known)} is not a {what}{hint}", option))
        elif name in values:
            problems.append(Problem("given twice", f"{option} {name}"))
        else:
            values[name] = _value(known[name], text, f"{option} {name}", problems)
    return values


def _value(fact: Fact, text: str, path: str, problems: list[Problem]) -> object:
    try:
        return value_from_cell(fact, text)
    except ValueError as wrong:
        problems.append(Problem(str(wrong), path))
        return None
