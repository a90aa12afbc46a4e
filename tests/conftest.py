"""What every test runs under: few Hypothesis examples, so that the whole run stays short.

More on demand: `pytest --hypothesis-profile=default`, and `make assure` for the laws of the engines.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from hypothesis import settings

from probation_rules.areas.appointments import business_days

settings.register_profile("short", max_examples=30, deadline=None)
# The same cases every time, for `make mutants`.
settings.register_profile("fixed", settings.get_profile("short"), derandomize=True, database=None)
settings.load_profile("short")


@pytest.fixture
def without_calendar(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A place where the extra `calendar` is not installed."""
    _forget_bank_holidays()
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "holidays", None)
        yield
    _forget_bank_holidays()


def _forget_bank_holidays() -> None:
    business_days.bank_holidays.cache_clear()
    business_days.days_to.cache_clear()
