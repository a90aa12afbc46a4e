"""The machine of a benchmark, and the memory of its process (Linux)."""

from __future__ import annotations

import os
import platform
from datetime import date
from importlib.metadata import version
from pathlib import Path


def described(*packages: str) -> str:
    """Return the day, the machine and the versions, as a line above a table."""
    model = Path("/proc/cpuinfo").read_text(encoding="utf-8").partition("model name\t: ")[2]
    versions = ", ".join(f"{package} {version(package)}" for package in packages)
    return (
        f"{date.today()}: {model.partition(chr(10))[0]}, {os.cpu_count()} cores, "  # noqa: DTZ011
        f"load {os.getloadavg()[0]:.1f}; CPython {platform.python_version()}; {versions}"
    )


def resident() -> int:
    """Return the process's memory, in KiB."""
    return _status("VmRSS")


def peak() -> int:
    """Return the most memory that the process has had, in KiB."""
    # Not `ru_maxrss`, which starts at the peak of the process that started this one.
    return _status("VmHWM")


def forget_peak() -> None:
    """Count the peak from here on."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _status(field: str) -> int:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition(f"{field}:")[2].split()[0])
