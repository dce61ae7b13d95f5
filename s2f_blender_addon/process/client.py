"""The pipes to a model process on this computer: a child and three threads."""

import contextlib
import queue
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO

from ..core import launch, wire
from ..core.errors import UserError
from ..core.messages import Answer, Ask, Cancel, Message, parse
from .command import ROOT, Interpreter, command
from .connection import LONGEST_LINE, Connection, ConnectionState, Gone

GRACE = 2.0
"""Seconds within which the process must let go of a cancelled job; then it is replaced."""

SILENCE = 30.0
"""Seconds without a word about a job after which a process counts as hung; one that works says something every two."""

LOOK = 1.0
"""Seconds at most that count between two looks: while Blender, or the whole computer, slept nothing could be heard."""


class ModelProcess(Connection):
    """One child on this computer. A child that does not let go of a cancelled job is ended."""

    where: Interpreter

    def __init__(self, where: Interpreter, root: Path = ROOT) -> None:
        """``root`` is the folder in which the model process finds its packages."""
        super().__init__(where)
        self._root = root
        self._to_say: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self._child: subprocess.Popen[bytes] | None = None
        self._deadline = 0.0
        self._asked: set[int] = set()
        self._quiet = 0.0
        self._looked = 0.0

    def start(self) -> None:
        """Start the child; ``Hello`` follows among the messages. Raises UserError when the system refuses."""
        arguments = command(self.where, self._root)
        try:
            self._child = launch.start(
                arguments, below=self.where.below, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )  # fmt: skip
        except (OSError, UserError) as error:
            self.state = ConnectionState.FAILED
            if isinstance(error, UserError):
                raise
            raise UserError(
                f"The model process cannot start with {self.where.title}: {error.strerror}."
            ) from error
        self.state = ConnectionState.STARTING
        self._deadline = time.monotonic() + self.where.patience
        child = self._child
        try:
            for work, pipe in ((self._listen, child.stdout), (self._speak, child.stdin), (self._note, child.stderr)):
                threading.Thread(target=work, args=(pipe,), name=f"s2f {work.__name__}", daemon=True).start()
        except RuntimeError as error:
            self.kill()
            self.state = ConnectionState.FAILED
            raise UserError("The system starts no more threads; close other programs and try again.") from error

    @property
    def alive(self) -> bool:
        """Whether messages sent now have a chance to be answered."""
        runs = self._child is not None and self._child.poll() is None
        return runs and self.state in (ConnectionState.STARTING, ConnectionState.READY)

    @property
    def pid(self) -> int:
        """The child's process id, 0 without one."""
        return self._child.pid if self._child is not None else 0

    def send(self, message: Message) -> None:
        """Queue ``message``; it is written by a thread, so this never waits for the child."""
        if isinstance(message, Ask):
            self._asked.add(message.id)
        self._to_say.put(message)

    def messages(self) -> list[Message | Gone]:
        """As every connection's, and notices a process that says nothing more while it has work."""
        now = time.monotonic()
        self._quiet += min(now - self._looked, LOOK)
        self._looked = now
        heard = super().messages()
        self._asked -= {message.id for message in heard if isinstance(message, Answer)}
        if heard or not self._asked or self.waiting():
            self._quiet = 0.0
        return heard

    def _tell_cancel(self, job: int) -> None:
        self._asked.discard(job)
        self.send(Cancel(job))

    def waiting(self) -> int:
        """How many messages are not written yet, so that a sender of much sound can keep memory bounded."""
        return self._to_say.qsize()

    def _late(self) -> str:
        """A sentence once the child took longer than it may to say hello, or to let go of a cancelled job."""
        now = time.monotonic()
        if self.state is ConnectionState.STARTING and now > self._deadline:
            return (
                f"The model process did not answer within {round(self.where.patience)} s; "
                "press Bake to try again, or copy the report."
            )
        if self.state is ConnectionState.READY and any(now - asked > GRACE for asked in self._cancelled.values()):
            return "The model process did not let go of a cancelled job and was stopped; press Bake to start a new one."
        if self.state is ConnectionState.READY and self._asked and self._quiet > SILENCE:
            return (
                f"The model process has not answered for {round(SILENCE)} s and was stopped; "
                "press Bake to start a new one, or copy the report."
            )
        return ""

    def stop(self) -> None:
        """Ask the child to leave by closing its stdin; it is killed if it is still there a moment later."""
        child, self._child = self._child, None
        self.state = ConnectionState.STOPPED
        self._cancelled.clear()
        self._asked.clear()
        self._to_say.put(None)
        if child is not None:
            threading.Thread(target=_see_off, args=(child,), name="s2f see off", daemon=True).start()

    def kill(self) -> None:
        """End the child at once."""
        if self._child is not None:
            self._child.kill()
        self.stop()

    def _listen(self, pipe: IO[bytes]) -> None:
        """Frames from the child's stdout into the queue, until it ends."""
        sentence = ""
        try:
            while (frame := wire.read(pipe)) is not None:
                self._hear(parse(frame))
                del frame  # not kept until the next one comes
        except MemoryError:
            sentence = "There is not enough memory for what the model process sent; bake a shorter range."
        except Exception as error:  # whatever it is, a thread that says nothing would leave the user waiting
            sentence = f"The model process sent something that cannot be understood ({error}); press Bake to try again."
        child = self._child
        if not sentence:
            code = None if child is None else _exit_code(child)
            sentence = f"The model process ended unexpectedly ({code}); press Bake to start a new one."
        self._heard.put(Gone(sentence))

    def _speak(self, pipe: IO[bytes]) -> None:
        """Messages from the queue into the child's stdin, until None or its end."""
        try:
            while (message := self._to_say.get()) is not None:
                wire.write(pipe, message.to_frame())
        except (OSError, ValueError):
            pass  # the child is gone: _listen tells
        except Exception as error:  # see above
            self._log.append(f"{type(error).__name__}: {error}")
            self._hear(Gone(f"This cannot be sent to the model process ({error}); bake a shorter range."))
        finally:
            with contextlib.suppress(OSError):  # closing flushes, which a dead child refuses
                pipe.close()

    def _note(self, pipe: IO[bytes]) -> None:
        with contextlib.suppress(OSError, ValueError):
            while line := pipe.readline(LONGEST_LINE):
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
