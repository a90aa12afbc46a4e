"""The service as a process of its own: it starts, answers, and stops without losing a request."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection

import pytest

BODY = json.dumps([{"reference": "Jo Secret", "order_type": "community_order"}]).encode()
REQUEST = (
    b"POST /v1/check/unpaid-work?on=2026-01-15 HTTP/1.1\r\nHost: localhost\r\n"
    b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(BODY)
)
STARTED = 60  # seconds that a busy machine may take


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        found: int = free.getsockname()[1]
    return found


@pytest.fixture
def service(port: int) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "probation_rules", "serve", "--port", str(port)]
    started = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    end = time.monotonic() + STARTED
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            break
        except OSError:
            assert started.poll() is None
            assert time.monotonic() < end
            time.sleep(0.05)
    yield started
    started.kill()
    started.wait()


def test_a_request_that_is_under_way_is_answered_before_the_service_stops(
    service: subprocess.Popen[str], port: int
) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=STARTED) as caller:
        caller.sendall(REQUEST + BODY[:10])
        time.sleep(0.3)
        service.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        caller.sendall(BODY[10:])
        answer = b""
        while piece := caller.recv(65_536):
            answer += piece
    head, _, content = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK")
    assert len(json.loads(content)["reports"]) == 1
    out, err = service.communicate(timeout=STARTED)
    assert service.returncode == 0
    assert out == ""
    first, *lines = err.splitlines()
    assert first == f"Open http://127.0.0.1:{port}/ (stop with Ctrl-C)"
    events = [json.loads(line) for line in lines]
    assert [one["status"] for one in events if one["event"] == "request"] == [200]
    assert "Secret" not in err
    assert "Traceback" not in err


def test_what_is_not_http_is_refused_without_a_trace(
    service: subprocess.Popen[str], port: int
) -> None:
    for words in (b"Jo Secret\r\n\r\n", b"\x16\x03\x01\x02\x00\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", port), timeout=STARTED) as caller:
            caller.sendall(words)
            assert caller.recv(65_536).startswith(b"HTTP/1.1 400")
    connection = HTTPConnection("127.0.0.1", port, timeout=STARTED)
    connection.request("GET", "/health")
    answer = connection.getresponse()
    assert answer.status == 200
    assert answer.getheader("Server") is None
    connection.close()
    service.send_signal(signal.SIGINT)
    _, err = service.communicate(timeout=STARTED)
    assert service.returncode == 0
    assert "Secret" not in err
