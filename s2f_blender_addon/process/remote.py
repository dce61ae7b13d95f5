"""The way to a server: each request in a thread of its own, which sends the sound, follows the job, brings the answer.

What is sent and what comes back are the frames that a model process gets and gives on its pipes.
"""

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
from pathlib import Path
from typing import Any

from ..core import wire
from ..core.messages import Cancelled, Failure, Message, Pcm, PcmEnd, Progress, Request, parse
from . import events
from .connection import Connection, Gone, State
from .server import STOPPING, Refused, Server, sentence

PAUSES = (0.5, 1.0, 2.0, 4.0)
"""Seconds between attempts to follow a job again whose connection broke; the job itself goes on meanwhile."""

SENT = 0.1
"""Where the work begins in the fraction of a job whose sound has to be sent."""

GOODBYE = 0.5
"""Seconds that are left to tell the server about jobs that nobody wants any more."""

_BLOCK = 1 << 17


class Unwanted(Exception):
    """The user cancelled."""


@dataclass(eq=False)
class Errand:
    """A request on its way. ``blocks`` is sound that Blender decoded, where there is any."""

    request: Request
    blocks: list[Pcm] = field(default_factory=list)
    number: str = ""
    unwanted: bool = False
    link: http.client.HTTPConnection | None = None
    thread: threading.Thread | None = None

    def check(self) -> None:
        """Raises Unwanted once the job is cancelled."""
        if self.unwanted:
            raise Unwanted

    def give_up(self) -> None:
        """Nobody waits for it; whatever its thread waits for ends now."""
        self.unwanted = True
        link = self.link
        if link is not None and link.sock is not None:
            with contextlib.suppress(OSError):  # it is closed already
                link.sock.shutdown(socket.SHUT_RDWR)


class RemoteModel(Connection):
    """A model on a server. Nothing here waits for the network but the threads."""

    where: Server

    def __init__(self, where: Server) -> None:
        super().__init__(where)
        self.name = f"The server {where.title}"
        self._errands: dict[int, Errand] = {}
        self._lock = threading.Lock()

    def start(self) -> None:
        """Ask what runs there, in a thread."""
        self.state = State.STARTING
        self._begin(self._greet)

    @property
    def alive(self) -> bool:
        return self.state in (State.STARTING, State.READY)

    def waiting(self) -> int:
        """Nothing: sound in blocks is short and is sent in one piece."""
        return 0

    def send(self, message: Message) -> None:
        """Begin a request whose sound is complete: it has none, it is a file, or this is its end."""
        if isinstance(message, Request):
            errand = Errand(message)
            with self._lock:
                self._errands[message.id] = errand
            if getattr(message, "audio", None) != "":  # else Pcm follows
                errand.thread = self._begin(self._run, errand)
        elif isinstance(message, Pcm | PcmEnd):
            pending = self._errands.get(message.id)
            if pending is not None and isinstance(message, Pcm):
                pending.blocks.append(message)
            elif pending is not None:
                pending.thread = self._begin(self._run, pending)

    def _tell_cancel(self, job: int) -> None:
        """The thread of the job tells the server; here it is over at once."""
        with self._lock:
            errand = self._errands.pop(job, None)
        if errand is not None:
            errand.give_up()
        self._heard.put(Cancelled(job))

    def stop(self) -> None:
        """Let go of every job, and leave a moment to tell the server so."""
        with self._lock:
            errands, self._errands = list(self._errands.values()), {}
        self.state = State.STOPPED
        self._cancelled.clear()
        for errand in errands:
            errand.give_up()
        end = time.monotonic() + GOODBYE
        for errand in errands:
            if errand.thread is not None:
                errand.thread.join(max(end - time.monotonic(), 0.0))

    def kill(self) -> None:
        """As ``stop``, without waiting."""
        with self._lock:
            errands, self._errands = list(self._errands.values()), {}
        for errand in errands:
            errand.give_up()
        self.state = State.STOPPED

    def _begin(self, work: Callable[..., None], *arguments: Any) -> threading.Thread:
        thread = threading.Thread(target=work, args=arguments, name="s2f server", daemon=True)
        thread.start()
        return thread

    def _greet(self) -> None:
        """In a thread: the server's Hello, or why there is none."""
        link = self.where.open()
        try:
            header = events.as_object(self.where.ask(link, "GET", "/v1/hello").read())
            message = parse(wire.Frame(header))
            self._note(f"hello from {message}")
            self._heard.put(message)
        except Exception as error:  # whatever it is, a thread that says nothing would leave the user waiting
            elsewhere = isinstance(error, Refused) and error.status == 404
            self._lose(ValueError("no route /v1/hello") if elsewhere else error)
        finally:
            link.close()

    def _run(self, errand: Errand) -> None:
        """In a thread: one request from its first byte to its answer."""
        try:
            self._hand_over(errand)
            self._follow(errand)
            self._bring(errand)
        except Exception as error:  # see above
            if errand.unwanted:
                self._withdraw(errand)
            else:
                self._fail(errand, error)
        finally:
            with self._lock:
                self._errands.pop(errand.request.id, None)

    def _fail(self, errand: Errand, error: Exception) -> None:
        """Say what went wrong: with this job, or with the server as a whole."""
        self._note(f"job {errand.number}: {type(error).__name__}: {error}")
        if isinstance(error, Refused) and error.status != 401:
            text = sentence(error, self.where)
        elif isinstance(error, OSError) and error.filename is not None:  # the recording, not the network
            text = f"{error.filename} cannot be read ({error.strerror}); choose another sound."
        elif isinstance(error, wire.WireError | ValueError | KeyError | TypeError):
            text = f"{self.name} sent something that cannot be understood ({error}); install the same release on both."
        else:
            self._lose(error)
            return
        self._heard.put(Failure(errand.request.id, text, self.log))

    def _ask(
        self, errand: Errand, method: str, path: str, body: Any = None, size: int | None = None
    ) -> http.client.HTTPResponse:
        """One request of ``errand`` on a connection of its own. Raises Unwanted, too."""
        errand.check()
        errand.link = self.where.open()
        began = time.monotonic()
        answer = self.where.ask(errand.link, method, path, body, size)
        self._note(f"{method} {path} {answer.status}, {time.monotonic() - began:.2f} s")
        errand.check()
        return answer

    def _hand_over(self, errand: Errand) -> None:
        """The request, and its sound if it has any."""
        request = errand.request
        audio = getattr(request, "audio", None)
        if audio is not None:
            options = dict(getattr(request, "options", {}))
            ours: dict[str, Any] = {"audio": ""}
            if audio:
                ours["options"] = {"name": Path(audio).name, **options}
            request = replace(request, **ours)
        body = b"".join(bytes(part) for part in wire.encode(request.to_frame()))
        errand.number = str(events.as_object(self._ask(errand, "POST", "/v1/requests", body).read())["id"])
        if audio is None:
            return
        path = f"/v1/jobs/{errand.number}/sound"
        if audio:
            with open(audio, "rb") as stream:
                size = os.fstat(stream.fileno()).st_size
                self._ask(errand, "PUT", path, self._told(errand, iter(lambda: stream.read(_BLOCK), b""), size), size)
        else:
            sound = wav(errand.blocks)
            self._ask(errand, "PUT", path, self._told(errand, iter(sound), sum(map(len, sound))), sum(map(len, sound)))

    def _told(self, errand: Errand, blocks: Iterator[bytes], size: int) -> Iterator[bytes]:
        """``blocks`` on their way, with progress."""
        sent = 0
        for block in blocks:
            errand.check()
            yield block
            sent += len(block)
            doing = f"Sending the sound: {sent / 1e6:.1f} of {size / 1e6:.1f} MB"
            self._heard.put(Progress(errand.request.id, SENT * sent / size, doing))

    def _follow(self, errand: Errand) -> None:
        """Progress until the job is over. A connection that breaks is made anew, since the job goes on over there."""
        failed, last = 0, SENT
        while True:
            try:
                answer = self._ask(errand, "GET", f"/v1/jobs/{errand.number}/events")
                for name, status in events.read(answer):
                    errand.check()
                    if name == "cancelled":
                        raise Refused(STOPPING, "")
                    if name != "progress":
                        return
                    failed, last = 0, SENT + (1 - SENT) * float(status["fraction"])
                    self._heard.put(Progress(errand.request.id, last, _doing(status)))
                raise http.client.RemoteDisconnected("the events ended too early")
            except (OSError, http.client.HTTPException) as error:
                errand.check()
                if failed == len(PAUSES):
                    raise
                self._note(f"job {errand.number}: {type(error).__name__}: {error}; once more")
                self._heard.put(Progress(errand.request.id, last, "The connection broke; trying again"))
                _wait(PAUSES[failed], errand)
                failed += 1

    def _bring(self, errand: Errand) -> None:
        body = self._ask(errand, "GET", f"/v1/jobs/{errand.number}/answer").read()
        frame = wire.read(io.BytesIO(body))
        if frame is None:
            raise wire.WireError("the answer is empty")
        message = parse(frame)
        if getattr(message, "id", None) != errand.request.id:
            raise wire.WireError("the answer is another job's")
        self._heard.put(message)

    def _withdraw(self, errand: Errand) -> None:
        """Tell the server that nobody waits any more. Where that fails, it forgets the job by itself."""
        if not errand.number:
            return
        link = self.where.open()
        try:
            self.where.ask(link, "DELETE", f"/v1/jobs/{errand.number}").read()
        except (Refused, OSError, http.client.HTTPException) as error:
            self._note(f"job {errand.number} cannot be withdrawn: {error}")
        finally:
            link.close()

    def _lose(self, error: Exception) -> None:
        self._note(f"{type(error).__name__}: {error}")
        self._heard.put(Gone(sentence(error, self.where)))

    def _note(self, line: str) -> None:
        self._log.append(line)


def _doing(status: dict[str, Any]) -> str:
    """What the panel shows of a job's status."""
    ahead = int(status["ahead"])
    if ahead:
        return f"Waiting for {ahead} other job{'s' if ahead > 1 else ''} on the server"
    return str(status["doing"])


def _wait(seconds: float, errand: Errand) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        errand.check()
        time.sleep(0.02)


def wav(blocks: list[Pcm]) -> list[bytes]:
    """A mono WAV file of 32-bit floats, in pieces (WAVE_FORMAT_IEEE_FLOAT is 3)."""
    data = [block.samples.astype("<f4", copy=False).tobytes() for block in blocks]
    rate, size = blocks[0].rate if blocks else 16000, sum(map(len, data))
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 3, 1, rate, rate * 4, 4, 32)
    head = struct.pack("<4sI4s", b"RIFF", 4 + len(form) + 8 + size, b"WAVE")
    return [head + form + struct.pack("<4sI", b"data", size), *data]
