"""A model process of the server's own: one job at a time, and a new process where one died or fell silent."""

import contextlib
import itertools
import queue
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from model_server.adapters.job import failure
from model_server.cancel import JobCancelled, Progress
from s2f_blender_addon.core import launch, wire
from s2f_blender_addon.core import messages as said
from s2f_blender_addon.core.errors import UserError

ROOT = Path(__file__).resolve().parents[3]

PATIENCE = 300.0
"""Seconds that a process may say nothing, while it starts or works."""

GRACE = 2.0
"""Seconds within which a process must let go of a cancelled job."""

LOOK = 0.05
"""Seconds between two looks at whether a job is still wanted."""

LINES = 100
"""Lines of what a process prints that are kept for a report."""


class Died(Exception):
    """The process ended, or had to be ended, before it answered."""


class Worker:
    """``options`` are those of ``adapters.stdio``. Every method but ``kill`` is called from one thread."""

    def __init__(self, options: Sequence[str]) -> None:
        self._options = options
        self._child: subprocess.Popen[bytes] | None = None
        self._heard: queue.SimpleQueue[said.Message | None] = queue.SimpleQueue()
        self._printed: deque[str] = deque(maxlen=LINES)
        self._numbers = itertools.count(1)

    def start(self) -> said.Hello:
        """Start the process. Raises UserError where it says that it cannot serve, Died where it says nothing."""
        self.kill()
        start = launch.module(ROOT, "model_server.adapters.stdio")
        pipe = subprocess.PIPE
        try:
            child = launch.start(
                [sys.executable, *launch.ISOLATED, *start, *self._options], stdin=pipe, stdout=pipe, stderr=pipe
            )
        except OSError as error:
            raise Died(f"it cannot start: {error}") from error
        self._child, self._heard = child, queue.SimpleQueue()
        for work, end in ((_listen, self._heard), (_note, self._printed)):
            threading.Thread(target=work, args=(child, end), name="worker's pipes", daemon=True).start()
        first = self._next(time.monotonic() + PATIENCE)
        if isinstance(first, said.Failure):
            self.kill()
            raise UserError(first.sentence)
        if not isinstance(first, said.Hello):
            self.kill()
            raise Died("it did not say hello")
        return first

    @property
    def alive(self) -> bool:
        return self._child is not None and self._child.poll() is None

    def perform(self, ask: said.Ask, progress: Progress) -> said.Answer:
        """The answer to ``ask``; Cancelled where ``progress``, which is asked often, raises JobCancelled.

        Raises Died: then the process is gone.
        """
        job = next(self._numbers)  # clients number theirs as they like
        return replace(self._performed(replace(ask, id=job), progress), id=ask.id)

    def _performed(self, ask: said.Ask, progress: Progress) -> said.Answer:
        try:
            self._say(ask)
        except wire.WireError as error:  # longer than a frame
            return failure(ask.id, UserError(f"This request cannot be passed on ({error}); send a shorter one."))
        fraction, doing = 0.0, "Starting"
        quiet = time.monotonic() + PATIENCE
        while True:
            try:
                progress(fraction, doing)
            except JobCancelled:
                return self._cancel(ask.id)
            message = self._next(min(time.monotonic() + LOOK, quiet), patient=time.monotonic() + LOOK < quiet)
            if message is None:
                continue
            quiet = time.monotonic() + PATIENCE
            if isinstance(message, said.Progress) and message.id == ask.id:
                fraction, doing = message.fraction, message.doing
            elif isinstance(message, said.Answer) and message.id == ask.id:
                return message

    def kill(self) -> None:
        """End the process. May be called from any thread."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.wait()
            with contextlib.suppress(OSError):
                if child.stdin is not None:
                    child.stdin.close()

    def _cancel(self, job: int) -> said.Cancelled:
        """Ask the process to let go of ``job``; one that does not is ended, and the next job gets a new one."""
        end = time.monotonic() + GRACE
        try:
            self._say(said.Cancel(job))
            while time.monotonic() < end:
                message = self._next(end, patient=True)
                if isinstance(message, said.Answer) and message.id == job:
                    return said.Cancelled(job)
        except Died:
            pass
        self.kill()
        return said.Cancelled(job)

    def _say(self, message: said.Message) -> None:
        child = self._child
        if child is None or child.stdin is None:
            raise Died("it is gone")
        try:
            wire.write(child.stdin, message.to_frame())
        except (OSError, ValueError) as error:
            raise self._died(f"it does not listen ({error})") from error

    def _next(self, end: float, patient: bool = False) -> said.Message | None:
        """The next message before ``end``; None after that where ``patient``. Raises Died."""
        try:
            message = self._heard.get(timeout=max(end - time.monotonic(), 0.0))
        except queue.Empty:
            if patient:
                return None
            raise self._died(f"it said nothing for {PATIENCE:g} s") from None
        if message is None:
            raise self._died("it ended")
        return message

    def _died(self, why: str) -> Died:
        child = self._child
        status = child.poll() if child is not None else None
        self.kill()
        return Died("\n".join([f"{why} (status {status})", *self._printed]))


def _listen(child: "subprocess.Popen[bytes]", heard: "queue.SimpleQueue[said.Message | None]") -> None:
    assert child.stdout is not None
    try:
        while (frame := wire.read(child.stdout)) is not None:
            heard.put(said.parse(frame))
            del frame  # not kept until the next one comes
    except (wire.WireError, OSError, ValueError):
        child.kill()
    heard.put(None)
    child.stdout.close()


def _note(child: "subprocess.Popen[bytes]", printed: "deque[str]") -> None:
    assert child.stderr is not None
    with contextlib.suppress(OSError, ValueError):
        while line := child.stderr.readline(1 << 16):
            printed.append(line.decode("utf-8", "replace").rstrip())
    child.stderr.close()
