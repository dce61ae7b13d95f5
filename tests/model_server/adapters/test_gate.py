"""Before the token nothing is read, and no web page, no slow and no silent client holds the server."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn

from model_server.adapters.http import connections, gate
from model_server.adapters.http.app import create
from model_server.adapters.http.connections import BoundedConnection, Seldom, raise_limits
from model_server.adapters.http.jobs import JobQueue
from s2f_blender_addon.core.messages import PROTOCOL, Hello
from tests.serving import TOKEN

from .asgi import Asked, asked

NAMES = frozenset({"localhost", "127.0.0.1", "::1", "studio.example"})
GOOD = (("host", "127.0.0.1:8765"), ("authorization", f"Bearer {TOKEN}"))
HUGE = [b"x" * (1 << 20)] * 64


@pytest.fixture(scope="module")
def app() -> Iterator[Any]:
    jobs = JobQueue()
    yield create(jobs, Hello(PROTOCOL, "1", "a model", "product", "numpy", "cpu", "all", 1), TOKEN, NAMES)
    jobs.close()


def without(name: str, *instead: tuple[str, str]) -> list[tuple[str, str]]:
    return [header for header in GOOD if header[0] != name] + list(instead)


def posted(app: Any, body: str | bytes, path: str = "/v1/jobs") -> Asked:
    content = body if isinstance(body, bytes) else body.encode("utf-8", "surrogatepass")
    return asked(app, "POST", path, headers=[*GOOD, ("content-type", "application/json")], pieces=[content])


@pytest.mark.parametrize("path", ["/v1/jobs", "/v1/requests", "/v1/jobs/1/sound", "/docs", "/nothing"])
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (without("authorization"), 401),
        (without("authorization", ("authorization", "Bearer wrong")), 401),
        (without("authorization", ("authorization", f"Basic {TOKEN}")), 401),
        (without("authorization", ("authorization", f"Bearer {TOKEN}\x00")), 401),
        (without("authorization", ("authorization", "Bearer ü")), 401),
        ([*GOOD, GOOD[1]], 401),
        (without("host"), 421),
        (without("host", ("host", "evil.example")), 421),
        (without("host", ("host", "127.0.0.1.evil.example:8765")), 421),
        (without("host", ("host", "evil.example@127.0.0.1:x")), 421),
        ([*GOOD, GOOD[0]], 421),
        ([*GOOD, ("origin", "https://evil.example")], 403),
        ([*GOOD, ("origin", "null")], 403),
        ([*GOOD, ("sec-fetch-site", "cross-site")], 403),
        ([*GOOD, ("content-length", str(1 << 40))], 413),
        ([*GOOD, ("content-length", "-1")], 400),
        ([*GOOD, ("content-length", "9" * 5000)], 400),
    ],
)
def test_who_may_not_ask_is_refused_before_a_byte_of_the_body(
    app: Any, path: str, headers: list[tuple[str, str]], status: int
) -> None:
    method = "PUT" if path.endswith("sound") else "POST"
    refused = asked(app, method, path, headers=headers, pieces=HUGE)
    assert (refused.status, refused.read) == (status, 0)
    assert json.loads(refused.body)["detail"].endswith(".")
    assert refused.headers["connection"] == "close"


def test_all_its_own_names_may_be_used(app: Any) -> None:
    for host in ("localhost", "LOCALHOST:1", "[::1]:8765", "studio.example", "127.0.0.1"):
        assert asked(app, "GET", "/v1/hello", headers=without("host", ("host", host))).status == 200
    own = [*GOOD, ("origin", "http://127.0.0.1:8765"), ("sec-fetch-site", "same-origin")]
    assert asked(app, "GET", "/v1/hello", headers=own).status == 200


def test_a_body_in_pieces_ends_where_it_is_too_long(app: Any) -> None:
    """Its length is not announced."""
    for path, most in (("/v1/jobs", 16 << 20), ("/v1/jobs/1/track", 0)):
        refused = asked(app, "POST", path, headers=GOOD, pieces=[b" " * (1 << 20)] * 40)
        assert refused.status in (413, 405, 422) and refused.read <= most + (2 << 20)
        assert refused.status == (413 if most else 405)


def test_malformed_json_is_told_to_those_with_the_token_alone(app: Any) -> None:
    for body in ("{", "[" * 100_000, "\ud800", '{"seed": ' + "1" * 9000 + "}"):
        raw = body.encode("utf-8", "surrogatepass")
        assert asked(app, "POST", "/v1/jobs", headers=without("authorization"), pieces=[raw]).status == 401
        assert posted(app, body).status in (400, 422)


@pytest.mark.parametrize(
    "body",
    [
        '{"fps": NaN}', '{"fps": Infinity}', '{"start": 1e999}', '{"start": 1e308}', '{"start": -0.1}',
        '{"end": 1e300}',
        '{"emotion": {"happy": NaN}}', '{"emotion": {"happy": -Infinity}}', '{"emotion_track": [[NaN,0,0,0,0,0,0,0]]}',
        '{"liveliness": {"blinks": NaN}}', '{"seed": 1e999}', '{"seed": ' + "9" * 400 + "}", '{"name": "\\ud800"}',
        '{"language": "\\udfff"}', '{"words": [{"text": "\\ud83d"}]}', '{"words": [{"text": "a", "start": NaN}]}',
        '{"emotion": {"\\ud800": 1}}', '{"fps": "1e999"}', '[]', '"x"', "null",
    ],
)  # fmt: skip
def test_numbers_and_letters_that_are_none_get_422(app: Any, body: str) -> None:
    refused = posted(app, body)
    assert refused.status == 422, refused.body
    assert json.loads(refused.body)["detail"].endswith(".")


@pytest.mark.parametrize("intensity", ["nan", "inf", "-1", "1e999", "3", "x", "%ED%A0%80"])
def test_an_intensity_that_is_none_gets_422(app: Any, intensity: str) -> None:
    refused = asked(app, "GET", "/v1/jobs/1/track", headers=GOOD, query=f"form=csv&intensity={intensity}".encode())
    assert refused.status == 422


# -- connections ------------------------------------------------------------------------------------------------------


@pytest.fixture
def port(app: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The application behind real sockets, with clocks that run ten times as fast."""
    for module, name, seconds in (
        (connections, "HEAD", 1.0), (connections, "UNREAD", 1.0), (connections, "LINGER", 0.5), (gate, "SILENCE", 1.0),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, seconds)
    config = uvicorn.Config(
        app, http=BoundedConnection, ws="none", log_level="critical", lifespan="off", timeout_keep_alive=1
    )
    server = uvicorn.Server(config)
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    server.should_exit = True
    thread.join(10)


def connected(port: int) -> socket.socket:
    link = socket.create_connection(("127.0.0.1", port))
    link.settimeout(20)
    return link


def ends(link: socket.socket) -> bytes:
    """What comes until the other side ends the connection."""
    said = b""
    while True:
        try:
            part = link.recv(65536)
        except (ConnectionResetError, BrokenPipeError):
            return said
        if not part:
            return said
        said += part


HEAD = f"POST /v1/jobs HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: %d\r\n\r\n"


def trickling(port: int, content: bytes, pause: float = 0.1) -> float:
    """Seconds until the server ends a connection on which ``content`` comes a byte at a time."""
    link, began = connected(port), time.monotonic()
    link.settimeout(pause)
    for byte in content:
        try:
            link.send(bytes([byte]))
            if not link.recv(1000):
                break
        except TimeoutError:
            continue
        except OSError:
            break
    return time.monotonic() - began


def test_a_connection_that_says_nothing_ends(port: int) -> None:
    links = [connected(port) for _ in range(100)]
    began = time.monotonic()
    assert [ends(link) for link in links] == [b""] * 100
    assert time.monotonic() - began < 5


def test_a_head_that_trickles_ends(port: int) -> None:
    assert trickling(port, b"GET / HTTP/1.1\r\nX: " + b"x" * 1000) < 5


def test_a_second_head_that_trickles_ends(port: int) -> None:
    link = connected(port)
    link.sendall(f"GET /v1/hello HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n\r\nGET / ".encode())
    began = time.monotonic()
    assert b"200 OK" in ends(link)
    assert time.monotonic() - began < 5


def test_a_body_that_stops_ends_with_a_sentence(port: int) -> None:
    link = connected(port)
    link.sendall((HEAD % 1000).encode() + b"{")
    said = ends(link)
    assert b" 408 " in said and b"stopped coming" in said


def test_a_body_that_trickles_ends(port: int) -> None:
    assert trickling(port, (HEAD % 10_000).encode() + b" " * 10_000, pause=0.005) < 8


def test_a_refusal_is_read_by_whoever_is_still_sending(port: int) -> None:
    link = connected(port)
    link.sendall(b"POST /v1/jobs HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 8000000\r\n\r\n")
    for _ in range(100):
        link.sendall(b"x" * 80_000)
    said = ends(link)
    assert b" 401 " in said and b"token" in said


def test_an_answer_that_nobody_takes_ends(port: int) -> None:
    """Asked for again and again, and never read."""
    link = connected(port)
    link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    one = f"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n\r\n".encode()
    began = time.monotonic()
    link.settimeout(10)

    def ask_for_ever() -> None:
        while time.monotonic() - began < 30:
            link.sendall(one * 100)

    with pytest.raises((ConnectionResetError, BrokenPipeError)):
        ask_for_ever()
    assert time.monotonic() - began < 15


def test_when_there_are_too_many_the_oldest_silent_one_goes(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD", 30.0)
    monkeypatch.setattr(BoundedConnection, "most", 20)
    silent = [connected(port) for _ in range(60)]
    link = connected(port)
    link.sendall(f"GET /v1/hello HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n\r\n".encode())
    assert link.recv(1000).startswith(b"HTTP/1.1 200")
    assert ends(silent[0]) == b""
    for one in silent:
        one.close()


def test_no_web_socket_is_opened(port: int) -> None:
    link = connected(port)
    link.sendall(
        b"GET /v1/hello HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    assert b" 401 " in ends(link)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_descriptors_are_asked_for_and_connections_stay_below_them() -> None:
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (100, 256)); "
        "from model_server.adapters.http.connections import *; raise_limits(); "
        "print(resource.getrlimit(resource.RLIMIT_NOFILE)[0], BoundedConnection.most)"
    )
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root).stdout
    assert said.split() == ["256", "192"]
    assert callable(raise_limits)


def test_the_same_complaint_is_logged_seldom(caplog: pytest.LogCaptureFixture) -> None:
    import logging

    log = logging.getLogger("s2f test")
    log.addFilter(Seldom(3.0))
    for _ in range(1000):
        log.warning("Invalid HTTP request received.")
    time.sleep(3.0)
    log.warning("Invalid HTTP request received.")
    assert caplog.messages == ["Invalid HTTP request received.", "Invalid HTTP request received. (and 999 times more)"]


