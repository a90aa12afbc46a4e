"""Measure how much the service answers on this computer, next to two peers: requests a second, times, memory.

    python benchmarks/service.py --seconds 5

The caller runs on the same computer and takes processor time from the service. Each service in turn
gets the same orders over kept-alive connections, one order or a thousand in a request, and answers
with one process and with two. Then the library's service gets many requests and bad ones, and its
memory is measured.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import machine
from attrs import asdict, frozen
from conditions import RULES, prepared
from orders import ON, orders

HERE = Path(__file__).resolve().parent
BIN = Path(sys.executable).parent
CONNECTIONS = 8
BATCH = 1_000
PACKAGES = ("starlette", "uvicorn", "zen-engine", "OpenFisca-Core")


@frozen
class Service:
    """A service to ask.

    Attributes:
        command: Returns the command that starts it, for a port and a number of processes.
        path: Where to send orders.
        body: Makes the body of a request from orders.
        most: The most orders of a request.
    """

    command: Callable[[int, int], list[str]]
    path: str
    body: Callable[[Sequence[Any]], Any]
    most: int = BATCH


def _library(cases: Sequence[Any]) -> Any:
    return [{name: one for name, one in asdict(case).items() if one is not None} for case in cases]


def _openfisca(cases: Sequence[Any]) -> Any:
    day = ON.isoformat()
    wanted = {f"upw_{key}": {day: None} for key in RULES if key != "stage"} | {"stage": {day: None}}
    found = {}
    for place, case in enumerate(cases):
        facts = {name: {"ETERNITY": one} for name, one in asdict(case).items() if one is not None}
        facts.pop("reference")
        found[str(place)] = facts | wanted
    return {"orders": found}


SERVICES = {
    "probation-rules serve": Service(
        lambda port, workers: [
            str(BIN / "probation-rules"), "serve", "--port", str(port), "--workers", str(workers),
        ],
        f"/v1/check/unpaid-work?on={ON}",
        _library,
    ),
    "zen-engine behind the same server": Service(
        lambda port, workers: [
            sys.executable, "-m", "uvicorn", "--factory", "served_peers:zen", "--port", str(port),
            "--workers", str(workers), "--no-access-log", "--log-level", "warning",
        ],
        "/check",
        lambda cases: [prepared(case, ON) for case in cases],
    ),
    "OpenFisca's web API": Service(
        lambda port, workers: [
            sys.executable, "-m", "gunicorn", "served_peers:openfisca_api()", "--bind",
            f"127.0.0.1:{port}", "--workers", str(workers), "--timeout", "600", "--log-level", "warning",
        ],
        "/calculate",
        _openfisca,
    ),
}  # fmt: skip


# --- Start and ask ------------------------------------------------------------------------------


@contextmanager
def running(service: Service, workers: int) -> Iterator[tuple[int, int]]:
    """Run a service, and yield its port and its process."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = service.command(port, workers)
    with subprocess.Popen(command, cwd=HERE, stderr=subprocess.DEVNULL) as process:  # noqa: S603
        try:
            _wait(port, process)
            yield port, process.pid
        finally:
            process.send_signal(signal.SIGTERM)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        try:
            with urlopen(f"http://127.0.0.1:{port}/health", timeout=60):
                return
        except OSError as error:
            if getattr(error, "code", None) is not None:  # it answers, without such a page
                return
            time.sleep(0.2)
    raise RuntimeError("the service does not start")


def request(path: str, body: bytes) -> bytes:
    """Return a whole request."""
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def _ask(
    port: int, some: Iterator[bytes], is_over: Callable[[], bool]
) -> list[tuple[float, int]]:
    """Ask over one connection until it is over; return the seconds and the status of each answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 26)
    found = []
    while not is_over():
        began = time.perf_counter()
        writer.write(next(some))
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length:")[2].split(b"\r", 1)[0])
        await reader.readexactly(length)
        found.append((time.perf_counter() - began, int(head.split()[1])))
        if b"connection: close" in head:
            writer.close()
            reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 26)
    writer.close()
    return found


async def asked(
    port: int, requests: Sequence[bytes], connections: int, *, seconds: float = 0.0, number: int = 0
) -> list[tuple[float, int]]:
    """Ask until a number of seconds has passed, or a number of requests is answered."""
    end, left = time.perf_counter() + seconds, iter(range(number))

    def is_over() -> bool:
        return next(left, None) is None if number else time.perf_counter() > end

    some = cycle(requests)
    found = await asyncio.gather(*(_ask(port, some, is_over) for _ in range(connections)))
    return [one for each in found for one in each]


def processor(pid: int) -> float:
    """Return the processor time that a process and its children have taken, in seconds."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except OSError:  # it ended meanwhile
        return 0.0
    own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return own + sum(processor(int(child)) for child in children)


def row(
    name: str, workers: int, size: int, found: list[tuple[float, int]], took: float, used: float
) -> str:
    """Return a row of the table."""
    assert {status for _, status in found} == {200}, {status for _, status in found}
    times = sorted(seconds * 1_000 for seconds, _ in found)
    p50, p95, p99 = (times[int(len(times) * share)] for share in (0.5, 0.95, 0.99))
    rate = len(times) / took
    each = 1_000 * used / len(times) / size
    figures = (
        f"{rate:,.1f} | {rate * size:,.0f} | {p50:,.1f} | {p95:,.1f} | {p99:,.1f} | {each:,.2f}"
    )
    return f"| {name} | {workers} | {size:,} | {figures} |"


def measured(name: str, workers: int, size: int, seconds: float) -> str:
    """Return the row of one service, for a number of processes and of orders in a request."""
    service = SERVICES[name]
    every = orders(BATCH if size > 1 else 200)
    bodies = [every] if size > 1 else [[one] for one in every]
    requests = [
        request(service.path, json.dumps(service.body(some), default=str).encode())
        for some in bodies
    ]
    with running(service, workers) as (port, pid):
        connections = CONNECTIONS if size == 1 else 2
        asyncio.run(
            asked(port, requests, connections, number=connections if size > 1 else 4 * connections)
        )  # warm
        began, before = time.perf_counter(), processor(pid)
        found = asyncio.run(asked(port, requests, connections, seconds=seconds))
        took, used = time.perf_counter() - began, processor(pid) - before
        return row(name, workers, size, found, took, used)


# --- Memory -------------------------------------------------------------------------------------


def resident(pid: int) -> float:
    """Return the memory of a process, in MB."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def memory(number: int) -> None:
    """Print the memory of the library's service after more and more requests, good and bad."""
    service = SERVICES["probation-rules serve"]
    good = [
        request(service.path, json.dumps(_library([one]), default=str).encode())
        for one in orders(200)
    ]
    bad = [
        request(service.path, body)
        for body in (b"", b"[{", b"[" * 9_000, b'[{"extended": 1}]', b"\xff" * 5_000)
    ]
    with running(service, 1) as (port, pid):
        done = 0
        for total in (number // 10, number // 2, number):
            asyncio.run(asked(port, good, CONNECTIONS, number=total - done))
            done = total
            print(f"after {total:,} requests: {resident(pid):,.1f} MB", flush=True)
        before = _answer(port, good[0])
        found = asyncio.run(asked(port, bad, CONNECTIONS, number=1_000))
        statuses = sorted({status for _, status in found})
        print(
            f"after 1,000 bad requests ({', '.join(map(str, statuses))}): {resident(pid):,.1f} MB"
        )
        print(f"the same answer as before: {_answer(port, good[0]) == before}")


def _answer(port: int, whole: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(whole.replace(b"Host:", b"Connection: close\r\nHost:", 1))
        found = b""
        while piece := connection.recv(1 << 16):
            found += piece
    return found.partition(b"\r\n\r\n")[2]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5, help="for each row")
    parser.add_argument(
        "--requests", type=int, default=100_000, help="for the memory; 0 leaves it out"
    )
    parser.add_argument("--only", choices=list(SERVICES), help="one service")
    given = parser.parse_args()
    os.environ["PYTHONPATH"] = str(HERE)
    print(machine.described(*PACKAGES))
    print(
        "\n| service | processes | orders a request | requests a second | orders a second | p50 ms | p95 ms | p99 ms | processor ms an order |"
    )
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    for name in [given.only] if given.only else SERVICES:
        for size in (1, BATCH):
            for workers in (1, 2):
                print(measured(name, workers, size, given.seconds), flush=True)
    if given.requests:
        print()
        memory(given.requests)


if __name__ == "__main__":
    main()
