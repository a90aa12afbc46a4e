"""The command line: `probation-rules check unpaid-work orders.csv`.

click and rich are imported in this package only. They come with the extra `cli`.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from importlib import import_module

_BAD_USAGE = 2


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line, and exit.

    Args:
        arguments: The words after the command's name; those of the process if not given.
    """
    try:
        program = import_module("probation_rules.cli.program")
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that it ends as on Ctrl-C
        program.root.main(arguments, prog_name="probation-rules")
    except ModuleNotFoundError as error:
        if error.name not in ("click", "rich"):
            raise
        text = f"{error.name} is not installed; run `pip install 'probation-rules[cli]'`"
        print(text, file=sys.stderr)  # noqa: T201 (nothing to print with is installed)
        sys.exit(_BAD_USAGE)
