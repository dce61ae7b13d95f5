"""The application asked in this process, without a network: as quick as a function, and the body is counted."""

import asyncio
from collections.abc import Iterable
from typing import Any


class Asked:
    """What became of one request: ``status``, ``headers``, ``body``; ``read`` is how much of its body was taken."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = b""
        self.read = 0


async def ask(
    app: Any, method: str, path: str, headers: Iterable[tuple[str, str]] = (), pieces: Iterable[bytes] = (),
    query: bytes = b"",
) -> Asked:  # fmt: skip
    """One request with its body in ``pieces``."""
    asked, left = Asked(), iter(pieces)

    async def receive() -> dict[str, Any]:
        piece = next(left, None)
        if piece is None:
            return {"type": "http.request", "body": b"", "more_body": False}
        asked.read += len(piece)
        return {"type": "http.request", "body": piece, "more_body": True}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            asked.status = message["status"]
            asked.headers = {k.decode().lower(): v.decode() for k, v in message["headers"]}
        else:
            asked.body += message.get("body", b"")

    raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    scope = {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1", "method": method,
        "scheme": "http", "path": path, "raw_path": path.encode(), "query_string": query, "root_path": "",
        "headers": raw, "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8765), "state": {},
    }  # fmt: skip
    await app(scope, receive, send)
    return asked


def asked(app: Any, method: str, path: str, **more: Any) -> Asked:
    """``ask`` from code that is not asynchronous."""
    return asyncio.run(ask(app, method, path, **more))
