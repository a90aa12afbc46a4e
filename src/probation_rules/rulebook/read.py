"""Read TOML text into documents, and report every mistake of form together."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, TypeVar, get_args, get_origin

import attrs
from cattrs import Converter, transform_error
from cattrs.errors import ForbiddenExtraKeysError
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from probation_rules.errors import Problem, RulebookError, did_you_mean
from probation_rules.language.ranges import LARGEST
from probation_rules.rulebook.toml_schema import (
    TOML_KEYS,
    AreaDocument,
    Basis,
    ParameterDocument,
    Places,
    Scalar,
)

LARGEST_FILE = 250_000  # characters; the largest shipped file has 40,000
MOST_DOTS = 500  # in a line; reading a key with more parts takes long
MOST_PLACES = 6  # decimal places
One = TypeVar("One")
_MOST_DIGITS = 40  # before or after a point


def parse_toml(text: str, name: str) -> dict[str, Any]:
    """Return the raw content of a rules file.

    Raises:
        RulebookError: The text is too large, or is not valid TOML (a repeated key is not valid).
    """
    if len(text) > LARGEST_FILE:
        message = f"the file is too large: at most {LARGEST_FILE:,} characters are allowed"
        raise RulebookError([Problem(message, name)])
    for number, line in enumerate(text.split("\n"), 1):
        if line.count(".") > MOST_DOTS:
            message = f"line {number} has too many dots: at most {MOST_DOTS} are allowed"
            raise RulebookError([Problem(message, name)])
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except InvalidOperation:
        raise RulebookError([Problem("a number in the file is too large", name)]) from None
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise RulebookError([Problem(f"the file is not valid TOML: {error}", name)]) from None


def document_from(
    raw: Mapping[str, Any], name: str, known: Mapping[str, ParameterDocument] | None = None
) -> AreaDocument:
    """Return the document of raw TOML content.

    Args:
        raw: The content.
        name: The file's name, for messages.
        known: Known parameters. The file may give only a part of them; the rest is taken from here.

    Raises:
        RulebookError: A key is missing or unknown, or a value has the wrong kind. All are listed.
    """
    for section in ("rules", "due"):
        # A rule with several wordings is a list; a rule with one wording may be written without.
        if isinstance(found := raw.get(section), Mapping):
            raw = {**raw, section: {key: _as_list(one) for key, one in found.items()}}
    if known and isinstance(given := raw.get("parameters"), Mapping):
        raw = {**raw, "parameters": {key: _whole(known, key, one) for key, one in given.items()}}
    return structured(raw, AreaDocument, name)


def structured(raw: Any, kind: type[One], name: str, section: str = "") -> One:
    """Return raw TOML content as an object of an attrs class.

    Args:
        raw: The content.
        kind: The class.
        name: The file's name, for messages.
        section: The name of the section, if the content is not a whole file.

    Raises:
        RulebookError: A key is missing or unknown, or a value has the wrong kind. All are listed.
    """
    try:
        return _CONVERTER.structure(raw, kind)
    except Exception as error:  # noqa: BLE001 (cattrs groups all exceptions of its hooks)
        lines = transform_error(error, format_exception=_message)
        problems = []
        for line in lines:
            text, _, path = line.rpartition(" @ ")
            place = path.replace("$", section, 1).removeprefix(".")
            table, dot, last = place.rpartition(".")
            place = f"{table}{dot}{_toml_name(last)}"
            problems.append(Problem(text, f"{name}: {place or '$'}"))
        raise RulebookError(problems) from None


def _whole(known: Mapping[str, ParameterDocument], name: str, given: object) -> object:
    """Return a parameter from a file; the known parameter of this name gives the missing keys."""
    if name not in known or not isinstance(given, Mapping):
        return given
    return {**_CONVERTER.unstructure(known[name]), **given}


def _as_list(found: Any) -> list[Any]:
    """Return the entries of a name that may have one entry or a list."""
    return found if isinstance(found, list) else [found]


class _WrongKind(Exception):
    """A TOML value has the wrong kind."""


def _message(error: BaseException, wanted: Any) -> str:
    if get_origin(wanted) is Literal:
        return f"must be one of {', '.join(get_args(wanted))}"
    if wanted is Basis:
        return f"must be one of {', '.join(Basis)}"
    match error:
        case ForbiddenExtraKeysError(cl=cl, extra_fields=extra):
            known = [_toml_name(name) for name in cl.__annotations__]
            return "; ".join(
                f"unknown key `{key}`{did_you_mean(key, known) or '; known are ' + ', '.join(known)}"
                for key in sorted(extra)
            )
        case KeyError(args=[key]):
            return f"`{_toml_name(str(key))}` is missing"
        case _WrongKind():
            return str(error)
    return "this has the wrong structure: a table, or a list of tables, is needed here"


def _toml_name(name: str) -> str:
    return TOML_KEYS.get(name, name)


def _exactly(kind: type, words: str) -> Any:
    def structure(value: object, _: object) -> object:
        if type(value) is not kind:
            raise _WrongKind(f"must be {words}")
        return value

    return structure


def _scalar(value: object, _: object) -> object:
    if type(value) not in (bool, int, Decimal, date, str):
        raise _WrongKind("must be a number, a date, true or false, or a word")
    if type(value) is int:
        return _whole_number(value, value)
    if isinstance(value, Decimal) and not (
        value.is_finite() and abs(value.adjusted()) <= _MOST_DIGITS
    ):
        raise _WrongKind("this number is too large or too small, or is not a finite number")
    return value


def _whole_number(value: object, _: object) -> object:
    if type(value) is not int or abs(value) > LARGEST:
        raise _WrongKind(f"must be a whole number from -{LARGEST:,} to {LARGEST:,}")
    return value


def _places(value: object, _: object) -> object:
    if type(value) is not int or not 0 <= value <= MOST_PLACES:
        raise _WrongKind(f"must be a whole number from 0 to {MOST_PLACES}")
    return value


def _optional_scalar(value: object, kind: object) -> object:
    return None if value is None else _scalar(value, kind)


def _renamed(cl: type) -> dict[str, Any]:
    """Return the attributes with another name in TOML, in the form that cattrs needs."""
    return {
        one.name: override(rename=TOML_KEYS[one.name])
        for one in attrs.fields(cl)
        if one.name in TOML_KEYS
    }


def _converter() -> Converter:
    converter = Converter(forbid_extra_keys=True)
    for kind, words in (
        (str, "text"),
        (date, "a date"),
        (bool, "true or false"),
    ):
        converter.register_structure_hook(kind, _exactly(kind, words))
    converter.register_structure_hook(int, _whole_number)
    converter.register_structure_hook_func(lambda wanted: wanted is Places, _places)
    converter.register_structure_hook(Basis, lambda value, _: Basis(value))
    converter.register_structure_hook_func(lambda wanted: wanted == Scalar, _scalar)
    converter.register_structure_hook_func(lambda wanted: wanted == Scalar | None, _optional_scalar)
    converter.register_structure_hook_factory(
        attrs.has,
        lambda cl: make_dict_structure_fn(
            cl, converter, _cattrs_forbid_extra_keys=True, **_renamed(cl)
        ),
    )
    converter.register_unstructure_hook_factory(
        attrs.has, lambda cl: make_dict_unstructure_fn(cl, converter, **_renamed(cl))
    )
    return converter


_CONVERTER = _converter()
