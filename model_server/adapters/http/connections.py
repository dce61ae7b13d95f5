"""Connections that end: those that say nothing, trickle a request, or do not take their answer, and those too many."""

import asyncio
import json
import logging
import sys
import time
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD = 10.0
"""Seconds within which a request's head must be there, from the connection's beginning or the head's first byte."""

UNREAD = 30.0
"""Seconds that an answer may wait for the other side to take it."""

LINGER = 2.0
"""Seconds in which what still comes of a refused body is thrown away, so that the refusal can be read."""

MOST = 512
"""Connections at once, where the system's limit on descriptors allows as many."""

RESERVED = 64
"""Descriptors that are left for recordings, pipes and libraries."""

_BUSY = json.dumps({"detail": "The server has too many connections; try again in a minute."}).encode()


class BoundedConnection(H11Protocol):
    """uvicorn's, with an end to everything that waits. ``most`` is set before the server starts."""

    most = MOST

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._timer: asyncio.TimerHandle | None = None
        self._unread: asyncio.TimerHandle | None = None
        self._lingers = False
        self._began = self.loop.time()
        super().connection_made(_Lingering(transport, self))  # type: ignore[arg-type]
        if len(self.connections) > self.most and not self._made_room():
            transport.write(
                b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\nconnection: close\r\n"
                b"content-length: %d\r\n\r\n" % len(_BUSY) + _BUSY
            )
            self.transport.close()
            return
        self._timer = self.loop.call_later(HEAD, self._abort)

    def data_received(self, data: bytes) -> None:
        if self._lingers:
            return
        super().data_received(data)
        if not self._waits_for_a_head:
            _cancel(self._timer)
            self._timer = None
        elif self._timer is None:
            self._timer = self.loop.call_later(HEAD, self._abort)

    def connection_lost(self, exc: Exception | None) -> None:
        _cancel(self._timer)
        _cancel(self._unread)
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._unread = self._unread or self.loop.call_later(UNREAD, self._abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        _cancel(self._unread)
        self._unread = None

    def linger(self) -> None:
        """Say that nothing more is said, and wait a moment for the other side to do so, too."""
        if not self._lingers:
            self._lingers = True
            _cancel(self._timer)
            self._timer = self.loop.call_later(LINGER, self._abort)

    @property
    def _waits_for_a_head(self) -> bool:
        return self.cycle is None or bool(self.cycle.response_complete)

    def _made_room(self) -> bool:
        """Whether a connection that has asked for nothing yet, the oldest, was ended in favour of this one."""
        idle = [
            one
            for one in self.connections
            if isinstance(one, BoundedConnection) and one is not self and one._waits_for_a_head
        ]
        if not idle:
            return False
        min(idle, key=lambda one: one._began)._abort()
        return True

    def _abort(self) -> None:
        self.connections.discard(self)  # at once: the transport tells of its end only in the loop's next round
        self.transport.abort()


class _Lingering:
    """A transport that ends in good order: an answer to a body that still comes is not lost in a reset."""

    def __init__(self, transport: asyncio.Transport, connection: BoundedConnection) -> None:
        self._transport = transport
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def close(self) -> None:
        still_coming = self._connection.conn.their_state is h11.SEND_BODY
        if still_coming and self._transport.can_write_eof() and not self._transport.is_closing():
            self._transport.write_eof()
            self._transport.resume_reading()
            self._connection.linger()
        else:
            self._transport.close()


def _cancel(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()


def raise_limits() -> None:
    """Ask the system for as many descriptors as the connections need, and take no more connections than it allows."""
    allowed = MOST + RESERVED
    if sys.platform != "win32":
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = allowed if hard == resource.RLIM_INFINITY else min(allowed, hard)
        if soft != resource.RLIM_INFINITY and soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
        allowed = allowed if soft == resource.RLIM_INFINITY else min(allowed, soft)
    BoundedConnection.most = max(allowed - RESERVED, 8)


class Seldom(logging.Filter):
    """Lets the same message through once in ``seconds``; the next time it says how many were left out."""

    def __init__(self, seconds: float = 60.0) -> None:
        super().__init__()
        self._seconds = seconds
        self._seen: dict[tuple[str, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        key = (record.name, str(record.msg)[:200])
        now = time.monotonic()
        last, left_out = self._seen.get(key, (-self._seconds, 0))
        if now - last < self._seconds:
            self._seen[key] = (last, left_out + 1)
            return False
        if len(self._seen) > 1000:
            self._seen.clear()
        self._seen[key] = (now, 0)
        if left_out:
            record.msg = f"{record.msg} (and {left_out} times more)"
        return True


def keep_quiet() -> None:
    """What a flood of bad requests makes the libraries log, at most once a minute each."""
    for name in ("uvicorn.error", "asyncio"):
        logging.getLogger(name).addFilter(Seldom())
