"""The engine on this process's own pipes: frames in on stdin, frames out on stdout, prints on stderr.

``python -m model_server.adapters.stdio [--backend auto|torch|numpy] [--device auto|cpu|cuda] [--model PATH]
[--longest SECONDS]``.
Imports the standard library and numpy alone unless torch is asked for. Leaves when stdin ends.
"""

import argparse
import math
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from model_server.adapters.hello import hello_of
from model_server.adapters.inbox import Inbox, QueuedJob
from model_server.adapters.job import failure, perform
from model_server.cancel import JobCancelled
from model_server.engine import Engine
from model_server.hardware import DEVICES, LIBRARIES, for_a_process
from model_server.talk_model import TalkModel
from s2f_blender_addon.core import wire
from s2f_blender_addon.core.messages import Message, Progress
from s2f_blender_addon.core.parent import end_with_parent

SECONDS_BETWEEN_PROGRESS = 0.05
HEARTBEAT = 2.0
"""Seconds after which a job that has nothing to say is said to go on: a process that is silent counts as hung."""

PATIENCE = 1.0
"""Seconds that a running job has to stop after the other side is gone; then the process leaves anyway."""


class Outbox:
    """Sends messages, from any thread. When the other side is gone they go nowhere: the inbox ends the process."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def send(self, message: Message) -> None:
        try:
            with self._lock:
                wire.write(self._stream, message.to_frame())
        except (OSError, ValueError):  # ValueError: closed
            pass


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until stdin ends. Returns the exit status: 0, or 2 where the process could not serve."""
    options = _options(arguments)
    end_with_parent()
    incoming, outgoing = take_pipes()
    outbox = Outbox(outgoing)
    try:
        hardware = for_a_process(options.backend, options.device)
        engine = Engine(TalkModel.load(options.model, hardware.library, hardware.device, hardware.precision))
    except Exception as error:
        outbox.send(failure(-1, error))
        return 2
    outbox.send(hello_of(engine, hardware))
    inbox = Inbox(incoming, outbox.send, _leave)
    while (job := inbox.next()) is not None:
        if inbox.unwanted(job.ask.id):
            continue
        answer = _run(engine, job, inbox, outbox, options.longest)
        if inbox.claim(job.ask.id):
            outbox.send(answer)
    return 2 if inbox.broken else 0


def _leave() -> None:
    """Blender is gone: a job that does not stop must not outlive it."""
    time.sleep(PATIENCE)
    os._exit(0)


def take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """The real stdin and stdout, moved where no library can reach them; whatever prints now prints to stderr."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.setmode(0, os.O_BINARY)
        msvcrt.setmode(1, os.O_BINARY)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in Blender's terminal is Blender's; its pipe tells us
    incoming, outgoing = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    try:
        os.dup2(2, 1)
    except OSError:  # started without a stderr
        os.dup2(nowhere, 1)
    sys.stdout = sys.stderr
    return incoming, outgoing


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m model_server.adapters.stdio", description="Serve frames on the pipes.")
    parser.add_argument("--backend", choices=LIBRARIES, default="auto")
    parser.add_argument("--device", choices=DEVICES, default="auto")
    parser.add_argument("--model", type=Path, help="weights to use instead of the bundled ones")
    parser.add_argument("--longest", type=float, default=math.inf, help="seconds of sound that a file may have")
    return parser.parse_args(arguments)


def _run(engine: Engine, job: QueuedJob, inbox: Inbox, outbox: Outbox, longest: float) -> Message:
    told = -SECONDS_BETWEEN_PROGRESS
    latest = Progress(job.ask.id, 0.0, "Starting")
    over, speaking = threading.Event(), threading.Lock()

    def progress(fraction: float, doing: str) -> None:
        nonlocal told, latest
        if inbox.unwanted(job.ask.id):
            raise JobCancelled
        now = time.monotonic()
        if now - told >= SECONDS_BETWEEN_PROGRESS:
            told, latest = now, Progress(job.ask.id, min(max(fraction, 0.0), 1.0), doing)
            outbox.send(latest)

    def beat() -> None:
        while not over.wait(HEARTBEAT):
            with speaking:
                if time.monotonic() - told >= HEARTBEAT and not (over.is_set() or inbox.unwanted(job.ask.id)):
                    outbox.send(latest)

    threading.Thread(target=beat, name="heartbeat", daemon=True).start()
    try:
        return perform(engine, job.ask, job.sound, progress, longest)
    finally:
        with speaking:  # no heartbeat after the answer
            over.set()


if __name__ == "__main__":
    status = main()
    sys.stderr.flush()
    os._exit(status)  # torch and BLAS take their time to say goodbye; Blender does not wait
