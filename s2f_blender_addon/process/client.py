"""The pipes to the model process: a child, three threads, a queue of what it said, and its state."""

import contextlib
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from ..core import wire
from ..core.errors import UserError
from ..core.messages import PROTOCOL, Answer, Cancel, Failure, Hello, Message, parse
from .command import ROOT, Interpreter, command, environment

LOG_LINES = 400
GRACE = 2.0
"""Seconds within which the process must let go of a cancelled job; then it is replaced."""

NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)


class State(Enum):
    """Where the model process is in its life."""

    STOPPED = "stopped"
    STARTING = "starting"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True)
class Gone:
    """The process is no more. ``sentence`` says so to the user; empty when it was asked to leave."""

    sentence: str


class ModelProcess:
    """One child. Every method is called from one thread, except ``send``, which any thread may call."""

    def __init__(self, interpreter: Interpreter, root: Path = ROOT) -> None:
        """``root`` is the folder in which the model process finds its packages."""
        self.interpreter = interpreter
        self._root = root
        self.state = State.STOPPED
        self.hello: Hello | None = None
        self._heard: queue.SimpleQueue[Message | Gone] = queue.SimpleQueue()
        self._to_say: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self._log: deque[str] = deque(maxlen=LOG_LINES)
        self._child: subprocess.Popen[bytes] | None = None
        self._deadline = 0.0
        self._cancelled: dict[int, float] = {}

    def start(self) -> None:
        """Start the child; ``Hello`` follows among the messages. Raises UserError when the system refuses."""
        arguments = command(self.interpreter, self._root)
        try:
            self._child = subprocess.Popen(
                arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                env=environment(), cwd=tempfile.gettempdir(), creationflags=NO_WINDOW,
            )  # fmt: skip
        except OSError as error:
            self.state = State.FAILED
            raise UserError(
                f"The model process cannot start with {self.interpreter.title}: {error.strerror}."
            ) from error
        self.state = State.STARTING
        self._deadline = time.monotonic() + self.interpreter.patience
        child = self._child
        for work, pipe in ((self._listen, child.stdout), (self._speak, child.stdin), (self._note, child.stderr)):
            threading.Thread(target=work, args=(pipe,), name=f"s2f {work.__name__}", daemon=True).start()

    @property
    def alive(self) -> bool:
        """Whether messages sent now have a chance to be answered."""
        return self.state in (State.STARTING, State.READY) and self._child is not None and self._child.poll() is None

    @property
    def pid(self) -> int:
        """The child's process id, 0 without one."""
        return self._child.pid if self._child is not None else 0

    @property
    def log(self) -> str:
        """The last lines that the child wrote to stderr."""
        return "\n".join(self._log)

    def send(self, message: Message) -> None:
        """Queue ``message``; it is written by a thread, so this never waits for the child."""
        self._to_say.put(message)

    def cancel(self, job: int) -> None:
        """Tell the child to stop ``job``. Nothing more is heard of it; a child that does not let go is ended."""
        self._cancelled[job] = time.monotonic() + GRACE
        self.send(Cancel(job))

    @property
    def settled(self) -> bool:
        """Whether no cancelled job is left that the child still has to let go of."""
        return not self._cancelled

    def waiting(self) -> int:
        """How many messages are not written yet, so that a sender of much sound can keep memory bounded."""
        return self._to_say.qsize()

    def messages(self) -> list[Message | Gone]:
        """What the child said since the last call. A ``Gone`` is always the last one of its child."""
        heard: list[Message | Gone] = []
        while self.state in (State.STARTING, State.READY):
            try:
                message = self._heard.get_nowait()
            except queue.Empty:
                break
            if self.state is State.STARTING:
                message = self._greeted(message)
            if not self._is_of_cancelled(message):
                heard.append(message)
            if isinstance(message, Gone):
                self._ended()
        late = self._late()
        if late:
            heard.append(Gone(late))
            self._ended()
        return heard

    def _is_of_cancelled(self, message: Message | Gone) -> bool:
        job = getattr(message, "id", None)
        if job not in self._cancelled:
            return False
        if isinstance(message, Answer):
            del self._cancelled[job]
        return True

    def _late(self) -> str:
        """A sentence once the child took longer than it may to say hello, or to let go of a cancelled job."""
        now = time.monotonic()
        if self.state is State.STARTING and now > self._deadline:
            return (
                f"The model process did not answer within {round(self.interpreter.patience)} s; "
                "press Bake to try again, or copy the report."
            )
        if self.state is State.READY and any(now > deadline for deadline in self._cancelled.values()):
            return "The model process did not let go of a cancelled job and was stopped; press Bake to start a new one."
        return ""

    def stop(self) -> None:
        """Ask the child to leave by closing its stdin; it is killed if it is still there a moment later."""
        child, self._child = self._child, None
        self.state = State.STOPPED
        self._cancelled.clear()
        self._to_say.put(None)
        if child is not None:
            threading.Thread(target=_see_off, args=(child,), name="s2f see off", daemon=True).start()

    def kill(self) -> None:
        """End the child at once."""
        if self._child is not None:
            self._child.kill()
        self.stop()

    def _greeted(self, message: Message | Gone) -> Message | Gone:
        """The first message of a child: a Hello of our protocol, or the reason why there will be none."""
        if isinstance(message, Failure):
            return Gone(message.sentence)
        if not isinstance(message, Hello):
            return message if isinstance(message, Gone) else Gone("The model process did not say hello; reinstall it.")
        if message.protocol != PROTOCOL:
            return Gone(
                f"The model process speaks version {message.protocol} of the protocol and this add-on version "
                f"{PROTOCOL}; install both from the same release."
            )
        self.hello, self.state = message, State.READY
        return message

    def _ended(self) -> None:
        self.kill()
        self._cancelled.clear()
        self.state = State.FAILED

    def _listen(self, pipe: Any) -> None:
        """Frames from the child's stdout into the queue, until it ends."""
        sentence = ""
        try:
            while (frame := wire.read(pipe)) is not None:
                self._heard.put(parse(frame))
        except (wire.WireError, OSError, ValueError) as error:
            sentence = f"The model process sent something that cannot be understood ({error}); press Bake to try again."
        child = self._child
        if not sentence:
            code = None if child is None else _exit_code(child)
            sentence = f"The model process ended unexpectedly ({code}); press Bake to start a new one."
        self._heard.put(Gone(sentence))

    def _speak(self, pipe: Any) -> None:
        """Messages from the queue into the child's stdin, until None or its end."""
        try:
            while (message := self._to_say.get()) is not None:
                wire.write(pipe, message.to_frame())
        except (OSError, ValueError):
            pass  # the child is gone: _listen tells
        finally:
            with contextlib.suppress(OSError):  # closing flushes, which a dead child refuses
                pipe.close()

    def _note(self, pipe: Any) -> None:
        for line in pipe:
            self._log.append(line.decode("utf-8", "replace").rstrip())


def _exit_code(child: "subprocess.Popen[bytes]") -> str:
    try:
        code = child.wait(timeout=2)
    except subprocess.TimeoutExpired:
        return "it closed its output"
    return f"killed by signal {-code}" if code < 0 and sys.platform != "win32" else f"exit status {code}"


def _see_off(child: "subprocess.Popen[bytes]") -> None:
    """Wait for a child that was asked to leave, and end it if it will not."""
    try:
        child.wait(timeout=2)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
