"""Who may ask what, decided by a request's head alone: before this lets it through, not a byte of its body is read.

In this order: the name under which the server was reached, a web page that asks in somebody's browser, the token, and
the size. Then the body comes in at a pace that ends, and never more of it than was allowed.
"""

import asyncio
import contextlib
import json
import re
import secrets
import time
from collections.abc import Callable

from fastapi import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SILENCE = 30.0
"""Seconds that a body may pause."""

SLOWEST = 1024
"""Bytes a second that a body brings on average, once it has taken longer than SILENCE."""

_HOST = re.compile(rb"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?")

WRONG_TOKEN = "The token is missing or wrong; use the one that s2f serve printed."

Allowance = Callable[[str, str], int]
"""The bytes that the body of a request may have, by method and path."""


class Gate:
    """Around an ``app``. ``names``: the hosts as which it may be asked, None for any."""

    def __init__(self, app: ASGIApp, token: str, allowance: Allowance, names: frozenset[str] | None) -> None:
        self._app = app
        self._token = token.encode()
        self._allowance = allowance
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return  # no WebSocket is served
        head = _RequestHeaders(scope)
        most = self._allowance(scope["method"], scope["path"])
        refusal = self._refusal(head, most)
        if refusal is not None:
            await _refuse(send, *refusal)
            return
        with contextlib.suppress(ClientDisconnect):  # it left in the middle of its body: nobody is there to be told
            await self._app(scope, _bounded(receive, most), send)

    def _refusal(self, head: "_RequestHeaders", most: int) -> tuple[int, str] | None:
        """(status, sentence) of what may not come in."""
        host = head.host
        if host is None or (self._names is not None and host not in self._names):
            return 421, "This server does not know itself by this name; name it with s2f serve --name."
        if not head.is_of_our_own(host):
            return 403, "Web pages may not ask this server; a program with the token may."
        if not secrets.compare_digest(head.token, self._token):
            return 401, WRONG_TOKEN
        size = head.size
        if head.tells_two_lengths:  # a proxy may believe the other one
            return 400, "The length of the body is told in two ways; leave Content-Length out."
        if size is None:
            return 400, "The length of the body is no number."
        if size > most:
            return 413, too_large(most)
        return None


def too_large(most: int) -> str:
    """The sentence for a body of more than ``most`` bytes."""
    if not most:
        return "This request has no body; leave it out."
    return f"The body may have {most >> 20} MB; send a recording as FLAC, a request for a shorter range."


class _RequestHeaders:
    """What the headers of a request say."""

    def __init__(self, scope: Scope) -> None:
        self._headers: dict[bytes, list[bytes]] = {}
        for name, value in scope["headers"]:
            self._headers.setdefault(name.lower(), []).append(value.strip())

    def _only(self, name: bytes) -> bytes | None:
        """The value of the header ``name``; None where there is none, or are several."""
        values = self._headers.get(name, [])
        return values[0] if len(values) == 1 else None

    @property
    def host(self) -> str | None:
        """The name in Host, without its port."""
        return _name_in(self._only(b"host") or b"")

    def is_of_our_own(self, host: str) -> bool:
        """Whether no browser says that a page from elsewhere asks."""
        if self._headers.get(b"sec-fetch-site", [b"none"])[0] not in (b"none", b"same-origin"):
            return False
        origins = self._headers.get(b"origin", [])
        return all(_name_in(origin.partition(b"://")[2]) == host for origin in origins)

    @property
    def token(self) -> bytes:
        """The bearer token; empty where there is none."""
        scheme, _, token = (self._only(b"authorization") or b"").partition(b" ")
        return token.strip() if scheme.lower() == b"bearer" else b""

    @property
    def tells_two_lengths(self) -> bool:
        """Whether the body has a length and comes in pieces, which tell theirs."""
        return b"content-length" in self._headers and b"transfer-encoding" in self._headers

    @property
    def size(self) -> int | None:
        """The announced bytes of the body, 0 where it comes in pieces; None where that is no number."""
        if b"content-length" not in self._headers:
            return 0
        said = self._only(b"content-length") or b""
        return int(said) if said.isdigit() and len(said) < 20 else None


def _name_in(address: bytes) -> str | None:
    """The host in HOST or HOST:PORT, lower case, without the brackets of IPv6; None for anything else."""
    found = _HOST.fullmatch(address)
    return found[1].strip(b"[]").lower().decode() if found else None


async def _refuse(send: Send, status: int, sentence: str) -> None:
    """Answer and end the connection, so that the body need not be read."""
    body = json.dumps({"detail": sentence}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()),
               (b"connection", b"close")]  # fmt: skip
    if status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _bounded(receive: Receive, most: int) -> Receive:
    """``receive``, which raises HTTPException for a body of more than ``most`` bytes or one that does not come."""
    began, received, whole = time.monotonic(), 0, False

    async def bounded() -> Message:
        nonlocal received, whole
        if whole:
            return await receive()  # waits for the other side to leave
        try:
            message = await asyncio.wait_for(receive(), SILENCE)
        except TimeoutError:
            raise _ended(408, "The body stopped coming; send it again.") from None
        received += len(message.get("body", b""))
        whole = not message.get("more_body", False)
        if received > most:
            raise _ended(413, too_large(most))
        taken = time.monotonic() - began
        if not whole and taken > SILENCE and received < taken * SLOWEST:
            raise _ended(408, "The body comes too slowly; send it as FLAC or over a faster network.")
        return message

    return bounded


def _ended(status: int, sentence: str) -> HTTPException:
    return HTTPException(status, sentence, {"Connection": "close"})
