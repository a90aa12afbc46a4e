"""The query of a request: each parameter checked, and an unknown one refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from attrs import frozen
from starlette.requests import Request

from probation_rules.cases import date_from
from probation_rules.errors import InputError, Problem, did_you_mean
from probation_rules.quoting import is_name, named, shown
from probation_rules.rulebook.book import Rulebook
from probation_rules.web.problems import Refused
from probation_rules.web.rulebooks import Rulebooks

REPEATED = ("keep",)


@frozen
class Query:
    """The parameters of a request.

    Attributes:
        values: The value of each parameter that may be given once.
        lists: The values of each parameter that may be given again.
        rulebooks: The rulebooks to choose from.
    """

    values: Mapping[str, str]
    lists: Mapping[str, tuple[str, ...]]
    rulebooks: Rulebooks

    @property
    def book(self) -> Rulebook:
        """The rulebook that the request chooses.

        Raises:
            Refused: The name is not the name of a rulebook.
        """
        try:
            return self.rulebooks.chosen(self.values.get("rulebook"))
        except InputError as error:
            raise Refused(400, *error.problems) from None

    def day(self, name: str = "on") -> date:
        """Return a day that has to be given.

        Raises:
            Refused: The day is missing, or is not a day.
        """
        if (found := self.day_or_none(name)) is None:
            text = "give the day asked about, as YYYY-MM-DD"
            raise Refused(400, Problem(text, f"query {name}"))
        return found

    def day_or_none(self, name: str = "on") -> date | None:
        """Return a day, or ``None`` if it is not given.

        Raises:
            Refused: The value is not a day.
        """
        if name not in self.values:
            return None
        found = date_from(self.values[name])
        if not isinstance(found, date):
            text = f"{shown(self.values[name], 'date')} is not a day; give it as YYYY-MM-DD"
            raise Refused(400, Problem(text, f"query {name}"))
        return found

    def flag(self, name: str, *, default: bool) -> bool:
        """Return whether something is wanted.

        Raises:
            Refused: The value is neither `true` nor `false`.
        """
        if name not in self.values:
            return default
        found = {"true": True, "false": False}.get(self.values[name])
        if found is None:
            raise Refused(400, Problem("give true or false", f"query {name}"))
        return found


def query_of(request: Request, rulebooks: Rulebooks, *known: str) -> Query:
    """Return the parameters of a request.

    Args:
        request: The request.
        rulebooks: The rulebooks to choose from.
        known: The parameters that the end point has, besides `rulebook`.

    Raises:
        Refused: A parameter is unknown or is given twice; every such parameter is listed.
    """
    allowed = ("rulebook", *known)
    problems = []
    lists: dict[str, list[str]] = {}
    for name, value in request.query_params.multi_items():
        lists.setdefault(name, []).append(value)
    for name, values in lists.items():
        if name not in allowed:
            hint = did_you_mean(name, allowed) or f"; known are {', '.join(allowed)}"
            place = f"query {name}" if is_name(name, allowed) else "query"
            problems.append(Problem(f"{named(name, allowed)} is not a parameter{hint}", place))
        elif len(values) > 1 and name not in REPEATED:
            problems.append(Problem("give this parameter once", f"query {name}"))
    if problems:
        raise Refused(400, *problems)
    single = {name: values[0] for name, values in lists.items() if name not in REPEATED}
    several = {name: tuple(lists.get(name, ())) for name in REPEATED}
    return Query(single, several, rulebooks)


def area_of(request: Request, book: Rulebook) -> str:
    """Return the area in the path of a request.

    Raises:
        Refused: The rulebook does not have this area.
    """
    area = str(request.path_params["area"])
    if area not in book.documents:
        raise Refused(404, Problem(no_area(area, book), "path"))
    return area


def no_area(name: str, book: Rulebook) -> str:
    """Return the message about an area that a rulebook does not have."""
    hint = did_you_mean(name, book.documents) or f"; known are {', '.join(book.documents)}"
    return f"{named(name, book.documents)} is not an area{hint}"
