"""Serve the pages on a fixed day and a free port, and have `journeys.mjs` fill them in.

The argument is the folder that the checks of pages share. The exit code is theirs.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from datetime import date
from pathlib import Path

import uvicorn

from probation_rules.web import app

DAY = date(2026, 11, 29)
MOST_SECONDS = 30  # until the service answers


def main() -> int:
    """Return the exit code of the journeys."""
    config = uvicorn.Config(app(today=lambda: DAY), port=0, log_level="warning")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    end = time.monotonic() + MOST_SECONDS
    while not server.started and time.monotonic() < end:
        time.sleep(0.05)
    port = server.servers[0].sockets[0].getsockname()[1]
    journeys = Path(__file__).with_name("journeys.mjs")
    command = ["node", str(journeys), sys.argv[1], f"http://127.0.0.1:{port}"]
    code = subprocess.run(command, check=False).returncode  # noqa: S603
    server.should_exit = True
    thread.join()
    return code


if __name__ == "__main__":
    sys.exit(main())
