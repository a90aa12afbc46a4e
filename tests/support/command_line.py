"""Helpers for tests of the command line; the fixtures are in cli/conftest.py."""

from __future__ import annotations

from collections.abc import Callable

from click.testing import Result

Run = Callable[..., Result]
Orders = Callable[..., str]
