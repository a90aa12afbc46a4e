"""The rulebooks of a service, by name: one for each region that it serves."""

from __future__ import annotations

import re
from collections.abc import Mapping

from attrs import field, frozen

from probation_rules.errors import InputError, Problem, did_you_mean
from probation_rules.quoting import named
from probation_rules.rulebook.book import Rulebook

NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
"""What the name of a rulebook looks like; it is part of an address."""

_ALLOWED = "small letters, digits and hyphens, up to 40, and a letter first"


@frozen
class Rulebooks:
    """The rulebooks that a request may choose from.

    Attributes:
        by_name: Each rulebook by its name. The first answers a request that does not choose.

    Raises:
        InputError: No rulebook is given, or a name is not allowed.
    """

    by_name: Mapping[str, Rulebook] = field()

    @by_name.validator
    def _require_names(self, _: object, by_name: Mapping[str, Rulebook]) -> None:
        if not by_name:
            raise InputError([Problem("give at least one rulebook", "rulebooks")])
        text = f"the name of a rulebook has {_ALLOWED}"
        if wrong := [Problem(text, "rulebooks") for name in by_name if not NAME.fullmatch(name)]:
            raise InputError(wrong)

    @property
    def default(self) -> Rulebook:
        """The rulebook for a request that does not choose."""
        return next(iter(self.by_name.values()))

    def chosen(self, name: str | None) -> Rulebook:
        """Return the rulebook of a name, or the default without a name.

        Raises:
            InputError: The name is not the name of a rulebook.
        """
        if name is None:
            return self.default
        if name not in self.by_name:
            hint = did_you_mean(name, self.by_name) or f"; known are {', '.join(self.by_name)}"
            text = f"{named(name, self.by_name)} is not a rulebook{hint}"
            raise InputError([Problem(text, "rulebook")])
        return self.by_name[name]
