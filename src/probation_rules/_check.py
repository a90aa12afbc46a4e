"""The road map: case -> facts -> outcomes -> report.

A case goes to an engine, which refuses it or returns outcome codes; the report turns codes into
findings when they are asked for. Nothing here reads the clock, a file or the network.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from importlib import import_module
from typing import TYPE_CHECKING, Any

from probation_rules.engines import ENGINES
from probation_rules.errors import CaseError, InputError, Problem, RulebookError, did_you_mean
from probation_rules.rulebook import shipped

if TYPE_CHECKING:
    from probation_rules.judge import Judge
    from probation_rules.report import Report
    from probation_rules.rulebook.book import Rulebook


def check(
    case: object,
    *,
    on: date,
    engine: str = "python",
    rulebook: Rulebook | None = None,
    assuming: Mapping[str, Any] | None = None,
    settings: Mapping[str, Any] | None = None,
    cross_check: bool = False,
) -> Report:
    """Ask every rule of the case's area about it.

    Args:
        case: An object of a case class, such as `UnpaidWorkOrder`.
        on: The day the question is asked about. It counts as a whole day.
        engine: `python`; `reference` for the slow interpreter that defines the meaning; `durable`
            for a second opinion by a Rete engine.
        rulebook: The rules to go by; the shipped ones if not given.
        assuming: Values for facts that the case leaves unknown: the caller's word, listed in the
            report and marked on every finding that they decided.
        settings: Values for open parameters, for this call.
        cross_check: Whether the engine `durable` decides too. If the two differ, there is no answer.

    Returns:
        The report. Its outcomes are known already; findings and texts are made when asked for.

    Raises:
        CaseError: The case cannot be judged as given; every problem is listed.
        NotInForce: The day is before the first one that the area's rules cover.
        InputError: The engine, a setting or an assumption is not allowed.
        MissingExtra: The engine `durable` is not installed.
        EngineDisagreement: With `cross_check`, the engines differ.
    """
    book = shipped() if rulebook is None else rulebook
    if settings:
        # Not kept: nothing may stay behind of a setting that is for one call.
        book = book.with_settings(settings)
        return _judge(book, case, engine, cross_check)(case, on, assuming)
    key = type(case), engine, cross_check
    judge: Judge | None = book.judges.get(key)
    if judge is None:
        judge = book.judges.setdefault(key, _judge(book, case, engine, cross_check))
    return judge(case, on, assuming)


def checker(
    area: str,
    *,
    on: date,
    engine: str = "python",
    rulebook: Rulebook | None = None,
    assuming: Mapping[str, Any] | None = None,
    settings: Mapping[str, Any] | None = None,
    cross_check: bool = False,
) -> Callable[[object], Report]:
    """Return a function that checks cases of one area, for a program that checks many.

    The function takes a case and returns what `check` returns with the same arguments. The rules are
    made ready here, once. Several threads may use it.

    Args:
        area: The area's name, such as `unpaid-work`.
        on: As for `check`, and so are the others.
        engine: The engine.
        rulebook: The rules to go by.
        assuming: Values for facts that a case leaves unknown.
        settings: Values for open parameters.
        cross_check: Whether the engine `durable` decides too.

    Raises:
        InputError: The area or engine is not known, or a setting is not allowed.
        MissingExtra: The engine `durable` is not installed.
    """
    book = shipped() if rulebook is None else rulebook
    if settings:
        book = book.with_settings(settings)
    kind = book.area(area).spec.case
    judge = _judge(book, kind(), engine, cross_check)

    def answer(case: object) -> Report:
        """Return the report on a case.

        Raises:
            CaseError: The case cannot be judged as given; every problem is listed.
            NotInForce: The day is before the first one that the area's rules cover.
            EngineDisagreement: With `cross_check`, the engines differ.
        """
        if not isinstance(case, kind):
            text = f"not a case of {area}; make a `{kind.__name__}`, or use `case_from`"
            raise CaseError([Problem(text)])
        return judge(case, on, assuming)

    return answer


def _judge(book: Rulebook, case: object, engine: str, cross_check: bool) -> Judge:  # noqa: FBT001
    """Return what answers cases of this kind, by a rulebook."""
    # Heavy, and not needed to import the library.
    from probation_rules.areas import area_of  # noqa: PLC0415
    from probation_rules.judge import Judge  # noqa: PLC0415

    area = area_of(case)
    require_engine(engine)
    _require_fields(book, area, type(case))
    if cross_check and engine != "python":
        text = "`cross_check` compares the engines `python` and `durable`; leave `engine` out"
        raise InputError([Problem(text, "cross_check")])
    module = "probation_rules.engines.cross_check" if cross_check else ENGINES[engine]
    compile_area = import_module(module).compile_area
    return Judge(book, area, engine, compile_area)


def require_engine(name: str) -> None:
    """Refuse an engine that is not one of `ENGINES`.

    Raises:
        InputError: The engine is not known.
    """
    if name not in ENGINES:
        hint = did_you_mean(name, ENGINES) or f"; known are {', '.join(ENGINES)}"
        raise InputError([Problem(f"`{name}` is not an engine{hint}", "engine")])


def _require_fields(book: Rulebook, area: str, case_type: type) -> None:
    """Refuse rules that use a fact for which the case class has no field."""
    if lacking := [name for name in book.area(area).input_facts if not hasattr(case_type, name)]:
        text = f"`{case_type.__name__}` has no such field; add it to the area's case.py"
        raise RulebookError([Problem(text, f"{area}: facts.{name}") for name in lacking])
