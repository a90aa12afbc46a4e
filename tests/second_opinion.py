"""Where the engine durable_rules can be loaded at all."""

from __future__ import annotations

import sys

import pytest

# On Python 3.11 and 3.12 it has to be installed: there a missing package fails the tests.
CAN_HAVE = sys.version_info < (3, 13)
needs_durable = pytest.mark.skipif(
    not CAN_HAVE, reason="durable_rules does not load on Python 3.13 or later"
)


def engines(*names: str) -> list[object]:
    """The names as parameters of a test, marked where they need durable_rules."""
    return [
        pytest.param(name, marks=needs_durable if name in ("durable", "both") else ())
        for name in names
    ]
