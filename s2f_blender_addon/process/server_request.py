"""One request to a server: the sound goes there, the job is followed, the answer comes back. Runs in a thread."""

import contextlib
import http.client
import io
import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from ..core import wire
from ..core.json_object import JsonObject
from ..core.messages import Ask, Message, Pcm, Progress, Soundless, parse
from . import events
from .server import MOST, MOST_WORDS, STOPPING, Body, Refused, ServerAddress, whole

PAUSES = (0.5, 1.0, 2.0, 4.0)
"""Seconds between attempts to follow a job again whose connection broke; the job itself goes on meanwhile."""

SENT = 0.1
"""Where the work begins in the fraction of a job whose sound has to be sent."""

_BLOCK = 1 << 17


class Unwanted(Exception):
    """The user cancelled."""


@dataclass(eq=False)
class ServerRequest:
    """What is asked, on its way to ``server``. ``blocks`` is sound that Blender decoded, where there is any.

    ``tell`` takes progress, ``note`` lines for a report. ``number`` is the job's name over there, once it has one.
    """

    server: ServerAddress
    ask: Ask
    tell: Callable[[Progress], None]
    note: Callable[[str], None]
    blocks: list[Pcm] = field(default_factory=list)
    number: str = ""
    unwanted: bool = False
    thread: threading.Thread | None = None
    _link: http.client.HTTPConnection | None = None

    def give_up(self) -> None:
        """Nobody waits for it; whatever its thread waits for ends now."""
        self.unwanted = True
        link = self._link
        if link is not None and link.sock is not None:
            with contextlib.suppress(OSError):  # it is closed already
                link.sock.shutdown(socket.SHUT_RDWR)

    def run(self) -> Message:
        """The answer. Raises Refused, OSError, HTTPException, WireError, ValueError, KeyError, TypeError, Unwanted."""
        self._hand_over()
        self._follow()
        body = whole(self._ask("GET", f"/v1/jobs/{self.number}/answer"), MOST)
        frame = wire.read(io.BytesIO(body))
        if frame is None:
            raise wire.WireError("the answer is empty")
        message = parse(frame)
        if getattr(message, "id", None) != self.ask.id:
            raise wire.WireError("the answer is another job's")
        return message

    def withdraw(self) -> None:
        """Tell the server that nobody waits any more. Where that fails, it forgets the job by itself."""
        if not self.number:
            return
        link = self.server.open()
        try:
            whole(self.server.ask(link, "DELETE", f"/v1/jobs/{self.number}"), MOST_WORDS)
        except (Refused, OSError, http.client.HTTPException) as error:
            self.note(f"job {self.number} cannot be withdrawn: {error}")
        finally:
            link.close()

    @property
    def audio(self) -> str | None:
        """The path of its sound, empty where Pcm brings it; None where there is no sound in it."""
        return None if isinstance(self.ask, Soundless) else self.ask.request.audio

    def _check(self) -> None:
        if self.unwanted:
            raise Unwanted

    def _ask(self, method: str, path: str, body: Body = None, size: int | None = None) -> http.client.HTTPResponse:
        """One request on a connection of its own."""
        self._check()
        self._link = self.server.open()
        began = time.monotonic()
        answer = self.server.ask(self._link, method, path, body, size)
        self.note(f"{method} {path} {answer.status}, {time.monotonic() - began:.2f} s")
        self._check()
        return answer

    def _hand_over(self) -> None:
        """The request, and its sound if it has any."""
        ask, audio = self.ask, self.audio
        if not isinstance(ask, Soundless):  # a path means nothing over there
            ask = replace(ask, request=replace(ask.request, audio=""))
        body = b"".join(bytes(part) for part in wire.encode(ask.to_frame()))
        self.number = str(events.as_object(whole(self._ask("POST", "/v1/requests", body), MOST_WORDS))["id"])
        if audio:
            with open(audio, "rb") as stream:
                self._send(iter(lambda: stream.read(_BLOCK), b""), os.fstat(stream.fileno()).st_size)
        elif audio is not None:
            sound = wav(self.blocks)
            self._send(iter(sound), sum(map(len, sound)))

    def _send(self, blocks: Iterator[bytes], size: int) -> None:
        """The sound, ``size`` bytes."""

        def told() -> Iterator[bytes]:
            sent = 0
            for block in blocks:
                self._check()
                yield block
                sent += len(block)
                doing = f"Sending the sound: {sent / 1e6:.1f} of {size / 1e6:.1f} MB"
                self.tell(Progress(self.ask.id, SENT * sent / size, doing))

        self._ask("PUT", f"/v1/jobs/{self.number}/sound", told(), size)

    def _follow(self) -> None:
        """Progress until the job is over. A connection that breaks is made anew, since the job goes on over there."""
        failed, last = 0, SENT
        while True:
            try:
                answer = self._ask("GET", f"/v1/jobs/{self.number}/events")
                for name, status in events.read(answer):
                    self._check()
                    if name == "cancelled":
                        raise Refused(STOPPING, "")
                    if name != "progress":
                        return
                    failed, last = 0, SENT + (1 - SENT) * float(status["fraction"])
                    self.tell(Progress(self.ask.id, last, _doing(status)))
                raise http.client.RemoteDisconnected("the events ended too early")
            except (OSError, http.client.HTTPException) as error:
                self._check()
                if failed == len(PAUSES):
                    raise
                self.note(f"job {self.number}: {type(error).__name__}: {error}; once more")
                self.tell(Progress(self.ask.id, last, "The connection broke; trying again"))
                self._wait(PAUSES[failed])
                failed += 1

    def _wait(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._check()
            time.sleep(0.02)


def _doing(status: JsonObject) -> str:
    """What the panel shows of a job's status."""
    ahead = int(status["ahead"])
    if ahead:
        return f"Waiting for {ahead} other job{'s' if ahead > 1 else ''} on the server"
    return str(status["doing"])


def wav(blocks: list[Pcm]) -> list[bytes]:
    """A mono WAV file of 32-bit floats, in pieces (WAVE_FORMAT_IEEE_FLOAT is 3)."""
    data = [block.samples.astype("<f4", copy=False).tobytes() for block in blocks]
    rate, size = blocks[0].rate if blocks else 16000, sum(map(len, data))
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 3, 1, rate, rate * 4, 4, 32)
    head = struct.pack("<4sI4s", b"RIFF", 4 + len(form) + 8 + size, b"WAVE")
    return [head + form + struct.pack("<4sI", b"data", size), *data]
