"""The limits of a service: how large, how long, and how many requests at once."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from attrs import field, frozen, validators

from probation_rules.errors import ProbationRulesError


@frozen
class Limits:
    """The limits of one process of the service.

    Attributes:
        body_bytes: The most bytes of a request with cases as JSON.
        cases: The most cases of such a request.
        table_bytes: The most bytes of a request with a table, or with a form of a page.
        seconds: The most seconds for a body to arrive, and again for its answer.
        table_seconds: The same for a table.
        at_once: The most requests that are answered at the same time; others get 503.
        from_one: The most of these from one address; others get 429.
        tables: The most tables that are answered at the same time; others get 503.
        table_memory: The most memory that one table may use, such as `512MB`; more goes to disk.
        table_threads: The most threads that one table may use.
    """

    body_bytes: int = field(default=2_000_000, validator=validators.ge(1))
    cases: int = field(default=2_000, validator=validators.ge(1))
    table_bytes: int = field(default=500_000_000, validator=validators.ge(1))
    seconds: float = field(default=30.0, validator=validators.gt(0))
    table_seconds: float = field(default=300.0, validator=validators.gt(0))
    at_once: int = field(default=64, validator=validators.ge(1))
    from_one: int = field(default=32, validator=validators.ge(1))
    tables: int = field(default=2, validator=validators.ge(1))
    table_memory: str = "1GB"
    table_threads: int = field(default=2, validator=validators.ge(1))


class TooSlow(ProbationRulesError):
    """The work took longer than the limit, and was stopped."""


class Deadline:
    """Stops work that takes too long: the work calls it between its steps.

    Args:
        seconds: How long the work may take from now.
        clock: Returns the seconds since some moment.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._end = clock() + seconds

    def __call__(self, _share: float = 0.0) -> None:
        """Let the work go on.

        Args:
            _share: The share of the work that is done, which nothing uses: a table's `progress`
                is called with it.

        Raises:
            TooSlow: The time is over.
        """
        if self._clock() > self._end:
            raise TooSlow("the answer takes too long; send fewer cases")
