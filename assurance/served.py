"""Start the service on this computer, run a command against it, and stop it.

    python assurance/served.py node client.js {address}

`{address}` in the command becomes the address of the service. Options before the command that begin
with `--serve` go to `probation-rules serve`: `--serve=--limit=cases=50`. The exit code is that of the
command, or 1 if the service does not stop as it should.
"""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

STARTED = 60  # seconds
STOPPED = 60  # seconds
OPTION = "--serve="


@contextmanager
def served(*options: str) -> Iterator[str]:
    """Run the service, and yield its address. Its log goes nowhere.

    Raises:
        RuntimeError: It does not start, or ends with another exit code than 0.
    """
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    program = Path(sys.executable).with_name("probation-rules")
    command = [str(program), "serve", "--port", str(port), *options]
    address = f"http://127.0.0.1:{port}"
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:  # noqa: S603
        try:
            _wait(f"{address}/health", process)
            yield address
        finally:
            process.send_signal(signal.SIGTERM)
            ended = process.wait(STOPPED)
    if ended != 0:
        raise RuntimeError(f"the service ended with {ended}")


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + STARTED
    while True:
        try:
            with urlopen(url, timeout=STARTED):  # noqa: S310 (our own address)
                return
        except OSError:
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError("the service does not start") from None
            time.sleep(0.1)


def main(words: list[str]) -> int:
    """Run the command, and return its exit code."""
    options = [one.removeprefix(OPTION) for one in words if one.startswith(OPTION)]
    command = [one for one in words if not one.startswith(OPTION)]
    with served(*options) as address:
        return subprocess.run(  # noqa: S603 (the caller's own words)
            [one.replace("{address}", address) for one in command], check=False
        ).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
