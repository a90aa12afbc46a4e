"""What tests of the command line share by name; the fixtures stand in cli/conftest.py."""

from __future__ import annotations

from collections.abc import Callable

from click.testing import Result

Run = Callable[..., Result]
Orders = Callable[..., str]
