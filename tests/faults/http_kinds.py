"""What reaches the server over HTTP: heads, bodies and paths, asked in this process."""

import asyncio
import json
from typing import Any

from fastapi import HTTPException

from model_server.adapters.http.app import create
from model_server.adapters.http.gate import Gate
from model_server.adapters.http.jobs import JobLimits, JobQueue
from s2f_blender_addon.core.messages import PROTOCOL, Hello
from tests.model_server.adapters.asgi import Asked, ask

from .kind import ODD_NUMBERS, Kind, Random, damaged, fields
from .pipe_kinds import FRAMES, a_frame

TOKEN = "a-token-for-tests-only"


class _Application:
    """One for all cases; its jobs are never started."""

    _made: Any = None

    @classmethod
    def app(cls) -> Any:
        if cls._made is None:
            hello = Hello(PROTOCOL, "1", "a model", "product", "numpy", "cpu", "all", 1)
            jobs = JobQueue((), 1, JobLimits(most=10**9, spare=1e9))
            cls._made = create(jobs, hello, TOKEN, frozenset({"localhost"}))
        return cls._made


async def _inner(scope: Any, receive: Any, send: Any) -> None:
    """An application that reads its whole body."""
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


GATE = Gate(_inner, TOKEN, lambda method, _: 1000 if method == "POST" else 0, frozenset({"localhost", "127.0.0.1"}))

_LOOP: list[asyncio.AbstractEventLoop] = []


def asked(app: Any, *request: Any, **more: Any) -> Asked:
    if not _LOOP:
        _LOOP.append(asyncio.new_event_loop())
    return _LOOP[0].run_until_complete(ask(app, *request, **more))


NAMED = ("localhost", "localhost:8765", "127.0.0.1", "LOCALHOST")
HOSTS = (*NAMED, "evil.example", "localhost.evil.example", "", "localhost:x", "[::1", "user@localhost",
         "localhost\x00", "ü", "127.1", "0x7f.1", "localhost/x", "localhost?")  # fmt: skip
TOKENS = (f"Bearer {TOKEN}", f"bearer {TOKEN}", f"Bearer  {TOKEN}", TOKEN, f"Bearer {TOKEN} x", f"Bearer {TOKEN[:-1]}",
          "Bearer ", "Basic eA==", "", f"Bearer {TOKEN}\x00", "Bearer ü", f"Bearer {TOKEN.upper()}")  # fmt: skip
ORIGINS = ("http://localhost", "http://evil.example", "null", "", "http://localhost.evil.example", "file://", "http://[")
LENGTHS = ("0", "10", "1000", "1001", "-1", "1e3", "", "9" * 30, "١", "0x10", "1, 1")


def a_head(rng: Random) -> tuple[str, list[tuple[str, str]], int]:
    """(method, headers, bytes of body). Nearly half are right in everything."""
    headers: list[tuple[str, str]] = []
    for name, good, all_of_them in (("host", HOSTS[0], HOSTS), ("authorization", TOKENS[0], TOKENS)):
        for _ in range(rng.choices((0, 1, 2), (1, 12, 1))[0]):
            headers.append((name, good if rng.random() < 0.7 else rng.choice(all_of_them)))
    for name, values in (("origin", ORIGINS), ("sec-fetch-site", ("none", "same-origin", "cross-site", "x"))):
        if rng.random() < 0.2:
            headers.append((name, rng.choice(values)))
    if rng.random() < 0.3:
        headers.append(("content-length", rng.choice(LENGTHS)))
    rng.shuffle(headers)
    method, size = rng.choice(("GET", "POST", "PUT", "DELETE", "X")), rng.choice((0, 0, 10, 1000, 5000))
    return method, [(name, text.encode("utf-8").decode("latin-1")) for name, text in headers], size


def check_head(case: tuple[str, list[tuple[str, str]], int]) -> None:
    method, headers, size = case
    answer = asked(GATE, method, "/x", headers=headers, pieces=[b"x" * 100] * (size // 100))
    of = {name: [v for n, v in headers if n == name] for name in ("host", "authorization", "origin", "content-length")}
    tokens = of["authorization"]
    right = len(tokens) == 1 and tokens[0].lower().startswith("bearer ") and tokens[0][7:].strip() == TOKEN
    named = len(of["host"]) == 1 and of["host"][0] in NAMED
    if not right or not named or any(o.removeprefix("http://") != "localhost" for o in of["origin"]):
        assert answer.status in (401, 403, 421) and answer.read == 0, (case, answer.status)
        assert answer.headers["connection"] == "close" and answer.body.endswith(b'."}')
    elif {"content-length", "transfer-encoding"} <= {name for name, _ in headers}:
        assert answer.status == 400 and answer.read == 0, (case, answer.status)
    elif answer.status == 200:
        assert size <= (1000 if method == "POST" else 99) and not answer.headers.get("connection")
    else:
        assert answer.status in (400, 403, 413), (case, answer.status)


def raises_413(case: tuple[str, list[tuple[str, str]], int]) -> None:
    """The gate counts a body that announced nothing by an exception, which the application turns into its answer."""
    try:
        check_head(case)
    except HTTPException as refused:
        assert refused.status_code == 413 and case[2] >= 100


GOOD = [("host", "localhost"), ("authorization", f"Bearer {TOKEN}"), ("content-type", "application/json")]
JOB_FIELDS = (
    "emotion", "emotion_track", "liveliness", "seed", "fps", "start", "end", "name", "words", "language", "hear",
    "custom_emotions", "x",
)  # fmt: skip


def a_job(rng: Random) -> bytes:
    text = fields(rng, JOB_FIELDS)
    return damaged(rng, text.encode("utf-8", "surrogatepass")) if rng.random() < 0.3 else text.encode()


def check_job(body: bytes) -> None:
    answer = asked(_Application.app(), "POST", "/v1/jobs", headers=GOOD, pieces=[body])
    assert answer.status in (201, 400, 422), (body, answer.status, answer.body)
    said = json.loads(answer.body)
    if answer.status != 201:
        assert isinstance(said["detail"], str) and "\n" not in said["detail"]
    without = asked(_Application.app(), "POST", "/v1/jobs", headers=GOOD[:1], pieces=[body])
    assert without.status == 401 and without.read == 0


def check_request(body: bytes) -> None:
    answer = asked(_Application.app(), "POST", "/v1/requests", headers=GOOD, pieces=[body])
    assert answer.status in (201, 422), (body, answer.status)
    if answer.status == 422:
        detail = json.loads(answer.body)["detail"]
        assert detail.endswith(".") and "\n" not in detail


def a_path(rng: Random) -> tuple[str, str, bytes]:
    parts = ("jobs", "jobs/1", "jobs/1/track", "jobs/%00/events", "..", "jobs/" + "x" * 300, "hello", "", "jobs/ü")
    part = rng.choice(parts)
    query = f"form={rng.choice(('csv', 'frame', 'x', ''))}&intensity={rng.choice((*ODD_NUMBERS, 'nan', '%ED%A0%80'))}"
    return rng.choice(("GET", "PUT", "DELETE", "HEAD", "PATCH")), f"/v1/{part}", query.encode("ascii", "replace")


def check_path(case: tuple[str, str, bytes]) -> None:
    method, path, query = case
    answer = asked(_Application.app(), method, path, headers=GOOD, query=query)
    assert 200 <= answer.status < 500, (case, answer.status)


HTTP_KINDS = (
    Kind("http heads", 200, a_head, raises_413, (
        ("POST", [], 1000), ("POST", [("host", "localhost")], 5000), ("POST", [("authorization", TOKENS[0])], 5000),
        ("POST", [*GOOD[:2], ("origin", "http://evil.example")], 5000), ("POST", [GOOD[0], *GOOD[:2]], 1000),
        ("POST", [*GOOD[:2], ("content-length", "1001")], 5000), ("GET", GOOD[:2], 5000), ("POST", GOOD[:2], 5000),
        ("POST", [("host", "evil.example"), GOOD[1]], 1000), ("POST", [*GOOD[:2], ("content-length", "1, 1")], 10),
        ("POST", [*GOOD[:2], ("content-length", "2"), ("transfer-encoding", "chunked")], 10),
    )),
    Kind("http jobs", 90, a_job, check_job, (
        b"", b"{", b"[]", b"null", b'{"fps":NaN}', b'{"start":1e999}', b'{"start":1e308}', b'{"name":"\\ud800"}',
        b'{"seed":' + b"9" * 5000 + b"}", b"[" * 20_000, b"\xff", b'{"emotion":{"happy":Infinity}}',
        b'{"emotion_track":[[1]]}',
    )),
    Kind("http requests", 90, a_frame, check_request, (
        b"", FRAMES[5], FRAMES[7], FRAMES[0][:-1], b"S2F1" + b"\xff" * 12,
    )),
    Kind("http paths", 40, a_path, check_path, (("GET", "/v1/jobs/1/track", b"intensity=nan"), ("GET", "//", b""))),
)  # fmt: skip
