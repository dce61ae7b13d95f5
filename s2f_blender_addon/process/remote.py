"""The way to a server, over HTTP: each request is an errand in a thread of its own.

What is sent and what comes back are the frames that a model process gets and gives on its pipes.
"""

import threading
import time
from collections.abc import Callable
from typing import Any

from ..core import wire
from ..core.messages import Ask, Cancelled, Failure, Message, Pcm, PcmEnd, parse
from . import events
from .connection import Connection, Gone, State
from .errand import Errand
from .server import MOST_WORDS, Refused, Server, sentence, whole

PATIENCE = 60.0
"""Seconds within which a server must have said who it is, however slowly it speaks."""

GOODBYE = 0.5
"""Seconds that are left to tell the server about jobs that nobody wants any more."""


class RemoteModel(Connection):
    """A model on a server. Nothing here waits for the network but the threads."""

    where: Server

    def __init__(self, where: Server) -> None:
        super().__init__(where)
        self.name = f"The server {where.title}"
        self._errands: dict[int, Errand] = {}
        self._deadline = 0.0
        self._lock = threading.Lock()

    def start(self) -> None:
        """Ask what runs there, in a thread."""
        self.state = State.STARTING
        self._deadline = time.monotonic() + PATIENCE
        _begin(self._greet)

    def _late(self) -> str:
        if self.state is State.STARTING and time.monotonic() > self._deadline:
            return sentence(TimeoutError(), self.where)
        return ""

    @property
    def alive(self) -> bool:
        return self.state in (State.STARTING, State.READY)

    def waiting(self) -> int:
        """Nothing: sound in blocks is short and is sent in one piece."""
        return 0

    def send(self, message: Message) -> None:
        """Begin a request whose sound is complete: it has none, it is a file, or this is its end."""
        if isinstance(message, Ask):
            errand = Errand(self.where, message, self._hear, self._log.append)
            with self._lock:
                self._errands[message.id] = errand
            if errand.audio != "":  # else Pcm follows
                errand.thread = _begin(self._run, errand)
        elif isinstance(message, Pcm | PcmEnd):
            pending = self._errands.get(message.id)
            if pending is not None and isinstance(message, Pcm):
                pending.blocks.append(message)
            elif pending is not None:
                pending.thread = _begin(self._run, pending)

    def _tell_cancel(self, job: int) -> None:
        """The thread of the job tells the server; here it is over at once."""
        with self._lock:
            errand = self._errands.pop(job, None)
        if errand is not None:
            errand.give_up()
        self._heard.put(Cancelled(job))

    def stop(self) -> None:
        """Let go of every job, and leave a moment to tell the server so."""
        end = time.monotonic() + GOODBYE
        for errand in self._let_go():
            if errand.thread is not None:
                errand.thread.join(max(end - time.monotonic(), 0.0))

    def kill(self) -> None:
        """As ``stop``, without waiting."""
        self._let_go()

    def _let_go(self) -> list[Errand]:
        with self._lock:
            errands, self._errands = list(self._errands.values()), {}
        self.state = State.STOPPED
        self._cancelled.clear()
        for errand in errands:
            errand.give_up()
        return errands

    def _greet(self) -> None:
        """In a thread: the server's Hello, or why there is none."""
        link = self.where.open()
        try:
            header = events.as_object(whole(self.where.ask(link, "GET", "/v1/hello"), MOST_WORDS))
            message = parse(wire.Frame(header))
            self._log.append(f"hello from {message}")
            self._heard.put(message)
        except Exception as error:  # whatever it is, a thread that says nothing would leave the user waiting
            elsewhere = isinstance(error, Refused) and error.status == 404
            self._lose(ValueError("no route /v1/hello") if elsewhere else error)
        finally:
            link.close()

    def _run(self, errand: Errand) -> None:
        """In a thread: one request from its first byte to its answer."""
        try:
            self._hear(errand.run())
        except Exception as error:  # see above
            if errand.unwanted:
                errand.withdraw()
            else:
                self._fail(errand, error)
        finally:
            with self._lock:
                self._errands.pop(errand.ask.id, None)

    def _fail(self, errand: Errand, error: Exception) -> None:
        """Say what went wrong: with this job, or with the server as a whole."""
        self._log.append(f"job {errand.number}: {type(error).__name__}: {error}")
        if isinstance(error, Refused) and error.status != 401:
            text = sentence(error, self.where)
        elif isinstance(error, OSError) and error.filename is not None:  # the recording, not the network
            text = f"{error.filename} cannot be read ({error.strerror}); choose another sound."
        elif isinstance(error, wire.WireError | ValueError | KeyError | TypeError):
            text = f"{self.name} sent something that cannot be understood ({error}); install the same release on both."
        else:
            self._lose(error)
            return
        self._heard.put(Failure(errand.ask.id, text, self.log))

    def _lose(self, error: Exception) -> None:
        self._log.append(f"{type(error).__name__}: {error}")
        self._heard.put(Gone(sentence(error, self.where)))


def _begin(work: Callable[..., None], *arguments: Any) -> threading.Thread:
    thread = threading.Thread(target=work, args=arguments, name="s2f server", daemon=True)
    thread.start()
    return thread
