"""The way to a server, over HTTP: each request has a thread of its own.

What is sent and what comes back are the frames that a model process gets and gives on its pipes.
"""

import threading
import time
from collections.abc import Callable

from ..core import wire
from ..core.messages import Ask, Cancelled, Failure, Message, Pcm, PcmEnd, parse
from . import events
from .connection import Connection, ConnectionState, Gone
from .server import MOST_WORDS, Refused, ServerAddress, sentence, whole
from .server_request import ServerRequest

PATIENCE = 60.0
"""Seconds within which a server must have said who it is, however slowly it speaks."""

GOODBYE = 0.5
"""Seconds that are left to tell the server about jobs that nobody wants any more."""


class RemoteModel(Connection):
    """A model on a server. Nothing here waits for the network but the threads."""

    where: ServerAddress

    def __init__(self, where: ServerAddress) -> None:
        super().__init__(where)
        self.name = f"The server {where.title}"
        self._requests: dict[int, ServerRequest] = {}
        self._deadline = 0.0
        self._lock = threading.Lock()

    def start(self) -> None:
        """Ask what runs there, in a thread."""
        self.state = ConnectionState.STARTING
        self._deadline = time.monotonic() + PATIENCE
        _begin(self._greet)

    def _late(self) -> str:
        if self.state is ConnectionState.STARTING and time.monotonic() > self._deadline:
            return sentence(TimeoutError(), self.where)
        return ""

    @property
    def alive(self) -> bool:
        return self.state in (ConnectionState.STARTING, ConnectionState.READY)

    def waiting(self) -> int:
        """Nothing: sound in blocks is short and is sent in one piece."""
        return 0

    def send(self, message: Message) -> None:
        """Begin a request whose sound is complete: it has none, it is a file, or this is its end."""
        if isinstance(message, Ask):
            request = ServerRequest(self.where, message, self._hear, self._log.append)
            with self._lock:
                self._requests[message.id] = request
            if request.audio != "":  # else Pcm follows
                request.thread = _begin(self._run, request)
        elif isinstance(message, Pcm | PcmEnd):
            pending = self._requests.get(message.id)
            if pending is not None and isinstance(message, Pcm):
                pending.blocks.append(message)
            elif pending is not None:
                pending.thread = _begin(self._run, pending)

    def _tell_cancel(self, job: int) -> None:
        """The thread of the job tells the server; here it is over at once."""
        with self._lock:
            request = self._requests.pop(job, None)
        if request is not None:
            request.give_up()
        self._heard.put(Cancelled(job))

    def stop(self) -> None:
        """Let go of every job, and leave a moment to tell the server so."""
        end = time.monotonic() + GOODBYE
        for request in self._let_go():
            if request.thread is not None:
                request.thread.join(max(end - time.monotonic(), 0.0))

    def kill(self) -> None:
        """As ``stop``, without waiting."""
        self._let_go()

    def _let_go(self) -> list[ServerRequest]:
        with self._lock:
            requests, self._requests = list(self._requests.values()), {}
        self.state = ConnectionState.STOPPED
        self._cancelled.clear()
        for request in requests:
            request.give_up()
        return requests

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

    def _run(self, request: ServerRequest) -> None:
        """In a thread: one request from its first byte to its answer."""
        try:
            self._hear(request.run())
        except Exception as error:  # see above
            if request.unwanted:
                request.withdraw()
            else:
                self._fail(request, error)
        finally:
            with self._lock:
                self._requests.pop(request.ask.id, None)

    def _fail(self, request: ServerRequest, error: Exception) -> None:
        """Say what went wrong: with this job, or with the server as a whole."""
        self._log.append(f"job {request.number}: {type(error).__name__}: {error}")
        if isinstance(error, Refused) and error.status != 401:
            text = sentence(error, self.where)
        elif isinstance(error, OSError) and error.filename is not None:  # the recording, not the network
            text = f"{error.filename} cannot be read ({error.strerror}); choose another sound."
        elif isinstance(error, wire.WireError | ValueError | KeyError | TypeError):
            text = f"{self.name} sent something that cannot be understood ({error}); install the same release on both."
        else:
            self._lose(error)
            return
        self._heard.put(Failure(request.ask.id, text, self.log))

    def _lose(self, error: Exception) -> None:
        self._log.append(f"{type(error).__name__}: {error}")
        self._heard.put(Gone(sentence(error, self.where)))


def _begin(work: Callable[..., None], *arguments: object) -> threading.Thread:
    thread = threading.Thread(target=work, args=arguments, name="s2f server", daemon=True)
    thread.start()
    return thread
