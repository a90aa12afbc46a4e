"""The fixtures of the command line: a page is asked for there."""

from __future__ import annotations

from cli.conftest import north, orders, run

__all__ = ["north", "orders", "run"]
